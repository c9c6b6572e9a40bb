/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net-server.h"

#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE (30 * G_USEC_PER_SEC)

struct McTestServer {
  GSubprocess *process;
  GThread *reader;
  GMutex lock;
  GCond told;
  GPtrArray *events;
  guint expected; /* events before this one have been asked for */
  gboolean ended;
};

static char *pki_folder;

static char *
script_path (const char *name)
{
  const char *data = g_getenv ("MC_TEST_DATA");

  g_assert_nonnull (data);
  return g_build_filename (data, "..", "unit", "servers", name, NULL);
}

static void
remove_pki (void)
{
  g_autoptr (GDir) folder = g_dir_open (pki_folder, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *path = g_build_filename (pki_folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (pki_folder);
  g_clear_pointer (&pki_folder, g_free);
}

const char *
mc_test_pki (void)
{
  g_autofree char *script = script_path ("pki.py");
  const char *argv[] = {"/usr/bin/python3", script, NULL, NULL};
  g_autoptr (GError) error = NULL;
  int status = 0;

  if (pki_folder != NULL)
    return pki_folder;
  g_setenv ("PYTHONDONTWRITEBYTECODE", "1", TRUE); /* the source folder may be read-only */
  pki_folder = g_dir_make_tmp ("mailcert-net-XXXXXX", NULL);
  argv[2] = pki_folder;
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  atexit (remove_pki);
  return pki_folder;
}

char *
mc_test_pki_file (const char *name)
{
  return g_build_filename (mc_test_pki (), name, NULL);
}

static gpointer
read_events (gpointer user)
{
  McTestServer *server = user;
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (server->process));
  char *line;

  while ((line = g_data_input_stream_read_line (lines, NULL, NULL, NULL)) != NULL) {
    g_mutex_lock (&server->lock);
    if (!g_str_equal (line, "obeyed sync"))
      g_test_message ("server: %.300s", line);
    g_ptr_array_add (server->events, line);
    g_cond_broadcast (&server->told);
    g_mutex_unlock (&server->lock);
  }
  g_mutex_lock (&server->lock);
  server->ended = TRUE;
  g_cond_broadcast (&server->told);
  g_mutex_unlock (&server->lock);
  return NULL;
}

McTestServer *
mc_test_server_new (const char *script, ...)
{
  McTestServer *server = g_new0 (McTestServer, 1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *path = script_path (script);
  g_autofree char *ready = NULL;
  g_autoptr (GError) error = NULL;
  const char *word;
  va_list words;

  g_ptr_array_add (argv, (char *)"/usr/bin/python3");
  g_ptr_array_add (argv, path);
  g_ptr_array_add (argv, (char *)mc_test_pki ());
  va_start (words, script);
  while ((word = va_arg (words, const char *)) != NULL)
    g_ptr_array_add (argv, (char *)word);
  va_end (words);
  g_ptr_array_add (argv, NULL);
  server->process = g_subprocess_newv ((const char *const *)argv->pdata,
                                       G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_mutex_init (&server->lock);
  g_cond_init (&server->told);
  server->events = g_ptr_array_new_with_free_func (g_free);
  server->reader = g_thread_new ("events", read_events, server);
  ready = mc_test_server_expect (server, "ready");
  return server;
}

void
mc_test_server_free (McTestServer *server)
{
  g_output_stream_close (g_subprocess_get_stdin_pipe (server->process), NULL, NULL); /* it ends with its stdin */
  g_subprocess_wait (server->process, NULL, NULL);
  g_thread_join (server->reader);
  g_object_unref (server->process);
  g_ptr_array_unref (server->events);
  g_mutex_clear (&server->lock);
  g_cond_clear (&server->told);
  g_free (server);
}

static gboolean
matches (const char *line, const char *event)
{
  return g_str_has_prefix (line, event) && strchr (" ", line[strlen (event)]) != NULL;
}

char *
mc_test_server_expect (McTestServer *server, const char *event)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  char *line = NULL;

  g_mutex_lock (&server->lock);
  for (;;) {
    while (line == NULL && server->expected < server->events->len) {
      const char *next = g_ptr_array_index (server->events, server->expected++);

      if (matches (next, event))
        line = g_strdup (next);
    }
    if (line != NULL || server->ended || !g_cond_wait_until (&server->told, &server->lock, deadline))
      break;
  }
  g_mutex_unlock (&server->lock);
  if (line == NULL)
    g_error ("the server did not tell \"%s\"", event);
  return line;
}

void
mc_test_server_await (McTestServer *server, const char *event)
{
  g_free (mc_test_server_expect (server, event));
}

static guint
count_events (McTestServer *server, const char *event)
{
  guint count = 0;

  for (guint i = 0; i < server->events->len; i++)
    count += matches (g_ptr_array_index (server->events, i), event);
  return count;
}

guint
mc_test_server_count (McTestServer *server, const char *event)
{
  guint count;

  mc_test_server_tell (server, "sync"); /* what it told before is in our hands then */
  g_mutex_lock (&server->lock);
  count = count_events (server, event);
  g_mutex_unlock (&server->lock);
  return count;
}

gboolean
mc_test_server_saw (McTestServer *server, const char *event)
{
  return mc_test_server_count (server, event) > 0;
}

guint16
mc_test_server_port (McTestServer *server, const char *name)
{
  g_autofree char *event = g_strconcat ("port ", name, NULL);
  guint16 port = 0;

  g_mutex_lock (&server->lock);
  for (guint i = 0; i < server->events->len; i++)
    if (matches (g_ptr_array_index (server->events, i), event))
      port = (guint16)atoi (strrchr (g_ptr_array_index (server->events, i), ' '));
  g_mutex_unlock (&server->lock);
  g_assert_cmpuint (port, !=, 0);
  return port;
}

void
mc_test_server_tell (McTestServer *server, const char *command)
{
  g_autofree char *line = g_strconcat (command, "\n", NULL);
  g_autofree char *verb = g_strndup (command, strcspn (command, " "));
  g_autofree char *event = g_strconcat ("obeyed ", verb, NULL);
  GOutputStream *pipe = g_subprocess_get_stdin_pipe (server->process);
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  guint before;

  g_mutex_lock (&server->lock);
  before = count_events (server, event);
  g_mutex_unlock (&server->lock);
  g_assert_true (g_output_stream_write_all (pipe, line, strlen (line), NULL, NULL, NULL));
  g_mutex_lock (&server->lock);
  while (count_events (server, event) == before)
    g_assert_true (g_cond_wait_until (&server->told, &server->lock, deadline));
  g_mutex_unlock (&server->lock);
}
