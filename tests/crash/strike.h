/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

/* The page that a test shares with the program it strikes (tests/crash/light.py packs it). COUNT goes on through
 * forks; the call number AT, from 1, of those in KINDS is struck. */

enum { STRIKE_STATE = 1, STRIKE_NETWORK = 2, STRIKE_MAIL = 4 };

/* HOW above 0 is an errno that the call fails with instead; of a write or send in halves the first half is done. */
enum { STRIKE_KILL = -1, STRIKE_KILL_HALF = -2, STRIKE_NOTHING = 0 };

#define STRIKE_TRACE 4096

typedef struct {
  int64_t kinds;
  int64_t at; /* 0 = never */
  int64_t how;
  int64_t lasting; /* with an errno: so does every call after it */
  int64_t clock;   /* seconds that the program's clock is ahead */
  int64_t steady;  /* and its monotonic one */
  int64_t hurry;   /* 1 = where it would only wait for an hour to come, both clocks move on instead */
  int64_t magic;   /* statfs says this kind of file system, 0 = the truth */
  int64_t count;
  int64_t struck;           /* calls that were struck */
  int64_t looks;            /* at the clock */
  char name[32];            /* the first of them */
  char trace[STRIKE_TRACE]; /* of each call counted: s, n, m by its kind; capital where it can be done by half */
} StrikePage;

extern StrikePage *strike_page;  /* NULL = there is none */
extern _Atomic int strike_waits; /* one after the other, with nothing said to the network between them */

/* The function of that name that the program would have had without us. */
void *strike_next (const char *name);
#define NEXT(function) ((__typeof__ (function) *)strike_next (#function))
