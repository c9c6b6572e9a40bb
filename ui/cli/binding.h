/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* What would stand in the file of --eab (mailcert-get(1)), where it stands in none: secret, freed with
 * mc_secret_string_free. NULL with ERROR: nothing came. */

/* --eab -: standard input where it is no terminal, else the person is asked. CA is the CA's name. */
char *mc_cli_read_binding (const McCli *cli, const char *ca, GError **error);
/* Nothing was given, the person is there, and CA is likely to want a binding (it is asked): then the person is.
 * *OUT = NULL: none is needed, or nobody knows. */
gboolean mc_cli_offer_binding (const McCli *cli, const McCaProfile *ca, char **out, GError **error);

G_END_DECLS
