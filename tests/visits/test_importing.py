"""Importing a file, end to end, and how much work that is."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select

from survey_app.models import GroupServed, IntegrityCheck, VisitCount, VisitHour
from survey_app.visit_counts import Delivery, load_network
from survey_app.visits.files import open_file
from survey_app.visits.importing import check_file, import_checked
from survey_app.visits.queries import stored_counts

NOW = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)


@pytest.fixture
def deliver(session, center):
    """`deliver(text)`: import a file as the command line does; its history row."""

    def deliver(text: str, *, store: bool = True):
        network = load_network(session, [center], NOW)
        session.commit()
        file = open_file(io.BytesIO(text.encode()))
        checked = check_file(file, network)
        delivery = Delivery("cli", "a file", file.digest)
        row = import_checked(session, file, checked, delivery, NOW, store=store)
        session.commit()
        return row

    return deliver


def fates(row):
    return row.added, row.changed, row.unchanged, row.rejected


def test_good_lines_are_stored_and_bad_ones_told(session, make, deliver):
    make.service("01-01-01")
    text = "served,day,center,service\n41,2026-10-05,own,01-01-01\n4;1\nx,2026-10-06,own,01-01-01\n"
    row = deliver(text, store=False)
    assert (fates(row), row.id) == ((1, 0, 0, 2), None)
    assert session.scalar(select(func.count()).select_from(VisitCount)) == 0
    row = deliver(text)
    assert fates(row) == (1, 0, 0, 2)
    assert row.problems == [
        {"line": 3, "reason": "unreadable_line", "text": "4;1"},
        {"line": 4, "reason": "unreadable_number", "text": "x,2026-10-06,own,01-01-01"},
    ]
    assert fates(deliver(text)) == (0, 0, 1, 2)


def test_what_was_exported_is_unchanged_when_imported(session, make, center, deliver):
    make.service("01-01-01")
    by_hour = "".join(f"own,2026-10-05,01-01-01,{hour},{hour}\n" for hour in range(9, 18))
    deliver("center,day,service,hour,served\n" + by_hour + "own,2026-10-06,01-01-01,,3\n")
    make.visits(make.center("noise"), make.service(), 8)
    for flag, head, lines in (
        (False, "center,day,service,served\n", 2),
        (True, "center,day,service,hour,served\n", 10),
    ):
        rows = list(stored_counts(session, {center.id}, by_hour=flag))
        text = head + "".join(",".join(map(str, row)) + "\n" for row in rows)
        assert fates(deliver(text)) == (0, 0, lines, 0)
    assert session.scalar(select(func.sum(VisitHour.served))) == sum(range(9, 18))


def test_a_day_whose_visits_changed_is_looked_at_again(session, make, center, deliver):
    make.service("01-01-01")
    elsewhere = make.center("elsewhere")
    for place, day in ((center, 5), (center, 6), (elsewhere, 5)):
        make.integrity_check(place, date(2026, 10, day))
    text = "center,day,service,served\nown,2026-10-05,01-01-01,41\n"
    deliver(text, store=False)
    assert session.scalar(select(func.count()).select_from(IntegrityCheck)) == 3
    deliver(text)
    checked = session.execute(select(IntegrityCheck.center_id, IntegrityCheck.day)).all()
    assert set(checked) == {(center.id, date(2026, 10, 6)), (elsewhere.id, date(2026, 10, 5))}


def test_groups_come_in_a_form_of_their_own(session, make, deliver):
    make.survey()
    text = "ay;merkez;sual;cavab;say\n2026-10;own;age;from_60;310\n2026-10;own;age;x;1\n"
    assert fates(deliver(text)) == (1, 0, 0, 1)
    assert session.scalar(select(GroupServed.served)) == 310


@pytest.mark.any_database
def test_statements_grow_with_months_and_not_with_lines(session, make, deliver):
    services = [make.service(f"01-01-{number:02}").code for number in range(20)]
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *a: statements.append(a[2]))

    def cost(days: int) -> int:
        statements.clear()
        told = [date(2026, 9, 1) + timedelta(day) for day in range(days)]
        deliver(
            "center,day,service,served\n"
            + "".join(f"own,{day},{code},{days}\n" for day in told for code in services)
        )
        return len(statements)

    assert cost(30) <= cost(1)
    assert cost(60) <= cost(30) + 6
