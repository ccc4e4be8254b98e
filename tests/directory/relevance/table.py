"""Reads the relevance suite's directories and tables, and judges what a search answered. Never searches itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from shared.ldap.entry import Entry
from shared.ldap.ldiftext import parse_ldif

HERE = Path(__file__).parent
STEPS = ("", "part", "near", "sounds")
_WANTED = re.compile(r"(?P<name>.*?)(?: \((?P<label>[^()A-Z]+)\))?(?: =(?P<telephone>\d+))?")

StepName = Literal["", "part", "near", "sounds"]


class Answer(NamedTuple):
    """One row of an answer."""

    name: str
    label: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A person, or one row of a person, as a line of the table writes it; `label` and `telephone` may be empty."""

    name: str
    label: str
    telephone: str

    def fits(self, row: Answer) -> bool:
        return (
            row.name == self.name
            and self.label in ("", row.label)
            and (not self.telephone or row.telephone == self.telephone)
        )

    def __str__(self) -> str:
        label = f" ({self.label})" if self.label else ""
        return f"{self.name}{label}" + (f" ={self.telephone}" if self.telephone else "")


@dataclass(frozen=True, slots=True)
class Line:
    """One query of the table. `alone`: nobody but `first` and `also` may be found."""

    number: int
    heading: str
    query: str
    first: tuple[Wanted, ...]
    also: tuple[Wanted, ...]
    never: tuple[Wanted, ...]
    alone: bool
    nobody: bool
    step: StepName
    caller: str

    @property
    def title(self) -> str:
        return f"{self.query} (for {self.caller})" if self.caller else self.query

    @property
    def everybody(self) -> tuple[Wanted, ...]:
        return self.first + self.also + self.never


def read_people(name: str = "people") -> list[Entry]:
    """The persons of a directory, people.ldif or values.ldif."""
    with (HERE / f"{name}.ldif").open("rb") as file:
        entries = [entry for _, entry in parse_ldif(f"{name}.ldif", file)]
    return [entry for entry in entries if "inetOrgPerson" in entry.attributes["objectclass"]]


def read_lines(name: str = "queries") -> list[Line]:
    """The lines of a table, queries.txt or values.txt, in order."""
    lines, heading = [], ""
    for number, text in enumerate((HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines(), start=1):
        if text.startswith("## "):
            heading = text[3:]
        elif text and not text.startswith("#"):
            lines.append(parse_line(number, heading, text))
    return lines


def parse_line(number: int, heading: str, text: str) -> Line:
    """Read one line of the table; `ValueError` says what is wrong with it."""
    cells = [cell.strip() for cell in text.split("|")]
    query, first, also, never, step, caller = cells + [""] * (6 - len(cells))
    if step not in STEPS:
        raise ValueError(f"queries.txt:{number}: {step!r} is no step")
    if not (first or also or never):
        raise ValueError(f"queries.txt:{number}: nobody is named")
    return Line(
        number=number,
        heading=heading,
        query=re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), query),
        first=() if first == "nobody" else _parse_wanted(first),
        also=_parse_wanted(also),
        never=() if never == "*" else _parse_wanted(never),
        alone=never == "*",
        nobody=first == "nobody",
        step=step,  # type: ignore[arg-type]  # one of STEPS, which mypy does not see
        caller=caller,
    )


def complaints(line: Line, rows: Sequence[Answer], step: StepName) -> list[str]:
    """Return what is wrong with an answer to a line, in words."""
    found = _complain_of_rows(rows)
    if line.nobody:
        return found + [f"{row.name} was found" for row in rows]
    order = _first_rows(rows)
    for place, (wanted, row) in enumerate(zip(line.first, order, strict=False), start=1):
        if not wanted.fits(row):
            found.append(f"{place}. is {row.name} ={row.telephone}, not {wanted}")
    found += [f"{wanted} is missing" for wanted in line.first + line.also if not any(map(wanted.fits, rows))]
    found += [f"{wanted} was found" for wanted in line.never if any(map(wanted.fits, rows))]
    if line.alone:
        named = {wanted.name for wanted in line.first + line.also}
        found += [f"{name} was found" for name in dict.fromkeys(row.name for row in rows) if name not in named]
    if rows and step != line.step:
        found.append(f"the step is {step!r}, not {line.step!r}")
    return found


def _first_rows(rows: Sequence[Answer]) -> list[Answer]:
    """Each person's first row. Namesakes that follow one another are taken for one, unless a line tells them apart."""
    return [row for at, row in enumerate(rows) if row.name not in {before.name for before in rows[:at]}]


def _complain_of_rows(rows: Sequence[Answer]) -> list[str]:
    """What no answer may do: show a number of a name twice."""
    pairs = [(row.name, row.telephone) for row in rows]
    return [
        f"{name} ={number} stands there twice"
        for name, number in dict.fromkeys(pairs)
        if pairs.count((name, number)) > 1
    ]


def _parse_wanted(cell: str) -> tuple[Wanted, ...]:
    wanted = []
    for text in filter(None, (part.strip() for part in cell.split(";"))):
        match = _WANTED.fullmatch(text)
        assert match is not None
        wanted.append(Wanted(match["name"], match["label"] or "", match["telephone"] or ""))
    return tuple(wanted)
