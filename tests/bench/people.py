"""A directory of any size, the same at every run: people with accents, an extension, an office number, often a mobile."""

import base64
import random
from collections.abc import Iterator
from pathlib import Path

from shared.ldap.entry import Entry

_SYLLABLES = "ba be bé bi bo bu ça ce che cla co da de dé do du el en fa fé fo ga ge go gra ha he i ja je jo ka ko la le lé li lo ły ma me mé mi mo mu na ne né ni no ø pa pe pi po ra re ré ri ro ru sa se ß so ta te té ti to tu ü va ve vi vo wa wi ya ze zé zo".split()  # noqa: E501, SIM905
_ENDINGS = "n r s t l d z x nd rt in eau ier ski sen mann ez".split()  # noqa: SIM905
_GIVEN = 500
_SURNAMES = 7500
_NICKNAMES = 200
_DEPARTMENTS = (
    "Accueil",
    "Achats",
    "Atelier",
    "Compta",
    "Direction",
    "Export",
    "Juridique",
    "Logistique",
    "Paie",
    "Ventes",
)
_SITES = ("Lyon", "Paris", "Lille", "Nantes", "Metz")
SUFFIX = "dc=example,dc=org"


def _names(count: int, seed: int) -> list[str]:
    dice = random.Random(seed)
    names: set[str] = set()
    while len(names) < count:
        names.add(
            ("".join(dice.choice(_SYLLABLES) for _ in range(dice.randint(1, 3))) + dice.choice(_ENDINGS)).capitalize()
        )
    return sorted(names)


def people(count: int) -> Iterator[Entry]:
    """Yield so many persons; common names are common, as in a real company (a surname's share falls with its rank)."""
    dice = random.Random(20301)
    given, surnames = _names(_GIVEN, 1), _names(_SURNAMES, 2)
    for names in (given, surnames):
        dice.shuffle(names)
    for number in range(count):
        first = given[int(_GIVEN * dice.random() ** 2)]
        last = surnames[int(_SURNAMES * dice.random() ** 2)]
        attributes = {
            "cn": (f"{first} {last}",),
            "sn": (last,),
            "givenname": (first,),
            "displayname": (f"{first} {last}",),
            "telephonenumber": (
                f"+33 1 {number // 1_000_000 % 100:02d} {number // 10_000 % 100:02d} {number // 100 % 100:02d} {number % 100:02d}",
            ),
        }
        if dice.random() < 0.6:
            attributes["mobile"] = (f"+33 6 {dice.randrange(100_000_000):08d}",)
        uuid = f"{number:08x}-0000-4000-8000-{number:012x}"
        yield Entry(uuid, f"uid=p{number},ou=people,{SUFFIX}", attributes)


def people_with_several_values(count: int) -> Iterator[Entry]:
    """Yield the same persons as a grown directory has them: two cn, another displayName, three numbers, departments, a site."""
    dice = random.Random(20302)
    nicknames = _names(_NICKNAMES, 3)
    for number, person in enumerate(people(count)):
        attributes = person.attributes
        first, last = attributes["givenname"][0], attributes["sn"][0]
        work = attributes["telephonenumber"][0]
        several = {
            "cn": (f"{first} {last}", f"{dice.choice(nicknames)} {last}"),
            "displayname": (f"{last}, {first} ({dice.choice(_DEPARTMENTS)})",),
            "astaccountname": (f"{number % 100_000:05d}",),
            "telephonenumber": (work, f"{work[:-2]}{(number + 50) % 100:02d}"),
            "mobile": (f"+33 6 {dice.randrange(100_000_000):08d}",),
            "ou": tuple(dice.sample(_DEPARTMENTS, 3)),
            "l": (dice.choice(_SITES),),
        }
        yield person._replace(attributes={**attributes, **several})


def write_ldif(file: Path, count: int) -> None:
    """Write the directory for slapadd, entry by entry."""
    with file.open("w", encoding="utf-8") as out:
        out.write(f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n")
        out.write(f"dn: ou=people,{SUFFIX}\nobjectClass: organizationalUnit\nou: people\n\n")
        for person in people(count):
            out.write(f"dn: {person.dn}\nobjectClass: inetOrgPerson\nuid: {person.dn[4:].partition(',')[0]}\n")
            for name, values in person.attributes.items():
                for value in values:
                    plain = value.isascii()
                    out.write(
                        f"{name}: {value}\n" if plain else f"{name}:: {base64.b64encode(value.encode()).decode()}\n"
                    )
            out.write("\n")
