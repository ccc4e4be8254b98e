"""Asterisk's configuration syntax: sections, templates, includes, comments. No section's meaning belongs here.

Source: docs.asterisk.org, "Asterisk Configuration Files" (Config File Format, Comments, Templates, Adding to an existing
section, Using The include, tryinclude and exec Constructs), and what Asterisk's main/config.c does.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from services.provision.importing.includes import IncludeFinder
from services.provision.importing.report import Place, Report
from services.provision.importing.textfile import ImportFault, read_text

_DEEPEST: Final = 10
"""Includes inside includes, as in Asterisk."""
_SECTION: Final = re.compile(r"\[(?P<name>[^\]]*)\](?:\((?P<options>[^)]*)\))?(?P<rest>.*)")
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

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self.place = place
        self.is_template = False
        self.settings: list[Setting] = []


def parse_conf(path: Path, report: Report, root: Path | None = None) -> tuple[Section, ...]:
    """Read a file with all it includes; templates are merged into the sections that name them, and left out.

    `root`: the folder that stands for the machine the file comes from; without one the file's own folder does.
    What Asterisk itself would not understand goes into the report. Raises `ImportFault` when the file cannot be read.
    """
    parser = _Parser(IncludeFinder(path.parent, root), report)
    parser.read(path, ())
    return tuple(
        Section(each.name, tuple(each.settings), each.place) for each in parser.sections if not each.is_template
    )


class _Parser:
    """The state while reading one file and what it includes."""

    def __init__(self, finder: IncludeFinder, report: Report) -> None:
        self.sections: list[_Open] = []
        self._finder = finder
        self._report = report
        self._current: _Open | None = None
        """The section of the file that is being read."""
        self._newest: _Open | None = None
        """The section with which an included file begins."""

    def read(self, path: Path, above: Sequence[Path]) -> None:
        depth = 0
        name = self._finder.shown(path)
        text = read_text(path, self._report, name)
        outer, self._current = self._current, self._newest
        for number, line in enumerate(text.split("\n"), start=1):
            content, depth = strip_comments(line, depth)
            if content:
                self._take(content, Place(name, number), (*above, path.resolve()))
        if depth:
            why = "it begins with ;-- and never ends"
            self._report.lost("block comment", Place(name), why, "end it with --; and import again")
        self._current = outer

    def _take(self, content: str, place: Place, files: Sequence[Path]) -> None:
        if content.startswith("["):
            self._open(content, place)
        elif content.startswith("#"):
            self._direct(content, place, files)
        else:
            self._set(content.removeprefix("\\"), place)

    def _open(self, content: str, place: Place) -> None:
        self._current = None
        match = _SECTION.fullmatch(content)
        if match is None or not match["name"].strip():
            what = content.split(maxsplit=1)[0]  # not quoted whole: what follows may hold a password
            self._lose(what, place, "the section's name is empty or does not end", "write it as [name]")
            return
        name = match["name"]
        if match["rest"].strip():
            mend = "delete it; `(` follows ] directly"
            self._lose(f"[{name}]", place, "something stands after the section's name", mend)
        section = new = _Open(name, place)
        for option in [option.strip() for option in (match["options"] or "").split(",") if option.strip()]:
            if option == "!":
                section.is_template = True
            elif not option.startswith("+"):
                self._inherit(section, option, place)
            else:
                known = self._find(name, option[1:], place)
                if known is None:
                    self._lose(
                        f"[{name}]({option})", place, "there is no such section to add to", f"delete the ({option})"
                    )
                    return
                known.settings += section.settings
                known.is_template = known.is_template or section.is_template
                section = known
        if section is new:
            self.sections.append(section)
        self._current = self._newest = section

    def _inherit(self, section: _Open, template: str, place: Place) -> None:
        known = self._find(template, "TEMPLATES=include", place)
        if known is None:
            why = f"there is no section {template} above"
            self._lose(f"[{section.name}]({template})", place, why, "put the template above it")
        else:
            section.settings += known.settings

    def _find(self, name: str, filters: str, place: Place) -> _Open | None:
        """Return the first section of this name, in any letter case, that fits: `type=auth&context=x`, regular expressions."""
        try:
            return next(
                (each for each in self.sections if each.name.lower() == name.lower() and _fits(each, filters)), None
            )
        except re.error:
            self._lose(f"[{name}](+{filters})", place, "its filter is no regular expression", "write (+type=auth)")
            return None

    def _set(self, content: str, place: Place) -> None:
        name, equals, value = content.partition("=")
        is_sum = bool(equals) and name.endswith("+")
        name = name.removesuffix("+").strip().lower()
        if not equals or not name:
            # not quoted: a line that lost its equals sign may hold a password
            self._lose("a line", place, "it is no section, no setting and no directive", "write it as name=value")
        elif self._current is None:
            self._lose(name, place, "it stands in no section", "put it below the [section] that it belongs to")
        elif is_sum:
            self._add(self._current.settings, Setting(name, value, place))
        else:
            self._current.settings.append(Setting(name, value.removeprefix(">").strip(), place))

    def _add(self, settings: list[Setting], more: Setting) -> None:
        """Add to the last value of a name, as `+=` does."""
        at = next((at for at in reversed(range(len(settings))) if settings[at].name == more.name), None)
        if at is None:
            settings.append(more._replace(value=more.value.strip()))
        else:
            settings[at] = settings[at]._replace(value=f"{settings[at].value}{more.value}".strip())

    def _direct(self, content: str, place: Place, files: Sequence[Path]) -> None:
        words = content[1:].split(maxsplit=1)
        directive = words[0].lower() if words else ""
        argument = _unquoted(words[1]) if len(words) > 1 else ""
        if directive == "exec":
            # not quoted whole: a program's arguments may hold a password
            program = argument.split()[0] if argument else ""
            why = "a program's output is not read, and no program is ever run"
            self._lose(f"#exec {program}", place, why, "put what it writes into the file")
        elif directive not in ("include", "tryinclude") or not argument:
            self._lose(f"#{directive}", place, "it is no directive of Asterisk, or names no file", "correct it")
        else:
            self._include(directive, argument, place, files)

    def _include(self, directive: str, argument: str, place: Place, files: Sequence[Path]) -> None:
        what = f"#{directive} {argument}"
        found = self._finder.find(argument)
        if not found.files and directive == "include":
            mend = "put it below the folder of the first file, or name its tree with --root"
            self._lose(what, place, found.why, mend)
        elif not found.files:
            self._report.note(what, place, f"{found.why}, which it allows")
        if found.is_foreign:
            self._report.note(what, place, "was read from this machine, not from below the first file", "see --root")
        for path in found.files:
            if path.resolve() in files or len(files) >= _DEEPEST:
                self._lose(what, place, "files include each other without end", "delete one of the includes")
                continue
            try:
                self.read(path, files)
            except ImportFault as fault:
                self._lose(what, place, str(fault), "make it readable and import again")

    def _lose(self, what: str, place: Place, why: str, mend: str) -> None:
        self._report.lost(what, place, why, mend)


def _fits(section: _Open, filters: str) -> bool:
    """Whether all of a section's filters hold. A template fits only where `TEMPLATES` says so. Raises `re.error`."""
    takes_template = False
    for each in [each.strip() for each in filters.split("&") if each.strip()]:
        name, equals, wanted = (part.strip() for part in each.partition("="))
        if not equals:
            return False
        if name == "TEMPLATES":
            takes_template = section.is_template
            if wanted.lower() == "restrict" and not section.is_template:
                return False
        elif not any(re.search(name.lower(), s.name) and re.search(wanted, s.value) for s in section.settings):
            return False
    return takes_template or not section.is_template


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
    for first, last in (('"', '"'), ("<", ">")):
        if len(argument) > 1 and argument.startswith(first) and argument.endswith(last):
            return argument[1:-1].strip()
    return argument
