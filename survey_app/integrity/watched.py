"""What the rules of analysis/integrity.py look at: SELECTs, put into the shapes they ask for."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from analysis.hard_rules import RULE_VERSIONS, Press
from analysis.months import Month
from analysis.tally import ScoreTally, total
from survey_app.models import (
    Answer,
    Center,
    ChannelTally,
    DayTally,
    Option,
    Question,
    Rating,
    Service,
    Touchpoint,
    VisitCount,
    VisitHour,
)
from survey_app.tallies import tally_of

# The rules that look at many ratings together; the others decide where a rating comes in.
DAY_RULES = (
    "cooldown",
    "sequence_gap",
    "more_than_visits",
    "fast_run",
    "busy_window",
    "regular_gaps",
)

# (service code, its answers in the survey's order), as similar_answers asks for them.
Answered = tuple[str, tuple[str | int | None, ...]]


@dataclass
class WatchedTablet:
    """One device on one day: its presses, the numbers it gave, and the people served there.

    `presses` leaves out what was held where it came in: those are not part of the figure and
    would make the rest of the day look busier. `sequences` leaves out nothing.
    """

    touchpoint_id: int
    presses: list[Press] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    already: int | None = None
    visits_by_hour: dict[int, int] = field(default_factory=dict)


@dataclass
class WatchedDay:
    """A center's day on its tablets, and by (service code, hour) what was pressed and served."""

    tablets: list[WatchedTablet] = field(default_factory=list)
    counters: dict[tuple[str, int], list[Press]] = field(default_factory=dict)
    visits: dict[tuple[str, int], int] = field(default_factory=dict)


def rule_name(code: str) -> str:
    """A rule's code with the version that is in force: "fast_run/1"."""
    return f"{code}/{RULE_VERSIONS[code]}"


def load_day(session: Session, center: Center, day: date) -> WatchedDay:
    """Everything the rules of a day look at."""
    watched = WatchedDay(visits=_visits(session, center, day))
    by_place = _visits_by_place(session, center, watched.visits)
    tablets: dict[int, WatchedTablet] = {}
    counters: defaultdict[tuple[str, int], list[Press]] = defaultdict(list)
    midnight = datetime.combine(day, time(0), ZoneInfo(center.time_zone))
    for row in session.execute(
        select(
            Rating.submission_id,
            Rating.touchpoint_id,
            Rating.tablet_id,
            Rating.sequence,
            Rating.score,
            Rating.rated_at,
            Rating.counted_hour,
            Rating.held_rule,
            Rating.device_run,
            Rating.device_ms,
            Rating.visit_ms,
            Service.code.label("service"),
        )
        .outerjoin(Service, Service.id == Rating.service_id)
        .where(
            Rating.center_id == center.id,
            Rating.counted_on == day,
            Rating.tablet_id.is_not(None),
        )
        .order_by(Rating.tablet_id, Rating.sequence)
    ):
        tablet = tablets.setdefault(row.tablet_id, WatchedTablet(row.touchpoint_id))
        if row.sequence is not None:
            tablet.sequences.append(row.sequence)
        if row.held_rule is not None and row.held_rule.partition("/")[0] not in DAY_RULES:
            continue
        # In UTC, so that a day on which the clocks change has no jump.
        since_midnight = (row.rated_at - midnight).total_seconds()
        press = Press(
            row.submission_id.hex,
            since_midnight,
            row.score,
            row.sequence,
            *_by_counter(row.device_run, row.device_ms, row.visit_ms),
        )
        tablet.presses.append(press)
        if row.service is not None:
            counters[row.service, row.counted_hour].append(press)
    for tablet_id, tablet in tablets.items():
        _look_around(session, tablet_id, tablet)
        tablet.visits_by_hour = by_place.get(tablet.touchpoint_id, {})
    watched.tablets = list(tablets.values())
    watched.counters = dict(counters)
    return watched


def _by_counter(
    run: UUID | None, began_ms: int | None, lasted_ms: int | None
) -> tuple[str | None, float | None, float | None]:
    """The run of the page, and in its seconds where the visit began and ended."""
    if run is None or began_ms is None:
        return None, None, None
    return run.hex, began_ms / 1000, (began_ms + (lasted_ms or 0)) / 1000


def _look_around(session: Session, tablet_id: int, tablet: WatchedTablet) -> None:
    """Fill in the number before the day's, and numbers between that count for another day."""
    if not tablet.sequences:
        return
    lowest, highest = min(tablet.sequences), max(tablet.sequences)
    tablet.already = session.scalar(
        select(func.max(Rating.sequence)).where(
            Rating.tablet_id == tablet_id, Rating.sequence < lowest
        )
    )
    tablet.sequences = list(
        session.scalars(
            select(Rating.sequence).where(
                Rating.tablet_id == tablet_id, Rating.sequence.between(lowest, highest)
            )
        )
    )


def _visits(session: Session, center: Center, day: date) -> dict[tuple[str, int], int]:
    rows = session.execute(
        select(Service.code, VisitHour.hour, VisitHour.served)
        .join(Service, Service.id == VisitHour.service_id)
        .where(VisitHour.center_id == center.id, VisitHour.day == day)
    )
    return {(code, hour): served for code, hour, served in rows}


def _visits_by_place(
    session: Session, center: Center, visits: dict[tuple[str, int], int]
) -> dict[int, dict[int, int]]:
    """People served by hour where each tablet stands: at its service's counter, or in the hall."""
    if not visits:
        return {}
    places = session.execute(
        select(Touchpoint.id, Service.code)
        .outerjoin(Service, Service.id == Touchpoint.service_id)
        .where(Touchpoint.center_id == center.id, Touchpoint.channel == "tablet")
    )
    by_place: dict[int, dict[int, int]] = {}
    for touchpoint_id, service in places:
        hours = by_place.setdefault(touchpoint_id, {})
        for (code, hour), served in visits.items():
            if service in {code, None}:
                hours[hour] = hours.get(hour, 0) + served
    return by_place


def load_turnout(session: Session, center: Center, month: Month) -> list[tuple[int, int, int]]:
    """(answered, satisfied, served) of each day of the month that has both."""
    served = (
        select(VisitCount.day, func.sum(VisitCount.served).label("served"))
        .where(
            VisitCount.center_id == center.id,
            VisitCount.day.between(month.first_day, month.last_day),
        )
        .group_by(VisitCount.day)
        .subquery()
    )
    rows = session.execute(
        select(DayTally, served.c.served)
        .join(served, served.c.day == DayTally.day)
        .where(DayTally.center_id == center.id)
        .order_by(DayTally.day)
    )
    return [
        (ScoreTally(row.scores).base, ScoreTally(row.scores).top_two, int(people))
        for row, people in rows
    ]


def load_channels(
    session: Session, center: Center, month: Month, months: int
) -> list[tuple[ScoreTally, ScoreTally]]:
    """(tablets, reference) of this month and of so many before it, oldest first.

    The reference are the verified ratings of any channel, once there are enough to judge by; then
    tablets are those without a ticket, or a rating would stand on both sides. Until then it is
    what came by QR code. It is one for all the months, or the change from the one to the other
    would look like stuffing.
    """
    asked = [month]
    while len(asked) <= months:
        asked.insert(0, asked[0].previous())
    rows = session.scalars(
        select(ChannelTally).where(
            ChannelTally.center_id == center.id,
            ChannelTally.month.between(asked[0].first_day, month.first_day),
        )
    ).all()
    by_ticket: Counter[date] = Counter()
    for row in rows:
        by_ticket[row.month] += ScoreTally(row.scores).base if row.verified else 0
    are_tickets = _can_judge([by_ticket[each.first_day] for each in asked])
    tablets: defaultdict[date, ScoreTally] = defaultdict(ScoreTally)
    reference: defaultdict[date, ScoreTally] = defaultdict(ScoreTally)
    for row in rows:
        if row.verified and are_tickets:
            reference[row.month] += ScoreTally(row.scores)
        elif row.channel == "tablet":
            tablets[row.month] += ScoreTally(row.scores)
        elif not are_tickets:
            reference[row.month] += ScoreTally(row.scores)
    return [(tablets[each.first_day], reference[each.first_day]) for each in asked]


def _can_judge(ratings: Sequence[int]) -> bool:
    """Whether so many ratings a month, oldest first, are a reference for the last month."""
    # numpy comes along: only a worker that checks loads it.
    from analysis.integrity_months import LEAST_BASELINE, LEAST_RATINGS

    *earlier, this = (count >= LEAST_RATINGS for count in ratings)
    return this and sum(earlier) >= LEAST_BASELINE


def load_counted(session: Session, center: Center, month: Month) -> ScoreTally:
    """What counts of the month."""
    rows = session.scalars(
        select(ChannelTally).where(
            ChannelTally.center_id == center.id, ChannelTally.month == month.first_day
        )
    )
    return total(ScoreTally(row.scores) for row in rows)


def load_void(session: Session, center: Center, month: Month) -> ScoreTally:
    """What was voided of the month, but for what citizens withdrew: nobody chose those."""
    counts = dict(
        session.execute(
            select(Rating.score, func.count())
            .where(
                Rating.center_id == center.id,
                Rating.counted_on.between(month.first_day, month.last_day),
                Rating.state == "void",
                or_(Rating.held_rule.is_(None), ~Rating.held_rule.startswith("withdrawn/")),
            )
            .group_by(Rating.score)
        ).all()
    )
    return tally_of(counts)


def load_answers(
    session: Session, center: Center, month: Month
) -> Iterator[tuple[int, list[Answered], list[Answered]]]:
    """For each tablet's place: its ratings' answers, and those of the center's other tablets.

    Only the survey version that most of the month's ratings answered, and only ratings that name
    a service and count.
    """
    of_month = (
        Rating.center_id == center.id,
        Rating.counted_on.between(month.first_day, month.last_day),
        Rating.channel == "tablet",
        Rating.state == "counted",
        Rating.service_id.is_not(None),
    )
    version_id = session.scalar(
        select(Rating.survey_version_id)
        .where(*of_month)
        .group_by(Rating.survey_version_id)
        .order_by(func.count().desc())
        .limit(1)
    )
    in_version = (*of_month, Rating.survey_version_id == version_id)
    chosen: defaultdict[object, dict[str, list[str]]] = defaultdict(dict)
    for submission_id, question, option in session.execute(
        select(Answer.submission_id, Question.code, Option.code)
        .join(Rating, Rating.submission_id == Answer.submission_id)
        .join(Option, Option.id == Answer.option_id)
        .join(Question, Question.id == Option.question_id)
        .where(*in_version)
        .order_by(Question.position, Option.position)
    ):
        chosen[submission_id].setdefault(question, []).append(option)
    questions = sorted({question for answers in chosen.values() for question in answers})
    by_place: defaultdict[int, list[Answered]] = defaultdict(list)
    for submission_id, touchpoint_id, service, score in session.execute(
        select(Rating.submission_id, Rating.touchpoint_id, Service.code, Rating.score)
        .join(Service, Service.id == Rating.service_id)
        .where(*in_version)
        .order_by(Rating.submission_id)
    ):
        answers = chosen[submission_id]
        said = (score, *(" ".join(answers.get(question, ())) or None for question in questions))
        by_place[touchpoint_id].append((service, said))
    for touchpoint_id, watched in sorted(by_place.items()):
        others = [
            each for place, those in by_place.items() if place != touchpoint_id for each in those
        ]
        yield touchpoint_id, watched, others
