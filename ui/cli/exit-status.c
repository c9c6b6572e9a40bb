/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "exit-status.h"

#include "store/store.h"
#include "text.h"

#include <string.h>

int
mc_exit_status_of_code (McError code)
{
  switch (code) {
  case MC_ERROR_USAGE:
    return MC_EXIT_USAGE;
  case MC_ERROR_MALFORMED:
  case MC_ERROR_REFUSED:
    return MC_EXIT_REFUSED;
  case MC_ERROR_NO_INPUT:
    return MC_EXIT_NO_INPUT;
  case MC_ERROR_CA:
    return MC_EXIT_CA;
  case MC_ERROR_INTERNAL:
    return MC_EXIT_INTERNAL;
  case MC_ERROR_WRITE:
    return MC_EXIT_WRITE;
  case MC_ERROR_LATER:
    return MC_EXIT_LATER;
  case MC_ERROR_KEYRING:
    return MC_EXIT_KEYRING;
  case MC_ERROR_CONFIG:
  case MC_ERROR_LOGIN:
  case MC_ERROR_TLS:
    return MC_EXIT_CONFIG;
  }
  return MC_EXIT_INTERNAL;
}

McError
mc_exit_code_of_error (const GError *error)
{
  if (error->domain == MC_ERROR || error->domain == MC_CLI_ERROR)
    return (McError)error->code;
  if (error->domain == MC_STORE_ERROR)
    return MC_ERROR_LATER;
  return MC_ERROR_INTERNAL;
}

int
mc_exit_status (const GError *error)
{
  return mc_exit_status_of_code (mc_exit_code_of_error (error));
}

static const struct {
  const char *type;
  McError code;
} troubles[] = {
    {"mailcert:terms", MC_ERROR_USAGE},          {"mailcert:eab", MC_ERROR_USAGE},
    {"externalAccountRequired", MC_ERROR_USAGE}, {"mailcert:not-a-directory", MC_ERROR_CONFIG},
    {"mailcert:config", MC_ERROR_CONFIG},        {"mailcert:no-transport", MC_ERROR_CONFIG},
    {"mailcert:login", MC_ERROR_LOGIN},          {"mailcert:tls", MC_ERROR_TLS},
    {"mailcert:store", MC_ERROR_WRITE},          {"mailcert:keyring", MC_ERROR_KEYRING},
    {"mailcert:passphrase", MC_ERROR_KEYRING},   {"mailcert:no-email-reply", MC_ERROR_CA},
    {"mailcert:network", MC_ERROR_LATER},        {"mailcert:profile", MC_ERROR_USAGE},
    {"userActionRequired", MC_ERROR_CA},         {"mailcert:no-account", MC_ERROR_NO_INPUT},
    {"mailcert:no-signer", MC_ERROR_KEYRING},    {"mailcert:account-key", MC_ERROR_INTERNAL},
};

gboolean
mc_exit_code_of_trouble (const McProblem *trouble, McError *code)
{
  for (gsize i = 0; trouble != NULL && i < G_N_ELEMENTS (troubles); i++) {
    if (mc_problem_is (trouble, troubles[i].type)) {
      *code = troubles[i].code;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
has_keyring_in (const McEnrollment *e, const char *state)
{
  for (guint i = 0; i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    if (strcmp (keyring->state, state) == 0)
      return TRUE;
  }
  return FALSE;
}

gboolean
mc_exit_code_of_enrollment (const McEnrollment *e, McError *code)
{
  if (e->state == MC_ENROLLMENT_INSTALLED)
    return FALSE;
  if (mc_exit_code_of_trouble (mc_text_trouble (e), code)) {
    if (*code == MC_ERROR_LATER && !mc_enrollment_is_open (e)) /* there is no later */
      *code = MC_ERROR_CA;
    return TRUE;
  }
  if (e->state == MC_ENROLLMENT_ISSUED && (has_keyring_in (e, "untrusted") || has_keyring_in (e, "failed")))
    *code = MC_ERROR_KEYRING;
  else
    *code = mc_enrollment_is_open (e) ? MC_ERROR_LATER : MC_ERROR_CA;
  return TRUE;
}

/* What a person or the configuration must mend; waiting does not. */
gboolean
mc_exit_needs_person (const McEnrollment *e)
{
  McError code;

  if (!mc_enrollment_is_open (e))
    return TRUE;
  if (!mc_exit_code_of_enrollment (e, &code) || code == MC_ERROR_LATER || code == MC_ERROR_WRITE)
    return FALSE;
  /* One keyring may still be at work while another has failed. */
  return e->state != MC_ENROLLMENT_ISSUED || !has_keyring_in (e, "pending");
}

int
mc_exit_worse (int a, int b)
{
  static const int order[] = {MC_EXIT_INTERNAL, MC_EXIT_WRITE, MC_EXIT_USAGE,   MC_EXIT_CONFIG,
                              MC_EXIT_KEYRING,  MC_EXIT_CA,    MC_EXIT_REFUSED, MC_EXIT_NO_INPUT,
                              MC_EXIT_LATER,    MC_EXIT_NOT,   MC_EXIT_DONE};

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if (order[i] == a || order[i] == b)
      return order[i];
  return MC_EXIT_INTERNAL;
}
