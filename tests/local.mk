# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
# Tests speak TAP. C tests are GLib programs; scripts say themselves what they need.
TEST_EXTENSIONS = .py .sh
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
PY_LOG_DRIVER = $(LOG_DRIVER)
SH_LOG_DRIVER = $(LOG_DRIVER)
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/run-test
PY_LOG_COMPILER = $(PYTHON3)
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
	MC_TEST_DATA='$(abs_top_srcdir)/tests/data'; export MC_TEST_DATA; \
	MC_TOP='$(abs_top_srcdir)'; export MC_TOP; \
	MC_BUILD='$(abs_top_builddir)'; export MC_BUILD; \
	MC_MAILS='$(abs_top_builddir)/tests/mails'; export MC_MAILS; \
	MC_SEEDS='$(abs_top_builddir)/tests/seeds'; export MC_SEEDS; \
	MAILCERT='$(abs_top_builddir)/mailcert'; export MAILCERT; \
	MAILCERT_PLUGIN='$(abs_top_builddir)/.libs/mailcert.so'; export MAILCERT_PLUGIN; \
	LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0'; export LSAN_OPTIONS; \
	G_SLICE=always-malloc; export G_SLICE;

test_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/tests/unit -I$(srcdir)/tests/flow

check_LTLIBRARIES += libtesting.la
libtesting_la_SOURCES = \
	tests/unit/acme-data.h \
	tests/unit/certificate-maker.c \
	tests/unit/certificate-maker.h \
	tests/unit/https-asker.c \
	tests/unit/https-asker.h \
	tests/unit/imap-watch.c \
	tests/unit/imap-watch.h \
	tests/unit/jws-check.c \
	tests/unit/jws-check.h \
	tests/unit/keyring-kill.c \
	tests/unit/keyring-kill.h \
	tests/unit/keyring-set.c \
	tests/unit/keyring-set.h \
	tests/unit/mail-corpus.c \
	tests/unit/mail-corpus.h \
	tests/unit/mail-text.h \
	tests/unit/mutant-environment.h \
	tests/unit/mutants.c \
	tests/unit/mutants.h \
	tests/unit/net-server.c \
	tests/unit/net-server.h \
	tests/unit/runner-world.h \
	tests/unit/store-place.h
libtesting_la_CPPFLAGS = $(test_cppflags)

# Loaded into the built program to strike it: without the sanitizers, since it comes before them.
check_LTLIBRARIES += tests/crash/strike.la
tests_crash_strike_la_SOURCES = tests/crash/strike-world.c tests/crash/strike.c tests/crash/strike.h
tests_crash_strike_la_CPPFLAGS = -D_GNU_SOURCE -U_FORTIFY_SOURCE
tests_crash_strike_la_CFLAGS = -std=gnu11 -Wall -Wextra
tests_crash_strike_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

# Mails for several tests, made once: nothing in them expires, for DIR/now says when it is. Without the tools there are none.
CLEANFILES += tests/seeds.stamp
check_DATA = tests/mails/dkim.stamp tests/mails/smime.stamp tests/seeds.stamp
tests/mails/dkim.stamp: tests/data/make-mails.py tests/data/mail_signing.py
	$(AM_V_GEN)rm -rf tests/mails/dkim && $(MKDIR_P) tests/mails && \
	  { $(PYTHON3) $(srcdir)/tests/data/make-mails.py tests/mails/dkim || test $$? = 77; } && touch $@
tests/mails/smime.stamp: tests/data/make-smime-mails.py tests/data/smime_mails.py tests/data/smime_signing.py \
		tests/data/mail_signing.py
	$(AM_V_GEN)rm -rf tests/mails/smime && $(MKDIR_P) tests/mails && \
	  { $(PYTHON3) -W ignore $(srcdir)/tests/data/make-smime-mails.py tests/mails/smime || test $$? = 77; } && touch $@
# And as each fuzzer reads them.
tests/seeds.stamp: tests/mails/dkim.stamp tests/mails/smime.stamp tests/fuzz/make-seeds.py tests/fuzz/make-chain-seeds$(EXEEXT)
	$(AM_V_GEN)$(PYTHON3) $(srcdir)/tests/fuzz/make-seeds.py tests/mails tests/seeds && \
	  tests/fuzz/make-chain-seeds tests/seeds/chain && touch $@
clean-local: clean-valgrind
	rm -rf tests/mails tests/seeds
distclean-local:
	rm -rf coverage fuzz
.PHONY: clean-local distclean-local

fuzz_programs = \
	tests/fuzz/fuzz-chain \
	tests/fuzz/fuzz-client \
	tests/fuzz/fuzz-config \
	tests/fuzz/fuzz-dkim \
	tests/fuzz/fuzz-forge \
	tests/fuzz/fuzz-json \
	tests/fuzz/fuzz-message \
	tests/fuzz/fuzz-peek \
	tests/fuzz/fuzz-record \
	tests/fuzz/fuzz-server \
	tests/fuzz/fuzz-smime \
	tests/fuzz/fuzz-text

# The C tests: also what the build with sanitizers runs.
C_TESTS = \
	tests/unit/test-acme-broken \
	tests/unit/test-acme \
	tests/unit/test-address \
	tests/unit/test-authenticity \
	tests/unit/test-binding \
	tests/unit/test-bounce \
	tests/unit/test-certificate-info \
	tests/unit/test-chain-check \
	tests/unit/test-chain \
	tests/unit/test-challenge \
	tests/unit/test-config-files \
	tests/unit/test-config \
	tests/unit/test-csr \
	tests/unit/test-dkim-key \
	tests/unit/test-dkim \
	tests/unit/test-drive \
	tests/unit/test-enrollment \
	tests/unit/test-finding \
	tests/unit/test-http-message \
	tests/unit/test-jose \
	tests/unit/test-jws \
	tests/unit/test-key \
	tests/unit/test-keyring-generations \
	tests/unit/test-keyring-gpgsm \
	tests/unit/test-keyring-nss \
	tests/unit/test-keyring-program \
	tests/unit/test-keyring-smime-scripts \
	tests/unit/test-keyring-smime \
	tests/unit/test-keyring \
	tests/unit/test-lease \
	tests/unit/test-mail-domain \
	tests/unit/test-mail-name \
	tests/unit/test-message \
	tests/unit/test-net-dns \
	tests/unit/test-net-http-failures \
	tests/unit/test-net-http \
	tests/unit/test-net-imap-guard \
	tests/unit/test-net-imap-trust \
	tests/unit/test-net-imap \
	tests/unit/test-net-programs \
	tests/unit/test-net-smtp \
	tests/unit/test-nss-roots \
	tests/unit/test-own-mail \
	tests/unit/test-peek \
	tests/unit/test-pkcs12 \
	tests/unit/test-problem \
	tests/unit/test-pure \
	tests/unit/test-reply \
	tests/unit/test-runner-thread \
	tests/unit/test-smime \
	tests/unit/test-spool \
	tests/unit/test-store-account \
	tests/unit/test-store-crash \
	tests/unit/test-store-folder \
	tests/unit/test-store \
	tests/unit/test-text-verdict \
	tests/unit/test-text \
	tests/unit/test-text-history \
	tests/unit/test-token \
	tests/flow/test-flow-account \
	tests/flow/test-flow-bounce \
	tests/flow/test-flow-challenge \
	tests/flow/test-flow-clock \
	tests/flow/test-flow-errand \
	tests/flow/test-flow-errors \
	tests/flow/test-flow-keyring \
	tests/flow/test-flow-late \
	tests/flow/test-flow-renewal \
	tests/flow/test-flow-renewing \
	tests/flow/test-flow-reply \
	tests/flow/test-flow-rude \
	tests/flow/test-flow-table \
	tests/flow/test-flow-years \
	tests/flow/test-flow \
	tests/flow/test-kill \
	tests/flow/test-model \
	tests/flow/test-ports \
	tests/flow/test-race \
	tests/crash/test-power \
	$(fuzz_programs)

SCRIPT_TESTS = \
	tests/lint/lint-house.py \
	tests/oracle/test-oracles.py \
	tests/ca/selftest.py \
	tests/sandbox/selftest.py \
	tests/sandbox/test-net.sh \
	tests/claws/test-claws.py \
	tests/claws/test-memory.py \
	tests/claws/test-pages.py \
	tests/claws/test-symbols.py \
	tests/claws/test-trouble.py \
	tests/cli/test-account.py \
	tests/cli/test-bad-ca.py \
	tests/cli/test-bad-disk.py \
	tests/cli/test-bad-input.py \
	tests/cli/test-bad-mail.py \
	tests/cli/test-doctor.py \
	tests/cli/test-doctor-alone.py \
	tests/cli/test-enroll.py \
	tests/cli/test-forged.py \
	tests/cli/test-forms.py \
	tests/cli/test-hook.py \
	tests/cli/test-interrupt.py \
	tests/cli/test-json.py \
	tests/cli/test-kinds.py \
	tests/cli/test-language.py \
	tests/cli/test-mail.py \
	tests/cli/test-notify.py \
	tests/cli/test-options.py \
	tests/cli/test-random-ca.py \
	tests/cli/test-refusals.py \
	tests/cli/test-renewal.py \
	tests/cli/test-rude-ca.py \
	tests/cli/test-rude-mail.py \
	tests/cli/test-secrets.py \
	tests/cli/test-status.py \
	tests/cli/test-terminal.py \
	tests/cli/test-two-cas.py \
	tests/cli/test-usage.py \
	tests/crash/test-mail-back.py \
	tests/crash/test-many.py \
	tests/crash/test-store-faults.py \
	tests/crash/test-strike-sandbox.py \
	tests/crash/test-strike.py \
	tests/crash/test-valgrind.py \
	tests/mutt/test-delivery.py \
	tests/mutt/test-mutt.py \
	tests/mutt/test-setup.py

# Tests of the tests: what --enable-mutants weakens, some case must catch.
if MUTANTS
C_TESTS += tests/flow/test-flow-mutants tests/unit/test-mail-mutants
endif

check_PROGRAMS += $(C_TESTS) tests/oracle/by-mailcert tests/unit/test-net-sandbox
# What test-oracles.py puts its mails to.
tests_oracle_by_mailcert_SOURCES = tests/oracle/batch.h tests/oracle/by-mailcert.c
tests_oracle_by_mailcert_CPPFLAGS = $(test_cppflags)
tests_oracle_by_mailcert_LDADD = libpure.la
if HAVE_OPENDKIM
check_PROGRAMS += tests/oracle/by-opendkim
tests_oracle_by_opendkim_SOURCES = tests/oracle/batch.h tests/oracle/by-opendkim.c
tests_oracle_by_opendkim_CPPFLAGS = $(test_cppflags)
tests_oracle_by_opendkim_LDADD = $(GLIB_LIBS) -lopendkim
endif
CLEANFILES += tests/oracle/unexplained-*.eml tests/oracle/unexplained-zone.tsv

# 'make check long_tests=' leaves the scripts out: distcheck need not start mail servers a third time.
long_tests = $(SCRIPT_TESTS)
TESTS += $(C_TESTS) $(long_tests)

check-c: all
	$(MAKE) $(AM_MAKEFLAGS) check long_tests=
.PHONY: check-c

# What judges mail, and the tests whose data it is (tests/run-coverage).
mail_tests = \
	tests/unit/test-address \
	tests/unit/test-authenticity \
	tests/unit/test-bounce \
	tests/unit/test-challenge \
	tests/unit/test-config \
	tests/unit/test-dkim-key \
	tests/unit/test-dkim \
	tests/unit/test-mail-name \
	tests/unit/test-message \
	tests/unit/test-peek \
	tests/unit/test-reply \
	tests/unit/test-smime \
	tests/unit/test-token \
	tests/flow/test-flow-reply \
	tests/fuzz/fuzz-dkim \
	tests/fuzz/fuzz-forge \
	tests/fuzz/fuzz-message \
	tests/fuzz/fuzz-peek \
	tests/fuzz/fuzz-smime

# What follows a state, and what reads what strangers wrote, under memcheck: a few seconds each. "make check-valgrind
# VALGRIND_TESTS=..." takes others.
VALGRIND_TESTS = \
	tests/flow/test-flow \
	tests/flow/test-flow-account \
	tests/flow/test-flow-challenge \
	tests/flow/test-model \
	tests/unit/test-authenticity \
	tests/unit/test-challenge \
	tests/unit/test-dkim \
	tests/unit/test-message \
	tests/unit/test-spool
check-valgrind: all $(check_DATA) $(VALGRIND_TESTS)
	$(AM_TESTS_ENVIRONMENT) MC_STEPS=2000; export MC_STEPS; $(SHELL) $(top_srcdir)/tests/run-valgrind $(VALGRIND_TESTS)
.PHONY: check-valgrind
clean-valgrind:
	rm -f tests/*/*.valgrind.log
.PHONY: clean-valgrind

coverage:
	$(SHELL) $(top_srcdir)/tests/run-coverage '$(abs_top_builddir)/coverage' $(mail_tests)
.PHONY: coverage
# Every system call that touches state, network or mail is struck, every change of the database's files is a power cut; CI
# takes a sample. What is done stands in crash-full.ledger: a run that was ended goes on where it was.
CRASH_JOBS = 2
CRASH_MINUTES = 0
crash-full: all $(check_LTLIBRARIES) tests/crash/test-power
	$(AM_TESTS_ENVIRONMENT) tests/crash/test-power -m slow && $(PYTHON3) $(srcdir)/tests/crash/test-strike.py --full \
	--seed 1 --jobs $(CRASH_JOBS) --minutes $(CRASH_MINUTES) --ledger crash-full.ledger && \
	$(PYTHON3) $(srcdir)/tests/crash/test-strike-sandbox.py 1 1000
.PHONY: crash-full
CLEANFILES += crash-full.ledger

# Random input for every parser: FUZZ_SECONDS (600) of processor time for each (tests/fuzz/run-fuzz.py). "make fuzz
# FUZZERS='dkim peek'" runs these alone. Corpus and findings stay in fuzz/.
FUZZERS =
fuzz:
	$(MKDIR_P) fuzz
	test -e fuzz/config.status || (cd fuzz && $(abs_top_srcdir)/configure --quiet --enable-fuzzing --disable-nls \
	  --without-claws CC='$(CLANG)' CFLAGS='-g -O1')
	cd fuzz && $(MAKE) $(AM_MAKEFLAGS) fuzzers
	cd fuzz && LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0' G_SLICE=always-malloc \
	  $(PYTHON3) $(abs_top_srcdir)/tests/fuzz/run-fuzz.py . $(FUZZERS)
fuzzers: $(BUILT_SOURCES) $(fuzz_programs) tests/seeds.stamp
.PHONY: fuzz fuzzers

# Figures, as ratios; no test.
EXTRA_PROGRAMS += tests/bench/bare-reader tests/bench/verdict
tests_bench_bare_reader_SOURCES = tests/bench/bare-reader.c
tests_bench_bare_reader_LDADD =
tests_bench_verdict_SOURCES = tests/bench/verdict.c
tests_bench_verdict_LDADD = libcore.la -lopendkim
CLEANFILES += tests/bench/bare-reader tests/bench/verdict
bench: all tests/bench/bare-reader tests/bench/verdict
	MAILCERT='$(abs_top_builddir)/mailcert' $(PYTHON3) $(top_srcdir)/tests/bench/bench-hook.py
	VERDICT='$(abs_builddir)/tests/bench/verdict' $(PYTHON3) $(top_srcdir)/tests/bench/bench-verdict.py
	MAILCERT='$(abs_top_builddir)/mailcert' $(PYTHON3) $(top_srcdir)/tests/bench/bench-enroll.py
	MAILCERT='$(abs_top_builddir)/mailcert' $(PYTHON3) $(top_srcdir)/tests/bench/bench-idle.py
.PHONY: bench

tests_unit_test_acme_broken_SOURCES = tests/unit/test-acme-broken.c
tests_unit_test_acme_broken_CPPFLAGS = $(test_cppflags)
tests_unit_test_acme_broken_LDADD = libtesting.la libcore.la
tests_unit_test_acme_SOURCES = tests/unit/test-acme.c
tests_unit_test_acme_CPPFLAGS = $(test_cppflags)
tests_unit_test_acme_LDADD = libtesting.la libcore.la
tests_unit_test_address_SOURCES = tests/unit/test-address.c
tests_unit_test_address_CPPFLAGS = $(test_cppflags)
tests_unit_test_address_LDADD = libtesting.la libcore.la
tests_unit_test_authenticity_SOURCES = tests/unit/test-authenticity.c
tests_unit_test_authenticity_CPPFLAGS = $(test_cppflags)
tests_unit_test_authenticity_LDADD = libtesting.la libcore.la
tests_unit_test_binding_SOURCES = tests/unit/test-binding.c
tests_unit_test_binding_CPPFLAGS = $(test_cppflags)
tests_unit_test_binding_LDADD = libtesting.la libcore.la
tests_unit_test_bounce_SOURCES = tests/unit/test-bounce.c
tests_unit_test_bounce_CPPFLAGS = $(test_cppflags)
tests_unit_test_bounce_LDADD = libtesting.la libcore.la
tests_unit_test_certificate_info_SOURCES = tests/unit/test-certificate-info.c
tests_unit_test_certificate_info_CPPFLAGS = $(test_cppflags)
tests_unit_test_certificate_info_LDADD = libtesting.la libcore.la
tests_unit_test_chain_check_SOURCES = tests/unit/test-chain-check.c
tests_unit_test_chain_check_CPPFLAGS = $(test_cppflags)
tests_unit_test_chain_check_LDADD = libtesting.la libcore.la
tests_unit_test_chain_SOURCES = tests/unit/test-chain.c
tests_unit_test_chain_CPPFLAGS = $(test_cppflags)
tests_unit_test_chain_LDADD = libtesting.la libcore.la
tests_unit_test_challenge_SOURCES = tests/unit/test-challenge.c
tests_unit_test_challenge_CPPFLAGS = $(test_cppflags)
tests_unit_test_challenge_LDADD = libtesting.la libcore.la
tests_unit_test_config_files_SOURCES = tests/unit/test-config-files.c
tests_unit_test_config_files_CPPFLAGS = $(test_cppflags)
tests_unit_test_config_files_LDADD = libtesting.la libcore.la
tests_unit_test_config_SOURCES = tests/unit/test-config.c
tests_unit_test_config_CPPFLAGS = $(test_cppflags)
tests_unit_test_config_LDADD = libtesting.la libcore.la
tests_unit_test_csr_SOURCES = tests/unit/test-csr.c
tests_unit_test_csr_CPPFLAGS = $(test_cppflags)
tests_unit_test_csr_LDADD = libtesting.la libcore.la
tests_unit_test_dkim_key_SOURCES = tests/unit/test-dkim-key.c
tests_unit_test_dkim_key_CPPFLAGS = $(test_cppflags)
tests_unit_test_dkim_key_LDADD = libtesting.la libcore.la
tests_unit_test_dkim_SOURCES = tests/unit/test-dkim.c
tests_unit_test_dkim_CPPFLAGS = $(test_cppflags)
tests_unit_test_dkim_LDADD = libtesting.la libcore.la
tests_unit_test_enrollment_SOURCES = tests/unit/test-enrollment.c
tests_unit_test_enrollment_CPPFLAGS = $(test_cppflags)
tests_unit_test_enrollment_LDADD = libtesting.la libcore.la
tests_unit_test_http_message_SOURCES = tests/unit/test-http-message.c
tests_unit_test_http_message_CPPFLAGS = $(test_cppflags)
tests_unit_test_http_message_LDADD = libtesting.la libcore.la
tests_unit_test_jose_SOURCES = tests/unit/test-jose.c
tests_unit_test_jose_CPPFLAGS = $(test_cppflags)
tests_unit_test_jose_LDADD = libtesting.la libcore.la
tests_unit_test_jws_SOURCES = tests/unit/test-jws.c
tests_unit_test_jws_CPPFLAGS = $(test_cppflags)
tests_unit_test_jws_LDADD = libtesting.la libcore.la
tests_unit_test_key_SOURCES = tests/unit/test-key.c
tests_unit_test_key_CPPFLAGS = $(test_cppflags)
tests_unit_test_key_LDADD = libtesting.la libcore.la
tests_unit_test_keyring_generations_SOURCES = tests/unit/test-keyring-generations.c
tests_unit_test_keyring_generations_CPPFLAGS = $(test_cppflags)
tests_unit_test_keyring_generations_LDADD = libtesting.la libcore.la
tests_unit_test_keyring_gpgsm_SOURCES = tests/unit/test-keyring-gpgsm.c
tests_unit_test_keyring_gpgsm_CPPFLAGS = $(test_cppflags)
tests_unit_test_keyring_gpgsm_LDADD = libtesting.la libcore.la
tests_unit_test_keyring_nss_SOURCES = tests/unit/test-keyring-nss.c
tests_unit_test_keyring_nss_CPPFLAGS = $(test_cppflags)
tests_unit_test_keyring_nss_LDADD = libtesting.la libcore.la
tests_unit_test_keyring_program_SOURCES = tests/unit/test-keyring-program.c
tests_unit_test_keyring_program_CPPFLAGS = $(test_cppflags)
tests_unit_test_keyring_program_LDADD = libtesting.la libcore.la
tests_unit_test_keyring_smime_scripts_SOURCES = tests/unit/test-keyring-smime-scripts.c
tests_unit_test_keyring_smime_scripts_CPPFLAGS = $(test_cppflags)
tests_unit_test_keyring_smime_scripts_LDADD = libtesting.la libcore.la
tests_unit_test_keyring_smime_SOURCES = tests/unit/test-keyring-smime.c
tests_unit_test_keyring_smime_CPPFLAGS = $(test_cppflags)
tests_unit_test_keyring_smime_LDADD = libtesting.la libcore.la
tests_unit_test_keyring_SOURCES = tests/unit/test-keyring.c
tests_unit_test_keyring_CPPFLAGS = $(test_cppflags)
tests_unit_test_keyring_LDADD = libtesting.la libcore.la
tests_unit_test_lease_SOURCES = tests/unit/test-lease.c
tests_unit_test_lease_CPPFLAGS = $(test_cppflags)
tests_unit_test_lease_LDADD = libtesting.la libcore.la
tests_unit_test_mail_mutants_SOURCES = tests/unit/test-mail-mutants.c
tests_unit_test_mail_mutants_CPPFLAGS = $(test_cppflags)
tests_unit_test_mail_mutants_LDADD = libtesting.la libcore.la
tests_unit_test_mail_name_SOURCES = tests/unit/test-mail-name.c
tests_unit_test_mail_name_CPPFLAGS = $(test_cppflags)
tests_unit_test_mail_name_LDADD = libtesting.la libcore.la
tests_unit_test_message_SOURCES = tests/unit/test-message.c
tests_unit_test_message_CPPFLAGS = $(test_cppflags)
tests_unit_test_message_LDADD = libtesting.la libcore.la
tests_unit_test_net_dns_SOURCES = tests/unit/test-net-dns.c
tests_unit_test_net_dns_CPPFLAGS = $(test_cppflags)
tests_unit_test_net_dns_LDADD = libtesting.la libcore.la
tests_unit_test_net_http_failures_SOURCES = tests/unit/test-net-http-failures.c
tests_unit_test_net_http_failures_CPPFLAGS = $(test_cppflags)
tests_unit_test_net_http_failures_LDADD = libtesting.la libcore.la
tests_unit_test_net_http_SOURCES = tests/unit/test-net-http.c
tests_unit_test_net_http_CPPFLAGS = $(test_cppflags)
tests_unit_test_net_http_LDADD = libtesting.la libcore.la
tests_unit_test_net_imap_guard_SOURCES = tests/unit/test-net-imap-guard.c
tests_unit_test_net_imap_guard_CPPFLAGS = $(test_cppflags)
tests_unit_test_net_imap_guard_LDADD = libtesting.la libcore.la
tests_unit_test_net_imap_trust_SOURCES = tests/unit/test-net-imap-trust.c
tests_unit_test_net_imap_trust_CPPFLAGS = $(test_cppflags)
tests_unit_test_net_imap_trust_LDADD = libtesting.la libcore.la
tests_unit_test_net_imap_SOURCES = tests/unit/test-net-imap.c
tests_unit_test_net_imap_CPPFLAGS = $(test_cppflags)
tests_unit_test_net_imap_LDADD = libtesting.la libcore.la
tests_unit_test_net_programs_SOURCES = tests/unit/test-net-programs.c
tests_unit_test_net_programs_CPPFLAGS = $(test_cppflags)
tests_unit_test_net_programs_LDADD = libtesting.la libcore.la
tests_unit_test_net_sandbox_SOURCES = \
	tests/unit/sandbox-world.c \
	tests/unit/sandbox-world.h \
	tests/unit/test-net-sandbox.c
tests_unit_test_net_sandbox_CPPFLAGS = $(test_cppflags)
tests_unit_test_net_sandbox_LDADD = libtesting.la libcore.la
tests_unit_test_net_smtp_SOURCES = tests/unit/test-net-smtp.c
tests_unit_test_net_smtp_CPPFLAGS = $(test_cppflags)
tests_unit_test_net_smtp_LDADD = libtesting.la libcore.la
tests_unit_test_nss_roots_SOURCES = tests/unit/test-nss-roots.c
tests_unit_test_nss_roots_CPPFLAGS = $(test_cppflags)
tests_unit_test_nss_roots_LDADD = libtesting.la libcore.la
tests_unit_test_own_mail_SOURCES = tests/unit/test-own-mail.c
tests_unit_test_own_mail_CPPFLAGS = $(test_cppflags)
tests_unit_test_own_mail_LDADD = libtesting.la libcore.la
tests_unit_test_peek_SOURCES = tests/unit/test-peek.c
tests_unit_test_peek_CPPFLAGS = $(test_cppflags)
tests_unit_test_peek_LDADD = libtesting.la libcore.la
tests_unit_test_pkcs12_SOURCES = tests/unit/test-pkcs12.c
tests_unit_test_pkcs12_CPPFLAGS = $(test_cppflags)
tests_unit_test_pkcs12_LDADD = libtesting.la libcore.la
tests_unit_test_problem_SOURCES = tests/unit/test-problem.c
tests_unit_test_problem_CPPFLAGS = $(test_cppflags)
tests_unit_test_problem_LDADD = libtesting.la libcore.la
tests_unit_test_pure_SOURCES = tests/unit/test-pure.c
tests_unit_test_pure_CPPFLAGS = $(test_cppflags)
# The pure half alone: a call to anything else fails to link.
tests_unit_test_pure_LDADD = libpure.la
tests_unit_test_reply_SOURCES = tests/unit/test-reply.c
tests_unit_test_reply_CPPFLAGS = $(test_cppflags)
tests_unit_test_reply_LDADD = libtesting.la libcore.la
tests_unit_test_runner_thread_SOURCES = tests/unit/test-runner-thread.c
tests_unit_test_runner_thread_CPPFLAGS = $(test_cppflags)
tests_unit_test_runner_thread_LDADD = libcore.la
tests_unit_test_smime_SOURCES = tests/unit/test-smime.c
tests_unit_test_smime_CPPFLAGS = $(test_cppflags)
tests_unit_test_smime_LDADD = libtesting.la libcore.la
tests_unit_test_store_account_SOURCES = tests/unit/test-store-account.c
tests_unit_test_store_account_CPPFLAGS = $(test_cppflags)
tests_unit_test_store_account_LDADD = libtesting.la libcore.la
tests_unit_test_store_crash_SOURCES = tests/unit/test-store-crash.c
tests_unit_test_store_crash_CPPFLAGS = $(test_cppflags)
tests_unit_test_store_crash_LDADD = libtesting.la libcore.la
tests_unit_test_store_folder_SOURCES = tests/unit/test-store-folder.c
tests_unit_test_store_folder_CPPFLAGS = $(test_cppflags)
tests_unit_test_store_folder_LDADD = libtesting.la libcore.la
tests_unit_test_drive_SOURCES = tests/unit/test-drive.c
tests_unit_test_drive_CPPFLAGS = $(test_cppflags)
tests_unit_test_drive_LDADD = libtesting.la libcore.la
tests_unit_test_spool_SOURCES = tests/unit/test-spool.c
tests_unit_test_spool_CPPFLAGS = $(test_cppflags)
tests_unit_test_spool_LDADD = libtesting.la libcore.la
tests_unit_test_store_SOURCES = tests/unit/test-store.c
tests_unit_test_store_CPPFLAGS = $(test_cppflags)
tests_unit_test_store_LDADD = libtesting.la libcore.la
tests_unit_test_finding_SOURCES = tests/unit/test-finding.c
tests_unit_test_finding_CPPFLAGS = $(test_cppflags)
tests_unit_test_finding_LDADD = libtesting.la libtext.la libcore.la $(LTLIBINTL)
tests_unit_test_mail_domain_SOURCES = tests/unit/test-mail-domain.c
tests_unit_test_mail_domain_CPPFLAGS = $(test_cppflags)
tests_unit_test_mail_domain_LDADD = libtesting.la libcore.la
tests_unit_test_text_verdict_SOURCES = tests/unit/test-text-verdict.c
tests_unit_test_text_verdict_CPPFLAGS = $(test_cppflags) -DGETTEXT_PACKAGE=\"$(PACKAGE)\"
tests_unit_test_text_verdict_LDADD = libtesting.la libtext.la libcore.la $(LTLIBINTL)
tests_unit_test_text_SOURCES = tests/unit/test-text.c
tests_unit_test_text_CPPFLAGS = $(test_cppflags) -DGETTEXT_PACKAGE=\"$(PACKAGE)\"
tests_unit_test_text_LDADD = libtesting.la libtext.la libcore.la $(LTLIBINTL)
tests_unit_test_text_history_SOURCES = tests/unit/test-text-history.c
tests_unit_test_text_history_CPPFLAGS = $(test_cppflags)
tests_unit_test_text_history_LDADD = libtesting.la libtext.la libcore.la $(LTLIBINTL)
tests_unit_test_token_SOURCES = tests/unit/test-token.c
tests_unit_test_token_CPPFLAGS = $(test_cppflags)
tests_unit_test_token_LDADD = libtesting.la libcore.la

check_LTLIBRARIES += libflowworld.la
libflowworld_la_SOURCES = \
	tests/flow/back-memory.c \
	tests/flow/back-store.c \
	tests/flow/back.h \
	tests/flow/ca-account.c \
	tests/flow/ca-issue.c \
	tests/flow/ca-jws.c \
	tests/flow/ca-mail.c \
	tests/flow/ca-order.c \
	tests/flow/ca-renewal.c \
	tests/flow/ca.c \
	tests/flow/ca.h \
	tests/flow/check.c \
	tests/flow/drive.c \
	tests/flow/effect.c \
	tests/flow/errands.c \
	tests/flow/first.h \
	tests/flow/paths.c \
	tests/flow/paths.h \
	tests/flow/ports.c \
	tests/flow/post.c \
	tests/flow/renewals.c \
	tests/flow/renewals.h \
	tests/flow/table.c \
	tests/flow/world.c \
	tests/flow/world.h
libflowworld_la_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_account_SOURCES = tests/flow/test-flow-account.c
tests_flow_test_flow_account_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_account_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_bounce_SOURCES = tests/flow/test-flow-bounce.c
tests_flow_test_flow_bounce_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_bounce_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_challenge_SOURCES = tests/flow/test-flow-challenge.c
tests_flow_test_flow_challenge_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_challenge_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_clock_SOURCES = tests/flow/test-flow-clock.c
tests_flow_test_flow_clock_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_clock_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_errand_SOURCES = tests/flow/test-flow-errand.c
tests_flow_test_flow_errand_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_errand_LDADD = libcore.la
tests_flow_test_flow_errors_SOURCES = tests/flow/test-flow-errors.c
tests_flow_test_flow_errors_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_errors_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_keyring_SOURCES = tests/flow/test-flow-keyring.c
tests_flow_test_flow_keyring_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_keyring_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_late_SOURCES = tests/flow/test-flow-late.c
tests_flow_test_flow_late_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_late_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_mutants_SOURCES = tests/flow/test-flow-mutants.c
tests_flow_test_flow_mutants_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_mutants_LDADD = libtesting.la libcore.la
tests_flow_test_flow_renewal_SOURCES = tests/flow/test-flow-renewal.c
tests_flow_test_flow_renewal_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_renewal_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_renewing_SOURCES = tests/flow/test-flow-renewing.c
tests_flow_test_flow_renewing_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_renewing_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_reply_SOURCES = tests/flow/test-flow-reply.c
tests_flow_test_flow_reply_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_reply_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_rude_SOURCES = tests/flow/test-flow-rude.c
tests_flow_test_flow_rude_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_rude_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_table_SOURCES = tests/flow/test-flow-table.c
tests_flow_test_flow_table_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_table_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_SOURCES = tests/flow/test-flow.c
tests_flow_test_flow_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_LDADD = libflowworld.la libcore.la
tests_flow_test_flow_years_SOURCES = tests/flow/test-flow-years.c
tests_flow_test_flow_years_CPPFLAGS = $(test_cppflags)
tests_flow_test_flow_years_LDADD = libflowworld.la libcore.la
tests_flow_test_kill_SOURCES = tests/flow/test-kill.c
tests_flow_test_kill_CPPFLAGS = $(test_cppflags)
tests_flow_test_kill_LDADD = libflowworld.la libcore.la
tests_flow_test_model_SOURCES = tests/flow/test-model.c
tests_flow_test_model_CPPFLAGS = $(test_cppflags)
tests_flow_test_model_LDADD = libflowworld.la libcore.la
tests_flow_test_ports_SOURCES = tests/flow/test-ports.c
tests_flow_test_ports_CPPFLAGS = $(test_cppflags)
tests_flow_test_ports_LDADD = libflowworld.la libcore.la
tests_flow_test_race_SOURCES = tests/flow/test-race.c
tests_flow_test_race_CPPFLAGS = $(test_cppflags)
tests_flow_test_race_LDADD = libtesting.la libcore.la

tests_crash_test_power_SOURCES = \
	tests/crash/power-disk.c \
	tests/crash/power-disk.h \
	tests/crash/power.c \
	tests/crash/power.h \
	tests/crash/test-power.c
tests_crash_test_power_CPPFLAGS = $(test_cppflags)
tests_crash_test_power_LDADD = libflowworld.la libcore.la

# Each fuzzer is a plain program too, which runs over its seeds (tests/fuzz/replay.c).
if FUZZING
fuzz_main =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_main = tests/fuzz/replay.c
fuzz_ldflags = $(AM_LDFLAGS)
endif
tests_fuzz_fuzz_chain_SOURCES = tests/fuzz/fuzz-chain.c $(fuzz_main)
tests_fuzz_fuzz_chain_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_chain_LDADD = libcore.la
tests_fuzz_fuzz_chain_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_client_SOURCES = tests/fuzz/fuzz-client.c plugin/claws/settings.c plugin/mutt/muttrc.c plugin/mutt/query.c \
	$(fuzz_main)
tests_fuzz_fuzz_client_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_client_LDADD = libcore.la
tests_fuzz_fuzz_client_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz-config.c $(fuzz_main)
tests_fuzz_fuzz_config_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_config_LDADD = libcore.la
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_dkim_SOURCES = tests/fuzz/fuzz-dkim.c $(fuzz_main)
tests_fuzz_fuzz_dkim_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_dkim_LDADD = libcore.la
tests_fuzz_fuzz_dkim_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_forge_SOURCES = tests/fuzz/fuzz-forge.c $(fuzz_main)
tests_fuzz_fuzz_forge_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_forge_LDADD = libcore.la
tests_fuzz_fuzz_forge_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz-json.c $(fuzz_main)
tests_fuzz_fuzz_json_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_json_LDADD = libcore.la
tests_fuzz_fuzz_json_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_message_SOURCES = tests/fuzz/fuzz-message.c $(fuzz_main)
tests_fuzz_fuzz_message_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_message_LDADD = libcore.la
tests_fuzz_fuzz_message_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_peek_SOURCES = tests/fuzz/fuzz-peek.c $(fuzz_main)
tests_fuzz_fuzz_peek_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_peek_LDADD = libcore.la
tests_fuzz_fuzz_peek_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz-record.c $(fuzz_main)
tests_fuzz_fuzz_record_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_record_LDADD = libcore.la
tests_fuzz_fuzz_record_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_server_SOURCES = tests/fuzz/fuzz-server.c $(fuzz_main)
tests_fuzz_fuzz_server_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_server_LDADD = libcore.la
tests_fuzz_fuzz_server_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_smime_SOURCES = tests/fuzz/fuzz-smime.c $(fuzz_main)
tests_fuzz_fuzz_smime_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_smime_LDADD = libcore.la
tests_fuzz_fuzz_smime_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/fuzz-text.c $(fuzz_main)
tests_fuzz_fuzz_text_CPPFLAGS = $(test_cppflags)
tests_fuzz_fuzz_text_LDADD = libcore.la
tests_fuzz_fuzz_text_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/make-chain-seeds
tests_fuzz_make_chain_seeds_SOURCES = tests/fuzz/make-chain-seeds.c
tests_fuzz_make_chain_seeds_CPPFLAGS = $(test_cppflags)
tests_fuzz_make_chain_seeds_LDADD = libtesting.la libcore.la

# A plugin of Claws Mail that loads and unloads ours.
if HAVE_CLAWS
check_LTLIBRARIES += probe.la
endif
probe_la_SOURCES = tests/claws/probe.c
probe_la_CPPFLAGS = $(CLAWS_SYSTEM_CFLAGS)
probe_la_CFLAGS = $(AM_CFLAGS) -Wno-deprecated-declarations
probe_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere

EXTRA_DIST += \
	tests/bench/bench-enroll.py \
	tests/bench/bench-hook.py \
	tests/bench/bench-idle.py \
	tests/bench/bench-verdict.py \
	tests/ca/accounts.py \
	tests/ca/acme.py \
	tests/ca/certificates.py \
	tests/ca/challenges.py \
	tests/ca/compose.py \
	tests/ca/control.py \
	tests/ca/csr.py \
	tests/ca/digest.py \
	tests/ca/dkimcheck.py \
	tests/ca/dkimsign.py \
	tests/ca/faults.py \
	tests/ca/httpd.py \
	tests/ca/judge.py \
	tests/ca/jws.py \
	tests/ca/log.py \
	tests/ca/message.py \
	tests/ca/options.py \
	tests/ca/orders.py \
	tests/ca/pki.py \
	tests/ca/postbox.py \
	tests/ca/problem.py \
	tests/ca/random_answer.py \
	tests/ca/rude.py \
	tests/ca/selfclient.py \
	tests/ca/selftest.py \
	tests/ca/selftest_flow.py \
	tests/ca/selftest_mail.py \
	tests/ca/selftest_rules.py \
	tests/ca/smimesign.py \
	tests/ca/state.py \
	tests/ca/testca.py \
	tests/ca/visit.py \
	tests/claws/beat.py \
	tests/claws/desktop.py \
	tests/claws/gate.py \
	tests/claws/screen.py \
	tests/claws/test-claws.py \
	tests/claws/test-memory.py \
	tests/claws/test-pages.py \
	tests/claws/test-symbols.py \
	tests/claws/test-trouble.py \
	tests/claws/words.py \
	tests/cli/alone.py \
	tests/cli/bus.py \
	tests/cli/held.py \
	tests/cli/keyboard.py \
	tests/cli/relay.py \
	tests/cli/rude_cases.py \
	tests/cli/stage.py \
	tests/cli/test-account.py \
	tests/cli/test-bad-ca.py \
	tests/cli/test-bad-disk.py \
	tests/cli/test-bad-input.py \
	tests/cli/test-bad-mail.py \
	tests/cli/test-doctor.py \
	tests/cli/test-doctor-alone.py \
	tests/cli/test-enroll.py \
	tests/cli/test-forged.py \
	tests/cli/test-forms.py \
	tests/cli/test-hook.py \
	tests/cli/test-interrupt.py \
	tests/cli/test-json.py \
	tests/cli/test-kinds.py \
	tests/cli/test-language.py \
	tests/cli/test-mail.py \
	tests/cli/test-notify.py \
	tests/cli/test-options.py \
	tests/cli/test-random-ca.py \
	tests/cli/test-refusals.py \
	tests/cli/test-renewal.py \
	tests/cli/test-rude-ca.py \
	tests/cli/test-rude-mail.py \
	tests/cli/test-secrets.py \
	tests/cli/test-status.py \
	tests/cli/test-terminal.py \
	tests/cli/test-two-cas.py \
	tests/cli/test-usage.py \
	tests/cli/tls_relay.py \
	tests/cli/treatment.py \
	tests/cli/trouble.py \
	tests/crash/guest.py \
	tests/crash/judge.py \
	tests/crash/light.py \
	tests/crash/stories.py \
	tests/crash/test-mail-back.py \
	tests/crash/test-many.py \
	tests/crash/test-store-faults.py \
	tests/crash/test-strike-sandbox.py \
	tests/crash/test-strike.py \
	tests/crash/test-valgrind.py \
	tests/data/acme/REUSE.toml \
	tests/data/acme/account-broken-no-status.json \
	tests/data/acme/account-broken-number.json \
	tests/data/acme/account-broken-status.json \
	tests/data/acme/account-deactivated.json \
	tests/data/acme/account-revoked.json \
	tests/data/acme/account-valid.json \
	tests/data/acme/authorization-broken-challenge-array.json \
	tests/data/acme/authorization-broken-challenge-status.json \
	tests/data/acme/authorization-broken-challenges-object.json \
	tests/data/acme/authorization-broken-from-bidi.json \
	tests/data/acme/authorization-broken-from-escape.json \
	tests/data/acme/authorization-broken-from-name.json \
	tests/data/acme/authorization-broken-from-newline.json \
	tests/data/acme/authorization-broken-from-nul.json \
	tests/data/acme/authorization-broken-from-number.json \
	tests/data/acme/authorization-broken-from-two.json \
	tests/data/acme/authorization-broken-identifier-array.json \
	tests/data/acme/authorization-broken-identifier-nested.json \
	tests/data/acme/authorization-broken-identifier-type.json \
	tests/data/acme/authorization-broken-no-challenges.json \
	tests/data/acme/authorization-broken-no-from.json \
	tests/data/acme/authorization-broken-no-identifier.json \
	tests/data/acme/authorization-broken-no-token.json \
	tests/data/acme/authorization-broken-no-url.json \
	tests/data/acme/authorization-broken-status.json \
	tests/data/acme/authorization-broken-token-empty.json \
	tests/data/acme/authorization-broken-token-newline.json \
	tests/data/acme/authorization-broken-token-number.json \
	tests/data/acme/authorization-broken-token-padding-inside.json \
	tests/data/acme/authorization-broken-token-standard-base64.json \
	tests/data/acme/authorization-broken-url-http.json \
	tests/data/acme/authorization-broken-url-user.json \
	tests/data/acme/authorization-deactivated.json \
	tests/data/acme/authorization-dns.json \
	tests/data/acme/authorization-expired.json \
	tests/data/acme/authorization-international.json \
	tests/data/acme/authorization-invalid.json \
	tests/data/acme/authorization-no-email-reply.json \
	tests/data/acme/authorization-padded-token.json \
	tests/data/acme/authorization-pending.json \
	tests/data/acme/authorization-revoked.json \
	tests/data/acme/authorization-unknown-challenges.json \
	tests/data/acme/authorization-valid.json \
	tests/data/acme/challenge-broken-array.json \
	tests/data/acme/challenge-broken-from.json \
	tests/data/acme/challenge-broken-url.json \
	tests/data/acme/challenge-invalid.json \
	tests/data/acme/challenge-processing.json \
	tests/data/acme/challenge-valid-bare.json \
	tests/data/acme/directory-broken-array.json \
	tests/data/acme/directory-broken-cut.json \
	tests/data/acme/directory-broken-duplicate.json \
	tests/data/acme/directory-broken-empty.json \
	tests/data/acme/directory-broken-file-url.json \
	tests/data/acme/directory-broken-html.json \
	tests/data/acme/directory-broken-http-url.json \
	tests/data/acme/directory-broken-newline-url.json \
	tests/data/acme/directory-broken-no-host.json \
	tests/data/acme/directory-broken-no-new-order.json \
	tests/data/acme/directory-broken-nul-url.json \
	tests/data/acme/directory-broken-null-new-order.json \
	tests/data/acme/directory-broken-number-new-account.json \
	tests/data/acme/directory-broken-object-key-change.json \
	tests/data/acme/directory-broken-password-part.json \
	tests/data/acme/directory-broken-relative-url.json \
	tests/data/acme/directory-broken-space-url.json \
	tests/data/acme/directory-broken-terms-number.json \
	tests/data/acme/directory-broken-terms-script.json \
	tests/data/acme/directory-broken-user-part.json \
	tests/data/acme/directory-full.json \
	tests/data/acme/directory-least.json \
	tests/data/acme/directory-meta-no-object.json \
	tests/data/acme/directory-odd-meta.json \
	tests/data/acme/order-broken-authorization-http.json \
	tests/data/acme/order-broken-authorization-nested.json \
	tests/data/acme/order-broken-authorization-number.json \
	tests/data/acme/order-broken-certificate-http.json \
	tests/data/acme/order-broken-finalize-user.json \
	tests/data/acme/order-broken-identifier-control.json \
	tests/data/acme/order-broken-identifier-nested.json \
	tests/data/acme/order-broken-identifier-no-type.json \
	tests/data/acme/order-broken-identifier-text.json \
	tests/data/acme/order-broken-identifiers-object.json \
	tests/data/acme/order-broken-many-authorizations.json \
	tests/data/acme/order-broken-no-authorizations.json \
	tests/data/acme/order-broken-no-finalize.json \
	tests/data/acme/order-broken-no-identifiers.json \
	tests/data/acme/order-broken-no-status.json \
	tests/data/acme/order-broken-status-control.json \
	tests/data/acme/order-broken-status-number.json \
	tests/data/acme/order-broken-status.json \
	tests/data/acme/order-broken-text.json \
	tests/data/acme/order-broken-valid-no-certificate.json \
	tests/data/acme/order-invalid-bare.json \
	tests/data/acme/order-invalid.json \
	tests/data/acme/order-odd.json \
	tests/data/acme/order-pending.json \
	tests/data/acme/order-processing.json \
	tests/data/acme/order-ready.json \
	tests/data/acme/order-valid.json \
	tests/data/acme/problem-array.json \
	tests/data/acme/problem-control-characters.json \
	tests/data/acme/problem-empty-object.json \
	tests/data/acme/problem-foreign-type.json \
	tests/data/acme/problem-html.json \
	tests/data/acme/problem-odd-subproblems.json \
	tests/data/acme/problem-rate-limited.json \
	tests/data/acme/problem-subproblems.json \
	tests/data/acme/problem-twice-prefixed.json \
	tests/data/acme/problem-user-action.json \
	tests/data/acme/problem-wrong-types.json \
	tests/data/acme/renewal-broken-date.json \
	tests/data/acme/renewal-broken-equal.json \
	tests/data/acme/renewal-broken-no-end.json \
	tests/data/acme/renewal-broken-no-window.json \
	tests/data/acme/renewal-broken-numbers.json \
	tests/data/acme/renewal-broken-reversed.json \
	tests/data/acme/renewal-broken-window-array.json \
	tests/data/acme/renewal-odd.json \
	tests/data/acme/renewal-window.json \
	tests/data/bounces/REUSE.toml \
	tests/data/bounces/delayed.eml \
	tests/data/bounces/exchange.eml \
	tests/data/bounces/exim-delayed.eml \
	tests/data/bounces/exim-plain.eml \
	tests/data/bounces/exim.eml \
	tests/data/bounces/gmail.eml \
	tests/data/bounces/index.tsv \
	tests/data/bounces/of-another.eml \
	tests/data/bounces/postfix.eml \
	tests/data/bounces/qmail.eml \
	tests/data/bounces/receipt.eml \
	tests/data/bounces/relayed.eml \
	tests/data/bounces/sendmail.eml \
	tests/data/clients/REUSE.toml \
	tests/data/clients/accountrc \
	tests/data/clients/clawsrc \
	tests/data/clients/mutt-answer \
	tests/data/clients/muttrc \
	tests/data/clients/neomutt-answer \
	tests/data/config/everything.conf \
	tests/data/config/mistake.conf \
	tests/data/jws.json \
	tests/data/jws.json.license \
	tests/data/mail/REUSE.toml \
	tests/data/mail/rfc8463.eml \
	tests/data/mail/smime-hp-clear.eml \
	tests/data/mail/smime-lost-digest.eml \
	tests/data/mail/smime-opaque-wrapped.eml \
	tests/data/mail_signing.py \
	tests/data/make-mails.py \
	tests/data/make-smime-mails.py \
	tests/data/records/new.json \
	tests/data/records/new.json.license \
	tests/data/records/whole.json \
	tests/data/records/whole.json.license \
	tests/data/smime_mails.py \
	tests/data/smime_signing.py \
	tests/data/vectors.json \
	tests/data/vectors.json.license \
	tests/fuzz/make-seeds.py \
	tests/fuzz/run-fuzz.py \
	tests/lint/lint-house.py \
	tests/lsan.supp \
	tests/mutt/recipe.py \
	tests/mutt/screen.py \
	tests/mutt/test-delivery.py \
	tests/mutt/test-mutt.py \
	tests/mutt/test-setup.py \
	tests/oracle/differences.py \
	tests/oracle/mutations.py \
	tests/oracle/seeded.py \
	tests/oracle/test-oracles.py \
	tests/run-checks \
	tests/run-coverage \
	tests/run-test \
	tests/run-valgrind \
	tests/sandbox/client.py \
	tests/sandbox/conf/domain.zone \
	tests/sandbox/conf/dovecot.conf \
	tests/sandbox/conf/knot.conf \
	tests/sandbox/conf/main.cf \
	tests/sandbox/conf/master.cf \
	tests/sandbox/conf/oauth2.conf \
	tests/sandbox/conf/opendkim.conf \
	tests/sandbox/demo \
	tests/sandbox/install \
	tests/sandbox/keeper.py \
	tests/sandbox/maildir.py \
	tests/sandbox/pki.py \
	tests/sandbox/sandbox \
	tests/sandbox/selftest.py \
	tests/sandbox/test-net.sh \
	tests/sandbox/world.py \
	tests/sandbox/zone.py \
	tests/unit/servers/common.py \
	tests/unit/servers/dns-server.py \
	tests/unit/servers/https-server.py \
	tests/unit/servers/imap-server.py \
	tests/unit/servers/pki.py \
	tests/unit/servers/smtp-server.py
