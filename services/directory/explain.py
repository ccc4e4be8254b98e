"""Why the phonebook shows what it shows, as sentences for an administrator at a terminal. Pure: no SQL, no LDAP, no printing."""

from typing import Final

from services.directory.lookup import Reason
from services.directory.matching import Match, Rule
from services.directory.paging import Step

STEPS: Final = {
    Step.WORDS: "words, their beginnings, numbers and keypad spelling, as typed",
    Step.PARTS: "parts of words, since nothing begins as typed",
    Step.NEAR: "near misses, since nothing holds what was typed",
    Step.SOUNDS: "what sounds alike, since nothing is spelt nearly so",
}
_RULES: Final = {
    Rule.EXACT: "{0} is {1}",
    Rule.BEGINS: "{0} begins {1}",
    Rule.NUMBER_PART: "{0} is a part of the number {1}",
    Rule.ELSEWHERE: "{0} begins a word of company, department or title",
    Rule.KEYPAD: "{0} spells {1} on the keypad",
    Rule.KEYPAD_BEGINS: "{0} spells the beginning of {1} on the keypad",
    Rule.PART: "{0} is a part of {1}",
    Rule.NEAR: "near miss: {0} ~ {1}, distance 1",
    Rule.NEAR_BEGINS: "near miss: {0} ~ the beginning of {1}, distance 1",
    Rule.FAR: "near miss: {0} ~ {1}, distance 2",
    Rule.SOUND: "{0} sounds like {1}",
}
_NEARNESS: Final = ("; the caller's department, so before others", "; the caller's site, so before others", "")


def sentence_of(reason: Reason) -> str:
    """Return why a row was found and, where it is so, why it stands before others that were found by the same rule."""
    return ", ".join(map(_rule, reason.matches)) + _NEARNESS[reason.nearness]


def _rule(match: Match) -> str:
    return _RULES[match.rule].format(match.typed, match.term)
