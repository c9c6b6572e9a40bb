/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/doctor-private.h"

#include <openssl/crypto.h>
#include <string.h>

/* What is at work here, for a bug report. */

void
mc_check_openssl (McDoctor *doctor, McFinding *finding)
{
  mc_finding_set (finding, MC_FINDING_OK, "version");
  mc_finding_show (finding, OpenSSL_version (OPENSSL_VERSION));
}

void
mc_check_curl (McDoctor *doctor, McFinding *finding)
{
  mc_finding_set (finding, MC_FINDING_OK, "version");
  mc_finding_show (finding, mc_http_library ());
}

/* The first line of what it says of itself. A program that says nothing is one that cannot be started. */
static void
ask (McDoctor *doctor, const char *name, const char *option, McFinding *finding)
{
  const char *const argv[] = {name, option, NULL};
  g_autofree char *program = g_find_program_in_path (name);
  g_autofree char *text = program != NULL ? mc_doctor_output (doctor, argv) : NULL;

  if (program == NULL) {
    mc_finding_set (finding, MC_FINDING_SKIPPED, "not-here");
    return;
  }
  mc_finding_detail (finding, program);
  if (text == NULL) {
    mc_finding_set (finding, MC_FINDING_NOTE, "broken");
    return;
  }
  text[strcspn (text, "\r\n")] = '\0';
  mc_finding_set (finding, MC_FINDING_OK, "version");
  mc_finding_show (finding, text);
}

void
mc_check_gpgsm (McDoctor *doctor, McFinding *finding)
{
  ask (doctor, "gpgsm", "--version", finding);
}

void
mc_check_mutt (McDoctor *doctor, McFinding *finding)
{
  ask (doctor, "mutt", "-v", finding);
}

void
mc_check_neomutt (McDoctor *doctor, McFinding *finding)
{
  ask (doctor, "neomutt", "-v", finding);
}

void
mc_check_claws (McDoctor *doctor, McFinding *finding)
{
  ask (doctor, "claws-mail", "--version", finding);
}
