"""How a comment speaks of the visit: negative, neutral, positive, mixed, or not assessed.

Each language is a TextBlob analyzer: ``TextBlob(text, analyzer=AzerbaijaniAnalyzer()).sentiment``.
All of them read by the project's own lexicons (`analysis.lexicons`): words of opinion, what denies
them before ("не", "not") and after ("deyil", "-mədi"), what strengthens them, thanks and blessings,
durations ("iki saat", "cəmi 5 dəqiqə"), faces, contrast and the plainest irony. The English one
adds the words of TextBlob's own pattern lexicon where ours is silent.

TextBlob takes 0.2 s to import, so the analyzers come into being when they are first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from analysis.language import (
    Words,
    fold,
    from_chat_spelling,
    from_latin_russian,
    split_words,
    undouble,
    votes_of,
)
from analysis.lexicons import CACHE_LIMIT, Entry, Match, StemTable, load_opinions

Sentiment = Literal["negative", "neutral", "positive", "mixed", "not_assessed"]

#: A side this strong is heard; two such sides make a comment mixed.
STRONG = 0.45
#: Between -NEUTRAL and +NEUTRAL a comment leans to no side.
NEUTRAL = 0.1
#: A denied verb or "yoxdur" with nothing to deny: "cavab verən yoxdur" complains, a little.
BARE_DENIAL = -0.3
#: "deyil" with nothing to deny: "bizim günümüz deyil".
BARE_NOT = -0.2
#: The same in Russian and English, where it is as often praise ("не пришлось ждать").
BARE_LEAN = -0.1


class Opinion(NamedTuple):
    """What an analyzer answers; the first two fields are those of TextBlob's own analyzers.

    `polarity` runs from -1 to 1 and is None when no word was known; `subjectivity` is the share of
    words that are words of opinion, 0 to 1; `label` is one of the five sentiments.
    """

    polarity: float | None
    subjectivity: float
    label: Sentiment


if TYPE_CHECKING:

    class AzerbaijaniAnalyzer:
        """Reads Azerbaijani in full, folded and chat spelling."""

        def analyze(self, text: str) -> Opinion: ...

    class RussianAnalyzer:
        """Reads Russian in Cyrillic, and Latin letters as Russian."""

        def analyze(self, text: str) -> Opinion: ...

    class EnglishAnalyzer:
        """Reads English by the domain lexicon first and TextBlob's pattern lexicon second."""

        def analyze(self, text: str) -> Opinion: ...

    class MixedAnalyzer:
        """Reads each word in the language it seems to be written in."""

        def analyze(self, text: str) -> Opinion: ...


_FACES = {
    **dict.fromkeys(
        "👍👏🙏❤💕💖💗💙💚💛🧡💜😊🙂😀😃😄😁😆😍🥰😘💐🌹🌷🌸🌺👌💯✅🤗🎉⭐🌟☺😇🤝💪🏆🎂", 0.5
    ),
    **dict.fromkeys("👎😡😠🤬😤😞😔😢😭🙁☹😒🙄🤦💩😫😩🤮😖😣😓😕🤢💔😑😿❌👿", -0.55),
    **dict.fromkeys((":)", ":-)", ";)", ";-)", ":d", ":-d", "=)", "=d", "))", "<3", ":]"), 0.35),
    **dict.fromkeys((":(", ":-(", "=(", "((", ":[", ":/", ":-/"), -0.4),
}
_IRONIC_FACES = frozenset("🙄😒🤡😏🤦")

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
#: Verbs that deny the noun before them, so that "problem olmadı" is praise; after any other verb
#: ("növbə tərpənmir") a reproach stays one.
_AZ_LIGHT_VERBS = (
    "yox", "deyil", "ol", "qal", "gor", "et", "ele", "edil", "cek", "yarat", "bildir", "ver", "tap",
    "de", "esit", "yasa", "hiss", "rastlas", "qarsilas", "sal", "qaldir", "gonder",
)  # fmt: skip
_AZ_CONDITION = re.compile(r"(?:[lnrst]s[ae](?:lar|ler|n[iu]z)?|s[ae]n[iu]z|s[ae]yd[iu]\w*)$")
#: The same in Russian: "замечаний не имею", "ждать не пришлось".
_RU_EXISTS = (
    "пришлось", "им", "был", "нашл", "нашел", "услыш", "возник", "оказа", "замет", "вид",
    "почувст", "встре", "наблюд", "быва", "утом", "испыт",
)  # fmt: skip
_NUMBER_AND_WORD = re.compile(r"^(\d+)([^\W\d_]+)$")

#: These words before a number make it a time of day: "saat 10-da", "в 10 часов", "at 10".
_CLOCK = frozenset(
    ("saat", "в", "к", "с", "до", "после", "at", "by", "from", "until", "till", "since")
)
_SENTENCE_ENDS = frozenset(".!?…\n;")
_CLAUSE_ENDS = frozenset(",:()—–")
#: Words after which thanks become reproach: "sağ olun ki …", "спасибо, что …", "thanks for …".
_THANKS_LINKS = frozenset(("ki", "что", "за", "for"))
_NOT_ONLY = frozenset(("tekce", "yalniz", "только", "only", "just"))
_NE_EXCEPT = frozenset(
    ("qeder", "vaxt", "ucun", "ola", "olar", "edim", "ise", "gozel", "yaxsi", "oldu")
)


@dataclass(slots=True)
class _Hit:
    """One word of opinion where it stands."""

    value: float
    denied: float
    place: int
    clause: int
    kind: str
    flipped: bool = False


@dataclass(slots=True)
class _Reading:
    """What has been gathered from a comment so far."""

    hits: list[_Hit] = field(default_factory=list)
    thanks: list[_Hit] = field(default_factory=list)
    known: int = 0
    words: int = 0
    clause: int = 0
    contrast: bool = False
    again: bool = False
    ironic: bool = False
    sentence_hits: int = 0
    condition: bool = False


def assess(words: Words, language: str) -> Opinion:
    """The opinion in a comment that is already cut into words.

    `language` is az, ru, en, mixed or any. Never raises; an unknown language is read as mixed.
    """
    spelled, tables = _spell(words.tokens, language)
    return _conclude(_Walk(spelled, tables).read())


def _spell(tokens: list[str], language: str) -> tuple[list[str], list[StemTable[Entry] | None]]:
    """Each token as its lexicon spells it, beside that lexicon; None for marks and faces."""
    spelled: list[str] = []
    tables: list[StemTable[Entry] | None] = []
    az = _opinions("az")
    latin_language = language if language in ("az", "ru", "en") else None
    for token in tokens:
        first = token[0]
        if "a" <= first <= "z":
            word, table = _spell_latin(token, latin_language)
        elif "а" <= first <= "я":
            word, table = token, _opinions("ru")
        elif "0" <= first <= "9":
            parts = _NUMBER_AND_WORD.match(token)
            if parts is None:
                word, table = token, (_opinions(language) if latin_language else az)
            else:
                word, table = from_chat_spelling(token), az
                unit = _opinions("ru" if "а" <= parts[2][0] <= "я" else latin_language or "az")
                found = unit.word(parts[2])
                if word[0].isdigit() or (found is not None and found.value.kind == "unit"):
                    spelled.append(parts[1])
                    tables.append(unit)
                    word, table = parts[2], unit
        else:
            spelled.append(token)
            tables.append(None)
            continue
        spelled.append(word)
        tables.append(table)
    return spelled, tables


_latin_seen: dict[tuple[str, str | None], tuple[str, StemTable[Entry]]] = {}


def _spell_latin(token: str, language: str | None) -> tuple[str, StemTable[Entry]]:
    """A Latin word as the lexicon of its language spells it; without a language, the likeliest."""
    key = (token, language)
    try:
        return _latin_seen[key]
    except KeyError:
        spoken = language or _likeliest(token)
        if spoken == "az":
            word = from_chat_spelling(token)
        elif spoken == "ru":
            word = from_latin_russian(token)
        else:
            word = token
        table = _opinions(spoken)
        found = table.word(word)
        if found is None and not table.has_phrases(word):
            # "coox" with a letter too many and "qozel" with the neighbouring sound are meant well.
            for variant in (undouble(word), word.replace("q", "g"), word.replace("g", "q")):
                if variant != word and (table.word(variant) or table.has_phrases(variant)):
                    word = variant
                    break
        if len(_latin_seen) >= CACHE_LIMIT:
            _latin_seen.clear()
        _latin_seen[key] = (word, table)
        return word, table


def _likeliest(token: str) -> str:
    az, en, rl = votes_of(token)
    if en > az and en >= rl:
        return "en"
    return "ru" if rl > az else "az"


class _Walk:
    """One pass over the words of a comment: notes opinions and what denies or strengthens them.

    Each kind of word has a method of its own, which gets the place and the match and may move on.
    """

    def __init__(self, spelled: list[str], tables: list[StemTable[Entry] | None]) -> None:
        self.spelled = spelled
        self.tables = tables
        self.reading = _Reading()
        self.factor, self.factor_until = 1.0, -1
        self.denier = self.deny_until = -1
        self.number: float | None = None
        self.number_at = self.only_at = -9
        self.wish_until = -1

    def read(self) -> _Reading:
        """The whole comment."""
        spelled, tables, reading = self.spelled, self.tables, self.reading
        index, end = 0, len(spelled)
        while index < end:
            word, table = spelled[index], tables[index]
            if table is None:
                self._mark(word, index)
                index += 1
                continue
            reading.words += 1
            if word.isdecimal() and len(word) < 6:
                self.number, self.number_at = float(word), index
                index += 1
                continue
            match = table.at(spelled, index)
            if match is None:
                self._unlisted(word, index, table is _opinions("az"))
                index += 1
                continue
            _ON_KIND[match.value.kind](self, index, match)
            index += match.span
        self._close_denial()
        _end_sentence(reading, "")
        _forgive_solved(reading)
        _turn_irony(reading, spelled)
        return reading

    def _close_denial(self) -> None:
        """What was denied did not come; see whether the denial says something by itself."""
        if self.denier >= 0:
            _note_bare_denial(self.reading, self.denier, self.spelled)
        self.denier = -1

    def _mark(self, mark: str, index: int) -> None:
        ends = mark in _SENTENCE_ENDS
        if not ends and mark not in _CLAUSE_ENDS:
            _note_face(self.reading, mark, index)
            return
        self._close_denial()
        self.reading.clause += 1
        if ends:
            _end_sentence(self.reading, mark)

    def _unlisted(self, word: str, index: int, azerbaijani: bool) -> None:
        """A word that no list knows may still deny, wish or set a condition by its ending."""
        reading = self.reading
        if azerbaijani:
            if _AZ_DENIED_WORD.match(word):
                reading.known += 1
                alone = 0.0 if _AZ_SUBORDINATE.search(word) else BARE_DENIAL
                _deny_back(reading, index, word, alone)
                reading.clause += 1
                return
            if len(word) > 3 and _AZ_CONDITION.search(word):
                reading.condition = not self._is_concession(index)
            elif word == "allah":
                self.wish_until = index + 6
            elif index <= self.wish_until and word.endswith(("sin", "sun")):
                reading.known += 1
                reading.thanks.append(_Hit(0.7, 0.0, index, reading.clause, "thanks"))
                self.wish_until = -1
        elif word == "бы":
            reading.condition = True
        if index >= self.deny_until:
            self._close_denial()

    def _is_concession(self, index: int) -> bool:
        """Whether a condition is a concession: "olsa da", though it be so."""
        return index + 1 < len(self.spelled) and self.spelled[index + 1] in ("da", "de")

    def _opinion(self, index: int, match: Match[Entry]) -> None:
        reading, entry = self.reading, match.value
        reading.known += 1
        last = index + match.span - 1
        hit = _Hit(entry.polarity, entry.negated, last, reading.clause, entry.kind)
        if match.ending and self.tables[index] is _opinions("az") and _is_denied(match.ending):
            word = self.spelled[last]
            _deny_back(reading, index, word, 0.0, like=entry.polarity)
            apart = not entry.polarity and _AZ_SUBORDINATE.search(word) is not None
            hit.value, hit.flipped = (0.0 if apart else entry.negated), True
            reading.hits.append(hit)
            reading.clause += 1
            return
        if self.denier >= 0 and index <= self.deny_until:
            hit.value, hit.flipped = entry.negated, True
            self.denier = -1
        if index <= self.factor_until:
            hit.value *= self.factor
        reading.hits.append(hit)

    def _thanks(self, index: int, match: Match[Entry]) -> None:
        self.reading.known += 1
        place = index + match.span - 1
        hit = _Hit(match.value.polarity, 0.0, place, self.reading.clause, "thanks")
        self.reading.thanks.append(hit)

    def _degree(self, index: int, match: Match[Entry]) -> None:
        self.factor, self.factor_until = match.value.polarity, index + match.span + 1
        if self.deny_until >= index:
            self.deny_until += 1

    def _before(self, index: int, match: Match[Entry]) -> None:
        following = index + match.span
        if self.tables[index] is _opinions("az") and not self._az_denies(index):
            return
        if following < len(self.spelled) and self.spelled[following] in _NOT_ONLY:
            return
        if self.denier < 0 or index > self.deny_until:
            self.denier, self.deny_until = index, following + 2

    def _negator(self, index: int, match: Match[Entry]) -> None:
        reading = self.reading
        reading.known += 1
        following = index + match.span
        closes = following >= len(self.spelled) or self.tables[following] is None
        if self.tables[index] is _opinions("az"):
            # "Yox, …" at the beginning answers somebody; it denies nothing.
            if index > 0 or following >= len(self.spelled) or self.spelled[following] != ",":
                word = self.spelled[index]
                alone = BARE_NOT if word.startswith("de") else BARE_DENIAL
                _deny_back(reading, index, word, alone)
                reading.clause += 1
            return
        reach = 4 if closes else 2
        last = reading.hits[-1] if reading.hits else None
        if last and last.place >= index - reach and last.clause == reading.clause:
            _deny_back(reading, index, "yox", BARE_DENIAL)
            reading.clause += 1
        else:
            self.denier, self.deny_until = index, following + 2

    def _turn(self, index: int, match: Match[Entry]) -> None:
        """Words that say nothing themselves but change how the others are read."""
        kind = match.value.kind
        if kind == "neutral":
            self.reading.known += 1
        elif kind == "contrast":
            self.reading.contrast = True
            self.reading.clause += 1
            self.denier = -1
        elif kind == "again":
            self.reading.again = True
        else:
            self.only_at = index + match.span - 1

    def _number(self, index: int, match: Match[Entry]) -> None:
        self.number, self.number_at = match.value.polarity, index + match.span - 1

    def _unit(self, index: int, match: Match[Entry]) -> None:
        self.reading.known += 1
        word = self.spelled[index]
        if self.number is None and word == "час":
            self.number, self.number_at = 1.0, index
        before = self.number_at - 1
        clock = before >= 0 and self.spelled[before] in _CLOCK
        if self.number is not None and self.number_at >= index - 1 and not clock:
            only = self.number_at - 4 <= self.only_at < index
            minutes = self.number * match.value.polarity
            _note_duration(self.reading, minutes, only, word, index)
        self.number = None

    def _az_denies(self, index: int) -> bool:
        """Whether "nə" or "heç" denies what follows by itself.

        "nə … nə" always does; "heç" only when no denied verb closes the clause, which would then
        be the same denial said twice.
        """
        spelled = self.spelled
        if spelled[index] == "ne":
            if spelled.count("ne") < 2 or index + 1 >= len(spelled):
                return False
            return spelled[index + 1] not in _NE_EXCEPT
        for place in range(index + 1, min(index + 8, len(spelled))):
            later = spelled[place]
            if self.tables[place] is None:
                break
            if later.startswith(("yox", "deyil")) or _AZ_DENIED_WORD.match(later):
                return False
        return True


_ON_KIND: dict[str, Callable[[_Walk, int, Match[Entry]], None]] = {
    "neutral": _Walk._turn,
    "opinion": _Walk._opinion,
    "verb": _Walk._opinion,
    "trouble": _Walk._opinion,
    "solved": _Walk._opinion,
    "thanks": _Walk._thanks,
    "boost": _Walk._degree,
    "damp": _Walk._degree,
    "before": _Walk._before,
    "negator": _Walk._negator,
    "contrast": _Walk._turn,
    "only": _Walk._turn,
    "again": _Walk._turn,
    "number": _Walk._number,
    "unit": _Walk._unit,
}


def _is_denied(ending: str) -> bool:
    """Whether an Azerbaijani ending denies its word: "gözlə-mə-di", "rüşvət-siz"."""
    return bool(_AZ_DENIED_ENDING.match(ending)) or bool(_AZ_WITHOUT.match(ending))


def _end_sentence(reading: _Reading, mark: str) -> None:
    """Take wishes and questions for what they are: they name good things that are not there.

    In "qoyulsa, rahat olar" and "bilen var?" mild words say nothing about the visit.
    """
    if reading.condition or mark == "?":
        limit = 0.65 if reading.condition else 0.4
        for hit in reading.hits[reading.sentence_hits :]:
            if abs(hit.value) <= limit and hit.kind != "face":
                hit.value = 0.0
    reading.sentence_hits = len(reading.hits)
    reading.condition = False


def _deny_back(reading: _Reading, index: int, denier: str, alone: float, like: float = 0.0) -> None:
    """Deny the nearest opinion before `index` in its clause, and its neighbours of the same side.

    With nothing to deny the denial speaks for itself, with the polarity `alone`. `like` keeps a
    denied verb of opinion from turning opinions of the other side. Only light verbs turn a
    reproach into praise.
    """
    light = like < 0 or denier.startswith(_AZ_LIGHT_VERBS)
    sign = 0.0
    turned = False
    reach = index - 5
    for hit in reversed(reading.hits):
        if hit.clause != reading.clause or hit.place < reach or hit.kind == "face":
            break
        if hit.flipped:
            turned = True
            break
        side = hit.value or -hit.denied
        if like and side * like < 0:
            break
        if (sign and side * sign < 0) or (side < 0 and (not light or hit.place < index - 3)):
            break
        sign = sign or side
        strength = 1.0 if abs(hit.value) <= 1.0 else 1.2
        hit.value, hit.flipped = hit.denied * strength, True
        reach = hit.place - 3
        turned = True
    if not turned and alone:
        reading.hits.append(_Hit(alone, 0.0, index, reading.clause, "bare", flipped=True))


def _note_bare_denial(reading: _Reading, index: int, spelled: list[str]) -> None:
    """A denial that met no word of opinion after it.

    "Замечаний не имею" denies what stood before; otherwise "не открыли" or "not there" leans a
    little to reproach. In Azerbaijani "heç" and "nə" alone say nothing.
    """
    if spelled[index] in ("hec", "ne"):
        return
    earlier = [hit for hit in reading.hits if hit.clause == reading.clause and hit.kind != "face"]
    if any(hit.flipped for hit in earlier):
        return
    following = spelled[index + 1] if index + 1 < len(spelled) else ""
    if earlier and earlier[-1].place >= index - 4 and following.startswith(_RU_EXISTS):
        earlier[-1].value, earlier[-1].flipped = earlier[-1].denied, True
        return
    reading.hits.append(_Hit(BARE_LEAN, 0.0, index, reading.clause, "bare", flipped=True))


def _note_face(reading: _Reading, face: str, index: int) -> None:
    value = _FACES.get(face)
    if value is None:
        return
    reading.known += 1
    if face in _IRONIC_FACES:
        reading.ironic = True
    if not any(hit.kind == "face" and hit.value == value for hit in reading.hits):
        reading.hits.append(_Hit(value, 0.0, index, reading.clause, "face"))


def _note_duration(reading: _Reading, minutes: float, only: bool, word: str, index: int) -> None:
    """How a length of time speaks: ten minutes well, half an hour and more badly.

    A short time takes the sting out of "waited" in the same sentence. Days and longer speak only
    when they are still running ("üç aydır").
    """
    if minutes <= 10 or (only and minutes <= 20):
        for hit in reading.hits:
            if -0.4 < hit.value < 0 and abs(hit.clause - reading.clause) < 1:
                hit.value = 0.0
        reading.hits.append(_Hit(0.6 if only else 0.4, 0.0, index, reading.clause, "short"))
    elif 30 <= minutes < 1440:
        praised = any(h.clause == reading.clause and h.value > 0.3 for h in reading.hits)
        if not praised or only:
            reading.hits.append(_Hit(-0.55, -0.55, index, reading.clause, "long"))
        if only and minutes >= 60:
            reading.ironic = True
    elif minutes >= 1440 and word.endswith(("dir", "du", "di", "dur")):
        reading.hits.append(_Hit(-0.5, -0.5, index, reading.clause, "long"))


def _forgive_solved(reading: _Reading) -> None:
    """A trouble that was then solved is the story of a success, unless a "but" follows."""
    if reading.contrast:
        return
    solved = max((h.place for h in reading.hits if h.kind == "solved" and h.value > 0), default=-9)
    for hit in reading.hits:
        if hit.kind == "trouble" and hit.value < 0 and hit.place < solved + 4:
            hit.value = 0.0


def _turn_irony(reading: _Reading, spelled: list[str]) -> None:
    """Take praise for what it is when it introduces a reproach.

    Three plain cases: thanks with a link straight to a reproach ("sağ olun ki, itirdiniz"); praise
    or thanks beside "only three hours" or an eye-rolling face; a cheer before "again" and a
    reproach ("Əla, yenə sistem işləmir").
    """
    reproach = sum(-hit.value for hit in reading.hits if hit.value < 0)
    if reproach < 0.3:
        return
    for hit in reading.thanks:
        after = spelled[hit.place + 1 : hit.place + 4]
        linked = not _THANKS_LINKS.isdisjoint(after)
        first_value = next((h.value for h in reading.hits if h.place > hit.place), 0.0)
        if reading.ironic or (linked and first_value < 0 and not reading.contrast):
            hit.value = 0.0
    if reading.contrast:
        return
    if reading.ironic or reading.again:
        for hit in reading.hits:
            if hit.value > 0 and hit.kind != "short" and (reading.ironic or hit.place <= 2):
                hit.value = 0.0


def _conclude(reading: _Reading) -> Opinion:
    """Weigh praise against reproach."""
    if not reading.known:
        return Opinion(None, 0.0, "not_assessed")
    praise = reproach = 0.0
    praise_clauses: set[int] = set()
    reproach_clauses: set[int] = set()
    strongest_praise = strongest_reproach = 0.0
    said = 0
    for hit in reading.hits:
        if hit.value > 0:
            praise += hit.value
            strongest_praise = max(strongest_praise, hit.value)
            praise_clauses.add(hit.clause)
            said += 1
        elif hit.value < 0:
            reproach -= hit.value
            strongest_reproach = max(strongest_reproach, -hit.value)
            reproach_clauses.add(hit.clause)
            said += 1
    thanks = min(sum(hit.value for hit in reading.thanks), 1.0)
    # Thanks at the end of a complaint are manners; they count as praise where there is no
    # complaint, or where something else is praised too.
    if reproach < 0.25 or strongest_praise >= 0.3 or reading.contrast:
        praise += thanks
        strongest_praise = max(strongest_praise, thanks)
    said += len(reading.thanks)
    polarity = (praise - reproach) / (praise + reproach + 0.3)
    polarity = round(max(-1.0, min(1.0, polarity)), 4)
    subjectivity = round(min(1.0, said / max(1, reading.words)), 4)
    apart = reading.contrast or not (reproach_clauses <= praise_clauses)
    lesser = min(strongest_praise, strongest_reproach)
    needed = 0.25 if reading.contrast else STRONG
    if lesser >= needed and apart and min(praise, reproach) >= 0.3 * max(praise, reproach):
        return Opinion(polarity, subjectivity, "mixed")
    if polarity > NEUTRAL:
        return Opinion(polarity, subjectivity, "positive")
    if polarity < -NEUTRAL:
        return Opinion(polarity, subjectivity, "negative")
    return Opinion(polarity, subjectivity, "neutral")


@cache
def _opinions(language: str) -> StemTable[Entry]:
    """The words of opinion of one language, loaded once."""
    table = load_opinions(language, fold)
    if language == "en":
        _add_pattern_words(table)
    return table


def _add_pattern_words(table: StemTable[Entry]) -> None:
    """Fill the gaps of the English table from TextBlob's pattern lexicon.

    Its words come from product reviews, so they weigh less, and the lukewarm ones are left out.
    """
    pattern = import_module("textblob.en").sentiment
    pattern.load()
    for word in list(pattern):
        if not word.isascii() or not word.isalpha():
            continue
        polarity = pattern[word][None][0]
        if abs(polarity) >= 0.3 and table.word(word) is None:
            negated = -0.5 * polarity
            table.add(word, Entry(0.7 * polarity, "opinion", 0.7 * negated))


@cache
def _analyzers() -> dict[str, Any]:
    """The analyzer classes; made here because their base class costs the import of TextBlob."""
    base: Any = import_module("textblob.base")

    class LexiconAnalyzer(base.BaseSentimentAnalyzer):  # type: ignore[misc]
        """Reads by the lexicon of one language; `analyze` returns an `Opinion`, never raises."""

        kind = base.CONTINUOUS
        language = "any"

        def analyze(self, text: str) -> Opinion:
            """The opinion of one comment in this analyzer's language."""
            return assess(split_words(text), self.language)

    def made(name: str, language: str) -> type[Any]:
        described = f"Reads comments in {name}; see `analysis.sentiment`."
        body = {"language": language, "__doc__": described, "__module__": __name__}
        return type(f"{name}Analyzer", (LexiconAnalyzer,), body)

    return {
        "AzerbaijaniAnalyzer": made("Azerbaijani", "az"),
        "RussianAnalyzer": made("Russian", "ru"),
        "EnglishAnalyzer": made("English", "en"),
        "MixedAnalyzer": made("Mixed", "mixed"),
    }


def __getattr__(name: str) -> Any:
    """The analyzers, made on first use."""
    if name.endswith("Analyzer") and name in _analyzers():
        return _analyzers()[name]
    raise AttributeError(f"module 'analysis.sentiment' has no attribute {name!r}")
