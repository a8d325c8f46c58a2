"""Which language a comment is written in: Azerbaijani, Russian, English, a mixture, or unknown.

Every word speaks for a language with its pieces of 2 to 4 letters, as a fitted table weighs them
(`analysis.model`). All of it works on folded text, so a missing diacritic never changes the answer;
Russian in Latin letters and Azerbaijani in Cyrillic are told by their words, not by their script.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple
from zlib import crc32

from analysis.words import (
    CACHE_LIMIT,
    Kind,
    Token,
    from_latin_russian,
    from_old_cyrillic,
    pieces,
    split,
)

if TYPE_CHECKING:
    from analysis.model import AdditiveTable

Language = Literal["az", "ru", "en", "mixed", "any"]
Script = Literal["latin", "cyrillic", "mixed", "none"]

#: The heads of the language table.
LANGUAGES: tuple[Literal["az", "ru", "en"], ...] = ("az", "ru", "en")
_PIECES = range(2, 5)
_LONGEST_WORD = 20

#: A word that speaks this much louder for one language than for the next is a word of it.
SURE = 0.35
#: So many words of a second language, and this share of all sure words, make a comment mixed.
SECOND_WORDS, SECOND_SHARE = 2, 0.22
#: What the language of the form weighs: less than one sure word.
HINT = 0.3
#: A word of which this share of the pieces is known is a word of some language.
KNOWN = 0.5


class _Vote(NamedTuple):
    """What one word says: its sure language if any, its sums, and whether it is known (1 or 0)."""

    sure: Literal["az", "ru", "en"] | None
    az: float
    ru: float
    en: float
    known: int


_SILENT = _Vote(None, 0.0, 0.0, 0.0, 0)


def expand(word: str) -> list[int]:
    """The features of a word for the language table: itself and its pieces, as numbers."""
    word = word[:_LONGEST_WORD]
    return [crc32(word.encode("utf-8", "replace")), *pieces(word, _PIECES, 0)]


def detect_language(text: str, hint: str | None = None) -> Language:
    """The language of a comment: az, ru, en, mixed, or any when nothing tells.

    `hint` is the language the form was shown in; it only decides where the text does not. A text
    without letters is any whatever the hint. Never raises on any string.
    """
    from analysis.reading import shipped_reader

    return shipped_reader().languages.find(split(text), hint)


def script_of(tokens: Sequence[Token]) -> Script:
    """The script most letters are in; mixed when the other has a fifth of them or more."""
    kinds = {token.kind for token in tokens}
    if "cyrillic" not in kinds:
        return "latin" if "latin" in kinds else "none"
    if "latin" not in kinds:
        return "cyrillic"
    latin = sum(len(token.spelled) for token in tokens if token.kind == "latin")
    cyrillic = sum(len(token.spelled) for token in tokens if token.kind == "cyrillic")
    if min(latin, cyrillic) >= 0.2 * (latin + cyrillic):
        return "mixed"
    return "latin" if latin > cyrillic else "cyrillic"


class LanguageFinder:
    """Tells languages apart by a fitted table; remembers the words it has seen."""

    def __init__(self, table: AdditiveTable) -> None:
        self._table = table
        self._votes: dict[str, _Vote] = {}

    def find(self, tokens: Sequence[Token], hint: str | None = None) -> Language:
        """The language of a comment that is already cut into words; see `detect_language`."""
        seen = self._votes
        votes = [seen.get(token.spelled) or self._vote(token) for token in tokens]
        sure = [vote.sure for vote in votes if vote.sure]
        if sure and sure.count(sure[0]) == len(sure):
            # Nearly always no word speaks for another language.
            return sure[0]
        if not any(vote.known for vote in votes):
            return "any"
        az = sum(vote.az for vote in votes)
        ru = sum(vote.ru for vote in votes)
        en = sum(vote.en for vote in votes)
        counts = sorted(map(sure.count, LANGUAGES))
        if counts[1] >= SECOND_WORDS and counts[1] >= SECOND_SHARE * len(sure):
            return "mixed"
        if hint == "az":
            az += HINT
        elif hint == "ru":
            ru += HINT
        elif hint == "en":
            en += HINT
        if az >= ru and az >= en:
            return "az"
        return "ru" if ru >= en else "en"

    def _vote(self, token: Token) -> _Vote:
        vote = _SILENT
        if token.kind in ("latin", "cyrillic"):
            (az, ru, en), coverage = self._table.look_up(token.spelled)
            if token.kind == "cyrillic":
                # Nobody writes English in Cyrillic letters.
                en = min(az, ru, en)
            if token.old:
                az = max(az, ru) + 2 * SURE
            highest, second = sorted((az, ru, en))[:0:-1]
            sure = LANGUAGES[(az, ru, en).index(highest)] if highest - second > SURE else None
            vote = _Vote(sure, az, ru, en, int(coverage >= KNOWN))
        if len(self._votes) >= CACHE_LIMIT:
            self._votes.clear()
        self._votes[token.spelled] = vote
        return vote


def respell(tokens: Sequence[Token], language: Language) -> Sequence[Token]:
    """The tokens in the script their language's lexicon is kept in.

    Russian mostly in Latin letters is spelled in Cyrillic and Azerbaijani mostly in Cyrillic in
    Latin; nothing else is touched.
    """
    if language == "ru":
        return _respelled(tokens, "latin", "cyrillic", from_latin_russian)
    if language == "az":
        return _respelled(tokens, "cyrillic", "latin", from_old_cyrillic)
    return tokens


def _respelled(
    tokens: Sequence[Token], wrong: Kind, right: Kind, spelling: Callable[[str], str]
) -> Sequence[Token]:
    kinds = [token.kind for token in tokens]
    if kinds.count(wrong) <= kinds.count(right):
        return tokens
    return [
        token._replace(spelled=spelling(token.spelled), kind=right)
        if token.kind == wrong
        else token
        for token in tokens
    ]
