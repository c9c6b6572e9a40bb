/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include "acme/jws.h"
#include "base/error.h"

#include <string.h>

/* What actions do to the world, and what they need to have been committed before. */

void
task_take_action (Task *task, const McAction *action)
{
  const McHttpRequest *request = action->request;

  task->action = action->kind;
  task->event.id = action->id;
  task->key_kind = action->key_kind;
  task->for_account = action->for_account;
  task->ask = action->ask;
  if (request != NULL)
    task->request =
        mc_http_request_new (request->method, request->url, request->content_type, g_strdup (request->body));
}

Task *
effect_start (World *w, guint index, const McAction *action)
{
  Drive *d = g_ptr_array_index (w->drives, index);
  const gint64 delay = action->kind == MC_ACTION_HTTP ? world_delay (w, w->plan.request_seconds) : 0;
  Task *task;

  if (action->kind == MC_ACTION_AWAIT_MAIL) { /* the mailbox is looked at all the time */
    if (ports_fail (w, MC_ACTION_AWAIT_MAIL)) {
      g_autoptr (GError) error = g_error_new_literal (MC_ERROR, MC_ERROR_LATER, "the mailbox is away");

      mc_flow_note_trouble (d->flow, error, world_clock (w));
    }
    g_assert_cmpint (action->address->state, ==, MC_ADDRESS_AWAIT_MAIL);
    g_assert_cmpint (action->deadline, >, 0);
    d->awaits++;
    return NULL;
  }
  d->busy++;
  task = world_task (w, TASK_EFFECT, delay);
  task->drive = index;
  task->life = d->life;
  task_take_action (task, action);
  if (action->address != NULL) {
    task->subject = g_strdup (action->address->address);
    task->message_id = g_strdup (action->address->reply_message_id);
    task->reply = action->address->reply != NULL ? g_bytes_ref (action->address->reply) : NULL;
  } else
    task->subject = g_strdup (action->kind == MC_ACTION_INSTALL ? action->keyring : action->subject);
  return task;
}

/* --- saved before done (DESIGN 2) --- */

EVP_PKEY *
effect_key (GBytes *pkcs8)
{
  static GHashTable *known; /* the worlds have few keys among them, and reading one takes long */
  g_autoptr (GError) error = NULL;
  EVP_PKEY *key;

  g_assert_nonnull (pkcs8);
  if (known == NULL)
    known = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  key = g_hash_table_lookup (known, pkcs8);
  if (key == NULL) {
    key = mc_key_parse (pkcs8, mc_key_is_protected (pkcs8) ? WORLD_PASSPHRASE : NULL, &error);
    g_assert_no_error (error);
    g_hash_table_insert (known, g_bytes_new (g_bytes_get_data (pkcs8, NULL), g_bytes_get_size (pkcs8)), key);
  }
  return key;
}

static gboolean
is_key_of (GBytes *pkcs8, const CaAccount *account)
{
  g_autofree char *thumbprint = pkcs8 != NULL ? mc_jwk_thumbprint (effect_key (pkcs8), NULL) : NULL;

  return g_strcmp0 (thumbprint, account->thumbprint) == 0;
}

/* The account's key is in the store before the CA sees it; in a rollover both are, until it is known which one counts.
 */
void
effect_check_account (World *w)
{
  g_autoptr (McAccount) stored = w->back->account (w->back, CA_DIRECTORY_URL);
  const CaAccount *account = ca_last_account (w->ca);

  if (account == NULL || account->closed)
    return;
  g_assert_nonnull (stored);
  g_assert_true (is_key_of (stored->key, account) || is_key_of (stored->new_key, account));
}

/* Key and CSR are in the store before the CA sees the CSR. */
static void
check_csr (const McEnrollment *stored, const McHttpRequest *request)
{
  g_autoptr (McJson) jws = mc_json_parse (request->body, strlen (request->body), NULL);
  gsize length;
  g_autofree guint8 *payload = ca_base64url_decode (mc_json_string_or (jws, "payload", ""), &length);
  g_autoptr (McJson) object = mc_json_parse ((const char *)payload, length, NULL);
  gsize der_length;
  g_autofree guint8 *der = ca_base64url_decode (mc_json_string_or (object, "csr", ""), &der_length);
  const guint8 *p = der;
  g_autoptr (X509_REQ) csr = d2i_X509_REQ (NULL, &p, (long)der_length);
  EVP_PKEY *key = effect_key (stored->key);

  g_assert_cmpint (stored->state, >=, MC_ENROLLMENT_FINALIZING); /* or given up since it was started */
  g_assert_nonnull (stored->csr);
  g_assert_cmpmem (der, der_length, g_bytes_get_data (stored->csr, NULL), g_bytes_get_size (stored->csr));
  g_assert_true (mc_key_equal (X509_REQ_get0_pubkey (csr), key));
}

static void
check_post (const McEnrollment *stored, const char *url)
{
  for (guint i = 0; i < stored->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (stored, i);

    if (g_strcmp0 (address->challenge_url, url) == 0) {
      g_assert_cmpint (address->posted_at, !=, 0);
      return;
    }
  }
  g_error ("a challenge POST to %s, which the record does not know", url);
}

static void
check_saved (World *w, const Task *task, CaRoute route)
{
  g_autoptr (McEnrollment) stored = NULL;

  if (route != CA_FINALIZE && route != CA_CHALLENGE && route != CA_NEW_ORDER)
    return;
  stored = w->back->enrollment (w->back, ((Drive *)g_ptr_array_index (w->drives, task->drive))->id);
  if (route == CA_FINALIZE)
    check_csr (stored, task->request);
  else if (route == CA_CHALLENGE)
    check_post (stored, task->request->url);
  else
    g_assert_cmpint (stored->ordered_at, >, 0);
}

static void
check_sending (World *w, const Task *task)
{
  const Drive *d = g_ptr_array_index (w->drives, task->drive);
  g_autoptr (McEnrollment) stored = w->back->enrollment (w->back, d->id);
  const McEnrollmentAddress *address = mc_enrollment_find (stored, task->subject);

  g_assert_cmpint (address->state, ==, MC_ADDRESS_SENDING);
  g_assert_cmpstr (address->reply_message_id, ==, task->message_id);
  g_assert_cmpstr (address->transport, ==, w->plan.transport);
  g_assert_true (g_bytes_equal (address->reply, task->reply));
  g_assert_true (w->back->is_answered (w->back, address->challenge_message_id));
}

/* --- HTTP --- */

static const Fault *
fault_for (World *w, CaRoute route, Fault *wild)
{
  static const char *const bodies[] = {"", "{", "[]", "<html>", "{\"status\":\"pending\"}", "{\"status\":7}"};
  static const struct {
    guint status;
    const char *type, *retry_after;
  } problems[] = {{500, "serverInternal", NULL}, {503, "serverInternal", "120"},
                  {429, "rateLimited", "300"},   {400, "badNonce", NULL},
                  {502, "http", NULL},           {429, "rateLimited", NULL}};
  static const Fault away = {.kind = FAULT_LOST_REQUEST};
  const guint nth = ++w->seen[route];

  if (w->now < w->plan.away_until)
    return &away;
  if (ports_fail (w, MC_ACTION_HTTP))
    return &w->failure->fault;
  for (guint i = 0; i < w->faults->len; i++) {
    const Fault *fault = &g_array_index (w->faults, Fault, i);

    if (fault->route == route && nth >= fault->from && nth < fault->from + fault->count)
      return fault;
  }
  if (world_misfortune (w, w->wild.lost_request))
    *wild = (Fault){.kind = FAULT_LOST_REQUEST};
  else if (world_misfortune (w, w->wild.lost_answer))
    *wild = (Fault){.kind = FAULT_LOST_ANSWER};
  else if (route != CA_DIRECTORY && world_misfortune (w, w->wild.body))
    *wild = (Fault){.kind = FAULT_BODY, .text = bodies[g_rand_int_range (w->random, 0, G_N_ELEMENTS (bodies))]};
  else if (world_misfortune (w, w->wild.problem)) {
    const gsize i = (gsize)g_rand_int_range (w->random, 0, G_N_ELEMENTS (problems));

    *wild =
        (Fault){.kind = problems[i].status >= 500 && g_rand_boolean (w->random) ? FAULT_LATE_PROBLEM : FAULT_PROBLEM,
                .status = problems[i].status,
                .text = problems[i].type,
                .retry_after = problems[i].retry_after,
                .without_nonce = g_rand_boolean (w->random)};
  } else
    return NULL;
  return wild;
}

static McHttpResponse *
with_body (McHttpResponse *response, const char *body)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  McHttpResponse *other = mc_http_response_new (200, bytes);
  static const char *const kept[] = {"replay-nonce", "location"};

  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++) {
    const char *value = mc_http_response_header (response, kept[i]);

    if (value != NULL)
      mc_http_response_add_header (other, kept[i], value);
  }
  mc_http_response_free (response);
  return other;
}

/* Also a member of the one challenge: "challenge.token". */
static McHttpResponse *
with_member (McHttpResponse *response, const char *name, const char *value)
{
  gsize length;
  const char *body = g_bytes_get_data (response->body, &length);
  g_autoptr (McJson) object = mc_json_parse (body, length, NULL);
  g_autofree char *wrapped = g_strdup_printf ("{\"v\":%s}", value);
  g_autoptr (McJson) box = mc_json_parse (wrapped, strlen (wrapped), NULL);
  g_autoptr (McJson) part = mc_json_member (box, "v");
  g_autofree char *text = NULL;

  if (object == NULL) /* a problem: it has no such member */
    return response;
  if (g_str_has_prefix (name, "challenge.")) {
    g_autoptr (McJson) list = mc_json_member (object, "challenges");
    g_autoptr (McJson) challenge = list != NULL ? mc_json_element (list, mc_json_length (list) - 1) : NULL;

    if (challenge != NULL)
      mc_json_set (challenge, name + strlen ("challenge."), part);
  } else
    mc_json_set (object, name, part);
  text = mc_json_compose (object);
  return with_body (response, text);
}

static void
happen_http (World *w, Task *task)
{
  const CaRoute route = ca_route (task->request);
  Fault wild;
  const Fault *fault = fault_for (w, route, &wild);

  check_saved (w, task, route);
  w->faults_done += fault != NULL;
  task->event.kind = MC_EVENT_HTTP;
  if (fault == NULL || (fault->kind != FAULT_LOST_REQUEST && fault->kind != FAULT_PROBLEM)) {
    task->response = ca_request (w->ca, task->request, w->now);
    if (route == CA_NEW_ACCOUNT || route == CA_KEY_CHANGE)
      effect_check_account (w);
  }
  if (fault != NULL && fault->kind == FAULT_BODY)
    task->response = with_body (task->response, fault->text);
  if (fault != NULL && fault->kind == FAULT_MEMBER)
    task->response = with_member (task->response, fault->text, fault->value);
  if (fault != NULL && (fault->kind == FAULT_PROBLEM || fault->kind == FAULT_LATE_PROBLEM)) {
    mc_http_response_free (task->response);
    task->response = ca_problem (w->ca, fault->status, fault->text, "as the test wants it", fault->without_nonce);
    if (fault->retry_after != NULL)
      mc_http_response_add_header (task->response, "retry-after", fault->retry_after);
  }
  if (fault != NULL && (fault->kind == FAULT_LOST_REQUEST || fault->kind == FAULT_LOST_ANSWER)) {
    g_clear_pointer (&task->response, mc_http_response_free);
    task->error = g_error_new (MC_ERROR, MC_ERROR_LATER, "the connection broke:\r\n\033[31m%0500d\xff", 0);
  }
  task->event.response = task->response;
  task->event.error = task->error;
  task->at = w->now + world_delay (w, w->plan.answer_seconds);
}

/* --- the rest --- */

static void
happen_key (World *w, Task *task)
{
  const gboolean for_account = task->for_account;

  g_assert_cmpint (task->key_kind, ==, MC_KEY_P256);
  task->event.kind = MC_EVENT_KEY;
  task->at = w->now + (for_account ? 0 : world_delay (w, MAX (w->plan.key_seconds, 0)));
  if (ports_fail (w, MC_ACTION_MAKE_KEY) || (!for_account && w->plan.key_failures > 0)) {
    if (w->plan.key_failures > 0)
      w->plan.key_failures--;
    task->error = g_error_new_literal (MC_ERROR, MC_ERROR_INTERNAL, "no entropy");
  } else
    task->key = world_key (w, for_account);
  task->event.key = task->key;
  task->event.error = task->error;
}

static void
happen_install (World *w, Task *task)
{
  const Drive *d = g_ptr_array_index (w->drives, task->drive);

  w->installs++;
  task->at = w->now + (g_strcmp0 (task->subject, w->plan.keyrings[1]) == 0 ? w->plan.install_seconds : 0);
  task->event.kind = MC_EVENT_INSTALLED;
  task->event.keyring_state = "ready";
  if (ports_fail (w, MC_ACTION_INSTALL) || w->plan.keyring_failures > 0) {
    if (w->plan.keyring_failures > 0)
      w->plan.keyring_failures--;
    task->event.keyring_state = "failed";
    task->error = g_error_new_literal (MC_ERROR, MC_ERROR_KEYRING, "the agent does not answer");
  } else if (w->plan.untrusted && g_strcmp0 (d->enrollment->trust_root, ca_root_fingerprint ()) != 0) {
    task->event.keyring_state = "untrusted";
    task->event.fingerprint = w->plan.keyring_unnamed ? NULL : ca_root_fingerprint ();
    task->error = g_error_new_literal (MC_ERROR, MC_ERROR_KEYRING, "the root is not trusted");
  }
  task->event.key_id = g_str_equal (task->event.keyring_state, "failed") ? NULL : "0011.0";
  task->event.error = task->error;
}

static void
happen_ask (World *w, Task *task)
{
  const PersonAnswer usual = task->ask == MC_ASK_TERMS ? w->plan.terms_answer : w->plan.root_answer;
  const PersonAnswer answer = ports_fail (w, MC_ACTION_ASK) ? ANSWER_NOBODY : usual;

  if (task->ask == MC_ASK_TERMS)
    g_assert_cmpstr (task->subject, ==, w->plan.ca.terms);
  else
    g_assert_cmpstr (task->subject, ==, ca_root_fingerprint ());
  w->asked[task->ask]++;
  task->event.kind = MC_EVENT_ANSWER;
  task->event.yes = answer == ANSWER_YES;
  task->event.nobody = answer == ANSWER_NOBODY;
}

void
effect_happen (World *w, Task *task)
{
  task->at = w->now;
  switch (task->action) {
  case MC_ACTION_HTTP:
    happen_http (w, task);
    break;
  case MC_ACTION_MAKE_KEY:
    if (w->plan.key_seconds < 0 && !task->for_account)
      return; /* never ends */
    happen_key (w, task);
    break;
  case MC_ACTION_SEND:
    check_sending (w, task);
    if (!post_send (w, task))
      return;
    task->at = w->now + world_delay (w, w->plan.send_seconds);
    break;
  case MC_ACTION_WAS_SENT:
    post_was_sent (w, task);
    task->at = w->now + world_delay (w, w->plan.send_seconds);
    break;
  case MC_ACTION_INSTALL:
    happen_install (w, task);
    break;
  case MC_ACTION_ASK:
    happen_ask (w, task);
    break;
  default:
    g_assert_not_reached ();
  }
  task->kind = TASK_FEED;
}
