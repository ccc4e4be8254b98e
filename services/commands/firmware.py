"""`dialtree firmware add`, `dialtree firmware list`: the vendor's files, and which phones get them."""

from pathlib import Path

import click

from services.commands.roles import ConfigFile
from services.commands.tables import print_table
from services.provision.firmware import place, read_manifest, uses_of
from services.provision.rendering import Renderer
from services.provision.vendors.thomson.files import MANIFEST
from shared.config import Config
from shared.errors import DialtreeError


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--force", is_flag=True, help="Replace a file of this name. Phones that have the name do not fetch it again."
)
@click.pass_obj
def add(file: ConfigFile, source: Path, *, force: bool) -> None:
    """Place a file of the vendor into `provision.vendor_dir`, with its SHA-256, and tell which phones get it.

    \b
    Example:
      dialtree firmware add v2030SG.2.74.zz
    """
    config = file.load()
    digest = place(Renderer(config), source, force=force)
    click.echo(f"{digest}  {source.name}")
    uses = uses_of(Renderer(config), source.name)
    for use in uses:
        given = "gets it from now on, unless a profile pins another" if use.given else "gets another one, unless pinned"
        click.echo(f"{use.model.name}: {use.line}; {given}.")
    attribute = config.ldap.mapping.profile.file[0]
    if any(use.given for use in uses):
        click.echo(
            "To hold it back from all others: name the old file in provision.pinned_files (before you place a new one)."
        )
    click.echo("To give it to a canary profile first:")
    click.echo(
        f"  ldapmodify <<< $'dn: DN OF THE PROFILE\\nchangetype: modify\\nadd: {attribute}\\n{attribute}: {source.name}'"
    )


@click.command("list")
@click.pass_obj
def list_files(file: ConfigFile) -> None:
    """Show the vendor's files, what they are for, and who gets them.

    \b
    Example:
      dialtree firmware list
    """
    config = file.load_running("provision")
    print_table(("File", "Model", "Line", "Bytes", "SHA-256", "Given to"), _rows(config))


def _rows(config: Config) -> list[tuple[str, ...]]:
    folder = config.provision.vendor_dir
    if folder is None:
        raise DialtreeError("provision.vendor_dir is not set; name the folder for vendor files")
    renderer = Renderer(config)
    rows: list[tuple[str, ...]] = []
    try:
        sums = read_manifest(folder)
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.name == MANIFEST or not path.is_file():
                continue
            size, digest = str(path.stat().st_size), sums.get(path.name, "")
            uses = uses_of(renderer, path.name)
            rows += [
                (path.name, use.model.name, use.line, size, digest, "all" if use.given else "those that pin it")
                for use in uses
            ] or [(path.name, "", "", size, digest, "")]
    except OSError as error:
        raise DialtreeError(f"{error.filename}: {error.strerror}; correct provision.vendor_dir") from None
    return rows
