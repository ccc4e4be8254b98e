"""What becomes of every line of trees in the layout of each system: `python -m tests.provision.importing.table` prints it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from services.provision.importing.run import Imported
from tests.provision.importing.desk import imported
from tests.provision.importing.layouts import LAYOUTS, Desk

COMMON = {
    "ipp.AutoAnsMode": "1",
    "net.TelnetSrv": "0",
    "sip.RegisterServerMP1": "10.2.0.5",
    "sip.ProxyServerMP1": "10.2.0.5",
    "sip.VoiceMailTelNum": "*98",
    "ntp.NtpIP": "10.2.0.1",
    "qos.VLANid1": "20",
    "sip.AuthNotifyCheckSync": "10.2.0.5",
}
OWN = {
    "ipp.LanguageType": "1",
    "sys.CountryCode": "FR",
    "sys.FeatureKeyExt03": "S/<sip:1002>",
    "sys.FeatureKeyExt04": "L/<sip:0199002010>",
    "sys.TelnetPWD": "s3cret",
    "ntp.NtpZoneNum": "23",
}


class Count(NamedTuple):
    """The lines of all files of one layout."""

    layout: str
    files: int
    keys: int
    same: int
    reported: int
    silent: int


def desks() -> list[Desk]:
    """Phones of three models: lines of one number, of several, with other authentication names, with a fourth line."""
    found = []
    for model, first in (("ST2030", 1001), ("ST2022", 1101), ("TB30", 1201)):
        lines = [
            (str(first + at), str(first + at), f"pw{at}", f"Person {first + at}", str(first + at)) for at in range(4)
        ]
        other = (f"u{first}x", f"auth-{first}", "pw", "Élodie Lefèvre", str(first + 50))
        mac = f"001F9F{first:06d}"
        most = 2 if model == "ST2022" else 4
        found.append(Desk(mac, model, tuple(lines[:most]), OWN))
        found.append(Desk(f"{mac[:-2]}AA", model, (other,), OWN | {"sys.FeatureKeyExt05": f"S/<sip:{first}>"}))
        found.append(Desk(f"{mac[:-2]}BB", model, (lines[2],), {}))
    return found


def import_of(folder: Path, layout: str) -> Imported:
    """Import the tree of one layout."""
    return imported(folder, files=LAYOUTS[layout](desks(), COMMON))


def count_of(layout: str, done: Imported) -> Count:
    """Add up what became of the lines."""
    counts = done.counts
    same, reported = sum(count.same for count in counts), sum(count.reported for count in counts)
    silent = sum(len(count.silent) for count in counts)
    return Count(layout, len(counts), sum(count.keys for count in counts), same, reported, silent)


def main() -> None:
    """Print the table."""
    print("| layout | files | keys | same | reported | silent |\n|---|---|---|---|---|---|")  # noqa: T201
    for layout in LAYOUTS:
        with TemporaryDirectory() as folder:
            print(f"| {' | '.join(map(str, count_of(layout, import_of(Path(folder), layout))))} |")  # noqa: T201


if __name__ == "__main__":
    main()
