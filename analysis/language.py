"""Which language a comment is written in, and its words in one plain spelling.

Citizens write Azerbaijani in full spelling ("növbə çox uzun"), without diacritics ("novbe cox
uzun"), in chat spelling ("novbe 4ox uzun", "yaxwi"), in the old Cyrillic, mixed with Russian; and
Russian also in Latin letters. The script decides between Cyrillic and Latin; within Latin each
word votes, by a list of common words, by the lexicons and by its letters and endings.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

from analysis.lexicons import CACHE_LIMIT, read_rows

Language = Literal["az", "ru", "en", "mixed", "any"]

#: Comments are read up to here; the rest adds no new opinion, only time.
READ_LIMIT = 4_000

_FOLDS = str.maketrans(
    {
        **dict(zip("əıöüçşğâîûё", "eioucsgaiuе", strict=True)),
        **dict.fromkeys("'’‘ʼ`´\u0307\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f"),
    }
)
_UPPER = str.maketrans({"İ": "i"})
_AZ_CYRILLIC_ONLY = frozenset("ҝғҹөүһәјӘҜҒҸӨҮҺЈ")
_CYRILLIC_AZ = str.maketrans(
    dict(zip("абвгғдеәжзиыјкҝлмноөпрстуүфхһчҹш", "abvqgdeejziiykglmnooprstuufxhccs", strict=True))
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

_LONG_RUN = re.compile(r"(.)\1{2,}")
_DOUBLE = re.compile(r"(.)\1")
_TOKEN = re.compile(
    r"[^\W_]+"  # a word or a number
    r"|[:;=]-?[)(dp/\]\[]|\){2,}|\({2,}|<3"  # faces typed with punctuation
    r"|[.,;:!?…()\n—–]"  # ends of a clause
    r"|[\u2600-\u27bf\u2b50\u2764\U0001f300-\U0001faff]"  # emoji
)
_CHAT_DIGIT = re.compile(r"(?<=[a-z])[64](?![0-9])|(?<![0-9a-z])[64](?=[a-z]{2})")
_CHAT_PAIRS = re.compile(r"sh|ch|gh|kh|w")
_CHAT_SPELLING = {"sh": "s", "ch": "c", "gh": "g", "kh": "x", "w": "s", "6": "s", "4": "c"}

_AZ_ENDING = re.compile(
    r"(?:l[ae]r(?:i|in|a|e|da|de|dan|den|la|le|imiz|iniz)?|d[iu]r(?:lar|ler)?|[iu]m[iu]z|[iu]n[iu]z"
    r"|m[ae]k|m[ae]q|[ai]r[ae]m|[ae]nd[ae]|l[iu][qk]|c[aei]s[iu]n[ae]?|m[ae]d[iu][mkqn]?"
    r"|d[iu][mkqn]|m[iu][rs]|m[iu]sd[iu]r|s[iu]n(?:lar|ler)?|l[ae]nd[iu]|[iu]l[iu]b|[ae]c[ae][qk]"
    r"|nd[ae]n?|s[iu]z|m[ae]z|[iu]r[iu]k|y[ae]n)$"
)
_AZ_LETTERS = re.compile(r"q(?!u)|x(?=[aeiou])|(?<=[aeiou])x|[ae]y[ae]|(?<=[a-z]{2})[ey]e$|cc?i$")
_EN_ENDING = re.compile(r"(?:ing|tion|tions|ly|ed|ness|ment|ful|ght|ous|ies|ess|able|ive|ould)$")
_EN_LETTERS = re.compile(r"th|wh|ck|ough|oo|ee|ea|ou|ow|ai(?=[nlr])|ph|ss|ll|sh|w[aeio]|qu")
_RL_LETTERS = re.compile(r"(?:zh|shch|kh|yj|iy|ogo|ego|tsya|tsa|ovat|enie|stvo|sib|osho|chn|stn)")
_RL_ENDING = re.compile(r"(?:iye|yye|aya|ogo|ego|nie|ost|ayut|aet|yat|ali|ili|ilsya|ovano|nno)$")
_AZ_DIACRITICS = frozenset("əığşçöüƏİĞŞÇÖÜ")

#: Votes of one word for Azerbaijani, English and Russian in Latin letters.
Votes = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Words:
    """A comment cut into folded words, numbers, faces and the marks that end a clause."""

    tokens: list[str]
    latin: int
    cyrillic: int
    old_cyrillic: bool
    diacritics: int


def fold(text: str) -> str:
    """The text in small letters without diacritics, so that "Çox yaxşı" and "cox yaxsi" agree.

    ё becomes е; apostrophes and invisible marks vanish, so "don't" is "dont".
    Never raises.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_UPPER))
    return text.lower().translate(_FOLDS)


def squeeze(word: str) -> str:
    """The word with a letter drawn out three times or more written once: "əlaaaa" is "əla"."""
    return _LONG_RUN.sub(r"\1", word)


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


def split_words(text: str) -> Words:
    """Cut a comment into folded tokens and count its letters by script. Never raises."""
    text = text[:READ_LIMIT]
    old_cyrillic = not text.isascii() and not _AZ_CYRILLIC_ONLY.isdisjoint(text)
    diacritics = 0 if text.isascii() else sum(map(_AZ_DIACRITICS.__contains__, text))
    folded = _LONG_RUN.sub(_shorten, fold(text))
    if old_cyrillic:
        folded = folded.translate(_CYRILLIC_AZ)
    tokens = _TOKEN.findall(folded)
    latin = cyrillic = 0
    for token in tokens:
        first = token[0]
        if "a" <= first <= "z":
            latin += len(token)
        elif "а" <= first <= "я":
            cyrillic += len(token)
        elif "0" <= first <= "9" and "a" <= token[-1] <= "z":
            latin += len(token)
    return Words(tokens, latin, cyrillic, old_cyrillic, diacritics)


def detect_language(text: str, hint: str | None = None) -> Language:
    """The language of a comment: az, ru, en, mixed, or any when nothing tells.

    `hint` is the language the form was shown in; it only decides where the text does not. A text
    without letters is any whatever the hint. Never raises on any string.
    """
    return language_of(split_words(text), hint)


def language_of(words: Words, hint: str | None = None) -> Language:
    """The language of a comment that is already cut into words; see `detect_language`."""
    latin, cyrillic = words.latin, words.cyrillic
    if not latin and not cyrillic:
        return "any"
    if not latin:
        return "ru"
    if words.old_cyrillic:
        return "az"
    az, en, rl = 0.0, 0.0, 0.0
    az_words = en_words = ru_words = 0
    for token in words.tokens:
        first = token[0]
        if "а" <= first <= "я":
            ru_words += 1
            continue
        if not ("a" <= first <= "z" or "0" <= first <= "9"):
            continue
        votes = votes_of(token)
        az += votes[0]
        en += votes[1]
        rl += votes[2]
        strongest = max(votes)
        if strongest >= 1.0:
            if votes[0] >= strongest:
                az_words += votes[1] < strongest and votes[2] < strongest
            elif votes[1] >= strongest:
                en_words += votes[2] < strongest
            else:
                ru_words += 1
    az += 0.5 * min(words.diacritics, 4)
    return _decide(words, hint, (az, en, rl), (az_words, en_words, ru_words))


def _decide(words: Words, hint: str | None, votes: Votes, counts: tuple[int, int, int]) -> Language:
    """Weigh the votes of the words against each other and against the hint."""
    az, en, rl = votes
    az_words, en_words, ru_words = counts
    known = az_words + en_words + ru_words
    second = sorted(counts)[1]
    if cyrillic_rules(words):
        latin_words = az_words + en_words
        if latin_words >= 2 and latin_words >= 0.2 * known:
            return "mixed"
        return "ru"
    if words.cyrillic and ru_words >= 2 and ru_words >= 0.2 * known:
        return "mixed"
    if second >= 2 and second >= 0.3 * known:
        return "mixed"
    if hint == "az":
        az += 0.7
    elif hint == "en":
        en += 0.7
    elif hint == "ru":
        rl += 0.7
    best = max(az, en, rl)
    if best < 0.5:
        return "ru" if words.cyrillic else "any"
    if az >= best:
        return "az"
    return "en" if en >= best else "ru"


def cyrillic_rules(words: Words) -> bool:
    """Whether Cyrillic letters are the larger part of a text."""
    return words.cyrillic > words.latin


_votes_seen: dict[str, Votes] = {}


def votes_of(word: str) -> Votes:
    """How strongly one folded Latin word speaks for az, en and ru in Latin letters (0 to 2)."""
    try:
        return _votes_seen[word]
    except KeyError:
        votes = _count_votes(word)
        if len(_votes_seen) >= CACHE_LIMIT:
            _votes_seen.clear()
        _votes_seen[word] = votes
        return votes


def _count_votes(word: str) -> Votes:
    if word.isdigit():
        return (0.0, 0.0, 0.0)
    plain = from_chat_spelling(word)
    common = _common_words()
    # One or two letters are too little to go by unless the whole text is made of them.
    weight = 2.0 if len(word) > 2 else 1.0
    az = weight if plain in common["az"] else 0.0
    en = weight if word in common["en"] else 0.0
    rl = weight if word in common["rl"] else 0.0
    if (az or en or rl) and not (az and en):
        return (az, en, rl)
    if len(word) > 3:
        az += 1.3 * (plain in _lexicon_words("az")) + 0.8 * bool(_AZ_ENDING.search(plain))
        en += 1.3 * (word in _lexicon_words("en")) + 0.8 * bool(_EN_ENDING.search(word))
        spelled = from_latin_russian(word)
        rl += 1.3 * (spelled in _lexicon_words("ru")) + 0.7 * bool(_RL_ENDING.search(word))
    az += 0.4 * min(2, len(_AZ_LETTERS.findall(plain)))
    en += 0.4 * min(2, len(_EN_LETTERS.findall(word)))
    rl += 0.5 * bool(_RL_LETTERS.search(word))
    return (az, en, rl)


@cache
def _common_words() -> dict[str, frozenset[str]]:
    """The common words of each language, folded."""
    found: dict[str, set[str]] = {"az": set(), "en": set(), "ru": set(), "rl": set()}
    for language, word in read_rows("words"):
        found[language].add(fold(word))
    return {language: frozenset(words) for language, words in found.items()}


class _Stems:
    """The lexicon words of one language: whole words, and stems of five letters and more."""

    def __init__(self, language: str) -> None:
        self._words: set[str] = set()
        self._stems: set[str] = set()
        for row in read_rows(language):
            for word in fold(row[0]).split():
                if word[-1] != "*":
                    self._words.add(word)
                elif len(word) > 4:
                    self._stems.add(word[:-1])

    def __contains__(self, word: str) -> bool:
        if word in self._words or word in self._stems:
            return True
        return any(word[:length] in self._stems for length in range(len(word) - 1, 3, -1))


@cache
def _lexicon_words(language: str) -> _Stems:
    return _Stems(language)


def _shorten(found: re.Match[str]) -> str:
    """Letters drawn out are written once; digits and brackets mean what their number says."""
    letter = found[1]
    if letter.isalpha():
        return letter
    return found[0] if letter.isdigit() else letter * 2
