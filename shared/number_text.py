"""From a written value to its groups of digits and what stands between them. Pure text: no country, no numbering plan.

Whether groups are one number or several is not decided here (`shared.number_readings`). Nothing is ever dropped that
could change a number: signs and words that are not known make the value unreadable.
"""

import re
from enum import IntEnum
from typing import Final, NamedTuple

from shared.number_cleaning import NO_NUMBER, clean
from shared.number_refusals import Refusal
from shared.number_words import Word, may_be_label, takes_back, word_of

LONGEST: Final = 250
"""Characters of a value; libphonenumber reads no longer ones."""


class Gap(IntEnum):
    """What stands before a group of digits: the higher, the surer another number begins there."""

    BLANK = 0
    """A blank or a dot, the only signs that group an extension; or nothing, at the beginning."""
    JOINED = 1
    """A hyphen, an apostrophe, a bracket."""
    TIGHT = 2
    """A slash, a bar or a backslash without blanks."""
    DASH = 3
    """A hyphen with blanks."""
    LIST = 4
    """A comma, a semicolon, a new line, several blanks; a slash with blanks."""
    WORD = 5
    """A word, or the plus of another number: certainly another one."""


class Role(IntEnum):
    """What a group of digits is said to be."""

    NUMBER = 0
    EXTENSION = 1
    """Behind a number the caller asks a person for it; alone it is the extension itself."""
    DIRECT = 2
    """It belongs to the number before it."""


class Group(NamedTuple):
    """A group of digits. `bracketed`: in brackets of its own. `completes`: a hyphen says that it ends another number.

    `only_whole`: what stands beside it is believed of a whole number only. `only_valid`: of one that exists.
    """

    digits: str
    gap: Gap = Gap.BLANK
    plus: bool = False
    bracketed: bool = False
    role: Role = Role.NUMBER
    completes: bool = False
    fax: bool = False
    only_whole: bool = False
    only_valid: bool = False


_POST_DIAL: Final = re.compile(r"(?<=\d)\s*(?:,,+|[pw;](?=[\d,]+#))[\d,pw]*#?\s*$", re.IGNORECASE)
_COMMENT: Final = re.compile(r"[(\[]([^()\[\]\d+*#<>@]*[^\W\d_][^()\[\]\d+*#<>@]*)[)\]]")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_DIGITS: Final = re.compile(r"[0-9]+")
_TOKEN: Final = re.compile(r"([^\W\d_]+)|\x02(.)\x03|(.)", re.DOTALL)
_KIND: Final = re.compile("[A-Za-z]")
_COLON: Final = re.compile(r"([A-Za-z]\)?)(?: *[.:=]+)+")
_BOTH: Final = re.compile("[Ll] *[/&O] *F|F *[/&O] *[Ll]")
"""`Tel./Fax`: a telephone as well."""
_BRACKET_DASH: Final = re.compile(r" ?[(\[] ?-")
_IN_BRACKETS: Final = re.compile(r"\([A-Za-z]\)")
_BEFORE_PLUS: Final = (" ", "\n", ",", ";", "/", "|", "\\", "(", "[", "<", "&", "$", "-", "L", "F", "l", "O", "X")
_OPENING: Final = ("(", "[")
_CLOSING: Final = (")", "]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_BRACKETS: Final = re.compile(r"[()\[\]<>]")
_LIST_SIGNS: Final = re.compile(r"[,;&$\n/|\\]")
_LIST_GAP: Final = re.compile(r"[ .]*[,;&$\n/|\\][,;&$\n/|\\ ]*-? *")
_WORD_GAP: Final = re.compile(r"[LlFXDUO,;&$\n/|\\ .'-]*")
_LEADING: Final = re.compile(r"[LlFXDU \n.,;/|\\\"'-]*")
_TRAILING: Final = re.compile(r"[LlFU \n.,;/|\\\"'-]*")


def groups_of(text: str) -> tuple[Group, ...] | Refusal:
    """Return the groups of digits of a value, or why it cannot be read."""
    if len(text) > LONGEST:
        return Refusal.LENGTH
    text = clean(text)
    if NO_NUMBER.fullmatch(text):
        return Refusal.NO_NUMBER
    if _CONTROL.search(text) or not _has_its_brackets(text):
        return Refusal.UNCLEAR
    cut = _POST_DIAL.sub("", text)
    return _Scanner(cut.replace("\t", "  "), is_cut=cut != text).groups()


def _has_its_brackets(text: str) -> bool:
    """Tell whether each bracket and quotation mark has its other one."""
    return text.count('"') % 2 == 0 and all(text.count(a) == text.count(b) for a, b in ("()", "[]", "<>"))


class _Scanner:
    """Goes through a value once. What stands between digits is a skeleton: the signs, and a letter for each known word."""

    def __init__(self, text: str, *, is_cut: bool) -> None:
        self._text = text
        self._is_cut = is_cut
        self._found: list[Group] = []

    def groups(self) -> tuple[Group, ...] | Refusal:
        text = _COMMENT.sub(_comment, self._text)
        at = 0
        for digits in _DIGITS.finditer(text):
            skeleton = _skeleton(text[at : digits.start()], is_behind=at > 0)
            if isinstance(skeleton, Refusal):
                return skeleton
            is_bracketed = (
                text[: digits.start()].rstrip()[-1:] in _OPENING and text[digits.end() :].lstrip()[:1] in _CLOSING
            )
            begun = self._next(skeleton) if self._found else _first(skeleton)
            if isinstance(begun, Refusal):
                return begun
            self._found.append(begun._replace(digits=digits[0], bracketed=is_bracketed))
            at = digits.end()
        if not self._found:
            return _why_empty(text)
        return self._end(text[at:]) or tuple(self._found)

    def _next(self, skeleton: str) -> Group | Refusal:
        """Return the group that begins behind another one, without its digits; mark the one before."""
        signs = skeleton.rstrip("+")
        plus = signs != skeleton
        if "+" in signs or (plus and signs[-1:] not in _BEFORE_PLUS):  # 01 99 00 20 10+33…, … + 06 39…
            return Refusal.UNCLEAR
        if "#" in signs and _BRACKETS.sub("", signs).strip(" ,;") == "#":
            return Group("", Gap.JOINED, role=Role.EXTENSION)
        if "*" in signs or "#" in signs:
            return Refusal.FEATURE_CODE
        has_brackets = bool(_BRACKETS.search(signs))
        bare = _BRACKETS.sub("", _BRACKET_DASH.sub("-", signs))
        if has_brackets:
            bare = re.sub(" +", " ", bare)
        if _KIND.search(bare):
            return self._behind_words(signs, bare, plus=plus) if _WORD_GAP.fullmatch(bare) else Refusal.UNCLEAR
        gap = _gap(bare, has_brackets=has_brackets, is_joined=bool(_BRACKET_DASH.search(signs)))
        if gap is None:
            return Refusal.UNCLEAR
        return Group("", Gap.WORD if plus else gap, plus=plus, completes=gap >= Gap.DASH and bare.endswith("-"))

    def _behind_words(self, signs: str, bare: str, *, plus: bool) -> Group:
        kinds = _KIND.findall(bare)
        is_list = bool(_LIST_SIGNS.search(bare)) or "O" in kinds or "  " in bare
        if kinds[-1] in "XD":
            gap = Gap.LIST if is_list else Gap.JOINED
            return Group("", gap, plus=plus, role=Role.EXTENSION if kinds[-1] == "X" else Role.DIRECT)
        fax_behind = "(F)" in signs and not _LIST_SIGNS.search(signs[: signs.index("(F)")])
        must_be_whole = not is_list or "U" in kinds
        last = self._found[-1]
        self._found[-1] = last._replace(fax=last.fax or fax_behind, only_whole=last.only_whole or must_be_whole)
        return Group(
            "",
            Gap.WORD,
            plus=plus,
            completes=bare.endswith("-"),
            fax="F" in kinds and not fax_behind,
            only_whole=must_be_whole or "l" in kinds,
        )

    def _end(self, rest: str) -> Refusal | None:
        """Read what stands behind the last digits."""
        last, skeleton = self._found[-1], _skeleton(rest, is_behind=True, is_end=True)
        if isinstance(skeleton, Refusal):
            return skeleton
        is_hash = skeleton.strip() == "#"
        bare = "" if is_hash else _BRACKETS.sub("", skeleton)
        if "*" in bare or "#" in bare:
            return Refusal.FEATURE_CODE
        if not _TRAILING.fullmatch(bare) or bare.startswith("-"):
            return Refusal.UNCLEAR
        is_bare_word = bool(_KIND.search(_IN_BRACKETS.sub("", skeleton)))
        may_be_vanity = is_bare_word and any(word.isupper() for word in _LETTERS.findall(rest))  # 0800 123 FAX
        self._found[-1] = last._replace(
            fax=last.fax or "F" in bare,
            only_whole=last.only_whole or is_hash or self._is_cut or "U" in bare or is_bare_word,
            only_valid=may_be_vanity,
        )
        return None


def _first(skeleton: str) -> Group | Refusal:
    """Return the first group of a value, without its digits."""
    if "*" in skeleton or "#" in skeleton:
        return Refusal.FEATURE_CODE
    signs = _BRACKETS.sub("", skeleton).strip()
    begins = signs.rstrip("+")
    if not _LEADING.fullmatch(begins):
        return Refusal.UNCLEAR
    kinds = _KIND.findall(begins)
    return Group(
        "",
        plus=begins != signs,
        role=Role.EXTENSION if kinds and kinds[-1] in "XD" else Role.NUMBER,
        fax="F" in kinds,
        only_whole="-" in begins or "l" in kinds or "U" in kinds,
    )


def _gap(signs: str, *, has_brackets: bool, is_joined: bool) -> Gap | None:
    if is_joined or (has_brackets and signs.strip() in ("", "-", ".", "'")):
        return Gap.JOINED if re.fullmatch(" ?[.'-]? ?", signs) else None
    if re.fullmatch(r" ?\.? ?", signs) and signs != "  ":
        return Gap.BLANK
    if signs in ("-", "'") or re.fullmatch(" ?' ?", signs):
        return Gap.JOINED
    if re.fullmatch(" *- *", signs):
        return Gap.DASH
    if signs in ("/", "|", "\\"):
        return Gap.TIGHT
    return Gap.LIST if re.fullmatch("  +", signs) or _LIST_GAP.fullmatch(signs) else None


def _skeleton(text: str, *, is_behind: bool, is_end: bool = False) -> str | Refusal:
    """Return signs as they are and words as the letters of their kinds. `is_behind`: digits stand before the text."""
    found: list[str] = []
    for token in _TOKEN.finditer(text):
        word, sign = token[1], token[3]
        if sign:
            found.append(sign)
        elif word:
            touches = (is_behind and not token.start()) or (not is_end and token.end() == len(text))
            kind = _kind_of(word, touches=touches, is_behind=is_behind or bool(found), is_end=is_end)
            if kind is None:
                return Refusal.LETTERS
            found.append(kind)
        else:
            found.append(f"({token[2]})")
    return _BOTH.sub("L", _COLON.sub(r"\1", "".join(found)))


def _kind_of(word: str, *, touches: bool, is_behind: bool, is_end: bool) -> Word | None:
    kind = word_of(word)
    if touches and (kind is Word.LETTER or kind is Word.OR or len(word) == 1) and kind is not Word.INNER:
        return None
    if kind is Word.OR and not is_behind:
        return Word.LETTER if len(word) == 1 else None
    if is_end and kind in (Word.INNER, Word.DIRECT):
        return Word.LABEL if may_be_label(word) else None
    return None if is_end and kind is Word.OR else kind


def _comment(found: re.Match[str]) -> str:
    """Put what words in brackets say in their place: `(bureau)` is L, words that nobody knows are U."""
    words = _LETTERS.findall(found[1])
    if any(map(takes_back, words)):
        return f" {found[1]} "  # as if there were no brackets: letters that make no number
    if any(word_of(word) is Word.FAX for word in words):
        return "\x02F\x03"
    known = all(word_of(word) in (Word.LABEL, Word.LETTER) or may_be_label(word) for word in words)
    return "\x02L\x03" if known else "\x02U\x03"


def _why_empty(text: str) -> Refusal:
    if "*" in text or "#" in text:
        return Refusal.FEATURE_CODE
    return Refusal.LETTERS if _LETTERS.search(text) else Refusal.EMPTY
