"""`[ldap]` and `[guard]`: where the directory is, how it is followed, and what is believed of it."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from shared.ldap.mapping import Mapping
from shared.ldap.source import Kind, Scope
from shared.settings import BaseDn, FilePath, Password, Seconds, Section, Texts


class Bind(Section):
    """The LDAP account of one service; both empty is an anonymous bind."""

    dn: str = Field("", description="DN to bind as; empty: anonymous")
    password_file: Password | None = Field(None, description="File that holds the password of that account")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.dn) != bool(self.password_file):
            raise ValueError("dn and password_file belong together: give both, or none for an anonymous bind")
        return self


class Search(Section):
    """Where the entries of one kind are."""

    base: BaseDn = Field("", description="Base DN; empty: `ldap.base`")
    scope: Scope = Field("subtree", description="Scope of the search")
    filter: str = Field("", description="RFC 4515 filter; empty: the kind's own")

    @property
    def filter_text(self) -> str:
        """The filter that is asked."""
        return self.filter or str(type(self).model_fields["filter"].default)


class PersonSearch(Search):
    """Persons."""

    filter: str = Field("(objectClass=inetOrgPerson)", description="RFC 4515 filter of persons")


class GroupSearch(Search):
    """Groups that phonebooks list."""

    filter: str = Field(
        "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)"
        "(objectClass=groupOfURLs)(objectClass=group))",
        description="RFC 4515 filter of groups; only those that a phonebook lists are kept",
    )


class AccountSearch(Search):
    """SIP accounts."""

    filter: str = Field("(objectClass=AsteriskSIPUser)", description="RFC 4515 filter of SIP accounts")


class PhoneSearch(Search):
    """Phones."""

    filter: str = Field("(macAddress=*)", description="RFC 4515 filter of phones")


class ProfileSearch(Search):
    """Profiles."""

    filter: str = Field("(objectClass=dialtreeProfile)", description="RFC 4515 filter of profiles")


class Ldap(Section):
    """The directory, and how to follow it."""

    source: Literal["syncrepl", "ldif"] = Field(
        "syncrepl", description="`syncrepl`: OpenLDAP (RFC 4533); `ldif`: a file, read again when it changes"
    )
    ldif_file: FilePath | None = Field(None, description='The LDIF file, for `source = "ldif"`')
    urls: Texts = Field(
        (), description="LDAP servers in order of preference: `ldaps://…`, `ldap://…`, `ldapi://…` is not supported"
    )
    start_tls: bool = Field(default=False, description="StartTLS on `ldap://` connections")
    check_certificate: bool = Field(default=True, description="Check the server's certificate and name")
    ca_file: FilePath | None = Field(None, description="CA certificates, PEM; empty: the system's own")
    certificate_names: Texts = Field(
        (), description="Names to accept in the certificate where `urls` must hold an address"
    )
    connect_timeout: Seconds = Field(5, description="Seconds to wait for a connection")
    operation_timeout: Annotated[float, Field(gt=0, le=30)] = Field(
        10, description="Seconds without a byte after which a server counts as frozen (30 at most)"
    )
    poll_interval: Annotated[float, Field(ge=0.02, le=3600)] = Field(
        0.1, description="Shortest pause between two polls, seconds; polls that cost the server more come less often"
    )
    complete_read_interval: Annotated[float, Field(ge=60)] = Field(
        86400,
        description="Seconds between two complete reads, which find what looks different although no entry changed",
    )
    base: BaseDn = Field("", description="Base DN of all searches that name none of their own")
    person: PersonSearch = PersonSearch()
    group: GroupSearch = GroupSearch()
    account: AccountSearch = AccountSearch()
    phone: PhoneSearch = PhoneSearch()
    profile: ProfileSearch = ProfileSearch()
    provision_bind: Bind = Bind()
    directory_bind: Bind = Bind()
    mapping: Mapping = Mapping()

    @model_validator(mode="after")
    def _source_is_named(self) -> Self:
        if self.source == "ldif" and self.ldif_file is None:
            raise ValueError('source = "ldif" needs ldif_file')
        if self.source == "syncrepl" and not self.urls:
            raise ValueError('source = "syncrepl" needs urls, such as ["ldaps://ldap.example.org"]')
        for url in self.urls:
            parts = urlsplit(url)
            if parts.scheme not in ("ldap", "ldaps") or not parts.hostname:
                raise ValueError(f"urls: {url!r} is not ldap://host or ldaps://host")
            if self.start_tls and parts.scheme == "ldaps":
                raise ValueError(f"urls: {url!r} and start_tls exclude each other; ldaps is encrypted from the start")
        return self

    def search(self, kind: Kind) -> Search:
        """Return where the entries of a kind are."""
        by_kind: dict[Kind, Search] = {
            Kind.GROUP: self.group,
            Kind.PERSON: self.person,
            Kind.ACCOUNT: self.account,
            Kind.PHONE: self.phone,
            Kind.PROFILE: self.profile,
        }
        return by_kind[kind]


class Guard(Section):
    """Design law 11: a mass removal is held until a person accepts it."""

    share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.2, description="Share of a kind's entries (or secrets) that may go at once"
    )
    least: Annotated[int, Field(ge=1)] = Field(10, description="Fewer removals than this are always believed")
    window: Seconds = Field(3600, description="Removals within this many seconds count together")
