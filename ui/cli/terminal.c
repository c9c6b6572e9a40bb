/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "terminal.h"

#include "interrupt.h"
#include "prompt.h"
#include "text.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

struct McTerminal {
  McAdapter adapter;
  McProgress *progress;
  gboolean attended;
  GThreadPool *asking; /* one thread: one question at a time */
  int ends[2];         /* closing the second ends an open question */
};

typedef struct {
  McQuestion question; /* its strings live until done is called */
  McAskDoneFunc done;
  gpointer token;
} McAsked;

/* "ab:cd:..." is what people compare. */
static char *
group_fingerprint (const char *hex)
{
  GString *out = g_string_new (NULL);

  for (gsize i = 0; hex[i] != '\0'; i++)
    g_string_append_printf (out, "%s%c", i > 0 && i % 2 == 0 ? ":" : "", g_ascii_toupper (hex[i]));
  return g_string_free (out, FALSE);
}

static char *
compose_question (const McQuestion *question)
{
  g_autofree char *ca = mc_text_sanitize (question->ca, 200);
  g_autofree char *url = mc_text_sanitize (question->url, 1000);
  g_autofree char *name = mc_text_sanitize (question->name, 300);
  g_autofree char *print = group_fingerprint (question->fingerprint != NULL ? question->fingerprint : "");

  if (question->kind == MC_QUESTION_TERMS)
    /* Translators: CA, then the address of a web page. The letters in brackets are the answers yes and no; no is what
     * Enter alone means. */
    return g_strdup_printf (_ ("%s gives certificates only to those who agree to its terms:\n  %s\nHave you read them, "
                               "and do you agree? [y/N] "),
                            ca, url);
  if (question->kind == MC_QUESTION_ANSWER)
    /* Translators: who signed the mail, then an address. */
    return g_strdup_printf (_ ("This is the mail we were waiting for (signed by %s), to %s. Answer it? [y/N] "), name,
                            question->address);
  /* Translators: CA, the name of its root certificate, and a fingerprint. */
  return g_strdup_printf (
      _ ("Your computer does not know %s yet. Without that, signatures show as invalid to you; others must trust it "
         "too.\n"
         "  root: %s\n  SHA-256: %s\nIs this the fingerprint that the CA publishes, and do you trust it? [y/N] "),
      ca, name, print);
}

static void
ask_person (gpointer item, gpointer self)
{
  McTerminal *terminal = self;
  McAsked *asked = item;
  g_autofree char *question = compose_question (&asked->question);
  McAnswer answer;

  mc_progress_hold (terminal->progress);
  answer = mc_prompt_question (question, terminal->ends[0]);
  if (answer == MC_ANSWER_NOBODY) {
    fputc ('\n', stderr);
    if (mc_interrupt_came ())
      answer = MC_ANSWER_INTERRUPTED;
  }
  mc_progress_release (terminal->progress);
  asked->done (asked->token, answer);
  g_free (asked);
}

static void
ask (gpointer self, const McQuestion *question, McAskDoneFunc done, gpointer token)
{
  McTerminal *terminal = self;
  McAsked *asked;

  /* Passphrases are asked for before anything begins, or come from a descriptor. */
  if (!terminal->attended || question->kind == MC_QUESTION_NEW_PASSPHRASE || question->kind == MC_QUESTION_PASSPHRASE) {
    done (token, MC_ANSWER_NOBODY);
    return;
  }
  asked = g_new0 (McAsked, 1);
  asked->question = *question;
  asked->done = done;
  asked->token = token;
  g_thread_pool_push (terminal->asking, asked, NULL);
}

McTerminal *
mc_terminal_new (const McCli *cli, McProgress *progress)
{
  McTerminal *terminal = g_new0 (McTerminal, 1);

  terminal->progress = progress;
  terminal->adapter.ask = ask;
  terminal->adapter.self = terminal;
  terminal->ends[0] = terminal->ends[1] = -1;
  terminal->attended = mc_cli_is_attended (cli) && g_unix_open_pipe (terminal->ends, FD_CLOEXEC, NULL);
  terminal->adapter.attended = terminal->attended;
  terminal->asking = g_thread_pool_new (ask_person, terminal, 1, FALSE, NULL);
  return terminal;
}

void
mc_terminal_close (McTerminal *terminal)
{
  terminal->attended = FALSE;
  if (terminal->ends[1] >= 0)
    close (terminal->ends[1]);
  terminal->ends[1] = -1;
  if (terminal->asking != NULL)
    g_thread_pool_free (terminal->asking, FALSE, TRUE);
  terminal->asking = NULL;
}

void
mc_terminal_free (McTerminal *terminal)
{
  if (terminal == NULL)
    return;
  mc_terminal_close (terminal);
  if (terminal->ends[0] >= 0)
    close (terminal->ends[0]);
  g_free (terminal);
}

const McAdapter *
mc_terminal_adapter (const McTerminal *terminal)
{
  return &terminal->adapter;
}
