/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A stored record that was damaged, or written by something else: whole or refused. What is taken is written as it was
 * read. */

#include "base/error.h"
#include "base/secret.h"
#include "flow/enrollment.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McEnrollment) record = mc_enrollment_parse ((const char *)data, size, &error);
  g_autoptr (McEnrollment) again = NULL;
  g_autoptr (McSecretString) first = NULL;
  g_autoptr (McSecretString) second = NULL;

  g_assert_true ((record == NULL) == (error != NULL));
  if (record == NULL) {
    g_assert_error (error, MC_ERROR, MC_ERROR_MALFORMED);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    g_assert_null (strpbrk (error->message, "\r\n\033"));
    return 0;
  }
  g_assert_cmpuint (record->addresses->len, >, 0);
  g_assert_nonnull (record->directory);
  g_assert_true (record->chain != NULL ||
                 (record->state != MC_ENROLLMENT_ISSUED && record->state != MC_ENROLLMENT_INSTALLED));
  mc_enrollment_is_open (record);
  mc_enrollment_awaits_mail (record);
  mc_enrollment_find (record, "ana@example.org");
  first = mc_enrollment_compose (record);
  g_assert_nonnull (first);
  again = mc_enrollment_parse (first, strlen (first), &error);
  g_assert_no_error (error);
  second = mc_enrollment_compose (again);
  g_assert_cmpstr (first, ==, second);
  return 0;
}
