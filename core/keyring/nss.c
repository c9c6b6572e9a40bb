/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/nss.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "keyring/certificates.h"
#include "keyring/folder.h"
#include "keyring/place.h"
#include "pki/pkcs12.h"

#include <string.h>

/* The database of Mozilla's NSS (cert9.db, key4.db) in the profile of Thunderbird, or of Evolution. */

#define SECONDS 60

static void
nss_clear (McNss *nss)
{
  g_clear_pointer (&nss->leaf, mc_certificate_info_free);
  g_free (nss->database);
  mc_secret_string_free (nss->password);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McNss, nss_clear)

gboolean
mc_nss_run (const McNss *nss, const char *program, GBytes *input, const char *const *arguments, McProgramResult *result,
            GError **error)
{
  /* pk12util calls the option -k. What a file of passwords is for NSS is our descriptor: it never lies on a disk. */
  const char *const always[] = {program, "-d", nss->database, strcmp (program, "pk12util") == 0 ? "-k" : "-f",
                                "/dev/fd/4"};
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  McProgram run = {.input = input, .secret = nss->password, .seconds = SECONDS, .cancel = nss->cancel};

  for (gsize i = 0; i < G_N_ELEMENTS (always); i++)
    g_ptr_array_add (argv, (gpointer)always[i]);
  for (gsize i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)arguments[i]);
  g_ptr_array_add (argv, NULL);
  run.argv = (const char *const *)argv->pdata;
  return mc_program_run (&run, result, error);
}

static gboolean
run_well (const McNss *nss, const char *program, GBytes *input, const char *const *arguments, char **out,
          GError **error)
{
  g_auto (McProgramResult) result = {0};
  gsize length;
  const char *text;

  if (!mc_nss_run (nss, program, input, arguments, &result, error))
    return FALSE;
  if (!mc_program_succeeded (&result)) {
    g_autofree char *words = mc_program_words (&result);

    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "%s: %s", program, words);
    return FALSE;
  }
  text = g_bytes_get_data (result.out, &length);
  if (out != NULL)
    *out = g_strndup (text, length);
  return TRUE;
}

/* --- what is there --- */

typedef struct {
  char *nickname;
  char *flags;
} Named;

static void
named_free (gpointer p)
{
  Named *named = p;

  g_free (named->nickname);
  g_free (named->flags);
  g_free (named);
}

/* "NICKNAME, which may have spaces      u,u,u": one line per certificate, several of which may share a nickname. */
static GPtrArray *
parse_names (const char *listing)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (named_free);
  g_auto (GStrv) lines = g_strsplit (listing, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++) {
    char *space = strrchr (g_strchomp (lines[i]), ' ');
    const char *comma = space != NULL ? strchr (space, ',') : NULL;
    Named *named;

    if (comma == NULL || strchr (comma + 1, ',') == NULL || strpbrk (space, "/") != NULL) /* SSL,S/MIME,JAR/XPI */
      continue;
    named = g_new (Named, 1);
    named->flags = g_strdup (space + 1);
    *space = '\0';
    named->nickname = g_strdup (g_strchomp (lines[i]));
    g_ptr_array_add (all, named);
  }
  return all;
}

static GPtrArray *
list_names (const McNss *nss, GError **error)
{
  static const char *const list[] = {"-L", NULL};
  g_autofree char *listing = NULL;

  return run_well (nss, "certutil", NULL, list, &listing, error) ? parse_names (listing) : NULL;
}

/* All certificates of that nickname. */
static GPtrArray *
certificates_of (const McNss *nss, const char *nickname, GError **error)
{
  const char *const show[] = {"-L", "-a", "-n", nickname, NULL};
  g_autofree char *pem = NULL;

  return run_well (nss, "certutil", NULL, show, &pem, error) ? mc_certificates_parse (pem, strlen (pem)) : NULL;
}

char *
mc_nss_find (const McNss *nss, X509 *certificate, char **flags, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (nss, error);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; names != NULL && i < names->len; i++) {
    const Named *named = g_ptr_array_index (names, i);
    g_autoptr (GPtrArray) there = NULL;

    if (!g_hash_table_add (seen, named->nickname))
      continue;
    there = certificates_of (nss, named->nickname, error);
    if (there == NULL)
      return NULL;
    if (!mc_certificates_contain (there, certificate))
      continue;
    if (flags != NULL)
      *flags = g_strdup (named->flags);
    return g_strdup (named->nickname);
  }
  return NULL;
}

/* --- the database --- */

static gboolean
is_there (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "cert9.db", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* A database is made only where there is nothing at all: a folder with other things is not what somebody meant, or a
 * profile that its program has not used yet. */
static gboolean
make_database (const McNss *nss, const char *dir, GError **error)
{
  static const char *const make[] = {"-N", "--empty-password", NULL};
  g_autoptr (GDir) open = g_dir_open (dir, 0, NULL);

  if (open != NULL && g_dir_read_name (open) != NULL) {
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
                 "%s has no NSS database (cert9.db): name the profile folder of the mail program, and start that "
                 "program once if it is new",
                 dir);
    return FALSE;
  }
  return mc_folder_check (dir, error) && run_well (nss, "certutil", NULL, make, NULL, error);
}

/* TRUE: PASSWORD opens it. */
static gboolean
try_password (McNss *nss, const char *password, gboolean *opens, GError **error)
{
  static const char *const keys[] = {"-K", NULL};
  g_auto (McProgramResult) result = {0};

  g_clear_pointer (&nss->password, mc_secret_string_free);
  nss->password = g_strdup (password);
  if (!mc_nss_run (nss, "certutil", NULL, keys, &result, error))
    return FALSE;
  *opens = strstr (result.err, "SEC_ERROR_BAD_PASSWORD") == NULL; /* it fails too where there are no keys */
  return TRUE;
}

static gboolean
open_database (McNss *nss, const char *dir, GError **error)
{
  gboolean opens;

  nss->database = g_strconcat ("sql:", dir, NULL);
  if (!is_there (dir) && !make_database (nss, dir, error))
    return FALSE;
  if (!try_password (nss, NULL, &opens, error))
    return FALSE;
  if (opens)
    return TRUE;
  if (nss->item->passphrase != NULL && !try_password (nss, nss->item->passphrase, &opens, error))
    return FALSE;
  if (opens)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING,
               "%s has a primary password, and %s: give that password with --passphrase-fd if the key is kept under "
               "it, or export the certificate as a PKCS#12 file and import that in the mail program",
               dir, nss->item->passphrase != NULL ? "the passphrase is not that one" : "it is not known here");
  return FALSE;
}

/* --- going in --- */

/* NSS protects the stored key by its own database's password, so the PKCS#12 needs none: it only ever lies in memory.
 */
static gboolean
import_key (const McNss *nss, EVP_PKEY *key, GError **error)
{
  static const char *const import[] = {"-i", "/dev/stdin", "-W", "", NULL};
  const McKeyringItem *item = nss->item;
  g_autoptr (GBytes) pkcs12 =
      mc_pkcs12_compose (key, item->chain, nss->root, item->address, "", MC_PKCS12_COMPATIBLE, error);

  return pkcs12 != NULL && run_well (nss, "pk12util", pkcs12, import, NULL, error);
}

static gboolean
import (const McNss *nss, EVP_PKEY *key, char **nickname, GError **error)
{
  X509 *leaf = mc_chain_certificate (nss->item->chain, 0);
  g_autofree char *flags = NULL;
  GError *why = NULL;

  /* "u": the key is there as well. */
  *nickname = mc_nss_find (nss, leaf, &flags, &why);
  if (why == NULL && *nickname != NULL && strchr (flags, 'u') != NULL)
    return TRUE;
  g_clear_pointer (nickname, g_free);
  if (why != NULL || !import_key (nss, key, &why) || (*nickname = mc_nss_find (nss, leaf, NULL, &why)) == NULL) {
    if (why == NULL)
      g_set_error_literal (&why, MC_ERROR, MC_ERROR_KEYRING, "NSS took the certificate, but does not list it");
    g_propagate_error (error, why);
    return FALSE;
  }
  return TRUE;
}

McKeyringOutcome
mc_nss_install (const char *dir, const McKeyringItem *item, GCancellable *cancel, char **key_id, GError **error)
{
  g_auto (McNss) nss = {.item = item, .cancel = cancel, .root = mc_certificates_root (item->chain, item->root)};
  g_autoptr (EVP_PKEY) key = NULL;
  X509 *leaf = mc_chain_certificate (item->chain, 0);

  if (item->passphrase != NULL && strchr (item->passphrase, '\n') != NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "NSS takes a passphrase of one line");
    return MC_KEYRING_FAILED;
  }
  key = mc_key_parse (item->key, item->passphrase, error);
  if (key == NULL || (nss.leaf = mc_certificate_info_new (leaf, error)) == NULL)
    return MC_KEYRING_FAILED;
  if (!mc_key_equal (X509_get0_pubkey (leaf), key)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "the certificate is for another key");
    return MC_KEYRING_FAILED;
  }
  if (!open_database (&nss, dir, error) || !import (&nss, key, key_id, error) || !mc_nss_trust (&nss, error))
    return MC_KEYRING_FAILED;
  return mc_nss_try (&nss, *key_id, error);
}

gboolean
mc_nss_list (const char *dir, const char *address, GCancellable *cancel, GPtrArray *entries, GError **error)
{
  g_auto (McNss) nss = {.cancel = cancel, .database = g_strconcat ("sql:", dir, NULL)};
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = NULL;

  (void)address;
  if (!is_there (dir))
    return TRUE;
  names = list_names (&nss, error);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    const Named *named = g_ptr_array_index (names, i);
    g_autoptr (GPtrArray) there = NULL;

    if (strchr (named->flags, 'u') == NULL || !g_hash_table_add (seen, named->nickname))
      continue;
    there = certificates_of (&nss, named->nickname, error);
    if (there == NULL)
      return FALSE;
    for (guint j = 0; j < there->len; j++)
      mc_keyring_entry_add (entries, named->nickname, g_ptr_array_index (there, j));
  }
  return names != NULL;
}

/* NSS signs with P-256 and P-384, and imports them, but opens no mail that was encrypted to them (tried with 3.87). */
gboolean
mc_nss_takes (gboolean rsa, McUsage usage, GError **error)
{
  if (rsa || usage == MC_USAGE_SIGN)
    return TRUE;
  g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING,
                       "NSS cannot read mail that is encrypted to a key of an elliptic curve: get a certificate with "
                       "--key rsa3072, or one with --usage sign");
  return FALSE;
}
