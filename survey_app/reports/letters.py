"""The letter that says a report is out: figures and a link, never a comment."""

from datetime import datetime

from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.report import SatisfactionReport
from analysis.sentences import ReportText
from survey_app.i18n import wording
from survey_app.models import Center, Membership, OutgoingMail, User


def announce(
    session: Session, report: SatisfactionReport, center: Center, now: datetime, base_url: str
) -> None:
    """Queue a letter to each manager of the center, in the manager's language."""
    managers = session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.center_id == center.id, Membership.role == "manager", User.active)
    )
    for manager in managers:
        words = wording(manager.language)
        address = f"{base_url.rstrip('/')}/reports/{center.slug}/{report.month}"
        session.add(
            OutgoingMail(
                recipient=manager.email,
                subject=words.text(
                    "%(center)s: satisfaction in %(month)s",
                    center=words.name(center.name),
                    month=words.month(report.month),
                ),
                body=render_template(
                    "mail/report_published.txt", text=ReportText(report, words), address=address
                ),
                created_at=now,
                due_at=now,
            )
        )
