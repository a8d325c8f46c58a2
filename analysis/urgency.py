"""Comments that somebody should see today: bribery, harassment, threats, medical emergencies.

The rules are rows of ``lexicons/urgent.tsv``, which tells how its patterns are written. A rule is
found by one rare word of it, its anchor; a comment without any anchor costs one look-up a word.

A pattern that is found can still be denied ("heç kim rüşvət istəmədi", "никто не намекал на
деньги"): by the ending of an Azerbaijani verb, by a negator nearby, or by a pattern of the list
that says so for a whole turn of phrase ("öldük növbədə", "умереть можно").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Literal, NamedTuple

from analysis.lexicons import StemTable, read_rows
from analysis.words import CACHE_LIMIT, Token, fold, from_chat_spelling, from_latin_russian

Urgency = Literal["bribery", "harassment", "threat", "medical"]

#: The most urgent first.
URGENCIES: tuple[Urgency, ...] = ("threat", "medical", "harassment", "bribery")

#: How many words may stand between two parts of a pattern: after "~", and around "+".
_GAP, _REACH = 3, 6
#: How far a negator reaches: Russian and English forth, Azerbaijani back.
_DENY_FORTH, _DENY_BACK = 3, 3
#: A hostile comment repeats the first half of a rule; so many places are tried.
_TRIES = 200

_SENTENCE_ENDS = frozenset(".;!?…\n")
_BEFORE = frozenset(
    {
        "не", "ни", "без", "нет", "нету", "никто", "никаких", "никакой", "никакого", "никогда",
        "ничего", "никому", "нельзя", "вместо", "no", "not", "never", "without", "nobody", "none",
        "nothing", "neither", "nor", "dont", "didnt", "doesnt", "isnt", "wasnt", "arent",
        "werent", "cant", "couldnt", "wont", "zero", "noone", "hardly", "nikakih", "nikakix",
        "bez", "nikto",
    }
)  # fmt: skip
_AFTER = frozenset(
    {
        "deyil", "deil", "deyildi", "deyl", "deyiller", "deyiler", "yox", "yoxdu", "yoxdur",
        "yoxdi", "yoxudu", "yoxuydu", "yoxduki", "olmadi", "olmayib", "olmur", "olmaz", "olmasin",
        "нет", "нету", "отсутствует", "net",
    }
)  # fmt: skip
#: These deny a word that stands alone; after a verb they begin another thought.
_AFTER_NOUN = frozenset(
    {
        "не", "ни", "never", "not", "isnt", "didnt", "doesnt", "dont", "arent", "wasnt", "bitib",
        "kesilib",
    }
)  # fmt: skip
#: What denies an Azerbaijani verb, after voice and ability: -mədi, -mir, -mayıb, -maz, -madan …
_AZ_DENIES = (
    r"m(?:[iu]r|[ae]d[iue]|[ae]dan|[ae]m[iu]s|[aeiu]yib|[ae]yec|[ae]yac|[aeiu]y[ae]n|[ae]z"
    r"|[ae]s[ae]|[ae]sin|[aei]yir|[ae]r[ae]m|ariq|erik|[ae]m[ae]q|[ae]mey|[ae]mek|[ae]m[ae]li)"
)
_AZ_DENIED_WORD = re.compile(r"^[a-z]{2,}?" + _AZ_DENIES)
#: Endings that leave nothing of what the stem says: denial, "-sız" (without), "-sa" (if).
_AZ_DENIED_ENDING = re.compile(
    r"^(?:y?[ae]?bil|[iu]l|[iu]n|n|t|d[iu]r|l[ae]n|l[ae]s|[iu]s)*" + _AZ_DENIES
    + r"|^(?:l[iu]q)?s[iu]z|^(?:y?[aeiu]?r?)?s[ae](?:m|n|q|k|l[ae]r|n[iu]z|yd[iu]\w*)?$"
)  # fmt: skip


class _Part(NamedTuple):
    """One word of a pattern: its number, and how many words may stand before it."""

    atom: int
    gap: int


#: Words in a row; sequences within reach of each other; such groups anywhere in the comment.
_Sequence = tuple[_Part, ...]
_Group = tuple[_Sequence, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """One pattern. `urgency` is "" for a veto of whatever shares a word with it.

    `reach` says what a veto of an urgency forbids: the "sentence" it stands in, or "all".
    """

    urgency: str
    reach: str
    deniable: bool
    groups: tuple[_Group, ...]
    needs: int


class _Meaning(NamedTuple):
    """That a stem stands for an atom, and which endings it takes: any, or only denying ones."""

    atom: int
    stem: str
    denied: bool


@dataclass(slots=True)
class _RuleBook:
    """The rules by the number of their anchor, and the words that the rules are made of."""

    rules: dict[int, list[_Rule]] = field(default_factory=dict)
    vetoes: list[_Rule] = field(default_factory=list)
    anchors: int = 0
    tables: dict[str, StemTable[tuple[_Meaning, ...]]] = field(default_factory=dict)
    #: Atoms that any number, and any denied Azerbaijani verb, stands for.
    numbers: int = 0
    denials: int = 0


class _Words(NamedTuple):
    """The words of a comment: spelling, atoms, and the sentence and clause each belongs to."""

    spelled: list[str]
    atoms: list[int]
    sentences: list[int]
    clauses: list[int]


_Hit = tuple[int, ...]

_atoms_seen: dict[str, int] = {}
_anchors_seen: dict[str, int] = {}
_spelled_of = itemgetter(0)


def urgency_of(tokens: Sequence[Token]) -> Urgency | None:
    """Why a comment is urgent, or None; the most urgent when there are several. Never raises."""
    try:
        # Nearly always every word has been seen before, and no anchor is among them.
        if not any(map(_anchors_seen.__getitem__, map(_spelled_of, tokens))):
            return None
    except KeyError:
        for token in tokens:
            _atoms_of(token.spelled)
    words = _words_of(tokens)
    present = 0
    for atoms in words.atoms:
        present |= atoms
    book = _rule_book()
    candidates = [
        rule
        for anchor in _bits(present & book.anchors)
        for rule in book.rules[anchor]
        if rule.needs & present == rule.needs
    ]
    if not candidates:
        return None
    vetoes = [
        (veto, hit)
        for veto in book.vetoes
        if veto.needs & present == veto.needs
        for hit in _hits(veto, words)
    ]
    for urgency in URGENCIES:
        for rule in candidates:
            if rule.urgency == urgency and _stands(rule, words, vetoes):
                return urgency
    return None


def _stands(rule: _Rule, words: _Words, vetoes: Sequence[tuple[_Rule, _Hit]]) -> bool:
    """Whether a rule is met somewhere and neither denied nor vetoed there."""
    return any(
        not (rule.deniable and _is_denied(hit, words))
        and not any(_forbids(veto, of_veto, rule, hit, words) for veto, of_veto in vetoes)
        for hit in _hits(rule, words)
    )


def _forbids(veto: _Rule, of_veto: _Hit, rule: _Rule, hit: _Hit, words: _Words) -> bool:
    if veto.urgency:
        if veto.urgency != rule.urgency or veto.reach == "all":
            return veto.urgency == rule.urgency
        sentences = {words.sentences[place] for place in of_veto}
        return any(words.sentences[place] in sentences for place in hit)
    return not set(of_veto).isdisjoint(hit)


def _is_denied(hit: _Hit, words: _Words) -> bool:
    """Whether a negator before, within or after says that it was not so."""
    first, last = hit[0], hit[-1]
    spelled, clauses = words.spelled, words.clauses
    for place in range(max(0, first - _DENY_FORTH), first):
        if clauses[place] == clauses[first] and spelled[place] in _BEFORE:
            return True
    if first and spelled[first - 1] == "ne":
        return True
    for place in hit[1:]:
        if place - 1 not in hit and spelled[place - 1] in _BEFORE:
            return True
    alone = first == last
    for place in range(last + 1, min(len(spelled), last + 1 + _DENY_BACK)):
        if clauses[place] != clauses[last]:
            return False
        word = spelled[place]
        if word in _AFTER or (alone and _denies_alone(word, place == last + 1)):
            return True
    return False


def _denies_alone(word: str, follows: bool) -> bool:
    """Whether a word denies the noun before it; Russian and English ones must follow at once."""
    if follows and word in _AFTER_NOUN:
        return True
    return _AZ_DENIED_WORD.match(from_chat_spelling(word)) is not None


def _hits(rule: _Rule, words: _Words) -> Iterator[_Hit]:
    """The places of the words of a rule, for every way it is met."""
    first, *others = rule.groups
    for other in others:
        if next(_group_hits(other, words), None) is None:
            return
    yield from _group_hits(first, words)


def _group_hits(group: _Group, words: _Words) -> Iterator[_Hit]:
    first, *others = group
    tries = 0
    for start in range(len(words.atoms)):
        for hit in _sequence_hits(first, words, start):
            tries += 1
            if tries > _TRIES:
                return
            places: _Hit | None = hit
            for other in others:
                near = range(max(0, start - _REACH - len(other)), hit[-1] + _REACH + 2)
                places = places and _join(places, other, words, near)
            if places:
                yield tuple(sorted(places))


def _join(hit: _Hit, other: _Sequence, words: _Words, near: range) -> _Hit | None:
    """The hit and the first place nearby, in the same sentence, where the other sequence is."""
    for start in near:
        if start < len(words.atoms) and words.sentences[start] == words.sentences[hit[0]]:
            for found in _sequence_hits(other, words, start):
                if set(found).isdisjoint(hit):
                    return hit + found
    return None


def _sequence_hits(parts: _Sequence, words: _Words, start: int) -> Iterator[_Hit]:
    if not words.atoms[start] >> parts[0].atom & 1:
        return
    if len(parts) == 1:
        yield (start,)
        return
    end = min(len(words.atoms), start + 2 + parts[1].gap)
    for place in range(start + 1, end):
        if words.sentences[place] != words.sentences[start]:
            return
        for rest in _sequence_hits(parts[1:], words, place):
            yield (start, *rest)


def _words_of(tokens: Sequence[Token]) -> _Words:
    words = _Words([], [], [], [])
    sentence = clause = 0
    for token in tokens:
        if token.kind in ("mark", "face"):
            clause += 1
            sentence += token.spelled in _SENTENCE_ENDS or token.kind == "face"
            continue
        words.spelled.append(token.spelled)
        words.atoms.append(_atoms_of(token.spelled))
        words.sentences.append(sentence)
        words.clauses.append(clause)
    return words


def _atoms_of(spelled: str) -> int:
    """The atoms a word stands for, as bits of a number."""
    atoms = _atoms_seen.get(spelled)
    if atoms is None:
        if len(_atoms_seen) >= CACHE_LIMIT:
            _atoms_seen.clear()
            _anchors_seen.clear()
        book = _rule_book()
        atoms = _atoms_seen[spelled] = _look_up(spelled, book)
        _anchors_seen[spelled] = atoms & book.anchors
    return atoms


def _look_up(spelled: str, book: _RuleBook) -> int:
    atoms = 0
    if len(spelled) > 1 and spelled[:2].isdecimal():
        atoms |= book.numbers
    if spelled >= "\u0400":
        readings = [("ru", _ru_key(spelled))]
    else:
        azerbaijani = _az_key(spelled)
        if _AZ_DENIED_WORD.match(azerbaijani):
            atoms |= book.denials
        readings = [
            ("az", azerbaijani), ("en", spelled), ("ru", _ru_key(from_latin_russian(spelled))),
        ]  # fmt: skip
    for language, word in readings:
        for meanings in book.tables[language].words(word):
            for atom, stem, denied in meanings:
                if language != "az" or _takes(word[len(stem) :], denied):
                    atoms |= 1 << atom
    return atoms


def _takes(ending: str, denied: bool) -> bool:
    """Whether an Azerbaijani stem takes this ending: one that denies, or one that does not."""
    if not ending:
        return not denied
    return (_AZ_DENIED_ENDING.match(ending) is not None) == denied


def _az_key(word: str) -> str:
    """An Azerbaijani word as the rules spell it; g and q are often taken for each other."""
    return from_chat_spelling(word).replace("g", "q")


def _ru_key(word: str) -> str:
    """A Russian word as the rules spell it: Latin letters have no soft and hard signs."""
    return word.replace("ь", "").replace("ъ", "")


def _key(word: str, language: str) -> str:
    if language == "en":
        return word
    return _az_key(word) if language == "az" else _ru_key(word)


def _bits(number: int) -> Iterator[int]:
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


class _Compiler:
    """Turns the rows of the list into a rule book."""

    def __init__(self) -> None:
        self.book = _RuleBook()
        self._macros: dict[str, str] = {}
        self._atoms: dict[tuple[str, str], int] = {}
        self._meanings: dict[str, dict[str, list[_Meaning]]] = {"az": {}, "ru": {}, "en": {}}

    def add(self, language: str, urgency: str, pattern: str) -> None:
        if urgency.startswith("="):
            self._macros[language + urgency[1:]] = pattern
            return
        anchor = -1
        needs = 0
        groups = []
        for group in pattern.split(" & "):
            sequences = []
            for sequence in group.split(" + "):
                parts = []
                gap = 0
                for word in sequence.split():
                    if word[0] == "~":
                        gap = int(word[1:] or _GAP)
                        continue
                    atom = self._atom(language, word.removeprefix("^"))
                    if anchor < 0 or word[0] == "^":
                        anchor = atom
                    needs |= 1 << atom
                    parts.append(_Part(atom, gap))
                    gap = 0
                sequences.append(tuple(parts))
            groups.append(tuple(sequences))
        veto = urgency.endswith("-")
        reach = "all" if urgency.endswith("--") else "sentence"
        rule = _Rule(urgency.rstrip("-!"), reach, not urgency.endswith("!"), tuple(groups), needs)
        if veto:
            self.book.vetoes.append(rule)
        else:
            self.book.anchors |= 1 << anchor
            self.book.rules.setdefault(anchor, []).append(rule)

    def finish(self) -> _RuleBook:
        for language, meanings in self._meanings.items():
            table: StemTable[tuple[_Meaning, ...]] = StemTable()
            for stem, found in meanings.items():
                table.add(stem, tuple(found))
            self.book.tables[language] = table
        return self.book

    def _atom(self, language: str, word: str) -> int:
        atom = self._atoms.get((language, word))
        if atom is None:
            atom = self._atoms[language, word] = len(self._atoms)
            for choice in word.split("|"):
                self._mean(language, choice, atom)
        return atom

    def _mean(self, language: str, choice: str, atom: int) -> None:
        if choice[0] == "@":
            for each in self._macros[language + choice[1:]].split("|"):
                self._mean(language, each, atom)
        elif choice == "#":
            self.book.numbers |= 1 << atom
        elif choice == "%":
            self.book.denials |= 1 << atom
        else:
            denied = choice.endswith("*-")
            stem = _key(fold(choice.rstrip("-")), language)
            self._meanings[language].setdefault(stem, []).append(
                _Meaning(atom, stem.rstrip("*"), denied)
            )


@cache
def _rule_book() -> _RuleBook:
    compiler = _Compiler()
    for language, urgency, pattern in read_rows("urgent"):
        compiler.add(language, urgency, pattern)
    return compiler.finish()
