/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The peek never misses what the full reader takes for a challenge, and a bounce is within its bounds. */

#include "mail/bounce.h"
#include "mail/challenge.h"
#include "mail/peek.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_bounce (const McMessage *mail)
{
  g_autoptr (McBounce) bounce = mc_bounce_parse (mail);

  if (bounce == NULL)
    return;
  g_assert_cmpint (mc_peek_header (mail->data, mail->length), ==, MC_PEEK_BOUNCE);
  g_assert_cmpuint (strlen (bounce->words), <=, 300);
  g_assert_true (g_utf8_validate (bounce->words, -1, NULL));
  g_assert_cmpuint (bounce->message_ids->len, <=, 32);
  for (guint i = 0; i < bounce->message_ids->len; i++) {
    g_assert_true (mc_message_id_is_valid (g_ptr_array_index (bounce->message_ids, i)));
    g_assert_true (mc_bounce_is_of (bounce, g_ptr_array_index (bounce->message_ids, i)));
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  g_auto (McVerdict) verdict = {0};
  g_autoptr (McChallenge) challenge = NULL;
  int seen = mc_peek ((const char *)data, size);

  mc_verdict_init (&verdict);
  challenge = mc_challenge_parse (mail, &verdict);
  g_assert_true (seen == MC_PEEK_NOTHING || seen == MC_PEEK_CHALLENGE || seen == MC_PEEK_BOUNCE);
  g_assert_true (seen == MC_PEEK_CHALLENGE || verdict.code < MC_VERDICT_WRONG_FROM);
  check_bounce (mail);
  return 0;
}
