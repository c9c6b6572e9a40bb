/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/http-message.h"

G_BEGIN_DECLS

/* HTTPS over one curl multi: connections are kept and shared, HTTP/2 where offered, TLS verified, no redirects, https only. Also the one
 * place where the runner's thread waits: other threads wake it. */
typedef struct McHttp McHttp;

#define MC_HTTP_MAX_BODY (256 * 1024) /* = MC_JSON_MAX_BYTES; a chain is smaller */
#define MC_HTTP_TOTAL_SECONDS 60      /* one exchange: a CA may hold a challenge POST while it judges the reply */
#define MC_HTTP_STALL_SECONDS 20      /* below 1 byte a second for so long = dead (but see the hold above: only once data has begun) */

typedef struct {
  guint requests;
  guint connections; /* new ones made */
} McHttpCounts;

/* RESPONSE (borrowed) or NULL and ERROR: MC_ERROR_TLS the peer cannot be trusted, MC_ERROR_LATER unreachable, cut, timed out,
 * MC_ERROR_MALFORMED too large or not HTTP. Called from mc_http_wait on the thread that waits. */
typedef void (*McHttpDoneFunc) (gpointer owner, const McHttpResponse *response, const GError *error);

McHttp *mc_http_new (GError **error);
/* Requests under way are dropped without a call of their done. */
void mc_http_free (McHttp *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McHttp, mc_http_free)

/* CA_FILE: PEM of the roots for this peer alone, or NULL for the system's hashed directory (/etc/ssl/certs), never the bundle (DESIGN 6).
 * User-Agent "mailcert/VERSION libcurl/VERSION" (B01), Accept-Language en. */
void mc_http_start (McHttp *http, const McHttpRequest *request, const char *ca_file, McHttpDoneFunc done, gpointer owner);

/* Waits until something happens: an answer (its done has been called), mc_http_wake, or TIMEOUT_MS (-1 = for ever). */
gboolean mc_http_wait (McHttp *http, gint timeout_ms, GError **error);

/* Any thread. A wake before the wait is not lost. */
void mc_http_wake (McHttp *http);

McHttpCounts mc_http_counts (const McHttp *http);

G_END_DECLS
