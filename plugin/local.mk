# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
# One folder per mail client.

# Runs for each mail that is delivered: its own copy of peek, so that libc is all it is linked with.
bin_PROGRAMS += mailcert-hook
mailcert_hook_SOURCES = plugin/mutt/mailcert-hook.c core/mail/peek.c core/mail/peek.h
mailcert_hook_CPPFLAGS = -I$(top_srcdir)/core -include config.h -DMC_BINDIR=\"$(bindir)\"
mailcert_hook_LDADD =
