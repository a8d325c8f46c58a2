"""Tables of the workbook: what goes with satisfaction, what people wrote, gaps of groups, and what
became of those who asked for an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.drivers import DriverEffect
from analysis.equality import EqualityQuestion
from analysis.sentences import WITHHELD, ReportText
from analysis.wording import N_
from analysis.xlsx_cells import (
    CASES,
    INTERVAL,
    POINTS,
    RATINGS,
    SENTIMENT_COUNTS,
    SERVED,
    SHARE,
    Row,
    Table,
    base,
    case_cells,
    comment_counts,
    difference,
    interval,
    share,
)


def reason_tables(text: ReportText) -> Iterator[Table]:
    """Drivers, outcome, topics, quotations, equality and complaints handled."""
    yield _drivers(text)
    yield _outcomes(text)
    yield _topics(text)
    yield _comments(text)
    yield _equality(text)
    yield _complaints(text)


def _drivers(text: ReportText) -> Table:
    report = text.report
    return Table(
        N_("Drivers"),
        (
            (N_("Driver"), "text"),
            (N_("Taken from"), "text"),
            (N_("Share of those who named it"), "share"),
            *INTERVAL,
            RATINGS,
            (N_("Share of the others"), "share"),
            *INTERVAL,
            RATINGS,
            (N_("Points against the others"), "points"),
            *POINTS,
            (N_("Weight"), "share"),
        ),
        (
            *_driver_rows(text, report.drivers, N_("answers chosen")),
            *_driver_rows(text, report.topic_effects, N_("topics of comments")),
        ),
        first_width=30,
    )


def _driver_rows(text: ReportText, effects: Sequence[DriverEffect], source: str) -> Iterator[Row]:
    for effect in effects:
        yield (
            text.topic(effect.code),
            text.w.text(source),
            *interval(effect.named),
            base(effect.named),
            *interval(effect.others),
            base(effect.others),
            *interval(effect.effect.difference),
            text.effect(effect.effect),
            effect.weight,
        )


def _outcomes(text: ReportText) -> Table:
    return Table(
        N_("Outcome"),
        ((N_("Answer"), "text"), *SHARE, (N_("Part of the answers"), "share")),
        tuple(
            (text.w.name(o.names), *share(text, o.satisfied), o.part) for o in text.report.outcomes
        ),
        first_width=30,
    )


def _topics(text: ReportText) -> Table:
    return Table(
        N_("Topics"),
        ((N_("Topic"), "text"), *SENTIMENT_COUNTS),
        tuple((text.topic(t.code), *comment_counts(t.comments)) for t in text.report.topics),
        first_width=30,
    )


def _comments(text: ReportText) -> Table:
    return Table(
        N_("Comments"),
        (
            (N_("Comment"), "text"),
            (N_("Language"), "text"),
            (N_("Sentiment"), "text"),
            (N_("Score"), "count"),
            (N_("Topic"), "text"),
            (N_("Service"), "text"),
            (N_("Day"), "date"),
        ),
        tuple(
            (
                c.text,
                text.language(c.language) if c.language else None,
                text.sentiment(c.sentiment),
                c.score,
                ", ".join(text.topic(t) for t in c.topics),
                text.service(c.service_code),
                c.rated_on,
            )
            for c in text.report.quotations
        ),
        first_width=70,
    )


def _equality(text: ReportText) -> Table:
    return Table(
        N_("Equality"),
        (
            (N_("Question"), "text"),
            (N_("Group"), "text"),
            *SHARE,
            (N_("Points against the others"), "points"),
            *POINTS,
            *SERVED,
        ),
        tuple(row for question in text.report.equality for row in _equality_rows(text, question)),
        fixed=2,
    )


def _equality_rows(text: ReportText, question: EqualityQuestion) -> Iterator[Row]:
    asked = text.w.name(question.names)
    for group in question.groups:
        yield (
            asked,
            text.w.name(group.names),
            *share(text, group.satisfied),
            *difference(text, group.gap),
            group.served,
            group.response_rate,
        )
    for label, count in (
        (N_("All who named a group"), question.answered),
        (N_("Would rather not say"), question.declined),
        (N_("Not asked or passed over"), question.skipped),
    ):
        note = text.w.text(WITHHELD) if count is None else None
        yield (asked, text.w.text(label), None, None, None, count, note, *((None,) * 6))


def _complaints(text: ReportText) -> Table:
    told = text.report.complaints
    rows: Iterator[Row] = iter(())
    if told is not None:
        rows = (
            (
                counts.month.first_day,
                *case_cells(text, counts),
                told.waiting_long if counts is told.this else None,
            )
            for counts in (told.previous, told.this)
        )
    return Table(
        N_("Complaints handled"),
        (
            (N_("Month"), "date"),
            *CASES,
            (N_("Waiting for more than five working days"), "count"),
        ),
        tuple(rows),
        first_width=12,
    )
