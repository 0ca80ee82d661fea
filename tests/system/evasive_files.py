# SPDX-License-Identifier: GPL-2.0-only
"""The part of evasive.py that is about files: archives that hide the test virus, names that hide
their extension."""

import base64
import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib

from evasive_mail import B64, CTE, NAME, TYPE, attached, file_of, mixed, part
from messages import EICAR

def stored_zip(name="file.com", content=EICAR, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def patched(data, at, fmt, *values):
    return data[:at] + struct.pack(fmt, *values) + data[at + struct.calcsize(fmt) :]


def tar_of(content, name="file.com", mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def of_zips():
    deflated = stored_zip(method=zipfile.ZIP_DEFLATED)
    central = deflated.index(b"PK\1\2")
    end = deflated.index(b"PK\5\6")
    innocent = stored_zip("note.txt", b"nothing here")
    for name, data in (
        ("prefix", b"MZ" + b"\0" * 300 + deflated),
        ("suffix", deflated + b"\0" * 500),
        ("suffix longer than a comment", deflated + b"x" * 70_000),
        ("encrypted bit in the local header", patched(deflated, 6, "<H", 1)),
        ("encrypted bit in the directory", patched(deflated, central + 8, "<H", 1)),
        ("encrypted bit in both", patched(patched(deflated, 6, "<H", 1), central + 8, "<H", 1)),
        ("stored in the directory", patched(deflated, central + 10, "<H", 0)),
        ("stored in the local header", patched(deflated, 8, "<H", 0)),
        ("unknown method in the local header", patched(deflated, 8, "<H", 99)),
        ("unknown method in the directory", patched(deflated, central + 10, "<H", 99)),
        ("size nought in the local header", patched(deflated, 18, "<II", 0, 0)),
        ("size nought in the directory", patched(deflated, central + 20, "<II", 0, 0)),
        ("huge size in the local header", patched(deflated, 18, "<II", 0xFFFFFFFF, 0xFFFFFFFF)),
        ("huge size in the directory", patched(deflated, central + 20, "<II", 0xFFFFFFF0, 0xFFFFFFF0)),
        ("one byte too small in the directory", patched(deflated, central + 24, "<I", 5)),
        ("wrong checksum", patched(patched(deflated, 14, "<I", 7), central + 16, "<I", 7)),
        ("offset past the end", patched(deflated, central + 42, "<I", 0x7FFFFFFF)),
        ("directory offset wrong", patched(deflated, end + 16, "<I", 1)),
        ("directory entries nought", patched(deflated, end + 8, "<HH", 0, 0)),
        ("directory size nought", patched(deflated, end + 12, "<I", 0)),
        ("no directory", deflated[:central]),
        ("no end record", deflated[:end]),
        ("end record cut", deflated[: end + 10]),
        ("comment with an end record", deflated[:-2] + struct.pack("<H", 22) + innocent[innocent.index(b"PK\5\6") :]),
        ("two archives, the virus first", deflated + innocent),
        ("two archives, the virus last", innocent + deflated),
        ("data descriptor without a mark", descriptor_zip(mark=b"")),
        ("data descriptor with a mark", descriptor_zip(mark=b"PK\7\x08")),
        ("zip64 fields", zip64()),
        ("local name differs", deflated.replace(b"file.com", b"note.txt", 1)),
        ("signature of the local header broken", b"QK" + deflated[2:]),
        ("spanning mark before", b"PK\7\x08" + deflated),
        ("version needed 9.9", patched(patched(deflated, 4, "<H", 99), central + 6, "<H", 99)),
        ("a directory by its attributes", patched(deflated, central + 38, "<I", 0x10)),
        ("a name that ends with a slash", deflated.replace(b"file.com", b"file.co/")),
        ("absolute name", deflated.replace(b"file.com", b"/ile.com")),
        ("NUL in the name", deflated.replace(b"file.com", b"fil\0.com")),
        ("bzip2", stored_zip(method=zipfile.ZIP_BZIP2)),
        ("lzma", stored_zip(method=zipfile.ZIP_LZMA)),
        ("nested ten times", nested_zip(10)),
        ("nested thirty times", nested_zip(30)),
    ):
        yield f"zip: {name}", file_of(data, "file.zip")


def nested_zip(levels):
    data = EICAR
    for level in range(levels):
        data = stored_zip("file.com" if level == 0 else "inner.zip", data, zipfile.ZIP_DEFLATED)
    return data


def raw_deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def descriptor_zip(mark):
    packed, crc, name = raw_deflate(EICAR), zlib.crc32(EICAR), b"file.com"
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 8, 8, 0, 0x5862, 0, 0, 0, len(name), 0) + name
    local += packed + mark + struct.pack("<III", crc, len(packed), len(EICAR))
    return local + directory(name, crc, len(packed), len(EICAR), len(local), flags=8)


def directory(name, crc, packed, size, at, flags=0, extra=b""):
    entry = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, flags, 8, 0, 0x5862, crc, packed, size,
        len(name), len(extra), 0, 0, 0, 0, 0,
    ) + name + extra  # fmt: skip
    return entry + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(entry), at, 0)


def zip64():
    packed, crc, name = raw_deflate(EICAR), zlib.crc32(EICAR), b"file.com"
    extra = struct.pack("<HHQQ", 1, 16, len(EICAR), len(packed))
    local = struct.pack(
        "<4sHHHHHIIIHH", b"PK\3\4", 45, 0, 8, 0, 0x5862, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra)
    )
    local += name + extra + packed
    return local + directory(name, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(local), extra=extra)


def of_archives():
    inner = stored_zip(method=zipfile.ZIP_DEFLATED)
    for name, data in (
        ("gz", gzip.compress(EICAR)),
        ("gz with junk after", gzip.compress(EICAR) + b"junk" * 50),
        ("two gz", gzip.compress(b"nothing") + gzip.compress(EICAR)),
        ("two gz, zero bytes between", gzip.compress(b"nothing") + bytes(100) + gzip.compress(EICAR)),
        ("three gz, zero bytes between", b"\0".join([gzip.compress(b""), gzip.compress(b"a"), gzip.compress(EICAR)])),
        ("gz cut", gzip.compress(EICAR)[:-6]),
        ("gz with a wrong checksum", gzip.compress(EICAR)[:-8] + b"\0" * 8),
        ("bz2", bz2.compress(EICAR)),
        ("two bz2", bz2.compress(b"nothing") + bz2.compress(EICAR)),
        ("xz", lzma.compress(EICAR)),
        ("lzma", lzma.compress(EICAR, lzma.FORMAT_ALONE)),
        ("two xz", lzma.compress(b"nothing") + lzma.compress(EICAR)),
        ("gz of bz2 of xz of zip", gzip.compress(bz2.compress(lzma.compress(inner)))),
        ("tar", tar_of(EICAR)),
        ("tar with a wrong checksum", tar_of(EICAR).replace(b"ustar", b"ustaR", 1)),
        ("tar.gz", tar_of(EICAR, mode="w:gz")),
        ("tar.xz of zip", tar_of(inner, "inner.zip", "w:xz")),
        ("zip of tar.bz2", stored_zip("a.tar.bz2", tar_of(EICAR, mode="w:bz2"))),
        ("two tars", tar_of(b"nothing", "a.txt") + tar_of(EICAR)),
        ("tar after junk", b"\0" * 512 + tar_of(EICAR)),
        ("mail in a file", mixed(part(TYPE + CTE + NAME, B64))),
        ("mail in a zip", stored_zip("letter.eml", mixed(part(TYPE + CTE + NAME, B64)))),
        ("mbox in a zip", stored_zip("mbox", b"From a Tue Mar  3 10:00:00 2026\n" + mixed(part(TYPE + CTE + NAME, B64)))),
        ("a page with the file in a link", b'<html><a href="data:application/octet-stream;base64,' + B64.encode() + b'">x</a></html>'),
    ):
        for suffix in ("bin", "txt", "jpg"):
            yield f"archive: {name} called .{suffix}", file_of(data, f"file.{suffix}")


# ---- file names ----


def named(disposition, content_type="application/octet-stream"):
    return attached(f"Content-Type: {content_type}\r\n" + CTE + disposition, base64.b64encode(bytes(range(90))).decode())


def word(text, charset="utf-8", letter="b"):
    encoded = base64.b64encode(text.encode(charset)).decode()
    return f"=?{charset}?{letter}?{encoded}?="


def names():
    """Attachments whose real name ends in .exe; yields (name, message)."""
    filename = "Content-Disposition: attachment; filename"
    extended = "utf-8''report%2Eexe"
    for name, disposition in (
        ("plain", f'{filename}="report.exe"'),
        ("without quotes", f"{filename}=report.exe"),
        ("unquoted with blanks", f"{filename}=my report.exe"),
        ("single quotes", f"{filename}='report.exe'"),
        ("a quote that never ends", f'{filename}="report.exe'),
        ("a quote that never ends, more after it", f'{filename}="report.exe; size=3'),
        ("escapes", f'{filename}="report.\\e\\x\\e"'),
        ("percent signs", f"{filename}*={extended}"),
        ("percent signs without a star", f'{filename}="report%2Eexe"'),
        ("extended without a charset", f"{filename}*=report%2Eexe"),
        ("extended in quotes", f'{filename}*="{extended}"'),
        ("extended in an unknown charset", f"{filename}*=x-none''report%2Eexe"),
        ("extended with one quote", f"{filename}*=utf-8'report%2Eexe"),
        ("continued", f"{filename}*0=report.; filename*1=exe"),
        ("continued out of order", f"{filename}*1=exe; filename*0=report."),
        ("continued with a gap", f"{filename}*0=report.txt; filename*2=.exe"),
        ("continued with leading noughts", f"{filename}*00=report.; filename*01=exe"),
        ("continued from one", f"{filename}*1=report.; filename*2=exe"),
        ("continued twice", f"{filename}*0=report.txt; filename*0=report.exe"),
        ("continued and mixed", f"{filename}*0*=utf-8''report; filename*1=.exe"),
        ("continued, the extension in percent signs", f"{filename}*0=report; filename*1*=%2Eexe"),
        ("continued, charset only at the end", f"{filename}*0=report.; filename*1*=utf-8''exe"),
        ("continued and plain", f'{filename}="a.txt"; filename*0=report.; filename*1=exe'),
        ("plain and extended", f"{filename}=a.txt; filename*={extended}"),
        ("extended and plain", f"{filename}*=utf-8''a.txt; filename=report.exe"),
        ("twice", f"{filename}=a.txt; filename=report.exe"),
        ("twice, the other order", f"{filename}=report.exe; filename=a.txt"),
        ("encoded word", f'{filename}="{word("report.exe")}"'),
        ("encoded word without quotes", f"{filename}={word('report.exe')}"),
        ("encoded word, Q", f'{filename}="=?utf-8?q?report=2Eexe?="'),
        ("encoded word in UTF-16", f'{filename}="{word("report.exe", "utf-16-be")}"'),
        ("encoded word in UTF-7", f'{filename}="=?utf-7?q?report+AC4-exe?="'),
        ("encoded word in Shift_JIS", f'{filename}="{word("報告.exe", "shift_jis")}"'),
        ("encoded word in KOI8-R", f'{filename}="{word("отчёт.exe", "koi8-r")}"'),
        ("encoded word in ISO-2022-JP", f'{filename}="{word("報告.exe", "iso-2022-jp")}"'),
        ("encoded word in an unknown charset", f'{filename}="=?x-none?b?cmVwb3J0LmV4ZQ==?="'),
        ("encoded word with a language", f'{filename}="=?utf-8*de?b?cmVwb3J0LmV4ZQ==?="'),
        ("encoded word without padding", f'{filename}="=?utf-8?b?cmVwb3J0LmV4ZQ?="'),
        ("two encoded words", f'{filename}="{word("report.")} {word("exe")}"'),
        ("two encoded words without a blank", f'{filename}="{word("report.")}{word("exe")}"'),
        ("two encoded words, folded", f'{filename}="{word("report.")}\r\n {word("exe")}"'),
        ("a letter cut between encoded words", f'{filename}="=?utf-8?b?{base64.b64encode(b"report" + "ä".encode()[:1]).decode()}?= =?utf-8?b?{base64.b64encode("ä".encode()[1:] + b".exe").decode()}?="'),
        ("encoded word, then plain", f'{filename}="{word("report")}.exe"'),
        ("encoded word inside the extended form", f"{filename}*=utf-8''{word('report.exe')}"),
        ("comment after", f"{filename}=report.exe (a.txt)"),
        ("comment before", f"{filename}=(a.txt)report.exe"),
        ("comment in the middle", f"{filename}=report(x).exe"),
        ("blank before the equal sign", f'{filename} = "report.exe"'),
        ("folded in the middle", f'{filename}="report\r\n .exe"'),
        ("folded before", f'{filename}=\r\n\t"report.exe"'),
        ("dots at the end", f'{filename}="report.exe..."'),
        ("blanks at the end", f'{filename}="report.exe   "'),
        ("a no-break space at the end", f'{filename}="{word("report.exe" + chr(0xA0))}"'),
        ("a zero width space inside", f'{filename}="{word("report.e" + chr(0x200B) + "xe")}"'),
        ("many blanks", f'{filename}="report.txt{" " * 120}.exe"'),
        ("a path", f'{filename}="C:\\\\a.txt\\\\report.exe"'),
        ("a path with slashes", f'{filename}="../a.txt/report.exe"'),
        ("a stream", f'{filename}="report.exe::$DATA"'),
        ("right to left", f'{filename}="{word("report" + chr(0x202E) + "txt.exe")}"'),
        ("NUL", f'{filename}="report.exe\0.txt"'),
        ("a tab", f'{filename}="report.\texe"'),
        ("capital letters", 'Content-Disposition: attachment; FILENAME="REPORT.EXE"'),
        ("no semicolon", 'Content-Disposition: attachment filename="report.exe"'),
        ("no disposition", 'Content-Disposition: filename="report.exe"'),
        ("semicolons", 'Content-Disposition: attachment;; ; filename="report.exe"'),
        ("unknown disposition", 'Content-Disposition: x-none; filename="report.exe"'),
        ("inline", 'Content-Disposition: inline; filename="report.exe"'),
        ("name for filename", 'Content-Disposition: attachment; name="report.exe"'),
        ("two dispositions", 'Content-Disposition: attachment; filename="a.txt"\r\nContent-Disposition: attachment; filename="report.exe"'),
        ("two dispositions, the other order", 'Content-Disposition: attachment; filename="report.exe"\r\nContent-Disposition: attachment; filename="a.txt"'),
        ("a blank before the colon", 'Content-Disposition : attachment; filename="report.exe"'),
        ("raw bytes", f'{filename}="r\xe4port.exe"'),
    ):  # fmt: skip
        yield f"name: {name}", named(disposition + "\r\n")
    for name, kind in (
        ("in the type", 'application/octet-stream; name="report.exe"'),
        ("in the type, extended", "application/octet-stream; name*=utf-8''report%2Eexe"),
        ("in the type, continued", "application/octet-stream; name*0=report.; name*1=exe"),
        ("in the type, encoded word", f'application/octet-stream; name="{word("report.exe")}"'),
        ("in the type, another in the disposition", 'application/octet-stream; name="report.exe"'),
        ("of a program in a picture's type", 'image/jpeg; name="report.exe"'),
    ):
        other = 'Content-Disposition: attachment; filename="a.txt"\r\n' if "another" in name else ""
        yield f"name: {name}", named(other, kind)


# ---- bombs ----


def bulk(megabytes):
    """Packs to a twentieth: in proportion, and large."""
    chance = random.Random(11)
    blocks = (chance.randbytes(1000) * 25 for _ in range(megabytes * 40))
    return b"".join(blocks)


def large_dictionary(packed):
    """An .lzma file that asks its reader for four gigabytes."""
    return packed[:1] + b"\xff\xff\xff\xff" + packed[5:]


def bombs():
    """Archives that cost time or memory; yields (name, message)."""
    large = bulk(95)
    packed = stored_zip("large.bin", large, zipfile.ZIP_DEFLATED)
    for name, data in (
        ("95 MB in gz", gzip.compress(large, 1)),
        ("95 MB in bz2", bz2.compress(large[: 30 << 20], 1)),
        ("95 MB in tar.gz", gzip.compress(tar_of(large, "large.bin"), 1)),
        ("95 MB in tar.gz in zip", stored_zip("a.tar.gz", gzip.compress(tar_of(large, "a"), 1))),
        ("95 MB in a zip that is read in two ways", patched(packed, 18, "<II", 100, 100)),
        ("lzma that asks for 4 GB", large_dictionary(lzma.compress(EICAR * 9, lzma.FORMAT_ALONE))),
        ("gz in gz, 30 deep", nested_gz(30)),
        ("ten times 20 MB", many_members(10, large[: 20 << 20])),
    ):
        yield name, file_of(data, "file.bin")


def nested_gz(levels):
    data = bytes(1 << 20)
    for _ in range(levels):
        data = gzip.compress(data)
    return data


def many_members(count, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(count):
            archive.writestr(f"{number}.bin", content + bytes([number]))
    return out.getvalue()
