/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mailcert.h"
#include "store-place.h"

/* A runner's thread with an adapter that writes down what it is asked for. */

typedef struct {
  Place place;
  McConfig *config;
  McInbox inbox;
  McTransport transport;
  McAdapter adapter;
  McRunnerThread *thread;
  GAsyncQueue *news; /* of char *: what happened, in order */
  GThread *self;
  McSendDoneFunc done; /* of the mail that the carrier holds */
  gpointer token;
  McAskDoneFunc answer; /* of the question that is open */
  gpointer answer_token;
  gint64 next_wake;
  gboolean renewed; /* told once */
} World;

static void
tell (World *world, const char *what)
{
  g_assert_true (g_thread_self () != world->self);
  g_async_queue_push (world->news, g_strdup (what));
}

static void
expect (World *world, const char *what)
{
  g_autofree char *got = g_async_queue_pop (world->news);

  g_assert_cmpstr (got, ==, what);
}

static void
rested (gint64 next_wake, const GError *error, gpointer data)
{
  ((World *)data)->next_wake = next_wake;
  tell (data, error != NULL ? "rested with an error" : "rested");
}

static void
called (McRunner *runner, const GError *error, gpointer data)
{
  g_assert_true ((runner == NULL) == (error != NULL));
  tell (data, runner != NULL ? "called" : "refused");
}

static void
watch (gpointer self, const char *address, gint64 since)
{
  (void)self, (void)address, (void)since;
}

static void
unwatch (gpointer self, const char *address)
{
  (void)self, (void)address;
}

static void
hold (gpointer self, const McOutgoing *mail, McSendDoneFunc done, gpointer token)
{
  World *world = self;

  world->done = done;
  world->token = token;
  tell (world, mail->message_id);
}

static void
give_back (gpointer self, const char *message_id)
{
  World *world = self;

  tell (world, "withdraw");
  g_assert_cmpstr (message_id, ==, "<r@example.org>");
  world->done (world->token, MC_SEND_NOT_SENT, NULL);
}

static void
ask (gpointer self, const McQuestion *question, McAskDoneFunc done, gpointer token)
{
  World *world = self;

  world->answer = done;
  world->answer_token = token;
  tell (world, question->kind == MC_QUESTION_PASSPHRASE ? "asks for the passphrase" : "asks");
}

static void
world_set_up (World *world, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  (void)data;
  place_set_up (&world->place, NULL);
  path = g_build_filename (world->place.top, "mailcert.conf", NULL);
  g_assert_true (g_file_set_contents (path, "[ca test]\ndirectory = https://127.0.0.1:1/dir\n", -1, NULL));
  world->config = mc_config_new (path, world->place.dir, NULL, &error);
  g_assert_no_error (error);
  world->news = g_async_queue_new_full (g_free);
  world->self = g_thread_self ();
  world->inbox = (McInbox){.self = world, .watch = watch, .unwatch = unwatch};
  world->transport =
      (McTransport){.name = "held", .self = world, .send = hold, .was_sent = hold, .withdraw = give_back};
  world->adapter = (McAdapter){.transport = &world->transport, .inbox = &world->inbox, .ask = ask, .self = world};
  world->thread =
      mc_runner_thread_new (world->config, &world->adapter, &(McRunnerThreadEvents){.rested = rested, .data = world});
}

static void
world_tear_down (World *world, gconstpointer data)
{
  mc_runner_thread_free (world->thread);
  g_assert_null (g_async_queue_try_pop (world->news));
  g_async_queue_unref (world->news);
  mc_config_free (world->config);
  place_tear_down (&world->place, data);
}
