#!/bin/sh
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
# core/net against real servers: IDLE, Junk, XOAUTH2, STARTTLS, bad certificates, sendmail, DNSSEC.
exec "$MC_TOP/tests/sandbox/sandbox" run -- "$MC_BUILD/tests/unit/test-net-sandbox" --tap -k
