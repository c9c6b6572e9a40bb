/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The headers that need a grammar: Link (RFC 8288), Retry-After (RFC 9110 10.2.3) and Date. */

#include "acme/http-message.h"

#include <string.h>

static const char *
skip_space (const char *p)
{
  while (*p == ' ' || *p == '\t')
    p++;
  return p;
}

static gboolean
is_token_char (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

/* Reads a quoted-string or a token at *P into OUT and moves *P behind it. */
static void
read_value (const char **p, GString *out)
{
  const char *q = *p;

  if (*q != '"') {
    for (; *q != '\0' && strchr (",; \t", *q) == NULL; q++)
      g_string_append_c (out, *q);
    *p = q;
    return;
  }
  for (q++; *q != '\0' && *q != '"'; q++) {
    if (*q == '\\' && q[1] != '\0')
      q++;
    g_string_append_c (out, *q);
  }
  *p = *q == '"' ? q + 1 : q;
}

/* A relation list is separated by spaces; registered relations compare without case (RFC 8288 2.1.1). */
static gboolean
names_relation (const char *list, const char *relation)
{
  g_auto (GStrv) words = g_strsplit_set (list, " \t", -1);

  for (guint i = 0; words[i] != NULL; i++) {
    if (g_ascii_strcasecmp (words[i], relation) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Parameters from *P on; TRUE when the first "rel" names RELATION (later ones are ignored, RFC 8288 3.3). */
static gboolean
read_parameters (const char **p, const char *relation)
{
  gboolean seen = FALSE, matches = FALSE;

  for (;;) {
    g_autoptr (GString) value = g_string_new (NULL);
    const char *name, *q = skip_space (*p);
    gsize length = 0;

    *p = q;
    if (*q != ';')
      return matches;
    name = q = skip_space (q + 1);
    while (is_token_char (*q))
      q++;
    length = (gsize)(q - name);
    q = skip_space (q);
    if (*q == '=') {
      q = skip_space (q + 1);
      read_value (&q, value);
    }
    *p = q;
    if (!seen && length == 3 && g_ascii_strncasecmp (name, "rel", 3) == 0) {
      seen = TRUE;
      matches = names_relation (value->str, relation);
    }
  }
}

static void
collect_links (const char *value, const char *relation, GPtrArray *links)
{
  const char *p = value;

  while (*p != '\0') {
    const char *target, *end;
    g_autofree char *url = NULL;

    p = skip_space (p);
    if (*p == ',') {
      p++;
      continue;
    }
    end = *p == '<' ? strchr (p, '>') : NULL;
    if (end == NULL) /* no link-value: what follows cannot be trusted to be one either */
      return;
    target = p + 1;
    url = g_strndup (target, (gsize)(end - target));
    p = end + 1;
    if (read_parameters (&p, relation) && mc_url_is_acceptable (url))
      g_ptr_array_add (links, g_steal_pointer (&url));
    if (*p != '\0' && *p != ',')
      return;
  }
}

char **
mc_http_response_links (const McHttpResponse *response, const char *relation)
{
  GPtrArray *links = g_ptr_array_new ();

  for (guint i = 0; i < response->headers->len; i++) {
    const char *value = mc_http_header_value (g_ptr_array_index (response->headers, i), "link");

    if (value != NULL)
      collect_links (value, relation, links);
  }
  g_ptr_array_add (links, NULL);
  return (char **)g_ptr_array_free (links, FALSE);
}

/* LENGTH decimal digits at TEXT, or -1. */
static gint
digits (const char *text, guint length)
{
  gint value = 0;

  for (guint i = 0; i < length; i++) {
    if (!g_ascii_isdigit (text[i]))
      return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/* IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7): the one form that senders may make. Names are English
 * in every locale. */
static gboolean
http_date_parse (const char *text, gint64 *out)
{
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  g_autoptr (GDateTime) when = NULL;
  gint day, month = 0, year, hour, minute, second;

  if (strlen (text) != 29 || memcmp (text + 3, ", ", 2) != 0 || strcmp (text + 25, " GMT") != 0)
    return FALSE;
  if (text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':')
    return FALSE;
  for (guint i = 0; i < 12; i++) {
    if (memcmp (months + 3 * i, text + 8, 3) == 0)
      month = (gint)i + 1;
  }
  day = digits (text + 5, 2);
  year = digits (text + 12, 4);
  hour = digits (text + 17, 2);
  minute = digits (text + 20, 2);
  second = digits (text + 23, 2);
  if (month == 0 || day < 1 || year < 1970 || hour < 0 || minute < 0 || second < 0)
    return FALSE;
  when = g_date_time_new_utc (year, month, day, hour, minute, MIN (second, 59)); /* 60: a leap second */
  if (when == NULL)
    return FALSE;
  *out = g_date_time_to_unix (when);
  return TRUE;
}

gint64
mc_http_response_retry_at (const McHttpResponse *response, gint64 now, gint64 least, gint64 most)
{
  const char *value = mc_http_response_header (response, "retry-after");
  gint64 at = 0, wait = 0;

  if (value == NULL || *value == '\0')
    return 0;
  if (value[strspn (value, "0123456789")] != '\0') {
    if (!http_date_parse (value, &at))
      return 0;
    wait = at - now;
  } else {
    for (const char *p = value; *p != '\0' && wait <= most; p++)
      wait = wait * 10 + (*p - '0');
  }
  return now + CLAMP (wait, least, most);
}

gint64
mc_http_response_date (const McHttpResponse *response)
{
  const char *value = mc_http_response_header (response, "date");
  gint64 date;

  return value != NULL && http_date_parse (value, &date) ? date : 0;
}
