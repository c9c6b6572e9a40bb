/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

/* Whether somebody will see the CA's mail: a mail client with mailcert in it has been at work lately (DESIGN 2).
 * Clients with a runner say so in the store. What is called for each mail, or at each start of mutt, must not open a
 * database for it: its trace is the time of a file. */

/* ~/.local/share/mailcert/seen, wherever the data lies: mailcert-hook knows this path too. Caller frees. */
char *mc_presence_path (void);
/* Makes the file or renews its time; where that cannot be, nobody was here. */
void mc_presence_leave (void);
gboolean mc_presence_is_recent (McStore *store, gint64 now);

G_END_DECLS
