"""What reports there are, and which months are over without one."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased, defer

from analysis.months import Month
from survey_app.access import known_number
from survey_app.errors import NotFound
from survey_app.figures import MONTHS_SHOWN
from survey_app.models import (
    Center,
    ChannelTally,
    GroupServed,
    PublishFailure,
    Report,
    VisitCount,
    VisitMonth,
)
from survey_app.models.ratings import SENTIMENTS
from survey_app.tallies import COUNTERS

Key = tuple[int, date]

# A delivery of visits that began before a report and was stored after it is looked at again.
_OVERLAP = timedelta(hours=1)
_other = aliased(Report)


class Published(NamedTuple):
    """The newest revision of a month, without its value."""

    counters: list[int]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """A month that is over and has ratings, and is not published yet.

    Days are those of the center's calendar. On `publishes_on` it publishes itself, once all its
    comments are read; `unread` of them are not. `failure` is why it could not be published.
    """

    month: Month
    publishes_on: date
    today: date
    unread: int
    failure: PublishFailure | None

    @property
    def is_overdue(self) -> bool:
        """Whether the day on which it was to be published has passed."""
        return self.today > self.publishes_on

    @property
    def days_left(self) -> int:
        """Days until it publishes itself; 0 on that day and later."""
        return max(0, (self.publishes_on - self.today).days)


def publishing_day(month: Month, publish_after_days: int) -> date:
    """The first day on which a month publishes itself: so many whole days after its last one."""
    return month.last_day + timedelta(days=publish_after_days + 1)


def oldest_month(now: datetime) -> Month:
    """The first of the months that are published and kept up to date."""
    oldest = Month.of(now.date())
    for _ in range(MONTHS_SHOWN):
        oldest = oldest.previous()
    return oldest


# --- published -------------------------------------------------------------------------------


def newest_by_center(session: Session, centers: Sequence[Center]) -> dict[int, Report]:
    """The newest revision of each center's newest published month."""
    newest_month = (
        select(func.max(_other.month)).where(_other.center_id == Report.center_id).scalar_subquery()
    )
    rows = session.scalars(
        select(Report).where(
            Report.center_id.in_([center.id for center in centers]),
            Report.month == newest_month,
            _is_newest(),
        )
    )
    return {row.center_id: row for row in rows}


def all_of_center(session: Session, center: Center) -> list[tuple[Report, list[Report]]]:
    """Each month's newest revision with the older ones, newest first; these without their value."""
    newest = session.scalars(
        select(Report)
        .where(Report.center_id == center.id, _is_newest())
        .order_by(Report.month.desc())
    )
    older: defaultdict[date, list[Report]] = defaultdict(list)
    for row in session.scalars(
        select(Report)
        .where(Report.center_id == center.id, ~_is_newest())
        .order_by(Report.revision.desc())
        .options(defer(Report.value, raiseload=True))
    ):
        older[row.month].append(row)
    return [(row, older[row.month]) for row in newest]


def _is_newest() -> ColumnElement[bool]:
    newest = (
        select(func.max(_other.revision))
        .where(_other.center_id == Report.center_id, _other.month == Report.month)
        .scalar_subquery()
    )
    return Report.revision == newest


def get_report(session: Session, center: Center, month: Month, revision: int | None) -> Report:
    """One revision of a month, the newest unless told; raises NotFound when there is none."""
    statement = select(Report).where(Report.center_id == center.id, Report.month == month.first_day)
    if revision is not None:
        statement = statement.where(Report.revision == known_number(revision))
    report = session.scalar(statement.order_by(Report.revision.desc()).limit(1))
    if report is None:
        raise NotFound
    return report


def revisions_of(session: Session, center: Center, month: Month) -> list[Report]:
    """Every revision of a month, the first one first."""
    return list(
        session.scalars(
            select(Report)
            .where(Report.center_id == center.id, Report.month == month.first_day)
            .order_by(Report.revision)
        )
    )


def newest_counters(session: Session, since: date) -> dict[Key, Published]:
    """What each published month was counted from when it was last published."""
    rows = session.execute(
        select(Report.center_id, Report.month, Report.counters, Report.published_at)
        .where(Report.month >= since)
        .order_by(Report.revision)
    )
    # Later revisions overwrite earlier ones.
    return {
        (center_id, month): Published(counters, published_at)
        for center_id, month, counters, published_at in rows
    }


# --- not published ---------------------------------------------------------------------------


def counted_months(
    session: Session, since: date, centers: Sequence[Center] | None = None
) -> dict[Key, list[int]]:
    """The sums of every tally counter of each month with ratings, of all centers unless told."""
    sums = [func.sum(getattr(ChannelTally, name)) for name in COUNTERS]
    statement = (
        select(ChannelTally.center_id, ChannelTally.month, *sums)
        .where(ChannelTally.month >= since)
        .group_by(ChannelTally.center_id, ChannelTally.month)
        .order_by(ChannelTally.center_id, ChannelTally.month)
    )
    if centers is not None:
        statement = statement.where(ChannelTally.center_id.in_([center.id for center in centers]))
    return {
        (center_id, month): [int(counter) for counter in counters]
        for center_id, month, *counters in session.execute(statement)
    }


def count_unread(counters: Sequence[int]) -> int:
    """How many of a month's comments are not read yet."""
    by_name = dict(zip(COUNTERS, counters, strict=False))
    return by_name["comments"] - sum(by_name[name] for name in SENTIMENTS)


def count_ratings(counters: Sequence[int]) -> int:
    """How many ratings a month has, whether they count or were set aside."""
    by_name = dict(zip(COUNTERS, counters, strict=False))
    scores = [by_name[f"score_{score}"] for score in range(1, 6)]
    return sum(scores) + by_name["held"] + by_name["void"]


def drafts(
    session: Session, centers: Sequence[Center], now: datetime, publish_after_days: int
) -> dict[int, list[Draft]]:
    """The months of each center that are over and not published, newest first."""
    since = oldest_month(now).first_day
    published = newest_counters(session, since)
    failures = failures_of(session, centers)
    by_id = {center.id: center for center in centers}
    found: defaultdict[int, list[Draft]] = defaultdict(list)
    for key, counters in counted_months(session, since, centers).items():
        month, today = Month.of(key[1]), by_id[key[0]].today(now)
        if today > month.last_day and key not in published:
            found[key[0]].append(
                Draft(
                    month,
                    publishing_day(month, publish_after_days),
                    today,
                    count_unread(counters),
                    failures.get(key),
                )
            )
    return {center_id: each[::-1] for center_id, each in found.items()}


def get_draft(
    session: Session, center: Center, month: Month, now: datetime, publish_after_days: int
) -> Draft:
    """A month of the center that is over and not published; raises NotFound for any other."""
    for draft in drafts(session, [center], now, publish_after_days).get(center.id, ()):
        if draft.month == month:
            return draft
    raise NotFound


def failures_of(session: Session, centers: Sequence[Center]) -> dict[Key, PublishFailure]:
    """The months that could not be published, for the first time or anew."""
    rows = session.scalars(
        select(PublishFailure)
        .where(PublishFailure.center_id.in_([center.id for center in centers]))
        .order_by(PublishFailure.month)
    )
    return {(row.center_id, row.month): row for row in rows}


# --- people served ---------------------------------------------------------------------------


def visit_marks(session: Session, center: Center, month: Month) -> list[int]:
    """Two numbers that change when a report's people served do: their sum (−1 when nobody counted
    them), and a fingerprint of how they are spread over services, days and groups."""
    in_month = (
        VisitCount.center_id == center.id,
        VisitCount.day.between(month.first_day, month.last_day),
    )
    spread = [
        [(str(part), int(served)) for part, served in rows]
        for column in (VisitCount.service_id, VisitCount.day)
        for rows in [
            session.execute(
                select(column, func.sum(VisitCount.served))
                .where(*in_month)
                .group_by(column)
                .order_by(column)
            )
        ]
    ]
    groups = session.execute(
        select(GroupServed.question, GroupServed.option, GroupServed.served).where(
            GroupServed.center_id == center.id, GroupServed.month == month.first_day
        )
    )
    told = json.dumps([*spread, sorted(map(list, groups))])
    served = sum(people for _, people in spread[0]) if spread[0] else -1
    # Six bytes are a whole number in every reader of JSON.
    return [served, int.from_bytes(hashlib.sha256(told.encode()).digest()[:6])]


def revisited_months(session: Session, published: dict[Key, Published]) -> Iterator[Key]:
    """Published months for which people served were delivered since.

    One row a center and month says so: to add up the visits, or to go through the trail of
    deliveries, would take longer with every center and year.
    """
    if not published:
        return
    rows = session.execute(
        select(VisitMonth.center_id, VisitMonth.month, VisitMonth.moved_at).where(
            VisitMonth.month >= min(month for _, month in published)
        )
    )
    for center_id, month, moved_at in rows:
        last = published.get((center_id, month))
        if last and moved_at > last.published_at - _OVERLAP:
            yield center_id, month
