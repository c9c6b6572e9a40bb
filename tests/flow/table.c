/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

/* How much of the table of moves (DESIGN 2) the worlds of this program have walked, row by row. */

typedef struct {
  guint last; /* state */
  gboolean (*may_move) (guint from, guint to);
  const char *(*name) (guint state);
  gboolean (*made)[16];
} Half;

static gboolean
order_may_move (guint from, guint to)
{
  return mc_flow_may_move ((McEnrollmentState)from, (McEnrollmentState)to);
}

static gboolean
address_may_move (guint from, guint to)
{
  return mc_flow_address_may_move ((McAddressState)from, (McAddressState)to);
}

static const char *
order_name (guint state)
{
  return mc_enrollment_state_name ((McEnrollmentState)state);
}

static const char *
address_name (guint state)
{
  return mc_address_state_name ((McAddressState)state);
}

static void
count_row (const Half *half, guint from, const char *whose, TableCount *count)
{
  g_autoptr (GString) made = g_string_new (NULL), missing = g_string_new (NULL);
  guint there = 0, walked = 0;
  gboolean entered = from == 0;

  for (guint other = 0; other <= half->last; other++) {
    entered = entered || half->made[other][from];
    if (half->made[from][other] && !half->may_move (from, other))
      g_error ("%s -> %s is not in the table, and was made", half->name (from), half->name (other));
    if (!half->may_move (from, other))
      continue;
    there++;
    walked += half->made[from][other];
    g_string_append_printf (half->made[from][other] ? made : missing, " %s", half->name (other));
  }
  g_test_message ("%s %-11s %s, %u of %u moves made:%s%s%s", whose, half->name (from),
                  entered ? "entered" : "never entered", walked, there, made->str, missing->len > 0 ? "; not:" : "",
                  missing->str);
  count->rows++;
  count->rows_walked += entered && (walked > 0 || there == 0);
  count->moves += there;
  count->moves_made += walked;
}

TableCount
world_tell_table (void)
{
  const Half order = {MC_ENROLLMENT_EXPIRED, order_may_move, order_name, world_moves};
  const Half address = {MC_ADDRESS_VALID, address_may_move, address_name, world_address_moves};
  TableCount count = {0};

  for (guint from = 0; from <= order.last; from++)
    count_row (&order, from, "order", &count);
  for (guint from = 0; from <= address.last; from++)
    count_row (&address, from, "address", &count);
  g_test_message ("table of moves: %u of %u rows walked, %u of %u moves made", count.rows_walked, count.rows,
                  count.moves_made, count.moves);
  return count;
}
