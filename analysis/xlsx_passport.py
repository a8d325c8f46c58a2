"""The passport as the workbook's first sheet, and the tables of what there is to doubt."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.sentences import ReportText
from analysis.wording import N_
from analysis.xlsx_cells import (
    INTERVAL,
    RATINGS,
    SCORES,
    Line,
    Row,
    Table,
    interval,
    scores,
)


def doubt_tables(text: ReportText) -> Iterator[Table]:
    """What was set aside, what looks odd, what was not counted, and what was told before."""
    yield _set_aside(text)
    yield _alerts(text)
    yield _uncounted_days(text)
    yield _history(text)


def passport(text: ReportText) -> list[Line]:
    """The first sheet: the headline and what must stand beside it, a line each."""
    t = text.w.text
    return [
        (t(N_("Center")), text.w.name(text.report.center.names), "text"),
        (t(N_("Month")), text.w.month(text.report.month), "text"),
        (t(N_("Question")), text.w.name(text.report.survey_question), "text"),
        *_passport_shares(text),
        *_passport_counts(text),
        *_passport_comparisons(text),
        *_passport_origin(text),
    ]


def _passport_shares(text: ReportText) -> Iterator[Line]:
    t, of = text.w.text, text.report.passport
    for label, estimate in (
        (N_("Share satisfied"), of.satisfied),
        (N_("Weighted by people served per area"), text.report.headline.weighted),
        (N_("With what was set aside"), of.with_set_aside),
    ):
        yield t(label), estimate.value, "share"
        yield t(N_("Interval, low")), estimate.low, "share"
        yield t(N_("Interval, high")), estimate.high, "share"
    if (span := of.with_set_aside_range) is not None:
        yield t(N_("With what was set aside, at least")), span.low, "share"
        yield t(N_("With what was set aside, at most")), span.high, "share"


def _passport_counts(text: ReportText) -> list[Line]:
    t, of, headline = text.w.text, text.report.passport, text.report.headline
    known, bounds = headline.satisfied.known, headline.bounds
    return [
        (t(N_("Satisfied ratings (4 or 5)")), of.numerator if known else None, "count"),
        (t(N_("Counted ratings")), of.denominator, "count"),
        (t(N_("Verified by a ticket")), of.verified, "count"),
        *(
            (f"{score} {text.score(score)}", count if known else None, "count")
            for score, count in enumerate(headline.tally.counts, 1)
        ),
        (t(N_("Mean score")), headline.mean, "mean"),
        (t(N_("People served")), of.served, "count"),
        (t(N_("Answered")), of.response_rate, "share"),
        (t(N_("All people served, at least")), bounds.low if bounds else None, "share"),
        (t(N_("All people served, at most")), bounds.high if bounds else None, "share"),
    ]


def _passport_comparisons(text: ReportText) -> Iterator[Line]:
    t, headline = text.w.text, text.report.headline
    for label, found in (
        (N_("Against the month before"), headline.since_previous_month),
        (N_("Against a year ago"), headline.since_year_before),
    ):
        yield t(label), found.difference.value, "points"
        yield t(N_("Interval, low")), found.difference.low, "points"
        yield t(N_("Interval, high")), found.difference.high, "points"
        yield t(N_("Meaning")), text.verdict(found), "text"


def _passport_origin(text: ReportText) -> list[Line]:
    t, report, of = text.w.text, text.report, text.report.passport
    return [
        *((text.rule(s.rule), s.count, "count") for s in report.set_aside),
        (t(N_("Set aside")), of.set_aside, "count"),
        (t(N_("Survey versions")), ", ".join(map(str, of.survey_versions)), "text"),
        (t(N_("Counted until")), of.counted_until, "date"),
        (t(N_("Revision")), of.revision, "count"),
        (t(N_("Reason")), text.reason(of.reason), "text"),
        (t(N_("Program")), of.code_version, "text"),
        (t(N_("Comment reader")), of.reader_version, "text"),
        (t(N_("Fingerprint of the data (SHA-256)")), of.data_hash, "text"),
        (t(N_("Check it with this command")), text.verify_command, "text"),
    ]


def _set_aside(text: ReportText) -> Table:
    def cells(code: str) -> Row:
        name, _, version = code.partition("/")
        return (text.rule(name), version)

    return Table(
        N_("Set aside"),
        (
            (N_("Rule"), "text"),
            (N_("Rule version"), "note"),
            RATINGS,
            (N_("of them void"), "count"),
            *SCORES,
        ),
        tuple((*cells(s.rule), s.count, s.void, *scores(s.tally)) for s in text.report.set_aside),
    )


def _alerts(text: ReportText) -> Table:
    return Table(
        N_("Alerts"),
        (
            (N_("Rule"), "text"),
            (N_("First day"), "date"),
            (N_("Last day"), "date"),
            (N_("Place"), "text"),
            (N_("Probability by chance"), "p_value"),
            RATINGS,
            (N_("Looked into"), "note"),
        ),
        tuple(
            (
                text.rule(a.rule),
                a.day,
                a.last_day,
                text.w.name(a.place) if a.place else text.w.text(N_("whole center")),
                a.p_value,
                a.ratings,
                text.w.text("yes" if a.acknowledged else "no"),
            )
            for a in text.report.alerts
        ),
    )


def _history(text: ReportText) -> Table:
    return Table(
        N_("Revisions"),
        (
            (N_("Revision"), "count"),
            (N_("Published"), "date"),
            (N_("Reason"), "text"),
            (N_("Share satisfied"), "share"),
            *INTERVAL,
            RATINGS,
            (N_("People served"), "count"),
            (N_("Set aside"), "count"),
        ),
        tuple(
            (
                past.revision,
                past.published_on,
                text.reason(past.reason),
                *interval(past.satisfied),
                past.base,
                past.served,
                past.set_aside,
            )
            for past in text.report.history
        ),
        first_width=12,
    )


def _uncounted_days(text: ReportText) -> Table:
    return Table(
        N_("Days without visit counts"),
        ((N_("Day"), "date"), (N_("Weekday"), "text")),
        tuple((day, text.weekday(day.isoweekday())) for day in text.report.uncounted_days),
        first_width=12,
    )
