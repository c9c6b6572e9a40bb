/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "acme/http-message.h"

G_BEGIN_DECLS

typedef struct McDirectory {
  char *new_nonce;
  char *new_account;
  char *new_order;
  char *revoke_cert; /* these three NULL where the CA has none */
  char *key_change;
  char *renewal_info;
  char *terms; /* meta.termsOfService or NULL */
  char *website;
  char **caa_identities; /* NULL-terminated, never NULL */
  gboolean binding_required;
  GPtrArray *profiles; /* of McProfile; empty where there are none (D01) */
} McDirectory;

typedef struct {
  char *name;
  char *description;
} McProfile;

/* MC_ERROR_MALFORMED says in one clause why this is no ACME directory (not JSON, no newOrder, a URL that is not https
 * ...). */
McDirectory *mc_directory_parse (GBytes *body, GError **error);
void mc_directory_free (McDirectory *directory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McDirectory, mc_directory_free)

G_END_DECLS
