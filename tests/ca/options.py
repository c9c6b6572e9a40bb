# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the test CA: one table that feeds the command line and POST /control.

What each one means stands in testca.py's docstring, the only place.
"""

from typing import Any, NamedTuple, Tuple


class Option(NamedTuple):
    name: str
    kind: str                      # choice int float text words flag
    default: Any
    choices: Tuple[str, ...] = ()
    start_only: bool = False


YES_NO = ("yes", "no")

TABLE = (
    # where it runs
    Option("dir", "text", None, start_only=True),
    Option("listen", "text", "127.0.0.1", start_only=True),
    Option("port", "int", 0, start_only=True),
    Option("host", "text", "", start_only=True),
    Option("control-port", "int", 0, start_only=True),
    Option("smtp-port", "int", 0, start_only=True),
    Option("lmtp-port", "int", -1, start_only=True),
    Option("tls", "choice", "good", ("good", "wrong-name", "expired", "self-signed"), True),
    Option("odd-urls", "flag", False, start_only=True),
    Option("die-with-stdin", "flag", False, start_only=True),
    # the challenge
    Option("trigger", "choice", "authz", ("authz", "post", "order")),
    Option("join", "choice", "string", ("string", "bytes")),
    Option("token1-bytes", "int", 32),
    Option("token2-bytes", "int", 16),
    Option("pad", "flag", False),
    Option("no-email", "flag", False),
    Option("reuse-authz", "flag", False),
    Option("order-seconds", "float", 86400.0),
    Option("hold-order", "flag", False),
    Option("authz-seconds", "float", 86400.0),
    # its mail
    Option("mail-out", "text", ""),
    Option("sender", "text", "acme@ca.test"),
    Option("per-challenge-from", "flag", False),
    Option("reply-to", "text", ""),
    Option("cc", "text", ""),
    Option("subject", "choice", "plain", ("plain", "fold", "encoded", "encoded-fold")),
    Option("body", "choice", "text", ("text", "html", "alternative")),
    Option("type-acme", "choice", "yes", YES_NO),
    Option("sign", "choice", "dkim-rsa", ("dkim-rsa", "dkim-ed25519", "smime", "none", "external")),
    Option("sign-headers", "choice", "full", ("full", "present")),
    Option("protect", "choice", "hp", ("hp", "wrapped", "none")),
    Option("dkim-selector", "text", "acme"),
    Option("dkim-domain", "text", ""),
    Option("dkim-key", "text", "", start_only=True),
    Option("dkim-bits", "int", 1024, start_only=True),
    Option("mail-delay", "float", 0.0),
    # the reply
    Option("judge", "choice", "strict", ("strict", "lax")),
    Option("judge-dkim", "choice", "present", ("oversign", "present", "any", "none")),
    Option("dns", "text", ""),
    Option("dkim-keys", "text", ""),
    Option("wrong-reply", "choice", "invalid", ("invalid", "ignore")),
    Option("reply-order", "choice", "any", ("any", "required")),
    Option("post-before-reply", "choice", "ok", ("ok", "invalid")),
    Option("second-post", "choice", "ok", ("ok", "refuse", "invalid")),
    Option("read-challenge", "choice", "ok", ("ok", "refuse")),
    Option("wait", "choice", "poll", ("hold", "once", "poll")),
    Option("hold-seconds", "float", 10.0),
    Option("once-delay", "float", 2.5),
    Option("poll-delay", "float", 0.2),
    Option("retry-after", "int", 0),
    # accounts
    Option("eab", "text", ""),
    Option("terms", "text", ""),
    Option("terms-update", "choice", "ok", ("ok", "ignore")),
    # orders and certificates
    Option("identifiers-max", "int", 10),
    Option("profile", "words", []),
    Option("finalize", "text", "valid"),
    Option("processing-seconds", "float", 1.0),
    Option("validity", "int", 90 * 86400),
    Option("backdate", "int", 0),
    Option("keyusage", "choice", "asked", ("asked", "dual", "sign", "encrypt")),
    Option("crl-dp", "text", ""),
    Option("alternates", "int", 0),
    Option("orders-page", "int", 0),
    Option("ari", "flag", False),
    Option("ari-window", "text", ""),
    Option("ari-url", "text", ""),
    Option("clock-ahead", "int", 0),
    # rudeness
    Option("fail", "words", []),
)

BY_NAME = {option.name: option for option in TABLE}


def _flag(value):
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("yes", "true", "1", "on"):
        return True
    if str(value).lower() in ("no", "false", "0", "off"):
        return False
    raise ValueError("yes or no is wanted")


def convert(option, value):
    """A value from the command line (text) or from JSON, as the option's own type."""
    if option.kind == "flag":
        return _flag(value)
    if option.kind == "int":
        return int(value)
    if option.kind == "float":
        return float(value)
    if option.kind == "words":
        return [str(word) for word in value] if isinstance(value, list) else [w for w in str(value).split(",") if w]
    value = str(value)
    if option.kind == "choice" and value not in option.choices:
        raise ValueError("one of " + "|".join(option.choices) + " is wanted")
    return value


class Options:
    """The values in force; options.token1_bytes for --token1-bytes."""

    def __init__(self):
        for option in TABLE:
            setattr(self, option.name.replace("-", "_"), option.default)

    def set(self, name, value, starting=False):
        name = name.replace("_", "-")
        option = BY_NAME.get(name)
        if option is None:
            raise ValueError(f"no option {name}")
        if option.start_only and not starting:
            raise ValueError(f"{name} can be given at the start only")
        try:
            setattr(self, name.replace("-", "_"), convert(option, value))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}: {error}") from error

    def json(self):
        return {option.name: getattr(self, option.name.replace("-", "_")) for option in TABLE}


def add_arguments(parser):
    for option in TABLE:
        flag = "--" + option.name
        if option.kind == "flag":
            parser.add_argument(flag, action="store_true", default=None)
        elif option.kind == "words":
            parser.add_argument(flag, action="append", default=None)
        else:
            parser.add_argument(flag, default=None, choices=option.choices or None)


def from_arguments(namespace):
    """Options from argparse's namespace; ValueError names the wrong one."""
    options = Options()
    for option in TABLE:
        value = getattr(namespace, option.name.replace("-", "_"))
        if value is None:
            continue
        if option.kind == "words":
            value = [word for part in value for word in part.split(",") if word]
        options.set(option.name, value, starting=True)
    return options
