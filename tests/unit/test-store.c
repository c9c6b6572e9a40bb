/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem, unshare */
#endif

#include "mutant-environment.h"
#include "store-place.h"

static void
test_enrollment (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autoptr (McEnrollment) e = new_enrollment ("ana@example.org");
  g_autoptr (McEnrollment) back = NULL;
  g_autoptr (McEnrollment) none = NULL;
  g_autoptr (GPtrArray) open = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GError) error = NULL;

  (void)data;
  must_save (store, e, NULL);
  g_assert_cmpint (e->id, >, 0);
  g_assert_cmpint (e->version, ==, 1);
  e->key = mc_secret_new ("\x30\x00key", 5);
  e->state = MC_ENROLLMENT_ISSUED;
  e->chain = g_strdup ("chain");
  must_save (store, e, NULL);
  g_assert_cmpint (e->version, ==, 2);

  back = mc_store_enrollment (store, e->id, &error);
  g_assert_no_error (error);
  g_assert_cmpint (back->id, ==, e->id);
  g_assert_cmpint (back->version, ==, 2);
  g_assert_true (g_bytes_equal (back->key, e->key));
  open = mc_store_enrollments (store, TRUE, NULL);
  g_assert_cmpuint (open->len, ==, 1);
  e->state = MC_ENROLLMENT_INSTALLED;
  must_save (store, e, NULL);
  g_ptr_array_unref (open);
  open = mc_store_enrollments (store, TRUE, NULL);
  all = mc_store_enrollments (store, FALSE, NULL);
  g_assert_cmpuint (open->len, ==, 0);
  g_assert_cmpuint (all->len, ==, 1);
  none = mc_store_enrollment (store, 999, &error);
  g_assert_null (none);
  g_assert_error (error, MC_ERROR, MC_ERROR_NO_INPUT);
}

static void
test_certificate (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autoptr (McEnrollment) old = new_enrollment ("ana@example.org");
  g_autoptr (McEnrollment) newer = new_enrollment ("ana@example.org");
  g_autoptr (McEnrollment) open = new_enrollment ("ana@example.org");
  g_autoptr (McEnrollment) found = NULL;
  g_autoptr (GError) error = NULL;

  (void)data;
  old->state = newer->state = MC_ENROLLMENT_INSTALLED;
  old->chain = g_strdup ("1");
  newer->chain = g_strdup ("2");
  must_save (store, old, NULL);
  must_save (store, newer, NULL);
  must_save (store, open, NULL);
  found = mc_store_certificate (store, "ana@EXAMPLE.ORG", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (found->id, ==, newer->id);
  g_assert_null (mc_store_certificate (store, "ana@example.org", "https://other.example/", &error));
  g_assert_null (mc_store_certificate (store, "bob@example.org", NULL, &error));
  g_assert_no_error (error);
  newer->revocation = g_strdup ("superseded");
  must_save (store, newer, NULL);
  mc_enrollment_free (found);
  found = mc_store_certificate (store, "ana@example.org", NULL, &error);
  g_assert_cmpint (found->id, ==, old->id);
  old->revoked_at = 1;
  must_save (store, old, NULL);
  mc_enrollment_free (found);
  found = mc_store_certificate (store, "ana@example.org", NULL, &error);
  g_assert_cmpint (found->id, ==, newer->id); /* none is good */
}

static void
test_conflict (Place *place, gconstpointer data)
{
  g_autoptr (McStore) one = must_open (place);
  g_autoptr (McStore) two = must_open (place);
  g_autoptr (McEnrollment) e = new_enrollment ("ana@example.org");
  g_autoptr (McEnrollment) other = NULL;
  g_autoptr (McEnrollment) back = NULL;
  g_autoptr (GError) error = NULL;
  gint64 version = mc_store_data_version (one);

  (void)data;
  must_save (one, e, NULL);
  g_assert_cmpint (mc_store_data_version (one), ==, version);
  other = mc_store_enrollment (two, e->id, NULL);
  other->attempts = 5;
  must_save (two, other, NULL);
  g_assert_cmpint (mc_store_data_version (one), !=, version);

  e->attempts = 6;
  e->key = mc_secret_new ("k", 1);
  g_assert_false (mc_store_save (one, e, NULL, &error));
  g_assert_error (error, MC_STORE_ERROR, MC_STORE_CONFLICT);
  g_assert_cmpint (e->version, ==, 1);
  back = mc_store_enrollment (one, e->id, NULL);
  g_assert_cmpuint (back->attempts, ==, 5);
  g_assert_null (back->key); /* nothing of the refused save stayed */
  back->attempts = 7;
  must_save (one, back, NULL);
}

static void
test_conflict_with_forgotten (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autoptr (McEnrollment) e = new_enrollment ("ana@example.org");
  g_autoptr (McEnrollment) next = new_enrollment ("ana@example.org");
  g_autoptr (GError) error = NULL;

  (void)data;
  must_save (store, e, NULL);
  g_assert_true (mc_store_forget (store, e->id, TRUE, NULL));
  g_assert_false (mc_store_save (store, e, NULL, &error));
  g_assert_error (error, MC_STORE_ERROR, MC_STORE_CONFLICT);
  must_save (store, next, NULL);
  g_assert_cmpint (next->id, !=, e->id); /* leases and answers name ids: none comes back */
}

static void
test_key_is_kept (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autoptr (McEnrollment) e = new_enrollment ("ana@example.org");
  g_autoptr (McEnrollment) back = NULL;
  g_autoptr (GError) error = NULL;

  (void)data;
  e->key = mc_secret_new ("first", 5);
  must_save (store, e, NULL);
  must_save (store, e, NULL);
  g_clear_pointer (&e->key, g_bytes_unref);
  must_save (store, e, NULL); /* not deleted */
  e->key = mc_secret_new ("SECOND", 6);
  g_assert_false (mc_store_save (store, e, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_INTERNAL);
  g_assert_null (strstr (error->message, "SECOND"));
  back = mc_store_enrollment (store, e->id, NULL);
  g_assert_cmpmem (g_bytes_get_data (back->key, NULL), g_bytes_get_size (back->key), "first", 5);
}

static gboolean
contains (const char *path, const char *needle)
{
  g_autofree char *text = NULL;
  gsize length;

  return g_file_get_contents (path, &text, &length, NULL) && memmem (text, length, needle, strlen (needle)) != NULL;
}

static void
test_forget (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autoptr (McEnrollment) e = new_enrollment ("ana@example.org");
  g_autoptr (GPtrArray) spooled = NULL;
  g_autoptr (GBytes) mail = g_bytes_new_static ("mail", 4);
  g_autoptr (GError) error = NULL;
  g_autofree char *db = file_in (place, "mailcert.db");
  g_autofree char *wal = file_in (place, "mailcert.db-wal");

  (void)data;
  e->key = mc_secret_new ("SECRET-KEY-BYTES", 16);
  to_sending (e, "<1@ca>", "token1");
  must_save (store, e, NULL);
  g_assert_cmpint (mc_store_spool (store, "ana@Example.org", mail, 1, NULL), >, 0);
  g_assert_cmpint (mc_store_spool (store, "bob@example.org", mail, 1, NULL), >, 0);

  g_assert_false (mc_store_is_exported (store, e->id));
  g_assert_true (mc_store_note_exported (store, e->id, NULL));
  g_assert_true (mc_store_is_exported (store, e->id));
  g_assert_false (mc_store_note_exported (store, 99, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NO_INPUT);
  g_clear_error (&error);

  g_assert_true (contains (db, "SECRET-KEY-BYTES") || contains (wal, "SECRET-KEY-BYTES"));
  g_assert_true (mc_store_forget (store, e->id, TRUE, NULL));
  g_assert_false (contains (db, "SECRET-KEY-BYTES"));
  g_assert_false (contains (wal, "SECRET-KEY-BYTES"));
  g_assert_false (mc_store_forget (store, e->id, TRUE, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NO_INPUT);
  spooled = mc_store_spooled (store, NULL);
  g_assert_cmpuint (spooled->len, ==, 1);
  g_assert_true (mc_store_is_answered (store, "<1@ca>", NULL)); /* for ever */
}

static void
test_waits (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autoptr (McEnrollment) a = new_enrollment ("ana@example.org");
  g_autoptr (McEnrollment) b = new_enrollment ("ana@EXAMPLE.ORG");
  g_autoptr (McEnrollment) c = new_enrollment ("ANA@example.org");
  g_autoptr (GError) error = NULL;

  (void)data;
  to_await_mail (a, "acme@ca.example");
  to_await_mail (b, "acme@CA.example");
  to_await_mail (c, "acme@ca.example");
  must_save (store, a, NULL);
  must_save (store, a, NULL); /* its own wait does not stand in its way */
  g_assert_false (mc_store_save (store, b, NULL, &error));
  g_assert_error (error, MC_STORE_ERROR, MC_STORE_WAIT);
  g_assert_cmpint (b->id, ==, 0);
  must_save (store, c, NULL); /* local parts are compared octet for octet */
  g_clear_error (&error);

  to_sending (a, "<1@ca>", "t1");
  must_save (store, a, NULL);
  must_save (store, b, NULL);
  to_await_mail (a, "acme@ca.example");
  g_assert_false (mc_store_save (store, a, NULL, &error));
  g_assert_error (error, MC_STORE_ERROR, MC_STORE_WAIT);
  g_assert_true (mc_store_forget (store, b->id, FALSE, NULL));
  must_save (store, a, NULL);
  /* What is over waits for nothing, whatever its addresses say. */
  a->state = MC_ENROLLMENT_EXPIRED;
  must_save (store, a, NULL);
  b->id = b->version = 0;
  must_save (store, b, NULL);
}

static void
test_answered (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autoptr (McEnrollment) a = new_enrollment ("ana@example.org");
  g_autoptr (McEnrollment) b = new_enrollment ("ana@example.org");
  g_autoptr (GError) error = NULL;

  (void)data;
  g_assert_false (mc_store_is_answered (store, "<1@ca>", "dG9rZW4"));
  to_sending (a, "<1@ca>", "dG9rZW4");
  mc_enrollment_address (a, 0)->state = MC_ADDRESS_REPLY_READY;
  must_save (store, a, NULL);
  g_assert_false (mc_store_is_answered (store, "<1@ca>", "dG9rZW4"));
  mc_enrollment_address (a, 0)->state = MC_ADDRESS_SENDING;
  must_save (store, a, NULL);
  must_save (store, a, NULL);
  g_assert_true (mc_store_is_answered (store, "<1@ca>", NULL));
  g_assert_true (mc_store_is_answered (store, NULL, "dG9rZW4"));
  g_assert_true (mc_store_is_answered (store, "<2@ca>", "dG9rZW4="));
  g_assert_false (mc_store_is_answered (store, "<2@ca>", "b3RoZXI"));

  to_sending (b, "<2@ca>", "dG9rZW4="); /* same token in another mail */
  g_assert_false (mc_store_save (store, b, NULL, &error));
  g_assert_error (error, MC_STORE_ERROR, MC_STORE_ANSWERED);
  g_assert_null (strstr (error->message, "dG9rZW4"));
  g_clear_error (&error);
  to_sending (b, "<1@ca>", "b3RoZXI"); /* same mail, another token */
  g_assert_false (mc_store_save (store, b, NULL, &error));
  g_assert_error (error, MC_STORE_ERROR, MC_STORE_ANSWERED);
  g_assert_false (mc_store_is_answered (store, NULL, "b3RoZXI"));
  to_sending (b, "<3@ca>", "b3RoZXI");
  must_save (store, b, NULL);
  /* A second order of the same enrollment: its first answer stays known. */
  to_sending (a, "<4@ca>", "Zm91cg");
  must_save (store, a, NULL);
  g_assert_true (mc_store_is_answered (store, "<1@ca>", NULL));
  g_assert_true (mc_store_is_answered (store, "<4@ca>", NULL));
}

static void
test_spool (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autoptr (GPtrArray) list = NULL;
  g_autofree char *large = g_malloc0 (256 * 1024 + 1);
  g_autoptr (GBytes) fits = g_bytes_new (large, 256 * 1024);
  g_autoptr (GBytes) too_large = g_bytes_new (large, 256 * 1024 + 1);
  g_autoptr (GError) error = NULL;
  gint64 first, again, other;

  (void)data;
  first = mc_store_spool (store, "ana@example.org", fits, 5, NULL);
  again = mc_store_spool (store, "ana@EXAMPLE.org", fits, 6, NULL);
  other = mc_store_spool (store, "bob@example.org", fits, 7, NULL);
  g_assert_cmpint (first, >, 0);
  g_assert_cmpint (again, ==, first);
  g_assert_cmpint (other, >, first);
  g_assert_cmpint (mc_store_spool (store, "ana@example.org", too_large, 5, &error), ==, 0);
  g_assert_error (error, MC_ERROR, MC_ERROR_REFUSED);

  for (int i = 0; i < 25; i++) {
    g_autoptr (GBytes) mail = g_bytes_new (&i, sizeof i);

    g_clear_error (&error);
    if (i < 19)
      g_assert_cmpint (mc_store_spool (store, "ana@example.org", mail, 10 + i, &error), >, 0);
    else {
      g_assert_cmpint (mc_store_spool (store, "ana@example.org", mail, 10 + i, &error), ==, 0);
      g_assert_error (error, MC_STORE_ERROR, MC_STORE_FULL);
    }
  }
  g_assert_cmpint (mc_store_spool (store, "ana@example.org", fits, 99, NULL), ==, first);
  list = mc_store_spooled (store, NULL);
  g_assert_cmpuint (list->len, ==, 21); /* bob's, and the 20 of ana's that came first */
  g_assert_cmpint (((McSpooled *)g_ptr_array_index (list, 0))->id, ==, first);
  g_assert_cmpint (((McSpooled *)g_ptr_array_index (list, 1))->id, ==, other);
  g_assert_cmpint (((McSpooled *)g_ptr_array_index (list, 2))->at, ==, 10);
  g_assert_true (g_bytes_equal (((McSpooled *)g_ptr_array_index (list, 0))->rfc822, fits));
  g_assert_true (mc_store_unspool (store, other, NULL));
  g_assert_true (mc_store_unspool (store, other, NULL));
  g_ptr_array_unref (list);
  list = mc_store_spooled (store, NULL);
  g_assert_cmpuint (list->len, ==, 20);
}

/* What cannot be read back is never written. */
static void
test_unstorable (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autoptr (McEnrollment) e = new_enrollment ("ana@example.org");
  g_autoptr (GError) error = NULL;

  (void)data;
  e->state = MC_ENROLLMENT_ISSUED; /* without a chain */
  g_assert_false (mc_store_save (store, e, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_INTERNAL);
  g_assert_cmpint (e->id, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mutant_from_environment ();
  ADD ("enrollment", test_enrollment);
  ADD ("certificate", test_certificate);
  ADD ("conflict", test_conflict);
  ADD ("conflict-with-forgotten", test_conflict_with_forgotten);
  ADD ("key-is-kept", test_key_is_kept);
  ADD ("forget", test_forget);
  ADD ("waits", test_waits);
  ADD ("answered", test_answered);
  ADD ("spool", test_spool);
  ADD ("unstorable", test_unstorable);
  return g_test_run ();
}
