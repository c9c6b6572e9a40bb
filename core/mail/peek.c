/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/peek.h"

#include <string.h>

/* Runs for every mail that is delivered: libc alone, no allocation, and most mails end it at their Subject. A mail in
 * which a field stands twice is no challenge, so the first of each decides. */

static int
is_white (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *
skip_white (const char *p, const char *end)
{
  while (p < end && is_white (*p))
    p++;
  return p;
}

/* Past white space and comments (RFC 5322 3.2.2). */
static const char *
skip_comments (const char *p, const char *end)
{
  size_t depth = 0;

  for (; p < end; p++) {
    if (*p == '(')
      depth++;
    else if (depth > 0 && *p == ')')
      depth--;
    else if (depth > 0 && *p == '\\' && end - p > 1)
      p++;
    else if (depth == 0 && !is_white (*p))
      break;
  }
  return p;
}

/* TEXT is in lower case. Not strncasecmp (): in a Turkish locale that tells "I" from "i". */
static int
begins (const char *p, const char *end, const char *text)
{
  for (; *text != '\0'; p++, text++) {
    if (p == end || (*p >= 'A' && *p <= 'Z' ? *p + ('a' - 'A') : *p) != *text)
      return 0;
  }
  return 1;
}

/* Where the field that starts at P ends: after the first line end that no blank follows. */
static const char *
field_end (const char *p, const char *end)
{
  while (p < end) {
    p = memchr (p, '\n', (size_t)(end - p));
    if (p == NULL)
      return end;
    if (++p < end && *p != ' ' && *p != '\t')
      return p;
  }
  return end;
}

/* The value of the field at P if its name is NAME, else NULL. */
static const char *
field_value (const char *p, const char *end, const char *name)
{
  if (!begins (p, end, name))
    return NULL;
  p += strlen (name);
  while (p < end && (*p == ' ' || *p == '\t'))
    p++;
  return p < end && *p == ':' ? p + 1 : NULL;
}

/* An encoded-word (RFC 2047) in a charset that A34 allows, whose first octet may be "A" or white space. */
static int
may_encode_label (const char *p, const char *end)
{
  if (begins (p, end, "=?utf-8"))
    p += 7;
  else if (begins (p, end, "=?us-ascii"))
    p += 10;
  else
    return 0;
  p = memchr (p, '?', (size_t)(end - p));
  if (p == NULL || end - p < 5 || p[2] != '?')
    return 0;
  if (p[1] == 'B' || p[1] == 'b')
    return strchr ("QICD", p[3]) != NULL;
  return p[3] == 'A' || p[3] == '_' || (p[3] == '=' && strchr ("024", p[4]) != NULL);
}

static int
may_be_label (const char *p, const char *end)
{
  p = skip_white (p, end);
  return (end - p >= 5 && memcmp (p, "ACME:", 5) == 0) || may_encode_label (p, end);
}

int
mc_peek (const char *bytes, size_t length)
{
  const char *end = bytes + length;
  const char *next;
  const char *value;
  int label = 0;
  int automatic = 0;

  for (const char *p = bytes; p < end && *p != '\n' && *p != '\r' && !(label && automatic); p = next) {
    next = field_end (p, end);
    if ((value = field_value (p, next, "subject")) != NULL) {
      if (!(label = may_be_label (value, next)))
        return 0;
    } else if ((value = field_value (p, next, "auto-submitted")) != NULL) {
      if (!(automatic = begins (skip_comments (value, next), next, "auto-generated")))
        return 0;
    }
  }
  return label && automatic;
}
