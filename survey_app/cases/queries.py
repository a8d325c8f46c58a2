"""What the pages of this room show: who waits for an answer, and about what."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from survey_app.access import known_number
from survey_app.errors import NotFound
from survey_app.models import Case, Center, Rating, Service, Touchpoint

# So many are shown at once, those first who wait longest.
SHOWN = 100


class NoLongerWaiting(Exception):
    """The case was closed, or its contact erased: there is nobody left to answer."""


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits for an answer, with what they said and where."""

    case: Case
    rating: Rating
    center: Center
    place: Touchpoint
    service: Service | None

    @property
    def is_set_aside(self) -> bool:
        """Whether a rule or a ruling took the rating out of the figures: a program may have asked.

        It may have been a person all the same, so such a case is listed apart and never hidden.
        """
        return self.rating.state != "counted"


@dataclass(frozen=True)
class Settled:
    """How many cases were answered, and of how many the contact went unanswered."""

    answered: int
    erased: int


def waiting_in(session: Session, centers: Sequence[Center]) -> list[Waiting]:
    """Those who wait in these centers, at most SHOWN: the longest first, set aside ones last."""
    ids = [center.id for center in centers]
    statement = _cases().where(Case.center_id.in_(ids), Case.contact.is_not(None))
    # A flood of programs must not push those off the page whom somebody should answer.
    is_set_aside = Rating.state != "counted"
    rows = session.execute(statement.order_by(is_set_aside, Case.opened_at, Case.id).limit(SHOWN))
    return [_waiting(row) for row in rows]


def settled_in(session: Session, centers: Sequence[Center]) -> Settled:
    """How many cases of these centers are over, and how they ended."""
    is_over = Case.center_id.in_([center.id for center in centers]), Case.contact.is_(None)
    answered, total = session.execute(
        select(func.count(Case.closed_at), func.count()).where(*is_over)
    ).one()
    return Settled(answered, total - answered)


def get_case(session: Session, center: Center, case_id: int, *, alone: bool = False) -> Waiting:
    """One case of the center; `alone`: for whoever changes it, until the transaction ends.

    Raises NotFound when the center has none with this number, NoLongerWaiting when it is over.
    """
    statement = _cases().where(Case.id == known_number(case_id), Case.center_id == center.id)
    if alone:
        statement = statement.with_for_update(of=Case)
    row = session.execute(statement).first()
    if row is None:
        raise NotFound
    if row.Case.contact is None:
        raise NoLongerWaiting
    return _waiting(row)


def _cases() -> Select[Case, Rating, Center, Touchpoint, Service]:
    return (
        select(Case, Rating, Center, Touchpoint, Service)
        .join(Rating, Rating.submission_id == Case.submission_id)
        .join(Center, Center.id == Case.center_id)
        .join(Touchpoint, Touchpoint.id == Rating.touchpoint_id)
        .outerjoin(Service, Service.id == Rating.service_id)
    )


def _waiting(row: Row[Case, Rating, Center, Touchpoint, Service]) -> Waiting:
    return Waiting(row.Case, row.Rating, row.Center, row.Touchpoint, row.Service)
