/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/gpgsm.h"

#include "base/error.h"
#include "keyring/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* trustlist.txt: which roots the person trusts (gpg-agent(1)). */

#define FINGERPRINT_DIGITS 40

/* The fingerprint that LINE names, as 40 upper-case digits; colons are for people. FALSE = none. */
static gboolean
line_fingerprint (const char *line, gsize length, char *digits, gboolean *distrusted)
{
  gsize i = 0, n = 0;

  while (i < length && g_ascii_isspace (line[i]))
    i++;
  *distrusted = i < length && line[i] == '!';
  if (*distrusted)
    i++;
  while (i < length && g_ascii_isspace (line[i]))
    i++;
  for (; i < length && n < FINGERPRINT_DIGITS; i++) {
    if (g_ascii_isxdigit (line[i]))
      digits[n++] = g_ascii_toupper (line[i]);
    else if (line[i] != ':')
      return FALSE;
  }
  digits[n] = '\0';
  return n == FINGERPRINT_DIGITS;
}

static GString *
with_colons (const char *fingerprint)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < FINGERPRINT_DIGITS; i += 2)
    g_string_append_printf (text, "%s%.2s", i > 0 ? ":" : "", fingerprint + i);
  return text;
}

char *
mc_trustlist_add (const char *text, const char *fingerprint, const char *name, GError **error)
{
  gsize length = strlen (text);
  g_autoptr (GString) colons = with_colons (fingerprint);

  for (const char *line = text; line < text + length;) {
    gsize size = strcspn (line, "\n");
    char digits[FINGERPRINT_DIGITS + 1];
    gboolean distrusted;

    if (line_fingerprint (line, size, digits, &distrusted) && strcmp (digits, fingerprint) == 0) {
      if (distrusted)
        g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "it says that the root \"%s\" is not to be trusted (!%s)", name,
                     colons->str);
      return NULL;
    }
    line += size + 1;
  }
  /* "relax": CA certificates without basicConstraints marked critical and the like; GnuPG's own question writes the
   * same line. */
  return g_strdup_printf ("%s%s# %s\n%s S relax\n", text, length > 0 && text[length - 1] != '\n' ? "\n" : "", name,
                          colons->str);
}

static gboolean
fail (GError **error, const char *path, const char *what)
{
  int code = errno;

  g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "%s cannot be %s: %s", path, what, g_strerror (code));
  return FALSE;
}

/* gpg-agent 2.2.40 refuses to ask about any root while the file does not exist. */
static gboolean
touch (const char *path, gboolean *made, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  *made = fd >= 0;
  if (fd >= 0)
    return close (fd) == 0 || fail (error, path, "made");
  return errno == EEXIST || fail (error, path, "made");
}

static gboolean
add_root (const char *path, const McCertificateInfo *root, gboolean *changed, GError **error)
{
  g_autofree char *text = NULL;
  g_autofree char *next = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = mc_text_sanitize (root->subject, 200);
  g_autoptr (GError) why = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &why) || strlen (text) != length) {
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "%s cannot be read: %s", path,
                 why != NULL ? why->message : "it is no text");
    return FALSE;
  }
  next = mc_trustlist_add (text, root->sha1, name, &why);
  if (why != NULL) {
    g_set_error (error, MC_ERROR, MC_ERROR_KEYRING, "%s: %s", path, why->message);
    return FALSE;
  }
  *changed = next != NULL;
  if (next == NULL)
    return TRUE;
  bytes = g_bytes_new (next, strlen (next));
  return mc_folder_rewrite (path, bytes, 0600, error);
}

/* The agent keeps the list in memory. */
static gboolean
reload_agent (const McGpgsm *gpgsm, GError **error)
{
  static const char *const argv[] = {"gpgconf", "--reload", "gpg-agent", NULL};
  McProgram program = {.argv = argv, .seconds = 30, .cancel = gpgsm->cancel};
  g_auto (McProgramResult) result = {0};

  return mc_program_run (&program, &result, error);
}

gboolean
mc_gpgsm_trust (const McGpgsm *gpgsm, GError **error)
{
  g_autofree char *path = g_build_filename (gpgsm->home, "trustlist.txt", NULL);
  const char *wanted = gpgsm->item->trust_root;
  g_autoptr (McCertificateInfo) root = NULL;
  gboolean made = FALSE, changed = FALSE;

  if (!touch (path, &made, error))
    return FALSE;
  if (wanted != NULL && gpgsm->root != NULL) {
    root = mc_certificate_info_new (gpgsm->root, error);
    if (root == NULL || (strcmp (root->sha256, wanted) == 0 && !add_root (path, root, &changed, error)))
      return FALSE;
  }
  return (!made && !changed) || reload_agent (gpgsm, error);
}

static gboolean
lists (const char *path, const char *fingerprint)
{
  g_autofree char *text = NULL;
  g_autofree char *added = NULL;
  g_autoptr (GError) distrusted = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  added = mc_trustlist_add (text, fingerprint, "", &distrusted);
  return added == NULL && distrusted == NULL;
}

gboolean
mc_keyring_trusts (const char *fingerprint)
{
  const char *home = g_getenv ("GNUPGHOME");
  g_autofree char *usual = g_build_filename (g_get_home_dir (), ".gnupg", NULL);
  g_autofree char *own = g_build_filename (home != NULL && *home != '\0' ? home : usual, "trustlist.txt", NULL);

  return lists (own, fingerprint) || lists ("/etc/gnupg/trustlist.txt", fingerprint);
}
