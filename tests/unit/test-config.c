/* SPDX-FileCopyrightText: 2026 The mailcert authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "pki/key.h"
#include "runner/config-private.h"

#include <string.h>

static McConfig *
parse (const char *text, gsize length, GError **error)
{
  g_autoptr (McConfig) config = mc_config_empty ();

  config->path = g_strdup ("/etc/x/mailcert.conf");
  if (!mc_config_parse (config, text, length, config->path, MC_CONFIG_PERSON, error))
    return NULL;
  return g_steal_pointer (&config);
}

static McConfig *
must_parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  McConfig *config = parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return config;
}

static void
test_empty (void)
{
  g_autoptr (McConfig) config = must_parse ("");
  g_autoptr (GError) error = NULL;

  g_assert_true (config->auto_answer);
  g_assert_true (config->notify);
  g_assert_false (config->reuse_key);
  g_assert_false (config->passphrase);
  g_assert_null (config->keyrings);
  g_assert_null (mc_config_account (config, "ana@example.org"));
  g_assert_null (mc_config_ca (config, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, "/etc/x/mailcert.conf"));
}

/* Every key once, none with its default. */
static char *
everything (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("MC_TEST_DATA"), "config", "everything.conf", NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
test_everything (void)
{
  g_autofree char *text = everything ();
  g_autoptr (McConfig) config = must_parse (text);
  const McCaProfile *ca = g_hash_table_lookup (config->cas, "work");
  const McMailAccount *account = mc_config_account (config, "ana@EXAMPLE.ORG");
  g_autofree char *home_keys = g_strdup_printf ("files:%s/keys", g_get_home_dir ());
  g_autofree char *home_roots = g_build_filename (g_get_home_dir (), "roots.pem", NULL);
  g_autofree char *home_act = g_build_filename (g_get_home_dir (), "bin/act", NULL);

  g_assert_cmpstr (config->default_ca, ==, "work");
  g_assert_cmpstr (config->keyrings[0], ==, "gpgsm");
  g_assert_cmpstr (config->keyrings[1], ==, "files:/srv/my keys");
  g_assert_cmpstr (config->keyrings[2], ==, home_keys);
  g_assert_null (config->keyrings[3]);
  g_assert_cmpstr (config->resolver, ==, "127.0.0.1@5353");
  g_assert_cmpstr (config->dnssec_anchor, ==, "/etc/x/anchor.key");
  g_assert_false (config->auto_answer);
  g_assert_false (config->notify);
  g_assert_true (config->reuse_key);
  g_assert_true (config->passphrase);
  g_assert_cmpstr (((char **)g_ptr_array_index (config->on_installed, 0))[1], ==, "a  b");
  g_assert_cmpstr (((char **)g_ptr_array_index (config->on_installed, 0))[2], ==, "c\"d");
  g_assert_cmpstr (((char **)g_ptr_array_index (config->on_action_needed, 0))[0], ==, home_act);
  g_assert_cmpstr (((char **)g_ptr_array_index (config->on_failed, 0))[0], ==, "/bin/true");
  g_assert_cmpstr (ca->name, ==, "work");
  g_assert_cmpstr (ca->directory, ==, "https://ca.example/dir");
  g_assert_cmpstr (ca->ca_file, ==, "/etc/roots.pem");
  g_assert_cmpstr (ca->mail_roots, ==, home_roots);
  g_assert_cmpint (ca->token_join, ==, MC_TOKEN_JOIN_BYTES);
  g_assert_cmpint (ca->trigger, ==, MC_TRIGGER_AUTO);
  g_assert_cmpint (ca->trigger_wait, ==, 86400);
  g_assert_cmpint (ca->dkim_headers, ==, MC_DKIM_HEADERS_STRICT);
  g_assert_cmpuint (ca->identifiers, ==, 5);
  g_assert_cmpstr (ca->key, ==, "p384");
  g_assert_cmpstr (ca->profile, ==, "smime");
  g_assert_cmpstr (ca->eab_file, ==, "/eab");
  g_assert_cmpint (ca->renew, ==, MC_RENEW_REVOKE_FIRST);
  g_assert_cmpstr (account->address, ==, "ana@example.org");
  g_assert_cmpstr (account->imap, ==, "imaps://mail.example.org");
  g_assert_cmpstr (account->smtp, ==, "smtp://mail.example.org:2587");
  g_assert_cmpstr (account->password_command, ==, "printf '%s\\n' x | sed 's/\\./;/'");
  g_assert_cmpstr (account->folders[1], ==, "Junk Mail");
  g_assert_null (account->folders[2]);
  g_assert_cmpstr (account->sendmail, ==, "msmtp -a 'my account'");
  g_assert_cmpstr (g_hash_table_lookup (config->account_keyrings, "ana@Example.org"), ==, "files:/k");
  g_assert_cmpstr (g_hash_table_lookup (config->account_cas, "ana@example.org"), ==, "https://other.example/dir");
}

/* Every word of every choice is taken and means what its place says. */
static void
test_words (void)
{
  gsize count;
  const McConfigKey *keys = mc_config_keys (&count);
  guint words = 0;

  for (gsize i = 0; i < count; i++) {
    const McConfigEntry *entry = mc_config_entry (keys[i].group, keys[i].name);
    g_auto (GStrv) parts = g_strsplit (keys[i].value, "|", -1);

    g_assert_nonnull (entry);
    g_assert_cmpuint (strlen (keys[i].help), >, 5);
    if (entry->kind != MC_CONFIG_WORD && entry->kind != MC_CONFIG_CHOICE)
      continue;
    for (gsize j = 0; parts[j] != NULL; j++) {
      gboolean is_ca = strcmp (keys[i].group, "ca") == 0;
      g_autofree char *text = g_strdup_printf ("[%s]\n%s%s = %s\n", is_ca ? "ca x" : "mailcert",
                                               is_ca ? "directory=https://x.example\n" : "", keys[i].name, parts[j]);
      g_autoptr (McConfig) config = must_parse (text);
      gconstpointer record = is_ca ? g_hash_table_lookup (config->cas, "x") : config;

      if (entry->kind == MC_CONFIG_WORD)
        g_assert_cmpint (G_STRUCT_MEMBER (int, record, entry->offset), ==, (int)j);
      else {
        McKeyKind kind;
        const char *value = G_STRUCT_MEMBER (char *, record, entry->offset);

        g_assert_cmpstr (value, ==, parts[j]);
        g_assert_true (strcmp (keys[i].name, "key") != 0 || mc_key_kind_parse (value, &kind, NULL));
      }
      words++;
    }
  }
  g_assert_cmpuint (words, ==, 4 + 2 + 3 + 2 + 2 + 4 + 2);
}

typedef struct {
  const char *text;
  const char *message; /* whole, or its beginning where it ends in "..." */
} Mistake;

#define F "/etc/x/mailcert.conf:"

static const Mistake mistakes[] = {
    {"[mailcert]\n\n# x\ndefualt-ca = x\n", F "4: [mailcert] defualt-ca: is not known; did you mean \"default-ca\"?"},
    {"[mailcert]\nimap = imaps://x\n", F "2: [mailcert] imap: belongs in [account ADDRESS]"},
    {"[account a@b.example]\ntrigger = rfc\n", F "2: [account a@b.example] trigger: belongs in [ca NAME]"},
    {"[mailcrt]\n", F "1: [mailcrt] is not known; did you mean [mailcert]?"},
    {"\n[acount a@b.example]\n", F "2: [acount a@b.example] is not known; did you mean [account ADDRESS]?"},
    {"[mailcert x]\n", F "1: [mailcert x] is not known; ..."},
    {"[ca]\n", F "1: [ca] needs a name ..."},
    {"[ca a/b]\n", F "1: [ca a/b] needs a name ..."},
    {"[account me]\n", F "1: [account me] needs a mail address: [account ADDRESS]"},
    {"x = y\n", F "1: a [group] must come first"},
    {"[mailcert]\nnonsense\n", F "2: this is neither ..."},
    {"[mailcert]\n = x\n", F "2: this is neither ..."},
    {"[mailcert\n", F "1: a group is written [name]"},
    {"[mailcert]]\n", F "1: a group is written [name]"},
    {"[]\n", F "1: a group is written [name]"},
    {"[mailcert]\nnotify=\xff\n", F "2: this line is not UTF-8"},
    {"[mailcert]\nnotify=true\nnotify = false\n", F "3: [mailcert] notify: stands here for the second time"},
    {"[mailcert]\nnotify=maybe\n", F "2: [mailcert] notify: must be true or false"},
    {"[mailcert]\nnotify=\n", F "2: [mailcert] notify: has no value"},
    {"[mailcert]\nkey-policy=rotat\n",
     F "2: [mailcert] key-policy: must be one of rotate|reuse; did you mean \"rotate\"?"},
    {"[mailcert]\nkeyring=gpg\n", F "2: [mailcert] keyring: keyring \"gpg\" is not known..."},
    {"[mailcert]\nkeyring=files:x\n", F "2: [mailcert] keyring: ..."},
    {"[mailcert]\nkeyring=;\n", F "2: [mailcert] keyring: names nothing"},
    {"[mailcert]\nresolver=localhost\n", F "2: [mailcert] resolver: must be an IP address, with @PORT if it is not 53"},
    {"[mailcert]\nresolver=::1@0\n", F "2: [mailcert] resolver: must be ..."},
    {"[mailcert]\nresolver=::1@65536\n", F "2: [mailcert] resolver: must be ..."},
    {"[mailcert]\non-failed='x\n", F "2: [mailcert] on-failed: cannot be split into words: look at its quotes"},
    {"[mailcert]\ndefault-ca = nobody\n", F "2: [mailcert] default-ca: no CA is called \"nobody\"; ..."},
    {"[ca x]\nprofile = y\n", F "1: [ca x] directory: is missing"},
    {"[ca x]\ndirectory = http://x.example\n", F "2: [ca x] directory: must be an https:// URL"},
    {"[ca x]\ndirectory = https://u@x.example\n", F "2: [ca x] directory: must be ..."},
    {"[ca x]\ntrigger-wait = 86401\n", F "2: [ca x] trigger-wait: must be a number from 0 to 86400"},
    {"[ca x]\npost-delay = -1\n", F "2: [ca x] post-delay: must be ..."},
    {"[ca x]\npost-delay = 1.5\n", F "2: [ca x] post-delay: must be ..."},
    {"[ca x]\nidentifiers = 0x10\n", F "2: [ca x] identifiers: must be ..."},
    {"[ca x]\nkey = rsa2048\n", F "2: [ca x] key: must be one of rsa3072|rsa4096|p256|p384; did you mean \"rsa3072\"?"},
    {"[account a@b.example]\nimap = https://x\n", F "2: [account a@b.example] imap: ..."},
    {"[account a@b.example]\nuser = x\nsmtp = mail.x\n", F "3: [account a@b.example] smtp: ..."},
    {"[account a@b.example]\nsendmail = 'x\n",
     F "2: [account a@b.example] sendmail: cannot be split into words: look at its quotes"},
    {"[account a@b.example]\nca = nobody\n", F "2: [account a@b.example] ca: no CA is called ..."},
};

static void
test_mistakes (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (McConfig) config = parse (mistakes[i].text, strlen (mistakes[i].text), &error);
    gsize length = strlen (mistakes[i].message);

    g_assert_null (config);
    g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
    g_test_message ("%s", error->message);
    if (g_str_has_suffix (mistakes[i].message, "..."))
      g_assert_cmpmem (error->message, MIN (strlen (error->message), length - 3), mistakes[i].message, length - 3);
    else
      g_assert_cmpstr (error->message, ==, mistakes[i].message);
  }
}

static void
test_nul_and_size (void)
{
  g_autofree char *large = g_strnfill (1024 * 1024 + 1, '\n');
  g_autoptr (GError) error = NULL;
  g_autoptr (McConfig) config = parse ("[mailcert]\nnotify=tr\0e\n", 23, &error);

  g_assert_null (config);
  g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, ":2: "));
  g_clear_error (&error);
  config = parse (large, 1024 * 1024 + 1, &error);
  g_assert_null (config);
  g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
}

static void
test_ca (void)
{
  g_autoptr (McConfig) config =
      must_parse ("[mailcert]\ndefault-ca=b\n[ca a]\ndirectory=https://x.example/dir\npost-delay=7\n"
                  "[ca b]\ndirectory=https://x.example/dir\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (McCaProfile) by_name = mc_config_ca (config, "b", &error);
  g_autoptr (McCaProfile) by_default = mc_config_ca (config, NULL, &error);
  g_autoptr (McCaProfile) by_url = mc_config_ca (config, "https://x.example/dir", &error);
  g_autoptr (McCaProfile) made = mc_config_ca (config, "https://y.example:8443/dir?x", &error);
  g_autoptr (McCaProfile) none = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (by_name->name, ==, "b");
  g_assert_cmpstr (by_default->name, ==, "b");
  g_assert_cmpstr (by_url->name, ==, "a");
  g_assert_cmpint (by_url->post_delay, ==, 7);
  g_assert_cmpstr (made->name, ==, "y.example:8443");
  g_assert_cmpstr (made->directory, ==, "https://y.example:8443/dir?x");
  g_assert_cmpint (made->trigger_wait, ==, 600);
  none = mc_config_ca (config, "c\x1b[2J", &error);
  g_assert_null (none);
  g_assert_error (error, MC_ERROR, MC_ERROR_CONFIG);
  g_assert_null (strchr (error->message, '\x1b'));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/empty", test_empty);
  g_test_add_func ("/config/everything", test_everything);
  g_test_add_func ("/config/words", test_words);
  g_test_add_func ("/config/mistakes", test_mistakes);
  g_test_add_func ("/config/nul-and-size", test_nul_and_size);
  g_test_add_func ("/config/ca", test_ca);
  return g_test_run ();
}
