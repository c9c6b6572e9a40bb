/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/stream-private.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "net/sigpipe.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>

#define SYSTEM_ROOTS "/etc/ssl/certs" /* hashed; the bundle beside it takes 100 ms to read (DESIGN 6) */
#define NAMES_SHOWN 3

static int
keep_rejected (int ok, X509_STORE_CTX *context)
{
  SSL *ssl = X509_STORE_CTX_get_ex_data (context, SSL_get_ex_data_X509_STORE_CTX_idx ());
  McStream *stream = SSL_get_app_data (ssl);
  X509 *certificate = X509_STORE_CTX_get_current_cert (context);

  if (!ok && stream->rejected == NULL && certificate != NULL && X509_up_ref (certificate))
    stream->rejected = certificate;
  return ok;
}

/* The TLS policy: one for all connections, since it takes longer to set up than the roots do. */
static SSL_CTX *
policy (void)
{
  static SSL_CTX *context;
  static gsize once;

  if (g_once_init_enter (&once)) {
    context = SSL_CTX_new (TLS_client_method ());
    g_assert (context != NULL);
    SSL_CTX_set_min_proto_version (context, TLS1_2_VERSION); /* G04 */
    SSL_CTX_set_verify (context, SSL_VERIFY_PEER, keep_rejected);
    SSL_CTX_set_options (context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode (context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    g_once_init_leave (&once, 1);
  }
  return context;
}

/* The roots are read for each connection: what an administrator has taken out is trusted no longer. */
static gboolean
trust_roots (const McStream *stream, GError **error)
{
  g_autoptr (X509_STORE) roots = X509_STORE_new ();
  gboolean loaded;

  ERR_clear_error ();
  loaded = stream->ca_file != NULL ? X509_STORE_load_file (roots, stream->ca_file) == 1
                                   : X509_STORE_load_path (roots, SYSTEM_ROOTS) == 1;
  if (!loaded || SSL_set1_verify_cert_store (stream->ssl, roots) != 1) {
    g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "the roots in %s cannot be read",
                 stream->ca_file != NULL ? stream->ca_file : SYSTEM_ROOTS);
    return FALSE;
  }
  return TRUE;
}

/* Which name must be there: RFC 6125, RFC 7817 (G60). */
static gboolean
expect_name (SSL *ssl, const char *name, GError **error)
{
  g_autofree char *ascii = g_hostname_to_ascii (name);
  gboolean set = FALSE;

  SSL_set_hostflags (ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (g_hostname_is_ip_address (name))
    set = X509_VERIFY_PARAM_set1_ip_asc (SSL_get0_param (ssl), name) == 1;
  else if (ascii != NULL && *ascii != '\0') /* an empty name would switch the check off */
    set = SSL_set_tlsext_host_name (ssl, ascii) == 1 && SSL_set1_host (ssl, ascii) == 1;
  if (!set)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_CONFIG, "the name of the server is no host name");
  return set;
}

static char *
names_of (X509 *certificate)
{
  g_autoptr (GENERAL_NAMES) names = X509_get_ext_d2i (certificate, NID_subject_alt_name, NULL, NULL);
  g_autoptr (GString) all = g_string_new (NULL);
  char common[128];

  for (int i = 0, shown = 0; i < sk_GENERAL_NAME_num (names) && shown < NAMES_SHOWN; i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value (names, i);

    if (name->type != GEN_DNS)
      continue;
    g_string_append_printf (all, "%s%.*s", shown++ > 0 ? ", " : "", ASN1_STRING_length (name->d.dNSName),
                            (const char *)ASN1_STRING_get0_data (name->d.dNSName));
  }
  if (all->len == 0 &&
      X509_NAME_get_text_by_NID (X509_get_subject_name (certificate), NID_commonName, common, sizeof common) > 0)
    g_string_append (all, common);
  return mc_text_sanitize (all->len > 0 ? all->str : "no name", 200);
}

static char *
issuer_of (X509 *certificate)
{
  char *line = X509_NAME_oneline (X509_get_issuer_name (certificate), NULL, 0);
  char *clean = mc_text_sanitize (line, 200);

  OPENSSL_free (line);
  return clean;
}

static GError *
distrust (const McStream *stream, long reason)
{
  g_autofree char *names = stream->rejected != NULL ? names_of (stream->rejected) : g_strdup ("?");
  g_autofree char *issuer = stream->rejected != NULL ? issuer_of (stream->rejected) : g_strdup ("?");

  switch (reason) {
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    return g_error_new (MC_ERROR, MC_ERROR_TLS, "its certificate is for %s, not for %s", names, stream->tls_name);
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return g_error_new (MC_ERROR, MC_ERROR_TLS, "the certificate for %s has expired", names);
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    return g_error_new (MC_ERROR, MC_ERROR_TLS, "its certificate was issued by %s, which is not trusted here", issuer);
  default:
    return g_error_new (MC_ERROR, MC_ERROR_TLS, "its certificate is not good: %s",
                        X509_verify_cert_error_string (reason));
  }
}

static GError *
ssl_failure (const McStream *stream, int wanted, int saved_errno)
{
  long verified = SSL_get_verify_result (stream->ssl);
  unsigned long code = ERR_peek_last_error ();
  const char *reason = ERR_reason_error_string (code);

  if (verified != X509_V_OK)
    return distrust (stream, verified);
  if (wanted == SSL_ERROR_ZERO_RETURN || (wanted == SSL_ERROR_SYSCALL && saved_errno == 0) ||
      ERR_GET_REASON (code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return g_error_new (MC_ERROR, MC_ERROR_LATER, "%s closed the connection", stream->host);
  if (wanted == SSL_ERROR_SYSCALL)
    return g_error_new (MC_ERROR, MC_ERROR_LATER, "%s: %s", stream->host, g_strerror (saved_errno));
  if (ERR_GET_REASON (code) == SSL_R_WRONG_VERSION_NUMBER)
    return g_error_new (MC_ERROR, MC_ERROR_TLS, "this port does not speak TLS of version 1.2 or newer");
  return g_error_new (MC_ERROR, MC_ERROR_TLS, "%s", reason != NULL ? reason : "failed");
}

gboolean
mc_stream_after_ssl (McStream *stream, int rc, int saved_errno, gint64 deadline)
{
  int wanted = SSL_get_error (stream->ssl, rc);

  if (wanted == SSL_ERROR_WANT_READ)
    return mc_stream_poll (stream, G_IO_IN, deadline, NULL);
  if (wanted == SSL_ERROR_WANT_WRITE)
    return mc_stream_poll (stream, G_IO_OUT, deadline, NULL);
  mc_stream_fail (stream, ssl_failure (stream, wanted, saved_errno));
  ERR_clear_error ();
  return FALSE;
}

static gboolean
shake_hands (McStream *stream)
{
  gint64 deadline = g_get_monotonic_time () + stream->timeout_us;
  McSigpipe sigpipe;
  gboolean going = TRUE;
  int rc = 0;

  mc_sigpipe_block (&sigpipe);
  while (going) {
    errno = 0;
    ERR_clear_error ();
    rc = SSL_do_handshake (stream->ssl);
    going = rc != 1 && mc_stream_after_ssl (stream, rc, errno, deadline);
  }
  mc_sigpipe_restore (&sigpipe);
  return rc == 1;
}

gboolean
mc_stream_handshake (McStream *stream, GError **error)
{
  g_autoptr (GError) reason = NULL;

  stream->taken = 0;
  stream->ssl = SSL_new (policy ());
  g_assert (stream->ssl != NULL);
  SSL_set_app_data (stream->ssl, stream);
  SSL_set_connect_state (stream->ssl);
  SSL_set_fd (stream->ssl, stream->fd);
  if (trust_roots (stream, &reason) && expect_name (stream->ssl, stream->tls_name, &reason) && shake_hands (stream))
    return TRUE;
  if (reason != NULL)
    mc_stream_fail (stream, g_steal_pointer (&reason));
  g_propagate_error (error, g_error_copy (stream->failure));
  return FALSE;
}
