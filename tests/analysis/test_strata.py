"""Verified ratings beside the open channel: told where nobody can be worked out from them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.building import build_report, data_hash
from analysis.estimates import MINIMUM_BASE, newcombe_difference, wilson
from analysis.sentences import ReportText
from analysis.strata import hidden_by_channel, stratum_figures, verified_total
from analysis.suppression import MINIMUM_PROTECTED
from analysis.tally import ChannelCounts, ScoreTally, VerifiedCounts, satisfied_or_not, total
from analysis.wording import PlainWording
from tests.analysis.made_up_center import made_up_inputs

SUMS = {"stratum:verified", "stratum:open"}
INSIDE = {f"stratum:{c}/{side}" for c in ("tablet", "qr") for side in ("verified", "open")}
CELLS = ("tablet/verified", "tablet/open", "qr/verified", "qr/open")


def counts(*cells):
    """(channels, verified) from (satisfied, base) of CELLS."""
    tallies = [satisfied_or_not(*cell) for cell in cells]
    channels = [
        ChannelCounts(name, "az", verified + rest, 0)
        for name, verified, rest in (("tablet", *tallies[:2]), ("qr", *tallies[2:]))
        if (verified + rest).base
    ]
    verified = [
        VerifiedCounts(name, tally)
        for name, tally in (("tablet", tallies[0]), ("qr", tallies[2]))
        if tally.base
    ]
    return channels, verified


def hidden_of(channels, verified, before=frozenset()):
    """The cells of the table that are withheld, and the channels and languages."""
    hidden = hidden_by_channel(channels, verified, before)
    strata = {cell for cell in hidden if cell.startswith("stratum")}
    return strata, hidden - strata


def figures_of(*cells, before=frozenset()):
    channels, verified = counts(*cells)
    hidden = hidden_by_channel(channels, verified, before)
    rows = {row.channel: row for row in stratum_figures(channels, verified, hidden)}
    return rows, verified_total(verified, hidden)


def test_each_side_has_its_share_and_the_difference_its_interval():
    rows, verified = figures_of((57, 60), (900, 940), (190, 210), (80, 100))
    assert list(rows) == ["tablet", "qr", None]
    assert rows["qr"].verified == wilson(190, 210)
    assert rows["qr"].open == wilson(80, 100)
    assert rows["qr"].part == 210 / 310
    assert rows["qr"].difference.difference == newcombe_difference(190, 210, 80, 100)
    assert rows["qr"].difference.verdict == "up"
    assert rows[None].verified == wilson(247, 270)
    assert rows[None].open == wilson(980, 1040)
    assert verified == 270


def test_nothing_is_told_of_strata_where_nothing_is_verified():
    assert figures_of((0, 0), (900, 940), (0, 0), (80, 100)) == ({}, 0)


def test_one_channel_may_have_none():
    rows, verified = figures_of((0, 0), (900, 940), (190, 210), (80, 100))
    assert rows["tablet"].verified.base == 0
    assert not rows["tablet"].verified.known
    assert rows["tablet"].difference.verdict == "not_comparable"
    assert rows[None].difference.difference.known
    assert verified == 210


def test_a_few_in_one_channel_hide_what_is_within_and_not_the_sums():
    rows, verified = figures_of((3, 3), (900, 940), (190, 210), (80, 100))
    assert rows["qr"].verified.withheld
    assert rows["qr"].part is None
    assert rows["tablet"].open.withheld
    assert rows["qr"].difference.verdict == "not_comparable"
    assert rows[None].verified == wilson(193, 213)
    assert verified == 213


@pytest.mark.parametrize("few", [1, MINIMUM_BASE - 1])
def test_a_few_in_all_hide_even_how_many(few):
    rows, verified = figures_of((0, 0), (900, 940), (few, few), (80, 100))
    assert all(row.verified.withheld and row.open.withheld for row in rows.values())
    assert verified is None


def test_what_an_earlier_revision_hid_stays_hidden():
    channels, verified = counts((57, 60), (900, 940), (190, 210), (80, 100))
    assert hidden_of(channels, verified)[0] == set()
    before = frozenset({"stratum:tablet/verified"})
    assert hidden_of(channels, verified, before)[0] == INSIDE
    assert hidden_of(channels, verified, frozenset(SUMS))[0] == INSIDE | SUMS


one_cell = st.tuples(st.integers(0, 60), st.integers(0, 40)).map(lambda c: (c[0], c[0] + c[1]))
small_cell = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda c: (c[0], c[0] + c[1]))


@given(st.tuples(*[one_cell | small_cell] * 4))
@example(((0, 0), (0, 10), (0, 1), (10, 11)))
@example(((2, 10), (3, 10), (0, 1), (30, 31)))
@settings(max_examples=150, deadline=None)
def test_who_knows_all_that_is_told_cannot_bound_what_is_hidden(cells):
    channels, verified = counts(*cells)
    whole = total(row.tally for row in channels)
    assume(whole.top_two >= MINIMUM_PROTECTED)
    assume(whole.base - 4 >= MINIMUM_PROTECTED)
    hidden, withheld = hidden_of(channels, verified)
    if not verified:
        assert not hidden
        return
    assert hidden in (set(), INSIDE, INSIDE | SUMS)
    if not hidden:
        assert all(base >= MINIMUM_BASE or not base for _, base in cells)
        return
    for place, (_, base) in enumerate(cells):
        if base in (0, whole.base):
            continue
        found = width(cells, place, withheld, hidden)
        if base >= MINIMUM_BASE and found.min() < MINIMUM_PROTECTED - 1e-6:
            # Hidden for a small one's sake; its channel may be told, and that bounds it anyway.
            of_channels = width(cells, place, withheld, INSIDE | SUMS)
            assert (found >= np.minimum(MINIMUM_PROTECTED, of_channels) - 1e-6).all()
            continue
        assert found.min() >= MINIMUM_PROTECTED - 1e-6


def width(cells, place, withheld, hidden):
    """What linear programming leaves open of a cell: how far (satisfied, base) may lie apart.

    Unknown are the satisfied and the dissatisfied of the four cells. Told are the sums of what is
    not withheld, and the attacker even knows which cells have a rating.
    """
    told = [range(4)]
    told += [
        (2 * side, 2 * side + 1)
        for side, name in enumerate(("tablet", "qr"))
        if f"channel:{name}" not in withheld
    ]
    if not hidden & SUMS:
        told += [(0, 2), (1, 3)]
    equations, values = [], []
    for members in told:
        for part in (0, 1):
            row = np.zeros(8)
            row[[2 * m + part for m in members]] = 1
            equations.append(row)
            values.append(sum(_parts(cells[m])[part] for m in members))
    known = np.zeros((4, 8))
    for cell in range(4):
        known[cell, 2 * cell : 2 * cell + 2] = -1
    at_most = [-min(1, base) for _, base in cells]
    ends = []
    for sign in (1, -1):
        end = []
        for what in (slice(2 * place, 2 * place + 1), slice(2 * place, 2 * place + 2)):
            aim = np.zeros(8)
            aim[what] = sign
            answer = linprog(aim, A_ub=known, b_ub=at_most, A_eq=equations, b_eq=values)
            assert answer.status == 0
            end.append(sign * answer.fun)
        ends.append(end)
    low, high = np.array(ends)
    return high - low


def _parts(cell):
    satisfied, base = cell
    return satisfied, base - satisfied


def verified_inputs(part):
    """The made-up center, this part of each channel's ratings verified."""
    inputs = made_up_inputs(ratings=1500)
    verified = [
        VerifiedCounts(
            name,
            ScoreTally(
                tuple(
                    int(part * count)
                    for count in total(c.tally for c in inputs.channels if c.channel == name).counts
                )
            ),
        )
        for name in ("tablet", "qr")
    ]
    return replace(inputs, verified=tuple(verified))


@pytest.mark.parametrize(("part", "is_verified"), [(0.25, False), (0.45, False), (0.6, True)])
def test_the_verified_share_is_the_headline_from_half_of_the_ratings_on(part, is_verified):
    report = build_report(verified_inputs(part))
    assert report.is_verified == is_verified
    assert report.verified_share.verified.known
    assert report.passport.verified == report.verified_share.verified.base
    assert type(report).from_dict(report.to_dict()) == report


def test_a_report_frozen_before_there_were_tickets_still_loads():
    report = build_report(made_up_inputs(ratings=300))
    plain = report.to_dict()
    del plain["strata"], plain["passport"]["verified"]
    assert type(report).from_dict(plain) == report
    assert (report.strata, report.is_verified, report.passport.verified) == ((), False, 0)


def test_only_verified_ratings_change_the_fingerprint():
    before = made_up_inputs(ratings=1500)
    assert data_hash(replace(before, verified=())) == data_hash(before)
    assert data_hash(verified_inputs(0.25)) != data_hash(before)


def test_more_verified_than_there_are_is_refused():
    inputs = made_up_inputs(ratings=300)
    row = VerifiedCounts("qr", ScoreTally((0, 0, 0, 0, 5000)))
    with pytest.raises(ValueError, match="verified by qr"):
        build_report(replace(inputs, verified=(row,)))
    with pytest.raises(ValueError, match="twice"):
        build_report(replace(inputs, verified=(row, row)))


def said(inputs):
    return ReportText(build_report(inputs), PlainWording("en"))


def test_the_headline_says_what_it_is_made_of():
    assert said(made_up_inputs(ratings=1500)).headline_label == "Open channel."
    some = said(verified_inputs(0.25))
    label = some.headline_label
    assert label.startswith("Open channel. Bound to a visit ticket: ")
    assert some.share(some.report.verified_share.verified) in label
    most = said(verified_inputs(0.6)).headline_label
    assert most.startswith("The headline is the verified share: ")
    few = replace(
        made_up_inputs(ratings=1500),
        verified=(VerifiedCounts("qr", ScoreTally((0, 0, 0, 0, 3))),),
    )
    assert said(few).headline_label == "Open channel."
    assert said(few).verified_sentence.startswith("Some ratings are bound to a visit ticket")


def test_a_clear_difference_is_told_within_its_channel():
    inputs = made_up_inputs(ratings=1500)
    qr = total(c.tally for c in inputs.channels if c.channel == "qr")
    bad = ScoreTally((*qr.counts[:3], 0, 0))
    good = ScoreTally((0, 0, 0, 0, qr.counts[4]))
    alike = said(verified_inputs(0.45))
    assert alike.strata_sentence.startswith("Ratings bound to a visit and those of the open")
    better = said(replace(inputs, verified=(VerifiedCounts("qr", good),)))
    assert better.strata_sentence.startswith("QR code, own phone: verified ratings +")
    worse = said(replace(inputs, verified=(VerifiedCounts("qr", bad),)))
    assert worse.strata_sentence.startswith("QR code, own phone: verified ratings −")
    # Nobody has a ticket on the tablets: there is nothing to compare.
    assert [row.channel for row in better.strata] == ["qr", None]
    assert said(inputs).strata_sentence == ""
