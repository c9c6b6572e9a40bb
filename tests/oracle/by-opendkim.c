/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What libopendkim says of a batch of mails (batch.h): a word for each DKIM-Signature from the top, "pass", or "fail:"
 * and its own reason; "unread" where it does not read the mail. */

#include "batch.h"

#include <time.h>

#include <opendkim/dkim.h>

static GPtrArray *zone;
static time_t now;

/* In place of the C library's: the mails' clock, which the library has an option for only where it signs. */
time_t
time (time_t *out)
{
  if (out != NULL)
    *out = now;
  return now;
}

/* Of several texts the first that could be a key, as the oracle is asked about signatures, not about DNS. */
static DKIM_CBSTAT
look_up (DKIM *dkim, DKIM_SIGINFO *signature, unsigned char *text, size_t size)
{
  g_autofree char *name = g_strdup_printf ("%s._domainkey.%s", (const char *)dkim_sig_getselector (signature),
                                           (const char *)dkim_sig_getdomain (signature));
  const char *found = NULL;

  for (guint i = 0; i < zone->len; i++) {
    char **row = zone->pdata[i];

    if (g_ascii_strcasecmp (row[0], name) != 0)
      continue;
    if (strcmp (row[1], "found") != 0) /* to "try again" it says nothing of the mail's other signatures */
      return DKIM_CBSTAT_NOTFOUND;
    if (found == NULL || (strstr (found, "p=") == NULL && strstr (row[2], "p=") != NULL))
      found = row[2];
  }
  if (found == NULL)
    return DKIM_CBSTAT_NOTFOUND;
  g_strlcpy ((char *)text, found, size);
  return DKIM_CBSTAT_CONTINUE;
}

static void
tell (DKIM *dkim)
{
  DKIM_SIGINFO **signatures = NULL;
  int n = 0;

  if (dkim_getsiglist (dkim, &signatures, &n) != DKIM_STAT_OK)
    n = 0;
  for (int i = 0; i < n; i++) {
    int reason;

    dkim_sig_process (dkim, signatures[i]); /* does nothing where it has been done */
    reason = dkim_sig_geterror (signatures[i]);
    if (reason == DKIM_SIGERROR_OK && DKIM_SIG_CHECK (signatures[i]))
      printf ("%spass", i > 0 ? " " : "");
    else
      printf ("%sfail:%d", i > 0 ? " " : "", reason);
  }
  putchar ('\n');
}

static void
judge (DKIM_LIB *library, GBytes *mail)
{
  gsize length;
  const guint8 *octets = g_bytes_get_data (mail, &length);
  DKIM_STAT status;
  DKIM *dkim = dkim_verify (library, (const unsigned char *)"batch", NULL, &status);
  DKIM_STAT read;

  if (dkim == NULL)
    g_error ("dkim_verify: %d", status);
  read = dkim_chunk (dkim, (unsigned char *)octets, length);
  if (read == DKIM_STAT_OK)
    read = dkim_chunk (dkim, NULL, 0);
  dkim_eom (dkim, NULL); /* its answer is about one signature; each is asked below */
  if (read == DKIM_STAT_OK || read == DKIM_STAT_NOSIG)
    tell (dkim);
  else
    printf ("unread:%d\n", read);
  dkim_free (dkim);
}

int
main (int argc, char *argv[])
{
  DKIM_LIB *library = dkim_init (NULL, NULL);
  GBytes *mail;

  if (argc != 3 || library == NULL)
    return 64;
  now = (time_t)g_ascii_strtoll (argv[2], NULL, 10);
  zone = batch_zone (argv[1]);
  dkim_set_key_lookup (library, look_up);
  while ((mail = batch_next ()) != NULL) {
    judge (library, mail);
    g_bytes_unref (mail);
  }
  dkim_close (library);
  g_ptr_array_unref (zone);
  return 0;
}
