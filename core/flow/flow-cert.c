/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/flow-private.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/mutant.h"
#include "pki/chain.h"
#include "pki/csr.h"

#include <string.h>

static gboolean
next_install (McFlow *flow, McAction *action)
{
  McEnrollment *e = flow->enrollment;
  McPending *pending;

  for (guint i = 0; i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    if (!g_str_equal (keyring->state, "pending") || mc_flow_is_pending (flow, MC_ACTION_INSTALL, (gint)i))
      continue;
    pending = mc_flow_start (flow, action, MC_ACTION_INSTALL);
    pending->index = i;
    pending->subject = g_strdup (keyring->spec);
    pending->trusted = g_strdup (e->trust_root);
    action->keyring = pending->subject;
    return TRUE;
  }
  return FALSE;
}

void
mc_flow_next_cert (McFlow *flow, gint64 now, McAction *action, gint64 *wake)
{
  McEnrollment *e = flow->enrollment;
  McPending *pending;

  if (flow->root_to_ask != NULL) {
    pending = mc_flow_start (flow, action, MC_ACTION_ASK);
    pending->ask = action->ask = MC_ASK_ROOT;
    pending->subject = g_steal_pointer (&flow->root_to_ask);
    g_hash_table_add (flow->asked_roots, g_strdup (pending->subject));
    action->subject = pending->subject;
    return;
  }
  if (e->state == MC_ENROLLMENT_ISSUED && next_install (flow, action))
    return;
  /* The key is made while the mail travels. */
  if (e->key == NULL && (e->state == MC_ENROLLMENT_ORDERED || e->state == MC_ENROLLMENT_READY) &&
      !mc_flow_is_pending (flow, MC_ACTION_MAKE_KEY, -1)) {
    if (e->retry_at > now) {
      mc_flow_wake_at (wake, e->retry_at);
      return;
    }
    mc_flow_start (flow, action, MC_ACTION_MAKE_KEY);
    action->key_kind = e->key_kind;
  }
}

static const char **
address_list (const McEnrollment *e)
{
  const char **list = g_new0 (const char *, e->addresses->len + 1);

  for (guint i = 0; i < e->addresses->len; i++)
    list[i] = mc_enrollment_address (e, i)->address;
  return list;
}

static gboolean
is_key (EVP_PKEY *key, GBytes *pkcs8)
{
  g_autoptr (EVP_PKEY) other =
      pkcs8 != NULL ? mc_key_parse (pkcs8, NULL, NULL) : NULL; /* an account's has no passphrase */

  return other != NULL && mc_key_equal (key, other);
}

/* A certificate would publish it, and whoever has the certificate's key could speak for the account (B30). */
static gboolean
is_of_account (const McFlow *flow, EVP_PKEY *key)
{
  const GPtrArray *others = flow->settings.account_keys;
  gboolean is = is_key (key, flow->account->key) || is_key (key, flow->account->new_key);

  for (guint i = 0; !is && others != NULL && i < others->len; i++)
    is = is_key (key, g_ptr_array_index (others, i));
  return is;
}

/* READY: the CSR is made and kept, and FINALIZING begins. FALSE = the key is not there yet, or it cannot be used. */
gboolean
mc_flow_make_csr (McFlow *flow, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  g_autofree const char **addresses = address_list (e);
  g_autoptr (GError) error = NULL;
  g_autoptr (EVP_PKEY) key = NULL;

  if (e->key == NULL || flow->key_unusable)
    return FALSE;
  key = mc_key_parse (e->key, flow->settings.passphrase, &error);
  if (key != NULL && is_of_account (flow, key)) {
    flow->key_unusable = TRUE;
    mc_flow_fail (flow, now, mc_problem_new ("mailcert:account-key", ""));
    return FALSE;
  }
  if (key != NULL)
    e->csr = mc_csr_compose (key, addresses, e->usage, &error);
  if (e->csr == NULL) {
    flow->key_unusable = TRUE;
    if (g_error_matches (error, MC_ERROR, MC_ERROR_KEYRING))
      mc_flow_set_problem (flow, mc_flow_problem_from_error (error));
    else
      mc_flow_fail (flow, now, mc_problem_new ("mailcert:key", error->message));
    return FALSE;
  }
  mc_flow_move (flow, MC_ENROLLMENT_FINALIZING, now, NULL);
  if (MC_MUTANT ("flow-csr-unsaved"))
    flow->changed = FALSE;
  flow->finalize_due = TRUE;
  return TRUE;
}

/* The public half that was asked to be certified: the CSR has it, also where the key itself is under a passphrase. */
static EVP_PKEY *
requested_key (const McEnrollment *e, GError **error)
{
  const unsigned char *der = g_bytes_get_data (e->csr, NULL);
  g_autoptr (X509_REQ) request = d2i_X509_REQ (NULL, &der, (long)g_bytes_get_size (e->csr));
  EVP_PKEY *key = request != NULL ? X509_REQ_get_pubkey (request) : NULL;

  if (key == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INTERNAL, "the stored CSR does not parse");
  return key;
}

static void
when_all_installed (McFlow *flow, gint64 now)
{
  McEnrollment *e = flow->enrollment;

  for (guint i = 0; i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    if (!g_str_equal (keyring->state, "ready"))
      return;
  }
  if (e->state == MC_ENROLLMENT_ISSUED) {
    g_clear_pointer (&e->problem, mc_problem_free);
    mc_flow_move (flow, MC_ENROLLMENT_INSTALLED, now, NULL);
  }
}

/* A CA that decides itself what a certificate is for is another matter than one that makes mistakes. */
static const char *
type_of_refusal (const McChain *chain, McUsage usage)
{
  return chain != NULL && !mc_chain_allows (chain, usage) ? "mailcert:usage" : "mailcert:chain";
}

void
mc_flow_take_chain (McFlow *flow, const McHttpResponse *response, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  g_autofree const char **addresses = address_list (e);
  g_autoptr (GError) error = NULL;
  g_autoptr (EVP_PKEY) key = requested_key (e, &error);
  g_autoptr (McChain) chain = NULL;
  gsize length;
  const char *pem = g_bytes_get_data (response->body, &length);

  if (flow->alternates == NULL)
    flow->alternates = mc_http_response_links (response, "alternate");
  if (key != NULL) {
    chain = mc_chain_parse (pem != NULL ? pem : "", length, &error);
    if (chain == NULL) { /* no certificate at all: a proxy's page, a broken transfer; what was issued is still there */
      mc_flow_senseless (flow, "certificate", error, now);
      return;
    }
  }
  if (chain == NULL ||
      (!mc_chain_check (chain, key, addresses, e->usage, now, &error) && !MC_MUTANT ("flow-any-chain"))) {
    if (flow->alternates[flow->next_alternate] != NULL) { /* B60: the same certificate by another way */
      flow->next_alternate++;
      return;
    }
    if (g_error_matches (error, MC_ERROR, MC_ERROR_LATER)) { /* what is good tomorrow is not thrown away today */
      g_clear_pointer (&flow->alternates, g_strfreev);
      flow->next_alternate = 0;
      mc_flow_trouble (flow, now, 0, mc_problem_new ("mailcert:clock", error->message));
    } else
      mc_flow_fail (flow, now, mc_problem_new (type_of_refusal (chain, e->usage), error->message));
    return;
  }
  g_free (e->chain);
  e->chain = mc_chain_compose (chain);
  mc_flow_plan_renewal (flow, chain, now);
  g_clear_pointer (&e->problem, mc_problem_free);
  mc_flow_move (flow, MC_ENROLLMENT_ISSUED, now, NULL);
  when_all_installed (flow, now); /* where there is none, the store is the only place */
}

gboolean
mc_flow_settle_keyrings (McEnrollment *enrollment, gint64 now)
{
  const McFlowSettings none = {0};
  g_autoptr (McFlow) flow = mc_flow_new (enrollment, NULL, &none);

  when_all_installed (flow, now);
  return !flow->broken;
}

static void
set_keyring_state (McEnrollmentKeyring *keyring, const char *state)
{
  g_free (keyring->state);
  keyring->state = g_strdup (state);
}

void
mc_flow_trust (McFlow *flow, const char *root)
{
  McEnrollment *e = flow->enrollment;

  g_free (e->trust_root);
  e->trust_root = g_strdup (root);
  for (guint i = 0; i < e->keyrings->len; i++) {
    McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);

    if (g_str_equal (keyring->state, "untrusted"))
      set_keyring_state (keyring, "pending");
  }
  flow->changed = TRUE;
}

/* A keyring wants ROOT to be trusted: asked at most once in a life, and not where the person has said so already. */
static void
want_root (McFlow *flow, const McPending *pending, McEnrollmentKeyring *keyring, const char *root)
{
  if (g_strcmp0 (flow->enrollment->trust_root, root) == 0) {
    if (g_strcmp0 (pending->trusted, root) != 0) /* said while this was under way */
      set_keyring_state (keyring, "pending");
    return;
  }
  if (g_hash_table_contains (flow->asked_roots, root))
    return;
  g_free (flow->root_to_ask);
  flow->root_to_ask = g_strdup (root);
}

void
mc_flow_feed_installed (McFlow *flow, const McPending *pending, const McEvent *event, gint64 now)
{
  McEnrollment *e = flow->enrollment;
  McEnrollmentKeyring *keyring = mc_enrollment_keyring (e, pending->subject);
  const gboolean untrusted = g_str_equal (event->keyring_state, "untrusted");
  g_autofree char *before = g_strdup (keyring->error);

  set_keyring_state (keyring, event->keyring_state);
  g_free (keyring->error);
  keyring->error = event->error != NULL ? mc_text_sanitize (event->error->message, 400) : NULL;
  if (event->key_id != NULL) {
    g_free (keyring->key_id);
    keyring->key_id = g_strdup (event->key_id);
  }
  flow->changed = TRUE;
  if (!g_str_equal (event->keyring_state, "ready")) {
    mc_flow_set_problem (flow, mc_problem_new (untrusted ? "mailcert:untrusted" : "mailcert:keyring", keyring->error));
    if (g_strcmp0 (before, keyring->error) != 0)
      mc_enrollment_note (e, now, "NOTE", NULL, keyring->error);
  }
  if (untrusted && event->fingerprint != NULL)
    want_root (flow, pending, keyring, event->fingerprint);
  when_all_installed (flow, now);
}
