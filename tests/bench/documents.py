# SPDX-License-Identifier: GPL-2.0-only
"""Attachments for measurements, made to be opened: photographs (JPEG, some bits a pixel), screenshots
(PNG), papers (PDF with pages, fonts, a picture), office documents (a zip with XML and a picture) and
tables. The same for the same chance, in every run.

The contents are random, so that no two are alike, and of the density that such files have; no picture
shows anything.
"""

import io
import math
import struct
import zipfile
import zlib

# Differences between neighbours in a row, as a filter leaves them: nearly all none.
DIFFERENCES = bytes([0] * 243 + [1, 1, 1, 255, 255, 255, 3, 253, 16, 240, 30, 200, 90])
EPOCH = (2026, 1, 5, 9, 0, 0)  # a zip carries times: the same in each run


def words(chance, size):
    out = []
    while size > 0:
        out.append("".join(chance.choice("abcdefghiklmnoprstuvw") for _ in range(chance.randint(2, 9))))
        size -= len(out[-1]) + 1
    return " ".join(out).encode()


def png(chance, size):
    """A screenshot of about `size` bytes: a tenth of a byte a point, as of a desktop with windows and
    text. More than half of the rows are the same as the one above."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    width = int(math.sqrt(size * 10 * 16 / 9))
    height = size * 10 // width
    same = b"\x02" + bytes(3 * width)
    rows = b"".join(
        same if chance.random() < 0.6 else b"\x01" + chance.randbytes(3 * width).translate(DIFFERENCES)
        for _ in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Bits:
    def __init__(self):
        self.value, self.count = 0, 0

    def add(self, value, count):
        self.value = self.value << count | value
        self.count += count

    def data(self):
        pad = -self.count % 8
        filled = self.value << pad | (1 << pad) - 1
        return filled.to_bytes((self.count + pad) // 8, "big").replace(b"\xff", b"\xff\0")


# Symbols of a block's coefficients: (zeros before it, bits of it) in one byte. All codes have one length,
# which makes the tables short and leaves out the code of ones alone, as the format wants.
AC_SYMBOLS = [run << 4 | bits for run in range(15) for bits in range(1, 11)] + [0x00]


def table(kind, symbols, length):
    counts = bytes(len(symbols) if n == length else 0 for n in range(1, 17))
    return struct.pack(">H", 19 + len(symbols)) + bytes([kind]) + counts + bytes(symbols)


def block(chance, coefficients):
    """One of 8 x 8 points: a step from the last one's brightness, and some waves in it."""
    bits = Bits()
    step = chance.randint(0, 4)
    bits.add(step, 4)
    bits.add(chance.getrandbits(step), step)
    for _ in range(coefficients):
        size = chance.choice((1, 1, 1, 2, 2, 3))
        bits.add(AC_SYMBOLS.index(chance.choice((0, 0, 1, 2)) << 4 | size), 8)
        bits.add(chance.getrandbits(size), size)
    bits.add(AC_SYMBOLS.index(0), 8)
    return bits.value, bits.count


def jpeg(chance, size):
    """A photograph of about `size` bytes: baseline JPEG, grey, some 1.2 bits a point."""
    blocks = max(16, size // 10)
    width = max(2, int(math.sqrt(blocks * 4 / 3)))
    height = max(2, blocks // width)
    known = [block(chance, chance.choice((2, 4, 5, 6, 8))) for _ in range(256)]
    rows = []
    for _ in range(height):
        bits = Bits()
        for _ in range(width):
            bits.add(*chance.choice(known))
        rows.append(bits.data())
    frame = struct.pack(">HBHHBBBB", 11, 8, height * 8, width * 8, 1, 1, 0x11, 0)
    marks = (
        (b"\xe0", struct.pack(">H", 16) + b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        (b"\xdb", struct.pack(">HB", 67, 0) + bytes([6] * 64)),
        (b"\xc0", frame),
        (b"\xc4", table(0x00, list(range(12)), 4)),
        (b"\xc4", table(0x10, AC_SYMBOLS, 8)),
        (b"\xdd", struct.pack(">HH", 4, width)),  # the decoder starts anew with each row
        (b"\xda", struct.pack(">HBBBBBB", 8, 1, 1, 0x00, 0, 63, 0)),
    )
    head = b"\xff\xd8" + b"".join(b"\xff" + kind + data for kind, data in marks)
    scan = b"".join(row + bytes([0xFF, 0xD0 + n % 8]) for n, row in enumerate(rows[:-1])) + rows[-1]
    return head + scan + b"\xff\xd9"


def document(chance, size):
    """As office programs write them: half text, half pictures."""
    out = io.BytesIO()

    def add(name, content, kind=zipfile.ZIP_DEFLATED):
        archive.writestr(zipfile.ZipInfo(name, EPOCH), content, kind)

    with zipfile.ZipFile(out, "w") as archive:
        add("[Content_Types].xml", "<Types/>")
        add("_rels/.rels", "<Relationships/>")
        runs = (f"<w:p><w:r><w:t>{words(chance, 400).decode()}</w:t></w:r></w:p>" for _ in range(size // 400))
        add("word/document.xml", "<?xml version='1.0'?><w:document>" + "".join(runs) + "</w:document>")
        add("word/styles.xml", "<w:styles>" + "<w:style w:type='paragraph'/>" * 200 + "</w:styles>")
        add("word/media/image1.png", png(chance, size // 4), zipfile.ZIP_STORED)
        add("word/media/image2.jpeg", jpeg(chance, size // 4), zipfile.ZIP_STORED)
    return out.getvalue()


def paper(chance, size):
    """Pages of text in one font and a photograph, with a table of references."""
    objects = []

    def add(head, stream=None):
        body = head if stream is None else head % len(stream) + b"\nstream\n" + stream + b"\nendstream"
        objects.append(body)
        return len(objects)

    pages = max(1, size // 8000)
    font = add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    photo = add(
        b"<< /Type /XObject /Subtype /Image /Width 64 /Height 64 /ColorSpace /DeviceGray /BitsPerComponent 8"
        b" /Filter /DCTDecode /Length %d >>",
        jpeg(chance, size // 2),
    )
    kids, parent = [], 2 + 2 * pages + 1
    for _ in range(pages):
        lines = b"".join(b"(%s) Tj 0 -14 Td\n" % words(chance, 80) for _ in range(60))
        text = zlib.compress(b"q 200 0 0 200 36 36 cm /P0 Do Q\nBT /F0 11 Tf 36 780 Td\n" + lines + b"ET\n")
        content = add(b"<< /Length %d /Filter /FlateDecode >>", text)
        resources = b"<< /Font << /F0 %d 0 R >> /XObject << /P0 %d 0 R >> >>" % (font, photo)
        kids.append(
            add(
                b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources %s >>"
                % (parent, content, resources)
            )
        )
    add(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, b" ".join(b"%d 0 R" % kid for kid in kids)))
    root = add(b"<< /Type /Catalog /Pages %d 0 R >>" % parent)
    out, at = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        at.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    references = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in at)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(at) + 1, root, len(out))
    return out + b"xref\n0 %d\n" % (len(at) + 1) + references + trailer


def sheet(chance, size):
    rows = []
    while size > 0:
        cells = [str(chance.randint(0, 99_999)) for _ in range(6)] + [words(chance, 20).decode()]
        rows.append(";".join(cells))
        size -= len(rows[-1]) + 2
    return "\r\n".join(rows).encode()


KINDS = (
    ("report.docx", document),
    ("paper.pdf", paper),
    ("photo.jpg", jpeg),
    ("screen.png", png),
    ("table.csv", sheet),
)
