/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "back.h"

#include "base/secret.h"

#include <string.h>

#define CHECK_EVERY 7 /* loads and saves: each one would be half of the time that the tests take */

typedef struct {
  gint64 version;
  McEnrollmentState state;
  char *record;
  GBytes *key;
} Row;

typedef struct {
  Back back;
  GPtrArray *rows;      /* id - 1 */
  GPtrArray *accounts;  /* of McAccount */
  GHashTable *answered; /* Message-ID -> id of the enrollment */
  guint uses;
} Memory;

static void
row_free (gpointer p)
{
  Row *row = p;

  mc_secret_string_free (row->record);
  g_clear_pointer (&row->key, g_bytes_unref);
  g_free (row);
}

static GBytes *
copy_bytes (GBytes *bytes)
{
  return bytes != NULL ? g_bytes_new (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)) : NULL;
}

static McAccount *
account_copy (const McAccount *account)
{
  McAccount *copy = mc_account_new (account->directory);

  copy->id = account->id;
  copy->version = account->version;
  copy->url = g_strdup (account->url);
  copy->key = copy_bytes (account->key);
  copy->new_key = copy_bytes (account->new_key);
  copy->terms = g_strdup (account->terms);
  copy->binding_kid = g_strdup (account->binding_kid);
  copy->learned_trigger = g_strdup (account->learned_trigger);
  copy->deactivated = account->deactivated;
  return copy;
}

static McAccount *
find_account (const Memory *memory, const char *directory, guint *index)
{
  for (guint i = 0; i < memory->accounts->len; i++) {
    McAccount *account = g_ptr_array_index (memory->accounts, i);

    if (strcmp (account->directory, directory) == 0) {
      *index = i;
      return account;
    }
  }
  return NULL;
}

/* What is written must read back, and must then say the same again: else a restart would change it. */
static McEnrollment *
parse_checked (Memory *memory, const char *record)
{
  g_autoptr (GError) error = NULL;
  McEnrollment *e = mc_enrollment_parse (record, strlen (record), &error);
  g_autoptr (McSecretString) again = NULL;

  g_assert_no_error (error);
  if (++memory->uses % CHECK_EVERY != 0)
    return e;
  again = mc_enrollment_compose (e);
  g_assert_cmpstr (record, ==, again);
  return e;
}

static void
mark_answered (Memory *memory, const McEnrollment *e)
{
  for (guint i = 0; i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);
    gpointer owner;

    if (address->state < MC_ADDRESS_SENDING || address->challenge_message_id == NULL)
      continue;
    owner = g_hash_table_lookup (memory->answered, address->challenge_message_id);
    g_assert_true (owner == NULL || owner == GINT_TO_POINTER ((gint)e->id)); /* nobody answers another's */
    g_hash_table_insert (memory->answered, g_strdup (address->challenge_message_id), GINT_TO_POINTER ((gint)e->id));
  }
}

static gboolean
account_conflicts (const Memory *memory, const McAccount *account)
{
  guint index;
  const McAccount *stored = account != NULL ? find_account (memory, account->directory, &index) : NULL;

  return stored != NULL && stored->version != account->version;
}

static void
write_account (Memory *memory, McAccount *account)
{
  guint index;

  account->version++;
  if (find_account (memory, account->directory, &index) != NULL)
    g_ptr_array_remove_index (memory->accounts, index);
  account->id = 1;
  g_ptr_array_add (memory->accounts, account_copy (account));
}

static BackResult
memory_save_account (Back *back, McAccount *account)
{
  Memory *memory = (Memory *)back;

  if (account_conflicts (memory, account))
    return BACK_CONFLICT;
  write_account (memory, account);
  return BACK_SAVED;
}

static BackResult
memory_save (Back *back, McEnrollment *e, McAccount *account)
{
  Memory *memory = (Memory *)back;
  Row *row = e->id != 0 ? g_ptr_array_index (memory->rows, e->id - 1) : NULL;

  if ((row != NULL && row->version != e->version) || account_conflicts (memory, account))
    return BACK_CONFLICT;
  if (row == NULL) {
    row = g_new0 (Row, 1);
    g_ptr_array_add (memory->rows, row);
    e->id = memory->rows->len;
  }
  mc_secret_string_free (row->record);
  row->record = mc_enrollment_compose (e);
  g_assert_nonnull (row->record);
  if (++memory->uses % CHECK_EVERY == 0) {
    memory->uses--;
    mc_enrollment_free (parse_checked (memory, row->record));
  }
  e->version = ++row->version;
  row->state = e->state;
  if (row->key != NULL) /* a key once stored is never changed */
    g_assert_true (e->key != NULL && g_bytes_equal (row->key, e->key));
  else
    row->key = copy_bytes (e->key);
  mark_answered (memory, e);
  if (account != NULL)
    write_account (memory, account);
  return BACK_SAVED;
}

static McEnrollment *
memory_enrollment (Back *back, gint64 id)
{
  Memory *memory = (Memory *)back;
  const Row *row = g_ptr_array_index (memory->rows, id - 1);
  McEnrollment *e = parse_checked ((Memory *)back, row->record);

  e->id = id;
  e->version = row->version;
  e->key = copy_bytes (row->key);
  return e;
}

static McEnrollmentState
memory_state (Back *back, gint64 id)
{
  return ((Row *)g_ptr_array_index (((Memory *)back)->rows, id - 1))->state;
}

static McAccount *
memory_account (Back *back, const char *directory)
{
  guint index;
  const McAccount *account = find_account ((Memory *)back, directory, &index);

  return account != NULL ? account_copy (account) : NULL;
}

static gboolean
memory_is_answered (Back *back, const char *message_id)
{
  return g_hash_table_contains (((Memory *)back)->answered, message_id);
}

static void
memory_restart (Back *back)
{
  (void)back;
}

static void
memory_free (Back *back)
{
  Memory *memory = (Memory *)back;

  g_ptr_array_unref (memory->rows);
  g_ptr_array_unref (memory->accounts);
  g_hash_table_unref (memory->answered);
  g_free (memory);
}

Back *
back_memory_new (void)
{
  Memory *memory = g_new0 (Memory, 1);

  memory->back = (Back){memory_save,    memory_save_account, memory_enrollment, memory_state,
                        memory_account, memory_is_answered,  memory_restart,    memory_free};
  memory->rows = g_ptr_array_new_with_free_func (row_free);
  memory->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify)mc_account_free);
  memory->answered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return &memory->back;
}
