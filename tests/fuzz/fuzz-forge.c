/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A genuine challenge, changed at will. The DNS has one key, with which make-seeds.py has signed the seeds and nobody
 * else anything: a mail that is authentic says what one of them says. */

#include "mail/authenticity.h"

#include <stdlib.h>
#include <string.h>

#define NOW 1795312260
#define KEY "v=DKIM1; k=ed25519; p=r+bgoLA+vkEBHtPlKm2GDyU37QSC3mGSqv54YFZUIZo="
#define FROM "acme+2i211oi1204310@ca.test"
#define TO "Alice@example.test"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
void fuzz_finish (void);

static guint genuine;

/* Of seed N the Message-ID is <N@ca.test>, and the odd ones have a Reply-To. */
static void
check_values (const McChallenge *challenge)
{
  char *end;
  gulong n = strtoul (challenge->message_id + 1, &end, 10);

  genuine++;
  g_assert_cmpstr (end, ==, "@ca.test>");
  g_assert_cmpuint (n, <, 12);
  g_assert_cmpstr (challenge->from, ==, FROM);
  g_assert_cmpstr (challenge->to, ==, TO);
  g_assert_cmpstr (challenge->token_part1, ==, "LgYemJLy3F1LDkiJrdIGbEzyFJyOyf6vBdyZ1TG3sME");
  g_assert_cmpstr (challenge->reply_to, ==, n % 2 == 1 ? "replies+1@ca.test" : NULL);
  g_assert_null (challenge->references);
  g_assert_cmpint (challenge->date, ==, NOW);
}

static void
judge (const McMessage *mail, McDkimHeaders policy)
{
  static const McWait wait = {FROM, TO, 0, 0};
  McExpectation expected = {.waits = &wait, .n_waits = 1};
  g_autoptr (McCaProfile) ca = mc_ca_profile_new ();
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  McDnsAnswer answer = {MC_DNS_FOUND, texts, FALSE};
  g_autoptr (McAuthenticity) a = NULL;
  g_auto (McVerdict) verdict = {0};
  const char *name;

  ca->dkim_headers = policy;
  g_ptr_array_add (texts, g_bytes_new_static (KEY, strlen (KEY)));
  a = mc_authenticity_new (mail, &expected, ca, NOW);
  while ((name = mc_authenticity_next_lookup (a)) != NULL) {
    g_autofree char *asked = g_strdup (name);

    mc_authenticity_give (a, asked, &answer);
  }
  verdict = mc_authenticity_verdict (a);
  if (verdict.code == MC_VERDICT_AUTHENTIC)
    check_values (mc_authenticity_challenge (a));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);

  judge (mail, MC_DKIM_HEADERS_PRESENT);
  judge (mail, MC_DKIM_HEADERS_STRICT);
  return 0;
}

/* Without a single authentic mail nothing was tried. */
void
fuzz_finish (void)
{
  g_autofree char *first = g_build_filename (g_getenv ("MC_SEEDS"), "forge", "0", NULL);

  g_assert_true (genuine > 12 || !g_file_test (first, G_FILE_TEST_EXISTS));
}
