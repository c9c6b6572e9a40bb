/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "base/error.h"
#include "keyring/keyring.h"
#include "pki/mail-name.h"

#include <string.h>

void
mc_drive_follow_config (McDrive *drive)
{
  McEnrollment *e = drive->enrollment;
  g_autoptr (McCaProfile) ca = mc_config_ca (drive->runner->config, e->ca, NULL);

  if (e->state != MC_ENROLLMENT_NEW || ca == NULL || g_str_equal (ca->directory, e->directory))
    return;
  g_free (e->directory);
  e->directory = g_strdup (ca->directory);
}

McCaProfile *
mc_runner_ca_of (const McRunner *runner, const McEnrollment *e, GError **error)
{
  g_autoptr (McCaProfile) ca = mc_config_ca (runner->config, e->ca, NULL);

  if (ca != NULL && g_strcmp0 (ca->directory, e->directory) == 0)
    return g_steal_pointer (&ca);
  return mc_config_ca (runner->config, e->directory, error);
}

gboolean
mc_drive_prepare (McDrive *drive, GError **error)
{
  const McEnrollment *e = drive->enrollment;
  const McRunner *runner = drive->runner;

  drive->ca = mc_runner_ca_of (runner, e, error);
  if (drive->ca == NULL || !mc_verify_load_roots (drive->ca, error))
    return FALSE;
  /* Needed for newAccount alone: an account that is open does without it. */
  return drive->account->url != NULL ||
         mc_binding_find (runner->store, drive->ca, e->directory, &drive->binding_kid, &drive->binding_key, error);
}

gboolean
mc_fingerprint_parse (const char *text, char **out, GError **error)
{
  GString *hex = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_isxdigit (*p))
      g_string_append_c (hex, g_ascii_tolower (*p));
    else if (*p != ':' && *p != ' ')
      g_string_append_c (hex, '?');
  if (hex->len != 64 || strchr (hex->str, '?') != NULL) {
    g_string_free (hex, TRUE);
    g_set_error (error, MC_ERROR, MC_ERROR_USAGE, "\"%s\" is no SHA-256 fingerprint (64 hexadecimal digits)", text);
    return FALSE;
  }
  *out = g_string_free (hex, FALSE);
  return TRUE;
}

static gboolean
addresses_check (const char *const *addresses, GError **error)
{
  if (addresses == NULL || addresses[0] == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE, "no address was given");
    return FALSE;
  }
  for (guint i = 0; addresses[i] != NULL; i++) {
    if (!mc_address_is_valid (addresses[i]) || !mc_mail_name_check (addresses[i], NULL)) {
      g_autofree char *shown = mc_text_sanitize (addresses[i], 100);

      g_set_error (error, MC_ERROR, MC_ERROR_USAGE, "\"%s\" is not a mail address", shown);
      return FALSE;
    }
    for (guint j = 0; j < i; j++)
      if (mc_address_equal (addresses[i], addresses[j])) {
        g_set_error (error, MC_ERROR, MC_ERROR_USAGE, "%s was given twice", addresses[i]);
        return FALSE;
      }
  }
  return TRUE;
}

static gboolean
same_addresses (const McEnrollment *e, const char *const *addresses)
{
  if (g_strv_length ((char **)addresses) != e->addresses->len)
    return FALSE;
  for (guint i = 0; addresses[i] != NULL; i++)
    if (mc_enrollment_find (e, addresses[i]) == NULL)
      return FALSE;
  return TRUE;
}

/* What is open for the same addresses at the same CA; and records of tries that ended before anything left this machine
 * are cleared away. */
static gboolean
find_open (McRunner *runner, const McEnrollment *wanted, const char *const *addresses, gint64 *id, GError **error)
{
  g_autoptr (GPtrArray) all = mc_store_enrollments (runner->store, FALSE, error);

  *id = 0;
  if (all == NULL)
    return FALSE;
  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    if (!same_addresses (e, addresses) || e->usage != wanted->usage)
      continue;
    if (mc_enrollment_is_open (e) &&
        (g_str_equal (e->directory, wanted->directory) ||
         (e->state == MC_ENROLLMENT_NEW && g_str_equal (e->ca, wanted->ca)))) /* see mc_drive_follow_config */
      *id = e->id;
    else if (e->state == MC_ENROLLMENT_FAILED && e->key == NULL && e->order_url == NULL &&
             !mc_store_forget (runner->store, e->id, FALSE, error))
      return FALSE;
  }
  return TRUE;
}

/* The keyrings asked for, else the account's, the config's, the machine's own. */
static gboolean
add_keyrings (McRunner *runner, McEnrollment *e, const McEnrollOptions *options, GError **error)
{
  const char *address = mc_enrollment_address (e, 0)->address;
  const char *const *specs = options->keyrings;
  const char *single[] = {NULL, NULL};
  g_autofree char *fallback = NULL;

  if (specs == NULL || specs[0] == NULL) {
    single[0] = g_hash_table_lookup (runner->config->account_keyrings, address);
    specs = single[0] != NULL ? single : (const char *const *)runner->config->keyrings;
  }
  if (specs == NULL || specs[0] == NULL) {
    fallback = mc_keyring_default (runner->config->data_dir, e->key_kind);
    single[0] = fallback;
    specs = single;
  }
  for (guint i = 0; specs[i] != NULL; i++) {
    if (!mc_keyring_takes (specs[i], e->key_kind, e->usage, error))
      return FALSE;
    mc_enrollment_keyring (e, specs[i]);
  }
  return TRUE;
}

static gboolean
choose_key (McEnrollment *e, const McEnrollOptions *options, const McCaProfile *ca, GError **error)
{
  const char *name = options->key_kind != NULL ? options->key_kind : ca->key;

  e->key_kind = MC_KEY_RSA3072; /* signs and decrypts everywhere (DESIGN 2) */
  return name == NULL || mc_key_kind_parse (name, &e->key_kind, error);
}

/* What is to be asked for, complete but not stored; NULL where a keyring or key cannot serve. */
static McEnrollment *
plan_one (McRunner *runner, const char *const *addresses, const McEnrollOptions *options, const McCaProfile *ca,
          McUsage usage, GError **error)
{
  g_autoptr (McEnrollment) e = mc_enrollment_new (ca->name, ca->directory, addresses, mc_runner_now ());

  e->usage = usage;
  e->profile = g_strdup (options->profile != NULL ? options->profile : ca->profile);
  if (options->trust_root != NULL && !mc_fingerprint_parse (options->trust_root, &e->trust_root, error))
    return NULL;
  if (!choose_key (e, options, ca, error) || !add_keyrings (runner, e, options, error))
    return NULL;
  return g_steal_pointer (&e);
}

static const char **
addresses_of (const McEnrollment *e)
{
  const char **addresses = g_new0 (const char *, e->addresses->len + 1);

  for (guint i = 0; i < e->addresses->len; i++)
    addresses[i] = mc_enrollment_address (e, i)->address;
  return addresses;
}

/* What was known to speak against it stands at the beginning: should the CA refuse, it is the likely reason. */
static void
note_doubts (McEnrollment *e, GHashTable *doubts)
{
  for (guint i = 0; doubts != NULL && i < e->addresses->len; i++) {
    const char *address = mc_enrollment_address (e, i)->address;
    const char *doubt = g_hash_table_lookup (doubts, address);

    if (doubt != NULL)
      mc_enrollment_note (e, mc_runner_now (), "NOTE", address, doubt);
  }
}

void
mc_runner_agree_to_terms (McRunner *runner, gint64 id)
{
  McDrive *drive = mc_runner_drive (runner, id);

  g_return_if_fail (drive != NULL);
  drive->agree_terms = TRUE;
  if (drive->flow != NULL)
    mc_flow_allow (drive->flow, TRUE, NULL);
}

/* An open one is followed, else E is committed. */
static gboolean
enroll_one (McRunner *runner, McEnrollment *e, const McEnrollOptions *options, gint64 *id, GError **error)
{
  g_autofree const char **addresses = addresses_of (e);
  McDrive *drive;

  if (!find_open (runner, e, addresses, id, error))
    return FALSE;
  if (*id == 0) {
    note_doubts (e, options->doubts);
    if (!mc_store_save (runner->store, e, NULL, error))
      return FALSE;
    *id = e->id;
  }
  if (!mc_runner_follow (runner, *id, error))
    return FALSE;
  drive = mc_runner_drive (runner, *id);
  drive->agree_terms = options->agree_terms;
  if (drive->flow != NULL) {
    mc_flow_allow (drive->flow, options->agree_terms, e->trust_root);
    if ((options->eab_file != NULL || options->eab_text != NULL) && drive->account->url == NULL)
      return mc_drive_load (drive, error); /* with the binding */
  }
  return TRUE;
}

/* One enrollment for each order that it takes: the CA's limit on identifiers (0 = it takes any number), and two for
 * each where signing and encryption are separate. All are planned before the first is stored: a pair is asked for
 * whole. */
static GPtrArray *
plan_all (McRunner *runner, const char *const *addresses, const McEnrollOptions *options, const McCaProfile *ca,
          GError **error)
{
  static const McUsage pair[] = {MC_USAGE_SIGN, MC_USAGE_ENCRYPT};
  g_autoptr (GPtrArray) plans = g_ptr_array_new_with_free_func ((GDestroyNotify)mc_enrollment_free);
  const guint count = g_strv_length ((char **)addresses);
  const guint group = ca->identifiers > 0 ? MIN (ca->identifiers, count) : count;

  for (guint i = 0; i < count; i += group) {
    g_autofree const char **part = g_new0 (const char *, group + 1);

    memcpy (part, addresses + i, MIN (group, count - i) * sizeof *part);
    for (guint n = 0; n < (options->separate ? G_N_ELEMENTS (pair) : 1); n++) {
      McEnrollment *e = plan_one (runner, part, options, ca, options->separate ? pair[n] : options->usage, error);

      if (e == NULL)
        return NULL;
      g_ptr_array_add (plans, e);
    }
  }
  return g_steal_pointer (&plans);
}

gboolean
mc_runner_enroll (McRunner *runner, const char *const *addresses, const McEnrollOptions *options, GArray *ids,
                  GError **error)
{
  g_autoptr (McCaProfile) ca = NULL;
  g_autoptr (McLease) turn = NULL;
  g_autoptr (GPtrArray) plans = NULL;
  const char *name = options->ca;
  gint64 id = 0;

  if (!addresses_check (addresses, error))
    return FALSE;
  if (name == NULL)
    name = g_hash_table_lookup (runner->config->account_cas, addresses[0]);
  ca = mc_config_ca (runner->config, name, error);
  plans = ca != NULL ? plan_all (runner, addresses, options, ca, error) : NULL;
  if (plans == NULL || !mc_binding_remember (runner->store, ca->directory, options->eab_file, options->eab_text, error))
    return FALSE;
  turn = mc_lease_wait (runner->store, error);
  if (turn == NULL)
    return FALSE;
  for (guint i = 0; i < plans->len; i++) {
    McEnrollment *e = g_ptr_array_index (plans, i);

    if (options->separate && e->usage == MC_USAGE_ENCRYPT)
      e->after = id; /* the one before it, for the same addresses (T-09) */
    if (!enroll_one (runner, e, options, &id, error))
      return FALSE;
    g_array_append_val (ids, id);
  }
  return TRUE;
}
