# SPDX-License-Identifier: GPL-2.0-only
"""The part of evasive.py that is about mail: boundaries, structure, transfer encodings."""

import base64
import binascii
import zlib

from messages import EICAR

B64 = base64.b64encode(EICAR).decode()
HEAD = (
    "Received: from mx.example.net by mx.example.org; Tue, 03 Mar 2026 10:00:00 +0000\r\n"
    "Date: Tue, 03 Mar 2026 10:00:00 +0000\r\nFrom: Dana Miller <dana@example.net>\r\n"
    "To: alice@example.org\r\nSubject: The file you asked for\r\n"
    "Message-ID: <evasive.1@example.net>\r\nMIME-Version: 1.0\r\n"
)
MULTI = 'Content-Type: multipart/mixed; boundary="abc"\r\n'
TEXT = "Content-Type: text/plain\r\n\r\nHello Alice, here is the file.\r\n"
TYPE = "Content-Type: application/octet-stream\r\n"
CTE = "Content-Transfer-Encoding: base64\r\n"
NAME = 'Content-Disposition: attachment; filename="file.bin"\r\n'


def mail(headers, body):
    head = headers if isinstance(headers, bytes) else headers.encode("latin-1")
    rest = body if isinstance(body, bytes) else body.encode("latin-1")
    return HEAD.encode() + head + b"\r\n" + rest


def part(head, body, boundary="abc"):
    return f"--{boundary}\r\n{head}\r\n{body}\r\n"


def mixed(*parts, end="--abc--\r\n", headers=MULTI, first=None):
    return mail(headers, (part("", "")[:0] + (first or "--abc\r\n" + TEXT)) + "".join(parts) + end)


def attached(head, body):
    """One attachment in an ordinary multipart."""
    return mixed(part(head, body))


def encoded(body, cte="base64"):
    return attached(TYPE + f"Content-Transfer-Encoding: {cte}\r\n" + NAME, body)


def file_of(content, name="file.bin"):
    head = TYPE + CTE + f'Content-Disposition: attachment; filename="{name}"\r\n'
    return attached(head, base64.encodebytes(content).decode().replace("\n", "\r\n"))


# ---- headers and structure ----


def of_boundaries():
    hidden = part(TYPE + CTE + NAME, B64)
    yield "boundary in a comment", mixed(
        hidden, headers='Content-Type: multipart/mixed (boundary="x"); boundary="abc"\r\n'
    )
    yield "comment inside the parameter", mixed(
        hidden, headers="Content-Type: multipart/mixed; boundary (b) = (c) abc (d)\r\n"
    )
    yield "boundary by continuations out of order", mixed(
        hidden, headers="Content-Type: multipart/mixed; boundary*1=c; boundary*0=ab\r\n"
    )
    yield "boundary by continuations with a gap", mixed(
        hidden, headers="Content-Type: multipart/mixed; boundary*0=abc; boundary*2=zzz\r\n"
    )
    yield "boundary by doubled continuations", mixed(
        hidden, headers="Content-Type: multipart/mixed; boundary*0=abc; boundary*0=xyz\r\n"
    )
    yield "boundary in percent signs", mixed(
        hidden, headers="Content-Type: multipart/mixed; boundary*=us-ascii''%61bc\r\n"
    )
    yield "boundary plain and extended", mixed(
        hidden, headers="Content-Type: multipart/mixed; boundary=xyz; boundary*=us-ascii''abc\r\n"
    )
    yield "boundary as an encoded word", mixed(
        hidden, headers='Content-Type: multipart/mixed; boundary="=?utf-8?q?abc?="\r\n'
    )
    yield "two boundaries", mixed(
        hidden, headers='Content-Type: multipart/mixed; boundary="xyz"; boundary="abc"\r\n'
    )
    yield "two content types", mixed(
        hidden, headers='Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary="abc"\r\n'
    )
    yield "two content types, the other order", mixed(
        hidden, headers='Content-Type: multipart/mixed; boundary="abc"\r\nContent-Type: text/plain\r\n'
    )
    yield "two multiparts, two boundaries", mixed(
        hidden,
        headers='Content-Type: multipart/mixed; boundary="xyz"\r\n'
        'Content-Type: multipart/mixed; boundary="abc"\r\n',
    )
    yield "blank after the boundary", mixed(hidden.replace("--abc\r\n", "--abc  \t\r\n"))
    yield "blank at the end of a quoted boundary", mixed(
        hidden, headers='Content-Type: multipart/mixed; boundary="abc "\r\n'
    )
    yield "boundary that goes on", mixed(
        part(TYPE + CTE + NAME, B64, "abcdef"), end="--abcdef--\r\n"
    )
    yield "boundary cut at a semicolon", mixed(
        part(TYPE + CTE + NAME, B64, "abc"), headers='Content-Type: multipart/mixed; boundary=abc;d\r\n'
    )
    yield "single quotes", mixed(
        hidden, headers="Content-Type: multipart/mixed; boundary='abc'\r\n"
    )
    yield "quote that never ends", mixed(
        hidden, headers='Content-Type: multipart/mixed; boundary="abc\r\n'
    )
    yield "escaped letters", mixed(
        hidden, headers='Content-Type: multipart/mixed; boundary="\\a\\b\\c"\r\n'
    )
    yield "no boundary parameter", mixed(hidden, headers="Content-Type: multipart/mixed\r\n")
    yield "an empty boundary", mixed(
        part(TYPE + CTE + NAME, B64, ""),
        headers='Content-Type: multipart/mixed; boundary=""\r\n',
        first="--\r\n" + TEXT,
        end="----\r\n",
    )
    yield "no semicolon", mixed(
        hidden, headers="Content-Type: multipart/mixed boundary=abc\r\n"
    )
    yield "a comma for a semicolon", mixed(
        hidden, headers="Content-Type: multipart/mixed, boundary=abc\r\n"
    )
    yield "blanks around the equal sign", mixed(
        hidden, headers="Content-Type: multipart/mixed; boundary \t= \tabc\r\n"
    )
    yield "folded in the middle", mixed(
        hidden, headers='Content-Type: multipart/mixed;\r\n boundary\r\n =\r\n "abc"\r\n'
    )
    yield "folded inside the quotes", mixed(
        hidden, headers='Content-Type: multipart/mixed; boundary="ab\r\n c"\r\n'
    )
    yield "a header line of blanks before", mixed(
        hidden, headers='Content-Type: multipart/mixed;\r\n \r\n boundary="abc"\r\n'
    )
    yield "blank before the colon", mixed(
        hidden, headers='Content-Type : multipart/mixed; boundary="abc"\r\n'
    )
    yield "no type at all", mixed(hidden, headers='Content-Type: boundary="abc"\r\n')
    yield "multipart without a subtype", mixed(
        hidden, headers='Content-Type: multipart; boundary="abc"\r\n'
    )
    yield "an empty subtype", mixed(hidden, headers='Content-Type: multipart/; boundary="abc"\r\n')
    yield "an unknown multipart", mixed(
        hidden, headers='Content-Type: multipart/x-strange; boundary="abc"\r\n'
    )
    yield "blanks around the slash", mixed(
        hidden, headers='Content-Type: multipart / mixed; boundary="abc"\r\n'
    )
    yield "content type without MIME-Version, misspelt", mixed(
        hidden, headers='Content-type:multipart/mixed;boundary="abc"\r\n'
    )
    yield "bytes above 127 in the boundary", mixed(
        hidden.replace("abc", "\xe4bc"),
        headers='Content-Type: multipart/mixed; boundary="\xe4bc"\r\n',
        first="--\xe4bc\r\n" + TEXT,
        end="--\xe4bc--\r\n",
    )
    yield "NUL in the boundary", mixed(
        hidden, headers='Content-Type: multipart/mixed; boundary="abc\0def"\r\n'
    )
    yield "NUL in the content type", mixed(
        hidden, headers='Content-Type: multi\0part/mixed; boundary="abc"\r\n'
    )


def of_structure():
    hidden = part(TYPE + CTE + NAME, B64)
    yield "after the end", mixed(end="--abc--\r\n" + hidden + "--abc--\r\n")
    yield "after the end, no close", mixed(end="--abc--\r\n" + hidden)
    yield "in the preamble with a boundary of its own", mixed(
        first=TYPE + CTE + NAME + "\r\n" + B64 + "\r\n--abc\r\n" + TEXT
    )
    inner = 'Content-Type: multipart/mixed; boundary="abc"\r\n\r\n' + hidden + "--abc--\r\n"
    yield "nested with the same boundary", mixed("--abc\r\n" + inner)
    inner = 'Content-Type: multipart/mixed; boundary="abcd"\r\n\r\n' + part(
        TYPE + CTE + NAME, B64, "abcd"
    )
    yield "nested with a longer boundary, not closed", mixed("--abc\r\n" + inner)
    yield "the outer boundary is longer", mail(
        'Content-Type: multipart/mixed; boundary="abcd"\r\n',
        '--abcd\r\nContent-Type: multipart/mixed; boundary="abc"\r\n\r\n' + hidden + "--abc--\r\n--abcd--\r\n",
    )
    rfc822 = HEAD + MULTI + "\r\n" + hidden + "--abc--\r\n"
    yield "digest default", mail(
        'Content-Type: multipart/digest; boundary="dig"\r\n',
        "--dig\r\n\r\n" + rfc822 + "\r\n--dig--\r\n",
    )
    for kind in ("rfc822", "global", "RFC822 (x)", "news", "delivery-status", "x-unknown"):
        yield f"message/{kind}", mixed(part(f"Content-Type: message/{kind}\r\n", rfc822))
        yield f"message/{kind} in base64", mixed(
            part(
                f"Content-Type: message/{kind}\r\n" + CTE,
                base64.encodebytes(rfc822.encode()).decode(),
            )
        )
    yield "multipart in base64", mail(
        MULTI + CTE, base64.encodebytes((hidden + "--abc--\r\n").encode()).decode()
    )
    yield "multipart in quoted-printable", mail(
        MULTI + "Content-Transfer-Encoding: quoted-printable\r\n",
        ("--abc\r\n" + TEXT + hidden + "--abc--\r\n").replace("=", "=3D"),
    )
    yield "message/partial", mail(
        'Content-Type: message/partial; id="x"; number=1; total=2\r\n',
        TYPE + CTE + NAME + "\r\n" + B64 + "\r\n",
    )
    yield "message/external-body", mixed(
        part(
            "Content-Type: message/external-body; access-type=local-file; name=x\r\n",
            TYPE + CTE + NAME + "\r\n" + B64,
        )
    )
    yield "header fields end with a blank line of blanks", mixed(
        "--abc\r\n" + TYPE + CTE + NAME + "  \t\r\n\r\n" + B64 + "\r\n"
    )
    yield "no blank line before the body", mixed("--abc\r\n" + TYPE + CTE + NAME + B64 + "\r\n")
    yield "a line that is no header field", mixed(
        "--abc\r\n" + TYPE + "this is no header field\r\n" + CTE + NAME + "\r\n" + B64 + "\r\n"
    )
    yield "an mbox line among the header fields", mail(
        "From someone Tue Mar  3 10:00:00 2026\r\n" + MULTI, "--abc\r\n" + TEXT + hidden + "--abc--\r\n"
    )
    yield "a second header block", mail(
        "Content-Type: text/plain\r\n",
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="abc"\r\n\r\n--abc\r\n'
        + TEXT + hidden + "--abc--\r\n",
    )
    whole = mixed(hidden)
    yield "bare line feeds", whole.replace(b"\r\n", b"\n")
    yield "bare carriage returns", whole.replace(b"\r\n", b"\r")
    yield "carriage returns in the body", HEAD.encode() + MULTI.encode() + b"\r\n" + whole.split(
        b"\r\n\r\n", 1
    )[1].replace(b"\r\n", b"\r")
    yield "double carriage returns", whole.replace(b"\r\n", b"\r\r\n")
    yield "line feed, carriage return", whole.replace(b"\r\n", b"\n\r")
    yield "NUL after every line end", whole.replace(b"\r\n", b"\r\n\0")
    yield "NUL before the boundaries", whole.replace(b"--abc", b"\0--abc")
    yield "vertical tab for a line end in the part's header", whole.replace(
        (TYPE + CTE).encode(), (TYPE.strip() + "\x0b" + CTE).encode()
    )
    yield "UTF-16 with a mark", b"\xff\xfe" + whole.decode("latin-1").encode("utf-16-le")
    yield "a byte order mark before", b"\xef\xbb\xbf" + whole
    deep = hidden + "--abc--\r\n"
    for level in range(60):
        deep = (
            f'--n{level}\r\nContent-Type: multipart/mixed; boundary="'
            + ("abc" if level == 0 else f"n{level - 1}")
            + f'"\r\n\r\n{deep}\r\n--n{level}--\r\n'
        )
    yield "sixty levels", mail('Content-Type: multipart/mixed; boundary="n59"\r\n', deep)
    parts = "".join(part("Content-Type: text/plain\r\n", f"{n}") for n in range(3000))
    yield "after three thousand parts", mixed(parts + hidden)


# ---- transfer encodings ----


def junk_every(text, junk, step):
    return junk.join(text[at : at + step] for at in range(0, len(text), step))


def quoted(data, every=3):
    return "".join(
        f"={byte:02X}" if index % every == 0 else chr(byte).replace("=", "=3D")
        for index, byte in enumerate(data)
    )


def uu(data, table=None):
    lines = "".join(
        binascii.b2a_uu(data[at : at + 45]).decode() for at in range(0, len(data), 45)
    )
    return lines.replace("\n", "\r\n") if table is None else lines.translate(table)


def yenc(data):
    out = bytearray()
    for byte in data:
        value = (byte + 42) % 256
        out += bytes([61, (value + 64) % 256]) if value in (0, 10, 13, 61) else bytes([value])
    size = len(data)
    return (
        f"=ybegin line=128 size={size} name=file.bin\r\n".encode()
        + bytes(out)
        + f"\r\n=yend size={size} crc32={zlib.crc32(data):08x}\r\n".encode()
    ).decode("latin-1")


def of_encodings():
    for name, body in (
        ("blanks", junk_every(B64, " ", 3)),
        ("lines of one letter", junk_every(B64, "\r\n", 1)),
        ("junk", junk_every(B64, "!", 7)),
        ("bytes above 127", junk_every(B64, "\xe4", 7)),
        ("NUL bytes", junk_every(B64, "\0", 7)),
        ("padding in the middle", base64.b64encode(EICAR[:10]).decode() + base64.b64encode(EICAR[10:]).decode()),
        ("padding after each three", "".join(base64.b64encode(EICAR[a : a + 1]).decode() for a in range(len(EICAR)))),
        ("one padding sign too few", B64.rstrip("=") + "="),
        ("no padding", B64.rstrip("=")),
        ("too much padding", B64 + "===="),
        ("a sign before", "=" + B64),
        ("four signs before", "====" + B64),
        ("a line of text before", "This is the file:\r\n" + B64),
        ("a line of text after", B64 + "\r\nEnd of the file."),
        ("soft line ends", junk_every(B64, "=\r\n", 20)),
        ("a header field in it", B64[:20] + "\r\nX-Note: nothing\r\n" + B64[20:]),
        ("minus signs", junk_every(B64, "-", 8)),
        ("dots at line starts", junk_every(B64, "\r\n.", 16)),
    ):
        yield f"base64 with {name}", encoded(body)
    for name in (
        "BASE64", "base-64", "base64;", "base64 (comment)", "(comment) base64", '"base64"', "'base64'",
        "x-base64", "base64, 7bit", "7bit base64", "base64\r\n\t", "\r\n base64", "base64\0", "bas\re64",
        "8bit\r\nContent-Transfer-Encoding: base64", "base64\r\nContent-Transfer-Encoding: 8bit",
        "base64\r\nContent-Transfer-Encoding: quoted-printable", "=?utf-8?q?base64?=", "b64", "base_64",
        "binary\r\n base64", "quoted-printable", "7bit", "8bit", "binary", "unknown", "", "uuencode",
        "b\xe4se64", "base64 base64", "base64/x", "base64=",
    ):  # fmt: skip
        yield f"base64 called {name!r}", encoded(B64, name)
    yield "base64, encoding with a blank before the colon", attached(
        TYPE + "Content-Transfer-Encoding : base64\r\n" + NAME, B64
    )
    yield "base64, encoding misspelt", attached(TYPE + "Content-Encoding: base64\r\n" + NAME, B64)
    yield "no encoding named, a text", attached("Content-Type: text/plain\r\n" + NAME, B64)
    qp = quoted(EICAR)
    for name, body in (
        ("every byte", "".join(f"={byte:02X}" for byte in EICAR)),
        ("small letters", "".join(f"={byte:02x}" for byte in EICAR)),
        ("soft line ends", junk_every("".join(f"={b:02X}" for b in EICAR), "=\r\n", 3)),
        ("soft line ends with blanks", junk_every("".join(f"={b:02X}" for b in EICAR), "= \t\r\n", 3)),
        ("soft line ends, line feeds", junk_every("".join(f"={b:02X}" for b in EICAR), "=\n", 3)),
        ("blanks at line ends", "".join(f"={b:02X}" for b in EICAR) + "   \r\n"),
        ("broken escapes after", qp + "=ZZ=1"),
        ("one long line", qp),
    ):
        for spelling in ("quoted-printable", "Quoted Printable", "quotedprintable", "qp", "8bit"):
            yield f"quoted-printable with {name}, called {spelling}", encoded(body, spelling)
    for begin in ("begin 644 file.bin", "begin 0644 file.bin", "begin 644  file.bin", "begin 644 file.bin ",
                  "begin 1000644 file.bin", "begin 644", "Begin 644 file.bin", " begin 644 file.bin"):  # fmt: skip
        block = f"{begin}\r\n{uu(EICAR)}`\r\nend\r\n"
        for spelling in ("x-uuencode", "uuencode", "x-uue", "7bit", "base64"):
            yield f"uuencode {begin!r} called {spelling}", encoded(block, spelling)
        yield f"uuencode {begin!r} in the text", mail("Content-Type: text/plain\r\n", "Hello\r\n\r\n" + block)
    block = f"begin 644 file.bin\r\n{uu(EICAR)}"
    yield "uuencode without an end", mail("Content-Type: text/plain\r\n", "Hello\r\n\r\n" + block)
    yield "uuencode after a quotation mark", mail(
        "Content-Type: text/plain\r\n", "Hello\r\n\r\n" + block.replace("\r\n", "\r\n\r\n") + "end\r\n"
    )
    yield "uuencode with blanks for grave accents", mail(
        "Content-Type: text/plain\r\n", "Hello\r\n\r\n" + block.replace("`", " ") + " \r\nend\r\n"
    )
    yield "begin-base64", mail(
        "Content-Type: text/plain\r\n", "Hello\r\n\r\nbegin-base64 644 file.bin\r\n" + B64 + "\r\n====\r\n"
    )
    yield "yEnc in the text", mail("Content-Type: text/plain\r\n", "Hello\r\n\r\n" + yenc(EICAR))
    yield "yEnc called x-yencode", encoded(yenc(EICAR), "x-yencode")
    yield "yEnc called binary", encoded(yenc(EICAR), "binary")
    twice = base64.b64encode(base64.encodebytes(EICAR)).decode()
    for kind in ("text/plain", "text/html", "image/png", "application/octet-stream"):
        head = f"Content-Type: {kind}\r\n{CTE}{NAME}"
        yield f"base64 in base64 called {kind}", attached(head, twice)
        yield f"base64 in base64 in base64 called {kind}", attached(
            head, base64.b64encode(twice.encode()).decode()
        )
        block = base64.b64encode(yenc(EICAR).encode("latin-1")).decode()
        yield f"yEnc in base64 called {kind}", attached(head, block)


# ---- invitations and address cards ----


def folded(text, fold, width=60):
    return fold.join(text[at : at + width] for at in range(0, len(text), width))


def card(property_line, kind="VCALENDAR"):
    return f"BEGIN:{kind}\r\nVERSION:2.0\r\nX-A:b\r\n{property_line}\r\nX-C:d\r\nEND:{kind}\r\n"


def of_cards():
    """Files that clients show as attachments of the card."""
    for name, line in (
        ("ATTACH in base64", "ATTACH;ENCODING=BASE64;VALUE=BINARY:" + folded(B64, "\r\n ")),
        ("ATTACH with a name", "ATTACH;X-FILENAME=a.com;ENCODING=BASE64:" + folded(B64, "\r\n\t")),
        ("folded parameters", "ATTACH;VALUE=BINARY;ENCO\r\n DING=BASE64:\r\n " + folded(B64, "\r\n ")),
        ("PHOTO of vCard 3", "PHOTO;ENCODING=b;TYPE=JPEG:" + folded(B64, "\r\n ")),
        ("PHOTO of vCard 2.1", "PHOTO;JPEG;BASE64:\r\n" + folded(B64, "\r\n") + "\r\n"),
        ("PHOTO as a data URI", "PHOTO:data:image/jpeg;base64," + folded(B64, "\r\n ")),
    ):
        body = card(line)
        for kind in ("text/calendar; method=REQUEST", "text/vcard", "text/x-vcard"):
            yield f"{name} in {kind}", attached(f"Content-Type: {kind}\r\n", body)
        yield f"{name} in a file", file_of(body.encode(), "invite.ics")
        yield f"{name} in a message of nothing else", mail("Content-Type: text/calendar\r\n", body)
