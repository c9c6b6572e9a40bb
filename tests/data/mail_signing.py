# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DKIM keys and signer of make-mails.py."""

import base64
import subprocess

import dkim
import nacl.encoding
import nacl.signing


def openssl(*words, data=b""):
    return subprocess.run(["openssl", *words], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True).stdout


class Keys:
    """The keys and the zone that publishes them."""

    def __init__(self):
        self.private = {}
        self.zone = []
        for name, bits in (("rsa", 2048), ("rsa1024", 1024), ("rsa768", 768), ("rsa3072", 3072)):
            pem = openssl("genrsa", "-traditional", str(bits))
            self.private[name] = pem
            self.publish(name, "v=DKIM1; k=rsa; p=" + self.public(pem, "-pubout"))
        rsa = self.public(self.private["rsa"], "-pubout")
        seed = nacl.signing.SigningKey.generate()
        self.private["ed"] = seed.encode(nacl.encoding.Base64Encoder)
        ed = base64.b64encode(bytes(seed.verify_key)).decode()
        self.publish("ed", "v=DKIM1; k=ed25519; p=" + ed)
        for name, *records in (
                ("bare", "p=" + rsa),
                ("pkcs1", "v=DKIM1; p=" + self.public(self.private["rsa"], "-RSAPublicKey_out")),
                ("folded", "v=DKIM1;  k = rsa ;\t p = " + rsa[:70] + " " + rsa[70:] + " ; "),
                ("hashes", "v=DKIM1; h=sha1 : sha256; s=email; t=s; n=a note; p=" + rsa),
                ("beside", "v=spf1 -all", "v=DKIM1; p=" + rsa, "google-site-verification=x"),
                ("revoked", "v=DKIM1; p="),
                ("testing", "v=DKIM1; t=y:s; p=" + rsa),
                ("strict", "v=DKIM1; t=s; p=" + rsa),
                ("sha1only", "v=DKIM1; h=sha1; p=" + rsa),
                ("notmail", "v=DKIM1; s=tlsrpt; p=" + rsa),
                ("unknown", "v=DKIM1; k=dsa; p=" + rsa),
                ("later", "k=rsa; v=DKIM1; p=" + rsa),
                ("version", "v=DKIM2; p=" + rsa),
                ("no-p", "v=DKIM1; k=rsa"),
                ("spf", "v=spf1 -all"),
                ("several", "v=DKIM1; p=" + rsa, "v=DKIM1; p=" + self.public(self.private["rsa3072"], "-pubout")),
                ("junk-der", "v=DKIM1; p=" + base64.b64encode(b"\x30\x82\x01\x22" + bytes(64)).decode()),
                ("junk-base64", "v=DKIM1; p=!!!!"),
                ("edshort", "v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(31)).decode()),
                ("rsa-says-ed", "v=DKIM1; k=ed25519; p=" + ed),
                ("ed-says-rsa", "v=DKIM1; k=rsa; p=" + rsa),
                ("other", "v=DKIM1; p=" + self.public(self.private["rsa3072"], "-pubout"))):
            for record in records:
                self.publish(name, record)
        for name in ("bare", "pkcs1", "folded", "hashes", "beside", "revoked", "testing", "strict", "sha1only",
                     "notmail", "unknown", "later", "version", "no-p", "spf", "several", "junk-der", "junk-base64",
                     "missing", "down", "bogus", "rsa-says-ed", "other"):
            self.private[name] = self.private["rsa"]
        for name in ("edshort", "ed-says-rsa"):
            self.private[name] = self.private["ed"]
        for name, status in (("missing", "none"), ("down", "unavailable"), ("bogus", "bogus")):
            self.zone.append((name + "._domainkey.ca.test", status, ""))
        for domain in ("other.test", "sub.ca.test", "strasse.test", "xn--bcher-kva.test", "b\u00fccher.test"):  # the last for the oracles
            self.publish("rsa", "v=DKIM1; p=" + rsa, domain)

    @staticmethod
    def public(pem, form):
        return base64.b64encode(openssl("rsa", form, "-outform", "DER", data=pem)).decode()

    def publish(self, selector, record, domain="ca.test"):
        self.zone.append(("%s._domainkey.%s" % (selector, domain), "found", record))

    def look_up(self, name, timeout=5):
        name = (name.decode() if isinstance(name, bytes) else name).lower()
        texts = [text for zone_name, status, text in self.zone if zone_name + "." == name and status == "found"]
        # dkimpy sees one record; the one that is a key, as a client that skips the rest would
        keys = [text for text in texts if "p=" in text] or texts
        return keys[0].encode() if keys else None


class Signer(dkim.DKIM):
    """dkimpy's signer with tags of our own choice."""

    def __init__(self, message, tags, **options):
        super().__init__(message, **options)
        self.tags = tags

    def gen_header(self, fields, include_headers, canon_policy, header_name, pk, standardize=False):
        fields = [(name, self.tags.pop(name, value)) for name, value in fields]
        fields[-1:-1] = [(name, value) for name, value in self.tags.items() if value is not None]
        fields = [(name, value) for name, value in fields if value is not None]
        return super().gen_header(fields, include_headers, canon_policy, header_name, pk, standardize)
