"""Publishing: a month is frozen as a numbered revision, again when its figures have moved."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from analysis.building import build_report, data_hash
from analysis.months import Month
from analysis.report import PastRevision, SatisfactionReport
from survey_app.extensions import begin_snapshot, begin_writing
from survey_app.figures import Edition, counted_until, load_inputs
from survey_app.models import AuditEvent, Center, PublishFailure, Report
from survey_app.reports.freezing import NotStored, freeze, store, thaw
from survey_app.reports.letters import announce
from survey_app.reports.queries import (
    Key,
    count_ratings,
    count_unread,
    counted_months,
    newest_counters,
    oldest_month,
    publishing_day,
    revisions_of,
    revisited_months,
    visit_marks,
)
from survey_app.tallies import COUNTERS

log = structlog.get_logger()


def due_months(
    session: Session, now: datetime, publish_after_days: int
) -> Iterator[tuple[Center, Month]]:
    """Centers and months that are over, wholly read, and not published as they now stand.

    A month publishes itself `publish_after_days` after its last day, on the center's own clock,
    so that tablets without a network can still report. It is due again when a counter of its
    ratings moved, or people served were delivered that change its figures. All that is compared
    is part of what `data_hash` is made from: what is due makes a revision, and is due no longer.
    """
    since = oldest_month(now).first_day
    centers = {each.id: each for each in session.scalars(select(Center))}
    published = newest_counters(session, since)
    revisited = set(revisited_months(session, published))
    counted = counted_months(session, since)
    for key in sorted(counted, key=lambda each: (centers[each[0]].number, each[1])):
        center, month, counters = centers[key[0]], Month.of(key[1]), counted[key]
        if center.today(now) < publishing_day(month, publish_after_days):
            continue
        if count_unread(counters):
            continue
        marks = visit_marks(session, center, month) if key in revisited else []
        if key not in published or _moved(published[key].counters, counters + marks):
            yield center, month


def _moved(before: Sequence[int], counters: Sequence[int]) -> bool:
    """Whether any counter differs of those that both know: rows of earlier programs are shorter."""
    return any(one != other for one, other in zip(before, counters, strict=False))


def publish_due(session: Session, now: datetime, publish_after_days: int, base_url: str) -> int:
    """Publish every due month, each in a transaction of its own; how many were published."""
    due = list(due_months(session, now, publish_after_days))
    _forget_failures(session, {(center.id, month.first_day) for center, month in due})
    published = sum(publish_alone(session, *each, now, base_url) for each in due)
    session.rollback()
    return published


def publish_alone(
    session: Session,
    center: Center,
    month: Month,
    now: datetime,
    base_url: str,
    user_id: int | None = None,
) -> bool:
    """Publish a month and queue its letters in a transaction of its own; whether it was done.

    What keeps it from being published is kept as a PublishFailure. Another's revision that came
    first is none: it has also sent the letters. `user_id` is who asked for it, None for the worker.
    """
    center_id, slug = center.id, center.slug
    session.rollback()
    begin_snapshot(session, writes=True)
    try:
        row = publish_month(session, center, month, now, user_id)
        if row is not None:
            announce(session, read_report(row), center, now, base_url)
        session.commit()
    except Exception as problem:
        session.rollback()
        if isinstance(problem, NotStored) and _is_stored(session, center, month, problem.revision):
            return False
        if isinstance(problem, DBAPIError) and not isinstance(problem, IntegrityError):
            # A database out of reach says nothing of this month.
            raise
        # What is wrong with one month must not keep the others from being published.
        session.rollback()
        if _note_failure(session, (center_id, month.first_day), problem, now):
            log.exception("month not published", center=slug, month=str(month))
        return False
    if row is None:
        return False
    log.info("report published", center=slug, month=str(month), n=row.revision)
    return True


def _is_stored(session: Session, center: Center, month: Month, revision: int) -> bool:
    newest = newest_report(session, center, month)
    return newest is not None and newest.revision >= revision


def publish_month(
    session: Session, center: Center, month: Month, now: datetime, user_id: int | None = None
) -> Report | None:
    """Freeze the month as its next revision; None when nothing moved since the last one.

    Raises ValueError when the month is not over on the center's calendar, when its tallies do not
    add up, or when an earlier revision is not what was published; NotStored when the database
    refuses the revision.
    """
    if center.today(now) <= month.last_day:
        raise ValueError(f"{month} is not over in {center.slug}")
    earlier = revisions_of(session, center, month)
    inputs = load_inputs(session, center, month, _next_edition(center, month, now, earlier))
    counters = counted_months(session, month.first_day, [center]).get((center.id, month.first_day))
    counters = (counters or [0] * len(COUNTERS)) + visit_marks(session, center, month)
    if earlier:
        if read_report(earlier[-1]).passport.data_hash == data_hash(inputs):
            return None
        if count_ratings(counters) <= count_ratings(earlier[-1].counters):
            # The ratings are the same; what is known or decided about them was put right.
            inputs = replace(inputs, reason="corrected")
    report = build_report(inputs)
    row = Report(
        center_id=center.id,
        month=month.first_day,
        revision=inputs.revision,
        reason=inputs.reason,
        counters=counters,
        published_at=now,
        **freeze(report.to_dict()),
    )
    store(session, row)
    session.add(
        AuditEvent(
            happened_at=now,
            action="report_published",
            center_id=center.id,
            user_id=user_id,
            detail={"month": str(month), "revision": inputs.revision, "reason": inputs.reason},
        )
    )
    session.execute(
        delete(PublishFailure).where(
            PublishFailure.center_id == center.id, PublishFailure.month == month.first_day
        )
    )
    return row


def _next_edition(
    center: Center, month: Month, now: datetime, earlier: Sequence[Report]
) -> Edition:
    until = counted_until(center, month, now)
    if not earlier:
        return Edition(until)
    history, hidden = what_was_said(center, earlier)
    return Edition(until, earlier[-1].revision + 1, "late_ratings", history, hidden)


def what_was_said(
    center: Center, earlier: Sequence[Report]
) -> tuple[tuple[PastRevision, ...], tuple[str, ...]]:
    """The figures that these revisions gave, and all cells that any of them withheld.

    A newer revision withholds what an older one did, or the two together would give it away.
    """
    zone = ZoneInfo(center.time_zone)
    reports = [read_report(row) for row in earlier]
    history = tuple(
        PastRevision(
            revision=row.revision,
            published_on=row.published_at.astimezone(zone).date(),
            reason=report.passport.reason,
            satisfied=report.headline.satisfied,
            base=report.headline.tally.base,
            served=report.headline.served,
            set_aside=report.passport.set_aside,
        )
        for row, report in zip(earlier, reports, strict=True)
    )
    # A cell that has no ratings for a while is in no table then, and must not be forgotten.
    return history, tuple(sorted({cell for report in reports for cell in report.hidden}))


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
    return SatisfactionReport.from_dict(thaw(row))


def failure_words(problem: Exception) -> str:
    """What is kept of what went wrong, for whoever runs the installation."""
    return str(problem) if isinstance(problem, ValueError | NotStored) else repr(problem)


def _note_failure(session: Session, key: Key, problem: Exception, now: datetime) -> bool:
    """Keep why a month could not be published, and since when; whether that is news."""
    words = failure_words(problem)
    begin_writing(session)
    known = session.get(PublishFailure, key)
    is_news = known is None or known.problem != words
    if is_news:
        center_id, month = key
        failure = PublishFailure(center_id=center_id, month=month, problem=words, failed_at=now)
        session.merge(failure)
    try:
        session.commit()
    except IntegrityError:
        # Another worker met the same problem first.
        session.rollback()
    return is_news


def _forget_failures(session: Session, due: set[Key]) -> None:
    """Drop what kept months from being published that need not be published any longer."""
    failures = session.scalars(select(PublishFailure))
    settled = {(each.center_id, each.month) for each in failures} - due
    if not settled:
        return
    session.rollback()
    begin_writing(session)
    for key in sorted(settled):
        failure = session.get(PublishFailure, key)
        if failure is not None:
            session.delete(failure)
    session.commit()
