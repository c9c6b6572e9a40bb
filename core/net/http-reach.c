/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http.h"

#include "base/error.h"

#include <curl/curl.h>

#define REDIRECTS 3
#define ENOUGH (64 * 1024) /* it is there; what it says is not for us */

static size_t
drop (char *bytes, size_t size, size_t count, void *user)
{
  gsize *seen = user;

  *seen += size * count;
  return *seen > ENOUGH ? 0 : size * count;
}

const char *
mc_http_library (void)
{
  return curl_version ();
}

gboolean
mc_http_reaches (const char *url, guint seconds, GError **error)
{
  g_autoptr (McHttp) http = mc_http_new (error); /* sets curl up */
  CURL *easy = http != NULL ? curl_easy_init () : NULL;
  gsize seen = 0;
  long status = 0;
  CURLcode code;

  if (easy == NULL)
    return FALSE;
  curl_easy_setopt (easy, CURLOPT_URL, url);
  curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt (easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt (easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt (easy, CURLOPT_MAXREDIRS, (long)REDIRECTS);
  curl_easy_setopt (easy, CURLOPT_CAINFO, NULL);
  curl_easy_setopt (easy, CURLOPT_CAPATH, "/etc/ssl/certs");
  curl_easy_setopt (easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  curl_easy_setopt (easy, CURLOPT_TIMEOUT, (long)seconds);
  curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, drop);
  curl_easy_setopt (easy, CURLOPT_WRITEDATA, &seen);
  code = curl_easy_perform (easy);
  curl_easy_getinfo (easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_cleanup (easy);
  if (status == 200 && (code == CURLE_OK || seen > ENOUGH))
    return TRUE;
  if (code != CURLE_OK)
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s: %s", url, curl_easy_strerror (code));
  else
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s answers %ld", url, status);
  return FALSE;
}
