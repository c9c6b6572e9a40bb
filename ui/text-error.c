/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

#include "mail/verdict.h"
#include "store/store.h"

#include <string.h>

/* mc_runner_reply says why it refuses by the name of a verdict. */
static gboolean
is_verdict (const GError *error, McVerdictCode *code)
{
  if (!g_error_matches (error, MC_ERROR, MC_ERROR_REFUSED))
    return FALSE;
  for (guint i = 0; i <= MC_VERDICT_AUTHENTIC; i++) {
    if (strcmp (error->message, mc_verdict_name ((McVerdictCode)i)) == 0) {
      *code = (McVerdictCode)i;
      return TRUE;
    }
  }
  return FALSE;
}

static const char *
step_for_error (const GError *error)
{
  if (error->domain == MC_STORE_ERROR)
    return _ ("Another mailcert is at work on the same request. Try again in a moment.");
  if (error->domain != MC_ERROR)
    return NULL;
  switch ((McError)error->code) {
  case MC_ERROR_INTERNAL:
    return _ ("Please report it, together with what \"mailcert --version\" says.");
  case MC_ERROR_WRITE:
    return _ ("Look at the free space and the permissions of mailcert's folder, then try again.");
  case MC_ERROR_LATER:
    return _ ("Nothing is lost. Try again later.");
  case MC_ERROR_CONFIG:
    return _ ("Correct it and try again; mailcert.conf(5) explains each key.");
  case MC_ERROR_LOGIN:
    return _ (
        "Check user and password-command (or oauth-command) of this account in the configuration, then try again.");
  case MC_ERROR_TLS:
    return _ ("Check the server's name. Where it has a root of its own, name that as ca-file (for a CA) or tls-ca-file "
              "(for mail) in the "
              "configuration.");
  case MC_ERROR_CA:
    return _ ("Try again later; if it stays so, ask the CA.");
  case MC_ERROR_NO_INPUT:
    return _ ("\"mailcert status\" lists what there is.");
  case MC_ERROR_USAGE:
    return _ ("\"mailcert --help\" lists what there is.");
  case MC_ERROR_MALFORMED:
  case MC_ERROR_REFUSED:
  case MC_ERROR_KEYRING:
    break;
  }
  return NULL;
}

static char *
sentence_for_error (const GError *error)
{
  g_autofree char *words = mc_text_reason (error->message);

  if (error->domain == MC_STORE_ERROR)
    return g_strdup_printf (_ ("This request is in use just now: %s."), words);
  if (error->domain != MC_ERROR)
    return g_strdup_printf (_ ("That did not work: %s."), words);
  switch ((McError)error->code) {
  case MC_ERROR_INTERNAL:
    return g_strdup_printf (_ ("This is a mistake in mailcert itself: %s."), words);
  case MC_ERROR_USAGE:
    return g_strdup_printf (_ ("This cannot be asked for: %s."), words);
  case MC_ERROR_MALFORMED:
    return g_strdup_printf (_ ("This cannot be understood: %s."), words);
  case MC_ERROR_REFUSED:
    return g_strdup_printf (_ ("This was looked at and not accepted: %s."), words);
  case MC_ERROR_NO_INPUT:
    return g_strdup_printf (_ ("There is nothing to work on: %s."), words);
  case MC_ERROR_CA:
    return g_strdup_printf (_ ("The CA refused: %s."), words);
  case MC_ERROR_WRITE:
    return g_strdup_printf (_ ("Something could not be written: %s."), words);
  case MC_ERROR_LATER:
    return g_strdup_printf (_ ("It did not work just now: %s."), words);
  case MC_ERROR_KEYRING:
    return g_strdup_printf (_ ("The key or the keyring needs your attention: %s."), words);
  case MC_ERROR_CONFIG:
    return g_strdup_printf (_ ("The configuration needs a correction: %s."), words);
  case MC_ERROR_LOGIN:
    return g_strdup_printf (_ ("Your mail provider did not accept the login: %s."), words);
  case MC_ERROR_TLS:
    return g_strdup_printf (_ ("The other side could not prove who it is, so nothing was sent to it: %s."), words);
  }
  return g_strdup_printf (_ ("That did not work: %s."), words);
}

char *
mc_text_error (const GError *error, char **next)
{
  McVerdictCode code;

  if (is_verdict (error, &code))
    return mc_text_verdict_code (code, next);
  mc_text_set_next (next, step_for_error (error));
  return mc_text_end (sentence_for_error (error));
}
