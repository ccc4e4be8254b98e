"""From the bytes of a phonebook's document to its root element: charset, what stands before it, `&` and entities. Pure.

Nobody knows which parser the phone has. The guide's own sample holds a raw `&`; servers in the field declare one charset
and send another, or none (phone-spec 1.6). All of that is read here, each with a complaint.
"""

import codecs
import re
from html.entities import name2codepoint
from typing import Final

from lxml import etree

from services.provision.vendors.thomson.simulator.complaints import Complaint, Refused, Rule

_DECLARATION: Final = re.compile(r"<\?xml\s[^>]*\?>")
_ENCODING: Final = re.compile(rb"""<\?xml\s[^>]*encoding\s*=\s*["']([\w.:-]+)["']""")
_REFERENCE: Final = re.compile(r"<!\[CDATA\[.*?\]\]>|&(#[0-9]+;|#x[0-9A-Fa-f]+;|[A-Za-z][A-Za-z0-9]*;)?", re.DOTALL)
_PREDEFINED: Final = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
"""XML 1.0 section 4.6."""
_USUAL: Final = frozenset({"utf-8", "iso8859-1", "ascii"})
"""Charsets that the guide or a server in the field declares rightly, by Python's names."""
_SINGLE: Final = re.compile(r"utf-8|ascii|iso8859-[0-9]+|cp125[0-9]")
_LATIN_1: Final = "iso8859-1"
_BOM: Final = "\ufeff"


def parse_markup(data: bytes, where: str) -> tuple[etree._Element, list[Complaint]]:
    """Return the root of a document, and what is odd about its text. Raises `Refused`."""
    reader = _XmlText(where)
    text = reader.without_entities(reader.body(reader.decoded(data)))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(Rule.XML, where, f"not well-formed XML: {error.msg}") from error
    except ValueError as error:  # a declaration that was not at the beginning
        raise Refused(Rule.XML, where, f"not well-formed XML: {error}") from error
    if root.getprevious() is not None or root.getnext() is not None:
        reader.complain(Rule.UNUSUAL_ELEMENT, "has a comment or a processing instruction beside the root")
    return root, reader.complaints


class _XmlText:
    """One document's text being made readable."""

    def __init__(self, where: str) -> None:
        self.complaints: list[Complaint] = []
        self._where = where

    def complain(self, rule: Rule, message: str) -> None:
        self.complaints.append(Complaint(rule, self._where, message))

    def decoded(self, data: bytes) -> str:
        """Return the text: in its declared charset, UTF-8 where it declares none, ISO-8859-1 where neither fits."""
        match = _ENCODING.search(data[:200])
        declared = match[1].decode("ascii") if match else "UTF-8"
        charset = _python_name(declared)
        if charset not in _USUAL:
            self.complain(Rule.CHARSET, f"is in {declared}; phones are known to read ISO-8859-1 and UTF-8")
        try:
            return data.decode(charset or _LATIN_1)
        except UnicodeDecodeError:
            said = f"declares {declared}" if match else "declares no charset, which means UTF-8,"
            self.complain(Rule.CHARSET, f"{said} and is not in it; read as ISO-8859-1")
            return data.decode(_LATIN_1)

    def body(self, text: str) -> str:
        """Return the document without its declaration and what stands before it."""
        body = text.removeprefix(_BOM)
        stripped = body.lstrip()
        if stripped != text:
            self.complain(Rule.BEFORE_DOCUMENT, "has a blank, an empty line or a byte order mark before the document")
        if "<!DOCTYPE" in stripped:  # before the parser would follow what it declares
            raise Refused(Rule.XML, self._where, "has a DOCTYPE")
        match = _DECLARATION.match(stripped)
        return stripped[match.end() :] if match else stripped

    def without_entities(self, text: str) -> str:
        """Write `&` and HTML's entities as XML does."""
        bare: list[str] = []
        html: list[str] = []

        def replaced(match: re.Match[str]) -> str:
            reference = match[1] or ""
            if match[0][0] == "<" or reference[:1] == "#" or reference in _PREDEFINED:
                return match[0]
            if reference[:-1] in name2codepoint:
                html.append(reference)
                return f"&#{name2codepoint[reference[:-1]]};"
            bare.append(reference)
            return f"&amp;{reference}"

        text = _REFERENCE.sub(replaced, text)
        if bare:
            self.complain(Rule.AMPERSAND, "holds & as it is, as the guide's sample does; write &amp;")
        if html:
            self.complain(Rule.ENTITY, f"holds &{html[0]}, an entity of HTML; write the letter")
        return text


def _python_name(charset: str) -> str:
    """Return Python's name of a charset in which `<` is one byte, "" for any other and for one that is not known."""
    try:
        name = codecs.lookup(charset).name
    except LookupError:
        return ""
    return name if _SINGLE.fullmatch(name) else ""
