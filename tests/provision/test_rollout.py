"""`dialtree firmware add`: nobody gets a file unasked, and what phones get is seen in what they are given before and after."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.provision.reads import READS
from services.provision.rendering import Renderer
from services.provision.vendors.thomson.files import HELD, MANIFEST
from services.provision.workbench import filled_tables
from shared.config import Config
from shared.configfile import load_config
from shared.ldap.entry import Entry
from shared.ldap.ldifchange import apply_changes, parse_changes
from shared.ldap.ldifwriter import Record, render_ldif
from shared.ldap.open import open_source
from shared.ldap.streams import streams_of
from shared.ldap.whole import found_by, read_whole
from shared.mac import Mac
from tests.provision.desk import ALICE_DN, PHONES, alice, entry, vendor_files
from tests.provision.fleet import profile

OLD, NEW = "v2030SG.R11.1.SED.100804.2.72.2.zz", "v2030SG.R11.1.SED.101223.2.74.zz"
RECEPTION, LYON, TEAM, PLAIN, SMALL, OPEN = (f"00147F00000{number}" for number in range(1, 7))
STRANGER = "00147F0000FF"
ALL = (RECEPTION, LYON, TEAM, PLAIN, SMALL, OPEN)


def telephone(mac: str, **attributes: str | tuple[str, ...]) -> Entry:
    classes = ("device", "ieee802Device", "dialtreePhone")
    usual: dict[str, str | tuple[str, ...]] = {"objectClass": classes, "macAddress": mac, "owner": ALICE_DN}
    return entry(f"cn=phone {mac},{PHONES}", **usual | attributes)


def fleet() -> tuple[Entry, ...]:
    """Phones with and without profiles, of two models, and one whose entry names none."""
    return (
        alice(),
        profile("France"),
        profile("Lyon Part-Dieu", dialtreeParent="France"),
        profile("Reception", dialtreeParent="France"),
        profile("Team", dialtreeFile=OLD),
        telephone(RECEPTION, dialtreeModel="ST2030", dialtreeProfile="Reception"),
        telephone(LYON, dialtreeModel="ST2030", dialtreeProfile="lyon part-dieu"),
        telephone(TEAM, dialtreeModel="ST2030", dialtreeProfile="Team"),
        telephone(PLAIN, dialtreeModel="ST2030", objectClass=("device", "ieee802Device")),
        telephone(SMALL, dialtreeModel="ST2022"),
        telephone(OPEN),
    )


class Site:
    """A configuration file, a directory as LDIF, and a folder of vendor files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vendor = vendor_files(folder / "vendor", OLD, "v2022SG.R11.1.SED.120313.4.78.1.zz")
        self.file = folder / "dialtree.toml"
        self.configure()
        self.write(fleet())

    def configure(self, provision: str = "") -> None:
        text = f'[ldap]\nsource = "ldif"\nldif_file = "people.ldif"\n[provision]\nvendor_dir = "{self.vendor}"\n{provision}'
        self.file.write_text(text, encoding="utf-8")

    def write(self, entries: tuple[Entry, ...]) -> None:
        records = (
            Record(each.dn, tuple((name, value) for name, values in each.attributes.items() for value in values))
            for each in entries
        )
        (self.folder / "people.ldif").write_bytes(render_ldif(records))

    def add(self, *words: str, name: str = NEW, content: bytes = b"new") -> Result:
        source = self.folder / "downloads" / name
        source.parent.mkdir(exist_ok=True)
        source.write_bytes(content)
        return CliRunner().invoke(main, ["--config", str(self.file), "firmware", "add", str(source), *words])

    def ldapmodify(self, ldif: str) -> None:
        """Make a change, as a server would."""
        config = load_config(self.file)
        whole = read_whole(open_source(config.ldap, config.ldap.provision_bind), streams_of(config.ldap, READS))
        changed = apply_changes("change", parse_changes("change", ldif.encode().splitlines(keepends=True)), whole)
        self.write(tuple(changed.values()))

    def given(self) -> dict[str, str]:
        """The firmware in each phone's general file, asked for as by an ST2030; a phone that nobody knows too."""
        config = load_config(self.file)
        return dict(self._given(config))

    def _given(self, config: Config) -> Iterator[tuple[str, str]]:
        streams = streams_of(config.ldap, READS)
        whole = read_whole(open_source(config.ldap, config.ldap.provision_bind), streams)
        renderer = Renderer(config)
        with filled_tables(config, found_by(streams, whole)) as db:
            for mac in (*ALL, STRANGER):
                general = renderer.general(db, renderer.models.usual, Mac(mac)).decode()
                urls = [line for line in general.splitlines() if line.startswith("fwurl=")]
                yield mac, urls[0].rpartition("/")[2] if urls else ""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Whose firmware is another one; each has the new one then."""
    macs = {mac for mac in before if before[mac] != after[mac]}
    assert {after[mac] for mac in macs} <= {NEW}
    return macs


def test_without_a_choice_nothing_is_placed_and_the_command_says_who_would_get_it(site: Site) -> None:
    before, files = site.given(), sorted(path.name for path in site.vendor.iterdir())
    result = site.add()
    assert result.exit_code == 1
    assert "--all, --profile NAME, or --canary MAC" in result.stderr
    assert "ST2030, profile Reception: 1 (00147F000001)" in result.stdout
    assert "ST2030, no profile: 1 (00147F000004)" in result.stdout
    assert "phones whose entry names no model, no profile: 1 (00147F000006)" in result.stdout
    assert "4 phones of the directory would get it." in result.stdout
    assert "Phones that no entry names would get it too." in result.stdout
    assert sorted(path.name for path in site.vendor.iterdir()) == files
    assert site.given() == before


def test_with_all_every_phone_gets_it_that_pins_no_other(site: Site) -> None:
    before = site.given()
    assert site.add("--all").exit_code == 0
    assert changed(before, site.given()) == {RECEPTION, LYON, PLAIN, OPEN, STRANGER}
    assert sorted(path.name for path in site.vendor.iterdir() if path.name in (HELD, MANIFEST)) == [MANIFEST]


@pytest.mark.parametrize("written", ["Reception", "reception", "cn=Reception,ou=profiles,dc=example,dc=org"])
def test_with_a_profile_only_its_phones_get_it_once_the_directory_says_so(site: Site, written: str) -> None:
    before = site.given()
    result = site.add("--profile", written)
    assert result.exit_code == 0, result.output
    assert "1 phones of the directory get it after this change." in result.stderr
    assert site.given() == before
    site.ldapmodify(result.stdout)
    assert changed(before, site.given()) == {RECEPTION}


def test_a_profile_above_gives_it_to_all_below(site: Site) -> None:
    before = site.given()
    site.ldapmodify(site.add("--profile", "France").stdout)
    assert changed(before, site.given()) == {RECEPTION, LYON}


def test_a_profile_that_names_an_older_file_names_the_new_one_instead(site: Site) -> None:
    before = site.given()
    result = site.add("--profile", "Team")
    assert f"delete: dialtreeFile\ndialtreeFile: {OLD}\n" in result.stdout
    site.ldapmodify(result.stdout)
    assert changed(before, site.given()) == {TEAM}


def test_the_files_that_a_profile_names_for_other_lines_and_models_stay(site: Site) -> None:
    others = ("v2030_dsp_v310.zz", "v2022SG.R11.1.090306.4.67.2.zz")
    site.write((*fleet()[:4], profile("Team", dialtreeFile=(OLD, *others)), *fleet()[5:]))
    assert [line for line in site.add("--profile", "Team").stdout.splitlines() if "v20" in line] == [
        f"dialtreeFile: {OLD}",
        f"dialtreeFile: {NEW}",
    ]


@pytest.mark.parametrize("macs", [(RECEPTION,), (PLAIN,), (OPEN,), (RECEPTION, LYON, PLAIN), (TEAM, PLAIN, OPEN)])
def test_a_canary_alone_gets_it_once_the_directory_says_so(site: Site, macs: tuple[str, ...]) -> None:
    before = site.given()
    result = site.add("--canary", *macs)
    assert result.exit_code == 0, result.output
    assert f"{len(macs)} phones of the directory get it after this change." in result.stderr
    assert site.given() == before
    site.ldapmodify(result.stdout)
    assert changed(before, site.given()) == set(macs)


def test_several_canaries_are_named_in_any_usual_way(site: Site) -> None:
    before = site.given()
    result = site.add("--canary", "00:14:7f:00:00:01,00-14-7F-00-00-04", "--canary", "0014.7f00.0002")
    site.ldapmodify(result.stdout)
    assert changed(before, site.given()) == {RECEPTION, PLAIN, LYON}


def test_a_canary_keeps_everything_else_of_its_profile(site: Site, tmp_path: Path) -> None:
    change = tmp_path / "change.ldif"
    change.write_text(site.add("--canary", RECEPTION, PLAIN).stdout, encoding="utf-8")
    tried = CliRunner().invoke(main, ["--config", str(site.file), "diff", "--ldif", str(change)])
    assert "2 phones change, 2 reboot, 0 would be refused." in tried.output
    assert tried.output.count("[.inf]") == tried.output.count("[.inf] fwurl") == 1  # one row for both phones
    assert not {"sip.", "sys.", "ipp."} & {word[:4] for word in tried.output.split()}


def test_a_second_file_for_the_same_canary_goes_into_its_profile(site: Site) -> None:
    site.ldapmodify(site.add("--canary", RECEPTION, PLAIN).stdout)
    before = site.given()
    again = site.add("--canary", RECEPTION, PLAIN, name="v2030_dsp_R11.1_SED_v320.zz")
    assert again.stdout.count("changetype: modify") == 2
    assert "changetype: add" not in again.stdout
    site.ldapmodify(again.stdout)
    assert site.given() == before


def test_one_phone_of_a_canary_profile_gets_a_profile_of_its_own(site: Site) -> None:
    site.ldapmodify(site.add("--canary", RECEPTION, LYON).stdout)
    site.ldapmodify(site.add("--canary", PLAIN, OPEN).stdout)
    second = NEW.replace("2.74", "2.75")
    result = site.add("--canary", PLAIN, name=second)
    assert "dn: cn=canary-canary,ou=profiles,dc=example,dc=org" in result.stdout
    assert "dialtreeParent: cn=canary,ou=profiles,dc=example,dc=org" in result.stdout
    before = site.given()
    site.ldapmodify(result.stdout)
    assert {mac: name for mac, name in site.given().items() if before[mac] != name} == {PLAIN: second}


def test_a_name_that_is_taken_is_not_used_again_for_a_canary(site: Site) -> None:
    site.write((*fleet(), profile("canary"), profile("reception-CANARY")))
    result = site.add("--canary", PLAIN, RECEPTION)
    assert "dn: cn=canary-2,ou=profiles,dc=example,dc=org" in result.stdout
    assert "dn: cn=Reception-canary-2,ou=profiles,dc=example,dc=org" in result.stdout


def test_a_profile_whose_name_needs_escapes_gets_its_canary(site: Site) -> None:
    name = "Lyon, Part+Dieu ü"
    odd = entry("cn=Lyon\\, Part\\+Dieu ü,ou=profiles,dc=example,dc=org", objectClass="dialtreeProfile", cn=name)
    site.write((*fleet()[:5], odd, *fleet()[6:], telephone(RECEPTION, dialtreeModel="ST2030", dialtreeProfile=name)))
    before = site.given()
    site.ldapmodify(site.add("--canary", RECEPTION).stdout)
    assert changed(before, site.given()) == {RECEPTION}


def test_without_a_directory_a_file_is_placed_for_all_and_for_nobody_else(site: Site) -> None:
    (site.folder / "people.ldif").write_text("nonsense", encoding="utf-8")
    for words in ((), ("--profile", "Team"), ("--canary", PLAIN)):
        assert site.add(*words).exit_code == 1
        assert not (site.vendor / NEW).exists()
    result = site.add("--all")
    assert result.exit_code == 0
    assert "Which phones would get it is not known" in result.stderr
    assert "ST2030: fwurl; gets it from now on" in result.stdout


def test_all_releases_what_was_held(site: Site) -> None:
    before = site.given()
    site.ldapmodify(site.add("--canary", RECEPTION).stdout)
    assert (site.vendor / HELD).read_text(encoding="utf-8") == f"{NEW}\n"
    assert site.add("--all").exit_code == 0
    assert not (site.vendor / HELD).exists()
    assert changed(before, site.given()) == {RECEPTION, LYON, PLAIN, OPEN, STRANGER}


def test_the_default_profile_counts_as_the_profile_of_phones_that_name_none(site: Site) -> None:
    site.configure('default_profile = "France"\n')
    before = site.given()
    result = site.add("--canary", PLAIN)
    assert "dialtreeParent: cn=France,ou=profiles,dc=example,dc=org" in result.stdout
    assert "objectClass: dialtreePhone" in result.stdout
    site.ldapmodify(result.stdout)
    assert changed(before, site.given()) == {PLAIN}


def test_a_file_that_all_have_is_not_taken_back_from_them(site: Site) -> None:
    site.add("--all")
    before = site.given()
    for words in (("--profile", "Team"), ("--canary", TEAM)):
        result = site.add(*words)
        assert result.exit_code != 0
        assert "is in the folder for all" in result.output
    assert site.given() == before


def test_a_file_that_is_pinned_already_is_not_placed_for_others(site: Site) -> None:
    site.configure(f'pinned_files = ["{NEW}"]\n')
    result = site.add("--profile", "Team")
    assert result.exit_code != 0
    assert "is pinned already" in result.output
    assert not (site.vendor / NEW).exists()
    site.configure()
    site.write((*fleet()[:4], profile("Team", dialtreeFile=NEW), *fleet()[5:]))
    assert site.add("--canary", PLAIN).exit_code != 0
    before = site.given()
    assert site.add("--profile", "Team").exit_code == 0
    assert changed(before, site.given()) == {TEAM}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--profile", "Nowhere"), "is no profile"),
        (("--canary", STRANGER), "no entry has this address"),
        (("--canary", "nonsense"), "is not a MAC address"),
        (("--canary", SMALL), "does not know a file called"),
        (("--all", "--profile", "Team"), "exclude each other"),
        (("--all", RECEPTION), "is one word too much"),
    ],
)
def test_what_cannot_be_done_places_nothing(site: Site, words: tuple[str, ...], why: str) -> None:
    before, files = site.given(), sorted(site.vendor.iterdir())
    result = site.add(*words)
    assert result.exit_code != 0
    assert why in result.output
    assert sorted(site.vendor.iterdir()) == files
    assert site.given() == before


def test_the_list_says_which_files_are_held(site: Site) -> None:
    site.add("--profile", "Team")
    listed = CliRunner().invoke(main, ["--config", str(site.file), "firmware", "list"]).output
    assert "(held)" in " ".join(listed.split())
    assert HELD not in listed
