# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where mail goes out and comes in: SMTP, submission or a folder; an SMTP and an LMTP listener."""

import asyncio
import itertools
import os
import smtplib
import ssl
import urllib.parse

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

SECONDS = 20


class Postbox:
    """--mail-out: smtp:// submission:// submissions:// lmtp:// or dir:PATH."""

    def __init__(self, options, default_folder):
        self._options = options
        self._default = default_folder
        self._numbers = itertools.count(1)

    async def send(self, mail, sender, recipients):
        """Hands the mail over, on a worker thread; returns where it went; raises if it was not taken."""
        target = self._options.mail_out or "dir:" + self._default
        number = next(self._numbers)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._send, target, number, mail, sender, recipients)

    def _send(self, target, number, mail, sender, recipients):
        if target.startswith("dir:"):
            return self._drop(target[4:], number, mail)
        url = urllib.parse.urlsplit(target)
        query = urllib.parse.parse_qs(url.query)
        kinds = {"smtp": smtplib.SMTP, "submission": smtplib.SMTP, "submissions": smtplib.SMTP_SSL,
                 "lmtp": smtplib.LMTP}
        if url.scheme not in kinds:
            raise ValueError(f"mail-out {target!r}")
        context = ssl.create_default_context(cafile=query.get("cafile", [None])[0])
        more = {"context": context} if url.scheme == "submissions" else {}
        if url.scheme != "lmtp":
            more["timeout"] = SECONDS
        with kinds[url.scheme](url.hostname, url.port, local_hostname="ca.test", **more) as smtp:
            if url.scheme == "submission":
                smtp.starttls(context=context)
            if url.username:
                smtp.login(urllib.parse.unquote(url.username), urllib.parse.unquote(url.password or ""))
            utf8 = [] if all(address.isascii() for address in [sender, *recipients]) else ["SMTPUTF8", "BODY=8BITMIME"]
            smtp.sendmail(sender, recipients, mail, mail_options=utf8)
        return f"{url.scheme}://{url.hostname}:{url.port}"

    @staticmethod
    def _drop(folder, number, mail):
        """One file per mail, complete from the moment that it has its name."""
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, f"{number:04d}.eml")
        with open(path + ".part", "wb") as file:
            file.write(mail)
        os.rename(path + ".part", path)
        return path


class Inbox:
    """What aiosmtpd calls for each mail: 250 at once, judged afterwards."""

    def __init__(self, faults, take):
        self._faults = faults
        self._take = take

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        refusal = self._faults.take("smtp-refuse")
        if refusal is not None:
            return refusal or "550 5.7.26 this mail has no valid DKIM signature, says the test"
        self._take(envelope.content, {"from": envelope.mail_from, "to": list(envelope.rcpt_tos), "via": "smtp"})
        return "250 2.0.0 taken"

    async def listen(self, address, port, kind=SMTP):
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: kind(self, hostname="mx.ca.test", enable_SMTPUTF8=True, loop=loop), address, port)
        return server, server.sockets[0].getsockname()[1]

    async def listen_lmtp(self, address, port):
        return await self.listen(address, port, LMTP)
