"""Languages of short comments, in every spelling people use."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import language
from analysis.corpus import load_corpus
from analysis.language import LanguageFinder, detect_language, expand, respell, script_of
from analysis.reading import shipped_model
from analysis.words import Token, fold, split

SENTENCES = [
    ("Çox sağ olun, hər şey yaxşı idi", "az"),
    ("Növbə uzun idi", "az"),
    ("cox sag olun her sey yaxsi idi", "az"),
    ("novbe cox uzun idi", "az"),
    ("yaxwi iwleyirler", "az"),
    ("4ox yax6i", "az"),
    ("Operator kobud danisdi", "az"),
    ("super xidmet", "az"),
    ("Чох сағ олун, һәр шеј јахшы иди", "az"),
    ("чох саг олун, хидмет яхшы иди", "az"),
    ("Razi qaldim", "az"),
    ("emekdaslar mehriban idi", "az"),
    ("Всё отлично, спасибо", "ru"),
    ("Очередь", "ru"),
    ("spasibo bolshoe", "ru"),
    ("ochen horosho vse bylo", "ru"),
    ("DOST мне очень помог", "ru"),
    ("Thank you very much", "en"),
    ("The queue was too long", "en"),
    ("Excellent service", "en"),
    ("good", "en"),
    ("i waited for two hours", "en"),
    ("I went to DOST center in Bakı", "en"),
    ("Çox sağ olun, очень вежливые сотрудники", "mixed"),
    ("Спасибо большое, hər şey yaxşı idi", "mixed"),
    ("Thank you very much, çox sağ olun hamınıza", "mixed"),
    ("", "any"),
    ("👍👍", "any"),
    ("10/10", "any"),
    ("?!", "any"),
    ("Ωμέγα ψυχή", "any"),
]

CORPUS = [
    comment.text
    for side in ("train", "test")
    for comment in load_corpus(side)
    if len(comment.text.split()) >= 4
]
#: Words of all languages and spellings, to make sentences of.
WORDS = sorted({word for text in CORPUS[::40] for word in text.split() if word < "\ud800"})


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_detects(text: str, expected: str) -> None:
    assert detect_language(text) == expected


@pytest.mark.parametrize("hint", ["az", "ru", "en", "xx", "", None])
def test_a_hint_does_not_overrule_the_text(hint: str | None) -> None:
    assert detect_language("novbe cox uzun idi", hint) == "az"
    assert detect_language("The queue was too long", hint) == "en"
    assert detect_language("Очередь слишком длинная", hint) == "ru"


def test_without_a_word_the_hint_is_no_answer() -> None:
    assert detect_language("👍", "az") == "any"
    assert detect_language("", "ru") == "any"


def test_a_hint_decides_between_languages_that_are_equally_likely() -> None:
    texts = ["a", "is", "on", "men", "bir", "o", "da", "no", "ok"]
    decided = [{detect_language(text, hint) for hint in ("az", "ru", "en")} for text in texts]
    assert any(len(answers) > 1 for answers in decided)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Çox sağ olun", "latin"),
        ("Спасибо", "cyrillic"),
        ("Чох сағ олун", "cyrillic"),
        ("Çox sağ olun, очень вежливые", "mixed"),
        ("DOST мне очень сильно помог вчера утром", "cyrillic"),
        ("çox sağ olun hamınıza, hər şey yaxşı idi да", "latin"),
        ("12 👍 !", "none"),
        ("", "none"),
    ],
)
def test_names_the_script(text: str, script: str) -> None:
    assert script_of(split(text)) == script


def test_respells_what_is_written_in_the_other_script() -> None:
    def respelled(text: str, spoken: language.Language) -> list[str]:
        return [token.spelled for token in respell(split(text), spoken)]

    assert respelled("spasibo, devochki", "ru") == ["спасибо", ",", "девочки"]
    assert respelled("Чох сағ олун!", "az") == ["cox", "sag", "olun", "!"]
    assert respelled("DOST очень помог", "ru") == ["dost", "очень", "помог"]
    assert respelled("spasibo", "en") == ["spasibo"]
    assert respelled("çox спасибо", "mixed") == ["cox", "спасибо"]


def test_what_is_kept_about_words_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "CACHE_LIMIT", 10)
    finder = LanguageFinder(shipped_model().language)
    for number in range(50):
        assert finder.find(split(f"yaxşı{number * 'a'} xidmət göstərdilər")) == "az"
        assert len(finder._votes) <= 10


def test_any_token_will_do() -> None:
    finder = LanguageFinder(shipped_model().language)
    assert finder.find([]) == "any"
    assert finder.find([Token("\ud800", "latin")]) in {"az", "ru", "en", "any"}
    assert expand("\ud800" * 50)


@given(st.text(st.characters(), max_size=200), st.sampled_from((None, "az", "ru", "en", "zz")))
@settings(max_examples=150, deadline=None)
def test_never_raises(text: str, hint: str | None) -> None:
    assert detect_language(text, hint) in {"az", "ru", "en", "mixed", "any"}


def test_folding_diacritics_keeps_the_language_of_every_comment_of_the_corpus() -> None:
    assert [
        text for text in CORPUS[::3] if detect_language(text) != detect_language(fold(text))
    ] == []


@given(
    st.lists(st.sampled_from(WORDS), min_size=4, max_size=14).map(" ".join),
    st.sampled_from((None, "az", "ru", "en")),
)
@settings(max_examples=400, deadline=None)
def test_folding_diacritics_keeps_the_language(text: str, hint: str | None) -> None:
    assert detect_language(fold(text), hint) == detect_language(text, hint)


def test_the_languages_of_the_test_split_are_told() -> None:
    long_enough = [each for each in load_corpus("test") if len(each.text.split()) >= 3]
    right = sum(detect_language(each.text) == each.language for each in long_enough)
    assert right >= 0.97 * len(long_enough)
