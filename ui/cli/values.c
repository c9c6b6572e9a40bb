/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <string.h>

gboolean
mc_cli_has (const McCli *cli, const char *option)
{
  return g_hash_table_contains (cli->values, option);
}

const char *
mc_cli_value (const McCli *cli, const char *option)
{
  const GPtrArray *values = g_hash_table_lookup (cli->values, option);

  return values != NULL ? g_ptr_array_index (values, values->len - 1) : NULL;
}

char **
mc_cli_values (const McCli *cli, const char *option)
{
  const GPtrArray *values = g_hash_table_lookup (cli->values, option);
  char **all;

  if (values == NULL)
    return NULL;
  all = g_new0 (char *, values->len + 1);
  for (guint i = 0; i < values->len; i++)
    all[i] = g_strdup (g_ptr_array_index (values, i));
  return all;
}

const char *
mc_cli_operand (const McCli *cli, guint index)
{
  return index < cli->operands->len ? g_ptr_array_index (cli->operands, index) : NULL;
}

gboolean
mc_cli_number (const McCli *cli, const char *option, gint64 most, gint64 *out, GError **error)
{
  const char *value = mc_cli_value (cli, option);
  guint64 number;

  if (value == NULL || !g_ascii_string_to_unsigned (value, 10, 0, (guint64)most, &number, NULL)) {
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("The option --%s needs a whole number, not \"%s\"."), option,
                      value != NULL ? value : "");
    return FALSE;
  }
  *out = (gint64)number;
  return TRUE;
}

/* Levenshtein's distance where two exchanged neighbours count one; the words are short. */
static guint
distance (const char *a, const char *b)
{
  gsize m = strlen (a), n = strlen (b);
  guint rows[3][32];

  if (m >= 32 || n >= 32)
    return G_MAXUINT;
  for (gsize j = 0; j <= n; j++)
    rows[0][j] = (guint)j;
  for (gsize i = 1; i <= m; i++) {
    guint *row = rows[i % 3];
    const guint *last = rows[(i + 2) % 3];
    const guint *before = rows[(i + 1) % 3];

    row[0] = (guint)i;
    for (gsize j = 1; j <= n; j++) {
      row[j] = MIN (MIN (last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = MIN (row[j], before[j - 2] + 1);
    }
  }
  return rows[m % 3][n];
}

const char *
mc_cli_nearest (const char *word, const char *const *known)
{
  const char *best = NULL;
  guint least = (guint)MIN (2, strlen (word) / 2) + 1; /* farther than this is no likely slip */

  for (; *known != NULL; known++) {
    guint d = strlen (word) >= 3 && g_str_has_prefix (*known, word) ? 1 : distance (word, *known);

    if (d < least) {
      least = d;
      best = *known;
    }
  }
  return best;
}
