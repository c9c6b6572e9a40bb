/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/peek.h"

#include <string.h>

/* Runs for every mail that is delivered: libc alone, no allocation, and most mails end it within their header. A mail
 * in which a field stands twice is no challenge, so the first of each decides. */

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

/* TEXT, in lower case, anywhere. */
static int
holds (const char *p, const char *end, const char *text)
{
  for (; p < end; p++)
    if (begins (p, end, text))
      return 1;
  return 0;
}

int
mc_peek_is_mail_system (const char *from, size_t length)
{
  return holds (from, from + length, "mailer-daemon") || holds (from, from + length, "postmaster@");
}

/* What the header says of itself. */
typedef struct {
  int label;     /* -1 = not seen */
  int automatic; /* the same */
  int sender;    /* -1, or whether it comes from a mail system */
  int report;    /* -1, or whether it is a report */
} Signs;

static int
may_be_challenge (const Signs *signs)
{
  return signs->label != 0 && signs->automatic != 0;
}

/* Nothing that follows can change what it is. */
static int
is_decided (const Signs *signs)
{
  if (may_be_challenge (signs))
    return signs->label > 0 && signs->automatic > 0;
  return signs->report > 0 || signs->sender > 0 || (signs->report == 0 && signs->sender == 0);
}

/* A field that is neither is passed over by its first letter. */
static void
read_field (const char *p, const char *next, Signs *signs)
{
  const char *value;

  switch (*p) {
  case 'S':
  case 's':
    if (signs->label != 0 && (value = field_value (p, next, "subject")) != NULL)
      signs->label = may_be_label (value, next);
    break;
  case 'A':
  case 'a':
    if (signs->automatic != 0 && (value = field_value (p, next, "auto-submitted")) != NULL)
      signs->automatic = begins (skip_comments (value, next), next, "auto-generated");
    break;
  case 'C':
  case 'c':
    if (signs->report < 0 && (value = field_value (p, next, "content-type")) != NULL)
      signs->report = begins (skip_comments (value, next), next, "multipart/report");
    break;
  case 'F':
  case 'f':
    if (signs->sender < 0 && (value = field_value (p, next, "from")) != NULL)
      signs->sender = mc_peek_is_mail_system (value, (size_t)(next - value));
    break;
  default:
    break;
  }
}

/* BODY: the end of what was read, in the header or right behind it. */
static int
peek_header (const char *bytes, size_t length, const char **body)
{
  Signs signs = {-1, -1, -1, -1};
  const char *end = bytes + length;
  const char *next;
  const char *p;

  for (p = bytes; p < end && *p != '\n' && *p != '\r' && !is_decided (&signs); p = next) {
    next = field_end (p, end);
    read_field (p, next, &signs);
  }
  *body = p;
  if (signs.label > 0 && signs.automatic > 0)
    return MC_PEEK_CHALLENGE;
  return signs.report > 0 || signs.sender > 0 ? MC_PEEK_BOUNCE : MC_PEEK_NOTHING;
}

int
mc_peek_header (const char *bytes, size_t length)
{
  const char *body;

  return peek_header (bytes, length, &body);
}

int
mc_peek (const char *bytes, size_t length)
{
  const char *body;
  int is = peek_header (bytes, length, &body);

  /* The rest of its own header may hold it too: then it costs one look more. */
  if (is == MC_PEEK_BOUNCE && memmem (body, length - (size_t)(body - bytes), "ACME:", 5) == NULL)
    return MC_PEEK_NOTHING;
  return is;
}
