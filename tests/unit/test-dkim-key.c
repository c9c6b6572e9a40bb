/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* DKIM key records, and the public keys in them. Good keys are in test-dkim and test-authenticity. */

#include "base/error.h"
#include "mail/dkim.h"

#include <string.h>

static void
test_key_records (void)
{
  static const struct {
    const char *record;
    int error; /* -1: none */
  } rows[] = {
      {"p=AAAA", -1},
      {"v=DKIM1;p=AAAA;", -1},
      {" v=DKIM1 ; k=rsa; h=sha1:sha256; s=*; t=s:y; n=x y; p= AA\t AA ; q=unknown", -1},
      {"v=DKIM1; k=ed25519; s=email:x; p=AAAA", -1},
      {"v=DKIM1; p=", -1},
      {"", MC_ERROR_MALFORMED},
      {"v=DKIM1", MC_ERROR_MALFORMED},
      {"v=spf1 -all", MC_ERROR_MALFORMED},
      {"hello", MC_ERROR_MALFORMED},
      {"k=rsa; v=DKIM1; p=AAAA", MC_ERROR_MALFORMED},
      {"v=DKIM2; p=AAAA", MC_ERROR_MALFORMED},
      {"v=DKIM1:x; p=AAAA", MC_ERROR_MALFORMED},
      {"v=DKIM1; p=A", MC_ERROR_MALFORMED},
      {"v=DKIM1; p=AAAA; p=AAAA", MC_ERROR_MALFORMED},
      {"v=DKIM1; k=dsa; p=AAAA", MC_ERROR_REFUSED},
      {"v=DKIM1; h=sha1; p=AAAA", MC_ERROR_REFUSED},
      {"v=DKIM1; s=tlsrpt; p=AAAA", MC_ERROR_REFUSED},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (McDkimKey) key = mc_dkim_key_parse (rows[i].record, strlen (rows[i].record), &error);

    g_test_message ("%s", rows[i].record);
    if (rows[i].error < 0)
      g_assert_no_error (error);
    else
      g_assert_error (error, MC_ERROR, rows[i].error);
    g_assert_true ((key != NULL) == (rows[i].error < 0));
  }
}

/* GBytes without octets point nowhere. */
static void
test_empty_record (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mc_dkim_key_parse (NULL, 0, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
}

static void
test_key_flags (void)
{
  const char *record = "v=DKIM1; t=y : s; k=ed25519; p=";
  g_autoptr (McDkimKey) key = mc_dkim_key_parse (record, strlen (record), NULL);

  g_assert_true (key->testing && key->strict_identity && key->ed25519);
  g_assert_null (key->key);
}

/* DER of a key by its numbers; HEX is what stands for n and e. */
static McVerdictCode
verify_with (const char *hex)
{
  const char *value =
      "v=1; a=rsa-sha256; d=ca.test; s=x; h=from; b=AAAA; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=";
  g_autoptr (McDkimSignature) signature = mc_dkim_signature_parse (value, strlen (value), NULL);
  McDkimKey key = {0};
  guint8 digest[32] = {0};
  gsize length = strlen (hex) / 2;
  guint8 *bytes = g_malloc (length);
  const char *detail = NULL;
  McVerdictCode code;

  for (gsize i = 0; i < length; i++)
    bytes[i] = (guint8)(g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  key.key = g_bytes_new_take (bytes, length);
  code = mc_dkim_verify (signature, &key, digest, &detail);
  g_assert_nonnull (detail);
  g_bytes_unref (key.key);
  return code;
}

/* "30 82 len 02 82 len 00? n.. 02 len e" with an n of OCTETS octets that begins with FIRST and ends with LAST. */
static char *
rsa_hex (guint octets, guint first, guint last, const char *e, const char *tail)
{
  g_autofree char *middle = g_strnfill ((octets - 2) * 2, 'a');
  gboolean sign = first >= 0x80;
  guint n = octets + (sign ? 1 : 0);
  guint e_length = (guint)strlen (e) / 2;

  return g_strdup_printf ("3082%04x0282%04x%s%02x%s%02x02%02x%s%s", n + 4 + 2 + e_length, n, sign ? "00" : "", first,
                          middle, last, e_length, e, tail);
}

static void
check_rsa (guint octets, guint first, guint last, const char *e, const char *tail, McVerdictCode code)
{
  g_autofree char *hex = rsa_hex (octets, first, last, e, tail);

  g_test_message ("%u %02x %02x %s %s", octets, first, last, e, tail);
  g_assert_cmpstr (mc_verdict_name (verify_with (hex)), ==, mc_verdict_name (code));
}

static void
test_rsa_keys (void)
{
  check_rsa (128, 0x80, 0x01, "010001", "", MC_VERDICT_DKIM_FAIL); /* the key is fine, the signature is not */
  check_rsa (128, 0x7f, 0x01, "010001", "", MC_VERDICT_DKIM_WEAK); /* 1023 bits */
  check_rsa (64, 0xff, 0x01, "010001", "", MC_VERDICT_DKIM_WEAK);
  check_rsa (1024, 0xff, 0x01, "010001", "", MC_VERDICT_DKIM_FAIL);
  check_rsa (1025, 0x01, 0x01, "010001", "", MC_VERDICT_DKIM_KEY);
  check_rsa (128, 0x80, 0x02, "010001", "", MC_VERDICT_DKIM_KEY);
  check_rsa (128, 0x80, 0x01, "01", "", MC_VERDICT_DKIM_KEY);
  check_rsa (128, 0x80, 0x01, "02", "", MC_VERDICT_DKIM_KEY);
  check_rsa (128, 0x80, 0x01, "00", "", MC_VERDICT_DKIM_KEY);
  check_rsa (128, 0x80, 0x01, "83", "", MC_VERDICT_DKIM_KEY); /* negative */
  check_rsa (128, 0x80, 0x01, "010000000000000001", "", MC_VERDICT_DKIM_KEY);
  check_rsa (128, 0x80, 0x01, "010001", "00", MC_VERDICT_DKIM_KEY); /* something behind it */
}

/* SubjectPublicKeyInfo around a good key; each argument is one of its parts. */
static void
check_info (const char *oid, const char *unused, const char *behind_bits, const char *behind, McVerdictCode code)
{
  g_autofree char *key = rsa_hex (128, 0x80, 0x01, "010001", "");
  g_autofree char *bits = g_strdup_printf ("0382%04x%s%s%s", (guint)strlen (key) / 2 + 1, unused, key, behind_bits);
  g_autofree char *info = g_strdup_printf ("300d%s0500%s", oid, bits);
  g_autofree char *hex = g_strdup_printf ("3082%04x%s%s", (guint)strlen (info) / 2, info, behind);

  g_test_message ("%s %s %s %s", oid, unused, behind_bits, behind);
  g_assert_cmpstr (mc_verdict_name (verify_with (hex)), ==, mc_verdict_name (code));
}

static void
test_key_infos (void)
{
  const char *rsa = "06092a864886f70d010101";

  check_info (rsa, "00", "", "", MC_VERDICT_DKIM_FAIL);                     /* the key is fine, the signature is not */
  check_info ("06092a864886f70d01010a", "00", "", "", MC_VERDICT_DKIM_KEY); /* RSASSA-PSS */
  check_info (rsa, "01", "", "", MC_VERDICT_DKIM_KEY);
  check_info (rsa, "00", "0500", "", MC_VERDICT_DKIM_KEY);
  check_info (rsa, "00", "", "00", MC_VERDICT_DKIM_KEY);
  check_info (rsa, "00", "", "0500", MC_VERDICT_DKIM_KEY);
}

static void
test_broken_keys (void)
{
  static const char *const keys[] = {
      "",
      "30",
      "3000",
      "3080",
      "30820001",
      "3003020101",
      "30060201030201",
      "30060200020103",
      "020101",
      "30830000010203",
      "30818002",
      "30050201030201",
      "3009300706052b0000000003",
      "300f300d06092a864886f70d0101010500",
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_test_message ("%s", keys[i]);
    g_assert_cmpstr (mc_verdict_name (verify_with (keys[i])), ==, "dkim-key");
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dkim-key/records", test_key_records);
  g_test_add_func ("/dkim-key/empty", test_empty_record);
  g_test_add_func ("/dkim-key/flags", test_key_flags);
  g_test_add_func ("/dkim-key/rsa", test_rsa_keys);
  g_test_add_func ("/dkim-key/infos", test_key_infos);
  g_test_add_func ("/dkim-key/broken", test_broken_keys);
  return g_test_run ();
}
