"""The number in a caller id such as `"Alice" <1001>`, and when it is the extension of an account. Pure.

Both services read it here, so that the keys of phones and the phonebook agree.
"""

import re
from typing import Final

from shared.ldap.entry import AllOf, Entry
from shared.ldap.mapping import AccountAttributes, PersonAttributes

EXTENSION_DIGITS: Final = 5
"""A number of at most so many digits is an extension, where no configuration says otherwise."""
_FORMATTING: Final = str.maketrans("", "", " ().-")
_NUMBER: Final = re.compile(r"\+?[0-9*#]+")
_CALLER_NUMBER: Final = re.compile(r"<([^<>]*)>\s*$")


def caller_number_of(caller_id: str) -> str:
    """Return the number in a caller id such as `"Alice" <1001>` or `1001`, without blanks, hyphens, dots and brackets.

    "" where it has none. What is a number is Asterisk's rule (`ast_callerid_parse`).
    """
    bracketed = _CALLER_NUMBER.search(caller_id)
    number = (bracketed[1] if bracketed else caller_id).translate(_FORMATTING)
    return number if _NUMBER.fullmatch(number) else ""


def extension_of(caller_id: str, user: str, extension_digits: int = EXTENSION_DIGITS) -> str:
    """Return the number in the caller id of an account, else its SIP user.

    A caller id often holds the number that the outside world sees. So one of more than `extension_digits` digits counts
    only where the user is no number, or a longer one.
    """
    number = caller_number_of(caller_id)
    if not number or (len(number) > extension_digits and _NUMBER.fullmatch(user) and len(user) <= len(number)):
        return user
    return number


class Extensions:
    """The extensions of persons, by one mapping."""

    def __init__(self, names: PersonAttributes, accounts: AccountAttributes, extension_digits: int) -> None:
        self._extension = names.lowered["extension"]
        self._caller_id = names.lowered["caller_id"]
        self._users = frozenset(accounts.lowered["user"])
        self._digits = extension_digits
        is_user = [name in self._users for name in self._extension]
        self._own = self._extension[: is_user.index(True)] if True in is_user else ()
        self.concern_all: Final = bool(self._own)
        """The list names attributes before that of the SIP user, so `of` is to be asked for every person."""

    def of(self, entry: Entry, values: tuple[str, ...]) -> tuple[str, ...]:
        """Return the extensions of a person whose entry names these, in order.

        Where they are SIP users, the number in the caller id stands for the first one; but no number of more than
        `extension_digits` digits, which may be one that the person hides. Where an attribute that is named before that
        of the SIP user has a value, the SIP user is none.
        """
        if any(entry.attributes.get(name) for name in self._own):
            own = entry.values(AllOf(name for name in self._extension if name not in self._users))
            return own or values
        caller_id = entry.first(self._caller_id)
        if not caller_id:
            return values
        named_by = next((name for name in self._extension if entry.attributes.get(name)), "")
        number = caller_number_of(caller_id)
        if named_by not in self._users or not number or number in values or len(number) > self._digits:
            return values
        return (number, *values[1:])
