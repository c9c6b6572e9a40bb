/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What stands in Claws Mail's own files, for claws-doctor: pure. */

typedef struct {
  gboolean found; /* an account with the address */
  gboolean smime; /* its privacy system */
  gboolean sign;  /* by default */
  char *choice;   /* "CUSTOM;FINGERPRINT", "BY_FROM;", "DEFAULT;", or NULL */
} McClawsSettings;

/* The account of ADDRESS in the text of an accountrc; the first, if there are several. Clear it. */
McClawsSettings mc_claws_settings_find (const char *accountrc, const char *address);
void mc_claws_settings_clear (McClawsSettings *account);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McClawsSettings, mc_claws_settings_clear)

/* In a block [Plugins_...] of a clawsrc each line is the file of one plugin: is PLUGIN, a file's name, among them? */
gboolean mc_claws_loads (const char *clawsrc, const char *plugin);

G_END_DECLS
