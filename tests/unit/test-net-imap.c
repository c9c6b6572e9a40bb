/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "net-server.h"
#include "net/imap.h"

#include <glib/gstdio.h>
#include <string.h>

#define PATIENCE (30 * G_USEC_PER_SEC)

/* Short enough for a test to see a poll, long enough for valgrind. */
static const McImapTiming quick = {
    .poll_ms = 200, .idle_ms = 60000, .first_retry_ms = 20, .last_retry_ms = 100, .timeout_seconds = 20};

typedef struct {
  McMailAccount *account;
  const McImapTiming *timing;
  gint64 since;
  GCancellable *cancel;
  GAsyncQueue *found; /* of char*: the mail's Message-ID line */
  GAsyncQueue *ready; /* of a pointer: 1 = polls, 2 = IDLE */
  GThread *thread;
  gboolean result;
  GError *error;
} Watch;

static McMailAccount *
account_new (McTestServer *server, const char *scheme)
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
  Watch *watch = data;
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
  g_async_queue_push (((Watch *)data)->ready, GINT_TO_POINTER (idle ? 2 : 1));
}

static gpointer
run_watch (gpointer data)
{
  Watch *watch = data;

  watch->result = mc_imap_watch_timed (watch->account, watch->since, watch->timing, watch->cancel, on_found, on_ready,
                                       watch, &watch->error);
  return NULL;
}

static void
watch_begin (Watch *watch, McMailAccount *account, const McImapTiming *timing)
{
  watch->account = account;
  watch->timing = timing;
  watch->since = g_get_real_time () / G_USEC_PER_SEC - 60;
  watch->cancel = g_cancellable_new ();
  watch->found = g_async_queue_new_full (g_free);
  watch->ready = g_async_queue_new ();
  watch->thread = g_thread_new ("watch", run_watch, watch);
}

static Watch *
watch_new (McMailAccount *account)
{
  Watch *watch = g_new0 (Watch, 1);

  watch_begin (watch, account, &quick);
  return watch;
}

static void
join (Watch *watch)
{
  if (watch->thread != NULL)
    g_thread_join (g_steal_pointer (&watch->thread));
}

static void
watch_free (Watch *watch)
{
  g_cancellable_cancel (watch->cancel);
  join (watch);
  g_object_unref (watch->cancel);
  mc_mail_account_free (watch->account);
  g_async_queue_unref (watch->found);
  g_async_queue_unref (watch->ready);
  g_clear_error (&watch->error);
  g_free (watch);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Watch, watch_free)

static void
expect_found (Watch *watch, const char *id)
{
  g_autofree char *found = g_async_queue_timeout_pop (watch->found, PATIENCE);

  g_assert_cmpstr (found, ==, id);
}

static gboolean
expect_ready (Watch *watch)
{
  gpointer how = g_async_queue_timeout_pop (watch->ready, PATIENCE);

  g_assert_nonnull (how);
  return how == GINT_TO_POINTER (2);
}

static void
expect_end (Watch *watch, gint code, const char *words)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;

  /* It ends by itself: joined without being cancelled. */
  join (watch);
  g_assert_cmpint (g_get_monotonic_time (), <, deadline);
  g_assert_false (watch->result);
  g_assert_error (watch->error, MC_ERROR, code);
  g_test_message ("%s", watch->error->message);
  g_assert_nonnull (strstr (watch->error->message, words));
  g_assert_null (strstr (watch->error->message, "geheim"));
}

static void
deliver_age (McTestServer *server, const char *folder, const char *id, gsize size, guint age)
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

static void
deliver (McTestServer *server, const char *folder, const char *id)
{
  deliver_age (server, folder, id, 100, 0);
}

static void
test_already_there (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  g_autoptr (Watch) watch = NULL;

  deliver_age (server, "INBOX", "<old@t>", 10, 10 * 24 * 3600);
  deliver (server, "INBOX", "<there@t>");
  deliver (server, "Spam", "<junk@t>");
  watch = watch_new (account_new (server, "imaps"));
  expect_found (watch, "<junk@t>");
  expect_found (watch, "<there@t>");
  g_assert_true (expect_ready (watch));
  g_assert_cmpint (g_async_queue_length (watch->found), ==, 0);
  g_assert_false (mc_test_server_saw (server, "marked-read"));
  g_assert_false (mc_test_server_saw (server, "client-certificate"));
  g_assert_false (mc_test_server_saw (server, "command SELECT"));
}

static void
test_idle (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "no-junk", NULL);
  g_autoptr (Watch) watch = watch_new (account_new (server, "imaps"));
  g_autofree char *idle = NULL;

  g_assert_true (expect_ready (watch));
  idle = mc_test_server_expect (server, "idle");
  mc_test_server_tell (server, "fill INBOX 100");
  deliver (server, "INBOX", "<new@t>");
  expect_found (watch, "<new@t>");
  deliver (server, "INBOX", "<newer@t>");
  expect_found (watch, "<newer@t>");
  /* A hundred other mails change nothing, and none of them is fetched. */
  g_assert_cmpuint (mc_test_server_count (server, "fetched"), ==, 2);
  g_assert_cmpuint (mc_test_server_count (server, "connected"), ==, 1);
}

static void
test_early_news (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "early-exists", NULL);
  g_autoptr (Watch) watch = watch_new (account_new (server, "imaps"));

  g_assert_true (expect_ready (watch));
  for (int i = 0; i < 3; i++) {
    g_autofree char *id = g_strdup_printf ("<early-%d@t>", i);

    deliver (server, "INBOX", id);
    expect_found (watch, id);
  }
}

static void
test_others (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "special-use", NULL);
  g_autoptr (Watch) watch = watch_new (account_new (server, "imaps"));

  g_assert_true (expect_ready (watch));
  deliver (server, "Unwanted", "<junk@t>");
  expect_found (watch, "<junk@t>");
  deliver (server, "INBOX", "<inbox@t>");
  expect_found (watch, "<inbox@t>");
  deliver (server, "Unwanted", "<junk-2@t>");
  expect_found (watch, "<junk-2@t>");
  g_assert_cmpuint (mc_test_server_count (server, "connected"), ==, 1);
}

static void
poll_against (const char *option)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", option, NULL);
  g_autoptr (Watch) watch = watch_new (account_new (server, "imaps"));

  g_assert_cmpint (expect_ready (watch), ==, !g_str_equal (option, "no-idle"));
  deliver (server, "INBOX", "<polled@t>");
  expect_found (watch, "<polled@t>");
  deliver (server, "Spam", "<polled-junk@t>");
  expect_found (watch, "<polled-junk@t>");
  g_assert_cmpuint (mc_test_server_count (server, "connected"), ==, 1);
}

static void
test_poll (void)
{
  poll_against ("no-idle");
  poll_against ("refuse-idle");
  poll_against ("short-idle");
}

static void
test_without_uidnext (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "no-uidnext", NULL);
  g_autoptr (Watch) watch = NULL;

  deliver (server, "INBOX", "<one@t>");
  watch = watch_new (account_new (server, "imaps"));
  expect_found (watch, "<one@t>");
  deliver (server, "INBOX", "<two@t>");
  expect_found (watch, "<two@t>");
  g_assert_cmpuint (mc_test_server_count (server, "fetched"), ==, 2);
}

static void
test_connection_lost (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  g_autoptr (Watch) watch = watch_new (account_new (server, "imaps"));

  for (int i = 0; i < 3; i++) {
    g_autofree char *idle = NULL;
    g_autofree char *id = g_strdup_printf ("<meanwhile-%d@t>", i);

    g_assert_true (expect_ready (watch));
    idle = mc_test_server_expect (server, "idle");
    mc_test_server_tell (server, "drop");
    deliver (server, "INBOX", id);
    expect_found (watch, id);
  }
  g_assert_true (expect_ready (watch));
  g_assert_cmpuint (mc_test_server_count (server, "fetched"), ==, 3); /* each once, over all connections */
}

static void
test_broken_fetch (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "break-fetch=2", NULL);
  g_autoptr (Watch) watch = NULL;

  deliver (server, "INBOX", "<kept@t>");
  watch = watch_new (account_new (server, "imaps"));
  expect_found (watch, "<kept@t>");
  g_assert_true (expect_ready (watch));
  g_assert_cmpuint (mc_test_server_count (server, "connected"), ==, 3);
}

static void
test_validity (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "no-idle", NULL);
  g_autoptr (Watch) watch = watch_new (account_new (server, "imaps"));

  g_assert_false (expect_ready (watch));
  mc_test_server_tell (server, "fill INBOX 5");
  deliver (server, "INBOX", "<before@t>");
  expect_found (watch, "<before@t>");
  mc_test_server_tell (server, "renew INBOX");
  expect_found (watch, "<before@t>"); /* numbers mean nothing any more: it is looked at again */
  deliver (server, "INBOX", "<after@t>");
  expect_found (watch, "<after@t>");
}

static void
test_folders (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  McMailAccount *account = account_new (server, "imaps");
  g_autoptr (Watch) watch = NULL;

  account->folders = g_strsplit ("Sent,INBOX,ä,Nowhere", ",", -1);
  watch = watch_new (account);
  g_assert_true (expect_ready (watch));
  deliver (server, "Sent", "<sent@t>");
  expect_found (watch, "<sent@t>");
  deliver (server, "&AOQ-", "<umlaut@t>");
  expect_found (watch, "<umlaut@t>");
  deliver (server, "Spam", "<unwatched@t>");
  deliver (server, "INBOX", "<inbox@t>");
  expect_found (watch, "<inbox@t>");
}

static void
test_no_such_folder (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  McMailAccount *account = account_new (server, "imaps");
  g_autoptr (Watch) watch = NULL;

  account->folders = g_strsplit ("Nowhere", ",", -1);
  watch = watch_new (account);
  expect_end (watch, MC_ERROR_CONFIG, "folders");
}

static void
test_sizes (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "ignore-partial", NULL);
  g_autoptr (Watch) watch = NULL;

  deliver_age (server, "INBOX", "<too-large@t>", 300 * 1024, 0);
  deliver_age (server, "INBOX", "<large@t>", 255 * 1024, 0);
  watch = watch_new (account_new (server, "imaps"));
  expect_found (watch, "<large@t>");
  g_assert_true (expect_ready (watch));
  g_assert_cmpint (g_async_queue_length (watch->found), ==, 0);
}

/* A server that lies is not believed, and is asked again. */
static void
lie (const char *option)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", option, NULL);
  g_autoptr (Watch) watch = watch_new (account_new (server, "imaps"));

  for (int i = 0; i < 3; i++)
    g_free (mc_test_server_expect (server, "connected"));
  g_assert_cmpint (g_async_queue_length (watch->ready), ==, 0);
}

static void
test_lies (void)
{
  lie ("huge-literal=INBOX");
  lie ("nest=INBOX");
  lie ("flood");
  lie ("bye");
}

static void
refuse (const char *scheme, const char *option, const char *second, gint code, const char *words)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", option, second, NULL);
  g_autoptr (Watch) watch = watch_new (account_new (server, scheme));

  expect_end (watch, code, words);
  g_assert_false (mc_test_server_saw (server, "password-in-the-clear"));
  g_assert_false (mc_test_server_saw (server, "client-certificate"));
}

static void
test_trust (void)
{
  refuse ("imaps", "cert=wrong", NULL, MC_ERROR_TLS, "mail.elsewhere.test, not for localhost");
  refuse ("imaps", "cert=unknown", NULL, MC_ERROR_TLS, "other-ca, which is not trusted");
  refuse ("imaps", "cert=expired", NULL, MC_ERROR_TLS, "expired");
  refuse ("imaps", "tls=none", NULL, MC_ERROR_TLS, "does not speak TLS");
  refuse ("imap", "tls=starttls", "cert=wrong", MC_ERROR_TLS, "mail.elsewhere.test, not for localhost");
  refuse ("imap", "tls=starttls", "no-starttls", MC_ERROR_TLS, "does not offer STARTTLS");
  refuse ("imap", "tls=starttls", "preauth", MC_ERROR_TLS, "PREAUTH");
  refuse ("imap", "tls=starttls", "inject", MC_ERROR_TLS, "before TLS");
}

static void
test_login_refused (void)
{
  refuse ("imaps", "login=no", NULL, MC_ERROR_LOGIN, "wrong  [31mpassword"); /* its words, made harmless */
  refuse ("imaps", "login=echo", NULL, MC_ERROR_LOGIN, "refused, and repeated");
  refuse ("imaps", "login=echo", "auth=", MC_ERROR_LOGIN, "refused, and repeated");
  refuse ("imaps", "auth=", "login-disabled", MC_ERROR_LOGIN, "does not offer PLAIN");
}

static void
test_starttls (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "tls=starttls", NULL);
  g_autoptr (Watch) watch = watch_new (account_new (server, "imap"));

  g_assert_true (expect_ready (watch));
  g_assert_false (mc_test_server_saw (server, "password-in-the-clear"));
}

static void
test_tls_name (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "cert=wrong", NULL);
  McMailAccount *account = account_new (server, "imaps");
  g_autoptr (Watch) watch = NULL;

  account->tls_name = g_strdup ("mail.elsewhere.test");
  watch = watch_new (account);
  g_assert_true (expect_ready (watch));
}

static void
test_passing_trouble (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "login=unavailable", NULL);
  g_autoptr (Watch) watch = watch_new (account_new (server, "imaps"));

  g_assert_true (expect_ready (watch));
  g_assert_cmpuint (mc_test_server_count (server, "connected"), ==, 2);
}

static void
test_login_command (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "auth=", "password=a\"b\\c d", NULL);
  McMailAccount *account = account_new (server, "imaps");
  g_autoptr (Watch) watch = NULL;

  g_free (account->password_command);
  account->password_command = g_strdup ("printf '%s\\nsecond line' 'a\"b\\c d'");
  watch = watch_new (account);
  g_assert_true (expect_ready (watch));
  g_assert_true (mc_test_server_saw (server, "command LOGIN"));
}

static void
test_token (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "auth=PLAIN,XOAUTH2", "token=t0k3n", NULL);
  McMailAccount *account = account_new (server, "imaps");
  McMailAccount *stale = account_new (server, "imaps");
  g_autoptr (Watch) watch = NULL;
  g_autoptr (Watch) refused = NULL;
  g_autofree char *folder = g_dir_make_tmp ("mailcert-token-XXXXXX", NULL);
  g_autofree char *uses = g_build_filename (folder, "uses", NULL);
  g_autofree char *idle = NULL;
  g_autofree char *text = NULL;

  account->oauth_command = g_strdup_printf ("echo x >> %s; echo t0k3n", uses);
  watch = watch_new (account);
  g_assert_true (expect_ready (watch));
  idle = mc_test_server_expect (server, "idle");
  mc_test_server_tell (server, "drop");
  g_assert_true (expect_ready (watch));
  g_assert_true (g_file_get_contents (uses, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "x\nx\n"); /* a fresh one for each connection */
  g_remove (uses);
  g_rmdir (folder);
  stale->oauth_command = g_strdup ("echo geheimes-token");
  refused = watch_new (stale);
  expect_end (refused, MC_ERROR_LOGIN, "the server says: NO");
}

static void
test_no_way_in (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  McMailAccount *none = account_new (server, "imaps");
  McMailAccount *failing = account_new (server, "imaps");
  g_autoptr (Watch) first = NULL;
  g_autoptr (Watch) second = NULL;

  g_clear_pointer (&none->password_command, g_free);
  first = watch_new (none);
  expect_end (first, MC_ERROR_LOGIN, "neither password-command nor oauth-command");
  g_free (failing->password_command);
  failing->password_command = g_strdup ("echo geheim; exit 3");
  second = watch_new (failing);
  expect_end (second, MC_ERROR_LOGIN, "status 3");
}

static void
test_cancel (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  Watch *watch = watch_new (account_new (server, "imaps"));
  g_autofree char *idle = mc_test_server_expect (server, "idle");
  gint64 begun = g_get_monotonic_time ();

  g_cancellable_cancel (watch->cancel);
  join (watch);
  g_assert_true (watch->result);
  g_assert_no_error (watch->error);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 5 * G_USEC_PER_SEC);
  watch_free (watch);
}

static void
test_unreachable (void)
{
  McMailAccount *account = mc_mail_account_new ("alice@example.test");
  Watch *watch;

  account->imap = g_strdup ("imaps://localhost:1");
  account->password_command = g_strdup ("echo geheim");
  watch = watch_new (account);
  g_assert_null (g_async_queue_timeout_pop (watch->ready, G_USEC_PER_SEC / 4));
  g_cancellable_cancel (watch->cancel);
  join (watch);
  g_assert_true (watch->result); /* it would have gone on */
  watch_free (watch);
}

/* Silence ends too. */
static void
test_mute (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "mute", NULL);
  McImapTiming impatient = quick;
  Watch *watch = watch_new (account_new (server, "imaps"));

  watch_free (watch); /* also in the middle of a greeting */
  impatient.timeout_seconds = 1;
  watch = g_new0 (Watch, 1);
  watch_begin (watch, account_new (server, "imaps"), &impatient);
  for (int i = 0; i < 3; i++)
    g_free (mc_test_server_expect (server, "gone"));
  watch_free (watch);
}

static void
test_check (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  g_autoptr (McTestServer) plain = mc_test_server_new ("imap-server.py", "no-idle", NULL);
  g_autoptr (McMailAccount) first = account_new (server, "imaps");
  g_autoptr (McMailAccount) second = account_new (plain, "imaps");
  g_autoptr (McMailAccount) third = mc_mail_account_new ("a@b.test");
  g_autoptr (GError) error = NULL;
  gboolean idle = FALSE;

  g_assert_true (mc_imap_check (first, NULL, &idle, &error));
  g_assert_no_error (error);
  g_assert_true (idle);
  g_assert_true (mc_imap_check (second, NULL, &idle, &error));
  g_assert_false (idle);
  third->imap = g_strdup ("imaps://localhost:1");
  third->password_command = g_strdup ("echo geheim");
  g_assert_false (mc_imap_check (third, NULL, &idle, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/already-there", test_already_there);
  g_test_add_func ("/imap/idle", test_idle);
  g_test_add_func ("/imap/early-news", test_early_news);
  g_test_add_func ("/imap/others", test_others);
  g_test_add_func ("/imap/poll", test_poll);
  g_test_add_func ("/imap/without-uidnext", test_without_uidnext);
  g_test_add_func ("/imap/connection-lost", test_connection_lost);
  g_test_add_func ("/imap/broken-fetch", test_broken_fetch);
  g_test_add_func ("/imap/validity", test_validity);
  g_test_add_func ("/imap/folders", test_folders);
  g_test_add_func ("/imap/no-such-folder", test_no_such_folder);
  g_test_add_func ("/imap/sizes", test_sizes);
  g_test_add_func ("/imap/lies", test_lies);
  g_test_add_func ("/imap/trust", test_trust);
  g_test_add_func ("/imap/login-refused", test_login_refused);
  g_test_add_func ("/imap/starttls", test_starttls);
  g_test_add_func ("/imap/tls-name", test_tls_name);
  g_test_add_func ("/imap/passing-trouble", test_passing_trouble);
  g_test_add_func ("/imap/login-command", test_login_command);
  g_test_add_func ("/imap/token", test_token);
  g_test_add_func ("/imap/no-way-in", test_no_way_in);
  g_test_add_func ("/imap/cancel", test_cancel);
  g_test_add_func ("/imap/unreachable", test_unreachable);
  g_test_add_func ("/imap/mute", test_mute);
  g_test_add_func ("/imap/check", test_check);
  return g_test_run ();
}
