"""The simulator's law: it knows nothing of the code whose work it judges."""

import ast
from pathlib import Path

from services.provision.vendors.thomson import simulator

ITSELF = simulator.__name__
ALLOWED = ("shared.mac", "shared.errors")


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
