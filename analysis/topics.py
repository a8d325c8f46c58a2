"""What a comment is about: any number of eleven topics, found by the cues of `topics.tsv`."""

from __future__ import annotations

from functools import cache

from analysis.language import Words, fold, from_chat_spelling, from_latin_russian, split_words
from analysis.lexicons import StemTable, read_rows

#: The codes in the order they are reported.
TOPICS = (
    "waiting",
    "staff_courtesy",
    "staff_competence",
    "information",
    "documents_process",
    "facilities",
    "accessibility",
    "queue_system",
    "digital",
    "outcome",
    "fairness",
)


def find_topics(text: str, language: str = "mixed") -> tuple[str, ...]:
    """The topic codes of a comment in the order of `TOPICS`; empty when no cue was seen.

    `language` is az, ru, en, mixed or any; for the last two every list is tried. Never raises.
    """
    return topics_of(split_words(text), language)


def topics_of(words: Words, language: str) -> tuple[str, ...]:
    """The topics of a comment that is already cut into words; see `find_topics`."""
    found: set[str] = set()
    if words.latin:
        if language in ("az", "mixed", "any"):
            _collect(found, "az", [from_chat_spelling(token) for token in words.tokens])
        if language in ("en", "mixed", "any"):
            _collect(found, "en", words.tokens)
        if language == "ru" and words.latin > words.cyrillic:
            _collect(found, "ru", [from_latin_russian(token) for token in words.tokens])
    if words.cyrillic:
        _collect(found, "ru", words.tokens)
    return tuple(topic for topic in TOPICS if topic in found)


def _collect(found: set[str], language: str, tokens: list[str]) -> None:
    cues = _cues(language)
    for index in range(len(tokens)):
        for topics in cues.all_at(tokens, index):
            found.update(topics)


@cache
def _cues(language: str) -> StemTable[tuple[str, ...]]:
    """The cues of one language; a cue may stand for several topics."""
    gathered: dict[str, tuple[str, ...]] = {}
    for of_language, topic, cue in read_rows("topics"):
        if of_language == language:
            folded = fold(cue)
            gathered[folded] = (*gathered.get(folded, ()), topic)
    table: StemTable[tuple[str, ...]] = StemTable()
    for cue, topics in gathered.items():
        table.add(cue, topics)
    return table
