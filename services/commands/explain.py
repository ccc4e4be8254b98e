"""`dialtree explain`: where each value of a phone comes from."""

from collections.abc import Iterator

import click
from rich.text import Text

from services.commands.roles import ConfigFile, provision_role
from services.commands.tables import print_table
from services.provision.explain import Explained, ExplainedKey, Explanation, explain_keys, explain_phone, shown
from services.provision.layers import Layer, Setting
from services.provision.rendering import Renderer
from shared.mac import parse_mac


@click.command()
@click.argument("mac")
@click.argument("word", required=False, default="")
@click.option("--model", default="", help="What the phone is, where its entry does not say it [ST2030].")
@click.option("--own", is_flag=True, help="Leave out what the package alone says.")
@click.pass_obj
def explain(file: ConfigFile, mac: str, word: str, model: str, *, own: bool) -> None:
    """Print every parameter of the phone MAC: value, layer, entry and attribute; what was overridden is struck out.

    WORD: only parameters that hold it in their name. Secrets are masked. Without it, the function keys follow, with the name
    of the person behind each.

    \b
    Example:
      dialtree explain 00:1F:9F:16:E8:49 registrar
      dialtree explain 00:1F:9F:16:E8:49 --own
    """
    config = file.load_running("provision")
    with provision_role(config).reader(config).snapshot() as db:
        explanation = explain_phone(Renderer(config), db, parse_mac(mac), model)
        keys = explain_keys(db, explanation.phone, explanation.profiles)
    chosen = [each for each in explanation.parameters if word.lower() in each.parameter.name.lower()]
    if own:
        chosen = [each for each in chosen if each.settings[-1].layer is not Layer.PACKAGE or len(each.settings) > 1]
    click.echo(_title(explanation))
    if chosen:
        print_table(("Parameter", "Value", "Layer", "From", "Attribute or setting"), _rows(chosen))
    else:
        click.echo(f"No parameter holds {word!r} in its name.")
    if not word and keys:
        print_table(("Key", "Does", "Number", "Name", "From"), map(_key_row, keys))
    for note in explanation.phone.notes:
        click.echo(f"Note: {note}")


def _key_row(each: ExplainedKey) -> tuple[str, ...]:
    return str(each.key.position), each.key.kind, each.key.target, each.label, each.where


def _title(explanation: Explanation) -> str:
    names = " → ".join(profile.name or profile.dn for profile in explanation.profiles)
    return f"{explanation.phone.dn}: {explanation.model.name}, {f'profile {names}' if names else 'no profile'}"


def _rows(chosen: list[Explained]) -> Iterator[tuple[str | Text, ...]]:
    for each in chosen:
        *overridden, winner = each.settings
        yield (each.parameter.name, *_cells(winner, str(winner.layer), ""))
        for setting in reversed(overridden):
            yield ("", *_cells(setting, f"{setting.layer} (overridden)", "strike dim"))


def _cells(setting: Setting, layer: str, style: str) -> Iterator[Text]:
    for text in (shown(setting), layer, setting.where, setting.attribute):
        yield Text(text, style=style)
