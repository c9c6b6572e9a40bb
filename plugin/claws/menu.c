/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws.h"

#include <main.h>
#include <menu.h>

#define ACTION "Tools/Mailcert"

static struct {
  McSession *session;
  guint id;
} menu;

static void
activate (GtkAction *action, gpointer data)
{
  (void)action, (void)data;
  mc_session_show (menu.session);
}

void
mc_claws_menu_begin (McSession *session)
{
  MainWindow *main = mainwindow_get_mainwindow ();
  GtkActionEntry entry = {ACTION, NULL, NULL, NULL, NULL, G_CALLBACK (activate)};

  entry.label = _ ("_Get S/MIME certificate…");
  menu.session = session;
  gtk_action_group_add_actions (mc_fields_action_group (main), &entry, 1, NULL);
  MENUITEM_ADDUI_ID_MANAGER (mc_fields_ui_manager (main), "/Menu/Tools", "Mailcert", ACTION, GTK_UI_MANAGER_MENUITEM,
                             menu.id)
}

void
mc_claws_menu_end (void)
{
  MainWindow *main = mainwindow_get_mainwindow ();

  if (main != NULL && !claws_is_exiting ())
    MENUITEM_REMUI_MANAGER (mc_fields_ui_manager (main), mc_fields_action_group (main), ACTION, menu.id)
}
