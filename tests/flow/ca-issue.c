/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ca.h"

#include <openssl/pem.h>
#include <string.h>

#define FROM G_GINT64_CONSTANT (1700000000) /* the CA's own certificates, longer than any test's clock runs */
#define TO G_GINT64_CONSTANT (2200000000)
#define BACKDATED 3600
#define LIFE (90 * 86400)

static struct {
  EVP_PKEY *root_key, *key;
  X509 *root, *intermediate;
  X509_EXTENSION *mail_only;
  char fingerprint[65];
  guint serial;
} issuer;

static void
add_extension (X509 *certificate, int nid, const char *value)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, NULL, nid, value);

  g_assert_true (X509_add_ext (certificate, extension, -1) == 1);
  X509_EXTENSION_free (extension);
}

static X509 *
certificate_new (const char *name, X509 *above, EVP_PKEY *key, gint64 from, gint64 to)
{
  X509 *certificate = X509_new ();
  X509_NAME *subject = X509_get_subject_name (certificate);

  X509_set_version (certificate, X509_VERSION_3);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), ++issuer.serial + 1000);
  ASN1_TIME_set (X509_getm_notBefore (certificate), from);
  ASN1_TIME_set (X509_getm_notAfter (certificate), to);
  X509_NAME_add_entry_by_NID (subject, NID_commonName, MBSTRING_UTF8, (const guint8 *)name, -1, -1, 0);
  X509_set_issuer_name (certificate, above != NULL ? X509_get_subject_name (above) : subject);
  X509_set_pubkey (certificate, key);
  return certificate;
}

static X509 *
authority (const char *name, X509 *above, EVP_PKEY *key, EVP_PKEY *above_key)
{
  X509 *certificate = certificate_new (name, above, key, FROM, TO);

  add_extension (certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension (certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  g_assert_cmpint (X509_sign (certificate, above_key, EVP_sha256 ()), >, 0);
  return certificate;
}

/* Made once, kept to the end of the program. */
static void
issuer_make (void)
{
  guint8 digest[32];

  if (issuer.root != NULL)
    return;
  issuer.root_key = EVP_EC_gen ("P-256");
  issuer.key = EVP_EC_gen ("P-256");
  issuer.root = authority ("World Root", NULL, issuer.root_key, issuer.root_key);
  issuer.intermediate = authority ("World Mail CA", issuer.root, issuer.key, issuer.root_key);
  issuer.mail_only = X509V3_EXT_conf_nid (NULL, NULL, NID_ext_key_usage, "emailProtection");
  g_assert_true (X509_digest (issuer.root, EVP_sha256 (), digest, NULL) == 1);
  for (guint i = 0; i < sizeof digest; i++)
    g_snprintf (issuer.fingerprint + 2 * i, 3, "%02x", digest[i]);
}

const char *
ca_root_fingerprint (void)
{
  issuer_make ();
  return issuer.fingerprint;
}

/* rfc822Names of the CSR, each an address of the order, as many as those (A16). */
static gboolean
names_are (McExtensionStack *extensions, const char *const *addresses)
{
  g_autoptr (GENERAL_NAMES) names = X509V3_get_d2i (extensions, NID_subject_alt_name, NULL, NULL);
  int found = 0;

  for (int i = 0; i < sk_GENERAL_NAME_num (names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value (names, i);

    for (guint j = 0; addresses[j] != NULL && name->type == GEN_EMAIL; j++)
      if (strcmp ((const char *)ASN1_STRING_get0_data (name->d.rfc822Name), addresses[j]) == 0)
        found++;
  }
  return found == (int)g_strv_length ((char **)addresses) && found == sk_GENERAL_NAME_num (names);
}

/* RFC 9773's ids are made of it. */
static void
add_authority_key (X509 *leaf)
{
  AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new ();

  authority->keyid = ASN1_OCTET_STRING_new ();
  g_assert_true (ASN1_OCTET_STRING_set (authority->keyid, (const guint8 *)"the world's issuer", 18) == 1);
  g_assert_true (X509_add1_ext_i2d (leaf, NID_authority_key_identifier, authority, 0, X509V3_ADD_DEFAULT) == 1);
  AUTHORITY_KEYID_free (authority);
}

static char *
pem_of (X509 *leaf)
{
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  char *text;
  long length;

  PEM_write_bio_X509 (out, leaf);
  PEM_write_bio_X509 (out, issuer.intermediate);
  length = BIO_get_mem_data (out, &text);
  return g_strndup (text, (gsize)length);
}

char *
ca_issue (GBytes *csr, const char *const *addresses, CaChain chain, gint64 now)
{
  const guint8 *der = g_bytes_get_data (csr, NULL);
  g_autoptr (X509_REQ) request = d2i_X509_REQ (NULL, &der, (long)g_bytes_get_size (csr));
  g_autoptr (McExtensionStack) extensions = NULL;
  g_autoptr (EVP_PKEY) key = NULL;
  g_autoptr (X509) leaf = NULL;

  issuer_make ();
  if (chain == CHAIN_GARBAGE)
    return g_strdup ("<html>Come back later</html>");
  g_assert_nonnull (request);
  key = X509_REQ_get_pubkey (request);
  g_assert_cmpint (X509_REQ_verify (request, key), ==, 1);
  extensions = X509_REQ_get_extensions (request);
  if (!names_are (extensions, addresses))
    return NULL;
  leaf = certificate_new (addresses[0], issuer.intermediate,
                          chain == CHAIN_OTHER_KEY || chain == CHAIN_SECOND_GOOD ? issuer.root_key : key,
                          now - BACKDATED, now + LIFE);
  for (int i = 0; i < sk_X509_EXTENSION_num (extensions); i++) {
    X509_EXTENSION *extension = sk_X509_EXTENSION_value (extensions, i);

    if (chain != CHAIN_OTHER_ADDRESS || OBJ_obj2nid (X509_EXTENSION_get_object (extension)) != NID_subject_alt_name)
      X509_add_ext (leaf, extension, -1);
  }
  if (chain == CHAIN_OTHER_ADDRESS)
    add_extension (leaf, NID_subject_alt_name, "email:somebody.else@example.com");
  X509_add_ext (leaf, issuer.mail_only, -1);
  add_authority_key (leaf);
  g_assert_cmpint (X509_sign (leaf, issuer.key, EVP_sha256 ()), >, 0);
  return pem_of (leaf);
}
