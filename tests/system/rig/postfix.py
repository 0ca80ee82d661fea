# SPDX-License-Identifier: GPL-2.0-only
"""A private Postfix: unpacked programs, its own configuration and queue, SMTP on a free port."""

import os
import shutil
import subprocess

from . import places
from .mta import Mta
from .places import RigError, SERVERS, make_directory, write_file
from .process import Daemon

SAMPLE = places.TOP / "conf" / "postfix" / "main.cf.sample"
RELEASE_SAMPLE = places.TOP / "conf" / "postfix" / "master.cf.sample"
SHIPPED_SOCKET = "unix:cordon/milter.sock"
SHIPPED_RELEASE = "127.0.0.1:10035 inet n - y - - smtpd"

MAIN_CF = """\
compatibility_level = 3.7
queue_directory = {queue}
data_directory = {data}
daemon_directory = {sbin}/../lib/postfix/sbin
command_directory = {sbin}
shlib_directory = {sbin}/../lib/postfix
meta_directory = {config}
mail_owner = {owner}
setgid_group = {setgid}
default_privs = nobody
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH
maillog_file = {log}
maillog_file_prefixes = {directory}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.org
mydestination =
mynetworks = 192.0.2.0/24
local_recipient_maps =
local_header_rewrite_clients =
local_transport = error:this site has no local mailboxes
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_relay_restrictions = reject_unauth_destination
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_peername_lookup = no
smtpd_tls_security_level = none
smtp_tls_security_level = none
smtp_host_lookup = native
disable_dns_lookups = yes
alias_maps =
alias_database =
message_size_limit = 62914560
mailbox_size_limit = 0
virtual_mailbox_limit = 0
queue_minfree = 0
in_flow_delay = 0
relay_domains = partner.example.net
transport_maps = inline:{{partner.example.net=discard:}}
virtual_mailbox_domains = example.org
virtual_mailbox_maps = texthash:{config}/mailboxes
virtual_alias_maps = texthash:{config}/aliases
virtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}
lmtp_destination_concurrency_limit = 10
minimal_backoff_time = 1s
queue_run_delay = 1s
bounce_queue_lifetime = 0
"""

MASTER_CF = """\
127.0.0.1:{port} inet n - n - 200 smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
lmtp      unix - - n - - lmtp
anvil     unix - - n - 1 anvil
showq     unix n - n - - showq
postlog   unix-dgram n - n - 1 postlogd
"""

# Folder, group where it is not Postfix's own, mode: what Debian's postfix-script would set.
QUEUE_FOLDERS = [
    ("active", None, 0o700),
    ("bounce", None, 0o700),
    ("corrupt", None, 0o700),
    ("defer", None, 0o700),
    ("deferred", None, 0o700),
    ("flush", None, 0o700),
    ("hold", None, 0o700),
    ("incoming", None, 0o700),
    ("private", None, 0o700),
    ("saved", None, 0o700),
    ("trace", None, 0o700),
    ("maildrop", places.SETGID_GROUP, 0o730),
    ("public", places.SETGID_GROUP, 0o710),
]


def milter_setting(milter_socket):
    """The value that the shipped sample gives smtpd_milters, for this socket."""
    line = next(
        line
        for line in sample_lines(milter_socket).splitlines()
        if line.startswith("smtpd_milters")
    )
    return line.partition("=")[2].strip()


def sample_lines(milter_socket):
    """What conf/postfix tells an administrator to add, with the socket of this run in its place."""
    text = SAMPLE.read_text()
    if text.count(SHIPPED_SOCKET) != 1:
        raise RigError(f"{SAMPLE} must name {SHIPPED_SOCKET} exactly once")
    return text.replace(SHIPPED_SOCKET, milter_socket)


def release_service(port, milter_socket):
    """What conf/postfix tells an administrator to add to master.cf, with the port and socket of this
    run, and without the chroot that Debian's Postfix has."""
    text = RELEASE_SAMPLE.read_text()
    for shipped in (SHIPPED_RELEASE, SHIPPED_SOCKET):
        if text.count(shipped) != 1:
            raise RigError(f"{RELEASE_SAMPLE} must name {shipped} exactly once")
    return text.replace(SHIPPED_RELEASE, f"127.0.0.1:{port} inet n - n - - smtpd").replace(
        SHIPPED_SOCKET, milter_socket
    )


class Postfix(Mta):
    def __init__(self, directory, lmtp_port, users, aliases):
        self.directory = directory
        self.config = directory / "etc"
        self.queue = directory / "spool"
        self.log = directory / "postfix.log"
        self.port, self.release_port = places.free_port(), places.free_port()
        self.environment = {
            "LD_LIBRARY_PATH": str(SERVERS / "lib" / "postfix"),
            "MAIL_CONFIG": str(self.config),
        }
        self.milter_socket = ""
        self._make_folders()
        self._write_maps(users, aliases)
        self._main_cf = MAIN_CF.format(
            queue=self.queue,
            data=directory / "data",
            sbin=SERVERS / "sbin",
            config=self.config,
            owner=places.POSTFIX_USER,
            setgid=places.SETGID_GROUP,
            log=self.log,
            directory=directory,
            lmtp_port=lmtp_port,
        )
        self._master_cf = MASTER_CF.format(port=self.port)

    def _make_folders(self):
        make_directory(self.directory)
        make_directory(self.config)
        make_directory(self.queue)
        make_directory(self.queue / "pid")
        make_directory(self.directory / "data", places.POSTFIX_USER, 0o700)
        for name, group, mode in QUEUE_FOLDERS:
            make_directory(
                self.queue / name, places.POSTFIX_USER, mode, group or places.POSTFIX_GROUP
            )

    def _write_maps(self, users, aliases):
        write_file(
            self.config / "mailboxes", "".join(f"{user}@example.org {user}\n" for user in users)
        )
        write_file(
            self.config / "aliases", "".join(f"{name} {to}\n" for name, to in aliases.items())
        )

    def add_listener(self, milter_socket):
        """One more SMTP port with a filter of its own, from the next start on."""
        port = places.free_port()
        self._master_cf += (
            f"127.0.0.1:{port} inet n - n - 200 smtpd\n"
            f"    -o {{ smtpd_milters = {milter_setting(milter_socket)} }}\n"
        )
        return port

    def start(self, milter_socket, extra=""):
        """Starts with the shipped lines in main.cf; milter_socket "" leaves the filter out."""
        self.milter_socket = milter_socket
        services = self._master_cf + (
            release_service(self.release_port, milter_socket) if milter_socket else ""
        )
        write_file(self.config / "master.cf", services)
        lines = sample_lines(milter_socket) if milter_socket else ""
        write_file(self.config / "main.cf", self._main_cf + lines + extra)
        self.log.touch()
        shutil.chown(self.log, places.POSTFIX_USER)
        self.daemon = Daemon(
            "postfix",
            [SERVERS / "lib/postfix/sbin/master", "-c", self.config],
            self.directory / "master.log",
            self.environment,
        )
        self.daemon.wait_ready(self.answers)

    def command(self, name, *arguments):
        result = subprocess.run(
            [SERVERS / "sbin" / name, "-c", self.config, *arguments],
            text=True,
            env={**os.environ, **self.environment},
            capture_output=True,
            timeout=20,
        )
        return result.stdout + result.stderr

    def queued(self):
        """The queue files of mail that is not delivered yet."""
        return [
            path
            for folder in ("incoming", "active", "deferred", "hold", "maildrop", "corrupt")
            for path in (self.queue / folder).rglob("*")
            if path.is_file()
        ]
