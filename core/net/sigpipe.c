/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/sigpipe.h"

#include <errno.h>

static gboolean
is_pending (void)
{
  sigset_t pending;

  return sigpending (&pending) == 0 && sigismember (&pending, SIGPIPE) == 1;
}

void
mc_sigpipe_block (McSigpipe *sigpipe)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGPIPE);
  sigpipe->was_pending = is_pending ();
  pthread_sigmask (SIG_BLOCK, &set, &sigpipe->old);
}

void
mc_sigpipe_restore (const McSigpipe *sigpipe)
{
  int saved = errno;
  struct timespec none = {0, 0};
  sigset_t set;

  if (!sigpipe->was_pending && is_pending ()) {
    sigemptyset (&set);
    sigaddset (&set, SIGPIPE);
    while (sigtimedwait (&set, NULL, &none) == -1 && errno == EINTR)
      ;
  }
  pthread_sigmask (SIG_SETMASK, &sigpipe->old, NULL);
  errno = saved;
}
