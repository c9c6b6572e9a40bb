/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/imap-folder.h"

#include "base/error.h"

#include <string.h>

#define MOST_JUNK 4 /* each costs a question every 20 seconds */

static void
folder_free (gpointer folder)
{
  mc_imap_folder_free (folder);
}

McImapFolder *
mc_imap_folder_new (const char *name)
{
  McImapFolder *folder = g_new0 (McImapFolder, 1);

  folder->name = g_strdup (name);
  return folder;
}

void
mc_imap_folder_free (McImapFolder *folder)
{
  if (folder == NULL)
    return;
  g_free (folder->name);
  g_free (folder);
}

static gboolean
is_selectable (const struct mailimap_mailbox_list *entry)
{
  return entry->mb_flag == NULL || entry->mb_flag->mbf_type != MAILIMAP_MBX_LIST_FLAGS_SFLAG ||
         entry->mb_flag->mbf_sflag != MAILIMAP_MBX_LIST_SFLAG_NOSELECT;
}

static gboolean
is_marked (const struct mailimap_mailbox_list *entry, const char *use)
{
  if (entry->mb_flag == NULL)
    return FALSE;
  for (clistiter *i = clist_begin (entry->mb_flag->mbf_oflags); i != NULL; i = clist_next (i)) {
    const struct mailimap_mbx_list_oflag *flag = clist_content (i);

    if (flag->of_type == MAILIMAP_MBX_LIST_OFLAG_FLAG_EXT && flag->of_flag_ext != NULL &&
        g_ascii_strcasecmp (flag->of_flag_ext, use) == 0) /* libetpan drops the backslash */
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_named (const struct mailimap_mailbox_list *entry, const char *const *names)
{
  const char *leaf = entry->mb_delimiter != '\0' ? strrchr (entry->mb_name, entry->mb_delimiter) : NULL;

  leaf = leaf != NULL ? leaf + 1 : entry->mb_name;
  for (; *names != NULL; names++)
    if (g_ascii_strcasecmp (leaf, *names) == 0)
      return TRUE;
  return FALSE;
}

/* What servers and mail programs call them where nothing is marked (RFC 6154), as it travels (RFC 3501 5.1.3). */
static const char *const junk_names[] = {"Junk",
                                         "Spam",
                                         "Junk E-mail",
                                         "Junk Email",
                                         "Junk-E-Mail",
                                         "Bulk Mail",
                                         "Spamverdacht",
                                         "Courrier ind&AOk-sirable",
                                         "Ind&AOk-sirables",
                                         "Correo no deseado",
                                         "Posta indesiderata",
                                         "Lixo eletr&APQ-nico",
                                         "Ongewenste e-mail",
                                         "Skr&AOQ-ppost",
                                         NULL};
static const char *const sent_names[] = {"Sent",
                                         "Sent Items",
                                         "Sent Messages",
                                         "Sent Mail",
                                         "Gesendet",
                                         "Gesendete Elemente",
                                         "Gesendete Objekte",
                                         "Envoy&AOk-s",
                                         "&AMk-l&AOk-ments envoy&AOk-s",
                                         "Enviados",
                                         "Elementos enviados",
                                         "Posta inviata",
                                         "Itens enviados",
                                         "Verzonden items",
                                         "Skickat",
                                         NULL};

/* The names of what the server says is for USE, else of all that is named so: of a "Junk" and a "Spam" nobody says
 * which of them is filled. Borrowed from LIST. */
static GPtrArray *
pick (clist *list, const char *use, const char *const *names)
{
  GPtrArray *picked = g_ptr_array_new ();

  for (clistiter *i = clist_begin (list); i != NULL; i = clist_next (i)) {
    const struct mailimap_mailbox_list *entry = clist_content (i);

    if (!is_selectable (entry) || g_ascii_strcasecmp (entry->mb_name, "INBOX") == 0)
      continue;
    if (is_marked (entry, use)) {
      g_ptr_array_set_size (picked, 0);
      g_ptr_array_add (picked, entry->mb_name);
      break;
    }
    if (is_named (entry, names))
      g_ptr_array_add (picked, entry->mb_name);
  }
  return picked;
}

static gboolean
is_listed (clist *list, const char *name)
{
  for (clistiter *i = clist_begin (list); i != NULL; i = clist_next (i)) {
    const struct mailimap_mailbox_list *entry = clist_content (i);

    if (is_selectable (entry) && g_str_equal (entry->mb_name, name))
      return TRUE;
  }
  return g_ascii_strcasecmp (name, "INBOX") == 0;
}

/* Names beyond ASCII travel in modified UTF-7 (RFC 3501 5.1.3); who writes "&" in an ASCII name has written that. */
static char *
wire_name (const char *name)
{
  char *encoded = NULL;

  if (!g_str_is_ascii (name))
    encoded = g_convert (name, -1, "UTF-7-IMAP", "UTF-8", NULL, NULL, NULL);
  return encoded != NULL ? encoded : g_strdup (name);
}

/* RFC 6154 and 5258: some servers tell special uses only when asked. */
static clist *
list_folders (McImapSession *session, GError **error)
{
  clist *list = NULL;
  gboolean extended =
      mailimap_has_extension (session->imap, "SPECIAL-USE") && mailimap_has_extension (session->imap, "LIST-EXTENDED");
  int code;

  if (extended) {
    code = mailimap_custom_command (session->imap, "LIST \"\" \"*\" RETURN (SPECIAL-USE)");
    if (code == MAILIMAP_NO_ERROR) {
      list = session->imap->imap_response_info->rsp_mailbox_list;
      session->imap->imap_response_info->rsp_mailbox_list = NULL;
    }
  } else
    code = mailimap_list (session->imap, "", "*", &list);
  if (mc_imap_session_judge (session, code, "listing the folders", error) && list != NULL)
    return list;
  if (list != NULL)
    mailimap_list_result_free (list);
  return NULL;
}

GPtrArray *
mc_imap_folders_find (McImapSession *session, char *const *configured, GError **error)
{
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (folder_free);
  g_autoptr (GPtrArray) junk = NULL;
  clist *list = list_folders (session, error);

  if (list == NULL)
    return NULL;
  junk = pick (list, "Junk", junk_names);
  if (configured == NULL)
    g_ptr_array_add (folders, mc_imap_folder_new ("INBOX"));
  for (guint i = 0; configured == NULL && i < junk->len && i < MOST_JUNK; i++)
    g_ptr_array_add (folders, mc_imap_folder_new (g_ptr_array_index (junk, i)));
  for (char *const *name = configured; name != NULL && *name != NULL; name++) {
    g_autofree char *wire = wire_name (*name);

    if (is_listed (list, wire))
      g_ptr_array_insert (folders, g_ascii_strcasecmp (wire, "INBOX") == 0 ? 0 : -1, mc_imap_folder_new (wire));
  }
  mailimap_list_result_free (list);
  if (folders->len > 0)
    return g_steal_pointer (&folders);
  g_set_error_literal (error, MC_ERROR, MC_ERROR_CONFIG, "the server has none of the folders in folders=");
  return NULL;
}

char *
mc_imap_folders_sent (McImapSession *session, GError **error)
{
  clist *list = list_folders (session, error);
  g_autoptr (GPtrArray) picked = NULL;
  char *sent;

  if (list == NULL)
    return NULL;
  picked = pick (list, "Sent", sent_names);
  sent = picked->len > 0 ? g_strdup (g_ptr_array_index (picked, 0)) : NULL;
  mailimap_list_result_free (list);
  return sent;
}
