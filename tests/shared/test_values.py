import pickle
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed
from shared.ldap.entry import Entry
from shared.ldap.mapping import AccountAttributes, Mapping, PersonAttributes
from shared.ldap.source import Kind
from shared.mac import parse_mac
from shared.people import Number, account_from, person_from
from shared.secret import Secret
from shared.text import fold, is_blank, not_latin1, show_latin1, to_latin1

TEXT = st.text(st.characters(codec="utf-8"))


@pytest.mark.parametrize(
    "text", ["001F9F16E849", "00:1f:9f:16:e8:49", "00-1F-9F-16-E8-49", "001f.9f16.e849", " 001F9F16E849 "]
)
def test_every_usual_writing_of_a_mac_is_the_same_phone(text: str) -> None:
    assert parse_mac(text) == "001F9F16E849"


@pytest.mark.parametrize(
    "text",
    ["", "001F9F16E84", "001F9F16E8499", "00:1F-9F:16:E8:49", "00 1F 9F 16 E8 49", "001F9F16E84G", "٠٠١F9F16E849"],
)
def test_what_is_no_mac_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        parse_mac(text)


def test_a_secret_prints_as_stars_whatever_prints_it() -> None:
    secret = Secret("hunter2")
    assert {str(secret), repr(secret), f"{secret}", "%s" % secret, f"{[secret]}"} == {"***", "[***]"}  # noqa: UP031
    assert secret.reveal() == "hunter2"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_an_empty_secret_is_false() -> None:
    assert not Secret("")
    assert Secret("x") == Secret("x")
    assert Secret("x") != Secret("y")


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Zoé Müller", "Zoé Müller"),
        ("Noémie Œuvrard", "Noémie OEuvrard"),
        ("Łukasz", "Lukasz"),
        ("O’Brien – “x”", 'O\'Brien - "x"'),
        ("Dvořák", "Dvorák"),
        ("Żółkiewska", "Zólkiewska"),
        ("I\u0307pek", "Ipek"),
        (unicodedata.normalize("NFD", "Zoé"), "Zoé"),
    ],
)
def test_known_latin_letters_are_written_with_those_of_latin1(text: str, latin: str) -> None:
    assert to_latin1(text) == latin
    assert not_latin1(to_latin1(text)) == ""


def test_other_scripts_are_left_for_the_caller_to_refuse() -> None:
    assert not_latin1(to_latin1("Иван x")) == "Иван"


def test_a_screen_shows_other_scripts_transliterated() -> None:
    assert show_latin1("Иван Müller") == "Ivan Müller"


@given(TEXT)
def test_what_a_screen_shows_fits_latin1(text: str) -> None:
    show_latin1(text).encode("iso-8859-1")


@given(TEXT)
def test_folding_gives_lower_case_ascii_and_does_not_care_about_normal_forms(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert folded == folded.lower()
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text(st.characters(max_codepoint=0x24F)), st.sampled_from("ωяあ"))
def test_a_text_folds_alike_beside_letters_of_another_script(text: str, other: str) -> None:
    assert fold(text + other) == fold(text) + fold(other)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("MÜLLER", "muller"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("Œuvrard", "oeuvrard"),
        ("Δημήτρης", "dimitris"),
        ("Παπαδόπουλος", "papadopoulos"),
        ("ΑΓΓΕΛΟΠΟΥΛΟΥ", "angelopoulou"),
        ("Ευάγγελος Σταύρου", "evangelos stavrou"),
        ("Ευθύμιος Αϋφαντής", "efthymios ayfantis"),
        ("İpek", "ipek"),
    ],
)
def test_names_fold_to_what_people_type(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_person_has_every_value_of_every_number() -> None:
    attributes = {
        "displayname": ("Alice Martin",),
        "cn": ("A. Martin",),
        "sn": ("Martin",),
        "mobile": ("06 2", "06 1"),
        "astaccountname": ("1001",),
        "telephonenumber": ("+33 1",),
    }
    person = person_from(Entry("u", "cn=a", attributes), PersonAttributes())
    assert person.display_name == "Alice Martin"
    assert person.numbers == (
        Number("extension", "1001"),
        Number("work", "+33 1"),
        Number("mobile", "06 1"),
        Number("mobile", "06 2"),
    )


@pytest.mark.parametrize(
    ("caller_id", "name"),
    [
        ('"Alice Martin" <1001>', "Alice Martin"),
        ("Alice <1001>", "Alice"),
        ("Alice", "Alice"),
        ("<1001>", ""),
        ("", ""),
    ],
)
def test_the_name_is_cut_out_of_a_caller_id(caller_id: str, name: str) -> None:
    attributes = {"astaccountcallerid": (caller_id,)} if caller_id else {}
    assert account_from(Entry("u", "cn=a", attributes), AccountAttributes()).caller_name == name


def test_a_person_has_a_place_in_the_house() -> None:
    attributes = {"o": ("ACME",), "departmentnumber": ("7", "12"), "title": ("Head",), "l": ("Lyon",)}
    person = person_from(Entry("u", "cn=a", attributes), PersonAttributes())
    assert (person.companies, person.departments, person.titles, person.sites) == (
        ("ACME",), ("12", "7"), ("Head",), ("Lyon",),
    )  # fmt: skip


def test_only_the_attributes_of_the_named_fields_are_asked_for() -> None:
    assert Mapping().attributes(Kind.PHONE, ("owner", "mac")) == ("owner", "macAddress")


def test_a_site_names_its_own_attributes() -> None:
    mapping = Mapping.model_validate({"person": {"work": ["ipPhone", "telephoneNumber"]}})
    assert "ipPhone" in mapping.attributes(Kind.PERSON, ("work",))
    entry = Entry("u", "cn=a", {"ipphone": ("12",), "telephonenumber": ("34",)})
    assert person_from(entry, mapping.person).numbers == (Number("work", "12"), Number("work", "34"))


# --- the number in a caller id


def about(user: str | tuple[str, ...], caller_id: str) -> Entry:
    users = (user,) if isinstance(user, str) else user
    return Entry("u", "cn=a", {"astaccountname": users, "astaccountcallerid": (caller_id,)})


@pytest.mark.parametrize(
    ("user", "caller_id", "numbers"),
    [
        ("pc-1001-a8f3", '"Alice Martin" <1001>', ["1001"]),
        ("1001", "Alice <2000>", ["2000"]),
        ("1001", "Alice <+33199002010>", ["1001"]),
        ("pc-1001-a8f3", "Alice <+33639981060>", ["pc-1001-a8f3"]),
        ("1001", "Alice Martin", ["1001"]),
        (("1001", "1002"), "Alice <1001>", ["1001", "1002"]),
        (("1001", "1002"), "Alice <1009>", ["1009", "1002"]),
        (("1001", "1002"), "Alice <1002>", ["1001", "1002"]),
    ],
)
def test_the_phonebook_has_the_number_in_the_caller_id_for_the_sip_user(
    user: str | tuple[str, ...], caller_id: str, numbers: list[str]
) -> None:
    person = person_from(about(user, caller_id), PersonAttributes())
    assert [number.value for number in person.numbers] == numbers


@given(
    (st.sampled_from(["1001", "pc-1001-a8f3", "7001001", "+1"]) | st.text()).filter(lambda user: not is_blank(user)),
    st.builds('"{}" <{}>'.format, st.text(), st.text("0123456789+*# -.()")) | st.text(),
    st.integers(1, 9),
)
def test_the_phonebook_has_the_number_that_keys_supervise(user: str, caller_id: str, digits: int) -> None:
    entry = about(user, caller_id)
    person = person_from(entry, PersonAttributes(), extension_digits=digits)
    supervised = account_from(entry, AccountAttributes(), digits).extension
    assert person.numbers == (Number("extension", supervised if len(supervised) <= digits else user),)


def test_an_extension_of_an_attribute_of_its_own_is_not_the_caller_ids() -> None:
    names = PersonAttributes(extension=("ipPhone", "AstAccountName"))
    entry = Entry("u", "cn=a", {**about("pc-1", "Alice <1001>").attributes, "ipphone": ("2001",)})
    assert person_from(entry, names).numbers == (Number("extension", "2001"),)
    assert person_from(about("pc-1", "Alice <1001>"), names).numbers == (Number("extension", "1001"),)
