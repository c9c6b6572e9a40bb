/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/smime-cms.h"

#include "base/mutant.h"
#include <openssl/cmserr.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#define SECURITY_BITS 112 /* NIST SP 800-57: RSA-2048, P-224 and up */
#define SECURITY_LEVEL 2  /* OpenSSL's name for the same: SHA-1 and RSA-1024 are below */

void
mc_smime_signed_free (McSmimeSigned *opened)
{
  if (opened == NULL)
    return;
  g_clear_pointer (&opened->content, g_bytes_unref);
  X509_free (opened->signer);
  g_clear_pointer (&opened->others, mc_x509_stack_free);
  g_free (opened);
}

/* All of DER, and no more. */
static CMS_ContentInfo *
parse (GBytes *der)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (der, &length);
  const guint8 *cursor = data;
  g_autoptr (CMS_ContentInfo) cms = length == 0 ? NULL : d2i_CMS_ContentInfo (NULL, &cursor, (long)length);

  return cms != NULL && cursor == data + length ? g_steal_pointer (&cms) : NULL;
}

/* What can be seen before anything is computed; NULL, or what is wrong. */
static const char *
shape_fault (CMS_ContentInfo *cms, gboolean detached)
{
  STACK_OF (CMS_SignerInfo) * signers;

  if (cms == NULL)
    return "there is no readable CMS structure";
  if (OBJ_obj2nid (CMS_get0_type (cms)) != NID_pkcs7_signed)
    return "this is not signed data";
  if (OBJ_obj2nid (CMS_get0_eContentType (cms)) != NID_pkcs7_data)
    return "something other than plain data is signed";
  if ((CMS_is_detached (cms) == 1) != detached)
    return detached ? "the signature has content of its own" : "there is no signed content";
  signers = CMS_get0_SignerInfos (cms);
  if (signers == NULL || sk_CMS_SignerInfo_num (signers) == 0)
    return "nobody has signed it";
  /* Several could be judged apart; no CA does that, and which of them counts readers answer differently. */
  if (sk_CMS_SignerInfo_num (signers) > 1 && !MC_MUTANT ("smime-several-signers"))
    return "there are several signers";
  return NULL;
}

static gboolean
digest_is_strong (int nid)
{
  static const int strong[] = {NID_sha256,   NID_sha384,   NID_sha512,   NID_sha512_256,
                               NID_sha3_256, NID_sha3_384, NID_sha3_512, NID_shake256};

  for (guint i = 0; i < G_N_ELEMENTS (strong); i++) {
    if (strong[i] == nid)
      return TRUE;
  }
  return FALSE;
}

/* The digest is named twice: by itself, and in the signature's algorithm where that is no bare "rsaEncryption". */
static const char *
algorithm_fault (CMS_ContentInfo *cms)
{
  X509_ALGOR *digest = NULL;
  X509_ALGOR *signature = NULL;
  const ASN1_OBJECT *object;
  int digest_nid;
  int named = NID_undef;

  CMS_SignerInfo_get0_algs (sk_CMS_SignerInfo_value (CMS_get0_SignerInfos (cms), 0), NULL, NULL, &digest, &signature);
  X509_ALGOR_get0 (&object, NULL, NULL, digest);
  digest_nid = OBJ_obj2nid (object);
  if (!digest_is_strong (digest_nid) && !MC_MUTANT ("smime-any-digest"))
    return "its digest is too weak or unknown";
  X509_ALGOR_get0 (&object, NULL, NULL, signature);
  if (OBJ_find_sigid_algs (OBJ_obj2nid (object), &named, NULL) && named != NID_undef && named != digest_nid)
    return "it names two digests";
  return NULL;
}

static const char *
key_fault (X509 *signer)
{
  EVP_PKEY *key = X509_get0_pubkey (signer);
  gboolean rsa = key != NULL && (EVP_PKEY_is_a (key, "RSA") || EVP_PKEY_is_a (key, "RSA-PSS"));

  if (key == NULL ||
      (!rsa && !EVP_PKEY_is_a (key, "EC") && !EVP_PKEY_is_a (key, "ED25519") && !EVP_PKEY_is_a (key, "ED448")))
    return "the signer's kind of key is unknown";
  if (EVP_PKEY_get_security_bits (key) < SECURITY_BITS && !MC_MUTANT ("smime-short-key"))
    return "the signer's key is too short";
  return rsa && EVP_PKEY_get_bits (key) > MC_SMIME_RSA_BITS_MAX ? "the signer's key is too long" : NULL;
}

/* CMS_verify () and, for an opaque one, what it gives out. The chain is judged apart, so that "does not hold" and "is
 * not trusted" stay two things. */
static gboolean
verify (CMS_ContentInfo *cms, GBytes *detached, McSmimeSigned *opened)
{
  g_autoptr (BIO) in = NULL;
  g_autoptr (BIO) out = detached != NULL ? NULL : BIO_new (BIO_s_mem ());
  guint flags = CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY | CMS_NOCRL;
  char *content;
  long length;

  /* Of a memory BIO CMS_verify () makes another one, and loses it where the digest cannot be set up: behind a filter it
   * is none. */
  if (detached != NULL) {
    gsize size;
    const void *data = g_bytes_get_data (detached, &size);

    in = BIO_push (BIO_new (BIO_f_null ()), BIO_new_mem_buf (size == 0 ? "" : data, (int)size));
  }
  if (MC_MUTANT ("smime-any-content"))
    flags |= CMS_NO_CONTENT_VERIFY;
  if (CMS_verify (cms, NULL, NULL, in, out, flags) != 1)
    return FALSE;
  if (detached != NULL) {
    opened->content = g_bytes_ref (detached);
    return TRUE;
  }
  length = BIO_get_mem_data (out, &content);
  opened->content = g_bytes_new (content, length < 0 ? 0 : (gsize)length);
  return TRUE;
}

/* The certificate that the signature was verified with. */
static X509 *
take_signer (CMS_ContentInfo *cms)
{
  STACK_OF (X509) *signers = CMS_get0_signers (cms);
  X509 *signer = signers == NULL ? NULL : sk_X509_value (signers, 0);

  if (signer != NULL)
    X509_up_ref (signer);
  sk_X509_free (signers);
  return signer;
}

static const char *
open_fault (CMS_ContentInfo *cms, GBytes *detached, McSmimeSigned *opened)
{
  const char *fault = shape_fault (cms, detached != NULL);

  if (fault == NULL)
    fault = algorithm_fault (cms);
  if (fault != NULL)
    return fault;
  opened->others = CMS_get1_certs (cms);
  if (opened->others != NULL && sk_X509_num (opened->others) > MC_SMIME_CERTIFICATES_MAX)
    return "too many certificates came along";
  ERR_clear_error ();
  if (!verify (cms, detached, opened))
    return ERR_GET_REASON (ERR_peek_error ()) == CMS_R_SIGNER_CERTIFICATE_NOT_FOUND
               ? "the signer's certificate did not come along"
               : "what was signed has been changed, or the signature";
  opened->signer = take_signer (cms);
  return opened->signer == NULL ? "nobody has signed it" : key_fault (opened->signer);
}

McSmimeSigned *
mc_smime_open (GBytes *der, GBytes *detached, const char **fault)
{
  g_autoptr (McSmimeSigned) opened = g_new0 (McSmimeSigned, 1);
  g_autoptr (CMS_ContentInfo) cms = parse (der);

  *fault = open_fault (cms, detached, opened);
  ERR_clear_error ();
  return *fault == NULL ? g_steal_pointer (&opened) : NULL;
}

/* --- who signed --- */

static X509_STORE *
read_roots (GBytes *roots)
{
  gsize length;
  const void *data = g_bytes_get_data (roots, &length);
  g_autoptr (BIO) bio = BIO_new_mem_buf (length == 0 ? "" : data, (int)length);
  g_autoptr (X509_STORE) store = X509_STORE_new ();
  guint count = 0;

  for (;;) {
    g_autoptr (X509) root = PEM_read_bio_X509 (bio, NULL, NULL, NULL);

    if (root == NULL)
      return count > 0 ? g_steal_pointer (&store) : NULL;
    count += X509_STORE_add_cert (store, root) == 1 ? 1 : 0;
  }
}

/* X509_V_OK, or OpenSSL's reason. */
static int
check_chain (const McSmimeSigned *opened, X509_STORE *store, gint64 now)
{
  g_autoptr (X509_STORE_CTX) context = X509_STORE_CTX_new ();
  X509_VERIFY_PARAM *rules;

  if (X509_STORE_CTX_init (context, store, opened->signer, opened->others) != 1)
    return X509_V_ERR_OUT_OF_MEM;
  rules = X509_STORE_CTX_get0_param (context);
  X509_VERIFY_PARAM_set_time (rules, (time_t)now);
  X509_VERIFY_PARAM_set_depth (rules, MC_SMIME_CHAIN_MAX);
  X509_VERIFY_PARAM_set_auth_level (rules, MC_MUTANT ("smime-weak-chain") ? 0 : SECURITY_LEVEL);
  X509_VERIFY_PARAM_set_purpose (rules, X509_PURPOSE_SMIME_SIGN);
  if (X509_verify_cert (context) == 1)
    return X509_V_OK;
  return X509_STORE_CTX_get_error (context) == X509_V_OK ? X509_V_ERR_UNSPECIFIED : X509_STORE_CTX_get_error (context);
}

/* OpenSSL takes a certificate without an extended key usage for one of any use. */
static gboolean
is_for_mail (X509 *signer)
{
  return (X509_get_extension_flags (signer) & EXFLAG_XKUSAGE) != 0 &&
         (X509_get_extended_key_usage (signer) & XKU_SMIME) != 0;
}

char *
mc_smime_distrust (const McSmimeSigned *opened, GBytes *roots, gint64 now)
{
  g_autoptr (X509_STORE) store = NULL;
  int error;

  if (roots == NULL)
    return g_strdup ("mail-roots is not set: nothing says who may vouch for this CA's mail");
  store = read_roots (roots);
  error = store == NULL ? X509_V_ERR_UNSPECIFIED : check_chain (opened, store, now);
  ERR_clear_error ();
  if (store == NULL)
    return g_strdup ("there is no certificate in mail-roots");
  if (error != X509_V_OK)
    return g_strdup_printf ("mail-roots does not vouch for it: %s", X509_verify_cert_error_string (error));
  if (!is_for_mail (opened->signer) && !MC_MUTANT ("smime-any-purpose"))
    return g_strdup ("its certificate is not for mail (emailProtection)");
  return NULL;
}
