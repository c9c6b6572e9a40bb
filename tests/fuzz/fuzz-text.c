/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One value, taken for a date, an address list, a Subject, a domain, a Message-ID, a token, base64, a mail server's URL
 * an account binding (EAB) file, the DNS records of a mail domain and a doctor's findings in turn. */

#include "base/base64url.h"
#include "base/error.h"
#include "base/secret.h"
#include "mail/address.h"
#include "mail/caa.h"
#include "mail/challenge.h"
#include "mail/date.h"
#include "mail/mail-domain.h"
#include "mail/subject.h"
#include "mail/token.h"
#include "net/mail-account.h"
#include "runner/doctor.h"
#include "runner/runner-private.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_error (gboolean taken, const GError *error, int code)
{
  g_assert_true (taken == (error == NULL));
  if (error != NULL) {
    g_assert_error (error, MC_ERROR, code);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    g_assert_null (strpbrk (error->message, "\r\n\033"));
  }
}

/* What a date says is written so that it says the same. */
static void
try_date (const char *text)
{
  g_autoptr (GError) error = NULL;
  gint64 at = -1;
  gboolean taken = mc_date_parse (text, &at, &error);
  g_autofree char *written = taken ? mc_date_compose (at) : NULL;
  gint64 again = -1;

  check_error (taken, error, MC_ERROR_MALFORMED);
  g_assert_true (taken || at == -1);
  if (written != NULL) {
    g_assert_true (mc_date_parse (written, &again, NULL));
    g_assert_cmpint (again, ==, at);
  }
}

/* Each address that can be certified is, alone, a list of itself. */
static void
try_addresses (const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = mc_address_list_parse (text, length, &error);

  check_error (list != NULL, error, MC_ERROR_MALFORMED);
  for (guint i = 0; list != NULL && i < list->len; i++) {
    const char *address = list->pdata[i];
    g_autofree char *again = NULL;

    g_assert_nonnull (mc_address_domain (address));
    g_assert_null (strpbrk (address, "\r\n"));
    if (!mc_address_is_valid (address))
      continue;
    g_assert_cmpuint (strlen (address), <=, MC_ADDRESS_MAX);
    g_assert_true (mc_address_equal (address, address));
    again = mc_address_parse_one (address, strlen (address), NULL);
    g_assert_cmpstr (again, ==, address);
  }
}

static void
try_domain (const char *text)
{
  g_autofree char *ascii = mc_domain_to_ascii (text);
  g_autofree char *again = ascii == NULL ? NULL : mc_domain_to_ascii (ascii);

  g_assert_cmpstr (again, ==, ascii);
  if (ascii == NULL)
    return;
  g_assert_cmpuint (strlen (ascii), <=, 253);
  for (const char *p = ascii; *p != '\0'; p++)
    g_assert_true (g_ascii_islower (*p) || g_ascii_isdigit (*p) || strchr ("-._", *p) != NULL);
}

static void
try_base64 (const char *text, gsize length)
{
  g_autoptr (GBytes) url = mc_base64url_parse (text, NULL);
  g_autoptr (GBytes) plain = mc_base64_parse (text, length, NULL);
  g_autoptr (GBytes) any = mc_base64_any_parse (text, NULL);

  if (url != NULL) { /* there is one way to write it */
    g_autofree char *written = mc_base64url_compose (g_bytes_get_data (url, NULL), g_bytes_get_size (url));

    g_assert_cmpstr (written, ==, text);
  }
  g_assert_true (plain == NULL || g_bytes_get_size (plain) <= length);
  g_assert_true (any != NULL || url == NULL);
}

static void
try_server (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McMailServer) server = mc_mail_server_parse ("imap", text, &error);

  check_error (server != NULL, error, MC_ERROR_CONFIG);
  if (server != NULL)
    g_assert_true (*server->host != '\0' && server->port != 0);
}

static void
try_binding (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *kid = NULL;
  g_autoptr (GBytes) key = NULL;
  gboolean taken = mc_binding_parse (text, &kid, &key, &error);

  check_error (taken, error, MC_ERROR_CONFIG);
  g_assert_true (taken == (kid != NULL) && taken == (key != NULL));
  g_assert_true (!taken || g_bytes_get_size (key) >= 16);
}

/* An issuer is a domain that could be asked for, or nobody. */
static void
try_issuer (const char *value)
{
  g_autofree char *issuer = mc_caa_issuer (value);
  g_autofree char *again = mc_caa_issuer (issuer);

  g_assert_cmpstr (again, ==, issuer);
  g_assert_cmpuint (strlen (issuer), <=, 253);
  for (const char *p = issuer; *p != '\0'; p++)
    g_assert_true (g_ascii_islower (*p) || g_ascii_isdigit (*p) || *p == '-' || *p == '.');
}

static void
try_records (const guint8 *octets, gsize length)
{
  static const char *const identities[] = {"ca.test", NULL};
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  McDnsAnswer answer = {MC_DNS_FOUND, texts, FALSE};
  g_autoptr (McCaaClimb) climb = mc_caa_climb_new ("example.test", identities);
  g_autofree char *policy = NULL;
  g_autofree char *tag = NULL;
  g_autofree char *value = NULL;
  gboolean critical;

  g_ptr_array_add (texts, g_bytes_new (octets, length));
  mc_caa_climb_give (climb, &answer);
  g_assert_null (mc_caa_climb_next (climb));
  g_assert_cmpint (mc_caa_climb_outcome (climb), !=, MC_CAA_UNAVAILABLE);
  if (mc_caa_record_parse (octets, length, &critical, &tag, &value)) {
    g_assert_true (*tag != '\0' && strlen (tag) + strlen (value) + 2 == length);
    try_issuer (value);
  } else
    g_assert_cmpint (mc_caa_climb_outcome (climb), ==, MC_CAA_OPEN);
  mc_mx_judge (texts);
  policy = mc_policy_find (texts, "v=DMARC1");
  g_assert_true (policy == NULL || g_utf8_validate (policy, -1, NULL));
  if (policy != NULL)
    mc_dmarc_policy (policy);
}

static void
try_findings (const char *text, gsize length)
{
  g_autoptr (GPtrArray) findings = mc_doctor_parse (text, length);

  for (guint i = 0; i < findings->len; i++) {
    const McFinding *finding = g_ptr_array_index (findings, i);

    g_assert_true (*finding->check != '\0' && *finding->sentence != '\0');
    g_assert_true (g_utf8_validate (finding->sentence, -1, NULL));
    g_assert_null (strpbrk (finding->sentence, "\r\n\t\033"));
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  gboolean foreign = FALSE;
  g_autofree char *subject = mc_subject_decode (text, &foreign);
  g_autofree char *print = mc_challenge_token_print (text);

  g_assert_cmpuint (strlen (subject), <=, strlen (text));
  g_assert_cmpuint (strlen (print), ==, 64);
  try_date (text);
  try_addresses ((const char *)data, size);
  try_domain (text);
  try_base64 (text, strlen (text));
  try_server (text);
  try_binding (text);
  try_issuer (text);
  try_records (data, size);
  try_findings ((const char *)data, size);
  g_assert_true (!mc_message_id_is_valid (text) || strpbrk (text, " \t\r\n") == NULL);
  g_assert_true (!mc_token_is_valid (text) || strpbrk (text, " \r\n+/.") == NULL);
  return 0;
}
