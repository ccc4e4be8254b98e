"""The distinct words of all names, each with the codes it is looked up by: what a typed word may mean. SQL, and no row of a person.

A million people share some ten thousand names. What would be dear for each row (parts, near misses, sounds, keypad
spelling) is done once for each word here; the index of rows is then asked for whole words.
The mirror keeps the tables (`build`, `follow`), workers ask them (`Vocabulary`).
"""

import json
import sqlite3
import string
from collections.abc import Iterable, Iterator
from typing import Final

from rapidfuzz.distance import OSA

from services.directory.matching import Rule
from services.directory.sounds import sound_of
from services.directory.terms import ELSEWHERE, SITE
from services.directory.words import keypad_of

CREATE: Final = (
    "CREATE TABLE name_words (word TEXT PRIMARY KEY, keypad TEXT NOT NULL, sound TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX name_words_keypad ON name_words (keypad)",
    "CREATE INDEX name_words_sound ON name_words (sound)",
    "CREATE TABLE name_ends (letters TEXT, word TEXT, PRIMARY KEY (letters, word)) WITHOUT ROWID",
    "CREATE TABLE other_words (word TEXT PRIMARY KEY) WITHOUT ROWID",
)
"""`name_ends`: all that a word ends with. What stands within a word begins one of its ends."""
TABLES: Final = ("name_words", "name_ends", "other_words")
SITE_MARK: Final = SITE.removeprefix(ELSEWHERE)
"""What words of sites have before them in `other_words`."""
_END: Final = "{"
"""Above every letter and digit: what begins with `x` lies from `x` to `x{`."""
_ALPHABET: Final = string.ascii_lowercase
MOST_WORDS: Final = 1000
"""Words that one typed word may mean; more mean nothing to a person either."""
LEAST_PART: Final = 3
"""Letters that are looked for within words."""
LEAST_NEAR: Final = 4
"""Letters from which on one may be wrong."""
LEAST_FAR: Final = 8
"""Letters from which on two may be wrong."""
_LONGEST_NEAR: Final = 24
_LEAST_BEGINNING: Final = 5
"""Letters of a beginning that a typed word may be near to."""
_FAR: Final = 2

_ADD_NAME: Final = "INSERT OR IGNORE INTO name_words VALUES (?, ?, ?)"
_ADD_END: Final = "INSERT OR IGNORE INTO name_ends VALUES (?, ?)"
_ADD_OTHER: Final = "INSERT OR IGNORE INTO other_words VALUES (?)"
_VOCABULARY: Final = "CREATE VIRTUAL TABLE temp.index_terms USING fts5vocab(main, contact_terms, row)"
_BEGINS: Final = "SELECT word FROM name_words WHERE word >= ? AND word < ? ORDER BY word LIMIT ?"
_OTHER_BEGINS: Final = "SELECT word FROM other_words WHERE word >= ? AND word < ? ORDER BY word LIMIT ?"
_CONTAINS: Final = "SELECT DISTINCT word FROM name_ends WHERE letters >= ? AND letters < ? ORDER BY word LIMIT ?"
_ENDS: Final = "SELECT word FROM name_ends WHERE letters = ? LIMIT ?"
_KEYPAD: Final = "SELECT word FROM name_words WHERE keypad = ? ORDER BY word LIMIT ?"
_KEYPAD_BEGINS: Final = """SELECT DISTINCT substr(word, 1, ?) FROM name_words WHERE keypad >= ? AND keypad < ? ORDER BY 1
    LIMIT ?"""
_SOUNDS: Final = "SELECT word FROM name_words WHERE sound = ? ORDER BY word LIMIT ?"
_EXIST: Final = "SELECT w.word FROM json_each(?) e CROSS JOIN name_words w ON w.word = e.value"
_BEGIN_SO: Final = """SELECT w.word FROM json_each(?) e CROSS JOIN name_words w ON w.word >= e.value AND w.word < e.value || '{'
    LIMIT ?"""


def build(db: sqlite3.Connection, language: str) -> None:
    """Fill the tables anew from the index of rows."""
    for table in TABLES:
        db.execute(f"DELETE FROM {table}")  # noqa: S608  # constants only
    db.execute("DROP TABLE IF EXISTS temp.index_terms")
    db.execute(_VOCABULARY)
    between = "SELECT term FROM temp.index_terms WHERE term >= ? AND term < ?"
    names = (word for (word,) in db.execute(between, ("a", _END)))
    db.executemany(_ADD_NAME, _coded(names, language))
    db.executemany(_ADD_END, _ends(word for (word,) in db.execute("SELECT word FROM name_words")))
    others = (word for (word,) in db.execute(between, (ELSEWHERE, "\x7f")))
    db.executemany(_ADD_OTHER, ((word[1:],) for word in others))
    db.execute("DROP TABLE temp.index_terms")


def follow(db: sqlite3.Connection, gone: Iterable[str], come: Iterable[str], language: str) -> None:
    """Bring the tables up to the index of rows, in which these terms are gone or have come."""
    come = set(come)
    names = [term for term in come if term[0] in _ALPHABET]
    db.executemany(_ADD_NAME, _coded(names, language))
    db.executemany(_ADD_END, _ends(names))
    db.executemany(_ADD_OTHER, ((term[1:],) for term in come if term[0] == ELSEWHERE))
    for term in set(gone) - come:
        is_other = term[0] == ELSEWHERE
        if not (is_other or term[0] in _ALPHABET):
            continue
        if db.execute("SELECT 1 FROM contact_terms WHERE contact_terms MATCH ? LIMIT 1", (f'"{term}"',)).fetchone():
            continue
        if is_other:
            db.execute("DELETE FROM other_words WHERE word = ?", (term[1:],))
        else:
            db.execute("DELETE FROM name_words WHERE word = ?", (term,))
            db.executemany("DELETE FROM name_ends WHERE letters = ? AND word = ?", _ends([term]))


def _coded(words: Iterable[str], language: str) -> Iterator[tuple[str, str, str]]:
    return ((word, keypad_of(word), sound_of(word, language)) for word in words)


def _ends(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((word[at:], word) for word in words for at in range(len(word) - LEAST_PART + 1))


class Vocabulary:
    """What typed words may mean, in one snapshot of the tables."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def beginning(self, letters: str, most: int = MOST_WORDS) -> list[str]:
        """Return the words of names that begin so, in order."""
        return self._words(_BEGINS, letters, letters + _END, most)

    def elsewhere(self, letters: str, most: int = MOST_WORDS) -> list[str]:
        """Return the words of companies, departments and titles that begin so; those of sites behind `SITE_MARK`."""
        return self._words(_OTHER_BEGINS, letters, letters + _END, most)

    def containing(self, letters: str) -> list[str]:
        """Return the words of names in which these letters, `LEAST_PART` or more, stand together."""
        return self._words(_CONTAINS, letters, letters + _END, MOST_WORDS)

    def spelled(self, digits: str) -> list[str]:
        """Return the words of names that these keys spell."""
        return self._words(_KEYPAD, digits, MOST_WORDS)

    def spelled_beginnings(self, digits: str) -> list[str]:
        """Return the beginnings of words of names that these keys spell."""
        return self._words(_KEYPAD_BEGINS, len(digits), digits, digits + ":", MOST_WORDS)

    def sounding(self, code: str) -> list[str]:
        """Return the words of names that sound so."""
        return self._words(_SOUNDS, code, MOST_WORDS)

    def near(self, typed: str) -> dict[Rule, list[str]]:
        """Return the words of names that a typed one may be a slip of, by rule; a word once, under the best rule.

        One letter is wrong, missing, too many, or two neighbours are swapped (optimal string alignment): every word
        that a slip can come from is looked up. Two slips are too many to try: then one half of the word has one at
        most, or the other half has none, and the words that fit are compared.
        """
        if not (LEAST_NEAR <= len(typed) <= _LONGEST_NEAR and typed.isalpha()):
            return {}
        variants = _one_off(typed)
        found = {Rule.NEAR: sorted(set(self._words(_EXIST, json.dumps(variants))))}
        long = [variant for variant in variants if len(variant) >= max(_LEAST_BEGINNING, len(typed))]
        if long:
            found[Rule.NEAR_BEGINS] = sorted(set(self._words(_BEGIN_SO, json.dumps(long), MOST_WORDS)))
        if len(typed) >= LEAST_FAR:
            found[Rule.FAR] = self._far(typed)
        seen: set[str] = set()
        for rule, words in found.items():
            found[rule] = [word for word in words if word not in seen]
            seen.update(words)
        return {rule: words for rule, words in found.items() if words}

    def _far(self, typed: str) -> list[str]:
        half = len(typed) // 2
        begin, end = typed[:half], typed[half:]
        fitting = set(self._words(_BEGIN_SO, json.dumps([begin, *_one_off(begin)]), 50 * MOST_WORDS))
        fitting.update(self._words(_ENDS, end, MOST_WORDS))
        return sorted(word for word in fitting if OSA.distance(word, typed, score_cutoff=_FAR) <= _FAR)

    def _words(self, statement: str, *values: str | int) -> list[str]:
        return [word for (word,) in self._db.execute(statement, values)]


def _one_off(word: str) -> list[str]:
    """Return every text that is one slip away from a word."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    tails = [(left, right[1:]) for left, right in halves[:-1]]
    found = {left + letter + right for left, right in (*halves, *tails) for letter in _ALPHABET}
    found.update([left + right for left, right in tails])
    found.update([left + right[1] + right[0] + right[2:] for left, right in halves[:-2]])
    found.discard(word)
    return list(found)
