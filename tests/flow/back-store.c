/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "back.h"

#include "store/store.h"

#include <glib/gstdio.h>

typedef struct {
  Back back;
  char *top;
  char *dir;
  McStore *store;
} Real;

static BackResult
real_save (Back *back, McEnrollment *e, McAccount *account)
{
  g_autoptr (GError) error = NULL;

  if (mc_store_save (((Real *)back)->store, e, account, &error))
    return BACK_SAVED;
  g_assert_error (error, MC_STORE_ERROR, MC_STORE_CONFLICT);
  return BACK_CONFLICT;
}

static BackResult
real_save_account (Back *back, McAccount *account)
{
  g_autoptr (GError) error = NULL;

  if (mc_store_save_account (((Real *)back)->store, account, &error))
    return BACK_SAVED;
  g_assert_error (error, MC_STORE_ERROR, MC_STORE_CONFLICT);
  return BACK_CONFLICT;
}

static McEnrollment *
real_enrollment (Back *back, gint64 id)
{
  g_autoptr (GError) error = NULL;
  McEnrollment *e = mc_store_enrollment (((Real *)back)->store, id, &error);

  g_assert_no_error (error);
  return e;
}

static McEnrollmentState
real_state (Back *back, gint64 id)
{
  g_autoptr (McEnrollment) e = real_enrollment (back, id);

  return e->state;
}

static McAccount *
real_account (Back *back, const char *directory)
{
  g_autoptr (GError) error = NULL;
  McAccount *account = mc_store_account (((Real *)back)->store, directory, &error);

  g_assert_no_error (error);
  return account;
}

static gboolean
real_is_answered (Back *back, const char *message_id)
{
  return mc_store_is_answered (((Real *)back)->store, message_id, NULL);
}

static void
real_open (Real *real)
{
  g_autoptr (GError) error = NULL;

  real->store = mc_store_open (real->dir, FALSE, &error);
  g_assert_no_error (error);
}

static void
real_restart (Back *back)
{
  Real *real = (Real *)back;

  mc_store_close (real->store);
  real_open (real);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *inner = g_build_filename (path, name, NULL);

    remove_all (inner);
  }
  g_remove (path);
}

static void
real_free (Back *back)
{
  Real *real = (Real *)back;

  mc_store_close (real->store);
  remove_all (real->top);
  g_free (real->top);
  g_free (real->dir);
  g_free (real);
}

Back *
back_store_new (void)
{
  Real *real = g_new0 (Real, 1);

  real->back = (Back){real_save,    real_save_account, real_enrollment, real_state,
                      real_account, real_is_answered,  real_restart,    real_free};
  /* No power is cut here: what a disk would cost buys nothing. */
  real->top = g_build_filename (g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : g_get_tmp_dir (),
                                "mailcert-flow-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (real->top));
  real->dir = g_build_filename (real->top, "data", NULL);
  real_open (real);
  return &real->back;
}
