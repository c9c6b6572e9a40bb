/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/keyring.h"

#include "base/error.h"
#include "keyring/place.h"
#include "pki/mail-name.h"

#include <string.h>

typedef enum { NO_DIR, MAY_DIR, MUST_DIR } Dir;

typedef struct {
  const char *name;
  Dir dir;
  const char *program; /* without which nothing goes in, and the Debian package that has it */
  const char *package;
  McKeyringInstallFunc install;
  McKeyringDefaultFunc set_default; /* NULL: nothing there says which one is used; the mail program's settings do, by
                                       key_id, or its own library takes the newest */
  McKeyringListFunc list;
} Place;

static const Place places[] = {
    {"gpgsm", NO_DIR, "gpgsm", "gpgsm", mc_gpgsm_install, NULL, mc_gpgsm_list},
    {"smime-keys", MAY_DIR, "openssl", "openssl", mc_smime_keys_install, mc_smime_keys_set_default, mc_smime_keys_list},
    {"nss", MUST_DIR, "certutil", "libnss3-tools", mc_nss_install, NULL, mc_nss_list},
    {"files", MUST_DIR, NULL, NULL, mc_files_install, mc_files_set_default, mc_files_list},
};

const char *
mc_keyring_outcome_name (McKeyringOutcome outcome)
{
  static const char *const names[] = {"ready", "untrusted", "failed"};

  g_return_val_if_fail ((gsize)outcome < G_N_ELEMENTS (names), "failed");
  return names[outcome];
}

/* *DIR points into SPEC. */
static const Place *
find_place (const char *spec, const char **dir, GError **error)
{
  const char *colon = strchr (spec, ':');
  gsize length = colon != NULL ? (gsize)(colon - spec) : strlen (spec);
  g_autofree char *shown = mc_text_sanitize (spec, 100);

  *dir = colon != NULL ? colon + 1 : NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++) {
    const Place *place = &places[i];

    if (strlen (place->name) != length || strncmp (place->name, spec, length) != 0)
      continue;
    if (place->dir == NO_DIR && *dir != NULL)
      g_set_error (error, MC_ERROR, MC_ERROR_USAGE, "keyring \"%s\": %s takes no folder", shown, place->name);
    else if (*dir != NULL ? !g_path_is_absolute (*dir) : place->dir == MUST_DIR)
      g_set_error (error, MC_ERROR, MC_ERROR_USAGE,
                   "keyring \"%s\": a folder is needed, as in %s:/home/me/certificates", shown, place->name);
    else
      return place;
    return NULL;
  }
  g_set_error (error, MC_ERROR, MC_ERROR_USAGE,
               "keyring \"%s\" is not known: there are gpgsm, smime-keys, nss:DIR and files:DIR", shown);
  return NULL;
}

gboolean
mc_keyring_spec_check (const char *spec, GError **error)
{
  const char *dir;

  return find_place (spec, &dir, error) != NULL;
}

static gboolean
has_program (const Place *place, GError **error)
{
  g_autofree char *program = place->program != NULL ? g_find_program_in_path (place->program) : NULL;

  if (program != NULL || place->program == NULL)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
               "%s is not installed: install it (package %s), or name another keyring, as in "
               "files:/home/me/certificates",
               place->program, place->package);
  return FALSE;
}

gboolean
mc_keyring_takes (const char *spec, McKeyKind kind, McUsage usage, GError **error)
{
  const gboolean rsa = kind == MC_KEY_RSA3072 || kind == MC_KEY_RSA4096;
  const char *dir;
  const Place *place = find_place (spec, &dir, error);

  if (place == NULL || !has_program (place, error))
    return FALSE;
  if (place->install == mc_gpgsm_install)
    return mc_gpgsm_takes (rsa, NULL, error);
  if (place->install == mc_nss_install)
    return mc_nss_takes (rsa, usage, error);
  return TRUE;
}

McKeyringOutcome
mc_keyring_install (const char *spec, const McKeyringItem *item, GCancellable *cancel, char **key_id, GError **error)
{
  const char *dir;
  const Place *place = find_place (spec, &dir, error);
  g_autofree char *id = NULL;
  McKeyringOutcome outcome;

  if (place == NULL || !has_program (place, error))
    return MC_KEYRING_FAILED;
  outcome = place->install (dir, item, cancel, &id, error);
  if (outcome == MC_KEYRING_READY && place->set_default != NULL && !place->set_default (dir, item, cancel, error))
    return MC_KEYRING_FAILED;
  if (key_id != NULL && outcome != MC_KEYRING_FAILED)
    *key_id = g_steal_pointer (&id);
  return outcome;
}

char *
mc_keyring_default (const char *data_dir, McKeyKind kind)
{
  g_autofree char *dir = g_build_filename (data_dir, "certificates", NULL);

  return mc_keyring_takes ("gpgsm", kind, MC_USAGE_BOTH, NULL) ? g_strdup ("gpgsm") : g_strconcat ("files:", dir, NULL);
}

/* --- what there is --- */

static void
entry_free (gpointer p)
{
  McKeyringEntry *entry = p;

  g_free (entry->key_id);
  mc_certificate_info_free (entry->info);
  g_free (entry);
}

GPtrArray *
mc_keyring_entries_new (void)
{
  return g_ptr_array_new_with_free_func (entry_free);
}

void
mc_keyring_entry_add (GPtrArray *entries, const char *key_id, X509 *certificate)
{
  McCertificateInfo *info = mc_certificate_info_new (certificate, NULL);
  McKeyringEntry *entry;

  if (info == NULL) /* nothing that we could say anything of */
    return;
  entry = g_new0 (McKeyringEntry, 1);
  entry->key_id = g_strdup (key_id);
  entry->info = info;
  g_ptr_array_add (entries, entry);
}

McKeyringEntry *
mc_keyring_entry_newest (const GPtrArray *entries, McUsage use)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  McKeyringEntry *newest = NULL;

  for (guint i = 0; i < entries->len; i++) {
    McKeyringEntry *entry = g_ptr_array_index (entries, i);
    const McCertificateInfo *info = entry->info;

    /* 5 minutes: a CA's clock may be ahead, and what was issued a moment ago is to be used now. */
    if ((info->usage == use || info->usage == MC_USAGE_BOTH) && info->not_before <= now + 300 &&
        info->not_after > now && (newest == NULL || info->not_before > newest->info->not_before))
      newest = entry;
  }
  return newest;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const McKeyringEntry *one = *(McKeyringEntry *const *)a, *other = *(McKeyringEntry *const *)b;

  return one->info->not_before == other->info->not_before  ? strcmp (one->key_id, other->key_id)
         : one->info->not_before > other->info->not_before ? -1
                                                           : 1;
}

static gboolean
is_for (const McCertificateInfo *info, const char *address)
{
  for (guint i = 0; info->addresses[i] != NULL; i++)
    if (g_ascii_strcasecmp (info->addresses[i], address) == 0)
      return TRUE;
  return FALSE;
}

GPtrArray *
mc_keyring_list (const char *spec, const char *address, GCancellable *cancel, GError **error)
{
  g_autoptr (GPtrArray) entries = mc_keyring_entries_new ();
  /* Certificates have the domain as A-labels (RFC 9598 3), people as they write it. */
  g_autofree char *plain = mc_mail_name_to_ascii_domain (address, NULL);
  const char *certified = plain != NULL ? plain : address;
  const char *dir;
  const Place *place = find_place (spec, &dir, error);
  McKeyringEntry *newest;

  if (place == NULL || !has_program (place, error))
    return NULL;
  /* Our own folders are named as people write it. */
  if (!place->list (dir, place->list == mc_files_list ? address : certified, cancel, entries, error))
    return NULL;
  for (guint i = entries->len; i > 0; i--)
    if (!is_for (((McKeyringEntry *)g_ptr_array_index (entries, i - 1))->info, certified))
      g_ptr_array_remove_index (entries, i - 1);
  g_ptr_array_sort (entries, compare_entries);
  newest = mc_keyring_entry_newest (entries, MC_USAGE_SIGN);
  if (newest != NULL)
    newest->is_default = TRUE;
  return g_steal_pointer (&entries);
}
