/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ends.h"

#include "exit-status.h"
#include "interrupt.h"
#include "json.h"
#include "next.h"
#include "store/store.h"
#include "text.h"

/* The records as committed: the runner may have let go of those that are over. */
static GPtrArray *
load (const McCli *cli, const GArray *ids, GError **error)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, error);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify)mc_enrollment_free);

  for (guint i = 0; store != NULL && i < ids->len; i++) {
    McEnrollment *e = mc_store_enrollment (store, g_array_index (ids, gint64, i), error);

    if (e == NULL)
      return NULL;
    g_ptr_array_add (all, e);
  }
  return store != NULL ? g_steal_pointer (&all) : NULL;
}

/* What is not done needs no step of the person where it goes on by itself; then this is said. */
static char *
describe (const McCli *cli, const McEnrollment *e, char **next)
{
  McError code;
  char *sentence = mc_cli_sentence (cli->config, e, mc_cli_now (), next);

  if (!mc_exit_code_of_enrollment (e, &code) || code != MC_ERROR_LATER || !mc_enrollment_is_open (e))
    return sentence;
  if (*next == NULL && mc_interrupt_came ())
    *next = g_strdup (_ ("The request stays open; \"mailcert renew\" carries it on."));
  else if (*next == NULL)
    *next = g_strdup (_ ("There is nothing to do now; \"mailcert renew\" carries it on, and so does your mail program "
                         "if mailcert is set up in it."));
  return sentence;
}

static void
say_end (const McCli *cli, const McEnrollment *e)
{
  g_autofree char *next = NULL;
  g_autofree char *sentence = describe (cli, e, &next);

  if (e->state != MC_ENROLLMENT_INSTALLED)
    mc_cli_complain (sentence, next);
  else if (mc_cli_is_talkative (cli))
    mc_cli_say (stdout, sentence);
}

static int
status_of (const McEnrollment *e)
{
  McError code;

  return mc_exit_code_of_enrollment (e, &code) ? mc_exit_status_of_code (code) : MC_EXIT_DONE;
}

static void
print_json (const McCli *cli, const GPtrArray *all, gboolean changed, const McEnrollment *worst)
{
  g_autoptr (McJson) report = mc_report_new ();
  g_autoptr (McJson) array = mc_json_array_new ();

  for (guint i = 0; i < all->len; i++) {
    g_autoptr (McJson) object = mc_report_enrollment (cli->config, g_ptr_array_index (all, i), mc_cli_now ());

    mc_json_append (array, object);
  }
  mc_json_set_boolean (report, "changed", changed);
  mc_json_set (report, "enrollments", array);
  if (worst != NULL) {
    g_autofree char *next = NULL;
    g_autofree char *sentence = describe (cli, worst, &next);
    McError code = MC_ERROR_INTERNAL;
    g_autoptr (McJson) error = NULL;

    mc_exit_code_of_enrollment (worst, &code);
    error = mc_report_error (code, sentence, next, mc_text_trouble (worst));
    mc_json_set (report, "error", error);
  }
  mc_report_print (report);
}

int
mc_ends_report (McCli *cli, const GArray *ids)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) all = load (cli, ids, &error);
  const McEnrollment *worst = NULL;
  gboolean changed = FALSE;
  int status = MC_EXIT_DONE;

  if (all == NULL)
    return mc_cli_fail (cli, error);
  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *e = g_ptr_array_index (all, i);
    int worse = mc_exit_worse (status, status_of (e));

    if (worse != status)
      worst = e;
    status = worse;
    changed |= e->state == MC_ENROLLMENT_INSTALLED;
    if (!cli->json || e->state != MC_ENROLLMENT_INSTALLED)
      say_end (cli, e);
  }
  if (cli->json)
    print_json (cli, all, changed, worst);
  return status;
}
