"""Comments cut into words of one plain spelling, however they were typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import words
from analysis.words import (
    READ_LIMIT,
    Token,
    fold,
    from_chat_spelling,
    from_latin_russian,
    from_old_cyrillic,
    pieces,
    split,
    undouble,
)

ANY_TEXT = st.text(st.characters(), max_size=200)


def spelled(text: str) -> list[str]:
    return [token.spelled for token in split(text)]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("İŞÇİLƏR ÇOX YAXŞI", "isciler cox yaxsi"),
        ("Görüşdük, Ağdam, ünvan, ıldırım", "gorusduk, agdam, unvan, ildirim"),
        ("don't", "dont"),
        ("don’t", "dont"),
        ("Ещё ёлка", "еще елка"),
        ("Мой йод", "мой йод"),
        ("s\u0327ey", "sey"),
        ("ｙａｘｓｉ", "yaxsi"),
        ("yax\u200bşı", "yaxsi"),
        ("kâğız", "kagiz"),
        ("", ""),
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
        ("6ikayet", "sikayet"),
        ("4ox", "cox"),
        ("chox", "cox"),
        ("yakhsi", "yaxsi"),
        ("teshekkur", "tesekkur"),
        ("yagh", "yag"),
        ("novbe", "novbe"),
        ("64", "64"),
    ],
)
def test_reads_chat_spelling(typed: str, meant: str) -> None:
    assert from_chat_spelling(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("spasibo", "спасибо"),
        ("horosho", "хорошо"),
        ("zhdala", "ждала"),
        ("ochen", "очен"),
        ("chistyy", "чистый"),
        ("yubiley", "юбилеы"),
        ("shchi", "щи"),
    ],
)
def test_reads_russian_in_latin_letters(typed: str, meant: str) -> None:
    assert from_latin_russian(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Јахшы", "yaxsi"),
        ("ҝөзәл", "gozel"),
        ("чох", "cox"),
        ("һөрмәт", "hormet"),
        ("тәшәккүр", "tesekkur"),
        ("ҹаваб", "cavab"),
        ("мяним", "myanim"),
    ],
)
def test_reads_azerbaijani_in_cyrillic_letters(typed: str, meant: str) -> None:
    assert from_old_cyrillic(fold(typed)) == meant


def test_letters_drawn_out_are_written_once() -> None:
    assert spelled("əlaaaa") == ["ela"]
    assert spelled("ОООчень") == ["очень"]
    assert undouble("coox") == "cox"


def test_a_comment_is_cut_into_words_numbers_marks_and_faces() -> None:
    assert split("Salam, мир! 12 :) 👍") == [
        Token("salam", "latin"),
        Token(",", "mark"),
        Token("мир", "cyrillic"),
        Token("!", "mark"),
        Token("12", "number"),
        Token(":)", "face"),
        Token("👍", "face"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15dəq gözlədim", ["15", "deq", "gozledim"]),
        ("2saat", ["2", "saat"]),
        ("4ox", ["4ox"]),
        ("6ey", ["6ey"]),
        ("24/7", ["24", "7"]),
        ("don't", ["dont"]),
        ("one-stop", ["one", "stop"]),
        ("DOST-un", ["dost", "un"]),
        ("super))))", ["super", "))))"]),
        ("yaxşı...", ["yaxsi", ".", ".", "."]),
    ],
)
def test_numbers_units_and_joined_words(text: str, expected: list[str]) -> None:
    assert spelled(text) == expected


def test_letters_of_the_old_cyrillic_are_noticed() -> None:
    assert [token.old for token in split("јахшы дејил очень хорошо")] == [True, True, False, False]
    assert split("ЈАХШЫ")[0].old


def test_folded_and_full_spelling_are_the_same_words() -> None:
    assert split("Şikayətim yoxdur, ÇOX sağ olun") == split("sikayetim yoxdur, cox sag olun")


def test_only_the_beginning_of_a_long_comment_is_read() -> None:
    assert len(split("a " * READ_LIMIT)) == READ_LIMIT // 2


def test_what_is_kept_about_words_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "CACHE_LIMIT", 10)
    monkeypatch.setattr(words, "_tokens_seen", {})
    for number in range(50):
        assert spelled(f"söz{number} gözəl") == [f"soz{number}", "gozel"]
        assert len(words._tokens_seen) <= 10


def test_pieces_of_a_word_have_its_ends_and_differ_by_seed() -> None:
    assert len(pieces("ab", range(2, 5), 0)) == 3 + 2 + 1
    assert len(pieces("aaaa", range(2, 3), 0)) == 3
    assert set(pieces("yaxsi", range(3, 6), 1)).isdisjoint(pieces("yaxsi", range(3, 6), 2))
    assert set(pieces("yaxsi", range(3, 6), 1)) & set(pieces("yaxsidir", range(3, 6), 1))


@given(ANY_TEXT)
@settings(max_examples=200, deadline=None)
def test_splitting_never_raises_and_leaves_no_empty_piece(text: str) -> None:
    for token in split(text):
        assert token.spelled
        assert token.kind in {"latin", "cyrillic", "number", "mark", "face"}


@given(
    st.text("abcdeəfgğhxıijkqlmnoöprsştuüvyzwABÇƏĞİIÖŞÜабвгдеёжзийклмнПРСТэюяҝғҹөүһәј .,!'’👍)(")
)
@settings(max_examples=200, deadline=None)
def test_folding_again_changes_no_word(text: str) -> None:
    assert spelled(" ".join(spelled(text))) == spelled(text)


@given(st.text(st.characters(), max_size=30))
@settings(max_examples=150, deadline=None)
def test_spelling_never_raises(word: str) -> None:
    for respell in (fold, undouble, from_chat_spelling, from_latin_russian, from_old_cyrillic):
        assert isinstance(respell(word), str)
    assert isinstance(pieces(word, range(2, 6), 0), list)
