/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme-data.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"
#include "pki/mail-name.h"

#include <openssl/err.h>
#include <string.h>

static char *
der_hex (const GENERAL_NAME *name)
{
  guint8 *der = NULL;
  int length = i2d_GENERAL_NAME ((GENERAL_NAME *)name, &der);
  GString *hex = g_string_new (NULL);

  for (int i = 0; i < length; i++)
    g_string_append_printf (hex, "%02x", der[i]);
  OPENSSL_free (der);
  return g_string_free (hex, FALSE);
}

static void
test_good (void)
{
  static const struct {
    const char *address;
    const char *text; /* as it stands in the certificate */
    gboolean is_mailbox;
  } cases[] = {
      {"alexey@example.com", "alexey@example.com", FALSE},
      {"Alexey.M+x@EXAMPLE.com", "Alexey.M+x@EXAMPLE.com", FALSE}, /* octet for octet (A18) */
      {"!#$%&'+-/=?^_`{|}~@example.com", "!#$%&'+-/=?^_`{|}~@example.com", FALSE},
      {"root@localhost", "root@localhost", FALSE},
      {"a@b\303\274cher.example", "a@xn--bcher-kva.example", FALSE},
      {"A@B\303\234CHER.Example", "A@xn--bcher-kva.example", FALSE},
      {"a@xn--bcher-kva.example", "a@xn--bcher-kva.example", FALSE},
      {"m\303\274ller@example.com", "m\303\274ller@example.com", TRUE},
      {"M\303\234ller@EXAMPLE.com", "M\303\234ller@example.com",
       TRUE}, /* domain in lower case (A72), local part kept (A74) */
      {"m\303\274ller@b\303\274cher.example", "m\303\274ller@xn--bcher-kva.example", TRUE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    GENERAL_NAME *name = mc_mail_name_compose (cases[i].address, &error);
    g_autofree char *text = NULL;

    g_assert_no_error (error);
    text = mc_mail_name_parse (name);
    g_assert_cmpstr (text, ==, cases[i].text);
    g_assert_cmpint (name->type, ==, cases[i].is_mailbox ? GEN_OTHERNAME : GEN_EMAIL);
    g_assert_true (mc_mail_name_is_mail (name));
    g_assert_true (mc_mail_name_equal (name, cases[i].address));
    g_assert_true (mc_mail_name_equal (name, cases[i].text));
    g_assert_false (mc_mail_name_equal (name, "someone@else.example"));
    g_assert_false (mc_mail_name_equal (name, "no address"));
    GENERAL_NAME_free (name);
  }
}

static const char *const bad[] = {"",
                                  "alexey",
                                  "@example.com",
                                  "alexey@",
                                  "a@b@example.com",
                                  "a b@example.com",
                                  "a@exam ple.com",
                                  "a@example.com ",
                                  "a@example.com\r\nBcc: b@example.com",
                                  "a\033[31m@example.com",
                                  "a\177@example.com",
                                  "a\302\205@example.com",     /* NEL */
                                  "a\302\240@example.com",     /* no-break space */
                                  "a\342\200\256@example.com", /* right-to-left override */
                                  "a\342\200\213@example.com", /* zero width space */
                                  "\357\273\277a@example.com", /* byte order mark (A73) */
                                  "a\377@example.com",
                                  "*@example.com",
                                  "a*b@example.com",
                                  "a@*.example.com",
                                  "\"a b\"@example.com",
                                  "\"a\"@example.com",
                                  "a\"@example.com",
                                  "a\\@example.com",
                                  "Alexey <a@example.com>",
                                  "<a@example.com>",
                                  "a(x)@example.com",
                                  "a,b@example.com",
                                  "a;b@example.com",
                                  "a:b@example.com",
                                  "a[b]@example.com",
                                  ".a@example.com",
                                  "a.@example.com",
                                  "a..b@example.com",
                                  "a@example..com",
                                  "a@.example.com",
                                  "a@example.com.",
                                  "a@-example.com",
                                  "a@example-.com",
                                  "a@exam_ple.com",
                                  "a@[127.0.0.1]",
                                  "a@example.com/x"};

static void
test_bad (void)
{
  g_autofree char *many = g_strnfill (65, 'x');
  g_autofree char *long_local = g_strconcat (many, "@example.com", NULL);
  g_autofree char *long_label = g_strconcat ("a@", many, ".example", NULL);
  g_autofree char *labels = g_strnfill (260, 'x');
  g_autofree char *huge = g_strnfill (100000, 'x');

  for (guint i = 63; i < 260; i += 64)
    labels[i] = '.';
  for (guint i = 0; i < G_N_ELEMENTS (bad) + 4; i++) {
    g_autofree char *long_domain = g_strconcat ("a@", labels, NULL);
    const char *const more[] = {long_local, long_label, long_domain, huge};
    const char *address = i < G_N_ELEMENTS (bad) ? bad[i] : more[i - G_N_ELEMENTS (bad)];
    g_autoptr (GError) error = NULL;

    g_assert_null (mc_mail_name_compose (address, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_USAGE);
    g_test_message ("%s", error->message);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    g_assert_null (strpbrk (error->message, "\r\n\033\177"));
    g_assert_cmpuint (ERR_peek_error (), ==, 0);
  }
}

/* RFC 9598 appendix B */
static void
test_vector (void)
{
  g_autoptr (GBytes) body = test_data_read ("vectors.json");
  g_autoptr (McJson) vectors = mc_json_parse (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL);
  g_autoptr (McJson) vector = mc_json_member (vectors, "smtp_utf8_mailbox");
  const char *text = mc_json_string_or (vector, "text", NULL);
  g_autoptr (GError) error = NULL;
  GENERAL_NAME *name;
  g_autofree char *hex = NULL;

  g_assert_nonnull (text);
  name = mc_mail_name_compose (text, &error);
  g_assert_no_error (error);
  hex = der_hex (name);
  g_assert_cmpstr (hex, ==, mc_json_string_or (vector, "general_name_der_hex", NULL));
  GENERAL_NAME_free (name);
}

/* A75: the same text in the other kind is another name. */
static void
test_kinds_differ (void)
{
  GENERAL_NAME *mailbox = mc_mail_name_compose ("m\303\274ller@example.com", NULL);
  GENERAL_NAME *plain = mc_mail_name_compose ("muller@example.com", NULL);
  ASN1_STRING *inner = mailbox->d.otherName->value->value.utf8string;

  g_assert_true (mc_mail_name_equal (plain, "muller@example.com"));
  ASN1_STRING_set (inner, "muller@example.com", -1);
  g_assert_false (mc_mail_name_equal (mailbox, "muller@example.com"));
  ASN1_STRING_set (plain->d.rfc822Name, "m\303\274ller@example.com", -1);
  g_assert_false (mc_mail_name_equal (plain, "m\303\274ller@example.com"));
  GENERAL_NAME_free (mailbox);
  GENERAL_NAME_free (plain);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mail-name/good", test_good);
  g_test_add_func ("/mail-name/bad", test_bad);
  g_test_add_func ("/mail-name/vector", test_vector);
  g_test_add_func ("/mail-name/kinds-differ", test_kinds_differ);
  return g_test_run ();
}
