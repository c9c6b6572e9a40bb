/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <string.h>

#define COLUMN 28 /* where the explanations begin */
#define WIDTH 80

/* Adds TEXT to LINE, which is WIDTH columns wide so far, and begins further lines at COLUMN. */
static void
wrap (GString *line, glong width, const char *text, int column)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (guint i = 0; words[i] != NULL; i++) {
    glong word = g_utf8_strlen (words[i], -1);

    if (i > 0 && width + 1 + word > WIDTH) {
      g_string_append_printf (line, "\n%*s", column, "");
      width = column;
    } else if (i > 0) {
      g_string_append_c (line, ' ');
      width++;
    }
    g_string_append (line, words[i]);
    width += word;
  }
}

/* LEFT, then TEXT beside it. */
static void
print_row (const char *left, const char *text)
{
  GString *line = g_string_new (left);
  glong width = g_utf8_strlen (left, -1);
  g_autofree char *out = NULL;

  if (width >= COLUMN - 1) {
    g_string_append_c (line, '\n');
    width = 0;
  }
  for (; width < COLUMN; width++)
    g_string_append_c (line, ' ');
  wrap (line, width, text, COLUMN);
  out = g_string_free (line, FALSE);
  mc_cli_say (stdout, out);
}

static void
print_paragraph (const char *text)
{
  GString *line = g_string_new (NULL);
  g_autofree char *out = NULL;

  wrap (line, 0, text, 0);
  out = g_string_free (line, FALSE);
  mc_cli_say (stdout, out);
}

static void
print_options (const McOption *options)
{
  for (const McOption *o = options; o != NULL && o->name != NULL; o++) {
    g_autofree char *left = NULL;

    if (o->help == NULL)
      continue;
    left = g_strdup_printf ("  %c%c%s --%s%s%s", o->letter != 0 ? '-' : ' ', o->letter != 0 ? o->letter : ' ',
                            o->letter != 0 ? "," : " ", o->name, o->value != NULL ? " " : "",
                            o->value != NULL ? o->value : "");
    print_row (left, _ (o->help));
  }
}

static void
print_externals (void)
{
  g_autofree char *path = mc_external_dir ();
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL); /* none is fine */
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL) {
    const char *name = g_str_has_prefix (file, "mailcert-") ? file + strlen ("mailcert-") : NULL;
    g_autofree char *left = NULL;

    for (const McVerb *const *v = mc_cli_verbs; *v != NULL && name != NULL; v++)
      if (strcmp ((*v)->name, name) == 0)
        name = NULL;
    if (name == NULL || !mc_external_exists (name))
      continue;
    left = g_strdup_printf ("  %s", name);
    print_row (left, _ ("A program of its own; see its --help."));
  }
}

static void
print_main_help (void)
{
  mc_cli_say (stdout, _ ("Usage: mailcert COMMAND [OPTION]..."));
  print_paragraph (_ ("Gets S/MIME certificates for your mail addresses and keeps them valid."));
  mc_cli_say (stdout, "");
  mc_cli_say (stdout, _ ("Commands:"));
  for (const McVerb *const *v = mc_cli_verbs; *v != NULL; v++) {
    g_autofree char *left = g_strdup_printf ("  %s %s", (*v)->name, (*v)->operands);

    print_row (left, _ ((*v)->help));
  }
  print_externals ();
  mc_cli_say (stdout, "");
  mc_cli_say (stdout, _ ("Options of every command:"));
  print_options (mc_cli_options);
  mc_cli_say (stdout, "");
  print_paragraph (_ ("Without a command, mailcert says how things stand (status). Begin with: mailcert get ADDRESS"));
  print_paragraph (_ ("mailcert(1) has examples and explains the exit statuses."));
}

void
mc_cli_print_help (const McVerb *verb)
{
  g_autofree char *usage = NULL;
  g_autofree char *manual = NULL;

  if (verb == NULL) {
    print_main_help ();
    return;
  }
  /* Translators: a command and its operands. */
  usage = g_strdup_printf (_ ("Usage: mailcert %s %s [OPTION]..."), verb->name, verb->operands);
  print_paragraph (usage);
  print_paragraph (_ (verb->help));
  mc_cli_say (stdout, "");
  if (verb->options != NULL) {
    mc_cli_say (stdout, _ ("Options:"));
    print_options (verb->options);
    mc_cli_say (stdout, "");
  }
  mc_cli_say (stdout, _ ("Options of every command:"));
  print_options (mc_cli_options);
  mc_cli_say (stdout, "");
  manual = g_strdup_printf (_ ("mailcert-%s(1) has examples and explains the exit statuses."), verb->name);
  print_paragraph (manual);
}

static void
dump_options (const char *verb, const McOption *options)
{
  for (const McOption *o = options; o != NULL && o->name != NULL; o++)
    if (o->help != NULL)
      printf ("option\t%s\t%s\t%c\t%s\t%s\t%d\t%s\n", verb, o->name, o->letter != 0 ? o->letter : '-',
              o->value != NULL ? o->value : "-", o->words != NULL ? o->words : "-", o->many, o->help);
}

void
mc_cli_print_options (void)
{
  dump_options ("-", mc_cli_options);
  for (const McVerb *const *v = mc_cli_verbs; *v != NULL; v++) {
    printf ("verb\t%s\t%s\t%s\t%s\n", (*v)->name, *(*v)->operands != '\0' ? (*v)->operands : "-",
            (*v)->words != NULL ? (*v)->words : "-", (*v)->help);
    dump_options ((*v)->name, (*v)->options);
  }
}

void
mc_cli_print_config_keys (void)
{
  gsize count;
  const McConfigKey *keys = mc_config_keys (&count);

  for (gsize i = 0; i < count; i++)
    printf ("%s\t%s\t%s\t%s\n", keys[i].group, keys[i].name, keys[i].value, keys[i].help);
}
