"""What people make of a code when they type it."""

import pytest

from survey_app.codes import ALPHABET, mint_code
from survey_app.qr.typed import find_mistake, read_code


@pytest.mark.parametrize(
    "typed",
    ["BCDFGHJG", "bcdf-ghjg", " BCDF GHJG ", "bcdf\u2013ghjg", "ВСDFGНJG"],
)
def test_a_code_is_meant_whatever_its_dress(typed: str) -> None:
    assert read_code(typed) == "BCDFGHJG"


def test_every_wrong_letter_is_noticed() -> None:
    code = mint_code(8)
    for place in range(8):
        for letter in ALPHABET:
            wrong = code[:place] + letter + code[place + 1 :]
            assert (find_mistake(wrong, 8) is None) == (wrong == code)


def test_letters_that_are_none_of_ours_are_pointed_at() -> None:
    mistake = find_mistake("BCDA0HJK", 8)
    assert mistake is not None
    assert (mistake.is_foreign, mistake.letters) == (True, (("A", 4), ("0", 5)))
    assert mistake.written == "BCDA-0HJK"


@pytest.mark.parametrize(("right", "wrong"), [("B", "P"), ("C", "G"), ("V", "W"), ("S", "Z")])
def test_a_look_alike_is_among_the_letters_to_look_at(right: str, wrong: str) -> None:
    codes = [mint_code(8) for _ in range(200)]
    with_it = [code for code in codes if right in code[:7]]
    assert with_it
    for code in with_it:
        place = code.index(right)
        mistake = find_mistake(code[:place] + wrong + code[place + 1 :], 8)
        assert mistake is not None
        assert (wrong, place + 1) in mistake.letters


def test_two_letters_in_the_wrong_order_are_pointed_at() -> None:
    code = "BXDFGHJ"
    code += next(each for each in ALPHABET if find_mistake(code + each, 8) is None)
    mistake = find_mistake("XB" + code[2:], 8)
    assert mistake is not None
    assert ("X", 1) in mistake.letters


def test_a_code_of_another_length_may_be_of_an_older_shape() -> None:
    assert find_mistake("CODE1", 8) is None
