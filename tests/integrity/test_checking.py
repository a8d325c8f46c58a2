"""Days are checked once they are over, stuffing is held, clean days raise nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.integrity import checking
from survey_app.integrity.checking import check_day, check_due, due_days
from survey_app.integrity.ruling import release
from survey_app.models import (
    AuditEvent,
    IntegrityAlert,
    IntegrityCheck,
    Rating,
    Ruling,
    RulingRating,
    VisitHour,
)
from tests.factories import BAKU, DAY, NOON
from tests.integrity.conftest import TOMORROW
from tests.integrity.presses import OPENING, quiet_day

MIDNIGHT = datetime(2026, 10, 6, tzinfo=BAKU).astimezone(UTC)
OCTOBER_OVER = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_a_stuffed_run_is_found_and_held_and_the_rest_counts(session, center, stuffed):
    alerts = check_day(session, center, DAY, TOMORROW)
    session.commit()
    assert [each.rule for each in alerts] == ["fast_run/1"]
    alert = alerts[0]
    assert (alert.touchpoint_id, alert.day, alert.last_day) == (stuffed.place.id, DAY, DAY)
    assert alert.p_value < 1e-6
    pressed = {each.submission_id for each in stuffed.pressed}
    assert set(alert.detail["ratings"]) == {str(each) for each in pressed}
    held = session.scalars(select(Rating.submission_id).where(Rating.held_rule == "fast_run/1"))
    assert set(held) == pressed
    assert {each.state for each in stuffed.quiet} == {"counted"}
    assert tallies.differences(session) == []


@pytest.mark.any_database
def test_holding_leaves_a_ruling_and_an_audit_event(session, center, stuffed):
    check_day(session, center, DAY, TOMORROW)
    session.commit()
    ruling = session.scalars(select(Ruling).where(Ruling.center_id == center.id)).one()
    assert (ruling.kind, ruling.stage, ruling.rule) == ("hold", "done", "fast_run/1")
    assert (ruling.proposed_by, ruling.decided_by, ruling.decided_at) == (None, None, TOMORROW)
    assert len(ruling.ratings) == len(stuffed.pressed)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "ratings_held")).one()
    assert (event.center_id, event.user_id) == (center.id, None)
    assert event.detail["ratings"] == len(stuffed.pressed)
    assert event.detail["ruling"] == ruling.id


@pytest.mark.any_database
def test_a_second_check_finds_nothing_new(session, center, stuffed):
    check_day(session, center, DAY, TOMORROW)
    session.commit()
    before = everything_noted(session)
    assert check_day(session, center, DAY, TOMORROW) == []
    session.commit()
    assert everything_noted(session) == before


def test_a_clean_day_raises_nothing(session, make, center):
    quiet_day(make, make.touchpoint(center))
    assert check_day(session, center, DAY, TOMORROW) == []
    session.commit()
    assert everything_noted(session) == (0, 0, 0)
    check = session.get(IntegrityCheck, (center.id, DAY))
    assert (check.ratings, check.tests_made) == (12, 2)


@pytest.mark.any_database
def test_a_rating_that_came_too_soon_is_held_by_the_hard_rule(session, make, center):
    place = make.touchpoint(center)
    quiet = quiet_day(make, place)
    late = make.rating(place, sequence=13, rated_at=quiet[-1].rated_at + timedelta(seconds=2))
    (alert,) = check_day(session, center, DAY, TOMORROW)
    session.commit()
    assert (alert.rule, alert.p_value) == ("cooldown/1", 0)
    session.refresh(late)
    assert (late.state, late.held_rule) == ("held", "cooldown/1")


@pytest.mark.any_database
def test_missing_numbers_are_told_and_hold_nothing(session, make, center):
    place = make.touchpoint(center)
    yesterday = make.rating(place, sequence=3, rated_at=NOON - timedelta(days=3))
    for number, hours in ((5, 0), (6, 1), (9, 2)):
        make.rating(
            place,
            tablet_id=yesterday.tablet_id,
            sequence=number,
            rated_at=OPENING + timedelta(hours=hours),
        )
    # A number that counts for another day is not missing.
    make.rating(place, tablet_id=yesterday.tablet_id, sequence=7, rated_at=NOON + timedelta(days=1))
    (alert,) = check_day(session, center, DAY, TOMORROW)
    session.commit()
    found = [(each["first"], each["last"]) for each in alert.detail["numbers"]]
    assert (alert.rule, found) == ("sequence_gap/1", [(4, 4), (8, 8)])
    assert session.scalar(select(func.count()).where(Rating.state == "held")) == 0


@pytest.mark.any_database
def test_more_ratings_than_visits_of_an_hour_hold_what_is_beyond(session, make, center):
    service = make.service("03-01-01")
    place = make.touchpoint(center, service_id=service.id)
    make.visits(center, service, served=2)
    session.add(VisitHour(center_id=center.id, day=DAY, service_id=service.id, hour=12, served=2))
    ratings = [
        make.rating(place, sequence=1 + n, score=1 + n, rated_at=NOON + timedelta(minutes=7 * n))
        for n in range(3)
    ]
    alerts = {each.rule: each for each in check_day(session, center, DAY, TOMORROW)}
    session.commit()
    alert = alerts["more_than_visits/1"]
    assert (alert.touchpoint_id, alert.detail["ratings"]) == (None, [str(ratings[2].submission_id)])
    assert [each.state for each in ratings] == ["counted", "counted", "held"]


@pytest.mark.any_database
def test_what_intake_held_is_no_part_of_a_run(session, make, center):
    place = make.touchpoint(center)
    quiet_day(make, place)
    for number in range(10):
        when = NOON.replace(hour=14) + timedelta(seconds=7 * number)
        make.rating(place, state="held", sequence=13 + number, rated_at=when)
    assert check_day(session, center, DAY, TOMORROW) == []


def test_what_a_person_released_is_not_held_again(session, make, center, stuffed, alert, analyst):
    ids = [rating.submission_id for rating in stuffed.pressed]
    release(session, center, alert, ids, "A school class came at noon.", analyst, TOMORROW)
    session.commit()
    # The run goes on with what arrives late: only that is held, and the alert is open again.
    alert.acknowledged_at, alert.acknowledged_by, alert.note = TOMORROW, analyst.id, "Seen."
    last = stuffed.pressed[-1].rated_at
    late = make.rating(stuffed.place, sequence=23, rated_at=last + timedelta(seconds=7))
    assert check_day(session, center, DAY, TOMORROW) == [alert]
    session.commit()
    assert (late.state, session.get(Rating, ids[0]).state) == ("held", "counted")
    assert alert.acknowledged_at is None


def test_a_day_is_due_from_the_next_local_midnight_on(session, make, center):
    make.rating(make.touchpoint(center))
    assert due_days(session, MIDNIGHT - timedelta(seconds=1)) == []
    assert due_days(session, MIDNIGHT) == [(center, DAY)]


def test_a_checked_day_is_due_again_when_ratings_arrive_or_rules_change(
    session, make, center, monkeypatch
):
    place = make.touchpoint(center)
    make.rating(place)
    assert check_due(session, TOMORROW) == 1
    assert due_days(session, TOMORROW) == []
    make.rating(place, state="held")
    assert due_days(session, TOMORROW) == [(center, DAY)]
    check_due(session, TOMORROW)
    monkeypatch.setattr(checking, "RULES", "newer")
    assert due_days(session, TOMORROW) == [(center, DAY)]


@pytest.mark.any_database
def test_old_days_are_left_alone(session, make, center):
    make.rating(make.touchpoint(center))
    last = NOON + timedelta(days=checking.DAYS_BACK)
    assert (center, DAY) in due_days(session, last)
    assert (center, DAY) not in due_days(session, last + timedelta(days=1))


def test_a_month_is_looked_at_when_it_is_over_and_again_when_its_days_change(session, make, center):
    place = make.touchpoint(center)
    make.rating(place, sequence=1)
    end = date(2026, 10, 31)
    assert due_days(session, OCTOBER_OVER) == [(center, DAY), (center, end)]
    assert check_due(session, OCTOBER_OVER) == 2
    assert due_days(session, OCTOBER_OVER) == []
    make.rating(place, sequence=2)
    assert check_due(session, OCTOBER_OVER) == 1
    assert due_days(session, OCTOBER_OVER) == [(center, end)]


@pytest.mark.any_database
def test_a_months_rules_speak_of_the_center_and_hold_nothing(session, make, center):
    place, service = make.touchpoint(center), make.service()
    # The more people answer, the more of them are satisfied, on ten days.
    for day in range(10):
        make.visits(center, service, served=40, day=DAY + timedelta(days=day))
        for number in range(4 + day):
            make.rating(
                place,
                sequence=100 * day + number + 1,
                score=5 if number >= 3 else 1,
                rated_at=OPENING + timedelta(days=day, minutes=20 * number),
            )
    check_day(session, center, date(2026, 10, 31), OCTOBER_OVER)
    session.commit()
    alert = session.scalars(select(IntegrityAlert)).one()
    assert (alert.rule, alert.touchpoint_id) == ("turnout_coupling/1", None)
    assert (alert.day, alert.last_day) == (date(2026, 10, 1), date(2026, 10, 31))
    assert session.scalar(select(func.count()).where(Rating.state == "held")) == 0


@pytest.mark.any_database
def test_what_is_wrong_with_one_day_does_not_keep_others_waiting(
    session, make, center, monkeypatch
):
    broken, sound = make.touchpoint(center), make.touchpoint(make.center())
    make.rating(broken)
    make.rating(sound)
    real = checking.watched.load_day

    def load_day(session, where, day):
        if where.id == center.id:
            raise ValueError("a broken row")
        return real(session, where, day)

    monkeypatch.setattr(checking.watched, "load_day", load_day)
    assert check_due(session, TOMORROW) == 1
    assert session.scalars(select(IntegrityCheck.center_id)).one() == sound.center_id


@pytest.mark.any_database
def test_the_rules_with_their_versions_fit_the_column():
    assert len(checking.RULES) <= IntegrityCheck.rules.type.length


def everything_noted(session: Session) -> tuple[int, ...]:
    return tuple(
        session.scalar(select(func.count()).select_from(each)) or 0
        for each in (IntegrityAlert, Ruling, RulingRating)
    )
