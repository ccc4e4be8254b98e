"""The version of a vendor file, read from its name: phones compare names only, so a name is all that there is. Pure.

No pattern of file names stands here (`models.toml`), and nothing reads what is in a file.
"""

import re
from datetime import date
from functools import lru_cache
from pathlib import PurePath
from typing import Final, NamedTuple

_PRODUCT: Final = re.compile(r"[a-z]+(?:\d{4}(?!\d)|(?<=tb)30(?!\d))?[a-z]*")
"""What a name begins with: `v2030SG`, `v2022s`, `TB30S`, `TelConfTB30`, `ToneTbl`. Its digits are no version."""
_START, _END = r"(?<![a-z0-9])", r"(?![a-z0-9])"
_NUMBERED_COPY: Final = re.compile(r"[\s._-]*(?:\(\d{1,3}\)|\[\d{1,3}\])|~+(?=$|[\s._-])")
"""`v2030SG.2.74 (1).zz`, `v2030SG[1].2.74.zz`, `v2030SG.2.74~.zz`."""
_COPY_WORDS: Final = re.compile(
    rf"{_START}(?:copy|copie|copia|kopie|kopia|kopi|backup|bak|old|orig|conflict|conflicted|tmp|temp|part|partial)"
    rf"(?:{_END}|[ _-]?\d{{1,2}}\)?$)"
)
_JOINT: Final = re.compile(r"(?<=\d)(?=sed)|(?<=sed)(?=\d)|(?<=dsp)(?=v?\d)|(?<=boot)(?=v?\d)|(?<=_bc)(?=v?\d)")
"""Where a separator may be missing: `R11.1SED100804`, `dspv320`."""
_RELEASE: Final = re.compile(
    rf"{_START}r(\d{{1,2}})"
    rf"(?:[._](\d{{1,2}})(?=$|[^0-9a-z._]|[._](?:[^0-9]|(?:\d{{6}}|\d{{8}})(?!\d)|v?\d[._]\d)))?{_END}"
)
"""`R11.1`, and `R11` in `R11.101217.1.74.0` and in `R11.1.74.0`: the vendor's versions begin with one digit."""
_DATE: Final = re.compile(
    rf"{_START}(?:(20\d\d)([._-]?)(\d\d)\2(\d\d)(?:\d{{4}})?|(\d\d)(\d\d)(\d\d)|(\d\d)([._-])(\d\d)\9(20\d\d)){_END}"
)
"""`20100804`, `2010-08-04`, `100804`, `04.08.2010`."""
_STAMP: Final = re.compile(rf"{_START}v?\d{{5,}}{_END}")
"""A number so long is a stamp of some kind and no version, which would beat all others."""
_MODEL: Final = re.compile(rf"{_START}(?:st|v)?20\d\d[a-z]*{_END}|{_START}tb30[a-z]*{_END}")
"""A model's number, or a year, somewhere in a name."""
_NUMBER: Final = re.compile(rf"{_START}(v?)(\d(?:_\d{{1,3}}){{1,3}}{_END}|\d+(?:\.\d+)*)([a-z]+\d*)?{_END}")
_EARLY: Final = re.compile(rf"{_START}(?:alpha|beta|rc|test|dev|pre)\d*{_END}")
_HUNDRED: Final = 100


class FileVersion(NamedTuple):
    """What a name says of its file's version. The greater one is the newer file.

    The rule of order, from the first that counts to the last:

    1. A name whose version cannot be read never beats one whose version can.
    2. A copy (`…2.74-copy.zz`, `… (1).zz`, `….bak.zz`, `…~.zz`) never beats a file that is none.
    3. The numbers decide, one by one as numbers: 2.9 < 2.72 < 2.72.2 < 2.74, and 2.74.0 is 2.74. A number without dots counts
       hundredths: v310 is 3.10, v1000 is 10.00. Underscores stand for dots: `v1_66_2`.
    4. Of equal numbers, 2.74-beta < 2.74 < 2.74a < 2.74b.
    5. Then the pattern decides, see `choose_files`: a name that names the model beats one for all.
    6. Then the date, `100804` or `2010-08-04`; then the release, `R11` < `R11.1` < `R12`; then the variant `SED`; then a number
       behind the version, as in `telconf-2.74-1`. A name without one of these is the older one.
    7. What still is equal is ordered by the names themselves, so that every host chooses alike.

    The release does not count before the numbers: `R11.1.SED…2.72.2` is older than `2.74`.
    """

    is_readable: bool
    is_original: bool
    numbers: tuple[int, ...]
    """Without zeros at the end; () where the version is zero, or cannot be read."""
    patch: tuple[int, str]
    """(-1, …) for an early version, (0, "") for a plain one, (1, "a") for a letter."""
    date: int
    """20100804; 0 without one."""
    release: tuple[int, ...]
    """(11, 1) for `R11.1`; () without one."""
    is_sed: bool
    revision: int
    is_dotted: bool
    """It is written with dots, as the application's is; hundredths are those of DSP and boot code."""

    def order(self, specificity: int) -> tuple[object, ...]:
        """Return what files of one line are compared by. `specificity`: of the pattern, the greater the more it says."""
        decided = self.is_readable, self.is_original, self.numbers, self.patch, specificity
        return *decided, self.date, self.release, self.is_sed, self.revision

    def __str__(self) -> str:
        return ".".join(map(str, self.numbers or (0,)))


def natural(name: str) -> tuple[list[str | int], str]:
    """Return what names are ordered by when nothing else decides: numbers in them as numbers, in any letter case."""
    parts: list[str | int] = list(re.split(r"([0-9]+)", PurePath(name).stem.lower()))
    parts[1::2] = [int(part) for part in parts[1::2]]
    return parts, name


@lru_cache(maxsize=4096)
def read_version(name: str) -> FileVersion:
    """Read the version in a file's name, see `FileVersion`. There is none that it refuses."""
    stem = PurePath(name).stem.lower()
    plain = _COPY_WORDS.sub("|", _NUMBERED_COPY.sub("", stem))
    product = _PRODUCT.match(plain)
    rest = _JOINT.sub(".", plain[product.end() :] if product else plain)
    release = _RELEASE.search(rest)
    rest = _RELEASE.sub("|", rest, count=1)
    dates = [each for each in _DATE.finditer(rest) if _date(each)]
    for each in reversed(dates):
        rest = f"{rest[: each.start()]}|{rest[each.end() :]}"
    rest = _MODEL.sub("|", _STAMP.sub("|", rest))
    found, revision = _chosen([*_NUMBER.finditer(rest)])
    return FileVersion(
        is_readable=found is not None,
        is_original=plain == stem,
        numbers=_numbers(found[2]) if found else (),
        patch=_patch((found[3] or "") if found else "", rest),
        date=max(map(_date, dates), default=0),
        release=tuple(int(part) for part in release.groups() if part) if release else (),
        is_sed=re.search(rf"{_START}sed{_END}", rest) is not None,
        revision=revision,
        is_dotted=found is not None and ("." in found[2] or "_" in found[2]),
    )


def parse_numbers(text: str) -> tuple[int, ...]:
    """Return the comparable form of a version that is written alone, `2.72.2` or `320`. Raises `ValueError`."""
    if not re.fullmatch(r"[0-9]+(?:\.[0-9]+)*", text):
        raise ValueError(f"{text!r} is no version; write numbers and dots, as in 2.72.2")
    return _numbers(text)


def _chosen(found: list[re.Match[str]]) -> tuple[re.Match[str] | None, int]:
    """Return which number is the version, and the one behind it: the first with dots, else the first with a `v`, else the first."""
    if not found:
        return None, 0
    dotted = (each for each in found if "." in each[2] or "_" in each[2])
    marked = (each for each in found if each[1])
    version = next(dotted, None) or next(marked, None) or found[0]
    behind = found[found.index(version) + 1 :]
    return version, int(behind[0][2]) if behind and behind[0][2].isdecimal() else 0


def _numbers(text: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.split(r"[._]", text)]
    if len(numbers) == 1:
        numbers = [*divmod(numbers[0], _HUNDRED)]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _patch(letters: str, rest: str) -> tuple[int, str]:
    if _EARLY.fullmatch(letters) or _EARLY.search(rest):
        early = _EARLY.search(letters) or _EARLY.search(rest)
        return -1, early[0] if early else ""
    return (1, letters) if letters[1:].isdecimal() or len(letters) == 1 else (0, "")


def _date(found: re.Match[str]) -> int:
    """Return the date as a number, 0 where it is none."""
    year, _, month, day, short_year, short_month, short_day, first, _, second, last = found.groups()
    if short_year:
        year, month, day = f"20{short_year}", short_month, short_day
    elif last:
        year, month, day = last, second, first
    try:
        return int(date(int(year), int(month), int(day)).strftime("%Y%m%d"))
    except ValueError:
        return 0
