"""Who asked for an answer in the demo: most got one within days, a few never, some still wait."""

import random
from datetime import datetime, time, timedelta
from math import log
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.months import Month
from survey_app.cases.answering import close_case
from survey_app.config import Settings
from survey_app.contacts import KEPT, ask_for_answer, erase_old_contacts
from survey_app.demo import catalogue
from survey_app.figures import open_days_of
from survey_app.models import Case, Center, Membership, Rating, User

# So many still wait in each of these centers.
WAITING = {"baku-1": 3, "baku-2": 2, "absheron": 1}
# How often somebody who wrote on their phone asks, the dissatisfied first.
_ASKS = (0.5, 0.12)
# Hours to an answer: the median, how far they spread, and which centers take longer or less.
_MEDIAN, _SPREAD = 40, 0.8
_PACE = {"baku-3": 2.2, "absheron": 0.6}
_NEVER = 0.02
# A generator of its own, so that no dice of the rest of the story move.
_SEED = 180


def add_answers(session: Session, settings: Settings, months: list[Month], now: datetime) -> None:
    """Add who asked in these months and what became of it until `now`. The caller commits."""
    rng = random.Random(_SEED)
    for center in session.scalars(select(Center).order_by(Center.number)):
        waiting = _last_complaints(session, center, months[-1])
        days = {
            day
            for month in (*months, months[-1].next())
            for day in open_days_of(session, center, month)
        }
        manager = session.scalars(
            select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.center_id == center.id, Membership.role == "manager")
        ).one()
        for number, rating in enumerate(_written_on_phones(session, center), 1):
            wish, luck = rng.random(), rng.random()
            hours = rng.lognormvariate(log(_MEDIAN * _PACE.get(center.slug, 1)), _SPREAD)
            answered = rating.received_at + timedelta(hours=hours)
            while answered.date() not in days and answered < now:
                answered += timedelta(days=1)
            moment = time(catalogue.OPENS.hour + rng.randrange(9), rng.randrange(60))
            # Nobody answers at night; who asked later on that day is answered at once.
            answered = max(
                catalogue.at(answered.date(), moment), rating.received_at + timedelta(minutes=9)
            )
            is_left = luck < _NEVER and rating.received_at < now - KEPT
            if rating.submission_id in waiting:
                _ask(session, settings, center, rating, number)
            elif wish < _ASKS[rating.score > 3] and (is_left or answered < now):
                case = _ask(session, settings, center, rating, number)
                if not is_left:
                    close_case(session, case, manager, answered)
    erase_old_contacts(session, now)


def _written_on_phones(session: Session, center: Center) -> list[Rating]:
    return list(
        session.scalars(
            select(Rating)
            .where(
                Rating.center_id == center.id,
                Rating.channel == "qr",
                Rating.state == "counted",
                Rating.comment.is_not(None),
            )
            .order_by(Rating.submission_id)
        )
    )


def _last_complaints(session: Session, center: Center, month: Month) -> set[UUID]:
    """The last who complained in words on their phones."""
    return set(
        session.scalars(
            select(Rating.submission_id)
            .where(
                Rating.center_id == center.id,
                Rating.counted_on.between(month.first_day, month.last_day),
                Rating.channel == "qr",
                Rating.state == "counted",
                Rating.score <= 2,
                Rating.comment.is_not(None),
            )
            .order_by(Rating.submission_id.desc())
            .limit(WAITING.get(center.slug, 0))
        )
    )


def _ask(session: Session, settings: Settings, center: Center, rating: Rating, number: int) -> Case:
    ask_for_answer(
        session,
        rating.submission_id,
        center.id,
        f"visitor.{center.slug}.{number}@{catalogue.ACCOUNT_DOMAIN}",
        signing_keys=settings.signing_keys(),
        now=rating.received_at,
    )
    return session.scalars(select(Case).where(Case.submission_id == rating.submission_id)).one()
