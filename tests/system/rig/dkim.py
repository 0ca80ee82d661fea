# SPDX-License-Identifier: GPL-2.0-only
"""Signs as RFC 6376 says, simple/simple and rsa-sha256, with the openssl program: nothing of Cordon's
own verifier is in it."""

import base64
import hashlib
import json
import subprocess

SELECTOR = "test"


def openssl(*arguments, data=None):
    return subprocess.run(
        ["openssl", *arguments], input=data, capture_output=True, check=True, timeout=30
    ).stdout


def fields_of(head):
    """The header fields as they are, folded lines and their CRLF included."""
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += line + b"\r\n"
        else:
            fields.append(line + b"\r\n")
    return fields


def name_of(field):
    return field.split(b":", 1)[0].lower()


class Signer:
    def __init__(self, directory, domain):
        self.directory, self.domain = directory, domain
        self.key = directory / "dkim.pem"
        openssl("genrsa", "-out", str(self.key), "2048")

    def records(self):
        """The public key as the DNS tells it: {name: {type: [value]}}"""
        public = openssl("pkey", "-in", str(self.key), "-pubout", "-outform", "DER")
        record = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
        return {f"{SELECTOR}._domainkey.{self.domain}": {"TXT": [record]}}

    def zone(self):
        """A file for `cordon scan --dns-zone` that holds them."""
        path = self.directory / "zone.json"
        path.write_text(json.dumps(self.records()))
        return path

    def sign(self, message):
        """The message with a signature over every field that it has, and none that it may get."""
        head, _, body = message.partition(b"\r\n\r\n")
        fields = fields_of(head)
        while body.endswith(b"\r\n\r\n"):
            body = body[:-2]
        body_hash = base64.b64encode(hashlib.sha256(body or b"\r\n").digest())
        # Several fields of one name are taken from the bottom up.
        signed = fields[::-1]
        names = b":".join(name_of(field) for field in signed)
        unsigned = (
            b"DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=%s; s=%s;\r\n\th=%s;\r\n"
            b"\tbh=%s;\r\n\tb=" % (self.domain.encode(), SELECTOR.encode(), names, body_hash)
        )
        signature = openssl(
            "dgst", "-sha256", "-sign", str(self.key), data=b"".join(signed) + unsigned
        )
        return unsigned + base64.b64encode(signature) + b"\r\n" + message
