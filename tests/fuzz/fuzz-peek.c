/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The peek never misses what the full reader takes for a challenge. */

#include "mail/challenge.h"
#include "mail/peek.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

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
  g_assert_true (seen == 0 || seen == 1);
  g_assert_true (seen == 1 || verdict.code < MC_VERDICT_WRONG_FROM);
  return 0;
}
