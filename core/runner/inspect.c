/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include "acme/directory.h"
#include "base/error.h"

#include <string.h>

/* --- inspect: reads, judges, changes nothing --- */

static GPtrArray *
open_enrollments (const McConfig *config, McStore **store, GError **error)
{
  *store = mc_store_open (config->data_dir, TRUE, error);
  return *store != NULL ? mc_store_enrollments (*store, TRUE, error) : NULL;
}

static void
add_waits (GArray *waits, const GPtrArray *open)
{
  for (guint i = 0; i < open->len; i++) {
    const McEnrollment *e = g_ptr_array_index (open, i);

    for (guint j = 0; e->state <= MC_ENROLLMENT_ORDERED && j < e->addresses->len; j++) {
      const McEnrollmentAddress *address = mc_enrollment_address (e, j);
      McWait wait = {.from = address->from,
                     .to = address->address,
                     .since = mc_enrollment_ordered_since (e),
                     .until = e->deadline};

      if (address->state <= MC_ADDRESS_AWAIT_MAIL)
        g_array_append_val (waits, wait);
    }
  }
}

/* The rules of the CA that waits for this mail: of the open enrollment with this From, else the one asked for. */
static McCaProfile *
rules_for (const McConfig *config, const GPtrArray *open, const char *from, const char *asked, GError **error)
{
  if (asked == NULL && from != NULL)
    for (guint i = 0; i < open->len; i++) {
      const McEnrollment *e = g_ptr_array_index (open, i);

      for (guint j = 0; j < e->addresses->len; j++) {
        const char *awaited = mc_enrollment_address (e, j)->from;

        if (awaited != NULL && mc_address_equal (awaited, from))
          return mc_config_ca (config, e->ca, error);
      }
    }
  if (asked == NULL && config->default_ca == NULL)
    return mc_ca_profile_new ();
  return mc_config_ca (config, asked, error);
}

static char *
from_of (GBytes *rfc822)
{
  g_autoptr (McMessage) mail = mc_message_parse (rfc822);
  g_autofree char *value = mc_message_value (mail, "From");

  return value != NULL ? mc_address_parse_one (value, strlen (value), NULL) : NULL;
}

/* The marks of the mail, if it was answered: for the judge, who does not know the store. */
static void
list_answered (McStore *store, GBytes *rfc822, char **message_id, char **token)
{
  g_autoptr (McMessage) mail = mc_message_parse (rfc822);
  g_auto (McVerdict) shape = {0};
  g_autoptr (McChallenge) challenge = NULL;

  mc_verdict_init (&shape);
  challenge = mc_challenge_parse (mail, &shape);
  if (!mc_verify_was_answered (store, challenge))
    return;
  *message_id = g_strdup (challenge->message_id);
  *token = challenge->token_part1 != NULL ? mc_challenge_token_print (challenge->token_part1) : NULL;
}

McInspection *
mc_inspect (const McConfig *config, GBytes *rfc822, const McInspectOptions *options, GError **error)
{
  g_autoptr (McStore) store = NULL;
  g_autoptr (GPtrArray) open = open_enrollments (config, &store, error);
  g_autoptr (GArray) waits = g_array_new (FALSE, FALSE, sizeof (McWait));
  g_autofree char *from = from_of (rfc822);
  g_autofree char *message_id = NULL;
  g_autofree char *token = NULL;
  McExpectation expected = {.expect_from = options->expect_from, .expect_to = options->expect_to};
  g_autoptr (McCaProfile) ca = NULL;
  McInspection *inspection;
  McDns *dns;

  if (open == NULL)
    return NULL;
  ca = rules_for (config, open, from, options->ca, error);
  dns = ca != NULL && mc_verify_load_roots (ca, error) ? mc_dns_new (config->resolver, config->dnssec_anchor, error)
                                                       : NULL;
  if (dns == NULL)
    return NULL;
  list_answered (store, rfc822, &message_id, &token);
  expected.answered_message_ids = (const char *const[]){message_id, NULL};
  expected.answered_tokens = (const char *const[]){token, NULL};
  add_waits (waits, open);
  expected.waits = (const McWait *)(gpointer)waits->data;
  expected.n_waits = waits->len;
  expected.report_only = waits->len == 0 || options->expect_from != NULL || options->expect_to != NULL;
  inspection = mc_verify (dns, rfc822, &expected, ca, mc_runner_now ());
  mc_dns_free (dns);
  return inspection;
}

/* --- reply: for a client that sends by itself --- */

static McDrive *
drive_for (McRunner *runner, const McChallenge *challenge)
{
  for (guint i = 0; i < runner->drives->len; i++) {
    McDrive *drive = g_ptr_array_index (runner->drives, i);
    const McEnrollmentAddress *address =
        drive->flow != NULL && challenge->to != NULL ? mc_enrollment_find (drive->enrollment, challenge->to) : NULL;

    if (address != NULL && address->state == MC_ADDRESS_AWAIT_MAIL && challenge->from != NULL &&
        mc_address_equal (address->from, challenge->from))
      return drive;
  }
  return NULL;
}

/* The reply to this very mail was composed, and waits because there is no way to send it: judged authentic then. */
static McDrive *
drive_with_reply (McRunner *runner, const McChallenge *challenge)
{
  for (guint i = 0; i < runner->drives->len && challenge->to != NULL; i++) {
    McDrive *drive = g_ptr_array_index (runner->drives, i);
    const McEnrollmentAddress *address =
        drive->flow != NULL ? mc_enrollment_find (drive->enrollment, challenge->to) : NULL;

    if (address != NULL && address->state == MC_ADDRESS_REPLY_READY && challenge->message_id != NULL &&
        g_strcmp0 (address->challenge_message_id, challenge->message_id) == 0 &&
        g_strcmp0 (address->token_part1, challenge->token_part1) == 0)
      return drive;
  }
  return NULL;
}

static McVerdictCode
refusal (McRunner *runner, const McInspection *inspection)
{
  const McChallenge *challenge = inspection->challenge;

  if (mc_verify_was_answered (runner->store, challenge))
    return MC_VERDICT_ALREADY_ANSWERED;
  return inspection->verdict.code == MC_VERDICT_AUTHENTIC ? MC_VERDICT_NOT_EXPECTED : inspection->verdict.code;
}

GBytes *
mc_runner_reply (McRunner *runner, GBytes *rfc822, GError **error)
{
  McInspectOptions options = {0};
  g_autoptr (McInspection) inspection = NULL;
  McDrive *drive;
  g_autofree char *signer = NULL;
  McEvent event = {.kind = MC_EVENT_CHALLENGE};
  gboolean reloaded;

  if (!mc_runner_follow_open (runner, NULL, error))
    return NULL;
  inspection = mc_inspect (runner->config, rfc822, &options, error);
  if (inspection == NULL)
    return NULL;
  /* inspect is lenient where nothing is open, and saw only what stands outside an S/MIME signature; an answer never. */
  drive = drive_with_reply (runner, inspection->challenge);
  if (drive == NULL && inspection->verdict.code == MC_VERDICT_AUTHENTIC &&
      !mc_verify_was_answered (runner->store, inspection->challenge))
    drive = drive_for (runner, inspection->challenge);
  if (drive == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_REFUSED, mc_verdict_name (refusal (runner, inspection)));
    return NULL;
  }
  signer = mc_verify_signer (&inspection->verdict);
  event.address = inspection->challenge->to;
  event.challenge = inspection->challenge;
  event.signed_by = signer;
  if (!mc_flow_reply_by_hand (drive->flow, &event, mc_runner_now (), error) ||
      !mc_drive_commit (drive, &reloaded, error))
    return NULL;
  if (reloaded) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_REFUSED, mc_verdict_name (MC_VERDICT_ALREADY_ANSWERED));
    return NULL;
  }
  return g_bytes_ref (mc_enrollment_find (drive->enrollment, inspection->challenge->to)->reply);
}

/* --- ca: what a directory offers --- */

typedef struct {
  gboolean done;
  McDirectory *directory;
  GError *error;
} McFetch;

static void
fetched (gpointer owner, const McHttpResponse *response, const GError *error)
{
  McFetch *fetch = owner;

  fetch->done = TRUE;
  if (response == NULL)
    fetch->error = g_error_copy (error);
  else if (response->status != 200)
    fetch->error = g_error_new (MC_ERROR, MC_ERROR_CA, "the CA's directory answers %u", response->status);
  else
    fetch->directory = mc_directory_parse (response->body, &fetch->error);
}

McDirectory *
mc_runner_directory (McRunner *runner, const McCaProfile *ca, GError **error)
{
  g_autoptr (McHttpRequest) request = mc_http_request_new ("GET", ca->directory, NULL, NULL);
  McFetch fetch = {0};

  mc_http_start (runner->http, request, ca->ca_file, fetched, &fetch);
  while (!fetch.done)
    if (!mc_http_wait (runner->http, -1, error))
      return NULL;
  if (fetch.error != NULL)
    g_propagate_error (error, fetch.error);
  return fetch.directory;
}
