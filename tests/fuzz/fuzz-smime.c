/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A mail, the last PEM block of which, if there is one, is what mail-roots says: through the reader of parts, the
 * decoders, CMS and the judge. A signature that holds with DKIM out of reach is authentic only with everything that a
 * reply needs, and only while there are roots. */

#include "mail/authenticity.h"
#include "mail/date.h"
#include "mail/smime-cms.h"
#include "mail/smime-entity.h"
#include "mail/smime-header.h"
#include "mail/smime-judge.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* The certificates of the seeds are as old as the mails. */
static gint64
time_of (const McMessage *mail)
{
  g_autofree char *date = mc_message_value (mail, "Date");
  gint64 at = 1795312260;

  if (date != NULL)
    mc_date_parse (date, &at, NULL);
  return at;
}

/* The parts by themselves, whatever the mail says that it is. */
static void
try_parts (const McMessage *mail)
{
  g_autoptr (McContentType) type = mc_content_type_of (mail);
  GBytes *parts[2] = {NULL, NULL};
  const char *fault = NULL;
  g_autoptr (GBytes) body = mc_transfer_decode (mail, &fault);
  g_autoptr (McSmimeSigned) opened = body == NULL ? NULL : mc_smime_open (body, NULL, &fault);
  g_autoptr (McMessage) header = mc_smime_protected_header (mail->bytes, &fault);
  g_autofree char *difference = header == NULL ? NULL : mc_smime_difference (mail, header);

  g_assert_true (opened == NULL || (opened->signer != NULL && opened->content != NULL));
  g_assert_true (difference == NULL || *difference != '\0');
  if (type == NULL || !mc_multipart_split (mail, mc_content_type_parameter (type, "boundary"), parts, &fault))
    return;
  for (guint i = 0; i < 2; i++) {
    g_autoptr (McMessage) part = mc_message_parse (parts[i]);
    g_autoptr (GBytes) decoded = mc_transfer_decode (part, &fault);
    g_autoptr (McSmimeSigned) signed_part = decoded == NULL ? NULL : mc_smime_open (decoded, parts[0], &fault);
    g_autofree char *distrust = signed_part == NULL ? NULL : mc_smime_distrust (signed_part, NULL, time_of (mail));

    g_assert_true (signed_part == NULL || distrust != NULL);
  }
  g_bytes_unref (parts[0]);
  g_bytes_unref (parts[1]);
}

static void
judge (const McMessage *mail, const McCaProfile *ca)
{
  McWait wait = {"acme+2i211oi1204310@ca.test", "Alice@example.test", 0, 0};
  McExpectation expected = {.waits = &wait, .n_waits = 1};
  g_autoptr (McAuthenticity) a = mc_authenticity_new (mail, &expected, ca, time_of (mail));
  g_auto (McVerdict) verdict = mc_authenticity_verdict (a);
  const McChallenge *challenge = mc_authenticity_challenge (a);

  g_assert_nonnull (challenge);
  if (verdict.code != MC_VERDICT_AUTHENTIC)
    return;
  g_assert_cmpstr (verdict.method, ==, "smime");
  g_assert_nonnull (ca->mail_roots_pem);
  g_assert_true (verdict.signer != NULL && challenge->token_part1 != NULL && challenge->message_id != NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const char begin[] = "-----BEGIN CERTIFICATE-----\n";
  const char *roots = size == 0 ? NULL : g_strrstr_len ((const char *)data, (gssize)size, begin);
  gsize length = roots == NULL ? size : (gsize)(roots - (const char *)data);
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  g_autoptr (McCaProfile) ca = mc_ca_profile_new ();

  if (roots != NULL)
    ca->mail_roots_pem = g_bytes_new (roots, size - length);
  if (mail->defect == MC_MESSAGE_FINE)
    try_parts (mail);
  judge (mail, ca);
  return 0;
}
