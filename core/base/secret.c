/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"

#include <openssl/crypto.h>
#include <string.h>

typedef struct {
  gsize length;
  guint8 *bytes;
} McSecretBox;

static void
secret_box_free (gpointer p)
{
  McSecretBox *box = p;

  OPENSSL_cleanse (box->bytes, box->length);
  g_free (box->bytes);
  g_free (box);
}

GBytes *
mc_secret_new_take (void *bytes, gsize length)
{
  McSecretBox *box = g_new (McSecretBox, 1);

  box->length = length;
  box->bytes = bytes;
  return g_bytes_new_with_free_func (bytes, length, secret_box_free, box);
}

GBytes *
mc_secret_new (const void *bytes, gsize length)
{
  return mc_secret_new_take (g_memdup2 (bytes, length), length);
}

void
mc_secret_string_free (char *text)
{
  if (text == NULL)
    return;
  OPENSSL_cleanse (text, strlen (text));
  g_free (text);
}
