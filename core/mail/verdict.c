/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/verdict.h"

#include <string.h>

static const char *const names[] = {
    [MC_VERDICT_TOO_LARGE] = "too-large",
    [MC_VERDICT_MALFORMED] = "malformed",
    [MC_VERDICT_NOT_A_CHALLENGE] = "not-a-challenge",
    [MC_VERDICT_IS_REPLY] = "is-reply",
    [MC_VERDICT_BAD_SUBJECT] = "bad-subject",
    [MC_VERDICT_SHORT_TOKEN] = "short-token",
    [MC_VERDICT_BAD_CHARSET] = "bad-charset",
    [MC_VERDICT_NOT_AUTO_SUBMITTED] = "not-auto-submitted",
    [MC_VERDICT_DUPLICATE_HEADER] = "duplicate-header",
    [MC_VERDICT_MISSING_HEADER] = "missing-header",
    [MC_VERDICT_LIST_MAIL] = "list-mail",
    [MC_VERDICT_WRONG_FROM] = "wrong-from",
    [MC_VERDICT_WRONG_TO] = "wrong-to",
    [MC_VERDICT_UNSIGNED] = "unsigned",
    [MC_VERDICT_DKIM_FAIL] = "dkim-fail",
    [MC_VERDICT_DKIM_DOMAIN] = "dkim-domain",
    [MC_VERDICT_DKIM_HEADERS] = "dkim-headers",
    [MC_VERDICT_DKIM_WEAK] = "dkim-weak",
    [MC_VERDICT_DKIM_EXPIRED] = "dkim-expired",
    [MC_VERDICT_DKIM_PARTIAL_BODY] = "dkim-partial-body",
    [MC_VERDICT_DKIM_KEY] = "dkim-key",
    [MC_VERDICT_SMIME_INVALID] = "smime-invalid",
    [MC_VERDICT_SMIME_UNTRUSTED] = "smime-untrusted",
    [MC_VERDICT_SMIME_ADDRESS] = "smime-address",
    [MC_VERDICT_SMIME_HEADERS] = "smime-headers",
    [MC_VERDICT_DNS_UNAVAILABLE] = "dns-unavailable",
    [MC_VERDICT_NOT_EXPECTED] = "not-expected",
    [MC_VERDICT_ALREADY_ANSWERED] = "already-answered",
    [MC_VERDICT_STALE] = "stale",
    [MC_VERDICT_EXPIRED] = "expired",
    [MC_VERDICT_AUTHENTIC] = "authentic",
};

const char *
mc_verdict_name (McVerdictCode code)
{
  return names[code];
}

const char *
mc_mail_kind_name (McMailKind kind)
{
  static const char *const kinds[] = {"other", "challenge", "response"};

  return kinds[kind];
}

gboolean
mc_verdict_is_passing (McVerdictCode code)
{
  return code == MC_VERDICT_DNS_UNAVAILABLE || code == MC_VERDICT_NOT_EXPECTED;
}

void
mc_verdict_init (McVerdict *verdict)
{
  *verdict = (McVerdict){
      .code = MC_VERDICT_AUTHENTIC,
      .match = -1,
      .checks = g_ptr_array_new_with_free_func (g_free),
      .method = "none",
  };
}

void
mc_verdict_remark (McVerdict *verdict, const char *name, gboolean ok, const char *detail)
{
  gsize length = strlen (detail);
  McCheck *check = g_malloc (sizeof *check + length + 1);

  check->name = name;
  check->ok = ok;
  memcpy (check->detail, detail, length + 1);
  g_ptr_array_add (verdict->checks, check);
}

void
mc_verdict_note (McVerdict *verdict, const char *name, gboolean ok, McVerdictCode code, const char *detail)
{
  mc_verdict_remark (verdict, name, ok, detail);
  if (!ok && code < verdict->code)
    verdict->code = code;
}

void
mc_verdict_copy (McVerdict *to, const McVerdict *from)
{
  *to = *from;
  to->domain = g_strdup (from->domain);
  to->selector = g_strdup (from->selector);
  to->signer = g_strdup (from->signer);
  to->checks = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < from->checks->len; i++) {
    const McCheck *check = from->checks->pdata[i];

    mc_verdict_remark (to, check->name, check->ok, check->detail);
  }
}

void
mc_verdict_clear (McVerdict *verdict)
{
  g_clear_pointer (&verdict->checks, g_ptr_array_unref);
  g_clear_pointer (&verdict->domain, g_free);
  g_clear_pointer (&verdict->selector, g_free);
  g_clear_pointer (&verdict->signer, g_free);
}
