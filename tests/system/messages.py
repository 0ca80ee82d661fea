# SPDX-License-Identifier: GPL-2.0-only
"""The messages that demo, system tests and bench send, all written for Cordon.

Each function gives bytes with CRLF line ends and a Message-ID that no other message has.
"""

import base64
import io
import itertools
import os
import random
import struct
import time
import zipfile
import zlib
from email.utils import formatdate

# Written in two halves, so that no virus scanner takes this file for what it describes.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-" + "ANTI-UBE-TEST-EMAIL*C.34X"
BOUNDARY = "=_part_7f3a9c"

_numbers = itertools.count(1)


def new_message_id(domain="mail.example.net"):
    return f"<{int(time.time())}.{os.getpid()}.{next(_numbers)}@{domain}>"


def now():
    return formatdate(usegmt=True).replace("GMT", "+0000")


def message_id_of(message):
    head = message.split(b"\r\n\r\n", 1)[0]
    return (
        next(line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:"))
        .split(b": ", 1)[1]
        .decode()
    )


def assemble(headers, body):
    """Header fields as (name, value) pairs, in order, and a body with any line ends."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
    body = body.encode() if isinstance(body, str) else body
    return head + b"\r\n" + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def common_headers(
    subject, sender="Dana Miller <dana@example.net>", to="alice@example.org", message_id=None
):
    return [
        ("Date", now()),
        ("From", sender),
        ("To", to),
        ("Subject", subject),
        ("Message-ID", message_id or new_message_id()),
        ("MIME-Version", "1.0"),
    ]


def text_mail(subject, body, extra=(), **common):
    return assemble(
        [
            *common_headers(subject, **common),
            *extra,
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "7bit"),
        ],
        body,
    )


def attachment(name, content, content_type="application/octet-stream"):
    lines = base64.encodebytes(content).decode()
    return (
        f'Content-Type: {content_type}; name="{name}"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="{name}"\n\n{lines}'
    )


def text_part(body, subtype="plain"):
    return f"Content-Type: text/{subtype}; charset=utf-8\nContent-Transfer-Encoding: 7bit\n\n{body}"


def multipart(subject, parts, subtype="mixed", closed=True, **common):
    body = "".join(f"--{BOUNDARY}\n{part}\n" for part in parts) + (
        f"--{BOUNDARY}--\n" if closed else ""
    )
    return assemble(
        [
            *common_headers(subject, **common),
            ("Content-Type", f'multipart/{subtype}; boundary="{BOUNDARY}"'),
        ],
        body,
    )


def clean(subject="Minutes of Tuesday's meeting", **common):
    return text_mail(
        subject,
        """\
Hello Alice,

here is what we agreed on Tuesday. The library stays open until seven, the two broken
shelves are repaired in March, and Robin asks the printers for a second offer. Please
tell me if I forgot something; otherwise I put it into the folder on Friday.

Kind regards
Dana
""",
        **common,
    )


def gtube(subject="Test of the spam filter", **common):
    return text_mail(
        subject,
        f"This is the generic test for unsolicited bulk mail.\n\n{GTUBE}\n\nEnd of test.\n",
        **common,
    )


PHISHING_HTML = """\
<html><body style="font-family:Arial">
<p>Dear Customer,</p>
<p>your mailbox has reached its limit. Please confirm your account within 24 hours to keep receiving
messages.</p>
<p><a href="http://203.0.113.77/~web/mailbox/confirm.php">https://www.bank.example.com/login</a></p>
<p>Customer Service</p></body></html>
"""

PHISHING_TEXT = """\
Dear Customer,

your mailbox has reached its limit. Please confirm your account within 24 hours to keep receiving
messages.

http://203.0.113.77/~web/mailbox/confirm.php

Customer Service
"""


def phishing(subject="Please confirm your account", **common):
    common.setdefault("sender", '"service@bank.example.com" <x91k@mail-77.example.net>')
    return multipart(
        subject,
        [text_part(PHISHING_TEXT), text_part(PHISHING_HTML, "html")],
        "alternative",
        **common,
    )


def eicar_attached(subject="The program you asked for", **common):
    return multipart(
        subject,
        [text_part("Please see the attached file.\n"), attachment("eicar.com", EICAR)],
        **common,
    )


def zipped(name, content):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def renamed_program(name="notes.txt", subject="The notes you asked for", **common):
    """A Windows program in an archive, under a name that says otherwise."""
    program = b"MZ" + bytes(58) + b"@\0\0\0" + b"PE\0\0" + bytes(200)
    return multipart(
        subject,
        [
            text_part("Please see the attached archive.\n"),
            attachment("files.zip", zipped(name, program), "application/zip"),
        ],
        **common,
    )


def eicar_zipped(subject="The archive you asked for", **common):
    return multipart(
        subject,
        [
            text_part("Please see the attached archive.\n"),
            attachment("files.zip", zipped("eicar.com", EICAR), "application/zip"),
        ],
        **common,
    )


class ZipCrypto:
    """The traditional PKWARE encryption (APPNOTE 6.1), as password-protected zips have it."""

    def __init__(self, password):
        self.keys = [0x12345678, 0x23456789, 0x34567890]
        for byte in password:
            self._update(byte)

    @staticmethod
    def _crc(value, byte):
        return (zlib.crc32(bytes([byte]), value ^ 0xFFFFFFFF) ^ 0xFFFFFFFF) & 0xFFFFFFFF

    def _update(self, byte):
        self.keys[0] = self._crc(self.keys[0], byte)
        self.keys[1] = (self.keys[1] + (self.keys[0] & 0xFF)) * 134775813 + 1 & 0xFFFFFFFF
        self.keys[2] = self._crc(self.keys[2], self.keys[1] >> 24)

    def encrypt(self, data):
        out = bytearray()
        for byte in data:
            word = self.keys[2] | 2
            out.append(byte ^ (word * (word ^ 1) >> 8 & 0xFF))
            self._update(byte)
        return bytes(out)


def encrypted_zip(name, content, password):
    """A zip of one stored and encrypted member, which unzip and Python open with the password."""
    checksum = zlib.crc32(content)
    data = ZipCrypto(password).encrypt(
        random.Random(1).randbytes(11) + bytes([checksum >> 24]) + content
    )
    fields = struct.pack(
        "<HHHHHIIIHH", 20, 1, 0, 0, 0x5821, checksum, len(data), len(content), len(name), 0
    )
    local = b"PK\3\4" + fields + name.encode() + data
    central = (
        b"PK\1\2"
        + struct.pack("<H", 20)
        + fields
        + struct.pack("<HHHII", 0, 0, 0, 0, 0)
        + name.encode()
    )
    return (
        local
        + central
        + b"PK\5\6"
        + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    )


def encrypted_archive(subject="Figures for March", **common):
    content = encrypted_zip("figures.csv", b"month,sum\nMarch,1200\n" * 20, b"spring")
    return multipart(
        subject,
        [
            text_part("The figures are in the archive; Robin knows how to open it.\n"),
            attachment("figures.zip", content, "application/zip"),
        ],
        **common,
    )


def broken_mime(subject="Photographs of the garden", **common):
    """Two Content-Types with two boundaries, no end, and a virus where only some clients look."""
    body = (
        f"--other\n{text_part('Some clients show this.')}\n--other--\n"
        f"--{BOUNDARY}\n{text_part('Other clients show this.')}\n"
        f"--{BOUNDARY}\n{attachment('photo.com', EICAR)}\n"
    )
    return assemble(
        [
            *common_headers(subject, **common),
            ("Content-Type", 'multipart/mixed; boundary="other"'),
            ("Content-Type", f'multipart/mixed; boundary="{BOUNDARY}"'),
        ],
        body,
    )


def with_forged_headers(**common):
    """Clean mail whose sender has already written down what a filter is to have found."""
    forged = [
        ("X-Spam-Flag", "NO"),
        ("x-spam-status", "No, score=-99.0 required=5.0 tests=FORGED"),
        ("X-Spam-Score", "-99"),
        ("X-SPAM-LEVEL", ""),
        ("X-Spam-Flag", "NO"),
        ("X-Cordon-Id", "forged"),
        ("X-Cordon-Seal", "v1.forged"),
        ("X-Cordon-Release", "forged"),
        ("Authentication-Results", "mx.example.org; dkim=pass header.d=forged.example"),
        ("Authentication-Results", "other.example.com; spf=pass smtp.mailfrom=kept.example"),
    ]
    message = clean(**common)
    return assemble(forged, b"")[:-2] + message


def large(size, **common):
    """A message of about size bytes with an attachment that no archive or program is."""
    content = random.Random(size).randbytes(int(size / 1.36))
    return multipart(
        "A large drawing",
        [text_part("The drawing is attached.\n"), attachment("drawing.bin", content)],
        **common,
    )


WORDS = (
    "the committee of this house wrote that every summer a garden needs water and people who like "
    "to walk early while trains run late because snow fell on open fields near small towns where "
    "music plays and letters come by boat from islands with green hills and long winters"
).split()


def ordinary(seed, size=5000):
    """About size bytes as newsletters are sent: text and HTML, a few links, many headers."""
    chance = random.Random(seed)

    def sentence():
        return (
            " ".join(chance.choice(WORDS) for _ in range(chance.randint(6, 14))).capitalize() + "."
        )

    def paragraph():
        return " ".join(sentence() for _ in range(chance.randint(2, 4)))

    paragraphs, total = [], 1400
    while total < size:
        paragraphs.append(paragraph())
        total += int(len(paragraphs[-1]) * 2.15) + 20
    links = [
        f"https://www.example.com/{chance.choice(WORDS)}/{chance.randint(1, 999)}" for _ in range(3)
    ]
    plain = "\n\n".join(wrapped(text) for text in paragraphs) + "\n\n" + "\n".join(links) + "\n"
    html = (
        "<html><head><title>Letter</title></head><body>\n"
        + "".join(f"<p>{wrapped(text)}</p>\n" for text in paragraphs)
        + "".join(f"<a href=\"{link}\">{link.split('/')[3]}</a>\n" for link in links)
        + "</body></html>\n"
    )
    hops = [
        (
            "Received",
            f"from relay{hop}.example.net (relay{hop}.example.net [198.51.100.{hop}])\r\n"
            f"\tby mail.example.net (Postfix) with ESMTPS id {chance.randrange(16**10):X}\r\n"
            f"\tfor <alice@example.org>; {now()}",
        )
        for hop in (7, 8)
    ]
    message = multipart(
        sentence().rstrip("."),
        [text_part(plain), text_part(html, "html")],
        "alternative",
        sender=f"{' '.join(chance.sample(WORDS, 2)).title()} <writer@example.net>",
    )
    extra = [
        *hops,
        ("User-Agent", "Mozilla Thunderbird"),
        ("List-Id", "Letters <letters.example.net>"),
        ("List-Unsubscribe", "<https://www.example.net/leave>"),
        ("Precedence", "list"),
    ]
    return assemble(extra, b"")[:-2] + message


def wrapped(text, width=76):
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return "\n".join(lines)
