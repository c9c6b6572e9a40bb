/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>

/* Could these bytes be a challenge? They are a whole mail or the first part of one (256 KiB is plenty), lines ending in
 * LF or CRLF, perhaps with a leading mbox "From " line. 1 when the header section has an Auto-Submitted field that may
 * say auto-generated and a Subject that may begin with "ACME:", else 0. Never 0 for a mail whose verdict could be
 * authentic; rarely 1 for any other. libc only, no allocation, never reads past BYTES + LENGTH. Also declared in
 * mailcert.h. */
int mc_peek (const char *bytes, size_t length);
