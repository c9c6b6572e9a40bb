/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "power-disk.h"

#include <string.h>

#define SECTOR 512

/* One change of a file that no sync has followed yet; BYTES NULL: it was cut to AT. */
typedef struct {
  gsize at;
  GBytes *bytes;
} Change;

static struct {
  GPtrArray *inodes; /* of PowerInode, all there ever were */
  GHashTable *now;   /* path -> PowerInode */
  GHashTable *safe;  /* the same, as the folder was synced last */
  GRand *random;
  PowerLoss loss;
  guint operations, cut_at, open;
  gboolean out;
} disk;

/* --- contents --- */

static void
change_clear (gpointer change)
{
  g_clear_pointer (&((Change *)change)->bytes, g_bytes_unref);
}

static PowerInode *
inode_new (void)
{
  PowerInode *inode = g_new0 (PowerInode, 1);

  inode->now = g_byte_array_new ();
  inode->safe = g_byte_array_new ();
  inode->changes = g_array_new (FALSE, FALSE, sizeof (Change));
  g_array_set_clear_func (inode->changes, change_clear);
  inode->regions = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (disk.inodes, inode);
  return inode;
}

static void
inode_free (gpointer p)
{
  PowerInode *inode = p;

  g_byte_array_unref (inode->now);
  g_byte_array_unref (inode->safe);
  g_array_unref (inode->changes);
  g_ptr_array_unref (inode->regions);
  g_free (inode);
}

static void
set_size (GByteArray *bytes, gsize size)
{
  gsize before = bytes->len;

  g_byte_array_set_size (bytes, (guint)size);
  if (size > before)
    memset (bytes->data + before, 0, size - before);
}

static void
put (GByteArray *bytes, gsize at, const guint8 *octets, gsize length)
{
  if (at + length > bytes->len)
    set_size (bytes, at + length);
  memcpy (bytes->data + at, octets, length);
}

static void
copy (GByteArray *to, const GByteArray *from)
{
  set_size (to, from->len);
  if (from->len > 0)
    memcpy (to->data, from->data, from->len);
}

/* Every sector that was written and not synced is there or not, as it likes. */
static void
lose_some (PowerInode *inode)
{
  for (guint i = 0; i < inode->changes->len; i++) {
    const Change *change = &g_array_index (inode->changes, Change, i);
    gsize length = 0;
    const guint8 *octets = change->bytes != NULL ? g_bytes_get_data (change->bytes, &length) : NULL;

    if (octets == NULL && g_rand_boolean (disk.random))
      set_size (inode->safe, change->at);
    for (gsize done = 0, step; done < length; done += step) {
      step = MIN (SECTOR - (change->at + done) % SECTOR, length - done);
      if (g_rand_boolean (disk.random))
        put (inode->safe, change->at + done, octets + done, step);
    }
  }
}

void
power_sync (PowerInode *inode)
{
  copy (inode->safe, inode->now);
  g_array_set_size (inode->changes, 0);
}

static void
inode_cut (gpointer p, gpointer nothing)
{
  PowerInode *inode = p;

  (void)nothing;
  if (disk.loss == POWER_LOSES_NOTHING)
    power_sync (inode);
  else if (disk.loss == POWER_LOSES_SOME)
    lose_some (inode);
  copy (inode->now, inode->safe);
  g_array_set_size (inode->changes, 0);
  g_ptr_array_set_size (inode->regions, 0);
}

/* --- names --- */

static void
copy_names (GHashTable *to, GHashTable *from)
{
  GHashTableIter iter;
  gpointer path, inode;

  g_hash_table_remove_all (to);
  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &path, &inode))
    g_hash_table_insert (to, g_strdup (path), inode);
}

/* Each name that was made or deleted since is there or not. */
static void
lose_some_names (void)
{
  g_autoptr (GHashTable) before = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer path, inode;

  copy_names (before, disk.safe);
  g_hash_table_iter_init (&iter, disk.now);
  while (g_hash_table_iter_next (&iter, &path, &inode))
    if (g_hash_table_lookup (before, path) != inode && g_rand_boolean (disk.random))
      g_hash_table_insert (disk.safe, g_strdup (path), inode);
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &path, &inode))
    if (!g_hash_table_contains (disk.now, path) && g_rand_boolean (disk.random))
      g_hash_table_remove (disk.safe, path);
}

static void
come_back (void)
{
  if (disk.loss == POWER_LOSES_NOTHING)
    copy_names (disk.safe, disk.now);
  else if (disk.loss == POWER_LOSES_SOME)
    lose_some_names ();
  copy_names (disk.now, disk.safe);
  g_ptr_array_foreach (disk.inodes, inode_cut, NULL);
  disk.out = FALSE;
}

gboolean
power_change (void)
{
  if (disk.out)
    return TRUE;
  disk.operations++;
  if (disk.cut_at > 0 && --disk.cut_at == 0)
    disk.out = TRUE;
  return FALSE; /* what it cuts short is among what was not synced */
}

PowerInode *
power_lookup (const char *path)
{
  return g_hash_table_lookup (disk.now, path);
}

PowerInode *
power_create (const char *path)
{
  PowerInode *inode = inode_new ();

  g_hash_table_insert (disk.now, g_strdup (path), inode);
  return inode;
}

void
power_remove (const char *path)
{
  g_hash_table_remove (disk.now, path);
}

void
power_sync_names (void)
{
  copy_names (disk.safe, disk.now);
}

void
power_write (PowerInode *inode, gsize at, const void *octets, gsize length)
{
  Change change = {at, g_bytes_new (octets, length)};

  g_array_append_val (inode->changes, change);
  put (inode->now, at, octets, length);
}

void
power_truncate (PowerInode *inode, gsize size)
{
  Change change = {size, NULL};

  g_array_append_val (inode->changes, change);
  set_size (inode->now, size);
}

void
power_opened (void)
{
  disk.open++;
}

void
power_closed (void)
{
  if (--disk.open == 0 && disk.out)
    come_back ();
}

void
power_disk_new (guint32 seed, PowerLoss loss)
{
  power_disk_free ();
  disk.inodes = g_ptr_array_new_with_free_func (inode_free);
  disk.now = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  disk.safe = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  disk.random = g_rand_new_with_seed (seed);
  disk.loss = loss;
  power_register ();
}

void
power_disk_free (void)
{
  if (disk.inodes == NULL)
    return;
  power_unregister ();
  g_ptr_array_unref (disk.inodes);
  g_hash_table_unref (disk.now);
  g_hash_table_unref (disk.safe);
  g_rand_free (disk.random);
  memset (&disk, 0, sizeof disk);
}

void
power_cut_at (guint operation)
{
  disk.cut_at = operation;
}

void
power_cut (void)
{
  disk.out = TRUE;
  if (disk.open == 0)
    come_back ();
}

gboolean
power_is_out (void)
{
  return disk.out;
}

guint
power_operations (void)
{
  return disk.operations;
}
