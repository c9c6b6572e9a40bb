/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

struct McProgress {
  GMutex lock;
  gboolean steps; /* are said */
  gboolean live;  /* the terminal can take a line back */
  gboolean held;
  char *wait;     /* what the last line says, or NULL */
  GString *later; /* steps that came while held */
};

McProgress *
mc_progress_new (const McCli *cli)
{
  McProgress *progress = g_new0 (McProgress, 1);
  const char *kind = g_getenv ("TERM");

  g_mutex_init (&progress->lock);
  progress->live = isatty (STDERR_FILENO) && !cli->json && !cli->quiet && g_strcmp0 (kind, "dumb") != 0;
  progress->steps = !cli->json && !cli->quiet && (cli->verbose > 0 || isatty (STDERR_FILENO));
  progress->later = g_string_new (NULL);
  return progress;
}

/* As much of TEXT as fits into one row: a longer line could not be taken back. */
static char *
fit (const char *text)
{
  struct winsize size = {0};
  glong columns = ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  GString *out = g_string_new (NULL);
  glong width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    width += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
    if (width >= columns)
      break;
    g_string_append_unichar (out, c);
  }
  return g_string_free (out, FALSE);
}

static void
clear_row (McProgress *progress)
{
  if (progress->live && progress->wait != NULL)
    fputs ("\r\033[K", stderr);
}

static void
show_row (McProgress *progress)
{
  const char *charset;

  if (progress->live && progress->wait != NULL) {
    g_autofree char *row = fit (progress->wait);
    g_autofree char *converted =
        g_get_charset (&charset) ? NULL : g_convert_with_fallback (row, -1, charset, "UTF-8", "?", NULL, NULL, NULL);

    fputs (converted != NULL ? converted : row, stderr);
  }
  fflush (stderr);
}

void
mc_progress_step (McProgress *progress, const char *text)
{
  if (!progress->steps)
    return;
  g_mutex_lock (&progress->lock);
  if (progress->held)
    g_string_append_printf (progress->later, "%s%s", progress->later->len > 0 ? "\n" : "", text);
  else {
    clear_row (progress);
    mc_cli_say (stderr, text);
    show_row (progress);
  }
  g_mutex_unlock (&progress->lock);
}

void
mc_progress_wait (McProgress *progress, const char *text)
{
  g_mutex_lock (&progress->lock);
  if (g_strcmp0 (progress->wait, text) != 0) {
    if (!progress->held)
      clear_row (progress);
    g_free (progress->wait);
    progress->wait = g_strdup (text);
    if (!progress->held)
      show_row (progress);
  }
  g_mutex_unlock (&progress->lock);
}

void
mc_progress_hold (McProgress *progress)
{
  g_mutex_lock (&progress->lock);
  clear_row (progress);
  progress->held = TRUE;
  g_mutex_unlock (&progress->lock);
}

void
mc_progress_release (McProgress *progress)
{
  g_mutex_lock (&progress->lock);
  progress->held = FALSE;
  if (progress->later->len > 0)
    mc_cli_say (stderr, progress->later->str);
  g_string_truncate (progress->later, 0);
  show_row (progress);
  g_mutex_unlock (&progress->lock);
}

void
mc_progress_free (McProgress *progress)
{
  if (progress == NULL)
    return;
  clear_row (progress);
  fflush (stderr);
  g_free (progress->wait);
  g_string_free (progress->later, TRUE);
  g_mutex_clear (&progress->lock);
  g_free (progress);
}
