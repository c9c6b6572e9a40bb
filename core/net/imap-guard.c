/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/imap-guard.h"

#include "base/error.h"

#include <string.h>

enum { NO_BRACE, IN_BRACE, AFTER_BRACE };

/* Status responses and continuation requests are text: no literal begins there (RFC 3501 7.1). To take one for
 * text is safe, what follows is then looked at; the opposite would let it pass unseen. */
static gboolean
is_data (const McImapGuard *guard)
{
  static const char *const texts[] = {"* OK ", "* NO ", "* BAD ", "* BYE ", "* PREAUTH"};

  if (guard->head_length < 2 || memcmp (guard->head, "* ", 2) != 0)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (guard->head_length >= strlen (texts[i]) && memcmp (guard->head, texts[i], strlen (texts[i])) == 0)
      return FALSE;
  return TRUE;
}

static void
end_line (McImapGuard *guard)
{
  if (guard->brace == AFTER_BRACE && is_data (guard))
    guard->literal = guard->number; /* the response goes on behind it */
  else {
    guard->head_length = 0;
    guard->depth = 0;
  }
  guard->brace = NO_BRACE;
}

static void
see (McImapGuard *guard, char c)
{
  if (guard->head_length < sizeof guard->head)
    guard->head[guard->head_length++] = g_ascii_toupper (c);
  if (c == '(')
    guard->depth++;
  else if (c == ')' && guard->depth > 0)
    guard->depth--;
  if (c == '{') {
    guard->brace = IN_BRACE;
    guard->number = 0;
  } else if (guard->brace == IN_BRACE && g_ascii_isdigit (c))
    guard->number = MIN (guard->number * 10 + (guint64)(c - '0'), G_MAXUINT32);
  else if (guard->brace == IN_BRACE && c == '}')
    guard->brace = AFTER_BRACE;
  else if (!(guard->brace == AFTER_BRACE && c == '\r') && !(guard->brace == IN_BRACE && c == '-'))
    guard->brace = NO_BRACE;
}

gboolean
mc_imap_guard_feed (gpointer data, const char *bytes, gsize length, GError **error)
{
  McImapGuard *guard = data;

  while (length > 0) {
    gsize skip = MIN (guard->literal, length);

    guard->literal -= skip;
    bytes += skip;
    length -= skip;
    if (length == 0)
      break;
    if (*bytes == '\n')
      end_line (guard);
    else
      see (guard, *bytes);
    if (guard->brace == AFTER_BRACE && guard->number > MC_IMAP_LITERAL_MAX) {
      g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "the server announces %" G_GUINT64_FORMAT " bytes at once",
                   guard->number);
      return FALSE;
    }
    if (guard->depth > MC_IMAP_DEPTH_MAX) {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "the server's answer is nested too deep");
      return FALSE;
    }
    bytes++;
    length--;
  }
  return TRUE;
}
