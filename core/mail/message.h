/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The one reader of a mail: an index over its bytes. Every value that is used and every byte that a signature covers
 * comes from the same entry of this index. */

#define MC_MESSAGE_MAX (256 * 1024) /* octets of mail as they came */
#define MC_MESSAGE_FIELDS_MAX 512
#define MC_MESSAGE_FIELD_MAX (16 * 1024) /* octets of one field, folds included */

/* The fields that A38 wants signed; none may stand twice, and the first MC_MESSAGE_NEEDED of them must be there.
 * NULL-terminated. */
#define MC_MESSAGE_NEEDED 6
extern const char *const mc_message_signed_fields[];

typedef enum {
  MC_MESSAGE_FINE,
  MC_MESSAGE_TOO_LARGE,
  MC_MESSAGE_MALFORMED,
} McMessageDefect;

/* One header field: offsets into McMessage.bytes. [start, end) is all of it with its CRLF, [start, start + name_length)
 * its name, [value, value_end) what stands between the colon and the last CRLF, folds included. */
typedef struct {
  guint32 start;
  guint32 name_length;
  guint32 value;
  guint32 value_end;
  guint32 end;
} McField;

typedef struct {
  McMessageDefect defect;
  const char *defect_detail; /* English, static; NULL when fine */
  GBytes *bytes;             /* lines end in CRLF, no mbox line; empty when there is a defect */
  const char *data;          /* the same bytes */
  gsize length;
  McField *fields; /* in the order in which they stand */
  guint n_fields;
  gsize body; /* offset of the first octet after the empty line; length when there is none */
} McMessage;

/* Never fails: a mail that is too large or malformed carries its defect and has no fields, since both are verdicts. A
 * leading "From " or ">From " line is dropped; if every line ends in LF alone the mail is taken as CRLF; a mix, a lone
 * CR, a NUL in the header section, a line that is no field, or too many or too long fields are malformed. */
McMessage *mc_message_parse (GBytes *rfc822);
void mc_message_free (McMessage *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McMessage, mc_message_free)

/* Names match without case. */
gboolean mc_message_field_is (const McMessage *mail, const McField *field, const char *name);
guint mc_message_count (const McMessage *mail, const char *name);

/* The field NAME that stands highest; NULL if there is none. */
const McField *mc_message_find (const McMessage *mail, const char *name);

/* Removes white space of RFC 5322 (blanks, CR, LF; no other) at both ends, in place; returns TEXT. */
char *mc_message_strip (char *text);

/* A field's value unfolded (RFC 5322 2.2.3), without white space at its ends. Caller frees. */
char *mc_message_unfold (const McMessage *mail, const McField *field);

/* The same for the field NAME that stands highest; NULL if there is none. Caller frees. */
char *mc_message_value (const McMessage *mail, const char *name);

G_END_DECLS
