/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

/* The floor that mailcert-hook is measured against: the least that a C program can do with a mail on its input. */

static char mail[256 * 1024];

int
main (void)
{
  while (read (STDIN_FILENO, mail, sizeof mail) > 0)
    continue;
  return 0;
}
