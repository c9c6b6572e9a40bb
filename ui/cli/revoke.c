/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"
#include "exit-status.h"
#include "json.h"
#include "prompt.h"
#include "request.h"
#include "store/store.h"
#include "text.h"
#include "visit.h"

#include <string.h>

static const McOption options[] = {
    {"ca", 0, "NAME|URL", "@ca", N_ ("only a certificate of this CA"), FALSE},
    {"serial", 0, "HEX", NULL, N_ ("the certificate with this serial number (see status -v)"), FALSE},
    {"reason", 0, "REASON", "unspecified keyCompromise affiliationChanged superseded cessationOfOperation",
     N_ ("why: keyCompromise, affiliationChanged, superseded or cessationOfOperation"), FALSE},
    {"agree-tos", 0, NULL, NULL, N_ ("agree to the CA's terms"), FALSE},
    {"passphrase-fd", 0, "N", NULL, N_ ("read the passphrase of the key from this file descriptor"), FALSE},
    {.name = NULL},
};

/* The certificates that the operands and options mean. */
typedef struct {
  GPtrArray *all;     /* of McEnrollment, owned */
  GPtrArray *good;    /* those that can be revoked */
  GPtrArray *revoked; /* those that are */
} McChoice;

static void
choice_clear (McChoice *choice)
{
  g_clear_pointer (&choice->good, g_ptr_array_unref);
  g_clear_pointer (&choice->revoked, g_ptr_array_unref);
  g_clear_pointer (&choice->all, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (McChoice, choice_clear)

/* As people paste it: colons, spaces and capitals do not count, nor do zeros in front. */
static char *
plain_serial (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    if (*p != ':' && *p != ' ' && !(*p == '0' && out->len == 0))
      g_string_append_c (out, g_ascii_tolower (*p));
  return g_string_free (out, FALSE);
}

static gboolean
is_meant (const McCli *cli, const McEnrollment *e, const char *directory)
{
  g_autoptr (McCertificateInfo) info = mc_text_certificate (e);
  const char *serial = mc_cli_value (cli, "serial");
  g_autofree char *wanted = serial != NULL ? plain_serial (serial) : NULL;
  g_autofree char *has = info != NULL ? plain_serial (info->serial) : NULL;

  return info != NULL && mc_enrollment_find (e, mc_cli_operand (cli, 0)) != NULL && info->not_after > mc_cli_now () &&
         (directory == NULL || strcmp (e->directory, directory) == 0) && (wanted == NULL || strcmp (has, wanted) == 0);
}

static gboolean
find (McCli *cli, McChoice *choice, GError **error)
{
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, error);
  g_autoptr (McCaProfile) ca = NULL;

  if (store == NULL)
    return FALSE;
  if (mc_cli_has (cli, "ca")) {
    ca = mc_request_ca (cli, mc_cli_value (cli, "ca"), error);
    if (ca == NULL)
      return FALSE;
  }
  choice->all = mc_store_enrollments (store, FALSE, error);
  if (choice->all == NULL)
    return FALSE;
  choice->good = g_ptr_array_new ();
  choice->revoked = g_ptr_array_new ();
  for (guint i = 0; i < choice->all->len; i++) {
    McEnrollment *e = g_ptr_array_index (choice->all, i);

    if (is_meant (cli, e, ca != NULL ? ca->directory : NULL))
      g_ptr_array_add (e->revoked_at != 0 ? choice->revoked : choice->good, e);
  }
  return TRUE;
}

static char *
describe (const McEnrollment *e)
{
  g_autoptr (McCertificateInfo) info = mc_text_certificate (e);
  g_autofree char *addresses = mc_text_addresses (e);
  g_autofree char *begin = mc_text_day (info->not_before);
  g_autofree char *end = mc_text_day (info->not_after);
  g_autofree char *ca = mc_text_sanitize (e->ca, 200);

  if (info->usage == MC_USAGE_SIGN)
    /* Translators: addresses, CA, two days, a number. The certificate signs only. */
    return g_strdup_printf (_ ("%s, from %s, valid %s to %s, for signing only, serial number %s"), addresses, ca, begin,
                            end, info->serial);
  if (info->usage == MC_USAGE_ENCRYPT)
    /* Translators: the same, but others encrypt with it. */
    return g_strdup_printf (_ ("%s, from %s, valid %s to %s, for encryption only, serial number %s"), addresses, ca,
                            begin, end, info->serial);
  return g_strdup_printf (_ ("%s, from %s, valid %s to %s, serial number %s"), addresses, ca, begin, end, info->serial);
}

static char *
serials_of (const GPtrArray *certificates)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < certificates->len; i++) {
    g_autoptr (McCertificateInfo) info = mc_text_certificate (g_ptr_array_index (certificates, i));

    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", info->serial);
  }
  return g_string_free (list, FALSE);
}

/* Several: a person says which; a script must have said. NULL with ERROR. */
static const McEnrollment *
ask_which (McCli *cli, const McChoice *choice, GError **error)
{
  g_autoptr (McSecretString) line = NULL;
  g_autofree char *serials = serials_of (choice->good);
  gint64 number;

  if (!mc_cli_is_attended (cli)) {
    mc_cli_set_error (error, MC_ERROR_USAGE,
                      /* Translators: a number, an address, a list of numbers. */
                      _ ("There are %u certificates for %s that can be revoked, with the serial numbers %s; say which "
                         "one with --serial or --ca."),
                      choice->good->len, mc_cli_operand (cli, 0), serials);
    return NULL;
  }
  for (guint i = 0; i < choice->good->len; i++) {
    g_autofree char *text = describe (g_ptr_array_index (choice->good, i));
    g_autofree char *entry = g_strdup_printf ("%3u  %s", i + 1, text);

    mc_cli_say (stderr, entry);
  }
  line = mc_prompt_line (_ ("Which one? Its number: "), FALSE, -1);
  if (line != NULL && g_ascii_string_to_signed (g_strstrip (line), 10, 1, choice->good->len, &number, NULL))
    return g_ptr_array_index (choice->good, (guint)number - 1);
  mc_cli_set_error (error, MC_ERROR_USAGE, _ ("No certificate was chosen, so nothing was revoked."));
  return NULL;
}

static const McEnrollment *
choose (McCli *cli, const McChoice *choice, GError **error)
{
  if (choice->good->len > 1)
    return ask_which (cli, choice, error);
  if (choice->good->len == 1)
    return g_ptr_array_index (choice->good, 0);
  if (choice->revoked->len > 0)
    return g_ptr_array_index (choice->revoked, choice->revoked->len - 1);
  if (mc_cli_has (cli, "serial"))
    mc_cli_set_error (error, MC_ERROR_NO_INPUT, _ ("No valid certificate for %s here has that serial number."),
                      mc_cli_operand (cli, 0));
  else
    mc_cli_set_error (error, MC_ERROR_NO_INPUT, _ ("There is no certificate for %s here that could be revoked."),
                      mc_cli_operand (cli, 0));
  return NULL;
}

/* What cannot be brought back is asked about where somebody is there to say no. */
static gboolean
is_wanted (McCli *cli, const McEnrollment *e)
{
  g_autofree char *text = NULL;
  g_autofree char *question = NULL;

  if (e->revoked_at != 0 || !mc_cli_is_attended (cli))
    return TRUE;
  text = describe (e);
  /* Translators: what the certificate is. The letters in brackets are the answers yes and no. */
  question = g_strdup_printf (_ ("%s\nThis tells everybody that it is not to be trusted any more, and cannot be taken "
                                 "back. Revoke it? [y/N] "),
                              text);
  return mc_prompt_question (question, -1) == MC_ANSWER_YES;
}

/* The key is the same one wherever it is certified. */
static void
warn_of_same_key (McCli *cli, const McEnrollment *e, const GPtrArray *all)
{
  for (guint i = 0; i < all->len; i++) {
    const McEnrollment *other = g_ptr_array_index (all, i);
    g_autoptr (McCertificateInfo) info = mc_text_certificate (other);
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;

    if (other->id == e->id || info == NULL || info->not_after <= mc_cli_now () || mc_enrollment_is_revoked (other) ||
        other->key == NULL || e->key == NULL || !g_bytes_equal (other->key, e->key))
      continue;
    text = describe (other);
    /* Translators: what the certificate is. */
    line = g_strdup_printf (_ ("Another certificate has the same key: %s."), text);
    mc_cli_say (stderr, line);
    g_free (line);
    /* Translators: a command line, which does not change. */
    line = g_strdup_printf (_ ("Next: mailcert revoke %s --reason keyCompromise --serial %s"), mc_cli_operand (cli, 0),
                            info->serial);
    mc_cli_say (stderr, line);
  }
}

/* What becomes of a key that others may have, whether the CA has agreed or not. */
static void
tell_compromise (McCli *cli, const McEnrollment *e, const GPtrArray *all)
{
  if (cli->json || cli->quiet || !mc_enrollment_is_compromised (all, e))
    return;
  if (e->revoked_at == 0)
    mc_cli_say (stderr, _ ("It counts as given up here all the same: mailcert renews nothing with its key and asks for "
                           "another certificate. The same command asks the CA again."));
  warn_of_same_key (cli, e, all);
}

static void
report (McCli *cli, const McEnrollment *e, gboolean changed)
{
  g_autofree char *next = NULL;
  g_autofree char *sentence = mc_text_enrollment (e, mc_cli_now (), &next);

  if (cli->json) {
    g_autoptr (McJson) json = mc_report_new ();
    g_autoptr (McJson) array = mc_json_array_new ();
    g_autoptr (McJson) object = mc_report_enrollment (cli->config, e, mc_cli_now ());

    mc_json_append (array, object);
    mc_json_set_boolean (json, "changed", changed);
    mc_json_set (json, "enrollments", array);
    mc_report_print (json);
  } else if (mc_cli_is_talkative (cli)) {
    mc_cli_say (stdout, sentence);
    mc_cli_say (stdout, _ ("Its key stays in mailcert's records and in your keyrings: old mail needs it. Do not sign "
                           "with it any more."));
  }
}

static gboolean
read_reason (const McCli *cli, McReason *reason, GError **error)
{
  const char *name = mc_cli_value (cli, "reason");
  g_autofree char *known = g_strjoinv (", ", (char **)mc_reason_names ());

  *reason = MC_REASON_UNSPECIFIED;
  if (name == NULL || mc_reason_parse (name, reason))
    return TRUE;
  mc_cli_set_error (error, MC_ERROR_USAGE, _ ("\"%s\" is no reason to revoke; there are: %s."), name, known);
  return FALSE;
}

/* Only the account's signature is needed as a rule: nobody is asked for a passphrase. */
static gboolean
set_passphrase (McCli *cli, McVisit *visit, GError **error)
{
  g_autoptr (McSecretString) passphrase = NULL;

  if (!mc_cli_has (cli, "passphrase-fd"))
    return TRUE;
  passphrase = mc_prompt_passphrase (cli, NULL, FALSE, error);
  if (passphrase == NULL)
    return FALSE;
  mc_runner_set_passphrase (visit->runner, passphrase);
  return TRUE;
}

static int
carry_out (McCli *cli, const McEnrollment *e, McReason reason)
{
  GError *error = NULL;
  McProblem *problem = NULL;
  g_autoptr (McVisit) visit = mc_visit_new (cli, &error);
  gboolean ok = visit != NULL && set_passphrase (cli, visit, &error) &&
                mc_runner_revoke (visit->runner, e->id, reason, mc_cli_has (cli, "agree-tos"), &problem, &error);
  int status = ok ? MC_EXIT_DONE : mc_visit_fail (cli, e->ca, problem, error);
  g_autoptr (GError) why = NULL;
  g_autoptr (McStore) store = mc_store_open (cli->config->data_dir, TRUE, &why);
  g_autoptr (GPtrArray) all = store != NULL ? mc_store_enrollments (store, FALSE, &why) : NULL;

  for (guint i = 0; all != NULL && i < all->len; i++) {
    const McEnrollment *after = g_ptr_array_index (all, i);

    if (after->id != e->id)
      continue;
    if (ok)
      report (cli, after, e->revoked_at == 0);
    tell_compromise (cli, after, all);
  }
  return all != NULL || !ok ? status : mc_cli_fail (cli, g_steal_pointer (&why));
}

static int
run (McCli *cli)
{
  const char *address = mc_cli_operand (cli, 0);
  g_auto (McChoice) choice = {0};
  const McEnrollment *e;
  GError *error = NULL;
  McReason reason;

  if (!read_reason (cli, &reason, &error) || !mc_cli_load_config (cli, &error) ||
      !mc_request_check_known (cli, address, &error) || !find (cli, &choice, &error))
    return mc_cli_fail (cli, error);
  e = choose (cli, &choice, &error);
  if (e == NULL)
    return mc_cli_fail (cli, error);
  /* Once more: for the reason that was given the first time. */
  if (!mc_cli_has (cli, "reason") && e->revocation != NULL)
    mc_reason_parse (e->revocation, &reason);
  if (!is_wanted (cli, e)) {
    mc_cli_say (stderr, _ ("Nothing was changed."));
    return MC_EXIT_DONE;
  }
  return carry_out (cli, e, reason);
}

const McVerb mc_verb_revoke = {
    "revoke", "ADDRESS", 1, 1, "@address", N_ ("Revokes a certificate: from then on nobody is to trust it."),
    options,  run,
};
