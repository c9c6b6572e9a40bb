/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/errand.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "runner/runner-private.h"

#include <string.h>

/* Errands are waited for: whoever asks for one has nothing else to do meanwhile. */

typedef struct {
  McErrand *errand; /* NULL = nobody waits any more */
  guint action;
  gboolean over;
} McTurn;

static void
http_done (gpointer owner, const McHttpResponse *response, const GError *error)
{
  McTurn *turn = owner;
  McEvent event = {.kind = MC_EVENT_HTTP, .id = turn->action, .response = response, .error = error};

  if (turn->errand != NULL)
    mc_errand_feed (turn->errand, &event, mc_runner_now (), NULL); /* never fails */
  turn->over = TRUE;
}

static void
answered (McRunner *runner G_GNUC_UNUSED, McAnswer answer, gpointer data)
{
  McTurn *turn = data;
  McEvent event = {.kind = MC_EVENT_ANSWER,
                   .id = turn->action,
                   .yes = answer == MC_ANSWER_YES,
                   .nobody = answer == MC_ANSWER_NOBODY || answer == MC_ANSWER_INTERRUPTED};

  if (turn->errand != NULL)
    mc_errand_feed (turn->errand, &event, mc_runner_now (), NULL);
  turn->over = TRUE;
}

static gboolean
make_key (McErrand *errand, const McAction *action, GError **error)
{
  g_autoptr (GError) why = NULL;
  EVP_PKEY *key = mc_key_new (action->key_kind, &why); /* a curve's: a millisecond */
  g_autoptr (GBytes) pkcs8 = key != NULL ? mc_key_compose (key, NULL, &why) : NULL;
  McEvent event = {.kind = MC_EVENT_KEY, .id = action->id, .key = pkcs8, .error = why};

  EVP_PKEY_free (key);
  return mc_errand_feed (errand, &event, mc_runner_now (), error);
}

static gboolean
is_stopped (McRunner *runner)
{
  return g_atomic_int_get (&runner->stopping) != 0;
}

/* Starts ACTION and waits for its end. A stop leaves the request to itself: what became of it is found out next time.
 */
static gboolean
do_action (McRunner *runner, const McCaProfile *ca, McErrand *errand, const McAction *action, GError **error)
{
  McTurn *turn;
  gboolean ok = TRUE;

  if (action->kind == MC_ACTION_MAKE_KEY)
    return make_key (errand, action, error);
  turn = g_new0 (McTurn, 1);
  turn->errand = errand;
  turn->action = action->id;
  g_hash_table_add (runner->requests, turn); /* which frees it at the latest when the runner ends */
  if (action->kind == MC_ACTION_HTTP)
    mc_http_start (runner->http, action->request, ca->ca_file, http_done, turn);
  else
    mc_runner_ask (runner, &(McQuestion){.kind = MC_QUESTION_TERMS, .ca = ca->name, .url = action->subject}, answered,
                   turn);
  while (ok && !turn->over && !(action->kind == MC_ACTION_HTTP && is_stopped (runner))) {
    mc_runner_take_notes (runner);
    ok = turn->over || mc_http_wait (runner->http, -1, error);
  }
  if (turn->over)
    g_hash_table_remove (runner->requests, turn);
  else
    turn->errand = NULL;
  return ok;
}

static gboolean
commit (McRunner *runner, McErrand *errand, McAccount *account, GError **error)
{
  if (!mc_errand_is_changed (errand))
    return TRUE;
  if (!mc_store_save_account (runner->store, account, error))
    return FALSE;
  mc_errand_committed (errand);
  return TRUE;
}

static gboolean
carry_out (McRunner *runner, const McCaProfile *ca, McErrand *errand, McAccount *account, GError **error)
{
  while (!is_stopped (runner)) {
    McAction action;

    /* Saved before done (DESIGN 2). */
    if (!mc_errand_next (errand, mc_runner_now (), &action, error) || !commit (runner, errand, account, error))
      return FALSE;
    if (action.kind != MC_ACTION_NONE) {
      if (!do_action (runner, ca, errand, &action, error))
        return FALSE;
    } else if (mc_errand_end (errand) != MC_ERRAND_UNDER_WAY)
      return TRUE;
    else if (!mc_http_wait (runner->http, (gint)MAX (action.wake - mc_runner_now (), 0) * 1000, error))
      return FALSE;
  }
  g_atomic_int_set (&runner->stopping, 0);
  g_set_error_literal (error, MC_ERROR, MC_ERROR_LATER, "it was stopped");
  return FALSE;
}

/* The errand's own end as ours: PROBLEM says more than ERROR, where there is one. */
static gboolean
report_end (const McErrand *errand, McProblem **problem, GError **error)
{
  const McProblem *why = mc_errand_problem (errand);
  g_autofree char *sentence = NULL;

  if (mc_errand_end (errand) == MC_ERRAND_DONE)
    return TRUE;
  sentence = mc_problem_sentence (why);
  g_set_error_literal (error, MC_ERROR, mc_errand_end (errand) == MC_ERRAND_LATER ? MC_ERROR_LATER : MC_ERROR_CA,
                       *sentence != '\0' ? sentence : why->type);
  if (problem != NULL)
    *problem = mc_problem_copy (why);
  return FALSE;
}

static McAccount *
account_at (McRunner *runner, const char *directory, GError **error)
{
  g_autoptr (GError) why = NULL;
  McAccount *account = mc_store_account (runner->store, directory, &why);

  if (why != NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  else if (account == NULL)
    account = mc_account_new (directory);
  return account;
}

static McLease *
account_lease (McRunner *runner, const char *directory, gboolean alone, GError **error)
{
  g_autoptr (GError) why = NULL;
  McLease *lease = mc_lease_take_account (runner->store, directory, alone, &why);

  if (why != NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  else if (lease == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_LATER, "another mailcert is working with the account at this CA");
  return lease;
}

/* --- revocation --- */

static GBytes *
leaf_of (const McEnrollment *e, GError **error)
{
  g_autoptr (McChain) chain = mc_chain_parse (e->chain, strlen (e->chain), error);
  guint8 *der = NULL;
  int length = chain != NULL ? i2d_X509 (mc_chain_certificate (chain, 0), &der) : -1;
  GBytes *bytes = length > 0 ? g_bytes_new (der, (gsize)length) : NULL;

  OPENSSL_free (der);
  if (chain != NULL && bytes == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "the stored certificate cannot be read");
  return bytes;
}

static gboolean
is_compromised (const McEnrollment *e)
{
  return g_strcmp0 (e->revocation, mc_reason_name (MC_REASON_KEY_COMPROMISE)) == 0;
}

/* Written down before the CA hears of it: from then on nobody takes it for a good one. That others may have the key is
 * not forgotten for another reason, which a CA may want to hear instead. */
static gboolean
note_wish (McRunner *runner, McEnrollment *e, McReason reason, GError **error)
{
  if (!is_compromised (e)) {
    g_free (e->revocation);
    e->revocation = g_strdup (mc_reason_name (reason));
  }
  mc_enrollment_note (e, mc_runner_now (), "REVOKING", NULL, mc_reason_name (reason));
  return mc_store_save (runner->store, e, NULL, error);
}

static gboolean
note_end (McRunner *runner, McEnrollment *e, const McErrand *errand, GError **error)
{
  g_autofree char *sentence = NULL;

  if (mc_errand_end (errand) == MC_ERRAND_LATER)
    return TRUE; /* the wish stands */
  if (mc_errand_end (errand) == MC_ERRAND_DONE) {
    e->revoked_at = mc_runner_now ();
    mc_enrollment_note (e, e->revoked_at, "REVOKED", NULL, e->revocation);
  } else {
    sentence = mc_problem_sentence (mc_errand_problem (errand));
    /* That others may have the key stays true whatever the CA says: it is asked for again, and the key is dead here. */
    if (!is_compromised (e))
      g_clear_pointer (&e->revocation, g_free);
    mc_enrollment_note (e, mc_runner_now (), "NOTE", NULL, sentence);
  }
  return mc_store_save (runner->store, e, NULL, error);
}

static gboolean
revoke_certificate (McRunner *runner, McEnrollment *e, McReason reason, gboolean agree_terms, McProblem **problem,
                    GError **error)
{
  g_autoptr (McCaProfile) ca = mc_runner_ca_of (runner, e, error);
  g_autoptr (McAccount) account = ca != NULL ? account_at (runner, e->directory, error) : NULL;
  g_autoptr (GBytes) leaf = account != NULL ? leaf_of (e, error) : NULL;
  /* Where it is locked the account must do. */
  g_autoptr (EVP_PKEY) key = leaf != NULL && e->key != NULL ? mc_key_parse (e->key, runner->passphrase, NULL) : NULL;
  McErrandWish wish = {.kind = MC_ERRAND_REVOKE,
                       .agree_terms = agree_terms,
                       .certificate = leaf,
                       .certificate_key = key,
                       .reason = reason};
  g_autoptr (McErrand) errand = NULL;

  if (leaf == NULL || !note_wish (runner, e, reason, error))
    return FALSE;
  errand = mc_errand_new (account, &wish);
  return carry_out (runner, ca, errand, account, error) && note_end (runner, e, errand, error) &&
         report_end (errand, problem, error);
}

gboolean
mc_runner_revoke (McRunner *runner, gint64 id, McReason reason, gboolean agree_terms, McProblem **problem,
                  GError **error)
{
  g_autoptr (McLease) lease = mc_runner_lease (runner, id, error);
  g_autoptr (McEnrollment) e = lease != NULL ? mc_store_enrollment (runner->store, id, error) : NULL;
  g_autoptr (McLease) shared = e != NULL ? account_lease (runner, e->directory, FALSE, error) : NULL;

  if (shared == NULL)
    return FALSE;
  if (e->chain == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_NO_INPUT, "there is no certificate to revoke");
    return FALSE;
  }
  return e->revoked_at != 0 || revoke_certificate (runner, e, reason, agree_terms, problem, error);
}

/* --- the account --- */

/* T-26: what the CA waits for was made out to the present key. */
static gboolean
check_challenges (McRunner *runner, const char *directory, McProblem **problem, GError **error)
{
  g_autoptr (GPtrArray) open = mc_store_enrollments (runner->store, TRUE, error);

  if (open == NULL)
    return FALSE;
  for (guint i = 0; i < open->len; i++) {
    const McEnrollment *e = g_ptr_array_index (open, i);

    if (strcmp (e->directory, directory) != 0 || !mc_enrollment_has_challenge (e))
      continue;
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "the request for %s is open", mc_enrollment_address (e, 0)->address);
    if (problem != NULL)
      *problem = mc_problem_new ("mailcert:challenge-open", mc_enrollment_address (e, 0)->address);
    return FALSE;
  }
  return TRUE;
}

static gboolean
on_account (McRunner *runner, const McCaProfile *ca, const McErrandWish *wish, McProblem **problem, GError **error)
{
  g_autoptr (McLease) lease = account_lease (runner, ca->directory, TRUE, error);
  g_autoptr (McAccount) account = lease != NULL ? account_at (runner, ca->directory, error) : NULL;
  g_autoptr (McErrand) errand = NULL;

  if (account == NULL || (wish->kind == MC_ERRAND_ROLL_OVER && account->new_key == NULL &&
                          !check_challenges (runner, ca->directory, problem, error)))
    return FALSE;
  errand = mc_errand_new (account, wish);
  return carry_out (runner, ca, errand, account, error) && report_end (errand, problem, error);
}

gboolean
mc_runner_look_at_account (McRunner *runner, const McCaProfile *ca, gboolean agree_terms, McProblem **problem,
                           GError **error)
{
  const McErrandWish wish = {.kind = MC_ERRAND_LOOK, .agree_terms = agree_terms};

  return on_account (runner, ca, &wish, problem, error);
}

gboolean
mc_runner_roll_over (McRunner *runner, const McCaProfile *ca, gboolean agree_terms, McProblem **problem, GError **error)
{
  const McErrandWish wish = {.kind = MC_ERRAND_ROLL_OVER, .agree_terms = agree_terms};

  return on_account (runner, ca, &wish, problem, error);
}

gboolean
mc_runner_deactivate (McRunner *runner, const McCaProfile *ca, McProblem **problem, GError **error)
{
  const McErrandWish wish = {.kind = MC_ERRAND_DEACTIVATE};

  return on_account (runner, ca, &wish, problem, error);
}
