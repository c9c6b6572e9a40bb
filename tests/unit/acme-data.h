/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* The file NAME of tests/data (MC_TEST_DATA says where that is); fails the test if it cannot be read. Caller unrefs. */
static inline GBytes *
test_data_read (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("MC_TEST_DATA"), name, NULL);
  g_autoptr (GError) error = NULL;
  char *bytes = NULL;
  gsize length = 0;

  g_file_get_contents (path, &bytes, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (bytes, length);
}

/* acme/NAME.json */
static inline GBytes *
acme_data_read (const char *name)
{
  g_autofree char *path = g_strdup_printf ("acme/%s.json", name);

  return test_data_read (path);
}
