/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "binding.h"

#include "base/base64url.h"
#include "base/secret.h"
#include "interrupt.h"
#include "prompt.h"
#include "runner/doctor.h"
#include "text.h"

#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX (16 * 1024)
#define KEY_LEAST 16 /* octets: less is no key */
#define SECONDS 15   /* a CA that does not answer is told by the enrollment itself */

/* All of it, or NULL where it is too long for what it should be. */
static char *
read_input (GError **error)
{
  char *text = g_malloc (TEXT_MAX + 1);
  gsize length = 0;
  ssize_t n = 0;

  while (length <= TEXT_MAX && (n = read (STDIN_FILENO, text + length, TEXT_MAX + 1 - length)) > 0)
    length += (gsize)n;
  if (n == 0 && length > 0 && memchr (text, '\0', length) == NULL) {
    text[length] = '\0';
    return text;
  }
  OPENSSL_cleanse (text, TEXT_MAX + 1);
  g_free (text);
  mc_cli_set_error (error, MC_ERROR_NO_INPUT, _ ("No key ID and HMAC key came on standard input."));
  return NULL;
}

static gboolean
is_key (const char *text)
{
  g_autoptr (GBytes) bytes = mc_base64_any_parse (text, NULL);
  gboolean good = bytes != NULL && g_bytes_get_size (bytes) >= KEY_LEAST;

  if (bytes != NULL)
    OPENSSL_cleanse ((void *)g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return good;
}

/* In place: as it is pasted, perhaps with quotes. */
static char *
bare (char *text)
{
  char *end;

  text += strspn (text, " \t\"'");
  end = text + strlen (text);
  while (end > text && strchr (" \t\"',", end[-1]) != NULL)
    *--end = '\0';
  return text;
}

/* NULL: nothing was typed. */
static char *
ask (void)
{
  g_autoptr (McSecretString) kid = mc_prompt_line (_ ("Key ID: "), FALSE, -1);
  const char *question = _ ("HMAC key (what you type is not shown): ");

  if (kid == NULL || *bare (kid) == '\0')
    return NULL;
  for (;;) {
    g_autoptr (McSecretString) key = mc_prompt_line (question, TRUE, -1);

    if (key == NULL || *bare (key) == '\0')
      return NULL;
    if (is_key (bare (key)))
      return g_strdup_printf ("kid = %s\nhmac-key = %s\n", bare (kid), bare (key));
    question = _ ("That is not a key in base64, as CAs give it. Once more: ");
  }
}

static char *
ask_person (const char *ca, GError **error)
{
  g_autofree char *name = mc_text_sanitize (ca, 200);
  g_autofree char *line = NULL;
  char *text;

  /* Translators: the CA. */
  line =
      g_strdup_printf (_ ("%s gives certificates only to those who have an account on its website, which shows a key "
                          "ID and an HMAC key."),
                       name);
  mc_cli_say (stderr, line);
  mc_interrupt_watch (NULL); /* a signal must not leave the terminal without echo */
  text = ask ();
  mc_interrupt_unwatch ();
  if (text == NULL)
    mc_cli_set_error (error, MC_ERROR_USAGE, _ ("No key was typed, so nothing was asked for."));
  return text;
}

char *
mc_cli_read_binding (const McCli *cli, const char *ca, GError **error)
{
  if (!isatty (STDIN_FILENO))
    return read_input (error);
  if (mc_cli_is_attended (cli))
    return ask_person (ca, error);
  mc_cli_set_error (error, MC_ERROR_USAGE, _ ("With --json and -q nothing is asked; name a file with --eab."));
  return NULL;
}

gboolean
mc_cli_offer_binding (const McCli *cli, const McCaProfile *ca, char **out, GError **error)
{
  const McDoctorOptions wanted = {.ca = ca->directory, .seconds = SECONDS};
  g_autoptr (McFinding) finding = NULL;

  *out = NULL;
  if (!mc_cli_is_attended (cli))
    return TRUE;
  finding = mc_doctor_check (cli->config, &wanted, "eab");
  if (g_strcmp0 (finding->reason, "needed") != 0)
    return TRUE;
  *out = ask_person (ca->name, error);
  return *out != NULL;
}
