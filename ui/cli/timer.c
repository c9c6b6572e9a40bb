/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "timer.h"

#include "prompt.h"
#include "runner/timer.h"
#include "store/store.h"

/* FALSE where it was offered before, or that cannot be noted: nobody is asked twice. */
static gboolean
is_first_time (const McCli *cli)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, FALSE, NULL);
  g_autofree char *said = store != NULL ? mc_store_fact (store, "said-timer") : NULL;

  return store != NULL && said == NULL && mc_store_set_fact (store, "said-timer", "yes", NULL);
}

static void
show_cron_line (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *line = NULL;

  mc_cli_say (stdout, _ ("Certificates are renewed while your mail program with mailcert runs, or by this line in your "
                         "crontab (crontab -e):"));
  line = g_strdup_printf ("*/15 * * * * %s renew --due --quiet", self != NULL ? self : "mailcert");
  mc_cli_say (stdout, line);
}

static void
enable (void)
{
  g_autoptr (GError) error = NULL;

  if (mc_timer_enable (&error)) {
    mc_cli_say (stdout, _ ("From now on your certificates are renewed by themselves."));
    return;
  }
  mc_cli_complain (error->message, NULL);
  show_cron_line ();
}

void
mc_cli_offer_timer (McCli *cli)
{
  if (!mc_cli_is_attended (cli) || !mc_cli_is_talkative (cli) || !is_first_time (cli) ||
      mc_timer_find () != MC_TIMER_NONE)
    return;
  if (!mc_timer_is_known ()) {
    show_cron_line ();
    return;
  }
  /* Translators: the letters in brackets are the answers yes and no. */
  if (mc_prompt_question (_ ("Certificates end. Shall a timer of your own renew yours in time? [y/N] "), -1) ==
      MC_ANSWER_YES)
    enable ();
  else
    mc_cli_say (stdout, _ ("Later: systemctl --user enable --now mailcert-renew.timer"));
}
