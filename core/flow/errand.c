/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/errand-private.h"

#include "acme/account.h"
#include "base/mutant.h"

#include <string.h>

McErrand *
mc_errand_new (McAccount *account, const McErrandWish *wish)
{
  McErrand *errand = g_new0 (McErrand, 1);

  errand->account = account;
  errand->wish = *wish;
  mc_errand_begin (errand);
  return errand;
}

void
mc_errand_drop_keys (McErrand *errand)
{
  g_clear_pointer (&errand->key, EVP_PKEY_free);
  g_clear_pointer (&errand->new_key, EVP_PKEY_free);
}

void
mc_errand_free (McErrand *errand)
{
  if (errand == NULL)
    return;
  mc_problem_free (errand->problem);
  mc_problem_free (errand->refusal);
  mc_exchange_clear (&errand->exchange);
  mc_errand_drop_keys (errand);
  g_free (errand->terms);
  g_free (errand);
}

void
mc_errand_finish (McErrand *errand, McErrandEnd end, McProblem *problem_take)
{
  mc_problem_free (errand->problem);
  errand->problem = problem_take;
  errand->end = end;
  errand->step = MC_STEP_NONE;
}

static void
begin_revocation (McErrand *errand)
{
  const McAccount *account = errand->account;

  /* In the middle of a rollover nobody knows which key the CA takes: the certificate's own is as good. */
  if (account->url != NULL && account->key != NULL && account->new_key == NULL)
    errand->step = MC_STEP_REVOKE;
  else if (errand->wish.certificate_key != NULL)
    errand->step = MC_STEP_REVOKE_BY_KEY;
  else
    mc_errand_finish (errand, MC_ERRAND_REFUSED, mc_problem_new ("mailcert:no-signer", ""));
}

void
mc_errand_begin (McErrand *errand)
{
  const McAccount *account = errand->account;

  if (errand->wish.kind == MC_ERRAND_REVOKE)
    begin_revocation (errand);
  else if (account->key == NULL)
    mc_errand_finish (errand, MC_ERRAND_REFUSED, mc_problem_new ("mailcert:no-account", ""));
  else if (account->new_key != NULL) /* an earlier life sent it, or meant to */
    errand->step = MC_STEP_FIND_NEW;
  else if (account->url == NULL)
    errand->step = MC_STEP_FIND;
  else if (errand->wish.kind == MC_ERRAND_ROLL_OVER)
    errand->step = MC_STEP_MAKE_KEY;
  else
    errand->step = errand->wish.kind == MC_ERRAND_LOOK ? MC_STEP_LOOK : MC_STEP_DEACTIVATE;
}

static guint
start (McErrand *errand, McAction *action, McActionKind kind)
{
  errand->id = ++errand->last_id;
  errand->kind = action->kind = kind;
  action->id = errand->id;
  return errand->id;
}

static EVP_PKEY *
read_key (EVP_PKEY **parsed, GBytes *pkcs8, GError **error)
{
  if (*parsed == NULL)
    *parsed = mc_key_parse (pkcs8, NULL, error);
  if (*parsed == NULL)
    g_prefix_error (error, "reading the account's key: ");
  return *parsed;
}

/* keyChange's payload is a request in itself, signed by the new key (B28). */
static char *
payload_of (McErrand *errand, GError **error)
{
  const McDirectory *directory = errand->exchange.directory;

  switch (errand->step) {
  case MC_STEP_CHANGE_KEY:
    if (read_key (&errand->key, errand->account->key, error) == NULL ||
        read_key (&errand->new_key, errand->account->new_key, error) == NULL)
      return NULL;
    return mc_account_rollover_compose (errand->key, errand->new_key, errand->account->url, directory->key_change,
                                        error);
  case MC_STEP_FIND_NEW:
  case MC_STEP_FIND:
    return mc_account_request_compose (FALSE, TRUE, NULL, NULL, error);
  case MC_STEP_AGREE:
    return mc_account_request_compose (TRUE, FALSE, NULL, NULL, error);
  case MC_STEP_REVOKE:
  case MC_STEP_REVOKE_BY_KEY:
    return mc_revocation_compose (errand->wish.certificate, errand->wish.reason);
  case MC_STEP_DEACTIVATE:
    return g_strdup (MC_STATUS_DEACTIVATED);
  default:
    return g_strdup (""); /* POST-as-GET */
  }
}

static const char *
url_of (const McErrand *errand)
{
  const McDirectory *directory = errand->exchange.directory;

  switch (errand->step) {
  case MC_STEP_CHANGE_KEY:
    return directory->key_change;
  case MC_STEP_FIND_NEW:
  case MC_STEP_FIND:
    return directory->new_account;
  case MC_STEP_REVOKE:
  case MC_STEP_REVOKE_BY_KEY:
    return directory->revoke_cert;
  default:
    return errand->account->url;
  }
}

static gboolean
ask (McErrand *errand, McAction *action, GError **error)
{
  const gboolean names_key = errand->step == MC_STEP_FIND_NEW || errand->step == MC_STEP_FIND;
  g_autofree char *payload = payload_of (errand, error);
  EVP_PKEY *key;

  if (payload == NULL)
    return FALSE;
  if (errand->step == MC_STEP_REVOKE_BY_KEY)
    key = errand->wish.certificate_key;
  else if (errand->step == MC_STEP_FIND_NEW)
    key = read_key (&errand->new_key, errand->account->new_key, error);
  else
    key = read_key (&errand->key, errand->account->key, error);
  if (key == NULL)
    return FALSE;
  action->request = mc_exchange_ask (&errand->exchange, key,
                                     names_key || errand->step == MC_STEP_REVOKE_BY_KEY ? NULL : errand->account->url,
                                     url_of (errand), payload, error);
  if (action->request == NULL)
    return FALSE;
  start (errand, action, MC_ACTION_HTTP);
  return TRUE;
}

/* The directory is there: what this CA does not offer is said before anything is made for it. */
static gboolean
is_offered (McErrand *errand)
{
  const McDirectory *directory = errand->exchange.directory;

  if (errand->step == MC_STEP_CHANGE_KEY && directory->key_change == NULL) {
    /* It was offered when that key was made. */
    errand->refusal = mc_problem_new ("mailcert:no-key-change", "");
    errand->step = MC_STEP_FIND;
  }
  if (errand->step == MC_STEP_MAKE_KEY && directory->key_change == NULL) {
    mc_errand_finish (errand, MC_ERRAND_REFUSED, mc_problem_new ("mailcert:no-key-change", ""));
    return FALSE;
  }
  if (errand->wish.kind == MC_ERRAND_REVOKE && directory->revoke_cert == NULL) {
    mc_errand_finish (errand, MC_ERRAND_REFUSED, mc_problem_new ("mailcert:no-revocation", ""));
    return FALSE;
  }
  return TRUE;
}

static gboolean
next_step (McErrand *errand, McAction *action, GError **error)
{
  if (errand->exchange.directory == NULL) {
    errand->prelude = TRUE;
    action->request = mc_exchange_ask_directory (&errand->exchange, errand->account->directory);
    start (errand, action, MC_ACTION_HTTP);
    return TRUE;
  }
  if (!is_offered (errand))
    return TRUE;
  if (errand->step == MC_STEP_MAKE_KEY) {
    action->key_kind = MC_KEY_P256; /* as the first one (B05) */
    action->for_account = TRUE;
    start (errand, action, MC_ACTION_MAKE_KEY);
    return TRUE;
  }
  if (errand->step == MC_STEP_ASK_TERMS && errand->wish.agree_terms)
    errand->step = MC_STEP_AGREE;
  if (errand->step == MC_STEP_ASK_TERMS) {
    action->ask = MC_ASK_TERMS;
    action->subject = errand->terms;
    start (errand, action, MC_ACTION_ASK);
    return TRUE;
  }
  if (errand->exchange.nonce == NULL) {
    errand->prelude = TRUE;
    action->request = mc_exchange_ask_nonce (&errand->exchange);
    start (errand, action, MC_ACTION_HTTP);
    return TRUE;
  }
  return ask (errand, action, error);
}

gboolean
mc_errand_next (McErrand *errand, gint64 now, McAction *action, GError **error)
{
  memset (action, 0, sizeof *action);
  if (errand->end != MC_ERRAND_UNDER_WAY || errand->id != 0)
    return TRUE;
  if (errand->retry_at > now) {
    action->wake = errand->retry_at;
    return TRUE;
  }
  errand->prelude = FALSE;
  return next_step (errand, action, error);
}

static void
feed_key (McErrand *errand, const McEvent *event)
{
  if (event->error != NULL) {
    mc_errand_finish (errand, MC_ERRAND_LATER, mc_problem_new ("mailcert:key", event->error->message));
    return;
  }
  errand->account->new_key = g_bytes_ref (event->key);
  errand->changed = !MC_MUTANT ("errand-new-key-unsaved");
  errand->step = MC_STEP_CHANGE_KEY;
}

static void
feed_answer (McErrand *errand, const McEvent *event)
{
  if (event->yes)
    errand->step = MC_STEP_AGREE;
  else
    mc_errand_finish (errand, MC_ERRAND_REFUSED, mc_problem_new ("mailcert:terms", errand->terms));
}

gboolean
mc_errand_feed (McErrand *errand, const McEvent *event, gint64 now, GError **error)
{
  (void)error;
  if (event->id == 0 || event->id != errand->id)
    return TRUE;
  errand->id = 0;
  if (errand->kind == MC_ACTION_MAKE_KEY)
    feed_key (errand, event);
  else if (errand->kind == MC_ACTION_ASK)
    feed_answer (errand, event);
  else
    mc_errand_feed_http (errand, event, now);
  return TRUE;
}

gboolean
mc_errand_is_changed (const McErrand *errand)
{
  return errand->changed;
}

void
mc_errand_committed (McErrand *errand)
{
  errand->changed = FALSE;
}

McErrandEnd
mc_errand_end (const McErrand *errand)
{
  return errand->end;
}

const McProblem *
mc_errand_problem (const McErrand *errand)
{
  return errand->problem;
}

const McDirectory *
mc_errand_directory (const McErrand *errand)
{
  return errand->exchange.directory;
}
