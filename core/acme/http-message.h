/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One HTTP exchange as data: the flow writes requests and reads answers, net/http carries them. */
typedef struct {
  const char *method;       /* static: "GET", "HEAD", "POST" */
  char *url;                /* exactly as the CA gave it (B08) */
  const char *content_type; /* static, NULL without a body */
  char *body;               /* NULL for GET and HEAD */
  gboolean once;            /* nobody on the way may send it again by himself */
} McHttpRequest;

McHttpRequest *mc_http_request_new (const char *method, const char *url, const char *content_type, char *body_take);
void mc_http_request_free (McHttpRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McHttpRequest, mc_http_request_free)

typedef struct {
  guint status;
  GPtrArray *headers; /* of char *: "name: value", name in lower case, in the order received */
  GBytes *body;       /* never NULL */
} McHttpResponse;

/* Starts without headers; takes over nothing: BODY gets a reference of its own (NULL = empty). */
McHttpResponse *mc_http_response_new (guint status, GBytes *body);
void mc_http_response_free (McHttpResponse *response);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McHttpResponse, mc_http_response_free)

void mc_http_response_add_header (McHttpResponse *response, const char *name, const char *value);

/* First value of a header by lower-case name, or NULL; borrowed. */
const char *mc_http_response_header (const McHttpResponse *response, const char *name);

/* All targets of Link headers with this relation (RFC 8288), NULL-terminated; only absolute https URLs. Caller frees
 * with g_strfreev. */
char **mc_http_response_links (const McHttpResponse *response, const char *relation);

/* When to come back: Retry-After in seconds or as an HTTP-date, clamped to [NOW + least, NOW + most]; 0 without the
 * header or nonsense in it. */
gint64 mc_http_response_retry_at (const McHttpResponse *response, gint64 now, gint64 least, gint64 most);

/* The hour of the server's clock when it answered (RFC 9110 6.6.1); 0 without the header or nonsense in it. */
gint64 mc_http_response_date (const McHttpResponse *response);

/* What the answer claims ("application/json"), without parameters, lower case; "" where it claims nothing. Caller
 * frees. */
char *mc_http_response_media_type (const McHttpResponse *response);

/* The Replay-Nonce if it is one (1*base64url, B09), else NULL; borrowed. */
const char *mc_http_response_nonce (const McHttpResponse *response);

/* The value where HEADER (an element of McHttpResponse.headers) has this lower-case name, else NULL; borrowed. */
const char *mc_http_header_value (const char *header, const char *name);

/* An https URL with a host, no user part, no fragment, no control characters or spaces, at most 2048 bytes: all we ever
 * ask for. */
gboolean mc_url_is_acceptable (const char *url);

/* A link that is only ever shown to a person (terms, help, website): http and fragments too. */
gboolean mc_url_is_for_people (const char *url);

G_END_DECLS
