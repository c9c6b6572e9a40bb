/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads along with libetpan's IMAP parser, which allocates whatever size a literal claims and recurses as deep as
 * parentheses nest. Pure. */
typedef struct {
  gsize literal; /* bytes of a literal still to come */
  char head[10]; /* the response's first bytes, upper case */
  guint head_length;
  guint depth;
  guint brace; /* what has been seen of a "{number}" */
  guint64 number;
} McImapGuard;

#define MC_IMAP_LITERAL_MAX (1024 * 1024) /* we ask for 256 KiB at most */
#define MC_IMAP_DEPTH_MAX 64

/* A McStreamGuard: MC_ERROR_MALFORMED for a literal or a nesting beyond the bounds. GUARD: all zero at first. */
gboolean mc_imap_guard_feed (gpointer guard, const char *bytes, gsize length, GError **error);

G_END_DECLS
