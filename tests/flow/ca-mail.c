/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ca.h"

#include <string.h>

void
ca_send_mail (Ca *ca, CaAuthorization *a)
{
  if (a->mailed_at != 0)
    return;
  a->mailed_at = ca->now;
  ca->mail (ca->mail_self, a);
}

/* What the reply must say, reckoned here (A11, T-02). */
static char *
wanted_digest (const Ca *ca, const CaAuthorization *a)
{
  g_autofree char *token = NULL;
  g_autofree char *text = NULL;

  if (ca->plan.join == MC_TOKEN_JOIN_BYTES) {
    gsize length1, length2;
    g_autofree guint8 *part1 = ca_base64url_decode (a->part1, &length1);
    g_autofree guint8 *part2 = ca_base64url_decode (a->part2, &length2);
    g_autofree guint8 *both = g_malloc (length1 + length2);

    memcpy (both, part1, length1);
    memcpy (both + length1, part2, length2);
    token = ca_base64url (both, length1 + length2);
  } else
    token = g_strconcat (a->part1, a->part2, NULL);
  text = g_strconcat (token, ".", a->account->thumbprint, NULL);
  return ca_sha256 (text, strlen (text));
}

/* The value of NAME, which stands on one line (T-11). Caller frees. */
static char *
field (const char *mail, const char *name)
{
  g_autofree char *start = g_strconcat ("\r\n", name, ": ", NULL);
  const char *end_of_header = strstr (mail, "\r\n\r\n");
  const char *found = g_str_has_prefix (mail, start + 2) ? mail - 2 : strstr (mail, start);

  if (found == NULL || found > end_of_header)
    return NULL;
  found += strlen (start);
  return g_strndup (found, strcspn (found, "\r\n"));
}

/* The CA's own sight of a reply: matched by In-Reply-To, everything else checked (RFC 8823 3.2). */
static const char *
reply_fault (const Ca *ca, const CaAuthorization *a, const char *mail)
{
  static const char begin[] = "\r\n-----BEGIN ACME RESPONSE-----\r\n";
  static const char end[] = "\r\n-----END ACME RESPONSE-----\r\n";
  g_autofree char *from = field (mail, "From");
  g_autofree char *to = field (mail, "To");
  g_autofree char *subject = field (mail, "Subject");
  g_autofree char *wanted_subject = g_strconcat ("Re: ACME: ", a->part1, NULL);
  g_autofree char *digest = wanted_digest (ca, a);
  const char *block = strstr (mail, begin);

  if (g_strcmp0 (from, a->address) != 0 || g_strcmp0 (to, a->reply_to) != 0 || g_strcmp0 (subject, wanted_subject) != 0)
    return "malformed";
  if (block == NULL)
    return "malformed";
  block += strlen (begin);
  if (strncmp (block, digest, strlen (digest)) != 0 || !g_str_has_prefix (block + strlen (digest), end))
    return "incorrectResponse";
  return NULL;
}

void
ca_receive (Ca *ca, const char *rfc822, gsize length, gint64 now)
{
  g_autofree char *mail = g_strndup (rfc822, length);
  g_autofree char *in_reply_to = field (mail, "In-Reply-To");

  ca->now = now;
  for (guint i = 0; i < ca->authorizations->len; i++) {
    CaAuthorization *a = g_ptr_array_index (ca->authorizations, i);

    if (g_strcmp0 (a->message_id, in_reply_to) != 0)
      continue;
    a->replies++;
    if (strcmp (a->status, "pending") != 0)
      return;
    a->error = reply_fault (ca, a, mail);
    if (a->error != NULL)
      ca_declare (a, FALSE);
    else if (a->replied_at == 0)
      a->replied_at = now;
    return;
  }
  g_error ("a reply to no challenge: %s", in_reply_to);
}
