/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/http-message.h"

#include <string.h>

#define MAX_URL_BYTES 2048

McHttpRequest *
mc_http_request_new (const char *method, const char *url, const char *content_type, char *body_take)
{
  McHttpRequest *request = g_new0 (McHttpRequest, 1);

  request->method = method;
  request->url = g_strdup (url);
  request->content_type = content_type;
  request->body = body_take;
  return request;
}

void
mc_http_request_free (McHttpRequest *request)
{
  if (request == NULL)
    return;
  g_free (request->url);
  g_free (request->body);
  g_free (request);
}

McHttpResponse *
mc_http_response_new (guint status, GBytes *body)
{
  McHttpResponse *response = g_new0 (McHttpResponse, 1);

  response->status = status;
  response->headers = g_ptr_array_new_with_free_func (g_free);
  response->body = body != NULL ? g_bytes_ref (body) : g_bytes_new_static ("", 0);
  return response;
}

void
mc_http_response_free (McHttpResponse *response)
{
  if (response == NULL)
    return;
  g_ptr_array_unref (response->headers);
  g_bytes_unref (response->body);
  g_free (response);
}

void
mc_http_response_add_header (McHttpResponse *response, const char *name, const char *value)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autofree char *trimmed = g_strstrip (g_strdup (value));

  g_ptr_array_add (response->headers, g_strconcat (lower, ": ", trimmed, NULL));
}

const char *
mc_http_header_value (const char *header, const char *name)
{
  gsize length = strlen (name);

  if (strncmp (header, name, length) != 0 || header[length] != ':')
    return NULL;
  header += length + 1;
  while (*header == ' ' || *header == '\t')
    header++;
  return header;
}

const char *
mc_http_response_header (const McHttpResponse *response, const char *name)
{
  for (guint i = 0; i < response->headers->len; i++) {
    const char *value = mc_http_header_value (g_ptr_array_index (response->headers, i), name);

    if (value != NULL)
      return value;
  }
  return NULL;
}

const char *
mc_http_response_nonce (const McHttpResponse *response)
{
  const char *nonce = mc_http_response_header (response, "replay-nonce");

  if (nonce == NULL || *nonce == '\0' || strlen (nonce) > 512)
    return NULL;
  for (const char *p = nonce; *p != '\0'; p++) {
    if (!g_ascii_isalnum (*p) && *p != '-' && *p != '_')
      return NULL;
  }
  return nonce;
}

char *
mc_http_response_media_type (const McHttpResponse *response)
{
  const char *value = mc_http_response_header (response, "content-type");
  g_autofree char *bare = NULL;

  if (value == NULL)
    return g_strdup ("");
  bare = g_strstrip (g_strndup (value, strcspn (value, ";")));
  return g_ascii_strdown (bare, -1);
}

/* Characters that no URL has (RFC 3986) and that curl, browsers and terminals read differently. */
static gboolean
has_clean_characters (const char *url)
{
  for (const char *p = url; *p != '\0'; p++) {
    if ((guchar)*p <= ' ' || (guchar)*p >= 0x7f || strchr ("\\\"<>", *p) != NULL)
      return FALSE;
  }
  return TRUE;
}

static gboolean
has_scheme (const char *url, const char *scheme, gboolean with_fragment)
{
  g_autoptr (GUri) uri = NULL;
  const char *host;

  if (url == NULL || strnlen (url, MAX_URL_BYTES + 1) > MAX_URL_BYTES || !has_clean_characters (url))
    return FALSE;
  uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  if (uri == NULL || g_strcmp0 (g_uri_get_scheme (uri), scheme) != 0)
    return FALSE;
  host = g_uri_get_host (uri);
  if (host == NULL || *host == '\0' || strchr (host, '@') != NULL)
    return FALSE;
  return g_uri_get_userinfo (uri) == NULL && (with_fragment || g_uri_get_fragment (uri) == NULL);
}

gboolean
mc_url_is_acceptable (const char *url)
{
  return has_scheme (url, "https", FALSE);
}

gboolean
mc_url_is_for_people (const char *url)
{
  return has_scheme (url, "https", TRUE) || has_scheme (url, "http", TRUE);
}
