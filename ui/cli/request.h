/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* Values that several verbs take, checked. */

/* A bare mail address that can be certified. */
gboolean mc_request_check_address (const char *address, GError **error);
/* --keyring: the specs, or NULL in OUT where there is none. */
gboolean mc_request_keyrings (const McCli *cli, char ***out, GError **error);
/* --trust-root: 64 lower-case hex digits, or NULL in OUT; colons and spaces are taken as people paste them. */
gboolean mc_request_trust_root (const McCli *cli, char **out, GError **error);
/* The CA by NAME or URL, NULL = the default; what was typed wrongly leads to "mailcert ca". Caller frees. */
McCaProfile *mc_request_ca (const McCli *cli, const char *name, GError **error);
/* --ca, where it is there, names one that is known. */
gboolean mc_request_check_ca (const McCli *cli, GError **error);
/* An address that there are records of, else MC_ERROR_NO_INPUT. */
gboolean mc_request_check_known (const McCli *cli, const char *address, GError **error);

G_END_DECLS
