/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
static struct sigaction before[G_N_ELEMENTS (signals)];
static McRunner *volatile watched;
static volatile sig_atomic_t came;
static volatile sig_atomic_t watching;
static int ends[2] = {-1, -1};

static void
on_signal (int number G_GNUC_UNUSED)
{
  int saved = errno;
  McRunner *runner = watched;

  came = 1;
  if (ends[1] >= 0 && write (ends[1], "", 1) < 0) {
    /* The pipe is full: it is readable already. */
  }
  if (runner != NULL)
    mc_runner_stop (runner);
  errno = saved;
}

void
mc_interrupt_watch (McRunner *runner)
{
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

  watched = runner;
  if (watching)
    return;
  if (ends[0] < 0 && !g_unix_open_pipe (ends, FD_CLOEXEC, NULL))
    ends[0] = ends[1] = -1;
  sigemptyset (&action.sa_mask);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &action, &before[i]);
  watching = 1;
}

void
mc_interrupt_unwatch (void)
{
  watched = NULL;
  for (gsize i = 0; watching && i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &before[i], NULL);
  watching = 0;
}

gboolean
mc_interrupt_came (void)
{
  return came != 0;
}

int
mc_interrupt_fd (void)
{
  return ends[0];
}
