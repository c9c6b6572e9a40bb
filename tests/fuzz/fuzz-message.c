/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A mail through the index, the challenge and the judge. The DNS answers with the input's last line, where that has no
 * line end. Whatever the mail is, authentic it is only with everything that a reply needs. */

#include "mail/authenticity.h"
#include "mail/own-mail.h"
#include "mail/reply.h"

#include <string.h>

#define NOW 4102444800 /* the seeds are always older */

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_reply (const McChallenge *challenge)
{
  McReply reply = {
      .from = challenge->to,
      .to = challenge->reply_to != NULL ? challenge->reply_to : challenge->from,
      .token_part1 = challenge->token_part1,
      .digest = "AjXW0h9_4YMP6Sv-9tKQNUrapI0us7ayBn0nCGOkUsk",
      .in_reply_to = challenge->message_id,
      .message_id = "<1@example.com>",
  };
  g_autoptr (GBytes) bytes = mc_reply_compose (&reply, NULL);
  g_autoptr (McMessage) mail = bytes == NULL ? NULL : mc_message_parse (bytes);

  g_assert_true (mail == NULL || (mail->defect == MC_MESSAGE_FINE && mail->n_fields == 11));
}

/* The fields stand one behind the other in the bytes, each with its colon and line end, and the body behind them. */
static void
check_index (const McMessage *mail)
{
  gsize next = 0;

  for (guint i = 0; i < mail->n_fields; i++) {
    const McField *field = &mail->fields[i];

    g_assert_cmpuint (field->start, ==, next);
    g_assert_cmpuint (field->name_length, >, 0);
    g_assert_true (field->start + field->name_length < field->value && field->value <= field->value_end);
    g_assert_cmpuint (field->value_end + 2, ==, field->end);
    g_assert_cmpint (mail->data[field->value - 1], ==, ':');
    g_assert_cmpmem (mail->data + field->value_end, 2, "\r\n", 2);
    next = field->end;
  }
  g_assert_true (mail->body == next + 2 || (mail->body == mail->length && next <= mail->length));
  g_assert_cmpuint (mail->body, <=, mail->length);
}

static gboolean
begins (const McMessage *mail, const char *prefix)
{
  return mail->length >= strlen (prefix) && memcmp (mail->data, prefix, strlen (prefix)) == 0;
}

/* What the index has taken is read the same way again. */
static void
check_again (const McMessage *mail)
{
  g_autoptr (McMessage) again = mc_message_parse (mail->bytes);

  if (mail->length > MC_MESSAGE_MAX || begins (mail, "From ") || begins (mail, ">From "))
    return;
  g_assert_cmpint (again->defect, ==, MC_MESSAGE_FINE);
  g_assert_cmpuint (again->n_fields, ==, mail->n_fields);
  g_assert_cmpuint (again->body, ==, mail->body);
  for (guint i = 0; i < mail->n_fields; i++)
    g_assert_cmpmem (&again->fields[i], sizeof again->fields[i], &mail->fields[i], sizeof mail->fields[i]);
}

static void
give_all (McAuthenticity *a, const guint8 *record, gsize length)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  guint lookups = 0;
  const char *name;

  g_ptr_array_add (texts, g_bytes_new (record, length));
  while ((name = mc_authenticity_next_lookup (a)) != NULL) {
    g_autofree char *asked = g_strdup (name);
    McDnsAnswer answer = {length % 5 == 1 ? MC_DNS_UNAVAILABLE : MC_DNS_FOUND, texts, FALSE};

    g_assert_cmpuint (strlen (name), <=, 253);
    mc_authenticity_give (a, asked, &answer);
    g_assert_cmpuint (++lookups, <=, MC_AUTHENTICITY_SIGNATURES_MAX);
  }
}

/* What it says of its sender's provider, were it the person's own. */
static void
check_own (GBytes *bytes, const guint8 *record, gsize length)
{
  g_autoptr (McOwnMail) own = mc_own_mail_new (bytes, "acme+2i211oi1204310@ca.test", NOW);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  McDnsAnswer answer = {MC_DNS_FOUND, texts, FALSE};
  g_autofree char *id = mc_own_mail_id (bytes);
  guint lookups = 0;
  McOwnMailOutcome outcome;

  g_ptr_array_add (texts, g_bytes_new (record, length));
  while (mc_own_mail_next_lookup (own) != NULL) {
    mc_own_mail_give (own, &answer);
    g_assert_cmpuint (++lookups, <=, MC_OWN_MAIL_SIGNATURES_MAX);
  }
  outcome = mc_own_mail_outcome (own);
  g_assert_true (outcome > MC_OWN_MAIL_THIN || (lookups > 0 && length > 0));
  g_assert_true ((mc_own_mail_detail (own) != NULL) ==
                 (outcome == MC_OWN_MAIL_THIN || outcome == MC_OWN_MAIL_FIELDS || outcome == MC_OWN_MAIL_OTHER));
  g_assert_true (id == NULL || strpbrk (id, " \r\n") == NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const McWait waits[] = {{"acme+2i211oi1204310@ca.test", "Alice@example.test", 0, 0}, {NULL, "a@b", 1, 2}};
  McExpectation expected = {.waits = waits, .n_waits = G_N_ELEMENTS (waits), .report_only = size % 2 == 0};
  const guint8 *line_end = memrchr (data, '\n', size);
  gsize record = line_end == NULL || line_end + 1 == data + size ? size : (gsize)(line_end + 1 - data);
  g_autoptr (GBytes) bytes = g_bytes_new (data, record == size ? size : record - 1);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);
  g_autoptr (McAuthenticity) a = mc_authenticity_new (mail, &expected, NULL, NOW);
  const McChallenge *challenge;
  g_auto (McVerdict) verdict = {0};

  g_assert_true ((mail->defect == MC_MESSAGE_FINE) == (mail->defect_detail == NULL));
  if (mail->defect == MC_MESSAGE_FINE) {
    check_index (mail);
    check_again (mail);
  }
  give_all (a, data + record, size - record);
  check_own (bytes, data + record, size - record);
  verdict = mc_authenticity_verdict (a);
  challenge = mc_authenticity_challenge (a); /* of the reading that decided */
  g_assert_true (verdict.code != MC_VERDICT_AUTHENTIC || record < size);
  if (verdict.code >= MC_VERDICT_UNSIGNED) {
    g_assert_true (challenge->token_part1 != NULL && challenge->from != NULL && challenge->to != NULL);
    g_assert_true (challenge->message_id != NULL);
    check_reply (challenge);
  }
  return 0;
}
