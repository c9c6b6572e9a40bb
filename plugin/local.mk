# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
# One folder per mail client.

if HAVE_CLAWS
clawsplugindir = $(CLAWS_PLUGINDIR)
clawsplugin_LTLIBRARIES = mailcert.la
# What software centres show beside Claws Mail.
metainfodir = $(datadir)/metainfo
metainfo_DATA = plugin/claws/org.claws_mail.mailcert.metainfo.xml
# Nobody links with a plugin: its .la file is no use where it is installed.
install-exec-hook:
	$(AM_V_at)rm -f $(DESTDIR)$(clawsplugindir)/mailcert.la
uninstall-hook:
	$(AM_V_at)rm -f $(DESTDIR)$(clawsplugindir)/mailcert.so
endif
mailcert_la_SOURCES = \
	plugin/claws/accounts.c \
	plugin/claws/claws.h \
	plugin/claws/fields.c \
	plugin/claws/fields.h \
	plugin/claws/inbox.c \
	plugin/claws/menu.c \
	plugin/claws/notice.c \
	plugin/claws/outbox.c \
	plugin/claws/plugin.c \
	plugin/claws/preferences.c \
	plugin/claws/queue.c
mailcert_la_CPPFLAGS = $(AM_CPPFLAGS) $(CLAWS_SYSTEM_CFLAGS) $(GTK_CFLAGS) -DGETTEXT_PACKAGE=\"$(PACKAGE)\"
# Claws Mail's menus are GtkActions, which GTK 3 calls old.
mailcert_la_CFLAGS = $(AM_CFLAGS) -Wno-deprecated-declarations
mailcert_la_LIBADD = libgtkui.la $(LTLIBINTL)
# Claws Mail's own symbols are found in the program that loads it. What GLib and OpenSSL keep pointers to (quarks, exit
# handlers) must still be there after it was unloaded.
mailcert_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -Wl,--version-script=$(srcdir)/plugin/claws/exports.map \
	-Wl,-Bsymbolic-functions -Wl,-z,nodelete
EXTRA_mailcert_la_DEPENDENCIES = $(srcdir)/plugin/claws/exports.map
EXTRA_DIST += \
	plugin/claws/exports.map \
	plugin/claws/org.claws_mail.mailcert.metainfo.xml \
	plugin/claws/screenshots/done.png \
	plugin/claws/screenshots/done.png.license \
	plugin/claws/screenshots/live.png \
	plugin/claws/screenshots/live.png.license \
	plugin/claws/screenshots/notice.png \
	plugin/claws/screenshots/notice.png.license \
	plugin/claws/screenshots/offer.png \
	plugin/claws/screenshots/offer.png.license \
	plugin/claws/screenshots/preferences.png \
	plugin/claws/screenshots/preferences.png.license \
	plugin/claws/screenshots/request.png \
	plugin/claws/screenshots/request.png.license

# Runs for each mail that is delivered: its own copy of peek, so that libc is all it is linked with.
bin_PROGRAMS += mailcert-hook
mailcert_hook_SOURCES = plugin/mutt/mailcert-hook.c core/mail/peek.c core/mail/peek.h
mailcert_hook_CPPFLAGS = -I$(top_srcdir)/core -include config.h -DMC_BINDIR=\"$(bindir)\"
mailcert_hook_LDADD =

pkglibexec_PROGRAMS = mailcert-mutt
mailcert_mutt_SOURCES = \
	plugin/mutt/account.c \
	plugin/mutt/decrypt.c \
	plugin/mutt/doctor.c \
	plugin/mutt/main.c \
	plugin/mutt/mutt.h \
	plugin/mutt/muttrc.c \
	plugin/mutt/query.c \
	plugin/mutt/send.c \
	plugin/mutt/settings.c \
	plugin/mutt/setup.c
mailcert_mutt_CPPFLAGS = $(AM_CPPFLAGS) -DMC_BINDIR=\"$(bindir)\"
mailcert_mutt_LDADD = libcore.la $(LTLIBINTL)

# What "mailcert get" asks how the mail of an address is sent and fetched.
accountdir = $(pkglibexecdir)/account
dist_account_SCRIPTS = plugin/mutt/account/mutt

# What "mailcert doctor" asks about the clients' own settings.
doctordir = $(pkglibexecdir)/doctor
dist_doctor_SCRIPTS = plugin/mutt/doctor/mutt
doctor_PROGRAMS = claws-doctor
claws_doctor_SOURCES = plugin/claws/doctor.c plugin/claws/settings.c plugin/claws/settings.h
claws_doctor_LDADD = libpure.la $(LTLIBINTL)
