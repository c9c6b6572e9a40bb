/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include <string.h>

/* Every way in which known CAs work (CA-BEHAVIOUR 1) ends INSTALLED, with just the requests that it needs. */

#define ADA WORLD_ADDRESS
#define BOB "bob@example.org"
#define EVE "eve@other.example"

/* How often each route is asked, in the order of CaRoute. */
static void
expect_requests (const World *w, const char *wanted)
{
  GString *text = g_string_new (NULL);
  g_autofree char *got = NULL;

  for (guint i = 0; i <= CA_DEACTIVATE; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? " " : "", w->ca->requests[i]);
  got = g_string_free (text, FALSE);
  g_assert_cmpstr (got, ==, wanted);
}

static World *
installed (const WorldPlan *plan, const char *requests)
{
  World *w = world_new (plan);

  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 0);
  g_assert_cmpuint (w->ca->certificates, ==, 1);
  if (requests != NULL)
    expect_requests (w, requests);
  return w;
}

/* directory nonce account order authorization challenge order-poll finalize certificate deactivate */

static void
test_hold (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.reply_seconds = 0;
  w = installed (&plan, "1 1 1 1 1 1 0 1 1 0");
  g_assert_cmpuint (world_requests (w), ==, 8);
  g_assert_cmpuint (w->sends, ==, 1);
  g_assert_cmpuint (ca_mails (w->ca), ==, 1);
  g_assert_cmpuint (((Drive *)g_ptr_array_index (w->drives, 0))->awaits, ==, 1);
  g_assert_cmpint (w->now, ==, WORLD_START + 3); /* the mail's way: nothing waited needlessly */
}

/* 2 s backing off: looked at 7 s after the POST, so seen by the look at 14 (2, 6, 14), which is at the order. */
static void
test_wait (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.mode = CA_WAITS;
  w = installed (&plan, "1 1 1 1 3 1 1 1 1 0");
  g_assert_cmpint (w->now, ==, WORLD_START + 3 + 14);
}

/* Every fourth look is at the order; the back-off ends at 60 s. */
static void
test_wait_long (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.mode = CA_WAITS;
  plan.ca.look_seconds = 1000;
  w = installed (&plan, NULL);
  /* 2 6 14 30 62 122 182 ... 1022: 21 looks */
  g_assert_cmpint (w->now, ==, WORLD_START + 3 + 1022);
  g_assert_cmpuint (w->ca->requests[CA_AUTHORIZATION], ==, 1 + 16);
  g_assert_cmpuint (w->ca->requests[CA_ORDER], ==, 5);
}

static void
test_retry_after (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.mode = CA_WAITS;
  plan.ca.look_seconds = 90;
  plan.ca.retry_after = "45";
  plan.ca.processing_seconds = 50;
  /* The challenge's answer has no Retry-After: 2, then 47, 92 (the order); then that of finalize: 45, 90. */
  w = installed (&plan, "1 1 1 1 3 1 3 1 1 0");
  g_assert_cmpint (w->now, ==, WORLD_START + 3 + 92 + 90);
}

/* A CA that looks once and no later than at the POST: post-delay gives the reply time. */
static void
test_looks_once (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.mode = CA_LOOKS_ONCE;
  plan.post_delay = 30;
  plan.reply_seconds = 20;
  w = installed (&plan, "1 1 1 1 1 1 0 1 1 0");
  g_assert_cmpint (w->now, ==, WORLD_START + 3 + 30);
}

static void
test_post_first (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.ca.mail_at_post = TRUE;
  plan.trigger = MC_TRIGGER_POST_FIRST;
  w = installed (&plan, NULL);
  g_assert_cmpuint (w->ca->requests[CA_CHALLENGE], ==, 1);
  g_assert_cmpuint (w->sends, ==, 1);
}

/* auto: nothing is posted while the mail may still come by itself (T-05), and what was learned is kept. */
static void
test_auto_rfc (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;
  g_autoptr (McAccount) account = NULL;

  plan.trigger = MC_TRIGGER_AUTO;
  plan.reply_seconds = 0;
  plan.mail_seconds = 599;
  w = installed (&plan, "1 1 1 1 1 1 0 1 1 0");
  account = w->back->account (w->back, CA_DIRECTORY_URL);
  g_assert_cmpstr (account->learned_trigger, ==, "rfc");
}

static void
test_auto_post_first (void)
{
  WorldPlan plan = world_plan_default ();
  const char *const bob[] = {BOB, NULL};
  g_autoptr (World) w = NULL;
  g_autoptr (McAccount) account = NULL;
  gint64 began;

  plan.trigger = MC_TRIGGER_AUTO;
  plan.ca.mail_at_post = TRUE;
  w = installed (&plan, NULL);
  account = w->back->account (w->back, CA_DIRECTORY_URL);
  g_assert_cmpstr (account->learned_trigger, ==, "post-first");
  g_assert_cmpint (w->now, >=, WORLD_START + 600);
  g_assert_cmpuint (w->ca->requests[CA_CHALLENGE], ==, 1);
  began = w->now;
  world_enroll (w, bob, MC_USAGE_BOTH, -1);
  world_run (w);
  world_check_installed (w, 1);
  g_assert_cmpint (w->now, <, began + 60); /* not another ten minutes */
  g_assert_cmpuint (w->ca->requests[CA_NEW_ACCOUNT], ==, 1);
}

/* A mail that was only slow: it was written when the authorization was fetched, before our POST. Learning from it that
 * a POST is needed would burn the next order at a CA that looks once. */
static void
test_auto_slow_mail (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;
  g_autoptr (McAccount) account = NULL;

  plan.trigger = MC_TRIGGER_AUTO;
  plan.mail_seconds = 700;
  w = installed (&plan, NULL);
  account = w->back->account (w->back, CA_DIRECTORY_URL);
  g_assert_cmpstr (account->learned_trigger, ==, "rfc");
  g_assert_cmpuint (w->ca->requests[CA_CHALLENGE], ==, 1);
}

static void
test_joins (void)
{
  static const guint octets[] = {16, 20, 32};

  for (guint i = 0; i < G_N_ELEMENTS (octets); i++)
    for (guint join = MC_TOKEN_JOIN_STRING; join <= MC_TOKEN_JOIN_BYTES; join++) {
      WorldPlan plan = world_plan_default ();
      g_autoptr (World) w = NULL;

      plan.ca.part1_octets = octets[i];
      plan.ca.join = plan.join = (McTokenJoin)join;
      plan.seed = i + 10;
      w = installed (&plan, NULL);
    }
}

static void
test_binding (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;
  g_autoptr (McAccount) account = NULL;

  plan.ca.binding_kid = "kid-7";
  plan.ca.binding_key = "a MAC key that the CA gave us";
  plan.reply_seconds = 0;
  w = installed (&plan, "1 1 1 1 1 1 0 1 1 0");
  account = w->back->account (w->back, CA_DIRECTORY_URL);
  g_assert_cmpstr (account->binding_kid, ==, "kid-7");
}

static void
test_terms (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;
  g_autoptr (World) asked = NULL;
  g_autoptr (McAccount) account = NULL;

  plan.ca.terms = "https://ca.example/terms";
  w = installed (&plan, NULL);
  g_assert_cmpuint (w->asked[MC_ASK_TERMS], ==, 0);
  account = w->back->account (w->back, CA_DIRECTORY_URL);
  g_assert_cmpstr (account->terms, ==, plan.ca.terms);
  plan.agree_terms = FALSE;
  plan.terms_answer = ANSWER_YES;
  asked = installed (&plan, NULL);
  g_assert_cmpuint (asked->asked[MC_ASK_TERMS], ==, 1);
}

static void
test_several (void)
{
  WorldPlan plan = world_plan_default ();
  const char *const addresses[] = {ADA, BOB, EVE, NULL};
  g_autoptr (World) w = NULL;

  plan.reply_seconds = 0;
  w = world_new (&plan);
  world_enroll (w, addresses, MC_USAGE_BOTH, -1);
  world_run (w);
  world_check_installed (w, 0);
  expect_requests (w, "1 1 1 1 3 3 0 1 1 0");
  g_assert_cmpuint (w->sends, ==, 3);
}

/* One From for all challenges of the CA: the address alone tells them apart. */
static void
test_several_one_from (void)
{
  WorldPlan plan = world_plan_default ();
  const char *const addresses[] = {ADA, BOB, EVE, NULL};
  g_autoptr (World) w = NULL;

  plan.ca.fixed_from = TRUE;
  w = world_new (&plan);
  world_enroll (w, addresses, MC_USAGE_BOTH, -1);
  world_run (w);
  world_check_installed (w, 0);
}

/* B42, T-09: the second finds the authorization valid; no mail, no reply, no POST. */
static void
test_separate (void)
{
  WorldPlan plan = world_plan_default ();
  const char *const addresses[] = {ADA, NULL};
  g_autoptr (World) w = NULL;

  plan.reply_seconds = 0;
  w = world_new (&plan);
  world_enroll (w, addresses, MC_USAGE_SIGN, -1);
  world_enroll (w, addresses, MC_USAGE_ENCRYPT, 0);
  world_run (w);
  world_check_installed (w, 0);
  world_check_installed (w, 1);
  g_assert_cmpuint (w->ca->certificates, ==, 2);
  g_assert_cmpuint (w->ca->requests[CA_NEW_ORDER], ==, 2);
  g_assert_cmpuint (w->ca->requests[CA_NEW_ACCOUNT], ==, 1);
  g_assert_cmpuint (w->ca->requests[CA_CHALLENGE], ==, 1);
  g_assert_cmpuint (w->sends, ==, 1);
}

static void
test_processing (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.reply_seconds = 0;
  plan.ca.processing_seconds = 10;
  w = installed (&plan, "1 1 1 1 1 1 3 1 1 0"); /* 2 6 14 */
  g_assert_cmpint (w->now, ==, WORLD_START + 3 + 14);
}

/* The key takes longer than everything else. */
static void
test_slow_key (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.key_seconds = 100;
  w = installed (&plan, NULL);
  g_assert_cmpint (w->now, ==, WORLD_START + 100); /* made while the mail travels */
}

static void
test_slow_network (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.reply_seconds = 0;
  plan.request_seconds = 2;
  plan.answer_seconds = 3;
  w = installed (&plan, "1 1 1 1 1 1 0 1 1 0");
}

/* A challenge can outrun the answer to the fetch that brought it forth. */
static void
test_challenge_outruns (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.mail_seconds = 0;
  plan.answer_seconds = 30;
  w = installed (&plan, NULL);
}

static void
test_keyrings (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.keyrings[1] = "nss:/tmp/none";
  w = installed (&plan, NULL);
  g_assert_cmpuint (w->installs, ==, 2);
}

static void
test_queued (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.transport = "claws";
  plan.queue_seconds = 90;
  w = installed (&plan, NULL);
  g_assert_cmpuint (w->sends, ==, 1);
  g_assert_cmpuint (w->was_sents, ==, 2); /* at 60 s and 120 s */
}

static void
test_by_hand (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.by_hand = TRUE;
  plan.transport = NULL;
  w = installed (&plan, "1 1 1 1 1 1 0 1 1 0"); /* the POST leaves the person time to send */
  g_assert_cmpint (w->now, ==, WORLD_START + 3 + 60);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/plain/hold", test_hold);
  g_test_add_func ("/flow/plain/wait", test_wait);
  g_test_add_func ("/flow/plain/wait-long", test_wait_long);
  g_test_add_func ("/flow/plain/retry-after", test_retry_after);
  g_test_add_func ("/flow/plain/looks-once", test_looks_once);
  g_test_add_func ("/flow/plain/post-first", test_post_first);
  g_test_add_func ("/flow/plain/auto-rfc", test_auto_rfc);
  g_test_add_func ("/flow/plain/auto-post-first", test_auto_post_first);
  g_test_add_func ("/flow/plain/auto-slow-mail", test_auto_slow_mail);
  g_test_add_func ("/flow/plain/joins", test_joins);
  g_test_add_func ("/flow/plain/binding", test_binding);
  g_test_add_func ("/flow/plain/terms", test_terms);
  g_test_add_func ("/flow/plain/several", test_several);
  g_test_add_func ("/flow/plain/several-one-from", test_several_one_from);
  g_test_add_func ("/flow/plain/separate", test_separate);
  g_test_add_func ("/flow/plain/processing", test_processing);
  g_test_add_func ("/flow/plain/slow-key", test_slow_key);
  g_test_add_func ("/flow/plain/slow-network", test_slow_network);
  g_test_add_func ("/flow/plain/challenge-outruns", test_challenge_outruns);
  g_test_add_func ("/flow/plain/keyrings", test_keyrings);
  g_test_add_func ("/flow/plain/queued", test_queued);
  g_test_add_func ("/flow/plain/by-hand", test_by_hand);
  return g_test_run ();
}
