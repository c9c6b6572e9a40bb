/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* From any thread to the main loop. */
typedef struct McRelay McRelay;

typedef void (*McRelayFunc) (gpointer data);

McRelay *mc_relay_new (void);
/* Any thread: FUNC runs once on the main loop, in the order of the posts. */
#define mc_relay_post(relay, func, data) mc_relay_post_named (relay, func, __FILE__ " " #func, data)
void mc_relay_post_named (McRelay *relay, McRelayFunc func, const char *name, gpointer data); /* NAME: static */
/* Main loop: runs what is still waiting. Nobody may post after this. */
void mc_relay_free (McRelay *relay);

G_END_DECLS
