/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "lifetime.h"

#include "pki/chain.h"

#include <string.h>

gboolean
mc_lifetime_is_due (const McEnrollment *e, gint64 now)
{
  g_autoptr (McChain) chain = e->chain != NULL ? mc_chain_parse (e->chain, strlen (e->chain), NULL) : NULL;
  g_autoptr (McCertificateInfo) info =
      chain != NULL ? mc_certificate_info_new (mc_chain_certificate (chain, 0), NULL) : NULL;

  if (info == NULL)
    return FALSE;
  if (e->renew_at != 0 && e->renew_at <= now)
    return TRUE;
  return info->not_before + (info->not_after - info->not_before) / 3 * 2 <= now;
}

gboolean
mc_lifetime_is_same (const McEnrollment *a, const McEnrollment *b)
{
  if (a->usage != b->usage || a->addresses->len != b->addresses->len || strcmp (a->directory, b->directory) != 0)
    return FALSE;
  for (guint i = 0; i < a->addresses->len; i++)
    if (mc_enrollment_find (b, mc_enrollment_address (a, i)->address) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
has_certificate (const McEnrollment *e)
{
  return e->state == MC_ENROLLMENT_INSTALLED || e->state == MC_ENROLLMENT_ISSUED;
}

gboolean
mc_lifetime_is_past (const GPtrArray *all, guint index)
{
  const McEnrollment *e = g_ptr_array_index (all, index);

  if (mc_enrollment_is_open (e))
    return FALSE;
  for (guint i = index + 1; i < all->len; i++) {
    const McEnrollment *later = g_ptr_array_index (all, i);

    if (mc_lifetime_is_same (e, later) && (has_certificate (later) || !has_certificate (e)))
      return TRUE;
  }
  return FALSE;
}

const McEnrollment *
mc_lifetime_attempt (const GPtrArray *all, guint index)
{
  const McEnrollment *e = g_ptr_array_index (all, index);
  const McEnrollment *attempt = NULL;

  for (guint i = index + 1; i < all->len; i++) {
    const McEnrollment *later = g_ptr_array_index (all, i);

    if (mc_lifetime_is_same (e, later))
      attempt = has_certificate (later) ? NULL : later;
  }
  return attempt;
}
