/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/peek.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* What delivery recipes and macros call for each mail: libc and peek alone. Nearly every mail ends here; one that may
 * be a challenge goes on to "mailcert hook --detach", which returns as soon as it is kept. */

#define MOST (256 * 1024) /* what the spool takes (DESIGN 2); core/mail/message.h has it too, with all of GLib */

static char mail[MOST + 1];

static const char again[] = "nothing is lost where whoever delivers tries again later; else give it the mail again";

static int
complain (const char *what, int status, const char *next)
{
  fprintf (stderr, "mailcert-hook: %s: %s\nNext: %s\n", what, strerror (errno), next);
  return status;
}

/* As much as there is, up to ROOM; less than 0 on error. */
static ssize_t
fill (int fd, char *at, size_t room)
{
  size_t have = 0;

  while (have < room) {
    ssize_t n = read (fd, at + have, room - have);

    if (n == 0)
      break;
    if (n > 0)
      have += (size_t)n;
    else if (errno != EINTR)
      return -1;
  }
  return (ssize_t)have;
}

/* Whoever writes must not be stopped by SIGPIPE: some would take that for a failed delivery. A file has no writer. */
static void
drain (int fd)
{
  struct stat is;

  if (fstat (fd, &is) == 0 && S_ISREG (is.st_mode))
    return;
  while (fill (fd, mail, sizeof mail) > 0)
    continue;
}

static int
write_all (int fd, const char *bytes, size_t length)
{
  while (length > 0) {
    ssize_t n = write (fd, bytes, length);

    if (n < 0 && errno != EINTR)
      return -1;
    if (n > 0) {
      bytes += n;
      length -= (size_t)n;
    }
  }
  return 0;
}

/* Makes the mail the standard input: in memory, since only a file can be read again. */
static int
put_on_stdin (size_t length)
{
  int fd = memfd_create ("mail", MFD_CLOEXEC);

  if (fd < 0 || write_all (fd, mail, length) != 0 || lseek (fd, 0, SEEK_SET) != 0)
    return -1;
  return dup2 (fd, STDIN_FILENO) < 0 ? -1 : 0;
}

/* Beside this program, where it is not installed or was moved; else where it was configured to be. $PATH is not asked:
 * mail filters have none that could be relied on. */
static void
run_mailcert (void)
{
  char path[4096];
  ssize_t length = readlink ("/proc/self/exe", path, sizeof path - sizeof "mailcert");
  char *slash = length > 0 ? memrchr (path, '/', (size_t)length) : NULL;

  if (slash != NULL) {
    strcpy (slash + 1, "mailcert");
    execl (path, "mailcert", "hook", "--detach", (char *)NULL);
  }
  execl (MC_BINDIR "/mailcert", "mailcert", "hook", "--detach", (char *)NULL);
}

/* That somebody is here who sees the mail (core/runner/presence.h), for the timer that renews: the time of a file that
 * mailcert makes when there is something to see. Without it nobody wants to know. */
static void
leave_trace (void)
{
  const char *home = getenv ("HOME");
  char path[4096];
  int length = home != NULL ? snprintf (path, sizeof path, "%s/.local/share/mailcert/seen", home) : -1;

  if (length > 0 && (size_t)length < sizeof path)
    utimensat (AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
}

static int
take (int fd)
{
  ssize_t length = fill (fd, mail, sizeof mail);

  if (length < 0)
    return complain ("reading the mail", EX_TEMPFAIL, again);
  if (length > MOST || !mc_peek (mail, (size_t)length)) {
    if (length > MOST)
      drain (fd);
    return EX_OK;
  }
  if (put_on_stdin ((size_t)length) != 0)
    return complain ("keeping the mail", EX_TEMPFAIL, again);
  run_mailcert ();
  return complain ("starting mailcert", EX_TEMPFAIL, again);
}

int
main (int argc, char **argv)
{
  int fd = STDIN_FILENO;

  if (argc > 2 || (argc == 2 && argv[1][0] == '-' && argv[1][1] != '\0')) {
    fputs ("usage: mailcert-hook [FILE]\n", stderr);
    return EX_USAGE;
  }
  if (argc == 2 && strcmp (argv[1], "-") != 0 && (fd = open (argv[1], O_RDONLY | O_CLOEXEC)) < 0)
    return complain (argv[1], EX_NOINPUT, "check the name of the file, and whether you may read it");
  leave_trace ();
  return take (fd);
}
