"""Languages of short comments, in every spelling people use."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.language import (
    detect_language,
    fold,
    from_chat_spelling,
    from_latin_russian,
    split_words,
    squeeze,
    undouble,
)

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
    ("Çox sağ olun, очень вежливые сотрудники", "mixed"),
    ("Спасибо большое, hər şey yaxşı idi", "mixed"),
    ("Thank you very much, çox sağ olun hamınıza", "mixed"),
    ("", "any"),
    ("👍👍", "any"),
    ("10/10", "any"),
    ("?!", "any"),
    ("zzzz", "any"),
]


@pytest.mark.parametrize(("text", "language"), SENTENCES)
def test_detects(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("hint", ["az", "ru", "en", "xx", "", None])
def test_a_hint_does_not_overrule_the_text(hint: str | None) -> None:
    assert detect_language("novbe cox uzun idi", hint) == "az"
    assert detect_language("The queue was too long", hint) == "en"
    assert detect_language("Очередь слишком длинная", hint) == "ru"


def test_a_hint_decides_where_the_text_does_not() -> None:
    assert detect_language("zzzz", "az") == "az"
    assert detect_language("zzzz", "en") == "en"
    assert detect_language("👍", "az") == "any"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("İŞÇİLƏR ÇOX YAXŞI", "isciler cox yaxsi"),
        ("Görüşdük, Ağdam, ünvan, ıldırım", "gorusduk, agdam, unvan, ildirim"),
        ("don't", "dont"),
        ("Ещё ёлка", "еще елка"),
        ("s\u0327ey", "sey"),
        ("ｙａｘｓｉ", "yaxsi"),
        ("yax\u200bşı", "yaxsi"),
    ],
)
def test_folds(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("yaxwi", "yaxsi"),
        ("yaxshi", "yaxsi"),
        ("yax6i", "yaxsi"),
        ("4ox", "cox"),
        ("chox", "cox"),
        ("yakhsi", "yaxsi"),
        ("novbe", "novbe"),
    ],
)
def test_reads_chat_spelling(typed: str, meant: str) -> None:
    assert from_chat_spelling(typed) == meant


def test_reads_russian_in_latin_letters() -> None:
    assert from_latin_russian("spasibo") == "спасибо"
    assert from_latin_russian("horosho") == "хорошо"


def test_letters_drawn_out_are_written_once() -> None:
    assert squeeze("elaaaa") == "ela"
    assert undouble("coox") == "cox"
    assert split_words("əlaaaa").tokens == ["ela"]


def test_words_are_counted_by_script() -> None:
    words = split_words("Salam, мир! 12 :)")

    assert words.tokens == ["salam", ",", "мир", "!", "12", ":)"]
    assert (words.latin, words.cyrillic) == (5, 3)


@given(st.text(max_size=200), st.sampled_from((None, "az", "ru", "en", "zz")))
@settings(max_examples=150, deadline=None)
def test_never_raises(text: str, hint: str | None) -> None:
    assert detect_language(text, hint) in {"az", "ru", "en", "mixed", "any"}
