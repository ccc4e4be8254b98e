"""Asterisk's configuration syntax: sections, templates, includes, comments. No section's meaning belongs here.

Source: docs.asterisk.org, "Asterisk Configuration Files" (Config File Format, Comments, Templates, Adding to an existing
section, Using The include, tryinclude and exec Constructs).
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from services.provision.importing.report import Place, Report
from services.provision.importing.textfile import read_text

_DEEPEST: Final = 10
"""Includes inside includes, as in Asterisk."""
_SECTION: Final = re.compile(r"\[(?P<name>[^\]]*)\](?:\((?P<options>[^)]*)\))?(?P<rest>.*)")
_DIRECTIVE: Final = re.compile(r"#\s*(?P<name>\w+)(?:\s+(?P<argument>.*))?")
_COMMENT: Final = re.compile(r"\\;|;--(?!-)|;|--;")


class Setting(NamedTuple):
    """One `name = value` or `name => value`. The value may be a password."""

    name: str
    """In lower case: Asterisk compares names without regard to case."""
    value: str
    place: Place

    def __repr__(self) -> str:
        return f"Setting({self.name!r}, at {self.place})"


class Section(NamedTuple):
    """A section with what it inherits before what it says itself. Names may repeat (`pjsip.conf`)."""

    name: str
    settings: tuple[Setting, ...]
    place: Place

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value of a name, inherited ones first."""
        return tuple(setting.value for setting in self.settings if setting.name == name)

    def last(self, *names: str) -> str:
        """Return the value that counts, the last one, of the first of these names that has any; else ""."""
        for name in names:
            values = self.values(name)
            if values:
                return values[-1]
        return ""


class _Open:
    """A section while it is being read."""

    def __init__(self, name: str, place: Place, *, is_template: bool) -> None:
        self.name = name
        self.place = place
        self.is_template = is_template
        self.settings: list[Setting] = []


def parse_conf(path: Path, report: Report) -> tuple[Section, ...]:
    """Read a file with all it includes; templates are merged into the sections that name them, and left out.

    What Asterisk itself would not understand goes into the report. Raises `ImportFault` when the file cannot be read.
    """
    parser = _Parser(path.parent, report)
    parser.read(path, ())
    return tuple(
        Section(each.name, tuple(each.settings), each.place) for each in parser.sections if not each.is_template
    )


class _Parser:
    """The state while reading one file and what it includes."""

    def __init__(self, folder: Path, report: Report) -> None:
        self.sections: list[_Open] = []
        self._folder = folder
        self._report = report
        self._current: _Open | None = None

    def read(self, path: Path, above: Sequence[Path]) -> None:
        depth = 0
        text = read_text(path, self._report)
        for number, line in enumerate(text.split("\n"), start=1):
            content, depth = strip_comments(line, depth)
            if content:
                self._take(content, Place(path.name, number), (*above, path))
        if depth:
            self._report.lost(
                "block comment",
                Place(path.name),
                "it begins with ;-- and never ends",
                "end it with --; and import again",
            )

    def _take(self, content: str, place: Place, files: Sequence[Path]) -> None:
        if content.startswith("["):
            self._open(content, place)
        elif content.startswith("#"):
            self._direct(content, place, files)
        else:
            self._set(content, place)

    def _open(self, content: str, place: Place) -> None:
        self._current = None
        match = _SECTION.fullmatch(content)
        if match is None or not match["name"].strip():
            self._lose(content, place, "the section's name is empty or does not end", "write it as [name]")
            return
        if match["rest"].strip():
            self._lose(
                f"[{match['name']}]",
                place,
                "something stands after the section's name",
                "delete it; `(` follows ] directly",
            )
        options = [option.strip() for option in (match["options"] or "").split(",") if option.strip()]
        if any(option == "+" or option.startswith("+") for option in options):
            self._current = next((known for known in self.sections if known.name == match["name"]), None)
            if self._current is None:
                self._lose(f"[{match['name']}](+)", place, "there is no such section to add to", "delete the (+)")
                return
        else:
            self._current = _Open(match["name"], place, is_template="!" in options)
            self.sections.append(self._current)
        for option in options:
            if option != "!" and not option.startswith("+"):
                self._inherit(self._current, option, place)

    def _inherit(self, section: _Open, template: str, place: Place) -> None:
        known = [each for each in self.sections if each.name == template and each is not section]
        if not known:
            self._lose(
                f"[{section.name}]({template})",
                place,
                f"there is no section {template} above",
                "put the template above it",
            )
        section.settings += known[0].settings if known else ()

    def _set(self, content: str, place: Place) -> None:
        name, equals, value = content.partition("=")
        is_sum = name.endswith("+")
        name = name.removesuffix("+").strip().lower()
        if not equals or not name:
            # not quoted: a line that lost its equals sign may hold a password
            self._lose("a line", place, "it is no section, no setting and no directive", "write it as name=value")
        elif self._current is None:
            self._lose(name, place, "it stands in no section", "put it below the [section] that it belongs to")
        elif is_sum:
            self._lose(name, place, "+= continues a value of another line", "write the whole value in one line")
        else:
            self._current.settings.append(Setting(name, value.removeprefix(">").strip(), place))

    def _direct(self, content: str, place: Place, files: Sequence[Path]) -> None:
        match = _DIRECTIVE.fullmatch(content)
        directive = match["name"].lower() if match else ""
        argument = _unquoted(match["argument"] or "") if match else ""
        if directive not in ("include", "tryinclude") or not argument:
            self._lose(
                f"#{directive}",
                place,
                "a program's output or an unknown directive is not read",
                "put its settings into the file",
            )
            return
        found = self._find(argument)
        if not found and directive == "include":
            self._lose(
                f"#include {argument}", place, "there is no such file", "put it beside the file that includes it"
            )
        elif not found:
            self._report.note(f"#tryinclude {argument}", place, "there is no such file, which it allows")
        for path in found:
            if path in files or len(files) >= _DEEPEST:
                self._lose(
                    f"#include {argument}", place, "files include each other without end", "delete one of the includes"
                )
            else:
                self.read(path, files)

    def _find(self, pattern: str) -> list[Path]:
        path = Path(pattern)
        if path.is_absolute():
            here = [path, self._folder / path.name]  # a copy of /etc/asterisk is imported on another machine
            return next(([each] for each in here if each.is_file()), [])
        return sorted(each for each in self._folder.glob(pattern) if each.is_file())

    def _lose(self, what: str, place: Place, why: str, mend: str) -> None:
        self._report.lost(what, place, why, mend)


def strip_comments(line: str, depth: int) -> tuple[str, int]:
    """Return the line without its comments and outer blanks, and how deep in block comments it ends.

    `;` begins a comment, `\\;` is the character; `;--` (but not `;---`) begins a block that ends with `--;`, and they nest.
    """
    kept: list[str] = []
    at = 0
    for mark, start, end in _marks(line):
        if not depth:
            kept.append(line[at:start])
        at = end
        if mark == ";--":
            depth += 1
        elif mark == "--;" and depth:
            depth -= 1
        elif depth:
            continue
        elif mark == "\\;":
            kept.append(";")
        elif mark == "--;":
            kept.append("--")
            return "".join(kept).strip(), depth
        else:
            return "".join(kept).strip(), depth
    if not depth:
        kept.append(line[at:])
    return "".join(kept).strip(), depth


def _marks(line: str) -> Iterator[tuple[str, int, int]]:
    for match in _COMMENT.finditer(line):
        yield match[0], match.start(), match.end()


def _unquoted(argument: str) -> str:
    argument = argument.strip()
    for first, last in (('"', '"'), ("<", ">"), ("'", "'")):
        if len(argument) > 1 and argument.startswith(first) and argument.endswith(last):
            return argument[1:-1].strip()
    return argument
