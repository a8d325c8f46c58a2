"""The set-up document: everything of this tablet's place, and nothing of another's."""

from datetime import time, timedelta

import pytest
import time_machine

from survey_app.api.setup import DAYS_AHEAD
from survey_app.models import OpeningHours
from survey_app.models.network import FROM_THE_BEGINNING
from survey_app.version import APP_VERSION
from tests.factories import NOON, QUESTIONS

SETUP = "/api/v1/kiosk"


@pytest.fixture
def survey(make):
    return make.survey("visit", versions=2)


@pytest.fixture
def enrolled(make, center, survey):
    return make.tablet(make.touchpoint(center, survey_id=survey.id))


@pytest.fixture
def document(client, enrolled):
    """`document()`: the set-up document as the tablet gets it."""

    def document(headers=enrolled.headers, now=NOON):
        with time_machine.travel(now, tick=False):
            answer = client.get(SETUP, headers=headers)
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        return answer.json

    return document


def test_a_tablet_learns_its_place(make, center, enrolled, document):
    make.noise(center)
    told = document()
    assert told.keys() == {
        *("tablet", "touchpoint", "center", "default_language", "idle_seconds"),
        *("survey", "areas", "server_time", "app_version", "staff_pin", "tag"),
    }
    tablet, place = enrolled.tablet, enrolled.tablet.touchpoint
    assert told["tablet"] == {"id": tablet.id, "name": None, "paused": False, "last_sequence": 0}
    assert told["touchpoint"] == {"id": place.id, "label": dict(place.label), "service": None}
    assert told["center"]["slug"] == "own"
    assert told["center"]["name"] == dict(center.name)
    assert (told["staff_pin"], told["survey"]["dignity"]) == (None, False)
    assert (told["default_language"], told["idle_seconds"]) == ("az", 15)
    assert (told["server_time"], told["app_version"]) == ("2026-10-05T08:00:00.000Z", APP_VERSION)


def test_a_tablet_knows_when_its_center_is_open(make, center, enrolled, document):
    for days in (-1, 0, 35, DAYS_AHEAD + 1):
        make.holiday(NOON.date() + timedelta(days=days))
    center.opening_hours = [
        OpeningHours(weekday=1, since=FROM_THE_BEGINNING, opens=time(9), closes=time(18, 30))
    ]
    told = document()["center"]
    assert told["time_zone"] == "Asia/Baku"
    assert told["hours"] == {"1": ["09:00", "18:30"]}
    assert told["hours_next"] == []
    assert told["closed_days"] == ["2026-10-05", "2026-11-09"]


def test_a_tablet_knows_in_advance_when_other_hours_hold(make, center, enrolled, document):
    today = NOON.date()
    make.hours(center, today + timedelta(days=1), {6: (time(10), time(14))})
    make.hours(center, today + timedelta(days=DAYS_AHEAD), {1: (time(8), time(20))})
    make.hours(center, today + timedelta(days=DAYS_AHEAD + 1), {})
    told = document()
    assert told["center"]["hours"] == {str(day): ["09:00", "18:00"] for day in range(1, 6)}
    assert told["center"]["hours_next"] == [
        {"since": "2026-10-06", "hours": {"6": ["10:00", "14:00"]}},
        {"since": "2027-02-02", "hours": {"1": ["08:00", "20:00"]}},
    ]
    tomorrow = document(now=NOON + timedelta(days=1))
    assert tomorrow["center"]["hours"] == {"6": ["10:00", "14:00"]}
    assert len(tomorrow["center"]["hours_next"]) == 2
    assert tomorrow["tag"] != told["tag"]


def test_the_tag_changes_with_what_a_manager_changes_and_with_nothing_else(
    session, make, center, survey, enrolled, client, document
):
    tablet, place = enrolled.tablet, enrolled.tablet.touchpoint
    tags = [document()["tag"]]
    make.rating(place, tablet_id=tablet.id, sequence=41)
    assert document()["tag"] == tags[0]
    with time_machine.travel(NOON + timedelta(hours=3), tick=False):
        beat = {"app_version": "1", "unsent": 0}
        answer = client.post("/api/v1/kiosk/heartbeat", json=beat, headers=enrolled.headers)
        assert answer.json == {"setup": tags[0], "server_time": "2026-10-05T11:00:00.000Z"}
    for change in (
        lambda: setattr(tablet, "paused_at", NOON),
        lambda: setattr(tablet, "name", "By the door"),
        lambda: setattr(place, "label_ru", "У двери"),
        lambda: setattr(center, "staff_pin", {"salt": "c2FsdA", "iterations": 1, "hash": "aGFzaA"}),
        lambda: setattr(survey, "dignity", True),
        lambda: make.survey_version(survey, 3),
        lambda: setattr(tablet, "touchpoint_id", make.touchpoint(center, survey_id=survey.id).id),
    ):
        change()
        session.commit()
        tags.append(document()["tag"])
    assert len(set(tags)) == len(tags)
    told = document()
    assert (told["tablet"]["paused"], told["tablet"]["name"]) == (True, "By the door")
    assert told["staff_pin"] == {"salt": "c2FsdA", "iterations": 1, "hash": "aGFzaA"}


def test_the_last_sequence_is_this_tablets_own(make, enrolled, document):
    place = enrolled.tablet.touchpoint
    other = make.tablet(place).tablet
    make.rating(place, tablet_id=enrolled.tablet.id, sequence=41)
    make.rating(place, tablet_id=enrolled.tablet.id, sequence=7)
    make.rating(place, tablet_id=other.id, sequence=99)
    assert document()["tablet"]["last_sequence"] == 41


def test_the_newest_published_version_is_asked(make, survey, document):
    make.survey_version(survey, 3, published_at=None)
    make.survey("other", versions=5)
    told = document()["survey"]
    assert told["version"] == 2
    assert [
        (each["code"], each["role"], each["kind"], each["min_score"], each["max_score"])
        for each in told["questions"]
    ] == [question[:5] for question in QUESTIONS]
    outcome = told["questions"][1]
    assert outcome["text"] == {
        language: f"Question outcome ({language})" for language in ("az", "ru", "en")
    }
    assert [each["code"] for each in outcome["options"]] == ["yes", "partly", "no"]
    assert outcome["options"][0]["text"]["ru"] == "Option yes (ru)"


def test_services_stand_in_their_areas_in_the_order_of_their_codes(make, document):
    second, first = make.area("02"), make.area("01")
    structures = make.area("C1", "coordination")
    for code, area in (("02-02", second), ("02-01", second), ("01-01", first)):
        make.service(code, area)
    make.service("C1-01", structures)
    assert [
        (area["code"], [each["code"] for each in area["services"]]) for area in document()["areas"]
    ] == [("01", ["01-01"]), ("02", ["02-01", "02-02"]), ("C1", ["C1-01"])]


def test_a_counter_names_its_service(make, center, survey, document):
    service = make.service("03-01-01")
    place = make.touchpoint(center, survey_id=survey.id, service_id=service.id)
    assert document(make.tablet(place).headers)["touchpoint"]["service"] == "03-01-01"


def test_a_survey_that_was_never_published_is_no_set_up(make, center, client):
    survey = make.survey("draft", versions=0)
    make.survey_version(survey, 1, published_at=None)
    enrolled = make.tablet(make.touchpoint(center, survey_id=survey.id))
    answer = client.get(SETUP, headers=enrolled.headers)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_strangers_learn_nothing(make, center, survey, client):
    gone = NOON - timedelta(days=1)
    revoked = make.tablet(make.touchpoint(center, survey_id=survey.id), revoked_at=gone)
    retired = make.tablet(make.touchpoint(center, survey_id=survey.id, retired_at=gone))
    for headers in ({}, {"Authorization": "Bearer x"}, revoked.headers, retired.headers):
        answer = client.get(SETUP, headers=headers)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert "center" not in answer.json
