"""A day's strip: presses stand where the center's clock says, and what is outside is not lost."""

from datetime import timedelta

import pytest

from survey_app.integrity.strip import build_strip
from tests.factories import DAY, NOON


def strip(*rows, suspected=()):
    numbered = [(number, when, score) for number, (when, score) in enumerate(rows)]
    return build_strip(numbered, suspected, DAY, "Asia/Baku")


def test_noon_stands_a_third_along_the_day():
    drawn = strip((NOON, 4))
    assert drawn.presses[0].x == pytest.approx(100 / 3)
    assert drawn.ticks[0] == (0, 9)
    assert drawn.ticks[-1] == (100, 18)


def test_a_day_grows_to_its_presses():
    drawn = strip((NOON - timedelta(hours=5), 5), (NOON, 5))
    assert [press.x for press in drawn.presses] == pytest.approx([0, 500 / 11])
    assert drawn.ticks[0] == (0, 7)


def test_another_days_press_stands_at_the_nearer_end():
    drawn = strip((NOON - timedelta(days=9), 1), (NOON + timedelta(days=9), 5))
    assert [press.x for press in drawn.presses] == [0, 100]


def test_what_is_in_question_is_marked():
    drawn = strip((NOON, 5), (NOON, 5), (NOON, 1), suspected={0, 2})
    assert [press.suspected for press in drawn.presses] == [True, False, True]
    assert drawn.suspected == 2
