/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mailcert.h"

G_BEGIN_DECLS

/* Notifications of the desktop (org.freedesktop.Notifications over the session's D-Bus). Never in anybody's way: a
 * thread of its own speaks to the bus, and where there is no bus, or nobody there who shows anything, nothing is said
 * of it. */
typedef struct McNotifier McNotifier;

/* No thread and no connection before there is something to show. */
McNotifier *mc_notifier_new (void);
/* What is still on its way has two seconds to arrive. NULL is fine. */
void mc_notifier_free (McNotifier *notifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McNotifier, mc_notifier_free)

/* Any thread; returns at once. Plain text, shown below "S/MIME certificate". */
void mc_notifier_show (McNotifier *notifier, const char *body);
/* A McRunnerTellFunc; DATA is the McNotifier. */
void mc_notifier_tell (const McOccasion *occasion, gpointer data);

G_END_DECLS
