/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli.h"

G_BEGIN_DECLS

/* Asks on stderr, reads one line from stdin. NULL at the end of the input, when a signal comes, or when STOP_FD (-1 =
 * none) becomes readable. SECRET: without echo. Wiped with mc_secret_string_free. */
char *mc_prompt_line (const char *question, gboolean secret, int stop_fd);

/* Asks a question whose answer is yes or no, again where it is neither; Enter alone is no. NOBODY where no answer came
 * (see mc_prompt_line). */
McAnswer mc_prompt_question (const char *question, int stop_fd);

/* The passphrase from --passphrase-fd, else from the terminal (twice where it is NEW). MC_ERROR_KEYRING where neither
 * is there. Wiped with mc_secret_string_free. */
char *mc_prompt_passphrase (const McCli *cli, const char *question, gboolean is_new, GError **error);

G_END_DECLS
