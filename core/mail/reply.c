/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/reply.h"

#include "base/error.h"
#include "mail/address.h"
#include "mail/challenge.h"
#include "mail/date.h"
#include "mail/token.h"

#include <string.h>

#define LINE_MAX_OCTETS 998 /* RFC 5322 2.1.1, without CRLF */

/* One line of a header: UTF-8 without any control character. */
static gboolean
is_one_line (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p)) {
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return FALSE;
  }
  return TRUE;
}

/* ADDRESS in ASCII where only its domain is not: then no server on the way needs SMTPUTF8 (RFC 5891). */
static char *
plain_address (const char *address)
{
  const char *domain = mc_address_domain (address);
  g_autofree char *local = g_strndup (address, (gsize)(domain - address));
  g_autofree char *ascii = g_str_is_ascii (domain) || !g_str_is_ascii (local) ? NULL : mc_domain_to_ascii (domain);

  return ascii == NULL ? g_strdup (address) : g_strconcat (local, ascii, NULL);
}

/* The bare addresses of VALUE with commas between them; NULL for what is no list of any, or more than one line. What
 * was read of it is what is written to, whoever reads the reply: names and comments of somebody else do not stand in
 * it. */
static char *
compose_to (const char *value)
{
  g_autoptr (GPtrArray) list = mc_address_list_parse (value, strlen (value), NULL);
  g_autoptr (GPtrArray) plain = g_ptr_array_new_with_free_func (g_free);

  if (list == NULL || list->len == 0 || !is_one_line (value))
    return NULL;
  for (guint i = 0; i < list->len; i++)
    g_ptr_array_add (plain, plain_address (list->pdata[i]));
  g_ptr_array_add (plain, NULL);
  return g_strjoinv (", ", (char **)plain->pdata);
}

static gboolean
is_reference_list (const char *value)
{
  g_auto (GStrv) ids = g_strsplit (value, " ", -1);

  for (guint i = 0; ids[i] != NULL; i++) {
    if (!mc_message_id_is_valid (ids[i]))
      return FALSE;
  }
  return ids[0] != NULL;
}

/* The name of the first member that cannot stand in a header, or NULL. TO: of compose_to (). */
static const char *
find_fault (const McReply *reply, const char *to)
{
  if (reply->from == NULL || !mc_address_is_valid (reply->from))
    return "From";
  if (to == NULL)
    return "To";
  if (reply->token_part1 == NULL || !mc_token_is_valid (reply->token_part1))
    return "Subject";
  if (reply->digest == NULL || strlen (reply->digest) != 43 || strchr (reply->digest, '=') != NULL ||
      !mc_token_is_valid (reply->digest))
    return "digest";
  if (reply->in_reply_to == NULL || !mc_message_id_is_valid (reply->in_reply_to))
    return "In-Reply-To";
  if (reply->references != NULL && !is_reference_list (reply->references))
    return "References";
  if (reply->message_id == NULL || !mc_message_id_is_valid (reply->message_id))
    return "Message-ID";
  return NULL;
}

/* Appends a field; FALSE when its line gets too long. Never folded: T-11, and a fold in To could be read in two ways.
 */
static gboolean
append_field (GString *mail, const char *name, const char *prefix, const char *value)
{
  gsize start = mail->len;

  g_string_append_printf (mail, "%s: %s%s", name, prefix, value);
  if (mail->len - start > LINE_MAX_OCTETS)
    return FALSE;
  g_string_append (mail, "\r\n");
  return TRUE;
}

GBytes *
mc_reply_compose (const McReply *reply, GError **error)
{
  g_autofree char *to = reply->to == NULL ? NULL : compose_to (reply->to);
  const char *fault = find_fault (reply, to);
  g_autofree char *date = mc_date_compose (reply->date);
  g_autofree char *references = NULL;
  GString *mail;

  if (fault != NULL || date == NULL) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "composing the reply: unfit value for %s",
                 fault != NULL ? fault : "Date");
    return NULL;
  }
  /* RFC 5322 3.6.4: the parent's References, then the parent. */
  references = reply->references == NULL ? g_strdup (reply->in_reply_to)
                                         : g_strconcat (reply->references, " ", reply->in_reply_to, NULL);
  mail = g_string_new (NULL);
  if (!append_field (mail, "From", "", reply->from) || !append_field (mail, "To", "", to) ||
      !append_field (mail, "Subject", "Re: ACME: ", reply->token_part1) || !append_field (mail, "Date", "", date) ||
      !append_field (mail, "Message-ID", "", reply->message_id) ||
      !append_field (mail, "In-Reply-To", "", reply->in_reply_to) ||
      !append_field (mail, "References", "", references)) {
    g_string_free (mail, TRUE);
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "composing the reply: a header line would be too long");
    return NULL;
  }
  /* RFC 3834 5 (A57); 7bit and one line of digest: A51-A54, T-12. */
  g_string_append_printf (mail,
                          "Auto-Submitted: auto-replied\r\n"
                          "MIME-Version: 1.0\r\n"
                          "Content-Type: text/plain; charset=us-ascii\r\n"
                          "Content-Transfer-Encoding: 7bit\r\n"
                          "\r\n"
                          "-----BEGIN ACME RESPONSE-----\r\n"
                          "%s\r\n"
                          "-----END ACME RESPONSE-----\r\n",
                          reply->digest);
  return g_string_free_to_bytes (mail);
}
