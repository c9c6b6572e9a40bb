#!/bin/sh
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./autogen.sh          prepares the build (then: ./configure && make)
# ./autogen.sh --check  installs what is missing with apt-get, builds, and passes the tests
# ./autogen.sh --demo   the same set-up, then a certificate for alice on a mail world of its own
set -eu
cd "$(dirname "$0")"

build_packages="build-essential autoconf automake libtool pkg-config gettext autopoint libglib2.0-dev libssl-dev
  libcurl4-gnutls-dev libcurl4 libetpan-dev libjansson-dev libsqlite3-dev libunbound-dev"
demo_packages="gpgsm gpg-agent dirmngr gnupg openssl python3 python3-cryptography python3-dkim python3-dnspython
  python3-aiosmtpd python3-nacl ca-certificates"
test_packages="clang libclang-rt-14-dev clang-format valgrind jose mandoc man-db codespell shellcheck universal-ctags msmtp sqlite3 xz-utils git
  locales-all libopendkim-dev procps libnss3-tools mutt neomutt tmux procmail maildrop fdm dovecot-sieve gcovr
  libclaws-mail-dev libgtk-3-dev claws-mail claws-mail-smime-plugin xvfb dbus at-spi2-core gir1.2-atspi-2.0 python3-gi
  imagemagick dovecot-pop3d claws-mail-i18n appstream"

prepare () {
  # A tarball has its configure already and may have no autotools beside it.
  if [ ! -e configure ] || [ configure.ac -nt configure ] || [ Makefile.am -nt Makefile.in ]; then
    echo "Preparing the build ..."
    autoreconf --force --install >autogen.log 2>&1 || { tail -n 40 autogen.log >&2; exit 1; }
  fi
}

install_missing () {
  tests/sandbox/install "$@"
}

build () { # build DIR CONFIGURE-OPTIONS...
  dir=$1
  shift
  mkdir -p "$dir"
  echo "Building in $dir (some minutes; the log is $dir/build.log) ..."
  if ! build_quietly "$dir" "$@" >"$dir/build.log" 2>&1; then
    tail -n 40 "$dir/build.log" >&2
    exit 1
  fi
}

build_quietly () {
  (
    cd "$1"
    shift
    if [ ! -e config.status ] || [ ../configure -nt config.status ]; then
      ../configure --quiet --prefix=/usr --sysconfdir=/etc "$@" || exit 1
    fi
    make --no-print-directory -s -j"$(nproc)"
  )
}

case "${1-}" in
  "")
    autoreconf --force --install
    ;;
  --check)
    # shellcheck disable=SC2086
    install_missing $build_packages $demo_packages $test_packages
    prepare
    build build-check --enable-werror
    exec tests/run-checks build-check
    ;;
  --demo)
    # shellcheck disable=SC2086
    install_missing $build_packages $demo_packages
    prepare
    build build-demo
    exec tests/sandbox/demo build-demo
    ;;
  *)
    echo "usage: ./autogen.sh [--check | --demo]" >&2
    exit 64
    ;;
esac
