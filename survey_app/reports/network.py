"""The network's month: frozen when every center's is, and again when one of them is revised."""

from collections import defaultdict
from datetime import UTC, date, datetime, time
from typing import NamedTuple

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from analysis.months import Month
from analysis.network import NetworkReport as NetworkValue
from analysis.network import build_network_report
from survey_app.access import known_number
from survey_app.errors import NotFound
from survey_app.extensions import begin_snapshot, begin_writing
from survey_app.models import AuditEvent, ChannelTally, NetworkReport, Report
from survey_app.reports.freezing import NotStored, freeze, store, thaw
from survey_app.reports.publishing import failure_words, read_report

log = structlog.get_logger()

_FAILED = "network_report_failed"


class NetworkFailure(NamedTuple):
    """A month that is due and could not be put together, since when, and why."""

    month: Month
    failed_at: datetime
    problem: str


def publish_network_due(session: Session, now: datetime, since: Month) -> int:
    """Publish every month from `since` on that is complete and not published as it now stands,
    each in a transaction of its own; how many were published."""
    published = 0
    for month, _ in due_network_months(session, since):
        session.rollback()
        begin_snapshot(session, writes=True)
        try:
            row = _publish_if_due(session, month, now)
            session.commit()
        except Exception as problem:
            session.rollback()
            if isinstance(problem, NotStored) and _is_stored(session, month, problem.revision):
                continue
            if isinstance(problem, DBAPIError) and not isinstance(problem, IntegrityError):
                # A database out of reach says nothing of this month.
                raise
            # What is wrong with one month must not keep the others from being published.
            session.rollback()
            if _note_failure(session, month, problem, now):
                log.exception("network month not published", month=str(month))
            continue
        if row is None:
            continue
        log.info("network report published", month=str(month), n=row.revision)
        published += 1
    session.rollback()
    return published


def _is_stored(session: Session, month: Month, revision: int) -> bool:
    newest = find_network_report(session, month)
    return newest is not None and newest.revision >= revision


def _note_failure(session: Session, month: Month, problem: Exception, now: datetime) -> bool:
    """Put into the trail why a month could not be published; whether that is news."""
    words = failure_words(problem)
    begin_writing(session)
    made_of = dict(due_network_months(session, month)).get(month)
    known = {(each.month, each.problem) for each in failed_network_months(session, month)}
    if made_of is None or (month, words) in known:
        session.rollback()
        return False
    detail = {"month": str(month), "problem": words, "made_of": made_of}
    session.add(AuditEvent(happened_at=now, action=_FAILED, detail=detail))
    session.commit()
    return True


def failed_network_months(session: Session, since: Month) -> list[NetworkFailure]:
    """The months that are due as they now stand, and could not be published so, oldest first.

    What failed is in the trail with the reports it was to be made of: once these are others, or
    the month is published, it has not failed any longer.
    """
    due = dict(due_network_months(session, since))
    if not due:
        return []
    begun = datetime.combine(since.first_day, time(), UTC)
    events = session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.center_id.is_(None),
            AuditEvent.happened_at >= begun,
            AuditEvent.action == _FAILED,
        )
        .order_by(AuditEvent.id)
    )
    failures: dict[Month, NetworkFailure] = {}
    for each in events:
        month = Month.parse(each.detail["month"])
        if due.get(month) == each.detail["made_of"]:
            # The last word counts: another problem may have come after the first.
            failures[month] = NetworkFailure(month, each.happened_at, each.detail["problem"])
    return [failures[month] for month in sorted(failures)]


def _publish_if_due(session: Session, month: Month, now: datetime) -> NetworkReport | None:
    # Since it was seen to be due, a center may have been revised, and another worker may have put
    # the month together so: what is older must not come after it.
    made_of = dict(due_network_months(session, month)).get(month)
    return None if made_of is None else publish_network(session, month, made_of, now)


def due_network_months(session: Session, since: Month) -> list[tuple[Month, list[int]]]:
    """Months whose centers with ratings have all been published, not yet put together so."""
    rated: defaultdict[date, set[int]] = defaultdict(set)
    for month, center_id in session.execute(
        select(ChannelTally.month, ChannelTally.center_id)
        .where(ChannelTally.month >= since.first_day)
        .distinct()
    ):
        rated[month].add(center_id)
    newest: defaultdict[date, dict[int, int]] = defaultdict(dict)
    for month, center_id, report_id in session.execute(
        select(Report.month, Report.center_id, Report.id)
        .where(Report.month >= since.first_day)
        .order_by(Report.revision)
    ):
        # Later revisions take the place of earlier ones.
        newest[month][center_id] = report_id
    rows = session.execute(
        select(NetworkReport.month, NetworkReport.made_of)
        .where(NetworkReport.month >= since.first_day)
        .order_by(NetworkReport.revision)
    )
    made = dict(rows.all())
    return [
        (Month.of(month), sorted(reports.values()))
        for month, reports in sorted(newest.items())
        if rated[month] <= reports.keys() and made.get(month) != sorted(reports.values())
    ]


def publish_network(
    session: Session, month: Month, made_of: list[int], now: datetime
) -> NetworkReport | None:
    """Freeze the network's month, made of these reports, as its next revision.

    None when it stands so already: another worker was first. Raises ValueError when a report is
    not what was published, NotStored when the database refuses the revision.
    """
    last = find_network_report(session, month)
    if last is not None and last.made_of == made_of:
        return None
    revision = 1 if last is None else last.revision + 1
    reports = session.scalars(select(Report).where(Report.id.in_(made_of)))
    value = build_network_report([read_report(row) for row in reports], revision=revision)
    row = NetworkReport(
        month=month.first_day,
        revision=revision,
        made_of=made_of,
        published_at=now,
        **freeze(value.to_dict()),
    )
    store(session, row)
    session.add(
        AuditEvent(
            happened_at=now,
            action="network_report_published",
            detail={"month": str(month), "revision": revision, "made_of": made_of},
        )
    )
    return row


def find_network_report(
    session: Session, month: Month, revision: int | None = None
) -> NetworkReport | None:
    """One revision of the network's month, the newest unless told; None when there is none."""
    statement = select(NetworkReport).where(NetworkReport.month == month.first_day)
    if revision is not None:
        statement = statement.where(NetworkReport.revision == revision)
    return session.scalar(statement.order_by(NetworkReport.revision.desc()).limit(1))


def get_network_report(
    session: Session, month: Month, revision: int | None = None
) -> NetworkReport:
    """As `find_network_report`; raises NotFound when there is none."""
    known = None if revision is None else known_number(revision)
    row = find_network_report(session, month, known)
    if row is None:
        raise NotFound
    return row


def network_months(session: Session) -> list[NetworkReport]:
    """The newest revision of every published month, newest month first."""
    rows = session.scalars(
        select(NetworkReport).order_by(NetworkReport.month.desc(), NetworkReport.revision.desc())
    )
    newest: dict[date, NetworkReport] = {}
    for row in rows:
        newest.setdefault(row.month, row)
    return list(newest.values())


def read_network_report(row: NetworkReport) -> NetworkValue:
    """The frozen value of a row.

    Raises ValueError when the stored text is no longer what its digest was made from.
    """
    return NetworkValue.from_dict(thaw(row))
