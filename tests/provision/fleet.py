"""One phone of each model, from bare to every limit, and how a second opinion judges its files."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from services.provision.rendering import Renderer
from services.provision.vendors.thomson.catalog import SERIAL
from services.provision.vendors.thomson.models import Model, load_models
from services.provision.vendors.thomson.simulator.models import find_model
from services.provision.vendors.thomson.simulator.settings import read_common, read_general, read_phone
from shared.config import Config
from shared.ldap.entry import Entry
from tests.provision.desk import ALICE_DN, ARTICLE_MAC, PEOPLE, alice, configuration, entry, filled, parameters, phone

MODELS: Final = ("ST2030", "ST2022", "TB30", "ST2020")
SAFE: Final = {"sys.WebPWD": "w3b", "sys.TelnetPWD": "t3lnet", "autoprovision.Decryption_Key": "0123456789abcdef"}
SITE: Final = configuration(
    public_url="http://phones.example.org",
    registrar="pbx.example.org",
    backup_registrar="pbx2.example.org",
    sip_domain="example.org",
    voicemail_number="*98",
    pickup_code="*8X",
    language="fr",
    country="FR",
    ntp_server="ntp.example.org",
    phonebook_name="Annuaire",
    settings=SAFE,
)
BOB_DN: Final = f"uid=bob,{PEOPLE}"
PROFILES: Final = "ou=profiles,dc=example,dc=org"


@cache
def model_of(name: str) -> Model:
    """A model of the package."""
    model = load_models(SITE).find(name)
    assert model is not None
    return model


def bob(number: int = 2, **attributes: str) -> Entry:
    """A colleague with an account."""
    usual = {"displayName": f"Bob Roy {number}", "AstAccountName": f"100{number}", "AstAccountSecret": f"s{number}"}
    dn = f"uid=bob{number},{PEOPLE}"
    return entry(dn, objectClass=("inetOrgPerson", "AsteriskSIPUser"), **(usual | attributes))


def profile(name: str, **attributes: str | tuple[str, ...]) -> Entry:
    """A profile."""
    return entry(f"cn={name},{PROFILES}", objectClass="dialtreeProfile", cn=name, **attributes)


def bare(name: str) -> tuple[Entry, ...]:
    """The least that a phone needs."""
    return (
        phone(dialtreeModel=name),
        entry(ALICE_DN, objectClass="AsteriskSIPUser", AstAccountName="1001", AstAccountSecret="s1"),
    )


def full(name: str) -> tuple[Entry, ...]:
    """Every line and every key in use."""
    model = model_of(name)
    lines = tuple(f"{number} {bob(number).dn}" for number in range(2, model.lines + 1))
    kinds = ("blf 1002 Bob", "speeddial 0123456789 Taxi", f"blf {bob().dn}", "line 1")
    keys = tuple(f"{position} {kinds[position % len(kinds)]}" for position in range(1, model.keys + 1))
    own = phone(dialtreeModel=name, dialtreeLine=lines, dialtreeKey=keys, dialtreeSetting="ipp.TimeFlag=0")
    colleagues = (bob(number, AstAccountMailbox=f"100{number}@x") for number in range(2, model.lines + 1))
    return (own, alice(AstAccountMailbox="1001@x", preferredLanguage="de-AT", c="AT"), *colleagues)


def chained(name: str) -> tuple[Entry, ...]:
    """A phone below two profiles, which set parameters of both files."""
    europe = profile(
        "Europe", dialtreeTimeZone="Europe/Berlin", c="DE", dialtreeSetting=("sys.VAD=1", "sip.ExpireTimeMP1=600")
    )
    berlin = profile(
        "Berlin", dialtreeParent="Europe", preferredLanguage="de", dialtreeSetting=("sip.CallPkupSC=*9X", "sys.VAD=0")
    )
    own = phone(dialtreeModel=name, dialtreeProfile="berlin", dialtreeSetting="sip.ExpireTimeMP1=1200")
    return (own, alice(), europe, berlin)


def laid_out(name: str) -> tuple[Entry, ...]:
    """A phone whose keys come from two profiles and its own entry; some point at people, one at its owner."""
    house = profile("House", dialtreeKey=("1 line 1", "2 blf 1900 Door", f"3 blf {bob(2).dn}", f"4 blf {ALICE_DN}"))
    desk = profile("Desk", dialtreeParent="House", dialtreeKey=("2 none", f"5 speeddial <{bob(3).dn}>", "12 blf 1901"))
    own = phone(dialtreeModel=name, dialtreeProfile="Desk", dialtreeKey=("1 blf sip:1902", "11 speeddial 17 Police"))
    return (own, alice(), bob(2), bob(3), house, desk)


def at_the_edge(name: str) -> tuple[Entry, ...]:
    """Every parameter as long or as great as its kind lets it be, set by a profile or by the phone itself."""
    widest = {
        parameter: max(values, key=lambda value: (len(value), value)) for parameter, values in fitting(name).items()
    }
    shared = {p: value for p, value in widest.items() if model_of(name).catalog[p].file == "common"}
    settings = tuple(f"{parameter}={value}" for parameter, value in widest.items() if parameter not in shared)
    edge = profile("Edge", dialtreeSetting=tuple(f"{parameter}={value}" for parameter, value in shared.items()))
    own = phone(dialtreeModel=name, dialtreeProfile="Edge", dialtreeSetting=settings)
    return (own, alice(displayName="é" * 128, AstAccountName="1" * 32, AstAccountSecret="x" * 64), edge)


@cache
def fitting(name: str) -> Mapping[str, tuple[str, ...]]:
    """Values that each parameter of a model may have, by its name: at least one, from a pool of plain and extreme ones."""
    hosts = ("10.0.0.1", ".".join(["x" * 63] * 2))
    urls = ("http://h.example.org/x", "http://h.example.org/" + "x" * 107)
    numbers = (
        *range(70),
        80,
        99,
        100,
        127,
        128,
        200,
        255,
        500,
        1000,
        3600,
        4094,
        6148,
        8191,
        65535,
        86400,
        2**31 - 1,
        2**32 - 1,
    )
    words = (
        "local", "sc", "FR", "*8X", "*98", "00:00", "23:59", "L/<sip:>", "S/<sip:1002>", "CallLog", "VoiceMail",
        "0123456789abcdef", "g711a(1)g722(2)",
    )  # fmt: skip
    pool = ("é", "x y", *("x" * size for size in (16, 32, 64, 128)), *map(str, numbers), *hosts, *urls, *words)
    found: dict[str, tuple[str, ...]] = {}
    for parameter in model_of(name).catalog.values():
        if parameter.name != SERIAL:
            fits = tuple(value for value in pool if parameter.kind.fits(value))
            found[parameter.name] = tuple(dict.fromkeys((parameter.default, *fits)))
    return found


@cache
def renderer_of_the_site() -> Renderer:
    """One for many tests: it keeps nothing of a directory but what a digest names."""
    return Renderer(SITE)


class Files:
    """What a phone is given."""

    def __init__(self, name: str, *entries: Entry, config: Config = SITE) -> None:
        renderer = renderer_of_the_site() if config is SITE else Renderer(config)
        model = renderer.models.find(name)
        assert model is not None
        db = filled(config, entries)
        self.name = name
        self.general = renderer.general(db, model, ARTICLE_MAC)
        self.common = renderer.common_of(db, model, ARTICLE_MAC)
        self.phone = renderer.phone(db, model, ARTICLE_MAC)

    @property
    def values(self) -> dict[str, str]:
        """All parameters of both files, without the serial."""
        both = parameters(self.common) | parameters(self.phone)
        del both[SERIAL]
        return both

    @property
    def complaints(self) -> list[str]:
        """What a phone would say against the files."""
        judge = find_model(self.name)
        said = (
            read_general(self.general, "general")[1],
            read_common(self.common, "common", judge)[1],
            read_phone(self.phone, "phone", judge)[1],
        )
        return [str(complaint) for complaints in said for complaint in complaints]
