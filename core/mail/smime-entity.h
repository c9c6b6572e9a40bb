/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "mail/message.h"

G_BEGIN_DECLS

/* As much of MIME as an S/MIME-signed challenge needs: the two parts of a multipart/signed, and what is in a
 * message/rfc822. Nothing here recurses, so that a mail that is nested deep costs nothing: at most one multipart and
 * one wrapped message are opened. What two readers could read differently is a fault. */

#define MC_CONTENT_TYPE_PARAMETERS_MAX 32 /* real ones have up to 6; twice is refused by comparing each with each */

/* A Content-Type field's value (RFC 2045 5.1). */
typedef struct {
  char *type;        /* "multipart/signed", in lower case */
  gboolean broken;   /* the parameters cannot be read, or in two ways: one stands twice, or in pieces (RFC 2231) */
  GPtrArray *names;  /* of char*, in lower case */
  GPtrArray *values; /* of char*, as they are, quoting undone */
} McContentType;

/* VALUE unfolded. NULL where it has no type. */
McContentType *mc_content_type_parse (const char *value);
void mc_content_type_free (McContentType *type);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McContentType, mc_content_type_free)

/* That of ENTITY. NULL where there is none; broken where there are two. */
McContentType *mc_content_type_of (const McMessage *entity);

/* NULL where there is no such parameter. NAME in lower case. Owned by TYPE. */
const char *mc_content_type_parameter (const McContentType *type, const char *name);

/* The same, compared without case. */
gboolean mc_content_type_says (const McContentType *type, const char *name, const char *value);

/* The two body parts of MAIL, a multipart (RFC 2046 5.1.1), exactly those octets that a signature covers: shared with
 * MAIL, no copies. FALSE, and FAULT (static), when there are not exactly two with all their delimiters, or when a line
 * begins as a delimiter and is none. */
gboolean mc_multipart_split (const McMessage *mail, const char *boundary, GBytes *parts[2], const char **fault);

/* The body of ENTITY, its Content-Transfer-Encoding undone: base64 and quoted-printable, both strictly, or 7bit, 8bit
 * and binary. NULL and FAULT (static) otherwise. */
GBytes *mc_transfer_decode (const McMessage *entity, const char **fault);

/* Is the body of ENTITY as it is: no Content-Transfer-Encoding, or 7bit, 8bit or binary? */
gboolean mc_transfer_is_identity (const McMessage *entity);

G_END_DECLS
