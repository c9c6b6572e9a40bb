/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "certificate-maker.h"
#include "keyring/nss-roots.h"

#include <openssl/pem.h>

/* What Mozilla trusts roots for: it is in the module and in no list of ours, so that two that are known to differ are
 * looked up. */

#define SYSTEM "/usr/share/ca-certificates/mozilla/"

static X509 *
read_root (const char *name)
{
  g_autofree char *path = g_strconcat (SYSTEM, name, ".crt", NULL);
  g_autoptr (BIO) bio = BIO_new_file (path, "r");

  return bio != NULL ? PEM_read_bio_X509 (bio, NULL, NULL, NULL) : NULL;
}

static void
test_known (void)
{
  static const struct {
    const char *name;
    McNssRoot trust;
  } roots[] = {{"ISRG_Root_X1", MC_NSS_ROOT_OTHER}, {"DigiCert_Assured_ID_Root_G2", MC_NSS_ROOT_MAIL}};

  for (guint i = 0; i < G_N_ELEMENTS (roots); i++) {
    g_autoptr (X509) root = read_root (roots[i].name);

    if (root == NULL || mc_nss_root_look (MC_NSS_ROOTS_MODULE, root) == MC_NSS_ROOT_NO_STORE) {
      g_test_skip ("NSS or the system's roots are not here");
      return;
    }
    g_assert_cmpint (mc_nss_root_look (MC_NSS_ROOTS_MODULE, root), ==, roots[i].trust);
    /* A second time: the module was left as it was. */
    g_assert_cmpint (mc_nss_root_look (MC_NSS_ROOTS_MODULE, root), ==, roots[i].trust);
  }
}

/* Of a CA of its own; and where there is no such module, or what is there is none. */
static void
test_unknown (void)
{
  g_autoptr (Maker) maker = maker_new (FALSE);
  const McNssRoot here = mc_nss_root_look (MC_NSS_ROOTS_MODULE, maker->root);

  g_assert_true (here == MC_NSS_ROOT_ABSENT || here == MC_NSS_ROOT_NO_STORE);
  g_assert_cmpint (mc_nss_root_look ("libnone-such.so", maker->root), ==, MC_NSS_ROOT_NO_STORE);
  g_assert_cmpint (mc_nss_root_look ("libm.so.6", maker->root), ==, MC_NSS_ROOT_NO_STORE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nss-roots/known", test_known);
  g_test_add_func ("/nss-roots/unknown", test_unknown);
  return g_test_run ();
}
