from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import Config
from shared.configfile import load_config, render_config, settings_of, toml_value
from shared.errors import ConfigurationError, Fault

SMALLEST = '[ldap]\nurls = ["ldaps://ldap.example.org"]\n'


def load(folder: Path, text: str, environment: dict[str, str] | None = None) -> Config:
    file = folder / "dialtree.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(file, environment or {})


def faults_of(folder: Path, text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, text, environment)
    return [str(fault) for fault in caught.value.faults]


def test_the_smallest_file_names_a_server_and_nothing_else(tmp_path: Path) -> None:
    config = load(tmp_path, SMALLEST)
    assert config.ldap.urls == ("ldaps://ldap.example.org",)
    assert config.ldap.check_certificate
    assert config.provision.listen == "127.0.0.1:8081"


def test_all_faults_are_reported_at_once_each_with_its_path(tmp_path: Path) -> None:
    text = '[ldap]\nurls = ["ldap://x"]\nspeed = 1\n[guard]\nshare = 2\n[directory]\npublic_url = "ftp://x"\n'
    text += '[provision]\nlisten = "8081"\n'
    faults = faults_of(tmp_path, text, {"DIALTREE_LDPA__URLS": "x"})
    starts = sorted(fault.partition(":")[0] for fault in faults)
    assert starts == ["DIALTREE_LDPA__URLS", "directory.public_url", "guard.share", "ldap.speed", "provision.listen"]


def test_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    assert faults_of(tmp_path, SMALLEST + "[numbers]\nregon = 'FR'\n") == [
        "numbers.regon: unknown setting; did you mean numbers.region?"
    ]


def test_a_missing_file_is_one_fault_that_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist; write it"):
        load_config(tmp_path / "none.toml", {})


def test_a_file_that_is_no_toml_is_one_fault(tmp_path: Path) -> None:
    assert "cannot be read" in faults_of(tmp_path, "[ldap\n")[0]


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    environment = {
        "DIALTREE_LDAP__URLS": "ldaps://a.example.org, ldaps://b.example.org",
        "DIALTREE_PROVISION__DAYLIGHT": "false",
        "DIALTREE_GUARD__LEAST": "3",
        "DIALTREE_LDAP__MAPPING__PERSON__WORK": "ipPhone,telephoneNumber",
        "DIALTREE_PROVISION__SETTINGS": '{"sip.CallPkupSC": "*8X"}',
        "HOME": "/root",
    }
    config = load(tmp_path, SMALLEST, environment)
    assert config.ldap.urls == ("ldaps://a.example.org", "ldaps://b.example.org")
    assert not config.provision.daylight
    assert config.guard.least == 3
    assert config.ldap.mapping.person.work == ("ipPhone", "telephoneNumber")
    assert config.provision.settings == {"sip.CallPkupSC": "*8X"}


def test_every_setting_can_be_set_from_the_environment(tmp_path: Path) -> None:
    for path, _ in settings_of():
        variable = f"DIALTREE_{path.replace('.', '__').upper()}"
        faults: tuple[Fault, ...] = ()
        try:
            load(tmp_path, SMALLEST, {variable: "no such value \x01"})
        except ConfigurationError as error:
            faults = error.faults
        assert variable not in {fault.path for fault in faults}


def test_a_secret_comes_from_its_file_and_is_masked_everywhere(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n", encoding="utf-8")
    text = SMALLEST + '[ldap.provision_bind]\ndn = "cn=p"\npassword_file = "password"\n'
    config = load(tmp_path, text + '[provision.settings_file]\n"sys.WebPWD" = "password"\n')
    bind = config.ldap.provision_bind
    assert bind.password_file is not None
    assert bind.password_file.secret.reveal() == "hunter2"
    shown = "\n".join(f"{path} = {value}" for path, value in render_config(config))
    assert "hunter2" not in shown
    assert "hunter2" not in repr(config)
    assert str(tmp_path / "password") in shown


@pytest.mark.parametrize("content", [None, "", "\n"], ids=["absent", "empty", "only a line end"])
def test_a_secret_file_without_a_secret_is_fatal(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "password").write_text(content, encoding="utf-8")
    text = SMALLEST + '[ldap.directory_bind]\ndn = "cn=p"\npassword_file = "password"\n'
    assert faults_of(tmp_path, text)[0].startswith("ldap.directory_bind.password_file: ")


def test_a_password_written_into_the_settings_is_masked(tmp_path: Path) -> None:
    config = load(tmp_path, SMALLEST + '[provision.settings]\n"sys.TelnetPWD" = "789234"\n"ipp.TimeFlag" = "1"\n')
    shown = dict(render_config(config))["provision.settings"]
    assert "789234" not in shown
    assert '"ipp.TimeFlag" = "1"' in shown


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[ldap]\n", "needs urls"),
        ('[ldap]\nsource = "ldif"\n', "needs ldif_file"),
        ('[ldap]\nurls = ["http://x"]\n', "is not ldap://host or ldaps://host"),
        ('[ldap]\nurls = ["ldaps://x"]\nstart_tls = true\n', "exclude each other"),
        ('[ldap]\nurls = ["ldap://x"]\noperation_timeout = 31\n', "less than or equal to 30"),
        ('[ldap]\nurls = ["ldap://x"]\n[ldap.provision_bind]\ndn = "cn=p"\n', "belong together"),
        (SMALLEST + '[nginx.tls]\nlisten = "0.0.0.0:443"\n', "belong together"),
        (SMALLEST + '[numbers]\nregion = "XX"\n', "two-letter country code"),
        (SMALLEST + '[provision.settings]\n"CallPkupSC" = "*8X"\n', "is not section.Parameter"),
        (SMALLEST + '[provision]\npath_prefix = "/../x y"\n', "is not a path"),
        (SMALLEST + '[directory]\npublic_url = "http://x/?a=b&c=d"\n', "is not a base URL"),
        (SMALLEST + '[directory]\nallow = ["10.0.0.0/33"]\n', "directory.allow"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_with_its_reason(tmp_path: Path, text: str, fault: str) -> None:
    assert any(fault in line for line in faults_of(tmp_path, text))


LOCATIONS = """[[numbers.locations]]
name = "Paris"
base_number = "+33 1 99 00"
exceptions = { "3631" = "03631" }
[[numbers.locations]]
name = "München"
region = "DE"
networks = ["10.2.0.0/16"]
"""


def test_an_array_of_tables_is_one_setting_and_prints_and_reads_back_as_the_same(tmp_path: Path) -> None:
    config = load(tmp_path, SMALLEST + LOCATIONS)
    assert [place.name for place in config.numbers.locations] == ["Paris", "München"]
    assert "numbers.locations" in dict(settings_of())
    again = load(tmp_path, "\n".join(f"{path} = {value}" for path, value in render_config(config)))
    assert again.numbers == config.numbers


def test_an_array_of_tables_comes_from_the_environment_as_json(tmp_path: Path) -> None:
    config = load(tmp_path, SMALLEST, {"DIALTREE_NUMBERS__LOCATIONS": '[{"name": "Paris", "outside_prefix": "0"}]'})
    assert [(place.name, place.outside_prefix) for place in config.numbers.locations] == [("Paris", "0")]


def test_a_fault_in_an_array_of_tables_names_the_table_by_its_position(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, SMALLEST + LOCATIONS + 'outside_prefix = "x"\nregon = "DE"\n')
    assert [fault.partition(":")[0] for fault in faults] == [
        "numbers.locations.1.outside_prefix",
        "numbers.locations.1.regon",
    ]


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    config = load(tmp_path, '[ldap]\nsource = "ldif"\nldif_file = "people.ldif"\n')
    assert config.ldap.ldif_file == tmp_path / "people.ldif"
    assert config.state_dir == tmp_path / "state"


def test_the_printed_configuration_reads_back_as_the_same(tmp_path: Path) -> None:
    config = load(tmp_path, SMALLEST + '[provision]\nphonebook_name = "Büro \\"A\\""\n')
    lines = [f"{path} = {value}" for path, value in render_config(config)]
    again = load(tmp_path, "\n".join(lines))
    assert again == config


@given(
    st.one_of(
        st.booleans(),
        st.integers(),
        st.text(st.characters(codec="utf-8")),
        st.lists(st.text(st.characters(codec="utf-8"))),
    )
)
def test_every_value_is_written_as_toml_that_reads_back(value: object) -> None:
    import tomllib

    assert tomllib.loads(f"x = {toml_value(value)}")["x"] == value


def test_workers_listen_ten_ports_apart(tmp_path: Path) -> None:
    listen = load(tmp_path, SMALLEST + '[provision]\nlisten = "[::1]:8081"\n').provision.listen
    assert (listen.host, listen.port) == ("::1", 8081)
    assert listen.of_worker(2) == "[::1]:8101"
