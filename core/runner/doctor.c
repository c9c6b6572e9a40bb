/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/doctor-private.h"

#include "mail/address.h"

#include <string.h>

enum { NEEDS_NOTHING = 0, NEEDS_ADDRESS = 1, NEEDS_IMAP = 2, NEEDS_CA = 4, NEEDS_CERTIFICATE = 8, NEEDS_CONFIG = 16 };

typedef struct {
  const char *name;
  const char *group;
  guint needs;
  McCheckFunc run;
} Check;

static const Check checks[] = {
    {"config", "setup", NEEDS_NOTHING, mc_check_config},
    {"store", "setup", NEEDS_NOTHING, mc_check_store},
    {"user", "setup", NEEDS_NOTHING, mc_check_user},
    {"hook", "setup", NEEDS_NOTHING, mc_check_hook},
    {"timer", "setup", NEEDS_NOTHING, mc_check_timer},
    {"account", "mail", NEEDS_CONFIG | NEEDS_ADDRESS, mc_check_account},
    {"imap", "mail", NEEDS_CONFIG | NEEDS_ADDRESS | NEEDS_IMAP, mc_check_imap},
    {"idle", "mail", NEEDS_CONFIG | NEEDS_ADDRESS | NEEDS_IMAP, mc_check_idle},
    {"sending", "mail", NEEDS_CONFIG | NEEDS_ADDRESS, mc_check_sending},
    {"dkim", "mail", NEEDS_CONFIG | NEEDS_ADDRESS | NEEDS_IMAP, mc_check_dkim},
    {"list", "mail", NEEDS_ADDRESS, mc_check_list},
    {"mx", "domain", NEEDS_ADDRESS, mc_check_mx},
    {"caa", "domain", NEEDS_ADDRESS, mc_check_caa},
    {"dmarc", "domain", NEEDS_ADDRESS, mc_check_dmarc},
    {"spf", "domain", NEEDS_ADDRESS, mc_check_spf},
    {"mta-sts", "domain", NEEDS_ADDRESS, mc_check_mta_sts},
    {"ca", "ca", NEEDS_CONFIG | NEEDS_CA, mc_check_ca},
    {"clock", "ca", NEEDS_CONFIG | NEEDS_CA, mc_check_clock},
    {"eab", "ca", NEEDS_CONFIG | NEEDS_CA, mc_check_binding},
    {"mail-roots", "ca", NEEDS_CONFIG | NEEDS_CA, mc_check_mail_roots},
    {"nss-root", "ca", NEEDS_CONFIG | NEEDS_CA, mc_check_nss_root},
    {"keyring", "keyring", NEEDS_CONFIG, mc_check_keyring},
    {"certificate", "keyring", NEEDS_ADDRESS | NEEDS_CERTIFICATE, mc_check_certificate},
    {"installed", "keyring", NEEDS_ADDRESS | NEEDS_CERTIFICATE, mc_check_installed},
    {"root", "keyring", NEEDS_ADDRESS, mc_check_root},
    {"crl", "keyring", NEEDS_ADDRESS | NEEDS_CERTIFICATE, mc_check_crl},
    {"gpgsm", "programs", NEEDS_NOTHING, mc_check_gpgsm},
    {"openssl", "programs", NEEDS_NOTHING, mc_check_openssl},
    {"curl", "programs", NEEDS_NOTHING, mc_check_curl},
    {"mutt", "programs", NEEDS_NOTHING, mc_check_mutt},
    {"neomutt", "programs", NEEDS_NOTHING, mc_check_neomutt},
    {"claws-mail", "programs", NEEDS_NOTHING, mc_check_claws},
};

static const char *const outcomes[] = {"ok", "note", "trouble", "unknown", "skipped"};

const char *
mc_finding_outcome_name (McFindingOutcome outcome)
{
  g_return_val_if_fail ((guint)outcome < G_N_ELEMENTS (outcomes), "unknown");
  return outcomes[outcome];
}

void
mc_finding_free (McFinding *finding)
{
  if (finding == NULL)
    return;
  g_free (finding->shown);
  g_free (finding->detail);
  g_free (finding->sentence);
  g_free (finding->next);
  g_free (finding->strings);
  g_free (finding);
}

static void
finding_free (gpointer finding)
{
  mc_finding_free (finding);
}

void
mc_finding_set (McFinding *finding, McFindingOutcome outcome, const char *reason)
{
  finding->outcome = outcome;
  finding->reason = reason;
}

void
mc_finding_trouble (McFinding *finding, McError code, const char *reason)
{
  mc_finding_set (finding, MC_FINDING_TROUBLE, reason);
  finding->code = code;
}

void
mc_finding_show (McFinding *finding, const char *shown)
{
  g_free (finding->shown);
  finding->shown = mc_text_sanitize (shown, 200);
}

void
mc_finding_detail (McFinding *finding, const char *detail)
{
  g_free (finding->detail);
  finding->detail = mc_text_sanitize (detail, 1000);
}

void
mc_finding_error (McFinding *finding, const GError *error)
{
  static const struct {
    McError code;
    const char *reason;
  } kinds[] = {{MC_ERROR_TLS, "tls"}, {MC_ERROR_LOGIN, "login"}, {MC_ERROR_CONFIG, "config"}};

  mc_finding_trouble (finding, MC_ERROR_LATER, "unreachable");
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_error_matches (error, MC_ERROR, (gint)kinds[i].code))
      mc_finding_trouble (finding, kinds[i].code, kinds[i].reason);
  mc_finding_detail (finding, error->message);
}

static McDoctor *
doctor_new (const McConfig *config, const McDoctorOptions *options)
{
  McDoctor *doctor = g_new0 (McDoctor, 1);
  const char *domain = options->address != NULL ? mc_address_domain (options->address) : NULL;
  const char *ca = options->ca;

  doctor->config = config;
  doctor->options = options;
  doctor->address = options->address;
  doctor->domain = domain != NULL ? mc_domain_to_ascii (domain) : NULL;
  doctor->account = options->address != NULL ? mc_config_account (config, options->address) : NULL;
  if (ca == NULL && options->address != NULL)
    ca = g_hash_table_lookup (config->account_cas, options->address);
  doctor->ca = mc_config_ca (config, ca, NULL); /* where there is none, its checks say so */
  doctor->now = g_get_real_time () / G_USEC_PER_SEC;
  doctor->cancel = g_cancellable_new ();
  g_mutex_init (&doctor->lock);
  g_cond_init (&doctor->over);
  return doctor;
}

static void
doctor_free (McDoctor *doctor)
{
  mc_doctor_end (doctor);
  g_free (doctor->domain);
  mc_ca_profile_free (doctor->ca);
  mc_dns_free (doctor->dns);
  g_clear_pointer (&doctor->enrollments, g_ptr_array_unref);
  mc_store_close (doctor->store);
  g_clear_error (&doctor->store_error);
  mc_imap_survey_free (doctor->survey);
  mc_directory_free (doctor->directory);
  g_object_unref (doctor->cancel);
  g_mutex_clear (&doctor->lock);
  g_cond_clear (&doctor->over);
  g_free (doctor);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McDoctor, doctor_free)

/* What CHECK lacks, or NULL. */
static const char *
lacks (McDoctor *doctor, const Check *check)
{
  if ((check->needs & NEEDS_CONFIG) != 0 && doctor->options->config_error != NULL)
    return "no-config";
  if ((check->needs & NEEDS_ADDRESS) != 0 && doctor->address == NULL)
    return "no-address";
  if ((check->needs & NEEDS_IMAP) != 0 && (doctor->account == NULL || doctor->account->imap == NULL))
    return "no-imap";
  if ((check->needs & NEEDS_CA) != 0 && doctor->ca == NULL)
    return "no-ca";
  if ((check->needs & NEEDS_CERTIFICATE) != 0 && mc_doctor_certificate (doctor) == NULL)
    return "no-certificate";
  return NULL;
}

static McFinding *
run_check (McDoctor *doctor, const Check *check)
{
  McFinding *finding = g_new0 (McFinding, 1);
  const char *lack = lacks (doctor, check);

  finding->check = check->name;
  finding->group = check->group;
  mc_finding_set (finding, MC_FINDING_SKIPPED, lack);
  if (lack == NULL)
    check->run (doctor, finding);
  return finding;
}

GPtrArray *
mc_doctor_run (const McConfig *config, const McDoctorOptions *options)
{
  g_autoptr (McDoctor) doctor = doctor_new (config, options);
  GPtrArray *findings = g_ptr_array_new_with_free_func (finding_free);
  const char *group = NULL;

  mc_doctor_begin (doctor);
  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++) {
    if (options->progress != NULL && checks[i].group != group)
      options->progress (checks[i].group, options->data);
    group = checks[i].group;
    g_ptr_array_add (findings, run_check (doctor, &checks[i]));
  }
  return findings;
}

McFinding *
mc_doctor_check (const McConfig *config, const McDoctorOptions *options, const char *name)
{
  g_autoptr (McDoctor) doctor = doctor_new (config, options);

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    if (strcmp (checks[i].name, name) == 0)
      return run_check (doctor, &checks[i]);
  g_return_val_if_reached (NULL);
}

/* --- what mail clients' programs say --- */

#define LINES_MAX 100
#define CHECK_MAX 40

static gboolean
parse_outcome (const char *text, McFindingOutcome *out)
{
  for (gsize i = 0; i < G_N_ELEMENTS (outcomes); i++) {
    if (strcmp (text, outcomes[i]) == 0) {
      *out = (McFindingOutcome)i;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
is_check_name (const char *name)
{
  return *name != '\0' && strlen (name) <= CHECK_MAX &&
         strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen (name);
}

static McFinding *
parse_line (const char *line)
{
  g_auto (GStrv) cells = g_strsplit (line, "\t", 6);
  g_autoptr (McFinding) finding = g_new0 (McFinding, 1);

  if (g_strv_length (cells) != 5 || !is_check_name (cells[0]) || !parse_outcome (cells[1], &finding->outcome) ||
      *cells[2] == '\0')
    return NULL;
  finding->strings = g_strdup (cells[0]);
  finding->check = finding->strings;
  finding->group = "client";
  finding->code = MC_ERROR_CONFIG;
  finding->sentence = mc_text_sanitize (cells[2], 500);
  finding->next = *cells[3] != '\0' ? mc_text_sanitize (cells[3], 500) : NULL;
  if (*cells[4] != '\0')
    mc_finding_detail (finding, cells[4]);
  return g_steal_pointer (&finding);
}

McFinding *
mc_doctor_broken (const char *path, const char *detail)
{
  McFinding *finding = g_new0 (McFinding, 1);
  g_autofree char *private = g_strdup_printf ("%s: %s", path, detail);

  finding->strings = g_path_get_basename (path);
  finding->check = is_check_name (finding->strings) ? finding->strings : "client";
  finding->group = "client";
  mc_finding_set (finding, MC_FINDING_UNKNOWN, "endless");
  mc_finding_detail (finding, private);
  return finding;
}

GPtrArray *
mc_doctor_parse (const char *text, gsize length)
{
  g_autofree char *copy = g_strndup (text, length);
  g_auto (GStrv) lines = g_strsplit (copy, "\n", LINES_MAX + 1);
  GPtrArray *findings = g_ptr_array_new_with_free_func (finding_free);

  for (gsize i = 0; lines[i] != NULL && i < LINES_MAX; i++) {
    McFinding *finding = parse_line (lines[i]);

    if (finding != NULL)
      g_ptr_array_add (findings, finding);
  }
  return findings;
}
