/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki/mail-name.h"

#include "base/error.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <string.h>

#define MAX_LOCAL_BYTES 64   /* RFC 5321 4.5.3.1.1 */
#define MAX_DOMAIN_BYTES 253 /* RFC 1035 2.3.4, as text without the root */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GENERAL_NAME, GENERAL_NAME_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ASN1_TYPE, ASN1_TYPE_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ASN1_STRING, ASN1_STRING_free)

/* What is wrong with a local part, or NULL. A quoted local part is legal in mail and read differently by every keyring:
 * not taken. */
static const char *
local_part_fault (const char *text, gsize length)
{
  if (length == 0)
    return "nothing before the @";
  if (length > MAX_LOCAL_BYTES)
    return "more than 64 bytes before the @";
  if (text[0] == '.' || text[length - 1] == '.' || g_strstr_len (text, (gssize)length, "..") != NULL)
    return "a dot in the wrong place";
  for (gsize i = 0; i < length; i++) {
    guchar c = (guchar)text[i];

    if (c < 0x80 && !g_ascii_isalnum (text[i]) && strchr ("!#$%&'+-/=?^_`{|}~.", text[i]) == NULL)
      return "a character that is not allowed before the @";
  }
  return NULL;
}

static const char *
domain_fault (const char *domain)
{
  g_autofree char *ascii = g_str_is_ascii (domain) ? g_strdup (domain) : g_hostname_to_ascii (domain);
  g_auto (GStrv) labels = NULL;

  if (ascii == NULL)
    return "its domain is no internationalized domain name";
  if (*ascii == '\0')
    return "nothing after the @";
  if (strlen (ascii) > MAX_DOMAIN_BYTES)
    return "its domain is too long";
  labels = g_strsplit (ascii, ".", -1);
  for (guint i = 0; labels[i] != NULL; i++) {
    gsize length = strlen (labels[i]);

    if (length == 0 || length > 63 || labels[i][0] == '-' || labels[i][length - 1] == '-')
      return "its domain is not a domain name";
    for (gsize j = 0; j < length; j++) {
      if (!g_ascii_isalnum (labels[i][j]) && labels[i][j] != '-')
        return "its domain is not a domain name";
    }
  }
  return NULL;
}

static const char *
unsafe_character_fault (const char *address)
{
  for (const char *p = address; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (c < 0x20 || (c >= 0x7f && c < 0xa0))
      return "a control character";
    /* A73; bidirectional controls and the like would show another address than the one that is certified. */
    if (g_unichar_isspace (c) || g_unichar_type (c) == G_UNICODE_FORMAT || c == 0xfeff)
      return "a space or an invisible character";
  }
  return NULL;
}

static const char *
address_fault (const char *address)
{
  const char *at, *fault;

  if (strnlen (address, 1024) >= 1024)
    return "far too long";
  if (!g_utf8_validate (address, -1, NULL))
    return "not UTF-8";
  fault = unsafe_character_fault (address);
  if (fault != NULL)
    return fault;
  at = strchr (address, '@');
  if (at == NULL)
    return "no @";
  if (strchr (at + 1, '@') != NULL)
    return "more than one @";
  fault = local_part_fault (address, (gsize)(at - address));
  return fault != NULL ? fault : domain_fault (at + 1);
}

gboolean
mc_mail_name_check (const char *address, GError **error)
{
  const char *fault = address_fault (address);

  if (fault != NULL) {
    g_autofree char *shown = mc_text_sanitize (address, 80);

    g_set_error (error, MC_ERROR, MC_ERROR_USAGE, "\"%s\" is not an address that can be certified: %s", shown, fault);
  }
  return fault == NULL;
}

char *
mc_mail_name_to_ascii_domain (const char *address, GError **error)
{
  const char *domain;
  g_autofree char *ascii = NULL;

  if (!mc_mail_name_check (address, error))
    return NULL;
  domain = strchr (address, '@') + 1;
  if (g_str_is_ascii (domain))
    return g_strdup (address);
  ascii = g_hostname_to_ascii (domain);
  return g_strdup_printf ("%.*s%s", (int)(domain - address), address, ascii);
}

/* In lower case and as A-labels from the "@" on; NULL for no address. */
static char *
comparable (const char *address)
{
  g_autofree char *plain = mc_mail_name_to_ascii_domain (address, NULL);

  if (plain == NULL)
    return NULL;
  for (char *p = strchr (plain, '@'); *p != '\0'; p++)
    *p = g_ascii_tolower (*p);
  return g_steal_pointer (&plain);
}

static gboolean
local_part_is_ascii (const char *address)
{
  g_autofree char *local = g_strndup (address, strcspn (address, "@"));

  return g_str_is_ascii (local);
}

static GENERAL_NAME *
mailbox_compose (const char *text)
{
  g_autoptr (GENERAL_NAME) name = GENERAL_NAME_new ();
  g_autoptr (ASN1_TYPE) value = ASN1_TYPE_new ();
  g_autoptr (ASN1_STRING) string = ASN1_STRING_type_new (V_ASN1_UTF8STRING);

  if (name == NULL || value == NULL || string == NULL || !ASN1_STRING_set (string, text, -1))
    return NULL;
  ASN1_TYPE_set (value, V_ASN1_UTF8STRING, g_steal_pointer (&string));
  if (!GENERAL_NAME_set0_othername (name, OBJ_nid2obj (NID_id_on_SmtpUTF8Mailbox), value))
    return NULL;
  g_steal_pointer (&value); /* name has it now */
  return g_steal_pointer (&name);
}

static GENERAL_NAME *
rfc822_name_compose (const char *text)
{
  g_autoptr (GENERAL_NAME) name = GENERAL_NAME_new ();
  g_autoptr (ASN1_STRING) string = ASN1_STRING_type_new (V_ASN1_IA5STRING);

  if (name == NULL || string == NULL || !ASN1_STRING_set (string, text, -1))
    return NULL;
  GENERAL_NAME_set0_value (name, GEN_EMAIL, g_steal_pointer (&string));
  return g_steal_pointer (&name);
}

GENERAL_NAME *
mc_mail_name_compose (const char *address, GError **error)
{
  g_autofree char *plain = mc_mail_name_to_ascii_domain (address, error);
  g_autofree char *lower = NULL;
  GENERAL_NAME *name;

  if (plain == NULL)
    return NULL;
  lower = comparable (plain);
  name = local_part_is_ascii (plain) ? rfc822_name_compose (plain) : mailbox_compose (lower);
  if (name == NULL) {
    ERR_clear_error ();
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INTERNAL, "cannot make a subjectAltName");
  }
  return name;
}

gboolean
mc_mail_name_is_mail (const GENERAL_NAME *name)
{
  return name->type == GEN_EMAIL ||
         (name->type == GEN_OTHERNAME && OBJ_obj2nid (name->d.otherName->type_id) == NID_id_on_SmtpUTF8Mailbox);
}

/* The string of a mail name and whether it is a SmtpUTF8Mailbox; NULL for other kinds. */
static const ASN1_STRING *
mail_string (const GENERAL_NAME *name, gboolean *is_mailbox)
{
  *is_mailbox = name->type == GEN_OTHERNAME;
  if (name->type == GEN_EMAIL)
    return name->d.rfc822Name;
  if (!mc_mail_name_is_mail (name) || name->d.otherName->value->type != V_ASN1_UTF8STRING)
    return NULL;
  return name->d.otherName->value->value.utf8string;
}

char *
mc_mail_name_parse (const GENERAL_NAME *name)
{
  gboolean is_mailbox;
  const ASN1_STRING *string = mail_string (name, &is_mailbox);
  g_autofree char *text = NULL;

  if (string == NULL || ASN1_STRING_length (string) <= 0)
    return NULL;
  text = g_strndup ((const char *)ASN1_STRING_get0_data (string), (gsize)ASN1_STRING_length (string));
  if (strlen (text) != (gsize)ASN1_STRING_length (string)) /* "a@good.example\0.evil.example" */
    return NULL;
  if (is_mailbox ? !g_utf8_validate (text, -1, NULL) : !g_str_is_ascii (text))
    return NULL;
  return g_steal_pointer (&text);
}

gboolean
mc_mail_name_equal (const GENERAL_NAME *name, const char *address)
{
  g_autofree char *text = mc_mail_name_parse (name);
  g_autofree char *have = text != NULL ? comparable (text) : NULL;
  g_autofree char *want = comparable (address);

  if (have == NULL || want == NULL || strcmp (have, want) != 0)
    return FALSE;
  /* Equal text in the wrong kind is no match: a SmtpUTF8Mailbox with an ASCII local part is forbidden (A71). */
  return (name->type == GEN_EMAIL) == local_part_is_ascii (want);
}
