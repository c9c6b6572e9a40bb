/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <string.h>

/* Options and verb may stand in any order, so the verb is found first: for that, the tables of all verbs say which
 * options have a value (the same option has one in every verb or in none; a test sees to it). */

static const McOption *
find_in (const McOption *options, const char *name, gsize length, char letter)
{
  for (const McOption *o = options; o != NULL && o->name != NULL; o++)
    if (letter != 0 ? o->letter == letter : strlen (o->name) == length && strncmp (o->name, name, length) == 0)
      return o;
  return NULL;
}

static const McVerb *
find_verb (const char *name)
{
  for (const McVerb *const *v = mc_cli_verbs; *v != NULL; v++)
    if (strcmp ((*v)->name, name) == 0)
      return *v;
  return NULL;
}

/* Looks in the tables of all verbs. */
static const McOption *
find_anywhere (const char *name, gsize length)
{
  const McOption *found = find_in (mc_cli_options, name, length, 0);

  for (const McVerb *const *v = mc_cli_verbs; *v != NULL && found == NULL; v++)
    found = find_in ((*v)->options, name, length, 0);
  return found;
}

/* Index of the first operand, or 0. */
static int
find_first_operand (int argc, char **argv)
{
  for (int i = 1; i < argc; i++) {
    const McOption *option;

    if (strcmp (argv[i], "--") == 0)
      return i + 1 < argc ? i + 1 : 0;
    if (argv[i][0] != '-' || argv[i][1] == '\0')
      return i;
    if (argv[i][1] != '-' || strchr (argv[i], '=') != NULL)
      continue;
    option = find_anywhere (argv[i] + 2, strlen (argv[i] + 2));
    if (option != NULL && option->value != NULL)
      i++;
  }
  return 0;
}

static gboolean
fail_unknown_verb (const char *word, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *nearest;

  for (const McVerb *const *v = mc_cli_verbs; *v != NULL; v++)
    g_ptr_array_add (names, (gpointer)(*v)->name);
  g_ptr_array_add (names, NULL);
  nearest = mc_cli_nearest (word, (const char *const *)names->pdata);
  if (nearest != NULL)
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("There is no command \"%s\"; perhaps \"%s\" is meant."), word, nearest);
  else if (strchr (word, '@') != NULL)
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("A command is missing; perhaps \"mailcert get %s\" is meant."), word);
  else
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("There is no command \"%s\"."), word);
  return FALSE;
}

static gboolean
fail_unknown_option (const McCli *cli, const char *name, gsize length, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *word = g_strndup (name, length);
  const char *nearest;

  for (const McOption *o = cli->verb->options; o != NULL && o->name != NULL; o++)
    g_ptr_array_add (names, (gpointer)o->name);
  for (const McOption *o = mc_cli_options; o->name != NULL; o++)
    if (o->help != NULL)
      g_ptr_array_add (names, (gpointer)o->name);
  g_ptr_array_add (names, NULL);
  nearest = mc_cli_nearest (word, (const char *const *)names->pdata);
  if (nearest != NULL)
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("There is no option --%s here; perhaps --%s is meant."), word, nearest);
  else if (!cli->implied)
    /* Translators: an option and a command. */
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("There is no option --%s for \"mailcert %s\"."), word, cli->verb->name);
  else
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("There is no option --%s."), word);
  return FALSE;
}

static gboolean
take (McCli *cli, const McOption *option, const char *value, GError **error)
{
  GPtrArray *values = g_hash_table_lookup (cli->values, option->name);

  if (values == NULL) {
    values = g_ptr_array_new_with_free_func (g_free);
    g_hash_table_insert (cli->values, (gpointer)option->name, values);
  } else if (option->value != NULL && !option->many) {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("The option --%s was given twice."), option->name);
    return FALSE;
  }
  g_ptr_array_add (values, g_strdup (value != NULL ? value : ""));
  return TRUE;
}

/* One "--name", "--name=value" or "--name" "value"; moves *I past the value. */
static gboolean
take_long (McCli *cli, int argc, char **argv, int *i, GError **error)
{
  const char *name = argv[*i] + 2;
  gsize length = strcspn (name, "=");
  const char *value = name[length] == '=' ? name + length + 1 : NULL;
  const McOption *option = find_in (mc_cli_options, name, length, 0);

  if (option == NULL)
    option = find_in (cli->verb->options, name, length, 0);
  if (option == NULL)
    return fail_unknown_option (cli, name, length, error);
  if (option->value == NULL && value != NULL) {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("The option --%s takes no value."), option->name);
    return FALSE;
  }
  if (option->value != NULL && value == NULL) {
    if (*i + 1 >= argc) {
      mc_cli_set_error (error, MC_ERROR_USAGE, _ ("The option --%s needs a value: %s."), option->name, option->value);
      return FALSE;
    }
    value = argv[++*i];
  }
  return take (cli, option, value, error);
}

static gboolean
take_letters (McCli *cli, const char *letters, GError **error)
{
  for (const char *p = letters; *p != '\0'; p++) {
    const McOption *option = find_in (mc_cli_options, NULL, 0, *p);

    if (option == NULL)
      option = find_in (cli->verb->options, NULL, 0, *p);
    if (option == NULL) {
      mc_cli_set_error (error, MC_ERROR_USAGE, _ ("There is no option -%s."), letters);
      return FALSE;
    }
    if (!take (cli, option, NULL, error))
      return FALSE;
  }
  return TRUE;
}

/* A verb that is a program of its own gets what stands before it and after it, unread. */
static void
make_external (McCli *cli, int argc, char **argv, int verb)
{
  GPtrArray *all = g_ptr_array_new ();

  g_ptr_array_add (all, g_strdup (argv[verb]));
  for (int i = 1; i < argc; i++)
    if (i != verb)
      g_ptr_array_add (all, g_strdup (argv[i]));
  g_ptr_array_add (all, NULL);
  cli->external = (char **)g_ptr_array_free (all, FALSE);
}

static gboolean
check_operands (const McCli *cli, GError **error)
{
  if (cli->operands->len < cli->verb->least) {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("Something is missing: mailcert %s %s"), cli->verb->name,
                      cli->verb->operands);
    return FALSE;
  }
  if (cli->operands->len > cli->verb->most) {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("There is an argument too many: \"%s\"."),
                      (const char *)g_ptr_array_index (cli->operands, cli->verb->most));
    return FALSE;
  }
  return TRUE;
}

gboolean
mc_cli_parse (McCli *cli, int argc, char **argv, GError **error)
{
  int verb = find_first_operand (argc, argv);
  gboolean only_operands = FALSE;

  cli->values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
  cli->operands = g_ptr_array_new_with_free_func (g_free);
  cli->verb = &mc_verb_status;
  cli->implied = verb == 0;
  if (verb > 0) {
    cli->verb = find_verb (argv[verb]);
    if (cli->verb == NULL && mc_external_exists (argv[verb])) {
      make_external (cli, argc, argv, verb);
      return TRUE;
    }
    if (cli->verb == NULL)
      return fail_unknown_verb (argv[verb], error);
  }
  for (int i = 1; i < argc; i++) {
    if (i == verb)
      continue;
    if (only_operands || argv[i][0] != '-' || argv[i][1] == '\0')
      g_ptr_array_add (cli->operands, g_strdup (argv[i]));
    else if (strcmp (argv[i], "--") == 0)
      only_operands = TRUE;
    else if (argv[i][1] == '-' ? !take_long (cli, argc, argv, &i, error) : !take_letters (cli, argv[i] + 1, error))
      return FALSE;
  }
  cli->json = mc_cli_has (cli, "json");
  cli->quiet = mc_cli_has (cli, "quiet");
  if (mc_cli_has (cli, "verbose"))
    cli->verbose = ((GPtrArray *)g_hash_table_lookup (cli->values, "verbose"))->len;
  if (mc_cli_has (cli, "help") || mc_cli_has (cli, "version"))
    return TRUE;
  return check_operands (cli, error);
}

void
mc_cli_clear (McCli *cli)
{
  g_clear_pointer (&cli->values, g_hash_table_unref);
  g_clear_pointer (&cli->operands, g_ptr_array_unref);
  g_clear_pointer (&cli->external, g_strfreev);
  g_clear_pointer (&cli->config, mc_config_free);
}
