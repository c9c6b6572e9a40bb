/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "mail/message.h"

G_BEGIN_DECLS

/* A mail that says that another one could not be delivered: a delivery status notification (RFC 3464) or the older
 * plain ones of exim and qmail. Nobody signs it, so it proves nothing: it may be told to a person, and that is all. */
typedef struct {
  GPtrArray *message_ids; /* of char *, with angle brackets: what it refers to and what it returns */
  char *words;            /* of who refused it, sanitized, at most 300 octets: "550 5.7.26 ..."; may be empty */
} McBounce;

/* NULL where MAIL is none: also where it only tells of a delay, or that the mail has arrived. Time and memory are
 * linear in its length. */
McBounce *mc_bounce_parse (const McMessage *mail);
void mc_bounce_free (McBounce *bounce);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McBounce, mc_bounce_free)

/* Is it about the mail with this Message-ID? */
gboolean mc_bounce_is_of (const McBounce *bounce, const char *message_id);

G_END_DECLS
