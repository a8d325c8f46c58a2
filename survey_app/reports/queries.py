"""What reports there are."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from analysis.months import Month
from survey_app.errors import NotFound
from survey_app.models import Center, Report

_other = aliased(Report)


def newest_by_center(session: Session, centers: list[Center]) -> dict[int, Report]:
    """The newest revision of each center's newest published month."""
    rows = session.scalars(
        select(Report)
        .where(Report.center_id.in_([center.id for center in centers]))
        .order_by(Report.month, Report.revision)
        .where(
            Report.month
            == select(func.max(_other.month))
            .where(_other.center_id == Report.center_id)
            .scalar_subquery()
        )
    )
    return {row.center_id: row for row in rows}


def all_of_center(session: Session, center: Center) -> list[Report]:
    """Every revision of every month of a center, newest first."""
    return list(
        session.scalars(
            select(Report)
            .where(Report.center_id == center.id)
            .order_by(Report.month.desc(), Report.revision.desc())
        )
    )


def get_report(session: Session, center: Center, month: Month, revision: int | None) -> Report:
    """One revision of a month, the newest unless told; raises NotFound when there is none."""
    statement = select(Report).where(Report.center_id == center.id, Report.month == month.first_day)
    if revision is not None:
        # The column holds 32 bits; SQLite raises an OverflowError for a number beyond 64.
        if revision.bit_length() > 31:
            raise NotFound
        statement = statement.where(Report.revision == revision)
    report = session.scalar(statement.order_by(Report.revision.desc()).limit(1))
    if report is None:
        raise NotFound
    return report
