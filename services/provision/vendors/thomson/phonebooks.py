"""The phonebooks of the configuration as parameters of a phone: an address and a title each, unused slots empty. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from services.provision.vendors.thomson.locales import LANGUAGES
from shared.config import Config


class Written(NamedTuple):
    """A parameter, its value, and the setting of the configuration file that it comes from."""

    name: str
    value: str
    setting: str


def addresses(config: Config) -> Iterator[Written]:
    """Yield the address of each phonebook."""
    for book in config.directory.phonebooks:
        yield Written(f"sys.Phonebook{book.slot}_url", config.directory.phonebook_url(book), "directory.public_url")


def titles(config: Config, language: str) -> Iterator[Written]:
    """Yield the title of each phonebook in a language of the phone."""
    for book in config.directory.phonebooks:
        title = book.name_in(language)
        setting = f"directory.phonebooks.{book.slot}.name" if title else "provision.phonebook_name"
        yield Written(f"sys.Phonebook{book.slot}_name", title or config.provision.phonebook_name, setting)


def all_titles(config: Config) -> Iterator[Written]:
    """Yield the titles in every language of the phone."""
    return (title for language in LANGUAGES for title in titles(config, language))


def translated_titles(config: Config, language: str) -> Iterator[Written]:
    """Yield the titles that differ in this language from those in the configuration's own."""
    usual = set(titles(config, config.provision.language))
    return (title for title in titles(config, language) if title not in usual)
