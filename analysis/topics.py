"""What a comment is about: any number of eleven topics, where it speaks of each, and how."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Side = Literal["negative", "neutral", "positive"]

#: The codes in the order they are reported.
TOPICS: Final = (
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


class Mention(NamedTuple):
    """A topic of a comment: the side taken on it, and the clause text[start:end] that speaks."""

    topic: str
    side: Side
    start: int
    end: int


def find_topics(text: str, hint: str | None = None) -> tuple[Mention, ...]:
    """The topics of a comment in the order of `TOPICS`; empty when none was recognised.

    `hint` is the language of the form. Never raises on any string.
    """
    from analysis.reading import shipped_reader

    return shipped_reader().mentions(text, hint)
