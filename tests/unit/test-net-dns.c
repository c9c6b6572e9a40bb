/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "net-server.h"
#include "net/dns.h"

#include <glib/gstdio.h>
#include <string.h>

static McTestServer *server;

static McDns *
dns_new (void)
{
  g_autofree char *resolver = g_strdup_printf ("127.0.0.1@%u", mc_test_server_port (server, "dns"));
  g_autoptr (GError) error = NULL;
  McDns *dns = mc_dns_new (resolver, NULL, &error);

  g_assert_no_error (error);
  return dns;
}

static void
expect (McDns *dns, const char *name, McDnsStatus status, guint n, const char *first, gsize length)
{
  g_autoptr (McDnsAnswer) answer = mc_dns_txt (dns, name);

  g_test_message ("%s", name);
  g_assert_cmpint (answer->status, ==, status);
  g_assert_false (answer->secure); /* no anchor, no claim */
  g_assert_cmpuint (answer->texts != NULL ? answer->texts->len : 0, ==, n);
  if (first != NULL) {
    gsize size;
    const void *bytes = g_bytes_get_data (g_ptr_array_index (answer->texts, 0), &size);

    g_assert_cmpmem (bytes, size, first, length);
  }
}

static void
test_answers (void)
{
  g_autoptr (McDns) dns = dns_new ();
  g_autofree char *as = g_strnfill (255, 'a');
  g_autofree char *bs = g_strnfill (255, 'b');
  g_autofree char *joined = g_strconcat (as, bs, "c", NULL);

  expect (dns, "one._domainkey.ca.test", MC_DNS_FOUND, 1, "v=DKIM1; p=abc", 14);
  expect (dns, "long.ca.test.", MC_DNS_FOUND, 1, joined, 511);
  expect (dns, "two.ca.test", MC_DNS_FOUND, 2, NULL, 0);
  expect (dns, "bytes.ca.test", MC_DNS_FOUND, 1, "\0\xff\"", 3);
  expect (dns, "empty.ca.test", MC_DNS_NONE, 0, NULL, 0);
  expect (dns, "none.ca.test", MC_DNS_NONE, 0, NULL, 0);
  expect (dns, "broken.ca.test", MC_DNS_UNAVAILABLE, 0, NULL, 0);
  expect (dns, "refused.ca.test", MC_DNS_UNAVAILABLE, 0, NULL, 0);
  expect (dns, "a..b", MC_DNS_NONE, 0, NULL, 0); /* no name at all */
}

static void
test_by_tcp (void)
{
  g_autoptr (McDns) dns = dns_new ();
  g_autoptr (McDnsAnswer) answer = mc_dns_txt (dns, "huge.ca.test");

  g_assert_cmpint (answer->status, ==, MC_DNS_FOUND);
  g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (answer->texts, 0)), ==, 4000);
  g_assert_true (mc_test_server_saw (server, "asked huge.ca.test tcp"));
}

static gpointer
ask_many (gpointer dns)
{
  for (int i = 0; i < 50; i++) {
    g_autofree char *name = g_strdup_printf ("one.x%d-%d.test", i, g_random_int_range (0, 1000000));
    g_autoptr (McDnsAnswer) answer = mc_dns_txt (dns, name);

    g_assert_cmpint (answer->status, ==, MC_DNS_FOUND);
  }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (McDns) dns = dns_new ();
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("dns", ask_many, dns);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static gpointer
ask_silent (gpointer dns)
{
  g_autoptr (McDnsAnswer) answer = mc_dns_txt (dns, "silent.ca.test");

  g_assert_cmpint (answer->status, ==, MC_DNS_UNAVAILABLE);
  return NULL;
}

/* A server that does not answer one question does not hold up the others, and not for ever either. */
static void
test_silence (void)
{
  g_autoptr (McDns) dns = dns_new ();
  gint64 begun = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("silent", ask_silent, dns);

  mc_test_server_await (server, "held");
  expect (dns, "one.meanwhile.test", MC_DNS_FOUND, 1, "v=DKIM1; p=abc", 14);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, (MC_DNS_SECONDS - 2) * G_USEC_PER_SEC);
  g_thread_join (thread);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, (MC_DNS_SECONDS + 5) * G_USEC_PER_SEC);
}

static void
write_resolvers (const char *file, const char *address)
{
  g_autofree char *text = g_strdup_printf ("nameserver %s\n", address);

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

/* A laptop moves to another network. */
static void
test_moving (void)
{
  g_autoptr (McTestServer) here = mc_test_server_new ("dns-server.py", "at=127.0.0.88", NULL);
  g_autoptr (McTestServer) there = mc_test_server_new ("dns-server.py", "at=127.0.0.89", NULL);
  g_autofree char *file = g_build_filename (mc_test_pki (), "resolv.conf", NULL);
  g_autoptr (McDns) dns = NULL;

  if (mc_test_server_saw (here, "port dns 0") || mc_test_server_saw (there, "port dns 0")) {
    g_test_skip ("port 53 is not ours");
    return;
  }
  write_resolvers (file, "127.0.0.88");
  dns = mc_dns_new (file, NULL, NULL);
  expect (dns, "one.here.test", MC_DNS_FOUND, 1, NULL, 0);
  write_resolvers (file, "127.0.0.89");
  expect (dns, "one.there.test", MC_DNS_FOUND, 1, NULL, 0);
  g_assert_true (mc_test_server_saw (here, "asked one.here.test udp"));
  g_assert_false (mc_test_server_saw (here, "asked one.there.test"));
  g_assert_true (mc_test_server_saw (there, "asked one.there.test udp"));
}

static void
test_configuration (void)
{
  g_autofree char *file = g_build_filename (mc_test_pki (), "anchor", NULL);
  const char *const bad[] = {"localhost", "127.0.0.1@port", "x@53", ""};

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (McDns) dns = mc_dns_new (bad[i], NULL, &error);

    g_assert_null (dns);
    g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
  }
  for (int written = 0; written < 2; written++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (McDns) dns = mc_dns_new ("127.0.0.1", file, &error);

    g_assert_null (dns);
    g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
    g_assert_nonnull (strstr (error->message, "dnssec-anchor"));
    g_assert_true (g_file_set_contents (file, "this is no record\n", -1, NULL));
  }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  server = mc_test_server_new ("dns-server.py", NULL);
  g_test_add_func ("/dns/answers", test_answers);
  g_test_add_func ("/dns/by-tcp", test_by_tcp);
  g_test_add_func ("/dns/threads", test_threads);
  g_test_add_func ("/dns/silence", test_silence);
  g_test_add_func ("/dns/moving", test_moving);
  g_test_add_func ("/dns/configuration", test_configuration);
  status = g_test_run ();
  mc_test_server_free (server);
  return status;
}
