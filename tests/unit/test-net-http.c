/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "base/json.h"
#include "https-asker.h"

#include <string.h>

static void
test_exchange (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_auto (McTestAnswer) answer = {0};
  g_autoptr (McJson) seen = NULL;
  g_autoptr (McJson) headers = NULL;

  mc_test_http_ask (http, "POST", "/a/../b?x=%2F", "{\"a\":1}", &answer);
  g_assert_no_error (answer.error);
  g_assert_cmpuint (answer.status, ==, 200);
  g_assert_cmpstr (answer.nonce, ==, "n-1");
  g_assert_cmpuint (answer.links, ==, 2);
  seen = mc_json_parse (answer.body, answer.length, NULL);
  g_assert_nonnull (seen);
  g_assert_cmpstr (mc_json_string_or (seen, "method", ""), ==, "POST");
  g_assert_cmpstr (mc_json_string_or (seen, "path", ""), ==, "/a/../b?x=%2F"); /* exactly as given (B08) */
  g_assert_cmpstr (mc_json_string_or (seen, "body", ""), ==, "{\"a\":1}");
  headers = mc_json_member (seen, "headers");
  g_assert_cmpstr (mc_json_string_or (headers, "content-type", ""), ==, "application/jose+json");
  g_assert_cmpstr (mc_json_string_or (headers, "accept-language", ""), ==, "en");
  g_assert_true (g_str_has_prefix (mc_json_string_or (headers, "user-agent", ""), "mailcert/"));
  g_assert_nonnull (strstr (mc_json_string_or (headers, "user-agent", ""), " libcurl/"));
  g_assert_false (mc_json_has (headers, "expect"));
  g_assert_false (mc_json_has (headers, "accept-encoding"));
  g_assert_false (mc_json_has (headers, "authorization"));
}

static void
test_head (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_auto (McTestAnswer) answer = {0};

  mc_test_http_ask (http, "HEAD", "/nonce", NULL, &answer);
  g_assert_no_error (answer.error);
  g_assert_cmpuint (answer.status, ==, 200);
  g_assert_cmpstr (answer.nonce, ==, "n-1");
  g_assert_cmpuint (answer.length, ==, 0);
}

static void
test_one_connection (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  guint before = mc_test_server_count (mc_test_https, "connection");

  for (int i = 0; i < 5; i++) {
    g_auto (McTestAnswer) answer = {0};

    mc_test_http_ask (http, i % 2 ? "GET" : "POST", "/x", i % 2 ? NULL : "{}", &answer);
    g_assert_no_error (answer.error);
  }
  g_assert_cmpuint (mc_http_counts (http).requests, ==, 5);
  g_assert_cmpuint (mc_http_counts (http).connections, ==, 1);
  g_assert_cmpuint (mc_test_server_count (mc_test_https, "connection"), ==, before + 1);
}

/* A kept connection that the server has closed meanwhile is no failure. */
static void
test_kept_and_closed (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_auto (McTestAnswer) first = {0};
  g_auto (McTestAnswer) last = {0};

  mc_test_http_ask (http, "GET", "/then-close", NULL, &first);
  g_assert_cmpstr (first.body, ==, "kept, it seems");
  mc_test_server_await (mc_test_https, "closed");
  mc_test_http_ask (http, "POST", "/x", "{}", &last);
  g_assert_no_error (last.error);
  g_assert_cmpuint (mc_http_counts (http).connections, ==, 2);
}

/* Several at once share one connection where the server speaks HTTP/2. */
static void
test_http2 (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_autofree char *url = mc_test_http_url ("http2", "/x");
  McTestAnswer answers[3] = {0};

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    mc_test_http_start (http, "POST", url, "{}", &answers[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++) {
    mc_test_http_finish (http, &answers[i]);
    g_assert_no_error (answers[i].error);
    g_assert_cmpuint (answers[i].status, ==, 200);
    g_assert_cmpstr (answers[i].nonce, ==, "n-2");
    g_assert_cmpstr (answers[i].body, ==, "two");
    mc_test_answer_clear (&answers[i]);
  }
  g_assert_cmpuint (mc_http_counts (http).connections, ==, 1);
  g_assert_cmpuint (mc_test_server_count (mc_test_https, "http2 h2"), ==, 1);
}

static void
test_status (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_auto (McTestAnswer) problem = {0};
  g_auto (McTestAnswer) redirect = {0};

  mc_test_http_ask (http, "POST", "/problem", "{}", &problem);
  g_assert_cmpuint (problem.status, ==, 403);
  mc_test_http_ask (http, "GET", "/redirect", NULL, &redirect);
  g_assert_cmpuint (redirect.status, ==, 302);
}

static void
test_largest (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_auto (McTestAnswer) answer = {0};

  mc_test_http_ask (http, "GET", "/full", NULL, &answer);
  g_assert_no_error (answer.error);
  g_assert_cmpuint (answer.length, ==, MC_HTTP_MAX_BODY);
}

static void
test_headers (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_auto (McTestAnswer) hints = {0};
  g_auto (McTestAnswer) trailers = {0};
  g_auto (McTestAnswer) odd = {0};

  mc_test_http_ask (http, "GET", "/hints", NULL, &hints);
  g_assert_cmpuint (hints.status, ==, 200);
  g_assert_cmpstr (hints.late, ==, "yes");
  g_assert_null (hints.early);
  mc_test_http_ask (http, "GET", "/trailers", NULL, &trailers);
  g_assert_cmpstr (trailers.body, ==, "ok");
  g_assert_null (trailers.nonce);
  mc_test_http_ask (http, "GET", "/odd-headers", NULL, &odd);
  g_assert_no_error (odd.error);
  g_assert_cmpstr (odd.good, ==, "two words");
  g_assert_null (odd.bad);
}

static gpointer
wake (gpointer http)
{
  mc_http_wake (http);
  return NULL;
}

static void
test_wake (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  GThread *thread;
  gint64 begun = g_get_monotonic_time ();

  mc_http_wake (http); /* before the wait: not lost */
  g_assert_true (mc_http_wait (http, -1, NULL));
  thread = g_thread_new ("wake", wake, http);
  g_assert_true (mc_http_wait (http, -1, NULL));
  g_thread_join (thread);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 10 * G_USEC_PER_SEC);
  begun = g_get_monotonic_time ();
  g_assert_true (mc_http_wait (http, 50, NULL));
  g_assert_cmpint (g_get_monotonic_time () - begun, >=, 50 * 1000);
}

static void
on_never (G_GNUC_UNUSED gpointer owner, G_GNUC_UNUSED const McHttpResponse *response, G_GNUC_UNUSED const GError *error)
{
  g_assert_not_reached ();
}

static void
test_dropped (void)
{
  McHttp *http = mc_test_http_new ();
  g_autofree char *url = mc_test_http_url ("good", "/hold");
  g_autoptr (McHttpRequest) request = mc_http_request_new ("GET", url, NULL, NULL);
  g_autoptr (McHttpRequest) never = mc_http_request_new ("GET", "http://a/", NULL, NULL);
  g_autofree char *ca = mc_test_pki_file ("ca.pem");
  guint before = mc_test_server_count (mc_test_https, "holding");

  mc_http_start (http, request, ca, on_never, NULL);
  while (mc_test_server_count (mc_test_https, "holding") == before)
    g_assert_true (mc_http_wait (http, 10, NULL));
  mc_http_start (http, never, ca, on_never, NULL);
  mc_http_free (http);
  mc_test_server_tell (mc_test_https, "release");
}

typedef struct {
  McHttp *http;
  McTestAnswer next;
} Chain;

static void
on_first (gpointer owner, const McHttpResponse *response, G_GNUC_UNUSED const GError *error)
{
  Chain *chain = owner;
  g_autofree char *url = mc_test_http_url ("good", "/second");

  g_assert_nonnull (response);
  mc_test_http_start (chain->http, "GET", url, NULL, &chain->next);
}

/* A done may start the next request. */
static void
test_chain (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  Chain chain = {http, {0}};
  g_autofree char *url = mc_test_http_url ("good", "/first");
  g_autofree char *ca = mc_test_pki_file ("ca.pem");
  g_autoptr (McHttpRequest) request = mc_http_request_new ("GET", url, NULL, NULL);

  mc_http_start (http, request, ca, on_first, &chain);
  mc_test_http_finish (http, &chain.next);
  g_assert_no_error (chain.next.error);
  mc_test_answer_clear (&chain.next);
}

static void
add (void)
{
  g_test_add_func ("/http/exchange", test_exchange);
  g_test_add_func ("/http/head", test_head);
  g_test_add_func ("/http/one-connection", test_one_connection);
  g_test_add_func ("/http/kept-and-closed", test_kept_and_closed);
  g_test_add_func ("/http/http2", test_http2);
  g_test_add_func ("/http/status", test_status);
  g_test_add_func ("/http/largest", test_largest);
  g_test_add_func ("/http/headers", test_headers);
  g_test_add_func ("/http/wake", test_wake);
  g_test_add_func ("/http/dropped", test_dropped);
  g_test_add_func ("/http/chain", test_chain);
}

int
main (int argc, char **argv)
{
  return mc_test_http_main (argc, argv, add);
}
