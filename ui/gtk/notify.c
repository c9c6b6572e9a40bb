/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include <gio/gio.h>

/* The desktop may have nobody who shows notifications: the window and the status say the same. */
static void
sent (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  (void)data;
  if (answer == NULL)
    g_debug ("no notification: %s", error->message);
}

static void
connected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) words = data;
  GDBusConnection *bus = g_bus_get_finish (result, &error);

  (void)source;
  if (bus == NULL) {
    g_debug ("no notification: %s", error->message);
    return;
  }
  g_dbus_connection_call (bus, "org.freedesktop.Notifications", "/org/freedesktop/Notifications",
                          "org.freedesktop.Notifications", "Notify", words, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          sent, NULL);
  g_object_unref (bus);
}

void
mc_notify (const char *summary, const char *body)
{
  GVariantBuilder actions, hints;
  g_autofree char *escaped = g_markup_escape_text (body, -1); /* the body may hold markup, by its specification */

  g_variant_builder_init (&actions, G_VARIANT_TYPE ("as"));
  g_variant_builder_init (&hints, G_VARIANT_TYPE ("a{sv}"));
  g_bus_get (G_BUS_TYPE_SESSION, NULL, connected,
             g_variant_ref_sink (g_variant_new ("(susssasa{sv}i)", "mailcert", 0u, "security-high", summary, escaped,
                                                &actions, &hints, -1)));
}
