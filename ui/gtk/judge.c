/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-private.h"

#include "text.h"

#include <string.h>

/* Why a mail would or would not be answered: DNS may take its time, so it is asked on a thread. */

typedef struct {
  McSession *session;
  const McConfig *config; /* as it was when the mail was shown */
  GBytes *rfc822;
  McJudgedFunc judged;
  char *name;
  McVerdictCode code;
  char *sentence;
} McJudgement;

static void
tell (gpointer data)
{
  McJudgement *judgement = data;

  if (!judgement->session->closing && judgement->sentence != NULL)
    judgement->judged (judgement->code, judgement->sentence, judgement->name);
  g_bytes_unref (judgement->rfc822);
  g_free (judgement->sentence);
  g_free (judgement->name);
  g_free (judgement);
}

/* Where nothing is open, what is known of the mail itself decides; but to somebody who has not asked for a certificate,
 * a genuine check is one that was not expected, or one that is over. */
static McVerdictCode
code_for_reader (const McVerdict *verdict)
{
  McVerdictCode code = verdict->code;

  for (guint i = 0; verdict->code == MC_VERDICT_AUTHENTIC && i < verdict->checks->len; i++) {
    const McCheck *check = g_ptr_array_index (verdict->checks, i);

    if (!check->ok && strcmp (check->name, "answered") == 0)
      code = MC_VERDICT_ALREADY_ANSWERED;
    else if (!check->ok && code == MC_VERDICT_AUTHENTIC && strcmp (check->name, "expected") == 0)
      code = MC_VERDICT_NOT_EXPECTED;
  }
  return code;
}

static void
judge (gpointer data)
{
  McJudgement *judgement = data;
  McInspectOptions options = {0};
  g_autoptr (GError) error = NULL;
  g_autoptr (McInspection) inspection = mc_inspect (judgement->config, judgement->rfc822, &options, &error);

  if (inspection != NULL) {
    judgement->code = inspection->verdict.code = code_for_reader (&inspection->verdict);
    judgement->sentence = mc_text_verdict (&inspection->verdict, NULL);
  } else
    g_warning ("a mail could not be judged: %s", error->message);
}

void
mc_session_judge (McSession *session, GBytes *rfc822, McJudgedFunc judged, const char *name)
{
  McJudgement *judgement = g_new0 (McJudgement, 1);

  judgement->session = session;
  judgement->config = session->config;
  judgement->rfc822 = g_bytes_ref (rfc822);
  judgement->judged = judged;
  judgement->name = g_strdup (name);
  mc_work_begin (session, judge, tell, judgement);
}
