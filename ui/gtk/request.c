/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include "acme/directory.h"
#include "text.h"

/* --- the terms of a CA, looked up before anybody agrees to them --- */

typedef struct {
  McSession *session;
  const McConfig *config;
  char *ca;
  McTermsFunc answered;
  char *terms; /* URL, or NULL: it has none */
  GError *error;
} McTermsCall;

static void
terms_tell (gpointer data)
{
  McTermsCall *call = data;

  if (!call->session->closing)
    call->answered (call->session, call->ca, call->terms, call->error);
  g_clear_error (&call->error);
  g_free (call->terms);
  g_free (call->ca);
  g_free (call);
}

/* The runner's thread. */
static void
terms_fetch (McRunner *runner, const GError *error, gpointer data)
{
  McTermsCall *call = data;
  g_autoptr (McCaProfile) ca = runner != NULL ? mc_config_ca (call->config, call->ca, &call->error) : NULL;
  g_autoptr (McDirectory) directory = ca != NULL ? mc_runner_directory (runner, ca, &call->error) : NULL;

  if (runner == NULL)
    call->error = g_error_copy (error);
  if (directory != NULL)
    call->terms = g_strdup (directory->terms);
  mc_relay_post (call->session->relay, terms_tell, call);
}

void
mc_request_terms (McSession *session, const char *ca, McTermsFunc answered)
{
  McTermsCall *call = g_new0 (McTermsCall, 1);

  call->session = session;
  call->config = session->config;
  call->ca = g_strdup (ca);
  call->answered = answered;
  mc_runner_thread_call (session->thread, terms_fetch, call);
}

/* --- the request itself --- */

static void
request_free (McRequest *request)
{
  g_strfreev (request->addresses);
  g_free (request->ca);
  g_free (request);
}

typedef struct {
  McSession *session;
  char *sentence;
} McRefusal;

static void
refusal_tell (gpointer data)
{
  McRefusal *refusal = data;

  if (refusal->session->window != NULL)
    mc_window_complain (refusal->session->window, refusal->sentence);
  g_free (refusal->sentence);
  g_free (refusal);
}

/* The runner's thread. */
static void
refuse (McSession *session, const GError *error)
{
  McRefusal *refusal = g_new (McRefusal, 1);

  refusal->session = session;
  refusal->sentence = mc_text_error (error, NULL);
  mc_relay_post (session->relay, refusal_tell, refusal);
}

/* The runner's thread. */
static void
enroll (McRunner *runner, const GError *error, gpointer data)
{
  static const char *const keyrings[] = {"gpgsm", NULL}; /* where the mail program's S/MIME looks */
  McRequest *request = data;
  g_autoptr (GError) why = error != NULL ? g_error_copy (error) : NULL;

  /* One enrollment for each address: each of them is then renewed, and found, by itself. */
  for (guint i = 0; runner != NULL && why == NULL && request->addresses[i] != NULL; i++) {
    const char *address[] = {request->addresses[i], NULL};
    McEnrollOptions options = {.ca = request->ca,
                               .usage = request->usage,
                               .key_kind = request->key_kind,
                               .keyrings = keyrings,
                               .agree_terms = request->agree_terms};
    g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));

    mc_runner_enroll (runner, address, &options, ids, &why);
  }
  if (why != NULL)
    refuse (request->session, why);
  request_free (request);
}

void
mc_request_submit (McRequest *request)
{
  const McClient *client = request->session->client;

  for (guint i = 0; request->addresses[i] != NULL; i++)
    client->wish (client->self, request->addresses[i], request->sign);
  mc_runner_thread_call (request->session->thread, enroll, request);
}

/* --- renewal --- */

typedef struct {
  McSession *session;
  char *address;
} McRenewCall;

/* The runner's thread. */
static void
renew (McRunner *runner, const GError *error, gpointer data)
{
  McRenewCall *call = data;
  g_autoptr (GError) why = error != NULL ? g_error_copy (error) : NULL;

  if (runner != NULL)
    mc_runner_renew (runner, call->address, MC_RENEW_FORCED, NULL, &why);
  if (why != NULL)
    refuse (call->session, why);
  g_free (call->address);
  g_free (call);
}

void
mc_request_renew (McSession *session, const char *address)
{
  McRenewCall *call = g_new (McRenewCall, 1);

  call->session = session;
  call->address = g_strdup (address);
  mc_runner_thread_call (session->thread, renew, call);
}
