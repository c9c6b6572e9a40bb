/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws.h"

#include "base/error.h"
#include "gtk/timing.h"
#include "mail/address.h"

#include <string.h>
#include <unistd.h>

/* A mail in Claws Mail's queue: fields of its own above the mail say who sends it, and what is to happen then. */

/* Claws Mail marks the mail that this one answers. */
static void
add_reply_mark (GString *out, const char *in_reply_to)
{
  MsgInfo *challenge = in_reply_to != NULL ? mc_claws_inbox_find (in_reply_to) : NULL;
  g_autofree char *folder = challenge != NULL ? folder_item_get_identifier (mc_fields_folder (challenge)) : NULL;

  if (folder != NULL)
    g_string_append_printf (out, "RMID:%s\t%u\t%s\n", folder, mc_fields_number (challenge),
                            mc_fields_message_id (challenge));
  procmsg_msginfo_free (&challenge);
}

/* Lines end in LF in Claws Mail's folders; it sends CRLF. */
static void
add_mail (GString *out, GBytes *rfc822)
{
  gsize length;
  const char *bytes = g_bytes_get_data (rfc822, &length);

  for (gsize i = 0; i < length; i++)
    if (bytes[i] != '\r')
      g_string_append_c (out, bytes[i]);
}

static GString *
compose_queued (PrefsAccount *account, const McOutgoing *mail, GError **error)
{
  g_autoptr (GPtrArray) to = mc_address_list_parse (mail->to, strlen (mail->to), error);
  FolderItem *sent = account_get_special_folder (account, F_OUTBOX);
  g_autofree char *sent_id = sent != NULL ? folder_item_get_identifier (sent) : NULL;
  GString *out;

  if (to == NULL)
    return NULL;
  out = g_string_new (NULL);
  g_string_append_printf (out, "S:%s\nSSV:%s\nR:", mail->from, mc_fields_smtp_server (account));
  for (guint i = 0; i < to->len; i++)
    g_string_append_printf (out, "%s<%s>", i > 0 ? "," : "", (const char *)g_ptr_array_index (to, i));
  g_string_append_printf (out, "\nMAID:%d\n", mc_fields_account_id (account));
  /* Always kept, whatever the account does with other mail: it is how was_sent knows. */
  if (sent_id != NULL)
    g_string_append_printf (out, "SCF:%s\n", sent_id);
  add_reply_mark (out, mail->in_reply_to);
  g_string_append (out, "X-Claws-End-Special-Headers: 1\n");
  add_mail (out, mail->rfc822);
  return out;
}

FolderItem *
mc_claws_queue_of (PrefsAccount *account)
{
  FolderItem *queue = account_get_special_folder (account, F_QUEUE);

  return queue != NULL ? queue : folder_get_default_queue ();
}

static int
put (FolderItem *queue, const GString *text, GError **error)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("mailcert-XXXXXX", &path, error);
  int number = -1;

  if (fd < 0)
    return -1;
  close (fd);
  if (g_file_set_contents_full (path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_NONE, 0600, error)) {
    const gint64 left = mc_timing_leave ();

    folder_item_scan (queue);
    number = folder_item_add_msg (queue, path, NULL, FALSE);
    mc_timing_return (left, "queueing", "queued");
    if (number < 0)
      g_set_error_literal (error, MC_ERROR, MC_ERROR_WRITE, "Claws Mail could not put the reply into its queue");
  }
  unlink (path);
  return number;
}

int
mc_claws_queue_put (PrefsAccount *account, FolderItem *queue, const McOutgoing *mail, GError **error)
{
  GString *text = compose_queued (account, mail, error);
  int number = text != NULL ? put (queue, text, error) : -1;

  if (text != NULL)
    g_string_free (text, TRUE);
  return number;
}
