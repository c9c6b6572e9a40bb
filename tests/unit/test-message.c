/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The field index: what is a mail, and what its fields say. */

#include "mail-text.h"

static void
check_defect (const char *text, gssize length, McMessageDefect defect)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, length < 0 ? strlen (text) : (gsize)length);
  g_autoptr (McMessage) mail = mc_message_parse (bytes);

  g_test_message ("%.40s", text);
  g_assert_cmpint (mail->defect, ==, defect);
  g_assert_true ((mail->defect_detail == NULL) == (defect == MC_MESSAGE_FINE));
  if (defect != MC_MESSAGE_FINE) {
    g_assert_cmpuint (mail->length, ==, 0);
    g_assert_cmpuint (mail->n_fields, ==, 0);
  }
}

static void
test_line_ends (void)
{
  check_defect ("A: b\r\n\r\nbody\r\n", -1, MC_MESSAGE_FINE);
  check_defect ("A: b\n\nbody\n", -1, MC_MESSAGE_FINE);
  check_defect ("A: b\r\n\r\nbody\n", -1, MC_MESSAGE_MALFORMED);
  check_defect ("A: b\n\nbody\r\n", -1, MC_MESSAGE_MALFORMED);
  check_defect ("A: b\r\n\r\nbo\rdy\r\n", -1, MC_MESSAGE_MALFORMED);
  check_defect ("A: b\n\nbo\rdy\n", -1, MC_MESSAGE_MALFORMED);
  check_defect ("A: b\r\r\n\r\n", -1, MC_MESSAGE_MALFORMED);
  check_defect ("A: b\r\n\r\nbody\r", -1, MC_MESSAGE_MALFORMED);
}

static void
test_header_lines (void)
{
  check_defect ("", -1, MC_MESSAGE_FINE);
  check_defect ("\r\nbody", -1, MC_MESSAGE_FINE);
  check_defect ("A: b\r\n", -1, MC_MESSAGE_FINE); /* no body at all */
  check_defect ("A:\r\n", -1, MC_MESSAGE_FINE);
  check_defect ("A \t: b\r\n\r\n", -1, MC_MESSAGE_FINE);
  check_defect ("A: b", -1, MC_MESSAGE_MALFORMED);
  check_defect ("A\r\n\r\n", -1, MC_MESSAGE_MALFORMED);
  check_defect (": b\r\n\r\n", -1, MC_MESSAGE_MALFORMED);
  check_defect ("A b: c\r\n\r\n", -1, MC_MESSAGE_MALFORMED);
  check_defect ("\303\204: b\r\n\r\n", -1, MC_MESSAGE_MALFORMED);
  check_defect (" A: b\r\n\r\n", -1, MC_MESSAGE_MALFORMED);
  check_defect ("A: b\0c\r\n\r\n", 11, MC_MESSAGE_MALFORMED);
  check_defect ("A: b\r\n\r\nc\0d\r\n", 13, MC_MESSAGE_FINE);
}

/* N copies of LINE, then an empty line. */
static char *
repeat (const char *line, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, line);
  g_string_append (text, "\r\n");
  return g_string_free (text, FALSE);
}

static void
test_limits (void)
{
  g_autofree char *fields = repeat ("A: b\r\n", MC_MESSAGE_FIELDS_MAX);
  g_autofree char *fields_over = repeat ("A: b\r\n", MC_MESSAGE_FIELDS_MAX + 1);
  g_autofree char *long_line = g_strnfill (MC_MESSAGE_FIELD_MAX - 5, 'x');
  g_autofree char *field = g_strdup_printf ("A: %s\r\n\r\n", long_line);
  g_autofree char *field_over = g_strdup_printf ("A: %s\r\n \r\n\r\n", long_line);
  g_autofree char *body = g_strnfill (MC_MESSAGE_MAX - 2, 'x');
  g_autofree char *mail = g_strdup_printf ("\r\n%s", body);
  g_autofree char *mail_over = g_strdup_printf ("\r\n%sx", body);

  check_defect (fields, -1, MC_MESSAGE_FINE);
  check_defect (fields_over, -1, MC_MESSAGE_MALFORMED);
  check_defect (field, -1, MC_MESSAGE_FINE);
  check_defect (field_over, -1, MC_MESSAGE_MALFORMED);
  check_defect (mail, -1, MC_MESSAGE_FINE);
  check_defect (mail_over, -1, MC_MESSAGE_TOO_LARGE);
}

static void
check_text (const McMessage *mail, gsize from, const char *expected)
{
  g_autofree char *text = g_strndup (mail->data + from, mail->length - from);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_lf_becomes_crlf (void)
{
  g_autoptr (McMessage) mail = mail_from_text ("A: b\n c\nD: e\n\nbody\n\nend");

  check_text (mail, 0, "A: b\r\n c\r\nD: e\r\n\r\nbody\r\n\r\nend");
  check_text (mail, mail->body, "body\r\n\r\nend");
}

static void
test_mbox_line (void)
{
  static const char *const lines[] = {"From a@b Sun Nov 22\r\n", ">From a@b\r\n"};

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autofree char *text = g_strconcat (lines[i], "A: b\r\n\r\nbody", NULL);
    g_autoptr (McMessage) mail = mail_from_text (text);

    g_assert_cmpint (mail->defect, ==, MC_MESSAGE_FINE);
    g_assert_cmpuint (mail->n_fields, ==, 1);
    check_text (mail, 0, "A: b\r\n\r\nbody");
  }
  check_defect ("A: b\r\nFrom a@b\r\n\r\n", -1, MC_MESSAGE_MALFORMED);
  check_defect ("From a@b", -1, MC_MESSAGE_FINE);
  check_defect ("From: a@b\r\n\r\n", -1, MC_MESSAGE_FINE);
}

static void
check_field (const McMessage *mail, const McField *field, const char *raw, const char *value)
{
  g_autofree char *bytes = g_strndup (mail->data + field->start, field->end - field->start);
  g_autofree char *unfolded = mc_message_unfold (mail, field);

  g_assert_cmpstr (bytes, ==, raw);
  g_assert_cmpstr (unfolded, ==, value);
}

static void
test_index (void)
{
  g_autoptr (McMessage) mail =
      mail_from_text ("To: a\r\nsubject \t:\r\n one\r\n\t two \r\nX:\r\nTO:b\r\n\r\nTo: c\r\n");
  g_autofree char *first = mc_message_value (mail, "TO");
  g_autofree char *none = mc_message_value (mail, "Subj");

  g_assert_cmpuint (mail->n_fields, ==, 4);
  check_field (mail, &mail->fields[0], "To: a\r\n", "a");
  check_field (mail, &mail->fields[1], "subject \t:\r\n one\r\n\t two \r\n", "one\t two");
  check_field (mail, &mail->fields[2], "X:\r\n", "");
  check_field (mail, &mail->fields[3], "TO:b\r\n", "b");
  g_assert_cmpuint (mc_message_count (mail, "to"), ==, 2);
  g_assert_cmpuint (mc_message_count (mail, "Subject"), ==, 1);
  g_assert_cmpuint (mc_message_count (mail, "Subjec"), ==, 0);
  g_assert_true (mc_message_find (mail, "tO") == &mail->fields[0]);
  g_assert_null (mc_message_find (mail, "From"));
  g_assert_cmpstr (first, ==, "a");
  g_assert_null (none);
  check_text (mail, mail->body, "To: c\r\n");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/message/line-ends", test_line_ends);
  g_test_add_func ("/message/header-lines", test_header_lines);
  g_test_add_func ("/message/limits", test_limits);
  g_test_add_func ("/message/lf-becomes-crlf", test_lf_becomes_crlf);
  g_test_add_func ("/message/mbox-line", test_mbox_line);
  g_test_add_func ("/message/index", test_index);
  return g_test_run ();
}
