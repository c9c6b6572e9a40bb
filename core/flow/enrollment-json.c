/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/enrollment.h"

#include "base/error.h"
#include "flow/members.h"
#include "pki/chain.h"

#include <string.h>

/* The stored form of the record. */

#define SCHEMA 1
#define TIME_MAX G_GINT64_CONSTANT (253402300799) /* 9999-12-31T23:59:59Z */

#define URL_MAX 2048
#define WORD_MAX 1000 /* addresses, Message-IDs, tokens, names: none of them honestly fills a line of mail (998) */
#define BLOB_MAX 65536

#define A(field) #field, G_STRUCT_OFFSET(McEnrollmentAddress, field)
static const McMember address_members[] = {
    {A (address), MC_MEMBER_TEXT, WORD_MAX, TRUE},
    {A (since), MC_MEMBER_TIME, TIME_MAX, TRUE},
    {A (authorization_url), MC_MEMBER_TEXT, URL_MAX, FALSE},
    {A (expires), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {A (fetched_at), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {A (challenge_url), MC_MEMBER_TEXT, URL_MAX, FALSE},
    {A (token_part2), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {A (from), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {A (token_part1), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {A (challenge_message_id), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {A (signed_by), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {A (reply_to), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {A (reply_message_id), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {A (reply), MC_MEMBER_BYTES, BLOB_MAX, FALSE},
    {A (transport), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {A (replied_at), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {A (unsure), MC_MEMBER_FLAG, 0, FALSE},
    {A (posted_at), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {A (post_answered), MC_MEMBER_FLAG, 0, FALSE},
    {A (send_failures), MC_MEMBER_NUMBER, G_MAXUINT32, FALSE},
    {A (bounced), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {A (retry_at), MC_MEMBER_TIME, TIME_MAX, FALSE},
};
#undef A

#define E(field) #field, G_STRUCT_OFFSET(McEnrollment, field)
static const McMember enrollment_members[] = {
    {E (ca), MC_MEMBER_TEXT, WORD_MAX, TRUE},
    {E (directory), MC_MEMBER_TEXT, URL_MAX, TRUE},
    {E (profile), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {E (replaces), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {E (predecessor), MC_MEMBER_TIME, G_MAXINT64, FALSE},
    {E (tries), MC_MEMBER_NUMBER, G_MAXUINT32, FALSE},
    {E (failing_since), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (after), MC_MEMBER_TIME, G_MAXINT64, FALSE},
    {E (created), MC_MEMBER_TIME, TIME_MAX, TRUE},
    {E (since), MC_MEMBER_TIME, TIME_MAX, TRUE},
    {E (deadline), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (ordered_at), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (ca_ordered_at), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (attempts), MC_MEMBER_NUMBER, G_MAXUINT32, FALSE},
    {E (order_url), MC_MEMBER_TEXT, URL_MAX, FALSE},
    {E (order_expires), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (finalize_url), MC_MEMBER_TEXT, URL_MAX, FALSE},
    {E (certificate_url), MC_MEMBER_TEXT, URL_MAX, FALSE},
    {E (retry_at), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (failures), MC_MEMBER_NUMBER, G_MAXUINT32, FALSE},
    {E (csr), MC_MEMBER_BYTES, BLOB_MAX, FALSE},
    {E (chain), MC_MEMBER_TEXT, MC_CHAIN_MAX_BYTES, FALSE},
    {E (not_before), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (not_after), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (renewal_id), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {E (renew_at), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (renewal_start), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (renewal_end), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (renewal_explanation), MC_MEMBER_TEXT, URL_MAX, FALSE},
    {E (renewal_check_at), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (renewal_failures), MC_MEMBER_NUMBER, G_MAXUINT32, FALSE},
    {E (revocation), MC_MEMBER_TEXT, 32, FALSE},
    {E (revoked_at), MC_MEMBER_TIME, TIME_MAX, FALSE},
    {E (trust_root), MC_MEMBER_TEXT, 64, FALSE},
};
#undef E

#define K(field) #field, G_STRUCT_OFFSET(McEnrollmentKeyring, field)
static const McMember keyring_members[] = {
    {K (spec), MC_MEMBER_TEXT, 4096 + 32, TRUE},
    {K (state), MC_MEMBER_TEXT, 32, TRUE},
    {K (error), MC_MEMBER_TEXT, 4096, FALSE},
    {K (key_id), MC_MEMBER_TEXT, 4096 + 512, FALSE},
};
#undef K

#define H(field) #field, G_STRUCT_OFFSET(McHistoryEntry, field)
static const McMember history_members[] = {
    {H (at), MC_MEMBER_TIME, TIME_MAX, TRUE},
    {H (state), MC_MEMBER_TEXT, 32, TRUE},
    {H (address), MC_MEMBER_TEXT, WORD_MAX, FALSE},
    {H (detail), MC_MEMBER_TEXT, 4096, FALSE},
};
#undef H

/* --- out --- */

static void
addresses_compose (McJson *json, const GPtrArray *addresses)
{
  g_autoptr (McJson) array = mc_json_array_new ();

  for (guint i = 0; i < addresses->len; i++) {
    const McEnrollmentAddress *address = g_ptr_array_index (addresses, i);
    g_autoptr (McJson) element = mc_members_compose (address_members, G_N_ELEMENTS (address_members), address);

    mc_json_set_string (element, "state", mc_address_state_name (address->state));
    mc_json_append (array, element);
  }
  mc_json_set (json, "addresses", array);
}

char *
mc_enrollment_compose (const McEnrollment *enrollment)
{
  g_autoptr (McJson) json = mc_members_compose (enrollment_members, G_N_ELEMENTS (enrollment_members), enrollment);

  mc_json_set_integer (json, "schema", SCHEMA);
  mc_json_set_string (json, "state", mc_enrollment_state_name (enrollment->state));
  mc_json_set_string (json, "usage", mc_usage_name (enrollment->usage));
  mc_json_set_string (json, "key_kind", mc_key_kind_name (enrollment->key_kind));
  addresses_compose (json, enrollment->addresses);
  mc_member_list_compose (json, "authorization_urls", enrollment->authorization_urls, NULL, 0);
  mc_member_list_compose (json, "abandoned", enrollment->abandoned, NULL, 0);
  mc_member_list_compose (json, "keyrings", enrollment->keyrings, keyring_members, G_N_ELEMENTS (keyring_members));
  mc_member_list_compose (json, "history", enrollment->history, history_members, G_N_ELEMENTS (history_members));
  if (enrollment->problem != NULL) {
    g_autoptr (McJson) problem = mc_problem_compose (enrollment->problem);

    mc_json_set (json, "problem", problem);
  }
  return mc_json_compose (json);
}

/* --- in --- */

/* Enums are stored by name; NAMES in the order of the enum. */
static gboolean
name_parse (const McJson *json, const char *member, const char *const *names, guint count, guint *out, GError **error)
{
  const char *name;

  if (!mc_json_string (json, member, &name, error))
    return FALSE;
  for (guint i = 0; i < count; i++) {
    if (strcmp (name, names[i]) == 0) {
      *out = i;
      return TRUE;
    }
  }
  return mc_member_out_of_bounds (member, error);
}

static gboolean
address_state_parse (const McJson *json, McAddressState *out, GError **error)
{
  const char *names[MC_ADDRESS_VALID + 1];
  guint value = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    names[i] = mc_address_state_name ((McAddressState)i);
  if (!name_parse (json, "state", names, G_N_ELEMENTS (names), &value, error))
    return FALSE;
  *out = (McAddressState)value;
  return TRUE;
}

static gboolean
state_parse (const McJson *json, McEnrollmentState *out, GError **error)
{
  const char *names[MC_ENROLLMENT_EXPIRED + 1];
  guint value = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    names[i] = mc_enrollment_state_name ((McEnrollmentState)i);
  if (!name_parse (json, "state", names, G_N_ELEMENTS (names), &value, error))
    return FALSE;
  *out = (McEnrollmentState)value;
  return TRUE;
}

/* What the states promise to whoever acts on them: a reply that is to be sent must be there. */
static gboolean
address_is_whole (const McEnrollmentAddress *a)
{
  if (a->state == MC_ADDRESS_AWAIT_MAIL)
    return a->authorization_url != NULL && a->from != NULL;
  if (a->state == MC_ADDRESS_REPLY_READY || a->state == MC_ADDRESS_SENDING || a->state == MC_ADDRESS_QUEUED)
    return a->reply != NULL && a->reply_message_id != NULL && a->token_part1 != NULL;
  return TRUE;
}

static gboolean
addresses_parse (const McJson *json, McEnrollment *enrollment, GError **error)
{
  g_autoptr (McJson) array = NULL;

  if (!mc_member_array_parse (json, "addresses", TRUE, &array, error))
    return FALSE;
  for (gsize i = 0; i < mc_json_length (array); i++) {
    g_autoptr (McJson) element = mc_json_element (array, i);
    McEnrollmentAddress *address = g_new0 (McEnrollmentAddress, 1);

    g_ptr_array_add (enrollment->addresses, address);
    if (!mc_members_parse (element, address_members, G_N_ELEMENTS (address_members), address, error) ||
        !address_state_parse (element, &address->state, error)) {
      g_prefix_error (error, "addresses[%" G_GSIZE_FORMAT "]: ", i);
      return FALSE;
    }
    if (!address_is_whole (address)) {
      g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "addresses[%" G_GSIZE_FORMAT "]: not whole for its state", i);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
kinds_parse (const McJson *json, McEnrollment *enrollment, GError **error)
{
  const char *usages[] = {mc_usage_name (MC_USAGE_BOTH), mc_usage_name (MC_USAGE_SIGN),
                          mc_usage_name (MC_USAGE_ENCRYPT)};
  const char *kinds[MC_KEY_P384 + 1];
  guint usage = 0, kind = 0;
  gint64 schema;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    kinds[i] = mc_key_kind_name ((McKeyKind)i);
  if (!mc_json_integer (json, "schema", &schema, error))
    return FALSE;
  if (schema != SCHEMA)
    return mc_member_out_of_bounds ("schema", error);
  if (!name_parse (json, "usage", usages, G_N_ELEMENTS (usages), &usage, error) ||
      !name_parse (json, "key_kind", kinds, G_N_ELEMENTS (kinds), &kind, error) ||
      !state_parse (json, &enrollment->state, error))
    return FALSE;
  enrollment->usage = (McUsage)usage;
  enrollment->key_kind = (McKeyKind)kind;
  return TRUE;
}

static gboolean
problem_parse (const McJson *json, McEnrollment *enrollment, GError **error)
{
  g_autoptr (McJson) problem = NULL;

  if (!mc_json_has (json, "problem"))
    return TRUE;
  if (!mc_json_object (json, "problem", &problem, error))
    return FALSE;
  enrollment->problem = mc_problem_parse (problem);
  /* Ours, from the Retry-After header: a CA's own document cannot set it. */
  if (mc_json_has (problem, "retry_at"))
    return mc_time_parse (mc_json_string_or (problem, "retry_at", ""), &enrollment->problem->retry_at, error);
  return TRUE;
}

/* Records of before certificates' dates were kept: they stand in the certificate. */
static void
learn_dates (McEnrollment *e)
{
  g_autoptr (McChain) chain = NULL;
  g_autoptr (McCertificateInfo) info = NULL;

  if (e->chain == NULL || e->not_after != 0)
    return;
  chain = mc_chain_parse (e->chain, strlen (e->chain), NULL);
  info = chain != NULL ? mc_certificate_info_new (mc_chain_certificate (chain, 0), NULL) : NULL;
  if (info != NULL)
    mc_enrollment_know_certificate (e, info);
}

McEnrollment *
mc_enrollment_parse (const char *json_text, gsize length, GError **error)
{
  g_autoptr (McJson) json = mc_json_parse (json_text, length, error);
  g_autoptr (McEnrollment) e = NULL;

  if (json == NULL) {
    g_prefix_error (error, "enrollment record: ");
    return NULL;
  }
  e = mc_enrollment_new (NULL, NULL, NULL, 0);
  if (!kinds_parse (json, e, error) ||
      !mc_members_parse (json, enrollment_members, G_N_ELEMENTS (enrollment_members), e, error) ||
      !addresses_parse (json, e, error) ||
      !mc_member_list_parse (json, "authorization_urls", e->authorization_urls, NULL, 0, 0, error) ||
      !mc_member_list_parse (json, "abandoned", e->abandoned, NULL, 0, 0, error) ||
      !mc_member_list_parse (json, "keyrings", e->keyrings, keyring_members, G_N_ELEMENTS (keyring_members),
                             sizeof (McEnrollmentKeyring), error) ||
      !mc_member_list_parse (json, "history", e->history, history_members, G_N_ELEMENTS (history_members),
                             sizeof (McHistoryEntry), error) ||
      !problem_parse (json, e, error)) {
    g_prefix_error (error, "enrollment record: ");
    return NULL;
  }
  if ((e->state == MC_ENROLLMENT_ISSUED || e->state == MC_ENROLLMENT_INSTALLED) && e->chain == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "enrollment record: issued, but without a certificate");
    return NULL;
  }
  if (e->state == MC_ENROLLMENT_FINALIZING && e->csr == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "enrollment record: finalizing, but without a CSR");
    return NULL;
  }
  learn_dates (e);
  return g_steal_pointer (&e);
}
