/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Runs the scripted servers of tests/unit/servers for the network tests: their events come by pipe, nothing sleeps. */

#include <gio/gio.h>

typedef struct McTestServer McTestServer;

/* The folder with ca.pem and the servers' certificates; made once, removed at exit. */
const char *mc_test_pki (void);
char *mc_test_pki_file (const char *name);

/* SCRIPT is run with the PKI folder and WORDS (NULL-terminated list, ends with NULL); returns when it is ready. */
McTestServer *mc_test_server_new (const char *script, ...) G_GNUC_NULL_TERMINATED;
void mc_test_server_free (McTestServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McTestServer, mc_test_server_free)

guint16 mc_test_server_port (McTestServer *server, const char *name);

/* Gives a command and waits until it is obeyed. */
void mc_test_server_tell (McTestServer *server, const char *command);

/* The next event that begins with EVENT's words; those before it are kept. Fails the test after 30 seconds. Caller
 * frees. */
char *mc_test_server_expect (McTestServer *server, const char *event);

void mc_test_server_await (McTestServer *server, const char *event); /* the same, for who does not want the words */

/* Has such an event come so far? */
gboolean mc_test_server_saw (McTestServer *server, const char *event);
guint mc_test_server_count (McTestServer *server, const char *event);
