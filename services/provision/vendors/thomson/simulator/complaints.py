"""What the phone finds in the files and documents that it is given. A complaint names the file, the line and the remedy.

It never holds a broken line, which may be a piece of a password, nor the value of a secret parameter; it does hold the
value of any other parameter that does not fit.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.errors import DialtreeError


class Verdict(StrEnum):
    """What a complaint means for a real phone."""

    REJECTED = "rejected"
    """The phone skips the file, does not get it, or never comes to rest."""
    UNKNOWN = "unknown"
    """No public source says what the phone does with it; it may well work."""
    STYLE = "style"
    """Phones in the field take it, and we would not write it."""


class Rule(StrEnum):
    """Each way to fail, by the name that a report and a test use."""

    UNREACHABLE = "unreachable"
    URL = "url"
    URL_TOO_LONG = "url-too-long"
    RESPONSE = "response"
    REDIRECT = "redirect"
    CHUNKED = "chunked"
    CONTENT_ENCODING = "content-encoding"
    CONTENT_LENGTH = "content-length"
    TRUNCATED = "truncated"
    TOO_LARGE = "too-large"
    STATUS = "status"
    NOT_FOUND = "not-found"

    HTTPS = "https"
    TFTP = "tftp"
    NO_LENGTH = "no-length"

    EMPTY = "empty"
    EMPTY_VALUE = "empty-value"
    LINE_END = "line-end"
    MIXED_LINE_ENDS = "mixed-line-ends"
    NO_LAST_LINE_END = "no-last-line-end"
    LINE_LENGTH = "line-length"
    CONTROL_CHARACTER = "control-character"
    COMMENT = "comment"
    BLANKS = "blanks"
    TRAILING_BLANK = "trailing-blank"
    SECTION = "section"
    UNKNOWN_SECTION = "unknown-section"
    SECTION_TWICE = "section-twice"
    NO_SECTION = "no-section"
    NO_PARAMETER = "no-parameter"
    UNKNOWN_PARAMETER = "unknown-parameter"
    INTERNAL = "internal"
    PARAMETER_TWICE = "parameter-twice"
    VALUE = "value"
    LINE_BEYOND = "line-beyond"
    MISSING_PARAMETER = "missing-parameter"
    SERIAL_CASE = "serial-case"
    SERIAL_FORM = "serial-form"
    SERIAL_KEPT = "serial-kept"
    REBOOT_LOOP = "reboot-loop"

    NO_PHONEBOOK = "no-phonebook"
    LONG_URL = "long-url"
    TOKEN = "token"  # noqa: S105 - the place of the typed text in a URL
    XML = "xml"
    ROOT = "root"
    UNUSUAL_ROOT = "unusual-root"
    UNUSUAL_ELEMENT = "unusual-element"
    CHARSET = "charset"
    BEFORE_DOCUMENT = "before-document"
    AMPERSAND = "ampersand"
    ENTITY = "entity"
    TOO_MANY_ENTRIES = "too-many-entries"
    EMPTY_MENU = "empty-menu"
    NAME = "name"
    LINK = "link"
    TELEPHONE = "telephone"
    PADDING = "padding"
    DIAL_PREFIX = "dial-prefix"
    FIRST_ROW = "first-row"
    MENU_LOOP = "menu-loop"
    TOO_MANY_DOCUMENTS = "too-many-documents"


_UNKNOWN: Final = frozenset(
    {
        Rule.HTTPS,
        Rule.TFTP,
        Rule.NO_LENGTH,
        Rule.LINE_LENGTH,
        Rule.TRAILING_BLANK,
        Rule.UNKNOWN_SECTION,
        Rule.UNKNOWN_PARAMETER,
        Rule.VALUE,
        Rule.LONG_URL,
        Rule.TOKEN,
        Rule.UNUSUAL_ROOT,
        Rule.UNUSUAL_ELEMENT,
        Rule.ENTITY,
        Rule.NAME,
        Rule.LINK,
        Rule.TELEPHONE,
    }
)
_STYLE: Final = frozenset(
    {
        Rule.EMPTY_VALUE,
        Rule.MIXED_LINE_ENDS,
        Rule.NO_LAST_LINE_END,
        Rule.SECTION_TWICE,
        Rule.PARAMETER_TWICE,
        Rule.INTERNAL,
        Rule.LINE_BEYOND,
        Rule.CHARSET,
        Rule.BEFORE_DOCUMENT,
        Rule.AMPERSAND,
        Rule.PADDING,
        Rule.DIAL_PREFIX,
        Rule.FIRST_ROW,
        Rule.MENU_LOOP,
    }
)
_SHOWN: Final = 20
"""Complaints of one verdict that are printed; a file of old firmware has hundreds of keys that no source describes."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong or odd: the rule, where (`ST2030.inf line 3`), what it is and what to do about it."""

    rule: Rule
    where: str
    message: str

    @property
    def verdict(self) -> Verdict:
        """What it means for a real phone; a rule that is in no list is one that makes the phone reject the file."""
        if self.rule in _UNKNOWN:
            return Verdict.UNKNOWN
        return Verdict.STYLE if self.rule in _STYLE else Verdict.REJECTED

    def __str__(self) -> str:
        return f"{self.verdict}: {self.where}: {self.message} [{self.rule}]"


def is_rejected(complaints: Iterable[Complaint]) -> bool:
    """Tell whether a real phone would reject something."""
    return any(complaint.verdict is Verdict.REJECTED for complaint in complaints)


def print_complaints(complaints: Iterable[Complaint], log: Callable[[str], None]) -> None:
    """Print complaints by verdict, the gravest last: every rejection, of the others the first ones and how many follow."""
    listed = list(complaints)
    for verdict in (Verdict.STYLE, Verdict.UNKNOWN, Verdict.REJECTED):
        found = [complaint for complaint in listed if complaint.verdict is verdict]
        shown = len(found) if verdict is Verdict.REJECTED else _SHOWN
        for complaint in found[:shown]:
            log(str(complaint))
        if len(found) > shown:
            log(f"{verdict}: ... and {len(found) - shown} more")


class Refused(DialtreeError):
    """The phone gives up on one file."""

    def __init__(self, rule: Rule, where: str, message: str) -> None:
        self.complaint = Complaint(rule, where, message)
        super().__init__(str(self.complaint))


class StateError(DialtreeError):
    """The file that keeps the phone's memory cannot be used."""
