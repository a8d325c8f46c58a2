"""What importing visit counts costs: a file through the whole import, against a bare upsert.

    .venv/bin/python -P benchmarks/visits.py [lines] [rounds]

Both put the same counts into a migrated SQLite file set up as the application sets up its own,
in one transaction each. The baseline splits the lines with the csv module, trusts every cell
and upserts with Core: no rules, no comparing, no history. They take turns, so that a busy machine
is busy for both; the ratio of their medians is the figure to compare. Memory is what the
first import needed on top of what the process had.
"""

import csv
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import create_engine, delete
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from survey_app import database
from survey_app.config import sqlite_module
from survey_app.extensions import begin_writing, insert_into, tune_sqlite
from survey_app.models import VisitCount
from survey_app.models.base import table_of
from survey_app.visit_counts import Delivery, Network, load_network
from survey_app.visits.files import VISITS, open_file
from survey_app.visits.importing import check_file, import_checked
from tests.factories import Make

NOW = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)
CENTERS, SERVICES = 5, 178


def main(lines: int = 100_000, rounds: int = 5) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/benchmark.sqlite", module=sqlite_module())
        tune_sqlite(engine)
        database.upgrade(engine)
        with Session(engine, expire_on_commit=False) as session:
            make = Make(session)
            centers = [make.center(f"center-{number}") for number in range(CENTERS)]
            area, agency = make.area(), make.agency()
            for number in range(SERVICES):
                make.service(f"01-{number:03}", area, agency_id=agency.id)
            network = load_network(session, centers, NOW)
            file = Path(folder) / "visits.csv"
            with file.open("w", encoding="utf-8", newline="") as target:
                writer = csv.writer(target)
                writer.writerow(VISITS)
                writer.writerows(islice(_counts(), lines))
            before = peak = _memory()
            times: dict[str, list[float]] = {"import": [], "again": [], "bare": []}
            for number in range(rounds + 1):
                _forget(session)
                taken = {"import": _import(session, file, network)}
                # The first import; a later one finds memory that the baseline needed.
                peak = _memory() if number == 0 else peak
                taken["again"] = _import(session, file, network)
                _forget(session)
                taken["bare"] = _upsert(session, file, network)
                for kind, seconds in taken.items():
                    # The first round warms up.
                    times[kind] += [seconds] if number else []
        engine.dispose()
    middle = {kind: statistics.median(taken) for kind, taken in times.items()}
    for kind, seconds in middle.items():
        print(f"{kind:>9}: {lines / seconds:8,.0f} lines/s  {seconds / lines * 1e6:6.1f} µs each")
    print(f"    ratio: {middle['import'] / middle['bare']:.1f}")
    print(f"   memory: {(peak - before) / 1024:.0f} MB")


def _counts() -> Iterator[tuple[str, date, str, int]]:
    """Every center's every service, day after day, backwards."""
    day = NOW.date()
    while True:
        day -= timedelta(days=1)
        for center in range(CENTERS):
            for service in range(SERVICES):
                yield f"center-{center}", day, f"01-{service:03}", (center * 7 + service) % 40


def _import(session: Session, file: Path, network: Network) -> float:
    start = time.perf_counter()
    with file.open("rb") as stream:
        opened = open_file(stream)
        checked = check_file(opened, network)
        delivery = Delivery("cli", file.name, opened.digest)
        import_checked(session, opened, checked, delivery, NOW)
        session.commit()
    return time.perf_counter() - start


def _upsert(session: Session, file: Path, network: Network) -> float:
    start = time.perf_counter()
    with file.open(encoding="utf-8", newline="") as stream:
        rows = [
            {
                "center_id": network.centers[center].id,
                "day": date.fromisoformat(day),
                "service_id": network.services[service],
                "served": int(served),
            }
            for center, day, service, served in islice(csv.reader(stream), 1, None)
        ]
    begin_writing(session)
    insert = insert_into(session, table_of(VisitCount))
    keys = [column.name for column in table_of(VisitCount).primary_key.columns]
    changes = {"served": insert.excluded.served}
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=changes), rows)
    session.commit()
    return time.perf_counter() - start


def _forget(session: Session) -> None:
    session.execute(delete(VisitCount))
    session.commit()


def _memory() -> int:
    """The most this process ever had, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
