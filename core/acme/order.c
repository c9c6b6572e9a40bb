/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme/order.h"

#include "acme/object.h"
#include "base/base64url.h"
#include "base/error.h"

#define MAX_ELEMENTS 100 /* identifiers or authorizations of one order */

static const char *const status_names[] = {"pending", "ready", "processing", "valid", "invalid"};

void
mc_order_free (McOrder *order)
{
  if (order == NULL)
    return;
  g_strfreev (order->addresses);
  g_strfreev (order->authorizations);
  g_free (order->finalize);
  g_free (order->certificate);
  mc_problem_free (order->problem);
  g_free (order);
}

/* One element of an array to a string (or NULL to pass it over). */
typedef gboolean (*ElementFunc) (const McJson *element, char **out, GError **error);

static gboolean
authorization_url_parse (const McJson *element, char **out, GError **error)
{
  const char *url = mc_json_text (element);

  if (!mc_url_is_acceptable (url)) {
    g_set_error_literal (error, MC_ERROR, MC_ERROR_MALFORMED, "one of them is not an https URL");
    return FALSE;
  }
  *out = g_strdup (url);
  return TRUE;
}

static gboolean
strings_parse (const McJson *object, const char *name, ElementFunc parse, char ***out, GError **error)
{
  g_autoptr (McJson) list = NULL;
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);

  if (!mc_json_array (object, name, &list, error))
    return FALSE;
  if (mc_json_length (list) > MAX_ELEMENTS) {
    g_set_error (error, MC_ERROR, MC_ERROR_MALFORMED, "more than %d elements in \"%s\"", MAX_ELEMENTS, name);
    return FALSE;
  }
  for (gsize i = 0; i < mc_json_length (list); i++) {
    g_autoptr (McJson) element = mc_json_element (list, i);
    char *text = NULL;

    if (!parse (element, &text, error)) {
      g_prefix_error (error, "%s: ", name);
      return FALSE;
    }
    if (text != NULL)
      g_ptr_array_add (strings, text);
  }
  g_ptr_array_add (strings, NULL);
  *out = (char **)g_ptr_array_steal (strings, NULL);
  return TRUE;
}

/* An invalid order is read for its error alone: what it lacks otherwise no longer matters. */
static gboolean
members_parse (McOrder *order, const McJson *object, GError **error)
{
  GError **strict = order->status == MC_ORDER_INVALID ? NULL : error;
  gboolean ok = strings_parse (object, "identifiers", mc_acme_identifier_parse, &order->addresses, strict) &&
                strings_parse (object, "authorizations", authorization_url_parse, &order->authorizations, strict) &&
                mc_acme_url_parse (object, "finalize", &order->finalize, strict);

  if (ok && (order->status == MC_ORDER_VALID || mc_json_has (object, "certificate")))
    ok = mc_acme_url_parse (object, "certificate", &order->certificate, strict);
  if (!ok && order->status != MC_ORDER_INVALID)
    return FALSE;
  if (order->addresses == NULL)
    order->addresses = g_new0 (char *, 1);
  if (order->authorizations == NULL)
    order->authorizations = g_new0 (char *, 1);
  return TRUE;
}

McOrder *
mc_order_parse (GBytes *body, GError **error)
{
  g_autoptr (McJson) object = mc_acme_object_parse (body, error);
  g_autoptr (McOrder) order = g_new0 (McOrder, 1);
  guint status;

  if (object == NULL || !mc_acme_status_parse (object, status_names, G_N_ELEMENTS (status_names), &status, error)) {
    g_prefix_error (error, "no ACME order: ");
    return NULL;
  }
  order->status = (McOrderStatus)status;
  order->expires = mc_acme_expires (object);
  order->problem = mc_acme_error_parse (object);
  if (!members_parse (order, object, error)) {
    g_prefix_error (error, "no ACME order: ");
    return NULL;
  }
  return g_steal_pointer (&order);
}

char *
mc_order_request_compose (const char *const *addresses, const char *profile, const char *replaces)
{
  g_autoptr (McJson) request = mc_json_object_new ();
  g_autoptr (McJson) identifiers = mc_json_array_new ();

  for (guint i = 0; addresses[i] != NULL; i++) {
    g_autoptr (McJson) identifier = mc_json_object_new ();

    mc_json_set_string (identifier, "type", "email");
    mc_json_set_string (identifier, "value", addresses[i]);
    mc_json_append (identifiers, identifier);
  }
  mc_json_set (request, "identifiers", identifiers);
  mc_json_set_string (request, "profile", profile);
  mc_json_set_string (request, "replaces", replaces);
  return mc_json_compose (request);
}

char *
mc_order_finalize_compose (GBytes *csr_der)
{
  g_autoptr (McJson) request = mc_json_object_new ();
  gsize length;
  const void *der = g_bytes_get_data (csr_der, &length);
  g_autofree char *text = mc_base64url_compose (der, length);

  mc_json_set_string (request, "csr", text);
  return mc_json_compose (request);
}
