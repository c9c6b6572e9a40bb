/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes that are wiped when the last reference goes (keys, passphrases, tokens). BYTES is copied; wipe the original. */
GBytes *mc_secret_new (const void *bytes, gsize length);

/* Takes over BYTES (from g_malloc). */
GBytes *mc_secret_new_take (void *bytes, gsize length);

/* Wipes and frees a NUL-terminated string; NULL is fine. */
void mc_secret_string_free (char *text);

/* A NUL-terminated string that is wiped when it leaves its scope: g_autoptr (McSecretString) pw = ...; */
typedef char McSecretString;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McSecretString, mc_secret_string_free)

G_END_DECLS
