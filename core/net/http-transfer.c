/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http-transfer.h"

#include "base/error.h"

#include <string.h>

#define MAX_HEADER_BYTES (64 * 1024)
#define MAX_HEADERS 200

void
mc_transfer_free (McTransfer *transfer)
{
  if (transfer->easy != NULL)
    curl_easy_cleanup (transfer->easy);
  curl_slist_free_all (transfer->headers);
  g_ptr_array_unref (transfer->received);
  g_byte_array_unref (transfer->body);
  g_free (transfer->url);
  g_free (transfer->body_sent);
  g_free (transfer);
}

static gboolean
is_header_name (const char *name, gsize length)
{
  if (length == 0)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (name[i]) && strchr ("!#$%&'*+-.^_`|~", name[i]) == NULL)
      return FALSE;
  return TRUE;
}

static void
take_header (McTransfer *transfer, const char *line, gsize length)
{
  const char *colon = memchr (line, ':', length);
  g_autofree char *value = NULL;

  /* Folded lines and nonsense are left out: RFC 9112 5.2 lets us. */
  if (colon == NULL || memchr (line, '\0', length) != NULL || !is_header_name (line, (gsize)(colon - line)) ||
      transfer->received->len >= 2 * MAX_HEADERS)
    return;
  value = g_strndup (colon + 1, length - (gsize)(colon + 1 - line));
  g_ptr_array_add (transfer->received, g_ascii_strdown (line, colon - line));
  g_ptr_array_add (transfer->received, g_utf8_make_valid (g_strstrip (value), -1));
}

static gboolean
is_interim (const char *status_line, gsize length)
{
  const char *space = memchr (status_line, ' ', length);

  return space != NULL && (gsize)(space - status_line) + 1 < length && space[1] == '1';
}

static size_t
on_header (char *bytes, size_t size, size_t count, void *user)
{
  McTransfer *transfer = user;
  gsize length = size * count;
  gsize text = length;

  transfer->header_bytes += length;
  if (transfer->header_bytes > MAX_HEADER_BYTES) {
    transfer->too_large = TRUE;
    return 0;
  }
  while (text > 0 && (bytes[text - 1] == '\n' || bytes[text - 1] == '\r'))
    text--;
  if (text >= 5 && memcmp (bytes, "HTTP/", 5) == 0) { /* also after a 1xx: only the last block counts */
    g_ptr_array_set_size (transfer->received, 0);
    transfer->in_headers = TRUE;
    transfer->interim = is_interim (bytes, text);
  } else if (text == 0)
    transfer->in_headers = FALSE;
  else if (transfer->in_headers) /* and no trailers */
    take_header (transfer, bytes, text);
  /* An interim answer is a server that says it is still at it: no answer has begun. */
  transfer->progress_at = transfer->interim ? 0 : g_get_monotonic_time ();
  return length;
}

static size_t
on_body (char *bytes, size_t size, size_t count, void *user)
{
  McTransfer *transfer = user;
  gsize length = size * count;

  transfer->progress_at = g_get_monotonic_time ();
  if (length > MC_HTTP_MAX_BODY - transfer->body->len) {
    transfer->too_large = TRUE;
    return 0;
  }
  g_byte_array_append (transfer->body, (const guint8 *)bytes, (guint)length);
  return length;
}

static void
set_policy (CURL *easy, const char *ca_file)
{
  curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt (easy, CURLOPT_FOLLOWLOCATION, 0L); /* a signed URL must be the URL that is asked (B08) */
  curl_easy_setopt (easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt (easy, CURLOPT_PIPEWAIT, 1L); /* several requests at once share the connection that is being made */
  curl_easy_setopt (easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  /* One of the two and never curl's built-in bundle, which takes 100 ms to read. */
  curl_easy_setopt (easy, CURLOPT_CAINFO, ca_file);
  curl_easy_setopt (easy, CURLOPT_CAPATH, ca_file != NULL ? NULL : "/etc/ssl/certs");
  curl_easy_setopt (easy, CURLOPT_PROXY_CAINFO, NULL);
  curl_easy_setopt (easy, CURLOPT_PROXY_CAPATH, "/etc/ssl/certs");
  curl_easy_setopt (easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* a proxy's headers are not the CA's */
  curl_easy_setopt (easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  curl_easy_setopt (easy, CURLOPT_CONNECTTIMEOUT, (long)MC_HTTP_CONNECT_SECONDS);
  curl_easy_setopt (easy, CURLOPT_MAXFILESIZE, (long)MC_HTTP_MAX_BODY);
}

static void
set_request (McTransfer *transfer, const McHttpRequest *request)
{
  CURL *easy = transfer->easy;

  curl_easy_setopt (easy, CURLOPT_URL, transfer->url);
  curl_easy_setopt (easy, CURLOPT_PATH_AS_IS, 1L);
  transfer->headers = curl_slist_append (NULL, "Accept-Language: en");
  if (g_str_equal (request->method, "HEAD"))
    curl_easy_setopt (easy, CURLOPT_NOBODY, 1L);
  if (request->body != NULL) {
    g_autofree char *type = g_strconcat ("Content-Type: ", request->content_type, NULL);

    /* Should curl repeat the request because a kept connection was closed before it answered, then the same nonce
     * goes with it: a CA that had taken the first refuses the second (RFC 8555 6.5). On a connection of its own it
     * repeats nothing. */
    curl_easy_setopt (easy, CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
    transfer->body_sent = g_strdup (request->body);
    curl_easy_setopt (easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen (transfer->body_sent));
    curl_easy_setopt (easy, CURLOPT_POSTFIELDS, transfer->body_sent);
    transfer->headers = curl_slist_append (transfer->headers, type);
    transfer->headers = curl_slist_append (transfer->headers, "Expect:");
  }
  curl_easy_setopt (easy, CURLOPT_HTTPHEADER, transfer->headers);
  curl_easy_setopt (easy, CURLOPT_ERRORBUFFER, transfer->reason);
  curl_easy_setopt (easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt (easy, CURLOPT_HEADERDATA, transfer);
  curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt (easy, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt (easy, CURLOPT_PRIVATE, transfer);
}

McTransfer *
mc_transfer_new (const McHttpRequest *request, const char *ca_file, const char *user_agent, gint64 total_ms)
{
  McTransfer *transfer = g_new0 (McTransfer, 1);

  transfer->url = g_strdup (request->url);
  transfer->received = g_ptr_array_new_with_free_func (g_free);
  transfer->body = g_byte_array_new ();
  if (!mc_url_is_acceptable (transfer->url))
    return transfer;
  transfer->easy = curl_easy_init ();
  g_assert (transfer->easy != NULL); /* out of memory only, and GLib ends then too */
  set_policy (transfer->easy, ca_file);
  curl_easy_setopt (transfer->easy, CURLOPT_TIMEOUT_MS, (long)total_ms);
  curl_easy_setopt (transfer->easy, CURLOPT_USERAGENT, user_agent);
  set_request (transfer, request);
  return transfer;
}

static gint
error_code (const McTransfer *transfer, CURLcode code)
{
  switch (code) {
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
  case CURLE_SSL_INVALIDCERTSTATUS:
  case CURLE_SSL_CIPHER:
    return MC_ERROR_TLS;
  case CURLE_SSL_CONNECT_ERROR:
    /* OpenSSL's own complaint = the two do not agree, for ever; without one the connection was cut. */
    return strstr (transfer->reason, "error:") != NULL ? MC_ERROR_TLS : MC_ERROR_LATER;
  case CURLE_SSL_CACERT_BADFILE:
    return MC_ERROR_CONFIG;
  case CURLE_FILESIZE_EXCEEDED:
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_URL_MALFORMAT:
  case CURLE_BAD_CONTENT_ENCODING:
    return MC_ERROR_MALFORMED;
  default:
    return MC_ERROR_LATER;
  }
}

static GError *
make_error (const McTransfer *transfer, CURLcode code)
{
  g_autoptr (GUri) uri = g_uri_parse (transfer->url, G_URI_FLAGS_NONE, NULL);
  g_autofree char *host = mc_text_sanitize (uri != NULL ? g_uri_get_host (uri) : "the CA", 255);
  g_autofree char *reason = NULL;

  if (transfer->too_large || code == CURLE_FILESIZE_EXCEEDED)
    return g_error_new (MC_ERROR, MC_ERROR_MALFORMED, "the answer of %s is larger than %d KiB", host,
                        MC_HTTP_MAX_BODY / 1024);
  reason = mc_text_sanitize (transfer->reason[0] != '\0' ? transfer->reason : curl_easy_strerror (code), 300);
  return g_error_new (MC_ERROR, error_code (transfer, code), "asking %s: %s", host, reason);
}

static void
tell_response (McTransfer *transfer)
{
  long status = 0;
  g_autoptr (GBytes) body = g_byte_array_free_to_bytes (transfer->body);
  g_autoptr (McHttpResponse) response = NULL;

  transfer->body = g_byte_array_new ();
  curl_easy_getinfo (transfer->easy, CURLINFO_RESPONSE_CODE, &status);
  response = mc_http_response_new ((guint)status, body);
  for (guint i = 0; i + 1 < transfer->received->len; i += 2)
    mc_http_response_add_header (response, transfer->received->pdata[i], transfer->received->pdata[i + 1]);
  transfer->done (transfer->owner, response, NULL);
}

void
mc_transfer_tell (McTransfer *transfer, CURLcode code)
{
  g_autoptr (GError) failure = NULL;

  if (transfer->easy == NULL)
    failure = g_error_new_literal (MC_ERROR, MC_ERROR_MALFORMED,
                                   "the CA gave a URL that is not a plain https one; it is not asked");
  else if (code != CURLE_OK)
    failure = make_error (transfer, code);
  else if (transfer->in_headers) { /* curl takes the end of the connection for the end of the header */
    g_strlcpy (transfer->reason, "the answer ended within its header", sizeof transfer->reason);
    failure = make_error (transfer, CURLE_RECV_ERROR);
  }
  if (failure != NULL)
    transfer->done (transfer->owner, NULL, failure);
  else
    tell_response (transfer);
}
