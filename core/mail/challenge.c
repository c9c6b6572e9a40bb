/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/challenge.h"

#include "base/mutant.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/subject.h"
#include "mail/token.h"

#include <openssl/evp.h>
#include <string.h>

#define LABEL "ACME:"
#define MESSAGE_ID_MAX 900 /* In-Reply-To is one line of at most 998 octets */

gboolean
mc_message_id_is_valid (const char *message_id)
{
  gsize length = strlen (message_id);

  if (length < 3 || length > MESSAGE_ID_MAX || message_id[0] != '<' || message_id[length - 1] != '>' ||
      !g_utf8_validate (message_id, -1, NULL))
    return FALSE;
  for (const char *p = message_id + 1; p < message_id + length - 1; p = g_utf8_next_char (p)) {
    if (!g_unichar_isgraph (g_utf8_get_char (p)) || *p == '<' || *p == '>')
      return FALSE;
  }
  return TRUE;
}

char *
mc_challenge_token_print (const char *token_part1)
{
  static const char digits[] = "0123456789abcdef";
  guint8 digest[32] = {0};
  char *text = g_malloc0 (2 * sizeof digest + 1);

  EVP_Digest (token_part1, strlen (token_part1), digest, NULL, EVP_sha256 (), NULL);
  for (guint i = 0; i < sizeof digest; i++) {
    text[2 * i] = digits[digest[i] >> 4];
    text[2 * i + 1] = digits[digest[i] & 15];
  }
  return text;
}

/* Of several Subjects the first that is a challenge's: the second one is then what the verdict is about. */
static char *
find_subject (const McMessage *mail, McChallenge *challenge, gboolean *foreign)
{
  g_autofree char *first = NULL;

  for (guint i = 0; i < mail->n_fields; i++) {
    g_autofree char *value = NULL;
    g_autofree char *text = NULL;

    if (!mc_message_field_is (mail, &mail->fields[i], "Subject"))
      continue;
    value = mc_message_unfold (mail, &mail->fields[i]);
    text = mc_subject_decode (value, foreign);
    if (g_str_has_prefix (text, LABEL) || challenge->subject == NULL) {
      g_free (challenge->subject);
      challenge->subject = g_steal_pointer (&value);
      g_free (first);
      first = g_steal_pointer (&text);
    }
    if (g_str_has_prefix (first, LABEL))
      break;
  }
  return g_steal_pointer (&first);
}

/* TEXT is what follows the label: white space, then the token, which folds may have torn (A30, A33, T-20). */
static void
read_token (const char *text, McChallenge *challenge, McVerdict *verdict)
{
  GString *token = g_string_new (NULL);
  gsize characters;

  for (const char *p = text; *p != '\0'; p++) {
    if (strchr (" \t\r\n", *p) == NULL)
      g_string_append_c (token, *p);
  }
  characters = strcspn (token->str, "=");
  if (*text == '\0' || strchr (" \t\r\n", *text) == NULL ||
      (!mc_token_is_valid (token->str) && !MC_MUTANT ("any-token")) || token->len > MC_TOKEN_PART1_MAX)
    mc_verdict_note (verdict, "token", FALSE, MC_VERDICT_BAD_SUBJECT, "no base64url token follows \"ACME:\"");
  else if (characters < MC_TOKEN_PART1_MIN && !MC_MUTANT ("any-token-length"))
    mc_verdict_note (verdict, "token", FALSE, MC_VERDICT_SHORT_TOKEN, "the token has less than 128 bits");
  else {
    mc_verdict_note (verdict, "token", TRUE, MC_VERDICT_AUTHENTIC, "128 bits or more");
    challenge->token_part1 = g_string_free (token, FALSE);
    return;
  }
  g_string_free (token, TRUE);
}

static gboolean
has_response_block (const McMessage *mail)
{
  return g_strstr_len (mail->data + mail->body, (gssize)(mail->length - mail->body), "-----BEGIN ACME RESPONSE-----") !=
         NULL;
}

static void
check_subject (const McMessage *mail, McChallenge *challenge, McVerdict *verdict)
{
  gboolean foreign = FALSE;
  g_autofree char *subject = find_subject (mail, challenge, &foreign);

  if (subject != NULL && g_str_has_prefix (subject, LABEL)) {
    verdict->kind = MC_MAIL_CHALLENGE;
    mc_verdict_note (verdict, "subject", TRUE, MC_VERDICT_AUTHENTIC, "begins with \"ACME:\"");
    read_token (subject + strlen (LABEL), challenge, verdict);
    mc_verdict_note (verdict, "charset", !foreign || MC_MUTANT ("any-charset"), MC_VERDICT_BAD_CHARSET,
                     foreign ? "the Subject is not in UTF-8 or US-ASCII" : "UTF-8 or US-ASCII");
  } else if (subject != NULL && strstr (subject, LABEL) != NULL && /* T-21: any prefix, in any language */
             !MC_MUTANT ("reply-unseen")) {
    verdict->kind = MC_MAIL_RESPONSE;
    mc_verdict_note (verdict, "subject", FALSE, MC_VERDICT_IS_REPLY, "something stands before \"ACME:\"");
  } else {
    verdict->kind = has_response_block (mail) ? MC_MAIL_RESPONSE : MC_MAIL_OTHER;
    mc_verdict_note (verdict, "subject", FALSE, MC_VERDICT_NOT_A_CHALLENGE, "does not begin with \"ACME:\"");
  }
}

/* RFC 3834 5: keyword, then parameters, comments anywhere; "type=acme" is not required (A36). */
static gboolean
is_auto_generated (const char *value)
{
  static const char keyword[] = "auto-generated";
  g_autoptr (GString) bare = g_string_new (NULL);
  guint depth = 0;

  for (const char *p = value; *p != '\0' && (depth > 0 || *p != ';'); p++) {
    if (*p == '(' && ++depth > MC_ADDRESS_COMMENT_DEPTH)
      return FALSE;
    if (depth == 0 || (depth == 1 && *p == '('))
      g_string_append_c (bare, depth == 0 ? *p : ' ');
    else if (*p == ')')
      depth--;
    else if (*p == '\\' && p[1] != '\0')
      p++;
  }
  return depth == 0 && g_ascii_strcasecmp (mc_message_strip (bare->str), keyword) == 0;
}

static void
check_auto_submitted (const McMessage *mail, McVerdict *verdict)
{
  g_autofree char *value = mc_message_value (mail, "Auto-Submitted");
  gboolean ok = MC_MUTANT ("any-auto-submitted") || (value != NULL && is_auto_generated (value));

  mc_verdict_note (verdict, "auto-submitted", ok, MC_VERDICT_NOT_AUTO_SUBMITTED,
                   ok              ? "auto-generated"
                   : value == NULL ? "there is no Auto-Submitted field"
                                   : "Auto-Submitted does not say auto-generated");
}

/* One each of what is needed, and nothing twice that a signature covers (T-17). */
static void
check_fields (const McMessage *mail, McVerdict *verdict)
{
  gboolean fine = TRUE;

  for (guint i = 0; mc_message_signed_fields[i] != NULL; i++) {
    const char *name = mc_message_signed_fields[i];
    guint count = mc_message_count (mail, name);
    g_autofree char *detail = NULL;

    if ((count > 1 && !MC_MUTANT ("field-twice")) || (count == 0 && i < MC_MESSAGE_NEEDED)) {
      fine = FALSE;
      detail = g_strdup_printf (count > 1 ? "%s stands more than once" : "there is no %s field", name);
      mc_verdict_note (verdict, "fields", FALSE, count > 1 ? MC_VERDICT_DUPLICATE_HEADER : MC_VERDICT_MISSING_HEADER,
                       detail);
    }
  }
  if (fine)
    mc_verdict_note (verdict, "fields", TRUE, MC_VERDICT_AUTHENTIC, "one each");
}

static void
check_list (const McMessage *mail, McVerdict *verdict)
{
  for (guint i = 0; i < mail->n_fields; i++) {
    const McField *field = &mail->fields[i];

    if (!MC_MUTANT ("list-field") && field->name_length > 5 &&
        g_ascii_strncasecmp (mail->data + field->start, "List-", 5) == 0) {
      mc_verdict_note (verdict, "list", FALSE, MC_VERDICT_LIST_MAIL, "a List- field makes it mailing-list mail");
      return;
    }
  }
  mc_verdict_note (verdict, "list", TRUE, MC_VERDICT_AUTHENTIC, "no List- field");
}

/* The value of the field NAME if it stands exactly once: what stands twice has no value. */
static char *
single_value (const McMessage *mail, const char *name)
{
  return mc_message_count (mail, name) == 1 ? mc_message_value (mail, name) : NULL;
}

static void
note_unreadable (McVerdict *verdict, const char *check, const char *name)
{
  g_autofree char *detail = g_strdup_printf ("the %s field cannot be read", name);

  mc_verdict_note (verdict, check, FALSE, MC_VERDICT_MALFORMED, detail);
}

/* The one address of a field; several or a group are well formed, but never a challenge's (A31, A32). */
static char *
read_address (const McMessage *mail, const char *check, const char *name, McVerdictCode several, McVerdict *verdict)
{
  g_autofree char *value = single_value (mail, name);
  g_autofree char *one = value == NULL ? NULL : mc_address_parse_one (value, strlen (value), NULL);
  g_autoptr (GPtrArray) list = value == NULL ? NULL : mc_address_list_parse (value, strlen (value), NULL);

  if (one == NULL && list != NULL && list->len > 0 && MC_MUTANT ("first-of-several-addresses"))
    return g_strdup (list->pdata[0]);
  if (one == NULL && list != NULL)
    mc_verdict_note (verdict, check, FALSE, several, "not one address");
  else if (list == NULL && value != NULL)
    note_unreadable (verdict, check, name);
  return g_steal_pointer (&one);
}

static void
read_reply_to (const McMessage *mail, McChallenge *challenge, McVerdict *verdict)
{
  g_autofree char *value = single_value (mail, "Reply-To");
  g_autoptr (GPtrArray) list = NULL;

  if (value == NULL)
    return;
  list = mc_address_list_parse (value, strlen (value), NULL);
  if (list == NULL || list->len == 0)
    note_unreadable (verdict, "reply-to", "Reply-To");
  else
    challenge->reply_to = g_strdelimit (g_steal_pointer (&value), "\t", ' ');
}

/* Folds and comments apart, a field of Message-IDs; what is none is left out, since it is only a courtesy (A49). */
static char *
read_references (const McMessage *mail)
{
  g_autofree char *value = single_value (mail, "References");
  g_auto (GStrv) words = value == NULL ? NULL : g_strsplit_set (value, " \t", -1);
  GString *ids = g_string_new (NULL);

  for (guint i = 0; words != NULL && words[i] != NULL; i++) {
    if (mc_message_id_is_valid (words[i]))
      g_string_append_printf (ids, "%s%s", ids->len > 0 ? " " : "", words[i]);
  }
  return g_string_free (ids, ids->len == 0);
}

/* RFC 5322 3.6.4: comments may stand around it; of two Message-IDs or none the field cannot be read. */
static char *
read_message_id (const char *value)
{
  const char *start = value;
  const char *end;
  g_autofree char *id = NULL;

  if (!mc_address_skip_comments (&start))
    return NULL;
  end = start + strcspn (start, ">") + 1;
  id = g_strndup (start, (gsize)(end - start));
  if (!mc_message_id_is_valid (id) || !mc_address_skip_comments (&end) || *end != '\0')
    return NULL;
  return g_steal_pointer (&id);
}

static void
read_values (const McMessage *mail, McChallenge *challenge, McVerdict *verdict)
{
  g_autofree char *date = single_value (mail, "Date");
  g_autofree char *message_id = single_value (mail, "Message-ID");

  challenge->from = read_address (mail, "from", "From", MC_VERDICT_WRONG_FROM, verdict);
  challenge->to = read_address (mail, "to", "To", MC_VERDICT_WRONG_TO, verdict);
  read_reply_to (mail, challenge, verdict);
  challenge->references = read_references (mail);
  challenge->message_id = message_id == NULL ? NULL : read_message_id (message_id);
  if (message_id != NULL && challenge->message_id == NULL)
    note_unreadable (verdict, "message-id", "Message-ID");
  if (date != NULL && !mc_date_parse (date, &challenge->date, NULL))
    note_unreadable (verdict, "date", "Date");
}

McChallenge *
mc_challenge_parse (const McMessage *mail, McVerdict *verdict)
{
  McChallenge *challenge = g_new0 (McChallenge, 1);

  if (mail->defect != MC_MESSAGE_FINE) {
    mc_verdict_note (verdict, "message", FALSE,
                     mail->defect == MC_MESSAGE_TOO_LARGE ? MC_VERDICT_TOO_LARGE : MC_VERDICT_MALFORMED,
                     mail->defect_detail);
    return challenge;
  }
  mc_verdict_note (verdict, "message", TRUE, MC_VERDICT_AUTHENTIC, "well formed");
  check_subject (mail, challenge, verdict);
  check_auto_submitted (mail, verdict);
  check_fields (mail, verdict);
  check_list (mail, verdict);
  read_values (mail, challenge, verdict);
  return challenge;
}

void
mc_challenge_free (McChallenge *challenge)
{
  if (challenge == NULL)
    return;
  g_free (challenge->token_part1);
  g_free (challenge->from);
  g_free (challenge->to);
  g_free (challenge->reply_to);
  g_free (challenge->message_id);
  g_free (challenge->references);
  g_free (challenge->subject);
  g_free (challenge);
}
