/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/flow.h"
#include "mail/authenticity.h"
#include "pki/pkcs12.h"

#include <string.h>

/* Linked with the pure half alone (DESIGN 1): base, pki, acme, mail, flow, and of libraries GLib, libcrypto and
 * jansson. That it links is the first half of the test; that nothing else was loaded is the second. */

static void
random_bytes (gpointer self, guint8 *bytes, gsize length)
{
  (void)self;
  memset (bytes, 7, length);
}

static void
test_flow (void)
{
  static const char directory[] = "{\"newNonce\":\"https://ca.example/n\",\"newAccount\":\"https://ca.example/"
                                  "a\",\"newOrder\":\"https://ca.example/o\"}";
  const char *const addresses[] = {"ada@example.org", NULL};
  g_autoptr (McEnrollment) e = mc_enrollment_new ("ca.example", "https://ca.example/directory", addresses, 1795300000);
  g_autoptr (McAccount) account = mc_account_new (e->directory);
  g_autoptr (McCaProfile) ca = mc_ca_profile_new ();
  const McFlowSettings settings = {.ca = ca, .random = random_bytes, .transport = "none"};
  g_autoptr (McFlow) flow = mc_flow_new (e, account, &settings);
  g_autoptr (GBytes) body = g_bytes_new_static (directory, strlen (directory));
  g_autoptr (McHttpResponse) response = mc_http_response_new (200, body);
  McEvent event = {.kind = MC_EVENT_HTTP, .response = response};
  McAction action;

  g_assert_true (mc_flow_next (flow, 1795300000, &action, NULL));
  g_assert_cmpint (action.kind, ==, MC_ACTION_HTTP);
  g_assert_cmpstr (action.request->method, ==, "GET");
  g_assert_cmpstr (action.request->url, ==, e->directory);
  event.id = action.id;
  g_assert_true (mc_flow_feed (flow, &event, 1795300001, NULL));
  g_assert_true (mc_flow_next (flow, 1795300001, &action, NULL));
  g_assert_cmpint (action.kind, ==, MC_ACTION_MAKE_KEY);
}

/* The other rooms of the pure half are in the same program. */
static void
test_rooms (void)
{
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr (McMessage) mail = mc_message_parse (nothing);
  const McExpectation expected = {0};
  g_autoptr (McCaProfile) ca = mc_ca_profile_new ();
  g_autoptr (McAuthenticity) judge = mc_authenticity_new (mail, &expected, ca, 1795300000);

  g_assert_nonnull (judge);
  g_assert_null (mc_authenticity_next_lookup (judge));
  g_assert_null (mc_chain_parse ("", 0, NULL));
}

static void
test_libraries (void)
{
  static const char *const strangers[] = {"/libcurl", "/libsqlite", "/libunbound", "/libetpan",
                                          "/libssl",  "/libgtk",    "/libgio"};
  g_autofree char *maps = NULL;

  if (!g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL)) {
    g_test_skip ("no /proc/self/maps");
    return;
  }
  g_assert_nonnull (strstr (maps, "/libcrypto"));
  for (gsize i = 0; i < G_N_ELEMENTS (strangers); i++)
    if (strstr (maps, strangers[i]) != NULL)
      g_error ("%s... is loaded, which the pure half must not need", strangers[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pure/flow", test_flow);
  g_test_add_func ("/pure/rooms", test_rooms);
  g_test_add_func ("/pure/libraries", test_libraries);
  return g_test_run ();
}
