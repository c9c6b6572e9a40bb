/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/smime-header.h"

#include "base/mutant.h"
#include "mail/address.h"
#include "mail/smime-entity.h"
#include "mail/subject.h"

#include <string.h>

static gboolean
is_wrapper (const McContentType *type)
{
  return strcmp (type->type, "message/rfc822") == 0 || strcmp (type->type, "message/global") == 0;
}

/* What is wrong with a part whose header is not the mail's own; NULL when it wraps the mail. */
static const char *
wrapper_fault (const McMessage *entity, const McContentType *type)
{
  const char *forwarded = mc_content_type_parameter (type, "forwarded");

  if (!is_wrapper (type) && !MC_MUTANT ("smime-any-wrapper"))
    return "the header is not protected by the signature";
  if (forwarded != NULL && g_ascii_strcasecmp (forwarded, "no") != 0)
    return "a forwarded mail is signed, not this one";
  return mc_transfer_is_identity (entity) ? NULL : "the wrapped mail is encoded"; /* RFC 2046 5.2.1 */
}

McMessage *
mc_smime_protected_header (GBytes *part, const char **fault)
{
  g_autoptr (McMessage) entity = mc_message_parse (part);
  g_autoptr (McContentType) type = mc_content_type_of (entity);
  g_autoptr (GBytes) wrapped = NULL;
  const char *hp = type == NULL ? NULL : mc_content_type_parameter (type, "hp");

  *fault = NULL;
  if (entity->defect != MC_MESSAGE_FINE)
    return g_steal_pointer (&entity);
  if (type == NULL)
    *fault = "the header is not protected by the signature";
  else if (type->broken)
    *fault = "the Content-Type of the signed part cannot be read";
  else if (hp != NULL && g_ascii_strcasecmp (hp, "clear") != 0)
    *fault = "hp= of the signed part is not clear";
  else if (hp != NULL || (mc_content_type_says (type, "protected-headers", "v1") && !is_wrapper (type)))
    return g_steal_pointer (&entity);
  else
    *fault = wrapper_fault (entity, type);
  if (*fault != NULL)
    return NULL;
  wrapped = g_bytes_new_from_bytes (entity->bytes, entity->body, entity->length - entity->body);
  return mc_message_parse (wrapped);
}

/* --- inside against outside --- */

/* Runs of white space as one blank, since mail servers fold anew. */
static char *
squeeze (char *text)
{
  char *to = text;

  for (const char *p = text; *p != '\0'; p++) {
    if (*p != ' ' && *p != '\t')
      *to++ = *p;
    else if (to == text || to[-1] != ' ')
      *to++ = ' ';
  }
  *to = '\0';
  return text;
}

static gboolean
addresses_agree (const char *a, const char *b)
{
  g_autoptr (GPtrArray) first = mc_address_list_parse (a, strlen (a), NULL);
  g_autoptr (GPtrArray) second = mc_address_list_parse (b, strlen (b), NULL);

  if (first == NULL || second == NULL || first->len != second->len)
    return FALSE;
  for (guint i = 0; i < first->len; i++) {
    if (!mc_address_equal (first->pdata[i], second->pdata[i]))
      return FALSE;
  }
  return TRUE;
}

static gboolean
subjects_agree (const char *a, const char *b)
{
  gboolean foreign[2] = {FALSE, FALSE};
  g_autofree char *first = squeeze (mc_subject_decode (a, &foreign[0]));
  g_autofree char *second = squeeze (mc_subject_decode (b, &foreign[1]));

  return strcmp (first, second) == 0 && foreign[0] == foreign[1];
}

static gboolean
values_agree (const char *name, const char *outer, const char *inner)
{
  if (strcmp (outer, inner) == 0)
    return TRUE;
  if (strcmp (name, "Subject") == 0)
    return subjects_agree (outer, inner);
  return strcmp (name, "Message-ID") != 0 && addresses_agree (outer, inner);
}

/* The field NAME outside; USED: its value is used and must not be another. */
static const char *
field_fault (const McMessage *outer, const McMessage *inner, const char *name, gboolean used)
{
  g_autofree char *outer_value = mc_message_value (outer, name);
  g_autofree char *inner_value = mc_message_value (inner, name);

  if (outer_value == NULL)
    return NULL;
  if (inner_value == NULL)
    return strcmp (name, "Reply-To") == 0 ? NULL : "stands only outside the signature";
  return used && !values_agree (name, outer_value, inner_value) ? "says something else outside the signature" : NULL;
}

char *
mc_smime_difference (const McMessage *outer, const McMessage *inner)
{
  static const struct {
    const char *name;
    gboolean used;
  } fields[] = {{"From", TRUE},       {"To", TRUE},    {"Subject", TRUE},        {"Reply-To", TRUE},
                {"Message-ID", TRUE}, {"Date", FALSE}, {"Auto-Submitted", FALSE}};

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    const char *fault = field_fault (outer, inner, fields[i].name, fields[i].used);

    if (fault != NULL)
      return g_strdup_printf ("%s %s", fields[i].name, fault);
  }
  return NULL;
}
