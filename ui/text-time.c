/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "text-parts.h"

/* Days between the local dates of two times. */
static int
days_between (GDateTime *from, GDateTime *to)
{
  GDate a, b;

  g_date_clear (&a, 1);
  g_date_clear (&b, 1);
  g_date_set_dmy (&a, (GDateDay)g_date_time_get_day_of_month (from), g_date_time_get_month (from),
                  (GDateYear)g_date_time_get_year (from));
  g_date_set_dmy (&b, (GDateDay)g_date_time_get_day_of_month (to), g_date_time_get_month (to),
                  (GDateYear)g_date_time_get_year (to));
  return g_date_days_between (&a, &b);
}

char *
mc_text_time (gint64 when, gint64 now)
{
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (when);
  g_autoptr (GDateTime) today = g_date_time_new_from_unix_local (now);
  const char *form;

  if (then == NULL || today == NULL)
    return g_strdup (_ ("an unknown time"));
  switch (days_between (today, then)) {
  case 0:
    /* Translators: a time of the present day, strftime format; it stands in sentences such as "Asked example today
     * 14:02." */
    form = _ ("today %H:%M");
    break;
  case 1:
    /* Translators: strftime format, as above. */
    form = _ ("tomorrow %H:%M");
    break;
  case -1:
    /* Translators: strftime format, as above. */
    form = _ ("yesterday %H:%M");
    break;
  default:
    if (g_date_time_get_year (then) == g_date_time_get_year (today))
      /* Translators: a time on another day of this year, strftime format: "Fri 27 Nov 14:02". */
      form = _ ("%a %-d %b %H:%M");
    else
      /* Translators: a time in another year, strftime format: "27 Nov 2027 14:02". */
      form = _ ("%-d %b %Y %H:%M");
  }
  return g_date_time_format (then, form);
}

char *
mc_text_day (gint64 when)
{
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (when);

  if (then == NULL)
    return g_strdup (_ ("an unknown time"));
  /* Translators: a day, strftime format: "27 Nov 2027". */
  return g_date_time_format (then, _ ("%-d %b %Y"));
}
