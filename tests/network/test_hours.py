"""Hours from a day on, and holidays: what is changed, by whom, and that no day over is touched."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import select

from survey_app.models import AuditEvent, Holiday
from survey_app.network.hours import add_holiday, remove_holiday, set_hours, withdraw_hours
from survey_app.timetables import load_timetable

# A Monday evening in Baku, where it is the 6th half an hour later.
NOW = datetime(2026, 10, 5, 19, 30, tzinfo=UTC)
TODAY = date(2026, 10, 5)
TOMORROW = date(2026, 10, 6)
WORKDAYS = dict.fromkeys(range(1, 6), (time(9), time(18)))
SATURDAY = {6: (time(10), time(14, 30))}
SENT = {"since": "2026-10-06", "open_6": "y", "opens_6": "10:00", "closes_6": "14:30"}
LABELS = {"label_az": "Bayraq günü", "label_ru": "День флага", "label_en": "Flag Day"}


@pytest.fixture(autouse=True)
def _evening():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def table(session, center):
    """`table()`: the center's timetable as it is stored now."""

    def table():
        session.rollback()
        return load_timetable(session, center.id)

    return table


def told(session):
    """The trail: what, in which center, by whom, with which detail."""
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    return [(each.action, each.center_id, each.user_id, each.detail) for each in events]


def text_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main")[1]).split())


def withdraw(client, day):
    return client.submit("/network/own/hours", {}, to=f"/network/own/hours/{day}/withdraw")


# --- hours -----------------------------------------------------------------------------------


def test_a_manager_sets_hours_from_a_day_on(session, center, manager, sign_in, table):
    client = sign_in(manager)
    page = client.get("/network/own/hours").text
    # Tomorrow, with the hours that are in force.
    assert 'value="2026-10-06"' in page
    assert page.count('value="09:00"') == page.count('value="18:00"') == 5
    answer = client.submit("/network/own/hours", SENT)
    assert (answer.status_code, answer.location) == (303, "/network/own/")
    assert (table().week(TODAY), table().week(TOMORROW)) == (WORKDAYS, SATURDAY)
    detail = {"since": "2026-10-06", "hours": {"6": ["10:00", "14:30"]}}
    assert told(session) == [("hours_set", center.id, manager.id, detail)]
    shown = text_of(client.get("/network/own/").text)
    assert "Monday 09:00–18:00" in shown
    assert "From 6 October 2026 Monday closed" in shown
    assert "Saturday 10:00–14:30" in shown


@pytest.mark.any_database
def test_the_form_begins_with_the_hours_of_its_day(make, center, manager, sign_in):
    make.hours(center, TOMORROW, SATURDAY)
    page = sign_in(manager).get("/network/own/hours").text
    assert 'value="09:00"' not in page
    assert 'value="10:00"' in page


def test_hours_set_again_for_the_same_day_take_the_place_of_the_first(manager, sign_in, table):
    client = sign_in(manager)
    client.submit("/network/own/hours", SENT)
    again = {"since": "2026-10-06", "open_7": "y", "opens_7": "08:00", "closes_7": "12:00"}
    assert client.submit("/network/own/hours", again).status_code == 303
    assert table().week(TOMORROW) == {7: (time(8), time(12))}


@pytest.mark.any_database
def test_today_ends_on_the_centers_own_calendar(session, make, center, manager, sign_in, table):
    assert center.today(NOW) == TODAY
    client = sign_in(manager)
    assert client.submit("/network/own/hours", SENT | {"since": "2026-10-05"}).status_code == 303
    with time_machine.travel(NOW + timedelta(minutes=30), tick=False):
        answer = client.submit("/network/own/hours", SENT | {"since": "2026-10-05"})
        assert answer.status_code == 422
        assert "This day is over." in answer.text


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"since": ""}, "Please choose the day."),
        ({"since": "soon"}, "Please choose the day."),
        ({"since": "2026-10-04"}, "This day is over."),
        ({"since": "2206-10-06"}, "This day is too far ahead."),
        ({"open_6": ""}, "Please leave the center open on one day at least."),
        ({"opens_6": ""}, "Saturday: please write when the center opens, such as 09:00."),
        ({"closes_6": "25:00"}, "Saturday: please write when the center closes, such as 18:00."),
        ({"closes_6": "10:00"}, "Saturday: please let the center close later than it opens."),
        ({"open_1": "y"}, "Monday: please write when the center opens, such as 09:00."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(session, manager, sign_in, table, wrong, said):
    sent = {
        name: value for name, value in (SENT | wrong).items() if (name, value) != ("open_6", "")
    }
    answer = sign_in(manager).submit("/network/own/hours", sent)
    assert answer.status_code == 422
    page = answer.text
    assert said in page
    assert "Not a valid" not in page
    for name, value in sent.items():
        if value and not name.startswith("open_"):
            assert re.search(rf'name="{name}"[^>]* value="{value}"', page)
    assert ("checked" in page) == ("open_6" in sent)
    assert told(session) == []
    assert table().changes_after(TODAY) == []


@pytest.mark.any_database
def test_an_error_is_said_in_the_persons_language(manager, sign_in):
    client = sign_in(manager)
    client.submit("/network/own/hours", {"language": "ru"}, to="/language")
    page = client.submit("/network/own/hours", SENT | {"closes_6": "10:00"}).text
    assert "Суббота: " in page
    assert "please" not in page


@pytest.mark.any_database
def test_times_of_a_closed_day_are_not_looked_at(manager, sign_in, table):
    sent = SENT | {"opens_7": "nonsense", "closes_7": "01:00"}
    assert sign_in(manager).submit("/network/own/hours", sent).status_code == 303
    assert table().week(TOMORROW) == SATURDAY


def test_hours_that_do_not_hold_yet_are_taken_back(session, make, center, manager, sign_in, table):
    make.hours(center, TODAY, SATURDAY)
    make.hours(center, TOMORROW, {})
    client = sign_in(manager)
    assert "Other hours hold already from 6 October 2026." in text_of(
        client.get("/network/own/hours").text
    ).replace("\u00a0", " ")
    taken = withdraw(client, "2026-10-06")
    assert (taken.status_code, taken.location) == (303, "/network/own/")
    assert "These hours will not hold." in client.get("/network/own/").text
    assert table().week(TOMORROW) == SATURDAY
    detail = {"since": "2026-10-06"}
    assert told(session) == [("hours_withdrawn", center.id, manager.id, detail)]
    # A second time, and those that hold already.
    for day in ("2026-10-06", "2026-10-05"):
        assert withdraw(client, day).status_code == 303
        assert "There is no such change any more." in client.get("/network/own/").text
    assert withdraw(client, "soon").status_code == 404
    assert table().week(TODAY) == SATURDAY
    assert len(told(session)) == 1


def test_another_center_keeps_its_hours(session, make, other_center, manager, sign_in, center):
    make.hours(other_center, TOMORROW, SATURDAY)
    client = sign_in(manager)
    client.submit("/network/own/hours", SENT | {"since": "2026-10-07"})
    withdraw(client, "2026-10-06")
    session.rollback()
    assert load_timetable(session, other_center.id).changes_after(TODAY) == [TOMORROW]


@pytest.mark.any_database
def test_who_only_looks_is_offered_no_change(make, center, viewer, sign_in):
    make.hours(center, TOMORROW, SATURDAY)
    page = sign_in(viewer).get("/network/own/").text
    assert "Saturday" in page
    for words in ("Change the opening hours", "Take back", "Change the holidays"):
        assert words not in page


def test_no_verb_touches_a_day_that_is_over(session, make, center, admin, table):
    yesterday = TODAY - timedelta(days=1)
    make.hours(center, yesterday, SATURDAY)
    make.holiday(yesterday)
    with pytest.raises(ValueError, match="over"):
        set_hours(session, center, yesterday, WORKDAYS, admin, NOW)
    with pytest.raises(ValueError, match="over"):
        add_holiday(session, yesterday, dict.fromkeys(("az", "ru", "en"), "Day"), admin, NOW)
    assert withdraw_hours(session, center, yesterday, admin, NOW) is False
    assert remove_holiday(session, yesterday, admin, NOW) is False
    assert table().week(TODAY) == SATURDAY
    assert session.scalars(select(Holiday.day)).all() == [yesterday]
    assert told(session) == []


# --- holidays --------------------------------------------------------------------------------


def test_an_administrator_adds_and_removes_a_holiday(session, center, admin, sign_in, table):
    client = sign_in(admin)
    assert "No holiday is known." in client.get("/network/holidays/").text
    added = client.submit("/network/holidays/", LABELS | {"day": "2026-11-09"})
    assert (added.status_code, added.location) == (303, "/network/holidays/")
    assert table().on(date(2026, 11, 9)) is None
    assert "Flag Day" in client.get("/network/holidays/").text
    assert "Change the holidays" in client.get("/network/own/").text
    for _ in range(2):
        gone = client.submit("/network/holidays/", {}, to="/network/holidays/2026-11-09/remove")
        assert gone.status_code == 303
    assert "There is no such holiday any more." in client.get("/network/holidays/").text
    assert table().on(date(2026, 11, 9)) == (time(9), time(18))
    names = {"az": "Bayraq günü", "ru": "День флага", "en": "Flag Day"}
    assert told(session) == [
        ("holiday_added", None, admin.id, {"day": "2026-11-09", "name": names}),
        ("holiday_removed", None, admin.id, {"day": "2026-11-09"}),
    ]


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"day": "2026-11-09"}, "This day is a holiday already."),
        ({"day": "2026-10-04"}, "This day is over."),
        ({"day": "09.11.2026"}, "Please choose the day."),
        ({"label_ru": " "}, "Please write its Russian name."),
    ],
)
def test_what_is_wrong_with_a_holiday_is_said(session, make, center, admin, sign_in, wrong, said):
    make.holiday(date(2026, 11, 9))
    sent = LABELS | {"day": "2026-11-10"} | wrong
    answer = sign_in(admin).submit("/network/holidays/", sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert LABELS["label_az"] in answer.text
    assert told(session) == []


@pytest.mark.any_database
def test_a_day_that_is_over_in_any_center_is_over_for_holidays(make, center, admin, sign_in):
    make.center(time_zone="Pacific/Auckland")
    answer = sign_in(admin).submit("/network/holidays/", LABELS | {"day": "2026-10-05"})
    assert "This day is over." in answer.text
