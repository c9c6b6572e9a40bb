/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutt.h"

#include "base/error.h"
#include "net/process.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

/* A sendmail that is the client itself, with the server, password and OAuth that the person has given it. What the exit
 * status says decides whether a reply is sent again: "not sent" only where that is certain. */

#define SECONDS 240
#define MOST (512 * 1024)

/* Neither the person's own header lines, nor a copy: one that cannot be filed would look like a mail that was not sent.
 */
static const char *const commands[] = {"set copy=no",
                                       "unset record",
                                       "unmy_hdr *",
                                       "set sendmail_wait=0",
                                       "set abort_noattach=no",
                                       "unset use_envelope_from",
                                       "set crypt_autosign=no",
                                       NULL};

static GByteArray *
read_mail (GError **error)
{
  GByteArray *mail = g_byte_array_new ();
  guint8 block[65536];
  ssize_t n;

  while ((n = read (STDIN_FILENO, block, sizeof block)) > 0 && mail->len <= MOST)
    g_byte_array_append (mail, block, (guint)n);
  if (n == 0 && mail->len > 0)
    return mail;
  g_byte_array_unref (mail);
  g_set_error_literal (error, MC_ERROR, MC_ERROR_NO_INPUT,
                       _ ("There is no mail on the standard input, or it is too large."));
  return NULL;
}

/* The client sends to those in the header, whoever stands in our words. */
static gboolean
names_all (const GByteArray *mail, char **recipients)
{
  g_autofree char *text = g_strndup ((const char *)mail->data, mail->len);
  char *body = strstr (text, "\n\n");

  if (body != NULL)
    *body = '\0';
  for (char **recipient = recipients; *recipient != NULL; recipient++)
    if (strstr (text, *recipient) == NULL)
      return FALSE;
  return *recipients != NULL;
}

/* Its words are English: see run (). */
static int
judge (const McProcess *process)
{
  static const struct {
    const char *words;
    int status;
  } known[] = {
      {"read error", EX_PROTOCOL},
      {"write error", EX_PROTOCOL},
      {"SMTP session failed: 4", EX_TEMPFAIL},
      {"SMTP session failed: 5", EX_UNAVAILABLE},
      {"uthentication failed", EX_NOPERM},
      {"o authenticators", EX_NOPERM},
      {"ould not find the host", EX_TEMPFAIL},
      {"ould not connect", EX_TEMPFAIL},
      {"onnection refused", EX_TEMPFAIL},
      {"ertificate", EX_CONFIG},
      {"TLS", EX_CONFIG},
      {"SSL", EX_CONFIG},
      {"o recipients", EX_CONFIG},
      {"nvalid SMTP URL", EX_CONFIG},
      {"unknown", EX_CONFIG},
  };

  if (WIFEXITED (process->wait_status) && WEXITSTATUS (process->wait_status) == 0)
    return EX_OK;
  for (gsize i = 0; i < G_N_ELEMENTS (known) && WIFEXITED (process->wait_status); i++)
    if (strstr ((const char *)process->out->data, known[i].words) != NULL ||
        strstr ((const char *)process->err->data, known[i].words) != NULL)
      return known[i].status;
  return EX_PROTOCOL; /* nobody can know whether it left */
}

static void
speak_english (void)
{
  const char *all = g_getenv ("LC_ALL");

  if (all != NULL && *all != '\0')
    g_setenv ("LANG", all, TRUE);
  g_unsetenv ("LC_ALL");
  g_setenv ("LC_MESSAGES", "C", TRUE);
  g_unsetenv ("LANGUAGE");
}

static McProcess *
run (const McMutt *mutt, const char *draft, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  /* neomutt takes a draft with nothing on its input for an empty mail, and adds what is there to the body. */
  McProcessOptions options = {.input = mutt->neomutt ? "\n" : NULL,
                              .input_length = mutt->neomutt ? 1 : 0,
                              .keep_stdout = TRUE,
                              .keep_stderr = TRUE,
                              .max_output = 4096,
                              .seconds = SECONDS};

  g_ptr_array_add (argv, (gpointer)mc_mutt_client (mutt));
  if (mutt->rc_file != NULL) {
    g_ptr_array_add (argv, (gpointer) "-F");
    g_ptr_array_add (argv, mutt->rc_file);
  }
  for (const char *const *command = commands; *command != NULL; command++) {
    g_ptr_array_add (argv, (gpointer) "-e");
    g_ptr_array_add (argv, (gpointer)*command);
  }
  g_ptr_array_add (argv, (gpointer) "-H");
  g_ptr_array_add (argv, (gpointer)draft);
  g_ptr_array_add (argv, NULL);
  options.argv = (const char *const *)argv->pdata;
  speak_english ();
  return mc_process_run (&options, error);
}

/* The client reads a draft by its name. */
static char *
write_draft (const McMutt *mutt, const GByteArray *mail, GError **error)
{
  g_autofree char *path = NULL;
  gsize length = mail->len;
  int fd = g_file_open_tmp ("mailcert-XXXXXX", &path, error);

  if (fd < 0)
    return NULL;
  close (fd);
  if (mutt->neomutt && mail->data[length - 1] == '\n') /* it adds one */
    length--;
  if (g_file_set_contents_full (path, (const char *)mail->data, (gssize)length, G_FILE_SET_CONTENTS_NONE, 0600, error))
    return g_steal_pointer (&path);
  g_unlink (path);
  return NULL;
}

gboolean
mc_mutt_send (const McMutt *mutt, char **words, int *status, GError **error)
{
  g_autoptr (GByteArray) mail = read_mail (error);
  g_autoptr (McProcess) process = NULL;
  g_autofree char *draft = NULL;
  g_autoptr (GError) reason = NULL;

  if (mail == NULL)
    return FALSE;
  if (!names_all (mail, words)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_USAGE, _ ("The recipients must be those in the mail's header."));
    return FALSE;
  }
  draft = write_draft (mutt, mail, &reason);
  if (draft == NULL) {
    g_set_error (error, MC_ERROR, MC_ERROR_LATER, "%s", reason->message);
    return FALSE;
  }
  process = run (mutt, draft, &reason);
  g_unlink (draft);
  if (process->ended) {
    *status = judge (process);
    if (*status != EX_OK)
      g_printerr ("%s: %s%s\n", mc_mutt_client (mutt), (const char *)process->out->data,
                  (const char *)process->err->data);
  } else {
    *status = process->started ? EX_PROTOCOL : EX_CONFIG;
    g_printerr ("%s: %s\n", mc_mutt_client (mutt), reason->message);
  }
  return TRUE;
}
