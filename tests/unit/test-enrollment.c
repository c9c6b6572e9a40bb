/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "base/secret.h"
#include "flow/enrollment.h"

#include <string.h>

static void
add_renewal (McEnrollment *e)
{
  e->not_before = 900;
  e->not_after = 9000;
  e->renewal_id = g_strdup ("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyF");
  e->renew_at = 5000;
  e->renewal_start = 4900;
  e->renewal_end = 5100;
  e->renewal_explanation = g_strdup ("http://ca.example/why");
  e->renewal_check_at = 1100;
  e->renewal_failures = 5;
  e->tries = 6;
  e->failing_since = 950;
}

static void
fill_address (McEnrollmentAddress *a)
{
  a->state = MC_ADDRESS_SENDING;
  a->authorization_url = g_strdup ("https://ca.example/authz/1");
  a->expires = 88888;
  a->fetched_at = 1004;
  a->challenge_url = g_strdup ("https://ca.example/chall/1");
  a->token_part2 = g_strdup ("part2");
  a->from = g_strdup ("acme@ca.example");
  a->token_part1 = g_strdup ("part1");
  a->challenge_message_id = g_strdup ("<1@ca.example>");
  a->signed_by = g_strdup ("ca.example (DKIM)");
  a->reply_to = g_strdup ("reply@ca.example");
  a->reply_message_id = g_strdup ("<2@example.org>");
  a->reply = g_bytes_new_static ("From: a\r\n\r\n\xff", 12);
  a->transport = g_strdup ("claws");
  a->replied_at = 1005;
  a->unsure = TRUE;
  a->posted_at = 1006;
  a->post_answered = TRUE;
  a->send_failures = 4;
  a->bounced = g_strdup ("550 no");
  a->retry_at = 1007;
}

static McEnrollment *
whole_record (void)
{
  static const char *const addresses[] = {"ana@example.org", "\xc3\xbc@example.net", NULL};
  McEnrollment *e = mc_enrollment_new ("test", "https://ca.example/dir", addresses, 1000);

  e->usage = MC_USAGE_SIGN;
  e->key_kind = MC_KEY_P384;
  e->state = MC_ENROLLMENT_ORDERED;
  e->since = 1001;
  e->deadline = 90000;
  e->predecessor = 7;
  e->after = 8;
  e->profile = g_strdup ("smime");
  e->replaces = g_strdup ("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
  e->ordered_at = 1002;
  e->ca_ordered_at = 1003;
  e->attempts = 2;
  e->order_url = g_strdup ("https://ca.example/order/1");
  e->finalize_url = g_strdup ("https://ca.example/order/1/finalize");
  e->certificate_url = g_strdup ("https://ca.example/cert/1");
  e->order_expires = 99999;
  g_ptr_array_add (e->authorization_urls, g_strdup ("https://ca.example/authz/1"));
  g_ptr_array_add (e->authorization_urls, g_strdup ("https://ca.example/authz/2"));
  g_ptr_array_add (e->abandoned, g_strdup ("https://ca.example/authz/0"));
  e->retry_at = 1010;
  e->failures = 3;
  e->csr = g_bytes_new ("\x30\x03\x02\x01\x00", 5);
  add_renewal (e);
  e->trust_root = g_strnfill (64, 'a');
  mc_enrollment_keyring (e, "gpgsm");
  mc_enrollment_keyring (e, "files:/a b")->error = g_strdup ("no room");
  e->problem = mc_problem_new ("rateLimited", "too many");
  mc_enrollment_note (e, 1000, "NEW", NULL, NULL);
  mc_enrollment_note (e, 1003, "SENDING", "ana@example.org", "claws");
  fill_address (mc_enrollment_address (e, 0));
  return e;
}

static void
test_round_trip (void)
{
  g_autoptr (McEnrollment) e = whole_record ();
  g_autoptr (McEnrollment) back = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (McSecretString) first = mc_enrollment_compose (e);
  g_autoptr (McSecretString) second = NULL;
  const McEnrollmentAddress *a;

  back = mc_enrollment_parse (first, strlen (first), &error);
  g_assert_no_error (error);
  second = mc_enrollment_compose (back);
  g_assert_cmpstr (first, ==, second);

  a = mc_enrollment_address (back, 0);
  g_assert_cmpint (back->state, ==, MC_ENROLLMENT_ORDERED);
  g_assert_cmpint (back->usage, ==, MC_USAGE_SIGN);
  g_assert_cmpint (back->key_kind, ==, MC_KEY_P384);
  g_assert_cmpint (back->predecessor, ==, 7);
  g_assert_cmpuint (back->tries, ==, 6);
  g_assert_cmpint (back->failing_since, ==, 950);
  g_assert_cmpint (back->not_before, ==, 900);
  g_assert_cmpint (back->not_after, ==, 9000);
  g_assert_cmpstr (back->renewal_id, ==, e->renewal_id);
  g_assert_cmpint (back->renewal_start, ==, 4900);
  g_assert_cmpint (back->renewal_end, ==, 5100);
  g_assert_cmpstr (back->renewal_explanation, ==, "http://ca.example/why");
  g_assert_cmpint (back->renewal_check_at, ==, 1100);
  g_assert_cmpuint (back->renewal_failures, ==, 5);
  g_assert_cmpuint (back->authorization_urls->len, ==, 2);
  g_assert_cmpuint (back->keyrings->len, ==, 2);
  g_assert_cmpuint (back->history->len, ==, 2);
  g_assert_cmpstr (back->problem->type, ==, "rateLimited");
  g_assert_true (g_bytes_equal (back->csr, e->csr));
  g_assert_true (g_bytes_equal (a->reply, mc_enrollment_address (e, 0)->reply));
  g_assert_cmpint (a->state, ==, MC_ADDRESS_SENDING);
  g_assert_true (a->unsure);
  g_assert_cmpuint (a->send_failures, ==, 4);
  g_assert_cmpstr (a->bounced, ==, "550 no");
  g_assert_cmpint (back->ca_ordered_at, ==, 1003);
  g_assert_cmpint (mc_enrollment_ordered_since (back), ==, 1002);
  g_assert_cmpstr (mc_enrollment_address (back, 1)->address, ==, "\xc3\xbc@example.net");
  g_assert_null (mc_enrollment_address (back, 2));
}

/* id, version and key are columns of the store, not members. */
static void
test_stored_apart (void)
{
  g_autoptr (McEnrollment) e = whole_record ();
  g_autoptr (McEnrollment) back = NULL;
  g_autoptr (McSecretString) json = NULL;

  e->id = 4711;
  e->version = 4712;
  e->key = mc_secret_new ("4713", 4);
  json = mc_enrollment_compose (e);
  g_assert_null (strstr (json, "471"));
  g_assert_null (strstr (json, "NDcxMw"));
  back = mc_enrollment_parse (json, strlen (json), NULL);
  g_assert_cmpint (back->id, ==, 0);
  g_assert_null (back->key);
}

typedef struct {
  const char *name;
  const char *find; /* in the whole record's JSON */
  const char *replace;
  const char *message; /* part of the error */
} Hostile;

static const Hostile hostile[] = {
    {"no schema", "\"schema\":1", "\"schemb\":1", "schema"},
    {"another schema", "\"schema\":1", "\"schema\":2", "schema"},
    {"schema as text", "\"schema\":1", "\"schema\":\"1\"", "schema"},
    {"unknown state", "\"state\":\"ORDERED\"", "\"state\":\"ORDER\"", "state"},
    {"state of an address", "\"state\":\"ORDERED\"", "\"state\":\"SENDING\"", "state"},
    {"state as number", "\"state\":\"ORDERED\"", "\"state\":2", "state"},
    {"unknown address state", "\"state\":\"SENDING\"", "\"state\":\"sending\"", "addresses[0]"},
    {"unknown usage", "\"usage\":\"sign\"", "\"usage\":\"all\"", "usage"},
    {"unknown key kind", "\"key_kind\":\"p384\"", "\"key_kind\":\"dsa\"", "key_kind"},
    {"negative time", "\"created\":1000", "\"created\":-1", "created"},
    {"huge time", "\"created\":1000", "\"created\":9007199254740993000", "created"},
    {"overflowing time", "\"created\":1000", "\"created\":99999999999999999999", "JSON"},
    {"fractional time", "\"created\":1000", "\"created\":1000.5", "created"},
    {"time as text", "\"deadline\":90000", "\"deadline\":\"90000\"", "deadline"},
    {"count beyond 32 bits", "\"attempts\":2", "\"attempts\":4294967296", "attempts"},
    {"flag as number", "\"unsure\":true", "\"unsure\":1", "unsure"},
    {"no ca", "\"ca\":\"test\"", "\"cb\":\"test\"", "\"ca\""},
    {"empty ca", "\"ca\":\"test\"", "\"ca\":\"\"", "\"ca\""},
    {"ca null", "\"ca\":\"test\"", "\"ca\":null", "\"ca\""},
    {"NUL in a text", "\"transport\":\"claws\"", "\"transport\":\"cl\\u0000aws\"", "JSON"},
    {"csr no base64url", "\"csr\":\"MAMCAQA\"", "\"csr\":\"MAMCAQ=\"", "csr"},
    {"csr stray bits", "\"csr\":\"MAMCAQA\"", "\"csr\":\"MAMCAQB\"", "csr"},
    {"no addresses", "\"addresses\":[", "\"addresses\":[],\"x\":[", "addresses"},
    {"addresses as object", "\"addresses\":[", "\"addresses\":{},\"x\":[", "addresses"},
    {"address as text", "\"addresses\":[", "\"addresses\":[\"a@b\",", "addresses[0]"},
    {"sending without a reply", "\"reply\":", "\"replx\":", "not whole"},
    {"keyring without a spec", "\"spec\":\"gpgsm\"", "\"spec\":1", "keyrings[0]"},
    {"history without a time", "\"at\":1003", "\"at\":null", "history[1]"},
    {"url not text", "\"abandoned\":[", "\"abandoned\":[1,", "abandoned"},
    {"problem as text", "\"problem\":{", "\"problem\":\"x\",\"y\":{", "problem"},
    {"member twice", "\"ca\":\"test\"", "\"ca\":\"test\",\"ca\":\"test\"", "JSON"},
    {"issued without a chain", "\"state\":\"ORDERED\"", "\"state\":\"ISSUED\"", "certificate"},
};

static void
test_hostile (void)
{
  g_autoptr (McEnrollment) e = whole_record ();
  g_autoptr (McSecretString) json = mc_enrollment_compose (e);

  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++) {
    const char *at = strstr (json, hostile[i].find);
    g_autoptr (McEnrollment) back = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *changed = NULL;

    g_assert_nonnull (at);
    changed = g_strdup_printf ("%.*s%s%s", (int)(at - json), json, hostile[i].replace, at + strlen (hostile[i].find));
    back = mc_enrollment_parse (changed, strlen (changed), &error);
    g_test_message ("%s: %s", hostile[i].name, error != NULL ? error->message : "taken");
    g_assert_null (back);
    g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
    g_assert_nonnull (strstr (error->message, hostile[i].message));
  }
}

static void
test_awaits_from_nobody (void)
{
  g_autoptr (McEnrollment) e = whole_record ();
  g_autoptr (McEnrollment) back = NULL;
  g_autoptr (McSecretString) json = NULL;
  g_autoptr (GError) error = NULL;

  mc_enrollment_address (e, 0)->state = MC_ADDRESS_AWAIT_MAIL;
  g_clear_pointer (&mc_enrollment_address (e, 0)->from, g_free);
  json = mc_enrollment_compose (e);
  back = mc_enrollment_parse (json, strlen (json), &error);
  g_assert_null (back);
  g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
}

/* Every prefix is refused, none crashes. */
static void
test_finalizing_without_csr (void)
{
  g_autoptr (McEnrollment) e = whole_record ();
  g_autofree char *whole = NULL;
  g_autofree char *without = NULL;
  g_autoptr (McEnrollment) parsed = NULL;
  g_autoptr (McEnrollment) none = NULL;
  g_autoptr (GError) error = NULL;

  e->state = MC_ENROLLMENT_FINALIZING;
  whole = mc_enrollment_compose (e);
  parsed = mc_enrollment_parse (whole, strlen (whole), &error);
  g_assert_no_error (error);
  g_clear_pointer (&e->csr, g_bytes_unref);
  without = mc_enrollment_compose (e);
  none = mc_enrollment_parse (without, strlen (without), &error);
  g_assert_null (none);
  g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
}

static void
test_truncated (void)
{
  g_autoptr (McEnrollment) e = whole_record ();
  g_autoptr (McSecretString) json = mc_enrollment_compose (e);

  for (gsize length = 0; length < strlen (json); length++) {
    g_autofree char *part = g_memdup2 (json, length + 1); /* exact size: reading beyond shows */
    g_autoptr (McEnrollment) back = mc_enrollment_parse (part, length, NULL);

    g_assert_null (back);
  }
}

static void
test_unknown_members (void)
{
  g_autoptr (McEnrollment) e = whole_record ();
  g_autoptr (McSecretString) json = mc_enrollment_compose (e);
  g_autofree char *more = g_strdup_printf ("{\"later\":[{\"x\":null}],%s", json + 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (McEnrollment) back = mc_enrollment_parse (more, strlen (more), &error);

  g_assert_no_error (error);
  g_assert_cmpstr (back->ca, ==, "test");
}

static void
test_states (void)
{
  g_autoptr (McEnrollment) e = whole_record ();

  for (int state = MC_ENROLLMENT_NEW; state <= MC_ENROLLMENT_EXPIRED; state++) {
    e->state = (McEnrollmentState)state;
    g_assert_cmpint (mc_enrollment_is_open (e), ==, state <= MC_ENROLLMENT_ISSUED);
    g_assert_cmpint (mc_enrollment_awaits_mail (e), ==, state == MC_ENROLLMENT_ORDERED);
  }
  e->state = MC_ENROLLMENT_ORDERED;
  mc_enrollment_address (e, 1)->state = MC_ADDRESS_VALID;
  g_assert_false (mc_enrollment_awaits_mail (e));
  mc_enrollment_address (e, 1)->state = MC_ADDRESS_AWAIT_MAIL;
  g_assert_true (mc_enrollment_awaits_mail (e));
  g_assert_cmpstr (mc_enrollment_state_name (MC_ENROLLMENT_FINALIZING), ==, "FINALIZING");
  g_assert_cmpstr (mc_address_state_name (MC_ADDRESS_REPLY_READY), ==, "REPLY_READY");
}

static void
test_find (void)
{
  g_autoptr (McEnrollment) e = whole_record ();

  g_assert_true (mc_enrollment_find (e, "ana@EXAMPLE.org") == mc_enrollment_address (e, 0));
  g_assert_null (mc_enrollment_find (e, "Ana@example.org"));
  g_assert_null (mc_enrollment_find (e, "ana@example.net"));
  g_assert_null (mc_enrollment_find (e, ""));
  g_assert_true (mc_enrollment_keyring (e, "gpgsm") == mc_enrollment_keyring (e, "gpgsm"));
  g_assert_cmpstr (mc_enrollment_keyring (e, "nss:/x")->state, ==, "pending");
  g_assert_cmpuint (e->keyrings->len, ==, 3);
}

/* An order that is retried for ever must not outgrow what can be read back; its beginning stays. */
static void
test_history_is_bounded (void)
{
  g_autoptr (McEnrollment) e = whole_record ();
  g_autoptr (McEnrollment) back = NULL;
  g_autoptr (McSecretString) json = NULL;
  g_autofree char *long_detail = g_strnfill (5000, 'x');
  g_autoptr (GError) error = NULL;
  const McHistoryEntry *last;

  long_detail[3] = '\x1b';
  for (int i = 0; i < 3000; i++)
    mc_enrollment_note (e, 2000 + i, "NOTE", "ana@example.org", long_detail);
  last = g_ptr_array_index (e->history, e->history->len - 1);
  g_assert_cmpint (((McHistoryEntry *)g_ptr_array_index (e->history, 0))->at, ==, 1000);
  g_assert_cmpint (last->at, ==, 4999);
  g_assert_null (strchr (last->detail, '\x1b'));
  json = mc_enrollment_compose (e);
  back = mc_enrollment_parse (json, strlen (json), &error);
  g_assert_no_error (error);
  g_assert_nonnull (back);
}

static void
test_account (void)
{
  g_autoptr (McAccount) account = mc_account_new ("https://ca.example/dir");

  g_assert_cmpstr (account->directory, ==, "https://ca.example/dir");
  g_assert_cmpint (account->id, ==, 0);
  account->key = mc_secret_new ("k", 1);
  account->new_key = mc_secret_new ("n", 1);
  account->url = g_strdup ("https://ca.example/acct/1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/enrollment/round-trip", test_round_trip);
  g_test_add_func ("/enrollment/stored-apart", test_stored_apart);
  g_test_add_func ("/enrollment/hostile", test_hostile);
  g_test_add_func ("/enrollment/awaits-from-nobody", test_awaits_from_nobody);
  g_test_add_func ("/enrollment/finalizing-without-csr", test_finalizing_without_csr);
  g_test_add_func ("/enrollment/truncated", test_truncated);
  g_test_add_func ("/enrollment/unknown-members", test_unknown_members);
  g_test_add_func ("/enrollment/states", test_states);
  g_test_add_func ("/enrollment/find", test_find);
  g_test_add_func ("/enrollment/history-is-bounded", test_history_is_bounded);
  g_test_add_func ("/enrollment/account", test_account);
  return g_test_run ();
}
