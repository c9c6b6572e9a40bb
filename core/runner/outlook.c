/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner-private.h"

#define LOOK_SECONDS 1   /* how often the store is asked whether another process wrote: a cheap pragma */
#define HOLD_SECONDS 600 /* with nobody waiting: a wake that near is waited for once the reply has left (DESIGN 2) */
#define TROUBLE_HOLD_SECONDS 30 /* and this near for a passing failure before */

/* Some address has answered its challenge, or all is over but finalize: the end is near enough to wait for it. */
static gboolean
reply_has_left (const McEnrollment *e)
{
  if (e->state == MC_ENROLLMENT_READY || e->state == MC_ENROLLMENT_FINALIZING)
    return TRUE;
  for (guint i = 0; e->state == MC_ENROLLMENT_ORDERED && i < e->addresses->len; i++) {
    const McEnrollmentAddress *address = mc_enrollment_address (e, i);

    /* A reply that was only printed leaves when its person sends it: nobody waits for that. */
    if (address->state > MC_ADDRESS_AWAIT_MAIL && address->state < MC_ADDRESS_VALID &&
        g_strcmp0 (address->transport, "stdout") != 0)
      return TRUE;
  }
  return FALSE;
}

/* Nothing of it is due before UNTIL, and no mail can move it: there is no use in waiting. */
static gboolean
sleeps_beyond (const McDrive *drive, gint64 until)
{
  return until > 0 && drive->busy == 0 && drive->checks == 0 && drive->lease != NULL &&
         !mc_enrollment_awaits_mail (drive->enrollment) && (drive->wake == 0 || drive->wake >= until);
}

/* Ended just then, nobody would know whether the CA took it, and that costs the order. The answer takes no longer than
 * net/http lets it. */
static gboolean
is_posting (const McRunner *runner)
{
  for (guint i = 0; i < runner->drives->len; i++) {
    const McDrive *drive = g_ptr_array_index (runner->drives, i);

    if (drive->flow != NULL && mc_flow_is_posting (drive->flow))
      return TRUE;
  }
  return FALSE;
}

McOutlook
mc_outlook (const McRunner *runner, gint64 now, gint64 until)
{
  const gboolean busy = runner->jobs > 0 || runner->questions > 0;
  McOutlook look = {.all_over = !busy, .hold = busy, .wake = runner->spool_at, .posting = is_posting (runner)};

  for (guint i = 0; i < runner->drives->len; i++) {
    const McDrive *drive = g_ptr_array_index (runner->drives, i);
    const gint64 hold = reply_has_left (drive->enrollment) ? HOLD_SECONDS : TROUBLE_HOLD_SECONDS;
    const gboolean waits_for_mail = mc_enrollment_awaits_mail (drive->enrollment) && drive->enrollment->failures == 0;

    if (drive->busy > 0)
      look.hold = TRUE;
    else if (mc_drive_is_blocked (drive))
      continue;
    if (!sleeps_beyond (drive, until))
      look.all_over = FALSE;
    if (drive->wake == 0)
      continue;
    if (look.wake == 0 || drive->wake < look.wake)
      look.wake = drive->wake;
    if (drive->wake <= now + hold && !(waits_for_mail && !reply_has_left (drive->enrollment)) && drive->lease != NULL)
      look.hold = TRUE;
  }
  return look;
}

gint
mc_outlook_sleep_ms (const McOutlook *look, gint64 now, gint64 until)
{
  gint64 seconds = LOOK_SECONDS;

  if (look->wake > 0)
    seconds = MIN (seconds, look->wake - now);
  if (until > now)
    seconds = MIN (seconds, until - now);
  return (gint)MAX (seconds, 0) * 1000;
}
