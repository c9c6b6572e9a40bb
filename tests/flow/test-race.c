/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mutant-environment.h"
#include "store-place.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Two processes meet the same challenge mail in the same instant, a thousand times: one reply. Real processes, real
 * locks, one store, and the order of DESIGN 2: load, take the lease, commit SENDING, send. Three ways to meet: */
enum {
  BY_THE_RULES, /* the lease decides */
  NO_LEASE,     /* as on a file system that has no locks: the version decides */
  TWO_ORDERS,   /* two enrollments that took the same mail for theirs: the answered set decides */
  WAYS
};

#define ROUNDS 1000

typedef struct {
  gint arrived[ROUNDS];
  gint sent[ROUNDS];
  gint lost[3]; /* why the other one did not: no lease, conflict, answered already */
} Shared;

/* One process's try; the mail is in its hands. */
static void
answer (McStore *store, Shared *shared, guint round, guint who)
{
  const guint way = round % WAYS;
  g_autoptr (McLease) lease = NULL;
  g_autoptr (McEnrollment) e = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *message_id = g_strdup_printf ("<challenge-%u@ca.example>", round);

  if (way != NO_LEASE) {
    lease = mc_lease_take (store, 2 * round + 1 + (way == TWO_ORDERS ? who : 0), &error);
    g_assert_no_error (error);
    if (lease == NULL) {
      g_atomic_int_inc (&shared->lost[0]);
      return;
    }
  }
  e = mc_store_enrollment (store, 2 * round + 1 + (way == TWO_ORDERS ? who : 0), &error);
  g_assert_no_error (error);
  if (mc_enrollment_address (e, 0)->state != MC_ADDRESS_AWAIT_MAIL) { /* the other one was here, and is gone again */
    g_atomic_int_inc (&shared->lost[0]);
    return;
  }
  if (way == NO_LEASE) /* both have read the same version */
    for (g_atomic_int_inc (&shared->arrived[round]); g_atomic_int_get (&shared->arrived[round]) < 4;)
      sched_yield ();
  to_sending (e, message_id, message_id);
  if (mc_store_save (store, e, NULL, &error)) {
    g_atomic_int_inc (&shared->sent[round]); /* it leaves */
    return;
  }
  if (error->domain != MC_STORE_ERROR)
    g_error ("round %u: %s", round, error->message);
  g_atomic_int_inc (&shared->lost[error->code == MC_STORE_ANSWERED ? 2 : 1]);
}

static pid_t
start (const Place *place, Shared *shared, guint who)
{
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child > 0)
    return child;
  {
    g_autoptr (McStore) store = must_open (place);

    alarm (100); /* where the other one has failed: nobody comes any more */
    for (guint round = 0; round < ROUNDS; round++) {
      g_atomic_int_inc (&shared->arrived[round]);
      while (g_atomic_int_get (&shared->arrived[round]) < 2)
        sched_yield ();
      answer (store, shared, round, who);
    }
  }
  _exit (0);
}

static void
prepare (const Place *place)
{
  g_autoptr (McStore) store = must_open (place);

  for (guint i = 0; i < 2 * ROUNDS; i++) {
    g_autofree char *address = g_strdup_printf ("ada%u@example.org", i);
    g_autoptr (McEnrollment) e = new_enrollment (address);

    to_await_mail (e, "acme@ca.example");
    must_save (store, e, NULL);
    g_assert_cmpint (e->id, ==, i + 1);
  }
}

static void
test_same_instant (Place *place, gconstpointer data)
{
  Shared *shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t children[2];

  (void)data;
  g_assert_true (shared != MAP_FAILED);
  prepare (place);
  for (guint who = 0; who < 2; who++)
    children[who] = start (place, shared, who);
  for (guint who = 0; who < 2; who++) {
    int status;

    g_assert_cmpint (waitpid (children[who], &status, 0), ==, children[who]);
    g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  }
  for (guint round = 0; round < ROUNDS; round++)
    g_assert_cmpint (shared->sent[round], ==, 1);
  g_test_message ("%u meetings, %u replies; held back %d times by the lease, %d by the version, %d by the answered set",
                  ROUNDS, ROUNDS, shared->lost[0], shared->lost[1], shared->lost[2]);
  g_assert_cmpint (shared->lost[0] + shared->lost[1] + shared->lost[2], ==, ROUNDS);
  g_assert_cmpint (shared->lost[1], ==, ROUNDS / WAYS);
  munmap (shared, sizeof *shared);
}

int
main (int argc, char **argv)
{
  g_setenv ("TMPDIR", "/dev/shm", FALSE); /* no power is cut here: what a disk would cost buys nothing */
  g_test_init (&argc, &argv, NULL);
  mutant_from_environment ();
  g_test_add ("/flow/race/same-instant", Place, NULL, place_set_up, test_same_instant, place_tear_down);
  return g_test_run ();
}
