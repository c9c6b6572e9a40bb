/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mailcert.h"
#include "mutant-environment.h"
#include "runner/runner-private.h"
#include "store-place.h"

/* A flood of forged challenges while no runner is at work: the genuine one is kept, whether it comes first, last or in
 * between; or whoever hands it over is told to come again. */

#define FROM "acme+1@ca.example"
#define TO "ana@example.org"
#define PLACES 20

typedef struct {
  Place place;
  McConfig *config;
  McRunner *runner;
} Desk;

static void
desk_set_up (Desk *desk, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (McEnrollment) e = new_enrollment (TO);

  (void)data;
  mutant_from_environment ();
  place_set_up (&desk->place, NULL);
  path = g_build_filename (desk->place.top, "mailcert.conf", NULL);
  g_assert_true (g_file_set_contents (path, "[ca test]\ndirectory = https://ca.example/dir\n", -1, NULL));
  desk->config = mc_config_new (path, desk->place.dir, NULL, &error);
  g_assert_no_error (error);
  desk->runner = mc_runner_new (desk->config, NULL, &error);
  g_assert_no_error (error);
  to_await_mail (e, FROM);
  {
    g_autoptr (McStore) store = must_open (&desk->place);

    must_save (store, e, NULL);
  }
}

static void
desk_tear_down (Desk *desk, gconstpointer data)
{
  mc_runner_free (desk->runner);
  mc_config_free (desk->config);
  place_tear_down (&desk->place, data);
}

/* What only the DNS can tell from a genuine one, where FROM and DOMAIN are the right ones and BODY is what was signed.
 */
static GBytes *
compose (const char *from, const char *domain, const char *body, guint number)
{
  static const char signed_body[] = "This is a challenge.\r\n";
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32], signature[256] = {1};
  gsize length = sizeof digest;
  g_autofree char *hash = NULL;
  g_autofree char *text = g_base64_encode (signature, sizeof signature);
  char *mail;

  g_checksum_update (checksum, (const guchar *)signed_body, -1);
  g_checksum_get_digest (checksum, digest, &length);
  hash = g_base64_encode (digest, length);
  mail = g_strdup_printf ("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=mail;\r\n"
                          " h=from : to : subject : message-id : date : auto-submitted;\r\n bh=%s;\r\n b=%s\r\n"
                          "From: %s\r\nTo: " TO "\r\nSubject: ACME: LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME\r\n"
                          "Message-ID: <%u@ca.example>\r\nDate: Mon, 30 Nov 2026 08:53:46 -0000\r\n"
                          "Auto-Submitted: auto-generated; type=acme\r\n\r\n%s",
                          domain, hash, text, from, number, body != NULL ? body : signed_body);
  return g_bytes_new_take (mail, strlen (mail));
}

static GBytes *
plausible (guint number)
{
  return compose (FROM, "ca.example", NULL, number);
}

/* Each in a way of its own that shows without the DNS. */
static GBytes *
forged (guint number)
{
  switch (number % 3) {
  case 0:
    return compose ("acme+2@ca.example", "ca.example", NULL, number);
  case 1:
    return compose (FROM, "other.example", NULL, number);
  default:
    return compose (FROM, "ca.example", "Another body.\r\n", number);
  }
}

static gboolean
hand_over (Desk *desk, GBytes *mail)
{
  g_autoptr (GError) error = NULL;
  gboolean spooled;

  if (mc_runner_spool (desk->runner, mail, &spooled, &error)) {
    g_assert_true (spooled);
    return TRUE;
  }
  g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
  return FALSE;
}

static gboolean
is_kept (Desk *desk, GBytes *mail, guint *count)
{
  g_autoptr (McStore) store = must_open (&desk->place);
  g_autoptr (GPtrArray) mails = mc_store_spooled (store, NULL);
  gboolean found = FALSE;

  for (guint i = 0; i < mails->len; i++)
    found = found || g_bytes_equal (((McSpooled *)g_ptr_array_index (mails, i))->rfc822, mail);
  if (count != NULL)
    *count = mails->len;
  return found;
}

static void
test_forged (Desk *desk, gconstpointer data)
{
  const guint turn = GPOINTER_TO_UINT (data); /* of the genuine one among them */
  g_autoptr (GBytes) genuine = plausible (1000);
  guint count;

  for (guint i = 0; i < 3 * PLACES; i++) {
    g_autoptr (GBytes) mail = forged (i);

    if (i == turn)
      g_assert_true (hand_over (desk, genuine));
    g_assert_true (hand_over (desk, mail));
  }
  if (turn >= 3 * PLACES)
    g_assert_true (hand_over (desk, genuine));
  g_assert_true (is_kept (desk, genuine, &count));
  g_assert_cmpuint (count, <=, PLACES);
}

/* Forged so well that only the DNS can tell: none is dropped for another, and no one is told that a mail is kept that
 * is not. */
static void
test_plausible (Desk *desk, gconstpointer data)
{
  g_autoptr (GBytes) first = plausible (1000);
  g_autoptr (GBytes) last = plausible (1001);
  guint count;

  (void)data;
  g_assert_true (hand_over (desk, first));
  for (guint i = 0; i < PLACES + 5; i++) {
    g_autoptr (GBytes) mail = plausible (i);

    g_assert_true (hand_over (desk, mail) == (i < PLACES - 1));
    g_assert_true (is_kept (desk, mail, NULL) == (i < PLACES - 1));
  }
  g_assert_false (hand_over (desk, last));
  g_assert_true (hand_over (desk, first)); /* known */
  g_assert_true (is_kept (desk, first, &count));
  g_assert_cmpuint (count, ==, PLACES);
  { /* one of them has been judged */
    g_autoptr (McStore) store = must_open (&desk->place);
    g_autoptr (GPtrArray) mails = mc_store_spooled (store, NULL);

    g_assert_true (mc_store_unspool (store, ((McSpooled *)g_ptr_array_index (mails, 5))->id, NULL));
  }
  g_assert_true (hand_over (desk, last));
  g_assert_true (is_kept (desk, last, NULL));
}

static void
judge_all_as_forged (Desk *desk)
{
  g_autoptr (McStore) store = must_open (&desk->place);
  g_autoptr (GPtrArray) mails = mc_store_spooled (store, NULL);

  for (guint i = 0; i < mails->len; i++)
    g_assert_true (mc_store_unspool (store, ((McSpooled *)g_ptr_array_index (mails, i))->id, NULL));
}

/* A mailbox offers each mail once, as fast as it can read them: that there are many is no reason to lose one. */
static void
test_offered (Desk *desk, gconstpointer data)
{
  const guint flood = GPOINTER_TO_UINT (data), turns = flood / PLACES + 1;
  g_autoptr (GBytes) genuine = plausible (100000);
  guint count;

  for (guint i = 0; i < flood; i++) {
    g_autoptr (GBytes) mail = plausible (i);

    mc_spool_take_offered (desk->runner, mail);
  }
  mc_spool_take_offered (desk->runner, genuine);
  for (guint i = 0; i < turns && !is_kept (desk, genuine, NULL); i++) {
    judge_all_as_forged (desk);
    mc_spool_take_again (desk->runner);
  }
  g_assert_true (is_kept (desk, genuine, &count));
  g_assert_cmpuint (count, <=, PLACES);
  g_assert_cmpuint (g_hash_table_size (desk->runner->crowded), ==, 0);
  g_assert_cmpuint (desk->runner->crowded_octets, ==, 0);
}

/* The order's answer is not there yet: whose mail it will be is not known, and no From is the wrong one. */
static void
test_early (Desk *desk, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (&desk->place);
  g_autoptr (McEnrollment) e = mc_store_enrollment (store, 1, NULL);
  g_autoptr (GBytes) genuine = compose ("acme+7@ca.example", "ca.example", NULL, 1);

  (void)data;
  mc_enrollment_address (e, 0)->state = MC_ADDRESS_NEW;
  must_save (store, e, NULL);
  g_assert_true (hand_over (desk, genuine));
  for (guint i = 0; i < 3 * PLACES; i++) {
    g_autoptr (GBytes) mail = compose (FROM, "other.example", NULL, 2 + i);

    g_assert_true (hand_over (desk, mail));
  }
  g_assert_true (is_kept (desk, genuine, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD_CASE(name, data, func) g_test_add ("/spool/" name, Desk, data, desk_set_up, func, desk_tear_down)
  ADD_CASE ("forged/genuine-first", GUINT_TO_POINTER (0), test_forged);
  ADD_CASE ("forged/genuine-in-between", GUINT_TO_POINTER (PLACES + 3), test_forged);
  ADD_CASE ("forged/genuine-last", GUINT_TO_POINTER (3 * PLACES), test_forged);
  ADD_CASE ("plausible", NULL, test_plausible);
  ADD_CASE ("offered/few", GUINT_TO_POINTER (PLACES), test_offered);
  ADD_CASE ("offered/many", GUINT_TO_POINTER (25 * PLACES), test_offered);
  ADD_CASE ("early", NULL, test_early);
  return g_test_run ();
}
