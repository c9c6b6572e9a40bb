/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a CA sends as JSON or in headers. The first byte chooses the reader; "{" and "[", with which the files of
 * tests/data/acme begin, mean all of them. */

#include "acme/account.h"
#include "acme/directory.h"
#include "acme/order.h"
#include "acme/renewal-info.h"
#include "base/error.h"

#include <openssl/err.h>
#include <stdint.h>
#include <string.h>

#define NOW 1795300000

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What must hold of every refusal: our domain, a code for bytes from outside, one printable line. */
static void
check_error (gboolean parsed, const GError *error)
{
  g_assert_true (parsed == (error == NULL));
  if (error != NULL) {
    g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    g_assert_null (strpbrk (error->message, "\r\n\033"));
  }
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

static void
read_directory (GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McDirectory) directory = mc_directory_parse (body, &error);

  check_error (directory != NULL, error);
  if (directory != NULL) {
    g_assert_true (mc_url_is_acceptable (directory->new_nonce) && mc_url_is_acceptable (directory->new_order));
    g_assert_nonnull (directory->caa_identities);
  }
}

static void
read_order (GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McOrder) order = mc_order_parse (body, &error);

  check_error (order != NULL, error);
  if (order == NULL)
    return;
  g_assert_true (order->addresses != NULL && order->authorizations != NULL);
  g_assert_true (order->finalize != NULL || order->status == MC_ORDER_INVALID);
  g_assert_true (order->certificate != NULL || order->status != MC_ORDER_VALID);
  for (guint i = 0; order->authorizations[i] != NULL; i++)
    g_assert_true (mc_url_is_acceptable (order->authorizations[i]));
}

static void
check_challenge (const McChallengeObject *challenge)
{
  g_assert_true (mc_url_is_acceptable (challenge->url));
  if (challenge->from != NULL)
    g_assert_null (strpbrk (challenge->from, "\r\n\t \033<>\","));
}

static void
read_authorization (GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McAuthorization) authorization = mc_authorization_parse (body, &error);

  check_error (authorization != NULL, error);
  if (authorization != NULL && authorization->challenge != NULL)
    check_challenge (authorization->challenge);
}

static void
read_challenge (GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McChallengeObject) challenge = mc_challenge_object_parse (body, &error);

  check_error (challenge != NULL, error);
  if (challenge != NULL)
    check_challenge (challenge);
}

/* A problem survives being stored. */
static void
read_problem (GBytes *body)
{
  g_autoptr (McHttpResponse) response = mc_http_response_new (400, body);
  g_autoptr (McProblem) problem = mc_problem_from_response (response, NOW);
  g_autoptr (McJson) stored = mc_problem_compose (problem);
  g_autoptr (McProblem) again = mc_problem_parse (stored);
  g_autofree char *sentence = mc_problem_sentence (problem);
  g_autofree char *same = mc_problem_sentence (again);

  g_assert_cmpstr (problem->type, ==, again->type);
  g_assert_cmpstr (sentence, ==, same);
  g_assert_true (g_utf8_validate (sentence, -1, NULL));
  g_assert_null (strpbrk (sentence, "\r\n\033"));
}

static void
read_renewal_info (GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McRenewalInfo) info = mc_renewal_info_parse (body, &error);

  check_error (info != NULL, error);
  if (info != NULL)
    g_assert_cmpint (info->start, <, info->end);
}

static void
read_account (GBytes *body)
{
  g_autoptr (GError) error = NULL;
  McAccountStatus status;
  gboolean parsed = mc_account_parse (body, &status, &error);

  check_error (parsed, error);
}

static void
read_headers (GBytes *body)
{
  g_autoptr (McHttpResponse) response = mc_http_response_new (200, NULL);
  g_autofree char *value = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  g_autofree char *type = NULL;
  g_auto (GStrv) links = NULL;
  gint64 at;

  mc_http_response_add_header (response, "Link", value);
  mc_http_response_add_header (response, "Retry-After", value);
  mc_http_response_add_header (response, "Content-Type", value);
  mc_http_response_add_header (response, "Replay-Nonce", value);
  links = mc_http_response_links (response, "alternate");
  for (guint i = 0; links[i] != NULL; i++)
    g_assert_true (mc_url_is_acceptable (links[i]));
  at = mc_http_response_retry_at (response, NOW, 1, 86400);
  g_assert_true (at == 0 || (at > NOW && at <= NOW + 86400));
  type = mc_http_response_media_type (response);
  g_assert_nonnull (type);
  mc_http_response_nonce (response);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const struct {
    char letter;
    void (*read) (GBytes *body);
  } readers[] = {{'d', read_directory}, {'o', read_order},        {'a', read_authorization}, {'c', read_challenge},
                 {'p', read_problem},   {'r', read_renewal_info}, {'t', read_account},       {'h', read_headers}};
  gboolean all = size > 0 && (data[0] == '{' || data[0] == '[');
  gsize skip = size > 0 && !all ? 1 : 0;
  g_autoptr (GBytes) body = g_bytes_new (data + skip, size - skip);

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++) {
    if (all || (size > 0 && data[0] == readers[i].letter))
      readers[i].read (body);
  }
  return 0;
}
