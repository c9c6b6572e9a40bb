/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings of mail clients, as people write them and programs break them: of mutt its file and its answers, of
 * Claws Mail accountrc and clawsrc. */

#include "../../plugin/claws/settings.h"
#include "../../plugin/mutt/mutt.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
try_muttrc (const char *text, gsize length)
{
  g_autoptr (McMuttrc) rc = mc_muttrc_new ();
  g_autoptr (GPtrArray) sourced = g_ptr_array_new_with_free_func (g_free);

  mc_muttrc_parse (rc, text, length, sourced);
  /* A command is what stood between two backticks, and never a password. */
  if (rc->password_command != NULL) {
    g_assert_true (*rc->password_command != '\0' && strpbrk (rc->password_command, "`\n") == NULL);
    g_assert_false (rc->literal_password);
  }
  for (guint i = 0; i < rc->alternates->len; i++)
    g_assert_null (strchr (g_ptr_array_index (rc->alternates, i), '\n'));
  for (guint i = 0; i < sourced->len; i++)
    g_assert_cmpstr (g_ptr_array_index (sourced, i), !=, "");
}

static void
try_answer (const char *text, gsize length)
{
  g_autoptr (GHashTable) settings = mc_mutt_settings_new ();
  GHashTableIter iter;
  gpointer name, value;

  mc_mutt_query_parse (settings, text, length);
  g_hash_table_iter_init (&iter, settings);
  while (g_hash_table_iter_next (&iter, &name, &value)) {
    g_assert_null (strpbrk (name, "_ =\n"));
    g_assert_null (strchr (value, '\n'));
    g_assert_true (g_utf8_validate (value, -1, NULL));
  }
}

static void
try_claws (const char *text)
{
  g_auto (McClawsSettings) account = mc_claws_settings_find (text, "alice@example.test");

  g_assert_true (account.found || account.choice == NULL || *text != '\0');
  mc_claws_loads (text, "smime.so");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);

  try_muttrc ((const char *)data, size);
  try_answer ((const char *)data, size);
  try_claws (text);
  return 0;
}
