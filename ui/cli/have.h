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

/* Those of the operands that have no good certificate (installed, and not due for renewal): of char *, with a NULL at
 * the end. */
GPtrArray *mc_have_missing (const McCli *cli, McStore *store, const McHaveWish *wish, GError **error);

/* Every operand has one: says so; the exit status. */
int mc_have_report (McCli *cli);

G_END_DECLS
