"""What the dashboard shows beside the figures: the comments somebody should read today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.models import LANGUAGES, Center, CommentReading, Rating, Service, Touchpoint

# So many days are looked back at, today included (the page says it in words), and so many
# comments are shown.
DAYS = 30
SHOWN = 20


@dataclass(frozen=True)
class UrgentComment:
    """A comment that the reader took for urgent, and where it comes from.

    `reason` is one of models.ratings.URGENCIES; `language` is None where it is mixed or unknown.
    """

    reason: str
    text: str
    language: str | None
    day: date
    score: int
    channel: str
    place: Mapping[str, str]
    service_code: str | None
    service: Mapping[str, str] | None


@dataclass(frozen=True)
class UrgentComments:
    """The newest urgent comments, and how many older ones of the same days are not shown."""

    shown: tuple[UrgentComment, ...]
    more: int


def urgent_comments(session: Session, center: Center, today: date) -> UrgentComments:
    """The center's urgent comments of the last DAYS days on its calendar, newest first.

    Set aside or not, a comment is shown: a threat is one in a rating that does not count, too.
    Erased ones and those of voided ratings are not.
    """
    rows = session.execute(
        select(
            CommentReading.urgent,
            CommentReading.language,
            Rating,
            Touchpoint,
            Service,
            func.count().over().label("total"),
        )
        .select_from(CommentReading)
        .join(Rating, Rating.submission_id == CommentReading.submission_id)
        .join(Touchpoint, Touchpoint.id == Rating.touchpoint_id)
        .outerjoin(Service, Service.id == Rating.service_id)
        .where(
            # Driven by the partial index on a center's comments by day: a month of them is few.
            CommentReading.urgent.is_not(None),
            Rating.center_id == center.id,
            Rating.counted_on > today - timedelta(days=DAYS),
            Rating.comment.is_not(None),
            Rating.state != "void",
        )
        # The ids are time-ordered, so they decide within an hour.
        .order_by(Rating.counted_on.desc(), Rating.counted_hour.desc(), Rating.submission_id.desc())
        .limit(SHOWN)
    ).all()
    shown = tuple(
        UrgentComment(
            reason=row.urgent,
            text=row.Rating.comment,
            language=row.language if row.language in LANGUAGES else None,
            day=row.Rating.counted_on,
            score=row.Rating.score,
            channel=row.Rating.channel,
            place=row.Touchpoint.label,
            service_code=row.Service.code if row.Service else None,
            service=row.Service.name if row.Service else None,
        )
        for row in rows
    )
    return UrgentComments(shown, rows[0].total - len(rows) if rows else 0)
