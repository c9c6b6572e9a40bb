/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/doctor-private.h"

#include "mail/caa.h"
#include "mail/mail-domain.h"

#include <string.h>

static gboolean
is_answered (const McDnsAnswer *answer, McFinding *finding)
{
  if (answer->status != MC_DNS_UNAVAILABLE && answer->status != MC_DNS_BOGUS)
    return TRUE;
  mc_finding_set (finding, MC_FINDING_UNKNOWN, answer->status == MC_DNS_BOGUS ? "bogus" : "dns");
  return FALSE;
}

/* Without an MX mail goes to the host of the name itself (RFC 5321 5.1). */
static void
check_host (McDoctor *doctor, McFinding *finding)
{
  static const McDnsType types[] = {MC_DNS_A, MC_DNS_AAAA};

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autoptr (McDnsAnswer) answer = mc_doctor_look_up (doctor, doctor->domain, types[i]);

    if (!is_answered (answer, finding))
      return;
    if (answer->status == MC_DNS_FOUND) {
      mc_finding_set (finding, MC_FINDING_NOTE, "host");
      return;
    }
  }
  mc_finding_trouble (finding, MC_ERROR_CA, "none");
}

void
mc_check_mx (McDoctor *doctor, McFinding *finding)
{
  g_autoptr (McDnsAnswer) answer = mc_doctor_look_up (doctor, doctor->domain, MC_DNS_MX);

  mc_finding_detail (finding, doctor->domain);
  if (!is_answered (answer, finding))
    return;
  if (answer->status == MC_DNS_NONE) {
    check_host (doctor, finding);
    return;
  }
  switch (mc_mx_judge (answer->texts)) {
  case MC_MX_SOME:
    mc_finding_set (finding, MC_FINDING_OK, "fine");
    break;
  case MC_MX_NULL:
    mc_finding_trouble (finding, MC_ERROR_CA, "null");
    break;
  case MC_MX_GARBLED:
    mc_finding_set (finding, MC_FINDING_UNKNOWN, "garbled");
    break;
  }
}

/* A CA that does not say under which names it stands there cannot be told from the others. */
static void
judge_caa (McCaaOutcome outcome, gboolean has_names, McFinding *finding)
{
  switch (outcome) {
  case MC_CAA_OPEN:
    mc_finding_set (finding, MC_FINDING_OK, "open");
    break;
  case MC_CAA_NAMED:
    mc_finding_set (finding, MC_FINDING_OK, "named");
    break;
  case MC_CAA_OTHERS:
    if (has_names)
      mc_finding_trouble (finding, MC_ERROR_CA, "others");
    else
      mc_finding_set (finding, MC_FINDING_UNKNOWN, "nameless");
    break;
  case MC_CAA_NOBODY:
    mc_finding_trouble (finding, MC_ERROR_CA, "nobody");
    break;
  case MC_CAA_CRITICAL:
    mc_finding_trouble (finding, MC_ERROR_CA, "critical");
    break;
  case MC_CAA_UNAVAILABLE:
    mc_finding_set (finding, MC_FINDING_UNKNOWN, "dns");
    break;
  }
}

void
mc_check_caa (McDoctor *doctor, McFinding *finding)
{
  static const char *const none[] = {NULL};
  const McDirectory *directory = doctor->options->config_error == NULL ? mc_doctor_directory (doctor) : NULL;
  const char *const *identities = directory != NULL ? (const char *const *)directory->caa_identities : none;
  g_autoptr (McCaaClimb) climb = mc_caa_climb_new (doctor->domain, identities);
  g_autofree char *names = g_strjoinv (", ", (char **)identities);
  const char *name;

  while ((name = mc_caa_climb_next (climb)) != NULL) {
    g_autoptr (McDnsAnswer) answer = NULL;

    mc_finding_detail (finding, name);
    answer = mc_doctor_look_up (doctor, name, MC_DNS_CAA);
    mc_caa_climb_give (climb, answer);
  }
  judge_caa (mc_caa_climb_outcome (climb), identities[0] != NULL, finding);
  mc_finding_show (finding, names); /* the CA's own, and public */
}

/* The policy that the TXT records of PREFIX and the domain hold, or NULL. */
static char *
find_policy (McDoctor *doctor, const char *prefix, const char *version, McFinding *finding)
{
  g_autofree char *name = g_strconcat (prefix, doctor->domain, NULL);
  g_autoptr (McDnsAnswer) answer = mc_doctor_look_up (doctor, name, MC_DNS_TXT);
  char *found = NULL;

  if (!is_answered (answer, finding))
    return NULL;
  found = mc_policy_find (answer->texts, version);
  mc_finding_set (finding, found != NULL ? MC_FINDING_OK : MC_FINDING_NOTE, found != NULL ? "fine" : "none");
  if (found != NULL)
    mc_finding_detail (finding, found);
  return found;
}

void
mc_check_dmarc (McDoctor *doctor, McFinding *finding)
{
  g_autofree char *record = find_policy (doctor, "_dmarc.", "v=DMARC1", finding);
  const char *policy = record != NULL ? mc_dmarc_policy (record) : NULL;

  if (policy != NULL)
    mc_finding_show (finding, policy);
  else if (record != NULL)
    mc_finding_set (finding, MC_FINDING_NOTE, "garbled");
}

void
mc_check_spf (McDoctor *doctor, McFinding *finding)
{
  g_free (find_policy (doctor, "", "v=spf1", finding));
}

void
mc_check_mta_sts (McDoctor *doctor, McFinding *finding)
{
  g_free (find_policy (doctor, "_mta-sts.", "v=STSv1", finding));
  if (finding->outcome == MC_FINDING_NOTE) /* most domains have none */
    finding->outcome = MC_FINDING_OK;
}
