/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/directory.h"

#include "acme/object.h"
#include "base/error.h"

#include <string.h>

#define MAX_PROFILES 64
#define MAX_NAME_BYTES 200
#define MAX_DESCRIPTION_BYTES 1000

static void
profile_free (gpointer p)
{
  McProfile *profile = p;

  g_free (profile->name);
  g_free (profile->description);
  g_free (profile);
}

void
mc_directory_free (McDirectory *directory)
{
  if (directory == NULL)
    return;
  g_free (directory->new_nonce);
  g_free (directory->new_account);
  g_free (directory->new_order);
  g_free (directory->revoke_cert);
  g_free (directory->key_change);
  g_free (directory->renewal_info);
  g_free (directory->terms);
  g_free (directory->website);
  g_strfreev (directory->caa_identities);
  g_ptr_array_unref (directory->profiles);
  g_free (directory);
}

/* A resource that a CA need not have: NULL stays in *OUT then. */
static gboolean
optional_url_parse (const McJson *object, const char *name, char **out, GError **error)
{
  return !mc_json_has (object, name) || mc_acme_url_parse (object, name, out, error);
}

/* Names that go back to the CA or to DNS as they are: one that sanitizing would change is passed over. */
static gboolean
is_plain_name (const char *name)
{
  g_autofree char *same = mc_text_sanitize (name, MAX_NAME_BYTES);

  return name != NULL && *name != '\0' && strcmp (same, name) == 0;
}

static void
profiles_parse (McDirectory *directory, const McJson *meta)
{
  g_autoptr (McJson) profiles = mc_json_member (meta, "profiles");
  g_auto (GStrv) names = mc_json_is_object (profiles) ? mc_json_names (profiles) : NULL;

  for (guint i = 0; names != NULL && names[i] != NULL && directory->profiles->len < MAX_PROFILES; i++) {
    McProfile *profile;

    if (!is_plain_name (names[i]))
      continue;
    profile = g_new0 (McProfile, 1);
    profile->name = g_strdup (names[i]);
    profile->description = mc_text_sanitize (mc_json_string_or (profiles, names[i], ""), MAX_DESCRIPTION_BYTES);
    g_ptr_array_add (directory->profiles, profile);
  }
}

static char **
caa_identities_parse (const McJson *meta)
{
  g_autoptr (McJson) list = mc_json_member (meta, "caaIdentities");
  GPtrArray *names = g_ptr_array_new ();

  for (gsize i = 0; i < MIN (mc_json_length (list), MAX_PROFILES); i++) {
    g_autoptr (McJson) element = mc_json_element (list, i);
    const char *name = mc_json_text (element);

    if (is_plain_name (name))
      g_ptr_array_add (names, g_strdup (name));
  }
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

/* "meta" is optional and so is all that is in it (B20). Terms are not dropped in silence: a person must agree to them
 * (B21). */
static gboolean
meta_parse (McDirectory *directory, const McJson *object, GError **error)
{
  g_autoptr (McJson) meta = mc_json_member (object, "meta");
  const char *website = mc_json_string_or (meta, "website", NULL);

  directory->caa_identities = caa_identities_parse (meta);
  if (mc_json_has (meta, "termsOfService")) {
    const char *terms;

    if (!mc_json_string (meta, "termsOfService", &terms, error))
      return FALSE;
    if (!mc_url_is_for_people (terms)) {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "\"termsOfService\" is not a web address");
      return FALSE;
    }
    directory->terms = g_strdup (terms);
  }
  directory->website = mc_url_is_for_people (website) ? g_strdup (website) : NULL;
  directory->binding_required = mc_json_boolean_or (meta, "externalAccountRequired", FALSE);
  profiles_parse (directory, meta);
  return TRUE;
}

static gboolean
resources_parse (McDirectory *directory, const McJson *object, GError **error)
{
  return mc_acme_url_parse (object, "newNonce", &directory->new_nonce, error) &&
         mc_acme_url_parse (object, "newAccount", &directory->new_account, error) &&
         mc_acme_url_parse (object, "newOrder", &directory->new_order, error) &&
         optional_url_parse (object, "revokeCert", &directory->revoke_cert, error) &&
         optional_url_parse (object, "keyChange", &directory->key_change, error) &&
         optional_url_parse (object, "renewalInfo", &directory->renewal_info, error);
}

McDirectory *
mc_directory_parse (GBytes *body, GError **error)
{
  g_autoptr (McJson) object = mc_acme_object_parse (body, error);
  g_autoptr (McDirectory) directory = g_new0 (McDirectory, 1);

  directory->profiles = g_ptr_array_new_with_free_func (profile_free);
  if (object == NULL || !resources_parse (directory, object, error) || !meta_parse (directory, object, error)) {
    g_prefix_error (error, "no ACME directory: ");
    return NULL;
  }
  return g_steal_pointer (&directory);
}
