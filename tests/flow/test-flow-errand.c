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

static Reply
any_reply (GRand *random)
{
  static const Reply replies[] = {VALID,
                                  TERMS,
                                  UNKNOWN,
                                  {200, ""},
                                  {200, "<html>"},
                                  {201, "{\"status\":\"valid\"}"},
                                  {200, "{\"status\":\"deactivated\"}"},
                                  {200, "{\"status\":7}"},
                                  {302, ""},
                                  {400, PROBLEM ("malformed")},
                                  {400, PROBLEM ("badNonce")},
                                  {400, PROBLEM ("alreadyRevoked")},
                                  {401, PROBLEM ("unauthorized")},
                                  {403, "no JSON"},
                                  {409, PROBLEM ("malformed")},
                                  {429, PROBLEM ("rateLimited")},
                                  {500, ""}};

  return replies[g_rand_int_range (random, 0, G_N_ELEMENTS (replies))];
}

static Answers
any_answers (GRand *random)
{
  const Reply reply = any_reply (random);

  return (Answers){reply, reply, reply, reply};
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

/* How many signed requests it took to come to an end. With RANDOM instead of ANSWERS, *ANSWERED: the CA has said once
 * that it knows a key. */
static guint
carry_out_with (McErrand *errand, const Answers *answers, GRand *random, gboolean *answered)
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
      const Answers any = random != NULL ? any_answers (random) : *answers;

      requests += strcmp (action.request->method, "POST") == 0;
      if (random != NULL && g_str_has_suffix (action.request->url, "new-account"))
        *answered |= any.new_account.status / 100 == 2;
      feed_reply (errand, &action, &any, now);
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

static guint
carry_out (McErrand *errand, const Answers *answers)
{
  return carry_out_with (errand, answers, NULL, NULL);
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

/* Both keys stay until the new one has answered, whatever is said to the change. */
static void
test_change_is_a_lie (void)
{
  static const Answers lies[] = {
      {.new_account = UNKNOWN, .account = VALID, .key_change = VALID},
      {.new_account = UNKNOWN, .account = VALID, .key_change = {200, ""}},
      {.new_account = UNKNOWN, .account = VALID, .key_change = {302, ""}},
      {.new_account = {200, "<html>"}, .account = VALID, .key_change = {200, "<html>"}},
      {.new_account = {201, "{}"}, .account = VALID, .key_change = {201, "{}"}},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++) {
    g_autoptr (McAccount) account = mc_account_new (BASE "directory");
    g_autoptr (GBytes) old = new_key ();
    const McErrandWish wish = {.kind = MC_ERRAND_ROLL_OVER};
    g_autoptr (McErrand) errand = NULL;

    account->url = g_strdup (BASE "account/1");
    account->key = g_bytes_ref (old);
    errand = mc_errand_new (account, &wish);
    g_assert_cmpuint (carry_out (errand, &lies[i]), <=, REQUESTS_MAX);
    g_assert_cmpint (mc_errand_end (errand), ==, MC_ERRAND_LATER);
    g_assert_true (g_bytes_equal (account->key, old));
    g_assert_nonnull (account->new_key);
  }
}

/* An account is closed where the CA says so of the account itself. */
static void
test_closing_is_a_lie (void)
{
  static const Reply lies[] = {VALID, {200, ""}, {200, "<html>"}, {204, ""}, {202, "{\"status\":\"open\"}"}};

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++) {
    const Answers answers = {.new_account = VALID, .account = lies[i]};

    check (MC_ERRAND_DEACTIVATE, FALSE, &answers, MC_ERRAND_LATER);
  }
}

/* A CA that says this now and that then. Every errand ends, and the key that it began with is there at its end unless
 * the new one has answered, or the account is closed. */
static void
test_moods (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (9773);
  g_autoptr (GBytes) old = new_key ();
  g_autoptr (GBytes) new = new_key ();
  guint ends[4] = {0};

  for (guint i = 0; i < 2000; i++) {
    g_autoptr (McAccount) account = mc_account_new (BASE "directory");
    g_autoptr (GBytes) certificate = g_bytes_new_static ("0\0", 2);
    const McErrandWish wish = {.kind = (McErrandKind)(i % 4), .agree_terms = i % 8 < 4, .certificate = certificate};
    g_autoptr (McErrand) errand = NULL;
    gboolean answered = FALSE;

    account->url = i % 3 != 0 ? g_strdup (BASE "account/1") : NULL;
    account->key = g_bytes_ref (old);
    account->new_key = i % 5 == 0 ? g_bytes_ref (new) : NULL;
    errand = mc_errand_new (account, &wish);
    carry_out_with (errand, NULL, random, &answered);
    ends[mc_errand_end (errand)]++;
    g_assert_true (account->deactivated || account->key != NULL);
    g_assert_true (account->key == NULL || answered || g_bytes_equal (account->key, old));
  }
  g_test_message ("%u done, %u refused, %u later", ends[MC_ERRAND_DONE], ends[MC_ERRAND_REFUSED],
                  ends[MC_ERRAND_LATER]);
  g_assert_true (ends[MC_ERRAND_DONE] > 30 && ends[MC_ERRAND_REFUSED] > 30 && ends[MC_ERRAND_LATER] > 30);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow-errand/unknown", test_unknown);
  g_test_add_func ("/flow-errand/terms", test_terms);
  g_test_add_func ("/flow-errand/garbage", test_garbage);
  g_test_add_func ("/flow-errand/change-is-a-lie", test_change_is_a_lie);
  g_test_add_func ("/flow-errand/closing-is-a-lie", test_closing_is_a_lie);
  g_test_add_func ("/flow-errand/moods", test_moods);
  return g_test_run ();
}
