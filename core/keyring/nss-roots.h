/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <openssl/x509.h>

G_BEGIN_DECLS

/* The roots that come with NSS, and what each of them is trusted for: Mozilla's own decisions, which Thunderbird and
 * others follow. It is the one store on Debian that knows mail from web: the system's (ca-certificates, and p11-kit
 * above it) trusts all that it has for everything. */
#define MC_NSS_ROOTS_MODULE "libnssckbi.so"

typedef enum {
  MC_NSS_ROOT_NO_STORE, /* NSS is not on this computer, or cannot be asked */
  MC_NSS_ROOT_ABSENT,   /* not among them */
  MC_NSS_ROOT_OTHER,    /* among them, but not trusted for mail */
  MC_NSS_ROOT_MAIL      /* trusted to vouch for mail addresses */
} McNssRoot;

/* Loads MODULE (PKCS#11) and asks it, without a session of anybody else's. */
McNssRoot mc_nss_root_look (const char *module, X509 *root);

G_END_DECLS
