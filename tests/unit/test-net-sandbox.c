/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The network part against real servers: tests/sandbox/sandbox run -- this program. Skipped outside of it. */

#include "base/error.h"
#include "net/dns.h"
#include "net/imap.h"
#include "net/submission.h"
#include "sandbox-world.h"

#include <glib/gstdio.h>
#include <string.h>

#define PATIENCE (30 * G_USEC_PER_SEC)

/* --- IMAP --- */

typedef struct {
  McMailAccount *account;
  GCancellable *cancel;
  GAsyncQueue *found;
  GAsyncQueue *ready;
  GThread *thread;
  gboolean result;
  GError *error;
} Watch;

static void
on_found (GBytes *rfc822, gpointer data)
{
  Watch *watch = data;
  g_autofree char *text = g_strndup (g_bytes_get_data (rfc822, NULL), g_bytes_get_size (rfc822));
  const char *id = strstr (text, "Message-ID: ");

  g_assert_nonnull (strstr (text, "\r\n\r\n"));
  g_assert_nonnull (id);
  g_async_queue_push (watch->found, g_strndup (id + 12, strcspn (id + 12, "\r")));
}

static void
on_ready (gboolean idle, gpointer data)
{
  g_async_queue_push (((Watch *)data)->ready, GINT_TO_POINTER (idle ? 2 : 1));
}

static gpointer
run_watch (gpointer data)
{
  static const McImapTiming timing = {
      .poll_ms = 300, .idle_ms = 60000, .first_retry_ms = 50, .last_retry_ms = 500, .timeout_seconds = 20};
  Watch *watch = data;

  watch->result = mc_imap_watch_timed (watch->account, g_get_real_time () / G_USEC_PER_SEC, &timing, watch->cancel,
                                       on_found, on_ready, watch, &watch->error);
  return NULL;
}

static Watch *
watch_new (McMailAccount *account)
{
  Watch *watch = g_new0 (Watch, 1);

  watch->account = account;
  watch->cancel = g_cancellable_new ();
  watch->found = g_async_queue_new_full (g_free);
  watch->ready = g_async_queue_new ();
  watch->thread = g_thread_new ("watch", run_watch, watch);
  return watch;
}

static void
watch_end (Watch *watch)
{
  g_cancellable_cancel (watch->cancel);
  g_thread_join (watch->thread);
  g_assert_no_error (watch->error);
  g_assert_true (watch->result);
  g_object_unref (watch->cancel);
  mc_mail_account_free (watch->account);
  g_async_queue_unref (watch->found);
  g_async_queue_unref (watch->ready);
  g_free (watch);
}

static void
expect_found (Watch *watch, const char *id)
{
  g_autofree char *found = g_async_queue_timeout_pop (watch->found, PATIENCE);

  g_assert_cmpstr (found, ==, id);
}

static void
deliver (const char *address, const char *folder, const char *id, gboolean challenge)
{
  g_autofree char *path = NULL;
  g_autofree char *mail =
      g_strdup_printf ("From: ca@ca.test\nTo: %s\nSubject: %s\nAuto-Submitted: auto-generated;\n"
                       "\ttype=acme\nMessage-ID: %s\nDate: Sun, 22 Nov 2026 02:00:00 +0000\n\nbody\n",
                       address, challenge ? "ACME: dG9rZW4" : "Hello", id);
  g_autofree char *printed = NULL;
  int fd = g_file_open_tmp ("mailcert-mail-XXXXXX", &path, NULL);

  g_assert_true (g_close (fd, NULL));
  g_assert_true (g_file_set_contents (path, mail, -1, NULL));
  printed = folder != NULL ? sandbox_ask ("deliver", "--folder", folder, address, path, NULL)
                           : sandbox_ask ("deliver", address, path, NULL);
  g_unlink (path);
}

static void
watch_against (const char *user, const char *imap, gboolean idle)
{
  g_autofree char *address = g_strconcat (user, "@example.test", NULL);
  g_autofree char *there = g_strdup_printf ("<there-%s@t>", imap);
  g_autofree char *news = g_strdup_printf ("<news-%s@t>", imap);
  g_autofree char *junk = g_strdup_printf ("<junk-%s@t>", imap);
  GHashTable *seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Watch *watch;
  gpointer how;

  deliver (address, NULL, there, TRUE);
  watch = watch_new (sandbox_account (user, imap, NULL));
  how = g_async_queue_timeout_pop (watch->ready, PATIENCE);
  g_assert_cmpint (GPOINTER_TO_INT (how), ==, idle ? 2 : 1);
  while (g_async_queue_length (watch->found) > 0) /* with those of earlier watches */
    g_hash_table_add (seen, g_async_queue_pop (watch->found));
  g_assert_true (g_hash_table_contains (seen, there));
  for (int i = 0; i < 5; i++)
    deliver (address, NULL, "<other@t>", FALSE);
  deliver (address, NULL, news, TRUE);
  expect_found (watch, news);
  deliver (address, "Junk", junk, TRUE);
  expect_found (watch, junk);
  watch_end (watch);
  g_hash_table_unref (seen);
}

static void
test_watch (void)
{
  watch_against ("alice", "IMAPS", TRUE);
  watch_against ("alice", "IMAP", TRUE);
  watch_against ("noidle", "IMAPS_NOIDLE", FALSE);
}

static char *
token_command (const char *user, const char *seconds)
{
  g_autofree char *address = g_strconcat (user, "@example.test", NULL);
  g_autofree char *token = sandbox_ask ("oauth-token", "--seconds", seconds, address, NULL);

  return g_strdup_printf ("echo %s", token);
}

static void
test_imap_token (void)
{
  g_autoptr (McMailAccount) account = sandbox_account ("alice", "IMAPS", NULL);
  g_autoptr (McMailAccount) stale = sandbox_account ("alice", "IMAPS", NULL);
  g_autoptr (GError) error = NULL;
  gboolean idle = FALSE;

  account->oauth_command = token_command ("alice", "3600");
  g_assert_true (mc_imap_check (account, NULL, &idle, &error));
  g_assert_no_error (error);
  g_assert_true (idle);
  stale->oauth_command = token_command ("alice", "-10");
  g_assert_false (mc_imap_check (stale, NULL, &idle, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_LOGIN);
  g_test_message ("%s", error->message);
}

static void
refuse_imap (const char *imap, const char *password, gint code)
{
  g_autoptr (McMailAccount) account = sandbox_account ("alice", imap, NULL);
  g_autoptr (GError) error = NULL;
  gboolean idle = FALSE;

  if (password != NULL) {
    g_free (account->password_command);
    account->password_command = g_strdup (password);
  }
  g_assert_false (mc_imap_check (account, NULL, &idle, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, MC_ERROR, code);
}

static void
test_imap_refused (void)
{
  refuse_imap ("IMAPS", "echo wrong", MC_ERROR_LOGIN);
  refuse_imap ("IMAPS_WRONGNAME", NULL, MC_ERROR_TLS);
  refuse_imap ("IMAP_WRONGNAME", NULL, MC_ERROR_TLS);
  refuse_imap ("IMAPS_SELFSIGNED", NULL, MC_ERROR_TLS);
  refuse_imap ("IMAPS_EXPIRED", NULL, MC_ERROR_TLS);
  refuse_imap ("IMAP_PLAIN", NULL, MC_ERROR_TLS); /* no STARTTLS there: nothing is sent */
}

/* --- SMTP and sendmail --- */

static GBytes *
mail_new (const char *id)
{
  g_autofree char *mail = g_strdup_printf (
      "From: alice@example.test\r\nTo: bob@example.test\r\nSubject: Re: ACME: dG9rZW4\r\nDate: Sun, 22 "
      "Nov 2026 02:00:00 +0000\r\nMessage-ID: %s\r\n\r\n.\r\n..body\r\n",
      id);

  return g_bytes_new (mail, strlen (mail));
}

static const char *const to_bob[] = {"bob@example.test", NULL};

static void
expect_at_bob (int count, const char *id)
{
  g_autofree char *number = g_strdup_printf ("%d", count);
  g_autofree char *paths = sandbox_ask ("mail", "--count", number, "bob@example.test", NULL);
  g_auto (GStrv) all = g_strsplit (paths, "\n", -1);
  g_autofree char *text = NULL;

  g_assert_cmpuint (g_strv_length (all), ==, count);
  g_assert_true (g_file_get_contents (all[count - 1], &text, NULL, NULL));
  g_assert_nonnull (strstr (text, id));
  g_assert_true (g_str_has_suffix (text, "\n\n.\n..body\n") || g_str_has_suffix (text, "\r\n\r\n.\r\n..body\r\n"));
}

static void
test_submission (void)
{
  static const char *const servers[] = {"SUBMISSIONS", "SUBMISSION"};

  for (gsize i = 0; i < G_N_ELEMENTS (servers); i++) {
    g_autoptr (McMailAccount) account = sandbox_account ("alice", NULL, servers[i]);
    g_autofree char *id = g_strdup_printf ("<%s@example.test>", servers[i]);
    g_autoptr (GBytes) mail = mail_new (id);
    g_autoptr (GError) error = NULL;
    McSendOutcome outcome;

    if (i == 1)
      account->oauth_command = token_command ("alice", "3600");
    outcome = mc_smtp_send (account, "alice@example.test", to_bob, mail, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpint (outcome, ==, MC_SEND_SENT);
    expect_at_bob ((int)i + 1, id);
  }
}

static void
test_sendmail (void)
{
  g_autoptr (McMailAccount) account = sandbox_account ("alice", NULL, NULL);
  g_autoptr (GBytes) mail = mail_new ("<by-sendmail@example.test>");
  g_autoptr (GError) error = NULL;
  McSendOutcome outcome;

  /* -i as everywhere: else a lone dot ends the mail. */
  account->sendmail = g_strconcat (sandbox_told ("SENDMAIL"), " -i", NULL);
  outcome = mc_sendmail_send (account, "alice@example.test", to_bob, mail, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (outcome, ==, MC_SEND_SENT);
  expect_at_bob (3, "<by-sendmail@example.test>");
}

static void
refuse_smtp (const char *smtp, const char *password, const char *to, McSendOutcome outcome, gint code)
{
  const char *const recipients[] = {to, NULL};
  g_autoptr (McMailAccount) account = sandbox_account ("alice", NULL, smtp);
  g_autoptr (GBytes) mail = mail_new ("<refused@example.test>");
  g_autoptr (GError) error = NULL;

  if (password != NULL) {
    g_free (account->password_command);
    account->password_command = g_strdup (password);
  }
  g_assert_cmpint (mc_smtp_send (account, "alice@example.test", recipients, mail, NULL, &error), ==, outcome);
  g_test_message ("%s", error->message);
  g_assert_error (error, MC_ERROR, code);
}

static void
test_submission_refused (void)
{
  refuse_smtp ("SUBMISSIONS", "echo wrong", "bob@example.test", MC_SEND_NOT_SENT, MC_ERROR_LOGIN);
  refuse_smtp ("SUBMISSIONS_WRONGNAME", NULL, "bob@example.test", MC_SEND_NOT_SENT, MC_ERROR_TLS);
  refuse_smtp ("SUBMISSION_WRONGNAME", NULL, "bob@example.test", MC_SEND_NOT_SENT, MC_ERROR_TLS);
  refuse_smtp ("SUBMISSIONS_SELFSIGNED", NULL, "bob@example.test", MC_SEND_NOT_SENT, MC_ERROR_TLS);
  refuse_smtp ("SUBMISSIONS_EXPIRED", NULL, "bob@example.test", MC_SEND_NOT_SENT, MC_ERROR_TLS);
  refuse_smtp ("SUBMISSION_PLAIN", NULL, "bob@example.test", MC_SEND_NOT_SENT, MC_ERROR_TLS);
}

/* --- DNS --- */

static void
expect_key (const char *anchor, McDnsStatus status, gboolean secure)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McDns) dns = mc_dns_new (sandbox_told ("DNS"), anchor, &error);
  g_autoptr (McDnsAnswer) answer = NULL;
  g_autoptr (McDnsAnswer) none = NULL;

  g_assert_no_error (error);
  answer = mc_dns_txt (dns, "s1._domainkey.ca.test");
  g_assert_cmpint (answer->status, ==, status);
  g_assert_cmpint (answer->secure, ==, secure);
  if (status == MC_DNS_FOUND) {
    g_autofree char *text =
        g_strndup (g_bytes_get_data (answer->texts->pdata[0], NULL), g_bytes_get_size (answer->texts->pdata[0]));

    g_assert_nonnull (strstr (text, "p="));
    none = mc_dns_txt (dns, "nothing-here.ca.test");
    g_assert_cmpint (none->status, ==, MC_DNS_NONE);
    g_assert_cmpint (none->secure, ==, secure);
  }
}

static void
test_dnssec (void)
{
  expect_key (NULL, MC_DNS_FOUND, FALSE);
  expect_key (sandbox_told ("ANCHOR"), MC_DNS_FOUND, TRUE);
  expect_key (sandbox_told ("ANCHOR_WRONG"), MC_DNS_BOGUS, FALSE);
}

int
main (int argc, char **argv)
{
  if (g_getenv ("SANDBOX_DIR") == NULL) {
    g_print ("1..0 # SKIP not in a sandbox\n");
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sandbox/watch", test_watch);
  g_test_add_func ("/sandbox/imap-token", test_imap_token);
  g_test_add_func ("/sandbox/imap-refused", test_imap_refused);
  g_test_add_func ("/sandbox/submission", test_submission);
  g_test_add_func ("/sandbox/sendmail", test_sendmail);
  g_test_add_func ("/sandbox/submission-refused", test_submission_refused);
  g_test_add_func ("/sandbox/dnssec", test_dnssec);
  return g_test_run ();
}
