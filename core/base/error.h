/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One error domain for all of core. The code says who can mend it; the CLI maps it to an exit status (DESIGN 5). */
typedef enum {
  MC_ERROR_INTERNAL,  /* our own bug                                        70 */
  MC_ERROR_USAGE,     /* the caller asked for something that makes no sense 64 */
  MC_ERROR_MALFORMED, /* bytes from outside that do not parse               65 */
  MC_ERROR_REFUSED,   /* a mail, key or chain that was judged and refused   65 */
  MC_ERROR_NO_INPUT,  /* no such file, address or enrollment                66 */
  MC_ERROR_CA,        /* the CA said no                                     69 */
  MC_ERROR_WRITE,     /* disk, store or file cannot be written              73 */
  MC_ERROR_LATER,     /* a passing failure, or not finished: try again      75 */
  MC_ERROR_KEYRING,   /* keyring, trust or passphrase needed                77 */
  MC_ERROR_CONFIG,    /* configuration                                      78 */
  MC_ERROR_LOGIN,     /* mail login refused                                 78 */
  MC_ERROR_TLS,       /* a peer that cannot be trusted                      78 */
} McError;

#define MC_ERROR (mc_error_quark ())
GQuark mc_error_quark (void);

/* Stable name of a code for JSON ("internal", "usage", ...); static. */
const char *mc_error_name (gint code);

/* Copy of peer-supplied TEXT fit for one line on a terminal or in a log: valid UTF-8, control characters (also the C1
 * block and bidirectional overrides) replaced, at most MAX bytes. NULL gives "". Caller frees. */
char *mc_text_sanitize (const char *text, gsize max);

G_END_DECLS
