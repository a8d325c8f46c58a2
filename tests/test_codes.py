"""Codes that people type: every single slip is noticed, and no digest opens without its key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.codes import (
    ALPHABET,
    POSTER_LENGTH,
    RECEIPT_LENGTH,
    TICKET_LENGTH,
    check_character,
    code_digest,
    code_digests,
    grouped_code,
    is_sound,
    mint_code,
    plain_code,
)

payloads = st.text(ALPHABET, min_size=1, max_size=24)


@given(payloads, st.data())
def test_one_wrong_letter_is_always_noticed(payload, data):
    code = payload + check_character(payload)
    assert is_sound(code)
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([letter for letter in ALPHABET if letter != code[place]]))
    assert not is_sound(code[:place] + other + code[place + 1 :])


def test_two_neighbours_swapped_are_noticed_but_for_one_pair():
    """Luhn's known weakness: the first and the last letter of the alphabet beside each other."""
    unnoticed = {
        first + second
        for first in ALPHABET
        for second in ALPHABET
        if first != second and check_character(first + second) == check_character(second + first)
    }
    assert unnoticed == {ALPHABET[0] + ALPHABET[-1], ALPHABET[-1] + ALPHABET[0]}


@pytest.mark.parametrize("length", [POSTER_LENGTH, TICKET_LENGTH, RECEIPT_LENGTH])
def test_a_new_code_is_sound_and_never_the_one_before(length):
    codes = {mint_code(length) for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == length and is_sound(code) for code in codes)


@given(payloads, st.sampled_from(["-", " ", "", "–", "."]))
def test_however_it_is_typed_it_is_the_same_code(code, between):
    assert plain_code(between.join(code.lower())) == code
    assert plain_code(grouped_code(code)) == code


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("BCDFGHJK", "BCDF-GHJK"),
        ("BCDFGHJKLM", "BCDFG-HJKLM"),
        ("BCDFGHJKLMNP", "BCDF-GHJK-LMNP"),
    ],
)
def test_codes_are_printed_in_groups_that_the_eye_can_hold(code, printed):
    assert grouped_code(code) == printed


@pytest.mark.parametrize("text", ["", "B", "AEIOU", "BCDFGHJ1", "ƏŞĞ"])
def test_what_is_none_of_our_codes_is_not_sound(text):
    assert not is_sound(text)


def test_no_check_character_for_letters_that_are_not_ours():
    with pytest.raises(ValueError, match="substring not found"):
        check_character("BCA")


def test_a_digest_depends_on_purpose_code_and_key():
    base = code_digest("ticket", "BCDFG", "key")
    others = {
        code_digest("receipt", "BCDFG", "key"),
        code_digest("ticket", "BCDFH", "key"),
        code_digest("ticket", "BCDFG", "another key"),
    }
    assert len(base) == 32
    assert base not in others
    assert code_digests("ticket", "BCDFG", ["new key", "key"])[1] == base
