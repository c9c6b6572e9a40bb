/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns.h"

#include "base/error.h"

#include <string.h>
#include <sys/stat.h>
#include <unbound.h>

#define CLASS_IN 1
#define RCODE_NOERROR 0
#define RCODE_NXDOMAIN 3

struct McDns {
  GMutex lock; /* of all that follows and of every call that makes libunbound call back */
  GCond answered;
  struct ub_ctx *context;
  char *resolver;
  char *anchor_file;
  struct stat seen;   /* of the file with the resolvers; all zero where there is none */
  guint lookups;      /* under way */
  gboolean listening; /* one of the waiting threads polls for all of them */
};

typedef struct {
  McDnsType type;
  gboolean done;
  McDnsAnswer *answer;
} Lookup;

McDnsAnswer *
mc_dns_answer_new (McDnsStatus status, gboolean secure)
{
  McDnsAnswer *answer = g_new0 (McDnsAnswer, 1);

  answer->status = status;
  answer->secure = secure;
  if (status == MC_DNS_FOUND)
    answer->texts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  return answer;
}

void
mc_dns_answer_free (McDnsAnswer *answer)
{
  if (answer == NULL)
    return;
  if (answer->texts != NULL)
    g_ptr_array_unref (answer->texts);
  g_free (answer);
}

static gboolean
is_fine (int code, const char *what, const char *value, GError **error)
{
  if (code == 0)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_CONFIG, "%s %s: %s", what, value, ub_strerror (code));
  return FALSE;
}

static gboolean
set_up (struct ub_ctx *context, const char *resolver, const char *anchor_file, GError **error)
{
  ub_ctx_debugout (context, NULL); /* a bad anchor would be reported on our stderr */
  ub_ctx_async (context, 1);       /* a thread, not a fork */
  if (!is_fine (ub_ctx_set_option (context, "do-not-query-localhost:", "no"), "libunbound option", "localhost", error))
    return FALSE;
  if (!is_fine (*resolver == '/' ? ub_ctx_resolvconf (context, resolver) : ub_ctx_set_fwd (context, resolver),
                "resolver", resolver, error))
    return FALSE;
  if (anchor_file != NULL && !is_fine (ub_ctx_add_ta_file (context, anchor_file), "dnssec-anchor", anchor_file, error))
    return FALSE;
  /* libunbound answers for the reserved test. by itself. Last: this call finalizes the context, and only now is the
   * anchor file read. */
  return is_fine (ub_ctx_zone_remove (context, "test."), "dnssec-anchor", anchor_file != NULL ? anchor_file : "(none)",
                  error);
}

static struct ub_ctx *
context_new (const char *resolver, const char *anchor_file, GError **error)
{
  struct ub_ctx *context = ub_ctx_create ();

  if (context == NULL) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_INTERNAL, "libunbound cannot be started");
    return NULL;
  }
  if (set_up (context, resolver, anchor_file, error))
    return context;
  ub_ctx_delete (context);
  return NULL;
}

static struct stat
look_at (const char *resolver)
{
  struct stat now;

  if (*resolver != '/' || stat (resolver, &now) != 0)
    memset (&now, 0, sizeof now);
  return now;
}

McDns *
mc_dns_new (const char *resolver, const char *anchor_file, GError **error)
{
  const char *used = resolver != NULL ? resolver : "/etc/resolv.conf";
  struct stat seen = look_at (used);
  struct ub_ctx *context = context_new (used, anchor_file, error);
  McDns *dns;

  if (context == NULL)
    return NULL;
  dns = g_new0 (McDns, 1);
  dns->context = context;
  dns->resolver = g_strdup (used);
  dns->anchor_file = g_strdup (anchor_file);
  dns->seen = seen;
  g_mutex_init (&dns->lock);
  g_cond_init (&dns->answered);
  return dns;
}

void
mc_dns_free (McDns *dns)
{
  if (dns == NULL)
    return;
  ub_ctx_delete (dns->context);
  g_free (dns->resolver);
  g_free (dns->anchor_file);
  g_mutex_clear (&dns->lock);
  g_cond_clear (&dns->answered);
  g_free (dns);
}

/* With the lock held. */
static void
follow_resolvers (McDns *dns)
{
  struct stat now = look_at (dns->resolver);
  struct ub_ctx *context;

  if (dns->lookups > 0 || (now.st_ino == dns->seen.st_ino && now.st_mtim.tv_sec == dns->seen.st_mtim.tv_sec &&
                           now.st_mtim.tv_nsec == dns->seen.st_mtim.tv_nsec))
    return;
  dns->seen = now;
  context = context_new (dns->resolver, dns->anchor_file, NULL);
  if (context == NULL) /* no file just now: the old ones are as good as none */
    return;
  ub_ctx_delete (dns->context);
  dns->context = context;
}

/* A TXT record is one or more strings with a length octet each; DKIM joins them (RFC 6376 3.6.2.2). */
static GBytes *
join_strings (const char *data, int length)
{
  const guint8 *p = (const guint8 *)data;
  gsize left = length > 0 ? (gsize)length : 0;
  GByteArray *joined = g_byte_array_new ();

  while (left > 0 && (gsize)p[0] + 1 <= left) {
    g_byte_array_append (joined, p + 1, p[0]);
    left -= (gsize)p[0] + 1;
    p += p[0] + 1;
  }
  return g_byte_array_free_to_bytes (joined);
}

static GBytes *
octets_of (const char *data, int length)
{
  return g_bytes_new (data, length > 0 ? (gsize)length : 0);
}

static McDnsAnswer *
read_result (McDnsType type, int code, const struct ub_result *result)
{
  McDnsAnswer *answer;

  if (code == UB_SYNTAX) /* a name that no server could be asked for */
    return mc_dns_answer_new (MC_DNS_NONE, FALSE);
  if (code != 0 || result == NULL)
    return mc_dns_answer_new (MC_DNS_UNAVAILABLE, FALSE);
  if (result->bogus)
    return mc_dns_answer_new (MC_DNS_BOGUS, FALSE);
  if (result->rcode == RCODE_NOERROR && result->havedata) {
    answer = mc_dns_answer_new (MC_DNS_FOUND, result->secure != 0);
    for (int i = 0; result->data[i] != NULL; i++)
      g_ptr_array_add (answer->texts, type == MC_DNS_TXT ? join_strings (result->data[i], result->len[i])
                                                         : octets_of (result->data[i], result->len[i]));
    return answer;
  }
  if (result->rcode == RCODE_NOERROR || result->rcode == RCODE_NXDOMAIN)
    return mc_dns_answer_new (MC_DNS_NONE, result->secure != 0);
  return mc_dns_answer_new (MC_DNS_UNAVAILABLE, FALSE);
}

static void
on_result (void *data, int code, struct ub_result *result)
{
  Lookup *lookup = data;

  lookup->answer = read_result (lookup->type, code, result);
  lookup->done = TRUE;
  ub_resolve_free (result);
}

/* With the lock held: something may have been answered when it returns. */
static void
wait_for_some (McDns *dns, gint64 deadline)
{
  GPollFD fd = {ub_fd (dns->context), G_IO_IN, 0};
  gint64 left;

  if (dns->listening) {
    g_cond_wait_until (&dns->answered, &dns->lock, deadline);
    return;
  }
  dns->listening = TRUE;
  g_mutex_unlock (&dns->lock);
  left = MAX (deadline - g_get_monotonic_time (), 0);
  g_poll (&fd, 1, (gint)((left + 999) / 1000));
  g_mutex_lock (&dns->lock);
  dns->listening = FALSE;
  ub_process (dns->context);
  g_cond_broadcast (&dns->answered); /* also so that another thread listens from now on */
}

McDnsAnswer *
mc_dns_look_up (McDns *dns, const char *name, McDnsType type)
{
  gint64 deadline = g_get_monotonic_time () + MC_DNS_SECONDS * G_USEC_PER_SEC;
  Lookup lookup = {type, FALSE, NULL};
  int id = 0;
  int code;

  g_mutex_lock (&dns->lock);
  follow_resolvers (dns);
  dns->lookups++;
  code = ub_resolve_async (dns->context, name, (int)type, CLASS_IN, &lookup, on_result, &id);
  while (code == 0 && !lookup.done && g_get_monotonic_time () < deadline)
    wait_for_some (dns, deadline);
  if (code == 0 && !lookup.done)
    ub_cancel (dns->context, id);
  dns->lookups--;
  g_mutex_unlock (&dns->lock);
  return lookup.answer != NULL ? lookup.answer : read_result (type, code != 0 ? code : UB_SERVFAIL, NULL);
}

McDnsAnswer *
mc_dns_txt (McDns *dns, const char *name)
{
  return mc_dns_look_up (dns, name, MC_DNS_TXT);
}
