"""The analyzers for users of TextBlob, and what holds for the sentiment of any comment.

What single comments say is in `test_hard_cases`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import features
from analysis.corpus import Comment, load_corpus
from analysis.lexicons import Entry, StemTable, load_opinions, read_rows
from analysis.reading import CommentReading, read_comment
from analysis.sentiment import (
    AzerbaijaniAnalyzer,
    EnglishAnalyzer,
    MixedAnalyzer,
    Opinion,
    RussianAnalyzer,
)
from analysis.words import fold, split

#: A comment without and with a negation.
FRAMES = {
    "az": ("Xidmət {}", "Xidmət {} deyil"),
    "ru": ("Обслуживание {}", "Обслуживание не {}"),
    "en": ("The service was {}", "The service was not {}"),
}
#: From this polarity on a word or a comment is strong, and so far must a negation move it.
STRONG, MOVED = 0.65, 0.3
#: The ending of "is" that Azerbaijani words lose before "deyil".
IS = re.compile(r"d[ıiuüIİ]r?$")
_BE = frozenset(("is", "was", "are", "were", "am"))
#: "Ayıb deyil" asks whether nobody is ashamed; it denies nothing.
IDIOMS = frozenset(("ayıb",))

VOCABULARY = [
    "çox", "yaxşı", "gözəl", "pis", "xidmət", "işçi", "növbə", "gözlədim", "gözləmədik", "kobud",
    "nəzakətli", "deyil", "yoxdur", "sənəd", "problem", "həll", "etdilər", "etmədilər", "razı",
    "qaldım", "qalmadım", "təşəkkür", "sağ", "olun", "amma", "və", "üçün", "mən", "bizə", "saat",
    "iki", "uzun", "şikayətim", "çətin", "işləmir", "əla", "heç", "bir", "mərkəz", "cavab",
    "verdilər", "tez", "ləng",
]  # fmt: skip


def strong_words(language: str) -> list[str]:
    """The single words of opinion of a lexicon that speak strongly."""
    return sorted(
        {
            stem.removesuffix("*")
            for stem, polarity, kind, _ in read_rows(language)
            if kind == "opinion" and abs(float(polarity)) >= STRONG and " " not in stem
        }
        - IDIOMS
    )


def is_moved(plain: CommentReading, denied: CommentReading) -> bool:
    """Whether a negation changed the polarity, its sign or the label."""
    if plain.polarity is None or denied.polarity is None:
        return plain.sentiment != denied.sentiment
    return (
        abs(plain.polarity - denied.polarity) >= MOVED
        or plain.polarity * denied.polarity < 0
        or plain.sentiment != denied.sentiment
    )


@cache
def az_opinions() -> StemTable[Entry]:
    return load_opinions("az")


def denied_comment(comment: Comment) -> str | None:
    """A short comment of one clause and one word of opinion with that word denied, else None."""
    text = comment.text.rstrip(".! ")
    tokens = split(text)
    words = text.split()
    if comment.language not in FRAMES or comment.spelling not in ("full", "folded"):
        return None
    if comment.kind == "irony" or not 0 < len(words) == len(tokens) <= 6:
        return None
    symbols = [features.term_of(token, comment.language).symbol for token in tokens]
    if sum(symbol not in {"", "0", "b"} for symbol in symbols) != 1:
        return None
    if comment.language != "en":
        if symbols[-1] not in {"P", "N"}:
            return None
        last = words[-1]
        if comment.language == "ru":
            # "Little" denies already.
            return None if words[-2:-1] == ["мало"] else " ".join([*words[:-1], "не", last])
        bare = IS.sub("", last)
        match = az_opinions().word(fold(bare))
        # "Deyil" denies nouns and adjectives in their plain form.
        if features.denies_az(fold(bare)):
            return None
        if match is None or match.ending or fold(bare) in map(fold, IDIOMS):
            return None
        return " ".join([*words[:-1], bare, "deyil"])
    for place, word in enumerate(words[:-1]):
        if word.lower() in _BE and symbols[place + 1] in {"P", "N"}:
            return " ".join([*words[: place + 1], "not", *words[place + 1 :]])
    return None


@pytest.mark.parametrize("language", sorted(FRAMES))
def test_a_negation_moves_every_strong_word_of_opinion(language: str) -> None:
    frame, denied_frame = FRAMES[language]
    words = strong_words(language)
    unmoved = [
        word
        for word in words
        if not is_moved(read_comment(frame.format(word)), read_comment(denied_frame.format(word)))
    ]
    assert len(words) > 100
    assert unmoved == []


@given(st.sampled_from(sorted(FRAMES)), st.data())
@settings(max_examples=150, deadline=None)
def test_a_negation_moves_two_strong_words(language: str, data: st.DataObject) -> None:
    frame, denied_frame = FRAMES[language]
    word = data.draw(st.sampled_from(strong_words(language)))
    plain, denied = read_comment(frame.format(word)), read_comment(denied_frame.format(word))
    twice = read_comment(f"{frame.format(word)}. {frame.format(word)}")
    denied_twice = read_comment(f"{denied_frame.format(word)}. {denied_frame.format(word)}")

    assert is_moved(plain, denied)
    assert is_moved(twice, denied_twice)


def test_a_negation_moves_strong_comments_of_the_corpus() -> None:
    pairs = [
        (comment.text, denied)
        for side in ("test", "train")
        for comment in load_corpus(side)
        if (denied := denied_comment(comment)) is not None
        and abs(read_comment(comment.text).polarity or 0.0) >= STRONG
    ]
    unmoved = [pair for pair in pairs if not is_moved(*map(read_comment, pair))]
    print(*unmoved, sep="\n")
    assert len(pairs) > 100
    # In a sentence other words may speak as loudly as the one that is denied.
    assert len(unmoved) <= 0.01 * len(pairs)


@given(st.lists(st.sampled_from(VOCABULARY), min_size=4, max_size=14).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_folding_keeps_language_and_sentiment(text: str) -> None:
    assert read_comment(text) == read_comment(fold(text))


def test_folding_keeps_the_sentiment_of_the_test_split() -> None:
    for comment in load_corpus("test"):
        full, folded = read_comment(comment.text), read_comment(fold(comment.text))
        assert (full.sentiment, full.polarity) == (folded.sentiment, folded.polarity)


@given(st.sampled_from(load_corpus("test")), st.sampled_from((None, "az", "ru", "en")))
@settings(max_examples=100, deadline=None)
def test_a_hint_hardly_ever_decides(comment: Comment, hint: str | None) -> None:
    if len(comment.text.split()) >= 6 and comment.language != "mixed":
        assert read_comment(comment.text, hint).language == read_comment(comment.text).language


@pytest.mark.parametrize(
    ("analyzer", "text"),
    [
        (AzerbaijaniAnalyzer, "çox yaxşı"),
        (AzerbaijaniAnalyzer, "чох јахшы"),
        (RussianAnalyzer, "очень хорошо"),
        (RussianAnalyzer, "ochen horosho"),
        (EnglishAnalyzer, "very good"),
        (MixedAnalyzer, "çox yaxşı, спасибо"),
    ],
)
def test_are_textblob_analyzers(analyzer: type, text: str) -> None:
    from textblob import TextBlob
    from textblob.base import BaseSentimentAnalyzer

    opinion = TextBlob(text, analyzer=analyzer()).sentiment

    assert issubclass(analyzer, BaseSentimentAnalyzer)
    assert isinstance(opinion, Opinion)
    assert opinion.label == "positive"
    assert opinion.polarity is not None
    assert opinion.polarity > 0.3
    assert opinion.subjectivity == abs(opinion.polarity)
    assert 0.0 < opinion.confidence <= 1.0


def test_an_analyzer_that_understands_nothing_says_so() -> None:
    assert EnglishAnalyzer().analyze("ψυχή") == Opinion(None, 0.0, "not_assessed", 0.0)


def test_words_of_borrowed_lists_fill_the_gaps_of_the_english_lexicon() -> None:
    # "marvelous" is in the lexicons of Pattern and VADER and not in ours.
    assert read_comment("A marvelous thing it was").sentiment == "positive"


def test_importing_the_library_does_not_import_textblob() -> None:
    program = (
        "import sys, analysis, analysis.redaction, analysis.sentiment, analysis.language,"
        "analysis.reading; analysis.reading.read_comment('yaxşı');"
        "sys.exit(any(name in sys.modules for name in ('textblob', 'nltk', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ImportError):
        from analysis.sentiment import KlingonAnalyzer  # noqa: F401
