"""What recording costs: ratings a second through record_ratings, against bare inserts.

    .venv/bin/python -P benchmarks/intake.py [rounds]

Both write the same rows in batches of 50, one commit each, into a migrated SQLite file set up
as the application sets up its own. The baseline is Core's insert into `rating` and nothing
else: no rules, no redaction, no screening, no verdicts, no tallies. They take turns, so that a
busy machine is busy for both; the ratio of their medians is the figure to compare.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from survey_app import database
from survey_app.config import sqlite_module
from survey_app.extensions import begin_writing, tune_sqlite
from survey_app.intake import Arrival, Submission, record_ratings
from survey_app.models import Rating, Tablet
from tests.factories import NOON, Make, submission

BATCH = 50
BATCHES = 20
# Of every four citizens one writes something.
COMMENT = "Növbə uzun idi, amma əməkdaşlar çox mehriban idi. Zəng edin: 050 123 45 67"


def main(rounds: int = 7) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = _migrated(Path(folder) / "benchmark.sqlite")
        with Session(engine, expire_on_commit=False) as session:
            make = Make(session)
            tablet = make.tablet(make.touchpoint()).tablet
            times: dict[str, list[float]] = {"recorded": [], "bare": []}
            write = {"recorded": _record, "bare": _insert}
            for number in range(2 * rounds):
                # Every other round is the baseline's; the first of each warms up.
                kind = ("recorded", "bare")[number % 2]
                batches = list(_batches(number, tablet))
                # Whatever was looked up to make them is no part of the measurement.
                session.commit()
                taken = write[kind](session, batches)
                if number > 1:
                    times[kind].append(taken)
        engine.dispose()
    each = {
        kind: statistics.median(taken) / (BATCH * BATCHES) * 1e6 for kind, taken in times.items()
    }
    for kind, cost in each.items():
        print(f"{kind:>9}: {1e6 / cost:8,.0f} ratings/s  {cost:6.1f} µs each")
    print(f"    ratio: {each['recorded'] / each['bare']:.1f}")


def _migrated(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", module=sqlite_module())
    tune_sqlite(engine)
    database.upgrade(engine)
    return engine


def _batches(number: int, tablet: Tablet) -> Iterator[list[Arrival]]:
    """Arrivals nobody has seen, in batches."""
    first = number * BATCH * BATCHES
    for batch in range(BATCHES):
        yield [_arrival(first + batch * BATCH + place + 1, tablet) for place in range(BATCH)]


def _arrival(sequence: int, tablet: Tablet) -> Arrival:
    told = submission(
        sequence=sequence,
        score=sequence % 5 + 1,
        language=("az", "ru", "en")[sequence % 3],
        comment=COMMENT if sequence % 4 == 0 else None,
        answers={"outcome": ["yes"]},
        rated_at=(NOON - timedelta(minutes=sequence % 180)).isoformat(),
    )
    read = Submission.model_validate_json(json.dumps(told), strict=True)
    return Arrival(read, tablet.touchpoint, NOON, tablet.id, tablet.paired_at)


def _record(session: Session, batches: list[list[Arrival]]) -> float:
    with _timed() as taken:
        for batch in batches:
            begin_writing(session)
            record_ratings(session, batch, signing_keys=["a key"])
            session.commit()
    return taken[0]


def _insert(session: Session, batches: list[list[Arrival]]) -> float:
    rows = [[_row(arrival) for arrival in batch] for batch in batches]
    session.commit()
    with _timed() as taken:
        for batch in rows:
            begin_writing(session)
            session.execute(insert(Rating.__table__), batch)
            session.commit()
    return taken[0]


def _row(arrival: Arrival) -> dict[str, object]:
    told, place = arrival.submission, arrival.touchpoint
    return {
        **told.model_dump(include={"submission_id", "sequence", "score", "comment", "language"}),
        "mode": told.mode,
        "rated_at": told.rated_at,
        "received_at": arrival.received_at,
        "center_id": place.center_id,
        "touchpoint_id": place.id,
        "tablet_id": arrival.tablet_id,
        "survey_version_id": place.survey.versions[0].id,
        "channel": place.channel,
        "clock": "device",
        "counted_on": NOON.date(),
        "counted_hour": 12,
        "state": "counted",
        "held_rule": None,
        "service_id": None,
        "content_digest": bytes(32),
    }


@contextmanager
def _timed() -> Iterator[list[float]]:
    taken = [0.0]
    start = time.perf_counter()
    yield taken
    taken[0] = time.perf_counter() - start


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
