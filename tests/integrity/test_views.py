"""The integrity pages: what they say, and deciding through them as people do."""

import re

import pytest
from sqlalchemy import select

from survey_app.integrity import queries
from survey_app.models import Rating, Ruling
from survey_app.tallies import change_state

pytestmark = pytest.mark.any_database

PAGE = "/integrity/own/?month=2026-10"
HELD = "/integrity/own/set-aside?month=2026-10&rule=outside_hours/1"
REASON = "The guard pressed it; the camera shows him."


@pytest.fixture
def address(alert):
    return f"/integrity/own/alerts/{alert.id}"


def test_the_list_shows_what_is_open_where(sign_in, make, alert, analyst, center):
    make.noise()
    page = sign_in(analyst).get("/integrity/").text
    assert re.findall(r'role="cell" class="num"[^>]*>(\d+)<', page)[:2] == ["1", "0"]
    assert page.index("/integrity/own/") < page.index("/integrity/center-")


def test_a_center_says_why_and_how_improbable_and_draws_the_day(sign_in, alert, viewer):
    page = sign_in(viewer).get(PAGE).text
    assert "A fast run of equal scores" in page
    assert "The same score was pressed again and again" in page
    assert re.search(r"By chance at most once in [\d,]+ (million|billion|trillion) days", page)
    assert page.count('class="suspected"') == 10
    assert page.count('class="score-') == 22


def test_what_was_set_aside_is_shown_by_rule_with_and_without(sign_in, make, alert, viewer):
    page = sign_in(viewer).get(PAGE).text
    # Eleven fives and one 1 without; ten fives more, and two set aside by the noise, with them.
    without = re.search(r"Satisfied without them: ([\d.]+)% of (\d+)", page)
    assert without is not None
    assert without.group(2) == "12"
    assert "rule=fast_run/1" in page
    assert "rule=outside_hours/1" in page


@pytest.mark.parametrize("who", ["viewer", "manager", "auditor"])
def test_who_may_not_decide_is_told_why_and_sees_no_form(request, sign_in, address, who):
    client = sign_in(request.getfixturevalue(who))
    for page in (address, HELD):
        text = client.get(page).text
        assert 'name="decision"' not in text
        assert ("conflict of interest" in text) == (who != "auditor")


def test_releasing_everything_that_an_alert_names(sign_in, session, alert, address, analyst):
    client = sign_in(analyst)
    ids = alert.detail["ratings"]
    data = {"decision": "release", "reason": REASON, "ratings": ids}
    answer = client.submit(address, data)
    assert (answer.status_code, answer.location) == (302, address)
    assert {session.get(Rating, as_id(each)).state for each in ids} == {"counted"}
    ruling = session.scalars(select(Ruling).where(Ruling.kind == "release")).one()
    assert (ruling.alert_id, ruling.proposed_by, ruling.reason) == (alert.id, analyst.id, REASON)
    assert "The ratings count again" in client.get(address).text


def test_one_rating_is_released_and_the_others_stay_held(
    sign_in, session, stuffed, alert, address, analyst
):
    one = str(stuffed.pressed[3].submission_id)
    sign_in(analyst).submit(address, {"decision": "release", "reason": REASON, "ratings": [one]})
    states = [each.state for each in stuffed.pressed]
    assert states == ["held"] * 3 + ["counted"] + ["held"] * 6


def test_two_people_void(sign_in, session, stuffed, alert, address, analyst, auditor):
    data = {"decision": "void", "reason": REASON, "ratings": alert.detail["ratings"]}
    sign_in(analyst).submit(address, data)
    ruling = session.scalars(select(Ruling).where(Ruling.kind == "void")).one()
    page = f"/integrity/own/rulings/{ruling.id}"
    assert REASON in sign_in(auditor).get(page).text
    answer = sign_in(auditor).submit(page, {"decision": "confirm"})
    assert answer.status_code == 302
    assert {each.state for each in stuffed.pressed} == {"void"}
    assert "It was confirmed" in sign_in(auditor).get(page).text


def test_the_first_person_sees_no_button_and_is_refused(
    sign_in, session, make, center, analyst, stuffed, address
):
    client = sign_in(analyst)
    ids = [str(stuffed.pressed[0].submission_id)]
    client.submit(address, {"decision": "void", "reason": REASON, "ratings": ids})
    ruling = session.scalars(select(Ruling).where(Ruling.kind == "void")).one()
    page = f"/integrity/own/rulings/{ruling.id}"
    assert "somebody else has to decide" in client.get(page).text
    answer = client.submit(page, {"decision": "confirm"})
    assert answer.status_code == 409
    assert "Voiding needs two people" in answer.text
    assert stuffed.pressed[0].state == "held"


def test_an_alert_without_ratings_is_noted(sign_in, session, make, center, analyst):
    alert = make.integrity_alert(center, rule="turnout_coupling/1")
    page = f"/integrity/own/alerts/{alert.id}"
    answer = sign_in(analyst).submit(page, {"decision": "acknowledge", "reason": REASON})
    assert answer.status_code == 302
    assert (alert.acknowledged_by, alert.note) == (analyst.id, REASON)
    assert REASON in sign_in(analyst).get(PAGE).text


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"decision": "release", "reason": " "}, "Please write a reason."),
        ({"decision": "release", "reason": "short"}, "a reason of 10 to 1000 characters"),
        ({"decision": "release", "reason": "x" * 1_001}, "a reason of 10 to 1000 characters"),
        ({"decision": "release", "reason": REASON, "ratings": []}, "at least one rating"),
        ({"decision": "release", "reason": REASON, "ratings": ["x"]}, "out of date"),
        ({"decision": "delete", "reason": REASON}, "out of date"),
        ({"reason": REASON}, "choose one of the buttons"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    sign_in, session, alert, address, analyst, data, problem
):
    chosen = alert.detail["ratings"][:2]
    answer = sign_in(analyst).submit(address, {"ratings": chosen} | data)
    assert answer.status_code == 422
    assert problem in answer.text
    if data["reason"] == REASON and data.get("ratings") is None:
        assert re.findall(r'value="([\w-]+)" checked', answer.text) == chosen
        assert REASON in answer.text
    assert session.scalars(select(Ruling).where(Ruling.kind == "release")).all() == []


def test_who_comes_too_late_is_told(sign_in, alert, address, analyst, admin):
    data = {"decision": "release", "reason": REASON, "ratings": alert.detail["ratings"]}
    assert sign_in(admin).submit(address, data).status_code == 302
    # The second one's page still offers them, since it was opened before.
    answer = sign_in(analyst).submit(address, data)
    assert answer.status_code == 422
    assert "Somebody has decided on this" in answer.text


def test_a_rating_that_intake_held_is_released_from_the_list(sign_in, make, center, analyst):
    place = make.touchpoint(center)
    one, other = (make.rating(place, state="held") for _ in range(2))
    client = sign_in(analyst)
    data = {"decision": "release", "reason": REASON, "ratings": [str(one.submission_id)]}
    assert client.submit(HELD, data).status_code == 302
    assert (one.state, other.state) == ("counted", "held")


def test_alerts_and_proposals_of_others_are_not_found(
    sign_in, make, alert, center, other_center, analyst
):
    client = sign_in(analyst)
    for address in (
        f"/integrity/other/alerts/{alert.id}",
        "/integrity/own/alerts/999",
        f"/integrity/own/alerts/{2**70}",
        "/integrity/own/rulings/999",
        "/integrity/own/?month=2026-13",
        "/integrity/own/?month=1999-01",
        "/integrity/own/set-aside?rule=%00",
    ):
        assert client.get(address).status_code == 404, address


def test_what_people_write_is_shown_as_text(sign_in, alert, address, analyst):
    hostile = "<script>alert(1)</script> and \0 more"
    sign_in(analyst).submit(address, {"decision": "acknowledge", "reason": hostile})
    page = sign_in(analyst).get(address).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; and  more" in page
    assert "<script>alert" not in page


def test_a_rating_named_twice_is_released_once(sign_in, session, stuffed, alert, address, analyst):
    one = str(stuffed.pressed[0].submission_id)
    data = {"decision": "release", "reason": REASON, "ratings": [one, one]}
    assert sign_in(analyst).submit(address, data).status_code == 302
    ruling = session.scalars(select(Ruling).where(Ruling.kind == "release")).one()
    assert [str(each.submission_id) for each in ruling.ratings] == [one]


def test_what_is_void_does_not_hide_what_is_held(
    sign_in, session, stuffed, alert, address, analyst, monkeypatch
):
    """Of a long list only so many are shown: those that can be decided on come first."""
    monkeypatch.setattr(queries, "SHOWN", 2)
    first, *_, newest = stuffed.pressed
    change_state(session, [newest.submission_id, first.submission_id], state="void")
    session.commit()
    client = sign_in(analyst)
    for page in (address, HELD.replace("outside_hours", "fast_run")):
        text = client.get(page).text
        assert text.count('type="checkbox"') == 2, page
        assert str(first.submission_id) not in text
        assert str(newest.submission_id) not in text


def test_a_long_list_says_that_it_is_cut(sign_in, make, center, analyst, monkeypatch):
    monkeypatch.setattr(queries, "SHOWN", 2)
    place = make.touchpoint(center)
    for _ in range(3):
        make.rating(place, state="held")
    page = sign_in(analyst).get(HELD).text
    assert page.count('type="checkbox"') == 2
    assert "Only the newest 2 are shown." in page


def test_every_language_has_its_words(sign_in, session, alert, address, analyst):
    analyst.language = "ru"
    session.commit()
    assert "Быстрая серия одинаковых оценок" in sign_in(analyst).get(address).text


def as_id(text: str):
    from uuid import UUID

    return UUID(text)
