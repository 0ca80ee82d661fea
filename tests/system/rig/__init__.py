# SPDX-License-Identifier: GPL-2.0-only
"""A private mail site on loopback: Postfix, Cordon and Dovecot in one temporary directory.

Everything that a test starts lives below that directory, listens on free ports of 127.0.0.1 and is
ended by process id. A mail server that this machine already has is never touched.
"""

from .cordon import Cordon
from .nullmilter import NullMilter
from .site import MailSite, RigError
from .smtp import Reply, deliver

__all__ = ["Cordon", "MailSite", "NullMilter", "Reply", "RigError", "deliver"]
