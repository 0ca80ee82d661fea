# SPDX-License-Identifier: GPL-2.0-only
"""The MTA's side of the milter protocol (version 6), for what no MTA shows: the order of answers.

It obeys the steps that the filter negotiated away, as Postfix and Sendmail do.
"""

import socket
import struct

from .sockets import ALL_ACTIONS, ALL_STEPS, MILTER_VERSION, packet, read_packet

# Protocol bits by command: (the step is not sent, the filter does not answer it).
STEP_BITS = {
    b"C": (0x1, 0x1000),
    b"H": (0x2, 0x2000),
    b"M": (0x4, 0x4000),
    b"R": (0x8, 0x8000),
    b"B": (0x10, 0x80000),
    b"L": (0x20, 0x80),
    b"N": (0x40, 0x40000),
    b"T": (0x200, 0x10000),
}
NEXT_STEP = (b"c", b"s")
MODIFICATIONS = {
    b"+": "addrcpt",
    b"2": "addrcpt",
    b"-": "delrcpt",
    b"h": "addheader",
    b"i": "insheader",
    b"m": "chgheader",
    b"b": "replbody",
    b"q": "quarantine",
    b"e": "chgfrom",
    b"p": "progress",
}
BODY_CHUNK = 65535


class MilterClient:
    """One milter connection; messages are sent one after another, with an abort between them."""

    def __init__(self, milter_socket, timeout=60):
        self.connection = milter_socket.connect(timeout)
        self._send(b"O", struct.pack("!III", MILTER_VERSION, ALL_ACTIONS, ALL_STEPS))
        _, payload = read_packet(self.connection)
        self.version, self.actions, self.protocol = struct.unpack("!III", payload[:12])
        self.is_connected = False

    def _send(self, command, payload=b""):
        self.connection.sendall(packet(command, payload))

    def _step(self, command, payload=b""):
        """One step, unless it was negotiated away; the filter's answer, None when it gives none."""
        not_sent, no_answer = STEP_BITS[command]
        if self.protocol & not_sent:
            return None
        self._send(command, payload)
        return None if self.protocol & no_answer else read_packet(self.connection)

    def _macros(self, command, **macros):
        fields = [
            text.encode() + b"\0"
            for pair in macros.items()
            for text in (f"{{{pair[0]}}}" if len(pair[0]) > 1 else pair[0], pair[1])
        ]
        self._send(b"D", command + b"".join(fields))

    def connect_from(
        self, address="198.51.100.7", name="mail.example.net", helo="mail.example.net"
    ):
        self._macros(b"C", j="mx.example.org", daemon_name="mx.example.org", v="test")
        self._step(
            b"C", name.encode() + b"\0" + b"4" + struct.pack("!H", 25) + address.encode() + b"\0"
        )
        self._step(b"H", helo.encode() + b"\0")
        self.is_connected = True

    def message(self, sender, recipients, data, queue_id="4ABCDEF"):
        """Sends one message; the answers to its end, [(what, arguments...)], the last is final."""
        if not self.is_connected:
            self.connect_from()
        answer = self.begin(sender, recipients, data, queue_id)
        return [answer] if answer else self.finish()

    def begin(self, sender, recipients, data, queue_id="4ABCDEF"):
        """All but the end of the message; an answer that ends it early, or None."""
        self._macros(b"M", mail_addr=sender, i=queue_id)
        steps = [(b"M", b"<" + sender.encode() + b">\0")]
        steps += [(b"R", b"<" + recipient.encode() + b">\0") for recipient in recipients]
        steps += [(b"T", b"")]
        head, _, body = data.partition(b"\r\n\r\n")
        steps += [(b"L", name + b"\0" + value + b"\0") for name, value in header_fields(head)]
        steps += [(b"N", b"")]
        steps += [(b"B", body[at : at + BODY_CHUNK]) for at in range(0, len(body), BODY_CHUNK)]
        skipped = False
        for command, payload in steps:
            if command == b"T":
                self._macros(b"T", i=queue_id)
            if command == b"B" and skipped:
                continue
            answer = self._step(command, payload)
            skipped = skipped or bool(answer and answer[0] == b"s")
            if answer and answer[0] not in NEXT_STEP:
                return final(answer)
        return None

    def finish(self):
        """The end of the message and everything the filter answers."""
        self._macros(b"E", i="4ABCDEF")
        self._send(b"E")
        answers = []
        while True:
            command, payload = read_packet(self.connection)
            if command not in MODIFICATIONS:
                return [*answers, final((command, payload))]
            if command == b"p":
                continue
            words = payload.rstrip(b"\0").split(b"\0")
            if command in (b"i", b"m"):
                words = [struct.unpack("!I", payload[:4])[0], *payload[4:-1].split(b"\0")]
            answers.append(
                (
                    MODIFICATIONS[command],
                    *(w if isinstance(w, int) else w.decode(errors="replace") for w in words),
                )
            )

    def abort(self):
        self._send(b"A")

    def close(self):
        try:
            self._send(b"Q")
        except OSError:
            pass
        self.connection.close()

    def vanish(self):
        """Ends as a crashed MTA does: a reset, no farewell."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def header_fields(head):
    """(name, value) with the blanks after the colon, as an MTA sends it with SMFIP_HDR_LEADSPC."""
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1] += b"\n" + line
        elif line:
            name, _, value = line.partition(b":")
            fields.append([name, value])
    return [tuple(field) for field in fields]


def final(answer):
    command, payload = answer
    words = {
        b"a": "accept",
        b"c": "accept",
        b"r": "reject",
        b"d": "discard",
        b"t": "tempfail",
        b"4": "close",
    }
    if command == b"y":
        return ("reply", payload.rstrip(b"\0").decode(errors="replace"))
    return (words.get(command, f"unknown {command!r}"),)
