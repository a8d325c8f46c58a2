"""How a comment speaks of the visit, offered to those who know TextBlob.

``TextBlob(text, analyzer=AzerbaijaniAnalyzer()).sentiment`` is an `Opinion`: polarity and
subjectivity as TextBlob's own analyzers give them, and the label and confidence of our reader.
TextBlob takes 0.2 s and more to import, so the analyzers come into being when first asked for;
the reader itself (`analysis.reading`) does without.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.language import Language
from analysis.reading import Sentiment, shipped_reader


class Opinion(NamedTuple):
    """What an analyzer answers; the first two fields are those of TextBlob's own analyzers.

    `polarity` runs from -1 to 1 and is None when nothing was understood; `subjectivity` is how
    much the comment takes sides, 0 to 1; `label` is one of the five sentiments and `confidence`
    the probability that it is right.
    """

    polarity: float | None
    subjectivity: float
    label: Sentiment
    confidence: float


if TYPE_CHECKING:

    class AzerbaijaniAnalyzer:
        """Reads Azerbaijani in full, folded, chat and Cyrillic spelling."""

        def analyze(self, text: str) -> Opinion: ...

    class RussianAnalyzer:
        """Reads Russian in Cyrillic, and Latin letters as Russian."""

        def analyze(self, text: str) -> Opinion: ...

    class EnglishAnalyzer:
        """Reads English."""

        def analyze(self, text: str) -> Opinion: ...

    class MixedAnalyzer:
        """Reads each word in the language it seems to be written in."""

        def analyze(self, text: str) -> Opinion: ...


_LANGUAGES: dict[str, Language] = {
    "AzerbaijaniAnalyzer": "az",
    "RussianAnalyzer": "ru",
    "EnglishAnalyzer": "en",
    "MixedAnalyzer": "mixed",
}


def _analyze(text: str, language: Language) -> Opinion:
    reading = shipped_reader().read(text, language=language)
    subjectivity = 0.0 if reading.polarity is None else abs(reading.polarity)
    return Opinion(reading.polarity, subjectivity, reading.sentiment, reading.confidence)


@cache
def _analyzers() -> dict[str, Any]:
    """The analyzer classes; made here because their base class costs the import of TextBlob."""
    base: Any = import_module("textblob.base")

    class ReaderAnalyzer(base.BaseSentimentAnalyzer):  # type: ignore[misc]
        """Reads in one language; `analyze` returns an `Opinion` and never raises."""

        kind = base.CONTINUOUS
        language: Language = "mixed"

        def analyze(self, text: str) -> Opinion:
            """The opinion of one comment in this analyzer's language."""
            return _analyze(text, self.language)

    return {
        name: type(name, (ReaderAnalyzer,), {"language": language, "__module__": __name__})
        for name, language in _LANGUAGES.items()
    }


def __getattr__(name: str) -> Any:
    """The analyzers, made on first use."""
    if name in _LANGUAGES:
        return _analyzers()[name]
    raise AttributeError(f"module 'analysis.sentiment' has no attribute {name!r}")
