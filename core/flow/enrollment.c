/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/enrollment.h"

#include "acme/revocation.h"
#include "base/error.h"
#include "base/mutant.h"
#include "base/secret.h"
#include "mail/address.h"

#include <string.h>

/* The record must stay readable through mc_json_parse's limit: the oldest entries go when an order is retried for ever.
 */
#define HISTORY_MAX 128
#define DETAIL_MAX 300

const char *
mc_enrollment_state_name (McEnrollmentState state)
{
  static const char *const names[] = {"NEW",    "ACCOUNT",   "ORDERED", "READY",  "FINALIZING",
                                      "ISSUED", "INSTALLED", "FAILED",  "EXPIRED"};

  g_return_val_if_fail ((gsize)state < G_N_ELEMENTS (names), "NEW");
  return names[state];
}

const char *
mc_address_state_name (McAddressState state)
{
  static const char *const names[] = {"NEW",    "AWAIT_MAIL", "REPLY_READY", "SENDING",
                                      "QUEUED", "REPLIED",    "POSTED",      "VALID"};

  g_return_val_if_fail ((gsize)state < G_N_ELEMENTS (names), "NEW");
  return names[state];
}

static void
address_free (gpointer p)
{
  McEnrollmentAddress *a = p;

  g_free (a->address);
  g_free (a->authorization_url);
  g_free (a->challenge_url);
  mc_secret_string_free (a->token_part2);
  g_free (a->from);
  mc_secret_string_free (a->token_part1);
  g_free (a->challenge_message_id);
  g_free (a->signed_by);
  g_free (a->reply_to);
  g_free (a->reply_message_id);
  g_clear_pointer (&a->reply, g_bytes_unref);
  g_free (a->transport);
  g_free (a->bounced);
  g_free (a);
}

static void
keyring_free (gpointer p)
{
  McEnrollmentKeyring *keyring = p;

  g_free (keyring->spec);
  g_free (keyring->state);
  g_free (keyring->error);
  g_free (keyring->key_id);
  g_free (keyring);
}

static void
history_free (gpointer p)
{
  McHistoryEntry *entry = p;

  g_free (entry->state);
  g_free (entry->address);
  g_free (entry->detail);
  g_free (entry);
}

McEnrollment *
mc_enrollment_new (const char *ca, const char *directory, const char *const *addresses, gint64 now)
{
  McEnrollment *enrollment = g_new0 (McEnrollment, 1);

  enrollment->ca = g_strdup (ca);
  enrollment->directory = g_strdup (directory);
  enrollment->created = now;
  enrollment->since = now;
  enrollment->addresses = g_ptr_array_new_with_free_func (address_free);
  enrollment->authorization_urls = g_ptr_array_new_with_free_func (g_free);
  enrollment->abandoned = g_ptr_array_new_with_free_func (g_free);
  enrollment->keyrings = g_ptr_array_new_with_free_func (keyring_free);
  enrollment->history = g_ptr_array_new_with_free_func (history_free);
  for (gsize i = 0; addresses != NULL && addresses[i] != NULL; i++) {
    McEnrollmentAddress *address = g_new0 (McEnrollmentAddress, 1);

    address->address = g_strdup (addresses[i]);
    address->since = now;
    g_ptr_array_add (enrollment->addresses, address);
  }
  return enrollment;
}

void
mc_enrollment_free (McEnrollment *enrollment)
{
  if (enrollment == NULL)
    return;
  g_free (enrollment->ca);
  g_free (enrollment->directory);
  g_free (enrollment->profile);
  g_free (enrollment->replaces);
  g_ptr_array_unref (enrollment->addresses);
  g_free (enrollment->order_url);
  g_free (enrollment->finalize_url);
  g_free (enrollment->certificate_url);
  g_ptr_array_unref (enrollment->authorization_urls);
  g_ptr_array_unref (enrollment->abandoned);
  g_clear_pointer (&enrollment->key, g_bytes_unref);
  g_clear_pointer (&enrollment->csr, g_bytes_unref);
  g_free (enrollment->chain);
  g_free (enrollment->renewal_id);
  g_free (enrollment->renewal_explanation);
  g_free (enrollment->revocation);
  g_ptr_array_unref (enrollment->keyrings);
  g_free (enrollment->trust_root);
  g_clear_pointer (&enrollment->problem, mc_problem_free);
  g_ptr_array_unref (enrollment->history);
  g_free (enrollment);
}

McEnrollmentAddress *
mc_enrollment_address (const McEnrollment *enrollment, guint index)
{
  return index < enrollment->addresses->len ? g_ptr_array_index (enrollment->addresses, index) : NULL;
}

McEnrollmentAddress *
mc_enrollment_find (const McEnrollment *enrollment, const char *address)
{
  for (guint i = 0; i < enrollment->addresses->len; i++) {
    McEnrollmentAddress *candidate = g_ptr_array_index (enrollment->addresses, i);

    if (strcmp (candidate->address, address) == 0 || mc_address_equal (candidate->address, address))
      return candidate;
  }
  return NULL;
}

McEnrollmentKeyring *
mc_enrollment_keyring (const McEnrollment *enrollment, const char *spec)
{
  McEnrollmentKeyring *keyring;

  for (guint i = 0; i < enrollment->keyrings->len; i++) {
    keyring = g_ptr_array_index (enrollment->keyrings, i);
    if (strcmp (keyring->spec, spec) == 0)
      return keyring;
  }
  keyring = g_new0 (McEnrollmentKeyring, 1);
  keyring->spec = g_strdup (spec);
  keyring->state = g_strdup ("pending");
  g_ptr_array_add (enrollment->keyrings, keyring);
  return keyring;
}

void
mc_enrollment_note (McEnrollment *enrollment, gint64 now, const char *state, const char *address, const char *detail)
{
  McHistoryEntry *entry = g_new0 (McHistoryEntry, 1);

  entry->at = now;
  entry->state = g_strdup (state);
  entry->address = g_strdup (address);
  entry->detail = detail != NULL ? mc_text_sanitize (detail, DETAIL_MAX) : NULL;
  /* The first entry says who asked for what; it stays. */
  if (enrollment->history->len >= HISTORY_MAX)
    g_ptr_array_remove_index (enrollment->history, 1);
  g_ptr_array_add (enrollment->history, entry);
}

void
mc_enrollment_know_certificate (McEnrollment *enrollment, const McCertificateInfo *leaf)
{
  enrollment->not_before = MAX (leaf->not_before, 0); /* a time of the record is none before 1970 */
  enrollment->not_after = MAX (leaf->not_after, 0);
  g_free (enrollment->renewal_id);
  enrollment->renewal_id = g_strdup (leaf->renewal_id);
}

gboolean
mc_enrollment_is_open (const McEnrollment *enrollment)
{
  return enrollment->state != MC_ENROLLMENT_INSTALLED && enrollment->state != MC_ENROLLMENT_FAILED &&
         enrollment->state != MC_ENROLLMENT_EXPIRED;
}

gboolean
mc_enrollment_is_revoked (const McEnrollment *enrollment)
{
  return enrollment->revocation != NULL || enrollment->revoked_at != 0;
}

gboolean
mc_enrollment_is_compromised (const GPtrArray *all, const McEnrollment *enrollment)
{
  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    if (g_strcmp0 (e->revocation, mc_reason_name (MC_REASON_KEY_COMPROMISE)) == 0 && e->key != NULL &&
        enrollment->key != NULL && g_bytes_equal (e->key, enrollment->key))
      return TRUE;
  }
  return FALSE;
}

gboolean
mc_enrollment_needs_account (const McEnrollment *enrollment)
{
  return enrollment->state < MC_ENROLLMENT_ISSUED || enrollment->abandoned->len > 0;
}

gboolean
mc_enrollment_has_challenge (const McEnrollment *enrollment)
{
  return enrollment->state == MC_ENROLLMENT_ORDERED;
}

gboolean
mc_enrollment_awaits_mail (const McEnrollment *enrollment)
{
  if (enrollment->state != MC_ENROLLMENT_ORDERED)
    return FALSE;
  for (guint i = 0; i < enrollment->addresses->len; i++) {
    const McEnrollmentAddress *address = g_ptr_array_index (enrollment->addresses, i);

    if (address->state == MC_ADDRESS_NEW || address->state == MC_ADDRESS_AWAIT_MAIL)
      return TRUE;
  }
  return FALSE;
}

McAccount *
mc_account_new (const char *directory)
{
  McAccount *account = g_new0 (McAccount, 1);

  account->directory = g_strdup (directory);
  return account;
}

void
mc_account_close (McAccount *account)
{
  account->deactivated = TRUE;
  g_clear_pointer (&account->url, g_free);
  g_clear_pointer (&account->new_key, g_bytes_unref);
  g_clear_pointer (&account->terms, g_free);
  g_clear_pointer (&account->binding_kid, g_free);
}

void
mc_account_free (McAccount *account)
{
  if (account == NULL)
    return;
  g_free (account->directory);
  g_free (account->url);
  g_clear_pointer (&account->key, g_bytes_unref);
  g_clear_pointer (&account->new_key, g_bytes_unref);
  g_free (account->terms);
  g_free (account->binding_kid);
  g_free (account->learned_trigger);
  g_free (account);
}

gint64
mc_enrollment_ordered_since (const McEnrollment *enrollment)
{
  if (enrollment->ordered_at == 0 || enrollment->ca_ordered_at == 0 || MC_MUTANT ("flow-own-clock"))
    return enrollment->ordered_at;
  return MIN (enrollment->ordered_at, enrollment->ca_ordered_at);
}
