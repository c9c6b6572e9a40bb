/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>

enum { MC_PEEK_NOTHING, MC_PEEK_CHALLENGE, MC_PEEK_BOUNCE };

/* Could these bytes be a challenge, or a reply of ours that came back? They are a whole mail or the first part of one
 * (256 KiB is plenty), lines ending in LF or CRLF, perhaps with a leading mbox "From " line. CHALLENGE when the header
 * section has an Auto-Submitted field that may say auto-generated and a Subject that may begin with "ACME:": never
 * anything else for a mail whose verdict could be authentic. BOUNCE when it is a report (RFC 6522) or from a mail
 * system, and "ACME:" stands in its body, as the Subject of what came back. Else NOTHING, as for nearly every mail.
 * libc only, no allocation, never reads past BYTES + LENGTH. Also declared in mailcert.h. */
int mc_peek (const char *bytes, size_t length);

/* The same for Subject, Auto-Submitted, Content-Type and From alone: BOUNCE then means that the whole is worth a peek.
 */
int mc_peek_header (const char *bytes, size_t length);

/* Does this From (any form of it) name a mail system? */
int mc_peek_is_mail_system (const char *from, size_t length);
