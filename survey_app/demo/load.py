"""Loading the demo through the real intake: the same checks, redaction and tallies as always."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from analysis.months import Month
from survey_app.comments.readers import readers_folder
from survey_app.comments.reading import read_new_comments
from survey_app.config import Settings
from survey_app.demo import answers, catalogue, groups, present, story
from survey_app.demo.voices import Voices
from survey_app.extensions import begin_snapshot, begin_writing
from survey_app.figures import open_days_of
from survey_app.intake import Arrival, Submission, record_ratings
from survey_app.integrity.checking import check_due
from survey_app.models import (
    Center,
    GroupServed,
    Service,
    Tablet,
    Touchpoint,
    VisitCount,
    VisitHour,
)
from survey_app.models.base import table_of
from survey_app.reports.network import due_network_months, publish_network
from survey_app.reports.publishing import publish_month
from survey_app.tickets import issue_ticket

_BATCH, _VISITS_BATCH = 3_000, 20_000
Item = TypeVar("Item")
# From the counter to the phone in the hand.
WAY_OUT = timedelta(minutes=4)
# How often somebody adds words: dissatisfied people more, on their own phone more.
_WORDS = {"tablet": (0.33, 0.052), "qr": (0.42, 0.13)}


def load_demo(
    session: Session,
    settings: Settings,
    *,
    seed: int,
    last_month: Month,
    people: int = story.PEOPLE_SERVED,
    now: datetime | None = None,
) -> None:
    """Fill an empty database with the demo network that ends with `last_month`.

    Its tablets gave their last signs of life at `now`, or on the morning on which the last reports
    came out. The same arguments give the same network, but for salts, tokens and locked contacts.
    """
    rng = random.Random(seed)
    months = [last_month]
    while len(months) < story.MONTHS:
        months.insert(0, months[0].previous())
    with Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(),
        TextColumn("{task.completed:>6.0f}"),
        TimeElapsedColumn(),
    ) as progress:
        begin_writing(session)
        centers, places = _add_fixed_things(session, months, rng)
        session.commit()
        told = _tell(session, centers, months, people, rng)
        _record_visits(session, told, last_month, progress)
        _record_ratings(session, settings, told, places, months, rng, progress)
        unread = progress.add_task("Comments read", total=None)
        read_new_comments(
            session,
            _end_of(last_month),
            readers_folder(settings),
            lambda count: progress.advance(unread, count),
        )
        task = progress.add_task("Days checked", total=None)
        progress.advance(task, check_due(session, _end_of(last_month)))
        begin_writing(session)
        answers.add_answers(session, settings, months, _end_of(last_month))
        session.commit()
        _publish(session, centers, months, progress)
        begin_writing(session)
        present.add_present(session, last_month, now or _end_of(last_month))
        session.commit()


def _add_fixed_things(
    session: Session, months: list[Month], rng: random.Random
) -> tuple[list[Center], list[Touchpoint]]:
    opened = catalogue.at(months[0].first_day, time(8)) - timedelta(days=3)
    second = catalogue.at(months[story.SECOND_VERSION_FROM].first_day, time(7))
    centers = catalogue.add_network(session)
    survey = catalogue.add_survey(session, opened, second)
    places = catalogue.add_places(session, centers, survey, opened, rng)
    ticketed = catalogue.at(months[-story.MONTHS_WITH_TICKETS].first_day, time(8))
    places += catalogue.add_tickets_places(session, centers, survey, ticketed)
    catalogue.add_people(session, centers, opened)
    return centers, places


def _tell(
    session: Session,
    centers: list[Center],
    months: list[Month],
    people: int,
    rng: random.Random,
) -> story.Story:
    weights = {row["slug"]: float(row["weight"]) for row in catalogue.read_table("centers.tsv")}
    services = {row["code"]: float(row["weight"]) for row in catalogue.read_table("services.tsv")}
    # Disability assessment is what most people come for in this network.
    services[story.WORSENING_SERVICE] *= 2.4
    ground = story.Ground(
        centers={center.slug: weights[center.slug] for center in centers},
        services=services,
        open_days=[day for month in months for day in open_days_of(session, centers[0], month)],
        months=months,
        people=people,
    )
    return story.tell(ground, rng)


def _record_visits(
    session: Session, told: story.Story, last_month: Month, progress: Progress
) -> None:
    centers = dict(session.execute(select(Center.slug, Center.id)).all())
    services = dict(session.execute(select(Service.code, Service.id)).all())
    # Ended by a commit, because a rollback would expire the places we still need.
    session.commit()
    task = progress.add_task("People served", total=told.served.total())
    begin_writing(session)
    for chunk in _chunks(sorted(told.served.items()), _VISITS_BATCH):
        days: list[dict[str, Any]] = [
            {"center_id": centers[center], "day": day, "service_id": services[code], "served": n}
            for (center, day, code), n in chunk
        ]
        session.execute(insert(table_of(VisitCount)), days)
        progress.advance(task, sum(row["served"] for row in days))
    for hourly in _chunks(sorted(told.served_hourly.items()), _VISITS_BATCH):
        hours: list[dict[str, Any]] = [
            {
                "center_id": centers[center],
                "day": day,
                "service_id": services[code],
                "hour": hour,
                "served": n,
            }
            for (center, day, code, hour), n in hourly
        ]
        session.execute(insert(table_of(VisitHour)), hours)
    session.execute(insert(table_of(GroupServed)), [*_groups_served(told, centers, last_month)])
    session.commit()


def _groups_served(
    told: story.Story, centers: dict[str, int], month: Month
) -> Iterator[dict[str, Any]]:
    served: Counter[str] = Counter()
    for (center, day, _), people in told.served.items():
        if Month.of(day) == month:
            served[center] += people
    for center, people in sorted(served.items()):
        for (question, option), count in groups.count_served(center, people).items():
            yield {
                "center_id": centers[center],
                "month": month.first_day,
                "question": question,
                "option": option,
                "served": count,
            }


def _record_ratings(
    session: Session,
    settings: Settings,
    told: story.Story,
    places: list[Touchpoint],
    months: list[Month],
    rng: random.Random,
    progress: Progress,
) -> None:
    task = progress.add_task("Ratings recorded", total=len(told.presses))
    tablets = {tablet.touchpoint_id: tablet for tablet in session.scalars(select(Tablet))}
    services = dict(session.execute(select(Service.code, Service.id)).all())
    session.commit()
    begin_writing(session)
    tickets = _issue_tickets(session, settings, told, places, services)
    session.commit()
    arrivals = _arrivals(told, places, tablets, tickets, months, rng)
    session.commit()
    for chunk in _chunks(arrivals, _BATCH):
        begin_writing(session)
        record_ratings(session, chunk, signing_keys=settings.signing_keys())
        session.commit()
        progress.advance(task, len(chunk))


def _issue_tickets(
    session: Session,
    settings: Settings,
    told: story.Story,
    places: list[Touchpoint],
    services: dict[str, int],
) -> dict[int, str]:
    """The codes of the tickets that people rate by, by the place of their press in the story; for
    each there are two that nobody rates by."""
    at_center = {place.center.slug: place for place in places if place.is_for_tickets}
    tickets = {}
    for number, press in enumerate(told.presses):
        if not press.has_ticket:
            continue
        issued = [
            issue_ticket(
                session,
                at_center[press.center],
                visited_at=catalogue.at(press.rated.date(), press.rated.time()) - WAY_OUT,
                signing_keys=settings.signing_keys(),
                service_id=services[press.service] if press.service else None,
                counter=str(1 + number % 9),
                visit=f"{number} {which}",
            )
            for which in range(3)
        ]
        tickets[number] = issued[0].code
    return tickets


def _arrivals(
    told: story.Story,
    places: list[Touchpoint],
    tablets: dict[int, Tablet],
    tickets: dict[int, str],
    months: list[Month],
    rng: random.Random,
) -> Iterator[Arrival]:
    by_name = {(place.center.slug, place.slug): place for place in places}
    second_from = months[story.SECOND_VERSION_FROM].first_day
    zone = ZoneInfo(catalogue.TIME_ZONE)
    voices = Voices(rng)
    sequences = dict.fromkeys(tablets, 0)
    for number, press in enumerate(told.presses):
        ticket = tickets.get(number)
        place = by_name[press.center, catalogue.TICKETS if ticket else press.place]
        rated_at = press.rated.replace(tzinfo=zone).astimezone(UTC)
        version = 2 if press.rated.date() >= second_from else 1
        tablet = tablets.get(place.id)
        if tablet is not None:
            sequences[place.id] += 1
        submission_id = _uuid7(rated_at, rng)
        yield Arrival(
            submission=Submission(
                submission_id=submission_id,
                survey_version=version,
                score=press.score,
                rated_at=rated_at,
                language=press.language,  # type: ignore[arg-type]
                sequence=sequences[place.id] if tablet else None,
                service=press.service,
                answers=_answers(press, version, submission_id),
                comment=_words(press, voices, rng),
                ticket=ticket,
            ),
            touchpoint=place,
            received_at=rated_at + _delay(tablet, rng),
            tablet_id=tablet.id if tablet else None,
            paired_at=tablet.paired_at if tablet else None,
        )


def _answers(press: story.Press, version: int, submission_id: UUID) -> dict[str, list[str]]:
    answers = {}
    if press.outcome:
        answers["outcome"] = [press.outcome]
    if press.drivers:
        is_good = press.score >= 4
        drivers = press.drivers if version == 1 else _with_new_options(press, is_good=is_good)
        answers["good" if is_good else "bad"] = drivers
    if version >= groups.FIRST_VERSION:
        answers |= groups.answers_of(press, submission_id)
    return answers


def _with_new_options(press: story.Press, *, is_good: bool) -> list[str]:
    """Some of those who were asked version 2 choose what it added.

    The second at which they tapped decides, so that no dice of the rest of the story move.
    """
    drivers = list(press.drivers)
    if press.rated.second % 9 == 0:
        drivers.append("accessibility")
    elif not is_good and press.rated.second % 9 == 4:
        drivers.append("fairness")
    return drivers


def _words(press: story.Press, voices: Voices, rng: random.Random) -> str | None:
    if press.relative_risk == 0:
        return None
    is_dissatisfied = press.score <= 3
    chance = _WORDS[press.channel][0 if is_dissatisfied else 1]
    if rng.random() >= chance:
        return None
    if is_dissatisfied:
        mood = rng.choices(("negative", "mixed", "neutral"), (80, 13, 7))[0]
    else:
        mood = rng.choices(("positive", "neutral", "mixed"), (92, 4, 4))[0]
    # Somebody who says nothing of the service still came for one.
    topic = press.cause if mood == "negative" else None
    return voices.say(press.language, mood, topic, press.area) or voices.say(
        press.language, "positive" if not is_dissatisfied else "negative", None, press.area
    )


def _delay(tablet: Tablet | None, rng: random.Random) -> timedelta:
    """A poster's form arrives at once; a tablet sends within a minute, sometimes hours later."""
    if tablet is None:
        return timedelta(0)
    if rng.random() < 0.02:
        return timedelta(hours=rng.uniform(1, 30))
    return timedelta(seconds=rng.uniform(16, 60))


def _uuid7(moment: datetime, rng: random.Random) -> UUID:
    """A UUIDv7 whose random bits come from the demo's seed (RFC 9562, section 5.7)."""
    milliseconds = int(moment.timestamp() * 1000)
    value = milliseconds << 80 | 0x7 << 76 | rng.getrandbits(12) << 64
    return UUID(int=value | 0b10 << 62 | rng.getrandbits(62))


def _publish(
    session: Session, centers: list[Center], months: list[Month], progress: Progress
) -> None:
    task = progress.add_task("Reports published", total=len(centers) * len(months))
    for month in months:
        begin_snapshot(session, writes=True)
        for center in centers:
            publish_month(session, center, month, _end_of(month))
            progress.advance(task)
        for complete, made_of in due_network_months(session, month):
            publish_network(session, complete, made_of, _end_of(month))
        session.commit()


def _end_of(month: Month) -> datetime:
    """The morning on which the month's report comes out."""
    return catalogue.at(month.next().first_day + timedelta(days=2), time(6))


def _chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
