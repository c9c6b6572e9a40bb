/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/verdict.h"
#include "text.h"

#include <string.h>

/* What people read about a mail. */

/* Who has asked is claimed only where a signature was found good. */
static void
test_not_expected (void)
{
  for (guint proven = 0; proven < 2; proven++) {
    g_auto (McVerdict) verdict = {0};
    g_autofree char *sentence = NULL;

    mc_verdict_init (&verdict);
    verdict.domain = g_strdup ("ca.example");
    mc_verdict_note (&verdict, "expected", FALSE, MC_VERDICT_NOT_EXPECTED, "");
    mc_verdict_remark (&verdict, "signature", proven != 0, "");
    sentence = mc_text_verdict (&verdict, NULL);
    g_assert_true ((strstr (sentence, "ca.example") != NULL) == (proven != 0));
    g_assert_true ((strstr (sentence, "was not looked at") != NULL) == (proven == 0));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text-verdict/not-expected", test_not_expected);
  return g_test_run ();
}
