"""From a caller's number to a name, out of the rows that the phonebook shows. One question to SQLite. No HTTP, no XML, no writing.

A number is compared four ways, each only when the one before gives nothing:

* **canonical**: as `shared.numbers` reads it; extensions are found so and in no other way;
* **writing**: what is typed stands for a number in some usual writing (`03023125001` for +49 30 23125001);
* **carrier**: carriers leave out the 0 of Italian numbers (`+39669…`), and the 9 and 1 before mobile numbers of Argentina and
  Mexico, or add them;
* **tail**: a caller id without its area code is the end of a number, or a number stands at its end behind a prefix that
  nobody told us of. At least `LEAST_TAIL` digits, and never where the digits are a complete number of the country.

The latter three name nobody where several numbers fit: a stranger's name is worse than none.
"""

import json
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from shared.config import Config
from shared.errors import Malformed
from shared.locations import DEFAULT, rules_of
from shared.number_cleaning import clean
from shared.numbering import digits_of
from shared.numbers import Dialable, NumberReader
from shared.text import fold

LEAST_TAIL: Final = 7
"""Digits of a tail: those of a local number where area codes are left out (North America)."""
LONGEST_NUMBER: Final = 128
"""Characters of what is asked for; a caller id with display name and host is shorter."""
MOST_NAMES: Final = 3
"""Names that one number shows; more of them are an ellipsis."""
_LONGEST_PREFIX: Final = 4
"""Digits of an unknown prefix before a number of a country that has no trunk prefix."""
_READ_AT_MOST: Final = 200
_LEAST_DIGITS: Final = 3
"""Of a number; what ends the stored form of one that is shorter than a tail begins before its last blank."""
_CANDIDATES: Final = """SELECT name, telephone FROM contacts
    WHERE substr(telephone, -7) IN (SELECT value FROM json_each(?)) ORDER BY place LIMIT ?"""
"""By the last characters of the stored form: the whole extension, or the end of the number as its country writes it."""
_LEFT_OUT: Final = (("39", "0"), ("54", "9"), ("52", "1"))
"""What carriers leave out behind a country code, or add there."""
_NUMBER: Final = re.compile(r"[+\s\d().,/-]+")


class CallerNumber(NamedTuple):
    """A number as a call brings it. `text`: without URI and brackets; `digits`: "" where it is no number (`anonymous`)."""

    text: str
    digits: str

    @property
    def is_international(self) -> bool:
        """It begins with its country code, beyond doubt."""
        return self.text.startswith("+")

    @property
    def plain(self) -> str:
        """The digits, with the `+` of an international number."""
        return f"+{self.digits}" if self.is_international else self.digits


class Named(NamedTuple):
    """Whose number it is. `number`: international form or extension, else as it was asked for; `names`: none for a stranger."""

    number: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """One line: `Reception / Anna`, "" for a stranger."""
        shown = self.names[:MOST_NAMES] + (("…",) if len(self.names) > MOST_NAMES else ())
        return " / ".join(shown)


class _Candidate(NamedTuple):
    """A row whose number ends as the caller's does. `number` and `national` are "" for an extension."""

    name: str
    stored: str
    code: str
    number: str
    national: str

    @property
    def whole(self) -> str:
        return self.code + self.number


def parse_caller_number(text: str) -> CallerNumber:
    """Read `+33 1 99 00 20 10`, `"Alice" <sip:0199002010@pbx;user=phone>`, `tel:+33-199-002010`, `1001`.

    Raises `Malformed` for nothing, for control characters and for more than `LONGEST_NUMBER` characters.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_NUMBER or any(unicodedata.category(c) == "Cc" for c in text):
        raise Malformed(f"number must be a telephone number of at most {LONGEST_NUMBER} characters")
    _, opened, inner = text.partition("<")
    if opened:
        text = inner.partition(">")[0].strip()
    text = clean(text).partition(";")[0].strip()
    text = text.removesuffix("#") if "*" not in text else text
    return CallerNumber(text, digits_of(text) if _NUMBER.fullmatch(text) else "")


class ReverseLookup:
    """Names callers as the configuration's site reads numbers."""

    def __init__(self, config: Config) -> None:
        self._numbers = NumberReader(config.numbers)
        self._trunk = rules_of(config.numbers)[DEFAULT].country.trunk

    def find(self, db: sqlite3.Connection, caller: CallerNumber) -> Named:
        """Return the names of a caller's number, in the order in which they are shown."""
        found = self._numbers.read(caller.text)
        readings = [one for one in found if isinstance(one, Dialable) and len(found) == 1]  # a call has one number
        if readings and not caller.digits:  # it has a label or an inner extension
            caller = CallerNumber(_written(readings[0]), readings[0].digits)
        if not caller.digits:
            return Named("", ())
        probes = sorted({reading.stored[-LEAST_TAIL:] for reading in readings} | set(_probes(caller.digits)))
        candidates = db.execute(_CANDIDATES, (json.dumps(probes), _READ_AT_MOST))
        rows = [_candidate(name, stored) for name, stored in candidates]
        same = {reading.stored for reading in readings}
        fitting = [row for row in rows if row.stored in same]
        if not fitting:
            whole = [row for row in rows if row.number]
            fitting = (
                _only_one_number(self._written(whole, caller))
                or _only_one_number(_as_carriers_write(whole, caller, readings))
                or _longest(whole, self._tail_of(caller, readings))
            )
        if not fitting:
            return Named(caller.plain, ())
        first = fitting[0]
        return Named(f"+{first.whole}" if first.number else first.stored, _names(row.name for row in fitting))

    def _written(self, rows: Iterable[_Candidate], caller: CallerNumber) -> list[_Candidate]:
        """Return the rows of which the digits are a usual writing, the caller's outside prefix included."""
        if caller.is_international:
            return [row for row in rows if row.whole == caller.digits]
        if len(caller.digits) < LEAST_TAIL:
            return []
        keys = self._numbers.key_prefixes(caller.digits)
        return [row for row in rows if {f"#{row.number}", f"+{row.whole}", row.national}.intersection(keys)]

    def _tail_of(self, caller: CallerNumber, readings: list[Dialable]) -> Callable[[_Candidate], int]:
        """Return what says how many digits a row and the caller have in common: 0 where they are strangers."""
        digits = caller.digits
        is_extension = any(reading.stored == digits for reading in readings)
        is_complete = bool(readings) and not self._lacks_trunk(digits)
        if caller.is_international or is_extension or is_complete or len(digits) < LEAST_TAIL:
            return lambda _: 0
        abroad = any(isinstance(reading, Dialable) for reading in self._numbers.read(f"+{digits}"))

        def tail(row: _Candidate) -> int:
            if row.whole.endswith(digits):
                return len(digits)
            writings = [row.whole, row.national] if row.national != row.number else [row.whole]
            if row.national == row.number and len(digits) - len(row.number) <= _LONGEST_PREFIX and not abroad:
                writings.append(row.number)
            return max((len(w) for w in writings if len(w) >= LEAST_TAIL and digits.endswith(w)), default=0)

        return tail

    def _lacks_trunk(self, digits: str) -> bool:
        """Tell whether digits do not begin as a national number of this country does, so that a number may be a local one."""
        return self._trunk != "" and not digits.startswith(self._trunk)


def _probes(digits: str) -> Iterator[str]:
    """Yield what the stored form of a number with these last digits may end with."""
    yield digits[-LEAST_TAIL:]
    for size in range(_LEAST_DIGITS, min(LEAST_TAIL, len(digits) + 1)):
        yield f"{digits[-size:]} {digits[-size:]}"[-LEAST_TAIL:]


def _candidate(name: str, stored: str) -> _Candidate:
    code, _, rest = stored.partition(" ")
    number, _, national = rest.partition(" ")
    return _Candidate(name, stored, code.removeprefix("+"), number, national)


def _written(reading: Dialable) -> str:
    return f"+{reading.digits}" if reading.stored.startswith("+") else reading.digits


def _as_carriers_write(rows: Iterable[_Candidate], caller: CallerNumber, readings: list[Dialable]) -> list[_Candidate]:
    """Return the rows whose number is the caller's but for a digit that carriers leave out or add."""
    asked = {reading.digits for reading in readings if reading.stored.startswith("+")}
    if caller.is_international:
        asked.add(caller.digits)
    others = {other for digits in asked for other in _other_writings(digits)}
    return [row for row in rows if row.whole in others]


def _other_writings(digits: str) -> Iterator[str]:
    for code, digit in _LEFT_OUT:
        if digits.startswith(code + digit):
            yield code + digits[len(code + digit) :]
        elif digits.startswith(code):
            yield code + digit + digits[len(code) :]


def _only_one_number(rows: list[_Candidate]) -> list[_Candidate]:
    return rows if len({row.stored for row in rows}) == 1 else []


def _longest(rows: list[_Candidate], tail_of: Callable[[_Candidate], int]) -> list[_Candidate]:
    tails = [(tail_of(row), row) for row in rows]
    longest = max((tail for tail, _ in tails), default=0)
    return _only_one_number([row for tail, row in tails if tail == longest]) if longest else []


def _names(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once; those without a surname first, since a reception says more than whoever sits there."""
    once: dict[str, str] = {}
    for name in names:
        once.setdefault(fold(name), name)
    return tuple(sorted(once.values(), key=lambda name: ", " in name))
