"""From tallies to what `analysis` needs: SELECTs, and no arithmetic beyond adding up."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Label, Row, Select, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from analysis.building import build_report
from analysis.complaints import CaseTimes, month_bounds
from analysis.drivers import DriverChoice, DriverCounts, DriverPair
from analysis.months import Month
from analysis.report import CenterName, PastRevision, ReportInputs, SatisfactionReport
from analysis.tally import (
    AlertNote,
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
    VerifiedCounts,
)
from survey_app.answer_figures import Answers, load_answers
from survey_app.contacts import KEPT
from survey_app.models import (
    LANGUAGES,
    Agency,
    Case,
    Center,
    ChannelTally,
    CommentReading,
    DayTally,
    HourTally,
    IntegrityAlert,
    Question,
    Rating,
    Ruling,
    RulingRating,
    Service,
    ServiceArea,
    ServiceTally,
    SurveyVersion,
    Touchpoint,
    VisitCount,
)
from survey_app.models.base import table_of
from survey_app.models.ratings import SENTIMENTS
from survey_app.tallies import COUNTERS, NO_SERVICE, scores_of, tally_of
from survey_app.timetables import load_timetable
from survey_app.version import APP_VERSION

Key = TypeVar("Key", date, int)

MONTHS_SHOWN = 13
# The row that collects ratings whose service nobody named.
_UNSTATED = {"az": "Qeyd edilməyib", "ru": "Не указано", "en": "Not stated"}
_NONE = {"az": "—", "ru": "—", "en": "—"}
_EMPTY = ScoreTally()
# All services, as columns: nearly two hundred rows of three tables in every report.
_SERVICES = (
    select(
        Service.id,
        Service.code,
        ServiceArea.code,
        ServiceArea.kind,
        Agency.code,
        *(
            getattr(named, f"name_{language}")
            for named in (Service, ServiceArea, Agency)
            for language in LANGUAGES
        ),
    )
    .join(ServiceArea, ServiceArea.id == Service.area_id)
    .join(Agency, Agency.id == Service.agency_id)
    .order_by(Service.code)
)


@dataclass(frozen=True)
class Edition:
    """Which edition of a month's report is being made, up to which day ratings were counted, and
    what the editions before it said and withheld."""

    counted_until: date
    revision: int = 1
    reason: str = "first"
    history: tuple[PastRevision, ...] = ()
    hidden_before: tuple[str, ...] = ()


def load_inputs(session: Session, center: Center, month: Month, edition: Edition) -> ReportInputs:
    """Everything `analysis.build_report` needs for one center and month."""
    months = _months_up_to(month)
    comments = _read_comments(session, center, month)
    answers = load_answers(session, center, months)
    served = _served_by(VisitCount.day, session, center, months[0], month)
    return ReportInputs(
        center=CenterName(center.slug, dict(center.name), center.time_zone),
        month=month,
        months=_month_counts(session, center, months, answers, served),
        services=_service_counts(session, center, months),
        channels=_channel_counts(session, center, month),
        verified=_verified_counts(session, center, month),
        hours=_hour_counts(session, center, month),
        days=_day_counts(session, center, month, served),
        topics=_topic_counts(comments),
        comments=_quotable_comments(center, comments),
        set_aside=_set_aside(session, center, month),
        survey_versions=tuple(
            sorted({asked.version for asked in answers.asked.get(month.first_day, ())})
        ),
        survey_question=answers.question or _survey_question(session),
        counted_until=edition.counted_until,
        code_version=APP_VERSION,
        reader_version=_reader_version(comments),
        revision=edition.revision,
        reason=edition.reason,  # type: ignore[arg-type]
        drivers=answers.drivers,
        topic_drivers=_topic_drivers(comments),
        outcomes=answers.outcomes,
        groups=answers.groups,
        cases=_cases(session, center, month),
        alerts=_alerts(session, center, month),
        history=edition.history,
        hidden_before=edition.hidden_before,
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
    return min(month.last_day, center.today(now))


def _months_up_to(month: Month) -> list[Month]:
    months = [month]
    while len(months) < MONTHS_SHOWN:
        months.insert(0, months[0].previous())
    return months


def _sentiments(row: Any) -> SentimentCounts:
    read = {name: getattr(row, name) for name in SENTIMENTS}
    return SentimentCounts(**read, unread=row.comments - sum(read.values()))


def _sums(tally: Any) -> list[Any]:
    return [func.coalesce(func.sum(getattr(tally, name)), 0).label(name) for name in COUNTERS]


def _month_counts(
    session: Session,
    center: Center,
    months: Sequence[Month],
    answers: Answers,
    served_by_day: Mapping[date, int],
) -> tuple[MonthCounts, ...]:
    counted = {
        row.month: row
        for row in session.execute(
            select(ChannelTally.month, _qr_ratings(), *_sums(ChannelTally))
            .where(
                ChannelTally.center_id == center.id,
                ChannelTally.month.between(months[0].first_day, months[-1].first_day),
            )
            .group_by(ChannelTally.month)
        )
    }
    served: Counter[date] = Counter()
    for day, people in served_by_day.items():
        served[day.replace(day=1)] += people
    empty = MonthCounts(months[0], ScoreTally(), 0, 0, None, SentimentCounts())
    return tuple(
        MonthCounts(
            month=month,
            tally=scores_of(row) if (row := counted.get(month.first_day)) else empty.tally,
            held=row.held if row else 0,
            void=row.void if row else 0,
            served=served.get(month.first_day),
            comments=_sentiments(row) if row else empty.comments,
            asked=answers.asked.get(month.first_day, ()),
            qr=row.qr if row else 0,
        )
        for month in months
    )


def _qr_ratings() -> Label[Any]:
    """How many of the counted ratings came by QR code."""
    ratings = sum((getattr(ChannelTally, f"score_{score}") for score in range(1, 6)), literal(0))
    return func.sum(case((ChannelTally.channel == "qr", ratings), else_=0)).label("qr")


def _served_by(
    key: InstrumentedAttribute[Key], session: Session, center: Center, first: Month, last: Month
) -> dict[Key, int]:
    rows = session.execute(
        select(key, func.sum(VisitCount.served))
        .where(
            VisitCount.center_id == center.id,
            VisitCount.day.between(first.first_day, last.last_day),
        )
        .group_by(key)
    )
    return {each: int(served) for each, served in rows}


def _service_counts(
    session: Session, center: Center, months: Sequence[Month]
) -> tuple[ServiceCounts, ...]:
    tallies = _service_tallies(session, center, months)
    served = _served_by(VisitCount.service_id, session, center, months[-1], months[-1])
    firsts = [month.first_day for month in months]
    rows = [
        ServiceCounts(
            code=code,
            names=dict(zip(LANGUAGES, names[:3], strict=True)),
            area_code=area_code,
            area_names=dict(zip(LANGUAGES, names[3:6], strict=True)),
            kind=kind,
            agency_names=dict(zip(LANGUAGES, names[6:], strict=True)),
            agency_code=agency_code,
            # Where visits are counted at all, a service without a row was asked by nobody.
            served=served.get(service_id, 0) if served else None,
            **_year(tallies[service_id], firsts),
        )
        for service_id, code, area_code, kind, agency_code, *names in session.execute(_SERVICES)
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
                **_year(tallies[NO_SERVICE], firsts),
            )
        )
    return tuple(rows)


def _service_tallies(
    session: Session, center: Center, months: Sequence[Month]
) -> defaultdict[int, dict[date, ScoreTally]]:
    """Scores by service and first day of the month: some 2,300 rows, so only what is needed."""
    tallies: defaultdict[int, dict[date, ScoreTally]] = defaultdict(dict)
    # From the table and not from the model: past the ORM a row costs half as much.
    stored = table_of(ServiceTally).c
    scores = [stored[f"score_{score}"] for score in range(1, 6)]
    for service_id, first_day, *counts in session.execute(
        select(stored.service_id, stored.month, *scores).where(
            stored.center_id == center.id,
            stored.month.between(months[0].first_day, months[-1].first_day),
        )
    ):
        tallies[service_id][first_day] = ScoreTally(tuple(counts))
    return tallies


def _year(by_month: dict[date, ScoreTally], firsts: Sequence[date]) -> dict[str, Any]:
    year = tuple(by_month.get(first_day, _EMPTY) for first_day in firsts)
    return {"tally": year[-1], "previous": year[-2], "year": year}


def _channel_counts(session: Session, center: Center, month: Month) -> tuple[ChannelCounts, ...]:
    rows = session.execute(
        select(ChannelTally.channel, ChannelTally.language, *_sums(ChannelTally))
        .where(ChannelTally.center_id == center.id, ChannelTally.month == month.first_day)
        .group_by(ChannelTally.channel, ChannelTally.language)
    )
    return tuple(
        ChannelCounts(row.channel, row.language, scores_of(row), row.held + row.void)
        for row in rows
    )


def _verified_counts(session: Session, center: Center, month: Month) -> tuple[VerifiedCounts, ...]:
    rows = session.execute(
        select(ChannelTally.channel, *_sums(ChannelTally))
        .where(
            ChannelTally.center_id == center.id,
            ChannelTally.month == month.first_day,
            ChannelTally.verified,
        )
        .group_by(ChannelTally.channel)
    )
    counts = (VerifiedCounts(row.channel, scores_of(row)) for row in rows)
    return tuple(each for each in counts if each.tally.base)


def _hour_counts(session: Session, center: Center, month: Month) -> tuple[HourCounts, ...]:
    rows = session.execute(_of_month(HourTally, center, month))
    return tuple(HourCounts(row.weekday, row.hour, scores_of(row)) for row in rows)


def _of_month(tally: Any, center: Center, month: Month) -> Select[Any]:
    return select(tally.__table__).where(
        tally.center_id == center.id, tally.month == month.first_day
    )


def _day_counts(
    session: Session, center: Center, month: Month, served: Mapping[date, int]
) -> tuple[DayCounts, ...]:
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
            tally=scores_of(rows[day]) if day in rows else ScoreTally(),
            held=rows[day].held + rows[day].void if day in rows else 0,
            open=day in open_days,
            served=served.get(day),
        )
        for day in month.days
    )


def open_days_of(session: Session, center: Center, month: Month) -> list[date]:
    """The days of a month on which a center receives citizens."""
    timetable = load_timetable(session, center.id)
    return [day for day in month.days if timetable.on(day) is not None]


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
            CommentReading.reader,
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


def _topic_drivers(comments: list[Row[Any]]) -> DriverCounts | None:
    """Comments that were assessed, by the topics they speak of, in the form of driver answers."""
    answered: Counter[int] = Counter()
    named: defaultdict[str, Counter[int]] = defaultdict(Counter)
    both: defaultdict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for row in comments:
        if row.sentiment == "not_assessed":
            continue
        answered[row.score] += 1
        topics = sorted(set(row.topics))
        for topic in topics:
            named[topic][row.score] += 1
        for pair in combinations(topics, 2):
            both[pair][row.score] += 1
    if not answered:
        return None
    return DriverCounts(
        tally_of(answered),
        tuple(DriverChoice(topic, tally_of(named[topic])) for topic in sorted(named)),
        tuple(DriverPair(*pair, tally_of(both[pair])) for pair in sorted(both)),
    )


def _alerts(session: Session, center: Center, month: Month) -> tuple[AlertNote, ...]:
    """The integrity rules' suspicions that touch a day of the month."""
    held = (
        select(func.count())
        .select_from(RulingRating)
        .join(Ruling, Ruling.id == RulingRating.ruling_id)
        .where(Ruling.alert_id == IntegrityAlert.id, Ruling.kind == "hold")
        .scalar_subquery()
    )
    rows = session.execute(
        select(IntegrityAlert, Touchpoint, held)
        .outerjoin(Touchpoint, Touchpoint.id == IntegrityAlert.touchpoint_id)
        .where(
            IntegrityAlert.center_id == center.id,
            IntegrityAlert.day <= month.last_day,
            IntegrityAlert.last_day >= month.first_day,
        )
        .order_by(IntegrityAlert.id)
    )
    return tuple(
        AlertNote(
            rule=alert.rule,
            day=alert.day,
            last_day=alert.last_day,
            place=dict(place.label) if place else None,
            p_value=alert.p_value,
            ratings=ratings,
            acknowledged=alert.acknowledged_at is not None,
        )
        for alert, place, ratings in rows
    )


def _cases(session: Session, center: Center, month: Month) -> tuple[CaseTimes, ...]:
    """Who waited for an answer at some moment of the month or of the one before, as it stood when
    the month ended: what was closed later is open here."""
    zone = ZoneInfo(center.time_zone)
    begin, _ = month_bounds(month.previous(), zone)
    _, end = month_bounds(month, zone)
    stored, rating = table_of(Case).c, table_of(Rating).c
    rows = session.execute(
        select(stored.opened_at, stored.closed_at, rating.state)
        .join(table_of(Rating), rating.submission_id == stored.submission_id)
        .where(
            stored.center_id == center.id,
            stored.opened_at >= begin - KEPT,
            stored.opened_at < end,
            or_(stored.closed_at.is_(None), stored.closed_at >= begin),
        )
    )
    return tuple(
        CaseTimes(
            opened_at,
            closed_at if closed_at is not None and closed_at < end else None,
            opened_at + KEPT,
            state == "counted",
        )
        for opened_at, closed_at, state in rows
    )


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
    void: Counter[str] = Counter()
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
        void[rule or state] += count if state == "void" else 0
    return tuple(
        SetAside(rule, counts.total(), tally_of(counts), void[rule])
        for rule, counts in sorted(scores.items())
    )


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


def _reader_version(comments: list[Row[Any]]) -> str:
    return ", ".join(sorted({row.reader for row in comments})) or "—"
