/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http.h"

#include "base/error.h"

#include <curl/curl.h>
#include <gio/gio.h>
#include <string.h>

/* The URL stands in a certificate: whoever issued that must not be able to let us ask, in his place, what only this
 * machine or its network can reach. So a redirect leads to the same host, as dirmngr has it (CVE-2018-1000858), and
 * from a public address to none that is not. */

#define REDIRECTS 3
#define ENOUGH (64 * 1024) /* it is there; what it says is not for us */

typedef struct {
  gsize seen;
  guint asked;
  gboolean began_public;
  gboolean refused;
} Reach;

static size_t
drop (char *bytes, size_t size, size_t count, void *user)
{
  Reach *reach = user;

  reach->seen += size * count;
  return reach->seen > ENOUGH ? 0 : size * count;
}

const char *
mc_http_library (void)
{
  return curl_version ();
}

/* RFC 6890's, as far as machines have them. */
static gboolean
is_public_4 (const guint8 *a)
{
  return a[0] != 0 && a[0] != 10 && a[0] != 127 && a[0] < 224 && !(a[0] == 100 && (a[1] & 0xc0) == 64) &&
         !(a[0] == 169 && a[1] == 254) && !(a[0] == 172 && (a[1] & 0xf0) == 16) && !(a[0] == 192 && a[1] == 168);
}

gboolean
mc_http_is_public (const char *address)
{
  static const guint8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static const guint8 translated[12] = {0, 0x64, 0xff, 0x9b};
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (address);
  const guint8 *bytes;

  if (inet == NULL)
    return FALSE;
  bytes = g_inet_address_to_bytes (inet);
  if (g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV4)
    return is_public_4 (bytes);
  if (memcmp (bytes, mapped, sizeof mapped) == 0 || memcmp (bytes, translated, sizeof translated) == 0)
    return is_public_4 (bytes + 12);
  return (bytes[0] & 0xe0) == 0x20; /* 2000::/3 */
}

/* Connected, but nothing asked yet. */
static int
look_at_address (void *user, char *address, char *own G_GNUC_UNUSED, int port G_GNUC_UNUSED, int own_port G_GNUC_UNUSED)
{
  Reach *reach = user;
  const gboolean is_public = mc_http_is_public (address);

  if (reach->asked++ == 0)
    reach->began_public = is_public;
  reach->refused = reach->began_public && !is_public;
  return reach->refused ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static gboolean
is_usual_port (GUri *uri)
{
  const gint port = g_uri_get_port (uri);

  return port == -1 || port == (g_str_equal (g_uri_get_scheme (uri), "https") ? 443 : 80);
}

static gboolean
leads_to_same_host (const char *from, const char *to)
{
  g_autoptr (GUri) here = g_uri_parse (from, G_URI_FLAGS_ENCODED, NULL);
  g_autoptr (GUri) there = mc_url_is_for_people (to) ? g_uri_parse (to, G_URI_FLAGS_ENCODED, NULL) : NULL;

  return here != NULL && there != NULL && g_ascii_strcasecmp (g_uri_get_host (here), g_uri_get_host (there)) == 0 &&
         (g_uri_get_port (here) == g_uri_get_port (there) || (is_usual_port (here) && is_usual_port (there)));
}

static CURL *
easy_new (Reach *reach, guint seconds)
{
  CURL *easy = curl_easy_init ();

  if (easy == NULL)
    return NULL;
  curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt (easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt (easy, CURLOPT_CAINFO, NULL);
  curl_easy_setopt (easy, CURLOPT_CAPATH, "/etc/ssl/certs");
  curl_easy_setopt (easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  curl_easy_setopt (easy, CURLOPT_TIMEOUT, (long)seconds);
  curl_easy_setopt (easy, CURLOPT_PREREQFUNCTION, look_at_address);
  curl_easy_setopt (easy, CURLOPT_PREREQDATA, reach);
  curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, drop);
  curl_easy_setopt (easy, CURLOPT_WRITEDATA, reach);
  return easy;
}

/* One URL and those that it leads to; TRUE if there is something at the end. */
static gboolean
ask (CURL *easy, Reach *reach, const char *url, GError **error)
{
  g_autofree char *at = g_strdup (url);

  for (guint turn = 0; turn <= REDIRECTS; turn++) {
    const char *next = NULL;
    long status = 0;
    CURLcode code;

    reach->seen = 0;
    curl_easy_setopt (easy, CURLOPT_URL, at);
    code = curl_easy_perform (easy);
    curl_easy_getinfo (easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo (easy, CURLINFO_REDIRECT_URL, &next);
    if (status == 200 && (code == CURLE_OK || reach->seen > ENOUGH))
      return TRUE;
    if (code != CURLE_OK) {
      g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s: %s", at,
                   reach->refused ? "it leads into a private network" : curl_easy_strerror (code));
      return FALSE;
    }
    if (next == NULL) {
      g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s answers %ld", at, status);
      return FALSE;
    }
    if (!leads_to_same_host (at, next)) {
      g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s leads to another host", at);
      return FALSE;
    }
    g_free (at);
    at = g_strdup (next);
  }
  g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s leads from one address to the next", url);
  return FALSE;
}

gboolean
mc_http_reaches (const char *url, guint seconds, GError **error)
{
  g_autoptr (McHttp) http = NULL;
  Reach reach = {0};
  CURL *easy;
  gboolean there;

  if (!mc_url_is_for_people (url)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_LATER, "it is no plain address of the web");
    return FALSE;
  }
  http = mc_http_new (error); /* sets curl up */
  if (http == NULL)
    return FALSE;
  easy = easy_new (&reach, seconds);
  if (easy == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INTERNAL, "libcurl cannot be started");
    return FALSE;
  }
  there = ask (easy, &reach, url, error);
  curl_easy_cleanup (easy);
  return there;
}
