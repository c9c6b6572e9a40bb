/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/doctor-private.h"
#include "runner/timer.h"

#include <string.h>
#include <unistd.h>

#define NOTE_MAX (16 * 1024) /* bytes of the note for mail filters */

/* The name of a file is private too, unless it is one that everybody has. */
static char *
file_of (const char *path)
{
  static const char *const usual[] = {"mailcert.conf", "mutt.conf", "neomutt.conf", NULL};
  g_autofree char *name = g_path_get_basename (path);

  return g_strdup (g_strv_contains (usual, name) || g_str_has_suffix (name, ".ini") ? name : "...");
}

/* Of "DIR/FILE:LINE: [group] key: ..." what is nobody's secret: FILE:LINE and, where we know it, the key. What a person
 * has written may be an address or a password. */
static char *
place_of (const char *message)
{
  g_autofree char *path = g_strndup (message, strcspn (message, ":"));
  g_autofree char *file = file_of (path);
  const char *rest = message + strlen (path);
  gsize digits = *rest == ':' ? strspn (rest + 1, "0123456789") : 0;
  const char *key = strstr (rest, "] ");
  gsize count, length;
  const McConfigKey *keys = mc_config_keys (&count);

  if (digits == 0)
    return g_steal_pointer (&file);
  length = key != NULL ? strcspn (key + 2, ":") : 0;
  for (gsize i = 0; key != NULL && i < count; i++)
    if (strlen (keys[i].name) == length && strncmp (keys[i].name, key + 2, length) == 0)
      return g_strdup_printf ("%s:%.*s: %s", file, (int)digits, rest + 1, keys[i].name);
  return g_strdup_printf ("%s:%.*s", file, (int)digits, rest + 1);
}

void
mc_check_config (McDoctor *doctor, McFinding *finding)
{
  const GError *error = doctor->options->config_error;
  g_autofree char *place = NULL;

  if (error == NULL) {
    mc_finding_set (finding, MC_FINDING_OK, g_file_test (doctor->config->path, G_FILE_TEST_EXISTS) ? "fine" : "none");
    mc_finding_detail (finding, doctor->config->path);
    return;
  }
  place = place_of (error->message);
  mc_finding_trouble (finding, MC_ERROR_CONFIG, "mistake");
  mc_finding_show (finding, place);
  mc_finding_detail (finding, error->message);
}

void
mc_check_store (McDoctor *doctor, McFinding *finding)
{
  const GPtrArray *all = mc_doctor_enrollments (doctor);

  if (all == NULL) {
    mc_finding_trouble (finding, (McError)doctor->store_error->code == MC_ERROR_LATER ? MC_ERROR_LATER : MC_ERROR_WRITE,
                        "broken");
    mc_finding_detail (finding, doctor->store_error->message);
    return;
  }
  mc_finding_set (finding, MC_FINDING_OK, all->len > 0 ? "fine" : "empty");
  mc_finding_detail (finding, doctor->config->data_dir);
}

void
mc_check_user (McDoctor *doctor, McFinding *finding)
{
  /* Its mailbox would be root's, and so would what the mail client then cannot read. */
  mc_finding_set (finding, geteuid () == 0 ? MC_FINDING_NOTE : MC_FINDING_OK, geteuid () == 0 ? "root" : "fine");
  mc_finding_detail (finding, g_get_user_name ());
}

static gboolean
is_usual (const McDoctor *doctor)
{
  g_autofree char *usual = g_build_filename (g_get_home_dir (), ".local", "share", "mailcert", NULL);

  return strcmp (usual, doctor->config->data_dir) == 0;
}

/* Does what a mail filter starts find the records? (See ui/cli/here.) */
void
mc_check_hook (McDoctor *doctor, McFinding *finding)
{
  g_autofree char *path = g_build_filename (g_get_home_dir (), ".local", "share", "mailcert", "here", NULL);
  g_autoptr (GKeyFile) notes = g_key_file_new ();
  g_autofree char *data = NULL;
  g_autofree char *text = NULL;
  gsize length;
  const GPtrArray *all = mc_doctor_enrollments (doctor);

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    if (is_usual (doctor) || all == NULL || all->len == 0)
      mc_finding_set (finding, MC_FINDING_OK, "usual");
    else
      mc_finding_set (finding, MC_FINDING_NOTE, "unknown-place");
    return;
  }
  mc_finding_detail (finding, path);
  if (!mc_file_read (path, NOTE_MAX, FALSE, &text, &length, NULL) ||
      !g_key_file_load_from_data (notes, text, length, G_KEY_FILE_NONE, NULL)) {
    mc_finding_trouble (finding, MC_ERROR_CONFIG, "unreadable");
    return;
  }
  data = g_key_file_get_string (notes, "here", "data", NULL);
  if (data == NULL ? is_usual (doctor) : strcmp (data, doctor->config->data_dir) == 0)
    mc_finding_set (finding, MC_FINDING_OK, "noted");
  else
    mc_finding_set (finding, MC_FINDING_NOTE, "elsewhere");
}

void
mc_check_timer (McDoctor *doctor G_GNUC_UNUSED, McFinding *finding)
{
  static const char *const codes[] = {
      [MC_TIMER_NONE] = "none", [MC_TIMER_SYSTEMD] = "systemd", [MC_TIMER_CRON] = "cron"};
  const McTimer timer = mc_timer_find ();

  mc_finding_set (finding, timer == MC_TIMER_NONE ? MC_FINDING_NOTE : MC_FINDING_OK, codes[timer]);
}
