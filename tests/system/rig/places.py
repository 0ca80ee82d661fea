# SPDX-License-Identifier: GPL-2.0-only
"""Where things are: the tree, programs, unpacked servers; private directories; free ports."""

import atexit
import contextlib
import os
import pathlib
import pwd
import random
import re
import shutil
import socket
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("CORDON_BUILD", TOP / "build"))
SERVERS = TOP / "build" / "servers" / "tree" / "usr"
DATA = TOP / "tests" / "data"
FETCH_SERVERS = TOP / "tests" / "system" / "fetch_servers.sh"

# Accounts of Debian's base system, so that none has to be created. Postfix refuses root for its own
# and wants another one for deliveries (nobody); Dovecot wants two of its own.
POSTFIX_USER, POSTFIX_GROUP, SETGID_GROUP = "mail", "mail", "uucp"
DOVECOT_USER, DOVECOT_LOGIN_USER, MAILBOX_USER = "news", "irc", "list"
CORDON_USER = "games"

GIVEN_PORTS = set()
_ports = range(10_000, 30_000)


class RigError(Exception):
    """The surroundings are not what a test needs; the text says what to do about it."""


def require_root():
    if os.geteuid() != 0:
        raise RigError(
            "this starts a private Postfix and Dovecot, which only root may do; "
            "run it as root or under sudo"
        )


def require_servers():
    """All that fetch_servers.sh unpacks today; what was unpacked for an older tree may lack some."""
    stamp = SERVERS.parent.parent / ".unpacked"
    wanted = re.search(r'^packages="(.*)"$', FETCH_SERVERS.read_text(), re.MULTILINE)[1]
    if not stamp.exists() or stamp.read_text().strip() != wanted:
        raise RigError(f"the mail servers are not, or not all, below {SERVERS}; run 'make deps'")


def require_programs(*names):
    for name in names:
        if not (BUILD / name).exists():
            raise RigError(f"{BUILD / name} is missing; run 'make'")


def private_directory(purpose):
    """A new directory that services under other accounts can walk through but not list."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=f"cordon-{purpose}-"))
    path.chmod(0o711)
    return path


def remove_directory(path):
    shutil.rmtree(path, ignore_errors=True)


def take_ports(share, of):
    """From now on, of as many equal shares of the ports only this one is given out here."""
    global _ports
    _ports = _ports[share::of]


def free_port():
    """One that no outgoing connection takes before the server does: below those of Linux's own choice,
    and never the same twice."""
    for _ in range(1000):
        port = random.choice(_ports)
        if port in GIVEN_PORTS:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                GIVEN_PORTS.add(port)
                return port
    raise RigError("no port is free")


def make_directory(path, user=None, mode=0o755, group=None):
    path.mkdir(parents=True, exist_ok=True)
    if user:
        shutil.chown(path, user, group or pwd.getpwnam(user).pw_gid)
    path.chmod(mode)
    return path


def write_file(path, text, mode=0o644):
    path.write_text(text)
    path.chmod(mode)
    return path


def is_reachable(path):
    """Whether any account may walk to path: a tree in someone's home directory often fails this."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


_copies = {}


@atexit.register
def remove_copies():
    while _copies:
        remove_directory(_copies.popitem()[1])


def reachable_program(program):
    """The program itself, or a copy, beside copies of cordon*, where other accounts may run it."""
    if is_reachable(program):
        return program
    if program.parent not in _copies:
        copy = private_directory("programs")
        copy.chmod(0o755)
        _copies[program.parent] = copy
    copy = _copies[program.parent]
    for source in [program, *program.parent.glob("cordon*")]:
        if source.is_file() and not (copy / source.name).exists():
            shutil.copy2(source, copy)
    return copy / program.name
