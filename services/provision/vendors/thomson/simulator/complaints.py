"""What the phone finds wrong. A complaint names the file, the line and the mend.

It never holds a broken line, which may be a piece of a password, nor the value of a secret parameter; it does hold the
value of any other parameter that does not fit.
"""

from dataclasses import dataclass
from enum import StrEnum

from shared.errors import DialtreeError


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

    EMPTY = "empty"
    LINE_END = "line-end"
    LINE_LENGTH = "line-length"
    CONTROL_CHARACTER = "control-character"
    COMMENT = "comment"
    BLANKS = "blanks"
    SECTION = "section"
    SECTION_TWICE = "section-twice"
    NO_SECTION = "no-section"
    NO_PARAMETER = "no-parameter"
    UNKNOWN_PARAMETER = "unknown-parameter"
    PARAMETER_TWICE = "parameter-twice"
    VALUE = "value"
    LINE_BEYOND = "line-beyond"
    MISSING_PARAMETER = "missing-parameter"
    SERIAL_CASE = "serial-case"
    SERIAL_FORM = "serial-form"
    SERIAL_KEPT = "serial-kept"
    REBOOT_LOOP = "reboot-loop"

    NO_PHONEBOOK = "no-phonebook"
    XML = "xml"
    ELEMENT = "element"
    TOO_MANY_ENTRIES = "too-many-entries"
    NAME = "name"
    TELEPHONE = "telephone"
    MENU_LOOP = "menu-loop"
    TOO_MANY_DOCUMENTS = "too-many-documents"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing a real phone would, or might, choke on: the rule, where (`ST2030.inf line 3`), what and how to mend it."""

    rule: Rule
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message} [{self.rule}]"


class Refused(DialtreeError):
    """The phone gives up on one file."""

    def __init__(self, rule: Rule, where: str, message: str) -> None:
        self.complaint = Complaint(rule, where, message)
        super().__init__(str(self.complaint))


class StateError(DialtreeError):
    """The file that keeps the phone's memory cannot be used."""
