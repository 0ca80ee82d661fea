# SPDX-License-Identifier: GPL-2.0-only
"""The part of evasive.py that is about opaque S/MIME (CMS, RFC 5652)."""

import base64
import io
import zipfile

from evasive_mail import CTE, TYPE, attached, B64, file_of
from messages import EICAR

ENTITY = (TYPE + CTE + "\r\n" + B64 + "\r\n").encode()
OF_DATA = bytes.fromhex("06092a864886f70d010701")
OF_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")


def value(tag, *content):
    body = b"".join(content)
    size = len(body).to_bytes(2, "big")
    return bytes([tag, 0x82]) + size + body


def signed(content):
    """Signed by nobody, which nobody who opens it minds."""
    inner = value(0x30, OF_DATA, value(0xA0, value(0x04, content)))
    return value(0x30, OF_SIGNED_DATA, value(0xA0, value(0x30, b"\2\1\1\x31\0", inner, b"\x31\0")))


def armoured(der, label="CMS"):
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n".encode()


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def of_signed_data():
    for kind, content in (("mail", ENTITY), ("a file", EICAR)):
        der = signed(content)
        for name in ("smime.p7m", "file.bin", "a.exe.p7m", "a.pdf"):
            yield f"{kind} as {name}", file_of(der, name)
            yield f"{kind} in armour as {name}", file_of(armoured(der), name)
            yield f"{kind} in the other armour as {name}", file_of(armoured(der, "PKCS7"), name)
            yield f"{kind} as {name} in a zip", file_of(zipped(name, der), "a.zip")
            yield f"{kind} in armour as {name} in a zip", file_of(zipped(name, armoured(der)), "a.zip")
        kind_of_mail = "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
        yield f"{kind} in base64 twice", attached(
            kind_of_mail + CTE, base64.b64encode(base64.encodebytes(der)).decode()
        )
