/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "net-server.h"
#include "net/submission.h"

#include <signal.h>
#include <string.h>

#define MAIL                                                                                                           \
  "From: alice@example.test\r\nTo: ca@ca.test\r\nSubject: Re: ACME: x\r\n\r\n-----BEGIN ACME RESPONSE-----\r\n.\r\n"   \
  "..dots\r\n-----END ACME RESPONSE-----\r\n"

static const char *const to_ca[] = {"ca@ca.test", NULL};

static McMailAccount *
account_new (McTestServer *server, const char *scheme)
{
  McMailAccount *account = mc_mail_account_new ("alice@example.test");

  account->smtp = g_strdup_printf ("%s://localhost:%u", scheme, mc_test_server_port (server, "smtp"));
  account->password_command = g_strdup ("echo geheim");
  account->tls_ca_file = mc_test_pki_file ("ca.pem");
  return account;
}

static McSendOutcome
send_mail (const McMailAccount *account, const char *from, const char *const *to, const char *mail, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (mail, strlen (mail));

  return mc_smtp_send (account, from, to, bytes, NULL, error);
}

static char *
received (McTestServer *server)
{
  g_autofree char *event = mc_test_server_expect (server, "mail");
  gsize size;
  g_autofree guchar *bytes = g_base64_decode (event + 5, &size);

  return g_strndup ((char *)bytes, size);
}

static void
sent_by (const char *scheme, const char *first, const char *second, const char *event)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("smtp-server.py", first, second, NULL);
  g_autoptr (McMailAccount) account = account_new (server, scheme);
  g_autoptr (GError) error = NULL;
  g_autofree char *mail = NULL;
  McSendOutcome outcome = send_mail (account, "alice@example.test", to_ca, MAIL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (outcome, ==, MC_SEND_SENT);
  mail = received (server);
  g_assert_cmpstr (mail, ==, MAIL); /* to the byte */
  g_assert_true (mc_test_server_saw (server, event));
  g_assert_true (mc_test_server_saw (server, "command MAIL FROM:<alice@example.test> SIZE=137"));
  g_assert_true (mc_test_server_saw (server, "command RCPT TO:<ca@ca.test>"));
  g_assert_false (mc_test_server_saw (server, "password-in-the-clear"));
  g_assert_false (mc_test_server_saw (server, "client-certificate"));
}

static void
test_sent (void)
{
  g_assert_cmpuint (strlen (MAIL), ==, 137);
  sent_by ("smtps", "tls=implicit", NULL, "auth PLAIN good");
  sent_by ("smtp", "tls=starttls", NULL, "auth PLAIN good");
  sent_by ("smtps", "auth=LOGIN", NULL, "auth LOGIN good");
  sent_by ("smtps", "auth=LOGIN", "tab", "auth LOGIN good");
  sent_by ("smtps", "auth=SCRAM-SHA-256", NULL, "auth SCRAM-SHA-256 good");
}

static void
test_token (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("smtp-server.py", "auth=PLAIN,XOAUTH2", "token=t0k3n", NULL);
  g_autoptr (McMailAccount) account = account_new (server, "smtps");
  g_autoptr (McMailAccount) stale = account_new (server, "smtps");
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refused = NULL;

  account->oauth_command = g_strdup ("echo t0k3n");
  g_assert_true (mc_smtp_check (account, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (mc_test_server_saw (server, "auth XOAUTH2 good"));
  stale->oauth_command = g_strdup ("echo geheimes-token");
  g_assert_false (mc_smtp_check (stale, NULL, &refused));
  g_assert_error (refused, MC_ERROR, MC_ERROR_LOGIN);
}

/* 513 octets are libetpan's own limit. */
static void
test_long_password (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("smtp-server.py", "long", NULL);
  g_autoptr (McMailAccount) account = account_new (server, "smtps");
  g_autoptr (GError) error = NULL;

  g_free (account->password_command);
  account->password_command = g_strdup ("for i in $(seq 100); do printf geheim; done");
  g_assert_true (mc_smtp_check (account, NULL, &error));
  g_assert_no_error (error);
}

static void
test_without_login (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("smtp-server.py", NULL);
  g_autoptr (McTestServer) open = mc_test_server_new ("smtp-server.py", "no-auth-needed", NULL);
  g_autoptr (McMailAccount) account = account_new (server, "smtps");
  g_autoptr (McMailAccount) fine = account_new (open, "smtps");
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) none = NULL;

  g_clear_pointer (&account->password_command, g_free);
  g_clear_pointer (&fine->password_command, g_free);
  g_assert_cmpint (send_mail (account, "alice@example.test", to_ca, MAIL, &error), ==, MC_SEND_NOT_SENT);
  g_assert_error (error, MC_ERROR, MC_ERROR_LOGIN);
  g_assert_cmpint (send_mail (fine, "alice@example.test", to_ca, MAIL, &none), ==, MC_SEND_SENT);
}

typedef struct {
  const char *scheme, *first, *second;
  McSendOutcome outcome;
  gint code;
  const char *words;
  gboolean handed_over;
} Failure;

/* T-32: which failure leaves the mail surely unsent. */
static const Failure failures[] = {
    {"smtps", "say=greeting:554", NULL, MC_SEND_NOT_SENT, MC_ERROR_REFUSED, "no  [1mto greeting", FALSE},
    {"smtps", "say=greeting:421", NULL, MC_SEND_NOT_SENT, MC_ERROR_LATER, "421", FALSE},
    {"smtps", "say=ehlo:421", NULL, MC_SEND_NOT_SENT, MC_ERROR_LATER, "421", FALSE},
    {"smtps", "say=auth:535", NULL, MC_SEND_NOT_SENT, MC_ERROR_LOGIN, "535", FALSE},
    {"smtps", "say=auth:454", NULL, MC_SEND_NOT_SENT, MC_ERROR_LATER, "454", FALSE},
    {"smtps", "say=mail:451", NULL, MC_SEND_NOT_SENT, MC_ERROR_LATER, "MAIL FROM: 451", FALSE},
    {"smtps", "say=mail:550", NULL, MC_SEND_REFUSED, MC_ERROR_REFUSED, "MAIL FROM: 550", FALSE},
    {"smtps", "say=rcpt:450", NULL, MC_SEND_NOT_SENT, MC_ERROR_LATER, "RCPT TO: 450", FALSE},
    {"smtps", "say=rcpt:550", NULL, MC_SEND_REFUSED, MC_ERROR_REFUSED, "RCPT TO: 550", FALSE},
    {"smtps", "say=data:451", NULL, MC_SEND_NOT_SENT, MC_ERROR_LATER, "DATA: 451", FALSE},
    {"smtps", "say=data:554", NULL, MC_SEND_REFUSED, MC_ERROR_REFUSED, "DATA: 554", FALSE},
    {"smtps", "say=data:250", NULL, MC_SEND_NOT_SENT, MC_ERROR_REFUSED, "DATA: 250", FALSE},
    {"smtps", "say=final:451", NULL, MC_SEND_NOT_SENT, MC_ERROR_LATER, "the mail: 451", TRUE},
    {"smtps", "say=final:554", NULL, MC_SEND_REFUSED, MC_ERROR_REFUSED, "the mail: 554", TRUE},
    {"smtps", "say=final:354", NULL, MC_SEND_UNKNOWN, MC_ERROR_REFUSED, "makes no sense", TRUE},
    {"smtps", "say=final:xyz", NULL, MC_SEND_UNKNOWN, MC_ERROR_MALFORMED, "does not speak SMTP", TRUE},
    {"smtps", "cut=final", NULL, MC_SEND_UNKNOWN, MC_ERROR_LATER, "no answer came", TRUE},
    {"smtps", "cut=greeting", NULL, MC_SEND_NOT_SENT, MC_ERROR_LATER, "closed", FALSE},
    {"smtps", "cut=mail", NULL, MC_SEND_NOT_SENT, MC_ERROR_LATER, "closed", FALSE},
    {"smtps", "cut=data", NULL, MC_SEND_NOT_SENT, MC_ERROR_LATER, "closed", FALSE},
    {"smtps", "endless", NULL, MC_SEND_NOT_SENT, MC_ERROR_MALFORMED, "more than 64 KiB", FALSE},
    {"smtps", "echo", NULL, MC_SEND_NOT_SENT, MC_ERROR_LOGIN, "repeated the secret", FALSE},
    {"smtps", "auth=GSSAPI", NULL, MC_SEND_NOT_SENT, MC_ERROR_LOGIN, "no way to log in", FALSE},
    {"smtps", "auth=SCRAM-SHA-256", "impostor", MC_SEND_NOT_SENT, MC_ERROR_LOGIN, "does not prove", FALSE},
    {"smtps", "cert=wrong", NULL, MC_SEND_NOT_SENT, MC_ERROR_TLS, "mail.elsewhere.test, not for localhost", FALSE},
    {"smtps", "cert=unknown", NULL, MC_SEND_NOT_SENT, MC_ERROR_TLS, "not trusted", FALSE},
    {"smtps", "tls=none", NULL, MC_SEND_NOT_SENT, MC_ERROR_TLS, "does not speak TLS", FALSE},
    {"smtp", "tls=starttls", "cert=unknown", MC_SEND_NOT_SENT, MC_ERROR_TLS, "not trusted", FALSE},
    {"smtp", "tls=starttls", "no-starttls", MC_SEND_NOT_SENT, MC_ERROR_TLS, "does not offer STARTTLS", FALSE},
    {"smtp", "tls=starttls", "say=starttls:454", MC_SEND_NOT_SENT, MC_ERROR_LATER, "454", FALSE},
    {"smtp", "tls=starttls", "inject", MC_SEND_NOT_SENT, MC_ERROR_TLS, "before TLS", FALSE},
    {"smtp", "tls=starttls", "cut=starttls", MC_SEND_NOT_SENT, MC_ERROR_LATER, "closed", FALSE},
};

static void
test_failures (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++) {
    const Failure *f = &failures[i];
    g_autoptr (McTestServer) server = mc_test_server_new ("smtp-server.py", f->first, f->second, NULL);
    g_autoptr (McMailAccount) account = account_new (server, f->scheme);
    g_autoptr (GError) error = NULL;
    McSendOutcome outcome = send_mail (account, "alice@example.test", to_ca, MAIL, &error);

    g_test_message ("%s %s: %s: %s", f->first, f->second, mc_send_outcome_name (outcome),
                    error != NULL ? error->message : "-");
    g_assert_cmpint (outcome, ==, f->outcome);
    g_assert_error (error, MC_ERROR, f->code);
    g_assert_nonnull (strstr (error->message, f->words));
    g_assert_null (strstr (error->message, "geheim"));
    g_assert_null (strchr (error->message, '\033'));
    g_assert_cmpint (mc_test_server_saw (server, "mail"), ==, f->handed_over);
    g_assert_false (mc_test_server_saw (server, "password-in-the-clear"));
  }
}

/* The connection breaks while a mail that fills every buffer on the way is being written: never an end of it. */
static void
test_cut_in_the_body (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("smtp-server.py", "cut=body", NULL);
  g_autoptr (McMailAccount) account = account_new (server, "smtps");
  g_autofree char *line = g_strnfill (70, 'x');
  g_autoptr (GString) mail = g_string_new ("Subject: large\r\n\r\n");
  g_autoptr (GError) error = NULL;

  while (mail->len < 16 * 1024 * 1024)
    g_string_append_printf (mail, "%s\r\n", line);
  g_assert_cmpint (send_mail (account, "alice@example.test", to_ca, mail->str, &error), ==, MC_SEND_NOT_SENT);
  g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
  g_assert_false (mc_test_server_saw (server, "mail"));
}

static void
test_line_ends (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("smtp-server.py", NULL);
  g_autoptr (McMailAccount) account = account_new (server, "smtps");
  g_autoptr (GError) error = NULL;
  g_autofree char *mail = NULL;

  /* A bare LF gets a mail bounced (T-28). */
  g_assert_cmpint (send_mail (account, "alice@example.test", to_ca, "Subject: x\n\nbody", &error), ==, MC_SEND_SENT);
  mail = received (server);
  g_assert_cmpstr (mail, ==, "Subject: x\r\n\r\nbody\r\n");
}

static void
test_addresses (void)
{
  static const char *const bad[] = {"a@b\r\nRCPT TO:<x@y>", "a b@c", "a@b>", "<a@b", "no-at", "@b", "a@", "-oX@b", ""};
  g_autoptr (McTestServer) server = mc_test_server_new ("smtp-server.py", NULL);
  g_autoptr (McMailAccount) account = account_new (server, "smtps");

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    const char *const to[] = {"ca@ca.test", bad[i], NULL};
    g_autoptr (GError) as_from = NULL;
    g_autoptr (GError) as_to = NULL;

    g_assert_cmpint (send_mail (account, bad[i], to_ca, MAIL, &as_from), ==, MC_SEND_NOT_SENT);
    g_assert_error (as_from, MC_ERROR, MC_ERROR_USAGE);
    g_assert_cmpint (send_mail (account, "alice@example.test", to, MAIL, &as_to), ==, MC_SEND_NOT_SENT);
    g_assert_error (as_to, MC_ERROR, MC_ERROR_USAGE);
  }
  g_assert_false (mc_test_server_saw (server, "connected"));
}

static void
test_utf8 (void)
{
  static const char *const both[] = {"größe@ca.test", "ca@ca.test", NULL};
  static const char *const domain[] = {"ca@bücher.test", NULL};
  g_autoptr (McTestServer) server = mc_test_server_new ("smtp-server.py", "utf8", NULL);
  g_autoptr (McTestServer) old = mc_test_server_new ("smtp-server.py", NULL);
  g_autoptr (McMailAccount) account = account_new (server, "smtps");
  g_autoptr (McMailAccount) without = account_new (old, "smtps");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (send_mail (account, "alice@example.test", both, MAIL, NULL), ==, MC_SEND_SENT);
  g_assert_true (mc_test_server_saw (server, "command MAIL FROM:<alice@example.test> SMTPUTF8 SIZE=137"));
  g_assert_true (mc_test_server_saw (server, "command RCPT TO:<größe@ca.test>"));
  g_assert_true (mc_test_server_saw (server, "command RCPT TO:<ca@ca.test>"));
  g_assert_cmpint (send_mail (without, "alice@example.test", both, MAIL, &error), ==, MC_SEND_REFUSED);
  g_assert_error (error, MC_ERROR, MC_ERROR_REFUSED);
  /* A domain has a form that every server knows. */
  g_assert_cmpint (send_mail (without, "alice@example.test", domain, MAIL, NULL), ==, MC_SEND_SENT);
  g_assert_true (mc_test_server_saw (old, "command RCPT TO:<ca@xn--bcher-kva.test>"));
  g_assert_cmpint (send_mail (without, "alice@example.test", to_ca, "Subject: x\r\n\r\nä\r\n", NULL), ==, MC_SEND_SENT);
  g_assert_true (mc_test_server_saw (old, "command MAIL FROM:<alice@example.test> BODY=8BITMIME SIZE=18"));
}

static void
test_users (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("smtp-server.py", NULL);
  g_autoptr (McMailAccount) account = account_new (server, "smtps");
  g_autoptr (McMailAccount) other = account_new (server, "smtps");
  g_autoptr (GError) error = NULL;

  account->user = g_strdup ("somebody-else");
  account->smtp_user = g_strdup ("alice@example.test");
  g_assert_true (mc_smtp_check (account, NULL, &error));
  g_assert_no_error (error);
  other->user = g_strdup ("somebody-else");
  g_assert_false (mc_smtp_check (other, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_LOGIN);
  g_assert_nonnull (strstr (error->message, "somebody-else"));
}

static void
test_cancelled (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("smtp-server.py", NULL);
  g_autoptr (McMailAccount) account = account_new (server, "smtps");
  g_autoptr (GCancellable) cancel = g_cancellable_new ();
  g_autoptr (GBytes) mail = g_bytes_new_static (MAIL, strlen (MAIL));
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancel);
  g_assert_cmpint (mc_smtp_send (account, "alice@example.test", to_ca, mail, cancel, &error), ==, MC_SEND_NOT_SENT);
  g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
}

static void
test_unreachable (void)
{
  g_autoptr (McMailAccount) account = mc_mail_account_new ("a@b.test");
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) unset = NULL;

  account->smtp = g_strdup ("smtps://localhost:1");
  g_assert_cmpint (send_mail (account, "a@b.test", to_ca, MAIL, &error), ==, MC_SEND_NOT_SENT);
  g_assert_error (error, MC_ERROR, MC_ERROR_LATER);
  g_clear_pointer (&account->smtp, g_free);
  g_assert_cmpint (send_mail (account, "a@b.test", to_ca, MAIL, &unset), ==, MC_SEND_NOT_SENT);
  g_assert_error (unset, MC_ERROR, MC_ERROR_CONFIG);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_DFL); /* a peer that has gone must not need anything else */
  g_test_add_func ("/smtp/sent", test_sent);
  g_test_add_func ("/smtp/token", test_token);
  g_test_add_func ("/smtp/long-password", test_long_password);
  g_test_add_func ("/smtp/without-login", test_without_login);
  g_test_add_func ("/smtp/failures", test_failures);
  g_test_add_func ("/smtp/cut-in-the-body", test_cut_in_the_body);
  g_test_add_func ("/smtp/line-ends", test_line_ends);
  g_test_add_func ("/smtp/addresses", test_addresses);
  g_test_add_func ("/smtp/utf8", test_utf8);
  g_test_add_func ("/smtp/users", test_users);
  g_test_add_func ("/smtp/cancelled", test_cancelled);
  g_test_add_func ("/smtp/unreachable", test_unreachable);
  return g_test_run ();
}
