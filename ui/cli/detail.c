/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "detail.h"

#include "text.h"

void
mc_detail_line (const char *lead, const char *text)
{
  g_autofree char *clean = mc_text_sanitize (text, 2000);
  g_autofree char *line = g_strconcat (lead, clean, NULL);

  mc_cli_say (stdout, line);
}

/* Trouble of ours is told in sentences; what a CA wrote is worth reading as it wrote it. */
static void
say_words (const McProblem *problem)
{
  g_autofree char *title = NULL;

  if (problem == NULL || g_str_has_prefix (problem->type, "mailcert:"))
    return;
  /* Translators: the name of a kind of error, such as "rateLimited", then the CA's own words. */
  title = g_strdup_printf (_ ("The CA's own words (%s): %s"), problem->type, problem->detail);
  mc_detail_line ("  ", title);
  if (problem->instance != NULL)
    mc_detail_line ("    ", problem->instance);
  for (guint i = 0; i < problem->parts->len; i++) {
    const McProblemPart *part = g_ptr_array_index (problem->parts, i);
    g_autofree char *line =
        g_strdup_printf ("%s%s%s%s%s", part->address != NULL ? part->address : "", part->address != NULL ? ": " : "",
                         part->type, *part->detail != '\0' ? ": " : "", part->detail);

    mc_detail_line ("    ", line);
  }
}

static void
say_field (const char *name, const char *value)
{
  g_autofree char *line = value != NULL ? g_strdup_printf ("%s: %s", name, value) : NULL;

  if (line != NULL)
    mc_detail_line ("    ", line);
}

/* The Subject carries half of the token: what it says otherwise is the same for each reply. */
static void
say_reply (const McEnrollmentAddress *address, gint64 now)
{
  g_autofree char *title = NULL;
  g_autofree char *sent = NULL;
  g_autofree char *told = NULL;

  if (address->reply_message_id == NULL)
    return;
  /* Translators: a mail address. */
  title = g_strdup_printf (_ ("The reply for %s:"), address->address);
  mc_detail_line ("  ", title);
  say_field ("From", address->address);
  say_field ("To", address->reply_to);
  say_field ("Subject", "Re: ACME: ...");
  say_field ("Message-ID", address->reply_message_id);
  say_field ("In-Reply-To", address->challenge_message_id);
  if (address->replied_at > 0) {
    sent = mc_text_handed_over (address->transport, address->replied_at, now);
    mc_detail_line ("    ", sent);
  }
  if (address->posted_at > 0) {
    g_autofree char *when = mc_text_time (address->posted_at, now);

    /* Translators: a time such as "today 14:02". */
    told = g_strdup_printf (_ ("The CA was told of it %s."), when);
    mc_detail_line ("    ", told);
  }
}

static void
say_history (const McEnrollment *e, gint64 now)
{
  for (guint i = 0; i < e->history->len; i++) {
    const McHistoryEntry *entry = g_ptr_array_index (e->history, i);
    g_autofree char *when = mc_text_time (entry->at, now);
    g_autofree char *text = mc_text_history (e, entry);
    g_autofree char *line = g_strdup_printf ("%s: %s", when, text);

    mc_detail_line ("    ", line);
  }
}

/* As revoke --serial takes it. */
static void
say_serial (const McEnrollment *e)
{
  g_autoptr (McCertificateInfo) info = mc_text_certificate (e);
  /* Translators: the certificate's, in hexadecimal digits. */
  g_autofree char *line = info != NULL ? g_strdup_printf (_ ("Serial number %s."), info->serial) : NULL;

  if (line != NULL)
    mc_detail_line ("  ", line);
}

void
mc_detail_say (const McEnrollment *e, gint64 now)
{
  say_serial (e);
  say_words (e->problem);
  for (guint i = 0; i < e->addresses->len; i++)
    say_reply (mc_enrollment_address (e, i), now);
  say_history (e, now);
}
