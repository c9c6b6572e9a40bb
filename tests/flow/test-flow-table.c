/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include "base/error.h"
#include "flow/flow-private.h"

/* The table of moves (DESIGN 2): every move in it is made by some run, every other one is refused. */

#define ADA WORLD_ADDRESS
#define BOB "bob@example.org"
#define STATES (MC_ENROLLMENT_EXPIRED + 1)
#define ADDRESS_STATES (MC_ADDRESS_VALID + 1)

static World *
begin_two (const WorldPlan *plan, const MailFate *fates, guint count)
{
  const char *const addresses[] = {ADA, BOB, NULL};
  World *w = world_new (plan);

  for (guint i = 0; i < count; i++)
    world_fate (w, fates[i]);
  world_enroll (w, addresses, MC_USAGE_BOTH, -1);
  return w;
}

/* Both addresses are declared valid by the CA just before the look at the order, which is 14 s after Ada's POST; Bob is
 * still in STATE then. */
static void
valid_from (WorldPlan plan, const MailFate *fates, guint count, McAddressState state)
{
  g_autoptr (World) w = NULL;

  plan.ca.mode = CA_WAITS;
  plan.ca.look_seconds = 100000;
  w = begin_two (&plan, fates, count);
  while (world_address (w, 0)->posted_at == 0)
    world_run_until (w, w->now + 1);
  world_run_until (w, world_address (w, 0)->posted_at + 8);
  g_assert_cmpint (world_address (w, 1)->state, ==, state);
  for (guint i = 0; i < w->ca->authorizations->len; i++)
    ca_declare (g_ptr_array_index (w->ca->authorizations, i), TRUE);
  world_run (w);
  world_check_installed (w, 0);
}

/* Ada's reply is lost without anybody knowing: ten minutes later a new order is opened, and Bob, who is in STATE,
 * begins again. */
static void
again_from (WorldPlan plan, const MailFate *fates, guint count, McAddressState state)
{
  g_autoptr (World) w = begin_two (&plan, fates, count);

  while (world_address (w, 0)->posted_at == 0)
    world_run_until (w, w->now + 1);
  world_run_until (w, world_address (w, 0)->posted_at + 599);
  g_assert_cmpint (world_address (w, 1)->state, ==, state);
  world_run_until (w, w->now + 2);
  g_assert_cmpuint (world_enrollment (w, 0)->attempts, ==, 2);
}

#define FATES(...) ((const MailFate[]){__VA_ARGS__}), G_N_ELEMENTS (((const MailFate[]){__VA_ARGS__}))
#define N FATE_NOT_SENT

static void
walk_addresses (void)
{
  WorldPlan smtp = world_plan_default ();
  WorldPlan claws = world_plan_default ();
  WorldPlan delayed = world_plan_default ();
  WorldPlan no_mail = world_plan_default ();

  claws.transport = "claws";
  claws.queue_seconds = -1;
  delayed.post_delay = 30;
  no_mail.trigger = MC_TRIGGER_POST_FIRST; /* so that Ada is POSTed without a mail */
  no_mail.mail_seconds = -1;
  valid_from (no_mail, NULL, 0, MC_ADDRESS_AWAIT_MAIL);
  valid_from (smtp, FATES (FATE_SENT, N, N, N, N), MC_ADDRESS_REPLY_READY);
  valid_from (smtp, FATES (FATE_SENT, FATE_SILENT), MC_ADDRESS_SENDING);
  valid_from (claws, FATES (FATE_SENT), MC_ADDRESS_QUEUED);
  valid_from (delayed, FATES (FATE_SENT, N, N, N, FATE_SENT), MC_ADDRESS_REPLIED);
  again_from (smtp, FATES (FATE_UNKNOWN_LOST, N, N, N, N, N, N, N, N), MC_ADDRESS_REPLY_READY);
  again_from (smtp, FATES (FATE_UNKNOWN_LOST, FATE_SILENT), MC_ADDRESS_SENDING);
  again_from (claws, FATES (FATE_UNKNOWN_LOST), MC_ADDRESS_QUEUED);
  again_from (delayed, FATES (FATE_UNKNOWN_LOST, N, N, N, N, N, N, N, FATE_SENT), MC_ADDRESS_REPLIED);
  again_from (smtp, FATES (FATE_UNKNOWN_LOST, FATE_SENT), MC_ADDRESS_VALID);
}

/* Bob's mail is the one that never comes. */
static void
walk_await_again (void)
{
  const WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = begin_two (&plan, FATES (FATE_UNKNOWN_LOST));

  world_run_until (w, WORLD_START);
  g_assert_cmpint (world_address (w, 1)->state, ==, MC_ADDRESS_AWAIT_MAIL);
  for (guint i = w->tasks->len; i-- > 0;) {
    const Task *task = g_ptr_array_index (w->tasks, i);

    if (task->kind == TASK_MAIL && g_str_equal (task->mail->to, BOB))
      g_ptr_array_remove_index (w->tasks, i);
  }
  world_run (w);
  world_check_installed (w, 0);
}

static void
walk_queue (void)
{
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.transport = "claws";
  plan.queue_seconds = 100;
  w = world_new (&plan);
  world_was_fate (w, FATE_NOT_SENT);
  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 0);
}

static McEnrollmentState
end_with (const WorldPlan *plan, const Fault *fault)
{
  g_autoptr (World) w = world_new (plan);

  if (fault != NULL)
    world_fault (w, *fault);
  world_enroll_one (w);
  world_run (w);
  return world_enrollment (w, 0)->state;
}

static void
walk_orders (void)
{
  WorldPlan plan = world_plan_default ();
  const Fault refusals[] = {
      {.route = CA_DIRECTORY, .from = 1, .count = 1, .kind = FAULT_PROBLEM, .status = 404, .text = "malformed"},
      {.route = CA_NEW_ORDER,
       .from = 1,
       .count = 1,
       .kind = FAULT_PROBLEM,
       .status = 400,
       .text = "rejectedIdentifier"},
      {.route = CA_AUTHORIZATION, .from = 1, .count = 1, .kind = FAULT_PROBLEM, .status = 403, .text = "unauthorized"},
      {.route = CA_FINALIZE, .from = 1, .count = 1, .kind = FAULT_PROBLEM, .status = 400, .text = "badCSR"},
  };
  g_autoptr (World) w = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    g_assert_cmpint (end_with (&plan, &refusals[i]), ==, MC_ENROLLMENT_FAILED);
  plan.mail_seconds = -1;
  g_assert_cmpint (end_with (&plan, NULL), ==, MC_ENROLLMENT_EXPIRED);
  plan.mail_seconds = 3;
  plan.key_seconds = -1;
  g_assert_cmpint (end_with (&plan, NULL), ==, MC_ENROLLMENT_EXPIRED);
  w = world_new (&plan);
  world_enroll_one (w);
  world_run_until (w, WORLD_START + 100);
  g_assert_cmpint (world_enrollment (w, 0)->state, ==, MC_ENROLLMENT_READY);
  mc_flow_abandon (((Drive *)g_ptr_array_index (w->drives, 0))->flow, "mailcert:forgotten", "", w->now);
  world_run (w);
  plan.key_seconds = 0;
  plan.ca.processing_seconds = -1;
  plan.ca.retry_after = "600";
  g_assert_cmpint (end_with (&plan, NULL), ==, MC_ENROLLMENT_EXPIRED);
}

static void
walk_valid_at_once (void)
{
  const WorldPlan plan = world_plan_default ();
  const char *const addresses[] = {ADA, NULL};
  g_autoptr (World) w = world_new (&plan);

  world_enroll (w, addresses, MC_USAGE_SIGN, -1);
  world_enroll (w, addresses, MC_USAGE_ENCRYPT, 0);
  world_run (w);
  world_check_installed (w, 1);
}

/* All runs in one process: what they did together is the whole table. */
static void
test_walk (void)
{
  TableCount count;

  walk_orders ();
  walk_valid_at_once ();
  walk_addresses ();
  walk_await_again ();
  walk_queue ();
  count = world_tell_table ();
  g_assert_cmpuint (count.rows_walked, ==, count.rows);
  g_assert_cmpuint (count.moves_made, ==, count.moves);
}

/* A flow that made a move outside the table does nothing more: its record is not committed. */
static void
check_broken (McFlow *flow)
{
  const McEvent event = {.kind = MC_EVENT_KEY, .id = 1};
  g_autoptr (GError) error = NULL;
  McAction action;

  g_assert_false (mc_flow_is_changed (flow));
  g_assert_false (mc_flow_next (flow, WORLD_START, &action, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_INTERNAL);
  g_assert_cmpint (action.kind, ==, MC_ACTION_NONE);
  g_assert_false (mc_flow_feed (flow, &event, WORLD_START, NULL));
}

static void
test_refused (void)
{
  const char *const addresses[] = {ADA, NULL};
  const McFlowSettings settings = {0};
  guint refused = 0;

  for (guint from = 0; from < MAX (STATES, ADDRESS_STATES); from++)
    for (guint to = 0; to < MAX (STATES, ADDRESS_STATES); to++)
      for (guint of_address = 0; of_address <= 1; of_address++) {
        g_autoptr (McEnrollment) e = mc_enrollment_new ("world", CA_DIRECTORY_URL, addresses, WORLD_START);
        g_autoptr (McAccount) account = mc_account_new (CA_DIRECTORY_URL);
        g_autoptr (McFlow) flow = mc_flow_new (e, account, &settings);
        McEnrollmentAddress *address = mc_enrollment_address (e, 0);

        if (MAX (from, to) >= (of_address ? ADDRESS_STATES : STATES))
          continue;
        if (of_address ? mc_flow_address_may_move (from, to) : mc_flow_may_move (from, to))
          continue;
        if (of_address) {
          address->state = from;
          mc_flow_move_address (flow, address, to, WORLD_START, NULL);
          g_assert_cmpint (address->state, ==, from);
        } else {
          e->state = from;
          mc_flow_move (flow, to, WORLD_START, NULL);
          g_assert_cmpint (e->state, ==, from);
        }
        g_assert_cmpuint (e->history->len, ==, 0);
        check_broken (flow);
        refused++;
      }
  g_assert_cmpuint (refused, >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/table/walk", test_walk);
  g_test_add_func ("/flow/table/refused", test_refused);
  return g_test_run ();
}
