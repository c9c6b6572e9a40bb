/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RFC 9773: when the CA would like a certificate to be renewed. */
typedef struct {
  gint64 start;
  gint64 end;
  char *explanation; /* URL or NULL */
} McRenewalInfo;

McRenewalInfo *mc_renewal_info_parse (GBytes *body, GError **error); /* end <= start is malformed (C06) */
void mc_renewal_info_free (McRenewalInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McRenewalInfo, mc_renewal_info_free)

G_END_DECLS
