/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "json.h"

#include "exit-status.h"
#include "next.h"
#include "pki/chain.h"
#include "text.h"

#include <string.h>

McJson *
mc_report_new (void)
{
  McJson *report = mc_json_object_new ();

  mc_json_set_integer (report, "schema", 1);
  return report;
}

void
mc_report_print (const McJson *report)
{
  g_autofree char *text = mc_json_compose (report);

  fputs (text, stdout);
  fputc ('\n', stdout);
}

void
mc_report_set_text (McJson *object, const char *name, const char *text)
{
  g_autofree char *valid = text != NULL ? g_utf8_make_valid (text, -1) : NULL;

  if (valid != NULL)
    mc_json_set_string (object, name, valid);
  else
    mc_json_set_null (object, name);
}

void
mc_report_set_time (McJson *object, const char *name, gint64 when)
{
  if (when != 0)
    mc_json_set_time (object, name, when);
  else
    mc_json_set_null (object, name);
}

McJson *
mc_report_error (McError code, const char *message, const char *next, const McProblem *problem)
{
  McJson *object = mc_json_object_new ();

  mc_report_set_text (object, "code", mc_error_name (code));
  mc_report_set_text (object, "message", message);
  mc_report_set_text (object, "next", next);
  if (problem != NULL) {
    g_autoptr (McJson) composed = mc_problem_compose (problem);

    mc_json_set (object, "problem", composed);
  } else
    mc_json_set_null (object, "problem");
  return object;
}

/* One word for what the enrollment waits for, or NULL. */
static const char *
waiting_for (const McEnrollment *e)
{
  McAddressState least = MC_ADDRESS_VALID;

  if (!mc_enrollment_is_open (e))
    return NULL;
  if (mc_exit_needs_person (e))
    return "person";
  if (e->state == MC_ENROLLMENT_NEW && e->after != 0)
    return "predecessor";
  if (e->state == MC_ENROLLMENT_NEW && mc_text_trouble (e) == NULL)
    return NULL; /* it goes on whenever mailcert runs */
  if (e->state == MC_ENROLLMENT_ISSUED)
    return "keyring";
  if (e->state != MC_ENROLLMENT_ORDERED)
    return "ca";
  for (guint i = 0; i < e->addresses->len; i++)
    least = MIN (least, mc_enrollment_address (e, i)->state);
  if (least == MC_ADDRESS_AWAIT_MAIL)
    return "mail";
  return least >= MC_ADDRESS_REPLY_READY && least <= MC_ADDRESS_QUEUED ? "sending" : "ca";
}

static McJson *
report_addresses (const McEnrollment *e)
{
  McJson *array = mc_json_array_new ();

  for (guint i = 0; i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);
    g_autoptr (McJson) object = mc_json_object_new ();

    mc_report_set_text (object, "address", address->address);
    mc_report_set_text (object, "state", mc_address_state_name (address->state));
    mc_report_set_text (object, "message_id", address->challenge_message_id);
    mc_report_set_text (object, "reply_message_id", address->reply_message_id);
    mc_report_set_text (object, "reply_to", address->reply_to);
    mc_report_set_text (object, "transport", address->transport);
    mc_report_set_time (object, "replied_at", address->replied_at);
    mc_report_set_time (object, "posted_at", address->posted_at);
    mc_json_append (array, object);
  }
  return array;
}

static void
report_certificate (McJson *object, const McEnrollment *e)
{
  g_autoptr (McChain) chain = e->chain != NULL ? mc_chain_parse (e->chain, strlen (e->chain), NULL) : NULL;
  g_autoptr (McCertificateInfo) info =
      chain != NULL ? mc_certificate_info_new (mc_chain_certificate (chain, 0), NULL) : NULL;
  g_autoptr (McJson) certificate = NULL;

  if (info == NULL) {
    mc_json_set_null (object, "certificate");
    return;
  }
  certificate = mc_json_object_new ();
  mc_report_set_text (certificate, "serial", info->serial);
  mc_report_set_time (certificate, "not_before", info->not_before);
  mc_report_set_time (certificate, "not_after", info->not_after);
  mc_report_set_text (certificate, "usage", mc_usage_name (info->usage));
  mc_report_set_text (certificate, "issuer", info->issuer);
  mc_report_set_time (certificate, "revoked_at", e->revoked_at);
  mc_report_set_text (certificate, "revocation", e->revocation);
  mc_json_set (object, "certificate", certificate);
}

static McJson *
report_keyrings (const McEnrollment *e)
{
  McJson *array = mc_json_array_new ();

  for (guint i = 0; i < e->keyrings->len; i++) {
    const McEnrollmentKeyring *keyring = g_ptr_array_index (e->keyrings, i);
    g_autoptr (McJson) object = mc_json_object_new ();

    mc_report_set_text (object, "name", keyring->spec);
    mc_report_set_text (object, "state", keyring->state);
    mc_report_set_text (object, "error", keyring->error);
    mc_report_set_text (object, "key_id", keyring->key_id);
    mc_json_append (array, object);
  }
  return array;
}

static McJson *
report_history (const McEnrollment *e)
{
  McJson *array = mc_json_array_new ();

  for (guint i = 0; i < e->history->len; i++) {
    const McHistoryEntry *entry = g_ptr_array_index (e->history, i);
    g_autoptr (McJson) object = mc_json_object_new ();

    mc_report_set_time (object, "at", entry->at);
    mc_report_set_text (object, "state", entry->state);
    mc_report_set_text (object, "address", entry->address);
    mc_report_set_text (object, "detail", entry->detail);
    mc_json_append (array, object);
  }
  return array;
}

static void
report_renewal (McJson *object, const McEnrollment *e)
{
  g_autoptr (McJson) renewal = NULL;

  if (e->predecessor != 0)
    mc_json_set_integer (object, "predecessor", e->predecessor);
  else
    mc_json_set_null (object, "predecessor");
  if (e->renewal_check_at == 0 && e->renewal_end == 0) {
    mc_json_set_null (object, "renewal_info");
    return;
  }
  renewal = mc_json_object_new ();
  mc_report_set_time (renewal, "start", e->renewal_start);
  mc_report_set_time (renewal, "end", e->renewal_end);
  mc_report_set_text (renewal, "explanation", e->renewal_explanation);
  mc_report_set_time (renewal, "check_at", e->renewal_check_at);
  mc_json_set (object, "renewal_info", renewal);
}

static void
report_trouble (McJson *object, const McConfig *config, const McEnrollment *e, gint64 now)
{
  const McProblem *trouble = mc_text_trouble (e);
  McError code;
  g_autofree char *next = NULL;
  g_autofree char *message = NULL;
  g_autoptr (McJson) error = NULL;

  if (!mc_exit_code_of_enrollment (e, &code) || (trouble == NULL && code == MC_ERROR_LATER)) {
    mc_json_set_null (object, "error");
    return;
  }
  message = mc_cli_sentence (config, e, now, &next);
  error = mc_report_error (code, message, next, trouble);
  mc_json_set (object, "error", error);
}

McJson *
mc_report_enrollment (const McConfig *config, const McEnrollment *e, gint64 now)
{
  McJson *object = mc_json_object_new ();
  g_autofree char *next = NULL;
  g_autofree char *sentence = mc_cli_sentence (config, e, now, &next);
  g_autoptr (McJson) addresses = report_addresses (e);
  g_autoptr (McJson) keyrings = report_keyrings (e);
  g_autoptr (McJson) history = report_history (e);

  mc_json_set_integer (object, "id", e->id);
  mc_report_set_text (object, "ca", e->ca);
  mc_report_set_text (object, "directory", e->directory);
  mc_report_set_text (object, "state", mc_enrollment_state_name (e->state));
  mc_report_set_time (object, "since", e->since);
  mc_report_set_time (object, "deadline", e->deadline);
  mc_report_set_text (object, "waiting_for", waiting_for (e));
  mc_report_set_text (object, "sentence", sentence);
  mc_report_set_text (object, "next_step", next);
  mc_json_set (object, "addresses", addresses);
  report_certificate (object, e);
  mc_json_set (object, "keyrings", keyrings);
  mc_report_set_time (object, "renew_at", e->renew_at);
  mc_report_set_text (object, "replaces", e->replaces);
  report_renewal (object, e);
  mc_json_set (object, "history", history);
  report_trouble (object, config, e, now);
  return object;
}

McJson *
mc_report_inspection (const McInspection *inspection)
{
  const McVerdict *verdict = &inspection->verdict;
  const McChallenge *mail = inspection->challenge;
  McJson *report = mc_report_new ();
  g_autoptr (McJson) checks = mc_json_array_new ();
  g_autoptr (McJson) signature = mc_json_object_new ();

  for (guint i = 0; verdict->checks != NULL && i < verdict->checks->len; i++) {
    const McCheck *check = g_ptr_array_index (verdict->checks, i);
    g_autoptr (McJson) object = mc_json_object_new ();

    mc_report_set_text (object, "name", check->name);
    mc_json_set_boolean (object, "ok", check->ok);
    mc_report_set_text (object, "detail", check->detail);
    mc_json_append (checks, object);
  }
  mc_report_set_text (report, "kind", mc_mail_kind_name (verdict->kind));
  mc_report_set_text (report, "verdict", mc_verdict_name (verdict->code));
  mc_json_set (report, "checks", checks);
  mc_report_set_text (report, "from", mail->from);
  mc_report_set_text (report, "to", mail->to);
  mc_report_set_text (report, "reply_to", mail->reply_to);
  mc_report_set_text (report, "message_id", mail->message_id);
  mc_report_set_text (report, "token_part1", mail->token_part1);
  mc_report_set_text (signature, "method", verdict->method != NULL ? verdict->method : "none");
  mc_report_set_text (signature, "domain", verdict->domain);
  mc_report_set_text (signature, "selector", verdict->selector);
  mc_report_set_text (signature, "signer", verdict->signer);
  mc_json_set (report, "signature", signature);
  return report;
}
