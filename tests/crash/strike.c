/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "strike.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Loaded before the C library: counts the calls by which state, network and mail are touched, and at one of them kills
 * the process or fails the call. Programs that the struck one starts are left alone. */

StrikePage *strike_page;
_Atomic int strike_waits;

void *
strike_next (const char *name)
{
  void *symbol = dlsym (RTLD_NEXT, name);

  if (symbol == NULL)
    abort ();
  return symbol;
}

__attribute__ ((constructor)) static void
begin (void)
{
  const char *path = getenv ("MC_STRIKE");
  int fd = path != NULL ? NEXT (open) (path, O_RDWR | O_CLOEXEC) : -1;
  void *shared = fd >= 0 ? mmap (NULL, sizeof *strike_page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;

  if (fd >= 0)
    close (fd);
  strike_page = shared != MAP_FAILED ? shared : NULL;
  unsetenv ("LD_PRELOAD");
  unsetenv ("MC_STRIKE");
}

/* What kind of thing FD leads to, 0 = none that counts: terminals, standard streams, and what threads wake each other
 * by. */
static int64_t
kind_of (int fd)
{
  struct stat is;
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  int before = errno;
  int64_t kind = 0;

  if (fd > STDERR_FILENO && fstat (fd, &is) == 0) {
    if (S_ISREG (is.st_mode))
      kind = STRIKE_STATE;
    else if (S_ISFIFO (is.st_mode))
      kind = STRIKE_MAIL;
    else if (S_ISSOCK (is.st_mode) && getsockname (fd, (struct sockaddr *)&name, &length) == 0 &&
             name.ss_family != AF_UNIX)
      kind = STRIKE_NETWORK;
  }
  errno = before;
  return kind;
}

/* Counts one call. FALSE: the caller must fail, errno is set. *HALF: do half of it, then call die (). */
static int
pass (int64_t kind, const char *name, int *half)
{
  int64_t number;

  if (kind == STRIKE_NETWORK)
    strike_waits = 0;
  if (strike_page == NULL || (kind & strike_page->kinds) == 0)
    return 1;
  number = atomic_fetch_add ((_Atomic int64_t *)&strike_page->count, 1) + 1;
  if (number <= STRIKE_TRACE)
    strike_page->trace[number - 1] = (half != NULL ? " SN M" : " sn m")[kind];
  if (strike_page->at == 0 || strike_page->how == STRIKE_NOTHING || number < strike_page->at ||
      (number > strike_page->at && !strike_page->lasting))
    return 1;
  if (atomic_fetch_add ((_Atomic int64_t *)&strike_page->struck, 1) == 0)
    strncpy (strike_page->name, name, sizeof strike_page->name - 1);
  if (strike_page->how > 0) {
    errno = (int)strike_page->how;
    return 0;
  }
  if (strike_page->how == STRIKE_KILL_HALF && half != NULL) {
    *half = 1;
    return 1;
  }
  kill (getpid (), SIGKILL);
  return 0;
}

static ssize_t
die (ssize_t result)
{
  kill (getpid (), SIGKILL);
  return result;
}

/* A pipe takes up to 4 KiB all or nothing: only files and connections break in the middle. */
#define HALVES(kind) ((kind) != STRIKE_MAIL ? &half : NULL)

ssize_t
write (int fd, const void *bytes, size_t length)
{
  int half = 0;
  int64_t kind = kind_of (fd);

  if (!pass (kind, "write", HALVES (kind)))
    return -1;
  return half ? die (NEXT (write) (fd, bytes, length / 2)) : NEXT (write) (fd, bytes, length);
}

ssize_t
pwrite (int fd, const void *bytes, size_t length, off_t at)
{
  int half = 0;

  if (!pass (kind_of (fd), "pwrite", &half))
    return -1;
  return half ? die (NEXT (pwrite) (fd, bytes, length / 2, at)) : NEXT (pwrite) (fd, bytes, length, at);
}

ssize_t
pwrite64 (int fd, const void *bytes, size_t length, off64_t at)
{
  return pwrite (fd, bytes, length, at);
}

ssize_t
writev (int fd, const struct iovec *parts, int count)
{
  return pass (kind_of (fd), "writev", NULL) ? NEXT (writev) (fd, parts, count) : -1;
}

ssize_t
send (int fd, const void *bytes, size_t length, int flags)
{
  int half = 0;

  if (!pass (kind_of (fd), "send", &half))
    return -1;
  return half ? die (NEXT (send) (fd, bytes, length / 2, flags)) : NEXT (send) (fd, bytes, length, flags);
}

ssize_t
sendto (int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size)
{
  return pass (kind_of (fd), "sendto", NULL) ? NEXT (sendto) (fd, bytes, length, flags, to, size) : -1;
}

ssize_t
sendmsg (int fd, const struct msghdr *message, int flags)
{
  return pass (kind_of (fd), "sendmsg", NULL) ? NEXT (sendmsg) (fd, message, flags) : -1;
}

int
connect (int fd, const struct sockaddr *to, socklen_t size)
{
  return pass (to->sa_family != AF_UNIX ? STRIKE_NETWORK : 0, "connect", NULL) ? NEXT (connect) (fd, to, size) : -1;
}

int
fsync (int fd)
{
  return pass (STRIKE_STATE, "fsync", NULL) ? NEXT (fsync) (fd) : -1;
}

int
fdatasync (int fd)
{
  return pass (STRIKE_STATE, "fdatasync", NULL) ? NEXT (fdatasync) (fd) : -1;
}

int
ftruncate (int fd, off_t length)
{
  return pass (STRIKE_STATE, "ftruncate", NULL) ? NEXT (ftruncate) (fd, length) : -1;
}

int
ftruncate64 (int fd, off64_t length)
{
  return ftruncate (fd, length);
}

int
rename (const char *from, const char *to)
{
  return pass (STRIKE_STATE, "rename", NULL) ? NEXT (rename) (from, to) : -1;
}

int
unlink (const char *path)
{
  return pass (STRIKE_STATE, "unlink", NULL) ? NEXT (unlink) (path) : -1;
}

int
mkdir (const char *path, mode_t mode)
{
  return pass (STRIKE_STATE, "mkdir", NULL) ? NEXT (mkdir) (path, mode) : -1;
}

int
mknod (const char *path, mode_t mode, dev_t device)
{
  return pass (STRIKE_STATE, "mknod", NULL) ? NEXT (mknod) (path, mode, device) : -1;
}

static mode_t
mode_of (int flags, va_list rest)
{
  return (flags & O_CREAT) != 0 ? va_arg (rest, mode_t) : 0;
}

int
open (const char *path, int flags, ...)
{
  va_list rest;
  mode_t mode;

  va_start (rest, flags);
  mode = mode_of (flags, rest);
  va_end (rest);
  /* Where the file may have to be made, or will be written. */
  if ((flags & (O_CREAT | O_RDWR | O_WRONLY)) != 0 && !pass (STRIKE_STATE, "open", NULL))
    return -1;
  return NEXT (open) (path, flags, mode);
}

int
open64 (const char *path, int flags, ...)
{
  va_list rest;
  mode_t mode;

  va_start (rest, flags);
  mode = mode_of (flags, rest);
  va_end (rest);
  return open (path, flags, mode);
}

pid_t
fork (void)
{
  return pass (STRIKE_MAIL, "fork", NULL) ? NEXT (fork) () : -1;
}

int
execve (const char *path, char *const words[], char *const environment[])
{
  return pass (STRIKE_MAIL, "execve", NULL) ? NEXT (execve) (path, words, environment) : -1;
}

int
posix_spawn (pid_t *child, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *how,
             char *const words[], char *const environment[])
{
  if (!pass (STRIKE_MAIL, "posix_spawn", NULL))
    return errno;
  return NEXT (posix_spawn) (child, path, actions, how, words, environment);
}

int
posix_spawnp (pid_t *child, const char *file, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *how,
              char *const words[], char *const environment[])
{
  if (!pass (STRIKE_MAIL, "posix_spawnp", NULL))
    return errno;
  return NEXT (posix_spawnp) (child, file, actions, how, words, environment);
}
