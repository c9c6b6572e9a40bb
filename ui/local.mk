# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
# Sentences for people: whoever shows some links them.
noinst_LTLIBRARIES += libtext.la
libtext_la_SOURCES = \
	ui/notify.c \
	ui/notify.h \
	ui/text-clause.c \
	ui/text-details.c \
	ui/text-error.c \
	ui/text-expired.c \
	ui/text-finding.c \
	ui/text-finding.h \
	ui/text-history.c \
	ui/text-occasion.c \
	ui/text-parts.c \
	ui/text-parts.h \
	ui/text-problem.c \
	ui/text-renewal.c \
	ui/text-revocation.c \
	ui/text-step.c \
	ui/text-time.c \
	ui/text-verdict.c \
	ui/text.c \
	ui/text.h
libtext_la_CPPFLAGS = $(AM_CPPFLAGS) -DGETTEXT_PACKAGE=\"$(PACKAGE)\"

# Windows of mail programs that are GTK 3 themselves.
if HAVE_CLAWS
noinst_LTLIBRARIES += libgtkui.la
endif
libgtkui_la_SOURCES = \
	ui/gtk/address.c \
	ui/gtk/details.c \
	ui/gtk/judge.c \
	ui/gtk/offer.c \
	ui/gtk/passphrase.c \
	ui/gtk/preferences.c \
	ui/gtk/progress.c \
	ui/gtk/question.c \
	ui/gtk/relay.c \
	ui/gtk/relay.h \
	ui/gtk/request.c \
	ui/gtk/session-private.h \
	ui/gtk/session.c \
	ui/gtk/session.h \
	ui/gtk/settings.c \
	ui/gtk/task.c \
	ui/gtk/timing.c \
	ui/gtk/timing.h \
	ui/gtk/widget.c \
	ui/gtk/widget.h \
	ui/gtk/window.c \
	ui/gtk/work.c
libgtkui_la_CPPFLAGS = $(AM_CPPFLAGS) $(GTK_CFLAGS) -DGETTEXT_PACKAGE=\"$(PACKAGE)\"
libgtkui_la_LIBADD = libtext.la libcore.la $(GTK_LIBS)

bin_PROGRAMS += mailcert
mailcert_SOURCES = \
	ui/cli/account.c \
	ui/cli/binding.c \
	ui/cli/binding.h \
	ui/cli/ca.c \
	ui/cli/cli.h \
	ui/cli/detail.c \
	ui/cli/detail.h \
	ui/cli/doctor.c \
	ui/cli/ends.c \
	ui/cli/ends.h \
	ui/cli/exit-status.c \
	ui/cli/exit-status.h \
	ui/cli/export.c \
	ui/cli/external.c \
	ui/cli/forget.c \
	ui/cli/get.c \
	ui/cli/have.c \
	ui/cli/have.h \
	ui/cli/help.c \
	ui/cli/here.c \
	ui/cli/here.h \
	ui/cli/hook.c \
	ui/cli/inspect.c \
	ui/cli/install.c \
	ui/cli/interrupt.c \
	ui/cli/interrupt.h \
	ui/cli/json.c \
	ui/cli/json.h \
	ui/cli/mail-input.c \
	ui/cli/main.c \
	ui/cli/next.c \
	ui/cli/next.h \
	ui/cli/parse.c \
	ui/cli/preflight.c \
	ui/cli/preflight.h \
	ui/cli/progress.c \
	ui/cli/progress.h \
	ui/cli/prompt.c \
	ui/cli/prompt.h \
	ui/cli/pursuit.c \
	ui/cli/pursuit.h \
	ui/cli/renew.c \
	ui/cli/reply.c \
	ui/cli/revoke.c \
	ui/cli/request.c \
	ui/cli/request.h \
	ui/cli/say.c \
	ui/cli/status.c \
	ui/cli/terminal.c \
	ui/cli/terminal.h \
	ui/cli/timer.c \
	ui/cli/timer.h \
	ui/cli/values.c \
	ui/cli/visit.c \
	ui/cli/visit.h
mailcert_CPPFLAGS = $(AM_CPPFLAGS) -DGETTEXT_PACKAGE=\"$(PACKAGE)\"
mailcert_LDADD = libtext.la libcore.la $(LTLIBINTL)
mailcert_LDFLAGS = $(AM_LDFLAGS)

dist_man_MANS += \
	ui/man/mailcert-account.1 \
	ui/man/mailcert-ca.1 \
	ui/man/mailcert-doctor.1 \
	ui/man/mailcert-export.1 \
	ui/man/mailcert-forget.1 \
	ui/man/mailcert-get.1 \
	ui/man/mailcert-hook.1 \
	ui/man/mailcert-inspect.1 \
	ui/man/mailcert-install.1 \
	ui/man/mailcert-json.5 \
	ui/man/mailcert-mutt.7 \
	ui/man/mailcert-renew.1 \
	ui/man/mailcert-reply.1 \
	ui/man/mailcert-revoke.1 \
	ui/man/mailcert-status.1 \
	ui/man/mailcert.1 \
	ui/man/mailcert.conf.5

# Completions come from the program's own option table.
bashcompletiondir = $(datadir)/bash-completion/completions
bashcompletion_DATA = ui/data/mailcert
zshcompletiondir = $(datadir)/zsh/site-functions
zshcompletion_DATA = ui/data/_mailcert
CLEANFILES += $(bashcompletion_DATA) $(zshcompletion_DATA)
EXTRA_DIST += ui/data/completions/bash.awk ui/data/completions/zsh.awk

ui/data/mailcert: mailcert$(EXEEXT) $(srcdir)/ui/data/completions/bash.awk
	$(AM_V_GEN)$(MKDIR_P) ui/data && ./mailcert$(EXEEXT) --options | $(AWK) -f $(srcdir)/ui/data/completions/bash.awk >$@.new && mv $@.new $@
ui/data/_mailcert: mailcert$(EXEEXT) $(srcdir)/ui/data/completions/zsh.awk
	$(AM_V_GEN)$(MKDIR_P) ui/data && ./mailcert$(EXEEXT) --options | $(AWK) -f $(srcdir)/ui/data/completions/zsh.awk >$@.new && mv $@.new $@

# For each person, and enabled by nobody but her.
systemduserunitdir = $(prefix)/lib/systemd/user
dist_systemduserunit_DATA = ui/data/mailcert-renew.timer
nodist_systemduserunit_DATA = ui/data/mailcert-renew.service
CLEANFILES += ui/data/mailcert-renew.service
EXTRA_DIST += ui/data/mailcert-renew.service.in

ui/data/mailcert-renew.service: $(srcdir)/ui/data/mailcert-renew.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) ui/data && $(SED) 's|[@]bindir@|$(bindir)|' $(srcdir)/ui/data/mailcert-renew.service.in >$@.new && mv $@.new $@
