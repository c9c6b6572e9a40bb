/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <signal.h>

G_BEGIN_DECLS

/* OpenSSL and pipes write with write(2), and a peer that has gone would end the process. The signal comes to the thread
 * that writes: it is held back there, and eaten, without touching what the program (Claws, say) has decided about it.
 */
typedef struct {
  sigset_t old;
  gboolean was_pending;
} McSigpipe;

void mc_sigpipe_block (McSigpipe *sigpipe);
void mc_sigpipe_restore (const McSigpipe *sigpipe); /* keeps errno */

G_END_DECLS
