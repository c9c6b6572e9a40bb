/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "https-asker.h"

#include <curl/curl.h>
#include <signal.h>
#include <string.h>

McTestServer *mc_test_https;

void
mc_test_answer_clear (McTestAnswer *answer)
{
  g_free (answer->body);
  g_free (answer->nonce);
  g_free (answer->late);
  g_free (answer->early);
  g_free (answer->bad);
  g_free (answer->good);
  g_clear_error (&answer->error);
}

void
mc_test_http_done (gpointer owner, const McHttpResponse *response, const GError *error)
{
  McTestAnswer *answer = owner;

  g_assert_false (answer->done);
  answer->done = TRUE;
  if (error != NULL) {
    g_assert_null (response);
    g_test_message ("%s", error->message);
    answer->error = g_error_copy (error);
    return;
  }
  answer->status = response->status;
  answer->length = g_bytes_get_size (response->body);
  answer->body = g_strndup (g_bytes_get_data (response->body, NULL), answer->length);
  answer->nonce = g_strdup (mc_http_response_header (response, "replay-nonce"));
  answer->early = g_strdup (mc_http_response_header (response, "x-early"));
  answer->late = g_strdup (mc_http_response_header (response, "x-late"));
  answer->bad = g_strdup (mc_http_response_header (response, "x bad"));
  answer->good = g_strdup (mc_http_response_header (response, "x-good"));
  for (guint i = 0; i < response->headers->len; i++)
    answer->links += g_str_has_prefix (g_ptr_array_index (response->headers, i), "link: ");
}

McHttp *
mc_test_http_new (void)
{
  g_autoptr (GError) error = NULL;
  McHttp *http = mc_http_new (&error);

  g_assert_no_error (error);
  return http;
}

char *
mc_test_http_url (const char *port, const char *path)
{
  return g_strdup_printf ("https://localhost:%u%s", mc_test_server_port (mc_test_https, port), path);
}

void
mc_test_http_start (McHttp *http, const char *method, const char *url, const char *body, McTestAnswer *answer)
{
  g_autoptr (McHttpRequest) request =
      mc_http_request_new (method, url, body != NULL ? "application/jose+json" : NULL, g_strdup (body));
  g_autofree char *ca = mc_test_pki_file ("ca.pem");

  mc_http_start (http, request, ca, mc_test_http_done, answer);
}

void
mc_test_http_finish (McHttp *http, McTestAnswer *answer)
{
  gint64 deadline = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  while (!answer->done && g_get_monotonic_time () < deadline) {
    g_autoptr (GError) error = NULL;

    g_assert_true (mc_http_wait (http, 1000, &error));
    g_assert_no_error (error);
  }
  g_assert_true (answer->done);
}

void
mc_test_http_ask (McHttp *http, const char *method, const char *path, const char *body, McTestAnswer *answer)
{
  g_autofree char *url = mc_test_http_url ("good", path);

  mc_test_http_start (http, method, url, body, answer);
  mc_test_http_finish (http, answer);
}

int
mc_test_http_main (int argc, char **argv, void (*add) (void))
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_setenv ("no_proxy", "*", TRUE);
  signal (SIGPIPE, SIG_DFL);
  g_test_message ("%s", curl_version ());
  mc_test_https = mc_test_server_new ("https-server.py", NULL);
  add ();
  status = g_test_run ();
  mc_test_server_free (mc_test_https);
  return status;
}
