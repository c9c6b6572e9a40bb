/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws.h"

#include "gtk/timing.h"

#include <compose.h>
#include <imap.h>
#include <inc.h>
#include <libintl.h>
#include <main.h>
#include <plugin.h>
#include <send_message.h>
#include <version.h>

#define NAME "mailcert"

static McSession *session;
static McClient client;

gboolean
mc_claws_is_busy (void)
{
  return procmsg_is_sending () || send_is_active () || inc_is_active () || imap_cancel_all_enabled () ||
         mc_fields_is_locked ();
}

static GtkWindow *
main_window (gpointer self)
{
  MainWindow *main = mainwindow_get_mainwindow ();

  (void)self;
  return main != NULL ? mc_fields_window (main) : NULL;
}

/* A grab is a menu or a modal window; a main loop inside the main loop is work that Claws Mail waits for. */
static gboolean
is_at_rest (gpointer self)
{
  GtkWindow *window = main_window (self);

  return window != NULL && gtk_widget_get_mapped (GTK_WIDGET (window)) && !mc_claws_is_busy () &&
         compose_get_compose_list () == NULL && gtk_grab_get_current () == NULL && g_main_depth () <= 1 &&
         !claws_is_exiting ();
}

/* MAILCERT_LOCALE_PATH: the translations of a mailcert that is not installed. */
static void
begin_language (void)
{
  const char *dir = g_getenv ("MAILCERT_LOCALE_PATH");

  /* Its own domain: the default one is Claws Mail's. */
  bindtextdomain (GETTEXT_PACKAGE, dir != NULL && *dir != '\0' ? dir : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}

gint
plugin_init (gchar **error)
{
  g_autoptr (GError) why = NULL;
  const McTransport *transport;
  const McInbox *inbox;

  /* Both ways: the layout of Claws Mail's structures is that of one version alone. */
  if (!check_plugin_version (VERSION_NUMERIC, VERSION_NUMERIC, NAME, error))
    return -1;
  begin_language ();
  client = (McClient){.window = main_window,
                      .addresses = mc_claws_addresses,
                      .wish = mc_claws_wish,
                      .ready = mc_claws_ready,
                      .has_certificate = mc_claws_has_certificate,
                      .is_at_rest = is_at_rest,
                      .recall = mc_claws_recall,
                      .keep = mc_claws_keep};
  transport = mc_claws_outbox_begin ();
  inbox = mc_claws_inbox_begin ();
  session = mc_session_new (transport, inbox, &client, &why);
  if (session == NULL) {
    *error = g_strdup (why->message);
    mc_claws_inbox_end ();
    mc_claws_outbox_end ();
    return -1;
  }
  mc_claws_inbox_follow (session);
  mc_claws_menu_begin (session);
  mc_claws_notice_begin (session);
  mc_claws_preferences_begin (session);
  mc_session_start (session);
  return 0;
}

gboolean
plugin_done (void)
{
  mc_claws_menu_end ();
  mc_claws_notice_end ();
  mc_claws_preferences_end ();
  /* First everybody who is waited for says so; then the thread ends; then nothing is posted any more. */
  mc_claws_inbox_follow (NULL);
  mc_claws_outbox_close ();
  mc_session_close (session);
  mc_session_free (session);
  mc_timing_tell ();
  session = NULL;
  mc_claws_inbox_end ();
  mc_claws_outbox_end ();
  return TRUE;
}

const gchar *
plugin_name (void)
{
  return NAME;
}

const gchar *
plugin_desc (void)
{
  return _ (
      "Gets S/MIME certificates for the addresses of your accounts, and renews them: Tools, Get S/MIME certificate.");
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
  return PACKAGE_VERSION;
}

struct PluginFeature *
plugin_provides (void)
{
  static struct PluginFeature features[] = {{PLUGIN_UTILITY, NAME}, {PLUGIN_NOTHING, NULL}};

  return features;
}
