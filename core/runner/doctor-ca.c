/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/doctor-private.h"

#include "base/cleanup.h"
#include "keyring/nss-roots.h"
#include "mail/authenticity.h"

#include <stdlib.h>

#define MINUTE 60

void
mc_check_ca (McDoctor *doctor, McFinding *finding)
{
  const McDirectory *directory = mc_doctor_directory (doctor);

  mc_finding_show (finding, doctor->ca->name);
  if (directory == NULL) {
    const GError *error = doctor->http.error;

    if (g_error_matches (error, MC_ERROR, MC_ERROR_CA) || g_error_matches (error, MC_ERROR, MC_ERROR_MALFORMED)) {
      mc_finding_trouble (finding, MC_ERROR_CONFIG, "no-directory");
      mc_finding_detail (finding, error->message);
    } else
      mc_finding_error (finding, error);
    return;
  }
  mc_finding_set (finding, MC_FINDING_OK, "fine");
  mc_finding_detail (finding, doctor->ca->directory);
}

/* A clock that is ahead takes each challenge for an old one, and certificates are not valid yet for one that is behind.
 */
void
mc_check_clock (McDoctor *doctor, McFinding *finding)
{
  g_autofree char *minutes = NULL;
  gint64 ahead;

  mc_doctor_directory (doctor);
  if (doctor->ca_time == 0) {
    mc_finding_set (finding, MC_FINDING_UNKNOWN, "no-time");
    return;
  }
  ahead = doctor->ca_time_at - doctor->ca_time;
  minutes = g_strdup_printf ("%" G_GINT64_FORMAT, (gint64)llabs (ahead) / MINUTE);
  mc_finding_show (finding, minutes);
  if (llabs (ahead) > MC_AUTHENTICITY_CLOCK_SKEW)
    mc_finding_trouble (finding, MC_ERROR_CONFIG, ahead > 0 ? "ahead" : "behind");
  else
    mc_finding_set (finding, MC_FINDING_OK, "fine");
}

static gboolean
has_account (McDoctor *doctor)
{
  g_autoptr (McAccount) account = NULL;

  mc_doctor_enrollments (doctor);
  if (doctor->store != NULL)
    account = mc_store_account (doctor->store, doctor->ca->directory, NULL);
  return account != NULL && account->url != NULL && !account->deactivated;
}

void
mc_check_binding (McDoctor *doctor, McFinding *finding)
{
  const McDirectory *directory = mc_doctor_directory (doctor);
  g_autofree char *kid = NULL;
  g_autoptr (GBytes) key = NULL;
  g_autoptr (GError) error = NULL;

  mc_finding_show (finding, doctor->ca->name);
  if (has_account (doctor))
    mc_finding_set (finding, MC_FINDING_OK, "open");
  else if (!mc_binding_find (doctor->store, doctor->ca, doctor->ca->directory, &kid, &key, &error)) {
    mc_finding_trouble (finding, MC_ERROR_CONFIG, "unreadable");
    mc_finding_detail (finding, error->message);
  } else if (kid != NULL)
    mc_finding_set (finding, MC_FINDING_OK, "there");
  else if (directory == NULL)
    mc_finding_set (finding, MC_FINDING_SKIPPED, "no-answer");
  else if (directory->binding_required)
    mc_finding_trouble (finding, MC_ERROR_CONFIG, "needed");
  else
    mc_finding_set (finding, MC_FINDING_OK, "not-needed");
}

void
mc_check_mail_roots (McDoctor *doctor, McFinding *finding)
{
  g_autoptr (GError) error = NULL;

  mc_finding_show (finding, doctor->ca->name);
  if (!mc_verify_load_roots (doctor->ca, &error)) {
    mc_finding_trouble (finding, MC_ERROR_CONFIG, "unreadable");
    mc_finding_detail (finding, error->message);
    return;
  }
  mc_finding_set (finding, MC_FINDING_OK, doctor->ca->mail_roots != NULL ? "fine" : "unset");
}

/* The newest certificate of this CA, whoever it is for: its root is the one that counts. */
static const McEnrollment *
issued_by (McDoctor *doctor)
{
  const GPtrArray *all = mc_doctor_enrollments (doctor);

  for (guint i = all != NULL ? all->len : 0; i-- > 0;) {
    const McEnrollment *e = g_ptr_array_index (all, i);

    if (e->chain != NULL && g_strcmp0 (e->directory, doctor->ca->directory) == 0)
      return e;
  }
  return NULL;
}

/* What is known of the root's trust, and by whom: no more. */
void
mc_check_nss_root (McDoctor *doctor, McFinding *finding)
{
  static const char *const reasons[] = {
      [MC_NSS_ROOT_NO_STORE] = "no-store",
      [MC_NSS_ROOT_ABSENT] = "absent",
      [MC_NSS_ROOT_OTHER] = "other",
      [MC_NSS_ROOT_MAIL] = "mail",
  };
  g_autoptr (X509) root = mc_doctor_root (doctor, issued_by (doctor));
  McNssRoot trust;

  mc_finding_show (finding, doctor->ca->name);
  if (root == NULL) {
    mc_finding_set (finding, MC_FINDING_SKIPPED, "no-root");
    return;
  }
  trust = mc_nss_root_look (MC_NSS_ROOTS_MODULE, root);
  mc_finding_set (finding,
                  trust == MC_NSS_ROOT_MAIL       ? MC_FINDING_OK
                  : trust == MC_NSS_ROOT_NO_STORE ? MC_FINDING_SKIPPED
                                                  : MC_FINDING_NOTE,
                  reasons[trust]);
}
