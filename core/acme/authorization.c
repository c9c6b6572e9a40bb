/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/object.h"
#include "acme/order.h"
#include "base/error.h"
#include "base/secret.h"
#include "pki/mail-name.h"

#include <string.h>

#define MAX_TOKEN_BYTES 512 /* token-part2 of known CAs: 22 to 43 */

static const char *const authorization_names[] = {"pending", "valid", "invalid", "deactivated", "expired", "revoked"};
static const char *const challenge_names[] = {"pending", "processing", "valid", "invalid"};

void
mc_challenge_object_free (McChallengeObject *challenge)
{
  if (challenge == NULL)
    return;
  g_free (challenge->url);
  mc_secret_string_free (challenge->token);
  g_free (challenge->from);
  mc_problem_free (challenge->problem);
  g_free (challenge);
}

void
mc_authorization_free (McAuthorization *authorization)
{
  if (authorization == NULL)
    return;
  g_free (authorization->address);
  mc_challenge_object_free (authorization->challenge);
  g_free (authorization);
}

/* base64url, at most with padding at its end: kept as received, it is opaque (T-03). */
static gboolean
is_token (const char *text)
{
  gsize length = strlen (text), used = 0;

  while (g_ascii_isalnum (text[used]) || text[used] == '-' || text[used] == '_')
    used++;
  return used > 0 && length <= MAX_TOKEN_BYTES && strspn (text + used, "=") == length - used && length - used <= 2;
}

/* Token and sender can only be missing once they are of no use any more. */
static gboolean
secrets_parse (McChallengeObject *challenge, const McJson *object, gboolean required, GError **error)
{
  const char *token = NULL, *from = NULL;

  if ((required || mc_json_has (object, "token")) && !mc_json_string (object, "token", &token, error))
    return FALSE;
  if ((required || mc_json_has (object, "from")) && !mc_json_string (object, "from", &from, error))
    return FALSE;
  if (token != NULL && !is_token (token)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "\"token\" is not base64url");
    return FALSE;
  }
  if (from != NULL && !mc_mail_name_check (from, NULL)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "\"from\" is not a mail address");
    return FALSE;
  }
  challenge->token = g_strdup (token);
  challenge->from = g_strdup (from);
  return TRUE;
}

/* CAN_ANSWER: the object is the one that our answer will be made of. */
static McChallengeObject *
challenge_from_json (const McJson *object, gboolean can_answer, GError **error)
{
  g_autoptr (McChallengeObject) challenge = g_new0 (McChallengeObject, 1);
  guint status;

  if (!mc_acme_status_parse (object, challenge_names, G_N_ELEMENTS (challenge_names), &status, error))
    return NULL;
  challenge->status = (McChallengeStatus)status;
  if (!mc_acme_url_parse (object, "url", &challenge->url, error))
    return NULL;
  challenge->problem = mc_acme_error_parse (object);
  if (!secrets_parse (challenge, object, can_answer && challenge->status <= MC_CHALLENGE_PROCESSING, error))
    return NULL;
  return g_steal_pointer (&challenge);
}

static gboolean
is_email_reply (const McJson *object)
{
  return g_strcmp0 (mc_json_string_or (object, "type", NULL), "email-reply-00") == 0;
}

static gboolean
challenges_parse (McAuthorization *authorization, const McJson *object, GError **error)
{
  gboolean can_answer = authorization->status == MC_AUTHORIZATION_PENDING;
  g_autoptr (McJson) list = NULL;
  g_autoptr (GError) odd = NULL;

  if (!can_answer && !mc_json_has (object, "challenges"))
    return TRUE;
  if (!mc_json_array (object, "challenges", &list, error))
    return FALSE;
  for (gsize i = 0; i < mc_json_length (list); i++) {
    g_autoptr (McJson) element = mc_json_element (list, i);
    const char *type;

    if (odd == NULL)
      mc_json_string (element, "type", &type, &odd);
    if (!is_email_reply (element))
      continue;
    authorization->challenge = challenge_from_json (element, can_answer, error);
    g_prefix_error (error, "email-reply-00 challenge: ");
    return authorization->challenge != NULL;
  }
  /* What stands beside it does not matter; but that this CA checks in other ways alone would end the request, and
   * nobody can say that of elements without a type. */
  if (!can_answer || odd == NULL)
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&odd), "challenges: ");
  return FALSE;
}

static gboolean
identifier_parse (McAuthorization *authorization, const McJson *object, GError **error)
{
  g_autoptr (McJson) identifier = NULL;

  return mc_json_object (object, "identifier", &identifier, error) &&
         mc_acme_identifier_parse (identifier, &authorization->address, error);
}

McAuthorization *
mc_authorization_parse (GBytes *body, GError **error)
{
  g_autoptr (McJson) object = mc_acme_object_parse (body, error);
  g_autoptr (McAuthorization) authorization = g_new0 (McAuthorization, 1);
  guint status;

  if (object == NULL ||
      !mc_acme_status_parse (object, authorization_names, G_N_ELEMENTS (authorization_names), &status, error)) {
    g_prefix_error (error, "no ACME authorization: ");
    return NULL;
  }
  authorization->status = (McAuthorizationStatus)status;
  authorization->expires = mc_acme_expires (object);
  if (!identifier_parse (authorization, object, error) || !challenges_parse (authorization, object, error)) {
    g_prefix_error (error, "no ACME authorization: ");
    return NULL;
  }
  return g_steal_pointer (&authorization);
}

McChallengeObject *
mc_challenge_object_parse (GBytes *body, GError **error)
{
  g_autoptr (McJson) object = mc_acme_object_parse (body, error);
  McChallengeObject *challenge = object != NULL ? challenge_from_json (object, FALSE, error) : NULL;

  if (challenge == NULL)
    g_prefix_error (error, "no ACME challenge: ");
  return challenge;
}
