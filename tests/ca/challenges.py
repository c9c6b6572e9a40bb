# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of an email-reply-00 challenge: when its mail goes out, what a POST means, what a reply decides.

The client must bring two things, its reply and its POST; options say in which order and how long the CA waits.
"""

import asyncio
import secrets
import time

import compose
from digest import digests
from dkimcheck import check_dkim
from judge import Expected, judge, matches
from jws import b64url_encode
from message import Message
from problem import Problem
from state import OPEN


class Challenges:
    def __init__(self, options, log, state, pki, faults, post, lookup):
        self._options = options
        self._log = log
        self._state = state
        self._pki = pki
        self._faults = faults
        self._post = post               # postbox.Postbox: hands mail to the world
        self._lookup = lookup           # dkimcheck.Lookup
        self._tasks = set()

    def _task(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)           # the loop itself keeps weak references only
        task.add_done_callback(self._done)

    def _done(self, task):
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            self._log.write("bug", where="challenges", traceback=repr(task.exception()))
            self._log.count("bugs")

    def sender(self):
        address = self._options.sender
        if self._options.per_challenge_from:
            local, _, domain = address.rpartition("@")
            return f"{local}+{secrets.token_hex(6)}@{domain}"
        return address

    # the challenge mail

    def open_mail(self, authz):
        """Sends what has not been sent yet for this authorization, in the background."""
        for challenge in authz.challenges:
            wanted = challenge.type == "email-reply-00" and challenge.mail_state in ("none", "failed")
            if wanted and authz.status == "pending" and challenge.status == "pending":
                challenge.mail_state = "sending"
                self._task(self._send(challenge))

    async def _send(self, challenge):
        options = self._options
        if options.mail_delay:
            await asyncio.sleep(options.mail_delay)
        token1 = b64url_encode(self._pki.random(options.token1_bytes))
        if options.pad:
            token1 += "=" * (-len(token1) % 4)
        challenge.token1 = token1
        challenge.reply_to = options.reply_to or None
        mail = compose.compose(options, challenge)
        challenge.mail = self._sign(mail, challenge.sender)
        if self._faults.take("mail-lost") is not None:
            challenge.mail_state = "sent"
            self._log.count("mails-lost")
            return
        await self.send_raw(challenge.mail, challenge.sender, [challenge.authz.identifier], challenge)
        if self._faults.take("mail-twice") is not None:
            await self.send_raw(challenge.mail, challenge.sender, [challenge.authz.identifier], challenge)

    def _sign(self, mail, sender):
        mail = self._pki.smime.sign(mail, self._options, sender)
        return self._pki.dkim.sign(mail, self._options, sender)

    async def send_raw(self, mail, sender, recipients, challenge=None):
        """Hands MAIL over; an error of the relay is logged and the next fetch tries again."""
        record = {"direction": "out", "from": sender, "to": recipients, "size": len(mail),
                  "challenge": challenge.id if challenge else None}
        try:
            record["where"] = await self._post.send(mail, sender, recipients)
        except Exception as error:      # smtplib and the socket raise many kinds; each means: not sent
            self._log.write("mail-error", error=f"{type(error).__name__}: {error}", **record)
            self._log.count("mail-errors")
            if challenge:
                challenge.mail_state = "failed"
            return False
        if challenge:
            challenge.mail_state = "sent"
            record.update(message_id=challenge.message_id, token1=challenge.token1)
        self._state.mails.append(self._log.write("mail-out", **record))
        self._log.count("mails-out")
        return True

    def resend(self, ident):
        """The same mail once more, as a mailing system that duplicates would do."""
        challenge = self._state.challenges[ident]
        self._task(self.send_raw(challenge.mail, challenge.sender, [challenge.authz.identifier], challenge))

    # the POST

    def posted(self, challenge):
        """A POST {} has come in; the status may change now or later."""
        options = self._options
        if challenge.status not in OPEN:
            return
        if options.trigger == "post" and challenge.mail_state in ("none", "failed"):
            self.open_mail(challenge.authz)
            challenge.status = "processing"
            return
        if challenge.mail_state == "none":
            self._log.violation("challenge POSTed before its mail was asked for by fetching the authorization", "B49",
                                challenge=challenge.id)
        early = not challenge.reply_ok and options.trigger != "post"
        if early and (options.reply_order == "required" or options.post_before_reply == "invalid"):
            self.fail(challenge, "the challenge was POSTed before a good reply had come", "A14")
            return
        challenge.status = "processing"
        if options.wait == "once" and options.trigger != "post":
            self._task(self._look_once(challenge))
        else:
            self._decide(challenge)

    async def _look_once(self, challenge):
        await asyncio.sleep(self._options.once_delay)
        if challenge.status in OPEN and challenge.reply_ok:
            self._succeed(challenge)
        elif challenge.status in OPEN:
            self.fail(challenge, "no good reply had come when this CA looked for it", None)

    def _decide(self, challenge):
        """Valid once the POST and a good reply are both there."""
        if challenge.status not in OPEN or not (challenge.posts and challenge.reply_ok):
            return
        if self._options.wait == "once" and self._options.trigger != "post":
            return                      # _look_once decides
        if self._options.wait == "poll" and self._options.poll_delay:
            challenge.status = "processing"
            self._task(self._succeed_later(challenge))
        else:
            self._succeed(challenge)

    async def _succeed_later(self, challenge):
        await asyncio.sleep(self._options.poll_delay)
        if challenge.status in OPEN:
            self._succeed(challenge)

    def _succeed(self, challenge):
        if challenge.authz.status == "pending":
            challenge.status = "valid"
            challenge.validated = time.time()
            challenge.authz.status = "valid"
            self._log.write("valid", challenge=challenge.id, address=challenge.authz.identifier)
            self._log.count("challenges-valid")
        challenge.decided.set()

    def fail(self, challenge, detail, fact):
        """Challenge, authorization and order become invalid (T-04)."""
        if fact:
            self._log.violation(detail, fact, challenge=challenge.id)
        challenge.status = "invalid"
        challenge.error = Problem("incorrectResponse", detail, 403).json()
        challenge.authz.status = "invalid"
        for order in challenge.authz.orders:
            order.error = {**challenge.error, "subproblems": [
                {**challenge.error, "identifier": {"type": "email", "value": challenge.authz.identifier}}]}
        self._log.write("invalid", challenge=challenge.id, address=challenge.authz.identifier, why=detail)
        self._log.count("challenges-invalid")
        challenge.decided.set()

    # the reply

    def take(self, raw, envelope):
        """A mail to judge in the background."""
        self._task(self.reply(raw, envelope))

    async def reply(self, raw, envelope):
        """Judges one mail that came in. Returns what the log says about it."""
        self._log.count("mails-in")
        self._state.mails.append(self._log.write("mail-in", direction="in", size=len(raw), **envelope))
        mail = Message(raw)
        challenge = self._match(mail)
        if challenge is None:
            self._log.violation("a mail that answers no challenge mail of this CA", "A44", subject=mail.text("subject"))
            return self._refused(None, "match", "no challenge has this token or Message-ID", "A44")
        challenge.replies += 1
        if challenge.replies > 1:
            self._log.violation("a second reply to one challenge mail", "A13", challenge=challenge.id)
            return self._refused(challenge, "once", "a second reply to this challenge", "A13")
        if challenge.status not in OPEN or challenge.authz.status != "pending":
            return self._refused(challenge, "open", "the challenge is over", "B44")
        findings = self._judge(mail, challenge)
        if self._options.judge_dkim != "none":
            loop = asyncio.get_running_loop()
            findings += await loop.run_in_executor(
                None, check_dkim, mail, challenge.authz.identifier, self._options.judge_dkim, self._lookup)
        return self._settle(challenge, findings)

    def _match(self, mail):
        for challenge in self._state.challenges.values():
            # not only "sent": the reply may be back before the relay has said 250
            if challenge.message_id and matches(mail, challenge.token1, challenge.message_id):
                return challenge
        return None

    def _judge(self, mail, challenge):
        right, wrong = digests(challenge.token1, challenge.token, challenge.authz.account.jwk.thumbprint,
                               self._options.join)
        expected = Expected(challenge.authz.identifier, challenge.reply_to or challenge.sender, challenge.token1,
                            challenge.message_id, right, wrong)
        return judge(mail, expected, self._options.judge == "strict")

    def _judged(self, challenge, findings):
        verdict = {"challenge": challenge.id if challenge else None, "ok": not findings, "findings": findings}
        if findings:
            verdict["why"] = findings[0]["why"]
            verdict["fact"] = findings[0]["fact"]
        self._log.write("judgement", **verdict)
        self._log.count("replies-judged")
        self._log.count("replies-good" if not findings else "replies-bad")
        return verdict

    def _refused(self, challenge, check, why, fact):
        return self._judged(challenge, [{"check": check, "why": why, "fact": fact}])

    def _settle(self, challenge, findings):
        verdict = self._judged(challenge, findings)
        challenge.findings = findings
        for finding in findings:
            self._log.violation(finding["why"], finding["fact"], challenge=challenge.id, check=finding["check"])
        if challenge.status not in OPEN or challenge.authz.status != "pending":
            return verdict              # over while the signature was looked at
        if not findings:
            challenge.reply_ok = True
            self._decide(challenge)
        elif self._options.wrong_reply == "invalid":
            self.fail(challenge, "; ".join(finding["why"] for finding in findings), None)
        return verdict
