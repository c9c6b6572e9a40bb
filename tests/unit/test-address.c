/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Address lists, and when two addresses are one. */

#include "base/error.h"
#include "mail/address.h"

#include <string.h>

static const struct {
  const char *value;
  const char *addresses; /* with blanks between them; NULL: malformed */
} lists[] = {
    {"a@b.test", "a@b.test"},
    {" a@b.test ", "a@b.test"},
    {"a@b.test, c@d", "a@b.test c@d"},
    {"<a@b>", "a@b"},
    {"Al <a@b>", "a@b"},
    {"Al E. Neuman <a@b>", "a@b"},
    {"\"Al, E.\" <a@b>, c@d", "a@b c@d"},
    {"\"a@x\" <a@b>", "a@b"},
    {"\"q\\\"<x@y>\" <a@b>", "a@b"},
    {"=?utf-8?Q?Al?= <a@b>", "a@b"},
    {"\303\204l <a@b>", "a@b"},
    {"(c) a (c) @ (c) b (c)", "a@b"},
    {"(c (d \\) e)) <(x) a@b (y)> (z)", "a@b"},
    {"a@b\r\n\t,\r\n c@d", "a@b c@d"},
    {"team: a@b, C <c@d>;", "a@b c@d"},
    {"team: a@b;, e@f", "a@b e@f"},
    {"undisclosed-recipients:;", ""},
    {"\"a\"@b", "a@b"},
    {"\"a.c\"@b", "a.c@b"},
    {"\"a c\"@b", "\"a c\"@b"},
    {"\"a\\c\"@b", "ac@b"},
    {"\"\"@b", "\"\"@b"},
    {"a+b=c/d@e", "a+b=c/d@e"},
    {"\303\244@b\303\274.test", "\303\244@b\303\274.test"},
    {"", NULL},
    {"a", NULL},
    {"a@", NULL},
    {"@b", NULL},
    {"a@b@c", NULL},
    {"a@b c@d", NULL},
    {"a@b;", NULL},
    {"a@b,", NULL},
    {",a@b", NULL},
    {"a@b,,c@d", NULL},
    {"a.@b", NULL},
    {"a..c@b", NULL},
    {"a. c@b", NULL},
    {"a@b.", NULL},
    {"a@[127.0.0.1]", NULL},
    {"<a@b", NULL},
    {"a@b>", NULL},
    {"<a@b> x", NULL},
    {"<a@b> <c@d>", NULL},
    {"Al @ Home <a@b>", NULL},
    {"Al: <a@b :", NULL},
    {"x<a:c@d;", NULL},
    {"team: a@b", NULL},
    {"t: u: a@b;;", NULL},
    {":;", NULL},
    {" :a@b;", NULL},
    {"(a@b", NULL},
    {"a@b)", NULL},
    {"\"a@b", NULL},
    {"\"a\\", NULL},
    {"<@r.test:a@b>", NULL}, /* a route */
    {"<@r.test,@s:a@b>", NULL},
    {"<>", NULL},
    {"a\001@b", NULL},
    {"a\177@b", NULL},
    {"a\374@b", NULL},
    {"((((((((((((((((x)))))))))))))))) a@b", "a@b"},
    {"(((((((((((((((((x))))))))))))))))) a@b", NULL},
};

static void
test_lists (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) list = mc_address_list_parse (lists[i].value, strlen (lists[i].value), &error);
    g_autofree char *joined = NULL;

    g_test_message ("%s", lists[i].value);
    if (lists[i].addresses == NULL) {
      g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
      g_assert_null (list);
      continue;
    }
    g_assert_no_error (error);
    g_ptr_array_add (list, NULL);
    joined = g_strjoinv (" ", (char **)list->pdata);
    g_assert_cmpstr (joined, ==, lists[i].addresses);
  }
}

static void
test_limits (void)
{
  g_autofree char *blanks = g_strnfill (MC_ADDRESS_VALUE_MAX, ' ');
  g_autofree char *depth = g_strnfill (MC_ADDRESS_VALUE_MAX, '(');
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = NULL;

  memcpy (blanks, "a@b", 3);
  list = mc_address_list_parse (blanks, MC_ADDRESS_VALUE_MAX, NULL);
  g_assert_nonnull (list);
  g_assert_null (mc_address_list_parse (depth, MC_ADDRESS_VALUE_MAX, NULL));
  g_assert_null (mc_address_list_parse (blanks, MC_ADDRESS_VALUE_MAX + 1, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
  g_assert_null (mc_address_list_parse ("a@b\0c", 5, NULL));
}

static void
test_one (void)
{
  g_autofree char *address = mc_address_parse_one ("A <a@b>, c@d", 7, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (address, ==, "a@b");
  g_assert_null (mc_address_parse_one ("A <a@b>, c@d", 12, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
  g_assert_null (mc_address_parse_one ("none:;", 6, NULL));
  g_assert_null (mc_address_parse_one ("team: a@b;", 10, NULL));
  g_assert_null (mc_address_parse_one ("a@b, none:;", 11, NULL));
}

static void
test_equal (void)
{
  g_assert_true (mc_address_equal ("a@b.test", "a@B.Test"));
  g_assert_true (mc_address_equal ("a@b\303\274cher.test", "a@xn--bcher-kva.test"));
  g_assert_true (mc_address_equal ("a@B\303\234CHER.test", "a@XN--bcher-kva.TEST"));
  g_assert_true (mc_address_equal ("\303\244@b", "\303\244@b"));
  g_assert_false (mc_address_equal ("A@b", "a@b"));
  g_assert_false (mc_address_equal ("\303\244@b", "a\314\210@b")); /* not normalised: A74 */
  g_assert_false (mc_address_equal ("a@b", "a@c"));
  g_assert_false (mc_address_equal ("a@b", "aa@b"));
  g_assert_false (mc_address_equal ("a", "a"));
  g_assert_false (mc_address_equal ("a@", "a@"));
  g_assert_false (mc_address_equal ("a@b_", "a@b\377"));
}

static void
test_valid (void)
{
  static const char *const good[] = {"a@b.test", "a.b+c@d", "\303\244@b\303\274.test", "a@localhost", "a@1.test"};
  static const char *const bad[] = {"",
                                    "a",
                                    "a@",
                                    "@b",
                                    "a b@c",
                                    "a@b c",
                                    "*@b",
                                    "a*@b",
                                    "a@*.b",
                                    "<a@b>",
                                    "a@b,c@d",
                                    "\"a b\"@c",
                                    "a\r\n@b",
                                    "a@b\n",
                                    "a@-b",
                                    "a@b-.c",
                                    "a@b..c",
                                    "a@.b",
                                    "a@b.",
                                    "a@[::1]",
                                    "a@@b",
                                    ".a@b",
                                    "a@b/c",
                                    "a\302\240@b",
                                    "a\342\200\256@b",
                                    "a\302\205@b",
                                    "a\377@b"};
  g_autofree char *name = g_strnfill (MC_ADDRESS_MAX - 2, 'a');
  g_autofree char *longest = g_strconcat (name, "@b", NULL);
  g_autofree char *over = g_strconcat (name, "a@b", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_test_message ("%s", good[i]);
    g_assert_true (mc_address_is_valid (good[i]));
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_test_message ("%s", bad[i]);
    g_assert_false (mc_address_is_valid (bad[i]));
  }
  g_assert_true (mc_address_is_valid (longest));
  g_assert_false (mc_address_is_valid (over));
}

static void
test_domain (void)
{
  g_autofree char *label = g_strnfill (63, 'a');
  g_autofree char *label_over = g_strnfill (64, 'a');
  g_autofree char *long_name = g_strdup_printf ("%s.%s.%s.%.61s", label, label, label, label);
  g_autofree char *long_over = g_strdup_printf ("%s.%s.%s.%.62s", label, label, label, label);
  g_autofree char *mixed = mc_domain_to_ascii ("S1._DomainKey.Ex-Ample.TEST");
  g_autofree char *ok = mc_domain_to_ascii (label);
  g_autofree char *name = mc_domain_to_ascii (long_name);

  g_assert_cmpstr (mixed, ==, "s1._domainkey.ex-ample.test");
  g_assert_nonnull (ok);
  g_assert_null (mc_domain_to_ascii (label_over));
  g_assert_cmpuint (strlen (name), ==, 253);
  g_assert_null (mc_domain_to_ascii (long_over));
  g_assert_null (mc_domain_to_ascii (""));
  g_assert_null (mc_domain_to_ascii ("a b"));
  g_assert_null (mc_domain_to_ascii ("a\303\274 b"));
}

/* What IDNA2003 would take for another name, or for part of one, is none (A72). */
static void
test_domain_mapping (void)
{
  static const struct {
    const char *domain;
    const char *ascii;
  } rows[] = {
      {"stra\303\237e.test", "xn--strae-oqa.test"}, /* not strasse.test */
      {"\317\202.test", "xn--3xa.test"},            /* final sigma: not sigma */
      {"b\303\274cher.xn--bcher-kva.test", "xn--bcher-kva.xn--bcher-kva.test"},
      {"bu\314\210cher.test", "xn--bcher-kva.test"},
      {"\340\244\250\340\245\207.test", "xn--l2b6d.test"}, /* a vowel sign is a letter of its name */
      {"c\302\255a.test", NULL},                           /* soft hyphen */
      {"c\342\200\215a.test", NULL},                       /* zero width joiner */
      {"c\357\270\217a.test", NULL},                       /* variation selector */
      {"c\315\217a.test", NULL},                           /* grapheme joiner */
      {"c\341\240\213a.test", NULL},                       /* Mongolian variation selector */
      {"\357\275\203\357\275\201.test", NULL},             /* full-width letters */
      {"ca\357\274\216test", NULL},                        /* full-width dot */
      {"ca\343\200\202test", NULL},                        /* ideographic dot */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *ascii = mc_domain_to_ascii (rows[i].domain);

    g_test_message ("%s", rows[i].domain);
    g_assert_cmpstr (ascii, ==, rows[i].ascii);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address/lists", test_lists);
  g_test_add_func ("/address/limits", test_limits);
  g_test_add_func ("/address/one", test_one);
  g_test_add_func ("/address/equal", test_equal);
  g_test_add_func ("/address/valid", test_valid);
  g_test_add_func ("/address/domain", test_domain);
  g_test_add_func ("/address/domain-mapping", test_domain_mapping);
  return g_test_run ();
}
