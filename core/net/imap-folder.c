/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/imap-folder.h"

#include "base/error.h"
#include "mail/peek.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 100 /* mails whose few header fields are asked for in one command */

typedef struct {
  guint32 uid;
  guint32 size;
  const char *section; /* borrowed from the fetch result */
  gsize section_length;
} Item;

static void
read_static (const struct mailimap_msg_att_static *att, Item *item)
{
  switch (att->att_type) {
  case MAILIMAP_MSG_ATT_UID:
    item->uid = att->att_data.att_uid;
    break;
  case MAILIMAP_MSG_ATT_RFC822_SIZE:
    item->size = att->att_data.att_rfc822_size;
    break;
  case MAILIMAP_MSG_ATT_BODY_SECTION:
    if (att->att_data.att_body_section != NULL) {
      item->section = att->att_data.att_body_section->sec_body_part;
      item->section_length = att->att_data.att_body_section->sec_length;
    }
    break;
  default:
    break;
  }
}

/* All zero for what is no answer to us, news of flags for example. */
static Item
read_item (const struct mailimap_msg_att *attributes)
{
  Item item = {0, 0, NULL, 0};

  for (clistiter *i = clist_begin (attributes->att_list); i != NULL; i = clist_next (i)) {
    const struct mailimap_msg_att_item *part = clist_content (i);

    if (part->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC && part->att_data.att_static != NULL)
      read_static (part->att_data.att_static, &item);
  }
  return item;
}

static clist *
fetch (McImapSession *session, struct mailimap_set *set, struct mailimap_fetch_att *section, GError **error)
{
  struct mailimap_fetch_type *what = mailimap_fetch_type_new_fetch_att_list_empty ();
  clist *list = NULL;
  int code;

  mailimap_fetch_type_new_fetch_att_list_add (what, mailimap_fetch_att_new_uid ());
  mailimap_fetch_type_new_fetch_att_list_add (what, mailimap_fetch_att_new_rfc822_size ());
  mailimap_fetch_type_new_fetch_att_list_add (what, section);
  code = mailimap_uid_fetch (session->imap, set, what, &list);
  mailimap_fetch_type_free (what);
  mailimap_set_free (set);
  return mc_imap_session_judge (session, code, "fetching mails", error) ? list : NULL;
}

GBytes *
mc_imap_folder_fetch (McImapSession *session, guint32 uid, GError **error)
{
  struct mailimap_section *whole = mailimap_section_new (NULL);
  clist *list = fetch (session, mailimap_set_new_single (uid),
                       mailimap_fetch_att_new_body_peek_section_partial (whole, 0, MC_IMAP_MAIL_MAX), error);
  GBytes *mail = NULL;

  for (clistiter *i = list != NULL ? clist_begin (list) : NULL; i != NULL && mail == NULL; i = clist_next (i)) {
    Item item = read_item (clist_content (i));

    /* The server's word on sizes is checked. */
    if (item.uid == uid && item.section != NULL && item.size <= MC_IMAP_MAIL_MAX &&
        item.section_length <= MC_IMAP_MAIL_MAX)
      mail = g_bytes_new (item.section, item.section_length);
  }
  if (list != NULL)
    mailimap_fetch_list_free (list);
  return mail;
}

static gboolean
fetch_mail (McImapSession *session, guint32 uid, McImapFoundFunc found, gpointer data, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GBytes) mail = mc_imap_folder_fetch (session, uid, &reason);

  if (reason != NULL) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  /* What it gave for a header is checked, too. */
  if (mail != NULL && mc_peek (g_bytes_get_data (mail, NULL), g_bytes_get_size (mail)))
    found (mail, data);
  return TRUE;
}

/* All that mc_peek_header looks at: a hundred other mails cost some KiB. */
static struct mailimap_fetch_att *
peek_fields (void)
{
  clist *names = clist_new ();

  clist_append (names, strdup ("Subject"));
  clist_append (names, strdup ("Auto-Submitted"));
  clist_append (names, strdup ("Content-Type"));
  clist_append (names, strdup ("From"));
  return mailimap_fetch_att_new_body_peek_section (
      mailimap_section_new_header_fields (mailimap_header_list_new (names)));
}

static gboolean
pick_batch (McImapSession *session, const guint32 *uids, guint n, GArray *picked, GError **error)
{
  struct mailimap_set *set = mailimap_set_new_empty ();
  clist *list;

  for (guint i = 0; i < n; i++)
    mailimap_set_add_single (set, uids[i]);
  list = fetch (session, set, peek_fields (), error);
  if (list == NULL)
    return FALSE;
  for (clistiter *i = clist_begin (list); i != NULL; i = clist_next (i)) {
    Item item = read_item (clist_content (i));

    if (item.uid != 0 && item.section != NULL && item.size <= MC_IMAP_MAIL_MAX &&
        mc_peek_header (item.section, item.section_length))
      g_array_append_val (picked, item.uid);
  }
  mailimap_fetch_list_free (list);
  return TRUE;
}

static gboolean
look_at (McImapSession *session, McImapFolder *folder, const GArray *uids, McImapFoundFunc found, gpointer data,
         GError **error)
{
  const guint32 *all = (const guint32 *)(gpointer)uids->data;

  for (guint done = 0; done < uids->len; done += BATCH) {
    guint n = MIN (uids->len - done, BATCH);
    g_autoptr (GArray) picked = g_array_new (FALSE, FALSE, sizeof (guint32));

    if (!pick_batch (session, all + done, n, picked, error))
      return FALSE;
    for (guint i = 0; i < picked->len; i++) {
      guint32 uid = g_array_index (picked, guint32, i);

      if (!fetch_mail (session, uid, found, data, error))
        return FALSE;
    }
    folder->last = MAX (folder->last, all[done + n - 1]); /* should the connection break, we go on from here */
  }
  return TRUE;
}

static struct mailimap_search_key *
search_key (const McImapFolder *folder, gint64 since)
{
  /* Days only, and in the server's idea of them (RFC 3501 6.4.4). */
  g_autoptr (GDateTime) day = NULL;
  struct mailimap_set *set;

  if (folder->last > 0) {
    set = mailimap_set_new_empty ();
    mailimap_set_add_interval (set, folder->last + 1, 0); /* 0 = "*" */
    return mailimap_search_key_new_uid (set);
  }
  day = g_date_time_new_from_unix_utc (MAX (since - 24 * 3600, 0));
  if (day == NULL)
    day = g_date_time_new_from_unix_utc (0);
  return mailimap_search_key_new_since (
      mailimap_date_new (g_date_time_get_day_of_month (day), g_date_time_get_month (day), g_date_time_get_year (day)));
}

static gint
compare_uids (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *)a;
  guint32 y = *(const guint32 *)b;

  return x < y ? -1 : x > y;
}

GArray *
mc_imap_folder_search (McImapSession *session, struct mailimap_search_key *key, GError **error)
{
  GArray *uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  clist *list = NULL;
  int code = mailimap_uid_search (session->imap, NULL, key, &list);

  mailimap_search_key_free (key);
  if (!mc_imap_session_judge (session, code, "searching", error)) {
    g_array_unref (uids);
    return NULL;
  }
  for (clistiter *i = list != NULL ? clist_begin (list) : NULL; i != NULL; i = clist_next (i)) {
    guint32 uid = *(uint32_t *)clist_content (i);

    g_array_append_val (uids, uid);
  }
  if (list != NULL)
    mailimap_search_result_free (list);
  g_array_sort (uids, compare_uids);
  return uids;
}

static GArray *
search (McImapSession *session, const McImapFolder *folder, gint64 since, GError **error)
{
  GArray *uids = mc_imap_folder_search (session, search_key (folder, since), error);

  /* "N:*" names the last mail even where it is older than N. */
  while (uids != NULL && uids->len > 0 && g_array_index (uids, guint32, 0) <= folder->last)
    g_array_remove_index (uids, 0);
  return uids;
}

static gboolean
open_folder (McImapSession *session, McImapFolder *folder, guint32 *uid_next, GError **error)
{
  g_autofree char *shown = mc_text_sanitize (folder->name, 100);
  g_autofree char *doing = g_strdup_printf ("opening %s", shown);
  struct mailimap_selection_info *info;

  if (!mc_imap_session_judge (session, mailimap_examine (session->imap, folder->name), doing, error))
    return FALSE;
  info = session->imap->imap_selection_info;
  if (info != NULL)
    info->sel_has_exists = 0; /* from now on it means news */
  *uid_next = info != NULL ? info->sel_uidnext : 0;
  if (info != NULL && info->sel_uidvalidity != folder->uid_validity) {
    folder->uid_validity = info->sel_uidvalidity;
    folder->last = 0;
  }
  return TRUE;
}

gboolean
mc_imap_folder_visit (McImapSession *session, McImapFolder *folder, gint64 since, McImapFoundFunc found, gpointer data,
                      GError **error)
{
  g_autoptr (GArray) uids = NULL;
  guint32 uid_next = 0;

  if (!open_folder (session, folder, &uid_next, error))
    return FALSE;
  if (uid_next != 0 && folder->last != 0 && uid_next <= folder->last + 1)
    return TRUE;
  uids = search (session, folder, since, error);
  if (uids == NULL || !look_at (session, folder, uids, found, data, error))
    return FALSE;
  /* What was there before the search and not in its answer is older than SINCE. */
  if (uid_next > 1)
    folder->last = MAX (folder->last, uid_next - 1);
  return TRUE;
}

gboolean
mc_imap_folder_told_in_passing (McImapSession *session)
{
  struct mailimap_selection_info *info = session->imap->imap_selection_info;
  gboolean told = info != NULL && info->sel_has_exists;

  if (info != NULL)
    info->sel_has_exists = 0;
  return told;
}

gboolean
mc_imap_folder_has_news (McImapSession *session, const McImapFolder *folder, gboolean *news, GError **error)
{
  struct mailimap_status_att_list *wanted = mailimap_status_att_list_new_empty ();
  struct mailimap_mailbox_data_status *status = NULL;
  guint32 uid_next = 0;
  guint32 validity = 0;
  int code;

  mailimap_status_att_list_add (wanted, MAILIMAP_STATUS_ATT_UIDNEXT);
  mailimap_status_att_list_add (wanted, MAILIMAP_STATUS_ATT_UIDVALIDITY);
  code = mailimap_status (session->imap, folder->name, wanted, &status);
  mailimap_status_att_list_free (wanted);
  if (code == MAILIMAP_NO_ERROR && status != NULL)
    for (clistiter *i = status->st_info_list != NULL ? clist_begin (status->st_info_list) : NULL; i != NULL;
         i = clist_next (i)) {
      const struct mailimap_status_info *info = clist_content (i);

      if (info->st_att == MAILIMAP_STATUS_ATT_UIDNEXT)
        uid_next = info->st_value;
      else if (info->st_att == MAILIMAP_STATUS_ATT_UIDVALIDITY)
        validity = info->st_value;
    }
  if (status != NULL)
    mailimap_mailbox_data_status_free (status);
  *news = uid_next == 0 || uid_next > folder->last + 1 || validity != folder->uid_validity;
  return mc_imap_session_judge (session, code, "asking for the state of a folder", error);
}
