"""The simulator's law: it knows nothing of the code that it judges; where both read the documentation, they agree."""

import ast
from pathlib import Path

import pytest

from services.provision.vendors.thomson import simulator
from services.provision.vendors.thomson.catalog import FAMILIES, SERIAL, Catalog, load_catalog
from services.provision.vendors.thomson.simulator.checks import Check
from services.provision.vendors.thomson.simulator.models import MODELS, Model
from tests.simulator.test_models import MISFITS, UNDERSTOOD

ITSELF = simulator.__name__
ALLOWED = ("shared.mac", "shared.errors")
NUMBERS = (*range(300), 1023, 1024, 4094, 4095, 6148, 8191, 8192, 41000, 65535, 65536, 86400, 2**31, 2**32 - 1, 2**32)
ODD = "A Xx + a,b a@b@c fe80::1 [::1] host. my_host a.b.c - _a 00 01 é HTTP://h/ http://h?x=1 http://u:p@h/ S/<sip:a;b=c> || T"
VALUES = {
    *(value for row in (*UNDERSTOOD, *MISFITS) for value in row[2:]),
    *map(str, NUMBERS),
    *ODD.split(),
    "x" * 16,
    "x" * 128,
}


def test_the_simulator_imports_nothing_of_the_renderer() -> None:
    modules = sorted(Path(simulator.__path__[0]).glob("*.py"))
    imported = {
        (module.name, node.module if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for module in modules
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    ours = {(module, name) for module, name in imported if name and name.split(".")[0] in ("services", "shared")}
    assert ours, "the search finds imports at all"
    assert [pair for pair in sorted(ours) if not pair[1].startswith(ITSELF) and pair[1] not in ALLOWED] == []


def both(family: str) -> tuple[Catalog, dict[str, Check]]:
    """What the catalogue and the simulator say of a model, by parameter; without the serial, which is neither's."""
    model: Model = MODELS[family]
    catalog = load_catalog(family, model.keys, model.softkeys)
    checks = {f"{section}.{key}": check for section, keys in model.common.items() for key, check in keys.items()}
    return {name: parameter for name, parameter in catalog.items() if name != SERIAL}, checks


@pytest.mark.parametrize("family", FAMILIES)
def test_the_catalogue_and_the_simulator_know_the_same_parameters(family: str) -> None:
    catalog, checks = both(family)
    assert catalog.keys() ^ checks.keys() == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_phone_understands_whatever_the_catalogue_takes(family: str) -> None:
    catalog, checks = both(family)
    misread = [
        (name, value, checks[name].expected)
        for name, parameter in catalog.items()
        for value in {parameter.default, *VALUES} - {""}
        if parameter.kind.fits(value) and not checks[name].fits(value)
    ]
    assert misread == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_factory_default_is_understood(family: str) -> None:
    catalog, checks = both(family)
    defaults = {name: parameter.default for name, parameter in catalog.items() if parameter.default}
    assert {name: value for name, value in defaults.items() if not checks[name].fits(value)} == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_no_secret_of_the_catalogue_is_shown_by_the_simulator(family: str) -> None:
    catalog, checks = both(family)
    secrets = {name for name, parameter in catalog.items() if parameter.secret}
    assert "sip.regpwd1" in secrets
    assert {name for name in secrets if not checks[name].secret} == set()
