#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""mail_flow.py SOCKET: mail without a pause, as an MTA sends it, until SIGTERM; then what became of it.

Every other message has a virus. While Cordon is away, or says 451, an MTA keeps the mail; a virus that is
accepted or clean mail that is refused is what must never be. The last message must have been judged.
"""

import collections
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import messages  # noqa: E402
from rig.milter_client import MilterClient  # noqa: E402
from rig.sockets import MilterSocket  # noqa: E402

AWAY = "away"


def answer_to(socket, data):
    try:
        client = MilterClient(socket, 30)
        last = client.message("dana@example.net", ["alice@example.org"], data)[-1]
        client.close()
    except (OSError, EOFError):
        return AWAY
    return last[1][:3] if last[0] == "reply" else last[0]


def main():
    socket = MilterSocket("unix", path=pathlib.Path(sys.argv[1]), queue=pathlib.Path("/"))
    ends = []
    signal.signal(signal.SIGTERM, lambda *_: ends.append(True))
    kinds = {"clean": messages.clean, "virus": messages.eicar_attached}
    allowed = {"clean": {"accept", "451", AWAY}, "virus": {"554", "451", AWAY}}
    counts, answer = collections.Counter(), AWAY
    while not ends:
        for kind, make in kinds.items():
            answer = answer_to(socket, make())
            counts[kind, answer] += 1
        time.sleep(0.05)
    wrong = [pair for pair in counts if pair[1] not in allowed[pair[0]]]
    print(", ".join(f"{kind} {answer} {count}" for (kind, answer), count in sorted(counts.items())))
    return 1 if wrong or answer != "554" else 0


if __name__ == "__main__":
    sys.exit(main())
