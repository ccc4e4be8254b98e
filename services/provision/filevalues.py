"""Reads a phone's files back, ours or those of an earlier version: parameters by name. Pure: bytes in, texts out."""

from collections.abc import Iterator, Mapping


def parameters_in(content: bytes) -> Mapping[str, str]:
    """Return the values of a common or phone file by the parameter's name, `sip.CallPkupSC`; the last of a name counts."""
    values: dict[str, str] = {}
    section = ""
    for line in _lines(content):
        if line.startswith("["):
            section = line.strip("[] ")
        elif "=" in line:
            key, _, text = line.partition("=")
            values[f"{section}.{key}"] = text
    return values


def names_in(general: bytes) -> Mapping[str, str]:
    """Return the lines of a general file, each with the name of the file that it names, without its place."""
    lines = (line.partition("=") for line in _lines(general) if "=" in line)
    return {name: value.rpartition("/")[2] for name, _, value in lines}


def _lines(content: bytes) -> Iterator[str]:
    """`str.splitlines` would cut at characters of ISO-8859-1 as well."""
    for line in content.split(b"\n"):
        yield line.rstrip(b"\r").decode("latin-1")
