"""Why a search finds nothing, as far as a look at the directory can tell: one finding with the likely reason and the mend.

Named are classes, attributes, settings and containers; never an entry of a person, which may be hidden, and never a value.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Final, NamedTuple

from shared.errors import LdifError, SourceUnavailable
from shared.findings import CONFIGURATION, Finding
from shared.ldap.classes import CLASSES, CONTAINERS, describe_classes
from shared.ldap.entry import Entry, dn_key, parent_key
from shared.ldap.filters import Compare, Filter, Group, names_in, parse_filter
from shared.ldap.filtertext import filter_text, required_parts
from shared.ldap.source import Stream
from shared.ldap.survey import EVERYTHING, Seen, Survey

_A_FEW: Final = 50
"""Entries that are looked at for the names of their attributes, or for where they stand."""
_CHILDREN: Final = 200
_NAMED: Final = 5
_NEAR: Final = 0.75

IsHidden = Callable[[str], bool]
"""Whether a DN is not to be named, since it is at or below one that is hidden."""


class Asked(NamedTuple):
    """A search that finds nothing, and from which settings it comes."""

    stream: Stream
    filters: tuple[tuple[str, str], ...]
    """Setting and filter of each part of the stream's filter."""

    @property
    def where(self) -> str:
        """The base, for messages."""
        return self.stream.base or "the empty base DN"


def why_nothing(survey: Survey, asked: Asked, is_hidden: IsHidden = lambda _: False) -> Finding:
    """Return why a search finds no entry. Without an answer of the server, it is only said that it finds none."""
    setting, text = asked.filters[0]
    try:
        return _reason(survey, asked, is_hidden)
    except (SourceUnavailable, LdifError):
        return Finding(CONFIGURATION, setting, f"{text} matches nothing below {asked.where}; correct it, or the base")


def missing_bases(
    survey: Survey, streams: Iterable[Stream], is_hidden: IsHidden = lambda _: False
) -> tuple[Finding, ...]:
    """Return a finding for each base that is not there; none where the directory cannot be looked at."""
    by_base: dict[str, list[Stream]] = {}
    for stream in streams:
        by_base.setdefault(stream.base, []).append(stream)
    try:
        return tuple(
            _of_missing_base(survey, same, is_hidden)
            for base, same in by_base.items()
            if survey.look(base, "subtree", EVERYTHING, 1) is None
        )
    except (SourceUnavailable, LdifError):
        return ()


def names_like(survey: Survey, stream: Stream, like: re.Pattern[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the names of attributes that the found entries have and that look so, the most frequent first; not the known ones."""
    try:
        seen = survey.names(stream, _A_FEW)
    except (SourceUnavailable, LdifError):
        return ()
    without = {name.lower() for name in known}
    counts = Counter(name for entry in seen.entries for name in entry.attributes) if seen else Counter[str]()
    fitting = [name for name in counts if like.search(name) and name not in without]
    return tuple(sorted(fitting, key=lambda name: (-counts[name], name))[:_NAMED])


def _reason(survey: Survey, asked: Asked, is_hidden: IsHidden) -> Finding:
    stream = asked.stream
    seen = survey.look(stream.base, stream.scope, EVERYTHING)
    if seen is None:
        return _of_missing_base(survey, [stream], is_hidden)
    below = [entry for entry in seen.entries if dn_key(entry.dn) != dn_key(stream.base)]
    setting, text = asked.filters[0]
    whole = stream.filter
    if stream.scope != "subtree" and _any(survey.look(stream.base, "subtree", whole, 1)):
        problem = f"{text} matches entries deeper below {asked.where}, which the scope {stream.scope!r} leaves out"
        return Finding(
            CONFIGURATION, f"ldap.{stream.kind}.scope", f'{problem}; set ldap.{stream.kind}.scope = "subtree"'
        )
    elsewhere = _elsewhere(survey, asked, is_hidden)
    if elsewhere:
        problem = f"{text} matches nothing below {asked.where}, but entries below {elsewhere}"
        mend = f'set ldap.{stream.kind}.base = "{elsewhere}"'
        return Finding(CONFIGURATION, f"ldap.{stream.kind}.base", f"{problem}; {mend}")
    if not below:
        problem = f"there is no entry below {asked.where}{_unless(survey, 'see one')}; correct the base{_acls(survey)}"
        return Finding(CONFIGURATION, f"ldap.{stream.kind}.base", problem)
    count = f"{'the first ' if seen.is_cut else ''}{len(below)} {'entry' if len(below) == 1 else 'entries'}"
    for setting, text in asked.filters:
        for part in required_parts(parse_filter(text)):
            if not _any(survey.look(stream.base, stream.scope, filter_text(part), 1)):
                return _of_part(survey, asked, (setting, part), below, f"{count} below {asked.where}")
    problem = (
        f"each part of {whole} matches entries below {asked.where}, but none matches all of them; correct the filter"
    )
    return Finding(CONFIGURATION, asked.filters[-1][0], problem)


def _of_part(survey: Survey, asked: Asked, culprit: tuple[str, Filter], below: Sequence[Entry], of: str) -> Finding:
    """The part of the filter that matches nothing: what about it is wrong."""
    setting, part = culprit
    text, stream = filter_text(part), asked.stream
    names = sorted(names_in(part), key=str.lower)
    matches = f"{text} matches 0 of {of}"
    if isinstance(part, Group) and part.kind == "!":
        return Finding(CONFIGURATION, setting, f"{matches}, since it leaves out all of them; correct it")
    if CLASSES in {name.lower() for name in names}:
        they, found = describe_classes(stream.kind, below, _values(part))
        is_all = part == parse_filter(dict(asked.filters)[setting])
        mend = f'set {setting} = "{found}"' if is_all else f"write {found} in its place in {setting}"
        unknown = f"name in {setting} what marks {stream.kind} entries there, or correct the base"
        return Finding(CONFIGURATION, setting, f"{matches}; {they}; {mend if found else unknown}")
    absent = [name for name in names if name.lower() != CLASSES and not _any(_having(survey, stream, name))]
    if absent:
        problem = f"{matches}; nobody has {' or '.join(absent)}{_unless(survey, 'read it')}"
        near = _near_name(survey, stream, absent)
        hint = f"did you mean {near}?" if near else f"correct the filter{_acls(survey)}"
        return Finding(CONFIGURATION, setting, f"{problem}; {hint}")
    problem = f"{matches}; there is {' and '.join(names)}, but with other values; correct the filter"
    return Finding(CONFIGURATION, setting, problem)


def _unless(survey: Survey, what: str) -> str:
    return f", or the account ({survey.account}) may not {what}" if survey.account else ""


def _acls(survey: Survey) -> str:
    return ", or the server's ACLs" if survey.account else ""


def _having(survey: Survey, stream: Stream, name: str) -> Seen | None:
    return survey.look(stream.base, stream.scope, f"({name}=*)", 1)


def _near_name(survey: Survey, stream: Stream, absent: Iterable[str]) -> str:
    """Return an attribute that entries there have, spelt nearly as one that nobody has."""
    seen = survey.names(Stream(stream.kind, stream.base, stream.scope, EVERYTHING, ()), _A_FEW)
    known = {name for entry in seen.entries for name in entry.attributes} if seen else set[str]()
    near = [match for name in absent for match in get_close_matches(name.lower(), sorted(known), n=1, cutoff=_NEAR)]
    return near[0] if near else ""


def _elsewhere(survey: Survey, asked: Asked, is_hidden: IsHidden) -> str:
    """Return what is the nearest container of all that the filter matches beside the base; "" where it matches nothing."""
    base = dn_key(asked.stream.base)
    for suffix in survey.suffixes():
        key = dn_key(suffix)
        if key == base or not base.endswith(f",{key}"):
            continue
        seen = survey.look(suffix, "subtree", asked.stream.filter, _A_FEW)
        parents = [parent_key(dn_key(entry.dn)) for entry in seen.entries if not is_hidden(entry.dn)] if seen else []
        if parents:
            return _container(survey, _common(parents), key)
    return ""


def _container(survey: Survey, key: str, suffix: str) -> str:
    """Return the lowest container at or above a DN: what stands between may be a person, who is not named."""
    while key != suffix and not any(_containers(survey.look(key, "base", EVERYTHING, 1))):
        key = parent_key(key)
    return key


def _common(keys: Sequence[str]) -> str:
    """Return the lowest DN that all of these are at or below."""
    common = keys[0]
    while common and not all(key == common or key.endswith(f",{common}") for key in keys):
        common = parent_key(common)
    return common


def _of_missing_base(survey: Survey, streams: Sequence[Stream], is_hidden: IsHidden) -> Finding:
    """`streams`: those with this base."""
    first, *others = streams
    setting = "ldap.base" if others else f"ldap.{first.kind}.base"
    problem = (
        f"{first.base} is not in the directory{_unless(survey, 'see it')}"
        if first.base
        else "no base DN is set, and the directory has nothing at the empty one"
    )
    near = _near_base(survey, first, is_hidden)
    mend = f'did you mean "{near}"?' if near else f"correct it{_acls(survey)}"
    return Finding(CONFIGURATION, setting, f"{problem}; {mend}")


def _near_base(survey: Survey, stream: Stream, is_hidden: IsHidden) -> str:
    """Return a container beside the missing one that is spelt nearly so, else the nearest entry above that is there."""
    suffixes = survey.suffixes()
    missing = dn_key(stream.base)
    above = parent_key(missing)
    while above and not _any(survey.look(above, "base", EVERYTHING, 1)):
        missing, above = above, parent_key(above)
    if not above:
        near = get_close_matches(dn_key(stream.base), map(dn_key, suffixes), n=1, cutoff=_NEAR)
        return near[0] if near else next(iter(suffixes), "")
    beside = survey.look(above, "one", EVERYTHING, _CHILDREN)
    keys = [dn_key(entry.dn) for entry in _containers(beside) if not is_hidden(entry.dn)]
    near = get_close_matches(missing, keys, n=1, cutoff=_NEAR)
    below = dn_key(stream.base).removesuffix(missing)
    return f"{below}{near[0]}" if near else above


def _containers(seen: Seen | None) -> Iterator[Entry]:
    for entry in seen.entries if seen else ():
        if CONTAINERS & {name.lower() for name in entry.attributes.get(CLASSES, ())}:
            yield entry


def _values(tree: Filter) -> Iterator[str]:
    if isinstance(tree, Group):
        for part in tree.parts:
            yield from _values(part)
    elif isinstance(tree, Compare):
        yield tree.value.decode(errors="replace")


def _any(seen: Seen | None) -> bool:
    return seen is not None and bool(seen.entries)
