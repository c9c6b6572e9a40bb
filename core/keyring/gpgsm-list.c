/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/certificates.h"
#include "keyring/gpgsm.h"
#include "keyring/place.h"

#include <string.h>

/* "crs:..." (a certificate with its key), then "fpr:::::::::FINGERPRINT:". */
static GPtrArray *
secret_fingerprints (const char *listing)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) lines = g_strsplit (listing, "\n", -1);
  gboolean secret = FALSE;

  for (gsize i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) fields = g_strsplit (lines[i], ":", -1);
    guint count = g_strv_length (fields);

    if (count > 0 && strlen (fields[0]) == 3 && strcmp (fields[0], "fpr") != 0 && strcmp (fields[0], "uid") != 0)
      secret = strcmp (fields[0], "crs") == 0;
    else if (count > 9 && secret && strcmp (fields[0], "fpr") == 0)
      g_ptr_array_add (all, g_strdup (fields[9]));
  }
  return all;
}

static gboolean
run (GCancellable *cancel, const char *const *arguments, char **text, GError **error)
{
  McKeyringItem nothing = {0};
  McGpgsm gpgsm = {.item = &nothing, .cancel = cancel};
  g_auto (McProgramResult) result = {0};
  gsize length;
  const char *bytes;

  if (!mc_gpgsm_run (&gpgsm, NULL, arguments, &result, error))
    return FALSE;
  bytes = g_bytes_get_data (result.out, &length);
  *text = g_strndup (bytes, length);
  return TRUE;
}

/* A key box that is not there yet, or has nothing for ADDRESS, is no error: gpgsm says both by its status. It finds no
 * certificate by an address whose local part is not ASCII (a SmtpUTF8Mailbox): then all are looked at. */
gboolean
mc_gpgsm_list (const char *dir, const char *address, GCancellable *cancel, GPtrArray *entries, GError **error)
{
  g_autofree char *exactly = g_strdup_printf ("<%s>", address);
  const char *const list[] = {"--disable-dirmngr", "--with-colons", "-K", g_str_is_ascii (address) ? exactly : NULL,
                              NULL};
  g_autofree char *listing = NULL;
  g_autoptr (GPtrArray) fingerprints = NULL;

  (void)dir;
  if (!run (cancel, list, &listing, error))
    return FALSE;
  fingerprints = secret_fingerprints (listing);
  for (guint i = 0; i < fingerprints->len; i++) {
    const char *fingerprint = g_ptr_array_index (fingerprints, i);
    const char *const export[] = {"--disable-dirmngr", "--armor", "--export", fingerprint, NULL};
    g_autofree char *pem = NULL;
    g_autoptr (GPtrArray) there = NULL;

    if (!run (cancel, export, &pem, error))
      return FALSE;
    there = mc_certificates_parse (pem, strlen (pem));
    if (there->len > 0)
      mc_keyring_entry_add (entries, fingerprint, g_ptr_array_index (there, 0));
  }
  return TRUE;
}
