/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <claws-features.h>

#include <glib-unix.h>
#include <mainwindow.h>
#include <plugin.h>
#include <signal.h>

/* A plugin for tests: at SIGUSR1 it unloads mailcert, whose file stands in MAILCERT_PLUGIN, and loads it again; at
 * SIGUSR2 it chooses mailcert's entry in the menu, where no screen reader can. It tells of each beat of the main loop
 * that is slow: from the end of a poll to the beginning of the next, also where the program runs a loop inside. */

#define TOLD_US 5000

static guint sources[3];
static GPollFunc plain_poll;
static gint64 awake_since;

static gint
poll_and_count (GPollFD *fds, guint count, gint timeout)
{
  const gint64 now = g_get_monotonic_time ();
  gint result;

  if (awake_since != 0 && now - awake_since >= TOLD_US)
    g_message ("probe: beat at %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT " us", now, now - awake_since);
  result = plain_poll (fds, count, timeout);
  awake_since = g_get_monotonic_time ();
  return result;
}

static gboolean
reload (gpointer data)
{
  Plugin *plugin = plugin_get_loaded_by_name ("mailcert");
  char *error = NULL;

  (void)data;
  if (plugin != NULL)
    plugin_unload (plugin);
  g_message ("probe: unloaded, %s", plugin_get_loaded_by_name ("mailcert") != NULL ? "not gone" : "gone");
  plugin_load (g_getenv ("MAILCERT_PLUGIN"), &error);
  g_message ("probe: loaded, %s", error != NULL ? error : "fine");
  g_free (error);
  return G_SOURCE_CONTINUE;
}

static gboolean
choose (gpointer data)
{
  GtkAction *action = gtk_ui_manager_get_action (mainwindow_get_mainwindow ()->ui_manager, "/Menu/Tools/Mailcert");

  (void)data;
  if (action != NULL)
    gtk_action_activate (action);
  return G_SOURCE_CONTINUE;
}

static gboolean
begin (gpointer data)
{
  (void)data;
  sources[0] = 0;
  g_message ("probe: at work");
  return G_SOURCE_REMOVE;
}

gint
plugin_init (gchar **error)
{
  (void)error;
  plain_poll = g_main_context_get_poll_func (NULL);
  g_main_context_set_poll_func (NULL, poll_and_count);
  sources[0] = g_idle_add (begin, NULL);
  sources[1] = g_unix_signal_add (SIGUSR1, reload, NULL);
  sources[2] = g_unix_signal_add (SIGUSR2, choose, NULL);
  return 0;
}

gboolean
plugin_done (void)
{
  g_main_context_set_poll_func (NULL, plain_poll);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    if (sources[i] != 0)
      g_source_remove (sources[i]);
  return TRUE;
}

const gchar *
plugin_name (void)
{
  return "probe";
}

const gchar *
plugin_desc (void)
{
  return "Loads and unloads mailcert, and opens its window.";
}

const gchar *
plugin_type (void)
{
  return "GTK3";
}

const gchar *
plugin_licence (void)
{
  return "GPL3+";
}

const gchar *
plugin_version (void)
{
  return "1";
}

struct PluginFeature *
plugin_provides (void)
{
  static struct PluginFeature features[] = {{PLUGIN_UTILITY, "probe"}, {PLUGIN_NOTHING, NULL}};

  return features;
}
