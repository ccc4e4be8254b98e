"""The README is under test: its table of settings is the model's, its commands exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from services.cli import main
from shared.configfile import columns_of, load_config, settings_of, toml_value
from shared.ldap.entry import AllOf
from shared.ldap.mapping import Mapping

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def settings_table() -> Iterator[str]:
    """The table as it must stand in README.md; `python -m tests.shared.test_readme` prints it."""
    yield "| setting | default | meaning |"
    yield "|---|---|---|"
    for path, field in documented():
        default = "required" if field.default is PydanticUndefined else f"`{toml_value(field.default)}`"
        yield f"| `{path}` | {default} | {field.description} |"


def documented() -> Iterator[tuple[str, FieldInfo]]:
    """Every setting, and after an array of tables what each of its tables may hold."""
    for path, field in settings_of():
        yield path, field
        for name, column in columns_of(field):
            yield f"{path}[].{name}", column


def test_the_table_of_settings_is_the_models() -> None:
    assert "\n".join(settings_table()) in README


def test_the_table_of_lists_is_the_mappings() -> None:
    table = README.partition("<!-- lists:")[2].partition("\n\n")[0]
    (row,) = (line for line in table.splitlines() if line.endswith("| all values of all attributes |"))
    whole = {
        f"{kind}.{field}"
        for kind, attributes in Mapping()
        if isinstance(attributes, BaseModel)
        for field, names in attributes
        if isinstance(names, AllOf)
    }
    assert set(re.findall("`([a-z_.]+)`", row)) == whole


def test_every_setting_has_a_meaning() -> None:
    assert [path for path, field in documented() if not field.description] == []


def test_every_command_of_the_readme_exists_and_every_command_is_in_it() -> None:
    named = set(
        re.findall(r"`dialtree ((?:[a-z-]+ ?)+)", README.partition("## Commands")[2].partition("## What to know")[0])
    )
    assert {name.strip() for name in named} == set(command_names(main))


def test_every_command_has_help_with_an_example() -> None:
    for path, command in commands(main):
        text = command.get_help(click.Context(command, info_name=path))
        assert f"dialtree {path}" in text, f"dialtree {path} --help shows no example"


def test_the_example_configuration_is_valid(tmp_path: Path) -> None:
    example = README.partition("```toml")[2].partition("```")[0]
    (tmp_path / "secrets").mkdir()
    for name in ("provision", "directory"):
        (tmp_path / "secrets" / name).write_text("secret\n", encoding="utf-8")
    (tmp_path / "dialtree.toml").write_text("\n".join(line.strip() for line in example.splitlines()), encoding="utf-8")
    assert load_config(tmp_path / "dialtree.toml", {}).numbers.outside_prefix == "0"


def commands(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def command_names(group: click.Group) -> Iterator[str]:
    return (path for path, _ in commands(group))


if __name__ == "__main__":
    print("\n".join(settings_table()))  # noqa: T201
