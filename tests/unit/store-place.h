/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/error.h"
#include "base/secret.h"
#include "store/store.h"

#include <glib/gstdio.h>
#include <string.h>

/* What the tests of the store share: a folder that does not exist yet, and records in the states that matter. */

typedef struct {
  char *dir; /* does not exist yet */
  char *top;
} Place;

static inline void
remove_tree (const char *path)
{
  const char *argv[] = {"rm", "-rf", "--", path, NULL};

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static inline void
place_set_up (Place *place, gconstpointer data)
{
  (void)data;
  place->top = g_dir_make_tmp ("mailcert-store-XXXXXX", NULL);
  place->dir = g_build_filename (place->top, "a", "data", NULL);
}

static inline void
place_tear_down (Place *place, gconstpointer data)
{
  (void)data;
  g_chmod (place->dir, 0700);
  remove_tree (place->top);
  g_free (place->dir);
  g_free (place->top);
}

static inline char *
file_in (const Place *place, const char *name)
{
  return g_build_filename (place->dir, name, NULL);
}

static inline McStore *
must_open (const Place *place)
{
  g_autoptr (GError) error = NULL;
  McStore *store = mc_store_open (place->dir, FALSE, &error);

  g_assert_no_error (error);
  return store;
}

static inline McEnrollment *
new_enrollment (const char *address)
{
  const char *addresses[] = {address, NULL};

  return mc_enrollment_new ("test", "https://ca.example/dir", addresses, 1000);
}

static inline void
must_save (McStore *store, McEnrollment *enrollment, McAccount *account)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (mc_store_save (store, enrollment, account, &error));
  g_assert_no_error (error);
}

static inline void
to_await_mail (McEnrollment *e, const char *from)
{
  McEnrollmentAddress *a = mc_enrollment_address (e, 0);

  e->state = MC_ENROLLMENT_ORDERED;
  a->state = MC_ADDRESS_AWAIT_MAIL;
  g_free (a->authorization_url);
  g_free (a->from);
  a->authorization_url = g_strdup ("https://ca.example/authz/1");
  a->from = g_strdup (from);
}

static inline void
to_sending (McEnrollment *e, const char *message_id, const char *token)
{
  McEnrollmentAddress *a = mc_enrollment_address (e, 0);

  e->state = MC_ENROLLMENT_ORDERED;
  a->state = MC_ADDRESS_SENDING;
  g_free (a->challenge_message_id);
  g_free (a->token_part1);
  a->challenge_message_id = g_strdup (message_id);
  a->token_part1 = g_strdup (token);
  if (a->reply == NULL) {
    a->reply = g_bytes_new_static ("x", 1);
    a->reply_message_id = g_strdup ("<r@example.org>");
  }
}

static inline void
refused (const Place *place, gboolean read_only, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McStore) store = mc_store_open (place->dir, read_only, &error);

  g_assert_null (store);
  g_assert_error (error, MC_ERROR, MC_ERROR_WRITE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
}

#define ADD(path, function) g_test_add ("/store/" path, Place, NULL, place_set_up, function, place_tear_down)
