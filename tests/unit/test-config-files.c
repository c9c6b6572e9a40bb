/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "runner/config-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Configuration files where they lie: shipped ones, the person's, and whose they are. */

/* In the source tree: what is shipped must be read without a complaint. */
static char *ca_dir;

static void
test_shipped (void)
{
  g_autofree char *top = g_dir_make_tmp ("mailcert-config-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (top, "x.conf", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (McConfig) config = NULL;
  g_autoptr (McCaProfile) castle = NULL;
  g_autoptr (McCaProfile) staging = NULL;

  g_assert_true (
      g_file_set_contents (path, "[ca castle]\npost-delay = 60\n[ca castle-staging]\nprofile=x\n", -1, NULL));
  config = mc_config_new (path, "relative", ca_dir, &error);
  g_assert_no_error (error);
  g_assert_true (g_path_is_absolute (config->data_dir));
  castle = mc_config_ca (config, "castle", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (castle->directory, ==, "https://acme.castle.cloud/acme/directory");
  g_assert_cmpint (castle->token_join, ==, MC_TOKEN_JOIN_BYTES);
  g_assert_cmpstr (castle->root, ==, "private");
  g_assert_cmpint (castle->renew, ==, MC_RENEW_OVERLAP); /* nobody is left without a certificate by default */
  g_assert_cmpint (castle->post_delay, ==, 60);          /* key by key: the config wins, the rest stays */
  staging = mc_config_ca (config, "castle-staging", &error);
  g_assert_cmpint (staging->post_delay, ==, 30);
  g_unlink (path);
  g_rmdir (top);
}

/* The template's commented lines are known keys with valid values: "# key = value" below its [ca NAME]. */
static void
test_template (void)
{
  g_autofree char *path = g_build_filename (ca_dir, "template.ini", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) active = g_string_new ("");
  guint keys = 0, known = 0;
  gsize count;
  const McConfigKey *all = mc_config_keys (&count);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++) {
    const char *space = g_str_has_prefix (lines[i], "# ") ? strchr (lines[i] + 2, ' ') : NULL;

    if (strcmp (lines[i], "# [ca NAME]") == 0 || (space != NULL && space[1] == '=')) {
      g_string_append_printf (active, "%s\n", lines[i] + 2);
      keys += space != NULL && space[1] == '=';
    }
  }
  g_clear_pointer (&text, g_free);
  {
    g_autoptr (McConfig) config = mc_config_empty ();
    g_autoptr (McCaProfile) plain = mc_ca_profile_new ();
    g_autoptr (GError) error = NULL;
    const McCaProfile *ca;

    mc_config_parse (config, active->str, active->len, path, MC_CONFIG_SHIPPED, &error);
    g_assert_no_error (error);
    ca = g_hash_table_lookup (config->cas, "NAME");
    /* "the values shown are the defaults" */
    g_assert_cmpint (ca->token_join, ==, plain->token_join);
    g_assert_cmpint (ca->trigger, ==, plain->trigger);
    g_assert_cmpint (ca->trigger_wait, ==, plain->trigger_wait);
    g_assert_cmpint (ca->post_delay, ==, plain->post_delay);
    g_assert_cmpint (ca->dkim_headers, ==, plain->dkim_headers);
    g_assert_cmpuint (ca->identifiers, ==, plain->identifiers);
    g_assert_cmpint (ca->renew, ==, plain->renew);
    g_assert_null (ca->profile);
    g_assert_null (ca->ca_file);
  }
  for (gsize i = 0; i < count; i++)
    known += strcmp (all[i].group, "ca") == 0;
  g_assert_cmpuint (keys, ==, known);
}

static void
test_files (void)
{
  g_autofree char *top = g_dir_make_tmp ("mailcert-config-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (top, "mailcert", "mailcert.conf", NULL);
  g_autofree char *folder = g_build_filename (top, "mailcert", NULL);
  g_autoptr (GError) error = NULL;

  { /* the default file may be absent (XDG_CONFIG_HOME was set by main) */
    g_autoptr (McConfig) config = mc_config_new (NULL, NULL, NULL, &error);

    g_assert_no_error (error);
    g_assert_true (g_str_has_suffix (config->path, "/mailcert/mailcert.conf"));
    g_assert_true (g_str_has_suffix (config->data_dir, "/mailcert"));
  }
  { /* a named one may not */
    g_autoptr (McConfig) config = mc_config_new (path, NULL, NULL, &error);

    g_assert_null (config);
    g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
    g_assert_nonnull (strstr (error->message, path));
    g_clear_error (&error);
  }
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "[mailcert]\nnotify=false\n", -1, NULL));
  {
    g_autoptr (McConfig) config = mc_config_new (path, NULL, NULL, &error);

    g_assert_no_error (error);
    g_assert_false (config->notify);
  }
  g_chmod (path, 0666);
  {
    g_autoptr (McConfig) config = mc_config_new (path, NULL, NULL, &error);

    g_assert_null (config);
    g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
    g_assert_nonnull (strstr (error->message, "anybody may write"));
  }
  g_unlink (path);
  g_rmdir (folder);
  g_rmdir (top);
}

static void
test_shipped_says_only_ca (void)
{
  g_autoptr (McConfig) config = mc_config_empty ();
  g_autoptr (GError) error = NULL;
  static const char text[] = "[mailcert]\non-installed = rm\n";

  g_assert_false (mc_config_parse (config, text, strlen (text), "/ca.d/x.ini", MC_CONFIG_SHIPPED, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
}

/* A mail client's set-up adds its commands to the person's, and describes accounts that the person does not. */
static void
test_clients (void)
{
  static const char *const bad[] = {"[mailcert]\nnotify = false\n", "[ca x]\ndirectory = https://x.test/d\n",
                                    "[mailcert]\non-instaled = x\n", "[account x]\nsmtp = smtp://x\n"};
  g_autofree char *top = g_dir_make_tmp ("mailcert-config-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (top, "x.conf", NULL);
  g_autofree char *dir = g_strconcat (path, ".d", NULL);
  g_autofree char *part = g_build_filename (dir, "mutt.conf", NULL);
  g_autofree char *other = g_build_filename (dir, "mutt.conf.new", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (McConfig) config = NULL;

  g_assert_cmpint (g_mkdir (dir, 0700), ==, 0);
  g_file_set_contents (path, "[mailcert]\non-installed = mine\n[account a@x.test]\nsmtp = smtp://own.test\n", -1, NULL);
  g_file_set_contents (part,
                       "[mailcert]\non-installed = theirs\n[account a@x.test]\nsendmail = no\n"
                       "[account b@x.test]\nsendmail = yes\n",
                       -1, NULL);
  g_file_set_contents (other, "no configuration", -1, NULL);
  config = mc_config_new (path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (config->on_installed->len, ==, 2);
  g_assert_cmpstr (((char **)g_ptr_array_index (config->on_installed, 1))[0], ==, "theirs");
  g_assert_null (mc_config_account (config, "a@x.test")->sendmail);
  g_assert_cmpstr (mc_config_account (config, "b@x.test")->sendmail, ==, "yes");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_file_set_contents (part, bad[i], -1, NULL);
    g_assert_null (mc_config_new (path, NULL, NULL, &error));
    g_assert_true (g_error_matches (error, MC_ERROR, MC_ERROR_CONFIG) && g_str_has_prefix (error->message, part));
    g_clear_error (&error);
  }
  g_assert_cmpint (g_chmod (dir, 0707), ==, 0);
  g_assert_null (mc_config_new (path, NULL, NULL, &error));
  g_assert_true (g_error_matches (error, MC_ERROR, MC_ERROR_CONFIG) && g_str_has_prefix (error->message, dir));
  g_unlink (part);
  g_unlink (other);
  g_rmdir (dir);
  g_unlink (path);
  g_rmdir (top);
}

/* In a folder of settings lie files, and nobody waits for what is none; but a person may name a pipe. */
static void
test_no_files (void)
{
  g_autofree char *top = g_dir_make_tmp ("mailcert-config-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (top, "x.ini", NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 5; i++) {
    g_autoptr (McConfig) config = NULL;

    if (i == 0)
      g_assert_cmpint (mkfifo (path, 0600), ==, 0);
    else if (i == 4) { /* anybody may change whom to trust */
      g_assert_true (g_file_set_contents (path, "[ca x]\ndirectory = https://x.test/d\n", -1, NULL));
      g_assert_cmpint (g_chmod (path, 0666), ==, 0);
    } else
      g_assert_cmpint (symlink (i == 1 ? "/dev/zero" : i == 2 ? path : top, path), ==, 0);
    config = mc_config_new (NULL, NULL, top, &error);
    g_assert_null (config);
    g_assert_true (g_error_matches (error, MC_ERROR, MC_ERROR_CONFIG) && g_str_has_prefix (error->message, path));
    g_clear_error (&error);
    if (i == 1 || i == 3)
      g_assert_null (mc_config_new (path, NULL, NULL, NULL));
    g_unlink (path);
  }
  g_rmdir (top);
}

/* Only the lines of the keys change; everything else, comments too, stays as it is. */
static void
test_edit (void)
{
  static const McConfigChange changes[] = {{"notify", "false"}, {"auto-answer", "true"}};
  static const struct {
    const char *before, *after;
  } cases[] = {
      {"", "[mailcert]\nnotify = false\nauto-answer = true\n"},
      {"[ca x]\nkey = p256", "[ca x]\nkey = p256\n\n[mailcert]\nnotify = false\nauto-answer = true\n"},
      {"# mine\n[mailcert]\n  notify=true\n# so be it\n\n[ca x]\nnotify = 1\n",
       "# mine\n[mailcert]\nnotify = false\n# so be it\nauto-answer = true\n\n[ca x]\nnotify = 1\n"},
      {"[mailcert]\nresolver = ::1\n[ca x]\n[mailcert]\nauto-answer = false\n",
       "[mailcert]\nresolver = ::1\nnotify = false\n[ca x]\n[mailcert]\nauto-answer = true\n"},
      {" [mailcert] \n", " [mailcert] \nnotify = false\nauto-answer = true\n"},
      {"# x\r\n[mailcert]\r\nnotify = true\r\n\r\n[ca x]\r\n",
       "# x\r\n[mailcert]\r\nnotify = false\r\nauto-answer = true\r\n\r\n[ca x]\r\n"},
      {"[ca x]\r\n", "[ca x]\r\n\n[mailcert]\r\nnotify = false\r\nauto-answer = true\r\n"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *edited = mc_config_edit (cases[i].before, changes, G_N_ELEMENTS (changes));
    g_autofree char *again = mc_config_edit (edited, changes, G_N_ELEMENTS (changes));

    g_assert_cmpstr (edited, ==, cases[i].after);
    g_assert_cmpstr (again, ==, edited);
  }
}

static void
expect_file (const char *path, const char *text, int mode)
{
  g_autofree char *got = NULL;
  GStatBuf is;

  g_assert_true (g_file_get_contents (path, &got, NULL, NULL));
  g_assert_cmpstr (got, ==, text);
  g_assert_cmpint (g_stat (path, &is), ==, 0);
  g_assert_cmpint (is.st_mode & 0777, ==, mode);
}

/* Where it lies elsewhere the link stays; what could not be read again is not written; no file is no trouble. */
static void
test_write (void)
{
  static const McConfigChange good[] = {{"default-ca", "castle"}}, bad[] = {{"default-ca", "nobody"}},
                              castle_staging[] = {{"default-ca", "castle-staging"}};
  g_autofree char *top = g_dir_make_tmp ("mailcert-config-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (top, "new", NULL);
  g_autofree char *path = g_build_filename (folder, "x.conf", NULL);
  g_autofree char *elsewhere = g_build_filename (top, "elsewhere.conf", NULL);
  g_autoptr (McConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "", -1, NULL));
  config = mc_config_new (path, NULL, ca_dir, &error);
  g_assert_no_error (error);
  g_unlink (path);
  g_rmdir (folder);
  g_assert_true (mc_config_write (config, good, 1, &error));
  expect_file (path, "[mailcert]\ndefault-ca = castle\n", 0600);
  g_assert_false (mc_config_write (config, bad, 1, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
  g_clear_error (&error);
  expect_file (path, "[mailcert]\ndefault-ca = castle\n", 0600);
  g_unlink (path);
  g_assert_true (g_file_set_contents (elsewhere, "# kept\n", -1, NULL));
  g_assert_cmpint (g_chmod (elsewhere, 0640), ==, 0);
  g_assert_cmpint (symlink (elsewhere, path), ==, 0);
  g_assert_true (mc_config_write (config, good, 1, &error));
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_SYMLINK));
  expect_file (elsewhere, "# kept\n\n[mailcert]\ndefault-ca = castle\n", 0640);
  g_assert_cmpint (g_chmod (elsewhere, 0440), ==, 0);
  g_assert_false (mc_config_write (config, castle_staging, 1, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_WRITE);
  g_clear_error (&error);
  g_assert_cmpint (g_chmod (elsewhere, 0640), ==, 0);
  g_assert_true (g_file_set_contents (elsewhere, "# a\n\0# NUL\n", 11, NULL));
  g_assert_false (mc_config_write (config, good, 1, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
  g_clear_error (&error);
  g_unlink (path);
  g_unlink (elsewhere);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_false (mc_config_write (config, good, 1, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
  g_rmdir (path);
  g_rmdir (folder);
  g_rmdir (top);
}

int
main (int argc, char **argv)
{
  const char *data = g_getenv ("MC_TEST_DATA");
  int result;

  g_test_init (&argc, &argv, NULL);
  g_setenv ("XDG_CONFIG_HOME", "/nonexistent", TRUE);
  g_assert_nonnull (data);
  ca_dir = g_build_filename (data, "..", "..", "core", "ca.d", NULL);
  g_test_add_func ("/config/clients", test_clients);
  g_test_add_func ("/config/edit", test_edit);
  g_test_add_func ("/config/shipped", test_shipped);
  g_test_add_func ("/config/template", test_template);
  g_test_add_func ("/config/files", test_files);
  g_test_add_func ("/config/shipped-says-only-ca", test_shipped_says_only_ca);
  g_test_add_func ("/config/write", test_write);
  g_test_add_func ("/config/no-files", test_no_files);
  result = g_test_run ();
  g_free (ca_dir);
  return result;
}
