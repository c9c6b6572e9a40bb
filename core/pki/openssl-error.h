/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sets an error of CODE (an McError): DOING, then OpenSSL's own first reason, a fixed text that cannot carry a secret.
 * Leaves OpenSSL's queue empty. */
void mc_openssl_error_set (GError **error, gint code, const char *doing);

G_END_DECLS
