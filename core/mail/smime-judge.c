/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/smime-judge.h"

#include "base/error.h"
#include "base/mutant.h"
#include "mail/address.h"
#include "mail/smime-cms.h"
#include "mail/smime-entity.h"
#include "mail/smime-header.h"
#include "pki/mail-name.h"

#include <string.h>

void
mc_smime_judgement_free (McSmimeJudgement *judgement)
{
  if (judgement == NULL)
    return;
  g_free (judgement->detail);
  g_free (judgement->signer);
  mc_message_free (judgement->header);
  g_free (judgement);
}

static void
settle (McSmimeJudgement *judgement, McVerdictCode code, const char *detail)
{
  judgement->code = code;
  g_free (judgement->detail);
  judgement->detail = g_strdup (detail);
}

/* --- what is signed --- */

static gboolean
is_opaque (const McContentType *type)
{
  return strcmp (type->type, "application/pkcs7-mime") == 0 || strcmp (type->type, "application/x-pkcs7-mime") == 0;
}

static gboolean
is_signature (const McContentType *type)
{
  return strcmp (type->type, "application/pkcs7-signature") == 0 ||
         strcmp (type->type, "application/x-pkcs7-signature") == 0;
}

/* A multipart/signed of another protocol is OpenPGP's: as good as unsigned here. */
static gboolean
is_smime (const McContentType *type)
{
  const char *protocol = mc_content_type_parameter (type, "protocol");

  if (strcmp (type->type, "multipart/signed") != 0)
    return is_opaque (type);
  return type->broken || (protocol != NULL && (g_ascii_strcasecmp (protocol, "application/pkcs7-signature") == 0 ||
                                               g_ascii_strcasecmp (protocol, "application/x-pkcs7-signature") == 0));
}

/* RFC 8551 3.5.3: the first part as it is, the signature in the second. */
static McSmimeSigned *
open_clear (const McMessage *mail, const McContentType *type, const char **fault)
{
  GBytes *parts[2] = {NULL, NULL};
  g_autoptr (GBytes) content = NULL;
  g_autoptr (GBytes) second = NULL;
  g_autoptr (GBytes) der = NULL;
  g_autoptr (McMessage) entity = NULL;
  g_autoptr (McContentType) second_type = NULL;

  if (!mc_multipart_split (mail, mc_content_type_parameter (type, "boundary"), parts, fault))
    return NULL;
  content = parts[0];
  second = parts[1];
  entity = mc_message_parse (second);
  second_type = mc_content_type_of (entity);
  if (second_type == NULL || second_type->broken || !is_signature (second_type)) {
    *fault = "the second part is no signature";
    return NULL;
  }
  der = mc_transfer_decode (entity, fault);
  return der == NULL ? NULL : mc_smime_open (der, content, fault);
}

/* RFC 8551 3.5.2. The parameter smime-type may be absent (3.2.2): the structure itself tells. */
static McSmimeSigned *
open_opaque (const McMessage *mail, const McContentType *type, const char **fault)
{
  g_autoptr (GBytes) der = NULL;

  if (mc_content_type_parameter (type, "smime-type") != NULL &&
      !mc_content_type_says (type, "smime-type", "signed-data")) {
    *fault = "this is not signed data";
    return NULL;
  }
  der = mc_transfer_decode (mail, fault);
  return der == NULL ? NULL : mc_smime_open (der, NULL, fault);
}

/* --- who signed --- */

static char *
from_of (const McMessage *header)
{
  g_autofree char *value = mc_message_count (header, "From") == 1 ? mc_message_value (header, "From") : NULL;

  return value == NULL ? NULL : mc_address_parse_one (value, strlen (value), NULL);
}

/* Does the certificate name FROM (A41)? SIGNER becomes the name that says so, else the first. The subject's own mail
 * address is not looked at. */
static gboolean
names_address (X509 *certificate, const char *from, char **signer)
{
  g_autoptr (GENERAL_NAMES) names = X509_get_ext_d2i (certificate, NID_subject_alt_name, NULL, NULL);

  for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num (names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value (names, i);
    g_autofree char *address = mc_mail_name_parse (name);
    gboolean found = address != NULL && from != NULL && mc_mail_name_equal (name, from);

    if (address != NULL && (found || *signer == NULL)) {
      g_free (*signer);
      *signer = mc_text_sanitize (address, MC_ADDRESS_MAX);
    }
    if (found)
      return TRUE;
  }
  return FALSE;
}

/* Everything after the signature itself, in the order in which the codes win. */
static void
judge_opened (McSmimeJudgement *judgement, const McMessage *mail, const McSmimeSigned *opened, GBytes *roots,
              gint64 now)
{
  const char *unprotected = NULL;
  g_autofree char *from = NULL;
  g_autofree char *distrust = mc_smime_distrust (opened, roots, now);
  g_autofree char *difference = NULL;
  gboolean named;

  judgement->header = mc_smime_protected_header (opened->content, &unprotected);
  from = from_of (judgement->header != NULL ? judgement->header : mail);
  named = names_address (opened->signer, from, &judgement->signer);
  if (judgement->header != NULL && !MC_MUTANT ("smime-any-outer-fields"))
    difference = mc_smime_difference (mail, judgement->header);
  if (distrust != NULL && !MC_MUTANT ("smime-any-root"))
    settle (judgement, MC_VERDICT_SMIME_UNTRUSTED, distrust);
  else if (!named && !MC_MUTANT ("smime-any-address"))
    settle (judgement, MC_VERDICT_SMIME_ADDRESS, "its certificate does not name the From address");
  else if (unprotected != NULL || difference != NULL)
    settle (judgement, MC_VERDICT_SMIME_HEADERS, unprotected != NULL ? unprotected : difference);
  else
    settle (judgement, MC_VERDICT_AUTHENTIC, "good");
}

McSmimeJudgement *
mc_smime_judge (const McMessage *mail, const McCaProfile *ca, gint64 now)
{
  g_autoptr (McContentType) type = mc_content_type_of (mail);
  g_autoptr (McSmimeSigned) opened = NULL;
  McSmimeJudgement *judgement;
  const char *fault = NULL;

  if (type == NULL || !is_smime (type))
    return NULL;
  judgement = g_new0 (McSmimeJudgement, 1);
  if (type->broken)
    fault = "the Content-Type cannot be read";
  else
    opened = is_opaque (type) ? open_opaque (mail, type, &fault) : open_clear (mail, type, &fault);
  if (opened == NULL)
    settle (judgement, MC_VERDICT_SMIME_INVALID, fault);
  else
    judge_opened (judgement, mail, opened, ca == NULL ? NULL : ca->mail_roots_pem, now);
  return judgement;
}

void
mc_smime_note_outside (const McMessage *mail, McVerdict *verdict)
{
  for (guint i = 0; mc_message_signed_fields[i] != NULL; i++) {
    if (!MC_MUTANT ("smime-duplicate-outside") && mc_message_count (mail, mc_message_signed_fields[i]) > 1) {
      g_autofree char *detail = g_strdup_printf ("%s stands more than once outside", mc_message_signed_fields[i]);

      mc_verdict_note (verdict, "fields", FALSE, MC_VERDICT_DUPLICATE_HEADER, detail);
    }
  }
  for (guint i = 0; i < mail->n_fields; i++) {
    if (mail->fields[i].name_length > 5 && g_ascii_strncasecmp (mail->data + mail->fields[i].start, "List-", 5) == 0) {
      mc_verdict_note (verdict, "list", FALSE, MC_VERDICT_LIST_MAIL,
                       "a List- field outside makes it mailing-list mail");
      return;
    }
  }
}
