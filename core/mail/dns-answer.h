/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  MC_DNS_FOUND,
  MC_DNS_NONE,        /* NXDOMAIN, or no such record there */
  MC_DNS_UNAVAILABLE, /* no answer, SERVFAIL */
  MC_DNS_BOGUS,       /* DNSSEC validation failed */
} McDnsStatus;

typedef struct {
  McDnsStatus status;
  GPtrArray
      *texts; /* of GBytes*, one for each record: a TXT record's strings joined, else its octets; NULL unless found */
  gboolean secure; /* DNSSEC-validated */
} McDnsAnswer;

G_END_DECLS
