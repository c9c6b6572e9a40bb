/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/authenticity.h"
#include "mail/dkim-judge.h"
#include "mail/peek.h"

#include "base/cleanup.h"

#include <opendkim/dkim.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The contestants of bench-verdict.py: reads lines "NAME COUNT", does that COUNT times and writes the nanoseconds of
 * CPU that it took. Each contestant proves every time that it found the mail good; a wrong answer ends the program. */

typedef struct {
  char *bytes;
  gsize length;
} Blob;

static struct {
  GBytes *mail;      /* challenge.eml: the bytes as they are delivered */
  Blob header, body; /* what is hashed of it, canonical already: the floor need not look for it */
  Blob signature, modulus;
  Blob record;   /* the TXT record */
  Blob ordinary; /* a mail that is no challenge and says so only in its last field */
  McDnsAnswer answer;
  gint64 now; /* the challenge was signed just before: a signature from the future is refused */
  DKIM_LIB *opendkim;
} in;

static Blob
load (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  Blob blob;

  if (!g_file_get_contents (path, &blob.bytes, &blob.length, &error))
    g_error ("%s", error->message);
  return blob;
}

static void
require (gboolean good, const char *who)
{
  if (!good)
    g_error ("%s did not find the mail good", who);
}

/* What no verifier can do without: both hashes, a key from its numbers, one RSA verification. */
static void
run_floor (void)
{
  unsigned long exponent = 65537;
  guint8 native[512];
  guint8 body_hash[32];
  guint8 digest[32];
  OSSL_PARAM parameters[3];
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name (NULL, "RSA", NULL);
  EVP_PKEY_CTX *context;

  EVP_Digest (in.body.bytes, in.body.length, body_hash, NULL, EVP_sha256 (), NULL);
  EVP_Digest (in.header.bytes, in.header.length, digest, NULL, EVP_sha256 (), NULL);
  for (gsize i = 0; i < in.modulus.length; i++)
    native[in.modulus.length - 1 - i] = (guint8)in.modulus.bytes[i];
  parameters[0] = OSSL_PARAM_construct_BN (OSSL_PKEY_PARAM_RSA_N, native, in.modulus.length);
  parameters[1] = OSSL_PARAM_construct_ulong (OSSL_PKEY_PARAM_RSA_E, &exponent);
  parameters[2] = OSSL_PARAM_construct_end ();
  require (EVP_PKEY_fromdata_init (maker) == 1 && EVP_PKEY_fromdata (maker, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1,
           "the floor");
  context = EVP_PKEY_CTX_new_from_pkey (NULL, key, NULL);
  EVP_PKEY_verify_init (context);
  EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_PADDING);
  EVP_PKEY_CTX_set_signature_md (context, EVP_sha256 ());
  require (EVP_PKEY_verify (context, (guint8 *)in.signature.bytes, in.signature.length, digest, sizeof digest) == 1,
           "the floor");
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_CTX_free (maker);
  EVP_PKEY_free (key);
}

/* From the delivered bytes to the verdict on the signature, with every check of DESIGN 3 on signature and key. */
static void
run_dkim (void)
{
  g_autoptr (McMessage) mail = mc_message_parse (in.mail);
  g_autoptr (GPtrArray) list = mc_dkim_judge (mail, "ca.test", MC_DKIM_HEADERS_PRESENT, 8, in.now);
  McDkimJudgement *judgement = list->pdata[0];

  require (mc_dkim_judgement_is_open (judgement), "dkim");
  mc_dkim_judgement_give (judgement, &in.answer);
  require (judgement->code == MC_VERDICT_AUTHENTIC, "dkim");
}

/* The whole verdict as the hook asks for it: also shape, addresses, dates, what we wait for, and the list of checks. */
static void
run_judge (void)
{
  static const McWait wait = {.from = "acme+2i211oi1204310@ca.test", .to = "alice@example.test"};
  static const McExpectation expected = {.waits = &wait, .n_waits = 1};
  g_autoptr (McMessage) mail = mc_message_parse (in.mail);
  g_autoptr (McAuthenticity) judge = mc_authenticity_new (mail, &expected, NULL, in.now);
  g_auto (McVerdict) verdict = {0};
  const char *name;

  while ((name = mc_authenticity_next_lookup (judge)) != NULL)
    mc_authenticity_give (judge, name, &in.answer);
  verdict = mc_authenticity_verdict (judge);
  require (verdict.code == MC_VERDICT_AUTHENTIC, mc_verdict_name (verdict.code));
}

static DKIM_CBSTAT
look_up (DKIM *dkim, DKIM_SIGINFO *info, u_char *out, size_t size)
{
  g_strlcpy ((char *)out, in.record.bytes, size);
  return DKIM_CBSTAT_CONTINUE;
}

static void
run_opendkim (void)
{
  DKIM_STAT status;
  gsize length;
  gconstpointer bytes = g_bytes_get_data (in.mail, &length);
  DKIM *dkim = dkim_verify (in.opendkim, (const guchar *)"bench", NULL, &status);

  require (dkim != NULL && dkim_chunk (dkim, (u_char *)bytes, length) == DKIM_STAT_OK &&
               dkim_chunk (dkim, NULL, 0) == DKIM_STAT_OK && dkim_eom (dkim, NULL) == DKIM_STAT_OK,
           "libopendkim");
  dkim_free (dkim);
}

static void
run_peek (void)
{
  require (mc_peek (in.ordinary.bytes, in.ordinary.length) == 0, "peek");
}

/* Every line end up to END: with one, a reader could know where the lines are, and nothing else. */
static void
pass (const char *end)
{
  const char *volatile last = NULL;

  for (const char *p = in.ordinary.bytes; (p = memchr (p, '\n', (gsize)(end - p))) != NULL && p + 1 < end; p++)
    last = p;
  require (last != NULL, "memchr");
}

static void
run_memchr (void)
{
  pass (in.ordinary.bytes + in.ordinary.length);
}

static void
run_memchr_header (void)
{
  static const char *end;

  if (end == NULL)
    end = strstr (in.ordinary.bytes, "\r\n\r\n") + 2;
  pass (end);
}

static const struct {
  const char *name;
  void (*run) (void);
} contestants[] = {
    {"floor", run_floor},
    {"dkim", run_dkim},
    {"judge", run_judge},
    {"opendkim", run_opendkim},
    {"peek", run_peek},
    {"memchr", run_memchr},
    {"memchr-header", run_memchr_header},
};

static gint64
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (gint64)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void
run (const char *name, guint count)
{
  for (guint i = 0; i < G_N_ELEMENTS (contestants); i++) {
    gint64 start = now ();

    if (strcmp (contestants[i].name, name) != 0)
      continue;
    for (guint n = 0; n < count; n++)
      contestants[i].run ();
    printf ("%" G_GINT64_FORMAT "\n", now () - start);
    fflush (stdout);
    return;
  }
  g_error ("no contestant %s", name);
}

int
main (int argc, char **argv)
{
  const char *folder = argc == 2 ? argv[1] : ".";
  Blob mail = load (folder, "challenge.eml");
  char name[32];
  guint count;

  in.mail = g_bytes_new_take (mail.bytes, mail.length);
  in.header = load (folder, "header");
  in.body = load (folder, "body");
  in.signature = load (folder, "signature");
  in.modulus = load (folder, "modulus");
  in.record = load (folder, "record");
  in.ordinary = load (folder, "ordinary.eml");
  in.now = g_get_real_time () / G_USEC_PER_SEC;
  in.answer.status = MC_DNS_FOUND;
  in.answer.texts = g_ptr_array_new ();
  g_ptr_array_add (in.answer.texts, g_bytes_new_static (in.record.bytes, in.record.length));
  in.opendkim = dkim_init (NULL, NULL);
  dkim_set_key_lookup (in.opendkim, look_up);
  while (scanf ("%31s %u", name, &count) == 2)
    run (name, count);
  return 0;
}
