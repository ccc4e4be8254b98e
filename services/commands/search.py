"""`dialtree search`: what the directory key finds, and why."""

from collections.abc import Iterable
from dataclasses import replace

import click

from services.commands.reading import read_directory
from services.commands.roles import ConfigFile, directory_role
from services.commands.tables import print_table
from services.directory import lookup as directory_lookup
from services.directory.answers import Visitor
from services.directory.explain import STEPS, Explanation, HiddenMatch, explain_search, hidden_from
from services.directory.reads import reads_of
from shared.config import Config
from shared.errors import LdifError, SourceUnavailable
from shared.ldap.filters import names_in, parse_filter
from shared.ldap.source import Kind
from shared.ldap.streams import streams_of
from shared.ldap.whole import found_by
from shared.mac import parse_mac


@click.command()
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 10_000), default=32, show_default=True, help="Rows to show at most.")
@click.option(
    "--explain", is_flag=True, help="Say by which rule each row was found, what was hidden, and what a phone gets."
)
@click.option("--mac", default="", help="Ask as the phone with this MAC address.")
@click.option(
    "--slot", type=click.IntRange(0, 8), default=0, help="Ask the phonebook of this slot  [default: everyone]"
)
@click.option("--user-agent", default="", help="With --explain: what the phone calls itself.")
@click.option("--path", default="", help="With --explain: the path that it asks, such as /yealink/search.")
@click.option("--offline", is_flag=True, help="With --explain: do not read LDAP for what is hidden.")
@click.pass_obj
def search(  # noqa: PLR0913  # an option each
    file: ConfigFile,
    query: str,
    limit: int,
    mac: str,
    slot: int,
    user_agent: str,
    path: str,
    *,
    explain: bool,
    offline: bool,
) -> None:
    """Show what the directory key finds for QUERY.

    \b
    Example:
      dialtree search "mar ali"
      dialtree search mart --explain --mac 00:1f:9f:00:00:01
    """
    config = file.load_running("directory")
    reader = directory_role(config).reader(config)
    phone = parse_mac(mac) if mac else None
    if explain:
        visitor = Visitor(user_agent, "", phone)
        at = path or (f"/b{slot}/search" if slot else "/search")
        _show(query, explain_search(config, reader, query, limit, visitor, at))
        if not offline:
            _show_hidden(config, query)
        return
    found = directory_lookup.find_rows(config, reader, query, limit, mac=phone, slot=slot)
    rows = ((row.text, row.telephone) for row in found.rows)
    print_table(("Name", "Dialled"), rows, f"{query}: {found.total} rows")


def _show(query: str, explained: Explanation) -> None:
    click.echo(f"Asked by:  {explained.caller}")
    click.echo(f"Phonebook: {explained.book}")
    rows = (
        (str(rank), each.row.name, each.row.label, each.stored, each.row.telephone, each.dn, each.why)
        for rank, each in enumerate(explained.rows, start=1)
    )
    headers = ("Rank", "Name", "Label", "Number", "Dialled", "Entry", "Why")
    print_table(headers, rows, f"{query}: {explained.total} rows")
    if explained.rows:
        click.echo(f"Found by:  {STEPS[explained.step]}.")
    answer, profile = explained.answer, explained.reading.profile
    click.echo(
        f"Dialect:   {explained.reading.dialect.name}, {profile.style} of {profile.rows} rows, {profile.charset}"
    )
    click.echo(f"Answer:    {answer.status}, {answer.content_type}, {len(answer.body)} bytes:")
    click.echo(answer.body.decode("utf-8" if profile.charset == "UTF-8" else "iso-8859-1"))


def _show_hidden(config: Config, query: str) -> None:
    """Read the directory whole, since what is hidden is in no file of the service."""
    read = reads_of(config)[Kind.PERSON]
    deciding = names_in(parse_filter(read.filter)) if read.filter else ()
    everybody = replace(read, filter="", without=frozenset(), attributes=(*read.attributes, *deciding))
    streams = streams_of(config.ldap, {Kind.PERSON: everybody})
    try:
        whole = read_directory(config, config.ldap.directory_bind, streams, "reading the directory for what is hidden")
    except (SourceUnavailable, LdifError) as error:
        click.echo(f"Hidden:    not known, for the directory cannot be read: {error}")
        return
    _print_hidden(list(hidden_from(config, query, found_by(streams, whole))))


def _print_hidden(hidden: Iterable[HiddenMatch]) -> None:
    rows = [(match.dn, match.why) for match in hidden]
    if rows:
        print_table(("Hidden", "Because"), rows)
    else:
        click.echo("Hidden:    nothing that this would have found.")
