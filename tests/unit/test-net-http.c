/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "base/json.h"
#include "net-server.h"
#include "net/http.h"

#include <curl/curl.h>
#include <signal.h>
#include <string.h>

static McTestServer *server;

typedef struct {
  gboolean done;
  guint status;
  char *body;
  gsize length;
  char *nonce;
  guint links;
  char *late, *early, *bad, *good;
  GError *error;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_free (answer->body);
  g_free (answer->nonce);
  g_free (answer->late);
  g_free (answer->early);
  g_free (answer->bad);
  g_free (answer->good);
  g_clear_error (&answer->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static void
on_done (gpointer owner, const McHttpResponse *response, const GError *error)
{
  Answer *answer = owner;

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

static McHttp *
http_new (void)
{
  g_autoptr (GError) error = NULL;
  McHttp *http = mc_http_new (&error);

  g_assert_no_error (error);
  return http;
}

static char *
url_of (const char *port, const char *path)
{
  return g_strdup_printf ("https://localhost:%u%s", mc_test_server_port (server, port), path);
}

static void
start (McHttp *http, const char *method, const char *url, const char *body, Answer *answer)
{
  g_autoptr (McHttpRequest) request =
      mc_http_request_new (method, url, body != NULL ? "application/jose+json" : NULL, g_strdup (body));
  g_autofree char *ca = mc_test_pki_file ("ca.pem");

  mc_http_start (http, request, ca, on_done, answer);
}

static void
finish (McHttp *http, Answer *answer)
{
  gint64 deadline = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  while (!answer->done && g_get_monotonic_time () < deadline) {
    g_autoptr (GError) error = NULL;

    g_assert_true (mc_http_wait (http, 1000, &error));
    g_assert_no_error (error);
  }
  g_assert_true (answer->done);
}

static void
ask (McHttp *http, const char *method, const char *path, const char *body, Answer *answer)
{
  g_autofree char *url = url_of ("good", path);

  start (http, method, url, body, answer);
  finish (http, answer);
}

static void
test_exchange (void)
{
  g_autoptr (McHttp) http = http_new ();
  g_auto (Answer) answer = {0};
  g_autoptr (McJson) seen = NULL;
  g_autoptr (McJson) headers = NULL;

  ask (http, "POST", "/a/../b?x=%2F", "{\"a\":1}", &answer);
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
  g_autoptr (McHttp) http = http_new ();
  g_auto (Answer) answer = {0};

  ask (http, "HEAD", "/nonce", NULL, &answer);
  g_assert_no_error (answer.error);
  g_assert_cmpuint (answer.status, ==, 200);
  g_assert_cmpstr (answer.nonce, ==, "n-1");
  g_assert_cmpuint (answer.length, ==, 0);
}

static void
test_one_connection (void)
{
  g_autoptr (McHttp) http = http_new ();
  guint before = mc_test_server_count (server, "connection");

  for (int i = 0; i < 5; i++) {
    g_auto (Answer) answer = {0};

    ask (http, i % 2 ? "GET" : "POST", "/x", i % 2 ? NULL : "{}", &answer);
    g_assert_no_error (answer.error);
  }
  g_assert_cmpuint (mc_http_counts (http).requests, ==, 5);
  g_assert_cmpuint (mc_http_counts (http).connections, ==, 1);
  g_assert_cmpuint (mc_test_server_count (server, "connection"), ==, before + 1);
}

/* A kept connection that the server has closed meanwhile is no failure. */
static void
test_kept_and_closed (void)
{
  g_autoptr (McHttp) http = http_new ();
  g_auto (Answer) first = {0};
  g_auto (Answer) last = {0};
  g_autofree char *closed = NULL;

  ask (http, "GET", "/then-close", NULL, &first);
  g_assert_cmpstr (first.body, ==, "kept, it seems");
  closed = mc_test_server_expect (server, "closed");
  ask (http, "POST", "/x", "{}", &last);
  g_assert_no_error (last.error);
  g_assert_cmpuint (mc_http_counts (http).connections, ==, 2);
}

static void
test_status (void)
{
  g_autoptr (McHttp) http = http_new ();
  g_auto (Answer) problem = {0};
  g_auto (Answer) redirect = {0};

  ask (http, "POST", "/problem", "{}", &problem);
  g_assert_cmpuint (problem.status, ==, 403);
  ask (http, "GET", "/redirect", NULL, &redirect);
  g_assert_cmpuint (redirect.status, ==, 302);
}

static void
test_failures (void)
{
  static const struct {
    const char *path;
    gint code;
  } cases[] = {{"/cut", MC_ERROR_LATER},           {"/gone", MC_ERROR_LATER},        {"/huge", MC_ERROR_MALFORMED},
               {"/huge-said", MC_ERROR_MALFORMED}, {"/headers", MC_ERROR_MALFORMED}, {"/garbage", MC_ERROR_MALFORMED}};
  g_autoptr (McHttp) http = http_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (Answer) answer = {0};

    ask (http, "GET", cases[i].path, NULL, &answer);
    g_test_message ("%s", cases[i].path);
    g_assert_error (answer.error, MC_ERROR, cases[i].code);
    g_assert_nonnull (strstr (answer.error->message, "localhost"));
  }
}

static void
test_largest (void)
{
  g_autoptr (McHttp) http = http_new ();
  g_auto (Answer) answer = {0};

  ask (http, "GET", "/full", NULL, &answer);
  g_assert_no_error (answer.error);
  g_assert_cmpuint (answer.length, ==, MC_HTTP_MAX_BODY);
}

static void
test_headers (void)
{
  g_autoptr (McHttp) http = http_new ();
  g_auto (Answer) hints = {0};
  g_auto (Answer) trailers = {0};
  g_auto (Answer) odd = {0};

  ask (http, "GET", "/hints", NULL, &hints);
  g_assert_cmpuint (hints.status, ==, 200);
  g_assert_cmpstr (hints.late, ==, "yes");
  g_assert_null (hints.early);
  ask (http, "GET", "/trailers", NULL, &trailers);
  g_assert_cmpstr (trailers.body, ==, "ok");
  g_assert_null (trailers.nonce);
  ask (http, "GET", "/odd-headers", NULL, &odd);
  g_assert_no_error (odd.error);
  g_assert_cmpstr (odd.good, ==, "two words");
  g_assert_null (odd.bad);
}

static void
test_trust (void)
{
  static const struct {
    const char *port;
    gint code;
  } cases[] = {{"wrong", MC_ERROR_TLS},
               {"expired", MC_ERROR_TLS},
               {"unknown", MC_ERROR_TLS},
               {"old", MC_ERROR_TLS},
               {"plain", MC_ERROR_TLS}};
  g_autoptr (McHttp) http = http_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (Answer) answer = {0};
    g_autofree char *url = url_of (cases[i].port, "/x");

    start (http, "GET", url, NULL, &answer);
    finish (http, &answer);
    g_assert_error (answer.error, MC_ERROR, cases[i].code);
  }
  g_assert_false (mc_test_server_saw (server, "client-certificate"));
}

/* Another request's roots must not make a connection good for this one. */
static void
test_roots_are_for_one_peer (void)
{
  g_autoptr (McHttp) http = http_new ();
  g_auto (Answer) good = {0};
  g_auto (Answer) system = {0};
  g_auto (Answer) missing = {0};
  g_autofree char *url = url_of ("good", "/x");
  g_autoptr (McHttpRequest) request = mc_http_request_new ("GET", url, NULL, NULL);

  ask (http, "GET", "/x", NULL, &good);
  g_assert_no_error (good.error);
  mc_http_start (http, request, NULL, on_done, &system);
  finish (http, &system);
  g_assert_error (system.error, MC_ERROR, MC_ERROR_TLS);
  mc_http_start (http, request, "/nonexistent/ca.pem", on_done, &missing);
  finish (http, &missing);
  g_assert_error (missing.error, MC_ERROR, MC_ERROR_CONFIG);
}

static void
test_urls (void)
{
  static const char *const urls[] = {"http://localhost/", "file:///etc/passwd", "https://user:secret@localhost/", "x"};
  g_autoptr (McHttp) http = http_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++) {
    g_auto (Answer) answer = {0};

    start (http, "GET", urls[i], NULL, &answer);
    g_assert_false (answer.done); /* never from within start */
    finish (http, &answer);
    g_assert_error (answer.error, MC_ERROR, MC_ERROR_MALFORMED);
    g_assert_null (strstr (answer.error->message, "secret"));
  }
}

static void
test_unreachable (void)
{
  g_autoptr (McHttp) http = http_new ();
  g_auto (Answer) answer = {0};

  start (http, "GET", "https://localhost:1/x", NULL, &answer);
  finish (http, &answer);
  g_assert_error (answer.error, MC_ERROR, MC_ERROR_LATER);
}

/* A CA may hold a POST longer than an answer may stall. */
static void
test_hold_is_no_stall (void)
{
  g_autoptr (McHttp) http = http_new ();
  g_auto (Answer) answer = {0};
  g_autofree char *url = url_of ("good", "/hold");
  g_autofree char *holding = NULL;
  gint64 end;

  mc_http_set_limits (http, 0, 1);
  start (http, "POST", url, "{}", &answer);
  end = g_get_monotonic_time () + 1500 * 1000;
  while (g_get_monotonic_time () < end)
    g_assert_true (mc_http_wait (http, (gint)MAX ((end - g_get_monotonic_time ()) / 1000, 0), NULL));
  g_assert_false (answer.done);
  holding = mc_test_server_expect (server, "holding");
  mc_test_server_tell (server, "release");
  finish (http, &answer);
  g_assert_no_error (answer.error);
  g_assert_cmpstr (answer.body, ==, "held");
}

static void
test_stall (void)
{
  g_autoptr (McHttp) http = http_new ();
  g_auto (Answer) answer = {0};
  gint64 begun = g_get_monotonic_time ();

  mc_http_set_limits (http, 0, 1);
  ask (http, "GET", "/stall", NULL, &answer);
  g_assert_error (answer.error, MC_ERROR, MC_ERROR_LATER);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 10 * G_USEC_PER_SEC);
  mc_test_server_tell (server, "release");
}

static void
test_total (void)
{
  g_autoptr (McHttp) http = http_new ();
  g_auto (Answer) answer = {0};

  mc_http_set_limits (http, 1, 0);
  ask (http, "POST", "/hold", "{}", &answer);
  g_assert_error (answer.error, MC_ERROR, MC_ERROR_LATER);
  mc_test_server_tell (server, "release");
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
  g_autoptr (McHttp) http = http_new ();
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
  McHttp *http = http_new ();
  g_autofree char *url = url_of ("good", "/hold");
  g_autoptr (McHttpRequest) request = mc_http_request_new ("GET", url, NULL, NULL);
  g_autoptr (McHttpRequest) never = mc_http_request_new ("GET", "http://a/", NULL, NULL);
  g_autofree char *ca = mc_test_pki_file ("ca.pem");
  guint before = mc_test_server_count (server, "holding");

  mc_http_start (http, request, ca, on_never, NULL);
  while (mc_test_server_count (server, "holding") == before)
    g_assert_true (mc_http_wait (http, 10, NULL));
  mc_http_start (http, never, ca, on_never, NULL);
  mc_http_free (http);
  mc_test_server_tell (server, "release");
}

typedef struct {
  McHttp *http;
  Answer next;
} Chain;

static void
on_first (gpointer owner, const McHttpResponse *response, G_GNUC_UNUSED const GError *error)
{
  Chain *chain = owner;
  g_autofree char *url = url_of ("good", "/second");

  g_assert_nonnull (response);
  start (chain->http, "GET", url, NULL, &chain->next);
}

/* A done may start the next request. */
static void
test_chain (void)
{
  g_autoptr (McHttp) http = http_new ();
  Chain chain = {http, {0}};
  g_autofree char *url = url_of ("good", "/first");
  g_autofree char *ca = mc_test_pki_file ("ca.pem");
  g_autoptr (McHttpRequest) request = mc_http_request_new ("GET", url, NULL, NULL);

  mc_http_start (http, request, ca, on_first, &chain);
  finish (http, &chain.next);
  g_assert_no_error (chain.next.error);
  answer_clear (&chain.next);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_setenv ("no_proxy", "*", TRUE);
  signal (SIGPIPE, SIG_DFL);
  g_test_message ("%s", curl_version ());
  server = mc_test_server_new ("https-server.py", NULL);
  g_test_add_func ("/http/exchange", test_exchange);
  g_test_add_func ("/http/head", test_head);
  g_test_add_func ("/http/one-connection", test_one_connection);
  g_test_add_func ("/http/kept-and-closed", test_kept_and_closed);
  g_test_add_func ("/http/status", test_status);
  g_test_add_func ("/http/failures", test_failures);
  g_test_add_func ("/http/largest", test_largest);
  g_test_add_func ("/http/headers", test_headers);
  g_test_add_func ("/http/trust", test_trust);
  g_test_add_func ("/http/roots-are-for-one-peer", test_roots_are_for_one_peer);
  g_test_add_func ("/http/urls", test_urls);
  g_test_add_func ("/http/unreachable", test_unreachable);
  g_test_add_func ("/http/hold-is-no-stall", test_hold_is_no_stall);
  g_test_add_func ("/http/stall", test_stall);
  g_test_add_func ("/http/total", test_total);
  g_test_add_func ("/http/wake", test_wake);
  g_test_add_func ("/http/dropped", test_dropped);
  g_test_add_func ("/http/chain", test_chain);
  status = g_test_run ();
  mc_test_server_free (server);
  return status;
}
