/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/dkim.h"

#include "base/error.h"
#include "base/mutant.h"
#include "mail/address.h"
#include "mail/tag-list.h"

#include <string.h>

#define DOMAINS_MAX (253 - 12) /* with "._domainkey." between them they are a DNS name */

static gboolean
parse_algorithm (const McTagList *list, McDkimAlgorithm *out)
{
  static const char *const names[] = {"rsa-sha256", "ed25519-sha256", "rsa-sha1"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (mc_tag_list_says (list, "a", names[i])) {
      *out = (McDkimAlgorithm)i;
      return TRUE;
    }
  }
  return FALSE;
}

/* c= : for the header and, behind a slash, for the body; simple where it says nothing. */
static gboolean
parse_canonicalization (const McTagList *list, McDkimSignature *signature)
{
  static const struct {
    const char *text;
    gboolean header_relaxed;
    gboolean body_relaxed;
  } values[] = {
      {"relaxed/relaxed", TRUE, TRUE}, {"relaxed/simple", TRUE, FALSE}, {"relaxed", TRUE, FALSE},
      {"simple/simple", FALSE, FALSE}, {"simple/relaxed", FALSE, TRUE}, {"simple", FALSE, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    if (mc_tag_list_says (list, "c", values[i].text)) {
      signature->header_relaxed = values[i].header_relaxed;
      signature->body_relaxed = values[i].body_relaxed;
      return TRUE;
    }
  }
  return mc_tag_list_find (list, "c") == NULL;
}

/* A decimal number, 0 where there is no such tag; more than 12 digits are endless (RFC 6376 3.5). */
static gboolean
parse_number (const McTagList *list, const char *name, gint64 *out)
{
  const McTag *tag = mc_tag_list_find (list, name);

  *out = 0;
  if (tag == NULL)
    return TRUE;
  if (tag->length == 0 || tag->length > 76)
    return FALSE;
  for (gsize i = 0; i < tag->length; i++) {
    if (!g_ascii_isdigit (tag->value[i]))
      return FALSE;
    *out = i < 12 ? *out * 10 + g_ascii_digit_value (tag->value[i]) : G_MAXINT64;
  }
  return TRUE;
}

static char *
parse_domain (const McTagList *list, const char *name)
{
  g_autofree char *text = mc_tag_list_text (list, name);

  return text == NULL ? NULL : mc_domain_to_ascii (text);
}

/* i= : [local-part] "@" d= or a name below it. */
static gboolean
parse_identity (const McTagList *list, McDkimSignature *signature)
{
  g_autofree char *text = mc_tag_list_text (list, "i");
  const char *domain = text == NULL ? NULL : mc_address_domain (text);
  gsize below;

  if (text == NULL) {
    signature->identity_domain = g_strdup (signature->domain);
    return TRUE;
  }
  signature->identity_domain = domain == NULL ? NULL : mc_domain_to_ascii (domain);
  if (signature->identity_domain == NULL || !g_str_has_suffix (signature->identity_domain, signature->domain))
    return FALSE;
  below = strlen (signature->identity_domain) - strlen (signature->domain);
  return MC_MUTANT ("dkim-identity-by-suffix") || below == 0 || signature->identity_domain[below - 1] == '.';
}

/* h= : the names between the colons, as one copy of the text with a NUL behind each. */
static gboolean
parse_fields (const McTagList *list, McDkimSignature *signature)
{
  const char *white = " \t\r\n";
  char *p = signature->names = mc_tag_list_text (list, "h");
  gboolean more = TRUE;

  while (p != NULL && more && signature->n_fields < G_N_ELEMENTS (signature->fields)) {
    gsize length;
    char *end;

    p += strspn (p, white);
    length = strcspn (p, ": \t\r\n");
    end = p + length + strspn (p + length, white);
    if (length == 0 || (*end != ':' && *end != '\0'))
      return FALSE;
    signature->fields[signature->n_fields++] = p;
    more = *end == ':';
    p[length] = '\0';
    p = end + 1;
  }
  return !more;
}

static gboolean
parse_hashes (const McTagList *list, McDkimSignature *signature)
{
  g_autoptr (GBytes) body_hash = mc_tag_list_base64 (list, "bh");
  gsize length = signature->algorithm == MC_DKIM_RSA_SHA1 ? 20 : sizeof signature->body_hash;

  signature->signature = mc_tag_list_base64 (list, "b");
  if (signature->signature == NULL || body_hash == NULL || g_bytes_get_size (body_hash) != length)
    return FALSE;
  memcpy (signature->body_hash, g_bytes_get_data (body_hash, NULL), length);
  return TRUE;
}

/* The name of the first tag that RFC 6376 3.5 does not allow, or NULL. */
static const char *
parse_tags (const McTagList *list, McDkimSignature *signature)
{
  gint64 length;

  if (!mc_tag_list_says (list, "v", "1"))
    return "v";
  if (!parse_algorithm (list, &signature->algorithm))
    return "a";
  if (!parse_canonicalization (list, signature))
    return "c";
  signature->domain = parse_domain (list, "d");
  signature->selector = parse_domain (list, "s");
  if (signature->domain == NULL)
    return "d";
  if (signature->selector == NULL || strlen (signature->selector) + strlen (signature->domain) > DOMAINS_MAX)
    return "s";
  if (!parse_identity (list, signature))
    return "i";
  if (!parse_fields (list, signature))
    return "h";
  if (!parse_hashes (list, signature))
    return signature->signature == NULL ? "b" : "bh";
  if (mc_tag_list_find (list, "q") != NULL && !mc_tag_list_lists (list, "q", "dns/txt"))
    return "q";
  if (!parse_number (list, "l", &length))
    return "l";
  if (!parse_number (list, "t", &signature->signed_at))
    return "t";
  if (!parse_number (list, "x", &signature->expires) ||
      (mc_tag_list_find (list, "x") != NULL && signature->expires <= signature->signed_at))
    return "x";
  return NULL;
}

McDkimSignature *
mc_dkim_signature_parse (const char *value, gsize length, GError **error)
{
  g_autoptr (McDkimSignature) signature = g_new0 (McDkimSignature, 1);
  McTagList list;
  const char *fault;
  const McTag *b;

  if (!mc_tag_list_parse (value, length, &list, error))
    return NULL;
  fault = parse_tags (&list, signature);
  if (fault != NULL) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "%s= is missing or not as RFC 6376 wants it", fault);
    return NULL;
  }
  signature->has_length = mc_tag_list_find (&list, "l") != NULL;
  b = mc_tag_list_find (&list, "b");
  signature->b_start = (gsize)(b->start - value);
  signature->b_end = (gsize)(b->end - value);
  return g_steal_pointer (&signature);
}

void
mc_dkim_signature_free (McDkimSignature *signature)
{
  if (signature == NULL)
    return;
  g_free (signature->domain);
  g_free (signature->selector);
  g_free (signature->identity_domain);
  g_free (signature->names);
  g_clear_pointer (&signature->signature, g_bytes_unref);
  g_free (signature);
}

char *
mc_dkim_signature_key_name (const McDkimSignature *signature)
{
  return g_strdup_printf ("%s._domainkey.%s", signature->selector, signature->domain);
}

static gboolean
covers (const McDkimSignature *signature, const char *name)
{
  for (guint i = 0; i < signature->n_fields; i++) {
    if (g_ascii_strcasecmp (signature->fields[i], name) == 0)
      return TRUE;
  }
  return FALSE;
}

/* The six that every challenge must have signed, and the others where they are there or the policy wants all (A38). */
static gboolean
must_be_signed (const McMessage *mail, guint i, McDkimHeaders policy)
{
  if (i < MC_MESSAGE_NEEDED)
    return !MC_MUTANT ("dkim-needed-field-unsigned");
  if (policy == MC_DKIM_HEADERS_STRICT)
    return !MC_MUTANT ("dkim-never-strict");
  return !MC_MUTANT ("dkim-present-field-unsigned") && mc_message_count (mail, mc_message_signed_fields[i]) > 0;
}

/* Replies have no Auto-Submitted (A55). */
const char *
mc_dkim_missing_reply_field (const McDkimSignature *signature, const McMessage *mail)
{
  for (guint i = 0; mc_message_signed_fields[i] != NULL; i++) {
    const char *name = mc_message_signed_fields[i];

    if (strcmp (name, "Auto-Submitted") != 0 && (mail == NULL || i == 0 || mc_message_count (mail, name) > 0) &&
        !covers (signature, name))
      return name;
  }
  return NULL;
}

const char *
mc_dkim_missing_field (const McDkimSignature *signature, const McMessage *mail, McDkimHeaders policy)
{
  if (policy == MC_DKIM_HEADERS_REPLY)
    return mc_dkim_missing_reply_field (signature, mail);
  for (guint i = 0; mc_message_signed_fields[i] != NULL; i++) {
    if (must_be_signed (mail, i, policy) && !covers (signature, mc_message_signed_fields[i]))
      return mc_message_signed_fields[i];
  }
  return NULL;
}
