# SPDX-License-Identifier: GPL-2.0-only
"""A private Sendmail: unpacked programs, a sendmail.cf of its own made from the shipped sample, SMTP on
a free port, local delivery to Dovecot. What tests ask of Postfix they can ask of it."""

import subprocess

from . import places
from .mta import Mta
from .places import RigError, SERVERS, make_directory, write_file
from .process import Daemon

SAMPLE = places.TOP / "conf" / "sendmail" / "cordon.mc.sample"
SHIPPED_SOCKET = "local:/run/cordon/milter.sock"
SHIPPED_RELEASE = "Addr=127.0.0.1, Port=10035,"
PROGRAM = SERVERS / "libexec" / "sendmail" / "sendmail"

SITE_MC = """\
divert(-1)
include(`{share}/cf/m4/cf.m4')
divert(0)
OSTYPE(`linux')
define(`confDONT_BLAME_SENDMAIL', `GroupWritableDirPathSafe,TrustStickyBit')
define(`confSERVICE_SWITCH_FILE', `{etc}/service.switch')
define(`QUEUE_DIR', `{queue}')
define(`ALIAS_FILE', `{etc}/aliases')
define(`STATUS_FILE', `{etc}/statistics')
define(`HELP_FILE', `{etc}/help')
define(`confCW_FILE', `{etc}/local-host-names')
define(`confPID_FILE', `{directory}/sendmail.pid')
define(`confDOMAIN_NAME', `mx.example.org')
define(`confDONT_PROBE_INTERFACES', `true')
define(`confTO_IDENT', `0')
define(`confREFUSE_LA', `1000')
define(`confQUEUE_LA', `1000')
define(`confDELAY_LA', `0')
define(`confMIN_QUEUE_AGE', `0')
define(`confMAX_MESSAGE_SIZE', `62914560')
define(`confLOCAL_MAILER', `cyrusv2')
define(`CYRUSV2_MAILER_FLAGS', `A5@/:|m')
define(`CYRUSV2_MAILER_ARGS', `TCP 127.0.0.1 {lmtp_port}')
FEATURE(`accept_unresolvable_domains')
FEATURE(`nocanonify')
FEATURE(`no_default_msa')
DAEMON_OPTIONS(`Name=MTA, Addr=127.0.0.1, Port={port}')
LOCAL_DOMAIN(`example.org')
{filter}
MAILER(`cyrusv2')
MAILER(`smtp')
"""

# Sendmail waits a minute for a host name with a dot; in a namespace of its own it has one.
START = 'hostname mx.example.org && exec "$@"'


def filter_lines(milter_socket, release_port):
    text = SAMPLE.read_text()
    for shipped in (SHIPPED_SOCKET, SHIPPED_RELEASE):
        if text.count(shipped) != 1:
            raise RigError(f"{SAMPLE} must name {shipped} exactly once")
    return text.replace(SHIPPED_SOCKET, milter_socket).replace(
        SHIPPED_RELEASE, f"Addr=127.0.0.1, Port={release_port},"
    )


class Sendmail(Mta):
    def __init__(self, directory, lmtp_port, _users, aliases):
        self.directory = make_directory(directory)
        self.config = make_directory(directory / "etc")
        self.queue = make_directory(directory / "queue", mode=0o700)
        self.run = make_directory(directory / "cordon", places.CORDON_USER)
        self.log = directory / "sendmail.log"
        self.lmtp_port = lmtp_port
        self.port, self.release_port = places.free_port(), places.free_port()
        for name in ("statistics", "local-host-names", "help"):
            write_file(self.config / name, "")
        write_file(self.config / "service.switch", "hosts files\naliases files\npasswd files\n")
        lines = [f"{name.partition('@')[0]}: {to}\n" for name, to in aliases.items()]
        write_file(self.config / "aliases", "".join(lines).replace("@example.org", ""))

    def start(self, milter_socket, extra=""):
        text = SITE_MC.format(
            share=SERVERS / "share" / "sendmail",
            etc=self.config,
            directory=self.directory,
            queue=self.queue,
            lmtp_port=self.lmtp_port,
            port=self.port,
            filter=(filter_lines(milter_socket, self.release_port) if milter_socket else "") + extra,
        )
        write_file(self.directory / "site.mc", text)
        made = subprocess.run(
            ["m4", self.directory / "site.mc"], capture_output=True, text=True, check=True
        )
        write_file(self.directory / "sendmail.cf", made.stdout)
        self._run("-bi")  # the table of aliases
        self.daemon = Daemon(
            "sendmail",
            ["unshare", "--uts", "sh", "-c", START, "sh", *self._command("-bD", "-q2s")],
            self.log,
        )
        self.daemon.wait_ready(self.answers)

    def _command(self, *arguments):
        return [PROGRAM, "-C", self.directory / "sendmail.cf", *arguments]

    def _run(self, *arguments):
        script = ["unshare", "--uts", "sh", "-c", START, "sh", *self._command(*arguments)]
        subprocess.run(script, capture_output=True, check=True, timeout=30)

    def queued(self):
        """Control files (qf…, and tf… while they are written) and held ones (hf…)."""
        return [path for path in self.queue.rglob("*") if path.name[:2] in ("qf", "tf", "hf")]
