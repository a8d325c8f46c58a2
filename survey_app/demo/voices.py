"""Comments that read as if people wrote them: which one a rating gets, none twice.

The comments are the project's own text (data/comments). When the whole ones are used up,
single sentences of one mood are put together, as people put them together.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from survey_app.demo.catalogue import DATA, read_table

# A comment that speaks of one kind of business is only said by someone who came for it.
_AREA_CUES = {
    "03": r"pensiy|пенси|pension",
    "07": r"[əe]lillik|[əe]lilliy|tsek|ekspert|инвалид|мсэк?\b|disab|komissiya|комисс",
    "05": r"\büsy\b|\busy\b|ünvanlı|unvanli|адресн|tsa\b|targeted",
    "01": r"işsiz|issiz|iwsiz|vakans|ваканс|безработ|unemploy|job|işaxtaran",
    "02": r"müqavil|muqavil|договор|contract",
    "06": r"sosial taksi|соцтакси|social taxi",
    "08": r"reabilit|реабилит|rehab|protez|протез|prosthes|əlil araba|коляск",
    "UC": r"şəhid|sehid|шахид|martyr|qazi|veteran|ветеран|müharib|войн",
}
# Whole comments are fewer than what is said; using this part of the chances for them spreads
# them over all months.
_WHOLE_PART = {"positive": 0.25, "negative": 0.6}
# Composed comments are put together from this many sentences, most often two.
_LENGTHS = (2, 2, 2, 3)


class Comment(NamedTuple):
    """One written comment or sentence."""

    text: str
    topics: frozenset[str]
    area: str | None
    script: str


Pool = dict[tuple[str, str, str], list[Comment]]


class Voices:
    """Hands out comments by language, mood and topic; never the same text twice."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._used: set[str] = set()
        self._whole: Pool = defaultdict(list)
        self._pieces: Pool = defaultdict(list)
        for key, kind, comment in _written():
            (self._whole if kind == "whole" else self._pieces)[key].append(comment)
        for pool in (*self._whole.values(), *self._pieces.values()):
            rng.shuffle(pool)

    def say(self, language: str, mood: str, topic: str | None, area: str | None) -> str | None:
        """A comment not said before; None when nothing fits any more."""
        return (
            self._say_whole(language, mood, topic, area)
            or (topic and self._say_whole(language, mood, None, area))
            or self._compose(language, mood, topic, area)
            or self._compose(language, mood, None, area)
        )

    def _say_whole(
        self, language: str, mood: str, topic: str | None, area: str | None
    ) -> str | None:
        pool = self._whole[language, mood, "whole"]
        fitting = (index for index, each in enumerate(pool) if _fits(each, topic, area))
        index = next(fitting, None)
        if index is None or self._rng.random() > _WHOLE_PART.get(mood, 1):
            return None
        return self._unused(pool.pop(index).text)

    def _compose(self, language: str, mood: str, topic: str | None, area: str | None) -> str | None:
        pool = [each for each in self._pieces[language, mood, "piece"] if _fits(each, None, area)]
        for _ in range(20):
            if len(pool) < 2:
                return None
            first = self._rng.choice(pool)
            alike = [each for each in pool if each.script == first.script and each != first]
            count = min(self._rng.choice(_LENGTHS) - 1, len(alike))
            sentences = [first, *self._rng.sample(alike, count)]
            if topic and not any(topic in each.topics for each in sentences):
                continue
            text = self._unused(_join([each.text for each in sentences], first.script))
            if text is not None:
                return text
        return None

    def _unused(self, text: str) -> str | None:
        if text in self._used:
            return None
        self._used.add(text)
        return text


def _written() -> Iterator[tuple[tuple[str, str, str], str, Comment]]:
    for path in sorted((DATA / "comments").glob("*.tsv")):
        language = path.stem.split("_")[0]
        for row in read_table(str(Path("comments") / path.name)):
            comment = Comment(
                text=row["text"],
                topics=frozenset(row["topics"].split(",")) - {"-"},
                area=_area_of(row["text"]),
                script=row["script"],
            )
            # Comments in two languages are typed by people who chose Azerbaijani.
            spoken = "az" if language == "mixed" else language
            yield (spoken, row["sentiment"], row["kind"]), row["kind"], comment


def _area_of(text: str) -> str | None:
    found = [area for area, cue in _AREA_CUES.items() if re.search(cue, text, re.IGNORECASE)]
    return found[0] if found else None


def _fits(comment: Comment, topic: str | None, area: str | None) -> bool:
    return comment.area in {None, area} and (topic is None or topic in comment.topics)


def _join(sentences: list[str], script: str) -> str:
    if script == "full":
        return " ".join(
            text if text[-1:] in ".!?…" or not text[-1:].isalnum() else f"{text}."
            for text in sentences
        )
    # People who type without diacritics rarely bother with full stops.
    first, *others = (text.rstrip(".") for text in sentences)
    return ", ".join([first, *(text[:1].lower() + text[1:] for text in others)])
