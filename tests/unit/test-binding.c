/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "runner/runner-private.h"
#include "store-place.h"

#include <string.h>

/* What CAs give out for an account of theirs, as people paste it (T-27). */

#define DIRECTORY "https://ca.example/directory"
#define KID "kid-1"
#define URL_KEY "-_-_AAECAwQFBgcICQoLDA0ODw"        /* base64url, bare */
#define STANDARD_KEY "+/+/AAECAwQFBgcICQoLDA0ODw==" /* the same in base64, padded */

static const guint8 octets[] = {0xfb, 0xff, 0xbf, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static void
test_taken (void)
{
  static const char *const texts[] = {
      "kid = " KID "\nhmac-key = " URL_KEY "\n",
      "hmac-key=" STANDARD_KEY "\r\nkid=" KID "\r\n",
      "# of the CA\n\n\tkid =\t" KID "\t\n hmac-key = " URL_KEY "== ",
      "kid = \"" KID "\"\nhmac-key = '" STANDARD_KEY "'\n",
      "hmac-key = +/+/ AAEC AwQF BgcI CQoL DA0O Dw\nkid = " KID,
      "EAB-KID: " KID "\nEAB_HMAC_KEY: " URL_KEY "\n",
      "keyId: " KID "\nb64MacKey: " STANDARD_KEY "\n",
      "  \"eab_kid\": \"" KID "\",\n  \"eab_hmac_key\": \"" STANDARD_KEY "\",\n",
      "{\"kid\":\"" KID "\",\"hmac-key\":\"" URL_KEY "\"}",
      " \n{\"success\":true,\"eab_kid\":\"" KID "\",\"eab_hmac_key\":\"" STANDARD_KEY "\"}\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *kid = NULL;
    g_autoptr (GBytes) key = NULL;

    g_assert_true (mc_binding_parse (texts[i], &kid, &key, &error));
    g_assert_no_error (error);
    g_assert_cmpstr (kid, ==, KID);
    g_assert_cmpmem (g_bytes_get_data (key, NULL), g_bytes_get_size (key), octets, sizeof octets);
  }
}

static void
test_refused (void)
{
  static const char *const texts[] = {
      "",
      KID "\n" URL_KEY,
      "kid = " KID,
      "hmac-key = " URL_KEY,
      "kid =\nhmac-key = " URL_KEY,
      "kid = \"\"\nhmac-key = " URL_KEY,
      "kid = two words\nhmac-key = " URL_KEY,
      "kid = " KID "\nhmac-key = QUJD",               /* too short */
      "kid = " KID "\nhmac-key = " URL_KEY "#",       /* no base64 */
      "kid = " KID "\nhmac-key = A" STANDARD_KEY "A", /* in the middle */
      "{\"kid\":\"" KID "\"",
      "[\"" KID "\"]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *kid = NULL;
    g_autoptr (GBytes) key = NULL;

    g_assert_false (mc_binding_parse (texts[i], &kid, &key, &error));
    g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
    g_assert_null (strstr (error->message, URL_KEY));
    g_assert_null (strstr (error->message, STANDARD_KEY));
    g_assert_null (kid);
    g_assert_null (key);
  }
}

static gboolean
finds (McStore *store, const char *wanted)
{
  g_autoptr (McCaProfile) ca = mc_ca_profile_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *kid = NULL;
  g_autoptr (GBytes) key = NULL;

  g_assert_true (mc_binding_find (store, ca, DIRECTORY, &kid, &key, &error));
  g_assert_no_error (error);
  return g_strcmp0 (kid, wanted) == 0;
}

/* The last one that was given counts, in whichever way; what was typed can be dropped. */
static void
test_remembered (Place *place, gconstpointer data)
{
  g_autoptr (McStore) store = must_open (place);
  g_autofree char *path = file_in (place, "eab");
  g_autoptr (GError) error = NULL;

  (void)data;
  g_assert_true (g_file_set_contents (path, "kid = filed\nhmac-key = " URL_KEY, -1, NULL));
  g_assert_true (finds (store, NULL));
  g_assert_false (mc_binding_remember (store, DIRECTORY, NULL, "kid = typed", &error));
  g_assert_true (finds (store, NULL));
  g_assert_true (mc_binding_remember (store, DIRECTORY, path, NULL, NULL));
  g_assert_true (finds (store, "filed"));
  g_assert_true (mc_binding_remember (store, DIRECTORY, NULL, "kid = typed\nhmac-key = " URL_KEY, NULL));
  g_assert_true (finds (store, "typed"));
  g_assert_true (mc_binding_forget_text (store, DIRECTORY, NULL));
  g_assert_true (finds (store, NULL));
  g_assert_true (mc_binding_remember (store, DIRECTORY, NULL, "kid = typed\nhmac-key = " URL_KEY, NULL));
  g_assert_true (mc_binding_remember (store, DIRECTORY, path, NULL, NULL));
  g_assert_true (finds (store, "filed"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/binding/taken", test_taken);
  g_test_add_func ("/binding/refused", test_refused);
  g_test_add ("/binding/remembered", Place, NULL, place_set_up, test_remembered, place_tear_down);
  return g_test_run ();
}
