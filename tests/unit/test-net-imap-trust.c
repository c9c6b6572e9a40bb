/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "imap-watch.h"

#include <glib/gstdio.h>
#include <string.h>

/* A server that lies is not believed, and is asked again. */
static void
lie (const char *option)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", option, NULL);
  g_autoptr (McTestWatch) watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));

  for (int i = 0; i < 3; i++)
    mc_test_server_await (server, "connected");
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
  g_autoptr (McTestWatch) watch = mc_test_watch_new (mc_test_imap_account (server, scheme));

  mc_test_watch_expect_end (watch, code, words);
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
  g_autoptr (McTestWatch) watch = mc_test_watch_new (mc_test_imap_account (server, "imap"));

  g_assert_true (mc_test_watch_expect_ready (watch));
  g_assert_false (mc_test_server_saw (server, "password-in-the-clear"));
}

static void
test_tls_name (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "cert=wrong", NULL);
  McMailAccount *account = mc_test_imap_account (server, "imaps");
  g_autoptr (McTestWatch) watch = NULL;

  account->tls_name = g_strdup ("mail.elsewhere.test");
  watch = mc_test_watch_new (account);
  g_assert_true (mc_test_watch_expect_ready (watch));
}

static void
test_passing_trouble (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "login=unavailable", NULL);
  g_autoptr (McTestWatch) watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));

  g_assert_true (mc_test_watch_expect_ready (watch));
  g_assert_cmpuint (mc_test_server_count (server, "connected"), ==, 2);
}

static void
test_login_command (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "auth=", "password=a\"b\\c d", NULL);
  McMailAccount *account = mc_test_imap_account (server, "imaps");
  g_autoptr (McTestWatch) watch = NULL;

  g_free (account->password_command);
  account->password_command = g_strdup ("printf '%s\\nsecond line' 'a\"b\\c d'");
  watch = mc_test_watch_new (account);
  g_assert_true (mc_test_watch_expect_ready (watch));
  g_assert_true (mc_test_server_saw (server, "command LOGIN"));
}

static void
test_token (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "auth=PLAIN,XOAUTH2", "token=t0k3n", NULL);
  McMailAccount *account = mc_test_imap_account (server, "imaps");
  McMailAccount *stale = mc_test_imap_account (server, "imaps");
  g_autoptr (McTestWatch) watch = NULL;
  g_autoptr (McTestWatch) refused = NULL;
  g_autofree char *folder = g_dir_make_tmp ("mailcert-token-XXXXXX", NULL);
  g_autofree char *uses = g_build_filename (folder, "uses", NULL);
  g_autofree char *text = NULL;

  account->oauth_command = g_strdup_printf ("echo x >> %s; echo t0k3n", uses);
  watch = mc_test_watch_new (account);
  g_assert_true (mc_test_watch_expect_ready (watch));
  mc_test_server_await (server, "idle");
  mc_test_server_tell (server, "drop");
  g_assert_true (mc_test_watch_expect_ready (watch));
  g_assert_true (g_file_get_contents (uses, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "x\nx\n"); /* a fresh one for each connection */
  g_remove (uses);
  g_rmdir (folder);
  stale->oauth_command = g_strdup ("echo geheimes-token");
  refused = mc_test_watch_new (stale);
  mc_test_watch_expect_end (refused, MC_ERROR_LOGIN, "the server says: NO");
}

static void
test_no_way_in (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  McMailAccount *none = mc_test_imap_account (server, "imaps");
  McMailAccount *failing = mc_test_imap_account (server, "imaps");
  g_autoptr (McTestWatch) first = NULL;
  g_autoptr (McTestWatch) second = NULL;

  g_clear_pointer (&none->password_command, g_free);
  first = mc_test_watch_new (none);
  mc_test_watch_expect_end (first, MC_ERROR_LOGIN, "neither password-command nor oauth-command");
  g_free (failing->password_command);
  failing->password_command = g_strdup ("echo geheim; exit 3");
  second = mc_test_watch_new (failing);
  mc_test_watch_expect_end (second, MC_ERROR_LOGIN, "status 3");
}

static void
test_unreachable (void)
{
  McMailAccount *account = mc_mail_account_new ("alice@example.test");
  McTestWatch *watch;

  account->imap = g_strdup ("imaps://localhost:1");
  account->password_command = g_strdup ("echo geheim");
  watch = mc_test_watch_new (account);
  g_assert_null (g_async_queue_timeout_pop (watch->ready, G_USEC_PER_SEC / 4));
  g_cancellable_cancel (watch->cancel);
  mc_test_watch_join (watch);
  g_assert_true (watch->result); /* it would have gone on */
  mc_test_watch_free (watch);
}

static void
test_check (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  g_autoptr (McTestServer) plain = mc_test_server_new ("imap-server.py", "no-idle", NULL);
  g_autoptr (McMailAccount) first = mc_test_imap_account (server, "imaps");
  g_autoptr (McMailAccount) second = mc_test_imap_account (plain, "imaps");
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
  g_test_add_func ("/imap-trust/lies", test_lies);
  g_test_add_func ("/imap-trust/trust", test_trust);
  g_test_add_func ("/imap-trust/login-refused", test_login_refused);
  g_test_add_func ("/imap-trust/starttls", test_starttls);
  g_test_add_func ("/imap-trust/tls-name", test_tls_name);
  g_test_add_func ("/imap-trust/passing-trouble", test_passing_trouble);
  g_test_add_func ("/imap-trust/login-command", test_login_command);
  g_test_add_func ("/imap-trust/token", test_token);
  g_test_add_func ("/imap-trust/no-way-in", test_no_way_in);
  g_test_add_func ("/imap-trust/unreachable", test_unreachable);
  g_test_add_func ("/imap-trust/check", test_check);
  return g_test_run ();
}
