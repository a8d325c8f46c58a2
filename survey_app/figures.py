"""From tallies to what `analysis` needs: SELECTs, and no arithmetic beyond adding up."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import Session

from analysis.months import Month
from analysis.report import CenterName, ReportInputs, SatisfactionReport, build_report
from analysis.tally import (
    ChannelCounts,
    DayCounts,
    HourCounts,
    MonthCounts,
    QuotableComment,
    ScoreTally,
    SentimentCounts,
    ServiceCounts,
    SetAside,
    TopicCounts,
)
from survey_app.models import (
    Agency,
    Center,
    ChannelTally,
    CommentReading,
    DayTally,
    Holiday,
    HourTally,
    Question,
    Rating,
    Service,
    ServiceArea,
    ServiceTally,
    SurveyVersion,
    VisitCount,
)
from survey_app.models.ratings import SENTIMENTS
from survey_app.tallies import COUNTERS, NO_SERVICE
from survey_app.version import APP_VERSION

MONTHS_SHOWN = 13
# The row that collects ratings whose service nobody named.
_UNSTATED = {"az": "Qeyd edilməyib", "ru": "Не указано", "en": "Not stated"}
_NONE = {"az": "—", "ru": "—", "en": "—"}


@dataclass(frozen=True)
class Edition:
    """Which edition of a month's report is being made, and up to which day ratings were counted."""

    counted_until: date
    revision: int = 1
    reason: str = "first"


def load_inputs(session: Session, center: Center, month: Month, edition: Edition) -> ReportInputs:
    """Everything `analysis.build_report` needs for one center and month."""
    months = _months_up_to(month)
    comments = _read_comments(session, center, month)
    return ReportInputs(
        center=CenterName(center.slug, dict(center.name), center.time_zone),
        month=month,
        months=_month_counts(session, center, months),
        services=_service_counts(session, center, months),
        channels=_channel_counts(session, center, month),
        hours=_hour_counts(session, center, month),
        days=_day_counts(session, center, month),
        topics=_topic_counts(comments),
        comments=_quotable_comments(center, comments),
        set_aside=_set_aside(session, center, month),
        survey_versions=_survey_versions(session, center, month),
        survey_question=_survey_question(session),
        counted_until=edition.counted_until,
        code_version=APP_VERSION,
        reader_version=_reader_version(session, center, month),
        revision=edition.revision,
        reason=edition.reason,  # type: ignore[arg-type]
    )


def live_report(
    session: Session, center: Center, month: Month, now: datetime
) -> SatisfactionReport:
    """The month as it stands now, by the same functions that publish it."""
    return build_report(
        load_inputs(session, center, month, Edition(counted_until(center, month, now)))
    )


def counted_until(center: Center, month: Month, now: datetime) -> date:
    """Up to which of the month's days ratings can have come in by now, on the center's calendar."""
    today = now.astimezone(ZoneInfo(center.time_zone)).date()
    return min(month.last_day, today)


def _months_up_to(month: Month) -> list[Month]:
    months = [month]
    while len(months) < MONTHS_SHOWN:
        months.insert(0, months[0].previous())
    return months


def _scores(row: Any) -> ScoreTally:
    return ScoreTally((row.score_1, row.score_2, row.score_3, row.score_4, row.score_5))


def _sentiments(row: Any) -> SentimentCounts:
    read = {name: getattr(row, name) for name in SENTIMENTS}
    return SentimentCounts(**read, unread=row.comments - sum(read.values()))


def _sums(tally: Any) -> list[Any]:
    return [func.coalesce(func.sum(getattr(tally, name)), 0).label(name) for name in COUNTERS]


def _month_counts(
    session: Session, center: Center, months: Sequence[Month]
) -> tuple[MonthCounts, ...]:
    counted = {
        row.month: row
        for row in session.execute(
            select(ChannelTally.month, *_sums(ChannelTally))
            .where(
                ChannelTally.center_id == center.id,
                ChannelTally.month.between(months[0].first_day, months[-1].first_day),
            )
            .group_by(ChannelTally.month)
        )
    }
    served = _served_by_month(session, center, months)
    empty = MonthCounts(months[0], ScoreTally(), 0, 0, None, SentimentCounts())
    return tuple(
        MonthCounts(
            month=month,
            tally=_scores(row) if (row := counted.get(month.first_day)) else empty.tally,
            held=row.held if row else 0,
            void=row.void if row else 0,
            served=served.get(month),
            comments=_sentiments(row) if row else empty.comments,
        )
        for month in months
    )


def _served_by_month(session: Session, center: Center, months: Sequence[Month]) -> dict[Month, int]:
    served: Counter[Month] = Counter()
    for day, people in session.execute(
        select(VisitCount.day, func.sum(VisitCount.served))
        .where(
            VisitCount.center_id == center.id,
            VisitCount.day.between(months[0].first_day, months[-1].last_day),
        )
        .group_by(VisitCount.day)
    ):
        served[Month.of(day)] += people
    return dict(served)


def _service_counts(
    session: Session, center: Center, months: Sequence[Month]
) -> tuple[ServiceCounts, ...]:
    tallies: defaultdict[int, dict[date, ScoreTally]] = defaultdict(dict)
    for row in session.execute(
        select(ServiceTally.__table__).where(
            ServiceTally.center_id == center.id,
            ServiceTally.month.between(months[0].first_day, months[-1].first_day),
        )
    ):
        tallies[row.service_id][row.month] = _scores(row)
    served = dict(
        session.execute(
            select(VisitCount.service_id, func.sum(VisitCount.served))
            .where(
                VisitCount.center_id == center.id,
                VisitCount.day.between(months[-1].first_day, months[-1].last_day),
            )
            .group_by(VisitCount.service_id)
        ).all()
    )
    rows = [
        ServiceCounts(
            code=service.code,
            names=dict(service.name),
            area_code=area.code,
            area_names=dict(area.name),
            kind=area.kind,  # type: ignore[arg-type]
            agency_names=dict(agency.name),
            # Where visits are counted at all, a service without a row was asked by nobody.
            served=served.get(service.id, 0) if served else None,
            **_year(tallies[service.id], months),
        )
        for service, area, agency in session.execute(
            select(Service, ServiceArea, Agency)
            .join(ServiceArea, ServiceArea.id == Service.area_id)
            .join(Agency, Agency.id == Service.agency_id)
            .order_by(Service.code)
        )
    ]
    if NO_SERVICE in tallies:
        rows.append(
            ServiceCounts(
                code="",
                names=_UNSTATED,
                area_code="",
                area_names=_UNSTATED,
                kind="unstated",
                agency_names=_NONE,
                served=None,
                **_year(tallies[NO_SERVICE], months),
            )
        )
    return tuple(rows)


def _year(by_month: dict[date, ScoreTally], months: Sequence[Month]) -> dict[str, Any]:
    year = tuple(by_month.get(month.first_day, ScoreTally()) for month in months)
    return {"tally": year[-1], "previous": year[-2], "year": year}


def _channel_counts(session: Session, center: Center, month: Month) -> tuple[ChannelCounts, ...]:
    rows = session.execute(_of_month(ChannelTally, center, month))
    return tuple(ChannelCounts(row.channel, row.language, _scores(row), row.held) for row in rows)


def _hour_counts(session: Session, center: Center, month: Month) -> tuple[HourCounts, ...]:
    rows = session.execute(_of_month(HourTally, center, month))
    return tuple(HourCounts(row.weekday, row.hour, _scores(row)) for row in rows)


def _of_month(tally: Any, center: Center, month: Month) -> Select[Any]:
    return select(tally.__table__).where(
        tally.center_id == center.id, tally.month == month.first_day
    )


def _day_counts(session: Session, center: Center, month: Month) -> tuple[DayCounts, ...]:
    rows = {
        row.day: row
        for row in session.execute(
            select(DayTally.__table__).where(
                DayTally.center_id == center.id,
                DayTally.day.between(month.first_day, month.last_day),
            )
        )
    }
    open_days = set(open_days_of(session, center, month))
    return tuple(
        DayCounts(
            day=day,
            tally=_scores(rows[day]) if day in rows else ScoreTally(),
            held=rows[day].held if day in rows else 0,
            open=day in open_days,
        )
        for day in month.days
    )


def open_days_of(session: Session, center: Center, month: Month) -> list[date]:
    """The days of a month on which a center receives citizens."""
    closed = set(
        session.scalars(
            select(Holiday.day).where(Holiday.day.between(month.first_day, month.last_day))
        )
    )
    weekdays = {hours.weekday for hours in center.opening_hours}
    return [day for day in month.days if day.isoweekday() in weekdays and day not in closed]


def _read_comments(session: Session, center: Center, month: Month) -> list[Row[Any]]:
    statement = (
        select(
            Rating.comment,
            Rating.score,
            Rating.counted_on,
            Service.code.label("service_code"),
            CommentReading.language,
            CommentReading.sentiment,
            CommentReading.topics,
            CommentReading.sides,
            CommentReading.urgent,
        )
        .join(CommentReading, CommentReading.submission_id == Rating.submission_id)
        .outerjoin(Service, Service.id == Rating.service_id)
        .where(
            Rating.center_id == center.id,
            Rating.counted_on.between(month.first_day, month.last_day),
            Rating.comment.is_not(None),
            Rating.state == "counted",
        )
        .order_by(Rating.counted_on, Rating.submission_id)
    )
    return list(session.execute(statement))


def _topic_counts(comments: list[Row[Any]]) -> tuple[TopicCounts, ...]:
    """Comments by topic and by the side they take on it, so that "the staff was kind but I waited
    two hours" praises the staff and complains of the waiting."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in comments:
        # Older readings know no sides; there the whole comment speaks for each of its topics.
        sides = row.sides if row.sides is not None else [row.sentiment] * len(row.topics)
        for topic, side in zip(row.topics, sides, strict=True):
            counts[topic][side] += 1
    return tuple(TopicCounts(topic, SentimentCounts(**counts[topic])) for topic in sorted(counts))


def _quotable_comments(center: Center, comments: list[Row[Any]]) -> tuple[QuotableComment, ...]:
    """Candidates for quotation: all but the urgent, which may accuse somebody who is recognised."""
    return tuple(
        QuotableComment(
            text=row.comment,
            # A comment in a mixed or unknown language gets no language tag of its own.
            language=row.language if row.language in center.name else None,
            sentiment=row.sentiment,
            topics=tuple(row.topics),
            score=row.score,
            service_code=row.service_code,
            rated_on=row.counted_on,
        )
        for row in comments
        if row.urgent is None
    )


def _set_aside(session: Session, center: Center, month: Month) -> tuple[SetAside, ...]:
    scores: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for rule, state, score, count in session.execute(
        select(Rating.held_rule, Rating.state, Rating.score, func.count())
        .where(
            Rating.center_id == center.id,
            Rating.counted_on.between(month.first_day, month.last_day),
            Rating.state != "counted",
        )
        .group_by(Rating.held_rule, Rating.state, Rating.score)
    ):
        scores[rule or state][score] += count
    return tuple(
        SetAside(
            rule,
            counts.total(),
            ScoreTally((counts[1], counts[2], counts[3], counts[4], counts[5])),
        )
        for rule, counts in sorted(scores.items())
    )


def _survey_versions(session: Session, center: Center, month: Month) -> tuple[int, ...]:
    in_use = exists().where(
        Rating.center_id == center.id,
        Rating.counted_on.between(month.first_day, month.last_day),
        Rating.survey_version_id == SurveyVersion.id,
    )
    return tuple(session.scalars(select(SurveyVersion.number).where(in_use).distinct()))


def _survey_question(session: Session) -> dict[str, str]:
    question = session.scalars(
        select(Question)
        .join(SurveyVersion, SurveyVersion.id == Question.version_id)
        .where(Question.role == "satisfaction", SurveyVersion.published_at.is_not(None))
        .order_by(SurveyVersion.published_at.desc())
        .limit(1)
    ).first()
    # A center may be looked at before its first survey is published.
    return dict(question.text) if question else _NONE


def _reader_version(session: Session, center: Center, month: Month) -> str:
    readers = session.scalars(
        select(CommentReading.reader)
        .join(Rating, Rating.submission_id == CommentReading.submission_id)
        .where(
            Rating.center_id == center.id,
            Rating.counted_on.between(month.first_day, month.last_day),
            Rating.comment.is_not(None),
            # Held comments are read too, and stand in no figure.
            Rating.state == "counted",
        )
        .distinct()
    )
    return ", ".join(sorted(readers)) or "—"
