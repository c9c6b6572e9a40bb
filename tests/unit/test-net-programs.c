/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "base/secret.h"
#include "net/submission.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAIL "Subject: x\r\n\r\n.\r\nbody\r\n"

static const char *const to_two[] = {"ca@ca.test", "b@b.test", NULL};

/* --- command --- */

static void
test_secret (void)
{
  g_autoptr (McSecretString) first = mc_command_secret ("printf 'one\\ntwo\\n'", NULL, NULL);
  g_autoptr (McSecretString) spaces = mc_command_secret ("printf ' a b \\r\\n'", NULL, NULL);
  g_autoptr (McSecretString) unended = mc_command_secret ("printf x; test -e /dev/stdin", NULL, NULL);
  g_autoptr (McSecretString) stdin_empty = mc_command_secret ("cat; echo nothing", NULL, NULL);

  g_assert_cmpstr (first, ==, "one");
  g_assert_cmpstr (spaces, ==, " a b ");
  g_assert_cmpstr (unended, ==, "x");
  g_assert_cmpstr (stdin_empty, ==, "nothing");
}

/* What it leaves running is not waited for. */
static void
test_background (void)
{
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (McSecretString) secret = mc_command_secret ("sleep 30 2>/dev/null & echo early", NULL, NULL);

  g_assert_cmpstr (secret, ==, "early");
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 20 * G_USEC_PER_SEC);
}

static void
test_no_secret (void)
{
  static const struct {
    const char *command;
    const char *words;
  } cases[] = {{"exit 3", "status 3"},
               {"echo geheim; exit 1", "status 1"},
               {"true", "nothing"},
               {"echo; echo geheim", "nothing"},
               {"kill -9 $$", "signal 9"},
               {"geheim-no-such-program 2>/dev/null", "status 127"},
               {"head -c 20000 /dev/zero | tr '\\0' x", "too much"}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (McSecretString) secret = mc_command_secret (cases[i].command, NULL, &error);

    g_assert_null (secret);
    g_assert_error (error, MC_ERROR, MC_ERROR_LOGIN);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, cases[i].words));
    g_assert_null (strstr (error->message, "geheim"));
  }
}

static gpointer
cancel_when_begun (gpointer data)
{
  gpointer *pair = data;

  while (!g_file_test (pair[1], G_FILE_TEST_EXISTS))
    g_thread_yield ();
  g_cancellable_cancel (pair[0]);
  return NULL;
}

static void
test_cancelled (void)
{
  g_autoptr (GCancellable) cancel = g_cancellable_new ();
  g_autofree char *folder = g_dir_make_tmp ("mailcert-cancel-XXXXXX", NULL);
  g_autofree char *begun = g_build_filename (folder, "begun", NULL);
  g_autofree char *command = g_strdup_printf ("touch %s; exec sleep 1000", begun);
  gpointer pair[] = {cancel, begun};
  GThread *thread = g_thread_new ("cancel", cancel_when_begun, pair);
  g_autoptr (GError) error = NULL;
  g_autoptr (McSecretString) secret = mc_command_secret (command, cancel, &error);

  g_assert_null (secret);
  g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
  g_thread_join (thread);
  g_unlink (begun);
  g_rmdir (folder);
}

/* --- sendmail --- */

typedef struct {
  char *folder;
  char *out;
  McMailAccount *account;
} Place;

static void
place_init (Place *place, const char *script)
{
  g_autofree char *program = NULL;
  g_autofree char *text = NULL;

  place->folder = g_dir_make_tmp ("mailcert-sendmail-XXXXXX", NULL);
  place->out = g_build_filename (place->folder, "out", NULL);
  program = g_build_filename (place->folder, "send mail", NULL);
  text = g_strdup_printf ("#!/bin/sh\nOUT='%s'\n%s\n", place->out, script);
  g_assert_true (g_file_set_contents (program, text, -1, NULL));
  g_chmod (program, 0700);
  place->account = mc_mail_account_new ("alice@example.test");
  place->account->sendmail = g_strdup_printf ("'%s' -oi \"an option\"", program);
}

static void
place_clear (Place *place)
{
  g_autofree char *program = g_build_filename (place->folder, "send mail", NULL);

  g_unlink (program);
  g_unlink (place->out);
  g_rmdir (place->folder);
  g_free (place->folder);
  g_free (place->out);
  mc_mail_account_free (place->account);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static McSendOutcome
send_mail (const Place *place, const char *mail, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (mail, strlen (mail));

  return mc_sendmail_send (place->account, "alice@example.test", to_two, bytes, NULL, error);
}

static void
test_sendmail (void)
{
  g_auto (Place) place = {NULL, NULL, NULL};
  g_autoptr (GError) error = NULL;
  g_autofree char *got = NULL;

  place_init (&place, "for a in \"$@\"; do echo \"[$a]\"; done > \"$OUT\"; cat >> \"$OUT\"");
  g_assert_cmpint (send_mail (&place, MAIL, &error), ==, MC_SEND_SENT);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (place.out, &got, NULL, NULL));
  g_assert_cmpstr (got, ==, "[-oi]\n[an option]\n[--]\n[ca@ca.test]\n[b@b.test]\nSubject: x\n\n.\nbody\n");
}

static void
test_sendmail_fails (void)
{
  static const struct {
    const char *script;
    McSendOutcome outcome;
    gint code;
    const char *words;
  } cases[] = {
      {"cat >/dev/null; echo 'try \033[1mlater' >&2; exit 75", MC_SEND_NOT_SENT, MC_ERROR_LATER, "try  [1mlater"},
      {"cat >/dev/null; echo nobody there >&2; exit 67", MC_SEND_REFUSED, MC_ERROR_REFUSED, "status 67: nobody there"},
      {"exit 77", MC_SEND_NOT_SENT, MC_ERROR_LOGIN, "did not say why"},
      {"exit 78", MC_SEND_NOT_SENT, MC_ERROR_CONFIG, "78"},
      {"exit 74", MC_SEND_UNKNOWN, MC_ERROR_LATER, "74"},
      {"kill -9 $$", MC_SEND_UNKNOWN, MC_ERROR_LATER, "signal 9"},
      {"head -c 100000 /dev/zero | tr '\\0' x >&2; exit 75", MC_SEND_NOT_SENT, MC_ERROR_LATER, "xxx"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (Place) place = {NULL, NULL, NULL};
    g_autoptr (GError) error = NULL;

    place_init (&place, cases[i].script);
    g_assert_cmpint (send_mail (&place, MAIL, &error), ==, cases[i].outcome);
    g_assert_error (error, MC_ERROR, cases[i].code);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, cases[i].words));
  }
}

/* It goes away in the middle: SIGPIPE is not ours, and 0 is not believed. */
static void
test_sendmail_reads_little (void)
{
  g_auto (Place) place = {NULL, NULL, NULL};
  g_autofree char *large = g_strnfill (1024 * 1024, 'x');
  g_autoptr (GError) error = NULL;

  place_init (&place, "head -c 10 >/dev/null; exit 0");
  g_assert_cmpint (send_mail (&place, large, &error), ==, MC_SEND_UNKNOWN);
  g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
  g_assert_nonnull (strstr (error->message, "whole mail"));
}

/* We are killed while it starts: it has the whole mail all the same, and sends no half of it. */
static void
test_sendmail_outlives_us (void)
{
  g_auto (Place) place = {NULL, NULL, NULL};
  g_autofree char *large = g_strnfill (1024 * 1024, 'x');
  g_autofree char *got = NULL;
  gsize length = 0;
  int status;
  pid_t child;

  place_init (&place, "kill -9 $PPID; cat >\"$OUT\"");
  g_assert_cmpint (mkfifo (place.out, 0600), ==, 0);
  child = fork ();
  if (child == 0) {
    send_mail (&place, large, NULL);
    _exit (0);
  }
  g_assert_true (g_file_get_contents (place.out, &got, &length, NULL));
  g_assert_cmpuint (length, ==, strlen (large));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
}

static void
test_sendmail_configuration (void)
{
  static const char *const commands[] = {NULL, "", "'unended", "/nonexistent/sendmail"};

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++) {
    g_autoptr (McMailAccount) account = mc_mail_account_new ("alice@example.test");
    g_autoptr (GBytes) mail = g_bytes_new_static (MAIL, strlen (MAIL));
    g_autoptr (GError) error = NULL;

    account->sendmail = g_strdup (commands[i]);
    g_assert_cmpint (mc_sendmail_send (account, "a@b.test", to_two, mail, NULL, &error), ==, MC_SEND_NOT_SENT);
    g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
  }
}

/* --- account --- */

static void
test_servers (void)
{
  static const struct {
    const char *key, *url, *host;
    guint16 port;
    gboolean implicit_tls;
  } cases[] = {{"imap", "imaps://mail.test", "mail.test", 993, TRUE},
               {"imap", "imap://mail.test/", "mail.test", 143, FALSE},
               {"smtp", "smtps://mail.test", "mail.test", 465, TRUE},
               {"smtp", "SMTP://mail.test:2525", "mail.test", 2525, FALSE},
               {"imap", "imaps://[::1]:993", "::1", 993, TRUE}};
  static const char *const bad[] = {"smtps://mail.test",
                                    "imaps://user:geheim@mail.test",
                                    "imaps://mail.test/INBOX",
                                    "imaps://mail.test?x",
                                    "imaps://",
                                    "mail.test",
                                    "imaps://mail.test:99999",
                                    "imaps://mail.test:0",
                                    "https://mail.test",
                                    ""};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (McMailServer) server = mc_mail_server_parse (cases[i].key, cases[i].url, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (server->host, ==, cases[i].host);
    g_assert_cmpuint (server->port, ==, cases[i].port);
    g_assert_cmpint (server->implicit_tls, ==, cases[i].implicit_tls);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (McMailServer) server = mc_mail_server_parse ("imap", bad[i], &error);

    g_assert_null (server);
    g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
    g_assert_true (g_str_has_prefix (error->message, "imap: "));
    g_assert_null (strstr (error->message, "geheim"));
  }
}

static void
check_refuses (McMailAccount *account, char **field, const char *value, const char *key)
{
  g_autoptr (GError) error = NULL;
  char *kept = *field;

  g_assert_true (mc_mail_account_check (account, NULL));
  *field = (char *)value;
  g_assert_false (mc_mail_account_check (account, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
  g_assert_true (g_str_has_prefix (error->message, key));
  *field = kept;
}

static void
test_account (void)
{
  g_autoptr (McMailAccount) account = mc_mail_account_new ("alice@example.test");
  g_autoptr (McMailAccount) copy = NULL;

  account->imap = g_strdup ("imaps://mail.test");
  account->smtp = g_strdup ("smtp://mail.test");
  account->user = g_strdup ("alice");
  account->password_command = g_strdup ("pass mail");
  account->folders = g_strsplit ("INBOX,Junk", ",", -1);
  account->sendmail = g_strdup ("/usr/sbin/sendmail -oi");
  copy = mc_mail_account_copy (account);
  g_assert_cmpstr (copy->folders[1], ==, "Junk");
  g_assert_cmpstr (copy->password_command, ==, "pass mail");
  check_refuses (account, &account->imap, "pop3://x", "imap: ");
  check_refuses (account, &account->smtp, "imaps://x", "smtp: ");
  check_refuses (account, &account->user, "a\r\nb", "user: ");
  check_refuses (account, &account->smtp_user, "", "smtp-user: ");
  check_refuses (account, &account->tls_name, "\xff", "tls-name: ");
  check_refuses (account, &account->sendmail, "'x", "sendmail: ");
  check_refuses (account, &account->folders[0], "a\nb", "folders: ");
  check_refuses (account, &account->folders[0], NULL, "folders: ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_DFL);
  g_test_add_func ("/command/secret", test_secret);
  g_test_add_func ("/command/background", test_background);
  g_test_add_func ("/command/none", test_no_secret);
  g_test_add_func ("/command/cancelled", test_cancelled);
  g_test_add_func ("/sendmail/sent", test_sendmail);
  g_test_add_func ("/sendmail/fails", test_sendmail_fails);
  g_test_add_func ("/sendmail/reads-little", test_sendmail_reads_little);
  g_test_add_func ("/sendmail/outlives-us", test_sendmail_outlives_us);
  g_test_add_func ("/sendmail/configuration", test_sendmail_configuration);
  g_test_add_func ("/account/servers", test_servers);
  g_test_add_func ("/account/check", test_account);
  return g_test_run ();
}
