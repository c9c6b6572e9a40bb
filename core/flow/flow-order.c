/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/flow-private.h"

#include "acme/account.h"
#include "acme/jws.h"
#include "base/mutant.h"

EVP_PKEY *
mc_flow_account_key (McFlow *flow, GError **error)
{
  if (flow->account_key == NULL)
    flow->account_key = mc_key_parse (flow->account->key, NULL, error);
  if (flow->account_key == NULL)
    g_prefix_error (error, "reading the account's key: ");
  return flow->account_key;
}

static McPending *
start_request (McFlow *flow, McAction *action, McPurpose purpose, McHttpRequest *request)
{
  McPending *pending = mc_flow_start (flow, action, MC_ACTION_HTTP);

  pending->purpose = purpose;
  action->request = request;
  return pending;
}

/* A signed POST; PAYLOAD "" is POST-as-GET (B07). */
static gboolean
start_post (McFlow *flow, McAction *action, McPurpose purpose, guint index, const char *url, const char *payload,
            GError **error)
{
  EVP_PKEY *key = mc_flow_account_key (flow, error);
  const char *kid = purpose == MC_PURPOSE_ACCOUNT ? NULL : flow->account->url;
  McHttpRequest *request;

  if (key == NULL)
    return FALSE;
  request = mc_exchange_ask (&flow->exchange, key, kid, url, payload, error);
  if (request == NULL)
    return FALSE;
  request->once = purpose == MC_PURPOSE_POST; /* a challenge POST is never repeated (DESIGN 2) */
  start_request (flow, action, purpose, request)->index = index;
  return TRUE;
}

static gboolean
start_account (McFlow *flow, McAction *action, GError **error)
{
  const char *url = flow->exchange.directory->new_account;
  g_autofree char *binding = NULL;
  g_autofree char *payload = NULL;

  if (flow->settings.binding_kid != NULL) {
    EVP_PKEY *key = mc_flow_account_key (flow, error);

    if (key == NULL)
      return FALSE;
    binding = mc_jws_compose_binding (key, flow->settings.binding_key, flow->settings.binding_kid, url, error);
    if (binding == NULL)
      return FALSE;
  }
  payload = mc_account_request_compose (flow->account->terms != NULL, FALSE, NULL, binding, error);
  return payload != NULL && start_post (flow, action, MC_PURPOSE_ACCOUNT, 0, url, payload, error);
}

static gboolean
start_agreement (McFlow *flow, McAction *action, GError **error)
{
  g_autofree char *payload = mc_account_request_compose (TRUE, FALSE, NULL, NULL, error);

  return payload != NULL && start_post (flow, action, MC_PURPOSE_AGREE, 0, flow->account->url, payload, error);
}

static gboolean
start_order (McFlow *flow, gint64 now, McAction *action, GError **error)
{
  McEnrollment *e = flow->enrollment;
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  g_autofree char *payload = NULL;

  for (guint i = 0; i < e->addresses->len; i++)
    g_ptr_array_add (addresses, mc_enrollment_address (e, i)->address);
  g_ptr_array_add (addresses, NULL);
  if (flow->exchange.directory->renewal_info == NULL) /* C10: none of its business */
    g_clear_pointer (&e->replaces, g_free);
  payload = mc_order_request_compose ((const char *const *)addresses->pdata, e->profile, e->replaces);
  /* Committed before it leaves: a challenge dated before this is none of ours. */
  e->ordered_at = now;
  flow->changed = !MC_MUTANT ("flow-order-unsaved");
  return start_post (flow, action, MC_PURPOSE_ORDER, 0, flow->exchange.directory->new_order, payload, error);
}

static gboolean
start_finalize (McFlow *flow, McAction *action, GError **error)
{
  g_autofree char *payload = mc_order_finalize_compose (flow->enrollment->csr);

  return start_post (flow, action, MC_PURPOSE_FINALIZE, 0, flow->enrollment->finalize_url, payload, error);
}

/* Which of the order's authorizations has not been fetched; -1 = none. */
static gint
unfetched (const McEnrollment *e)
{
  for (guint i = 0; i < e->authorization_urls->len; i++) {
    const char *url = g_ptr_array_index (e->authorization_urls, i);
    gboolean known = FALSE;

    for (guint j = 0; j < e->addresses->len && !known; j++)
      known = g_strcmp0 (mc_enrollment_address (e, j)->authorization_url, url) == 0;
    if (!known)
      return (gint)i;
  }
  return -1;
}

/* What the order needs from the CA now; NONE = nothing, with WAKE lowered. */
static McPurpose
order_need (McFlow *flow, gint64 now, guint *index, gint64 *wake)
{
  McEnrollment *e = flow->enrollment;
  gint next;

  switch (e->state) {
  case MC_ENROLLMENT_ACCOUNT:
    return MC_PURPOSE_ORDER;
  case MC_ENROLLMENT_ORDERED:
    next = unfetched (e);
    if (next < 0)
      return mc_flow_address_request (flow, now, index, wake);
    *index = (guint)next;
    return MC_PURPOSE_AUTHORIZATION;
  case MC_ENROLLMENT_FINALIZING:
    if (e->certificate_url != NULL)
      return MC_PURPOSE_CERTIFICATE;
    return flow->finalize_due ? MC_PURPOSE_FINALIZE : MC_PURPOSE_POLL_ORDER;
  default:
    return MC_PURPOSE_NONE;
  }
}

/* The one request that is due. FINALIZING is decided here: after READY the CSR leaves at once, after a restart the
 * order is asked first. */
static McPurpose
need (McFlow *flow, gint64 now, guint *index, gint64 *wake)
{
  McEnrollment *e = flow->enrollment;
  McPurpose purpose;

  if (e->state == MC_ENROLLMENT_ISSUED || e->state == MC_ENROLLMENT_INSTALLED)
    return mc_flow_renewal_request (flow, now);
  if (!mc_enrollment_is_open (e) && e->abandoned->len == 0)
    return MC_PURPOSE_NONE;
  if (e->retry_at > now) {
    mc_flow_wake_at (wake, e->retry_at);
    return MC_PURPOSE_NONE;
  }
  if (flow->terms_unanswered && mc_enrollment_is_open (e) && e->state != MC_ENROLLMENT_NEW)
    return MC_PURPOSE_NONE;
  if (flow->new_terms != NULL && flow->account->url != NULL)
    purpose = MC_PURPOSE_AGREE;
  else if (e->abandoned->len > 0 && flow->account->url != NULL)
    purpose = MC_PURPOSE_DEACTIVATE;
  else if (!mc_enrollment_is_open (e))
    return MC_PURPOSE_NONE;
  else if (flow->account->url == NULL && e->state > MC_ENROLLMENT_NEW)
    purpose = MC_PURPOSE_ACCOUNT;
  else
    purpose = order_need (flow, now, index, wake);
  if (purpose == MC_PURPOSE_NONE && e->state != MC_ENROLLMENT_NEW)
    return MC_PURPOSE_NONE;
  if (flow->exchange.directory == NULL)
    return MC_PURPOSE_DIRECTORY;
  if (e->state != MC_ENROLLMENT_NEW && flow->exchange.nonce == NULL)
    return MC_PURPOSE_NONCE;
  return purpose;
}

static void
make_account_key (McFlow *flow, McAction *action)
{
  if (mc_flow_is_pending (flow, MC_ACTION_MAKE_KEY, -1))
    return;
  mc_flow_start (flow, action, MC_ACTION_MAKE_KEY)->for_account = TRUE;
  action->for_account = TRUE;
  action->key_kind = MC_KEY_P256; /* ES256 is the one that every CA must take (B05), and the quickest */
}

/* NEW: the terms, the binding and the account's key; then ACCOUNT. */
static void
prepare_account (McFlow *flow, gint64 now, McAction *action)
{
  const McDirectory *directory = flow->exchange.directory;
  McAccount *account = flow->account;
  McPending *pending;

  if (account->url == NULL && directory->terms != NULL && g_strcmp0 (account->terms, directory->terms) != 0) {
    if (flow->agreed) {
      g_free (account->terms);
      account->terms = g_strdup (directory->terms);
      flow->account_changed = flow->changed = TRUE;
    } else if (!flow->terms_unanswered && !mc_flow_is_pending (flow, MC_ACTION_ASK, -1)) {
      pending = mc_flow_start (flow, action, MC_ACTION_ASK);
      pending->ask = action->ask = MC_ASK_TERMS;
      pending->subject = g_strdup (directory->terms);
      action->subject = pending->subject;
      return;
    } else
      return;
  }
  if (account->url == NULL && directory->binding_required && flow->settings.binding_kid == NULL) {
    mc_flow_fail (flow, now, mc_problem_new ("mailcert:eab", ""));
    return;
  }
  if (account->key == NULL) {
    make_account_key (flow, action);
    return;
  }
  mc_flow_move (flow, MC_ENROLLMENT_ACCOUNT, now, NULL);
}

static gboolean
start_need (McFlow *flow, gint64 now, McPurpose purpose, guint index, McAction *action, GError **error)
{
  McEnrollment *e = flow->enrollment;

  switch (purpose) {
  case MC_PURPOSE_DIRECTORY:
    start_request (flow, action, purpose, mc_exchange_ask_directory (&flow->exchange, e->directory));
    return TRUE;
  case MC_PURPOSE_NONCE:
    start_request (flow, action, purpose, mc_exchange_ask_nonce (&flow->exchange));
    return TRUE;
  case MC_PURPOSE_ACCOUNT:
    return start_account (flow, action, error);
  case MC_PURPOSE_ORDER:
    return start_order (flow, now, action, error);
  case MC_PURPOSE_AUTHORIZATION:
    return start_post (flow, action, purpose, index, g_ptr_array_index (e->authorization_urls, index), "", error);
  case MC_PURPOSE_POST:
    return start_post (flow, action, purpose, index, mc_enrollment_address (e, index)->challenge_url, "{}", error);
  case MC_PURPOSE_POLL:
    return start_post (flow, action, purpose, index, mc_enrollment_address (e, index)->authorization_url, "", error);
  case MC_PURPOSE_POLL_ORDER:
    return start_post (flow, action, purpose, index, e->order_url, "", error);
  case MC_PURPOSE_FINALIZE:
    flow->finalize_due = FALSE;
    return start_finalize (flow, action, error);
  case MC_PURPOSE_CERTIFICATE:
    return start_post (flow, action, purpose, index,
                       flow->alternates != NULL && flow->next_alternate > 0 ? flow->alternates[flow->next_alternate - 1]
                                                                            : e->certificate_url,
                       "", error);
  case MC_PURPOSE_DEACTIVATE:
    return start_post (flow, action, purpose, index, g_ptr_array_index (e->abandoned, 0), MC_STATUS_DEACTIVATED, error);
  case MC_PURPOSE_RENEWAL_INFO: { /* C05: unsigned, like the directory */
    g_autofree char *url = mc_flow_renewal_url (flow);

    start_request (flow, action, purpose, mc_exchange_ask_directory (&flow->exchange, url));
    return TRUE;
  }
  case MC_PURPOSE_AGREE:
    return start_agreement (flow, action, error);
  case MC_PURPOSE_ROLLOVER:
  case MC_PURPOSE_NONE:
    break;
  }
  return TRUE;
}

/* The address whose POST is about to leave is marked first, so that the commit that precedes the action holds it. */
static void
mark_posted (McFlow *flow, guint index, gint64 now)
{
  McEnrollmentAddress *address = mc_enrollment_address (flow->enrollment, index);

  address->posted_at = MC_MUTANT ("flow-post-unsaved") ? 0 : now;
  address->post_answered = FALSE;
  flow->lives[index].polls = 0; /* the back-off counts from the POST */
  flow->changed = TRUE;
  if (address->state == MC_ADDRESS_REPLIED)
    mc_flow_move_address (flow, address, MC_ADDRESS_POSTED, now, NULL);
}

/* D02: a profile that the CA does not advertise is not asked for. The detail lists those that it has. */
static gboolean
profile_is_offered (McFlow *flow, gint64 now)
{
  const McEnrollment *e = flow->enrollment;
  g_autoptr (GString) offered = g_string_new (NULL);

  if (e->profile == NULL || flow->exchange.directory == NULL || e->state > MC_ENROLLMENT_ACCOUNT)
    return TRUE;
  for (guint i = 0; i < flow->exchange.directory->profiles->len; i++) {
    const McProfile *profile = g_ptr_array_index (flow->exchange.directory->profiles, i);

    if (g_str_equal (profile->name, e->profile))
      return TRUE;
    g_string_append_printf (offered, "%s%s", i > 0 ? ", " : "", profile->name);
  }
  mc_flow_fail (flow, now, mc_problem_new ("mailcert:profile", offered->len > 0 ? offered->str : "none"));
  return FALSE;
}

gboolean
mc_flow_next_request (McFlow *flow, gint64 now, McAction *action, gint64 *wake, GError **error)
{
  McEnrollment *e = flow->enrollment;
  guint index = 0;
  McPurpose purpose;

  if (mc_flow_is_pending (flow, MC_ACTION_HTTP, -1))
    return TRUE;
  if (e->state > MC_ENROLLMENT_NEW && e->state < MC_ENROLLMENT_ISSUED && flow->account->key == NULL) {
    /* Whatever was begun can only be carried on with it. */
    mc_flow_fail (flow, now, mc_problem_new ("accountDoesNotExist", "the account's key is not in the store any more"));
    g_ptr_array_set_size (e->abandoned, 0);
    return TRUE;
  }
  if (mc_flow_needs_rollover (flow)) {
    if (!mc_flow_next_rollover (flow, now, action, wake, error))
      return FALSE;
    if (action->kind != MC_ACTION_NONE || mc_flow_needs_rollover (flow) || !mc_enrollment_needs_account (e))
      return TRUE;
  }
  if (!profile_is_offered (flow, now) || !mc_flow_next_terms (flow, action))
    return TRUE;
  if (flow->replace_key && e->state == MC_ENROLLMENT_ACCOUNT) {
    make_account_key (flow, action);
    return TRUE;
  }
  if (e->state == MC_ENROLLMENT_NEW && flow->exchange.directory != NULL && e->retry_at <= now) {
    prepare_account (flow, now, action);
    if (action->kind != MC_ACTION_NONE)
      return TRUE;
  }
  if (e->state == MC_ENROLLMENT_READY && !mc_flow_make_csr (flow, now))
    return TRUE;
  purpose = need (flow, now, &index, wake);
  if (purpose == MC_PURPOSE_NONE || (e->state == MC_ENROLLMENT_NEW && purpose != MC_PURPOSE_DIRECTORY))
    return TRUE;
  if (purpose == MC_PURPOSE_POST)
    mark_posted (flow, index, now);
  return start_need (flow, now, purpose, index, action, error);
}
