/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/outcome.h"

const char *
mc_send_outcome_name (McSendOutcome outcome)
{
  static const char *const names[] = {"sent", "not-sent", "refused", "unknown", "queued"};

  return (gsize)outcome < G_N_ELEMENTS (names) ? names[outcome] : "unknown";
}
