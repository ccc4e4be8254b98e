"""Whether groups of digits are one number or several: every way to part them is tried, and one must be certain. Pure.

The rules: a way to read a value counts only if each of its parts is a number, an extension, or what completes the number
before it. Where several ways count and they are not told apart by the signs, the value is refused as a whole.
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Final, NamedTuple, Protocol

from shared.number_refusals import Refusal
from shared.number_text import Gap, Group, Role

_MOST_CUTS: Final = 12
_LEAST_LISTED: Final = 3
"""Digits of an extension that is one of several numbers without a word that says so."""
_NEAR: Final = 10
_LONGEST_INNER: Final = 6
_LONGEST_LOCAL: Final = 8
"""Digits of a number without its area code; so many are not dialled behind a whole number, but the first number stands."""


class Trust(IntEnum):
    """How sure it is that digits are a number."""

    NONE = 0
    POSSIBLE = 1
    """Its length is right, or it lacks the prefix that numbers have there."""
    VALID = 2


class Plan(Protocol):
    """What a location knows of digits."""

    @property
    def extension_digits(self) -> int:
        """The most digits of an extension."""

    @property
    def begins(self) -> tuple[str, ...]:
        """With what no extension begins that stands beside other numbers."""

    def is_extension(self, digits: str) -> bool:
        """Tell whether digits are dialled as they are."""

    def trust_of(self, groups: Sequence[Group]) -> Trust:
        """Return how sure it is that groups are one number."""


class Kind(IntEnum):
    """What a part of a value is."""

    WHOLE = 0
    EXTENSION = 1
    COMPLETION = 2
    INNER = 3
    """The extension behind a number."""


class Part(NamedTuple):
    """Some groups of a value. `is_sure`: nothing speaks against what it is taken for."""

    kind: Kind
    groups: tuple[Group, ...]
    is_sure: bool = True

    @property
    def digits(self) -> str:
        """All digits of the part."""
        return "".join(group.digits for group in self.groups)


Reading = tuple[Part, ...]


def read_groups(groups: tuple[Group, ...], plan: Plan) -> Reading | Refusal:
    """Return the parts of a value, or why they are not certain."""
    if sum(Gap.TIGHT <= group.gap < Gap.WORD for group in groups[1:]) > _MOST_CUTS:
        return Refusal.UNCLEAR
    readings = list(_Readings(groups, plan).all()) or list(_Readings(_with_endings(groups), plan).all())
    if any(all(part.is_sure for part in reading) for reading in readings):
        readings = [reading for reading in readings if all(part.is_sure for part in reading)]
    if len(readings) > 1:
        readings = _certain(readings, groups)
    if len(readings) == 1 and not _may_be_one_number(readings[0], groups, plan):
        return readings[0]
    return Refusal.AMBIGUOUS if readings else _why_none(groups, plan)


class _Readings:
    """Tries the ways to part the groups of one value."""

    def __init__(self, groups: tuple[Group, ...], plan: Plan) -> None:
        self._groups = groups
        self._plan = plan
        self._trust: dict[tuple[int, int], Trust] = {}

    def all(self, start: int = 0, before: Reading = ()) -> Iterator[Reading]:
        """Yield each reading of the groups from `start` on, behind these parts."""
        if start == len(self._groups):
            yield before
            return
        for end in self._ends(start):
            part = self._part(start, end, before)
            if part:
                yield from self.all(end, (*before, part))

    def _ends(self, start: int) -> Iterator[int]:
        for end in range(start + 1, len(self._groups)):
            group = self._groups[end]
            if group.role is Role.EXTENSION or group.gap is Gap.WORD:
                yield end
                return
            if group.gap >= Gap.TIGHT and group.role is Role.NUMBER:
                yield end
            if group.completes and group.gap is not Gap.DASH:
                return
        yield len(self._groups)

    def _part(self, start: int, end: int, before: Reading) -> Part | None:
        groups = self._groups[start:end]
        first = groups[0]
        is_behind_number = any(part.kind is Kind.WHOLE for part in before)
        if first.role is Role.EXTENSION and before and (is_behind_number or first.gap < Gap.LIST):
            return self._inner(groups, before) if is_behind_number else None
        trust = Trust.NONE if first.completes else self._trust_of(start, end)
        if trust is Trust.VALID or (trust and not any(group.only_valid for group in groups)):
            return Part(Kind.WHOLE, groups, is_sure=trust is Trust.VALID)
        if any(group.only_whole or group.only_valid for group in groups) or first.plus:
            return None
        if is_behind_number:
            return self._completion(groups, before)
        return self._extension(groups, before, is_only=len(groups) == len(self._groups))

    @staticmethod
    def _inner(groups: tuple[Group, ...], before: Reading) -> Part | None:
        part = Part(Kind.INNER, groups)
        is_short = len(part.digits) <= _LONGEST_INNER and any(len(part.digits) < len(one.digits) for one in before)
        return part if is_short and not groups[0].plus else None

    def _completion(self, groups: tuple[Group, ...], before: Reading) -> Part | None:
        part = Part(Kind.COMPLETION, groups)
        whole = min(len(other.digits) for other in before if other.kind is Kind.WHOLE)
        if groups[0].fax or len(part.digits) >= whole:
            return None
        if len(part.digits) <= self._plan.extension_digits:
            return part if all(group.gap is Gap.BLANK for group in groups[1:]) else None
        is_local = len(part.digits) <= _LONGEST_LOCAL and not part.digits.startswith(self._plan.begins)
        return part if is_local and all(other.is_sure for other in before) else None

    def _extension(self, groups: tuple[Group, ...], before: Reading, *, is_only: bool) -> Part | None:
        part = Part(Kind.EXTENSION, groups)
        digits, named = part.digits, groups[0].role is Role.EXTENSION
        if groups[0].completes or not is_grouped_extension(groups):
            return self._completes_extension(groups, before)
        if is_only or (named and not before):
            return part if self._plan.is_extension(digits) else None
        lengths = {len(other.digits) for other in before if other.kind is Kind.EXTENSION}
        is_listed = named or (len(digits) >= _LEAST_LISTED and not digits.startswith(self._plan.begins))
        if is_listed and self._plan.is_extension(digits) and lengths <= {len(digits)}:
            return part
        return self._completes_extension(groups, before)

    @staticmethod
    def _completes_extension(groups: tuple[Group, ...], before: Reading) -> Part | None:
        """`2010/11`: the end of another extension; behind a comma without a blank it may be an amount's."""
        if not before or len(groups) > 1 or groups[0].role is not Role.NUMBER:
            return None
        of = next((part for part in reversed(before) if part.kind is Kind.EXTENSION), None)
        return Part(Kind.COMPLETION, groups) if of and len(groups[0].digits) < len(of.digits) else None

    def _trust_of(self, start: int, end: int) -> Trust:
        known = self._trust.get((start, end))
        if known is None:
            known = self._trust[start, end] = self._plan.trust_of(self._groups[start:end])
        return known


def is_grouped_extension(groups: Sequence[Group]) -> bool:
    """Tell whether groups may be one extension: `2010`, `(2010)`, `20 10`, not `2-010`, `(20) 10`, `1.2.3`."""
    if len(groups) == 1:
        return not groups[0].plus
    joined = all(group.gap is Gap.BLANK for group in groups[1:])
    return (
        joined and all(len(group.digits) > 1 for group in groups[1:]) and not any(g.plus or g.bracketed for g in groups)
    )


def _certain(readings: list[Reading], groups: tuple[Group, ...]) -> list[Reading]:
    """Return the readings that are left when the signs are looked at: one, or those that cannot be told apart."""
    readings = [reading for reading in readings if _is_plausible(reading)] or readings
    if len({_dialled(reading) for reading in readings}) == 1:
        return readings[:1]
    exact = [reading for reading in readings if len(reading) > 1 and _is_cut_at_lists(reading, groups)]
    is_plain = len(exact) == 1 and not any(part.kind is Kind.EXTENSION for part in exact[0])
    return exact if is_plain and _has_fitting_ends(exact[0]) else readings


def _dialled(reading: Reading) -> tuple[Part, ...]:
    return tuple(part for part in reading if part.kind in (Kind.WHOLE, Kind.EXTENSION))


def _with_endings(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Take a last group in brackets, or one that counts on behind a hyphen, for what completes the number before it."""
    last = groups[-1]
    if len(groups) == 1 or last.gap is not Gap.JOINED or last.role is not Role.NUMBER:
        return groups
    if last.bracketed or counts_on(groups[-2].digits, last.digits):
        return (*groups[:-1], last._replace(gap=Gap.LIST, completes=True))
    return groups


def counts_on(before: str, last: str) -> bool:
    """Tell whether digits are a little more than those that they may take the place of: `67-68`, `0143-0144`, `456-9`."""
    return len(last) <= len(before) and 0 < int(last) - int(before[-len(last) :]) < _NEAR


def _may_be_one_number(reading: Reading, groups: tuple[Group, ...], plan: Plan) -> bool:
    """Tell whether what is read as several extensions may as well be a whole number, whatever stands between its groups."""
    if len(reading) == 1 or any(part.kind is Kind.WHOLE for part in reading):
        return False
    return plan.trust_of(groups) is Trust.VALID


def _is_plausible(reading: Reading) -> bool:
    """Tell whether groups behind a slash or a dash are more likely the end of a number than a part of it."""
    whole = reading[0]
    for part in reading:
        if part.kind is Kind.COMPLETION and not _may_complete(whole, part):
            return False
        if part.kind in (Kind.WHOLE, Kind.EXTENSION):
            whole = part
    return True


def _may_complete(whole: Part, part: Part) -> bool:
    """Tell whether a part may complete a number.

    Behind a slash or a dash it is no longer than the number's last group; behind a dash it is more than what it takes the
    place of (`2312512 - 13` is, `23125 - 12` is not); where such signs part the number as well, it counts on.
    """
    gap, last, size = part.groups[0].gap, whole.groups[-1].digits, len(part.digits)
    if gap not in (Gap.TIGHT, Gap.DASH) or size >= _LONGEST_INNER:
        return True
    if sum(group.gap is gap for group in whole.groups[1:]) > 1:
        return counts_on(last, part.digits)
    return size <= len(last) and (gap is Gap.TIGHT or part.digits > whole.digits[-size:])


def _has_fitting_ends(reading: Reading) -> bool:
    """Tell whether what completes a number is no longer than the last group of the number."""
    last = 0
    for part in reading:
        if part.kind is Kind.COMPLETION and len(part.digits) > last:
            return False
        if part.kind is Kind.WHOLE:
            last = len(part.groups[-1].digits)
    return True


def _is_cut_at_lists(reading: Reading, groups: tuple[Group, ...]) -> bool:
    starts, at = set(), 0
    for part in reading:
        starts.add(at)
        at += len(part.groups)
    return starts == {0} | {i for i, group in enumerate(groups) if i and group.gap >= Gap.LIST}


def _why_none(groups: tuple[Group, ...], plan: Plan) -> Refusal:
    short = [group for group in groups if len(group.digits) <= plan.extension_digits and not group.plus]
    hyphen = len(groups) == 2 and groups[1].gap in (Gap.JOINED, Gap.DASH) and not groups[1].bracketed  # noqa: PLR2004
    return Refusal.RANGE if hyphen and len(short) == len(groups) else Refusal.UNCLEAR
