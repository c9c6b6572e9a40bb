/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* ACME answers that are none: each is refused with one clause that names its fault. */

#include "acme/account.h"
#include "acme/directory.h"
#include "acme/order.h"
#include "acme/renewal-info.h"
#include "acme-data.h"
#include "base/error.h"

#include <string.h>

static const struct {
  const char *name;
  const char *words; /* of the message */
} cases[] = {
    {"account-broken-no-status", "\"status\" is missing"},
    {"account-broken-number", "not JSON"},
    {"account-broken-status", "unknown status"},
    {"authorization-broken-challenge-array", "challenges: member \"type\" is missing"},
    {"authorization-broken-challenge-status", "email-reply-00 challenge: unknown status \"ready\""},
    {"authorization-broken-challenges-object", "\"challenges\" is of another type"},
    {"authorization-broken-from-bidi", "\"from\" is not a mail address"},
    {"authorization-broken-from-escape", "\"from\" is not a mail address"},
    {"authorization-broken-from-name", "\"from\" is not a mail address"},
    {"authorization-broken-from-newline", "\"from\" is not a mail address"},
    {"authorization-broken-from-nul", "not JSON"},
    {"authorization-broken-from-number", "\"from\" is of another type"},
    {"authorization-broken-from-two", "\"from\" is not a mail address"},
    {"authorization-broken-identifier-array", "\"identifier\" is of another type"},
    {"authorization-broken-identifier-nested", "\"value\" is of another type"},
    {"authorization-broken-identifier-type", "\"type\" is of another type"},
    {"authorization-broken-no-challenges", "\"challenges\" is missing"},
    {"authorization-broken-no-from", "\"from\" is missing"},
    {"authorization-broken-no-identifier", "\"identifier\" is missing"},
    {"authorization-broken-no-token", "\"token\" is missing"},
    {"authorization-broken-no-url", "\"url\" is missing"},
    {"authorization-broken-status", "unknown status \"processing\""},
    {"authorization-broken-token-empty", "\"token\" is not base64url"},
    {"authorization-broken-token-newline", "\"token\" is not base64url"},
    {"authorization-broken-token-number", "not JSON"}, /* larger than any integer */
    {"authorization-broken-token-padding-inside", "\"token\" is not base64url"},
    {"authorization-broken-token-standard-base64", "\"token\" is not base64url"},
    {"authorization-broken-url-http", "\"url\" is not an https URL"},
    {"authorization-broken-url-user", "\"url\" is not an https URL"},
    {"challenge-broken-array", "not a JSON object"},
    {"challenge-broken-from", "\"from\" is not a mail address"},
    {"challenge-broken-url", "\"url\" is of another type"},
    {"directory-broken-array", "not a JSON object"},
    {"directory-broken-cut", "not JSON"},
    {"directory-broken-duplicate", "not JSON: duplicate"},
    {"directory-broken-empty", "not JSON"},
    {"directory-broken-file-url", "\"revokeCert\" is not an https URL"},
    {"directory-broken-html", "not JSON"},
    {"directory-broken-http-url", "\"newOrder\" is not an https URL"},
    {"directory-broken-newline-url", "\"newNonce\" is not an https URL"},
    {"directory-broken-no-host", "\"newAccount\" is not an https URL"},
    {"directory-broken-no-new-order", "\"newOrder\" is missing"},
    {"directory-broken-nul-url", "not JSON"},
    {"directory-broken-null-new-order", "\"newOrder\" is of another type"},
    {"directory-broken-number-new-account", "\"newAccount\" is of another type"},
    {"directory-broken-object-key-change", "\"keyChange\" is of another type"},
    {"directory-broken-password-part", "\"newOrder\" is not an https URL"},
    {"directory-broken-relative-url", "\"newAccount\" is not an https URL"},
    {"directory-broken-space-url", "\"newNonce\" is not an https URL"},
    {"directory-broken-terms-number", "\"termsOfService\" is of another type"},
    {"directory-broken-terms-script", "\"termsOfService\" is not a web address"},
    {"directory-broken-user-part", "\"newOrder\" is not an https URL"},
    {"order-broken-authorization-http", "authorizations: one of them is not an https URL"},
    {"order-broken-authorization-nested", "authorizations: one of them is not an https URL"},
    {"order-broken-authorization-number", "authorizations: one of them is not an https URL"},
    {"order-broken-certificate-http", "\"certificate\" is not an https URL"},
    {"order-broken-finalize-user", "\"finalize\" is not an https URL"},
    {"order-broken-identifier-control", "identifiers: the identifier is not a mail address"},
    {"order-broken-identifier-nested", "identifiers: member \"value\" is of another type"},
    {"order-broken-identifier-no-type", "identifiers: member \"type\" is missing"},
    {"order-broken-identifier-text", "identifiers: member \"type\" is missing"},
    {"order-broken-identifiers-object", "\"identifiers\" is of another type"},
    {"order-broken-many-authorizations", "more than 100 elements"},
    {"order-broken-no-authorizations", "\"authorizations\" is missing"},
    {"order-broken-no-finalize", "\"finalize\" is missing"},
    {"order-broken-no-identifiers", "\"identifiers\" is missing"},
    {"order-broken-no-status", "\"status\" is missing"},
    {"order-broken-status", "unknown status \"PENDING\""},
    {"order-broken-status-control", "unknown status \"pen [2Jding\""},
    {"order-broken-status-number", "\"status\" is of another type"},
    {"order-broken-text", "not JSON"},
    {"order-broken-valid-no-certificate", "\"certificate\" is missing"},
    {"renewal-broken-date", "\"start\": not an RFC 3339 time"},
    {"renewal-broken-equal", "ends before it starts"},
    {"renewal-broken-no-end", "\"end\" is missing"},
    {"renewal-broken-no-window", "\"suggestedWindow\" is missing"},
    {"renewal-broken-numbers", "\"start\" is of another type"},
    {"renewal-broken-reversed", "ends before it starts"},
    {"renewal-broken-window-array", "\"suggestedWindow\" is of another type"},
};

/* By the first word of NAME; TRUE if BODY was taken. */
static gboolean
parses (const char *name, GBytes *body, GError **error)
{
  McAccountStatus status;

  if (g_str_has_prefix (name, "account-"))
    return mc_account_parse (body, &status, error);
  if (g_str_has_prefix (name, "directory-")) {
    g_autoptr (McDirectory) directory = mc_directory_parse (body, error);
    return directory != NULL;
  }
  if (g_str_has_prefix (name, "order-")) {
    g_autoptr (McOrder) order = mc_order_parse (body, error);
    return order != NULL;
  }
  if (g_str_has_prefix (name, "authorization-")) {
    g_autoptr (McAuthorization) authorization = mc_authorization_parse (body, error);
    return authorization != NULL;
  }
  if (g_str_has_prefix (name, "challenge-")) {
    g_autoptr (McChallengeObject) challenge = mc_challenge_object_parse (body, error);
    return challenge != NULL;
  }
  if (g_str_has_prefix (name, "renewal-")) {
    g_autoptr (McRenewalInfo) info = mc_renewal_info_parse (body, error);
    return info != NULL;
  }
  g_assert_not_reached ();
}

static void
test_broken (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GBytes) body = acme_data_read (cases[i].name);
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", cases[i].name);
    g_assert_false (parses (cases[i].name, body, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, cases[i].words));
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    g_assert_cmpuint (strlen (error->message), <, 300);
  }
}

/* A file that nobody expects anything of is a mistake, and every other file must parse. */
static void
test_all_files (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("MC_TEST_DATA"), "acme", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint broken = 0;

  g_assert_nonnull (dir);
  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir)) {
    g_autofree char *bare = g_strndup (name, strcspn (name, "."));

    if (!g_str_has_suffix (name, ".json") || g_str_has_prefix (name, "problem-"))
      continue;
    if (strstr (name, "-broken-") != NULL) {
      broken++;
    } else {
      g_autoptr (GBytes) body = acme_data_read (bare);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", name);
      g_assert_true (parses (bare, body, &error));
      g_assert_no_error (error);
    }
  }
  g_assert_cmpuint (broken, ==, G_N_ELEMENTS (cases));
}

/* Every prefix of a good answer is no good answer, and none may be read past its end (the bytes have no NUL behind
 * them). */
static void
test_cut (void)
{
  static const char *const names[] = {"directory-full",       "order-valid",    "authorization-invalid",
                                      "challenge-processing", "renewal-window", "account-valid"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GBytes) body = acme_data_read (names[i]);
    gsize length = g_bytes_get_size (body) - 2; /* without "}\n" */

    for (gsize j = 0; j <= length; j++) {
      g_autoptr (GBytes) copy = g_bytes_new (g_bytes_get_data (body, NULL), j);

      g_assert_false (parses (names[i], copy, NULL));
    }
  }
}

static GBytes *
challenge_with (const char *name, char c, gsize count)
{
  g_autofree char *many = g_strnfill (count, c);
  gboolean is_token = strcmp (name, "token") == 0;
  char *text = g_strdup_printf (
      "{\"status\":\"pending\",\"url\":\"https://ca.example/%s\",\"token\":\"%s\",\"from\":\"%s@ca.example\"}",
      strcmp (name, "url") == 0 ? many : "c", is_token ? many : "t", strcmp (name, "from") == 0 ? many : "a");

  return g_bytes_new_take (text, strlen (text));
}

static void
test_huge (void)
{
  static const struct {
    const char *name;
    gsize most;
  } fields[] = {{"token", 512}, {"from", 64}, {"url", 2048 - 19}};

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    for (guint j = 0; j < 3; j++) {
      const gsize lengths[] = {fields[i].most, fields[i].most + 1, 200000};
      g_autoptr (GBytes) body = challenge_with (fields[i].name, 'x', lengths[j]);
      g_autoptr (GError) error = NULL;

      g_assert_true (parses ("challenge-", body, &error) == (j == 0));
      if (j > 0)
        g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
    }
  }
}

static void
test_deep (void)
{
  g_autofree char *open = g_strnfill (100000, '[');
  g_autoptr (GBytes) body = g_bytes_new (open, 100000);
  g_autoptr (GError) error = NULL;

  g_assert_false (parses ("directory-", body, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/acme/broken/table", test_broken);
  g_test_add_func ("/acme/broken/all-files", test_all_files);
  g_test_add_func ("/acme/broken/cut", test_cut);
  g_test_add_func ("/acme/broken/huge", test_huge);
  g_test_add_func ("/acme/broken/deep", test_deep);
  return g_test_run ();
}
