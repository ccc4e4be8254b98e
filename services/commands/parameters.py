"""`dialtree parameters`: what phones can be told, for people."""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.commands.roles import ConfigFile
from services.provision.vendors.thomson.catalog import Parameter, Unmanaged
from services.provision.vendors.thomson.models import Model, Models, load_models
from services.provision.vendors.thomson.parametersearch import Row, all_rows, find_near, find_rows
from shared.errors import Unknown
from shared.secret import MASK


@click.command()
@click.argument("word", required=False, default="")
@click.option("--model", "name", default="", help="Only what this model knows  [default: all models]")
@click.pass_obj
def parameters(file: ConfigFile, word: str, name: str) -> None:
    """Search the parameters that phones know: by name, else by a part of the name or the meaning. Without WORD, print all.

    A file `none` means that nobody sets it: it is the phone's own, or of older firmware. A basis of `I` is inferred.

    \b
    Example:
      dialtree parameters pickup
      dialtree parameters sys.CodecPriority --model ST2022
    """
    models = load_models(file.load())
    chosen = _chosen(models, name)
    rows = all_rows(chosen)
    found = find_rows(rows, word)
    console = Console()
    if not found:
        found = find_near(rows, word)
        where = f" of the {chosen[0].name}" if name else ""
        if not found:
            raise Unknown(
                f"no parameter{where} holds {word!r} in its name or meaning; print all with `dialtree parameters`"
            )
        console.print(f"No parameter{where} holds {word!r}; these are spelt almost so:", highlight=False, markup=False)
    console.print(_table(found, len(chosen)))


def _chosen(models: Models, name: str) -> Sequence[Model]:
    if not name:
        return list(models)
    model = models.find(name)
    if model is None:
        raise Unknown(models.why_not(name))
    return [model]


def _table(rows: Sequence[Row], models: int) -> Table:
    table = Table()
    table.add_column("Parameter", overflow="fold")
    for title in ("Value", "Default", "File", "Models", "Meaning", "Basis"):
        table.add_column(title)
    for row in rows:
        first = row.first
        known = "all" if len(row.models) == models > 1 else ", ".join(model.name for model in row.models)
        firmware = f" (firmware {first.firmware})" if first.firmware else ""
        value, default, file, basis = _about(row, first)
        cells = (row.title, value, default, file, known, first.meaning + firmware, basis)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _about(row: Row, first: Parameter | Unmanaged) -> tuple[str, str, str, str]:
    if isinstance(first, Unmanaged):
        return "", "", "none", ""
    empty = ", or empty" if first.kind.may_be_empty else ""
    return f"{first.kind.name}: {first.kind.allowed}{empty}", _default(row, first), first.file, first.basis


def _default(row: Row, first: Parameter) -> str:
    """One text for all models, or one for each."""
    if first.secret:
        return MASK
    by_model = {model.name: _texts(own) for model, own in row.models.items()}
    different = set(by_model.values())
    if len(different) == 1:
        return different.pop()
    return "\n".join(f"{name}: {text}" for name, text in by_model.items())


def _texts(own: Sequence[Parameter | Unmanaged]) -> str:
    texts = [parameter.default for parameter in own if isinstance(parameter, Parameter)]
    return texts[0] if len(set(texts)) == 1 else ", ".join(texts)
