/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One exchange of net/http: curl's options, what has been received, what went wrong. For net/http.c only. */

#include "net/http.h"

#include <curl/curl.h>

G_BEGIN_DECLS

typedef struct {
  CURL *easy; /* NULL for a URL that is never asked */
  struct curl_slist *headers;
  McHttpDoneFunc done;
  gpointer owner;
  char *url;
  char *body_sent;
  GPtrArray *received; /* name, value, name, value of the last header block */
  gsize header_bytes;
  gboolean in_headers;
  gboolean interim;
  GByteArray *body;
  gboolean too_large;
  gint64 progress_at; /* monotonic time of the answer's last bytes, 0 before the first */
  char reason[CURL_ERROR_SIZE];
} McTransfer;

McTransfer *mc_transfer_new (const McHttpRequest *request, const char *ca_file, const char *user_agent,
                             gint64 total_ms);
void mc_transfer_free (McTransfer *transfer);

/* Calls its done. */
void mc_transfer_tell (McTransfer *transfer, CURLcode code);

G_END_DECLS
