/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The ways that an enrollment can take: what is killed everywhere, and whose every port fails once. */

#include "world.h"

G_BEGIN_DECLS

typedef struct {
  const char *name;
  void (*shape) (WorldPlan *plan);
  void (*begin) (World *world);
  /* So many kills may end EXPIRED: a person was told to send a reply and never saw it, and nothing may be sent twice.
   */
  guint lost_replies;
} Path;

extern const Path paths[];
extern const gsize paths_count;

World *path_world (const Path *path, Back *(*back_new) (void));

G_END_DECLS
