/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "imap-watch.h"

static void
test_already_there (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  g_autoptr (McTestWatch) watch = NULL;

  mc_test_imap_deliver_age (server, "INBOX", "<old@t>", 10, 10 * 24 * 3600);
  mc_test_imap_deliver (server, "INBOX", "<there@t>");
  mc_test_imap_deliver (server, "Spam", "<junk@t>");
  watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));
  mc_test_watch_expect_found (watch, "<junk@t>");
  mc_test_watch_expect_found (watch, "<there@t>");
  g_assert_true (mc_test_watch_expect_ready (watch));
  g_assert_cmpint (g_async_queue_length (watch->found), ==, 0);
  g_assert_false (mc_test_server_saw (server, "marked-read"));
  g_assert_false (mc_test_server_saw (server, "client-certificate"));
  g_assert_false (mc_test_server_saw (server, "command SELECT"));
}

static void
test_idle (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "no-junk", NULL);
  g_autoptr (McTestWatch) watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));

  g_assert_true (mc_test_watch_expect_ready (watch));
  mc_test_server_await (server, "idle");
  mc_test_server_tell (server, "fill INBOX 100");
  mc_test_imap_deliver (server, "INBOX", "<new@t>");
  mc_test_watch_expect_found (watch, "<new@t>");
  mc_test_imap_deliver (server, "INBOX", "<newer@t>");
  mc_test_watch_expect_found (watch, "<newer@t>");
  /* A hundred other mails change nothing, and none of them is fetched. */
  g_assert_cmpuint (mc_test_server_count (server, "fetched"), ==, 2);
  g_assert_cmpuint (mc_test_server_count (server, "connected"), ==, 1);
}

static void
test_early_news (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "early-exists", NULL);
  g_autoptr (McTestWatch) watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));

  g_assert_true (mc_test_watch_expect_ready (watch));
  for (int i = 0; i < 3; i++) {
    g_autofree char *id = g_strdup_printf ("<early-%d@t>", i);

    mc_test_imap_deliver (server, "INBOX", id);
    mc_test_watch_expect_found (watch, id);
  }
}

/* What is told while something else is asked is not told again by IDLE. */
static void
test_told_in_passing (void)
{
  static const char *const options[] = {"arrives-in=uid_search", "arrives-in=uid_fetch", "arrives-in=status"};

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++) {
    g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", options[i], NULL);
    g_autoptr (McTestWatch) watch = NULL;

    mc_test_imap_deliver (server, "INBOX", "<first@t>");
    watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));
    mc_test_watch_expect_found (watch, "<first@t>");
    mc_test_watch_expect_found (watch, "<arrives@t>");
  }
}

static void
test_others (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "special-use", NULL);
  g_autoptr (McTestWatch) watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));

  g_assert_true (mc_test_watch_expect_ready (watch));
  mc_test_imap_deliver (server, "Unwanted", "<junk@t>");
  mc_test_watch_expect_found (watch, "<junk@t>");
  mc_test_imap_deliver (server, "INBOX", "<inbox@t>");
  mc_test_watch_expect_found (watch, "<inbox@t>");
  mc_test_imap_deliver (server, "Unwanted", "<junk-2@t>");
  mc_test_watch_expect_found (watch, "<junk-2@t>");
  g_assert_cmpuint (mc_test_server_count (server, "connected"), ==, 1);
}

/* Nothing is marked as Junk: whatever is named like it, in whichever language. */
static void
test_unmarked (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "unmarked", NULL);
  g_autoptr (McTestWatch) watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));
  static const char *const names[] = {"Junk", "INBOX/Spamverdacht", "Ind&AOk-sirables"};

  g_assert_true (mc_test_watch_expect_ready (watch));
  mc_test_imap_deliver (server, "Junkyard", "<rules@t>");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *id = g_strdup_printf ("<unmarked-%u@t>", i);

    mc_test_imap_deliver (server, names[i], id);
    mc_test_watch_expect_found (watch, id);
  }
}

static void
poll_against (const char *option)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", option, NULL);
  g_autoptr (McTestWatch) watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));

  g_assert_cmpint (mc_test_watch_expect_ready (watch), ==, !g_str_equal (option, "no-idle"));
  mc_test_imap_deliver (server, "INBOX", "<polled@t>");
  mc_test_watch_expect_found (watch, "<polled@t>");
  mc_test_imap_deliver (server, "Spam", "<polled-junk@t>");
  mc_test_watch_expect_found (watch, "<polled-junk@t>");
  g_assert_cmpuint (mc_test_server_count (server, "connected"), ==, 1);
}

static void
test_poll (void)
{
  poll_against ("no-idle");
  poll_against ("refuse-idle");
  poll_against ("short-idle");
}

static void
test_without_uidnext (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "no-uidnext", NULL);
  g_autoptr (McTestWatch) watch = NULL;

  mc_test_imap_deliver (server, "INBOX", "<one@t>");
  watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));
  mc_test_watch_expect_found (watch, "<one@t>");
  mc_test_imap_deliver (server, "INBOX", "<two@t>");
  mc_test_watch_expect_found (watch, "<two@t>");
  g_assert_cmpuint (mc_test_server_count (server, "fetched"), ==, 2);
}

static void
test_connection_lost (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  g_autoptr (McTestWatch) watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));

  for (int i = 0; i < 3; i++) {
    g_autofree char *id = g_strdup_printf ("<meanwhile-%d@t>", i);

    g_assert_true (mc_test_watch_expect_ready (watch));
    mc_test_server_await (server, "idle");
    mc_test_server_tell (server, "drop");
    mc_test_imap_deliver (server, "INBOX", id);
    mc_test_watch_expect_found (watch, id);
  }
  g_assert_true (mc_test_watch_expect_ready (watch));
  g_assert_cmpuint (mc_test_server_count (server, "fetched"), ==, 3); /* each once, over all connections */
}

static void
test_broken_fetch (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "break-fetch=2", NULL);
  g_autoptr (McTestWatch) watch = NULL;

  mc_test_imap_deliver (server, "INBOX", "<kept@t>");
  watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));
  mc_test_watch_expect_found (watch, "<kept@t>");
  g_assert_true (mc_test_watch_expect_ready (watch));
  g_assert_cmpuint (mc_test_server_count (server, "connected"), ==, 3);
}

static void
test_validity (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "no-idle", NULL);
  g_autoptr (McTestWatch) watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));

  g_assert_false (mc_test_watch_expect_ready (watch));
  mc_test_server_tell (server, "fill INBOX 5");
  mc_test_imap_deliver (server, "INBOX", "<before@t>");
  mc_test_watch_expect_found (watch, "<before@t>");
  mc_test_server_tell (server, "renew INBOX");
  mc_test_watch_expect_found (watch, "<before@t>"); /* numbers mean nothing any more: it is looked at again */
  mc_test_imap_deliver (server, "INBOX", "<after@t>");
  mc_test_watch_expect_found (watch, "<after@t>");
}

static void
test_folders (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  McMailAccount *account = mc_test_imap_account (server, "imaps");
  g_autoptr (McTestWatch) watch = NULL;

  account->folders = g_strsplit ("Sent,INBOX,ä,Nowhere", ",", -1);
  watch = mc_test_watch_new (account);
  g_assert_true (mc_test_watch_expect_ready (watch));
  mc_test_imap_deliver (server, "Sent", "<sent@t>");
  mc_test_watch_expect_found (watch, "<sent@t>");
  mc_test_imap_deliver (server, "&AOQ-", "<umlaut@t>");
  mc_test_watch_expect_found (watch, "<umlaut@t>");
  mc_test_imap_deliver (server, "Spam", "<unwatched@t>");
  mc_test_imap_deliver (server, "INBOX", "<inbox@t>");
  mc_test_watch_expect_found (watch, "<inbox@t>");
}

/* Listed, but not to be opened, from the start or while it is watched (another program has removed it): INBOX and the
 * others are looked at all the same, and that one again when it is there again. */
static void
closed_against (const char *option)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "unmarked", option, NULL);
  g_autoptr (McTestWatch) watch = NULL;
  static const char *const junk[] = {"Junk", "INBOX/Spamverdacht"};

  mc_test_server_tell (server, "close Junk 1");
  mc_test_imap_deliver (server, junk[1], "<before@t>");
  watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));
  mc_test_watch_expect_found (watch, "<before@t>");
  mc_test_watch_expect_ready (watch);
  mc_test_imap_deliver (server, "INBOX", "<inbox@t>");
  mc_test_watch_expect_found (watch, "<inbox@t>");
  for (guint i = 0; i < G_N_ELEMENTS (junk); i++) {
    g_autofree char *open = g_strdup_printf ("close %s 0", junk[i]);
    g_autofree char *close = g_strdup_printf ("close %s 1", junk[1 - i]);

    mc_test_server_tell (server, close);
    mc_test_server_tell (server, open);
    mc_test_imap_deliver (server, junk[i], i == 0 ? "<there@t>" : "<again@t>");
    mc_test_watch_expect_found (watch, i == 0 ? "<there@t>" : "<again@t>");
  }
  g_assert_cmpuint (mc_test_server_count (server, "connected"), ==, 1);
}

static void
test_closed_folder (void)
{
  closed_against (NULL);
  closed_against ("no-idle");
}

static void
test_no_such_folder (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  McMailAccount *account = mc_test_imap_account (server, "imaps");
  g_autoptr (McTestWatch) watch = NULL;

  account->folders = g_strsplit ("Nowhere", ",", -1);
  watch = mc_test_watch_new (account);
  mc_test_watch_expect_end (watch, MC_ERROR_CONFIG, "folders");
}

static void
test_sizes (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "ignore-partial", NULL);
  g_autoptr (McTestWatch) watch = NULL;

  mc_test_imap_deliver_age (server, "INBOX", "<too-large@t>", 300 * 1024, 0);
  mc_test_imap_deliver_age (server, "INBOX", "<large@t>", 255 * 1024, 0);
  watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));
  mc_test_watch_expect_found (watch, "<large@t>");
  g_assert_true (mc_test_watch_expect_ready (watch));
  g_assert_cmpint (g_async_queue_length (watch->found), ==, 0);
}

static void
test_cancel (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", NULL);
  McTestWatch *watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));
  gint64 begun = g_get_monotonic_time ();

  mc_test_server_await (server, "idle");
  g_cancellable_cancel (watch->cancel);
  mc_test_watch_join (watch);
  g_assert_true (watch->result);
  g_assert_no_error (watch->error);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 5 * G_USEC_PER_SEC);
  mc_test_watch_free (watch);
}

/* Silence ends too. */
static void
test_mute (void)
{
  g_autoptr (McTestServer) server = mc_test_server_new ("imap-server.py", "mute", NULL);
  McImapTiming impatient = mc_imap_watch_quick;
  McTestWatch *watch = mc_test_watch_new (mc_test_imap_account (server, "imaps"));

  mc_test_watch_free (watch); /* also in the middle of a greeting */
  impatient.timeout_seconds = 1;
  watch = g_new0 (McTestWatch, 1);
  mc_test_watch_begin (watch, mc_test_imap_account (server, "imaps"), &impatient);
  for (int i = 0; i < 3; i++)
    mc_test_server_await (server, "gone");
  mc_test_watch_free (watch);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/already-there", test_already_there);
  g_test_add_func ("/imap/idle", test_idle);
  g_test_add_func ("/imap/early-news", test_early_news);
  g_test_add_func ("/imap/told-in-passing", test_told_in_passing);
  g_test_add_func ("/imap/others", test_others);
  g_test_add_func ("/imap/unmarked", test_unmarked);
  g_test_add_func ("/imap/poll", test_poll);
  g_test_add_func ("/imap/without-uidnext", test_without_uidnext);
  g_test_add_func ("/imap/connection-lost", test_connection_lost);
  g_test_add_func ("/imap/broken-fetch", test_broken_fetch);
  g_test_add_func ("/imap/validity", test_validity);
  g_test_add_func ("/imap/folders", test_folders);
  g_test_add_func ("/imap/closed-folder", test_closed_folder);
  g_test_add_func ("/imap/no-such-folder", test_no_such_folder);
  g_test_add_func ("/imap/sizes", test_sizes);
  g_test_add_func ("/imap/cancel", test_cancel);
  g_test_add_func ("/imap/mute", test_mute);
  return g_test_run ();
}
