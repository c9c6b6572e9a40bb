/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A mail through the index, the challenge and the judge, the DNS answering with the input's own last line. Whatever the
 * mail is, authentic it is only with everything that a reply needs. */

#include "mail/authenticity.h"
#include "mail/reply.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_reply (const McChallenge *challenge)
{
  McReply reply = {
      .from = challenge->to,
      .to = challenge->reply_to != NULL ? challenge->reply_to : challenge->from,
      .token_part1 = challenge->token_part1,
      .digest = "AjXW0h9_4YMP6Sv-9tKQNUrapI0us7ayBn0nCGOkUsk",
      .in_reply_to = challenge->message_id,
      .message_id = "<1@example.com>",
  };
  g_autoptr (GBytes) bytes = mc_reply_compose (&reply, NULL);
  g_autoptr (McMessage) mail = bytes == NULL ? NULL : mc_message_parse (bytes);

  g_assert_true (mail == NULL || (mail->defect == MC_MESSAGE_FINE && mail->n_fields == 11));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const McWait waits[] = {{"acme+2i211oi1204310@ca.test", "Alice@example.test", 0, 0}, {NULL, "a@b", 1, 2}};
  McExpectation expected = {.waits = waits, .n_waits = G_N_ELEMENTS (waits), .report_only = size % 2 == 0};
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  g_autoptr (McAuthenticity) a = mc_authenticity_new (mail, &expected, NULL, 1795312260);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  gsize last = MIN (size, 400);
  const McChallenge *challenge;
  g_auto (McVerdict) verdict = {0};
  const char *name;

  g_ptr_array_add (texts, g_bytes_new (last > 0 ? data + size - last : NULL, last));
  while ((name = mc_authenticity_next_lookup (a)) != NULL) {
    g_autofree char *asked = g_strdup (name);
    McDnsAnswer answer = {size % 5 == 0 ? MC_DNS_UNAVAILABLE : MC_DNS_FOUND, texts, FALSE};

    mc_authenticity_give (a, asked, &answer);
  }
  verdict = mc_authenticity_verdict (a);
  challenge = mc_authenticity_challenge (a); /* of the reading that decided */
  if (verdict.code >= MC_VERDICT_UNSIGNED) {
    g_assert_true (challenge->token_part1 != NULL && challenge->from != NULL && challenge->to != NULL);
    g_assert_true (challenge->message_id != NULL);
    check_reply (challenge);
  }
  return 0;
}
