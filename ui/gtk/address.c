/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include "mail/address.h"

/* How the addresses of the person's accounts stand. */

static gboolean
concerns (const McTask *task, const char *address)
{
  for (guint i = 0; task->addresses[i] != NULL; i++)
    if (mc_address_equal (task->addresses[i], address))
      return TRUE;
  return FALSE;
}

const McTask *
mc_address_newest (const McSession *session, const char *address, gboolean installed)
{
  const McTask *newest = NULL;

  for (guint i = 0; i < session->tasks->len; i++) {
    const McTask *task = g_ptr_array_index (session->tasks, i);

    if (concerns (task, address) && (!installed || task->installed) && (newest == NULL || task->id > newest->id))
      newest = task;
  }
  return newest;
}

char *
mc_address_sentence (const McSession *session, const char *address)
{
  const McTask *installed = mc_address_newest (session, address, TRUE);
  const McTask *newest = mc_address_newest (session, address, FALSE);
  GString *out = g_string_new (installed != NULL ? installed->sentence : NULL);

  if (newest == NULL)
    g_string_append (out, _ ("There is no certificate for this address yet."));
  else if (newest != installed)
    g_string_append_printf (out, "%s%s", out->len > 0 ? "\n" : "", newest->sentence);
  if (newest != NULL && newest->next != NULL)
    g_string_append_printf (out, "\n%s", newest->next);
  return g_string_free (out, FALSE);
}
