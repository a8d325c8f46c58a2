"""Presses on a tablet for the tests of this folder: a quiet day, and somebody who stuffs it."""

import random
from datetime import timedelta

from survey_app.models import Rating, Touchpoint
from tests.factories import NOON, Make

OPENING = NOON.replace(hour=5)  # nine o'clock in Baku


def quiet_day(make: Make, place: Touchpoint) -> list[Rating]:
    """Twelve presses from the morning on at random, each a minute or more after the one before."""
    rng = random.Random(5)
    when, ratings = OPENING, []
    for number in range(1, 13):
        when += timedelta(seconds=60 + rng.expovariate(1 / 600))
        score = 1 + (number % 7 > 0) * 4
        ratings.append(make.rating(place, score=score, rated_at=when, sequence=number))
    return ratings


def stuffing(make: Make, place: Touchpoint) -> list[Rating]:
    """Ten fives at closing time, every seven or eight seconds, numbered after a quiet day's."""
    when, ratings = NOON.replace(hour=13), []
    for number in range(13, 23):
        ratings.append(make.rating(place, rated_at=when, sequence=number))
        when += timedelta(seconds=7 + number % 2)
    return ratings
