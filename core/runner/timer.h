/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who renews certificates while no mail program runs. These run programs and may take seconds. */
typedef enum { MC_TIMER_NONE, MC_TIMER_SYSTEMD, MC_TIMER_CRON } McTimer;

#define MC_TIMER_UNIT "mailcert-renew.timer"

McTimer mc_timer_find (void);
/* There is a systemd of the person's own that knows the timer: it can be enabled. */
gboolean mc_timer_is_known (void);
/* Enables it, and starts it. The error has systemd's own words: MC_ERROR_CONFIG, MC_ERROR_LATER. */
gboolean mc_timer_enable (GError **error);

G_END_DECLS
