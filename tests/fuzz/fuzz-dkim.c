/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two lines: a DKIM-Signature value and a key record; the signature is then verified with that key over a small mail.
 */

#include "mail/dkim.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
verify (const McDkimSignature *signature, const McDkimKey *key)
{
  static const char text[] = "From: a@b\r\nTo: c\r\n d\r\n\r\na  b \r\n\r\n";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, sizeof text - 1);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  const char *detail = NULL;
  guint8 digest[32];
  g_autofree char *name = mc_dkim_signature_key_name (signature);

  g_assert_cmpuint (strlen (name), <=, 253);
  mc_dkim_missing_field (signature, mail, MC_DKIM_HEADERS_STRICT);
  mc_dkim_body_digest (signature, mail, digest);
  if (key != NULL) {
    mc_dkim_verify (signature, key, digest, &detail);
    g_assert_nonnull (detail);
  }
}

/* The header digest wants the very field that the signature came from. */
static void
digest_own_field (const char *value, gsize length)
{
  g_autofree char *text = g_strdup_printf ("From: a@b\r\nDKIM-Signature:%.*s\r\n\r\n", (int)length, value);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  const McField *field = mc_message_find (mail, "DKIM-Signature");
  g_autoptr (McDkimSignature) signature = NULL;
  guint8 digest[32];

  if (field == NULL)
    return;
  signature = mc_dkim_signature_parse (mail->data + field->value, field->value_end - field->value, NULL);
  if (signature != NULL)
    mc_dkim_header_digest (signature, mail, field, digest);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *value = (const char *)data;
  const char *line_end = size > 0 ? memchr (data, '\n', size) : NULL;
  gsize length = line_end == NULL ? size : (gsize)(line_end - value);
  g_autoptr (McDkimSignature) signature = mc_dkim_signature_parse (value, length, NULL);
  g_autoptr (McDkimKey) key = line_end == NULL ? NULL : mc_dkim_key_parse (line_end + 1, size - length - 1, NULL);

  if (signature != NULL) {
    verify (signature, key);
    digest_own_field (value, length);
  }
  return 0;
}
