/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include "base/secret.h"

#include <string.h>

/* Random worlds with random misfortune: delays, lost requests and answers, errors, deaths at any point, doubled and
 * strange events, jumping clocks. What must hold at all times is checked by the world; here is what must hold in the
 * end. The seed is printed: MC_SEED=... repeats a run, MC_STEPS=... says how long it is, and each episode can be
 * repeated alone by the seed that stands beside its failure. */

#define MOVES_LEAST 60 /* per cent of the table */
#ifdef __SANITIZE_ADDRESS__
#define STEPS 100000 /* ten times as slow */
#else
#define STEPS 1000000
#endif

static guint64
number_from (const char *name, guint64 fallback)
{
  const char *text = g_getenv (name);

  return text != NULL && *text != '\0' ? g_ascii_strtoull (text, NULL, 0) : fallback;
}

static gboolean
maybe (GRand *random, guint per_cent)
{
  return g_rand_int_range (random, 0, 100) < (gint32)per_cent;
}

static gint64
one_of (GRand *random, gint64 a, gint64 b, gint64 c)
{
  const gint64 values[] = {a, b, c};

  return values[g_rand_int_range (random, 0, 3)];
}

static void
shape_ca (GRand *random, WorldPlan *plan)
{
  CaPlan *ca = &plan->ca;

  ca->mode = (CaMode)g_rand_int_range (random, CA_WAITS, CA_LOOKS_ONCE + 1);
  ca->part1_octets = (guint)one_of (random, 16, 20, 32);
  ca->join = plan->join = maybe (random, 30) ? MC_TOKEN_JOIN_BYTES : MC_TOKEN_JOIN_STRING;
  ca->fixed_from = maybe (random, 30);
  ca->look_seconds = one_of (random, 0, 30, 400);
  ca->order_seconds = one_of (random, 0, 6 * 3600, 7 * 86400);
  ca->authorization_seconds = one_of (random, 0, 0, 8 * 3600);
  ca->processing_seconds = one_of (random, 0, 10, 300);
  ca->retry_after = maybe (random, 20) ? "90" : NULL;
  ca->silent_post = ca->mode != CA_LOOKS_ONCE && maybe (random, 20);
  ca->terms = maybe (random, 30) ? "https://ca.example/terms" : NULL;
  plan->terms_answer = (PersonAnswer)g_rand_int_range (random, ANSWER_NO, ANSWER_NOBODY + 1);
  plan->agree_terms = maybe (random, 50);
  if (maybe (random, 20)) {
    ca->binding_kid = "kid";
    ca->binding_key = "key";
  }
  /* The CA's way and what the profile says of it; a CA that looks once must not be POSTed early. */
  ca->mail_at_post = ca->mode != CA_LOOKS_ONCE && maybe (random, 40);
  plan->trigger = ca->mode == CA_LOOKS_ONCE ? MC_TRIGGER_RFC
                  : maybe (random, 40)      ? MC_TRIGGER_AUTO
                  : ca->mail_at_post        ? MC_TRIGGER_POST_FIRST
                                            : MC_TRIGGER_RFC;
  plan->post_delay = ca->mode == CA_LOOKS_ONCE ? 60 : one_of (random, 0, 0, 30);
}

static void
shape_us (GRand *random, WorldPlan *plan)
{
  plan->transport = maybe (random, 50) ? "smtp" : "claws";
  if (maybe (random, 10)) {
    plan->by_hand = TRUE;
    plan->transport = NULL;
  }
  if (maybe (random, 30))
    plan->keyrings[1] = "nss:/tmp/none";
  plan->untrusted = maybe (random, 20);
  plan->root_answer = (PersonAnswer)g_rand_int_range (random, ANSWER_NO, ANSWER_NOBODY + 1);
  plan->keyring_failures = (guint)one_of (random, 0, 0, 2);
  plan->key_failures = (guint)one_of (random, 0, 0, 2);
  plan->key_seconds = one_of (random, 0, 3, 60);
  plan->mail_seconds = one_of (random, 0, 5, 900);
  plan->reply_seconds = one_of (random, 0, 3, 40);
  plan->queue_seconds = one_of (random, 0, 30, 300);
  plan->send_seconds = one_of (random, 0, 1, 20);
  plan->request_seconds = one_of (random, 0, 0, 2);
  plan->answer_seconds = one_of (random, 0, 0, 2);
}

static void
begin (GRand *random, World *w)
{
  const char *const several[] = {"ada@example.org", "bob@example.org", "eve@other.example", NULL};

  switch (g_rand_int_range (random, 0, 5)) {
  case 0:
    world_enroll (w, several, MC_USAGE_BOTH, -1);
    break;
  case 1: /* sign and encrypt */
    world_enroll (w, (const char *const[]){several[0], NULL}, MC_USAGE_SIGN, -1);
    world_enroll (w, (const char *const[]){several[0], NULL}, MC_USAGE_ENCRYPT, 0);
    break;
  case 2: /* side by side, one account */
    world_enroll (w, (const char *const[]){several[0], NULL}, MC_USAGE_BOTH, -1);
    world_enroll (w, (const char *const[]){several[1], NULL}, MC_USAGE_BOTH, -1);
    break;
  default:
    world_enroll_one (w);
  }
}

static void
unleash (GRand *random, World *w)
{
  const guint force = (guint)one_of (random, 0, 80, 250);

  w->wild = (Wild){
      .lost_request = force,
      .lost_answer = force,
      .problem = force,
      .body = force / 4,
      .slow = force * 2,
      .crash = (guint)one_of (random, 0, 10, 50),
      .twice = 300,
      .fate = force * 3,
      .calm_at = WORLD_START + one_of (random, 600, 7200, 86400),
  };
  w->downtime = one_of (random, 0, 5, 3000);
}

/* A person comes back: agrees, trusts, starts the program again. */
static void
come_back (World *w)
{
  w->plan.terms_answer = w->plan.root_answer = ANSWER_YES;
  w->plan.keyring_failures = 0;
  w->downtime = 5;
  world_restart (w);
}

/* The CA's operator, or a person who does not want it any more. */
static void
interfere (GRand *random, World *w)
{
  if (maybe (random, 15) && w->ca->authorizations->len > 0) {
    CaAuthorization *a = g_ptr_array_index (w->ca->authorizations,
                                            (guint)g_rand_int_range (random, 0, (gint32)w->ca->authorizations->len));

    if (strcmp (a->status, "pending") == 0)
      ca_declare (a, TRUE);
  }
  if (maybe (random, 2)) {
    const guint which = (guint)g_rand_int_range (random, 0, (gint32)w->drives->len);
    Drive *d = g_ptr_array_index (w->drives, which);

    if (mc_enrollment_is_open (d->enrollment))
      mc_flow_abandon (d->flow, "mailcert:forgotten", "", world_clock (w));
  }
}

static void
live (GRand *random, World *w)
{
  while (w->now < w->wild.calm_at) {
    world_run_until (w, w->now + g_rand_int_range (random, 1, maybe (random, 30) ? 20 : 3600));
    interfere (random, w);
    if (maybe (random, 20)) /* our clock is set */
      w->skew = g_rand_int_range (random, -3000, 3000);
    if (maybe (random, 10))
      ca_forget_nonces (w->ca);
    if (maybe (random, 10)) /* the machine slept */
      w->now += g_rand_int_range (random, 1, 4 * 3600);
    if (maybe (random, 30)) {
      w->kill_kind = (KillKind)g_rand_int_range (random, KILL_BEFORE_COMMIT, KILL_KINDS);
      w->kill_at = w->points[w->kill_kind] + (guint)g_rand_int_range (random, 1, 10);
    }
  }
  for (guint i = 0; i < 3; i++) {
    come_back (w);
    world_run (w);
  }
}

/* The ends that misfortune can bring; anything else is a fault of ours. */
static void
check_end (World *w, guint index, guint counts[])
{
  static const char *const types[] = {"mailcert:attempts",
                                      "mailcert:malformed",
                                      "malformed", /* to a POST that a wrong clock let come too late */
                                      "mailcert:challenge-invalid",
                                      "mailcert:order-invalid",
                                      "unauthorized",
                                      "mailcert:deadline",
                                      "mailcert:network",
                                      "mailcert:mail",
                                      "mailcert:bounced",
                                      "rateLimited",
                                      "serverInternal",
                                      "badNonce",
                                      "http",
                                      "mailcert:no-transport",
                                      "accountDoesNotExist",
                                      "mailcert:account-closed",
                                      "mailcert:forgotten"};
  const McEnrollment *e = world_enrollment (w, index);
  gboolean known = FALSE;

  counts[e->state]++;
  if (e->state == MC_ENROLLMENT_INSTALLED) {
    world_check_installed (w, index);
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    known = known || mc_problem_is (e->problem, types[i]);
  if (!known || mc_enrollment_is_open (e)) {
    g_autofree char *record = mc_enrollment_compose (e);

    g_error ("an end that should not be: %s", record);
  }
}

typedef struct {
  guint ends[MC_ENROLLMENT_EXPIRED + 1];
  guint64 steps;
  guint deaths, faults;
} Tally;

static void
episode (guint32 seed, Tally *tally)
{
  GRand *random = g_rand_new_with_seed (seed);
  WorldPlan plan = world_plan_default ();
  g_autoptr (World) w = NULL;

  plan.seed = seed;
  shape_ca (random, &plan);
  shape_us (random, &plan);
  w = world_new (&plan);
  unleash (random, w);
  begin (random, w);
  live (random, w);
  for (guint i = 0; i < w->drives->len; i++)
    check_end (w, i, tally->ends);
  g_rand_free (random);
  tally->steps += w->steps;
  tally->deaths += w->deaths;
  tally->faults += w->faults_done;
}

/* How much of the table random runs have walked; test-flow-table walks all of it. */
static void
tell_moves (gboolean enough)
{
  const TableCount count = world_tell_table ();

  if (!enough)
    return;
  g_assert_cmpuint (count.rows_walked, ==, count.rows);
  g_assert_cmpuint (count.moves_made * 100, >=, count.moves * MOVES_LEAST);
}

static void
test_random (void)
{
  const guint64 steps = number_from ("MC_STEPS", STEPS);
  const guint32 seed = (guint32)number_from ("MC_SEED", g_test_rand_int () & 0x7fffffff);
  Tally tally = {0};
  guint episodes = 0;
  const guint *ends = tally.ends;

  for (; tally.steps < steps; episodes++) {
    g_test_message ("MC_SEED=%u", seed + episodes);
    episode (seed + episodes, &tally);
  }
  g_test_message ("%" G_GUINT64_FORMAT " steps, %u episodes from MC_SEED=%u: %u deaths, %u faults; %u installed, %u "
                  "failed, %u expired",
                  tally.steps, episodes, seed, tally.deaths, tally.faults, ends[MC_ENROLLMENT_INSTALLED],
                  ends[MC_ENROLLMENT_FAILED], ends[MC_ENROLLMENT_EXPIRED]);
  /* Else misfortune has hidden what it was to show, or there was none. */
  tell_moves (episodes >= 100);
  if (episodes < 20)
    return;
  g_assert_cmpuint (ends[MC_ENROLLMENT_INSTALLED], >, ends[MC_ENROLLMENT_FAILED] + ends[MC_ENROLLMENT_EXPIRED]);
  g_assert_cmpuint (tally.deaths, >, episodes);
  g_assert_cmpuint (tally.faults, >, episodes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/model/random", test_random);
  return g_test_run ();
}
