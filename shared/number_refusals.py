"""Why a written number is not dialled. Sentences only."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a written number is not dialled: a sentence for the administrator, with the mend."""

    EMPTY = "there are no digits; write the number or delete the value"
    FEATURE_CODE = "`*` and `#` would switch something at the phone system; write a number"
    LETTERS = "there are letters or words that belong to no number; write the digits"
    UNCLEAR = "it cannot be read with certainty as a whole; write one number, or several with a comma between them"
    AMBIGUOUS = "it may be one number or several; write each number in full, with its country code"
    RANGE = "it is a range of numbers; write each number in full"
    NO_NUMBER = "it looks like a date, an amount or an address; write the number"
    FAX = "it is a fax number; only telephones are dialled"
    COMPLETION = "what follows the first number completes it and is not dialled; write each number in full"
    PREMIUM = "premium numbers are never dialled from a directory; delete it"
    SHARED_COST = "`numbers.shared_cost` leaves shared-cost numbers out"
    EXCEPTION = "`numbers.exceptions` or its location's say that it is never dialled"
    NO_AREA_CODE = "the area code is missing; write it, or set `area_code` of the location"
    COUNTRY = (
        "no country has this code; write + and the country code, or the number as it is written within the country"
    )
    LENGTH = "its country has no numbers of this length, and it is too long for an extension (`extension_digits`)"
    NO_SUCH_NUMBER = "its country has no such number; write the area code, or + and the country code"
    TOO_SHORT = "`least_outside_digits` of its location says that it is too short to be dialled outside"

    @property
    def is_note(self) -> bool:
        """The value is right as it is, and something of it is not dialled."""
        return self in (Refusal.COMPLETION, Refusal.FAX)
