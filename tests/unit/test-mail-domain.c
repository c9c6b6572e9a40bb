/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/caa.h"
#include "mail/mail-domain.h"
#include "net/dns.h"

#include <string.h>

/* What the DNS says of a mail domain, from servers that say anything. */

static void
test_issuers (void)
{
  /* RFC 9495 4, RFC 8659 4.2: "" where nobody is named, or the value is malformed. */
  static const char *const cases[][2] = {
      {"ca.example", "ca.example"},
      {" \tCA.Example \t", "ca.example"},
      {"ca.example;", "ca.example"},
      {"ca.example ; account=123", "ca.example"},
      {"ca.example; a=1 ; b-c = 2", "ca.example"},
      {"ca.example; a=", "ca.example"},
      {"a--b.1", "a--b.1"},
      {";", ""},
      {"", ""},
      {" ", ""},
      {"; a=1", ""},
      {"ca.example other", ""},
      {"ca..example", ""},
      {".ca.example", ""},
      {"ca.example.", ""},
      {"-ca.example", ""},
      {"ca-.example", ""},
      {"ca_example", ""},
      {"c\xc3\xa4.example", ""},
      {"ca.example; a", ""},
      {"ca.example; =1", ""},
      {"ca.example; a=1;", ""},
      {"ca.example; a=1 b=2", ""},
      {"ca.example; a=\x01", ""},
      {"ca.example; -a=1", ""},
  };
  g_autofree char *long_name = g_strnfill (254, 'a');
  g_autofree char *none = mc_caa_issuer (long_name);

  g_assert_cmpstr (none, ==, "");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *issuer = mc_caa_issuer (cases[i][0]);

    g_test_message ("\"%s\"", cases[i][0]);
    g_assert_cmpstr (issuer, ==, cases[i][1]);
  }
}

static void
test_records (void)
{
  static const struct {
    const char *octets;
    gsize length;
    const char *tag; /* NULL: no record */
    const char *value;
    gboolean critical;
  } cases[] = {
      {"\0\x09issuemailca.test", 18, "issuemail", "ca.test", FALSE},
      {"\x80\x03TBSx", 6, "tbs", "x", TRUE},
      {"\0\x05issue", 7, "issue", "", FALSE},
      {"\x7f\x05issue;", 8, "issue", ";", FALSE},
      {"", 0, NULL, NULL, FALSE},
      {"\0", 1, NULL, NULL, FALSE},
      {"\0\0", 2, NULL, NULL, FALSE},
      {"\0\0x", 3, NULL, NULL, FALSE},
      {"\0\x09issuemai", 10, NULL, NULL, FALSE}, /* shorter than it says */
      {"\0\xffissuemail", 11, NULL, NULL, FALSE},
      {"\0\x05is-ue;", 8, NULL, NULL, FALSE},
      {"\0\x05issuea\0b", 10, NULL, NULL, FALSE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *tag = NULL;
    g_autofree char *value = NULL;
    gboolean critical = FALSE;

    g_assert_true (mc_caa_record_parse ((const guint8 *)cases[i].octets, cases[i].length, &critical, &tag, &value) ==
                   (cases[i].tag != NULL));
    g_assert_cmpstr (tag, ==, cases[i].tag);
    g_assert_cmpstr (value, ==, cases[i].value);
    g_assert_true (critical == cases[i].critical);
  }
}

/* "FLAGS TAG VALUE" of each record, with "|" between them; "-" nothing there, "?" no answer, "!" fails DNSSEC. */
static McDnsAnswer *
answer_of (const char *text)
{
  g_auto (GStrv) records = g_strsplit (text, "|", -1);
  McDnsAnswer *answer;

  if (strcmp (text, "-") == 0)
    return mc_dns_answer_new (MC_DNS_NONE, FALSE);
  if (strcmp (text, "?") == 0 || strcmp (text, "!") == 0)
    return mc_dns_answer_new (*text == '?' ? MC_DNS_UNAVAILABLE : MC_DNS_BOGUS, FALSE);
  answer = mc_dns_answer_new (MC_DNS_FOUND, FALSE);
  for (gsize i = 0; records[i] != NULL; i++) {
    g_auto (GStrv) words = g_strsplit (records[i], " ", 3);
    GByteArray *octets = g_byte_array_new ();

    g_byte_array_append (octets, (const guint8[]){(guint8)atoi (words[0]), (guint8)strlen (words[1])}, 2);
    g_byte_array_append (octets, (const guint8 *)words[1], (guint)strlen (words[1]));
    g_byte_array_append (octets, (const guint8 *)words[2], (guint)strlen (words[2]));
    g_ptr_array_add (answer->texts, g_byte_array_free_to_bytes (octets));
  }
  return answer;
}

static void
test_climb (void)
{
  static const char *const ours[] = {"Ca.Test", "ca.example", NULL};
  static const struct {
    const char *answers[4]; /* for mail.example.org, example.org, org */
    guint asked;
    McCaaOutcome outcome;
  } cases[] = {
      {{"-", "-", "-"}, 3, MC_CAA_OPEN},
      {{"0 issuemail ca.test"}, 1, MC_CAA_NAMED},
      {{"0 issuemail other.test|0 issuemail ca.EXAMPLE; a=1"}, 1, MC_CAA_NAMED},
      {{"0 issuemail other.test"}, 1, MC_CAA_OTHERS},
      {{"0 issuemail ;"}, 1, MC_CAA_NOBODY},
      {{"0 issuemail ca.test other"}, 1, MC_CAA_NOBODY}, /* malformed (D23) */
      {{"0 issue ;|0 issuewild ;"}, 1, MC_CAA_OPEN},     /* about web servers (D22) */
      {{"0 issueemail ;"}, 1, MC_CAA_OPEN},              /* a tag of another draft (D20) */
      {{"128 issuemail ca.test"}, 1, MC_CAA_NAMED},
      {{"128 tbs x|0 issuemail ca.test"}, 1, MC_CAA_CRITICAL},
      {{"0 tbs x|0 issuemail ca.test"}, 1, MC_CAA_NAMED},
      {{"-", "0 issuemail other.test"}, 2, MC_CAA_OTHERS},
      {{"-", "-", "0 issuemail ca.test"}, 3, MC_CAA_NAMED},
      {{"0 issue ca.test", "0 issuemail ;"}, 1, MC_CAA_OPEN}, /* the lowest set counts, whatever it says */
      {{"?"}, 1, MC_CAA_UNAVAILABLE},
      {{"-", "!"}, 2, MC_CAA_UNAVAILABLE},
  };
  static const char *const names[] = {"mail.example.org", "example.org", "org"};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (McCaaClimb) climb = mc_caa_climb_new (names[0], ours);
    guint asked = 0;

    g_test_message ("%s", cases[i].answers[0]);
    while (mc_caa_climb_next (climb) != NULL) {
      g_autoptr (McDnsAnswer) answer = answer_of (cases[i].answers[asked]);

      g_assert_cmpint (mc_caa_climb_outcome (climb), ==, MC_CAA_UNAVAILABLE);
      g_assert_cmpstr (mc_caa_climb_next (climb), ==, names[asked]);
      mc_caa_climb_give (climb, answer);
      asked++;
    }
    g_assert_cmpuint (asked, ==, cases[i].asked);
    g_assert_cmpint (mc_caa_climb_outcome (climb), ==, cases[i].outcome);
  }
}

/* A name of a hundred labels is not climbed for ever. */
static void
test_long_climb (void)
{
  g_autoptr (GString) name = g_string_new ("a");
  g_autoptr (McDnsAnswer) nothing = mc_dns_answer_new (MC_DNS_NONE, FALSE);
  g_autoptr (McCaaClimb) climb = NULL;
  guint asked = 0;

  for (guint i = 0; i < 100; i++)
    g_string_append (name, ".a");
  climb = mc_caa_climb_new (name->str, NULL);
  for (; mc_caa_climb_next (climb) != NULL; asked++)
    mc_caa_climb_give (climb, nothing);
  g_assert_cmpuint (asked, ==, MC_CAA_NAMES_MAX);
  g_assert_cmpint (mc_caa_climb_outcome (climb), ==, MC_CAA_UNAVAILABLE);
}

static void
test_mail_servers (void)
{
  static const struct {
    const char *octets;
    gsize length;
    McMxOutcome outcome;
  } cases[] = {
      {"\0\x0a\2mx\4test\0", 11, MC_MX_SOME},
      {"\0\0\0", 3, MC_MX_NULL},
      {"\0\x0a\2mx\4test", 10, MC_MX_GARBLED},
      {"\0\x0a\2mx\4test\0x", 12, MC_MX_GARBLED},
      {"\0\x0a\xc0\x0c", 4, MC_MX_GARBLED},
      {"\0\x0a", 2, MC_MX_GARBLED},
      {"", 0, MC_MX_GARBLED},
      {"\0\x0a\x3fx", 4, MC_MX_GARBLED},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);

    g_ptr_array_add (records, g_bytes_new_static (cases[i].octets, cases[i].length));
    g_assert_cmpint (mc_mx_judge (records), ==, cases[i].outcome);
    g_ptr_array_add (records, g_bytes_new_static ("\0\x0a\2mx\0", 6)); /* one that is good suffices */
    g_assert_cmpint (mc_mx_judge (records), ==, MC_MX_SOME);
  }
}

static char *
find (const char *first, const char *second, const char *version)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);

  g_ptr_array_add (texts, g_bytes_new_static (first, strlen (first)));
  if (second != NULL)
    g_ptr_array_add (texts, g_bytes_new_static (second, strlen (second)));
  return mc_policy_find (texts, version);
}

static void
test_policies (void)
{
  g_autofree char *dmarc = find ("other", "V=dmarc1; p=reject", "v=DMARC1");
  g_autofree char *alone = find ("v=spf1", NULL, "v=spf1");
  g_autofree char *longer = find ("v=spf10 -all", NULL, "v=spf1");
  g_autofree char *twice = find ("v=spf1 -all", "v=spf1 ~all", "v=spf1");
  g_autofree char *dirty = find ("v=spf1 \033[31m\n", NULL, "v=spf1");

  g_assert_cmpstr (dmarc, ==, "V=dmarc1; p=reject");
  g_assert_cmpstr (mc_dmarc_policy (dmarc), ==, "reject");
  g_assert_cmpstr (alone, ==, "v=spf1");
  g_assert_null (longer);
  g_assert_null (twice);
  g_assert_null (strpbrk (dirty, "\033\n"));
  g_assert_null (mc_policy_find (NULL, "v=spf1"));
  g_assert_null (mc_dmarc_policy ("v=DMARC1"));
  g_assert_null (mc_dmarc_policy ("v=DMARC1; p=sometimes"));
  g_assert_null (mc_dmarc_policy ("v=DMARC1; p=none; p=reject"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mail-domain/issuers", test_issuers);
  g_test_add_func ("/mail-domain/records", test_records);
  g_test_add_func ("/mail-domain/climb", test_climb);
  g_test_add_func ("/mail-domain/long-climb", test_long_climb);
  g_test_add_func ("/mail-domain/mail-servers", test_mail_servers);
  g_test_add_func ("/mail-domain/policies", test_policies);
  return g_test_run ();
}
