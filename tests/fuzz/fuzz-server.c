/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a mail server says, as far as we read it ourselves: after an "S" replies to SMTP commands, else the octets of an
 * IMAP connection, which the guard sees before libetpan does. */

#include "base/error.h"
#include "net/imap-guard.h"
#include "net/smtp-session.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct {
  GString *text;
  gsize at;
} Script;

static ssize_t
script_read (mailstream_low *low, void *buffer, size_t size)
{
  Script *script = low->data;
  gsize n = MIN (size, script->text->len - script->at);

  memcpy (buffer, script->text->str + script->at, n);
  script->at += n;
  return (ssize_t)n;
}

static ssize_t
script_write (mailstream_low *low, const void *bytes, size_t size)
{
  return (ssize_t)size;
}

static int
script_close (mailstream_low *low)
{
  return 0;
}

static int
script_fd (mailstream_low *low)
{
  return -1;
}

static void
script_free (mailstream_low *low)
{
  free (low);
}

static void
check_refusal (const McSmtpSession *session)
{
  g_autoptr (GError) error = NULL;
  int code = session->code / 100 == 4 ? MC_ERROR_LATER : MC_ERROR_REFUSED;

  mc_smtp_session_refused (session, "a command", &error);
  g_assert_error (error, MC_ERROR, code);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strpbrk (error->message, "\r\n\033"));
}

/* The last line never ends the connection, which a stream of ours alone could report. */
static void
try_smtp (const char *text, gsize length)
{
  static mailstream_low_driver driver = {.mailstream_read = script_read,
                                         .mailstream_write = script_write,
                                         .mailstream_close = script_close,
                                         .mailstream_get_fd = script_fd,
                                         .mailstream_free = script_free};
  g_autoptr (GString) all = g_string_new_len (text, (gssize)length);
  Script script = {all, 0};
  mailstream_low *low = mailstream_low_new (&script, &driver);
  McSmtpSession session = {.stream = mailstream_new (low, 512), .low = low, .text = g_string_new (NULL)};
  gboolean good = TRUE;

  g_string_append (all, "\r\n250 end\r\n");
  session.host = (char *)"mail.example.org";
  while (good && script.at < all->len) {
    g_autoptr (GError) error = NULL;

    good = mc_smtp_session_reply (&session, &error);
    g_assert_true (good == (error == NULL) && good == (session.code != 0 || error == NULL));
    g_assert_cmpuint (session.code, <, 1000);
    g_assert_cmpuint (session.text->len, <=, all->len);
    if (good)
      check_refusal (&session);
  }
  g_string_free (session.text, TRUE);
  mailstream_close (session.stream);
}

/* It sees the same however the octets arrive. */
static void
try_imap (const char *bytes, gsize length)
{
  McImapGuard whole = {0};
  McImapGuard single = {0};
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) same = NULL;
  gboolean good = mc_imap_guard_feed (&whole, bytes, length, &error);
  gboolean still = TRUE;

  for (gsize i = 0; i < length && still; i++) {
    still = mc_imap_guard_feed (&single, bytes + i, 1, &same);
    g_assert_true (!still || single.depth <= MC_IMAP_DEPTH_MAX);
    g_assert_cmpuint (single.literal, <=, MC_IMAP_LITERAL_MAX);
  }
  g_assert_true (good == still && good == (error == NULL));
  if (!good) {
    g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
    g_assert_cmpstr (error->message, ==, same->message);
    return;
  }
  g_assert_cmpuint (whole.literal, ==, single.literal);
  g_assert_cmpuint (whole.depth, ==, single.depth);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size > 0 && data[0] == 'S')
    try_smtp ((const char *)data + 1, size - 1);
  else
    try_imap ((const char *)data, size);
  return 0;
}
