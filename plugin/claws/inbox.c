/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws.h"

#include "gtk/relay.h"
#include "gtk/timing.h"
#include "mail/address.h"
#include "mail/message.h"
#include "mail/peek.h"

#include <hooks.h>
#include <string.h>

#define AGAIN_MS 100            /* Claws Mail says to nobody when it has become free */
#define CLOCKS_DIFFER (60 * 60) /* the date of a mail is its sender's */
#define SUBJECT_BEGINS "ACME:"  /* A31 */

/* What is watched for. The runner's thread asks; the rest is the main loop's. */
static struct {
  McInbox port;
  McSession *session;
  McRelay *relay;
  GHashTable *addresses; /* address -> since (gint64 *) */
  GHashTable *due;       /* identifiers of folders to look into */
  GHashTable *offered;   /* key_of a mail -> identifier of its folder */
  GHashTable *seen;      /* key_of what this watch need not offer again */
  gulong hook;
  guint timer;
  gboolean looking;  /* Claws Mail runs a main loop of its own while it fetches */
  gint64 updated_at; /* monotonic: when a folder became due */
  gint64 offered_at; /* the same for the last mail that was offered */
} inbox;

static gboolean look (gpointer data);

static void
look_soon (guint ms)
{
  if (inbox.timer == 0)
    inbox.timer = g_timeout_add (ms, look, NULL);
}

static gboolean
may_hold_challenges (FolderItem *item)
{
  return !folder_has_parent_of_type (item, F_QUEUE) && !folder_has_parent_of_type (item, F_OUTBOX) &&
         !folder_has_parent_of_type (item, F_DRAFT) && !folder_has_parent_of_type (item, F_TRASH);
}

static void
make_due (FolderItem *item)
{
  char *identifier = item != NULL ? folder_item_get_identifier (item) : NULL;

  if (identifier != NULL)
    g_hash_table_add (inbox.due, identifier);
}

/* A hook: only remembers. */
static gboolean
folder_updated (gpointer source, gpointer data)
{
  FolderItem *item = mc_fields_updated_item (source);

  (void)data;
  if (item != NULL && may_hold_challenges (item)) {
    if (g_hash_table_size (inbox.due) == 0)
      inbox.updated_at = g_get_monotonic_time ();
    make_due (item);
    look_soon (0);
  }
  return FALSE;
}

static gboolean
is_new_enough (const MsgInfo *mail, gint64 since)
{
  return mc_fields_date (mail) >= since - CLOCKS_DIFFER;
}

/* Since when any mail is awaited. */
static gint64
awaited_since (void)
{
  gint64 earliest = G_MAXINT64 / 2;
  GHashTableIter iter;
  gpointer since;

  g_hash_table_iter_init (&iter, inbox.addresses);
  while (g_hash_table_iter_next (&iter, NULL, &since))
    earliest = MIN (earliest, *(const gint64 *)since);
  return earliest;
}

static gboolean
is_awaited (const MsgInfo *mail, const char *to)
{
  GHashTableIter iter;
  gpointer address, since;

  g_hash_table_iter_init (&iter, inbox.addresses);
  while (g_hash_table_iter_next (&iter, &address, &since))
    if (mc_address_equal (address, to) && is_new_enough (mail, *(const gint64 *)since))
      return TRUE;
  return FALSE;
}

static gboolean
may_be_challenge (const MsgInfo *mail)
{
  const char *subject = mc_fields_subject (mail), *to = mc_fields_to (mail);
  g_autoptr (GPtrArray) list = NULL;

  if (subject == NULL || to == NULL || mc_fields_message_id (mail) == NULL ||
      g_ascii_strncasecmp (subject, SUBJECT_BEGINS, strlen (SUBJECT_BEGINS)) != 0)
    return FALSE;
  list = mc_address_list_parse (to, strlen (to), NULL);
  for (guint i = 0; list != NULL && i < list->len; i++)
    if (is_awaited (mail, g_ptr_array_index (list, i)))
      return TRUE;
  return FALSE;
}

/* A reply of ours that came back. Its To is the mail system's affair, and whose reply it was stands inside. */
static gboolean
may_be_bounce (const MsgInfo *mail)
{
  const char *from = mc_fields_from (mail);

  return from != NULL && mc_peek_is_mail_system (from, strlen (from));
}

/* What a mail is known by: qmail's bounces have no Message-ID. Caller frees. */
static char *
key_of (const MsgInfo *mail)
{
  const char *message_id = mc_fields_message_id (mail);

  return message_id != NULL ? g_strdup (message_id)
                            : g_strdup_printf ("%u %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, mc_fields_number (mail),
                                               mc_fields_date (mail), mc_fields_size (mail));
}

/* Everything that can be told without fetching it. */
static gboolean
is_candidate (const MsgInfo *mail)
{
  g_autofree char *key = NULL;

  if (mc_fields_size (mail) > MC_MESSAGE_MAX || !(may_be_challenge (mail) || may_be_bounce (mail)))
    return FALSE;
  key = key_of (mail);
  return !g_hash_table_contains (inbox.seen, key);
}

/* Numbers, not mails: what is fetched runs Claws Mail's main loop, and anything may have changed after it. */
static GArray *
list_candidates (FolderItem *item)
{
  MsgInfoList *all;
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  const gint64 since = awaited_since ();
  gint64 left = mc_timing_leave ();

  g_debug ("a folder is listed");
  all = folder_item_get_msg_list (item);
  mc_timing_return (left, "listing a folder", "look");
  for (const MsgInfoList *at = all; at != NULL; at = at->next) {
    if (is_new_enough (at->data, since) && is_candidate (at->data)) { /* the cheapest first: there may be 50,000 */
      const guint number = mc_fields_number (at->data);

      g_array_append_val (numbers, number);
    }
  }
  left = mc_timing_leave ();
  procmsg_msg_list_free (all);
  mc_timing_return (left, "forgetting a list", "look");
  return numbers;
}

static void
fetch (const char *identifier, guint number)
{
  FolderItem *item = folder_find_item_from_identifier (identifier);
  MsgInfo *mail = item != NULL ? folder_item_get_msginfo (item, (gint)number) : NULL;
  g_autofree char *key = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  char *text;
  gsize length;
  gint64 left;

  if (mail == NULL)
    return;
  key = key_of (mail);
  left = mc_timing_leave ();
  path = procmsg_get_message_file_path (mail);
  mc_timing_return (left, "fetching a mail", "fetch");
  procmsg_msginfo_free (&mail);
  if (path == NULL || inbox.session == NULL)
    return; /* it is gone, or could not be fetched: the next update of its folder tries again */
  g_hash_table_add (inbox.seen, g_strdup (key));
  g_hash_table_replace (inbox.offered, g_steal_pointer (&key), g_strdup (identifier));
  inbox.offered_at = inbox.updated_at;
  if (g_file_get_contents (path, &text, &length, &error)) {
    g_autoptr (GBytes) rfc822 = g_bytes_new_take (text, length);

    mc_runner_thread_offer (mc_session_thread (inbox.session), rfc822);
  } else
    g_warning ("%s", error->message);
}

static void
look_into (const char *identifier)
{
  FolderItem *item = folder_find_item_from_identifier (identifier);
  g_autoptr (GArray) numbers = item != NULL ? list_candidates (item) : NULL;

  for (guint i = 0; numbers != NULL && i < numbers->len; i++)
    fetch (identifier, g_array_index (numbers, guint, i));
}

/* One folder at a time. */
static gboolean
look (gpointer data)
{
  GHashTableIter iter;
  gpointer identifier;

  (void)data;
  inbox.timer = 0;
  g_hash_table_iter_init (&iter, inbox.due);
  if (!g_hash_table_iter_next (&iter, &identifier, NULL))
    return G_SOURCE_REMOVE;
  if (inbox.looking || mc_claws_is_busy ()) {
    look_soon (AGAIN_MS);
    return G_SOURCE_REMOVE;
  }
  g_hash_table_iter_steal (&iter);
  inbox.looking = TRUE;
  mc_timing_begin ("look");
  look_into (identifier);
  mc_timing_end ();
  inbox.looking = FALSE;
  g_free (identifier);
  if (g_hash_table_size (inbox.due) > 0)
    look_soon (0);
  return G_SOURCE_REMOVE;
}

static void
add_unread (FolderItem *item, gpointer data)
{
  (void)data;
  if (mc_fields_has_unread (item) && may_hold_challenges (item))
    make_due (item);
}

/* --- the port --- */

typedef struct {
  char *address;
  gint64 since;
} McWatched;

static void
watch_begins (gpointer data)
{
  McWatched *watched = data;
  gint64 since = watched->since > 0 ? watched->since : g_get_real_time () / G_USEC_PER_SEC;

  g_hash_table_replace (inbox.addresses, watched->address, g_memdup2 (&since, sizeof since));
  if (inbox.hook == HOOK_NONE && inbox.session != NULL)
    inbox.hook = hooks_register_hook (FOLDER_ITEM_UPDATE_HOOKLIST, folder_updated, NULL);
  /* The order is older than this look: its mail may be here already. */
  if (watched->since > 0 && inbox.session != NULL) {
    g_hash_table_remove_all (inbox.seen); /* an earlier runner may have ended before it had kept what it was offered */
    folder_func_to_all_folders (add_unread, NULL);
    look_soon (0);
  }
  g_free (watched);
}

static void
watch_ends (gpointer data)
{
  g_autofree char *address = data;

  g_hash_table_remove (inbox.addresses, address);
  if (g_hash_table_size (inbox.addresses) > 0)
    return;
  if (inbox.hook != HOOK_NONE)
    hooks_unregister_hook (FOLDER_ITEM_UPDATE_HOOKLIST, inbox.hook);
  inbox.hook = HOOK_NONE;
  g_hash_table_remove_all (inbox.due);
}

static void
watch (gpointer self, const char *address, gint64 since)
{
  McWatched *watched = g_new (McWatched, 1);

  (void)self;
  watched->address = g_strdup (address);
  watched->since = since;
  mc_relay_post (inbox.relay, watch_begins, watched);
}

static void
unwatch (gpointer self, const char *address)
{
  (void)self;
  mc_relay_post (inbox.relay, watch_ends, g_strdup (address));
}

MsgInfo *
mc_claws_inbox_find (const char *message_id)
{
  g_autofree char *bare = g_strndup (message_id + 1, strlen (message_id) - 2);
  const char *identifier = g_hash_table_lookup (inbox.offered, bare);
  FolderItem *item = identifier != NULL ? folder_find_item_from_identifier (identifier) : NULL;

  return item != NULL ? folder_item_get_msginfo_by_msgid (item, bare) : NULL;
}

gint64
mc_claws_inbox_offered_at (void)
{
  return inbox.offered_at;
}

const McInbox *
mc_claws_inbox_begin (void)
{
  memset (&inbox, 0, sizeof inbox);
  inbox.relay = mc_relay_new ();
  inbox.addresses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  inbox.due = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  inbox.offered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  inbox.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  inbox.port = (McInbox){.watch = watch, .unwatch = unwatch};
  return &inbox.port;
}

void
mc_claws_inbox_follow (McSession *session)
{
  inbox.session = session;
}

void
mc_claws_inbox_end (void)
{
  inbox.session = NULL;
  mc_relay_free (inbox.relay);
  if (inbox.hook != HOOK_NONE)
    hooks_unregister_hook (FOLDER_ITEM_UPDATE_HOOKLIST, inbox.hook);
  if (inbox.timer != 0)
    g_source_remove (inbox.timer);
  g_hash_table_unref (inbox.addresses);
  g_hash_table_unref (inbox.due);
  g_hash_table_unref (inbox.offered);
  g_hash_table_unref (inbox.seen);
  memset (&inbox, 0, sizeof inbox);
}
