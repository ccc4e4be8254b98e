"""From the configuration to a source and its searches."""

from pathlib import Path

import pytest

from services.directory.reads import reads_of
from services.provision.reads import READS as PROVISION_READS
from shared.config import Bind, Config, Ldap, PersonSearch, PhoneSearch
from shared.errors import ConfigurationError
from shared.ldap.ldif import LdifSource
from shared.ldap.open import open_source
from shared.ldap.source import Kind, Read, Stream
from shared.ldap.streams import streams_of
from shared.ldap.syncrepl import SyncreplSource

SERVER = "ldap://localhost"
NAMES = {Kind.PERSON: Read(("display_name", "surname"))}
ALL = {Kind.PERSON: Read(("surname",)), Kind.ACCOUNT: Read(("user",)), Kind.PHONE: Read(("mac",))}


def test_the_configuration_chooses_the_source() -> None:
    assert isinstance(open_source(Ldap(urls=(SERVER,)), Bind()), SyncreplSource)
    assert isinstance(open_source(Ldap(source="ldif", ldif_file=Path("x.ldif")), Bind()), LdifSource)


def test_a_stream_takes_base_filter_and_attributes_from_the_configuration() -> None:
    ldap = Ldap(
        urls=(SERVER,),
        base="dc=example",
        person=PersonSearch(base="ou=people,dc=example", scope="one", filter="(cn=*)"),
    )
    assert streams_of(ldap, NAMES) == (
        Stream(Kind.PERSON, "ou=people,dc=example", "one", "(cn=*)", ("displayName", "cn", "sn")),
    )


def test_an_empty_base_and_an_empty_filter_are_the_defaults() -> None:
    ldap = Ldap(urls=(SERVER,), base="dc=example", phone=PhoneSearch(filter=""))
    streams = streams_of(ldap, ALL)
    assert {stream.base for stream in streams} == {"dc=example"}
    assert [stream.filter for stream in streams] == [
        "(objectClass=inetOrgPerson)",
        "(objectClass=AsteriskSIPUser)",
        "(macAddress=*)",
    ]


def test_the_directory_service_never_asks_for_secrets_or_settings() -> None:
    config = Config(ldap=Ldap(urls=(SERVER,)))
    asked = {name for stream in streams_of(config.ldap, reads_of(config)) for name in stream.attributes}
    assert not [name for name in asked if "secret" in name.lower() or "setting" in name.lower()]


def test_the_provision_service_asks_for_no_number_of_a_person() -> None:
    person, *_ = streams_of(Ldap(urls=(SERVER,)), PROVISION_READS)
    assert person.attributes == ("displayName", "cn", "sn", "givenName", "preferredLanguage", "c", "co")


def test_every_filter_that_cannot_be_used_is_named_at_once() -> None:
    ldap = Ldap(urls=(SERVER,), person=PersonSearch(filter="cn=x"), phone=PhoneSearch(filter="(&"))
    with pytest.raises(ConfigurationError) as caught:
        streams_of(ldap, ALL)
    assert [fault.path for fault in caught.value.faults] == ["ldap.person.filter", "ldap.phone.filter"]


def test_a_file_takes_no_matching_rules() -> None:
    search = PersonSearch(filter="(cn:caseExactMatch:=x)")
    assert streams_of(Ldap(urls=(SERVER,), person=search), NAMES)
    with pytest.raises(ConfigurationError, match=r"ldap\.person\.filter: .*matching rules"):
        streams_of(Ldap(source="ldif", ldif_file=Path("x"), person=search), NAMES)
