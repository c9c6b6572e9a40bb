/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws.h"

#include <libintl.h>
#include <prefs_gtk.h>

/* Configuration, Preferences, Plugins: the page is the same for every mail program. */

static McSession *session;
static PrefsPage *page;

static void
create (PrefsPage *self, GtkWindow *window, gpointer data)
{
  (void)window, (void)data;
  mc_fields_page_show (self, mc_session_preferences (session));
}

/* The widget goes with its window. */
static void
destroy (PrefsPage *self)
{
  (void)self;
}

static void
save (PrefsPage *self)
{
  (void)self;
  mc_session_preferences_save (session);
}

void
mc_claws_preferences_begin (McSession *of)
{
  static char *path[3];
  static const char plugins[] = "Plugins"; /* Claws Mail's word, in its domain: the node that all plugins share */

  session = of;
  path[0] = gettext (plugins);
  path[1] = _ ("S/MIME certificates");
  page = mc_fields_page (path, create, destroy, save);
  prefs_gtk_register_page (page);
}

void
mc_claws_preferences_end (void)
{
  prefs_gtk_unregister_page (page);
}
