/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/dkim.h"

#include "base/cleanup.h"

#include <string.h>

/* Canonicalization (RFC 6376 3.4). The bodies are hashed where they lie; McMessage has CR only in CRLF. */

static const char crlf[2] = "\r\n";

/* EVP_sha256 () names an algorithm that is looked up at each use: two look-ups a mail, as dear as the hashing. NULL
 * makes every digest nought, which no signature is about. */
static const EVP_MD *
sha256 (void)
{
  static const EVP_MD *kept = NULL;
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    kept = EVP_MD_fetch (NULL, "SHA256", NULL);
    g_once_init_leave (&once, 1);
  }
  return kept;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static void
digest_simple_body (EVP_MD_CTX *context, const char *body, gsize length)
{
  while (length >= 2 && body[length - 1] == '\n')
    length -= 2;
  EVP_DigestUpdate (context, body, length);
  EVP_DigestUpdate (context, crlf, sizeof crlf);
}

/* Runs of blanks become one space, those before a line end nothing; empty lines at the end go. */
static void
digest_relaxed_body (EVP_MD_CTX *context, const char *body, gsize length)
{
  const char *end = body + length;
  const char *run = body; /* what has not been hashed yet and needs no change */

  while (end > body && (is_blank (end[-1]) || end[-1] == '\r' || end[-1] == '\n'))
    end--;
  if (end == body)
    return;
  for (const char *p = body; p < end; p++) {
    const char *blanks = p;

    if (!is_blank (*p))
      continue;
    while (is_blank (p[1])) /* ends before END, which no blank precedes */
      p++;
    if (p == blanks && *p == ' ' && p[1] != '\r')
      continue;
    EVP_DigestUpdate (context, run, (gsize)(blanks - run));
    if (p[1] != '\r')
      EVP_DigestUpdate (context, " ", 1);
    run = p + 1;
  }
  EVP_DigestUpdate (context, run, (gsize)(end - run));
  EVP_DigestUpdate (context, crlf, sizeof crlf);
}

void
mc_dkim_body_digest (const McDkimSignature *signature, const McMessage *mail, guint8 digest[32])
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();

  memset (digest, 0, 32);
  if (EVP_DigestInit_ex (context, sha256 (), NULL) != 1)
    return;
  (signature->body_relaxed ? digest_relaxed_body : digest_simple_body) (context, mail->data + mail->body,
                                                                        mail->length - mail->body);
  EVP_DigestFinal_ex (context, digest, NULL);
}

/* What is hashed of the header: never more than there is in the mail, for no field is taken twice. */
typedef struct {
  char *start;
  char *end;
} Canonical;

static void
append (Canonical *out, const char *start, const char *end)
{
  memcpy (out->end, start, (gsize)(end - start));
  out->end += end - start;
}

/* Relaxed: [START, END) of a value unfolded, runs of blanks as one space; none in front, and none at the end. */
static void
append_relaxed (Canonical *out, const char *start, const char *end, gboolean first)
{
  char *to = out->end;
  gboolean blank = FALSE;

  for (const char *p = start; p < end; p++) {
    if (is_blank (*p) || *p == '\r' || *p == '\n') {
      blank = TRUE;
      continue;
    }
    if (blank && !first)
      *to++ = ' ';
    *to++ = *p;
    blank = FALSE;
    first = FALSE;
  }
  out->end = to;
}

/* FIELD without its CRLF, and without [cut, cut_end) of its bytes. */
static void
append_field (Canonical *out, const McMessage *mail, const McField *field, gboolean relaxed, gsize cut, gsize cut_end)
{
  const char *data = mail->data;

  if (!relaxed) {
    append (out, data + field->start, data + cut);
    append (out, data + cut_end, data + field->value_end);
    return;
  }
  for (guint i = 0; i < field->name_length; i++)
    *out->end++ = g_ascii_tolower (data[field->start + i]);
  *out->end++ = ':';
  append_relaxed (out, data + field->value, data + cut, TRUE);
  append_relaxed (out, data + cut_end, data + field->value_end, FALSE);
}

/* The one of NAME's fields that BELOW others of them stand under; SELF, the signature, is none of them (3.7). */
static const McField *
find_from_below (const McMessage *mail, const char *name, guint below, const McField *self)
{
  for (guint i = mail->n_fields; i > 0; i--) {
    const McField *field = &mail->fields[i - 1];

    if (field != self && mc_message_field_is (mail, field, name) && below-- == 0)
      return field;
  }
  return NULL;
}

void
mc_dkim_header_digest (const McDkimSignature *signature, const McMessage *mail, const McField *field, guint8 digest[32])
{
  g_autofree char *buffer = g_malloc (mail->length);
  Canonical out = {buffer, buffer};

  for (guint i = 0; i < signature->n_fields; i++) {
    const McField *covered;
    guint below = 0;

    for (guint j = 0; j < i; j++)
      below += g_ascii_strcasecmp (signature->fields[j], signature->fields[i]) == 0 ? 1 : 0;
    covered = find_from_below (mail, signature->fields[i], below, field);
    if (covered == NULL) /* named but absent: hashed as nothing (oversigning) */
      continue;
    append_field (&out, mail, covered, signature->header_relaxed, covered->value_end, covered->value_end);
    append (&out, crlf, crlf + sizeof crlf);
  }
  append_field (&out, mail, field, signature->header_relaxed, field->value + signature->b_start,
                field->value + signature->b_end);
  memset (digest, 0, 32);
  EVP_Digest (out.start, (gsize)(out.end - out.start), digest, NULL, sha256 (), NULL);
}
