/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "notify.h"

#include "text-parts.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define ANSWER_MS 2000 /* of the bus and of whoever shows notifications */

struct McNotifier {
  GMutex lock; /* what follows */
  GCond idle;
  GThread *thread;
  GAsyncQueue *bodies; /* of char *; END ends the thread */
  GCancellable *cancel;
  guint waiting; /* not shown yet */
};

static char end[] = "";
#define END end

/* The session's bus as systemd has it, where a bare environment (a timer, a mail filter) does not say. GLib's own
 * search would go on to start programs. */
static char *
bus_address (void)
{
  const char *given = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  g_autofree char *path = g_strdup_printf ("/run/user/%u/bus", (guint)getuid ());
  g_autofree char *escaped = g_dbus_address_escape_value (path);
  GStatBuf info;

  if (given != NULL)
    return g_strdup (given);
  if (g_stat (path, &info) != 0 || info.st_uid != getuid () || !S_ISSOCK (info.st_mode))
    return NULL;
  return g_strconcat ("unix:path=", escaped, NULL);
}

static GDBusConnection *
connect_bus (GCancellable *cancel)
{
  g_autofree char *address = bus_address ();
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus;

  if (address == NULL || *address == '\0')
    return NULL;
  /* A connection of our own: the shared one ends the process when the bus goes. */
  bus = g_dbus_connection_new_for_address_sync (
      address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
      cancel, &error);
  if (bus == NULL)
    g_debug ("no notification: %s", error->message);
  return bus;
}

static void
show (GDBusConnection *bus, const char *body, GCancellable *cancel)
{
  g_autofree char *escaped = g_markup_escape_text (body, -1); /* the body may hold markup, by its specification */
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;
  GVariantBuilder actions, hints;

  g_variant_builder_init (&actions, G_VARIANT_TYPE ("as"));
  g_variant_builder_init (&hints, G_VARIANT_TYPE ("a{sv}"));
  answer = g_dbus_connection_call_sync (bus, "org.freedesktop.Notifications", "/org/freedesktop/Notifications",
                                        "org.freedesktop.Notifications", "Notify",
                                        g_variant_new ("(susssasa{sv}i)", "mailcert", 0u, "security-high",
                                                       _ ("S/MIME certificate"), escaped, &actions, &hints, -1),
                                        NULL, G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, cancel, &error);
  if (answer == NULL)
    g_debug ("no notification: %s", error->message);
}

static gpointer
speak (gpointer data)
{
  McNotifier *self = data;
  g_autoptr (GDBusConnection) bus = connect_bus (self->cancel);

  for (;;) {
    char *body = g_async_queue_pop (self->bodies);

    if (body == END)
      break;
    if (bus != NULL)
      show (bus, body, self->cancel);
    g_free (body);
    g_mutex_lock (&self->lock);
    if (--self->waiting == 0)
      g_cond_signal (&self->idle);
    g_mutex_unlock (&self->lock);
  }
  if (bus != NULL)
    g_dbus_connection_close_sync (bus, self->cancel, NULL);
  return NULL;
}

McNotifier *
mc_notifier_new (void)
{
  McNotifier *self = g_new0 (McNotifier, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->idle);
  self->bodies = g_async_queue_new ();
  self->cancel = g_cancellable_new ();
  return self;
}

void
mc_notifier_show (McNotifier *self, const char *body)
{
  g_mutex_lock (&self->lock);
  self->waiting++;
  if (self->thread == NULL)
    self->thread = g_thread_new ("mailcert-notify", speak, self);
  g_async_queue_push (self->bodies, g_strdup (body));
  g_mutex_unlock (&self->lock);
}

void
mc_notifier_tell (const McOccasion *occasion, gpointer data)
{
  g_autofree char *next = NULL;
  g_autofree char *sentence = mc_text_occasion (occasion, g_get_real_time () / G_USEC_PER_SEC, &next);
  g_autofree char *body = next != NULL ? g_strdup_printf ("%s\n%s", sentence, next) : g_strdup (sentence);

  mc_notifier_show (data, body);
}

void
mc_notifier_free (McNotifier *self)
{
  gint64 until = g_get_monotonic_time () + ANSWER_MS * G_TIME_SPAN_MILLISECOND;

  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  while (self->waiting > 0 && g_cond_wait_until (&self->idle, &self->lock, until))
    continue;
  g_mutex_unlock (&self->lock);
  if (self->waiting > 0)
    g_cancellable_cancel (self->cancel);
  if (self->thread != NULL) {
    g_async_queue_push (self->bodies, END);
    g_thread_join (self->thread);
  }
  g_async_queue_unref (self->bodies);
  g_object_unref (self->cancel);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->idle);
  g_free (self);
}
