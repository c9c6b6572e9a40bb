/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "paths.h"

#include <string.h>

#define BOB "bob@example.org"
#define EVE "eve@other.example"

static void
begin_one (World *w)
{
  world_enroll_one (w);
}

static void
begin_several (World *w)
{
  const char *const addresses[] = {WORLD_ADDRESS, BOB, EVE, NULL};

  world_enroll (w, addresses, MC_USAGE_BOTH, -1);
}

static void
begin_separate (World *w)
{
  const char *const addresses[] = {WORLD_ADDRESS, NULL};

  world_enroll (w, addresses, MC_USAGE_SIGN, -1);
  world_enroll (w, addresses, MC_USAGE_ENCRYPT, 0);
}

static void
begin_unsure (World *w)
{
  world_fate (w, FATE_UNKNOWN_LOST);
  world_enroll_one (w);
}

static void
begin_unsure_left (World *w)
{
  world_fate (w, FATE_UNKNOWN_LEFT);
  world_enroll_one (w);
}

static void
shape_plain (WorldPlan *plan)
{
  plan->ca.processing_seconds = 3;
}

static void
shape_waits (WorldPlan *plan)
{
  plan->ca.mode = CA_WAITS;
  plan->key_seconds = 20;
  plan->request_seconds = plan->answer_seconds = 1;
}

static void
shape_looks_once (WorldPlan *plan)
{
  plan->ca.mode = CA_LOOKS_ONCE;
  plan->post_delay = 30;
}

static void
shape_post_first (WorldPlan *plan)
{
  plan->ca.mail_at_post = TRUE;
  plan->trigger = MC_TRIGGER_POST_FIRST;
}

static void
shape_auto (WorldPlan *plan)
{
  plan->ca.mail_at_post = TRUE;
  plan->trigger = MC_TRIGGER_AUTO;
}

static void
shape_binding (WorldPlan *plan)
{
  plan->ca.binding_kid = "kid";
  plan->ca.binding_key = "a MAC key";
  plan->ca.terms = "https://ca.example/terms";
  plan->agree_terms = FALSE;
  plan->terms_answer = ANSWER_YES;
}

static void
shape_by_hand (WorldPlan *plan)
{
  plan->by_hand = TRUE;
  plan->transport = NULL;
}

static void
shape_queued (WorldPlan *plan)
{
  plan->transport = "claws";
}

static void
shape_untrusted (WorldPlan *plan)
{
  plan->keyrings[1] = "nss:/tmp/none";
  plan->untrusted = TRUE;
  plan->root_answer = ANSWER_YES;
}

/* The order is open and its mail is on the way. */
static void
shape_forget (WorldPlan *plan)
{
  plan->mail_seconds = 30;
  plan->forget_at = WORLD_START + 10;
}

/* Somebody has a certificate, and then asks for something else. */
static void
begin_installed (World *w)
{
  world_enroll_one (w);
  world_run (w);
  world_check_installed (w, 0);
  w->plan.errand_at = w->now;
}

static void
begin_next (World *w)
{
  const char *const addresses[] = {BOB, NULL};

  begin_installed (w);
  world_enroll (w, addresses, MC_USAGE_BOTH, -1);
}

/* The CA has taken the new key, and nobody hears of it. */
static void
begin_unheard (World *w)
{
  begin_installed (w);
  world_fault (w, (Fault){.route = CA_KEY_CHANGE, .from = 1, .count = 1, .kind = FAULT_LOST_ANSWER});
}

/* And to the same again it says, rightly, that the old key is nobody's. */
static void
begin_twice (World *w)
{
  begin_installed (w);
  world_fault (w, (Fault){.route = CA_KEY_CHANGE,
                          .from = 1,
                          .count = 1,
                          .kind = FAULT_LATE_PROBLEM,
                          .status = 409,
                          .text = "malformed"});
}

static void
begin_refused (World *w)
{
  begin_installed (w);
  world_fault (
      w, (Fault){
             .route = CA_KEY_CHANGE, .from = 1, .count = 1, .kind = FAULT_PROBLEM, .status = 403, .text = "malformed"});
}

/* The account is closed: only the certificate's own key is left to say so. */
static void
begin_closed (World *w)
{
  g_autoptr (McAccount) account = NULL;

  begin_installed (w);
  account = w->back->account (w->back, CA_DIRECTORY_URL);
  mc_account_close (account);
  ca_last_account (w->ca)->closed = TRUE;
  g_assert_cmpint (w->back->save_account (w->back, account), ==, BACK_SAVED);
}

static void
shape_rollover (WorldPlan *plan)
{
  plan->errand = MC_ERRAND_ROLL_OVER;
}

/* The enrollment that comes next has to find out which key counts. */
static void
shape_rollover_once (WorldPlan *plan)
{
  plan->errand = MC_ERRAND_ROLL_OVER;
  plan->errand_once = TRUE;
}

/* While the CA takes its time over the CSR. */
static void
shape_rollover_inside (WorldPlan *plan)
{
  shape_rollover_once (plan);
  plan->errand_at = WORLD_START + 30;
  plan->ca.processing_seconds = 60;
}

static void
shape_revoke (WorldPlan *plan)
{
  plan->errand = MC_ERRAND_REVOKE;
}

static void
shape_deactivate (WorldPlan *plan)
{
  plan->errand = MC_ERRAND_DEACTIVATE;
}

const Path paths[] = {
    {"plain", shape_plain, begin_one, 0},
    {"the CA waits", shape_waits, begin_one, 0},
    {"the CA looks once", shape_looks_once, begin_one, 0},
    {"several addresses", shape_plain, begin_several, 0},
    {"post-first", shape_post_first, begin_one, 0},
    {"auto, then post", shape_auto, begin_one, 0},
    {"binding and terms", shape_binding, begin_one, 0},
    {"separate", shape_plain, begin_separate, 0},
    {"reply by hand", shape_by_hand, begin_one, 2}, /* after the commit, and when printing began */
    {"queued", shape_queued, begin_one, 0},
    {"queued, several", shape_queued, begin_several, 0},
    {"unsure, lost", shape_plain, begin_unsure, 0},
    {"unsure, left", shape_plain, begin_unsure_left, 0},
    {"untrusted root", shape_untrusted, begin_one, 0},
    {"forget", shape_forget, begin_one, 0},
    {"rollover", shape_rollover, begin_installed, 0},
    {"rollover, unheard", shape_rollover, begin_unheard, 0},
    {"rollover, twice", shape_rollover, begin_twice, 0},
    {"rollover, refused", shape_rollover, begin_refused, 0},
    {"rollover, enroll", shape_rollover_once, begin_next, 0},
    {"rollover inside", shape_rollover_inside, begin_one, 0},
    {"revoke", shape_revoke, begin_installed, 0},
    {"revoke by its key", shape_revoke, begin_closed, 0},
    {"deactivate", shape_deactivate, begin_installed, 0},
    {"deactivate, enroll", shape_deactivate, begin_next, 0},
};
const gsize paths_count = G_N_ELEMENTS (paths);

World *
path_world (const Path *path, Back *(*back_new) (void))
{
  WorldPlan plan = world_plan_default ();
  World *w;

  path->shape (&plan);
  plan.back_new = back_new;
  w = world_new (&plan);
  path->begin (w);
  /* What was there before is not what the path is about. */
  memset (w->points, 0, sizeof w->points);
  g_array_set_size (w->calls, 0);
  return w;
}
