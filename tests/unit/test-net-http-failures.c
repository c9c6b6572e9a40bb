/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "https-asker.h"

#include <string.h>

static void
test_failures (void)
{
  static const struct {
    const char *path;
    gint code;
  } cases[] = {{"/cut", MC_ERROR_LATER},           {"/gone", MC_ERROR_LATER},        {"/huge", MC_ERROR_MALFORMED},
               {"/huge-said", MC_ERROR_MALFORMED}, {"/headers", MC_ERROR_MALFORMED}, {"/garbage", MC_ERROR_MALFORMED}};
  g_autoptr (McHttp) http = mc_test_http_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (McTestAnswer) answer = {0};

    mc_test_http_ask (http, "GET", cases[i].path, NULL, &answer);
    g_test_message ("%s", cases[i].path);
    g_assert_error (answer.error, MC_ERROR, cases[i].code);
    g_assert_nonnull (strstr (answer.error->message, "localhost"));
  }
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
  g_autoptr (McHttp) http = mc_test_http_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (McTestAnswer) answer = {0};
    g_autofree char *url = mc_test_http_url (cases[i].port, "/x");

    mc_test_http_start (http, "GET", url, NULL, &answer);
    mc_test_http_finish (http, &answer);
    g_assert_error (answer.error, MC_ERROR, cases[i].code);
  }
  g_assert_false (mc_test_server_saw (mc_test_https, "client-certificate"));
}

/* Another request's roots must not make a connection good for this one. */
static void
test_roots_are_for_one_peer (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_auto (McTestAnswer) good = {0};
  g_auto (McTestAnswer) system = {0};
  g_auto (McTestAnswer) missing = {0};
  g_autofree char *url = mc_test_http_url ("good", "/x");
  g_autoptr (McHttpRequest) request = mc_http_request_new ("GET", url, NULL, NULL);

  mc_test_http_ask (http, "GET", "/x", NULL, &good);
  g_assert_no_error (good.error);
  mc_http_start (http, request, NULL, mc_test_http_done, &system);
  mc_test_http_finish (http, &system);
  g_assert_error (system.error, MC_ERROR, MC_ERROR_TLS);
  mc_http_start (http, request, "/nonexistent/ca.pem", mc_test_http_done, &missing);
  mc_test_http_finish (http, &missing);
  g_assert_error (missing.error, MC_ERROR, MC_ERROR_CONFIG);
}

static void
test_urls (void)
{
  static const char *const urls[] = {"http://localhost/", "file:///etc/passwd", "https://user:secret@localhost/", "x"};
  g_autoptr (McHttp) http = mc_test_http_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++) {
    g_auto (McTestAnswer) answer = {0};

    mc_test_http_start (http, "GET", urls[i], NULL, &answer);
    g_assert_false (answer.done); /* never from within start */
    mc_test_http_finish (http, &answer);
    g_assert_error (answer.error, MC_ERROR, MC_ERROR_MALFORMED);
    g_assert_null (strstr (answer.error->message, "secret"));
  }
}

static void
test_unreachable (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_auto (McTestAnswer) answer = {0};

  mc_test_http_start (http, "GET", "https://localhost:1/x", NULL, &answer);
  mc_test_http_finish (http, &answer);
  g_assert_error (answer.error, MC_ERROR, MC_ERROR_LATER);
}

/* A CA may hold a POST longer than an answer may stall. */
static void
test_hold_is_no_stall (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_auto (McTestAnswer) answer = {0};
  g_autofree char *url = mc_test_http_url ("good", "/hold");
  gint64 end;

  mc_http_set_limits (http, 0, 1);
  mc_test_http_start (http, "POST", url, "{}", &answer);
  end = g_get_monotonic_time () + 1500 * 1000;
  while (g_get_monotonic_time () < end)
    g_assert_true (mc_http_wait (http, (gint)MAX ((end - g_get_monotonic_time ()) / 1000, 0), NULL));
  g_assert_false (answer.done);
  mc_test_server_await (mc_test_https, "holding");
  mc_test_server_tell (mc_test_https, "release");
  mc_test_http_finish (http, &answer);
  g_assert_no_error (answer.error);
  g_assert_cmpstr (answer.body, ==, "held");
}

static void
test_stall (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_auto (McTestAnswer) answer = {0};
  gint64 begun = g_get_monotonic_time ();

  mc_http_set_limits (http, 0, 1);
  mc_test_http_ask (http, "GET", "/stall", NULL, &answer);
  g_assert_error (answer.error, MC_ERROR, MC_ERROR_LATER);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 10 * G_USEC_PER_SEC);
  mc_test_server_tell (mc_test_https, "release");
}

static void
test_total (void)
{
  g_autoptr (McHttp) http = mc_test_http_new ();
  g_auto (McTestAnswer) answer = {0};

  mc_http_set_limits (http, 1, 0);
  mc_test_http_ask (http, "POST", "/hold", "{}", &answer);
  g_assert_error (answer.error, MC_ERROR, MC_ERROR_LATER);
  mc_test_server_tell (mc_test_https, "release");
}

/* What a certificate names may be fetched, but leads nowhere else. */
static void
test_reaches (void)
{
  static const struct {
    const char *path;
    const char *why; /* NULL = it is there */
  } cases[] = {{"/x", NULL},
               {"/full", NULL},
               {"/huge", NULL}, /* more than is read */
               {"/redirect", NULL},
               {"/problem", "403"},
               {"/gone", ""},
               {"/redirect-host", "another host"},
               {"/redirect-port", "another host"},
               {"/redirect-file", "another host"},
               {"/redirect-user", "another host"},
               {"/redirect-round", "from one address to the next"}};
  const guint port = mc_test_server_port (mc_test_https, "clear");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u%s", port, cases[i].path);
    g_autoptr (GError) error = NULL;
    const gboolean there = mc_http_reaches (url, 20, &error);

    g_test_message ("%s: %s", cases[i].path, there ? "there" : error->message);
    g_assert_true (there == (cases[i].why == NULL));
    if (!there)
      g_assert_nonnull (strstr (error->message, cases[i].why));
  }
  g_assert_false (mc_http_reaches ("file:///etc/passwd", 20, NULL));
  g_assert_false (mc_http_reaches ("http://user:secret@127.0.0.1/", 20, NULL));
}

static void
test_public (void)
{
  static const char *const open[] = {"8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"};
  static const char *const closed[] = {
      "127.0.0.1",        "10.1.2.3",          "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
      "0.0.0.0",          "224.0.0.1",         "::1",        "fe80::1",     "fd00::1",         "::",
      "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "x"};

  for (gsize i = 0; i < G_N_ELEMENTS (open); i++)
    g_assert_true (mc_http_is_public (open[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (closed); i++)
    g_assert_false (mc_http_is_public (closed[i]));
}

static void
add (void)
{
  g_test_add_func ("/http/failures", test_failures);
  g_test_add_func ("/http/trust", test_trust);
  g_test_add_func ("/http/roots-are-for-one-peer", test_roots_are_for_one_peer);
  g_test_add_func ("/http/urls", test_urls);
  g_test_add_func ("/http/unreachable", test_unreachable);
  g_test_add_func ("/http/hold-is-no-stall", test_hold_is_no_stall);
  g_test_add_func ("/http/stall", test_stall);
  g_test_add_func ("/http/total", test_total);
  g_test_add_func ("/http/reaches", test_reaches);
  g_test_add_func ("/http/public", test_public);
}

int
main (int argc, char **argv)
{
  return mc_test_http_main (argc, argv, add);
}
