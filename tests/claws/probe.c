/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <claws-features.h>

#include <glib-unix.h>
#include <plugin.h>
#include <signal.h>

/* A plugin for tests: unloads mailcert and loads it again when it gets SIGUSR1. Its file stands in MAILCERT_PLUGIN. */

static guint source;

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

gint
plugin_init (gchar **error)
{
  (void)error;
  source = g_unix_signal_add (SIGUSR1, reload, NULL);
  return 0;
}

gboolean
plugin_done (void)
{
  g_source_remove (source);
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
  return "Loads and unloads mailcert.";
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
