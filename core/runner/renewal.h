/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mailcert.h"
#include "store/store.h"

G_BEGIN_DECLS

/* What mc_runner_renew would do, found out from the store alone: who has nothing to do needs no runner. */
typedef struct {
  GPtrArray *all;    /* of McEnrollment, oldest first */
  GPtrArray *open;   /* the rest borrowed from ALL: to be carried on */
  GPtrArray *fresh;  /* to be renewed */
  GPtrArray *doomed; /* to be renewed, but its CA wants it revoked first (renew = revoke-first): for a person to say */
  GPtrArray *checks; /* whose CA is to be asked about it */
  GPtrArray *tells;  /* about whose end a person has to hear */
} McRenewalList;

/* ATTENDED: a person waits here, or this process is the mail client. */
McRenewalList *mc_renewal_list_new (McStore *store, const McConfig *config, gboolean attended, const char *address,
                                    McRenewHow how, gint64 now, GError **error);
gboolean mc_renewal_list_is_empty (const McRenewalList *list);
void mc_renewal_list_free (McRenewalList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McRenewalList, mc_renewal_list_free)

G_END_DECLS
