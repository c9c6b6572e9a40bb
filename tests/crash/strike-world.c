/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "strike.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Where and when the program believes to be, and how long it waits. */

int
statfs (const char *path, struct statfs *is)
{
  int result = NEXT (statfs) (path, is);

  if (result == 0 && strike_page != NULL && strike_page->magic != 0)
    is->f_type = strike_page->magic;
  return result;
}

int
statfs64 (const char *path, struct statfs64 *is)
{
  int result = NEXT (statfs64) (path, is);

  if (result == 0 && strike_page != NULL && strike_page->magic != 0)
    is->f_type = strike_page->magic;
  return result;
}

/* How far it is ahead of the truth; that it was asked is counted. */
static int64_t
look_at_clock (void)
{
  if (strike_page == NULL)
    return 0;
  atomic_fetch_add ((_Atomic int64_t *)&strike_page->looks, 1);
  return strike_page->clock;
}

int
clock_gettime (clockid_t clock, struct timespec *at)
{
  int result = NEXT (clock_gettime) (clock, at);

  if (result == 0 && clock == CLOCK_REALTIME)
    at->tv_sec += look_at_clock ();
  if (result == 0 && clock == CLOCK_MONOTONIC && strike_page != NULL)
    at->tv_sec += strike_page->steady;
  return result;
}

int
gettimeofday (struct timeval *restrict at, void *restrict zone)
{
  int result = NEXT (gettimeofday) (at, zone);

  if (result == 0)
    at->tv_sec += look_at_clock ();
  return result;
}

time_t
time (time_t *out)
{
  time_t at = NEXT (time) (NULL) + look_at_clock ();

  if (out != NULL)
    *out = at;
  return at;
}

#define GRACE_MS 3   /* of real time between two looks at what others do */
#define JUMPS_MOST 9 /* the clock moves on by 1, 2, 4 ... 512 seconds */

static int
thread_runs (const char *id)
{
  char path[64], line[256];
  const char *state;
  ssize_t length;
  int fd;

  snprintf (path, sizeof path, "/proc/self/task/%.16s/stat", id);
  fd = NEXT (open) (path, O_RDONLY | O_CLOEXEC);
  length = fd >= 0 ? read (fd, line, sizeof line - 1) : -1;
  if (fd >= 0)
    close (fd);
  line[length > 0 ? length : 0] = '\0';
  state = strrchr (line, ')');
  return state != NULL && state[1] == ' ' && state[2] != 'S';
}

/* No child is at work, and no thread but this one. */
static int
is_idle (void)
{
  DIR *threads = opendir ("/proc/self/task");
  int running = 0;

  for (struct dirent *entry; threads != NULL && (entry = readdir (threads)) != NULL;)
    running += entry->d_name[0] != '.' && thread_runs (entry->d_name);
  if (threads != NULL)
    closedir (threads);
  return running <= 1 && waitid (P_ALL, 0, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD;
}

/* One descriptor alone is what other threads wake this one by: nothing is awaited from outside then. */
int
poll (struct pollfd *descriptors, nfds_t count, int timeout)
{
  int left = timeout, ready;
  int64_t jump;

  if (strike_page == NULL || strike_page->hurry == 0 || timeout <= 0 || count != 1)
    return NEXT (poll) (descriptors, count, timeout);
  do {
    ready = NEXT (poll) (descriptors, count, left < GRACE_MS ? left : GRACE_MS);
    left -= GRACE_MS;
    if (ready != 0)
      return ready;
  } while (left > 0 && !is_idle ());
  if (left <= 0) /* for as long as was wanted */
    return 0;
  jump = INT64_C (1) << (strike_waits < JUMPS_MOST ? strike_waits : JUMPS_MOST);
  strike_waits++;
  strike_page->clock += jump;
  strike_page->steady += jump;
  return 0;
}

int
__poll_chk (struct pollfd *descriptors, nfds_t count, int timeout, size_t size)
{
  (void)size;
  return poll (descriptors, count, timeout);
}
