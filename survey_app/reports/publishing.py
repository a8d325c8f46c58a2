"""Publishing: a month is frozen as a numbered revision, again when its figures have moved."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from analysis.months import Month
from analysis.report import SatisfactionReport, build_report
from survey_app.extensions import begin_snapshot
from survey_app.figures import MONTHS_SHOWN, Edition, counted_until, load_inputs
from survey_app.models import AuditEvent, Center, ChannelTally, Report
from survey_app.models.ratings import SENTIMENTS
from survey_app.reports.letters import announce
from survey_app.tallies import COUNTERS

log = structlog.get_logger()


def due_months(
    session: Session, now: datetime, publish_after_days: int
) -> Iterator[tuple[Center, Month]]:
    """Centers and months that are over, wholly read, and not published as they now stand.

    A month is over `publish_after_days` after its last day, on the center's own clock, so
    that tablets without a network can still report.
    """
    oldest = Month.of(now.date())
    for _ in range(MONTHS_SHOWN):
        oldest = oldest.previous()
    published = _published_counters(session, oldest.first_day)
    for center in session.scalars(select(Center).order_by(Center.number)):
        today = now.astimezone(ZoneInfo(center.time_zone)).date()
        for first_day, counters in _counters(session, center, oldest.first_day):
            month = Month.of(first_day)
            is_over = today > month.last_day + timedelta(days=publish_after_days)
            if (
                is_over
                and _all_read(counters)
                and published.get((center.id, first_day)) != counters
            ):
                yield center, month


def publish_due(session: Session, now: datetime, publish_after_days: int, base_url: str) -> int:
    """Publish every due month, each in a transaction of its own; how many were published."""
    published = 0
    for center, month in list(due_months(session, now, publish_after_days)):
        slug = center.slug
        session.rollback()
        begin_snapshot(session, writes=True)
        try:
            report = publish_month(session, center, month, now)
            if report is not None:
                announce(session, read_report(report), center, now, base_url)
            session.commit()
        except IntegrityError:
            # Another worker published this revision first; it has also sent the letters.
            session.rollback()
            continue
        except ValueError as problem:
            # What is wrong with one month must not keep the others from being published.
            session.rollback()
            log.error("month not published", center=slug, month=str(month), problem=str(problem))
            continue
        if report is not None:
            log.info("report published", center=slug, month=str(month), n=report.revision)
            published += 1
    session.rollback()
    return published


def publish_month(session: Session, center: Center, month: Month, now: datetime) -> Report | None:
    """Freeze the month as its next revision; None when nothing moved since the last one."""
    last = newest_report(session, center, month)
    edition = Edition(counted_until(center, month, now))
    if last is not None:
        edition = Edition(edition.counted_until, last.revision + 1, "late_ratings")
    report = build_report(load_inputs(session, center, month, edition))
    counters = dict(_counters(session, center, month.first_day)).get(month.first_day)
    if last is not None:
        before = read_report(last)
        if before.passport.data_hash == report.passport.data_hash:
            return None
        if before.headline.tally == report.headline.tally:
            # The ratings are the same; what is known about them was put right.
            edition = Edition(edition.counted_until, edition.revision, "corrected")
            report = build_report(load_inputs(session, center, month, edition))
    value = json.dumps(report.to_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    row = Report(
        center_id=center.id,
        month=month.first_day,
        revision=edition.revision,
        reason=edition.reason,
        value=value,
        digest=hashlib.sha256(value.encode()).digest(),
        counters=counters or [0] * len(COUNTERS),
        published_at=now,
    )
    session.add(row)
    session.add(
        AuditEvent(
            happened_at=now,
            action="report_published",
            center_id=center.id,
            detail={"month": str(month), "revision": edition.revision, "reason": edition.reason},
        )
    )
    return row


def newest_report(session: Session, center: Center, month: Month) -> Report | None:
    """The last published revision of a month, or None."""
    return session.scalar(
        select(Report)
        .where(Report.center_id == center.id, Report.month == month.first_day)
        .order_by(Report.revision.desc())
        .limit(1)
    )


def read_report(row: Report) -> SatisfactionReport:
    """The frozen value of a row.

    Raises ValueError when the stored text is no longer what its digest was made from.
    """
    if hashlib.sha256(row.value.encode()).digest() != row.digest:
        raise ValueError(f"report {row.id} does not match its digest")
    return SatisfactionReport.from_dict(json.loads(row.value))


def _counters(session: Session, center: Center, since: date) -> Iterator[tuple[date, list[int]]]:
    sums = [func.sum(getattr(ChannelTally, name)) for name in COUNTERS]
    for first_day, *counters in session.execute(
        select(ChannelTally.month, *sums)
        .where(ChannelTally.center_id == center.id, ChannelTally.month >= since)
        .group_by(ChannelTally.month)
        .order_by(ChannelTally.month)
    ):
        yield first_day, [int(counter) for counter in counters]


def _published_counters(session: Session, since: date) -> dict[tuple[int, date], list[int]]:
    rows = session.execute(
        select(Report.center_id, Report.month, Report.counters)
        .where(Report.month >= since)
        .order_by(Report.revision)
    )
    # Later revisions overwrite earlier ones.
    return {(center_id, month): counters for center_id, month, counters in rows}


def _all_read(counters: list[int]) -> bool:
    by_name = dict(zip(COUNTERS, counters, strict=True))
    return by_name["comments"] == sum(by_name[name] for name in SENTIMENTS)
