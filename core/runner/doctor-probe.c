/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/doctor-private.h"

#include "keyring/keyring.h"
#include "keyring/program.h"
#include "mail/date.h"
#include "net/submission.h"

#define HTTP_SECONDS 30
#define PROGRAM_SECONDS 10
/* A look-up that took so long was not answered at all: the others are not waited for. Nor are they when all of them
 * have taken that long, for whoever signs a mail may name servers that take their time. */
#define DNS_SILENCE (5 * G_USEC_PER_SEC)
#define DNS_PATIENCE (30 * G_USEC_PER_SEC)

/* --- the clock of all that waits for servers --- */

static gpointer
watch_clock (gpointer data)
{
  McDoctor *doctor = data;
  guint seconds = doctor->options->seconds > 0 ? doctor->options->seconds : MC_DOCTOR_SECONDS;
  gint64 until = g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;

  g_mutex_lock (&doctor->lock);
  while (!doctor->done && g_cond_wait_until (&doctor->over, &doctor->lock, until))
    ;
  g_mutex_unlock (&doctor->lock);
  g_cancellable_cancel (doctor->cancel);
  return NULL;
}

static void
begin (McDoctor *doctor, McProbe *probe, GThreadFunc run)
{
  if (probe->begun)
    return;
  if (doctor->clock == NULL)
    doctor->clock = g_thread_new ("doctor-clock", watch_clock, doctor);
  probe->begun = TRUE;
  probe->thread = g_thread_new ("doctor", run, doctor);
}

static void
join (McProbe *probe)
{
  if (probe->thread != NULL)
    g_thread_join (probe->thread);
  probe->thread = NULL;
}

/* --- the three servers --- */

static gpointer
ask_imap (gpointer data)
{
  McDoctor *doctor = data;

  doctor->survey = mc_imap_survey (doctor->account, doctor->address, doctor->cancel, &doctor->imap.error);
  return NULL;
}

static gpointer
ask_smtp (gpointer data)
{
  McDoctor *doctor = data;

  doctor->smtp_works = mc_smtp_check (doctor->account, doctor->cancel, &doctor->smtp.error);
  return NULL;
}

typedef struct {
  McDoctor *doctor;
  gboolean done;
} Asked;

static void
on_directory (gpointer owner, const McHttpResponse *response, const GError *error)
{
  Asked *asked = owner;
  McDoctor *doctor = asked->doctor;
  const char *date;

  asked->done = TRUE;
  if (response == NULL) {
    doctor->http.error = g_error_copy (error);
    return;
  }
  date = mc_http_response_header (response, "date");
  doctor->ca_time_at = g_get_real_time () / G_USEC_PER_SEC;
  if (date == NULL || !mc_date_parse (date, &doctor->ca_time, NULL))
    doctor->ca_time = 0;
  if (response->status == 200)
    doctor->directory = mc_directory_parse (response->body, &doctor->http.error);
  else
    doctor->http.error =
        g_error_new (MC_ERROR, MC_ERROR_CA, "the address of its directory answers %u", response->status);
}

static gpointer
ask_ca (gpointer data)
{
  McDoctor *doctor = data;
  g_autoptr (McHttp) http = mc_http_new (&doctor->http.error);
  g_autoptr (McHttpRequest) request = mc_http_request_new ("GET", doctor->ca->directory, NULL, NULL);
  Asked asked = {doctor, FALSE};

  if (http == NULL)
    return NULL;
  mc_http_set_limits (http, HTTP_SECONDS, 0);
  mc_http_start (http, request, doctor->ca->ca_file, on_directory, &asked);
  while (!asked.done && mc_http_wait (http, -1, &doctor->http.error))
    ;
  return NULL;
}

const McImapSurvey *
mc_doctor_survey (McDoctor *doctor)
{
  begin (doctor, &doctor->imap, ask_imap);
  join (&doctor->imap);
  return doctor->survey;
}

gboolean
mc_doctor_smtp (McDoctor *doctor)
{
  begin (doctor, &doctor->smtp, ask_smtp);
  join (&doctor->smtp);
  return doctor->smtp_works;
}

const McDirectory *
mc_doctor_directory (McDoctor *doctor)
{
  if (doctor->ca == NULL)
    return NULL;
  begin (doctor, &doctor->http, ask_ca);
  join (&doctor->http);
  return doctor->directory;
}

void
mc_doctor_begin (McDoctor *doctor)
{
  if (doctor->options->config_error != NULL)
    return;
  if (doctor->account != NULL && doctor->account->imap != NULL)
    begin (doctor, &doctor->imap, ask_imap);
  if (doctor->account != NULL && doctor->account->smtp != NULL)
    begin (doctor, &doctor->smtp, ask_smtp);
  if (doctor->ca != NULL)
    begin (doctor, &doctor->http, ask_ca);
}

void
mc_doctor_end (McDoctor *doctor)
{
  g_mutex_lock (&doctor->lock);
  doctor->done = TRUE;
  g_cond_signal (&doctor->over);
  g_mutex_unlock (&doctor->lock);
  g_clear_pointer (&doctor->clock, g_thread_join);
  join (&doctor->imap);
  join (&doctor->smtp);
  join (&doctor->http);
  g_clear_error (&doctor->imap.error);
  g_clear_error (&doctor->smtp.error);
  g_clear_error (&doctor->http.error);
}

/* --- the DNS --- */

McDnsAnswer *
mc_doctor_look_up (McDoctor *doctor, const char *name, McDnsType type)
{
  gint64 begun = g_get_monotonic_time (), took;
  McDnsAnswer *answer;

  if (doctor->dns == NULL && !doctor->dns_silent) {
    doctor->dns = mc_dns_new (doctor->config->resolver, doctor->config->dnssec_anchor, NULL);
    doctor->dns_silent = doctor->dns == NULL;
  }
  if (doctor->dns_silent)
    return mc_dns_answer_new (MC_DNS_UNAVAILABLE, FALSE);
  answer = mc_dns_look_up (doctor->dns, name, type);
  took = g_get_monotonic_time () - begun;
  doctor->dns_time += took;
  doctor->dns_silent = (answer->status == MC_DNS_UNAVAILABLE && took > DNS_SILENCE) || doctor->dns_time > DNS_PATIENCE;
  return answer;
}

/* --- records, keyrings, programs --- */

GPtrArray *
mc_doctor_enrollments (McDoctor *doctor)
{
  if (doctor->store_tried)
    return doctor->enrollments;
  doctor->store_tried = TRUE;
  doctor->store = mc_store_open (doctor->config->data_dir, TRUE, &doctor->store_error);
  if (doctor->store != NULL)
    doctor->enrollments = mc_store_enrollments (doctor->store, FALSE, &doctor->store_error);
  return doctor->enrollments;
}

const McEnrollment *
mc_doctor_certificate (McDoctor *doctor)
{
  const GPtrArray *all = mc_doctor_enrollments (doctor);

  for (guint i = all != NULL ? all->len : 0; i > 0 && doctor->address != NULL; i--) {
    const McEnrollment *e = g_ptr_array_index (all, i - 1);

    if (e->chain != NULL && mc_enrollment_find (e, doctor->address) != NULL)
      return e;
  }
  return NULL;
}

McKeyKind
mc_doctor_key_kind (const McDoctor *doctor)
{
  McKeyKind kind = MC_KEY_RSA3072;

  if (doctor->ca != NULL && doctor->ca->key != NULL && !mc_key_kind_parse (doctor->ca->key, &kind, NULL))
    kind = MC_KEY_RSA3072;
  return kind;
}

char **
mc_doctor_keyrings (McDoctor *doctor)
{
  const char *own =
      doctor->address != NULL ? g_hash_table_lookup (doctor->config->account_keyrings, doctor->address) : NULL;
  char **one;

  if (own == NULL && doctor->config->keyrings != NULL && doctor->config->keyrings[0] != NULL)
    return g_strdupv (doctor->config->keyrings);
  one = g_new0 (char *, 2);
  one[0] = own != NULL ? g_strdup (own) : mc_keyring_default (doctor->config->data_dir, mc_doctor_key_kind (doctor));
  return one;
}

char *
mc_doctor_output (McDoctor *doctor, const char *const *argv)
{
  g_auto (McProgramResult) result = {0};
  McProgram program = {.argv = argv, .seconds = PROGRAM_SECONDS, .cancel = doctor->cancel};
  gsize length;
  const char *text;

  if (!mc_program_run (&program, &result, NULL) || !mc_program_succeeded (&result))
    return NULL;
  text = g_bytes_get_data (result.out, &length);
  return text != NULL ? g_strndup (text, length) : g_strdup ("");
}
