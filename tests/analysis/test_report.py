"""The report says what the counts say: sums, suppression, comparisons, quotations, passport."""

import json
import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.building import build_report, data_hash
from analysis.estimates import MINIMUM_BASE
from analysis.months import Month
from analysis.network import build_network_report
from analysis.report import CenterName, ReportInputs, SatisfactionReport
from analysis.tally import (
    AskedCounts,
    ChannelCounts,
    DayCounts,
    HourCounts,
    MonthCounts,
    OutcomeCounts,
    QuotableComment,
    ScoreTally,
    SentimentCounts,
    ServiceCounts,
    SetAside,
    total,
)
from tests.analysis.made_up_center import MONTH, made_up_inputs

NAMES = {"az": "Ad", "ru": "Имя", "en": "Name"}
NEIGHBOUR = CenterName("next-door", NAMES, "Asia/Baku")


def through_json(report):
    return SatisfactionReport.from_dict(json.loads(json.dumps(report.to_dict())))


@pytest.mark.parametrize("ratings", [0, 7, 1800])
def test_round_trip_is_exact(ratings):
    report = build_report(made_up_inputs(ratings=ratings))
    assert through_json(report) == report


def test_another_format_is_refused():
    plain = build_report(made_up_inputs(ratings=20)).to_dict()
    with pytest.raises(ValueError, match="format 3"):
        SatisfactionReport.from_dict({**plain, "format": 3})
    del plain["headline"]["mean"]
    with pytest.raises(ValueError, match="Headline"):
        SatisfactionReport.from_dict(plain)


def test_a_report_frozen_in_the_first_format_can_be_read():
    report = build_report(made_up_inputs(ratings=300))
    plain = report.to_dict()
    for service in plain["services"]:
        service["year"] = None
    for member in ("control", "breaks", "funnel", "structures", "drivers", "hidden", "history"):
        del plain[member]
    old = SatisfactionReport.from_dict({**plain, "format": 1})
    assert old.headline == report.headline
    assert [s.code for s in old.services] == [s.code for s in report.services]
    assert old.funnel is None


@st.composite
def small_inputs(draw):
    """A center with three services and whatever ratings, sums agreeing."""
    tallies = st.builds(ScoreTally, st.tuples(*[st.integers(0, 40)] * 5))
    parts = [draw(tallies) for _ in range(3)]
    earlier = [draw(tallies) for _ in range(3)]
    whole = total(parts)
    month = Month(2026, 2)
    months = [month.year_before()]
    while months[-1] != month:
        months.append(months[-1].next())
    served = draw(st.none() | st.integers(0, 2000))
    return ReportInputs(
        center=CenterName("somewhere", NAMES, "Asia/Baku"),
        month=month,
        months=tuple(
            MonthCounts(
                m,
                whole if m == month else draw(tallies),
                draw(st.integers(0, 5)),
                0,
                served,
                SentimentCounts(),
            )
            for m in months
        ),
        services=tuple(
            ServiceCounts(
                f"0{n}-01-01", NAMES, f"0{n}", NAMES, "standard", NAMES, now, then, None,
                draw(st.none() | st.integers(0, 600)),
            )
            for n, (now, then) in enumerate(zip(parts, earlier, strict=True))
        ),
        channels=(
            ChannelCounts("tablet", "az", parts[0] + parts[1], 3),
            ChannelCounts("qr", "ru", parts[2], 0),
        ),
        hours=(HourCounts(1, 9, parts[0]), HourCounts(2, 10, parts[1] + parts[2])),
        days=tuple(
            DayCounts(day, whole if day.day == 2 else ScoreTally(), 0, day.isoweekday() < 6)
            for day in month.days
        ),
        topics=(),
        comments=(),
        set_aside=(SetAside("outside_hours", 3),),
        survey_versions=(1,),
        survey_question=NAMES,
        counted_until=month.last_day,
        code_version="1",
        reader_version="1",
    )  # fmt: skip


@given(small_inputs())
@settings(max_examples=60, deadline=None)
def test_any_counts_make_a_report_that_agrees_with_itself(inputs):
    report = build_report(inputs)
    whole = inputs.months[-1].tally
    assert report.headline.tally == whole
    for table in (
        report.areas,
        report.services,
        report.channels,
        report.channel_languages,
        report.hours,
    ):
        told = [row.satisfied for row in table]
        assert sum(e.base for e in told) <= whole.base
        if not any(e.withheld for e in told):
            assert sum(e.base for e in told) == whole.base
        assert all(e.known == (not e.withheld and e.base > 0) for e in told)
        assert all(e.base >= MINIMUM_BASE or not e.base for e in told)
    assert sum(d.base for d in report.days) == whole.base
    for service in report.services:
        assert (service.tally is None) == (service.mean is None) == (not service.satisfied.known)
    assert len(report.changed) <= 3
    assert len(report.todo) <= 3
    assert through_json(report) == report
    passport = report.passport
    assert (passport.numerator, passport.denominator) == (whole.top_two, whole.base)
    assert passport.with_set_aside_range.low <= passport.with_set_aside_range.high


@pytest.mark.parametrize("member", ["services", "channels", "hours", "days"])
def test_parts_that_do_not_sum_to_the_whole_are_refused(member):
    inputs = made_up_inputs(ratings=300)
    rows = getattr(inputs, member)
    rated = next(n for n, row in enumerate(rows) if row.tally.base)
    fewer = rows[:rated] + rows[rated + 1 :]
    with pytest.raises(ValueError, match=f"{member} sum to"):
        build_report(replace(inputs, **{member: fewer}))
    with pytest.raises(ValueError, match="twice"):
        build_report(replace(inputs, **{member: (*rows, rows[0])}))


def test_months_with_a_gap_are_refused():
    inputs = made_up_inputs(ratings=30)
    with pytest.raises(ValueError, match="gap"):
        build_report(replace(inputs, months=inputs.months[:3] + inputs.months[4:]))
    with pytest.raises(ValueError, match="end with"):
        build_report(replace(inputs, months=inputs.months[:-1]))


def test_a_service_whose_year_ends_elsewhere_is_refused():
    inputs = made_up_inputs(ratings=30)
    other = replace(inputs.services[0], year=(ScoreTally((9, 9, 9, 9, 9)),))
    with pytest.raises(ValueError, match="year"):
        build_report(replace(inputs, services=(other, *inputs.services[1:])))


def test_order_of_the_inputs_is_of_no_account():
    inputs = made_up_inputs(ratings=400)
    dice = random.Random(1)
    shuffled = replace(
        inputs,
        **{
            member: tuple(dice.sample(rows, len(rows)))
            for member in ("services", "channels", "hours", "days", "topics", "comments")
            if (rows := getattr(inputs, member))
        },
    )
    assert build_report(shuffled) == build_report(inputs)


def test_the_fingerprint_is_that_of_the_data():
    inputs = made_up_inputs(ratings=60)
    later = replace(
        inputs, revision=2, reason="late_ratings", code_version="9", counted_until=date(2027, 1, 1)
    )
    assert data_hash(later) == data_hash(inputs) == build_report(later).passport.data_hash
    aside = replace(inputs, set_aside=(SetAside("outside_hours", 13),))
    assert data_hash(aside) != data_hash(inputs)


def test_headline_with_its_comparisons():
    report = build_report(made_up_inputs())
    headline = report.headline
    assert headline.satisfied.base == 1800
    assert headline.response_rate == pytest.approx(1800 / 8586)
    assert headline.bounds.low == pytest.approx(headline.satisfied.value * 1800 / 8586)
    assert headline.since_year_before.verdict == "down"
    assert headline.weighted.value == pytest.approx(headline.satisfied.value, abs=0.02)
    assert [m.month for m in report.trend][::12] == [MONTH.year_before(), MONTH]


def test_nobody_rated():
    report = build_report(made_up_inputs(ratings=0))
    assert report.headline.satisfied.value is None
    assert report.headline.bounds is None
    assert report.headline.since_previous_month.verdict == "not_comparable"
    assert report.quotations == ()
    assert report.changed[0].code == "silence"


def test_set_aside_with_scores_gives_the_figure_with_them():
    report = build_report(made_up_inputs())
    passport = report.passport
    assert passport.set_aside == 31
    assert passport.with_set_aside.base == 1831
    assert passport.with_set_aside.value == pytest.approx((passport.numerator + 31) / 1831)
    assert passport.with_set_aside_range is None


def test_set_aside_without_scores_gives_a_range():
    inputs = replace(made_up_inputs(), set_aside=(SetAside("outside_hours", 31),))
    passport = build_report(inputs).passport
    assert not passport.with_set_aside.known
    assert passport.with_set_aside_range.low == pytest.approx(passport.numerator / 1831)
    assert passport.with_set_aside_range.high == pytest.approx((passport.numerator + 31) / 1831)


def comment(text, sentiment="negative", **members):
    given = {
        "text": text, "language": "az", "sentiment": sentiment, "topics": ("waiting",),
        "score": 2 if sentiment == "negative" else 5, "service_code": None,
        "rated_on": date(2026, 10, 5),
    }  # fmt: skip
    return QuotableComment(**{**given, **members})


def test_quotations_show_both_kinds_and_several_topics():
    report = build_report(made_up_inputs())
    assert len(report.quotations) == 6
    assert [q.sentiment for q in report.quotations] == ["negative", "positive"] * 3
    complaints = [set(q.topics) for q in report.quotations if q.sentiment == "negative"]
    assert len(set.union(*complaints)) >= 3
    assert len({q.text for q in report.quotations}) == 6


def test_a_month_of_few_has_no_share():
    headline = build_report(made_up_inputs(ratings=9)).headline
    assert headline.satisfied.value is None
    assert headline.satisfied.base == 9
    assert (headline.mean, headline.distribution, headline.bounds) == (None, None, None)


def test_nobody_is_quoted_under_the_minimum_base():
    inputs = made_up_inputs(ratings=9)
    assert build_report(inputs).quotations == ()
    assert inputs.comments


def test_a_quotation_does_not_name_a_service_of_few():
    inputs = made_up_inputs()
    small = next(s for s in inputs.services if 0 < s.tally.base < MINIMUM_BASE)
    large = next(s for s in inputs.services if s.tally.base >= 30)
    quoted = build_report(
        replace(
            inputs,
            comments=(
                comment("İki saat gözlədim, sıra tərpənmədi.", service_code=small.code),
                comment("Tez və nəzakətli xidmət oldu.", "positive", service_code=large.code),
            ),
        )
    ).quotations
    assert [q.service_code for q in quoted] == [None, large.code]


def test_too_short_too_long_repeated_and_neutral_comments_are_not_quoted():
    inputs = replace(
        made_up_inputs(),
        comments=(
            comment("pis"),
            comment("çox " * 200),
            comment("Gözləmə çox uzun idi, yorulduq."),
            comment("gözləmə  çox uzun idi, yorulduq."),
            comment("Şənbə günləri qəbul varmı görəsən?", "neutral"),
        ),
    )
    assert len(build_report(inputs).quotations) == 1


def test_parts_of_the_outcomes_do_not_give_away_who_gave_no_answer():
    # Two hidden cells, "no" and no answer: with the part of "yes" the first would be a difference.
    yes, partly = ScoreTally((20, 10, 10, 60, 400)), ScoreTally((5, 5, 20, 40, 20))
    no, silent = ScoreTally((4, 1, 0, 1, 0)), ScoreTally((5, 5, 5, 15, 30))
    inputs = made_up_inputs(ratings=0)
    month = replace(inputs.months[-1], tally=yes + partly + no + silent)
    answers = (("yes", yes), ("partly", partly), ("no", no))
    report = build_report(
        replace(
            inputs,
            months=(*inputs.months[:-1], month),
            services=(
                ServiceCounts("1", NAMES, "1", NAMES, "standard", NAMES, month.tally,
                              ScoreTally(), None, None),
            ),
            channels=(ChannelCounts("tablet", "az", month.tally, 0),),
            hours=(HourCounts(1, 9, month.tally),),
            days=(DayCounts(inputs.month.first_day, month.tally, 0, True),),
            outcomes=tuple(OutcomeCounts(code, NAMES, tally) for code, tally in answers),
        )
    )  # fmt: skip
    assert {"outcome:no", "outcome:(none)"} <= set(report.hidden)
    shown = {row.code: row for row in report.outcomes}
    assert shown["yes"].satisfied.base == yes.base
    assert [row.part for row in report.outcomes] == [None, None, None]


def of_months(inputs, change):
    """The inputs with every month changed by its place: 0 is the last, −1 the one before."""
    last = len(inputs.months) - 1
    changed = (change(counts, place - last) for place, counts in enumerate(inputs.months))
    return replace(inputs, months=tuple(changed))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [(0.04, 0.30, [("channel_mix", "0.05", "0.30")]), (0.20, 0.25, [])],
)
def test_another_mix_of_channels_breaks_the_series_and_tells_no_base(before, after, told):
    def mix(counts, place):
        return replace(counts, asked=(), qr=round(counts.tally.base * (before if place else after)))

    report = build_report(of_months(made_up_inputs(ratings=600), mix))
    assert [(b.kind, b.before, b.after) for b in report.breaks] == told


def test_the_control_chart_begins_anew_where_the_question_changed_and_only_there():
    def asked(since, fingerprint):
        def change(counts, place):
            new = place >= since
            words = fingerprint if new else "old"
            return replace(counts, qr=0, asked=(AskedCounts(1 + new, words, counts.tally.base),))

        return build_report(of_months(made_up_inputs(ratings=600), change))

    another, same = asked(-6, "new"), asked(-6, "old")
    assert [b.kind for b in another.breaks] == ["question"]
    assert len(another.control.points) == 7
    assert [b.kind for b in same.breaks] == ["survey_version"]
    assert len(same.control.points) == 13
    assert asked(-4, "new").control is None

    network = build_network_report([another, replace(same, center=NEIGHBOUR)])
    assert len(network.control.points) == 7
    assert network.breaks == (*another.breaks, *same.breaks)


def test_a_service_declines_only_if_its_quarters_and_its_trend_agree():
    # Lower in the earlier quarter as a whole, and falling within both quarters.
    satisfied = (900, 500, 100, 1000, 800, 400)
    falling = tuple(ScoreTally((1000 - x, 0, 0, 0, x)) for x in satisfied)
    steady = tuple(ScoreTally((1000 - x, 0, 0, 0, x)) for x in sorted(satisfied))

    def drift_of(recent):
        inputs = made_up_inputs(ratings=0)
        this = recent[-1]
        service = ServiceCounts(
            "1", NAMES, "1", NAMES, "standard", NAMES, this, recent[-2], recent, None
        )
        return build_report(
            replace(
                inputs,
                months=(*inputs.months[:-1], replace(inputs.months[-1], tally=this)),
                services=(service,),
                channels=(ChannelCounts("tablet", "az", this, 0),),
                hours=(HourCounts(1, 9, this),),
                days=(DayCounts(inputs.month.first_day, this, 0, True),),
            )
        ).services[0].drift  # fmt: skip

    assert drift_of(steady).difference.verdict == "up"
    torn = drift_of(falling)
    assert torn.p_value < 0.001
    assert torn.difference.difference.low > 0
    assert torn.difference.verdict == "no_clear_change"
