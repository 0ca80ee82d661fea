# SPDX-License-Identifier: GPL-2.0-only
"""Mail that hides the test virus in the ways in which mail programs and filters disagree.

all_cases() and names() yield (name, message): everything here was written from the standards and
from what clients are known to tolerate. Each of the former must be stopped, for the virus or for
being odd; of the latter the extension .exe must be seen.
"""

from evasive_files import bombs, names, of_archives, of_zips
from evasive_mail import of_boundaries, of_cards, of_encodings, of_structure
from evasive_signed import of_signed_data

__all__ = ["all_cases", "bombs", "is_name_seen", "is_stopped", "names"]

STOPPED = ("quarantine", "reject", "discard")


def all_cases():
    mail = (of_boundaries, of_structure, of_encodings, of_cards, of_signed_data)
    for family in (*mail, of_zips, of_archives):
        for name, message in family():
            yield f"{family.__name__[3:]}: {name}", message


def is_stopped(answer):
    return bool(answer["virus"]) or answer["action"] in STOPPED


def is_name_seen(answer):
    """Some reading has the real extension, a rule says what it is, or the message is held anyway."""
    seen = any(part["name"].lower().rstrip(". ").endswith(".exe") for part in answer["parts"])
    told = any(hit["rule"].startswith("FILE_PROGRAM") for hit in answer["hits"])
    return seen or told or answer["action"] in STOPPED
