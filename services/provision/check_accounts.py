"""What is wrong with accounts beyond what a phone is refused for: passwords, names and numbers that several have.

Also what the directory gives twice where only one value counts, and attributes that Asterisk writes itself. No finding shows a
password, or says what it is like.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final

from services.provision.lines import label_of
from services.provision.passwords import Weakness, weakness_of
from services.provision.reads import READS
from shared.config import Config
from shared.errors import Malformed
from shared.findings import CONFIGURATION, Finding
from shared.ldap.mapping import WRITTEN_BY_ASTERISK
from shared.mac import Mac, parse_mac

_MOST_NAMED: Final = 3
"""Accounts that a finding names."""
_SECRETS: Final = """SELECT a.dn, a.secret, a.user, a.auth_name, a.extension, a.caller_name, coalesce(p.name, '')
    FROM accounts a LEFT JOIN persons p ON p.dn_key = a.dn_key WHERE a.secret <> '' ORDER BY a.dn"""
_ONE_NUMBER_OF_TWO_USERS: Final = """extension <> '' AND extension IN
    (SELECT extension FROM accounts GROUP BY extension HAVING count(DISTINCT user) > 1)"""
_WRITTEN: Final = frozenset(name.lower() for name in WRITTEN_BY_ASTERISK)


def account_findings(config: Config, db: sqlite3.Connection) -> Iterator[Finding]:
    """Yield what is wrong with accounts, and what of any entry is there twice. `db`: the service's tables."""
    yield from _of_users(config, db)
    yield from _of_secrets(config, db)
    yield from _of_mapping(config)
    for dn, attribute, count, is_fault in db.execute("SELECT dn, attribute, count, is_fault FROM ambiguous").fetchall():
        problem = f"has {count} values where one counts, and the first by the alphabet is taken; delete the others"
        yield Finding(dn, attribute, problem, bool(is_fault))


def _of_users(config: Config, db: sqlite3.Connection) -> Iterator[Finding]:
    names = config.ldap.mapping.account
    for user, dns in _shared(db, "user", "user <> ''"):
        problem = f"{user} is the account of {_named(dns[1:])} too; give one of the two another extension"
        yield Finding(dns[0], label_of(names.user), problem)
    for number, dns in _shared(db, "extension", _ONE_NUMBER_OF_TWO_USERS):
        problem = f"{number} is the number of {_named(dns[1:])} too, so a key that supervises it means all of them"
        yield Finding(dns[0], label_of(names.number), problem, is_fault=False)
    for name, dns in _shared(db, "auth_name", "auth_name <> ''"):
        problem = f"{_named(dns[1:])} authenticates as {name} too; is this the attribute that holds the name?"
        yield Finding(dns[0], label_of(names.auth_name), problem, is_fault=False)


def _of_secrets(config: Config, db: sqlite3.Connection) -> Iterator[Finding]:
    attribute = label_of(config.ldap.mapping.account.secret)
    holders: dict[str, list[str]] = {}
    macs = {mac for (mac,) in db.execute("SELECT mac FROM phone_macs")}
    for dn, secret, *known in db.execute(_SECRETS).fetchall():
        holders.setdefault(secret, []).append(dn)
        if not secret.isascii():
            problem = "holds characters that are not ASCII, of which phone and registrar make different bytes; set another one"
            yield Finding(dn, attribute, problem)
        known.append(dn.partition(",")[0].partition("=")[2])
        weakness = Weakness.GUESSED if _as_address(secret) in macs else weakness_of(secret, known)
        if weakness:
            problem = f"is weak: it {weakness}; set a longer one at random"
            yield Finding(dn, attribute, problem, weakness is Weakness.GUESSED)
    for dns in holders.values():
        if len(dns) > 1:
            yield Finding(dns[0], attribute, f"is that of {_named(dns[1:])} too; give each account a secret of its own")


def _of_mapping(config: Config) -> Iterator[Finding]:
    """What Asterisk writes at a registration would change the serials of phones, which would then start anew and register."""
    mapping = config.ldap.mapping
    for kind, read in READS.items():
        attributes = getattr(mapping, kind.value)
        for field in read.fields:
            for name in getattr(attributes, field):
                if name.lower() in _WRITTEN:
                    problem = (
                        f"names {name}, which Asterisk itself writes when a phone registers: phones would start anew after it; "
                        "name another attribute"
                    )
                    yield Finding(CONFIGURATION, f"ldap.mapping.{kind.value}.{field}", problem, is_fault=False)


def _as_address(secret: str) -> Mac | None:
    """Phones are often given their own address as password, which everybody in the network sees."""
    try:
        return parse_mac(secret)
    except Malformed:
        return None


def _shared(db: sqlite3.Connection, column: str, condition: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each value that several accounts have, and their DNs in order."""
    found: dict[str, list[str]] = {}
    for value, dn in db.execute(f"SELECT {column}, dn FROM accounts WHERE {condition} ORDER BY dn"):  # noqa: S608  # our own words
        found.setdefault(value, []).append(dn)
    yield from ((value, dns) for value, dns in found.items() if len(dns) > 1)


def _named(dns: list[str]) -> str:
    rest = len(dns) - _MOST_NAMED
    return f"{', '.join(dns[:_MOST_NAMED])} and {rest} more" if rest > 0 else " and ".join(dns)
