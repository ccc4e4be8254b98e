"""`deploy/ldap/asterisk.schema` has Asterisk's object identifiers: a server may change from one file to the other."""

import re
from pathlib import Path

from shared.ldap.mapping import AccountAttributes

SCHEMA = (Path(__file__).resolve().parents[2] / "deploy" / "ldap" / "asterisk.schema").read_text(encoding="utf-8")
ROOT = "1.3.6.1.4.1.22736.5"
NUMBERS = {
    "AstAccountCallerID": 7,
    "AstAccountContext": 8,
    "AstAccountMailbox": 9,
    "AstAccountCallGroup": 20,
    "AstAccountInsecure": 27,
    "AstAccountPickupGroup": 29,
    "AstAccountSecret": 38,
    "AstAccountName": 39,
}
"""The last arc of each attribute, below `1.3.6.1.4.1.22736.5.4`, as Asterisk's own schema (version 3.2.0) has it."""


def identifiers(definition: str) -> dict[str, str]:
    """Every name that is defined, and its object identifier written out."""
    macros = dict(re.findall(r"^objectIdentifier\s+(\S+)\s+(\S+)$", SCHEMA, re.MULTILINE))

    def whole(text: str) -> str:
        name, colon, rest = text.partition(":")
        return f"{whole(macros[name])}{'.' if colon else ''}{rest}" if name in macros else text

    found = re.findall(rf"^{definition} \( (\S+) NAME '(\w+)'", SCHEMA, re.MULTILINE)
    assert len({name for _, name in found}) == len(found) > 0
    return {name: whole(oid) for oid, name in found}


def test_every_attribute_has_the_identifier_that_asterisk_gives_it() -> None:
    assert identifiers("attributetype") == {name: f"{ROOT}.4.{number}" for name, number in NUMBERS.items()}


def test_the_class_has_the_identifier_that_asterisk_gives_it_and_allows_every_attribute() -> None:
    assert identifiers("objectclass") == {"AsteriskSIPUser": f"{ROOT}.2.3"}
    (allowed,) = re.findall(r"MAY \(([^)]*)\)", SCHEMA)
    assert {name.strip() for name in allowed.split("$")} == set(NUMBERS)


def test_what_is_read_of_an_account_by_default_is_in_the_schema() -> None:
    fields = AccountAttributes().names_of(tuple(AccountAttributes.model_fields))
    assert set(fields) <= set(NUMBERS)
