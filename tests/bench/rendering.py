"""Provisioning: a phone file through nginx against a trivial view with the same body; and a full phone of each model."""

from collections.abc import Iterator
from pathlib import Path

from services.provision.vendors.thomson.models import load_models
from shared.configfile import load_config
from tests.bench.fleet import mac_of, write_full_phone
from tests.bench.report import Line
from tests.bench.world import fetch, running_service, trivial_view, write_config
from tests.bench.wrk import compare

SAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "ldap" / "sample.ldif"
PHONE = "/provisioning/ST2030/config/ST2030S_001F9F16E849.txt"


def against_trivial_view(folder: Path) -> Iterator[Line]:
    """Render one phone again and again: nothing is cached between requests but what all phones share."""
    file = write_config(folder, {"source": "ldif", "ldif_file": str(SAMPLE)})
    with running_service(folder, "provision", file, 40) as running:
        url = f"{running.url}{PHONE}"
        body = fetch(url)
        with trivial_view(folder / "trivial", body, "text/plain; charset=iso-8859-1") as trivial:
            pair = compare(url, trivial)
    raw = (
        f"{len(body)} bytes: {pair.a.per_second:.0f}/s p99 {pair.a.p99_ms:.1f} ms, "
        f"trivial {pair.b.per_second:.0f}/s p99 {pair.b.p99_ms:.1f} ms, {pair.a.errors} errors"
    )
    yield Line("phone file / trivial view, through nginx", pair.ratio, "", "at least", 0.6, raw)


def full_phones(folder: Path) -> Iterator[Line]:
    """Render a phone of each model that has an account on every line and a supervised person on every key."""
    any_config = load_config(write_config(folder / "models", {"urls": ["ldap://127.0.0.1:9"]}), {})
    for model in load_models(any_config):
        if not model.verified:
            continue
        place = folder / model.name
        place.mkdir()
        ldif = place / "phone.ldif"
        write_full_phone(ldif, model)
        file = write_config(place, {"source": "ldif", "ldif_file": str(ldif)})
        with running_service(place, "provision", file, 1) as running:
            url = f"{running.url}/provisioning/{model.folder}/config/{model.phone_name(mac_of(0))}"
            body = fetch(url)
            with trivial_view(place / "trivial", body, "text/plain; charset=iso-8859-1") as trivial:
                pair = compare(url, trivial, rounds=3, seconds=2)
        raw = (
            f"{len(body)} bytes, {model.lines} lines, {model.keys} keys: {pair.a.per_second:.0f}/s p99 {pair.a.p99_ms:.1f} ms, "
            f"trivial {pair.b.per_second:.0f}/s, {pair.a.errors} errors"
        )
        yield Line(f"full {model.name}: renders through nginx / trivial view", pair.ratio, "", "at least", None, raw)
