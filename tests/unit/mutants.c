/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutants.h"

#include "base/mutant.h"

#include <string.h>

#ifdef MC_MUTANTS

typedef struct {
  MutantsTrial trial;
  char *name; /* of the mutant; NULL = the code as it is */
} Case;

/* Adds the names that the file PATH has. */
static void
find_names (const char *path, GPtrArray *names)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) pattern = g_regex_new ("MC_MUTANT \\(\"([^\"]+)\"\\)", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  for (g_regex_match (pattern, text, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL)) {
    g_autofree char *name = g_match_info_fetch (match, 1);

    if (g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
      g_error ("%s: the name %s stands twice", path, name);
    g_ptr_array_add (names, g_steal_pointer (&name));
  }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Of all C files of the folder, sorted by name of the mutant. */
static GPtrArray *
find_mutants (const char *folder)
{
  g_autofree char *path = g_build_filename (g_getenv ("MC_TOP"), folder, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *file = g_build_filename (path, name, NULL);

    if (g_str_has_suffix (name, ".c"))
      find_names (file, names);
  }
  g_ptr_array_sort (names, compare_names);
  return names;
}

static void
test_case (gconstpointer data)
{
  const Case *one = data;
  guint wrong;

  mc_mutant = one->name;
  wrong = one->trial ();
  mc_mutant = NULL;
  if (one->name == NULL)
    g_assert_cmpuint (wrong, ==, 0);
  else
    g_test_message ("%s: caught by %u", one->name, wrong);
  if (one->name != NULL && wrong == 0)
    g_test_fail_printf ("nothing catches %s", one->name);
}

static void
case_free (gpointer pointer)
{
  Case *one = pointer;

  g_free (one->name);
  g_free (one);
}

static void
add_case (const char *folder, const char *name, MutantsTrial trial)
{
  g_autofree char *path = g_strdup_printf ("/mutants/%s/%s", folder, name != NULL ? name : "none");
  Case *one = g_new (Case, 1);

  *one = (Case){trial, g_strdup (name)};
  g_test_add_data_func_full (path, one, test_case, case_free);
}

void
mutants_add_tests (const char *folder, guint least, MutantsTrial trial)
{
  g_autoptr (GPtrArray) names = find_mutants (folder);

  g_assert_cmpuint (names->len, >=, least);
  add_case (folder, NULL, trial);
  for (guint i = 0; i < names->len; i++)
    add_case (folder, names->pdata[i], trial);
}

#endif
