/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/caa.h"

#include <string.h>

#define CRITICAL 0x80
#define TAG_MAX 63 /* more is no tag that anybody has registered */

struct McCaaClimb {
  char *domain;
  const char *at; /* within DOMAIN: what is asked for now; NULL = the end */
  char **identities;
  guint asked;
  McCaaOutcome outcome;
};

McCaaClimb *
mc_caa_climb_new (const char *domain, const char *const *identities)
{
  McCaaClimb *climb = g_new0 (McCaaClimb, 1);

  climb->domain = g_strdup (domain);
  climb->at = *climb->domain != '\0' ? climb->domain : NULL;
  climb->identities = g_strdupv ((char **)identities);
  climb->outcome = MC_CAA_UNAVAILABLE;
  return climb;
}

void
mc_caa_climb_free (McCaaClimb *climb)
{
  if (climb == NULL)
    return;
  g_free (climb->domain);
  g_strfreev (climb->identities);
  g_free (climb);
}

const char *
mc_caa_climb_next (const McCaaClimb *climb)
{
  return climb->at;
}

McCaaOutcome
mc_caa_climb_outcome (const McCaaClimb *climb)
{
  return climb->outcome;
}

gboolean
mc_caa_record_parse (const guint8 *octets, gsize length, gboolean *critical, char **tag, char **value)
{
  gsize size;

  if (length < 2 || octets[1] == 0 || octets[1] > TAG_MAX || (gsize)octets[1] + 2 > length)
    return FALSE;
  size = octets[1];
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isalnum (octets[2 + i]))
      return FALSE;
  if (memchr (octets + 2 + size, '\0', length - 2 - size) != NULL)
    return FALSE;
  *critical = (octets[0] & CRITICAL) != 0;
  *tag = g_ascii_strdown ((const char *)octets + 2, (gssize)size);
  *value = g_strndup ((const char *)octets + 2 + size, length - 2 - size);
  return TRUE;
}

static const char *
skip_blanks (const char *p)
{
  return p + strspn (p, " \t");
}

/* label *("." label), each of letters, digits and inner hyphens. */
static gboolean
is_domain (const char *name, gsize length)
{
  for (gsize i = 0; i < length; i++) {
    gboolean first = i == 0 || name[i - 1] == '.';
    gboolean last = i + 1 == length || name[i + 1] == '.';

    if (name[i] == '.' ? first || last : !g_ascii_isalnum (name[i]) && (name[i] != '-' || first || last))
      return FALSE;
  }
  return length > 0;
}

/* tag = value (";" tag = value)*: the value is any printable but ";" and blanks (RFC 8659 4.2). What they ask for is
 * the CA's own matter (D12). */
static gboolean
are_parameters (const char *p)
{
  p = skip_blanks (p);
  if (*p == '\0')
    return TRUE;
  for (;;) {
    gsize tag = 0;

    while (g_ascii_isalnum (p[tag]) || (tag > 0 && p[tag] == '-'))
      tag++;
    p = skip_blanks (p + tag);
    if (tag == 0 || *p != '=')
      return FALSE;
    p = skip_blanks (p + 1);
    while (*p > ' ' && *p < 0x7f && *p != ';')
      p++;
    p = skip_blanks (p);
    if (*p != ';')
      return *p == '\0';
    p = skip_blanks (p + 1);
  }
}

char *
mc_caa_issuer (const char *value)
{
  const char *start = skip_blanks (value);
  gsize length = strcspn (start, " \t;");
  const char *after = skip_blanks (start + length);

  if (length > 253 || (length > 0 && !is_domain (start, length)) || (*after != '\0' && *after != ';') ||
      (*after == ';' && !are_parameters (after + 1)))
    return g_strdup ("");
  return g_ascii_strdown (start, (gssize)length);
}

static gboolean
is_ours (const McCaaClimb *climb, const char *issuer)
{
  for (char **identity = climb->identities; identity != NULL && *identity != NULL; identity++)
    if (g_ascii_strcasecmp (*identity, issuer) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_known (const char *tag)
{
  static const char *const tags[] = {"issue", "issuewild",    "issuemail",   "issuevmc",
                                     "iodef", "contactemail", "contactphone"};

  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    if (strcmp (tags[i], tag) == 0)
      return TRUE;
  return FALSE;
}

typedef struct {
  gboolean issuemail, ours, others, critical;
} Seen;

static void
look_at (const McCaaClimb *climb, GBytes *record, Seen *seen)
{
  gsize length;
  const guint8 *octets = g_bytes_get_data (record, &length);
  g_autofree char *tag = NULL;
  g_autofree char *value = NULL;
  g_autofree char *issuer = NULL;
  gboolean critical;

  if (!mc_caa_record_parse (octets, length, &critical, &tag, &value))
    return;
  seen->critical |= critical && !is_known (tag);
  if (strcmp (tag, "issuemail") != 0)
    return;
  issuer = mc_caa_issuer (value);
  seen->issuemail = TRUE;
  seen->ours |= is_ours (climb, issuer);
  seen->others |= *issuer != '\0';
}

/* The records of the lowest name that has any are the ones that count, whatever they say (RFC 8659 3). */
static McCaaOutcome
judge (const McCaaClimb *climb, const GPtrArray *records)
{
  Seen seen = {FALSE, FALSE, FALSE, FALSE};

  for (guint i = 0; i < MIN (records->len, MC_CAA_RECORDS_MAX); i++)
    look_at (climb, g_ptr_array_index (records, i), &seen);
  if (seen.critical)
    return MC_CAA_CRITICAL;
  if (!seen.issuemail)
    return MC_CAA_OPEN;
  if (seen.ours)
    return MC_CAA_NAMED;
  return seen.others ? MC_CAA_OTHERS : MC_CAA_NOBODY;
}

static void
end (McCaaClimb *climb, McCaaOutcome outcome)
{
  climb->outcome = outcome;
  climb->at = NULL;
}

void
mc_caa_climb_give (McCaaClimb *climb, const McDnsAnswer *answer)
{
  const char *dot;

  if (climb->at == NULL)
    return;
  climb->asked++;
  if (answer->status == MC_DNS_FOUND && answer->texts != NULL && answer->texts->len > 0) {
    end (climb, judge (climb, answer->texts));
    return;
  }
  if (answer->status == MC_DNS_UNAVAILABLE || answer->status == MC_DNS_BOGUS || climb->asked >= MC_CAA_NAMES_MAX) {
    end (climb, MC_CAA_UNAVAILABLE);
    return;
  }
  dot = strchr (climb->at, '.');
  if (dot == NULL || dot[1] == '\0')
    end (climb, MC_CAA_OPEN);
  else
    climb->at = dot + 1;
}
