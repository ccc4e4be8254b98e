"""`dialtree explain`: where each value of a phone comes from."""

from collections.abc import Iterator

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.commands.roles import ConfigFile, provision_role
from services.provision.explain import Explained, Explanation, explain_phone, shown
from services.provision.layers import Layer, Setting
from services.provision.rendering import Renderer
from shared.mac import parse_mac


@click.command()
@click.argument("mac")
@click.argument("word", required=False, default="")
@click.option("--own", is_flag=True, help="Leave out what the package alone says.")
@click.pass_obj
def explain(file: ConfigFile, mac: str, word: str, *, own: bool) -> None:
    """Print every parameter of the phone MAC: value, layer, entry and attribute; what was overridden is struck out.

    WORD: only parameters that hold it in their name. Secrets are masked.

    \b
    Example:
      dialtree explain 00:1F:9F:16:E8:49 registrar
      dialtree explain 00:1F:9F:16:E8:49 --own
    """
    config = file.load()
    with provision_role(config).reader(config).snapshot() as db:
        explanation = explain_phone(Renderer(config), db, parse_mac(mac))
    chosen = [each for each in explanation.parameters if word.lower() in each.parameter.name.lower()]
    if own:
        chosen = [each for each in chosen if each.settings[-1].layer is not Layer.PACKAGE or len(each.settings) > 1]
    console = Console()
    console.print(_title(explanation), highlight=False, markup=False)
    console.print(_table(chosen) if chosen else f"No parameter holds {word!r} in its name.", highlight=False)
    for note in explanation.phone.notes:
        console.print(f"Note: {note}", highlight=False, markup=False)


def _title(explanation: Explanation) -> str:
    names = " → ".join(profile.name or profile.dn for profile in explanation.profiles)
    return f"{explanation.phone.dn}: {explanation.model.name}, {f'profile {names}' if names else 'no profile'}"


def _table(chosen: list[Explained]) -> Table:
    table = Table("Parameter", "Value", "Layer", "From", "Attribute or setting")
    for each in chosen:
        *overridden, winner = each.settings
        table.add_row(each.parameter.name, *_cells(winner, str(winner.layer), ""))
        for setting in reversed(overridden):
            table.add_row("", *_cells(setting, f"{setting.layer} (overridden)", "strike dim"))
    return table


def _cells(setting: Setting, layer: str, style: str) -> Iterator[Text]:
    for text in (shown(setting), layer, setting.where, setting.attribute):
        yield Text(text, style=style)
