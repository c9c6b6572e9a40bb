/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "net/http-transfer.h"

#include "base/error.h"
#include "net/sigpipe.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

/* curl_multi_poll takes an int; waking once an hour for nothing costs nothing. */
#define LONGEST_POLL_MS (3600 * 1000)

struct McHttp {
  CURLM *multi;
  GPtrArray *transfers; /* owned, given to curl */
  GPtrArray *refused;   /* owned, never given to curl */
  char *user_agent;
  gint woken; /* atomic */
  gint64 total_ms;
  gint64 stall_us;
  McHttpCounts counts;
};

static void
transfer_free (gpointer transfer)
{
  mc_transfer_free (transfer);
}

McHttp *
mc_http_new (GError **error)
{
  static gsize once = 0;
  McHttp *http;
  CURLM *multi;

  if (g_once_init_enter (&once))
    g_once_init_leave (&once, curl_global_init (CURL_GLOBAL_DEFAULT) == CURLE_OK ? 1 : 2);
  multi = once == 1 ? curl_multi_init () : NULL;
  if (multi == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INTERNAL, "libcurl cannot be started");
    return NULL;
  }
  http = g_new0 (McHttp, 1);
  http->multi = multi;
  http->transfers = g_ptr_array_new_with_free_func (transfer_free);
  http->refused = g_ptr_array_new_with_free_func (transfer_free);
  http->user_agent =
      g_strdup_printf ("mailcert/" PACKAGE_VERSION " libcurl/%s", curl_version_info (CURLVERSION_NOW)->version);
  http->total_ms = MC_HTTP_TOTAL_SECONDS * 1000;
  http->stall_us = MC_HTTP_STALL_SECONDS * G_USEC_PER_SEC;
  return http;
}

void
mc_http_free (McHttp *http)
{
  McSigpipe sigpipe;

  if (http == NULL)
    return;
  mc_sigpipe_block (&sigpipe); /* connections say good-bye */
  for (guint i = 0; i < http->transfers->len; i++)
    curl_multi_remove_handle (http->multi, ((McTransfer *)g_ptr_array_index (http->transfers, i))->easy);
  g_ptr_array_unref (http->transfers);
  g_ptr_array_unref (http->refused);
  curl_multi_cleanup (http->multi);
  mc_sigpipe_restore (&sigpipe);
  g_free (http->user_agent);
  g_free (http);
}

void
mc_http_set_limits (McHttp *http, guint total_seconds, guint stall_seconds)
{
  if (total_seconds != 0)
    http->total_ms = (gint64)total_seconds * 1000;
  if (stall_seconds != 0)
    http->stall_us = (gint64)stall_seconds * G_USEC_PER_SEC;
}

void
mc_http_start (McHttp *http, const McHttpRequest *request, const char *ca_file, McHttpDoneFunc done, gpointer owner)
{
  McTransfer *transfer = mc_transfer_new (request, ca_file, http->user_agent, http->total_ms);

  transfer->done = done;
  transfer->owner = owner;
  http->counts.requests++;
  if (transfer->easy == NULL) {
    g_ptr_array_add (http->refused, transfer);
    return;
  }
  g_ptr_array_add (http->transfers, transfer);
  if (curl_multi_add_handle (http->multi, transfer->easy) != CURLM_OK)
    g_assert_not_reached (); /* a new handle cannot be refused */
}

static void
finish (McHttp *http, McTransfer *transfer, CURLcode code)
{
  long connections = 0;
  guint index = 0;

  curl_easy_getinfo (transfer->easy, CURLINFO_NUM_CONNECTS, &connections);
  http->counts.connections += (guint)connections;
  curl_multi_remove_handle (http->multi, transfer->easy);
  if (g_ptr_array_find (http->transfers, transfer, &index))
    g_ptr_array_steal_index (http->transfers, index);
  mc_transfer_tell (transfer, code);
  mc_transfer_free (transfer);
}

/* The three finish_ functions return TRUE if a done was called. */
static gboolean
finish_refused (McHttp *http)
{
  gboolean any = FALSE;

  while (http->refused->len > 0) {
    McTransfer *transfer = g_ptr_array_steal_index (http->refused, 0);

    mc_transfer_tell (transfer, CURLE_OK);
    mc_transfer_free (transfer);
    any = TRUE;
  }
  return any;
}

static gboolean
finish_answered (McHttp *http)
{
  gboolean any = FALSE;
  CURLMsg *message;
  int left;

  while ((message = curl_multi_info_read (http->multi, &left)) != NULL) {
    CURLcode code = message->data.result;
    gpointer transfer = NULL;

    if (message->msg != CURLMSG_DONE)
      continue;
    curl_easy_getinfo (message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
    finish (http, transfer, code); /* MESSAGE is gone after this */
    any = TRUE;
  }
  return any;
}

/* curl's own low-speed limit would also end a POST that the CA holds before it answers. */
static gboolean
finish_stalled (McHttp *http, gint64 now, gint64 *next)
{
  for (guint i = 0; i < http->transfers->len; i++) {
    McTransfer *transfer = g_ptr_array_index (http->transfers, i);

    if (transfer->progress_at == 0)
      continue;
    if (transfer->progress_at + http->stall_us <= now) {
      g_strlcpy (transfer->reason, "the answer stopped in the middle", sizeof transfer->reason);
      finish (http, transfer, CURLE_OPERATION_TIMEDOUT);
      return TRUE;
    }
    *next = MIN (*next, transfer->progress_at + http->stall_us);
  }
  return FALSE;
}

static gboolean
wait_unsignalled (McHttp *http, gint timeout_ms, GError **error)
{
  gint64 until = timeout_ms < 0 ? G_MAXINT64 : g_get_monotonic_time () + (gint64)timeout_ms * 1000;
  int running;

  for (;;) {
    CURLMcode code = curl_multi_perform (http->multi, &running);
    gint64 next = until;
    gint64 now = g_get_monotonic_time ();
    gboolean answered = finish_refused (http);

    answered |= finish_answered (http);
    answered |= finish_stalled (http, now, &next);
    if (g_atomic_int_compare_and_exchange (&http->woken, 1, 0) || answered || now >= until)
      return TRUE;
    if (code == CURLM_OK)
      code = curl_multi_poll (http->multi, NULL, 0, (int)MIN ((next - now + 999) / 1000, LONGEST_POLL_MS), NULL);
    if (code != CURLM_OK) {
      g_set_error (error, MC_ERROR, MC_ERROR_INTERNAL, "waiting: %s", curl_multi_strerror (code));
      return FALSE;
    }
  }
}

gboolean
mc_http_wait (McHttp *http, gint timeout_ms, GError **error)
{
  McSigpipe sigpipe;
  gboolean fine;

  mc_sigpipe_block (&sigpipe); /* with CURLOPT_NOSIGNAL curl leaves that to us */
  fine = wait_unsignalled (http, timeout_ms, error);
  mc_sigpipe_restore (&sigpipe);
  return fine;
}

void
mc_http_wake (McHttp *http)
{
  g_atomic_int_set (&http->woken, 1);
  curl_multi_wakeup (http->multi);
}

McHttpCounts
mc_http_counts (const McHttp *http)
{
  return http->counts;
}
