/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Asks the scripted HTTPS server, and keeps what came back. */

#include "net-server.h"
#include "net/http.h"

extern McTestServer *mc_test_https;

typedef struct {
  gboolean done;
  guint status;
  char *body;
  gsize length;
  char *nonce;
  guint links;
  char *late, *early, *bad, *good;
  GError *error;
} McTestAnswer;

void mc_test_answer_clear (McTestAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McTestAnswer, mc_test_answer_clear)

/* Starts the server, runs what ADD has added. */
int mc_test_http_main (int argc, char **argv, void (*add) (void));

McHttp *mc_test_http_new (void);

/* PORT: the certificate's name, "plain" or "old". */
char *mc_test_http_url (const char *port, const char *path);

/* A McHttpDoneFunc whose owner is a McTestAnswer. */
void mc_test_http_done (gpointer owner, const McHttpResponse *response, const GError *error);

void mc_test_http_start (McHttp *http, const char *method, const char *url, const char *body, McTestAnswer *answer);
void mc_test_http_finish (McHttp *http, McTestAnswer *answer);
/* Both, at the port with the good certificate. */
void mc_test_http_ask (McHttp *http, const char *method, const char *path, const char *body, McTestAnswer *answer);
