"""One comment read: its language, its sentiment and its topics in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from analysis.language import Language, language_of, split_words
from analysis.sentiment import Opinion, Sentiment
from analysis.topics import topics_of

#: Stored with every reading; a new version means that comments are worth reading again.
READER_VERSION = "lexicon-1"

_ANALYZERS = {
    "az": "AzerbaijaniAnalyzer",
    "ru": "RussianAnalyzer",
    "en": "EnglishAnalyzer",
    "mixed": "MixedAnalyzer",
    "any": "MixedAnalyzer",
}


@dataclass(frozen=True, slots=True)
class CommentReading:
    """What was read in a comment.

    `polarity` runs from -1 to 1 and is None exactly when `sentiment` is not_assessed; `topics` are
    codes of `analysis.topics.TOPICS` in that order.
    """

    language: Language
    sentiment: Sentiment
    polarity: float | None
    topics: tuple[str, ...]


def read_comment(text: str, hint: str | None = None) -> CommentReading:
    """Read one comment. `hint` is the language of the form it was written in, az, ru or en.

    A comment without a known word is not assessed, which is not the same as neutral. Only the
    first `analysis.language.READ_LIMIT` characters are read. Never raises on any string.
    """
    words = split_words(text)
    language = language_of(words, hint)
    opinion = _opinion_of(text, language)
    return CommentReading(language, opinion.label, opinion.polarity, topics_of(words, language))


def _opinion_of(text: str, language: Language) -> Opinion:
    """The opinion as TextBlob gives it with our analyzer of that language."""
    blob: Opinion = _text_blob()(text, analyzer=_analyzer(language)).sentiment
    return blob


@cache
def _text_blob() -> Any:
    return import_module("textblob").TextBlob


@cache
def _analyzer(language: Language) -> Any:
    """One analyzer a language for the life of the process: they keep no state of a comment."""
    return getattr(import_module("analysis.sentiment"), _ANALYZERS[language])()
