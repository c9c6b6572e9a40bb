/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/date.h"

#include "base/error.h"

#include <string.h>

#define DAY 86400
#define EPOCH 719163                          /* 1970-01-01 as a Julian day of GDate */
#define LAST G_GINT64_CONSTANT (253402300799) /* 9999-12-31 23:59:59 */

static const char days[] = "MonTueWedThuFriSatSun";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* 1 for the first of the three-letter NAMES, 0 for none of them. */
static guint
index_of (const char *names, const char *text)
{
  for (guint i = 0; names[3 * i] != '\0'; i++) {
    if (g_ascii_strncasecmp (names + 3 * i, text, 3) == 0)
      return i + 1;
  }
  return 0;
}

static void
skip_blanks (const char **cursor)
{
  while (**cursor == ' ' || **cursor == '\t')
    ++*cursor;
}

/* MIN to MAX digits. */
static gboolean
parse_number (const char **cursor, guint min, guint max, guint *out)
{
  guint n = 0;

  *out = 0;
  for (; n < max && g_ascii_isdigit (**cursor); n++)
    *out = *out * 10 + (guint)g_ascii_digit_value (*(*cursor)++);
  return n >= min && !g_ascii_isdigit (**cursor);
}

/* hh ":" mm [":" ss], in seconds; a leap second counts as the one before it. */
static gboolean
parse_time (const char **cursor, gint64 *out)
{
  guint hour;
  guint minute;
  guint second = 0;

  if (!parse_number (cursor, 2, 2, &hour) || *(*cursor)++ != ':' || !parse_number (cursor, 2, 2, &minute))
    return FALSE;
  if (**cursor == ':') {
    ++*cursor;
    if (!parse_number (cursor, 2, 2, &second))
      return FALSE;
  }
  *out = hour * 3600 + minute * 60 + MIN (second, 59);
  return hour < 24 && minute < 60 && second <= 60;
}

/* In seconds east of Greenwich. */
static gboolean
parse_zone (const char **cursor, gint64 *out)
{
  static const char *const names[] = {"GMT", "UTC", "UT", "Z"};
  char sign = **cursor;
  guint hhmm;

  *out = 0;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    gsize n = strlen (names[i]);

    if (g_ascii_strncasecmp (*cursor, names[i], n) == 0 && !g_ascii_isalpha ((*cursor)[n])) {
      *cursor += n;
      return TRUE;
    }
  }
  if (sign != '+' && sign != '-')
    return FALSE;
  ++*cursor;
  if (!parse_number (cursor, 4, 4, &hhmm) || hhmm % 100 > 59)
    return FALSE;
  *out = (gint64)(hhmm / 100) * 3600 + (gint64)(hhmm % 100) * 60;
  *out *= sign == '-' ? -1 : 1;
  return TRUE;
}

/* Comments may stand anywhere; real ones name the zone at the end. */
static gboolean
parse (const char *p, gint64 *out)
{
  guint day;
  guint month;
  guint year;
  gint64 time;
  gint64 zone;
  GDate date;

  skip_blanks (&p);
  if (index_of (days, p) != 0 && p[3] == ',') {
    p += 4;
    skip_blanks (&p);
  }
  if (!parse_number (&p, 1, 2, &day))
    return FALSE;
  skip_blanks (&p);
  month = index_of (months, p);
  if (month == 0)
    return FALSE;
  p += 3;
  skip_blanks (&p);
  if (!parse_number (&p, 4, 4, &year) || !g_date_valid_dmy ((GDateDay)day, (GDateMonth)month, (GDateYear)year))
    return FALSE;
  skip_blanks (&p);
  if (!parse_time (&p, &time))
    return FALSE;
  skip_blanks (&p);
  if (!parse_zone (&p, &zone))
    return FALSE;
  skip_blanks (&p);
  if (*p != '\0' && (*p != '(' || p[strlen (p) - 1] != ')'))
    return FALSE;
  g_date_clear (&date, 1);
  g_date_set_dmy (&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
  *out = ((gint64)g_date_get_julian (&date) - EPOCH) * DAY + time - zone;
  return TRUE;
}

gboolean
mc_date_parse (const char *text, gint64 *out, GError **error)
{
  gint64 value;

  if (!parse (text, &value)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "not a date of RFC 5322");
    return FALSE;
  }
  *out = value;
  return TRUE;
}

char *
mc_date_compose (gint64 unix_time)
{
  GDate date;
  gint64 seconds = unix_time % DAY;
  guint month;

  if (unix_time < 0 || unix_time > LAST)
    return NULL;
  g_date_clear (&date, 1);
  g_date_set_julian (&date, (guint32)(unix_time / DAY + EPOCH));
  month = (guint)g_date_get_month (&date);
  return g_strdup_printf ("%.3s, %02u %.3s %04u %02d:%02d:%02d +0000",
                          days + 3 * ((guint)g_date_get_weekday (&date) - 1), (guint)g_date_get_day (&date),
                          months + 3 * (month - 1), (guint)g_date_get_year (&date), (int)(seconds / 3600),
                          (int)(seconds / 60 % 60), (int)(seconds % 60));
}
