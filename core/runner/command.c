/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAST_LOOK_MS 500 /* for a command that is just ending: nobody waits for one that takes long */

/* on-installed, on-action-needed, on-failed: programs of the person's own that are told what happened. */

/* Those that were started and have not been seen to end. Of the process, not of a runner: in a mail program runners
 * come and go, and its children are reaped by the next one. */
typedef struct {
  GPid pid;
  char *name;
} McChild;

static GMutex lock;
static GQueue children = G_QUEUE_INIT; /* of McChild */

/* Nothing from outside reaches a shell: the words are the config's own, what happened stands in the environment. */
static char **
environment_of (const McEnrollment *e, const char *detail)
{
  char **environment = g_get_environ ();
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  g_autofree char *joined = NULL;

  for (guint i = 0; i < e->addresses->len; i++)
    g_ptr_array_add (addresses, mc_enrollment_address (e, i)->address);
  g_ptr_array_add (addresses, NULL);
  joined = g_strjoinv (" ", (char **)addresses->pdata);
  environment = g_environ_setenv (environment, "MAILCERT_ADDRESSES", joined, TRUE);
  environment = g_environ_setenv (environment, "MAILCERT_CA", e->ca, TRUE);
  environment = g_environ_setenv (environment, "MAILCERT_STATE", mc_enrollment_state_name (e->state), TRUE);
  environment = g_environ_setenv (environment, "MAILCERT_DETAIL", detail != NULL ? detail : "", TRUE);
  return g_environ_setenv (environment, "MAILCERT_PROBLEM", e->problem != NULL ? e->problem->type : "", TRUE);
}

static const GPtrArray *
commands_for (const McConfig *config, McOccasionKind kind)
{
  switch (kind) {
  case MC_OCCASION_INSTALLED:
    return config->on_installed;
  case MC_OCCASION_ACTION_NEEDED:
  case MC_OCCASION_RENEWAL_FAILING:
    return config->on_action_needed;
  case MC_OCCASION_FAILED:
    return config->on_failed;
  case MC_OCCASION_UNASKED:
    break;
  }
  return NULL;
}

static void
start (char **command, char **environment)
{
  McChild *child = g_new0 (McChild, 1);
  g_autoptr (GError) error = NULL;

  child->name = g_strdup (command[0]);
  if (!g_spawn_async (NULL, command, environment,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                          G_SPAWN_STDERR_TO_DEV_NULL,
                      NULL, NULL, &child->pid, &error)) {
    g_warning ("%s could not be run: %s", command[0], error->message);
    g_free (child->name);
    g_free (child);
    return;
  }
  g_mutex_lock (&lock);
  g_queue_push_tail (&children, child);
  g_mutex_unlock (&lock);
}

void
mc_command_run (const McConfig *config, const McOccasion *occasion, const char *detail)
{
  const GPtrArray *commands = commands_for (config, occasion->kind);
  const McEnrollment *subject = occasion->attempt != NULL ? occasion->attempt : occasion->enrollment;
  g_auto (GStrv) environment = NULL;

  if (commands == NULL)
    return;
  environment = environment_of (subject, detail);
  /* Not waited for: what the person's program does cannot hold an enrollment up, nor whoever reads our output. */
  for (guint i = 0; i < commands->len; i++)
    start (g_ptr_array_index (commands, i), environment);
}

/* Has it ended within MS? */
static gboolean
await (GPid pid, gint ms)
{
  struct pollfd fd = {.fd = (int)syscall (SYS_pidfd_open, pid, 0), .events = POLLIN};
  gboolean ended;

  if (fd.fd < 0)
    return FALSE;
  ended = poll (&fd, 1, ms) == 1;
  close (fd.fd);
  return ended;
}

/* How it ended is logged, and changes nothing. */
static gboolean
reap (const McChild *child)
{
  int status = 0;
  pid_t got = waitpid (child->pid, &status, WNOHANG);

  if (got == 0)
    return FALSE;
  if (got < 0)
    g_info ("%s: how it ended is not known: %s", child->name, g_strerror (errno));
  else if (WIFSIGNALED (status))
    g_warning ("%s was ended by signal %d", child->name, WTERMSIG (status));
  else if (WEXITSTATUS (status) != 0)
    g_warning ("%s ended with status %d", child->name, WEXITSTATUS (status));
  else
    g_info ("%s ended well", child->name);
  return TRUE;
}

void
mc_command_look (gboolean last)
{
  gint64 until = g_get_monotonic_time () + LAST_LOOK_MS * G_TIME_SPAN_MILLISECOND;

  g_mutex_lock (&lock);
  for (GList *link = children.head, *next; link != NULL; link = next) {
    McChild *child = link->data;

    next = link->next;
    if (last)
      await (child->pid, (gint)(MAX (until - g_get_monotonic_time (), 0) / G_TIME_SPAN_MILLISECOND));
    if (!reap (child))
      continue;
    g_queue_delete_link (&children, link);
    g_free (child->name);
    g_free (child);
  }
  g_mutex_unlock (&lock);
}
