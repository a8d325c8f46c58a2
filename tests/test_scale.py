"""The benchmark's network: its tallies are those of its ratings, and no figure scans its tables."""

import re

import pytest
from sqlalchemy import event, func, select

from analysis.building import build_report
from benchmarks.scale import LAST, MONTHS, load
from survey_app import tallies
from survey_app.figures import Edition, load_inputs
from survey_app.models import Answer, Center, CommentReading, Rating

RATINGS, CENTERS = 3000, 2
EDITION = Edition(counted_until=LAST.last_day)


def test_the_tallies_of_a_network_are_those_of_its_ratings(session):
    centers = load(session, RATINGS, CENTERS)

    assert session.scalar(select(func.count()).select_from(Rating)) == pytest.approx(
        RATINGS, rel=0.01
    )
    assert tallies.differences(session) == []
    # Copies have all that hangs on a rating.
    for model in (CommentReading, Answer):
        hanging = select(Rating.center_id, func.count()).join(
            model, model.submission_id == Rating.submission_id
        )
        counts = dict(session.execute(hanging.group_by(Rating.center_id)).all())
        assert set(counts) == set(centers)
        assert len(set(counts.values())) == 1


def test_every_month_of_a_network_can_be_figured(session):
    for center_id in load(session, 1300, CENTERS):
        center, month = session.get_one(Center, center_id), LAST
        for _ in range(MONTHS):
            inputs = load_inputs(session, center, month, EDITION)
            assert build_report(inputs).headline.tally.base == 50
            assert inputs.months[-1].served > inputs.months[-1].tally.base
            month = month.previous()


def test_no_figure_scans_a_table_that_grows(session):
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("with so few rows PostgreSQL reads them all")
    said = []
    center = session.get_one(Center, load(session, 300, CENTERS)[0])
    event.listen(
        session.get_bind(),
        "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, *_: said.append(
            (statement, parameters)
        ),
    )
    load_inputs(session, center, LAST, EDITION)
    cursor = session.connection().connection.cursor()
    plans = [
        row[3]
        for statement, parameters in list(said)
        for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    ]
    growing = r"^SCAN (rating|answer|comment_reading|visit_count|\w+_tally)\b"
    assert [plan for plan in plans if re.search(growing, plan)] == []
    # Adding up a year of visits would otherwise fetch 28,000 rows one by one.
    visits = [plan for plan in plans if "visit_count" in plan]
    assert len(visits) == 2
    assert all("COVERING INDEX ix_visit_count_served" in plan for plan in visits)
