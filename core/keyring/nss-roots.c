/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "keyring/nss-roots.h"

#include <dlfcn.h>
#include <string.h>

/* As much of PKCS#11 2.40 as asking takes. The module is data with this interface: no other code of NSS is loaded. */

typedef gulong Word; /* CK_ULONG, CK_RV, handles */

typedef struct {
  Word type;
  void *value;
  Word length;
} Attribute;

typedef Word (*SlotsFunc) (guchar present, Word *slots, Word *count);
typedef Word (*OpenFunc) (Word slot, Word flags, void *application, void *notify, Word *session);
typedef Word (*SessionFunc) (Word session);
typedef Word (*GetFunc) (Word session, Word object, Attribute *attributes, Word count);
typedef Word (*FindInitFunc) (Word session, Attribute *attributes, Word count);
typedef Word (*FindFunc) (Word session, Word *objects, Word most, Word *count);
typedef Word (*PlainFunc) (void *arguments);

/* CK_FUNCTION_LIST: a version, then the functions in this order. */
enum {
  INITIALIZE = 0,
  FINALIZE = 1,
  GET_SLOT_LIST = 4,
  OPEN_SESSION = 12,
  CLOSE_SESSION = 13,
  GET_ATTRIBUTE_VALUE = 24,
  FIND_OBJECTS_INIT = 26,
  FIND_OBJECTS = 27,
  FIND_OBJECTS_FINAL = 28,
  FUNCTIONS = 29
};

typedef struct {
  guchar version[2];
  void (*functions[FUNCTIONS]) (void);
} FunctionList;

typedef Word (*ListFunc) (FunctionList **list);

#define ALREADY_INITIALIZED 0x191UL
#define SERIAL_SESSION 4UL
#define SLOTS_MAX 16
#define ATTRIBUTE_CLASS 0UL
#define ATTRIBUTE_VALUE 0x11UL
#define ATTRIBUTE_ISSUER 0x81UL
#define ATTRIBUTE_SERIAL 0x82UL
#define CLASS_CERTIFICATE 1UL
/* pkcs11n.h of NSS: vendor-defined, "NSCP" */
#define VENDOR 0xCE534350UL
#define CLASS_TRUST (VENDOR + 3)
#define ATTRIBUTE_TRUST_MAIL (VENDOR + 0x2000 + 11)
#define TRUSTED_DELEGATOR (VENDOR + 2)

#define CALL(list, kind, which) ((kind)(list)->functions[which])

/* The first object that has these, or 0. */
static Word
find (const FunctionList *list, Word session, Attribute *attributes, Word count)
{
  Word object = 0, found = 0;

  if (CALL (list, FindInitFunc, FIND_OBJECTS_INIT) (session, attributes, count) != 0)
    return 0;
  if (CALL (list, FindFunc, FIND_OBJECTS) (session, &object, 1, &found) != 0)
    found = 0;
  CALL (list, SessionFunc, FIND_OBJECTS_FINAL) (session);
  return found > 0 ? object : 0;
}

static McNssRoot
look_in_session (const FunctionList *list, Word session, GBytes *certificate, GBytes *issuer, GBytes *serial)
{
  Word class = CLASS_CERTIFICATE, trust = 0, object;
  gsize size;
  Attribute wanted[3] = {{ATTRIBUTE_CLASS, &class, sizeof class}};
  Attribute mail = {ATTRIBUTE_TRUST_MAIL, &trust, sizeof trust};

  wanted[1].type = ATTRIBUTE_VALUE; /* the very certificate, not one of its name */
  wanted[1].value = (void *)g_bytes_get_data (certificate, &size);
  wanted[1].length = size;
  if (find (list, session, wanted, 2) == 0)
    return MC_NSS_ROOT_ABSENT;
  class = CLASS_TRUST;
  wanted[1].type = ATTRIBUTE_ISSUER;
  wanted[1].value = (void *)g_bytes_get_data (issuer, &size);
  wanted[1].length = size;
  wanted[2].type = ATTRIBUTE_SERIAL;
  wanted[2].value = (void *)g_bytes_get_data (serial, &size);
  wanted[2].length = size;
  object = find (list, session, wanted, 3);
  if (object == 0 || CALL (list, GetFunc, GET_ATTRIBUTE_VALUE) (session, object, &mail, 1) != 0)
    return MC_NSS_ROOT_OTHER;
  return trust == TRUSTED_DELEGATOR ? MC_NSS_ROOT_MAIL : MC_NSS_ROOT_OTHER;
}

static McNssRoot
look_in_slots (const FunctionList *list, GBytes *certificate, GBytes *issuer, GBytes *serial)
{
  Word slots[SLOTS_MAX], count = SLOTS_MAX;
  McNssRoot best = MC_NSS_ROOT_NO_STORE;

  if (CALL (list, SlotsFunc, GET_SLOT_LIST) (1, slots, &count) != 0)
    return MC_NSS_ROOT_NO_STORE;
  for (Word i = 0; i < count; i++) {
    Word session;

    if (CALL (list, OpenFunc, OPEN_SESSION) (slots[i], SERIAL_SESSION, NULL, NULL, &session) != 0)
      continue;
    best = MAX (best, look_in_session (list, session, certificate, issuer, serial));
    CALL (list, SessionFunc, CLOSE_SESSION) (session);
  }
  return best;
}

static GBytes *
take_der (guchar *der, int length)
{
  GBytes *bytes = length > 0 ? g_bytes_new (der, (gsize)length) : NULL;

  OPENSSL_free (der);
  return bytes;
}

static McNssRoot
look (FunctionList *list, X509 *root)
{
  guchar *certificate_der = NULL, *issuer_der = NULL, *serial_der = NULL;
  const int certificate_length = i2d_X509 (root, &certificate_der);
  const int issuer_length = i2d_X509_NAME (X509_get_issuer_name (root), &issuer_der);
  const int serial_length = i2d_ASN1_INTEGER (X509_get0_serialNumber (root), &serial_der);
  g_autoptr (GBytes) certificate = take_der (certificate_der, certificate_length);
  g_autoptr (GBytes) issuer = take_der (issuer_der, issuer_length);
  g_autoptr (GBytes) serial = take_der (serial_der, serial_length);
  const Word begun = CALL (list, PlainFunc, INITIALIZE) (NULL);
  McNssRoot found = MC_NSS_ROOT_NO_STORE;

  if (certificate != NULL && issuer != NULL && serial != NULL && (begun == 0 || begun == ALREADY_INITIALIZED))
    found = look_in_slots (list, certificate, issuer, serial);
  if (begun == 0) /* where it was at work for others it stays so */
    CALL (list, PlainFunc, FINALIZE) (NULL);
  return found;
}

McNssRoot
mc_nss_root_look (const char *module, X509 *root)
{
  /* NSPR below it keeps what it allocated for the life of the process: unloaded, that would be lost each time. */
  void *library = dlopen (module, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  FunctionList *list = NULL;
  McNssRoot found = MC_NSS_ROOT_NO_STORE;
  ListFunc get_list = NULL;

  if (library == NULL)
    return MC_NSS_ROOT_NO_STORE;
  *(void **)&get_list = dlsym (library, "C_GetFunctionList");
  if (get_list != NULL && get_list (&list) == 0 && list != NULL)
    found = look (list, root);
  dlclose (library);
  return found;
}
