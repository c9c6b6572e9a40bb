/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What survives a process, for tests of the flow: the real store, or a quick one in memory that keeps the same promises
 * (version check, copies only, answered challenges). */

#include "flow/enrollment.h"

G_BEGIN_DECLS

typedef enum { BACK_SAVED, BACK_CONFLICT } BackResult; /* any other failure ends the test */

typedef struct Back Back;
struct Back {
  BackResult (*save) (Back *back, McEnrollment *enrollment, McAccount *account);
  BackResult (*save_account) (Back *back, McAccount *account);
  McEnrollment *(*enrollment) (Back *back, gint64 id);
  McEnrollmentState (*state) (Back *back, gint64 id);
  McAccount *(*account) (Back *back, const char *directory); /* NULL = none yet */
  gboolean (*is_answered) (Back *back, const char *message_id);
  void (*restart) (Back *back); /* the process died */
  void (*free) (Back *back);
};

Back *back_memory_new (void);
/* back-store.c: needs core/store. Removes its folder when freed. */
Back *back_store_new (void);

G_END_DECLS
