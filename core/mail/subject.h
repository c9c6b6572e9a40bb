/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* VALUE, an unfolded Subject, with its encoded-words decoded (RFC 2047, RFC 2231 5), white space between two of them
 * dropped, none at its ends. What is no proper encoded-word stays as it is; a control character that was encoded
 * becomes "?". FOREIGN says whether one was in a charset other than UTF-8 and US-ASCII (A34): its octets are taken as
 * they are. Caller frees. */
char *mc_subject_decode (const char *value, gboolean *foreign);

G_END_DECLS
