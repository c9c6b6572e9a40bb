/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* ACME objects that parse, and what is read from them; test-acme-broken has those that do not. */

#include "acme/account.h"
#include "acme/directory.h"
#include "acme/order.h"
#include "acme/renewal-info.h"
#include "acme/revocation.h"
#include "acme-data.h"
#include "base/error.h"

#include <string.h>

#define CA "https://ca.example/acme/"

static void
test_directory_full (void)
{
  g_autoptr (GBytes) body = acme_data_read ("directory-full");
  g_autoptr (GError) error = NULL;
  g_autoptr (McDirectory) directory = mc_directory_parse (body, &error);
  const McProfile *profile;

  g_assert_no_error (error);
  g_assert_cmpstr (directory->new_nonce, ==, CA "nonce");
  g_assert_cmpstr (directory->new_account, ==, CA "account");
  g_assert_cmpstr (directory->new_order, ==, CA "order");
  g_assert_cmpstr (directory->revoke_cert, ==, CA "revoke");
  g_assert_cmpstr (directory->key_change, ==, CA "key-change");
  g_assert_cmpstr (directory->renewal_info, ==, CA "renewal");
  g_assert_cmpstr (directory->terms, ==, "https://ca.example/terms#mail");
  g_assert_cmpstr (directory->website, ==, "http://ca.example/");
  g_assert_cmpuint (g_strv_length (directory->caa_identities), ==, 2);
  g_assert_cmpstr (directory->caa_identities[1], ==, "mail.ca.example");
  g_assert_true (directory->binding_required);
  g_assert_cmpuint (directory->profiles->len, ==, 3);
  profile = g_ptr_array_index (directory->profiles, 2);
  g_assert_cmpstr (profile->name, ==, "signing-encryption");
  g_assert_cmpstr (profile->description, ==, "https://ca.example/profiles#both");
}

static void
test_directory_least (void)
{
  static const char *const names[] = {"directory-least", "directory-meta-no-object"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GBytes) body = acme_data_read (names[i]);
    g_autoptr (GError) error = NULL;
    g_autoptr (McDirectory) directory = mc_directory_parse (body, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (directory->new_order, ==, CA "order");
    g_assert_null (directory->terms);
    g_assert_null (directory->website);
    g_assert_cmpuint (g_strv_length (directory->caa_identities), ==, 0);
    g_assert_false (directory->binding_required);
    g_assert_cmpuint (directory->profiles->len, ==, 0);
    g_assert_true ((directory->renewal_info == NULL) == (i == 0));
  }
}

static void
test_directory_odd_meta (void)
{
  g_autoptr (GBytes) body = acme_data_read ("directory-odd-meta");
  g_autoptr (GError) error = NULL;
  g_autoptr (McDirectory) directory = mc_directory_parse (body, &error);
  const McProfile *profile;

  g_assert_no_error (error);
  g_assert_null (directory->revoke_cert);
  g_assert_null (directory->website);
  g_assert_cmpuint (g_strv_length (directory->caa_identities), ==, 1);
  g_assert_false (directory->binding_required);
  /* The names that cannot be shown and sent back as they are have gone. */
  g_assert_cmpuint (directory->profiles->len, ==, 3);
  profile = g_ptr_array_index (directory->profiles, 1);
  g_assert_cmpstr (profile->name, ==, "number");
  g_assert_cmpstr (profile->description, ==, "");
  profile = g_ptr_array_index (directory->profiles, 2);
  g_assert_cmpstr (profile->description, ==, "red  [31m text   reversed");
}

static void
test_order_states (void)
{
  static const struct {
    const char *name;
    McOrderStatus status;
    gint64 expires;
  } cases[] = {
      {"order-pending", MC_ORDER_PENDING, 1795429230}, {"order-ready", MC_ORDER_READY, 1795429230},
      {"order-processing", MC_ORDER_PROCESSING, 0},    {"order-valid", MC_ORDER_VALID, 1795429230},
      {"order-invalid", MC_ORDER_INVALID, 1795429230},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GBytes) body = acme_data_read (cases[i].name);
    g_autoptr (GError) error = NULL;
    g_autoptr (McOrder) order = mc_order_parse (body, &error);

    g_assert_no_error (error);
    g_assert_cmpint (order->status, ==, cases[i].status);
    g_assert_cmpint (order->expires, ==, cases[i].expires);
    g_assert_cmpuint (g_strv_length (order->addresses), ==, 2);
    g_assert_cmpstr (order->addresses[0], ==, "Alexey@example.com");
    g_assert_cmpuint (g_strv_length (order->authorizations), ==, 2);
    g_assert_cmpstr (order->authorizations[1], ==, CA "authz/2");
    g_assert_cmpstr (order->finalize, ==, CA "order/1/finalize");
    g_assert_cmpstr (order->certificate, ==, cases[i].status == MC_ORDER_VALID ? CA "cert/1" : NULL);
    g_assert_true ((order->problem != NULL) == (cases[i].status == MC_ORDER_INVALID));
    if (order->problem != NULL)
      g_assert_true (mc_problem_is (order->problem, "incorrectResponse"));
  }
}

static void
test_order_odd (void)
{
  g_autoptr (GBytes) bare_body = acme_data_read ("order-invalid-bare");
  g_autoptr (GBytes) odd_body = acme_data_read ("order-odd");
  g_autoptr (GError) error = NULL;
  g_autoptr (McOrder) bare = mc_order_parse (bare_body, &error);
  g_autoptr (McOrder) odd = mc_order_parse (odd_body, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (bare->addresses), ==, 0);
  g_assert_cmpuint (g_strv_length (bare->authorizations), ==, 0);
  g_assert_null (bare->finalize);
  g_assert_cmpstr (bare->problem->type, ==, "about:blank");
  g_assert_cmpint (odd->expires, ==, 0);
  g_assert_null (odd->problem);
  g_assert_cmpuint (g_strv_length (odd->addresses), ==, 1);
  g_assert_cmpstr (odd->addresses[0], ==, "Alexey@example.com");
}

static void
test_order_compose (void)
{
  static const char *const two[] = {"Alexey@example.com", "m\303\274ller@example.com", NULL};
  g_autofree char *plain = mc_order_request_compose (two, NULL, NULL);
  g_autofree char *full = mc_order_request_compose (two + 1, "sign", "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
  g_autoptr (GBytes) der = g_bytes_new_static ("\0\377\376", 3);
  g_autofree char *finalize = mc_order_finalize_compose (der);

  g_assert_cmpstr (plain, ==,
                   "{\"identifiers\":[{\"type\":\"email\",\"value\":\"Alexey@example.com\"},"
                   "{\"type\":\"email\",\"value\":\"m\303\274ller@example.com\"}]}");
  g_assert_cmpstr (full, ==,
                   "{\"identifiers\":[{\"type\":\"email\",\"value\":\"m\303\274ller@example.com\"}],"
                   "\"profile\":\"sign\",\"replaces\":\"aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE\"}");
  g_assert_cmpstr (finalize, ==, "{\"csr\":\"AP_-\"}");
}

static void
test_authorization_states (void)
{
  static const struct {
    const char *name;
    McAuthorizationStatus status;
    gint challenge; /* McChallengeStatus, -1 without one */
    gint64 expires;
    const char *address;
    const char *token;
    const char *from;
  } cases[] = {
      {"authorization-pending", MC_AUTHORIZATION_PENDING, MC_CHALLENGE_PENDING, 1795429230, "alexey@example.com",
       "DGyRejmCefe7v4NfDGDKfA", "acme-challenge+2i211oi1204310@example.com"},
      {"authorization-unknown-challenges", MC_AUTHORIZATION_PENDING, MC_CHALLENGE_PROCESSING, 1795429230,
       "alexey@example.com", "DGyRejmCefe7v4NfDGDKfA", "acme-challenge+2i211oi1204310@example.com"},
      {"authorization-padded-token", MC_AUTHORIZATION_PENDING, MC_CHALLENGE_PENDING, 1795429230, "alexey@example.com",
       "LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME=", "acme-challenge+2i211oi1204310@example.com"},
      {"authorization-no-email-reply", MC_AUTHORIZATION_PENDING, -1, 1795429230, "alexey@example.com", NULL, NULL},
      {"authorization-dns", MC_AUTHORIZATION_PENDING, MC_CHALLENGE_PENDING, 1795429230, NULL, "DGyRejmCefe7v4NfDGDKfA",
       "acme-challenge+2i211oi1204310@example.com"},
      {"authorization-international", MC_AUTHORIZATION_PENDING, MC_CHALLENGE_PENDING, 1795429230,
       "\345\214\273\347\224\237@\344\276\213\345\255\220.example", "DGyRejmCefe7v4NfDGDKfA",
       "pr\303\274fung@b\303\274cher.example"},
      {"authorization-valid", MC_AUTHORIZATION_VALID, MC_CHALLENGE_VALID, 1795429230, "alexey@example.com", NULL, NULL},
      {"authorization-invalid", MC_AUTHORIZATION_INVALID, MC_CHALLENGE_INVALID, 1795429230, "alexey@example.com",
       "DGyRejmCefe7v4NfDGDKfA", "acme-challenge+2i211oi1204310@example.com"},
      {"authorization-deactivated", MC_AUTHORIZATION_DEACTIVATED, -1, 1795429230, "alexey@example.com", NULL, NULL},
      {"authorization-expired", MC_AUTHORIZATION_EXPIRED, -1, 0, "alexey@example.com", NULL, NULL},
      {"authorization-revoked", MC_AUTHORIZATION_REVOKED, MC_CHALLENGE_PENDING, 0, "alexey@example.com",
       "DGyRejmCefe7v4NfDGDKfA", "acme-challenge+2i211oi1204310@example.com"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GBytes) body = acme_data_read (cases[i].name);
    g_autoptr (GError) error = NULL;
    g_autoptr (McAuthorization) authorization = mc_authorization_parse (body, &error);
    const McChallengeObject *challenge;

    g_test_message ("%s", cases[i].name);
    g_assert_no_error (error);
    challenge = authorization->challenge;
    g_assert_cmpint (authorization->status, ==, cases[i].status);
    g_assert_cmpint (authorization->expires, ==, cases[i].expires);
    g_assert_cmpstr (authorization->address, ==, cases[i].address);
    g_assert_cmpint (challenge != NULL ? (gint)challenge->status : -1, ==, cases[i].challenge);
    if (challenge != NULL) {
      g_assert_cmpstr (challenge->url, ==, CA "challenge/1");
      g_assert_cmpstr (challenge->token, ==, cases[i].token);
      g_assert_cmpstr (challenge->from, ==, cases[i].from);
    }
  }
}

static void
test_authorization_problem (void)
{
  g_autoptr (GBytes) body = acme_data_read ("authorization-invalid");
  g_autoptr (McAuthorization) authorization = mc_authorization_parse (body, NULL);
  g_autofree char *sentence = NULL;

  g_assert_nonnull (authorization);
  g_assert_true (mc_problem_is (authorization->challenge->problem, "incorrectResponse"));
  g_assert_cmpuint (authorization->challenge->problem->status, ==, 403);
  sentence = mc_problem_sentence (authorization->challenge->problem);
  g_assert_cmpstr (sentence, ==, "the digest does not match; alexey@example.com: no");
}

static void
test_challenge (void)
{
  g_autoptr (GBytes) processing_body = acme_data_read ("challenge-processing");
  g_autoptr (GBytes) bare_body = acme_data_read ("challenge-valid-bare");
  g_autoptr (GBytes) invalid_body = acme_data_read ("challenge-invalid");
  g_autoptr (GError) error = NULL;
  g_autoptr (McChallengeObject) processing = mc_challenge_object_parse (processing_body, &error);
  g_autoptr (McChallengeObject) bare = mc_challenge_object_parse (bare_body, &error);
  g_autoptr (McChallengeObject) invalid = mc_challenge_object_parse (invalid_body, &error);

  g_assert_no_error (error);
  g_assert_cmpint (processing->status, ==, MC_CHALLENGE_PROCESSING);
  g_assert_cmpstr (processing->token, ==, "DGyRejmCefe7v4NfDGDKfA");
  g_assert_cmpint (bare->status, ==, MC_CHALLENGE_VALID);
  g_assert_null (bare->token);
  g_assert_null (bare->problem);
  g_assert_cmpint (invalid->status, ==, MC_CHALLENGE_INVALID);
  g_assert_cmpstr (invalid->problem->detail, ==, "SERVFAIL");
}

static void
test_renewal (void)
{
  g_autoptr (GBytes) window_body = acme_data_read ("renewal-window");
  g_autoptr (GBytes) odd_body = acme_data_read ("renewal-odd");
  g_autoptr (GError) error = NULL;
  g_autoptr (McRenewalInfo) window = mc_renewal_info_parse (window_body, &error);
  g_autoptr (McRenewalInfo) odd = mc_renewal_info_parse (odd_body, &error);

  g_assert_no_error (error);
  g_assert_cmpint (window->start, ==, 1798862400);
  g_assert_cmpint (window->end, ==, 1798948800);
  g_assert_cmpstr (window->explanation, ==, "https://ca.example/docs/ari");
  g_assert_cmpint (odd->start, ==, 1798858800);
  g_assert_cmpint (odd->end, ==, 1798968600);
  g_assert_null (odd->explanation);
}

static void
test_account (void)
{
  static const char *const names[] = {"account-valid", "account-deactivated", "account-revoked"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GBytes) body = acme_data_read (names[i]);
    g_autoptr (GError) error = NULL;
    McAccountStatus status = (McAccountStatus)99;

    g_assert_true (mc_account_parse (body, &status, &error));
    g_assert_no_error (error);
    g_assert_cmpint (status, ==, (McAccountStatus)i);
  }
}

static void
test_account_request (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *plain = mc_account_request_compose (TRUE, FALSE, NULL, NULL, &error);
  g_autofree char *existing = mc_account_request_compose (FALSE, TRUE, NULL, NULL, &error);
  g_autofree char *full = mc_account_request_compose (TRUE, FALSE, "a+b%c?d@example.org", "{\"x\":1}", &error);
  g_autofree char *foreign = mc_account_request_compose (FALSE, FALSE, "\303\274@b\303\274cher.example", NULL, &error);
  g_autofree char *broken = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (plain, ==, "{\"termsOfServiceAgreed\":true}");
  g_assert_cmpstr (existing, ==, "{\"onlyReturnExisting\":true}");
  g_assert_cmpstr (full, ==,
                   "{\"termsOfServiceAgreed\":true,\"contact\":[\"mailto:a+b%25c%3Fd@example.org\"],"
                   "\"externalAccountBinding\":{\"x\":1}}");
  g_assert_cmpstr (foreign, ==, "{\"contact\":[\"mailto:%C3%BC@xn--bcher-kva.example\"]}");
  broken = mc_account_request_compose (TRUE, FALSE, "a@b.example,c@d.example", NULL, &error);
  g_assert_null (broken);
  g_assert_error (error, MC_ERROR, MC_ERROR_USAGE);
}

static void
test_revocation (void)
{
  g_autoptr (GBytes) der = g_bytes_new_static ("\1\2\3\4", 4);
  g_autofree char *plain = mc_revocation_compose (der, MC_REASON_UNSPECIFIED);
  g_autofree char *reason = mc_revocation_compose (der, MC_REASON_CESSATION_OF_OPERATION);

  g_assert_cmpstr (plain, ==, "{\"certificate\":\"AQIDBA\"}");
  g_assert_cmpstr (reason, ==, "{\"certificate\":\"AQIDBA\",\"reason\":5}");
  for (guint i = 0; mc_reason_names ()[i] != NULL; i++) {
    McReason parsed;

    g_assert_true (mc_reason_parse (mc_reason_names ()[i], &parsed));
    g_assert_cmpstr (mc_reason_name (parsed), ==, mc_reason_names ()[i]);
  }
  g_assert_false (mc_reason_parse ("keycompromise", NULL));
  g_assert_cmpstr (MC_STATUS_DEACTIVATED, ==, "{\"status\":\"deactivated\"}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/acme/directory/full", test_directory_full);
  g_test_add_func ("/acme/directory/least", test_directory_least);
  g_test_add_func ("/acme/directory/odd-meta", test_directory_odd_meta);
  g_test_add_func ("/acme/order/states", test_order_states);
  g_test_add_func ("/acme/order/odd", test_order_odd);
  g_test_add_func ("/acme/order/compose", test_order_compose);
  g_test_add_func ("/acme/authorization/states", test_authorization_states);
  g_test_add_func ("/acme/authorization/problem", test_authorization_problem);
  g_test_add_func ("/acme/challenge", test_challenge);
  g_test_add_func ("/acme/renewal", test_renewal);
  g_test_add_func ("/acme/account/parse", test_account);
  g_test_add_func ("/acme/account/request", test_account_request);
  g_test_add_func ("/acme/account/revoke", test_revocation);
  return g_test_run ();
}
