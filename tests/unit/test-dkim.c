/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The parts of the DKIM verifier: tag lists, signatures, canonicalization. The keys are in test-dkim-key. */

#include "base/error.h"
#include "mail/dkim.h"
#include "mail-text.h"

#define BH "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;"
#define TAGS "v=1; a=rsa-sha256; d=ca.test; s=x; h=from; " BH " b=AAAA"

static McDkimSignature *
parse (const char *value)
{
  g_autoptr (GError) error = NULL;
  McDkimSignature *signature = mc_dkim_signature_parse (value, strlen (value), &error);

  g_test_message ("%s", value);
  g_assert_no_error (error);
  return signature;
}

/* RFC 8463 appendix A, the mail with both kinds of signatures. */
static void
test_rfc8463 (void)
{
  static const char *const records[] = {
      "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
      "v=DKIM1; k=rsa; "
      "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi"
      "0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w"
      "3QIDAQAB",
  };
  static const char *const names[] = {"brisbane._domainkey.football.example.com",
                                      "test._domainkey.football.example.com"};
  g_autofree char *path = g_build_filename (g_getenv ("MC_TEST_DATA"), "mail", "rfc8463.eml", NULL);
  g_autofree char *text = NULL;
  g_autoptr (McMessage) mail = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  mail = mail_from_text (text);
  for (guint i = 0; i < 2; i++) {
    const McField *field = &mail->fields[i];
    g_autoptr (GError) error = NULL;
    g_autoptr (McDkimSignature) signature =
        mc_dkim_signature_parse (mail->data + field->value, field->value_end - field->value, &error);
    g_autoptr (McDkimKey) key = mc_dkim_key_parse (records[i], strlen (records[i]), &error);
    g_autofree char *name = mc_dkim_signature_key_name (signature);
    guint8 digest[32];
    const char *detail = NULL;

    g_assert_no_error (error);
    g_assert_cmpstr (name, ==, names[i]);
    mc_dkim_body_digest (signature, mail, digest);
    g_assert_cmpmem (digest, 32, signature->body_hash, 32);
    mc_dkim_header_digest (signature, mail, field, digest);
    g_assert_cmpint (mc_dkim_verify (signature, key, digest, &detail), ==, MC_VERDICT_AUTHENTIC);
    digest[0] ^= 1;
    g_assert_cmpint (mc_dkim_verify (signature, key, digest, &detail), ==, MC_VERDICT_DKIM_FAIL);
  }
}

static void
test_signature_values (void)
{
  g_autoptr (McDkimSignature) plain = parse (TAGS);
  g_autoptr (McDkimSignature) full =
      parse (" v = 1 ; a=ed25519-sha256;c=relaxed/relaxed;\r\n\td=CA.Test; s=A.b_c; i=x@y@Mail.CA.test; t=5; x=7; l=3;"
             " q=dns/txt:x;\r\n h=From : to\r\n :Subject;" BH "b= AA\r\n AA ; z=a|b;\r\n ");
  g_autoptr (McDkimSignature) idn = parse ("v=1; a=rsa-sha256; d=b\303\274cher.test; s=x; h=from; " BH " b=AAAA");

  g_assert_cmpint (plain->algorithm, ==, MC_DKIM_RSA_SHA256);
  g_assert_false (plain->header_relaxed || plain->body_relaxed || plain->has_length);
  g_assert_cmpint (plain->expires, ==, 0);
  g_assert_cmpstr (plain->identity_domain, ==, "ca.test");
  g_assert_cmpint (full->algorithm, ==, MC_DKIM_ED25519_SHA256);
  g_assert_true (full->header_relaxed && full->body_relaxed && full->has_length);
  g_assert_cmpstr (full->domain, ==, "ca.test");
  g_assert_cmpstr (full->selector, ==, "a.b_c");
  g_assert_cmpstr (full->identity_domain, ==, "mail.ca.test");
  g_assert_cmpint (full->expires, ==, 7);
  g_assert_cmpuint (full->n_fields, ==, 3);
  g_assert_cmpstr (full->fields[1], ==, "to");
  g_assert_cmpuint (full->b_end - full->b_start, ==, strlen (" AA\r\n AA "));
  g_assert_cmpuint (g_bytes_get_size (full->signature), ==, 3);
  g_assert_cmpstr (idn->domain, ==, "xn--bcher-kva.test");
}

static const char *const refused[] = {
    "",
    ";",
    "garbled",
    TAGS "; ; ",
    TAGS ";; y=1",
    "v=1",
    TAGS "; v=1",
    TAGS "; 1x=2",
    TAGS "; =2",
    TAGS "; y-y=2",
    "v=2; a=rsa-sha256; d=ca.test; s=x; h=from; " BH " b=AAAA",
    "a=rsa-sha256; d=ca.test; s=x; h=from; " BH " b=AAAA",
    "v=1; a=rsa-md5; d=ca.test; s=x; h=from; " BH " b=AAAA",
    "v=1; d=ca.test; s=x; h=from; " BH " b=AAAA",
    "v=1; a=rsa-sha256; s=x; h=from; " BH " b=AAAA",
    "v=1; a=rsa-sha256; d=ca.test; h=from; " BH " b=AAAA",
    "v=1; a=rsa-sha256; d=ca.test; s=x; " BH " b=AAAA",
    "v=1; a=rsa-sha256; d=ca.test; s=x; h=; " BH " b=AAAA",
    "v=1; a=rsa-sha256; d=ca.test; s=x; h=from:; " BH " b=AAAA",
    "v=1; a=rsa-sha256; d=ca.test; s=x; h=fr om; " BH " b=AAAA",
    "v=1; a=rsa-sha256; d=ca.test; s=x; h=from; b=AAAA",
    "v=1; a=rsa-sha256; d=ca.test; s=x; h=from; bh=AAAA; b=AAAA",
    "v=1; a=rsa-sha256; d=ca.test; s=x; h=from; " BH,
    "v=1; a=rsa-sha256; d=ca.test; s=x; h=from; " BH " b=",
    "v=1; a=rsa-sha256; d=ca.test; s=x; h=from; " BH " b=A",
    "v=1; a=rsa-sha256; d=ca.test; s=x; h=from; " BH " b=AA=A",
    "v=1; a=rsa-sha256; d=ca.test; s=x; h=from; " BH " b=AA-_",
    "v=1; a=rsa-sha256; d=ca..test; s=x; h=from; " BH " b=AAAA",
    "v=1; a=rsa-sha256; d=ca.test; s=x*; h=from; " BH " b=AAAA",
    "v=1; a=rsa-sha256; d=ca .test; s=x; h=from; " BH " b=AAAA",
    TAGS "; c=simple/",
    TAGS "; c=nofws",
    TAGS "; c=relaxed/relaxed/relaxed",
    TAGS "; i=ca.test",
    TAGS "; i=@xca.test",
    TAGS "; i=@test",
    TAGS "; i=",
    TAGS "; q=dns",
    TAGS "; l=x",
    TAGS "; l=",
    TAGS "; t=-1",
    TAGS "; x=0",
    TAGS "; t=5; x=5",
    TAGS "; x=12345678901234567890123456789012345678901234567890123456789012345678901234567",
};

static void
test_signatures_refused (void)
{
  g_autofree char *label = g_strnfill (63, 'a');
  g_autofree char *long_name =
      g_strdup_printf ("v=1; a=rsa-sha256; d=%s.%s.%s; s=%s; h=from; " BH " b=AAAA", label, label, label, label);
  g_autoptr (GString) many = g_string_new ("v=1; a=rsa-sha256; d=ca.test; s=x; " BH " b=AAAA; h=from");

  for (guint i = 0; i < 128; i++)
    g_string_append (many, ":x");
  g_assert_null (mc_dkim_signature_parse (many->str, many->len, NULL));
  g_assert_null (mc_dkim_signature_parse (long_name, strlen (long_name), NULL));
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", refused[i]);
    g_assert_null (mc_dkim_signature_parse (refused[i], strlen (refused[i]), &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
  }
}

/* An expiry too far away to count is none that has passed. */
static void
test_expiry_without_end (void)
{
  g_autoptr (McDkimSignature) signature = parse (TAGS "; x=1234567890123");

  g_assert_cmpint (signature->expires, ==, G_MAXINT64);
}

static void
check_digest (const guint8 digest[32], const char *canonical)
{
  g_autofree char *expected = g_compute_checksum_for_string (G_CHECKSUM_SHA256, canonical, -1);

  for (guint i = 0; i < 32; i++)
    g_assert_cmphex (digest[i], ==,
                     (guint)(g_ascii_xdigit_value (expected[2 * i]) << 4 | g_ascii_xdigit_value (expected[2 * i + 1])));
}

static void
test_bodies (void)
{
  static const struct {
    const char *body;
    const char *simple;
    const char *relaxed;
  } rows[] = {
      {" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"}, /* RFC 6376 3.4.5 */
      {"", "\r\n", ""},
      {"\r\n", "\r\n", ""},
      {"\r\n\r\n", "\r\n", ""},
      {" \r\n\t", " \r\n\t\r\n", ""},
      {"a", "a\r\n", "a\r\n"},
      {"a\r\n", "a\r\n", "a\r\n"},
      {"a \r\n", "a \r\n", "a\r\n"},
      {"\r\na", "\r\na\r\n", "\r\na\r\n"},
      {"a\r\n \r\n", "a\r\n \r\n", "a\r\n"},
      {"a\r\n \r\nb", "a\r\n \r\nb\r\n", "a\r\n\r\nb\r\n"},
      {"\ta  b\tc d", "\ta  b\tc d\r\n", " a b c d\r\n"},
      {"a \t\r\n\t b", "a \t\r\n\t b\r\n", "a\r\n b\r\n"},
  };
  g_autoptr (McDkimSignature) signature = parse (TAGS);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strconcat ("A: b\r\n\r\n", rows[i].body, NULL);
    g_autoptr (McMessage) mail = mail_from_text (text);
    guint8 digest[32];

    g_test_message ("row %u", i);
    signature->body_relaxed = FALSE;
    mc_dkim_body_digest (signature, mail, digest);
    check_digest (digest, rows[i].simple);
    signature->body_relaxed = TRUE;
    mc_dkim_body_digest (signature, mail, digest);
    check_digest (digest, rows[i].relaxed);
  }
}

/* The signature stands lowest, below two A and a B. */
static void
check_header (const char *value, const char *canonical)
{
  g_autofree char *text =
      g_strconcat ("A: one \r\nB \t:\tY\t\r\n\tZ  \r\na:  two\r\nDKIM-Signature:", value, "\r\n\r\n", NULL);
  g_autoptr (McMessage) mail = mail_from_text (text);
  g_autoptr (McDkimSignature) signature = parse (value);
  guint8 digest[32];

  mc_dkim_header_digest (signature, mail, &mail->fields[3], digest);
  check_digest (digest, canonical);
}

#define R "v=1; a=rsa-sha256; d=c.d; s=x; c=relaxed; " BH

static void
test_headers (void)
{
  check_header (R " h=B; b=AAAA", "b:Y Z\r\ndkim-signature:" R " h=B; b=");
  check_header (R " h=b:a; b=AAAA", "b:Y Z\r\na:two\r\ndkim-signature:" R " h=b:a; b=");
  check_header (R " h=a:B:A:a:x; b=AAAA", "a:two\r\nb:Y Z\r\na:one\r\ndkim-signature:" R " h=a:B:A:a:x; b=");
  check_header ("  h=b;\r\n\tb= AA\r\n AA ; " R " ", "b:Y Z\r\ndkim-signature:h=b; b=; " R);
  check_header (R " b=AAAA;h=x", "dkim-signature:" R " b=;h=x");
  check_header (R " h=dkim-signature; b=AAAA", "dkim-signature:" R " h=dkim-signature; b=");
}

#define S "v=1; a=rsa-sha256; d=c.d; s=x; " BH

static void
test_headers_simple (void)
{
  check_header (" " S " h=B; b=AAAA", "B \t:\tY\t\r\n\tZ  \r\nDKIM-Signature: " S " h=B; b=");
  check_header (S " h=A:a; b= A\r\n AAA ; c=simple/relaxed\r\n ",
                "a:  two\r\nA: one \r\nDKIM-Signature:" S " h=A:a; b=; c=simple/relaxed\r\n ");
}

static void
test_missing_fields (void)
{
  g_autoptr (McMessage) mail = mail_from_text ("From: a\r\nReply-To: b\r\nX: y\r\n\r\n");
  g_autoptr (McDkimSignature) needed = parse (R " h=FROM:to:subject:message-id:date:auto-submitted; b=AAAA");
  g_autoptr (McDkimSignature) present = parse (R " h=From:to:subject:message-id:date:auto-submitted:reply-to; b=AAAA");
  g_autoptr (McDkimSignature) all =
      parse (R " h=from:to:subject:message-id:date:auto-submitted:reply-to:sender:cc:in-reply-to:references:"
               "content-type:content-transfer-encoding; b=AAAA");
  g_autoptr (McDkimSignature) bare = parse (R " h=reply-to; b=AAAA");

  g_assert_cmpstr (mc_dkim_missing_field (needed, mail, MC_DKIM_HEADERS_PRESENT), ==, "Reply-To");
  g_assert_cmpstr (mc_dkim_missing_field (present, mail, MC_DKIM_HEADERS_PRESENT), ==, NULL);
  g_assert_cmpstr (mc_dkim_missing_field (present, mail, MC_DKIM_HEADERS_STRICT), ==, "Sender");
  g_assert_cmpstr (mc_dkim_missing_field (all, mail, MC_DKIM_HEADERS_STRICT), ==, NULL);
  g_assert_cmpstr (mc_dkim_missing_field (bare, mail, MC_DKIM_HEADERS_PRESENT), ==, "From");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dkim/rfc8463", test_rfc8463);
  g_test_add_func ("/dkim/signature-values", test_signature_values);
  g_test_add_func ("/dkim/signatures-refused", test_signatures_refused);
  g_test_add_func ("/dkim/expiry-without-end", test_expiry_without_end);
  g_test_add_func ("/dkim/bodies", test_bodies);
  g_test_add_func ("/dkim/headers", test_headers);
  g_test_add_func ("/dkim/headers-simple", test_headers_simple);
  g_test_add_func ("/dkim/missing-fields", test_missing_fields);
  return g_test_run ();
}
