"""`[directory]`: the directory service, its phonebooks, and who is in none of them."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from shared.ldap.entry import dn_key, is_dn
from shared.ldap.filters import needs_server, parse_filter
from shared.people import NumberType
from shared.sections.profiles import PhoneProfile
from shared.sections.service import Service
from shared.settings import PRIVATE_NETWORKS, Address, Dns, Listen, Networks, Section, Texts

MOST_PHONEBOOKS: Final = 8
"""`Phonebook1_url` to `Phonebook8_url` (phone-spec 1.1)."""

Language = Literal["en", "fr", "de", "es", "it", "nl", "pt", "no", "ru"]
Locale = Literal[
    "en", "bg", "bs", "ca", "cs", "cy", "da", "de", "el", "es", "et", "eu", "fi", "fo", "fr", "ga", "gl", "hr", "hu", "is",
    "it", "lb", "lt", "lv", "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sv", "tr", "uk",
]  # fmt: skip
"""Languages whose order of the alphabet is known; `en` is that of every Latin alphabet without letters of its own."""
LabelText = Annotated[str, Field(min_length=1, max_length=14, pattern=r"^[ -~\u00a0-\u00ff]*$")]
"""Characters of ISO-8859-1; short, since the name gives way to it on a display."""


class Phonebook(Section):
    """One phonebook of the telephones' directory key."""

    slot: Annotated[int, Field(ge=1, le=MOST_PHONEBOOKS)] = Field(description="Which of the telephone's eight it is")
    kind: Literal["everyone", "my-department", "my-site", "group", "filter"] = Field(
        "everyone", description="Whom it lists; `my-…` compares with the owner of the telephone, if that is known"
    )
    group: str = Field("", description='DN of the LDAP group whose members it lists, for `kind = "group"`')
    filter: str = Field("", description='RFC 4515 filter of the persons it lists, for `kind = "filter"`')
    name: str | dict[Language, str] = Field(
        "",
        description='Title: one text, or one for each language, `{ en = "Sales", fr = "Ventes" }`;'
        " empty: `provision.phonebook_name`",
    )

    @model_validator(mode="after")
    def _kind_has_what_it_needs(self) -> Self:
        for kind, value in (("group", self.group), ("filter", self.filter)):
            if (self.kind == kind) != bool(value):
                raise ValueError(f"{kind} is given if, and only if, kind is {kind!r}")
        if self.group and not is_dn(self.group):
            raise ValueError(f"group: {self.group!r} is not a DN such as cn=sales,ou=groups,dc=example,dc=org")
        if self.filter and needs_server(parse_filter(self.filter)):
            raise ValueError("filter: the mirror decides it and knows no matching rules; write it without :=")
        return self

    def name_in(self, language: str) -> str:
        """Return the title in this language, else in English, else in the first that there is; "" where it has none."""
        if isinstance(self.name, str):
            return self.name
        names = {str(code): name for code, name in self.name.items()}
        return names.get(language) or names.get("en") or next(iter(names.values()), "")


class Visibility(Section):
    """Who and what is in no phonebook. It is decided before an entry is stored: what is hidden is not in the service's file."""

    filter: str = Field(
        "", description="RFC 4515 filter that a person must pass to be in a phonebook, beside `ldap.person.filter`"
    )
    excluded: Dns = Field((), description="DNs whose entries, and all below them, are in no phonebook")
    hidden: Texts = Field(
        (), description="What of every person is in no phonebook: words of `ldap.mapping.person` (`home`) or attributes"
    )

    @field_validator("filter")
    @classmethod
    def _is_filter(cls, value: str) -> str:
        if value:
            parse_filter(value)
        return value


class Directory(Service):
    """The directory service."""

    listen: Listen = Field(Address("127.0.0.1:8082"), description="Address of the first worker")
    charset: Literal["ISO-8859-1", "UTF-8"] = Field("ISO-8859-1", description="Charset of the XML")
    min_query: Annotated[int, Field(ge=1, le=10)] = Field(1, description="Letters or digits a query must have")
    language: Language | None = Field(
        None, description="Language of labels and messages; empty: `provision.language`, that of the phones' menus"
    )
    locale: Locale | None = Field(
        None, description="Language by whose alphabet names are sorted, such as sv; empty: the language of the labels"
    )
    labels: dict[NumberType, LabelText] = Field(
        {}, description='Labels of numbers in words of the site\'s own, `{ mobile = "GSM" }`'
    )
    lookup_allow: Networks = Field(
        PRIVATE_NETWORKS, description="Networks of the telephone systems that may ask `/lookup` for a caller's name"
    )
    phonebooks: tuple[Phonebook, ...] = Field(
        (Phonebook(slot=1),),
        description="The phonebooks, each a `[[directory.phonebooks]]`; without any: one that lists everyone",
    )
    kept_answers: Annotated[int, Field(ge=0, le=100_000)] = Field(
        512, description="Answers that a worker keeps until LDAP changes, some kilobytes each; 0: none"
    )
    rows_per_person: Annotated[int, Field(ge=1, le=1000)] = Field(
        64, description="Numbers of a person that are shown; the others are left out, and `dialtree lint` says of whom"
    )
    visibility: Visibility = Visibility()
    profiles: tuple[PhoneProfile, ...] = Field(
        (),
        description="What models of phones can show, each a `[[directory.profiles]]`, where the defaults are not right",
    )

    @field_validator("phonebooks")
    @classmethod
    def _slots_differ(cls, value: tuple[Phonebook, ...]) -> tuple[Phonebook, ...]:
        slots = [book.slot for book in value]
        twice = sorted({slot for slot in slots if slots.count(slot) > 1})
        if twice:
            raise ValueError(
                f"slot {twice[0]} is used twice; give each phonebook one of its own, 1 to {MOST_PHONEBOOKS}"
            )
        return value

    @property
    def groups(self) -> frozenset[str]:
        """The keys (`dn_key`) of the groups that phonebooks list."""
        return frozenset(dn_key(book.group) for book in self.phonebooks if book.group)

    def phonebook_url(self, book: Phonebook) -> str:
        """Return the URL that phones are given, with the token that they replace (`phone-spec.md` 1.1)."""
        below = "" if book.slot == 1 and book.kind == "everyone" else f"/b{book.slot}"
        return f"{self.public_url}{below}/search?q=#SEARCH"
