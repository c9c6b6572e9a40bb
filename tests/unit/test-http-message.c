/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/http-message.h"

#include <string.h>

#define NOW 1795300000

static McHttpResponse *
response_with (const char *name, const char *value)
{
  McHttpResponse *response = mc_http_response_new (200, NULL);

  mc_http_response_add_header (response, name, value);
  return response;
}

static void
test_request (void)
{
  g_autoptr (McHttpRequest) request =
      mc_http_request_new ("POST", "https://ca.example/x", "application/jose+json", g_strdup ("{}"));

  g_assert_cmpstr (request->method, ==, "POST");
  g_assert_cmpstr (request->url, ==, "https://ca.example/x");
  g_assert_cmpstr (request->content_type, ==, "application/jose+json");
  g_assert_cmpstr (request->body, ==, "{}");
  mc_http_request_free (NULL);
}

static void
test_headers (void)
{
  g_autoptr (McHttpResponse) response = response_with ("Content-Type", "  Application/JSON ; charset=utf-8 ");
  g_autoptr (McHttpResponse) bare = mc_http_response_new (204, NULL);
  g_autofree char *type = mc_http_response_media_type (response);
  g_autofree char *none = mc_http_response_media_type (bare);

  mc_http_response_add_header (response, "LOCATION", "https://ca.example/acct/1");
  mc_http_response_add_header (response, "location", "https://ca.example/acct/2");
  mc_http_response_add_header (response, "X-Empty", "");
  g_assert_cmpstr (mc_http_response_header (response, "location"), ==, "https://ca.example/acct/1");
  g_assert_cmpstr (mc_http_response_header (response, "x-empty"), ==, "");
  g_assert_null (mc_http_response_header (response, "locatio"));
  g_assert_null (mc_http_response_header (response, "location2"));
  g_assert_cmpstr (type, ==, "application/json");
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpuint (g_bytes_get_size (bare->body), ==, 0);
  mc_http_response_free (NULL);
}

static void
test_nonce (void)
{
  static const struct {
    const char *value;
    gboolean good;
  } cases[] = {{"oFvnlFP1wIhRlYS2jTaXbA", TRUE},
               {"a-_9", TRUE},
               {"", FALSE},
               {"a b", FALSE},
               {"a+b", FALSE},
               {"a/b", FALSE},
               {"YQ==", FALSE},
               {"a\"b", FALSE}};
  g_autoptr (McHttpResponse) none = mc_http_response_new (200, NULL);
  g_autofree char *many = g_strnfill (513, 'a');
  g_autoptr (McHttpResponse) huge = response_with ("Replay-Nonce", many);

  g_assert_null (mc_http_response_nonce (none));
  g_assert_null (mc_http_response_nonce (huge));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (McHttpResponse) response = response_with ("Replay-Nonce", cases[i].value);

    g_assert_cmpstr (mc_http_response_nonce (response), ==, cases[i].good ? cases[i].value : NULL);
  }
}

static void
test_url (void)
{
  static const char *const good[] = {"https://ca.example",         "https://ca.example/a?b=c&d=%20",
                                     "HTTPS://ca.example/",        "https://ca.example:8443/x@y",
                                     "https://[::1]:14000/dir",    "https://127.0.0.1:14000/dir",
                                     "https://ca.example/?u=a@b.c"};
  static const char *const bad[] = {"",
                                    "http://ca.example/",
                                    "https:ca.example",
                                    "https://",
                                    "https:///x",
                                    "https://:443/",
                                    "https://u@ca.example/",
                                    "https://u:p@ca.example/",
                                    "https://@ca.example/",
                                    "https://ca.example%40evil.example@x/",
                                    "https://ca.example\\@evil.example/",
                                    "https://ca.example/a b",
                                    "https://ca.example/\r\n",
                                    "https://ca.example/\t",
                                    "https://ca.example/\177",
                                    "https://b\303\274cher.example/",
                                    "https://ca.example:port/",
                                    "https://ca.example:99999/",
                                    "https://ca.example/<x>",
                                    "https://ca.example/#part",
                                    "//ca.example/",
                                    " https://ca.example/",
                                    "https://[::1/",
                                    "ftp://ca.example/",
                                    "httpsx://ca.example/"};
  g_autofree char *tail = g_strnfill (2048 - 19, 'x');
  g_autofree char *longest = g_strconcat ("https://ca.example/", tail, NULL);
  g_autofree char *too_long = g_strconcat (longest, "x", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_test_message ("%s", good[i]);
    g_assert_true (mc_url_is_acceptable (good[i]));
    g_assert_true (mc_url_is_for_people (good[i]));
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_test_message ("%s", bad[i]);
    g_assert_false (mc_url_is_acceptable (bad[i]));
  }
  g_assert_true (mc_url_is_acceptable (longest));
  g_assert_false (mc_url_is_acceptable (too_long));
  g_assert_false (mc_url_is_acceptable (NULL));
  g_assert_true (mc_url_is_for_people ("http://ca.example/#part"));
  g_assert_false (mc_url_is_for_people ("javascript:alert(1)"));
  g_assert_false (mc_url_is_for_people ("http://u:p@ca.example/"));
  g_assert_false (mc_url_is_for_people (NULL));
}

static void
test_links (void)
{
  static const struct {
    const char *value;
    const char *relation;
    const char *expected; /* joined by spaces */
  } cases[] = {
      {"<https://ca.example/c/2>;rel=\"alternate\"", "alternate", "https://ca.example/c/2"},
      {"<https://ca.example/1>; rel=alternate, <https://ca.example/2>; rel=\"alternate\"", "alternate",
       "https://ca.example/1 https://ca.example/2"},
      {"<https://ca.example/1>;rel=up,<https://ca.example/2>;rel=alternate", "alternate", "https://ca.example/2"},
      {"<https://ca.example/1> ; title=\"a, <https://evil.example/>;rel=up\" ; rel = \"Help ALTERNATE next\"",
       "alternate", "https://ca.example/1"},
      {"<https://ca.example/1>;title=\"q\\\"; rel=up\";rel=alternate", "up", ""},
      {"<https://ca.example/1>;title=\"q\\\"; rel=up\";rel=alternate", "alternate", "https://ca.example/1"},
      {"<https://ca.example/1>;rel=up;rel=alternate", "alternate", ""}, /* only the first rel counts */
      {"<https://ca.example/1>;rel=\"alternates\"", "alternate", ""},
      {"<https://ca.example/1,2;3>;rel=alternate", "alternate", "https://ca.example/1,2;3"},
      {"</c/2>;rel=alternate, <http://ca.example/2>;rel=alternate, <https://ca.example/3>;rel=alternate", "alternate",
       "https://ca.example/3"},
      {"<https://u@ca.example/>;rel=alternate", "alternate", ""},
      {",, <https://ca.example/1>;rel=alternate,", "alternate", "https://ca.example/1"},
      {"<https://ca.example/1>;;rel=alternate", "alternate", "https://ca.example/1"},
      {"<https://ca.example/1>;flag;rel=alternate", "alternate", "https://ca.example/1"},
      {"<https://ca.example/1", "alternate", ""},
      {"https://ca.example/1;rel=alternate", "alternate", ""},
      {"<https://ca.example/1>;rel=\"alternate", "alternate", "https://ca.example/1"},
      {"<https://ca.example/1>;rel=", "alternate", ""},
      {"<https://ca.example/1>;rel=\"\\", "alternate", ""},
      {"<https://ca.example/1>", "alternate", ""},
      {"<https://ca.example/1> junk <https://ca.example/2>;rel=alternate", "alternate", ""},
      {"", "alternate", ""},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (McHttpResponse) response = response_with ("Link", cases[i].value);
    g_auto (GStrv) links = mc_http_response_links (response, cases[i].relation);
    g_autofree char *joined = g_strjoinv (" ", links);

    g_test_message ("%s", cases[i].value);
    g_assert_cmpstr (joined, ==, cases[i].expected);
  }
}

static void
test_several_link_headers (void)
{
  g_autoptr (McHttpResponse) response = response_with ("Link", "<https://ca.example/dir>;rel=\"index\"");
  g_auto (GStrv) links = NULL;

  mc_http_response_add_header (response, "link", "<https://ca.example/c/2>;rel=\"alternate\"");
  mc_http_response_add_header (response, "links", "<https://ca.example/c/3>;rel=\"alternate\"");
  mc_http_response_add_header (response, "LINK", "<https://ca.example/c/4>;rel=\"alternate\"");
  links = mc_http_response_links (response, "alternate");
  g_assert_cmpuint (g_strv_length (links), ==, 2);
  g_assert_cmpstr (links[0], ==, "https://ca.example/c/2");
  g_assert_cmpstr (links[1], ==, "https://ca.example/c/4");
}

static void
test_retry_after (void)
{
  static const struct {
    const char *value;
    gint64 expected; /* after NOW, or -1 for "says nothing" */
  } cases[] = {
      {"120", 120},
      {"0", 1},
      {"1", 1},
      {"86401", 86400},
      {"99999999999999999999999999", 86400},
      {"-5", -1},
      {"+5", -1},
      {"1.5", -1},
      {"12 s", -1},
      {"soon", -1},
      {"", -1},
      {"Sat, 21 Nov 2026 22:28:40 GMT", 120},   /* NOW + 120 */
      {"Sun, 06 Nov 1994 08:49:37 GMT", 1},     /* past */
      {"Tue, 01 Jan 2030 00:00:00 GMT", 86400}, /* far */
      {"Sat, 21 Nov 2026 22:28:60 GMT", 139},   /* leap second */
      {"Sat, 31 Nov 2026 22:28:40 GMT", -1},
      {"Sat, 21 Nov 2026 25:28:40 GMT", -1},
      {"Sat, 21 Nov 2026 22:61:40 GMT", -1},
      {"Sat, 21 Nov 2026 22:28:4x GMT", -1},
      {"Sat, 21 Nov 2026 22:28:40 UTC", -1},
      {"Sat, 21 NOV 2026 22:28:40 GMT", -1},
      {"Sat, 21 ovD 2026 22:28:40 GMT", -1},
      {"Sat, 21 Nov 0001 22:28:40 GMT", -1},
      {"Saturday, 21-Nov-26 22:28:40 GMT", -1},
      {"2026-11-21T22:28:40Z", -1},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (McHttpResponse) response = response_with ("Retry-After", cases[i].value);
    gint64 at = mc_http_response_retry_at (response, NOW, 1, 86400);

    g_test_message ("%s", cases[i].value);
    g_assert_cmpint (at, ==, cases[i].expected < 0 ? 0 : NOW + cases[i].expected);
  }
}

static void
test_retry_clamp (void)
{
  g_autoptr (McHttpResponse) response = response_with ("Retry-After", "30");
  g_autoptr (McHttpResponse) none = mc_http_response_new (200, NULL);

  g_assert_cmpint (mc_http_response_retry_at (response, NOW, 60, 3600), ==, NOW + 60);
  g_assert_cmpint (mc_http_response_retry_at (response, NOW, 1, 10), ==, NOW + 10);
  g_assert_cmpint (mc_http_response_retry_at (none, NOW, 1, 10), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-message/request", test_request);
  g_test_add_func ("/http-message/headers", test_headers);
  g_test_add_func ("/http-message/nonce", test_nonce);
  g_test_add_func ("/http-message/url", test_url);
  g_test_add_func ("/http-message/links", test_links);
  g_test_add_func ("/http-message/several-link-headers", test_several_link_headers);
  g_test_add_func ("/http-message/retry-after", test_retry_after);
  g_test_add_func ("/http-message/retry-clamp", test_retry_clamp);
  return g_test_run ();
}
