"""What a center's month costs to figure when the whole country rates.

    python -m benchmarks.scale [--ratings 100000 1000000] [--database sqlite]

A network grows by centers: about 2,000 ratings in each of a center's 13 months, so that 100,000
ratings are 4 centers and 10 million 385. Each network is loaded into a migrated database of its
own (SQLite in a temporary folder, or the empty PostgreSQL database of `--database URL`, which
takes one size). One center is counted rating by rating through `survey_app.tallies`; the others
are its copies, laid down day by day across the network, so that on the disk a center's rows lie
among those of all others, as in life.

Promise: the figures' SQL takes at most 10 ms for a center's month and does not grow with the
country. A center with 100,000 ratings in one month shows what does grow: reading its comments.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Engine,
    String,
    Uuid,
    case,
    cast,
    create_engine,
    event,
    func,
    insert,
    select,
    text,
    type_coerce,
)
from sqlalchemy.orm import Session

from analysis.months import Month
from survey_app import database, tallies
from survey_app.config import sqlite_module
from survey_app.dashboard.queries import urgent_comments
from survey_app.demo.catalogue import DATA, add_network, add_survey, read_table
from survey_app.extensions import begin_snapshot, begin_writing, tune
from survey_app.figures import Edition, live_report, load_inputs
from survey_app.models import (
    TALLIES,
    Answer,
    Center,
    CommentReading,
    OpeningHours,
    Rating,
    Service,
    Survey,
    SurveyVersion,
    Tablet,
    Touchpoint,
    VisitCount,
)
from survey_app.models.base import table_of

PER_CENTER_MONTH = 2000
LAST = Month(2026, 10)
MONTHS = 13
BUSY = 100_000
SIZES = (100_000, 1_000_000)
# Center-months looked at; each once, as a reader finds it.
SAMPLE = 40
# Of a hundred ratings, how many bring a comment, and how many answer the follow-up questions.
WITH_COMMENT, WITH_ANSWERS = 0.07, 0.20
SCORES, CHANCES = (1, 2, 3, 4, 5), (2, 1, 2, 20, 75)
# People served for each who rates, and services asked for on a day (of 178).
SERVED_PER_RATING, SERVICES_A_DAY = 4.7, 100
TABLET = table_of(Tablet)


# The network -----------------------------------------------------------------------------------


def migrated(url: str) -> Engine:
    """An engine of a database with our tables, set up as the application sets up its own."""
    options = {"module": sqlite_module()} if url.startswith("sqlite") else {}
    engine = create_engine(url, **options)
    tune(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _trust_the_machine)
    database.upgrade(engine)
    return engine


def _trust_the_machine(connection: Any, _record: Any) -> None:
    """Wait for no disk: if the machine stops, the load is begun anew."""
    connection.execute("PRAGMA synchronous=OFF")


def load(session: Session, ratings: int, centers: int | None = None, seed: int = 1) -> list[int]:
    """Fill an empty migrated database with about so many ratings; the ids of the
    centers they are spread over. Commits."""
    centers = centers or max(1, round(ratings / (MONTHS * PER_CENTER_MONTH)))
    rng = random.Random(seed)
    begin_writing(session)
    network = _add_centers(session, centers)
    first = _Filling(session, network[0], rng)
    for month in _months():
        first.fill(month, ratings // (MONTHS * centers))
    ids = [center.id for center in network]
    session.commit()
    _copy(session, ids[0])
    return ids


def add_busy_center(session: Session, ratings: int = BUSY, seed: int = 2) -> int:
    """One more center with all its ratings in the last month; its id. Commits."""
    begin_writing(session)
    number = session.scalar(select(func.max(Center.number))) + 1
    center = _center(number)
    session.add(center)
    session.flush()
    _add_places(session, center, session.scalars(select(Survey)).one())
    _Filling(session, center, random.Random(seed)).fill(LAST, ratings)
    session.commit()
    return center.id


def _months() -> list[Month]:
    months = [LAST]
    while len(months) < MONTHS:
        months.insert(0, months[0].previous())
    return months


def _center(number: int) -> Center:
    hours = [
        OpeningHours(weekday=day, opens=time_of_day(9), closes=time_of_day(18))
        for day in range(1, 6)
    ]
    return Center(
        slug=f"center-{number}",
        number=number,
        time_zone="Asia/Baku",
        default_language="az",
        opening_hours=hours,
        **{
            f"{what}_{language}": f"{what} {number}"
            for what in ("name", "address")
            for language in ("az", "ru", "en")
        },
    )


def _add_centers(session: Session, number: int) -> list[Center]:
    """The services of the demo, and so many centers with a tablet and a poster each."""
    centers = add_network(session)[:number]
    added = [_center(1000 + n) for n in range(number - len(centers))]
    session.add_all(added)
    session.flush()
    opened = datetime(2025, 1, 1, tzinfo=UTC)
    survey = add_survey(session, opened, opened + timedelta(days=1))
    for center in (*centers, *added):
        _add_places(session, center, survey)
    return [*centers, *added]


def _add_places(session: Session, center: Center, survey: Survey) -> None:
    """A tablet's place, a poster's and a tablet whose ids follow from the center's."""
    opened = datetime(2025, 1, 1, tzinfo=UTC)
    for place, channel in ((2 * center.id - 1, "tablet"), (2 * center.id, "qr")):
        session.add(
            Touchpoint(
                id=place,
                center_id=center.id,
                channel=channel,
                slug=channel,
                code=f"C{center.id}" if channel == "qr" else None,
                survey=survey,
                created_at=opened,
                **{f"label_{language}": channel for language in ("az", "ru", "en")},
            )
        )
    session.flush()
    session.add(
        Tablet(
            id=center.id,
            touchpoint_id=2 * center.id - 1,
            token_digest=center.id.to_bytes(32, "big"),
            paired_at=opened,
        )
    )
    session.flush()


class _Filling:
    """Fills months of one center, rating by rating, and moves the tallies along."""

    def __init__(self, session: Session, center: Center, rng: random.Random) -> None:
        self.session, self.center, self.rng = session, center, rng
        self.numbers = count(1)
        self.services = list(session.scalars(select(Service.id)))
        version = session.scalars(
            select(SurveyVersion).order_by(SurveyVersion.number.desc()).limit(1)
        ).one()
        self.version_id, self.asked = version.id, tallies.asked_by(version)
        self.questions = [q for q in version.questions if q.options and q.role != "satisfaction"]
        self.written = [
            (path.name[:2] if path.name[:2] in ("az", "ru", "en") else "mixed", row)
            for path in sorted((DATA / "comments").glob("*.tsv"))
            for row in read_table(f"comments/{path.name}")
            if row["kind"] == "whole"
        ]

    def fill(self, month: Month, ratings: int) -> None:
        """So many ratings on the month's workdays, and the people served on them."""
        days = [day for day in month.days if day.isoweekday() < 6]
        movements = tallies.no_movements()
        rows: list[dict[str, Any]] = []
        readings: list[dict[str, Any]] = []
        answers: list[dict[str, Any]] = []
        for minute in sorted(self.rng.choices(range(len(days) * 540), k=ratings)):
            row = self._rating(days[minute // 540], minute % 540)
            chosen = self._chosen(row["score"]) if self.rng.random() < WITH_ANSWERS else []
            reading = self._comment(row) if self.rng.random() < WITH_COMMENT else None
            place = tallies.Place(*(row[name] for name in tallies.Place._fields))
            tallies.count_rating(
                movements,
                place,
                score=row["score"],
                state="counted",
                has_comment=reading is not None,
                answered=tallies.answer_cells(self.asked, chosen),
            )
            if reading is not None:
                tallies.count_reading(movements, place, sentiment=reading["sentiment"])
                readings.append(reading)
            rows.append(row)
            answers += [
                {"submission_id": row["submission_id"], "option_id": option} for option in chosen
            ]
        for model, each in ((Rating, rows), (CommentReading, readings), (Answer, answers)):
            if each:
                self.session.execute(insert(table_of(model)), each)
        tallies.move(self.session, movements)
        self.session.execute(insert(table_of(VisitCount)), list(self._visits(days, ratings)))

    def _rating(self, day: date, minute: int) -> dict[str, Any]:
        number = next(self.numbers)
        rated_at = datetime(day.year, day.month, day.day, 5, tzinfo=UTC) + timedelta(minutes=minute)
        by_tablet = self.rng.random() < 0.85
        # As UUIDv7: milliseconds, version, and a number; the last twelve digits tell the center.
        milliseconds = int(rated_at.timestamp() * 1000) + number % 60_000
        return {
            "submission_id": UUID(
                int=milliseconds << 80
                | 0x7 << 76
                | (number >> 14 & 0xFFF) << 64
                | 0x2 << 62
                | (number & 0x3FFF) << 48
                | self.center.id
            ),
            "center_id": self.center.id,
            "touchpoint_id": 2 * self.center.id - by_tablet,
            "tablet_id": self.center.id if by_tablet else None,
            "sequence": number if by_tablet else None,
            "survey_version_id": self.version_id,
            # Some services are asked for far more than others.
            "service_id": self.services[int(len(self.services) * self.rng.random() ** 2)],
            "score": self.rng.choices(SCORES, CHANCES)[0],
            "comment": None,
            "language": self.rng.choices(("az", "ru", "en"), (88, 10, 2))[0],
            "channel": "tablet" if by_tablet else "qr",
            "verified": False,
            "mode": "self",
            "rated_at": rated_at,
            "received_at": rated_at,
            "clock": "device",
            "counted_on": day,
            "counted_hour": 9 + minute // 60,
            "state": "counted",
            "held_rule": None,
            "content_digest": bytes(32),
        }

    def _chosen(self, score: int) -> list[int]:
        """One option of every follow-up question that is asked at this score."""
        return [
            self.rng.choice(question.options).id
            for question in self.questions
            if question.min_score <= score <= question.max_score
        ]

    def _comment(self, row: dict[str, Any]) -> dict[str, Any]:
        """Give the row a comment; what was read in it."""
        language, written = self.rng.choice(self.written)
        topics = [topic for topic in written["topics"].split(",") if topic != "-"]
        row["comment"], row["score"] = written["text"], int(written["score"])
        sentiment = written["sentiment"]
        return {
            "submission_id": row["submission_id"],
            "language": language,
            "sentiment": sentiment,
            "polarity": None if sentiment == "not_assessed" else 0.0,
            "topics": topics,
            "sides": [sentiment if sentiment in ("negative", "positive") else "neutral"]
            * len(topics),
            "reader": "words-2",
            "read_at": row["received_at"],
            "script": "latin",
            "confidence": 0.5,
            "urgent": None,
        }

    def _visits(self, days: Sequence[date], ratings: int) -> Iterator[dict[str, Any]]:
        a_day = ratings * SERVED_PER_RATING / len(days)
        for day in days:
            asked_for = self.rng.sample(self.services, min(SERVICES_A_DAY, len(self.services)))
            for service_id in asked_for:
                served = 1 + round(self.rng.expovariate(len(asked_for) / a_day))
                yield {
                    "center_id": self.center.id,
                    "day": day,
                    "service_id": service_id,
                    "served": served,
                }


def _copy(session: Session, first: int) -> None:
    """Give every other center with a tablet what the first one has. Commits."""
    own_days = select(Rating.counted_on).where(Rating.center_id == first).distinct()
    days = sorted(session.scalars(own_days))
    session.rollback()
    for day in days:
        begin_writing(session)
        _copy_day(session, first, day)
        session.commit()
    begin_writing(session)
    for model in (VisitCount, *TALLIES):
        row = table_of(model)
        columns = [TABLET.c.id if each.name == "center_id" else each for each in row.c]
        copies = select(*columns).join_from(row, TABLET, TABLET.c.id != first)
        mine = copies.where(row.c.center_id == first)
        session.execute(insert(row).from_select(list(row.c.keys()), mine))
    session.commit()


def _copy_day(session: Session, first: int, day: date) -> None:
    rated = table_of(Rating).alias("rated")
    own = {
        "submission_id": _id_of_copy(session, rated.c.submission_id),
        "center_id": TABLET.c.id,
        "tablet_id": case((rated.c.tablet_id.is_not(None), TABLET.c.id)),
        "touchpoint_id": rated.c.touchpoint_id + 2 * (TABLET.c.id - first),
    }
    for row in (rated, table_of(CommentReading), table_of(Answer)):
        columns = [own.get(each.name, each) for each in row.c]
        copies = select(*columns).join_from(rated, TABLET, TABLET.c.id != first)
        if row is not rated:
            copies = copies.join(row, row.c.submission_id == rated.c.submission_id)
        # In the order of the ids, in which ratings come in.
        todays = copies.where(rated.c.center_id == first, rated.c.counted_on == day).order_by(
            rated.c.submission_id
        )
        table = table_of(Rating) if row is rated else row
        session.execute(insert(table).from_select(list(row.c.keys()), todays))


def _id_of_copy(session: Session, original: ColumnElement[UUID]) -> ColumnElement[Any]:
    """The same moment and number, with the copy's center in the last twelve digits."""
    if session.get_bind().dialect.name == "sqlite":
        center = func.printf("%012x", TABLET.c.id, type_=String)
        return func.substr(type_coerce(original, String), 1, 20, type_=String) + center
    digits = func.replace(cast(original, String), "-", "")
    center = func.lpad(func.to_hex(TABLET.c.id), 12, "0", type_=String)
    return cast(func.substr(digits, 1, 20, type_=String) + center, Uuid)


# The measurement -------------------------------------------------------------------------------


Work = Callable[[Center, Month], object]
Timed = Callable[[Center, Month], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Cost:
    """Median milliseconds of one call: by the processor's clock, and by the wall's."""

    processor: float
    wall: float


def measure(
    session: Session, centers: Sequence[int], month: Month | None = None
) -> dict[str, Cost]:
    """What SAMPLE center-months cost: the figures' SQL alone, with what Python makes of it, with
    the figures as well, and the dashboard's own query."""
    rng = random.Random(3)
    months = _months()
    looked_at = [(rng.choice(centers), month or rng.choice(months)) for _ in range(SAMPLE + 1)]
    edition = Edition(counted_until=LAST.last_day)
    now = datetime(2026, 11, 2, tzinfo=UTC)
    works: dict[str, Work] = {
        "load_inputs": lambda center, of: load_inputs(session, center, of, edition),
        "live_report": lambda center, of: live_report(session, center, of, now),
        # The dashboard asks for the last days only, whatever month is looked at.
        "urgent_comments": lambda center, _: urgent_comments(session, center, LAST.last_day),
    }
    costs = {"its SQL alone": _median(session, _replayed(session, works["load_inputs"]), looked_at)}
    costs |= {name: _median(session, _timed(work), looked_at) for name, work in works.items()}
    session.rollback()
    return costs


def _timed(work: Work) -> Timed:
    def timed(center: Center, month: Month) -> tuple[float, float]:
        began = time.process_time(), time.perf_counter()
        work(center, month)
        return time.process_time() - began[0], time.perf_counter() - began[1]

    return timed


def _replayed(session: Session, work: Work) -> Timed:
    """Times the statements of a piece of work, put to the driver again with nothing around."""
    said: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    def again(_center: Center, _month: Month) -> None:
        cursor = session.connection().connection.cursor()
        for statement, parameters in said:
            cursor.execute(statement, parameters)
            cursor.fetchall()

    def replayed(center: Center, month: Month) -> tuple[float, float]:
        said.clear()
        event.listen(session.get_bind(), "before_cursor_execute", listen)
        work(center, month)
        event.remove(session.get_bind(), "before_cursor_execute", listen)
        return _timed(again)(center, month)

    return replayed


def _median(session: Session, timed: Timed, looked_at: Sequence[tuple[int, Month]]) -> Cost:
    spent = []
    for center, month in looked_at:
        session.rollback()
        session.expunge_all()
        # As a request has it: one snapshot, the center fetched, nothing else known.
        begin_snapshot(session)
        spent.append(timed(session.get_one(Center, center), month))
    # The first call compiles the statements.
    processor, wall = zip(*spent[1:], strict=True)
    return Cost(1000 * statistics.median(processor), 1000 * statistics.median(wall))


def main() -> None:
    parser = argparse.ArgumentParser(description="The cost of a center's month, by ratings in all.")
    parser.add_argument("--ratings", type=int, nargs="+", default=SIZES)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--folder", type=Path, help="where SQLite's files go for the time being")
    asked = parser.parse_args()
    sizes = sorted(asked.ratings)
    if asked.database != "sqlite" and len(sizes) > 1:
        parser.error("a PostgreSQL database takes one size: it has to be empty")
    smallest: dict[str, Cost] = {}
    print(f"{'ratings':>12} {'centers':>8} {'query':>16} {'CPU ms':>8} {'wall ms':>8} {'ratio':>6}")
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            url = asked.database
            if url == "sqlite":
                url = f"sqlite:///{folder}/scale.sqlite"
            engine = migrated(url)
            with Session(engine, expire_on_commit=False) as session:
                began = time.perf_counter()
                centers = load(session, size)
                if size == sizes[0]:
                    _check(session)
                if engine.dialect.name == "postgresql":
                    session.execute(text("ANALYZE"))
                    session.commit()
                loaded = time.perf_counter() - began
                costs = measure(session, centers)
                smallest = smallest or costs
                _show(f"{size:,}", len(centers), costs, smallest)
                print(f"{'':12} loaded in {loaded:.0f} s", file=sys.stderr)
                if size == sizes[0]:
                    busy = add_busy_center(session)
                    _show(f"{BUSY:,} in one", 1, measure(session, [busy], LAST), smallest)
            engine.dispose()


def _check(session: Session) -> None:
    wrong = tallies.differences(session)
    session.rollback()
    if wrong:
        raise SystemExit(f"{len(wrong)} tallies differ from the ratings: {wrong[0]}")


def _show(ratings: str, centers: int, costs: dict[str, Cost], smallest: dict[str, Cost]) -> None:
    for name, cost in costs.items():
        print(
            f"{ratings:>14} {centers:>7} {name:>16} {cost.processor:8.2f} {cost.wall:8.2f}"
            f" {cost.processor / smallest[name].processor:6.2f}"
        )


if __name__ == "__main__":
    main()
