/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pki/chain.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "pki/openssl-error.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

struct McChain {
  gatomicrefcount references;
  McX509Stack *certificates;
};

static McChain *
chain_new (void)
{
  McChain *chain = g_new0 (McChain, 1);

  g_atomic_ref_count_init (&chain->references);
  chain->certificates = sk_X509_new_null ();
  return chain;
}

McChain *
mc_chain_ref (McChain *chain)
{
  g_atomic_ref_count_inc (&chain->references);
  return chain;
}

void
mc_chain_free (McChain *chain)
{
  if (chain == NULL || !g_atomic_ref_count_dec (&chain->references))
    return;
  mc_x509_stack_free (chain->certificates);
  g_free (chain);
}

guint
mc_chain_length (const McChain *chain)
{
  return (guint)sk_X509_num (chain->certificates);
}

X509 *
mc_chain_certificate (const McChain *chain, guint index)
{
  return sk_X509_value (chain->certificates, (int)index);
}

/* Moves *TEXT behind the next line (LF or CRLF) and gives that line's length without its end. */
static gsize
next_line (const char **text, const char *end)
{
  const char *start = *text, *newline = memchr (start, '\n', (gsize)(end - start));
  gsize length = (gsize)((newline != NULL ? newline : end) - start);

  *text = newline != NULL ? newline + 1 : end;
  return length > 0 && newline != NULL && start[length - 1] == '\r' ? length - 1 : length;
}

static gboolean
line_is (const char *line, gsize length, const char *text)
{
  return length == strlen (text) && memcmp (line, text, length) == 0;
}

/* GLib's decoder passes over what is not base64; strict PEM must not. */
static gboolean
is_base64 (const char *text, gsize length)
{
  gsize used = 0;

  while (used < length && (g_ascii_isalnum (text[used]) || text[used] == '+' || text[used] == '/'))
    used++;
  return length > 0 && length % 4 == 0 && length - used <= 2 && (used == length || text[used] == '=') &&
         text[length - 1] == (used == length ? text[length - 1] : '=');
}

static gboolean
add_certificate (McChain *chain, GString *base64, GError **error)
{
  guint number = mc_chain_length (chain) + 1;
  g_autoptr (X509) certificate = NULL;
  g_autofree guint8 *der = NULL;
  const guint8 *p;
  gsize length;

  if (number > MC_CHAIN_MAX_CERTIFICATES) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "more than %d certificates", MC_CHAIN_MAX_CERTIFICATES);
    return FALSE;
  }
  if (!is_base64 (base64->str, base64->len)) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "certificate %u is not base64", number);
    return FALSE;
  }
  p = der = g_base64_decode (base64->str, &length);
  certificate = d2i_X509 (NULL, &p, (long)length);
  if (certificate == NULL || p != der + length) {
    g_autofree char *doing = g_strdup_printf ("certificate %u cannot be read", number);

    mc_openssl_error_set (error, MC_ERROR_MALFORMED, doing);
    return FALSE;
  }
  sk_X509_push (chain->certificates, g_steal_pointer (&certificate));
  return TRUE;
}

/* A line outside of certificates: blank, or the begin of one (B61); a key, or anything else, is refused (B62). */
static gboolean
outer_line (const char *line, gsize length, gboolean *inside, GError **error)
{
  *inside = line_is (line, length, BEGIN);
  if (length == 0 || *inside)
    return TRUE;
  if (length >= 10 && memcmp (line, "-----BEGIN", 10) == 0)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_REFUSED, "something else than certificates is in it");
  else
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "text between the certificates");
  return FALSE;
}

static gboolean
blocks_parse (McChain *chain, const char *pem, gsize length, GError **error)
{
  const char *p = pem, *end = pem + length;
  g_autoptr (GString) base64 = g_string_new (NULL);
  gboolean inside = FALSE;

  while (p < end) {
    const char *line = p;
    gsize line_length = next_line (&p, end);

    if (!inside) {
      if (!outer_line (line, line_length, &inside, error))
        return FALSE;
      g_string_truncate (base64, 0);
    } else if (line_is (line, line_length, END)) {
      if (!add_certificate (chain, base64, error))
        return FALSE;
      inside = FALSE;
    } else {
      g_string_append_len (base64, line, (gssize)line_length);
    }
  }
  if (inside || mc_chain_length (chain) == 0) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED,
                         inside ? "the last certificate is cut off" : "no certificate in it");
    return FALSE;
  }
  return TRUE;
}

static gboolean
is_issued_by (X509 *certificate, X509 *issuer)
{
  EVP_PKEY *key = X509_get0_pubkey (issuer);
  gboolean yes = X509_NAME_cmp (X509_get_issuer_name (certificate), X509_get_subject_name (issuer)) == 0 &&
                 key != NULL && X509_verify (certificate, key) == 1;

  ERR_clear_error ();
  return yes;
}

static gboolean
order_check (const McChain *chain, GError **error)
{
  for (guint i = 0; i + 1 < mc_chain_length (chain); i++) {
    if (!is_issued_by (mc_chain_certificate (chain, i), mc_chain_certificate (chain, i + 1))) {
      g_set_error (error, MC_ERROR, MC_ERROR_REFUSED, "certificate %u was not issued by certificate %u", i + 1, i + 2);
      return FALSE;
    }
  }
  return TRUE;
}

McChain *
mc_chain_parse (const char *pem, gsize length, GError **error)
{
  g_autoptr (McChain) chain = chain_new ();

  if (length > MC_CHAIN_MAX_BYTES) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "certificate chain: %" G_GSIZE_FORMAT " bytes are too many",
                 length);
    return NULL;
  }
  if (!blocks_parse (chain, pem, length, error) || !order_check (chain, error)) {
    g_prefix_error (error, "certificate chain: ");
    return NULL;
  }
  ERR_clear_error ();
  return g_steal_pointer (&chain);
}

char *
mc_chain_compose (const McChain *chain)
{
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  char *text;
  long length;

  for (guint i = 0; i < mc_chain_length (chain); i++)
    PEM_write_bio_X509 (out, mc_chain_certificate (chain, i));
  length = BIO_get_mem_data (out, &text);
  return g_strndup (text, (gsize)length);
}
