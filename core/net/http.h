/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/http-message.h"

G_BEGIN_DECLS

/* HTTPS over one curl multi: connections are kept and shared, HTTP/2 where offered, TLS verified, no redirects, https
 * only. Also the one place where the runner's thread waits: other threads wake it. Everything but mc_http_wake belongs
 * to one thread. */
typedef struct McHttp McHttp;

#define MC_HTTP_MAX_BODY (256 * 1024) /* = MC_JSON_MAX_BYTES; a chain is smaller */
#define MC_HTTP_TOTAL_SECONDS 60      /* one exchange: a CA may hold a challenge POST while it judges the reply */
#define MC_HTTP_CONNECT_SECONDS 20    /* name, TCP and TLS */
#define MC_HTTP_STALL_SECONDS 20 /* nothing came for so long, counted only once the answer has begun (see the hold) */

typedef struct {
  guint requests;
  guint connections; /* new ones made */
} McHttpCounts;

/* RESPONSE (borrowed) or NULL and ERROR: MC_ERROR_TLS the peer cannot be trusted, MC_ERROR_CONFIG the CA_FILE cannot be
 * read, MC_ERROR_LATER unreachable, cut, timed out, MC_ERROR_MALFORMED too large, not HTTP or a URL that is never asked
 * for. A redirect is an answer like any other. Called from mc_http_wait on the thread that waits; may start further
 * requests, must not free HTTP. */
typedef void (*McHttpDoneFunc) (gpointer owner, const McHttpResponse *response, const GError *error);

McHttp *mc_http_new (GError **error);
/* Requests under way are dropped without a call of their done. */
void mc_http_free (McHttp *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McHttp, mc_http_free)

/* Other limits than the ones above, for tests; 0 keeps one. */
void mc_http_set_limits (McHttp *http, guint total_seconds, guint stall_seconds);

/* REQUEST is copied. CA_FILE: PEM of the roots for this peer alone, or NULL for the system's hashed directory
 * (/etc/ssl/certs), never the bundle (DESIGN 6). User-Agent "mailcert/VERSION libcurl/VERSION" (B01), Accept-Language
 * en. Sends nothing yet: mc_http_wait does. */
void mc_http_start (McHttp *http, const McHttpRequest *request, const char *ca_file, McHttpDoneFunc done,
                    gpointer owner);

/* Waits until something happens: an answer (its done has been called), mc_http_wake, or TIMEOUT_MS (-1 = for ever).
 * TRUE in all three cases; FALSE only if curl itself fails. */
gboolean mc_http_wait (McHttp *http, gint timeout_ms, GError **error);

/* Any thread. A wake before the wait is not lost. */
void mc_http_wake (McHttp *http);

McHttpCounts mc_http_counts (const McHttp *http);

/* Does something lie there (200)? For what anybody may fetch, a revocation list for example: http too, redirects are
 * followed on the same host, but not from a public address to a private one; nothing is kept. Blocks at most SECONDS
 * for each of at most 4 requests. MC_ERROR_LATER otherwise. */
gboolean mc_http_reaches (const char *url, guint seconds, GError **error);

/* ADDRESS, an IP address as text, is one that the whole internet reaches. */
gboolean mc_http_is_public (const char *address);

/* "libcurl/VERSION ...", for people; static. */
const char *mc_http_library (void);

G_END_DECLS
