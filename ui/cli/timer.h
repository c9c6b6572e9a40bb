/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* After the first certificate, at a terminal, once: shall it be renewed by itself? Where no systemd can do it, the line
 * for crontab is shown instead. */
void mc_cli_offer_timer (McCli *cli);

G_END_DECLS
