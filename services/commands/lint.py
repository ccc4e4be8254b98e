"""`dialtree lint`: what of the directory the phonebook cannot show, or not as it is meant."""

from collections.abc import Iterator
from functools import partial

import click

from services.commands.findings import show_findings
from services.commands.mirrored import mirror_findings
from services.commands.reading import counted, read_directory, read_found_entries, unreadable
from services.commands.roles import ConfigFile, directory_role
from services.directory.lint import lint as findings_of
from services.directory.lint_empty import empty_phonebook, is_hidden_by
from services.directory.lintgroups import everything_of
from services.directory.reads import reads_of
from services.directory.visibility import Visibility
from shared.config import Config
from shared.errors import SourceUnavailable
from shared.findings import Finding, in_order
from shared.ldap.entry import dn_key
from shared.ldap.indexes import missing_indexes, read_indexes
from shared.ldap.ldif import partial_values
from shared.ldap.source import Kind, Stream
from shared.ldap.streams import streams_of
from shared.ldap.survey import surveyed


@click.command()
@click.pass_obj
def lint(file: ConfigFile) -> None:
    """Read the directory, and report what is left out of the phonebook and why, and what people would look for in vain.

    Numbers that cannot be dialled, names that no display holds, people twice, phonebooks that list nobody, members of
    groups who are nobody, searches that the LDAP server limits or does not index.
    Exits with 1 when there is a fault, with 2 when the configuration is broken.

    \b
    Example:
      dialtree lint
    """
    config = file.load_running("directory")
    streams = streams_of(config.ldap, reads_of(config))
    of_server = tuple(_of_server(config, streams))
    bind = config.ldap.directory_bind
    everything = partial(read_directory, config, bind, (everything_of(config),), "reading the rest")
    with surveyed(config.ldap, bind) as survey:
        try:
            found = read_found_entries(config, bind, streams)
        except SourceUnavailable as error:
            why = unreadable(error, survey, streams, is_hidden_by(Visibility(config)))
            show_findings(in_order((*of_server, *why)), "The directory could not be read")
        of_nobody = tuple(empty_phonebook(config, streams, found, survey))
    try:
        of_entries = findings_of(config, found, everything)
    except SourceUnavailable as error:
        of_entries = (Finding("LDAP", "search", str(error)),)
    again = partial(read_found_entries, config, bind, streams)
    of_mirror = mirror_findings(config, directory_role(config), found, again)
    show_findings(
        in_order((*of_server, *_of_file(config, streams), *of_nobody, *of_entries, *of_mirror)), counted(found)
    )


def _of_file(config: Config, streams: tuple[Stream, ...]) -> Iterator[Finding]:
    """Groups of a phonebook of whose members the file holds some only. Of a person nothing is named: a rule may hide it."""
    if config.ldap.source != "ldif" or config.ldap.ldif_file is None:
        return
    for stream, dn, defect in partial_values(config.ldap.ldif_file, streams):
        if stream.kind is Kind.GROUP and dn_key(dn) in config.directory.groups:
            yield Finding(dn, defect.attribute, f"line {defect.line} of the file: {defect.problem}")


def _of_server(config: Config, streams: tuple[Stream, ...]) -> Iterator[Finding]:
    """What the server does not index; limits show when everything is read."""
    if config.ldap.source != "syncrepl":
        return
    for base in dict.fromkeys(stream.base for stream in streams):
        filters = [stream.filter for stream in streams if stream.base == base]
        try:
            indexes = read_indexes(config.ldap, config.ldap.directory_bind, base)
        except SourceUnavailable:  # told when the directory is read
            return
        if indexes is None:
            problem = "the directory service's account may not read cn=config, so this is not known"
            yield Finding("LDAP", f"indexes of {base}", problem, is_fault=False)
            continue
        for name, kind in missing_indexes(indexes, filters):
            problem = (
                f"{name} is not indexed for {kind}, so each look at the directory reads all of it; index {name} {kind}"
            )
            yield Finding("LDAP", f"indexes of {base}", problem)
