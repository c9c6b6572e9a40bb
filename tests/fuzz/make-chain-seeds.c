/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* make-chain-seeds DIR: writes seeds for fuzz-chain. Made when they are needed, so that no certificate in the tree ever
 * expires. */

#include "certificate-maker.h"
#include "pki/key.h"

#include <stdio.h>
#include <string.h>

static gboolean
write_seed (const char *dir, const char *name, const void *bytes, gsize length)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents (path, bytes, (gssize)length, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return FALSE;
  }
  return TRUE;
}

static gboolean
write_der (const char *dir, const char *name, X509 *certificate)
{
  gsize length = (gsize)i2d_X509 (certificate, NULL);
  g_autofree guint8 *der = g_malloc (length);
  guint8 *end = der;

  i2d_X509 (certificate, &end);
  return write_seed (dir, name, der, length);
}

static gboolean
write_key (const char *dir, const char *name, EVP_PKEY *key)
{
  g_autoptr (GBytes) pkcs8 = mc_key_compose (key, NULL, NULL);
  g_autoptr (GString) seed = g_string_new ("K");

  g_string_append_len (seed, g_bytes_get_data (pkcs8, NULL), (gssize)g_bytes_get_size (pkcs8));
  return write_seed (dir, name, seed->str, seed->len);
}

static gboolean
write_chain (const char *dir, const char *name, const Maker *maker)
{
  MakerPlan plan = maker_leaf_plan (maker);
  g_autoptr (X509) leaf = maker_leaf (maker, &plan);
  g_autofree char *pem = maker_pem (leaf, maker->ca, maker->root, NULL);
  g_autofree char *der_name = g_strconcat (name, ".der", NULL);

  return write_seed (dir, name, pem, strlen (pem)) && write_der (dir, der_name, leaf);
}

int
main (int argc, char **argv)
{
  g_autoptr (Maker) rsa = maker_new (TRUE);
  g_autoptr (Maker) ec = maker_new (FALSE);

  if (argc != 2) {
    fprintf (stderr, "usage: make-chain-seeds DIR\n");
    return 64;
  }
  return write_chain (argv[1], "rsa", rsa) && write_chain (argv[1], "ec", ec) &&
                 write_der (argv[1], "root.der", ec->root) && write_key (argv[1], "rsa.key", rsa->leaf_key) &&
                 write_key (argv[1], "ec.key", ec->leaf_key)
             ? 0
             : 73;
}
