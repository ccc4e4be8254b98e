"""A filter's tree back to text (RFC 4515), so that a part of it can be asked on its own and named in a message. Pure."""

import re
from typing import Final

from shared.ldap.filters import Compare, Filter, Group, Present, Substrings

_SPECIAL: Final = re.compile(rb"[\x00()*\\]")


def filter_text(tree: Filter) -> str:
    """Return the text of a filter; `parse_filter` gives the same tree again."""
    if isinstance(tree, Group):
        return f"({tree.kind}{''.join(map(filter_text, tree.parts))})"
    if isinstance(tree, Compare):
        return f"({tree.name}{tree.kind}{_escaped(tree.value)})"
    if isinstance(tree, Present):
        return f"({tree.name}=*)"
    if isinstance(tree, Substrings):
        return f"({tree.name}={'*'.join(map(_escaped, (tree.initial, *tree.middle, tree.final)))})"
    rule = f":{tree.rule}" if tree.rule else ""
    return f"({tree.name}{':dn' if tree.dn_attributes else ''}{rule}:={_escaped(tree.value)})"


def required_parts(tree: Filter) -> tuple[Filter, ...]:
    """Return the filters each of which an entry must pass: the parts of `(&…)`, within one another too, or the filter itself."""
    if isinstance(tree, Group) and tree.kind == "&":
        return tuple(part for each in tree.parts for part in required_parts(each))
    return (tree,)


def _escaped(value: bytes) -> str:
    escaped = _SPECIAL.sub(lambda found: rf"\{found[0][0]:02x}".encode(), value)
    try:
        return escaped.decode()
    except UnicodeDecodeError:
        return "".join(rf"\{byte:02x}" for byte in value)
