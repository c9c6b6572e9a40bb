/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "mail/message.h"

G_BEGIN_DECLS

/* The header that the signed PART protects (see smime-judge.h), or NULL and FAULT (static). */
McMessage *mc_smime_protected_header (GBytes *part, const char **fault);

/* How OUTER differs from what INNER protects: of From, To, Subject, Reply-To and Message-ID one says something else
 * outside, or a field that a challenge needs stands only there. NULL when it does not; caller frees. A field that
 * stands only inside is no difference, nor is another display name, another fold or another encoded-word; a Reply-To
 * that stands only outside is not looked at by anybody. */
char *mc_smime_difference (const McMessage *outer, const McMessage *inner);

G_END_DECLS
