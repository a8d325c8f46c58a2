"""A comment cut into words of one plain spelling.

Citizens write Azerbaijani in full spelling ("növbə çox uzun"), without diacritics ("novbe cox
uzun"), in chat spelling ("novbe 4ox uzun", "yaxwi"), in the old Cyrillic, mixed with Russian; and
Russian also in Latin letters. Here every one of them becomes the same words.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple
from zlib import crc32

#: Comments are read up to here, in characters; the rest adds no new opinion, only time.
READ_LIMIT = 4_000
#: A hostile stream of invented words must not fill the memory; past this a cache starts anew.
CACHE_LIMIT = 60_000

_INVISIBLE = "'’‘ʼ`´\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f"
_FOLDS = str.maketrans(
    {
        **dict(zip("əıöüçşğâîûё", "eioucsgaiuе", strict=True)),
        **dict.fromkeys(_INVISIBLE),
        **dict.fromkeys(map(chr, range(0x300, 0x370))),
    }
)
_UPPER = str.maketrans({"İ": "i"})
_OLD_CYRILLIC = frozenset("ҝғҹөүһәјӘҜҒҸӨҮҺЈ")
_CYRILLIC_AZ = str.maketrans(
    {
        **dict(
            zip(
                "абвгғдеәжзиыјкҝлмноөпрстуүфхһчҹшйэ",
                "abvqgdeejziiykglmnooprstuufxhccsye",
                strict=True,
            )
        ),
        # Those who have only a Russian keyboard.
        **dict(zip("яюцщьъ", ("ya", "yu", "s", "s", "", ""), strict=True)),
    }
)
_LATIN_RU = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ch", "ч"), ("sh", "ш"), ("ts", "ц"),
    ("ya", "я"), ("ia", "я"), ("yu", "ю"), ("iu", "ю"), ("yo", "е"), ("ye", "е"), ("iy", "ий"),
    ("yy", "ый"), ("a", "а"), ("b", "б"), ("v", "в"), ("w", "ш"), ("g", "г"), ("d", "д"),
    ("e", "е"), ("z", "з"), ("i", "и"), ("j", "ж"), ("k", "к"), ("l", "л"), ("m", "м"),
    ("n", "н"), ("o", "о"), ("p", "п"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"),
    ("f", "ф"), ("h", "х"), ("x", "х"), ("c", "ц"), ("y", "ы"), ("q", "к"),
)  # fmt: skip
_LATIN_RU_SPELLING = dict(_LATIN_RU)
_LATIN_RU_PIECE = re.compile("|".join(piece for piece, _ in _LATIN_RU))

#: What is longer is no word; its end says nothing more.
_LONGEST_WORD = 40
_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLE = re.compile(r"(.)\1")
#: A word may hold apostrophes, joiners and combining marks; they vanish when it is folded.
_JOINED = rf"[{_INVISIBLE}\u0300-\u036f]"
TOKEN = re.compile(
    # a number before its unit ("15dəq"); 4 and 6 may be letters of chat spelling ("4ox", "6ey")
    r"(?:\d{2,}|[0-35789])(?=[^\W\d_]{2})"
    rf"|[^\W_]+(?:{_JOINED}+[^\W_]+)*"  # a word or a number
    r"|[:;=]-?[)(dpDP/\]\[]|\){2,}|\({2,}|<3"  # faces typed with punctuation
    r"|[.,;:!?…()\n—–]"  # ends of a clause
    r"|[\u2600-\u27bf\u2b50\u2764\U0001f300-\U0001faff]"  # emoji
)
_CHAT_DIGIT = re.compile(r"(?<=[a-z])[64](?![0-9])|(?<![0-9a-z])[64](?=[a-z]{2})")
_CHAT_PAIRS = re.compile(r"sh|ch|gh|kh|w")
_CHAT_SPELLING = {"sh": "s", "ch": "c", "gh": "g", "kh": "x", "w": "s", "6": "s", "4": "c"}

#: What ends a clause or sets it apart.
MARKS = frozenset(".,;:!?…()\n—–")

Kind = Literal["latin", "cyrillic", "number", "mark", "face"]


class Token(NamedTuple):
    """One piece of a comment.

    `spelled` is the folded word, the digits, the mark or the face; `old` says that the word has a
    letter that Azerbaijani Cyrillic has and Russian lacks.
    """

    spelled: str
    kind: Kind
    old: bool = False


def fold(text: str) -> str:
    """The text in small letters without diacritics, so that "Çox yaxşı" and "cox yaxsi" agree.

    ё becomes е; apostrophes and invisible marks vanish, so "don't" is "dont". Never raises.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_UPPER))
    return text.lower().translate(_FOLDS)


def undouble(word: str) -> str:
    """The word with doubled letters written once, for a second look: "coox" is "cox"."""
    return _DOUBLE.sub(r"\1", word)


def from_chat_spelling(word: str) -> str:
    """A folded Azerbaijani word as it is spelled: "yaxwi", "yax6i" and "yaxshi" are "yaxsi"."""
    if "6" in word or "4" in word:
        word = _CHAT_DIGIT.sub(lambda found: _CHAT_SPELLING[found[0]], word)
    return _CHAT_PAIRS.sub(lambda found: _CHAT_SPELLING[found[0]], word)


def from_latin_russian(word: str) -> str:
    """A folded Russian word in Latin letters, spelled in Cyrillic: "spasibo" is "спасибо"."""
    return _LATIN_RU_PIECE.sub(lambda found: _LATIN_RU_SPELLING[found[0]], word)


def from_old_cyrillic(word: str) -> str:
    """A folded Azerbaijani word in the Cyrillic of before 1991, spelled in Latin."""
    return word.translate(_CYRILLIC_AZ)


_tokens_seen: dict[str, Token] = {}


def split(text: str) -> list[Token]:
    """The pieces of the first `READ_LIMIT` characters of a comment. Never raises."""
    raw_pieces = TOKEN.findall(text[:READ_LIMIT])
    try:
        # Nearly always every piece has been seen before.
        return [_tokens_seen[raw] for raw in raw_pieces]
    except KeyError:
        return [_token_of(raw) for raw in raw_pieces]


def _token_of(raw: str) -> Token:
    token = _tokens_seen.get(raw)
    if token is None:
        token = _make_token(raw)
        if len(_tokens_seen) >= CACHE_LIMIT:
            _tokens_seen.clear()
        if len(raw) <= _LONGEST_WORD:
            _tokens_seen[raw] = token
    return token


def _make_token(raw: str) -> Token:
    spelled = _LONG_RUN.sub(r"\1", fold(raw))[:_LONGEST_WORD]
    if not spelled or not spelled[0].isalnum():
        return Token(spelled or raw, "mark" if raw in MARKS else "face")
    if spelled.isdecimal():
        return Token(spelled, "number")
    letter = next((sign for sign in spelled if sign.isalpha()), "")
    if "\u0400" <= letter <= "\u052f":
        return Token(spelled, "cyrillic", not _OLD_CYRILLIC.isdisjoint(raw))
    return Token(spelled, "latin")


def pieces(word: str, lengths: range, seed: int) -> list[int]:
    """The CRC-32 numbers of the pieces of a word, each once; `<` and `>` mark its ends.

    Different seeds give different numbers to the same piece.
    """
    # Two bytes a letter, so that a piece is a slice of bytes and nothing has to be encoded again.
    framed = f"<{word}>".encode("utf-16-le", "replace")
    end = len(framed)
    return list(
        {
            crc32(framed[start : start + 2 * length], seed)
            for length in lengths
            for start in range(0, end - 2 * length + 1, 2)
        }
    )
