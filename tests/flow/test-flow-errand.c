/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/errand.h"

#include "pki/key.h"

#include <string.h>

/* Errands at a CA that gives each request the same answer for ever: they end, and after few requests. */

#define BASE "https://ca.example/"
#define REQUESTS_MAX 12 /* signed; the longest errand has far fewer steps */
#define TURNS_MAX 200

typedef struct {
  guint status;
  const char *body;
} Reply;

typedef struct {
  Reply new_account, account, key_change, revoke;
} Answers;

static const char directory[] =
    "{\"newNonce\":\"" BASE "nonce\",\"newAccount\":\"" BASE "new-account\",\"newOrder\":\"" BASE
    "new-order\",\"revokeCert\":\"" BASE "revoke\",\"keyChange\":\"" BASE
    "key-change\",\"meta\":{\"termsOfService\":\"" BASE "terms\"}}";

#define PROBLEM(type) "{\"type\":\"urn:ietf:params:acme:error:" type "\"}"
#define VALID                                                                                                          \
  {                                                                                                                    \
    200, "{\"status\":\"valid\"}"                                                                                      \
  }
#define TERMS                                                                                                          \
  {                                                                                                                    \
    403, PROBLEM ("userActionRequired")                                                                                \
  }
#define UNKNOWN                                                                                                        \
  {                                                                                                                    \
    400, PROBLEM ("accountDoesNotExist")                                                                               \
  }

static Reply
reply_to (const Answers *answers, const McHttpRequest *request)
{
  const char *path = request->url + strlen (BASE);

  if (strcmp (path, "directory") == 0)
    return (Reply){200, directory};
  if (strcmp (path, "nonce") == 0)
    return (Reply){200, ""};
  if (strcmp (path, "new-account") == 0)
    return answers->new_account;
  if (strcmp (path, "key-change") == 0)
    return answers->key_change;
  if (strcmp (path, "revoke") == 0)
    return answers->revoke;
  return answers->account;
}

static void
feed_reply (McErrand *errand, const McAction *action, const Answers *answers, gint64 now)
{
  const Reply reply = reply_to (answers, action->request);
  g_autoptr (GBytes) body = g_bytes_new_static (reply.body, strlen (reply.body));
  g_autoptr (McHttpResponse) response = mc_http_response_new (reply.status, body);
  McEvent event = {.kind = MC_EVENT_HTTP, .id = action->id, .response = response};

  mc_http_response_add_header (response, "replay-nonce", "bm9uY2U");
  mc_http_response_add_header (response, "location", BASE "account/1");
  mc_http_response_add_header (response, "content-type",
                               reply.status >= 400 ? "application/problem+json" : "application/json");
  g_assert_true (mc_errand_feed (errand, &event, now, NULL));
}

static GBytes *
new_key (void)
{
  g_autoptr (GError) error = NULL;
  EVP_PKEY *key = mc_key_new (MC_KEY_P256, &error);
  GBytes *pkcs8 = mc_key_compose (key, NULL, &error);

  g_assert_no_error (error);
  EVP_PKEY_free (key);
  return pkcs8;
}

/* How many signed requests it took to come to an end. */
static guint
carry_out (McErrand *errand, const Answers *answers)
{
  gint64 now = 1800000000;
  guint requests = 0;

  for (guint turn = 0; turn < TURNS_MAX; turn++) {
    g_autoptr (GError) error = NULL;
    McAction action;

    g_assert_true (mc_errand_next (errand, now, &action, &error));
    g_assert_no_error (error);
    if (mc_errand_end (errand) != MC_ERRAND_UNDER_WAY)
      return requests;
    if (action.kind == MC_ACTION_HTTP) {
      requests += strcmp (action.request->method, "POST") == 0;
      feed_reply (errand, &action, answers, now);
    } else if (action.kind == MC_ACTION_MAKE_KEY) {
      g_autoptr (GBytes) pkcs8 = new_key ();
      McEvent event = {.kind = MC_EVENT_KEY, .id = action.id, .key = pkcs8};

      g_assert_true (mc_errand_feed (errand, &event, now, NULL));
    } else if (action.kind == MC_ACTION_ASK) {
      McEvent event = {.kind = MC_EVENT_ANSWER, .id = action.id, .yes = TRUE};

      g_assert_true (mc_errand_feed (errand, &event, now, NULL));
    } else {
      g_assert_cmpint (action.wake, >, now);
      now = action.wake;
    }
  }
  g_error ("no end after %u signed requests", requests);
}

static void
check (McErrandKind kind, gboolean agree_terms, const Answers *answers, McErrandEnd end)
{
  g_autoptr (McAccount) account = mc_account_new (BASE "directory");
  g_autoptr (GBytes) certificate = g_bytes_new_static ("0\0", 2);
  McErrandWish wish = {.kind = kind, .agree_terms = agree_terms, .certificate = certificate};
  g_autoptr (McErrand) errand = NULL;

  account->url = g_strdup (BASE "account/1");
  account->key = new_key ();
  errand = mc_errand_new (account, &wish);
  g_assert_cmpuint (carry_out (errand, answers), <=, REQUESTS_MAX);
  g_assert_cmpint (mc_errand_end (errand), ==, end);
  g_assert_nonnull (mc_errand_problem (errand));
  g_assert_nonnull (account->key);
}

/* By its URL the CA does not know the account, by its key it does. */
static void
test_unknown (void)
{
  static const Answers answers = {.new_account = VALID, .account = UNKNOWN, .key_change = UNKNOWN, .revoke = UNKNOWN};

  check (MC_ERRAND_LOOK, FALSE, &answers, MC_ERRAND_REFUSED);
  check (MC_ERRAND_DEACTIVATE, FALSE, &answers, MC_ERRAND_REFUSED);
  check (MC_ERRAND_REVOKE, FALSE, &answers, MC_ERRAND_REFUSED);
}

/* The terms have changed, and to agree to them is refused for the same reason. */
static void
test_terms (void)
{
  static const Answers answers = {.new_account = VALID, .account = TERMS, .key_change = TERMS, .revoke = TERMS};

  for (guint agree = 0; agree < 2; agree++) {
    check (MC_ERRAND_LOOK, agree != 0, &answers, MC_ERRAND_REFUSED);
    check (MC_ERRAND_REVOKE, agree != 0, &answers, MC_ERRAND_REFUSED);
  }
}

/* A success that cannot be read is a failure like others: it is counted. */
static void
test_garbage (void)
{
  static const Answers answers = {.new_account = {200, "<html>"}, .account = {200, "<html>"}};

  check (MC_ERRAND_LOOK, FALSE, &answers, MC_ERRAND_LATER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow-errand/unknown", test_unknown);
  g_test_add_func ("/flow-errand/terms", test_terms);
  g_test_add_func ("/flow-errand/garbage", test_garbage);
  return g_test_run ();
}
