/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "paths.h"
#include "power.h"
#include "store-place.h"

#include <sqlite3.h>

/* The power goes at any change that SQLite makes to its files. After it the database opens and is whole; it holds all
 * that the store had reported as written, and at most the one thing more that it was about to report. */

#define STEPS 16

typedef struct {
  McStore *store;
  McEnrollment *one, *two;
  McAccount *account;
} Life;

static gboolean
spool (Life *life, const char *text, gsize length)
{
  g_autofree char *large = g_strnfill (length, text[0]);
  g_autoptr (GBytes) mail = g_bytes_new (large, length);

  return mc_store_spool (life->store, "ana@example.org", mail, 1000, NULL) > 0;
}

static gboolean
reopen (Life *life, const char *dir)
{
  g_clear_pointer (&life->store, mc_store_close);
  life->store = mc_store_open (dir, FALSE, NULL);
  return life->store != NULL;
}

/* What an enrollment does with the store, and what others do beside it. FALSE: the power is gone. */
static gboolean
step (Life *life, guint number, const char *dir)
{
  McEnrollment *e = life->one;

  switch (number) {
  case 0:
    life->one = e = new_enrollment ("ana@example.org");
    life->account = mc_account_new (e->directory);
    life->account->key = mc_secret_new ("account key", 11);
    return mc_store_save (life->store, e, life->account, NULL);
  case 1:
    to_await_mail (e, "acme@ca.example");
    return mc_store_save (life->store, e, NULL, NULL);
  case 2:
  case 3:
    return spool (life, number == 2 ? "a" : "b", number == 2 ? 900 : 250000);
  case 4:
    to_sending (e, "<c@ca.example>", "token");
    return mc_store_save (life->store, e, NULL, NULL);
  case 5:
  case 12: /* the -wal is emptied, deleted, made anew */
    return reopen (life, dir);
  case 6:
    mc_enrollment_address (e, 0)->state = MC_ADDRESS_REPLIED;
    e->key = mc_secret_new ("certificate key", 15);
    return mc_store_save (life->store, e, NULL, NULL);
  case 7:
    return mc_store_unspool (life->store, 1, NULL);
  case 8:
    return mc_store_set_fact (life->store, "adapter-seen", "1000", NULL);
  case 9:
    life->two = new_enrollment ("bob@example.org");
    life->two->key = mc_secret_new ("another key", 11);
    life->two->chain = g_strnfill (100000, 'x');
    return mc_store_save (life->store, life->two, NULL, NULL);
  case 10:
    return mc_store_note_exported (life->store, life->two->id, NULL);
  case 11:
    return mc_store_forget (life->store, life->two->id, TRUE, NULL);
  case 13:
    life->account->new_key = mc_secret_new ("new account key", 15);
    return mc_store_save_account (life->store, life->account, NULL);
  default:
    return mc_store_save (life->store, e, NULL, NULL);
  }
}

static void
life_end (Life *life)
{
  g_clear_pointer (&life->store, mc_store_close);
  if (power_is_out ()) /* it had not even been opened */
    power_cut ();
  g_clear_pointer (&life->one, mc_enrollment_free);
  g_clear_pointer (&life->two, mc_enrollment_free);
  g_clear_pointer (&life->account, mc_account_free);
}

static void
add_bytes (GString *all, GBytes *bytes)
{
  g_autofree char *hash = bytes != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA1, bytes) : NULL;

  g_string_append_printf (all, "%s\n", hash != NULL ? hash : "none");
}

/* Everything that stands there, as text. */
static char *
tell (McStore *store)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = mc_store_enrollments (store, FALSE, &error);
  g_autoptr (GPtrArray) mails = mc_store_spooled (store, NULL);
  g_autoptr (McAccount) account = mc_store_account (store, "https://ca.example/dir", NULL);
  g_autofree char *fact = mc_store_fact (store, "adapter-seen");
  GString *all = g_string_new (fact);

  g_assert_no_error (error);
  for (guint i = 0; i < records->len; i++) {
    McEnrollment *e = g_ptr_array_index (records, i);
    g_autofree char *record = mc_enrollment_compose (e);

    g_string_append_printf (all, "%" G_GINT64_FORMAT " %s %d\n", e->version, record,
                            mc_store_is_exported (store, e->id));
    add_bytes (all, e->key);
  }
  for (guint i = 0; i < mails->len; i++)
    add_bytes (all, ((McSpooled *)g_ptr_array_index (mails, i))->rfc822);
  add_bytes (all, account != NULL ? account->key : NULL);
  add_bytes (all, account != NULL ? account->new_key : NULL);
  g_string_append_printf (all, "%d\n", mc_store_is_answered (store, "<c@ca.example>", NULL));
  return g_string_free (all, FALSE);
}

static void
check_whole (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "mailcert.db", NULL);
  sqlite3_stmt *statement;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "PRAGMA integrity_check", -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  g_assert_cmpstr ((const char *)sqlite3_column_text (statement, 0), ==, "ok");
  sqlite3_finalize (statement);
  sqlite3_close (db);
}

/* TOLD: what stood there after each step. With CUT = 0 it is filled in. The number of changes made. */
static guint
live (Place *place, guint cut, guint32 seed, PowerLoss loss, char **told)
{
  Life life = {NULL};
  guint reported = 0;
  guint operations;
  g_autofree char *left = NULL;
  g_autoptr (McStore) store = NULL;

  power_disk_new (seed, loss);
  power_cut_at (cut);
  if (reopen (&life, place->dir))
    for (; reported < STEPS && step (&life, reported, place->dir); reported++)
      if (cut == 0)
        told[reported] = tell (life.store);
  operations = power_operations ();
  g_assert_true (reported == STEPS || cut > 0);
  life_end (&life);
  g_assert_false (power_is_out ());
  if (cut > 0) {
    check_whole (place->dir);
    store = must_open (place);
    left = tell (store);
    if (reported > 0 && !g_str_equal (left, told[reported - 1]) &&
        (reported == STEPS || !g_str_equal (left, told[reported])))
      g_error ("cut at %u (seed %u, loss %d), after step %u:\n%s\nwanted:\n%s", cut, seed, loss, reported, left,
               told[reported - 1]);
  }
  return operations;
}

static PowerLoss
any_loss (void)
{
  return (PowerLoss)g_test_rand_int_range (0, POWER_LOSSES);
}

static void
test_store (Place *place, gconstpointer data)
{
  g_autofree char **told = g_new0 (char *, STEPS + 1);
  guint operations = live (place, 0, 0, POWER_LOSES_ALL, told);
  guint cuts = 0;

  (void)data;
  g_assert_nonnull (told[STEPS - 1]);
  for (guint cut = 1; cut <= operations; cut++)
    for (guint i = 0, n = g_test_slow () ? 12 : 1; i < n; i++, cuts++)
      live (place, cut, (guint32)g_test_rand_int (), any_loss (), told);
  g_test_message ("%u power cuts at %u changes", cuts, operations);
  g_assert_cmpuint (operations, >, 100);
  for (guint i = 0; i < STEPS; i++)
    g_free (told[i]);
  power_disk_free ();
}

/* --- whole enrollments --- */

typedef struct {
  Back back;
  Place place;
  McStore *store;
  World *world;
} Powered;

/* A commit that the power cut short: nothing that rests on it happens any more. */
static BackResult
saved (Powered *powered, gboolean ok, const GError *error)
{
  if (ok)
    return BACK_SAVED;
  g_assert_error (error, MC_ERROR, MC_ERROR_WRITE);
  g_assert_true (power_is_out ());
  powered->world->dead = TRUE;
  return BACK_SAVED; /* nobody lives to hear it */
}

static BackResult
powered_save (Back *back, McEnrollment *e, McAccount *account)
{
  Powered *powered = (Powered *)back;
  g_autoptr (GError) error = NULL;
  const gboolean ok = mc_store_save (powered->store, e, account, &error);

  return saved (powered, ok, error);
}

static BackResult
powered_save_account (Back *back, McAccount *account)
{
  Powered *powered = (Powered *)back;
  g_autoptr (GError) error = NULL;
  const gboolean ok = mc_store_save_account (powered->store, account, &error);

  return saved (powered, ok, error);
}

static McEnrollment *
powered_enrollment (Back *back, gint64 id)
{
  g_autoptr (GError) error = NULL;
  McEnrollment *e = mc_store_enrollment (((Powered *)back)->store, id, &error);

  g_assert_no_error (error);
  return e;
}

static McEnrollmentState
powered_state (Back *back, gint64 id)
{
  g_autoptr (McEnrollment) e = powered_enrollment (back, id);

  return e->state;
}

static McAccount *
powered_account (Back *back, const char *directory)
{
  g_autoptr (GError) error = NULL;
  McAccount *account = mc_store_account (((Powered *)back)->store, directory, &error);

  g_assert_no_error (error);
  return account;
}

static gboolean
powered_is_answered (Back *back, const char *message_id)
{
  return mc_store_is_answered (((Powered *)back)->store, message_id, NULL);
}

/* Whoever dies here dies by the power. */
static void
powered_restart (Back *back)
{
  Powered *powered = (Powered *)back;

  power_cut ();
  g_clear_pointer (&powered->store, mc_store_close);
  g_assert_false (power_is_out ());
  check_whole (powered->place.dir);
  powered->store = mc_store_open (powered->place.dir, FALSE, NULL);
  if (powered->store == NULL || power_is_out ()) { /* it has gone in the middle of that */
    g_clear_pointer (&powered->store, mc_store_close);
    power_cut ();
    g_assert_false (power_is_out ());
    powered->store = must_open (&powered->place);
  }
}

static void
powered_free (Back *back)
{
  Powered *powered = (Powered *)back;

  mc_store_close (powered->store);
  place_tear_down (&powered->place, NULL);
  g_free (powered);
}

static Back *
powered_new (void)
{
  Powered *powered = g_new0 (Powered, 1);

  powered->back = (Back){powered_save,    powered_save_account, powered_enrollment, powered_state,
                         powered_account, powered_is_answered,  powered_restart,    powered_free};
  place_set_up (&powered->place, NULL);
  powered->store = must_open (&powered->place);
  return &powered->back;
}

/* One way of an enrollment from its order to the keyring. CUT: the power goes at that change; else KIND and AT say
 * where the process is struck, and the power goes with it. The number of changes; *POINTS: those of KIND. */
static guint
enroll (const Path *path, guint cut, KillKind kind, guint at, PowerLoss loss, guint *points)
{
  g_autoptr (World) w = NULL;
  guint before;

  power_disk_new ((guint32)g_test_rand_int (), loss);
  w = path_world (path, powered_new);
  ((Powered *)w->back)->world = w;
  before = power_operations ();
  power_cut_at (cut);
  w->kill_kind = kind;
  w->kill_at = at;
  world_run (w);
  world_check (w);
  for (guint i = 0; i < w->drives->len; i++)
    world_check_installed (w, i);
  if (w->plan.errand_at != 0)
    world_check_errand (w);
  if (w->plan.errand_at == 0)
    g_assert_cmpuint (w->deaths, ==, cut > 0 || kind != KILL_NEVER);
  else /* a cut between two processes is nobody's death */
    g_assert_cmpuint (w->deaths, <=, 1);
  if (points != NULL)
    memcpy (points, w->points, sizeof w->points);
  return power_operations () - before;
}

static void
test_path (gconstpointer data)
{
  const Path *path = data;
  guint points[KILL_KINDS];
  guint operations = enroll (path, 0, KILL_NEVER, 0, POWER_LOSES_ALL, points);
  guint cuts = 0;

  for (guint cut = 1; cut <= operations; cut++)
    for (guint i = 0, n = g_test_slow () ? 12 : 1; i < n; i++, cuts++)
      enroll (path, cut, KILL_NEVER, 0, any_loss (), NULL);
  for (guint kind = KILL_BEFORE_COMMIT; kind < KILL_KINDS; kind++)
    for (guint at = 1; at <= points[kind]; at++, cuts++)
      enroll (path, 0, (KillKind)kind, at, any_loss (), NULL);
  g_test_message ("%s: %u power cuts; %u changes", path->name, cuts, operations);
  g_assert_cmpuint (operations, >, path->begin != paths[0].begin ? 5 : 30);
  power_disk_free ();
}

/* The one that everybody takes, and the one with two keys of which one counts. */
static const char *const powered_paths[] = {"plain", "rollover"};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/power/store", Place, NULL, place_set_up, test_store, place_tear_down);
  for (gsize i = 0; i < paths_count; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (powered_paths); j++) {
      g_autofree char *name = g_strdup_printf ("/power/path/%s", paths[i].name);

      if (g_str_equal (paths[i].name, powered_paths[j]))
        g_test_add_data_func (name, &paths[i], test_path);
    }
  return g_test_run ();
}
