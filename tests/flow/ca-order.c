/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ca.h"

#include <string.h>

/* --- what time has done --- */

void
ca_settle_authorization (Ca *ca, CaAuthorization *a)
{
  if (strcmp (a->status, "pending") != 0)
    return;
  if ((ca->plan.silent_post || strcmp (a->challenge_status, "processing") == 0) && a->replied_at != 0 &&
      a->posted_at != 0 &&
      ca->now >= MAX (a->posted_at, a->replied_at) + (ca->plan.mode == CA_WAITS ? ca->plan.look_seconds : 0))
    ca_declare (a, TRUE);
  else if (strcmp (a->challenge_status, "invalid") == 0)
    a->status = "invalid";
  else if (a->expires != 0 && ca->now >= a->expires)
    a->status = "expired";
}

void
ca_declare (CaAuthorization *a, gboolean valid)
{
  a->status = a->challenge_status = valid ? "valid" : "invalid";
  if (!valid && a->error == NULL)
    a->error = "unauthorized";
}

void
ca_settle_order (Ca *ca, CaOrder *order)
{
  guint valid = 0;

  if (strcmp (order->status, "processing") == 0) {
    if (ca->plan.processing_seconds >= 0 && ca->now >= order->done_at)
      order->status = "valid";
    return;
  }
  if (strcmp (order->status, "pending") != 0)
    return;
  for (guint i = 0; i < order->authorizations->len; i++) {
    CaAuthorization *a = g_ptr_array_index (order->authorizations, i);

    ca_settle_authorization (ca, a);
    if (strcmp (a->status, "valid") == 0)
      valid++;
    else if (strcmp (a->status, "pending") != 0)
      order->status = "invalid";
  }
  if (order->expires != 0 && ca->now >= order->expires)
    order->status = "invalid";
  if (valid == order->authorizations->len)
    order->status = "ready";
}

/* --- objects as JSON --- */

char *
ca_time (gint64 time)
{
  g_autoptr (GDateTime) when = g_date_time_new_from_unix_utc (time);

  return g_date_time_format (when, "%Y-%m-%dT%H:%M:%SZ");
}

static void
append_time (GString *text, const char *name, gint64 time)
{
  g_autofree char *value = ca_time (time);

  if (time != 0)
    g_string_append_printf (text, ",\"%s\":\"%s\"", name, value);
}

static char *
challenge_json (const CaAuthorization *a)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text,
                          "{\"type\":\"email-reply-00\",\"url\":\"" CA_ORIGIN
                          "challenge/%u\",\"status\":\"%s\",\"token\":\"%s\",\"from\":\"%s\"",
                          a->id, a->challenge_status, a->part2, a->from);
  if (a->error != NULL)
    g_string_append_printf (
        text, ",\"error\":{\"type\":\"urn:ietf:params:acme:error:%s\",\"detail\":\"the reply is not good enough\"}",
        a->error);
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

static McHttpResponse *
authorization_answer (Ca *ca, const CaAuthorization *a)
{
  GString *text = g_string_new (NULL);
  g_autofree char *challenge = challenge_json (a);
  McHttpResponse *response;

  g_string_append_printf (text, "{\"status\":\"%s\",\"identifier\":{\"type\":\"email\",\"value\":\"%s\"}", a->status,
                          a->address);
  append_time (text, "expires", a->expires);
  g_string_append_printf (text, ",\"challenges\":[{\"type\":\"http-99\",\"url\":\"" CA_ORIGIN "odd\"}%s%s]}",
                          ca->plan.other_challenges_only ? "" : ",", ca->plan.other_challenges_only ? "" : challenge);
  response = ca_answer (ca, 200, g_string_free (text, FALSE));
  if (ca->plan.retry_after != NULL)
    mc_http_response_add_header (response, "retry-after", ca->plan.retry_after);
  return response;
}

static McHttpResponse *
order_answer (Ca *ca, const CaOrder *order, guint status)
{
  GString *text = g_string_new (NULL);
  g_autofree char *url = g_strdup_printf (CA_ORIGIN "order/%u", order->id);
  McHttpResponse *response;

  g_string_append_printf (text, "{\"status\":\"%s\"", order->status);
  append_time (text, "expires", order->expires);
  g_string_append (text, ",\"identifiers\":[");
  for (guint i = order->authorizations->len; i-- > 0;) { /* backwards: no order of them is promised (B41) */
    const CaAuthorization *a = g_ptr_array_index (order->authorizations, i);

    g_string_append_printf (text, "{\"type\":\"email\",\"value\":\"%s\"}%s", a->address, i > 0 ? "," : "");
  }
  g_string_append (text, "],\"authorizations\":[");
  for (guint i = 0; i < order->authorizations->len; i++)
    g_string_append_printf (text, "%s\"" CA_ORIGIN "authorization/%u\"", i > 0 ? "," : "",
                            ((CaAuthorization *)g_ptr_array_index (order->authorizations, i))->id);
  g_string_append_printf (text, "],\"finalize\":\"" CA_ORIGIN "finalize/%u\"", order->id);
  if (strcmp (order->status, "valid") == 0)
    g_string_append_printf (text, ",\"certificate\":\"" CA_ORIGIN "certificate/%u\"", order->id);
  if (strcmp (order->status, "invalid") == 0 && ca->plan.order_error != NULL)
    g_string_append_printf (text, ",\"error\":{\"type\":\"urn:ietf:params:acme:error:%s\",\"detail\":\"says the CA\"}",
                            ca->plan.order_error);
  g_string_append_c (text, '}');
  response = ca_answer (ca, status, g_string_free (text, FALSE));
  mc_http_response_add_header (response, "location", url);
  if (ca->plan.retry_after != NULL)
    mc_http_response_add_header (response, "retry-after", ca->plan.retry_after);
  return response;
}

/* --- requests --- */

static char *
random_token (Ca *ca, guint octets)
{
  guint8 bytes[32];

  for (guint i = 0; i < octets; i++)
    bytes[i] = (guint8)g_rand_int_range (ca->random, 0, 256);
  return ca_base64url (bytes, octets);
}

/* A valid one serves again (B42); else a new one with its challenge. */
static CaAuthorization *
authorization_for (Ca *ca, CaAccount *account, const char *address)
{
  CaAuthorization *a;

  for (guint i = 0; i < ca->authorizations->len; i++) {
    a = g_ptr_array_index (ca->authorizations, i);
    ca_settle_authorization (ca, a);
    if (a->account == account && strcmp (a->address, address) == 0 && strcmp (a->status, "valid") == 0 &&
        (a->expires == 0 || ca->now < a->expires))
      return a;
  }
  a = g_new0 (CaAuthorization, 1);
  a->id = ca->authorizations->len;
  a->account = account;
  a->address = g_strdup (address);
  a->status = a->challenge_status = "pending";
  a->expires = ca->plan.authorization_seconds != 0 ? ca->now + ca->plan.authorization_seconds : 0;
  a->part1 = random_token (ca, ca->plan.part1_octets);
  a->part2 = random_token (ca, 32);
  a->from = ca->plan.fixed_from ? g_strdup ("acme@ca.example") : g_strdup_printf ("acme+%u@ca.example", a->id);
  a->reply_to = g_strdup_printf ("answer+%u@ca.example", a->id);
  a->message_id = g_strdup_printf ("<challenge-%u@ca.example>", a->id);
  g_ptr_array_add (ca->authorizations, a);
  return a;
}

McHttpResponse *
ca_new_order (Ca *ca, const CaCall *call)
{
  g_autoptr (McJson) identifiers = mc_json_member (call->payload, "identifiers");
  McHttpResponse *refusal = NULL;
  const CaOrder *replaced = ca_replaced (ca, call->payload, &refusal);
  CaOrder *order;

  if (refusal != NULL)
    return refusal;
  if (ca->order_errors > 0) {
    ca->order_errors--;
    return ca_problem (ca, 400, "rejectedIdentifier", "no mail exchanger for that domain", FALSE);
  }
  g_assert_cmpuint (mc_json_length (identifiers), >, 0);
  order = g_new0 (CaOrder, 1);
  order->id = ca->orders->len;
  order->replaces = replaced != NULL ? replaced->id + 1 : 0;
  order->account = call->account;
  order->authorizations = g_ptr_array_new ();
  order->status = "pending";
  order->expires = ca->plan.order_seconds != 0 ? ca->now + ca->plan.order_seconds : 0;
  for (gsize i = 0; i < mc_json_length (identifiers); i++) {
    g_autoptr (McJson) identifier = mc_json_element (identifiers, i);

    g_assert_cmpstr (mc_json_string_or (identifier, "type", ""), ==, "email");
    g_ptr_array_add (order->authorizations,
                     authorization_for (ca, call->account, mc_json_string_or (identifier, "value", "")));
  }
  g_ptr_array_add (ca->orders, order);
  ca_settle_order (ca, order);
  return order_answer (ca, order, 201);
}

static McHttpResponse *
not_yours (Ca *ca)
{
  return ca_problem (ca, 403, "unauthorized", "that belongs to another account", FALSE);
}

McHttpResponse *
ca_authorization (Ca *ca, const CaCall *call, guint id)
{
  CaAuthorization *a = g_ptr_array_index (ca->authorizations, id);

  if (a->account != call->account)
    return not_yours (ca);
  ca_settle_authorization (ca, a);
  if (!ca->plan.mail_at_post && strcmp (a->status, "pending") == 0)
    ca_send_mail (ca, a);
  return authorization_answer (ca, a);
}

McHttpResponse *
ca_challenge (Ca *ca, const CaCall *call, guint id)
{
  CaAuthorization *a = g_ptr_array_index (ca->authorizations, id);

  if (a->account != call->account)
    return not_yours (ca);
  /* Never POST-as-GET: at some CAs that is a POST too (CA-BEHAVIOUR 3.3). */
  g_assert_true (mc_json_is_object (call->payload));
  ca_settle_authorization (ca, a);
  if (strcmp (a->status, "pending") != 0)
    return ca_problem (ca, 400, "malformed", "the authorization is not pending", FALSE);
  a->posts++;
  if (a->posted_at == 0)
    a->posted_at = ca->now;
  if (ca->plan.mail_at_post)
    ca_send_mail (ca, a);
  if (ca->plan.silent_post)
    ;
  else if (ca->plan.mode == CA_LOOKS_ONCE && !ca->plan.mail_at_post)
    ca_declare (a, a->replied_at != 0);
  else
    a->challenge_status = "processing";
  ca_settle_authorization (ca, a);
  return ca_answer (ca, 200, challenge_json (a));
}

McHttpResponse *
ca_order (Ca *ca, const CaCall *call, guint id)
{
  CaOrder *order = g_ptr_array_index (ca->orders, id);

  if (order->account != call->account)
    return not_yours (ca);
  ca_settle_order (ca, order);
  return order_answer (ca, order, 200);
}

McHttpResponse *
ca_finalize (Ca *ca, const CaCall *call, guint id)
{
  CaOrder *order = g_ptr_array_index (ca->orders, id);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  gsize length;
  guint8 *csr;

  if (order->account != call->account)
    return not_yours (ca);
  ca_settle_order (ca, order);
  if (strcmp (order->status, "ready") != 0)
    return ca_problem (ca, 403, "orderNotReady", "the order is not ready", FALSE);
  csr = ca_base64url_decode (mc_json_string_or (call->payload, "csr", ""), &length);
  order->csr = g_bytes_new_take (csr, length);
  for (guint i = 0; i < order->authorizations->len; i++)
    g_ptr_array_add (addresses, ((CaAuthorization *)g_ptr_array_index (order->authorizations, i))->address);
  g_ptr_array_add (addresses, NULL);
  order->chain = ca_issue (order->csr, (const char *const *)addresses->pdata, ca->plan.chain, ca->now);
  if (order->chain == NULL) {
    g_clear_pointer (&order->csr, g_bytes_unref);
    return ca_problem (ca, 400, "badCSR", "the CSR names other addresses", FALSE);
  }
  ca->certificates++;
  ca_note_certificate (order);
  if (order->replaces != 0)
    ((CaOrder *)g_ptr_array_index (ca->orders, order->replaces - 1))->replaced = TRUE;
  order->status = "processing";
  order->done_at = ca->now + ca->plan.processing_seconds;
  ca_settle_order (ca, order);
  return order_answer (ca, order, 200);
}

McHttpResponse *
ca_certificate (Ca *ca, const CaCall *call, guint id, gboolean alternate)
{
  const CaOrder *order = g_ptr_array_index (ca->orders, id);
  g_autofree char *links = g_strdup_printf ("<" CA_ORIGIN "certificate/other/%u>;rel=\"alternate\"", id);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  McHttpResponse *response;
  char *chain;

  if (order->account != call->account)
    return not_yours (ca);
  g_assert_cmpstr (order->status, ==, "valid");
  if (alternate) {
    for (guint i = 0; i < order->authorizations->len; i++)
      g_ptr_array_add (addresses, ((CaAuthorization *)g_ptr_array_index (order->authorizations, i))->address);
    g_ptr_array_add (addresses, NULL);
    chain = ca_issue (order->csr, (const char *const *)addresses->pdata, CHAIN_GOOD, ca->now);
  } else
    chain = g_strdup (order->chain);
  response = ca_answer (ca, 200, chain);
  if (ca->plan.chain == CHAIN_SECOND_GOOD)
    mc_http_response_add_header (response, "link", links);
  return response;
}
