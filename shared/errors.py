"""Every error that crosses a module border, each with a message that an operator can act on.

The three outcomes of a request stay apart (design law 6): `Unknown` is 404, `Unavailable` is 503,
`Malformed` is 400. No library's own error leaves the module that calls the library.
"""

import traceback
from dataclasses import dataclass


class DialtreeError(Exception):
    """Base of all: `str(error)` is one sentence for the operator and never holds a secret."""


class Unknown(DialtreeError):
    """What was asked for does not exist, or must look as if it did not (law 7)."""


class Unavailable(DialtreeError):
    """The answer exists but cannot be given now; asking again later helps."""


class Malformed(DialtreeError):
    """The request itself is wrong; asking again does not help."""


class StoreUnavailable(Unavailable):
    """The service's SQLite file is missing, not loaded yet, of another version, or cannot be read."""


class MirrorRunning(DialtreeError):
    """Another process follows the directory into this service's file already."""


class SourceUnavailable(Unavailable):
    """LDAP did not answer, refused us, or went away in mid-answer."""


class RefreshRequired(DialtreeError):
    """The source no longer knows our cookie: ask again without one (RFC 4533 section 3.3.2)."""


class LdifError(DialtreeError):
    """An LDIF file does not parse; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in the configuration: where (`ldap.urls`), what, and how to mend it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ConfigurationError(DialtreeError):
    """All faults of a configuration at once."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class EntryError(DialtreeError):
    """An LDAP entry holds a value that cannot be used; names the entry, the attribute and the mend."""

    def __init__(self, dn: str, attribute: str, problem: str) -> None:
        self.dn = dn
        self.attribute = attribute
        self.problem = problem
        super().__init__(f"{dn}: {attribute}: {problem}")


def crash_report(error: BaseException) -> str:
    """Return what broke and where, for the log of a process's outermost loop.

    The message of a foreign exception may quote what was asked or read (a query, a secret), so it is left out;
    our own messages never do, and stay.
    """
    message = f": {error}" if isinstance(error, DialtreeError) else ""
    return f"{type(error).__name__}{message}\n{''.join(traceback.format_tb(error.__traceback__))}".rstrip()
