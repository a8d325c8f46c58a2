"""Gaps between groups: right, corrected for many, and telling nothing of a hidden group."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.canonical import from_plain, to_plain
from analysis.equality import (
    NO_ANSWER,
    SKIPPED,
    EqualityQuestion,
    GroupCounts,
    equality_gaps,
    hidden_cells,
)
from analysis.estimates import WITHHELD, newcombe_difference
from analysis.tally import ScoreTally, total

PROTECTED = 10


def tally(satisfied, dissatisfied=0):
    return ScoreTally((dissatisfied, 0, 0, 0, satisfied))


def options(question, served=None, **tallies):
    return [
        GroupCounts(
            question, {"en": question}, code, {"en": code}, counts, (served or {}).get(code)
        )
        for code, counts in tallies.items()
    ]


def groups_of(question):
    return {group.code: group for group in question.groups}


# docs/method.md
HEADLINE = ScoreTally((31, 12, 22, 240, 1507))
DISABILITY = options(
    "disability",
    {"yes": 300, "no": 8_100},
    yes=ScoreTally((6, 2, 4, 18, 30)),
    no=ScoreTally((8, 4, 6, 72, 600)),
    no_answer=ScoreTally((1, 0, 1, 8, 30)),
)
AGE = options(
    "age",
    under_30=ScoreTally((4, 2, 3, 40, 131)),
    from_30=ScoreTally((6, 3, 5, 56, 350)),
    from_60=ScoreTally((3, 1, 2, 24, 110)),
    from_80=ScoreTally((0, 0, 1, 2, 4)),
    no_answer=ScoreTally((1, 0, 1, 6, 22)),
)


def test_the_example_of_the_method_page():
    disability, age = equality_gaps([*DISABILITY, *AGE], HEADLINE)
    assert (disability.answered, disability.declined, disability.skipped) == (750, 40, 1022)
    assert [group.code for group in disability.groups] == ["yes", "no"]
    yes = groups_of(disability)["yes"]
    assert yes.satisfied.value == 48 / 60
    assert yes.gap.verdict == "down"
    assert yes.gap.difference == newcombe_difference(48, 60, 672, 690)
    assert [round(x, 3) for x in (yes.gap.difference.low, yes.gap.difference.high)] == [
        -0.292,
        -0.091,
    ]
    assert yes.response_rate == 60 / 300
    # Seven people of 80 and over: hidden, and with them the smallest other group.
    assert {code: group.hidden for code, group in groups_of(age).items()} == {
        "under_30": False,
        "from_30": False,
        "from_60": True,
        "from_80": True,
    }
    assert age.answered == 747
    assert groups_of(age)["from_30"].gap.verdict == "no_clear_change"


def test_a_hidden_group_shows_nothing():
    *_, age = equality_gaps(
        [
            *DISABILITY,
            *options(
                "age", {"old": 40, "young": 9_000}, young=tally(90, 9), old=tally(8), b=tally(30)
            ),
        ],
        HEADLINE,
    )
    old = groups_of(age)["old"]
    assert old.hidden
    assert old.satisfied == old.gap.difference == WITHHELD
    assert old.gap.verdict == "not_comparable"
    assert old.served is old.response_rate is None
    assert groups_of(age)["young"].response_rate == 99 / 9_000


def test_where_few_declined_and_nobody_skipped_no_gap_gives_their_number_away():
    groups = options("age", young=tally(190, 10), mid=tally(250, 50), no_answer=tally(2, 1))
    (age,) = equality_gaps(groups, total(group.tally for group in groups))
    assert (age.answered, age.declined, age.skipped) == (None, None, 0)
    assert [(g.code, g.hidden, g.gap.difference) for g in age.groups] == [
        ("young", True, WITHHELD),
        ("mid", False, WITHHELD),
    ]
    assert groups_of(age)["mid"].satisfied.base == 300


def test_the_few_who_declined_are_hidden_by_the_many_not_asked_and_the_gaps_are_shown():
    groups = options("age", young=tally(90, 10), mid=tally(50, 50), no_answer=tally(2, 1))
    (age,) = equality_gaps(groups, total(group.tally for group in groups) + tally(800, 100))
    assert (age.answered, age.declined, age.skipped) == (200, None, None)
    assert [group.gap.verdict for group in age.groups] == ["up", "down"]


def test_those_who_declined_are_in_no_comparison():
    groups = options("sex", women=tally(80, 20), men=tally(90, 10))
    declined = options("sex", no_answer=tally(0, 500))
    without, with_them = (
        equality_gaps(rows, tally(500, 800))[0] for rows in (groups, [*groups, *declined])
    )
    assert with_them.groups == without.groups
    assert with_them.declined == 500


def test_a_gap_must_stand_among_all_gaps_shown():
    def one(code, satisfied):
        return options(code, a=tally(satisfied, 200 - satisfied), b=tally(140, 60))

    headline = tally(4_000, 4_000)
    (alone,) = equality_gaps(one("q0", 160), headline)
    assert [group.gap.verdict for group in alone.groups] == ["up", "down"]
    rest = [group for number in range(1, 10) for group in one(f"q{number}", 140)]
    first, *_ = equality_gaps([*one("q0", 160), *rest], headline)
    assert {group.gap.verdict for group in first.groups} == {"no_clear_change"}
    # Questions whose gaps are withheld take no part.
    hidden = [g for number in range(1, 10) for g in options(f"q{number}", a=tally(9), b=tally(200))]
    first, *others = equality_gaps([*one("q0", 160), *hidden], headline)
    assert [group.gap.verdict for group in first.groups] == ["up", "down"]
    assert all(group.hidden for question in others for group in question.groups)


@pytest.mark.parametrize(("served", "rate"), [(None, None), (99, None), (100, 1.0), (400, 0.25)])
def test_a_rate_needs_as_many_visits_as_ratings(served, rate):
    (sex,) = equality_gaps(
        options("sex", {"women": served}, women=tally(80, 20), men=tally(90, 10)), tally(300, 300)
    )
    women = groups_of(sex)["women"]
    assert (women.served, women.response_rate) == (served, rate)


def test_a_group_nobody_belongs_to_is_empty_and_not_hidden():
    (sex,) = equality_gaps(
        options("sex", women=tally(80, 20), men=tally(90, 10), other=tally(0)), tally(300, 300)
    )
    other = groups_of(sex)["other"]
    assert not other.hidden
    assert (other.satisfied.value, other.satisfied.base) == (None, 0)
    assert other.gap.verdict == "not_comparable"


def test_impossible_counts_are_refused():
    women = options("sex", women=tally(80, 20))
    with pytest.raises(ValueError, match="twice"):
        equality_gaps([*women, *women], tally(300, 300))
    with pytest.raises(ValueError, match="more ratings answered sex than there are"):
        equality_gaps(women, tally(79, 300))


def test_figures_can_be_frozen_and_read_again():
    for question in equality_gaps([*DISABILITY, *AGE], HEADLINE):
        assert from_plain(EqualityQuestion, to_plain(question)) == question


def test_questions_stay_in_order_and_need_not_stand_together():
    mixed = [AGE[0], *DISABILITY, *AGE[1:]]
    assert equality_gaps(mixed, HEADLINE) == equality_gaps([*AGE, *DISABILITY], HEADLINE)


# An attacker who knows the published figures, the options and the rule that a cell without
# ratings is shown as such, and looks for the least and the most a hidden cell can hold.

counts_of_a_cell = st.builds(
    lambda base, part: tally(round(base * part), base - round(base * part)),
    st.one_of(st.integers(0, 14), st.integers(0, 300)),
    st.sampled_from([0, 0.3, 0.8, 0.9, 1]),
)


few_ratings = st.builds(tally, st.integers(0, 3), st.integers(0, 5))


@st.composite
def asked(draw, cells=counts_of_a_cell):
    """One question's options and the headline, not all of whose ratings answered it."""
    tallies = draw(st.lists(cells, min_size=1, max_size=5))
    groups = options("q", **{f"g{i}": counts for i, counts in enumerate(tallies)})
    groups += options("q", no_answer=draw(cells))
    return groups, total(group.tally for group in groups) + draw(cells)


def cells_of(groups, headline):
    truth = {group.code: group.tally for group in groups}
    truth[SKIPPED] = headline.without(total(truth.values()))
    return truth


def is_protectable(groups, headline):
    """Whether the headline is large enough to hide anything in (see analysis.suppression)."""
    alive = sum(1 for counts in cells_of(groups, headline).values() if counts.base)
    return alive > 1 and min(headline.top_two, headline.base - alive) >= PROTECTED


def what_is_known(question, groups, headline):
    """The equations (cells, sum) that follow from the published figures, and the hidden cells.

    Of a visible group the satisfied follow from share and base. A gap gives the others' share and
    base, hence all who answered; to be on the safe side the attacker also knows how many of the
    visible others are satisfied.
    """
    truth = cells_of(groups, headline)
    named = [group.code for group in question.groups]
    equations = [(list(truth), headline)]
    shown = {}
    for group in question.groups:
        if not group.hidden:
            base = group.satisfied.base
            satisfied = round(base * (group.satisfied.value or 0))
            shown[group.code] = tally(satisfied, base - satisfied)
    for code, number in ((NO_ANSWER, question.declined), (SKIPPED, question.skipped)):
        if number is not None:
            assert number == truth[code].base
            shown[code] = truth[code]
    for code, counts in shown.items():
        # What is published is true.
        assert (counts.base, counts.top_two) == (truth[code].base, truth[code].top_two)
        equations.append(([code], counts))
    gaps = [group.gap.difference for group in question.groups if not group.gap.difference.withheld]
    if question.answered is not None or gaps:
        equations.append((named, total(truth[code] for code in named)))
    return equations, [code for code in truth if code not in shown]


def narrowest(revisions):
    """The narrowest interval for a cell's base or satisfied count, in any of the revisions.

    Of the cells hidden from the first revision on: one that was once shown is known roughly. A
    cell has two unknowns in each revision, satisfied and not, which can only grow.
    """
    cells = list(cells_of(*revisions[0][1:]))
    size = 2 * len(cells) * len(revisions)

    def unknown(revision, code, satisfied):
        return 2 * (revision * len(cells) + cells.index(code)) + satisfied

    equal, sums, at_most, limits, targets = [], [], [], [], []
    _, hidden_first = what_is_known(*revisions[0])
    for revision, (question, groups, headline) in enumerate(revisions):
        equations, hidden = what_is_known(question, groups, headline)
        for codes, counts in equations:
            for satisfied, number in enumerate((counts.base - counts.top_two, counts.top_two)):
                row = np.zeros(size)
                row[[unknown(revision, code, satisfied) for code in codes]] = 1
                equal.append(row)
                sums.append(number)
        assert set(hidden_first) <= set(hidden)
        for code in hidden_first:
            satisfied, base = np.zeros(size), np.zeros(size)
            satisfied[unknown(revision, code, 1)] = 1
            base[[unknown(revision, code, 0), unknown(revision, code, 1)]] = 1
            targets += [satisfied, base]
            if cells_of(groups, headline)[code].base:
                at_most.append(-base)
                limits.append(-1)
    for column in range(size - 2 * len(cells)):
        row = np.zeros(size)
        row[column], row[column + 2 * len(cells)] = 1, -1
        at_most.append(row)
        limits.append(0)
    widths = []
    for target in targets:
        least, most = (
            linprog(
                sign * target,
                A_ub=np.array(at_most) if at_most else None,
                b_ub=limits or None,
                A_eq=np.array(equal),
                b_eq=sums,
            )
            for sign in (1, -1)
        )
        widths.append(-most.fun - least.fun)
    return min(widths, default=np.inf)


@settings(max_examples=60, deadline=None)
@given(asked())
def test_nobody_can_work_out_a_hidden_cell(case):
    groups, headline = case
    assume(is_protectable(groups, headline))
    (question,) = equality_gaps(groups, headline)
    assert narrowest([(question, groups, headline)]) >= PROTECTED - 1e-6


@settings(max_examples=30, deadline=None)
@given(asked(), st.data())
def test_nor_from_two_revisions(case, data):
    groups, headline = case
    assume(is_protectable(groups, headline))
    (first,) = equality_gaps(groups, headline)
    late = st.integers(0, 4)
    grown = [replace(g, tally=g.tally + tally(data.draw(late), data.draw(late))) for g in groups]
    skipped = headline.without(total(group.tally for group in groups))
    more = total(group.tally for group in grown) + skipped + tally(data.draw(late))
    (second,) = equality_gaps(grown, more, hidden_cells([first]))
    assert hidden_cells([first]) <= hidden_cells([second])
    revisions = [(first, groups, headline), (second, grown, more)]
    assert narrowest(revisions) >= PROTECTED - 1e-6


@given(asked())
def test_small_groups_are_always_hidden_and_what_is_shown_agrees(case):
    groups, headline = case
    (question,) = equality_gaps(groups, headline)
    truth = cells_of(groups, headline)
    for group in question.groups:
        assert group.hidden or truth[group.code].base == 0 or truth[group.code].base >= 10
    for code, number in ((NO_ANSWER, question.declined), (SKIPPED, question.skipped)):
        assert number is None or number == 0 or number >= 10
        assert number in {None, truth[code].base}
    if question.answered is None:
        assert all(group.gap.difference == WITHHELD for group in question.groups)


@given(asked(few_ratings))
def test_where_the_headline_is_too_small_to_hide_in_nothing_is_shown(case):
    groups, headline = case
    (question,) = equality_gaps(groups, headline)
    assume(not is_protectable(groups, headline))
    if hidden_cells([question]):
        assert question.answered in {None, 0}
        assert all(group.hidden or not group.satisfied.base for group in question.groups)


def test_the_attacker_of_these_tests_succeeds_where_too_much_is_told():
    groups = options("q", old=tally(5, 1), mid=tally(190, 10), no_answer=tally(2, 1))
    headline = total(group.tally for group in groups) + tally(3)
    (question,) = equality_gaps(groups, headline)
    assert narrowest([(question, groups, headline)]) >= PROTECTED
    # Those who answered told beside: those who declined and skipped are 6 in all.
    told = replace(question, answered=206)
    assert narrowest([(told, groups, headline)]) < 6
    old, mid = question.groups
    shown = replace(
        told, groups=(old, replace(mid, hidden=False, satisfied=groups[1].tally.satisfied))
    )
    assert narrowest([(shown, groups, headline)]) == pytest.approx(0)
