"""What this service asks LDAP for, and which rules of the configuration cannot be asked. No SQL, no rule of visibility here."""

from collections.abc import Iterator
from difflib import get_close_matches

from services.directory.visibility import (
    fields_of,
    filter_attributes,
    hidden_for_all,
    known_names,
    lowered,
    member_urls,
)
from shared.config import Config
from shared.errors import Fault
from shared.ldap.conditions import parse_condition
from shared.ldap.filters import needs_server, parse_filter
from shared.ldap.mapping import PersonAttributes
from shared.ldap.source import Kind, Read, Reads


def reads_of(config: Config) -> Reads:
    """Return what this service asks LDAP for: groups if a phonebook lists one, persons, the owners of phones; never a secret."""
    person = config.ldap.mapping.person
    longest = str(config.numbers.longest_extension)
    rules = (config.directory.visibility.model_dump_json(), person.model_dump_json(), longest)
    controls = (*person.hidden, *person.hide, *_condition_attributes(person))
    shown = config.directory.visibility.filter
    reads: dict[Kind, Read] = {}
    if config.directory.groups:
        rules_of_groups = (*sorted(config.directory.groups), member_urls(config).depends_on)
        reads[Kind.GROUP] = Read(("member", "login", "url"), rules="\0".join(rules_of_groups))
    of_nobody_hidden = f"(|(!{config.ldap.person.filter_text}){shown})" if shown else ""
    reads[Kind.PHONE] = Read(("mac", "owner"), attributes=controls, filter=of_nobody_hidden, rules="\0".join(rules))
    reads[Kind.PERSON] = Read(  # last, since it is the most by far: with its commit all is there
        fields_of(config),
        attributes=(*controls, *filter_attributes(config)),
        without=hidden_for_all(config) - set(lowered(controls)),
        filter=shown,
        rules="\0".join(rules),
    )
    return reads


def read_faults(config: Config) -> Iterator[Fault]:
    """Yield what of `[directory.visibility]` cannot be done: in doubt nobody would notice that somebody is shown."""
    settings = config.directory.visibility
    if config.ldap.source == "ldif" and settings.filter and needs_server(parse_filter(settings.filter)):
        yield Fault("directory.visibility.filter", "a file knows no matching rules; write it without :=")
    known = known_names(config.ldap.mapping.person)
    for word in settings.hidden:
        if word.lower() not in known:
            near = get_close_matches(word.lower(), known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield Fault("directory.visibility.hidden", f"{word!r} is nothing that is read of a person{hint}")


def _condition_attributes(person: PersonAttributes) -> tuple[str, ...]:
    return tuple(parse_condition(text).attribute for text in person.disabled)
