"""Distinguished names: all spellings of one DN have one key, and two DNs never have the same."""

import stringprep
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ldap.dn import dn_key, folded_value, is_dn, parent_key, split_first_rdn, without_unique_id

JANE = r"cn=Doe\, Jane,ou=people,dc=example,dc=org"
ZOE = "cn=Zoë Müller,ou=people,dc=example,dc=org"
ANNA = "uid=anna+sn=Roy,ou=people,dc=example,dc=org"


def bmp(text: str) -> str:
    raw = text.encode("utf-16-be")
    return f"#1e{len(raw):02x}{raw.hex()}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # case and blanks
        (JANE, r"CN=DOE\, JANE,OU=People,DC=EXAMPLE,DC=ORG"),
        (JANE, r"  cn = Doe\, Jane  ,  ou=people , dc=example,dc=org  "),
        (JANE, r"cn=Doe\,   Jane,ou=people,dc=example,dc=org"),
        (JANE, "cn=Doe\\, Jane,\n ou=people,\tdc=example,dc=org"),
        (JANE, r"cn=\ Doe\, Jane\ ,ou=people,dc=example,dc=org"),
        (JANE, r"cn=\20Doe\, Jane\20,ou=people,dc=example,dc=org"),
        # escapes
        (JANE, r"cn=Doe\2C Jane,ou=people,dc=example,dc=org"),
        (JANE, r"cn=Doe\2c\20Jane,ou=people,dc=example,dc=org"),
        (JANE, r"cn=\44\6f\65\2c Jane,ou=\70eople,dc=example,dc=org"),
        (JANE, r"cn=\D\o\e\, \J\ane,ou=people,dc=example,dc=org".replace(r"\D", r"\44").replace(r"\a", r"\61")),
        (ZOE, r"cn=Zo\C3\AB M\c3\bcller,ou=people,dc=example,dc=org"),
        (ZOE, "cn=Zo\\ë M\\üller,ou=people,dc=example,dc=org"),
        # quotes (RFC 1779, RFC 2253)
        (JANE, 'cn="Doe, Jane",ou=people,dc=example,dc=org'),
        (JANE, 'CN = " Doe,  Jane " , OU="people",dc=example,dc=org'),
        (JANE, r'cn="Doe\, Jane",ou=people,dc=example,dc=org'),
        (JANE, r'cn="Doe\2C Jane",ou=people,dc=example,dc=org'),
        (r"cn=The \"Boss\",dc=x", r'cn="The \"Boss\"",dc=x'),
        (r"cn=A\+B\;C\=D,dc=x", 'cn="A+B;C=D",dc=x'),
        # BER values
        (JANE, f"cn=#0c{len('Doe, Jane'):02x}{b'Doe, Jane'.hex()},ou=people,dc=example,dc=org"),
        (JANE, f"cn=#13{len('Doe, Jane'):02X}{b'Doe, Jane'.hex().upper()},ou=people,dc=example,dc=org"),
        (JANE, f"cn=#0481{len('Doe, Jane'):02x}{b'Doe, Jane'.hex()} ,ou=people,dc=example,dc=org"),
        (JANE, f"cn={bmp('Doe, Jane')},ou=people,dc=example,dc=org"),
        (ZOE, f"cn=#1c{4 * 10:02x}{'Zoë Müller'.encode('utf-32-be').hex()},ou=people,dc=example,dc=org"),
        (ZOE, f"cn=#14{10:02x}{'Zoë Müller'.encode('iso-8859-1').hex()},ou=people,dc=example,dc=org"),
        # other names of the attributes
        (JANE, r"commonName=Doe\, Jane,organizationalUnitName=people,domainComponent=example,dc=org"),
        (JANE, r"2.5.4.3=Doe\, Jane,2.5.4.11=people,0.9.2342.19200300.100.1.25=example,dc=org"),
        (JANE, r"OID.2.5.4.3=Doe\, Jane,oid.2.5.4.11=people,dc=example,dc=org"),
        ("uid=a,c=FR,st=Rhône,l=Lyon", "userid=a,countryName=fr,stateOrProvinceName=Rhône,localityName=lyon"),
        ("sn=a,o=b", "surname=a,organizationName=b"),
        ("mail=a@example.org,dc=x", "rfc822Mailbox=a@example.org,dc=x"),
        # separators
        (JANE, r"cn=Doe\, Jane;ou=people;dc=example;dc=org"),
        (JANE, r"cn=Doe\, Jane ; ou=people,dc=example ; dc=org"),
        # Unicode
        (ZOE, unicodedata.normalize("NFD", ZOE)),
        (ZOE, ZOE.upper()),
        ("cn=Straße,dc=x", "cn=STRASSE,dc=x"),
        ("cn=ΣΊΣΥΦΟΣ,dc=x", "cn=Σίσυφος,dc=x"),
        ("cn=Ａlice,dc=x", "cn=alice,dc=x"),
        ("cn=Ober\u00adbacher,dc=x", "cn=Oberbacher,dc=x"),
        ("cn=Anna\u00a0Roy,dc=x", "cn=Anna Roy,dc=x"),
        ("cn=\u202aAnna\u202c,dc=x", "cn=Anna,dc=x"),
        # several pairs
        (ANNA, "sn=Roy+uid=anna,ou=people,dc=example,dc=org"),
        (ANNA, "SURNAME = roy + userid = Anna,ou=people,dc=example,dc=org"),
        (ANNA, 'sn="Roy" + 0.9.2342.19200300.100.1.1=#0c04616e6e61,ou=people,dc=example,dc=org'),
    ],
)
def test_all_spellings_of_one_dn_have_one_key(one: str, other: str) -> None:
    assert dn_key(one) == dn_key(other)
    assert parent_key(dn_key(one)) == parent_key(dn_key(other))
    assert is_dn(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"cn=Doe\, Jane,dc=x", "cn=Doe,Jane,dc=x"),
        (r"cn=a\,dc\=b,dc=x", "cn=a,dc=b,dc=x"),
        (r"cn=a\+sn\=b,dc=x", "cn=a+sn=b,dc=x"),
        ("cn=a+sn=b,dc=x", "cn=a,sn=b,dc=x"),
        ("cn=a,dc=x", "sn=a,dc=x"),
        ("cn=a,dc=x", "cn=a,dc=y"),
        ("cn=a,dc=x,dc=y", "cn=a,dc=y,dc=x"),
        ("cn=ab,dc=x", "cn=a b,dc=x"),
        ("cn=Zoë,dc=x", "cn=Zoe,dc=x"),
        (r"cn=\#0c0161,dc=x", "cn=#0c0161,dc=x"),
        (r"cn=\ff,dc=x", r"cn=\fe,dc=x"),
        (r"cn=\ff,dc=x", r"cn=\\ff,dc=x"),
        (r"cn=\ff,dc=x", r"cn=ÿ,dc=x"),
        ("cn=#0101ff,dc=x", "cn=#010100,dc=x"),
        ("cn=#0101ff,dc=x", r"cn=\#0101ff,dc=x"),
        (r"cn=a\\,dc=x", r"cn=a\,dc\=x"),
        ("cn=,dc=x", "cn,dc=x"),
        ("2.5.4.3=a,dc=x", "2.5.4.4=a,dc=x"),
    ],
)
def test_two_dns_have_two_keys(one: str, other: str) -> None:
    assert dn_key(one) != dn_key(other)


@pytest.mark.parametrize(
    "text",
    ["", "alice", "uid=a,", ",uid=a", "uid=a,,dc=x", "uid=a,dc", "=a,dc=x", "cn=Doe, Jane,dc=x", "u id=a", "uid= ,dc=x",
     'uid="",dc=x'],
)  # fmt: skip
def test_what_is_no_dn_is_told(text: str) -> None:
    assert not is_dn(text)
    assert dn_key(text) == dn_key(dn_key(text))


@pytest.mark.parametrize(
    ("value", "dn"),
    [
        ("uid=a,dc=x#'0101'B", "uid=a,dc=x"),
        ("uid=a,dc=x #'0'B ", "uid=a,dc=x "),
        ("uid=a,dc=x#''B", "uid=a,dc=x"),
        ("uid=a,dc=x", "uid=a,dc=x"),
        ("cn=O'Brien #1,dc=x", "cn=O'Brien #1,dc=x"),
        ("cn=#'0121'B,dc=x", "cn=#'0121'B,dc=x"),
    ],
)
def test_the_bit_string_behind_a_unique_member_is_no_part_of_the_dn(value: str, dn: str) -> None:
    assert without_unique_id(value) == dn


def test_the_first_rdn_is_split_off_as_it_is_written() -> None:
    pairs, above = split_first_rdn(r"cn=Doe\, Jane + SN=Doe , OU=People,DC=x")
    assert [(pair.name, pair.value.strip()) for pair in pairs] == [("cn", "Doe, Jane"), ("sn", "Doe")]
    assert above == "OU=People,DC=x"
    assert split_first_rdn("dc=x")[1] == ""


# --- the law, with spellings and an oracle of this test's own

TYPES = {
    "cn": ("cn", "CN", "commonName", "2.5.4.3", "OID.2.5.4.3"),
    "uid": ("uid", "Uid", "userid", "0.9.2342.19200300.100.1.1"),
    "ou": ("ou", "OU", "organizationalUnitName", "oid.2.5.4.11"),
    "x-own": ("x-own", "X-Own"),
}
ALPHABET = "aAbB zZ09.,;+\"\\<>=#'éÉëßœŒµªﬁＡΣσςïİıК\u00a0\u00ad\u200b\u2003\u0301\u202f\t½Ⅳ한ガ\ufeff"
VALUES = st.text(st.sampled_from(ALPHABET), min_size=1, max_size=6)
DNS = st.lists(
    st.lists(st.tuples(st.sampled_from(sorted(TYPES)), VALUES), min_size=1, max_size=2), min_size=1, max_size=3
)
Dn = list[list[tuple[str, str]]]


class Spelling(NamedTuple):
    draw: Callable[[list[str]], str]

    def dn(self, dn: Dn) -> str:
        return "".join(
            self.rdn(rdn) + (self.draw([",", ";", " , "]) if at < len(dn) - 1 else "") for at, rdn in enumerate(dn)
        )

    def rdn(self, rdn: list[tuple[str, str]]) -> str:
        pairs = [f"{self.draw(list(TYPES[name]))}{self.draw(['=', ' = '])}{self.value(value)}" for name, value in rdn]
        if self.draw(["", "turned"]):
            pairs.reverse()
        return self.draw(["+", " + "]).join(pairs)

    def value(self, value: str) -> str:
        value = unicodedata.normalize("NFC" if self.draw(["NFC", "NFD"]) == "NFC" else "NFD", value)
        way = self.draw(["escaped", "digits", "quoted", "hex"])
        if way == "hex":
            raw = value.encode()
            return f"#0c{len(raw):02x}{raw.hex()}"
        if way == "digits":
            return "".join(f"\\{byte:02x}" for byte in value.encode())
        if way == "quoted":
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return "".join(f"\\{c}" if c in ',+"\\<>;=# ' else c for c in value)


def prepared(value: str) -> str:
    """caseIgnoreMatch as RFC 4518 writes it, from Python's tables of RFC 3454."""
    mapped = ""
    for char in value:
        if char == "\t" or stringprep.in_table_c12(char) or char == "\u00a0":
            mapped += " " if char != "\u200b" else ""
        elif not (stringprep.in_table_b1(char) or unicodedata.category(char) in ("Cc", "Cf")):
            mapped += char
    folded = "".join(map(stringprep.map_table_b2, unicodedata.normalize("NFKC", mapped)))
    return " ".join(part for part in unicodedata.normalize("NFKC", folded).split(" ") if part)


def oracle(dn: Dn) -> object:
    return [sorted((name, prepared(value)) for name, value in rdn) for rdn in dn]


@given(DNS, st.data())
def test_any_two_spellings_of_a_dn_have_one_key_which_is_a_spelling_too(dn: Dn, data: st.DataObject) -> None:
    spelling = Spelling(lambda choices: data.draw(st.sampled_from(choices)))
    one, other = spelling.dn(dn), spelling.dn(dn)
    assert dn_key(one) == dn_key(other) == dn_key(dn_key(one))
    assert parent_key(dn_key(one)) == dn_key(spelling.dn(dn[1:]))


@given(DNS, DNS, st.data())
def test_two_dns_have_one_key_only_if_they_are_the_same(one: Dn, other: Dn, data: st.DataObject) -> None:
    spelling = Spelling(lambda choices: data.draw(st.sampled_from(choices)))
    changed = data.draw(
        st.sampled_from(
            [
                other,
                one[::-1],
                [rdn[::-1] for rdn in one],
                one[1:] or other,
                [[(n, v + v[-1:]) for n, v in rdn] for rdn in one],
            ]
        )
    )
    assert (dn_key(spelling.dn(one)) == dn_key(spelling.dn(changed))) == (oracle(one) == oracle(changed))


@given(st.text())
def test_every_text_has_a_key_that_stays_the_same(text: str) -> None:
    assert dn_key(dn_key(text)) == dn_key(text)


@given(st.text(st.characters(codec="utf-8")))
def test_folding_a_folded_value_changes_nothing(text: str) -> None:
    assert folded_value(folded_value(text)) == folded_value(text)
