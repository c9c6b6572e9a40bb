/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text.h"

#include "store-place.h"

/* The whole history of a request, in sentences: no name of a state is left for people to guess at. */

#define NOW 1795300000

static void
check (McEnrollment *e, const char *state, const char *address, const char *detail, const char *wanted)
{
  McHistoryEntry entry = {.at = NOW, .state = (char *)state, .address = (char *)address, .detail = (char *)detail};
  g_autofree char *text = mc_text_history (e, &entry);

  g_test_message ("%s: %s", state, text);
  g_assert_cmpuint (strlen (text), >, 10);
  g_assert_null (strstr (text, state));
  if (strstr (text, wanted) == NULL)
    g_error ("%s does not say \"%s\": %s", state, wanted, text);
}

static void
test_states (void)
{
  static const McEnrollmentState now[] = {MC_ENROLLMENT_NEW, MC_ENROLLMENT_ORDERED, MC_ENROLLMENT_INSTALLED,
                                          MC_ENROLLMENT_FAILED};
  g_autoptr (McEnrollment) e = new_enrollment ("me@example.org");

  for (gsize i = 0; i < G_N_ELEMENTS (now); i++) {
    e->state = now[i];
    for (guint state = 0; state <= MC_ENROLLMENT_EXPIRED; state++)
      check (e, mc_enrollment_state_name ((McEnrollmentState)state), NULL, NULL, "");
    for (guint state = 0; state <= MC_ADDRESS_VALID; state++)
      check (e, mc_address_state_name ((McAddressState)state), "me@example.org", NULL, "");
    check (e, "NOTE", NULL, NULL, "Nobody was there");
    check (e, "NOTE", NULL, "the server is full", "the server is full");
    check (e, "NOTE", "me@example.org", "dkim-fail", "not proven");
    check (e, "REVOKING", NULL, "superseded", "revoke");
    check (e, "REVOKED", NULL, "superseded", "revoked");
  }
  check (e, "ACCOUNT", NULL, NULL, "test");
  check (e, "READY", NULL, NULL, "test");
}

static void
test_carriers (void)
{
  static const char *const carriers[][2] = {{"claws", "Claws Mail"},   {"smtp", "mail server"},
                                            {"sendmail", "sendmail"},  {"stdout", "for somebody"},
                                            {"another", "anded over"}, {NULL, "anded over"}};
  g_autoptr (McEnrollment) e = new_enrollment ("me@example.org");

  for (gsize i = 0; i < G_N_ELEMENTS (carriers); i++) {
    g_autofree char *given = mc_text_handed_over (carriers[i][0], NOW, NOW);

    check (e, "SENDING", "me@example.org", carriers[i][0], carriers[i][1]);
    g_assert_nonnull (strstr (given, carriers[i][1]));
  }
}

/* Written by a version of mailcert that knows more. */
static void
test_unknown (void)
{
  g_autoptr (McEnrollment) e = new_enrollment ("me@example.org");
  McHistoryEntry entry = {.at = NOW, .state = (char *)"PONDERING\033[2J"};
  g_autofree char *text = mc_text_history (e, &entry);

  g_assert_nonnull (strstr (text, "PONDERING"));
  g_assert_null (strchr (text, '\033'));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text-history/states", test_states);
  g_test_add_func ("/text-history/carriers", test_carriers);
  g_test_add_func ("/text-history/unknown", test_unknown);
  return g_test_run ();
}
