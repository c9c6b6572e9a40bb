/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* mc_text_enrollment, with a next step that names the command where there is one. CONFIG says whether somebody watches
 * the mailbox. */
char *mc_cli_sentence (const McConfig *config, const McEnrollment *enrollment, gint64 now, char **next);

/* The command for a certificate that a keyring has not taken. */
char *mc_cli_keyring_next (const McConfig *config, const McEnrollment *enrollment);

G_END_DECLS
