"""The network room's pages: who sees and changes what, and what is said."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from survey_app.access import touchpoint_for
from survey_app.errors import Unauthorised
from survey_app.extensions import begin_writing
from survey_app.models import AuditEvent, Tablet, Touchpoint
from survey_app.pairing import pair_tablet
from tests.factories import DAY

pytestmark = pytest.mark.any_database

# A Monday, noon in Baku: the centers are open since 9.
NOW = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
JUST_NOW = NOW - timedelta(seconds=50)
LABELS = {"label_az": "Çıxışda", "label_ru": "У выхода", "label_en": "At the exit"}


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def place(make, center):
    return make.touchpoint(center)


@pytest.fixture
def tablet(make, place):
    return make.tablet(place, last_seen_at=JUST_NOW, unsent=0, app_version="1.4").tablet


@pytest.fixture
def page_of(sign_in):
    """`page_of(user, address)`: the words of a page."""

    def page_of(user, address):
        answer = sign_in(user).get(address)
        assert answer.status_code == 200
        return text_of(answer.text)

    return page_of


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main")[1]).split())


def actions(session):
    return session.scalars(select(AuditEvent.action)).all()


# --- what is shown ---------------------------------------------------------------------------


def test_the_index_counts_what_needs_somebody(make, page_of, analyst, center, other_center):
    for columns in (
        {"last_seen_at": JUST_NOW},
        {"last_seen_at": NOW - timedelta(minutes=20)},
        {"last_seen_at": JUST_NOW, "unsent": 30},
        {"last_seen_at": JUST_NOW, "paused_at": NOW},
        {"last_seen_at": JUST_NOW, "revoked_at": NOW},
    ):
        make.tablet(make.touchpoint(center), **columns)
    make.touchpoint(center)
    make.tablet(make.touchpoint(center, retired_at=NOW), last_seen_at=None)
    make.poster(center)
    make.poster(center, retired_at=NOW)
    make.tablet(make.touchpoint(other_center), last_seen_at=JUST_NOW)
    page = page_of(analyst, "/network/")
    # Connected, silent, not sending, without a tablet, paused, posters.
    assert "Center own (en) 4 1 1 2 1 1" in page
    assert "Center other (en) 1 0 0 0 0 0" in page
    assert "Somebody should look into this: 4, in 1 of 2 centers." in page


def test_a_quiet_network_is_said_to_be_fine(page_of, manager, tablet):
    assert "Every tablet works, and none is missing." in page_of(manager, "/network/")


def test_everybody_sees_their_own_centers(page_of, make, stranger, viewer, center, other_center):
    assert "Center own" not in page_of(stranger, "/network/")
    assert "Center other" not in page_of(viewer, "/network/")
    nobody = make.user()
    assert "You cannot see any center yet" in page_of(nobody, "/network/")


def test_silence_depends_on_the_opening_hours(make, page_of, manager, place):
    make.tablet(place, last_seen_at=NOW - timedelta(minutes=20))
    assert "silent" in page_of(manager, "/network/own/")
    make.holiday(DAY)
    page = page_of(manager, "/network/own/")
    assert "The center is closed now." in page
    assert "silent" not in page


def test_of_two_tablets_at_a_place_it_is_said_which_does_what(make, page_of, manager, place):
    make.tablet(place, name="By the window", last_seen_at=JUST_NOW)
    nameless = make.tablet(place, last_seen_at=NOW - timedelta(days=2)).tablet
    page = page_of(manager, "/network/own/")
    assert f"By the window : works Tablet {nameless.id}: silent" in page


def test_a_center_shows_its_hours_and_holidays(make, page_of, viewer, center):
    make.holiday(DAY + timedelta(days=34), name_en="Flag Day")
    make.holiday(DAY - timedelta(days=1), name_en="Yesterday")
    page = page_of(viewer, "/network/own/")
    assert "Monday 09:00–18:00" in page
    assert "Sunday closed" in page
    assert "8 November 2026 Flag Day" in page
    assert "Yesterday" not in page


def test_a_tablet_is_shown_with_all_that_is_known(make, page_of, viewer, place):
    make.tablet(
        place,
        name="By the door",
        last_seen_at=NOW - timedelta(minutes=3),
        last_rating_at=NOW - timedelta(minutes=4),
        app_version="1.4",
        unsent=2,
        rejected=1,
        battery_percent=12,
        is_charging=False,
        storage_free=512 * 1024 * 1024,
        storage_persistent=False,
        skew_ms=-5 * 60_000,
    )
    page = page_of(viewer, f"/network/touchpoints/{place.id}")
    for words in (
        "By the door",
        "State works",
        "Last sign of life 3 minutes ago (5 October 2026, 11:57)",
        "Last rating 5 October 2026, 11:56",
        "Ratings waiting on the tablet 2",
        "Refused ratings kept on it 1",
        "Battery 12% , not charging",
        "Room for ratings 512 MB, the browser may clear it",
        "Clock ahead by 5 minutes",
        "Version of the app 1.4",
    ):
        assert words in page


def test_a_name_is_only_text(make, page_of, sign_in, manager, place):
    tablet = make.tablet(place, name="<script>alert(1)</script>").tablet
    for address in (f"touchpoints/{place.id}", f"tablets/{tablet.id}/disconnect"):
        assert "<script>alert" not in sign_in(manager).get(f"/network/{address}").text


# --- who may change what ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["viewer", "analyst", "auditor"])
def test_who_only_reads_is_offered_nothing(sign_in, cast, name, center, place, tablet):
    client = sign_in(cast[name])
    for address in ("/network/own/", f"/network/touchpoints/{place.id}"):
        page = client.get(address)
        assert page.status_code == 200
        main = page.text.split("<main")[1]
        assert "<form" not in main
        assert "button" not in main


@pytest.mark.parametrize("name", ["viewer", "stranger", "analyst", "auditor"])
def test_only_the_centers_managers_change_anything(
    session, app, sign_in, cast, name, make, center, place, tablet
):
    app.config["WTF_CSRF_ENABLED"] = False
    make.survey()
    client = sign_in(cast[name])
    for address, data in (
        ("own/number", {"pin": "2580"}),
        ("own/add", {"kind": "tablet", **LABELS, "survey": place.survey_id, "service": "0"}),
        (f"touchpoints/{place.id}/change", {**LABELS, "survey": place.survey_id, "service": "0"}),
        (f"touchpoints/{place.id}/code", {}),
        (f"touchpoints/{place.id}/retire", {}),
        (f"touchpoints/{place.id}/reopen", {}),
        (f"tablets/{tablet.id}/name", {"name": "Mine"}),
        (f"tablets/{tablet.id}/move", {"place": place.id}),
        (f"tablets/{tablet.id}/pause", {}),
        (f"tablets/{tablet.id}/resume", {}),
        (f"tablets/{tablet.id}/disconnect", {}),
    ):
        assert client.post(f"/network/{address}", data=data).status_code == 404
    assert actions(session) == []


def test_numbers_that_no_row_can_have_are_missing(sign_in, admin):
    client = sign_in(admin)
    for number in ("7777", "9" * 30):
        assert client.get(f"/network/touchpoints/{number}").status_code == 404
        assert client.get(f"/network/tablets/{number}/name").status_code == 404


# --- the number of the staff menu ------------------------------------------------------------


def test_nobody_waits_while_a_number_is_hashed(app, session, sign_in, manager, center, monkeypatch):
    hash_slowly, written = hashlib.pbkdf2_hmac, []

    def write_meanwhile(*asked):
        with Session(session.get_bind()) as other:
            # Nobody else's request is given any time to end.
            other.execute(text("PRAGMA busy_timeout=0"))
            other.commit()
            begin_writing(other)
            written.append(other.scalar(select(func.count()).select_from(Touchpoint)))
        return hash_slowly(*asked)

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", write_meanwhile)
    answer = sign_in(manager).submit("/network/own/number", {"pin": "2580"})
    assert (answer.status_code, written) == (303, [0])
    assert center.staff_pin is not None


def test_a_manager_sets_the_number(session, sign_in, manager, center):
    client = sign_in(manager)
    answer = client.submit("/network/own/number", {"pin": " 25 80 "})
    assert (answer.status_code, answer.location) == (303, "/network/own/")
    assert center.staff_pin["iterations"] >= 200_000
    assert "2580" not in client.get("/network/own/").text
    assert actions(session) == ["staff_pin_set"]


@pytest.mark.parametrize(
    ("pin", "words"),
    [
        ("1234", "too easy to guess"),
        ("0000", "too easy to guess"),
        ("123", "four to eight digits"),
        ("123456789", "four to eight digits"),
        ("25a0", "four to eight digits"),
        ("٢٥٨٠", "four to eight digits"),
        ("", "four to eight digits"),
    ],
)
def test_a_bad_number_is_refused(session, sign_in, manager, center, pin, words):
    answer = sign_in(manager).submit("/network/own/number", {"pin": pin})
    assert answer.status_code == 422
    assert words in answer.text
    assert center.staff_pin is None


# --- places ----------------------------------------------------------------------------------


@pytest.fixture
def survey(make):
    return make.survey()


@pytest.mark.parametrize(
    ("kind", "channel", "words"),
    [
        ("tablet", "tablet", "No tablet is connected here yet."),
        ("poster", "qr", "A poster with a code."),
        ("tickets", "qr", "codes on visit tickets come in here"),
    ],
)
def test_a_place_is_added(session, sign_in, manager, center, survey, kind, channel, words):
    client = sign_in(manager)
    data = {"kind": kind, **LABELS, "survey": survey.id, "service": "0"}
    answer = client.submit("/network/own/add", data)
    place = session.scalars(select(Touchpoint)).one()
    assert (answer.status_code, answer.location) == (303, f"/network/touchpoints/{place.id}")
    assert (place.channel, place.label_az, place.service_id) == (channel, "Çıxışda", None)
    assert words in text_of(client.get(answer.location).text)


def test_what_is_missing_is_said(session, sign_in, manager, center, survey):
    answer = sign_in(manager).submit("/network/own/add", {"label_az": " ", "survey": "9"})
    assert answer.status_code == 422
    for words in (
        "Please choose what stands there.",
        "Please write its Azerbaijani name.",
        "Please write its Russian name.",
        "Please write its English name.",
        "This page was out of date.",
    ):
        assert words in answer.text
    assert session.scalars(select(Touchpoint)).all() == []


def test_a_second_place_for_tickets_is_refused_in_words(make, sign_in, manager, center, survey):
    make.tickets_place(center)
    data = {"kind": "tickets", **LABELS, "survey": survey.id, "service": "0"}
    answer = sign_in(manager).submit("/network/own/add", data)
    assert answer.status_code == 422
    assert "This center has a place for its visit tickets already." in answer.text


def test_a_retired_place_for_tickets_stays_retired_beside_another(
    make, sign_in, manager, center, session
):
    old = make.tickets_place(center, retired_at=NOW)
    make.tickets_place(center)
    client = sign_in(manager)
    address = f"/network/touchpoints/{old.id}"
    answer = client.submit(address, {}, to=f"{address}/reopen")
    assert "already. Retire that one first." in client.get(answer.location).text
    assert old.retired_at == NOW


def test_a_poster_is_changed(make, sign_in, manager, center, survey, session):
    service, poster = make.service(), make.poster(center)
    client = sign_in(manager)
    page = f"/network/touchpoints/{poster.id}/change"
    assert f'value="{poster.label_az}"' in client.get(page).text
    data = LABELS | {"survey": survey.id, "service": service.id}
    assert client.submit(page, data).status_code == 303
    assert (poster.label_ru, poster.survey_id, poster.service_id) == (
        "У выхода",
        survey.id,
        service.id,
    )


def test_a_tablets_place_is_renamed_and_goes_on_asking_the_same(make, sign_in, manager, place):
    asked = place.survey_id
    client = sign_in(manager)
    page = f"/network/touchpoints/{place.id}/change"
    assert "keeps its survey and service" in client.get(page).text
    data = LABELS | {"survey": make.survey().id, "service": make.service().id}
    assert client.submit(page, data).status_code == 303
    assert (place.label_ru, place.survey_id, place.service_id) == ("У выхода", asked, None)


def test_a_place_is_retired_after_asking_and_opened_again(session, sign_in, manager, place):
    client = sign_in(manager)
    address = f"/network/touchpoints/{place.id}"
    answer = client.get(f"{address}/retire")
    assert "Retire this place?" in answer.text
    assert place.retired_at is None
    client.submit(f"{address}/retire", {})
    assert place.retired_at == NOW
    assert "Retired on 5 October 2026, 12:00" in text_of(client.get(address).text)
    client.submit(address, {}, to=f"{address}/reopen")
    assert place.retired_at is None
    assert actions(session) == ["touchpoint_retired", "touchpoint_reopened"]


# --- tablets ---------------------------------------------------------------------------------


def test_a_connection_code_is_shown_once_and_pairs(session, sign_in, manager, place):
    client = sign_in(manager)
    address = f"/network/touchpoints/{place.id}"
    answer = client.submit(address, {}, to=f"{address}/code")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    (code,) = re.findall(r'<p class="code">([A-Z]{4}-[A-Z]{4})</p>', answer.text)
    assert "5 October 2026, 12:10" in text_of(answer.text)
    assert code not in client.get(address).text
    assert pair_tablet(session, code, NOW)
    assert "pairing_code_made" in actions(session)


def test_a_poster_gives_no_connection_code(make, app, sign_in, manager, center):
    app.config["WTF_CSRF_ENABLED"] = False
    poster = make.poster(center)
    answer = sign_in(manager).post(f"/network/touchpoints/{poster.id}/code")
    assert answer.status_code == 404


def test_a_tablet_is_renamed(session, sign_in, manager, tablet):
    client = sign_in(manager)
    answer = client.submit(f"/network/tablets/{tablet.id}/name", {"name": "  By the\tdoor "})
    assert (answer.status_code, tablet.name) == (303, "By the door")
    assert "By the door" in client.get(answer.location).text
    answer = client.submit(f"/network/tablets/{tablet.id}/name", {"name": "x" * 61})
    assert (answer.status_code, tablet.name) == (422, "By the door")
    client.submit(f"/network/tablets/{tablet.id}/name", {"name": ""})
    assert tablet.name is None


def test_a_tablet_is_paused_and_resumed(session, sign_in, manager, place, tablet):
    client = sign_in(manager)
    address = f"/network/touchpoints/{place.id}"
    client.submit(address, {}, to=f"/network/tablets/{tablet.id}/pause")
    assert tablet.paused_at == NOW
    assert "State paused" in text_of(client.get(address).text)
    client.submit(address, {}, to=f"/network/tablets/{tablet.id}/resume")
    assert tablet.paused_at is None


def test_a_tablet_moves_within_what_its_manager_manages(
    session, make, sign_in, manager, center, other_center, tablet
):
    target, poster = make.touchpoint(center), make.poster(center)
    foreign = make.touchpoint(other_center)
    client = sign_in(manager)
    address = f"/network/tablets/{tablet.id}/move"
    offered = re.findall(r'<option\s[^>]*value="(\d+)"', client.get(address).text)
    assert offered == [str(target.id)]
    stood = tablet.touchpoint_id
    for wrong in (foreign.id, poster.id, stood, "x", ""):
        assert client.submit(address, {"place": wrong}).status_code == 422
        assert tablet.touchpoint_id == stood
    answer = client.submit(address, {"place": target.id})
    assert answer.location == f"/network/touchpoints/{target.id}"
    assert tablet.touchpoint_id == target.id


def test_who_manages_both_centers_moves_between_them(
    session, make, sign_in, admin, center, other_center, tablet
):
    target = make.touchpoint(other_center)
    sign_in(admin).submit(f"/network/tablets/{tablet.id}/move", {"place": target.id})
    assert session.get(Tablet, tablet.id).touchpoint_id == target.id


def test_a_tablet_is_disconnected_after_asking(session, make, sign_in, manager, place):
    enrolled = make.tablet(place, unsent=3, name="By the door")
    client = sign_in(manager)
    address = f"/network/tablets/{enrolled.tablet.id}/disconnect"
    assert "Ratings still waiting on it: 3." in client.get(address).text
    assert touchpoint_for(session, enrolled.token)
    answer = client.submit(address, {})
    with pytest.raises(Unauthorised):
        touchpoint_for(session, enrolled.token)
    page = text_of(client.get(answer.location).text)
    assert "Disconnected tablets: 1 By the door" in page
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.user_id) == ("tablet_revoked", manager.id)
    assert client.get(address).status_code == 404
