"""What the pages of this room show: alerts, proposals, and the ratings they speak of."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, selectinload

from analysis.months import Month
from analysis.tally import ScoreTally
from survey_app.access import known_number
from survey_app.errors import NotFound
from survey_app.models import (
    Center,
    ChannelTally,
    IntegrityAlert,
    Rating,
    Ruling,
    RulingRating,
    Touchpoint,
    User,
)
from survey_app.tallies import tally_of

# So many ratings are shown, and decided on, at once.
SHOWN = 300
# So many acknowledged alerts and decided rulings are shown beside the open ones.
SETTLED_SHOWN = 20


@dataclass(frozen=True)
class SetAsideRow:
    """What one rule set aside in a month: how many are held and void, and their scores."""

    rule: str
    held: int
    void: int
    tally: ScoreTally


@dataclass(frozen=True)
class SetAsideMonth:
    """A month's ratings that count, and what was set aside, rule by rule."""

    counted: ScoreTally
    rows: tuple[SetAsideRow, ...]

    @property
    def everything(self) -> ScoreTally:
        """What counts and what was set aside together."""
        return sum((row.tally for row in self.rows), self.counted)


@dataclass(frozen=True)
class Named:
    """An alert with the place it speaks of (None: the whole center) and who acknowledged it."""

    alert: IntegrityAlert
    place: Touchpoint | None
    acknowledged_by: str | None


@dataclass(frozen=True)
class Decision:
    """A ruling with its people; `proposed_by` is None where a rule decided by itself."""

    ruling: Ruling
    ratings: int
    proposed_by: str | None
    decided_by: str | None


def count_open(session: Session, centers: Sequence[Center]) -> dict[int, tuple[int, int]]:
    """For each center: open alerts, and proposals that wait for a second person."""
    ids = [center.id for center in centers]
    alerts = _count_by_center(
        session, IntegrityAlert.center_id, ids, IntegrityAlert.acknowledged_at.is_(None)
    )
    proposals = _count_by_center(session, Ruling.center_id, ids, Ruling.stage == "proposed")
    return {each: (alerts.get(each, 0), proposals.get(each, 0)) for each in ids}


def _count_by_center(
    session: Session,
    column: InstrumentedAttribute[int],
    ids: list[int],
    is_open: ColumnElement[bool],
) -> dict[int, int]:
    rows = session.execute(
        select(column, func.count()).where(column.in_(ids), is_open).group_by(column)
    )
    return dict(rows.all())


def alerts_of(session: Session, center: Center) -> list[Named]:
    """The center's alerts: all open ones, then the newest acknowledged ones."""
    statement = (
        select(IntegrityAlert, Touchpoint, User.email)
        .outerjoin(Touchpoint, Touchpoint.id == IntegrityAlert.touchpoint_id)
        .outerjoin(User, User.id == IntegrityAlert.acknowledged_by)
        .where(IntegrityAlert.center_id == center.id)
        .order_by(IntegrityAlert.day.desc(), IntegrityAlert.p_value, IntegrityAlert.id)
    )
    is_open = IntegrityAlert.acknowledged_at.is_(None)
    rows = [
        *session.execute(statement.where(is_open)),
        *session.execute(statement.where(~is_open).limit(SETTLED_SHOWN)),
    ]
    return [Named(*row) for row in rows]


def get_alert(session: Session, center: Center, alert_id: int) -> Named:
    """One alert of the center; raises NotFound when it has none with this number."""
    row = session.execute(
        select(IntegrityAlert, Touchpoint, User.email)
        .outerjoin(Touchpoint, Touchpoint.id == IntegrityAlert.touchpoint_id)
        .outerjoin(User, User.id == IntegrityAlert.acknowledged_by)
        .where(IntegrityAlert.id == known_number(alert_id), IntegrityAlert.center_id == center.id)
    ).first()
    if row is None:
        raise NotFound
    return Named(*row)


def rulings_of(session: Session, center: Center, alert: IntegrityAlert | None) -> list[Decision]:
    """Decisions of a center, open proposals first, then the newest; or all on one alert."""
    statement = _decisions().where(Ruling.center_id == center.id)
    if alert is not None:
        statement = statement.where(Ruling.alert_id == alert.id)
    is_open = Ruling.stage == "proposed"
    settled = statement.where(~is_open)
    if alert is None:
        # What a rule held by itself stands beside its alert.
        settled = settled.where(Ruling.kind != "hold").limit(SETTLED_SHOWN)
    rows = [*session.execute(statement.where(is_open)), *session.execute(settled)]
    return [Decision(*row) for row in rows]


def get_proposal(session: Session, center: Center, ruling_id: int) -> Decision:
    """One proposal to void, open or decided; raises NotFound when the center has none such."""
    row = session.execute(
        _decisions()
        .where(
            Ruling.id == known_number(ruling_id),
            Ruling.center_id == center.id,
            Ruling.kind == "void",
        )
        .options(selectinload(Ruling.ratings))
    ).first()
    if row is None:
        raise NotFound
    return Decision(*row)


def _decisions() -> Select[Any]:
    proposer, decider = aliased(User), aliased(User)
    size = (
        select(func.count())
        .where(RulingRating.ruling_id == Ruling.id)
        .correlate(Ruling)
        .scalar_subquery()
    )
    return (
        select(Ruling, size, proposer.email, decider.email)
        .outerjoin(proposer, proposer.id == Ruling.proposed_by)
        .outerjoin(decider, decider.id == Ruling.decided_by)
        .order_by(Ruling.proposed_at.desc(), Ruling.id.desc())
    )


def set_aside_in(session: Session, center: Center, month: Month) -> SetAsideMonth:
    """What counts in a month and what was set aside, by the rule that held it."""
    scores: defaultdict[str, Counter[int]] = defaultdict(Counter)
    states: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for rule, state, score, count in session.execute(
        select(Rating.held_rule, Rating.state, Rating.score, func.count())
        .where(*_of_month(center, month), Rating.state != "counted")
        .group_by(Rating.held_rule, Rating.state, Rating.score)
    ):
        scores[rule or state][score] += count
        states[rule or state][state] += count
    counted = session.scalars(
        select(ChannelTally).where(
            ChannelTally.center_id == center.id, ChannelTally.month == month.first_day
        )
    )
    return SetAsideMonth(
        counted=sum((ScoreTally(row.scores) for row in counted), ScoreTally()),
        rows=tuple(
            SetAsideRow(rule, states[rule]["held"], states[rule]["void"], tally_of(counts))
            for rule, counts in sorted(scores.items())
        ),
    )


def set_aside_ratings(
    session: Session, center: Center, month: Month, rule: str
) -> list[Row[tuple[Rating, Touchpoint]]]:
    """The newest ratings of a month that this rule holds, then those of them that were voided."""
    by_rule = Rating.held_rule == rule
    if rule == "void":
        by_rule = Rating.held_rule.is_(None)
    return list(
        session.execute(
            select(Rating, Touchpoint)
            .join(Touchpoint, Touchpoint.id == Rating.touchpoint_id)
            .where(*_of_month(center, month), Rating.state != "counted", by_rule)
            # What is void is decided for good, and must not hide what is not.
            .order_by(Rating.state == "void", Rating.rated_at.desc(), Rating.submission_id)
            .limit(SHOWN)
        )
    )


def _of_month(center: Center, month: Month) -> tuple[ColumnElement[bool], ...]:
    return (
        Rating.center_id == center.id,
        Rating.counted_on.between(month.first_day, month.last_day),
    )


def ratings_named(
    session: Session, center: Center, ids: Sequence[UUID]
) -> list[Row[tuple[Rating, Touchpoint]]]:
    """These ratings of the center with their places: held ones first, then those that count, then
    void ones, each in the order they were given."""
    return list(
        session.execute(
            select(Rating, Touchpoint)
            .join(Touchpoint, Touchpoint.id == Rating.touchpoint_id)
            .where(Rating.center_id == center.id, Rating.submission_id.in_(ids))
            .order_by(
                Rating.state != "held",
                Rating.state == "void",
                Rating.rated_at,
                Rating.submission_id,
            )
            .limit(SHOWN)
        )
    )


def presses_of_day(
    session: Session, center: Center, touchpoint_id: int, day: date
) -> list[tuple[UUID, datetime, int]]:
    """(rating, when, score) of everything pressed at one place on one day, in order."""
    rows = session.execute(
        select(Rating.submission_id, Rating.rated_at, Rating.score)
        .where(
            Rating.center_id == center.id,
            Rating.counted_on == day,
            Rating.touchpoint_id == touchpoint_id,
        )
        .order_by(Rating.rated_at)
    )
    return [(rating, when, score) for rating, when, score in rows]


def proposed_among(session: Session, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ratings that an open proposal speaks of."""
    return set(
        session.scalars(
            select(RulingRating.submission_id)
            .join(Ruling, Ruling.id == RulingRating.ruling_id)
            .where(RulingRating.submission_id.in_(ids), Ruling.stage == "proposed")
        )
    )
