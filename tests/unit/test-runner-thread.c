/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner-world.h"

/* A runner on a thread of its own: when it is there, when it is gone, and what a program that ends finds. */

static void
test_nothing (World *world, gconstpointer data)
{
  (void)data;
  g_assert_false (mc_runner_thread_is_at_work (world->thread));
  g_assert_false (g_file_test (world->place.dir, G_FILE_TEST_EXISTS));
}

static void
test_call (World *world, gconstpointer data)
{
  g_autoptr (McStore) store = NULL;
  g_autofree char *seen = NULL;

  (void)data;
  for (guint i = 0; i < 20; i++) {
    mc_runner_thread_call (world->thread, called, world);
    expect (world, "called");
    expect (world, "rested");
    g_assert_cmpint (world->next_wake, ==, 0);
  }
  store = must_open (&world->place);
  seen = mc_store_fact (store, "adapter-seen");
  g_assert_nonnull (seen);
}

static gpointer
call_often (gpointer data)
{
  World *world = data;

  for (guint i = 0; i < 50; i++)
    mc_runner_thread_call (world->thread, called, world);
  return NULL;
}

/* Calls from everywhere: none is lost, whatever the thread was about to do. */
static void
test_many (World *world, gconstpointer data)
{
  GThread *threads[4];
  guint seen = 0;

  (void)data;
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("caller", call_often, world);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  while (seen < 4 * 50) {
    g_autofree char *got = g_async_queue_pop (world->news);

    seen += g_str_equal (got, "called");
  }
  expect (world, "rested");
}

static void
test_no_store (World *world, gconstpointer data)
{
  g_autofree char *blocked = g_path_get_dirname (world->place.dir);

  (void)data;
  g_assert_true (g_file_set_contents (blocked, "a file where a folder should be", -1, NULL));
  mc_runner_thread_call (world->thread, called, world);
  expect (world, "refused");
  expect (world, "rested with an error");
}

/* A reply that an earlier life had handed to the carrier. */
static gint64
sending (World *world, gboolean with_account)
{
  g_autoptr (McStore) store = must_open (&world->place);
  g_autoptr (McEnrollment) e = new_enrollment ("a@example.org");
  g_autoptr (McAccount) account = mc_account_new ("https://127.0.0.1:1/dir");
  EVP_PKEY *key = mc_key_new (MC_KEY_P256, NULL);

  account->url = g_strdup ("https://127.0.0.1:1/account/1");
  account->key = mc_key_compose (key, NULL, NULL);
  EVP_PKEY_free (key);
  g_free (e->directory);
  e->directory = g_strdup (account->directory);
  to_await_mail (e, "acme@ca.example");
  must_save (store, e, with_account ? account : NULL);
  to_sending (e, "<c@ca.example>", "token");
  mc_enrollment_address (e, 0)->transport = g_strdup ("held");
  mc_enrollment_address (e, 0)->reply_to = g_strdup ("acme@ca.example");
  e->order_url = g_strdup ("https://127.0.0.1:1/order/1");
  e->ordered_at = g_get_real_time () / G_USEC_PER_SEC;
  e->deadline = e->ordered_at + 3600;
  must_save (store, e, NULL);
  return e->id;
}

static McAddressState
state_of (World *world, gint64 id)
{
  g_autoptr (McStore) store = must_open (&world->place);
  g_autoptr (McEnrollment) e = mc_store_enrollment (store, id, NULL);

  return mc_enrollment_address (e, 0)->state;
}

/* The program ends while a mail is with its carrier: what became of it is written down first. */
static void
test_end (World *world, gconstpointer data)
{
  gint64 id = sending (world, TRUE);

  (void)data;
  mc_runner_thread_call (world->thread, NULL, NULL);
  expect (world, "<r@example.org>");
  g_assert_true (mc_runner_thread_is_at_work (world->thread));
  mc_runner_thread_call (world->thread, called, world);
  expect (world, "called");
  g_assert_cmpint (state_of (world, id), ==, MC_ADDRESS_SENDING);
  world->done (world->token, MC_SEND_QUEUED, NULL);
  mc_runner_thread_free (g_steal_pointer (&world->thread));
  expect (world, "rested");
  g_assert_cmpint (world->next_wake, >, 0); /* the queue is looked at again */
  g_assert_cmpint (state_of (world, id), ==, MC_ADDRESS_QUEUED);
}

static void
watch_history (const McEnrollment *e, const McHistoryEntry *entry, gpointer data)
{
  if (strcmp (entry->state, "QUEUED") == 0)
    tell (data, "queued");
  (void)e;
}

/* Another configuration: the mail that is with its carrier is waited for, then another runner carries everything on. */
static void
test_reconfigure (World *world, gconstpointer data)
{
  g_autoptr (McConfig) config = mc_config_new (world->config->path, world->place.dir, NULL, NULL);
  gint64 id = sending (world, TRUE);

  (void)data;
  mc_runner_thread_free (world->thread);
  world->thread = mc_runner_thread_new (
      world->config, &world->adapter, &(McRunnerThreadEvents){.watch = watch_history, .rested = rested, .data = world});
  mc_runner_thread_reconfigure (world->thread, world->config); /* nobody is at work */
  mc_runner_thread_call (world->thread, called, world);
  expect (world, "called");
  expect (world, "<r@example.org>");
  mc_runner_thread_reconfigure (world->thread, config);
  mc_runner_thread_call (world->thread, called, world);
  expect (world, "called");
  world->done (world->token, MC_SEND_QUEUED, NULL);
  expect (world, "queued");
  mc_runner_thread_call (world->thread, called, world);
  expect (world, "called");
  mc_runner_thread_free (g_steal_pointer (&world->thread));
  expect (world, "rested");
  g_assert_cmpint (state_of (world, id), ==, MC_ADDRESS_QUEUED);
}

/* The order came to nothing while the mail is with its carrier: here, because its account's key is gone. */
static void
test_withdraw (World *world, gconstpointer data)
{
  (void)data;
  sending (world, FALSE);
  mc_runner_thread_call (world->thread, NULL, NULL);
  expect (world, "<r@example.org>");
  expect (world, "withdraw");
  expect (world, "rested");
}

/* All but the certificate's making is done. PASSPHRASE: the key's, or NULL. */
static void
save_ready (World *world, const char *address, const char *passphrase)
{
  g_autoptr (McStore) store = must_open (&world->place);
  g_autoptr (McEnrollment) e = new_enrollment (address);
  EVP_PKEY *key = mc_key_new (MC_KEY_P256, NULL);

  g_free (e->directory);
  e->directory = g_strdup ("https://127.0.0.1:1/dir");
  e->order_url = g_strdup ("https://127.0.0.1:1/order/2");
  e->finalize_url = g_strdup ("https://127.0.0.1:1/order/2/finalize");
  e->ordered_at = g_get_real_time () / G_USEC_PER_SEC;
  e->state = MC_ENROLLMENT_READY;
  e->key = mc_key_compose (key, passphrase, NULL);
  EVP_PKEY_free (key);
  must_save (store, e, NULL);
}

static void
try_again (McRunner *runner, const GError *error, gpointer data)
{
  (void)error;
  g_assert_true (mc_runner_try_again (runner, NULL));
  tell (data, "tries again");
}

/* Somebody who was not there when she was asked comes while the runner is at work with something else. */
static void
test_asked_again (World *world, gconstpointer data)
{
  g_autofree char *got = NULL;

  (void)data;
  sending (world, TRUE);
  save_ready (world, "b@example.org", "sesame");
  mc_runner_thread_call (world->thread, NULL, NULL);
  expect (world, "<r@example.org>");
  expect (world, "asks for the passphrase");
  mc_runner_thread_call (world->thread, try_again, world);
  expect (world, "tries again"); /* and does not ask twice */
  world->answer (world->answer_token, MC_ANSWER_NOBODY);
  /* Until the answer has been heard, and what follows from it is done. */
  do {
    g_free (got);
    mc_runner_thread_call (world->thread, try_again, world);
    got = g_async_queue_pop (world->news);
  } while (strcmp (got, "tries again") == 0);
  g_assert_cmpstr (got, ==, "asks for the passphrase");
  expect (world, "tries again");
  world->answer (world->answer_token, MC_ANSWER_NOBODY);
  world->done (world->token, MC_SEND_QUEUED, NULL);
  mc_runner_thread_free (g_steal_pointer (&world->thread));
  expect (world, "rested");
}

/* Nothing is due, and then a CA says that something is: as renewal info that came while the runner was at work. */
static void
renew_and_learn (McRunner *runner, const GError *error, gpointer data)
{
  World *world = data;
  g_autoptr (McStore) store = must_open (&world->place);
  g_autoptr (McEnrollment) e = new_enrollment ("a@example.org");
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  (void)error;
  g_assert_true (mc_runner_renew (runner, NULL, MC_RENEW_DUE, NULL, NULL));
  g_free (e->directory);
  e->directory = g_strdup ("https://127.0.0.1:1/dir");
  e->state = MC_ENROLLMENT_INSTALLED;
  e->chain = g_strdup ("of no matter here");
  e->not_before = now - 80 * 24 * 60 * 60;
  e->not_after = now + 10 * 24 * 60 * 60;
  must_save (store, e, NULL);
  tell (world, "learned");
}

static void
watch_renewal (const McEnrollment *e, const McHistoryEntry *entry, gpointer data)
{
  World *world = data;

  (void)entry;
  if (e->predecessor != 0 && !world->renewed)
    tell (world, "renews");
  world->renewed = world->renewed || e->predecessor != 0;
}

/* The runner's life does not end with that undone. */
static void
test_more (World *world, gconstpointer data)
{
  (void)data;
  mc_runner_thread_free (world->thread);
  world->thread = mc_runner_thread_new (
      world->config, &world->adapter, &(McRunnerThreadEvents){.watch = watch_renewal, .rested = rested, .data = world});
  mc_runner_thread_call (world->thread, renew_and_learn, world);
  expect (world, "learned");
  expect (world, "renews");
  mc_runner_thread_free (g_steal_pointer (&world->thread));
  expect (world, "rested");
}

static void
note_told (const McOccasion *occasion, gpointer data)
{
  tell (data, mc_enrollment_address (occasion->enrollment, 0)->address);
}

/* What the configuration says now counts: here, of requests that fail because their account is gone. */
static void
test_notify (World *world, gconstpointer data)
{
  g_autofree char *path = g_build_filename (world->place.top, "silent.conf", NULL);
  g_autoptr (McConfig) silent = NULL;

  (void)data;
  g_assert_true (g_file_set_contents (path, "[mailcert]\nnotify = false\n", -1, NULL));
  silent = mc_config_new (path, world->place.dir, NULL, NULL);
  mc_runner_thread_free (world->thread);
  world->thread = mc_runner_thread_new (silent, &world->adapter,
                                        &(McRunnerThreadEvents){.tell = note_told, .rested = rested, .data = world});
  save_ready (world, "b@example.org", NULL);
  mc_runner_thread_call (world->thread, NULL, NULL);
  expect (world, "rested");
  mc_runner_thread_reconfigure (world->thread, world->config);
  save_ready (world, "c@example.org", NULL);
  mc_runner_thread_call (world->thread, NULL, NULL);
  expect (world, "c@example.org");
  expect (world, "rested");
  mc_runner_thread_free (g_steal_pointer (&world->thread));
}

#define ADD_HERE(path, function)                                                                                       \
  g_test_add ("/runner-thread/" path, World, NULL, world_set_up, function, world_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_HERE ("nothing", test_nothing);
  ADD_HERE ("call", test_call);
  ADD_HERE ("many", test_many);
  ADD_HERE ("reconfigure", test_reconfigure);
  ADD_HERE ("no-store", test_no_store);
  ADD_HERE ("end", test_end);
  ADD_HERE ("withdraw", test_withdraw);
  ADD_HERE ("asked-again", test_asked_again);
  ADD_HERE ("more", test_more);
  ADD_HERE ("notify", test_notify);
  return g_test_run ();
}
