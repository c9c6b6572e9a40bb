/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/problem.h"

#include "base/error.h"

#include <string.h>

#define PREFIX "urn:ietf:params:acme:error:"
#define MAX_TYPE_BYTES 200
#define MAX_DETAIL_BYTES 1000
#define MAX_ADDRESS_BYTES 320
#define MAX_PARTS 100 /* more addresses than any CA takes in one order */

#define RETRY_LEAST 1
#define RETRY_MOST (24 * 3600)

static void
problem_part_free (gpointer p)
{
  McProblemPart *part = p;

  g_free (part->address);
  g_free (part->type);
  g_free (part->detail);
  g_free (part);
}

static void
add_part (McProblem *problem, const char *address, const char *type, const char *detail)
{
  McProblemPart *part = g_new0 (McProblemPart, 1);

  part->address = g_strdup (address);
  part->type = g_strdup (type);
  part->detail = g_strdup (detail);
  g_ptr_array_add (problem->parts, part);
}

McProblem *
mc_problem_new (const char *type, const char *detail)
{
  McProblem *problem = g_new0 (McProblem, 1);

  problem->type = g_strdup (type != NULL ? type : "");
  problem->detail = g_strdup (detail != NULL ? detail : "");
  problem->parts = g_ptr_array_new_with_free_func (problem_part_free);
  return problem;
}

void
mc_problem_free (McProblem *problem)
{
  if (problem == NULL)
    return;
  g_free (problem->type);
  g_free (problem->detail);
  g_free (problem->instance);
  g_ptr_array_unref (problem->parts);
  g_free (problem);
}

McProblem *
mc_problem_copy (const McProblem *problem)
{
  McProblem *copy;

  if (problem == NULL)
    return NULL;
  copy = mc_problem_new (problem->type, problem->detail);
  copy->instance = g_strdup (problem->instance);
  copy->status = problem->status;
  copy->retry_at = problem->retry_at;
  for (guint i = 0; i < problem->parts->len; i++) {
    const McProblemPart *part = g_ptr_array_index (problem->parts, i);

    add_part (copy, part->address, part->type, part->detail);
  }
  return copy;
}

static char *
type_parse (const McJson *object)
{
  g_autofree char *clean = mc_text_sanitize (mc_json_string_or (object, "type", ""), MAX_TYPE_BYTES);
  const char *rest = clean;

  /* All of them: what is kept must read the same again. */
  while (g_str_has_prefix (rest, PREFIX))
    for (rest += strlen (PREFIX); *rest == ' '; rest++)
      ;
  return g_strdup (rest);
}

/* "title" is RFC 9457's fixed text for the type: better than nothing where a CA gives no detail. */
static char *
detail_parse (const McJson *object)
{
  const char *detail = mc_json_string_or (object, "detail", "");

  return mc_text_sanitize (*detail != '\0' ? detail : mc_json_string_or (object, "title", ""), MAX_DETAIL_BYTES);
}

static void
parts_parse (McProblem *problem, const McJson *object)
{
  g_autoptr (McJson) list = mc_json_member (object, "subproblems");

  for (gsize i = 0; i < MIN (mc_json_length (list), MAX_PARTS); i++) {
    g_autoptr (McJson) element = mc_json_element (list, i);
    g_autoptr (McJson) identifier = mc_json_member (element, "identifier");
    const char *value = mc_json_string_or (identifier, "value", NULL);
    g_autofree char *address = value != NULL ? mc_text_sanitize (value, MAX_ADDRESS_BYTES) : NULL;
    g_autofree char *type = type_parse (element);
    g_autofree char *detail = detail_parse (element);

    if (mc_json_is_object (element))
      add_part (problem, address, type, detail);
  }
}

McProblem *
mc_problem_parse (const McJson *object)
{
  McProblem *problem = mc_problem_new (NULL, NULL);
  const char *instance = mc_json_string_or (object, "instance", NULL);
  gint64 status = mc_json_integer_or (object, "status", 0);

  g_free (problem->type);
  g_free (problem->detail);
  problem->type = type_parse (object);
  problem->detail = detail_parse (object);
  problem->instance = mc_url_is_for_people (instance) ? g_strdup (instance) : NULL;
  problem->status = status >= 100 && status <= 599 ? (guint)status : 0;
  parts_parse (problem, object);
  return problem;
}

McProblem *
mc_problem_from_response (const McHttpResponse *response, gint64 now)
{
  gsize length;
  const char *bytes = g_bytes_get_data (response->body, &length);
  g_autoptr (McJson) object = length > 0 ? mc_json_parse (bytes, length, NULL) : NULL;
  McProblem *problem = mc_problem_parse (object);

  /* By content, not by media type: CAs and the proxies before them mislabel it. */
  if (*problem->type == '\0') {
    g_free (problem->type);
    problem->type = g_strdup ("http");
  }
  if (*problem->detail == '\0' && strcmp (problem->type, "http") == 0) {
    g_free (problem->detail);
    problem->detail = g_strdup_printf ("HTTP status %u", response->status);
  }
  problem->status = response->status;
  problem->retry_at = mc_http_response_retry_at (response, now, RETRY_LEAST, RETRY_MOST);
  return problem;
}

static McJson *
part_compose (const McProblemPart *part)
{
  McJson *object = mc_json_object_new ();

  mc_json_set_string (object, "type", part->type);
  mc_json_set_string (object, "detail", part->detail);
  if (part->address != NULL) {
    g_autoptr (McJson) identifier = mc_json_object_new ();

    mc_json_set_string (identifier, "type", "email");
    mc_json_set_string (identifier, "value", part->address);
    mc_json_set (object, "identifier", identifier);
  }
  return object;
}

McJson *
mc_problem_compose (const McProblem *problem)
{
  McJson *object = mc_json_object_new ();
  g_autoptr (McJson) parts = mc_json_array_new ();

  mc_json_set_string (object, "type", problem->type);
  mc_json_set_string (object, "detail", problem->detail);
  mc_json_set_string (object, "instance", problem->instance);
  if (problem->status != 0)
    mc_json_set_integer (object, "status", problem->status);
  if (problem->retry_at != 0)
    mc_json_set_time (object, "retry_at", problem->retry_at);
  for (guint i = 0; i < problem->parts->len; i++) {
    g_autoptr (McJson) part = part_compose (g_ptr_array_index (problem->parts, i));

    mc_json_append (parts, part);
  }
  if (problem->parts->len > 0)
    mc_json_set (object, "subproblems", parts);
  return object;
}

gboolean
mc_problem_is (const McProblem *problem, const char *type)
{
  return problem != NULL && strcmp (problem->type, type) == 0;
}

char *
mc_problem_sentence (const McProblem *problem)
{
  GString *sentence = g_string_new (*problem->detail != '\0' ? problem->detail : problem->type);

  for (guint i = 0; i < problem->parts->len; i++) {
    const McProblemPart *part = g_ptr_array_index (problem->parts, i);
    const char *words = *part->detail != '\0' ? part->detail : part->type;

    if (*words == '\0')
      continue;
    if (sentence->len > 0 && sentence->str[sentence->len - 1] == '.')
      g_string_truncate (sentence, sentence->len - 1);
    if (sentence->len > 0)
      g_string_append (sentence, "; ");
    if (part->address != NULL)
      g_string_append_printf (sentence, "%s: ", part->address);
    g_string_append (sentence, words);
  }
  return g_string_free (sentence, FALSE);
}
