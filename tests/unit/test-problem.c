/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/problem.h"
#include "acme-data.h"

#include <string.h>

#define NOW 1795300000

static const McProblemPart *
part_at (const McProblem *problem, guint index)
{
  return g_ptr_array_index (problem->parts, index);
}

static McProblem *
problem_from (const char *name, guint status)
{
  g_autoptr (GBytes) body = acme_data_read (name);
  g_autoptr (McHttpResponse) response = mc_http_response_new (status, body);

  return mc_problem_from_response (response, NOW);
}

static void
test_table (void)
{
  static const struct {
    const char *name;
    const char *type;
    const char *detail;
    const char *instance;
    const char *sentence;
    guint parts;
  } cases[] = {
      {"problem-rate-limited", "rateLimited", "Service busy; retry later.", "https://ca.example/help/rate",
       "Service busy; retry later.", 0},
      {"problem-subproblems", "malformed", "Some of the identifiers requested were rejected.", NULL,
       "Some of the identifiers requested were rejected; _a@example.org: Invalid underscore; "
       "b@example.net: This CA will not issue for \"example.net\"; caa",
       3},
      {"problem-foreign-type", "https://probs.example/out-of-credit", "You do not have enough credit.", NULL,
       "You do not have enough credit.", 0},
      {"problem-wrong-types", "http", "HTTP status 403", NULL, "HTTP status 403", 0},
      {"problem-odd-subproblems", "compound", "d", NULL, "d; a  b@example.org: line [31m one line two", 3},
      {"problem-control-characters", "http", "HTTP status 403", NULL, "HTTP status 403", 0}, /* a NUL: no JSON */
      {"problem-user-action", "userActionRequired", "Terms of service have changed",
       "https://ca.example/acme/agreement/?token=W8Ih3PswD-8", "Terms of service have changed", 0},
      {"problem-empty-object", "http", "HTTP status 403", NULL, "HTTP status 403", 0},
      {"problem-array", "http", "HTTP status 403", NULL, "HTTP status 403", 0},
      {"problem-twice-prefixed", "caa", "d", NULL, "d", 0}, /* a record of it must read the same again */
      {"problem-html", "http", "HTTP status 403", NULL, "HTTP status 403", 0},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (McProblem) problem = problem_from (cases[i].name, 403);
    g_autofree char *sentence = mc_problem_sentence (problem);

    g_test_message ("%s", cases[i].name);
    g_assert_cmpstr (problem->type, ==, cases[i].type);
    g_assert_cmpstr (problem->detail, ==, cases[i].detail);
    g_assert_cmpstr (problem->instance, ==, cases[i].instance);
    g_assert_cmpuint (problem->status, ==, 403); /* what HTTP says, not what the body says */
    g_assert_cmpuint (problem->parts->len, ==, cases[i].parts);
    g_assert_cmpstr (sentence, ==, cases[i].sentence);
    g_assert_cmpint (problem->retry_at, ==, 0);
  }
}

static void
test_parts (void)
{
  g_autoptr (McProblem) problem = problem_from ("problem-subproblems", 403);
  g_autoptr (McProblem) odd = problem_from ("problem-odd-subproblems", 403);

  g_assert_cmpstr (part_at (problem, 1)->address, ==, "b@example.net");
  g_assert_cmpstr (part_at (problem, 1)->type, ==, "rejectedIdentifier");
  g_assert_null (part_at (problem, 2)->address);
  g_assert_cmpstr (part_at (problem, 2)->type, ==, "caa");
  g_assert_cmpstr (part_at (problem, 2)->detail, ==, "");
  g_assert_null (part_at (odd, 0)->address); /* an identifier that is a string */
  g_assert_null (part_at (odd, 1)->address); /* one whose value is an object */
  g_assert_cmpstr (part_at (odd, 2)->address, ==, "a  b@example.org");
}

static void
test_sanitized (void)
{
  static const char body[] =
      "{\"type\":\"caa\\u0007\",\"detail\":\"bell \\u0007, \\u001b]0;t\\u0007 \\u202e \\u0085 end\","
      "\"instance\":\"javascript:alert(1)\"}";
  g_autoptr (McJson) object = mc_json_parse (body, strlen (body), NULL);
  g_autoptr (McProblem) problem = mc_problem_parse (object);

  g_assert_nonnull (object);
  g_assert_cmpstr (problem->type, ==, "caa ");
  g_assert_cmpstr (problem->detail, ==, "bell  ,  ]0;t      end");
  g_assert_null (problem->instance);
  g_assert_cmpuint (problem->status, ==, 0);
}

static void
test_huge (void)
{
  g_autofree char *many = g_strnfill (150000, 'x');
  g_autofree char *body = g_strdup_printf (
      "{\"type\":\"%.20000s\",\"detail\":\"%s\",\"instance\":\"https://ca.example/%.3000s\"}", many, many, many);
  g_autoptr (GString) list = g_string_new ("{\"subproblems\":[{}");
  g_autoptr (McJson) object = mc_json_parse (body, strlen (body), NULL);
  g_autoptr (McJson) parts = NULL;
  g_autoptr (McProblem) problem = mc_problem_parse (object);
  g_autoptr (McProblem) numerous = NULL;

  g_assert_cmpuint (strlen (problem->type), ==, 200);
  g_assert_cmpuint (strlen (problem->detail), ==, 1000);
  g_assert_null (problem->instance);
  for (guint i = 0; i < 5000; i++)
    g_string_append (list, ",{}");
  g_string_append (list, "]}");
  parts = mc_json_parse (list->str, list->len, NULL);
  numerous = mc_problem_parse (parts);
  g_assert_cmpuint (numerous->parts->len, ==, 100);
}

static void
test_retry (void)
{
  static const struct {
    const char *value;
    gint64 at;
  } cases[] = {{"60", NOW + 60}, {"0", NOW + 1}, {"1000000", NOW + 86400}, {"x", 0}};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GBytes) body = acme_data_read ("problem-rate-limited");
    g_autoptr (McHttpResponse) response = mc_http_response_new (429, body);
    g_autoptr (McProblem) problem = NULL;

    mc_http_response_add_header (response, "Retry-After", cases[i].value);
    problem = mc_problem_from_response (response, NOW);
    g_assert_cmpint (problem->retry_at, ==, cases[i].at);
    g_assert_cmpuint (problem->status, ==, 429);
  }
}

static void
assert_equal (const McProblem *a, const McProblem *b)
{
  g_assert_cmpstr (a->type, ==, b->type);
  g_assert_cmpstr (a->detail, ==, b->detail);
  g_assert_cmpstr (a->instance, ==, b->instance);
  g_assert_cmpuint (a->status, ==, b->status);
  g_assert_cmpuint (a->parts->len, ==, b->parts->len);
  for (guint i = 0; i < a->parts->len; i++) {
    g_assert_cmpstr (part_at (a, i)->address, ==, part_at (b, i)->address);
    g_assert_cmpstr (part_at (a, i)->type, ==, part_at (b, i)->type);
    g_assert_cmpstr (part_at (a, i)->detail, ==, part_at (b, i)->detail);
  }
}

static void
test_round_trip (void)
{
  static const char *const names[] = {"problem-rate-limited", "problem-subproblems", "problem-odd-subproblems",
                                      "problem-html"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (McProblem) problem = problem_from (names[i], 403);
    g_autoptr (McProblem) copy = mc_problem_copy (problem);
    g_autoptr (McJson) json = mc_problem_compose (problem);
    g_autofree char *text = mc_json_compose (json);
    g_autoptr (McJson) again = mc_json_parse (text, strlen (text), NULL);
    g_autoptr (McProblem) read = mc_problem_parse (again);

    assert_equal (problem, copy);
    assert_equal (problem, read);
  }
}

static void
test_compose (void)
{
  g_autoptr (McProblem) problem = mc_problem_new ("caa", "no");
  g_autoptr (McJson) json = mc_problem_compose (problem);
  g_autofree char *text = mc_json_compose (json);

  g_assert_cmpstr (text, ==, "{\"type\":\"caa\",\"detail\":\"no\"}");
  g_assert_true (mc_problem_is (problem, "caa"));
  g_assert_false (mc_problem_is (problem, "ca"));
  g_assert_false (mc_problem_is (NULL, "caa"));
  g_assert_null (mc_problem_copy (NULL));
  mc_problem_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/problem/table", test_table);
  g_test_add_func ("/problem/parts", test_parts);
  g_test_add_func ("/problem/sanitized", test_sanitized);
  g_test_add_func ("/problem/huge", test_huge);
  g_test_add_func ("/problem/retry", test_retry);
  g_test_add_func ("/problem/round-trip", test_round_trip);
  g_test_add_func ("/problem/compose", test_compose);
  return g_test_run ();
}
