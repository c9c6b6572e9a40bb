/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/keyring.h"

#include "base/error.h"
#include "keyring/place.h"

#include <string.h>

typedef struct {
  const char *name;
  gboolean takes_dir;
  McKeyringInstallFunc install;
} Place;

static const Place places[] = {
    {"gpgsm", FALSE, mc_gpgsm_install},
    {"files", TRUE, mc_files_install},
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
    if (place->takes_dir && (*dir == NULL || !g_path_is_absolute (*dir)))
      g_set_error (error, MC_ERROR, MC_ERROR_USAGE,
                   "keyring \"%s\": a folder is needed, as in %s:/home/me/certificates", shown, place->name);
    else if (!place->takes_dir && *dir != NULL)
      g_set_error (error, MC_ERROR, MC_ERROR_USAGE, "keyring \"%s\": %s takes no folder", shown, place->name);
    else
      return place;
    return NULL;
  }
  g_set_error (error, MC_ERROR, MC_ERROR_USAGE, "keyring \"%s\" is not known: there are gpgsm and files:DIR", shown);
  return NULL;
}

gboolean
mc_keyring_spec_check (const char *spec, GError **error)
{
  const char *dir;

  return find_place (spec, &dir, error) != NULL;
}

gboolean
mc_keyring_takes (const char *spec, McKeyKind kind, GError **error)
{
  g_autofree char *program = NULL;

  if (!mc_keyring_spec_check (spec, error))
    return FALSE;
  if (!g_str_equal (spec, "gpgsm"))
    return TRUE;
  program = g_find_program_in_path ("gpgsm");
  if (program == NULL) {
    g_set_error_literal (
        error, MC_ERROR, MC_ERROR_KEYRING,
        "gpgsm is not installed: install it, or name another keyring, as in files:/home/me/certificates");
    return FALSE;
  }
  return mc_gpgsm_takes (kind == MC_KEY_RSA3072 || kind == MC_KEY_RSA4096, NULL, error);
}

McKeyringOutcome
mc_keyring_install (const char *spec, const McKeyringItem *item, GCancellable *cancel, char **key_id, GError **error)
{
  const char *dir;
  const Place *place = find_place (spec, &dir, error);
  g_autofree char *id = NULL;
  McKeyringOutcome outcome = place != NULL ? place->install (dir, item, cancel, &id, error) : MC_KEYRING_FAILED;

  if (key_id != NULL && outcome != MC_KEYRING_FAILED)
    *key_id = g_steal_pointer (&id);
  return outcome;
}

char *
mc_keyring_default (const char *data_dir, McKeyKind kind)
{
  g_autofree char *dir = g_build_filename (data_dir, "certificates", NULL);

  return mc_keyring_takes ("gpgsm", kind, NULL) ? g_strdup ("gpgsm") : g_strconcat ("files:", dir, NULL);
}
