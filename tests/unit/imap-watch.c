/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap-watch.h"

#include "base/error.h"

#include <string.h>

#define PATIENCE (30 * G_USEC_PER_SEC)

/* Short enough for a test to see a poll, long enough for valgrind. */
const McImapTiming mc_imap_watch_quick = {
    .poll_ms = 200, .idle_ms = 60000, .first_retry_ms = 20, .last_retry_ms = 100, .timeout_seconds = 20};

McMailAccount *
mc_test_imap_account (McTestServer *server, const char *scheme)
{
  McMailAccount *account = mc_mail_account_new ("alice@example.test");

  account->imap = g_strdup_printf ("%s://localhost:%u", scheme, mc_test_server_port (server, "imap"));
  account->password_command = g_strdup ("echo geheim");
  account->tls_ca_file = mc_test_pki_file ("ca.pem");
  return account;
}

static void
on_found (GBytes *rfc822, gpointer data)
{
  McTestWatch *watch = data;
  gsize size;
  const char *bytes = g_bytes_get_data (rfc822, &size);
  g_autofree char *text = g_strndup (bytes, size);
  const char *id = strstr (text, "Message-ID: ");

  g_assert_nonnull (id);
  g_async_queue_push (watch->found, g_strndup (id + 12, strcspn (id + 12, "\r")));
}

static void
on_ready (gboolean idle, gpointer data)
{
  g_async_queue_push (((McTestWatch *)data)->ready, GINT_TO_POINTER (idle ? 2 : 1));
}

static gpointer
run_watch (gpointer data)
{
  McTestWatch *watch = data;

  watch->result = mc_imap_watch_timed (watch->account, watch->since, watch->timing, watch->cancel, on_found, on_ready,
                                       watch, &watch->error);
  return NULL;
}

void
mc_test_watch_begin (McTestWatch *watch, McMailAccount *account, const McImapTiming *timing)
{
  watch->account = account;
  watch->timing = timing;
  watch->since = g_get_real_time () / G_USEC_PER_SEC - 60;
  watch->cancel = g_cancellable_new ();
  watch->found = g_async_queue_new_full (g_free);
  watch->ready = g_async_queue_new ();
  watch->thread = g_thread_new ("watch", run_watch, watch);
}

McTestWatch *
mc_test_watch_new (McMailAccount *account)
{
  McTestWatch *watch = g_new0 (McTestWatch, 1);

  mc_test_watch_begin (watch, account, &mc_imap_watch_quick);
  return watch;
}

void
mc_test_watch_join (McTestWatch *watch)
{
  if (watch->thread != NULL)
    g_thread_join (g_steal_pointer (&watch->thread));
}

void
mc_test_watch_free (McTestWatch *watch)
{
  g_cancellable_cancel (watch->cancel);
  mc_test_watch_join (watch);
  g_object_unref (watch->cancel);
  mc_mail_account_free (watch->account);
  g_async_queue_unref (watch->found);
  g_async_queue_unref (watch->ready);
  g_clear_error (&watch->error);
  g_free (watch);
}

void
mc_test_watch_expect_found (McTestWatch *watch, const char *id)
{
  g_autofree char *found = g_async_queue_timeout_pop (watch->found, PATIENCE);

  g_assert_cmpstr (found, ==, id);
}

gboolean
mc_test_watch_expect_ready (McTestWatch *watch)
{
  gpointer how = g_async_queue_timeout_pop (watch->ready, PATIENCE);

  g_assert_nonnull (how);
  return how == GINT_TO_POINTER (2);
}

void
mc_test_watch_expect_end (McTestWatch *watch, gint code, const char *words)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;

  /* It ends by itself: joined without being cancelled. */
  mc_test_watch_join (watch);
  g_assert_cmpint (g_get_monotonic_time (), <, deadline);
  g_assert_false (watch->result);
  g_assert_error (watch->error, MC_ERROR, code);
  g_test_message ("%s", watch->error->message);
  g_assert_nonnull (strstr (watch->error->message, words));
  g_assert_null (strstr (watch->error->message, "geheim"));
}

void
mc_test_imap_deliver_age (McTestServer *server, const char *folder, const char *id, gsize size, guint age)
{
  g_autofree char *padding = g_strnfill (size, 'x');
  g_autofree char *mail =
      g_strdup_printf ("From: ca@ca.test\r\nSubject: ACME: dG9rZW4\r\nAuto-Submitted: auto-generated;\r\n"
                       " type=acme\r\nMessage-ID: %s\r\n\r\n{999999999}\r\n%s\r\n",
                       id, padding);
  g_autofree char *encoded = g_base64_encode ((const guchar *)mail, strlen (mail));
  g_autofree char *command = g_strdup_printf ("deliver %s %s %u", folder, encoded, age);

  mc_test_server_tell (server, command);
}

void
mc_test_imap_deliver (McTestServer *server, const char *folder, const char *id)
{
  mc_test_imap_deliver_age (server, folder, id, 100, 0);
}
