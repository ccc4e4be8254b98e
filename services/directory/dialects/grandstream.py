"""The XML phonebook of Grandstream phones. Pure.

Source: "GXP Series - XML Phonebook Guide" (documentation.grandstream.com), tables 1 to 4: `AddressBook`, `Contact` with at
least one of `LastName` and `FirstName`, `Phone` with `phonenumber` and `accountindex`, counted from 0; UTF-8. "XML
Application Guide" of 3/2009, page 5: at most 100 entries are recommended.

The format has neither links nor texts. So a page is as long as recommended, what lies beyond is told in a last entry
without a number, and a message is an entry without a number. The whole name with its label is the last name: the phone
would turn the parts around and lose the label.
"""

from typing import Final

from lxml import etree

from services.directory.dialects.markup import add_text, document, name_of
from services.directory.dialects.screen import Captions, Profile, Screen, as_rows

PROFILE: Final = Profile("UTF-8", rows=100, style="pages", name_width=40, label_width=40, longest_url=255)


def render(screen: Screen, profile: Profile, captions: Captions) -> bytes:
    """Return the document of a screen."""
    root = etree.Element("AddressBook")
    for row in as_rows(screen, captions):
        contact = etree.SubElement(root, "Contact")
        etree.SubElement(contact, "LastName").text = name_of(row, profile)
        etree.SubElement(contact, "FirstName")
        phone = etree.SubElement(contact, "Phone")
        add_text(phone, "phonenumber", row.telephone, profile)
        etree.SubElement(phone, "accountindex").text = "0"
    return document(root, profile)
