#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of certificate: several addresses, pairs, profiles, elliptic curves, addresses beyond ASCII."""

import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import Ca, Person, Sandbox, Tap, told  # noqa: E402

from cryptography import x509  # noqa: E402

tap = Tap()
ALICE, BOB = "alice@example.test", "bob@example.test"
UTF8_MAILBOX = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9")


def bits(person, usage):
    """The keyUsage of the one certificate for USAGE, as words; what else is asked of it goes to the CA, which is strict."""
    names = {"digital_signature": "DS", "content_commitment": "NR", "key_encipherment": "KE", "key_agreement": "KA"}
    serials = {e["certificate"]["serial"].lower() for e in person.status() if e["certificate"] and e["certificate"]["usage"] == usage}
    found = []
    for path in glob.glob(person.home + "/out/**/certificate.pem", recursive=True):
        with open(path, "rb") as file:
            certificate = x509.load_pem_x509_certificate(file.read())
        if os.path.islink(os.path.dirname(path)) or "%x" % certificate.serial_number not in {s.lstrip("0") for s in serials}:
            continue
        usages = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        found.append(" ".join(short for name, short in names.items() if getattr(usages, name)))
    return found


def get(person, *words, addresses=None):
    return person.run("get", *(addresses or [person.user]), "--agree-tos", "--wait", "60", "--keyring", "files:" + person.home + "/out", *words)


def orders(ca):
    return [entry for entry in ca.log() if entry["kind"] == "order"]


def mails(ca):
    return ca.state()["counters"].get("mails-out", 0)


def second_account(person, sandbox):
    facts = sandbox.facts["users"][BOB]
    person.keys["account " + BOB] = {**person.keys["account " + ALICE], "user": BOB, "password-command": "cat " + facts["password_file"]}
    person.write()


def addresses(sandbox):
    """Two addresses: one certificate, or one each where the CA takes one identifier in an order."""
    for most, keys in ((10, {}), (1, {"identifiers": "1"})):
        with Ca(sandbox, "--identifiers-max", str(most), "--wait", "hold") as ca, Person(sandbox, ca, ca_keys=keys) as person:
            second_account(person, sandbox)
            done = get(person, "--key", "p256", addresses=[ALICE, BOB])
            tap.equal(done.returncode, 0, "two addresses, %d in an order" % most, told(done))
            wanted = [[ALICE, BOB]] if most > 1 else [[ALICE], [BOB]]
            tap.equal(sorted(order["identifiers"] for order in orders(ca)), wanted, "the orders")
            tap.equal([[a["address"] for a in e["addresses"]] for e in person.status() if e["state"] == "INSTALLED"], wanted, "the certificates")
            tap.equal(ca.violations(), [], "no rule broken")
        sandbox.empty(ALICE)
        sandbox.empty(BOB)


def pairs(sandbox):
    """One certificate signs, the other encrypts; the second order opens when the first is valid."""
    for kind, reuse, wanted in (("rsa3072", True, ("DS", "KE")), ("p256", False, ("DS", "KA"))):
        name = "a pair, %s%s" % (kind, ", authorization used again" if reuse else "")
        with Ca(sandbox, "--wait", "hold", *(["--reuse-authz"] if reuse else [])) as ca, Person(sandbox, ca) as person:
            done = get(person, "--usage", "separate", "--key", kind)
            tap.equal(done.returncode, 0, name, told(done))
            tap.equal((bits(person, "sign"), bits(person, "encrypt")), ([wanted[0]], [wanted[1]]), name + ": the issued bits")
            tap.equal((len(orders(ca)), mails(ca)), (2, 1 if reuse else 2), name + ": orders, and mails that they took (T-09)")
            done = get(person, "--usage", "separate")
            tap.ok(done.returncode == 0 and len(orders(ca)) == 2, name + ": is good, nothing more is ordered", told(done))
            done = get(person)
            tap.ok(done.returncode == 0 and len(orders(ca)) == 2, name + ": is good for whoever asks for none in particular", told(done))
            tap.equal(ca.violations(), [], name + ": no rule broken")
        sandbox.empty(ALICE)


def halves(sandbox):
    """Of a pair whose one half is good, the other alone is asked for."""
    with Ca(sandbox, "--wait", "hold", "--reuse-authz", "--validity", "4000") as ca, Person(sandbox, ca) as person:
        done = get(person, "--usage", "sign", "--key", "p256")
        tap.ok(done.returncode == 0 and bits(person, "sign") == ["DS"], "signing alone", told(done))
        ca.control(backdate=12000)  # the second is due as soon as it is there
        done = get(person, "--usage", "separate", "--key", "p256")
        tap.ok(done.returncode == 0 and len(orders(ca)) == 2 and bits(person, "encrypt") == ["KA"], "the other half alone", told(done))
        ca.control(backdate=0)
        done = get(person, "--key", "p256")
        usages = [e["certificate"]["usage"] for e in person.status()]
        tap.ok(done.returncode == 0 and usages == ["sign", "encrypt", "encrypt"], "one half is due: that one is asked for again", (usages, told(done)))
        done = get(person)
        tap.ok(done.returncode == 0 and len(orders(ca)) == 3, "and both are good then", told(done))
    sandbox.empty(ALICE)


def profiles(sandbox):
    with Ca(sandbox, "--profile", "encryption,signing", "--wait", "hold") as ca, Person(sandbox, ca) as person:
        done = person.run("ca", "test")
        tap.ok("signing: the test profile signing" in done.stdout, "ca: profiles with their descriptions", told(done))
        tap.ok("come with NSS on this computer" in done.stdout or "mail programs trust its root is not known" in done.stdout,
               "ca: what is known of its root, and where that was seen", told(done))
        done = get(person, "--profile", "smime")
        tap.ok(done.returncode == 64 and "It offers: encryption, signing." in done.stderr and '"mailcert ca test"' in done.stderr,
               "a profile that is not advertised is refused with the list", told(done))
        tap.equal(orders(ca), [], "and nothing was ordered")
        done = get(person, "--profile", "signing", "--usage", "sign", "--key", "p256")
        tap.ok(done.returncode == 0 and orders(ca)[0]["profile"] == "signing" and bits(person, "sign") == ["DS"], "a profile that is", told(done))
        tap.equal(ca.violations(), [], "no rule broken")
    sandbox.empty(ALICE)
    with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
        done = get(person, "--profile", "smime")
        tap.ok(done.returncode == 64 and "It offers: none." in done.stderr, "a CA that has no profiles", told(done))
    with Ca(sandbox, "--keyusage", "sign", "--wait", "hold") as ca, Person(sandbox, ca) as person:
        done = get(person, "--key", "p256")
        tap.ok(done.returncode == 69 and "decides itself what its certificates are for" in done.stderr and
               "not for encryption" in done.stderr and "Next: " in done.stderr, "a CA that overrides the bits (D05)", told(done))
    sandbox.empty(ALICE)


def curves(sandbox):
    """Refused before anything is asked of the CA where the keyring cannot use such a key; a pair as a whole."""
    with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca) as person:
        profile = "nss:" + person.home + "/profile"
        for spec, usage, why in (("gpgsm", "both", "RSA keys only"), ("gpgsm", "sign", "RSA keys only"), (profile, "both", "elliptic curve"),
                                 (profile, "encrypt", "elliptic curve"), (profile, "separate", "elliptic curve")):
            done = person.run("get", ALICE, "--agree-tos", "--wait", "60", "--key", "p256", "--usage", usage, "--keyring", spec)
            name = "p256, %s, %s" % (spec.partition(":")[0], usage)
            tap.ok(done.returncode == 77 and why in done.stderr and "--key rsa3072" in done.stderr, name + ": refused with the reason", told(done))
            tap.equal((person.status(), [e for e in ca.log() if e["kind"] == "acme"]), ([], []), name + ": before anything is ordered")
        done = person.run("get", ALICE, "--agree-tos", "--wait", "60", "--key", "p384", "--usage", "sign", "--keyring", profile,
                          "--trust-root", ca.ready["root_sha256"])
        tap.ok(done.returncode == 0 and person.status()[0]["keyrings"][0]["state"] == "ready", "p384, nss, sign: signs", told(done))
    sandbox.empty(ALICE)


def san(person):
    """(kind, address) of the newest certificate's one name."""
    path = max(glob.glob(person.home + "/out/*/*/certificate.pem"), key=os.path.getmtime)
    with open(path, "rb") as file:
        names = list(x509.load_pem_x509_certificate(file.read()).extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    if len(names) == 1 and isinstance(names[0], x509.OtherName) and names[0].type_id == UTF8_MAILBOX and names[0].value[:1] == b"\x0c":
        return "SmtpUTF8Mailbox", names[0].value[2:].decode()
    return [(type(name).__name__, name.value) for name in names][0]


def everywhere(person, ca, address):
    """Each keyring's own program signs and decrypts with it (that is what "ready" means), and it is found there by its address."""
    specs = ("gpgsm", "smime-keys", "nss:" + person.home + "/profile")
    done = person.run("install", address, "--trust-root", ca.ready["root_sha256"], *(word for spec in specs for word in ("--keyring", spec)))
    tap.equal(done.returncode, 0, address + ": into every keyring", told(done))
    done = person.run("status", "-v", address)
    tap.ok(done.stdout.count("this one signs") == 1 + len(specs), address + ": is found in each", told(done))
    tap.equal("finds none by an address" in done.stdout, not address.partition("@")[0].isascii(), address + ": and what gpgsm cannot do is said")


def beyond_ascii(sandbox):
    """A domain beyond ASCII, and a local part: through SMTPUTF8 servers, DKIM and IMAP to the certificate (RFC 9598, 8616)."""
    login = "eai@xn--bcher-kva.test"
    for address, wanted in (("erna@b\u00fccher.test", ("RFC822Name", "erna@xn--bcher-kva.test")),
                            ("zo\u00eb@b\u00fccher.test", ("SmtpUTF8Mailbox", "zo\u00eb@xn--bcher-kva.test")),
                            ("erna@xn--bcher-kva.test", ("RFC822Name", "erna@xn--bcher-kva.test"))):
        account = {"user": login, "password-command": "cat " + sandbox.facts["users"][login]["password_file"]}
        with Ca(sandbox, "--wait", "hold") as ca, Person(sandbox, ca, user=address, account=account) as person:
            done = get(person)
            tap.equal(done.returncode, 0, address, told(done))
            if done.returncode == 0:
                tap.equal(san(person), wanted, address + ": in the certificate")
                tap.equal([(order["identifiers"]) for order in orders(ca)], [[address]], address + ": as the person writes it, in the order")
            if done.returncode == 0 and not address.isascii():
                everywhere(person, ca, address)
            tap.equal(ca.violations(), [], address + ": no rule broken")
        sandbox.empty(login)


with Sandbox() as stage:
    for part in (addresses, pairs, halves, profiles, curves, beyond_ascii):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            stage.empty(ALICE)
            try:
                part(stage)
            except (OSError, subprocess.SubprocessError, KeyError, IndexError, ValueError) as error:
                tap.ok(False, part.__name__ + " came to its end", repr(error))
tap.end()
