/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/address.h"

#include "base/error.h"

#include <string.h>

/* RFC 5322 3.4 over one field value. Of the obsolete syntax only what real mail has: a dot in a display name. A route
 * ("<@a:b@c>") is refused: no challenge has one, and who reads it as an address may read another one. The cursor never
 * goes past the NUL that ends the copy. */

gboolean
mc_address_skip_comments (const char **cursor)
{
  guint depth = 0;
  const char *p = *cursor;

  for (; *p != '\0'; p++) {
    if (*p == '(') {
      if (++depth > MC_ADDRESS_COMMENT_DEPTH)
        return FALSE;
    } else if (depth > 0 && *p == ')')
      depth--;
    else if (depth > 0 && *p == '\\' && p[1] != '\0')
      p++;
    else if (depth == 0 && strchr (" \t\r\n", *p) == NULL)
      break;
  }
  *cursor = p;
  return depth == 0;
}

/* atext of RFC 5322 3.2.3 with the UTF-8 of RFC 6532. */
static gboolean
is_atext (char c)
{
  return g_ascii_isalnum (c) || (guchar)c >= 0x80 || (c != '\0' && strchr ("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static gsize
atom_length (const char *p)
{
  gsize n = 0;

  while (is_atext (p[n]))
    n++;
  return n;
}

static gsize
dot_atom_length (const char *p)
{
  gsize n = atom_length (p);

  while (n > 0 && p[n] == '.') {
    gsize more = atom_length (p + n + 1);

    if (more == 0)
      return 0;
    n += 1 + more;
  }
  return n;
}

/* The content of the quoted string at the cursor, its quoting undone; NULL when it does not end. */
static char *
parse_quoted (const char **cursor)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *p = *cursor + 1;

  for (; *p != '"'; p++) {
    if (*p == '\\')
      p++;
    if (*p == '\0')
      return NULL;
    if (*p != '\r' && *p != '\n')
      g_string_append_c (text, *p);
  }
  *cursor = p + 1;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* CONTENT as a local part: bare where it can be, so that "a"@b and a@b are one address (RFC 5321 4.1.2). */
static char *
compose_local_part (const char *content)
{
  GString *quoted;

  if (*content != '\0' && dot_atom_length (content) == strlen (content))
    return g_strdup (content);
  quoted = g_string_new ("\"");
  for (const char *p = content; *p != '\0'; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_c (quoted, '\\');
    g_string_append_c (quoted, *p);
  }
  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}

/* local-part "@" domain at the cursor with the white space around it; NULL when something else stands there. */
static char *
parse_addr_spec (const char **cursor)
{
  g_autofree char *local = NULL;
  g_autofree char *domain = NULL;
  const char *p = *cursor;
  gsize n;

  if (!mc_address_skip_comments (&p))
    return NULL;
  if (*p == '"') {
    g_autofree char *content = parse_quoted (&p);

    local = content == NULL ? NULL : compose_local_part (content);
  } else if ((n = dot_atom_length (p)) > 0) {
    local = g_strndup (p, n);
    p += n;
  }
  if (local == NULL || !mc_address_skip_comments (&p) || *p++ != '@' || !mc_address_skip_comments (&p))
    return NULL;
  n = dot_atom_length (p);
  domain = g_strndup (p, n);
  p += n;
  if (n == 0 || !mc_address_skip_comments (&p))
    return NULL;
  *cursor = p;
  return g_strdup_printf ("%s@%s", local, domain);
}

/* Past a display name or group name: words and dots. FALSE on a string or comment that does not end. */
static gboolean
skip_phrase (const char **cursor)
{
  for (;;) {
    gsize n;

    if (!mc_address_skip_comments (cursor))
      return FALSE;
    n = atom_length (*cursor);
    if (n > 0 || **cursor == '.')
      *cursor += n > 0 ? n : 1;
    else if (**cursor == '"') {
      g_autofree char *content = parse_quoted (cursor);

      if (content == NULL)
        return FALSE;
    } else
      return TRUE;
  }
}

/* What stands between angle brackets; NULL when they do not hold one addr-spec. */
static char *
parse_angle (const char **cursor)
{
  g_autofree char *address = NULL;

  ++*cursor;
  address = parse_addr_spec (cursor);
  if (address == NULL || **cursor != '>')
    return NULL;
  ++*cursor;
  return mc_address_skip_comments (cursor) ? g_steal_pointer (&address) : NULL;
}

static gboolean parse_entries (const char **cursor, GPtrArray *list, gboolean groups);

/* What stands behind a group's name: ":" [mailboxes] ";". Groups do not nest. */
static gboolean
parse_group (const char **cursor, GPtrArray *list)
{
  ++*cursor;
  if (!mc_address_skip_comments (cursor) || (**cursor != ';' && !parse_entries (cursor, list, FALSE)) ||
      **cursor != ';')
    return FALSE;
  ++*cursor;
  return mc_address_skip_comments (cursor);
}

static gboolean
parse_entry (const char **cursor, GPtrArray *list, gboolean groups)
{
  char *address = parse_addr_spec (cursor);
  const char *name;

  if (address == NULL) {
    if (!mc_address_skip_comments (cursor))
      return FALSE;
    name = *cursor;
    if (!skip_phrase (cursor))
      return FALSE;
    if (**cursor == ':' && *cursor != name && groups)
      return parse_group (cursor, list);
    if (**cursor != '<' || (address = parse_angle (cursor)) == NULL)
      return FALSE;
  }
  g_ptr_array_add (list, address);
  return TRUE;
}

/* Entries with commas between them, up to something else. GROUPS: they may be groups too. */
static gboolean
parse_entries (const char **cursor, GPtrArray *list, gboolean groups)
{
  while (parse_entry (cursor, list, groups)) {
    if (**cursor != ',')
      return TRUE;
    ++*cursor;
  }
  return FALSE;
}

static gboolean
is_printable (const char *text)
{
  for (const char *p = text; *p != '\0'; p++) {
    if (g_ascii_iscntrl (*p) && strchr ("\t\r\n", *p) == NULL)
      return FALSE;
  }
  return TRUE;
}

static GPtrArray *
parse_list (const char *value, gsize length, gboolean groups, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  const char *cursor;

  if (length > MC_ADDRESS_VALUE_MAX || !g_utf8_validate_len (value, length, NULL)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED,
                         length > MC_ADDRESS_VALUE_MAX ? "address list too long" : "address list is not UTF-8");
    return NULL;
  }
  text = g_strndup (value, length);
  cursor = text;
  if (!is_printable (text) || !parse_entries (&cursor, list, groups) || *cursor != '\0') {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "not an address list");
    return NULL;
  }
  return g_steal_pointer (&list);
}

GPtrArray *
mc_address_list_parse (const char *value, gsize length, GError **error)
{
  return parse_list (value, length, TRUE, error);
}

char *
mc_address_parse_one (const char *value, gsize length, GError **error)
{
  g_autoptr (GPtrArray) list = parse_list (value, length, FALSE, error);

  if (list == NULL)
    return NULL;
  if (list->len != 1) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "%u addresses where one belongs", list->len);
    return NULL;
  }
  return g_strdup (list->pdata[0]);
}

const char *
mc_address_domain (const char *address)
{
  const char *at = strrchr (address, '@');

  return at == NULL ? NULL : at + 1;
}

static gboolean
is_host_name (const char *name)
{
  gsize label = 0;

  for (const char *p = name;; p++) {
    if (*p == '.' || *p == '\0') {
      if (label == 0 || label > 63 || p[-1] == '-')
        return FALSE;
      if (*p == '\0')
        return p - name <= 253;
      label = 0;
    } else {
      if (!g_ascii_isalnum (*p) && *p != '_' && (*p != '-' || label == 0))
        return FALSE;
      label++;
    }
  }
}

/* GLib maps a name as IDNA2003 did: it drops joiners, soft hyphens and variation selectors and takes a full-width
 * letter or dot for the ASCII one. IDNA2008 maps nothing (A72): such a name is another one there, or none. */
static gboolean
is_mapped (const char *domain)
{
  g_autofree char *composed = g_utf8_normalize (domain, -1, G_NORMALIZE_NFC);
  g_autofree char *compatible = g_utf8_normalize (domain, -1, G_NORMALIZE_NFKC);

  for (const char *p = domain; *p != '\0'; p = g_utf8_next_char (p)) {
    const gunichar c = g_utf8_get_char (p);

    if (g_unichar_type (c) == G_UNICODE_FORMAT || c == 0x34f || (c >= 0x1806 && c <= 0x180d) || c == 0x3002 ||
        (c >= 0xfe00 && c <= 0xfe0f))
      return TRUE;
  }
  return strcmp (composed, compatible) != 0;
}

char *
mc_domain_to_ascii (const char *domain)
{
  g_autofree char *ascii = NULL;

  if (g_str_is_ascii (domain))
    ascii = g_ascii_strdown (domain, -1);
  else if (strlen (domain) <= 1024 && g_utf8_validate (domain, -1, NULL) && !is_mapped (domain))
    ascii = g_hostname_to_ascii (domain);
  if (ascii == NULL || !is_host_name (ascii))
    return NULL;
  return g_steal_pointer (&ascii);
}

gboolean
mc_address_equal (const char *a, const char *b)
{
  const char *a_domain = mc_address_domain (a);
  const char *b_domain = mc_address_domain (b);
  g_autofree char *a_ascii = NULL;
  g_autofree char *b_ascii = NULL;

  if (a_domain == NULL || b_domain == NULL || a_domain - a != b_domain - b || memcmp (a, b, (gsize)(a_domain - a)) != 0)
    return FALSE;
  a_ascii = mc_domain_to_ascii (a_domain);
  b_ascii = mc_domain_to_ascii (b_domain);
  return a_ascii != NULL && b_ascii != NULL && strcmp (a_ascii, b_ascii) == 0;
}

gboolean
mc_address_is_valid (const char *address)
{
  const char *domain = mc_address_domain (address);
  g_autofree char *ascii = domain == NULL ? NULL : mc_domain_to_ascii (domain);

  if (ascii == NULL || strlen (address) > MC_ADDRESS_MAX || !g_utf8_validate (address, -1, NULL) ||
      strchr (address, '*') != NULL || domain - address < 2 ||
      dot_atom_length (address) != (gsize)(domain - address - 1))
    return FALSE;
  for (const char *p = address; *p != '\0'; p = g_utf8_next_char (p)) {
    if (!g_unichar_isgraph (g_utf8_get_char (p)))
      return FALSE;
  }
  return TRUE;
}
