/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

/* Every way in which one call of a port can fail. */
static const PortFailure failures[] = {
    {"another process wrote first", MC_ACTION_NONE, {0}, 0},
    {"lost on its way", MC_ACTION_HTTP, {.kind = FAULT_LOST_REQUEST}, 0},
    {"answer lost", MC_ACTION_HTTP, {.kind = FAULT_LOST_ANSWER}, 0},
    {"500", MC_ACTION_HTTP, {.kind = FAULT_PROBLEM, .status = 500, .text = "serverInternal"}, 0},
    {"500 after all was done",
     MC_ACTION_HTTP,
     {.kind = FAULT_LATE_PROBLEM, .status = 500, .text = "serverInternal"},
     0},
    {"503, Retry-After",
     MC_ACTION_HTTP,
     {.kind = FAULT_PROBLEM, .status = 503, .text = "http", .retry_after = "90"},
     0},
    {"429, no nonce",
     MC_ACTION_HTTP,
     {.kind = FAULT_PROBLEM, .status = 429, .text = "rateLimited", .without_nonce = TRUE},
     0},
    {"429, Retry-After a year",
     MC_ACTION_HTTP,
     {.kind = FAULT_PROBLEM, .status = 429, .text = "rateLimited", .retry_after = "31536000"},
     0},
    {"badNonce", MC_ACTION_HTTP, {.kind = FAULT_PROBLEM, .status = 400, .text = "badNonce"}, 0},
    {"redirect", MC_ACTION_HTTP, {.kind = FAULT_PROBLEM, .status = 302, .text = "http"}, 0},
    {"a page", MC_ACTION_HTTP, {.kind = FAULT_BODY, .text = "<html>login</html>"}, 0},
    {"nothing", MC_ACTION_HTTP, {.kind = FAULT_BODY, .text = ""}, 0},
    {"an empty object", MC_ACTION_HTTP, {.kind = FAULT_BODY, .text = "{}"}, 0},
    {"wrong types",
     MC_ACTION_HTTP,
     {.kind = FAULT_BODY, .text = "{\"status\":{},\"challenges\":7,\"identifiers\":\"\"}"},
     0},
    {"no key", MC_ACTION_MAKE_KEY, {0}, 0},
    {"mailbox away", MC_ACTION_AWAIT_MAIL, {0}, 0},
    {"not sent", MC_ACTION_SEND, {0}, FATE_NOT_SENT},
    {"refused", MC_ACTION_SEND, {0}, FATE_REFUSED},
    {"cut, but it left", MC_ACTION_SEND, {0}, FATE_UNKNOWN_LEFT},
    {"cut, and it did not leave", MC_ACTION_SEND, {0}, FATE_UNKNOWN_LOST},
    {"carrier cannot tell", MC_ACTION_WAS_SENT, {0}, FATE_UNKNOWN_LEFT},
    {"keyring fails", MC_ACTION_INSTALL, {0}, 0},
    {"nobody there", MC_ACTION_ASK, {0}, 0},
};

gboolean
ports_fail (World *w, McActionKind action)
{
  g_array_append_val (w->calls, action);
  return w->failure != NULL && w->calls->len - 1 == w->fail_at;
}

const PortFailure *
ports_failure (guint index)
{
  return index < G_N_ELEMENTS (failures) ? &failures[index] : NULL;
}
