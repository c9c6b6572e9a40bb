/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A configuration file, as a person wrote it or a program broke it. */

#include "base/error.h"
#include "runner/config-private.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_error (const GError *error)
{
  g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
  g_assert_true (g_str_has_prefix (error->message, "/x/mailcert.conf:"));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strpbrk (error->message, "\r\n\033"));
  g_assert_cmpuint (strlen (error->message), <, 1000);
}

/* Every CA that can be named can be had, and is whole. */
static void
check_cas (const McConfig *config)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, config->cas);
  while (g_hash_table_iter_next (&iter, &name, NULL)) {
    g_autoptr (GError) error = NULL;
    g_autoptr (McCaProfile) ca = mc_config_ca (config, name, &error);

    g_assert_no_error (error);
    g_assert_true (ca->directory != NULL && g_ascii_strncasecmp (ca->directory, "https://", 8) == 0);
    g_assert_true (ca->trigger_wait >= 0 && ca->trigger_wait <= 86400 && ca->post_delay >= 0 &&
                   ca->post_delay <= 86400);
    g_assert_true (ca->token_join <= MC_TOKEN_JOIN_BYTES && ca->trigger <= MC_TRIGGER_AUTO &&
                   ca->dkim_headers <= MC_DKIM_HEADERS_STRICT && ca->renew <= MC_RENEW_REVOKE_FIRST);
  }
}

/* What the preferences page writes: only its own lines differ, twice is once, and what was good stays so. */
static void
check_edit (const char *text, gsize size, gboolean good)
{
  static const McConfigChange changes[] = {{"notify", "false"}, {"auto-answer", "true"}};
  g_autofree char *copy = g_strndup (text, size);
  g_autofree char *edited = mc_config_edit (copy, changes, G_N_ELEMENTS (changes));
  g_autofree char *again = mc_config_edit (edited, changes, G_N_ELEMENTS (changes));
  g_auto (GStrv) lines = NULL;

  g_assert_cmpstr (again, ==, edited);
  if (good) {
    g_autoptr (McConfig) config = mc_config_empty ();
    g_autoptr (GError) error = NULL;

    if (strlen (edited) <= MC_CONFIG_MAX)
      g_assert_true (mc_config_parse (config, edited, strlen (edited), "/x/mailcert.conf", MC_CONFIG_PERSON, &error));
    g_assert_no_error (error);
    g_assert_true (config->auto_answer && !config->notify);
  }
  lines = g_strsplit (copy, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    g_assert_true (strstr (edited, lines[i]) != NULL || strstr (lines[i], "notify") != NULL ||
                   strstr (lines[i], "auto-answer") != NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  for (McConfigSource source = 0; source < MC_CONFIG_SOURCES; source++) {
    g_autoptr (McConfig) config = mc_config_empty ();
    g_autoptr (GError) error = NULL;

    if (mc_config_parse (config, (const char *)data, size, "/x/mailcert.conf", source, &error)) {
      g_assert_no_error (error);
      check_cas (config);
      mc_config_account (config, "ana@example.org");
      if (source == MC_CONFIG_PERSON)
        check_edit ((const char *)data, size, TRUE);
    } else {
      if (source == MC_CONFIG_PERSON)
        check_edit ((const char *)data, size, FALSE);
      check_error (error);
    }
  }
  return 0;
}
