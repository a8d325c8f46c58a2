"""A structure's year adds up, and gives away nothing that a center's month withholds."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.estimates import Bounds
from analysis.months import Month
from analysis.structures import StructureCounts, build_structures, quarters_up_to
from analysis.suppression import MINIMUM_PROTECTED
from analysis.tally import ScoreTally

LAST = Month(2026, 10)
NOTHING = frozenset()
STRUCTURES, CENTERS = ("defence", "health", "labour"), ("east", "north", "west")


def row(code="labour", center="east", month=LAST, satisfied=30, others=2, **columns):
    """One service of a structure in one center and month."""
    return StructureCounts(
        **{
            "code": code,
            "names": {"en": code},
            "service": f"{code}-1",
            "service_names": {"en": f"{code}'s service"},
            "center": center,
            "center_names": {"en": center},
            "month": month,
            "tally": ScoreTally((others, 0, 0, 0, satisfied)),
            "served": 100,
            **columns,
        }
    )


def whole(satisfied=30):
    """Every structure in every center, in two months of different quarters."""
    months = (Month(2026, 3), LAST)
    return [
        row(code, center, month, satisfied)
        for code, center, month in product(STRUCTURES, CENTERS, months)
    ]


def by_code(years):
    return {year.code: year for year in years}


def withheld(parts):
    return {part.code for part in parts if part.satisfied.withheld}


# --- what is shown ---------------------------------------------------------------------------


def test_a_year_adds_up_over_centers_months_and_services():
    rows = [*whole(), row(service="labour-2", center="west", satisfied=40, others=0)]
    labour = by_code(build_structures(rows, (), NOTHING, LAST))["labour"]
    assert (labour.satisfied.base, labour.served) == (6 * 32 + 40, 700)
    assert labour.satisfied.value == pytest.approx((6 * 30 + 40) / (6 * 32 + 40))
    assert labour.response_rate == pytest.approx(232 / 700)
    assert labour.bounds == Bounds(pytest.approx(220 / 700), pytest.approx(688 / 700))
    assert [(part.code, part.satisfied.base) for part in labour.services] == [
        ("labour-1", 192),
        ("labour-2", 40),
    ]
    assert [(part.code, part.satisfied.base) for part in labour.centers] == [
        ("east", 64),
        ("north", 64),
        ("west", 104),
    ]
    assert [(part.code, part.satisfied.base) for part in labour.quarters] == [
        ("2025-11", 0),
        ("2026-02", 96),
        ("2026-05", 0),
        ("2026-08", 136),
    ]


def test_the_year_ends_with_its_last_month():
    assert list(map(str, quarters_up_to(Month(2026, 2)))) == [
        "2025-03", "2025-06", "2025-09", "2025-12",
    ]  # fmt: skip
    for month in (Month(2025, 10), Month(2026, 11)):
        with pytest.raises(ValueError, match="outside"):
            build_structures([row(month=month)], (), NOTHING, LAST)


def test_visits_that_were_not_counted_where_people_rated_make_no_rate():
    rows = [row(), row(center="west", served=None)]
    (year,) = build_structures(rows, (), NOTHING, LAST)
    assert (year.served, year.response_rate, year.bounds) == (None, None, None)
    silent = row(center="west", served=None, tally=ScoreTally())
    (year,) = build_structures([row(), silent], (), NOTHING, LAST)
    assert (year.served, year.response_rate) == (100, 0.32)


def test_a_change_is_against_the_year_before():
    before = [
        replace(each, month=each.month.year_before(), tally=ScoreTally((0, 0, 0, 0, 32)))
        if each.code == "labour"
        else replace(each, month=each.month.year_before())
        for each in whole()
    ]
    years = by_code(build_structures(whole(), before, NOTHING, LAST))
    assert years["labour"].change.verdict == "down"
    assert years["labour"].change.difference.value == pytest.approx(-2 / 32)
    assert years["health"].change.verdict == "no_clear_change"
    alone = build_structures(whole(), (), NOTHING, LAST)
    assert {year.change.verdict for year in alone} == {"not_comparable"}


def test_a_structure_nobody_rated_is_there_and_not_withheld():
    years = by_code(
        build_structures([*whole(), row("army", tally=ScoreTally())], (), NOTHING, LAST)
    )
    assert (years["army"].satisfied.base, years["army"].satisfied.withheld) == (0, False)


# --- what is withheld ------------------------------------------------------------------------


def test_a_small_service_is_withheld_with_another():
    more = [row(service=f"labour-{n}", satisfied=4 + 20 * n, others=0) for n in range(2, 5)]
    small = row(service="labour-9", satisfied=4, others=0)
    labour = by_code(build_structures([*whole(), *more, small], (), NOTHING, LAST))["labour"]
    assert withheld(labour.services) == {"labour-9", "labour-2"}
    assert labour.satisfied.known


def test_a_small_structure_is_withheld_with_another_and_all_beneath_it():
    small = row("army", satisfied=4, others=0)
    years = by_code(build_structures([*whole(), small], (), NOTHING, LAST))
    gone = {code for code, year in years.items() if year.satisfied.withheld}
    assert gone == {"army", "defence"}
    for code in gone:
        year = years[code]
        assert (year.response_rate, year.bounds, year.change.verdict) == (
            None,
            None,
            "not_comparable",
        )
        for parts in (year.services, year.centers):
            assert withheld(parts) == {part.code for part in parts}


def test_a_sum_over_one_withheld_month_would_be_that_month():
    """Center and quarter are withheld with others around them, and so is the year."""
    secret = frozenset({("east", LAST, "labour")})
    years = by_code(build_structures(whole(), (), secret, LAST))
    assert years["labour"].satisfied.withheld
    gone = [year for year in years.values() if year.satisfied.withheld]
    assert len(gone) == 2
    for year in gone:
        assert withheld(year.centers) == set(CENTERS)
        assert withheld(year.quarters) == {"2026-02", "2026-08"}


def test_a_sum_over_two_withheld_months_of_a_quarter_may_be_shown():
    secret = frozenset({("east", LAST, "labour"), ("west", LAST, "labour")})
    years = by_code(build_structures(whole(), (), secret, LAST))
    assert not any(year.satisfied.withheld for year in years.values())
    assert withheld(years["labour"].centers) == {"east", "west"}
    assert withheld(years["labour"].quarters) == set()


def test_two_withheld_months_of_two_quarters_are_not_enough():
    """Of two successive years one has the first of them and the other has not."""
    secret = frozenset({("east", LAST, "labour"), ("west", Month(2026, 3), "labour")})
    years = by_code(build_structures(whole(), (), secret, LAST))
    assert years["labour"].satisfied.withheld


@pytest.mark.parametrize(("satisfied", "others"), [(5, 0), (4, 20)])
def test_two_withheld_months_of_few_ratings_are_no_hiding_place(satisfied, others):
    rows = [
        replace(each, tally=ScoreTally((others, 0, 0, 0, satisfied)))
        if (each.code, each.center) == ("labour", "east")
        else each
        for each in whole()
    ]
    secret = frozenset({("east", month, "labour") for month in (Month(2026, 3), LAST)})
    assert by_code(build_structures(rows, (), secret, LAST))["labour"].satisfied.withheld


def test_a_withheld_service_is_judged_by_itself():
    rows = [*whole(), row(service="labour-2"), row(service="labour-3")]
    secret = frozenset({("east", LAST, "labour-2")})
    labour = by_code(build_structures(rows, (), secret, LAST))["labour"]
    assert labour.satisfied.known
    assert withheld(labour.services) == {"labour-2", "labour-3"}


def test_the_year_before_is_not_given_away_by_the_change():
    before = [replace(each, month=each.month.year_before()) for each in whole()]
    secret = frozenset({("east", LAST.year_before(), "labour")})
    years = by_code(build_structures(whole(), before, secret, LAST))
    assert years["labour"].satisfied.known
    assert years["labour"].change.verdict == "not_comparable"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 12)).filter(lambda pair: sum(pair) != 0),
        min_size=9,
        max_size=9,
    )
)
def test_no_center_of_a_structure_can_be_worked_out(counts):
    """An attacker who knows both sides' totals and all that is shown, with linear programming."""
    places = list(product(STRUCTURES, CENTERS))
    rows = [
        row(code, center, satisfied=satisfied, others=others)
        for (code, center), (satisfied, others) in zip(places, counts, strict=True)
    ]
    years = build_structures(rows, (), NOTHING, LAST)
    hidden = [
        (year.code, part.code) for year in years for part in year.centers if part.satisfied.withheld
    ]
    small = {place for place, pair in zip(places, counts, strict=True) if sum(pair) < 10}
    assert small <= set(hidden)
    if not hidden or len(hidden) == len(places):
        return
    satisfied = dict(zip(places, (pair[0] for pair in counts), strict=True))
    margins = [
        [float(place[side] == name) for place in hidden]
        for side, names in enumerate((STRUCTURES, CENTERS))
        for name in names
    ]
    known = np.array(margins) @ np.array([satisfied[place] for place in hidden])
    for index in range(len(hidden)):
        aim = np.eye(len(hidden))[index]
        low, high = (
            sign * linprog(sign * aim, A_eq=margins, b_eq=known, method="highs").fun
            for sign in (1, -1)
        )
        assert high - low >= MINIMUM_PROTECTED - 1e-6
