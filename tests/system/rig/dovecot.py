# SPDX-License-Identifier: GPL-2.0-only
"""A private Dovecot: unpacked programs, LMTP and IMAP on free ports, test users.

Dovecot has the paths of its modules compiled in, so it runs in a mount namespace of its own in
which the unpacked tree lies over /usr; nobody else sees that.
"""

import pwd
import socket
import subprocess

from . import places
from .places import SERVERS, make_directory, write_file
from .process import Daemon

SAMPLE = places.TOP / "conf" / "dovecot" / "quarantine.conf.sample"
PASSWORD = "swordfish"

CONFIGURATION = """\
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {directory}/run
state_dir = {directory}/state
instance_name = {directory}
log_path = {directory}/dovecot.log
default_internal_user = {internal}
default_internal_group = {internal}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
{tls}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Ln
mail_location = maildir:~/Maildir
mail_fsync = never
mailbox_list_index = no
maildir_stat_dirs = yes
login_trusted_networks =
passdb {{
  driver = passwd-file
  args = {directory}/users
}}
userdb {{
  driver = passwd-file
  args = {directory}/users
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap_port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps_port}
  }}
}}
service lmtp {{
  process_limit = 20
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


TLS = "ssl = yes\nssl_cert = <{directory}/server.pem\nssl_key = <{directory}/server.key"


class Certificate:
    """An authority and a server's certificate, made with the openssl command."""

    def __init__(self, directory):
        self.directory = directory
        self.authority = directory / "authority.pem"

    def make(self, days=30, name="localhost"):
        """days 0: over as soon as it is made."""
        if not self.authority.exists():
            self._run(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
                " -subj /CN=Authority -keyout authority.key -out authority.pem"
            )
        self._run(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            f" -subj /CN={name} -keyout server.key -out server.csr"
        )
        write_file(self.directory / "names", f"subjectAltName=DNS:{name}\n")
        self._run(
            "x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial"
            f" -extfile names -days {days} -out server.pem"
        )

    def _run(self, arguments):
        subprocess.run(
            ["openssl", *arguments.split()], cwd=self.directory, check=True, capture_output=True
        )


OVERLAY = 'mount -t overlay overlay -o "lowerdir=$1:/usr" /usr && exec /usr/sbin/dovecot -F -c "$2"'


class Dovecot:
    def __init__(self, directory, users, extra="", tls=False):
        """extra: more lines of configuration, behind the shipped ones. tls: imaps and STARTTLS, with
        a certificate for localhost by an authority of this run."""
        self.directory = directory
        self.imap_port, self.lmtp_port = places.free_port(), places.free_port()
        make_directory(directory)
        self.imaps_port = places.free_port() if tls else 0
        self.certificate = Certificate(directory) if tls else None
        self.log = directory / "dovecot.log"
        self.daemon = None
        make_directory(directory / "run")
        make_directory(directory / "state")
        make_directory(directory / "mail", places.MAILBOX_USER, 0o700)
        self._write_users(users)
        text = CONFIGURATION.format(
            directory=directory,
            internal=places.DOVECOT_USER,
            login=places.DOVECOT_LOGIN_USER,
            imap_port=self.imap_port,
            lmtp_port=self.lmtp_port,
            imaps_port=self.imaps_port,
            tls=TLS.format(directory=directory) if tls else "ssl = no",
        )
        self._configuration = text + SAMPLE.read_text()
        self.configure(extra)

    def configure(self, extra):
        """From the next start on."""
        if self.certificate:
            self.certificate.make()
        write_file(self.directory / "dovecot.conf", self._configuration + extra)

    def mail_of(self, user):
        return self.directory / "mail" / user / "Maildir"

    def _write_users(self, users):
        owner = pwd.getpwnam(places.MAILBOX_USER)
        write_file(
            self.directory / "users",
            "".join(
                f"{user}:{{PLAIN}}{PASSWORD}:{owner.pw_uid}:{owner.pw_gid}::"
                f"{self.directory}/mail/{user}::\n"
                for user in users
            ),
        )

    def start(self):
        self.daemon = Daemon(
            "dovecot",
            [
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                OVERLAY,
                "sh",
                SERVERS,
                self.directory / "dovecot.conf",
            ],
            self.directory / "master.log",
        )
        self.daemon.wait_ready(
            lambda: self._answers(self.imap_port, b"* OK") and self._answers(self.lmtp_port, b"220")
        )

    @staticmethod
    def _answers(port, greeting):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                return connection.recv(200).startswith(greeting)
        except OSError:
            return False

    def stop(self):
        if self.daemon:
            self.daemon.stop()
            self.daemon = None
