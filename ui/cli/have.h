/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"
#include "store/store.h"

G_BEGIN_DECLS

/* What get would accept instead of a new certificate. */
typedef struct {
  const char *directory; /* of the CA, NULL = any */
  gboolean usage_given, separate, key_given;
  McUsage usage;
  McKeyKind key_kind;
  const char *profile; /* NULL = any */
} McHaveWish;

/* What the operands lack, in the forms in which it is ordered. */
typedef enum {
  MC_GAP_WISH,    /* what was wished for, whole */
  MC_GAP_SIGN,    /* of a pair, the half that signs */
  MC_GAP_ENCRYPT, /* of a pair, the half that encrypts */
  MC_GAPS
} McGap;

typedef struct {
  GPtrArray *addresses[MC_GAPS]; /* of char *, with a NULL at the end; an address stands in one of them at most */
} McHaveGaps;

void mc_have_gaps_clear (McHaveGaps *gaps);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McHaveGaps, mc_have_gaps_clear)

/* Fills GAPS, which is all zero, with those of the operands that have no good certificate (installed, and not due for
 * renewal). Where an address has a pair and one half of it is good, the other alone is lacking. */
gboolean mc_have_look (const McCli *cli, McStore *store, const McHaveWish *wish, McHaveGaps *gaps, GError **error);

/* Every operand has one: says so; the exit status. */
int mc_have_report (McCli *cli);

G_END_DECLS
