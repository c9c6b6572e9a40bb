/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Pieces that our windows have in common. All of them fit a screen of 360 pixels. */

/* Text that wraps. */
GtkWidget *mc_widget_text (const char *text);
/* The same, to be selected and copied. */
GtkWidget *mc_widget_sentence (const char *text);
/* In bold: what follows is about TEXT. */
GtkWidget *mc_widget_heading (const char *text);
/* Long words and long addresses on BUTTON must not make its window wider than a small screen. */
void mc_widget_let_wrap (GtkWidget *button);
/* Puts a label with TEXT (a mnemonic) and below it CHOICE into BOX; tied to each other for screen readers. */
void mc_widget_add_choice (GtkWidget *box, const char *text, GtkWidget *choice);
/* The buttons of DIALOG, of which RESPONSE is one, stand below each other: three are too wide for a small screen. */
void mc_widget_stack_buttons (GtkWidget *dialog, int response);
/* WINDOW can be used whatever modal window the mail program has up. How narrow it can be is said as a debug message. */
void mc_widget_begin_window (GtkWidget *window);
/* Brings WINDOW up. One that is not there yet comes in steps of the main loop: all at once, GTK needs a tenth of a
 * second for it on a slow machine, and the mail program stands still. */
void mc_widget_open (GtkWidget *window);
/* The same message for a page in somebody else's window. */
void mc_widget_tell_width (GtkWidget *page, const char *name);

G_END_DECLS
