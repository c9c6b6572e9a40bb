/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/smime-keys.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "keyring/certificates.h"
#include "keyring/folder.h"
#include "keyring/place.h"
#include "keyring/smime-index.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* mutt's and neomutt's own S/MIME (crypt_use_gpgme=no): ~/.smime, which both share. It is written here and not by the
 * script smime_keys, which asks questions, needs a root and marks elliptic-curve keys as unable to decrypt. */

static void
smime_keys_clear (McSmimeKeys *self)
{
  g_clear_pointer (&self->leaf, mc_certificate_info_free);
  EVP_PKEY_free (self->key);
  g_free (self->top);
  g_free (self->certificates);
  g_free (self->keys);
  g_free (self->name);
  g_free (self->issuers);
  if (self->lock >= 0)
    close (self->lock);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McSmimeKeys, smime_keys_clear)

static void
set_folders (McSmimeKeys *self, const char *dir)
{
  self->top = dir != NULL ? g_strdup (dir) : g_build_filename (g_get_home_dir (), ".smime", NULL);
  self->certificates = g_build_filename (self->top, "certificates", NULL);
  self->keys = g_build_filename (self->top, "keys", NULL);
}

/* The folder itself is locked: nothing of ours stays there. The kernel drops it when we die. */
static gboolean
open_folders (McSmimeKeys *self, GError **error)
{
  int result;

  if (!mc_folder_check (self->top, error) || !mc_folder_check (self->certificates, error) ||
      !mc_folder_check (self->keys, error))
    return FALSE;
  self->lock = open (self->top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  do
    result = self->lock >= 0 ? flock (self->lock, LOCK_EX) : -1;
  while (result != 0 && self->lock >= 0 && errno == EINTR);
  if (result == 0)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_WRITE, "%s cannot be locked: %s", self->top, g_strerror (errno));
  return FALSE;
}

/* --- the index --- */

/* What there is of FILE; "" where it is missing. */
static gboolean
read_or_empty (const char *path, char **text, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    *text = g_strdup ("");
    return TRUE;
  }
  return mc_folder_read (path, text, error);
}

typedef void (*Edit) (char **text, gconstpointer what);

/* EDIT once more where smime_keys, which takes no lock, has written in between. */
static gboolean
edit_index (const char *folder, Edit edit, gconstpointer what, GError **error)
{
  g_autofree char *path = g_build_filename (folder, ".index", NULL);

  for (;;) {
    g_autofree char *before = NULL;
    g_autofree char *meanwhile = NULL;
    g_autofree char *text = NULL;
    g_autoptr (GBytes) bytes = NULL;

    if (!read_or_empty (path, &before, error))
      return FALSE;
    text = g_strdup (before);
    edit (&text, what);
    if (strcmp (text, before) == 0 && g_file_test (path, G_FILE_TEST_EXISTS))
      return TRUE;
    bytes = g_bytes_new (text, strlen (text));
    if (!read_or_empty (path, &meanwhile, error))
      return FALSE;
    if (strcmp (meanwhile, before) == 0)
      return mc_folder_rewrite (path, bytes, 0600, error);
  }
}

typedef struct {
  const McSmimeKeys *self;
  const char *issuers;
  const char *label;
} Entry;

static void
add_lines (char **text, gconstpointer what)
{
  const Entry *entry = what;
  const McSmimeKeys *self = entry->self;
  McSmimeLine line = {.name = self->name,
                      .label = entry->label,
                      .issuer = entry->issuers,
                      .purpose = self->leaf->usage == MC_USAGE_SIGN      ? "s"
                                 : self->leaf->usage == MC_USAGE_ENCRYPT ? "e"
                                                                         : "se"};

  for (guint i = 0; self->leaf->addresses[i] != NULL; i++) {
    char *more;

    line.mailbox = self->leaf->addresses[i];
    if (strpbrk (line.mailbox, " \t\r\n") != NULL) /* no line could name it */
      continue;
    more = mc_smime_index_add (*text, &line);
    g_free (*text);
    *text = more;
  }
}

/* The key first: whoever finds the certificate can use it. */
static gboolean
write_index (const McSmimeKeys *self, GError **error)
{
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_utc (self->leaf->not_before);
  g_autofree char *label = start != NULL ? g_date_time_format (start, MC_SMIME_LABEL "%Y%m%d") : NULL;
  Entry of_key = {self, "?", label != NULL ? label : MC_SMIME_LABEL "0"};
  Entry of_certificate = of_key;

  of_certificate.issuers = self->issuers;
  return edit_index (self->keys, add_lines, &of_key, error) &&
         edit_index (self->certificates, add_lines, &of_certificate, error);
}

/* --- roots --- */

/* mutt's %C is the first of these files, and openssl looks into the system's folder of roots besides: a file with this
 * root alone takes none away. Only where the person has said so. */
static gboolean
trust_root (const McSmimeKeys *self, GError **error)
{
  static const char *const files[] = {"ca-certificates.crt", "ca-bundle.crt"};
  X509 *root = mc_certificates_root (self->item->chain, self->item->root);
  g_autoptr (McCertificateInfo) info = root != NULL ? mc_certificate_info_new (root, NULL) : NULL;
  g_autofree char *path = g_build_filename (self->top, files[0], NULL);
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) there = NULL;
  g_autoptr (GBytes) pem = NULL;
  g_autoptr (GBytes) all = NULL;
  g_autofree char *joined = NULL;

  if (info == NULL || g_strcmp0 (info->sha256, self->item->trust_root) != 0)
    return TRUE;
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_free (path);
    path = g_build_filename (self->top, files[1], NULL);
  }
  if (!read_or_empty (path, &text, error))
    return FALSE;
  there = mc_certificates_parse (text, strlen (text));
  if (mc_certificates_contain (there, root))
    return TRUE;
  pem = mc_certificates_compose (self->item->chain, 0, 0, root);
  joined = g_strdup_printf ("%s%s%.*s", text, *text != '\0' && !g_str_has_suffix (text, "\n") ? "\n" : "",
                            (int)g_bytes_get_size (pem), (const char *)g_bytes_get_data (pem, NULL));
  all = g_bytes_new (joined, strlen (joined));
  return mc_folder_rewrite (path, all, 0644, error);
}

/* --- the place --- */

static gboolean
prepare (McSmimeKeys *self, const char *dir, GError **error)
{
  const McKeyringItem *item = self->item;
  g_autofree char *program = g_find_program_in_path ("openssl");
  X509 *leaf = mc_chain_certificate (item->chain, 0);

  set_folders (self, dir);
  if (program == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING,
                         "the program openssl, with which mutt signs, is not installed");
  else if (item->passphrase != NULL && strchr (item->passphrase, '\n') != NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "openssl takes a passphrase of one line");
  else if ((self->key = mc_key_parse (item->key, item->passphrase, error)) == NULL ||
           (self->leaf = mc_certificate_info_new (leaf, error)) == NULL)
    return FALSE;
  else if (!mc_key_equal (X509_get0_pubkey (leaf), self->key))
    g_set_error_literal (error, MC_ERROR, MC_ERROR_KEYRING, "the certificate is for another key");
  else
    return TRUE;
  return FALSE;
}

McKeyringOutcome
mc_smime_keys_install (const char *dir, const McKeyringItem *item, GCancellable *cancel, char **key_id, GError **error)
{
  g_auto (McSmimeKeys) self = {.item = item, .cancel = cancel, .lock = -1};

  if (g_cancellable_set_error_if_cancelled (cancel, error) || !prepare (&self, dir, error) ||
      !open_folders (&self, error) || !mc_smime_keys_write (&self, error) || !mc_smime_keys_try (&self, error) ||
      !write_index (&self, error) || !trust_root (&self, error))
    return MC_KEYRING_FAILED;
  *key_id = g_strdup (self.name);
  return MC_KEYRING_READY;
}

/* Entries for the certificates of ADDRESS that have a key. */
static gboolean
add_entries (const McSmimeKeys *self, const char *address, gboolean ours, GPtrArray *entries, GError **error)
{
  g_autofree char *path = g_build_filename (self->keys, ".index", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) names = NULL;

  if (!read_or_empty (path, &text, error))
    return FALSE;
  names = mc_smime_index_names (text, address, ours);
  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *file = g_build_filename (self->certificates, names[i], NULL);
    g_autofree char *pem = NULL;
    g_autoptr (GPtrArray) there = NULL;

    if (strchr (names[i], '/') != NULL || !mc_folder_read (file, &pem, NULL))
      continue;
    there = mc_certificates_parse (pem, strlen (pem));
    if (there->len > 0)
      mc_keyring_entry_add (entries, names[i], g_ptr_array_index (there, 0));
  }
  return TRUE;
}

gboolean
mc_smime_keys_list (const char *dir, const char *address, GCancellable *cancel, GPtrArray *entries, GError **error)
{
  g_auto (McSmimeKeys) self = {.cancel = cancel, .lock = -1};

  set_folders (&self, dir);
  return add_entries (&self, address, FALSE, entries, error);
}

typedef struct {
  const char *mailbox;
  const char *const *names;
} Choice;

static void
trust_names (char **text, gconstpointer what)
{
  const Choice *choice = what;

  mc_smime_index_trust (*text, choice->mailbox, choice->names);
}

/* mutt takes the one trusted certificate of a mailbox, and opens a menu where there are two: the newest valid one of
 * each use is trusted, our older ones are valid. Which one signs is for smime_default_key to say. */
gboolean
mc_smime_keys_set_default (const char *dir, const McKeyringItem *item, GCancellable *cancel, GError **error)
{
  g_auto (McSmimeKeys) self = {.item = item, .cancel = cancel, .lock = -1};
  g_autoptr (McCertificateInfo) leaf = mc_certificate_info_new (mc_chain_certificate (item->chain, 0), error);

  set_folders (&self, dir);
  if (leaf == NULL || !open_folders (&self, error))
    return FALSE;
  for (guint i = 0; leaf->addresses[i] != NULL; i++) {
    g_autoptr (GPtrArray) entries = mc_keyring_entries_new ();
    const McKeyringEntry *signs, *opens;
    const char *names[] = {NULL, NULL, NULL};
    Choice choice = {leaf->addresses[i], names};

    if (!add_entries (&self, choice.mailbox, TRUE, entries, error))
      return FALSE;
    signs = mc_keyring_entry_newest (entries, MC_USAGE_SIGN);
    opens = mc_keyring_entry_newest (entries, MC_USAGE_ENCRYPT);
    names[0] = signs != NULL ? signs->key_id : opens != NULL ? opens->key_id : NULL;
    names[1] = opens != NULL && signs != NULL ? opens->key_id : NULL;
    if (!edit_index (self.keys, trust_names, &choice, error) ||
        !edit_index (self.certificates, trust_names, &choice, error))
      return FALSE;
  }
  return TRUE;
}
