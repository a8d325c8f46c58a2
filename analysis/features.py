"""What the reader sees of a comment: a list of units, each standing for a few features.

A unit is a feature's number, or a short string whose first sign says what it is:

* ``w`` a word, ``!`` a word under negation: the word itself and its pieces of 3 to 5 letters, so
  that an unknown form of a known word still speaks;
* ``c`` one to three neighbouring *symbols*. A symbol is the part a word plays for opinion,
  whatever the word: praise, reproach, thanks, negation, a denied verb, a long or short time …
  (`SYMBOLS`). This is the layer of constructions: "narazı qalmadım" and "no complaints" are the
  same two symbols, and what they say together is learned once for all words;
* ``t`` a cue of a topic.

Two words in a row are a feature by their number: there are too many of them to be remembered.

The same units are used to fit the reader and to read with it, so the two cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from zlib import crc32

from analysis.lexicons import Entry, Phrases, StemTable, Value, load_cues, load_opinions
from analysis.words import CACHE_LIMIT, Token, from_chat_spelling, pieces, undouble

#: The symbols of the construction layer. Case and tilde carry strength and denial.
SYMBOLS = {
    "P": "strong praise", "p": "praise", "q": "faint praise",
    "N": "strong reproach", "n": "reproach", "m": "faint reproach",
    "T": "a trouble", "S": "a trouble solved", "h": "thanks or blessing", "0": "a word of no side",
    "x": "negator", "d": "a denied verb", "e": "a denied verb of a side clause", "c": "a condition",
    "b": "booster", "a": "damper", "o": "contrast", "u": "only", "g": "again",
    "f": "a short time", "k": "half an hour", "l": "hours", "L": "days and longer",
    "E": "a friendly face", "F": "an unfriendly face",
    "|": "end of a clause", "?": "question", "!": "exclamation",
    "^": "the beginning", "$": "the end",
}  # fmt: skip

_KIND_SYMBOL = {
    "trouble": "T", "solved": "S", "thanks": "h", "neutral": "0", "before": "x", "negator": "x",
    "boost": "b", "damp": "a", "contrast": "o", "only": "u", "again": "g",
}  # fmt: skip
#: What a symbol becomes under negation.
_DENIED_SYMBOL = {
    "P": "~P", "p": "~p", "q": "~p", "N": "~N", "n": "~n", "m": "~n", "T": "~T",
}  # fmt: skip

#: How well a symbol speaks by itself, where nothing has been learned about the words.
WORTH = {
    "P": 0.8, "p": 0.5, "q": 0.25, "N": -0.8, "n": -0.5, "m": -0.25, "T": -0.5, "S": 0.5,
    "h": 0.7, "E": 0.5, "F": -0.5, "f": 0.25, "u f": 0.4, "l": -0.25, "L": -0.1,
    "~P": -0.6, "~p": -0.4, "~N": 0.4, "~n": 0.25, "~T": 0.3,
    "Pd": 0.6, "pd": 0.4, "qd": 0.2, "Nd": -0.8, "nd": -0.5, "md": -0.25,
}  # fmt: skip

FACES = {
    **dict.fromkeys(
        "👍👏🙏❤💕💖💗💙💚💛🧡💜😊🙂😀😃😄😁😆😍🥰😘💐🌹🌷🌸🌺👌💯✅🤗🎉⭐🌟☺😇🤝💪🏆🎂🔥", "E"
    ),
    **dict.fromkeys("👎😡😠🤬😤😞😔😢😭🙁☹😒🙄🤦💩😫😩🤮😖😣😓😕🤢💔😑😿❌👿", "F"),
    **dict.fromkeys((":)", ":-)", ";)", ";-)", ":d", ":-d", "=)", "=d", "))", "<3", ":]"), "E"),
    **dict.fromkeys((":(", ":-(", "=(", "((", ":[", ":/", ":-/"), "F"),
}

#: The endings that deny an Azerbaijani verb, folded: -mədi, -mir, -məyib, -maz, -məsin, -madan …
#: Not the infinitive (-mək), the verbal noun (-məsi) or the must (-məli).
_AZ_DENIED = (
    r"m(?:ir|ur|ad[iu]|ed[iu]|am[iu]s|em[iu]s|ayib|eyib|iyib|uyub|ayac|eyec|iyec|iyac|uyac"
    r"|ayan|eyen|iyen|az|ez|asin|esin|asa|ese|iyir|ayir|eyir|ar[ae]m|er[ae]m|ariq|erik"
    r"|adan|eden|amag|amaq|emek|emey|amali|emeli)"
)
_AZ_DENIED_WORD = re.compile(r"^[a-z]{2,}?" + _AZ_DENIED)
#: After a known stem: voice and ability may stand before the denial, nothing else.
_AZ_DENIED_ENDING = re.compile(
    r"^(?:y?[ae]?bil|[iu]l|[iu]n|n|t|d[iu]r|l[ae]n|l[ae]s|[iu]s)*" + _AZ_DENIED
)
#: Denials inside a clause that belongs to another: "bilmədiyim", "kəsmədən", "oturmamış".
_AZ_SUBORDINATE = re.compile(r"(?:m[ae]d[iu][gkqy]\w*|m[ae]d[ae]n|m[ae]m[iu]s)$")
#: "-sız": without. A reproach with it is praise: "rüşvətsiz".
_AZ_WITHOUT = re.compile(r"^(?:l[iu][kqg])?s[iu]z")
_AZ_CONDITION = re.compile(r"(?:[lnrst]s[ae](?:lar|ler|n[iu]z)?|s[ae]n[iu]z|s[ae]yd[iu]\w*)$")

#: "Not only" denies nothing.
_NOT_ONLY = frozenset(("tekce", "yalniz", "только", "only", "just"))
#: Azerbaijani denies backwards ("yaxşı deyil"), Russian and English forwards; so many words.
_REACH_BACK, _REACH_FORTH = 2, 3
#: The first sign of a word, plain and denied.
WORDS = "w!"
_PIECES = range(3, 6)
_ALL_PAIRS = range(2**32)
#: The beginning and the end of a comment as halves of a pair.
_FIRST, _LAST = crc32(b"2^"), b" $"
_LONGEST_WORD = 24


#: A unit, and how it is taken apart into features.
Unit = str | int
Expand = Callable[[str], Sequence[int]]


#: Phrases by their second word; those with a star there by its first letters, see `_by_second`.
_BySecond = dict[str, Phrases[Value]]
#: So many letters of a stem find it.
_FOUND_BY = 3


@dataclass(slots=True, eq=False)
class Term:
    """A token as the lexicons know it. Marks have no units, for they are no words."""

    #: The word and the topics it is a cue of, plain and under negation.
    units: tuple[str, ...]
    denied_units: tuple[str, ...]
    spelled: str
    #: The word as the first and as the second of two.
    pair: int
    second: bytes
    symbol: str
    #: Which words it denies: those before it, those after it, or none.
    denies: str
    #: The minutes of a unit of time, or the value of a number; 0 for other words.
    amount: float
    numeral: bool
    azerbaijani: bool
    #: The phrases of opinion, and those that are cues, which begin here; by what comes second.
    phrases: _BySecond[Entry]
    cue_phrases: _BySecond[tuple[str, ...]]


class Encoding(NamedTuple):
    """The units of a comment, and where each clause begins among them and among the tokens."""

    units: list[Unit]
    starts: list[int]
    clause_tokens: list[int]
    #: How many units there were after each token.
    ends: list[int]
    #: How many of the tokens are words, numbers or faces.
    words: int
    #: Whether a lexicon knows some word or face.
    known: bool
    contrast: bool
    question: bool


def encode(tokens: Sequence[Token], language: str, pairs: Container[Unit] = _ALL_PAIRS) -> Encoding:
    """The units of a comment written in `language` (az, ru, en; else mixed). Never raises.

    Two words in a row become a unit only where they are among `pairs`.
    """
    if language not in _terms_seen:
        language = "mixed"
    seen = _terms_seen[language]
    terms = [seen.get(token.spelled) or term_of(token, language) for token in tokens]
    end = len(terms)
    symbols = [""] * end
    denied = [False] * end
    begins = [False] * end
    amount, index, clause_start = 0.0, 0, 0
    while index < end:
        term = terms[index]
        symbol, denies, span = term.symbol, term.denies, 1
        if term.phrases or term.amount:
            symbol, denies, span, amount = _look_around(terms, index, amount)
        symbols[index] = symbol
        if symbol == "o" or not term.units:
            begins[index] = True
            clause_start = index
            amount = 0.0
        if denies == "before":
            for place in range(max(clause_start, index - _REACH_BACK), index):
                denied[place] = True
        index += span
        if denies == "after":
            _deny_forth(terms, denied, index)
    return _emit(terms, symbols, denied, begins, pairs)


def _look_around(terms: Sequence[Term], index: int, amount: float) -> tuple[str, str, int, float]:
    """The symbol of a word that means more with its neighbours, whom it denies, its span.

    `amount` is the last number before; the number that stands now comes back last.
    """
    term = terms[index]
    found = _phrase_at(terms, index) if term.phrases and index + 1 < len(terms) else None
    symbol, denies, span = found or (term.symbol, term.denies, 1)
    if term.numeral:
        return symbol, denies, span, term.amount
    if term.amount and amount:
        return _duration(amount * term.amount), denies, span, 0.0
    return symbol, denies, span, amount


def expand(unit: str) -> list[int]:
    """The features a unit stands for, as CRC-32 numbers of their names."""
    keys = [crc32(unit.encode("utf-8", "replace"))]
    sign, word = unit[0], unit[1 : _LONGEST_WORD + 1]
    if sign in WORDS and word[0] not in "#:":
        keys += pieces(word, _PIECES, ord(sign))
        single = undouble(word)
        if single != word:
            keys += set(pieces(single, _PIECES, ord(sign))).difference(keys)
    return keys


def _phrase_at(terms: Sequence[Term], index: int) -> tuple[str, str, int] | None:
    """The longest phrase of the lexicon that begins here: its symbol, whom it denies, its span."""
    term = terms[index]
    longest = 0
    for rest, entry in _going_on(term.phrases, terms[index + 1].spelled):
        if len(rest) > longest and _follows(terms, index + 1, rest):
            longest, said = len(rest), entry
            stem = rest[-1]
    if not longest:
        return None
    ending = terms[index + longest].spelled[len(stem.rstrip("*")) :]
    return (*_symbol_of(said, ending, term.azerbaijani), longest + 1)


def _by_second(phrases: Phrases[Value]) -> _BySecond[Value]:
    """The phrases that begin with one word, so that the next word finds the few that may fit.

    A stem stands under its first letters and a star, a very short one under the star alone.
    """
    found: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
    for rest, value in phrases:
        second = rest[0]
        if second[-1] == "*":
            second = f"{second[:_FOUND_BY]}*" if len(second) > _FOUND_BY else "*"
        found.setdefault(second, []).append((rest, value))
    return {second: tuple(listed) for second, listed in found.items()}


def _going_on(phrases: _BySecond[Value], word: str) -> Phrases[Value]:
    """The phrases that may go on with this word."""
    found = phrases.get(word, ())
    for key in (f"{word[:_FOUND_BY]}*", "*"):
        if key in phrases:
            found += phrases[key]
    return found


def _follows(terms: Sequence[Term], start: int, rest: tuple[str, ...]) -> bool:
    """Whether the words from `start` on are the rest of a phrase."""
    if start + len(rest) > len(terms):
        return False
    for place, expected in enumerate(rest, start):
        word = terms[place].spelled
        if word != expected and not (expected[-1] == "*" and word.startswith(expected[:-1])):
            return False
    return True


def _deny_forth(terms: Sequence[Term], denied: list[bool], start: int) -> None:
    if start < len(terms) and terms[start].spelled in _NOT_ONLY:
        return
    for place in range(start, min(len(terms), start + _REACH_FORTH)):
        if not terms[place].units or terms[place].symbol == "o":
            return
        denied[place] = True


def _duration(minutes: float) -> str:
    if minutes <= 15:
        return "f"
    if minutes < 30:
        return "k"
    return "l" if minutes < 1440 else "L"


def _emit(
    terms: Sequence[Term],
    symbols: list[str],
    denied: list[bool],
    begins: list[bool],
    pairs: Container[Unit],
) -> Encoding:
    units: list[Unit] = []
    starts, clause_tokens, ends = [0], [0], []
    known = False
    words = 0
    pair, symbol_before, symbol_earlier = _FIRST, "^", ""
    index = -1
    for term, symbol, under, begin in zip(terms, symbols, denied, begins, strict=True):
        index += 1
        if begin and starts[-1] < len(units):
            starts.append(len(units))
            clause_tokens.append(index)
        if term.units:
            words += 1
            units += term.denied_units if under else term.units
            both = crc32(term.second, pair)
            if both in pairs:
                units.append(both)
            pair = term.pair
            known = known or symbol != ""
            if term.cue_phrases and index + 1 < len(terms):
                _emit_cues(units, terms, index)
        if symbol and symbol != "0" and not (symbol in "|!" and symbol_before in "|!"):
            part = _DENIED_SYMBOL.get(symbol, symbol) if under else symbol
            units += _symbol_units(symbol_earlier, symbol_before, part)
            symbol_earlier, symbol_before = symbol_before, part
        ends.append(len(units))
    both = crc32(_LAST, pair)
    if both in pairs:
        units.append(both)
    units += _symbol_units(symbol_earlier, symbol_before, "$")[1:]
    return Encoding(
        units, starts, clause_tokens, ends, words, known, "o" in symbols, "?" in symbols
    )


@cache
def _symbol_units(earlier: str, before: str, symbol: str) -> tuple[str, ...]:
    """The units of a symbol: itself, with the one before, with the two before."""
    both = f"{before} {symbol}"
    alone = "c" + symbol
    return (alone, "c" + both, f"c{earlier} {both}") if earlier else (alone, "c" + both)


def _emit_cues(units: list[Unit], terms: Sequence[Term], index: int) -> None:
    for rest, topics in _going_on(terms[index].cue_phrases, terms[index + 1].spelled):
        if _follows(terms, index + 1, rest):
            units.extend(["t" + topic for topic in topics])


def denies_az(word: str) -> bool:
    """Whether a folded Azerbaijani word looks like a denied verb: "gozlemedik", "bilmir"."""
    return _AZ_DENIED_WORD.match(word) is not None


def is_denied_az(ending: str) -> bool:
    """Whether an Azerbaijani ending denies its word: "gözlə-mə-di", "rüşvət-siz"."""
    return bool(_AZ_DENIED_ENDING.match(ending)) or bool(_AZ_WITHOUT.match(ending))


def term_of(token: Token, language: str) -> Term:
    """A token as the lexicon of its language knows it; Cyrillic is always looked up as Russian."""
    seen = _terms_seen[language]
    term = seen.get(token.spelled)
    if term is None:
        if len(seen) >= CACHE_LIMIT:
            seen.clear()
        term = seen[token.spelled] = _make_term(token, language)
    return term


_terms_seen: dict[str, dict[str, Term]] = {
    language: {} for language in ("az", "ru", "en", "mixed", "any")
}


def _make_term(token: Token, language: str) -> Term:
    spelled, kind = token.spelled, token.kind
    if kind == "mark":
        return _term("", "", spelled, symbol=spelled if spelled in "?!" else "|")
    if kind == "face":
        return _term(f"w:{spelled}", f"w:{spelled}", spelled, symbol=FACES.get(spelled, ""))
    if kind == "number":
        key = f"w#{len(spelled)}"
        value = float(spelled) if len(spelled) < 6 else 0.0
        return _term(key, key, key, amount=value, numeral=True)
    if kind == "cyrillic":
        return _term_in(spelled, "ru")
    if language in ("az", "en"):
        return _term_in(spelled, language)
    in_az, in_en = _term_in(spelled, "az"), _term_in(spelled, "en")
    return in_en if _is_listed(in_en) and not _is_listed(in_az) else in_az


def _term(
    key: str,
    denied_key: str,
    spelled: str,
    *,
    symbol: str = "",
    denies: str = "",
    amount: float = 0.0,
    numeral: bool = False,
    azerbaijani: bool = False,
    phrases: _BySecond[Entry] | None = None,
    topics: tuple[str, ...] = (),
    cue_phrases: _BySecond[tuple[str, ...]] | None = None,
) -> Term:
    encoded = spelled.encode("utf-8", "replace")
    cues = tuple("t" + topic for topic in topics)
    return Term(
        (key, *cues) if key else (), (denied_key, *cues) if key else (), spelled,
        crc32(b"2" + encoded), b" " + encoded, symbol, denies, amount,
        numeral, azerbaijani, phrases or {}, cue_phrases or {},
    )  # fmt: skip


def _is_listed(term: Term) -> bool:
    return bool(term.symbol or term.phrases or len(term.units) > 1 or term.cue_phrases)


def _term_in(word: str, language: str) -> Term:
    opinions, cues = _opinions(language), _cues(language)
    azerbaijani = language == "az"
    spelled = from_chat_spelling(word) if azerbaijani else word
    if azerbaijani and opinions.word(spelled) is None and not opinions.heads(spelled):
        # "coox" with a letter too many and "qozel" with the neighbouring sound are meant well.
        for variant in (undouble(spelled), spelled.replace("q", "g"), spelled.replace("g", "q")):
            if variant != spelled and (opinions.word(variant) or opinions.heads(variant)):
                spelled = variant
                break
    symbol, denies, amount, numeral = "", "", 0.0, False
    match = opinions.word(spelled)
    if match is not None:
        if match.value.kind in ("unit", "number"):
            amount, numeral = match.value.polarity, match.value.kind == "number"
        else:
            symbol, denies = _symbol_of(match.value, match.ending, azerbaijani)
    elif azerbaijani:
        if denies_az(spelled):
            symbol = "e" if _AZ_SUBORDINATE.search(spelled) else "d"
        elif len(spelled) > 3 and _AZ_CONDITION.search(spelled):
            symbol = "c"
    elif spelled == "бы":
        symbol = "c"
    return _term(
        "w" + spelled,
        "!" + spelled,
        spelled,
        symbol=symbol,
        denies=denies,
        amount=amount,
        numeral=numeral,
        azerbaijani=azerbaijani,
        phrases=_by_second(opinions.heads(spelled)),
        topics=tuple(topic for topics in cues.words(spelled) for topic in topics),
        cue_phrases=_by_second(cues.heads(spelled)),
    )


def _symbol_of(entry: Entry, ending: str, azerbaijani: bool) -> tuple[str, str]:
    """The symbol of a lexicon entry with this ending, and which words it denies."""
    kind = entry.kind
    if kind in ("opinion", "verb"):
        if azerbaijani and ending and is_denied_az(ending):
            return _strength(entry.negated) + "d", ""
        return _strength(entry.polarity), ""
    if kind == "negator":
        return "x", "before" if azerbaijani else "after"
    if kind == "before":
        # Azerbaijani "heç" and "nə" only announce the denial that the verb brings.
        return "x", "" if azerbaijani else "after"
    return _KIND_SYMBOL.get(kind, ""), ""


def _strength(polarity: float) -> str:
    size = abs(polarity)
    if size < 0.05:
        return "0"
    step = 0 if size >= 0.65 else 1 if size >= 0.4 else 2
    return "Ppq"[step] if polarity > 0 else "Nnm"[step]


@cache
def _opinions(language: str) -> StemTable[Entry]:
    return load_opinions(language)


@cache
def _cues(language: str) -> StemTable[tuple[str, ...]]:
    return load_cues(language)
