"""The page behind a code: what a citizen's phone, and a program that is none, gets to see."""

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_plus

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey_app import MAX_BODY, create_app
from survey_app.config import Settings
from survey_app.demo import catalogue
from survey_app.extensions import db, limiter
from survey_app.models import Answer, AuditEvent, ChannelTally, Option, Rating, Touchpoint
from survey_app.qr.forms import COMMENT_LIMIT
from tests.conftest import Client
from tests.factories import NOON, Make
from tests.qr.hostile import KEPT, NOTHING, PUT_RIGHT

FORM_TYPE = "application/x-www-form-urlencoded"


# --- the form ----------------------------------------------------------------------------------


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("chosen", "browser", "habit", "language"),
    [
        ("ru", "en", "az", "ru"),
        ("az", "ru,en;q=0.5", "en", "az"),
        (None, "en-GB,en;q=0.9", "az", "en"),
        (None, "de,ru;q=0.4", "az", "ru"),
        (None, "de,fr", "ru", "ru"),
        (None, "", "en", "en"),
        ("de", "en", "az", "en"),
        ("", "", "az", "az"),
    ],
)
def test_it_speaks_as_asked_else_as_the_browser_else_as_the_center(
    client: Client, make: Make, chosen: str | None, browser: str, habit: str, language: str
) -> None:
    poster = make.poster(make.center(default_language=habit))
    answer = client.get(
        f"/q/{poster.code}",
        query_string={"lang": chosen} if chosen is not None else {},
        headers={"Accept-Language": browser},
    )
    page = read(answer)
    assert answer.status_code == 200
    assert page.language == language
    assert f"Question satisfaction ({language})" in page.text
    # What is sent back is in the language that was read, whatever the next browser says.
    assert page.values["lang"] == [language]


@pytest.mark.any_database
def test_it_offers_every_language_under_its_own_name(client: Client, poster: Touchpoint) -> None:
    page = read(client.get(f"/q/{poster.code}"))
    for language, name in (("az", "Azərbaycanca"), ("ru", "Русский"), ("en", "English")):
        assert page.links[name] == f"/q/{poster.code}?lang={language}"


@pytest.mark.any_database
def test_every_form_has_an_id_of_its_own(client: Client, poster: Touchpoint) -> None:
    first, second = (read(client.get(f"/q/{poster.code}")) for _ in range(2))
    assert first.values["submission_id"] != second.values["submission_id"]


@pytest.mark.any_database
def test_it_sets_no_cookie_whatever_happens(client: Client, make: Make, poster: Touchpoint) -> None:
    retired = make.poster(retired_at=NOON)
    answers = [
        client.get(f"/q/{poster.code}"),
        client.get(f"/q/{poster.code}?lang=ru"),
        client.post(f"/q/{poster.code}", data={}),
        client.post(f"/q/{poster.code}", data=fill(client, poster)),
        client.get("/r/thanks"),
        client.get(f"/q/{retired.code}"),
        client.get("/q/nowhere"),
        client.post(f"/q/{poster.code}", data={"comment": "x" * 10_000_000}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 422, 303, 200, 410, 404, 413]
    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None] * 8


@pytest.mark.any_database
def test_it_needs_no_script_and_no_second_request(client: Client, poster: Touchpoint) -> None:
    answer = client.get(f"/q/{poster.code}")
    page = read(answer)
    assert not page.tags & {"img", "iframe", "object", "embed"}
    assert [each for each in page.fetched if not each.startswith("data:")] == []
    # What makes it better is asked for when everything is there, and nothing waits for it.
    (script,) = re.findall(r"<script nonce=\"[^\"]+\">(.*?)</script>", answer.text)
    assert script == 'addEventListener("load",()=>import("/static/qr/better.js"))'


@pytest.mark.any_database
@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_its_first_view_is_14_kilobytes_with_all_services(
    client: Client, session: Session, make: Make, language: str
) -> None:
    center, *_ = catalogue.add_network(session)
    survey = catalogue.add_survey(session, NOON, NOON)
    poster = make.poster(center, survey_id=survey.id)
    answer = client.get(
        f"/q/{poster.code}?lang={language}", headers={"Accept-Encoding": "gzip, br"}
    )
    page = gzip.decompress(answer.data).decode()
    assert page.count("<option") == 1 + 152 + 26
    assert len(answer.data) + len(str(answer.headers)) <= 14 * 1024


CODES = {
    "OPEN": 200,
    "RETIRED": 410,
    "retired": 410,
    "nowhere": 404,
    "OPENED": 404,
    "' OR '1'='1": 404,
    "%F0%9F%91%8D": 404,
    "%ED%A0%80": 404,
    "%00": 404,
    "OPEN%00": 404,
    "x" * 3000: 404,
    "OPEN/de": 404,
}


def test_a_code_is_known_or_was_or_never_existed(client: Client, make: Make) -> None:
    make.poster(code="OPEN")
    make.poster(code="RETIRED", retired_at=NOON)
    words = {404: "We do not know this code", 410: "This code is no longer in use"}
    for code, status in CODES.items():
        answer = client.get(f"/q/{code}", headers={"Accept-Language": "en"})
        assert (code, answer.status_code) == (code, status)
        # An address with a NUL is not even one of ours.
        if status != 200 and "%00" not in code:
            assert words[status] in answer.text
            assert read(answer).links["Type a code"] == "/q/?lang=en"


def test_a_typed_code_of_an_older_shape_is_found_as_it_is_printed(
    client: Client, make: Make
) -> None:
    make.poster(code="old-code1")
    for typed in ("old-code1", " old-code1 ", "old-code1%00"):
        assert client.get(f"/q/?code={typed}").location == "/q/old-code1"
    for typed in ("%00BCDFGHJA", "BCDF%00GHJA"):
        assert client.get(f"/q/?code={typed}").status_code == 422


@pytest.mark.any_database
@pytest.mark.parametrize(("code", "status"), [("nowhere", 404), ("RETIRED", 410)])
def test_a_closed_poster_takes_nothing(
    client: Client, session: Session, make: Make, poster: Touchpoint, code: str, status: int
) -> None:
    make.poster(code="RETIRED", retired_at=NOON)
    assert client.post(f"/q/{code}", data=fill(client, poster)).status_code == status
    assert stored(session) == []


# --- what is recorded --------------------------------------------------------------------------


def test_a_rating_is_recorded_and_thanked_for_at_another_address(
    client: Client, session: Session, make: Make, poster: Touchpoint
) -> None:
    service = make.service()
    make.noise(poster.center, datetime.now(UTC))
    before = {rating.submission_id for rating in stored(session)}
    form = fill(client, poster, "?lang=ru") | {
        "score": "4",
        "outcome": "partly",
        "good": ["waiting", "information"],
        "comment": "Ələkəm əladır",
        "service": service.code,
    }
    answer = client.post(f"/q/{poster.code}", data=form)
    assert answer.status_code == 303
    assert re.fullmatch(r"/r/[B-DF-HJ-NP-TV-XZ]{12}\?lang=ru&new=1", answer.location)
    (rating,) = (each for each in stored(session) if each.submission_id not in before)
    assert str(rating.submission_id) == form["submission_id"]
    assert (rating.score, rating.comment, rating.language) == (4, "Ələkəm əladır", "ru")
    assert (rating.channel, rating.mode, rating.tablet_id) == ("qr", "self", None)
    assert (rating.center_id, rating.touchpoint_id) == (poster.center_id, poster.id)
    assert (rating.service_id, rating.state) == (service.id, "counted")
    assert abs((datetime.now(UTC) - rating.rated_at).total_seconds()) < 60
    assert chosen(session, rating) == {"partly", "waiting", "information"}
    page = read(client.get(answer.location))
    assert page.language == "ru"
    assert page.values == {}


@pytest.mark.any_database
def test_group_questions_come_last_folded_up_with_their_purpose(
    client: Client, poster: Touchpoint
) -> None:
    html = client.get(f"/q/{poster.code}?lang=en").text
    before, after = html.split("<details", 1)
    inside, behind = after.split("</details>", 1)
    assert 'name="age"' not in before + behind
    assert "</textarea>" in before
    assert "<button>" in behind
    assert "About you (optional)" in inside.split("</summary>")[0]
    assert 'id="purpose">These answers help us see' in inside
    assert 'id="q-age" aria-describedby="purpose"' in inside
    assert "<legend>Question age (en)</legend>" in inside
    options = ["under_30", "from_30_to_59", "from_60", "no_answer"]
    assert re.findall(r'type="radio" name="age" id="age-(\w+)"', inside) == options


def test_a_group_answer_is_recorded(client: Client, session: Session, poster: Touchpoint) -> None:
    answer = client.post(f"/q/{poster.code}", data=fill(client, poster) | {"age": "no_answer"})
    (rating,) = stored(session)
    assert (answer.status_code, chosen(session, rating)) == (303, {"no_answer"})


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("sent", "is_open"), [({}, False), ({"age": "from_60"}, True), ({"age": "100"}, True)]
)
def test_what_was_answered_or_is_wrong_is_not_folded_up(
    client: Client, poster: Touchpoint, sent: dict[str, str], is_open: bool
) -> None:
    form = fill(client, poster) | {"score": "", **sent}
    html = client.post(f"/q/{poster.code}", data=form).text
    assert ('<details class="q" open>' in html) == is_open
    assert ('<details class="q">' in html) != is_open
    described = "purpose age-error" if sent == {"age": "100"} else "purpose"
    assert f'id="q-age" aria-describedby="{described}"' in html


def test_the_score_alone_is_enough(client: Client, session: Session, poster: Touchpoint) -> None:
    answer = client.post(f"/q/{poster.code}", data=fill(client, poster) | {"score": "1"})
    (rating,) = stored(session)
    assert (answer.status_code, rating.score, rating.comment) == (303, 1, None)
    assert (rating.service_id, chosen(session, rating)) == (None, set())


def test_sending_twice_counts_once(client: Client, session: Session, poster: Touchpoint) -> None:
    form = fill(client, poster) | {"comment": "once"}
    first, second = (client.post(f"/q/{poster.code}", data=form) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert [rating.comment for rating in stored(session)] == ["once"]
    assert session.scalar(select(func.sum(ChannelTally.score_5))) == 1


def test_sending_again_with_a_changed_answer_keeps_the_first_and_notes_it(
    client: Client, session: Session, poster: Touchpoint
) -> None:
    form = fill(client, poster)
    answers = [
        client.post(f"/q/{poster.code}", data=form | {"score": score}) for score in ("5", "1")
    ]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert [rating.score for rating in stored(session)] == [5]
    (noted,) = session.scalars(select(AuditEvent))
    assert (noted.action, noted.detail["reason"]) == ("rating_refused", "content_differs")


@pytest.mark.any_database
def test_who_fills_the_trap_is_thanked_and_set_aside(
    client: Client, session: Session, poster: Touchpoint
) -> None:
    form = fill(client, poster) | {"website": "http://example.org"}
    assert client.post(f"/q/{poster.code}", data=form).status_code == 303
    (rating,) = stored(session)
    assert (rating.state, rating.held_rule) == ("held", "filled_trap/1")
    (tally,) = session.scalars(select(ChannelTally))
    assert (tally.scores, tally.held) == ((0, 0, 0, 0, 0), 1)


@pytest.mark.any_database
def test_only_reasons_that_are_asked_at_this_score_are_kept(
    client: Client, session: Session, poster: Touchpoint
) -> None:
    # A browser without :has() shows both lists, so both may come back.
    reasons = {"good": ["waiting"], "bad": ["information"]}
    for score in range(1, 6):
        client.post(f"/q/{poster.code}", data=fill(client, poster) | reasons | {"score": score})
    kept = {rating.score: chosen(session, rating) for rating in stored(session)}
    bad, good = {"information"}, {"waiting"}
    assert kept == {1: bad, 2: bad, 3: bad, 4: good, 5: good}


@pytest.mark.any_database
def test_a_poster_at_a_counter_knows_the_service(
    client: Client, session: Session, make: Make
) -> None:
    own, other = make.service(), make.service()
    poster = make.poster(service_id=own.id)
    assert "service" not in read(client.get(f"/q/{poster.code}")).values
    client.post(f"/q/{poster.code}", data=fill(client, poster) | {"service": other.code})
    assert [rating.service_id for rating in stored(session)] == [own.id]


@pytest.mark.any_database
def test_answers_belong_to_the_version_that_was_read(
    client: Client, session: Session, make: Make, poster: Touchpoint
) -> None:
    form = fill(client, poster) | {"outcome": "yes"}
    make.survey_version(poster.survey, 2)
    assert client.post(f"/q/{poster.code}", data=form).status_code == 303
    (rating,) = stored(session)
    assert rating.survey_version_id == poster.survey.versions[0].id
    assert read(client.get(f"/q/{poster.code}")).values["version"] == ["2"]


@pytest.mark.any_database
def test_a_version_that_was_never_published_is_not_believed(
    client: Client, session: Session, make: Make, poster: Touchpoint
) -> None:
    make.survey_version(poster.survey, 3, published_at=None)
    form = fill(client, poster)
    for number in ("3", "0", "-1", "1e3", "", "x", "９", "9" * 5000):
        form |= {"version": number, "submission_id": str(make.uuid())}
        assert client.post(f"/q/{poster.code}", data=form).status_code == 303
    versions = {rating.survey_version_id for rating in stored(session)}
    assert versions == {poster.survey.versions[0].id}


@pytest.mark.any_database
def test_personal_data_is_gone_before_storage(
    client: Client, session: Session, poster: Touchpoint
) -> None:
    form = fill(client, poster, "?lang=en") | {"comment": "Call me: +994 50 123 45 67, thanks"}
    client.post(f"/q/{poster.code}", data=form)
    assert [rating.comment for rating in stored(session)] == ["Call me: [phone removed], thanks"]


def test_hostile_texts_survive(
    client: Client, session: Session, make: Make, poster: Touchpoint
) -> None:
    texts = [(text, text) for text in KEPT]
    texts += PUT_RIGHT
    texts += [(text, None) for text in NOTHING]
    expected = {}
    form = fill(client, poster)
    for sent, kept in texts:
        form |= {"comment": sent, "submission_id": str(make.uuid())}
        assert client.post(f"/q/{poster.code}", data=form).status_code == 303, sent
        expected[form["submission_id"]] = kept
    assert {str(each.submission_id): each.comment for each in stored(session)} == expected


# --- what is wrong -----------------------------------------------------------------------------


@pytest.mark.any_database
def test_what_was_typed_is_not_lost(
    client: Client, session: Session, make: Make, poster: Touchpoint
) -> None:
    service = make.service()
    form = fill(client, poster, "?lang=ru") | {
        "outcome": "no",
        "bad": ["staff_courtesy", "information"],
        "comment": "Çox gözlədim",
        "service": service.code,
    }
    del form["score"]
    answer = client.post(f"/q/{poster.code}", data=form)
    page = read(answer)
    assert answer.status_code == 422
    assert page.values == form_values(form) | {"website": [""], "contact": [""]}
    assert page.comment == "Çox gözlədim"
    assert page.language == "ru"
    assert page.alerts == 1
    assert stored(session) == []
    # The same form, put right, is taken.
    again = {**form, "score": "2"}
    assert client.post(f"/q/{poster.code}", data=again).status_code == 303
    assert len(stored(session)) == 1


@pytest.mark.any_database
def test_hostile_texts_come_back_as_text(client: Client, poster: Touchpoint) -> None:
    harmless = read(client.post(f"/q/{poster.code}", data={"comment": "harmless"}))
    for sent in KEPT:
        page = read(client.post(f"/q/{poster.code}", data={"comment": sent}))
        assert page.comment == sent
        assert page.structure == harmless.structure


@pytest.mark.any_database
def test_hostile_values_of_other_fields_come_back_as_text(
    client: Client, poster: Touchpoint
) -> None:
    harmless = read(client.post(f"/q/{poster.code}", data={}))
    for sent in KEPT:
        names = ("submission_id", "version", "lang", "score", "outcome", "good", "service", "x")
        answer = client.post(f"/q/{poster.code}", data=dict.fromkeys(names, sent[:300]))
        assert (answer.status_code, read(answer).tags) == (422, harmless.tags)


CRAFTED: dict[str, dict[str, Any]] = {
    "no score": {"score": None},
    "empty score": {"score": ""},
    "score 0": {"score": "0"},
    "score 6": {"score": "6"},
    "score in words": {"score": "five"},
    "score 5.0": {"score": "5.0"},
    "score of another script": {"score": "٥"},
    "unknown outcome": {"outcome": "maybe"},
    "empty outcome": {"outcome": ""},
    "unknown reason": {"good": ["waiting", "weather"]},
    "reason twice": {"good": ["waiting", "waiting"]},
    "reason a thousand times": {"good": ["waiting"] * 1000},
    "unknown service": {"service": "99-99-99"},
    "no id": {"submission_id": None},
    "id that is none": {"submission_id": "not-a-uuid"},
    "id with a NUL": {"submission_id": "\x00"},
    "NUL in the comment": {"comment": "a\x00b"},
    "NUL in a reason": {"good": ["waiting\x00"]},
    "NUL in the service": {"service": "01\x00"},
    "long comment": {"comment": "x" * (COMMENT_LIMIT + 1)},
    "comment that grows": {"comment": "\u0958" * COMMENT_LIMIT},
    "very long comment": {"comment": "x" * 50_000},
}


def test_what_no_browser_sends_is_refused(
    client: Client, session: Session, make: Make, poster: Touchpoint
) -> None:
    make.service()
    refused = {}
    for name, crafted in CRAFTED.items():
        form = fill(client, poster) | {"outcome": "yes"} | crafted
        form = {name: value for name, value in form.items() if value is not None}
        answer = client.post(f"/q/{poster.code}", data=form)
        refused[name] = (answer.status_code, read(answer).alerts, len(stored(session)))
    assert refused == dict.fromkeys(CRAFTED, (422, 1, 0))


@pytest.mark.any_database
def test_bytes_that_are_no_text_are_refused(
    client: Client, session: Session, poster: Touchpoint
) -> None:
    form = encode(fill(client, poster))
    for comment in (b"%ED%A0%80", b"%ED%B0%80", b"%FF", b"%C3%28", b"\xed\xa0\x80", b"%C0%80"):
        body = form + b"&comment=" + comment
        answer = client.post(f"/q/{poster.code}", data=body, content_type=FORM_TYPE)
        assert (comment, answer.status_code) == (comment, 422)
    multipart = b'--x\r\nContent-Disposition: form-data; name="comment"\r\n\r\n\xff\r\n--x--'
    answer = client.post(
        f"/q/{poster.code}", data=multipart, content_type="multipart/form-data; boundary=x"
    )
    assert (answer.status_code, stored(session)) == (422, [])


@pytest.mark.any_database
def test_a_form_without_an_id_can_be_sent_again(
    client: Client, session: Session, poster: Touchpoint
) -> None:
    refused = client.post(f"/q/{poster.code}", data=fill(client, poster) | {"submission_id": ""})
    page = read(refused)
    form = {"score": "5"} | {name: page.values[name] for name in ("submission_id", "version")}
    assert client.post(f"/q/{poster.code}", data=form).status_code == 303
    assert len(stored(session)) == 1


MULTIPART = "multipart/form-data; boundary=x"
BODIES: list[tuple[bytes, str, int]] = [
    (b"comment=" + b"x" * 10_000_000, FORM_TYPE, 413),
    (b"x" * (MAX_BODY + 1), FORM_TYPE, 413),
    (b"x=1&" * (MAX_BODY // 4), FORM_TYPE, 422),
    (b"&=&" * (MAX_BODY // 3), FORM_TYPE, 422),
    (b"score=5", "text/plain", 422),
    (b'{"score": 5}', "application/json", 422),
    (b"", FORM_TYPE, 422),
    (b"\x00\xff\xfe", FORM_TYPE, 422),
    (b"--x\r\n", MULTIPART, 422),
    (b"nonsense", "multipart/form-data", 422),
    (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 1010, MULTIPART, 413),
    (
        b'--x\r\nContent-Disposition: form-data; name="score"; filename="a"\r\n\r\n5\r\n--x--',
        MULTIPART,
        422,
    ),
]


@pytest.mark.any_database
def test_bodies_that_are_no_form_are_refused(
    client: Client, session: Session, poster: Touchpoint
) -> None:
    for body, content_type, status in BODIES:
        answer = client.post(f"/q/{poster.code}", data=body, content_type=content_type)
        assert (body[:80], answer.status_code) == (body[:80], status)
        assert answer.mimetype == "text/html"
    assert stored(session) == []


@pytest.mark.any_database
def test_other_methods_are_refused(client: Client, poster: Touchpoint) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        answer = client.open(f"/q/{poster.code}", method=method)
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


# --- too many ----------------------------------------------------------------------------------


@pytest.mark.any_database
def test_too_many_from_one_network_are_asked_to_wait(
    limited_client: Client, session: Session, make: Make, poster: Touchpoint
) -> None:
    other = make.poster(poster.center)
    address = f"/q/{poster.code}"
    statuses = [limited_client.post(address, data={}).status_code for _ in range(61)]
    assert statuses == [422] * 60 + [429]
    refused = limited_client.post(
        address, data={"comment": "So much to say"}, headers={"Accept-Language": "en"}
    )
    assert "Please wait a minute and send it again." in refused.text
    assert read(refused).comment == "So much to say"
    assert refused.mimetype == "text/html"
    too_long = limited_client.post(address, data={"comment": "x" * (MAX_BODY + 1)})
    assert too_long.status_code == 413
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert "Set-Cookie" not in refused.headers
    # Reading goes on, and so does another poster, and another network at the same one.
    assert limited_client.get(address).status_code == 200
    assert limited_client.post(f"/q/{other.code}", data={}).status_code == 422
    elsewhere = {"REMOTE_ADDR": "10.1.2.3"}
    assert limited_client.post(address, data={}, environ_base=elsewhere).status_code == 422


@pytest.mark.any_database
def test_no_code_is_found_by_sending_forms(
    limited_client: Client, make: Make, poster: Touchpoint
) -> None:
    ticket = make.ticket(
        make.tickets_place(poster.center), expires_at=datetime(2100, 1, 1, tzinfo=UTC)
    )
    # However it is written, it is one code.
    spellings = [f"/q/{poster.code.lower()}" + "-" * number for number in range(61)]
    statuses = [limited_client.post(each, data={}).status_code for each in spellings]
    assert statuses == [422] * 60 + [429]
    for number in range(60):
        assert limited_client.post(f"/q/NOWHERE{number}", data={}).status_code == 404
        assert limited_client.post(f"/t/NOWHERE{number}", data={}).status_code == 404
    other = make.poster(poster.center)
    pages = {}
    for code in (f"/q/{other.code}", f"/t/{ticket.code}", "/q/NOWHERE", "/t/NOWHERE"):
        answer = limited_client.post(code, data={})
        assert answer.status_code == 429
        pages[code] = re.sub(r'nonce="[^"]*"', "", answer.text.replace(code, ""))
    assert len(set(pages.values())) == 1


# --- fixtures and what reads a page ------------------------------------------------------------


@pytest.fixture
def poster(make: Make) -> Touchpoint:
    return make.poster(make.center(default_language="az"))


@pytest.fixture
def limited_client(
    app: Flask, settings: Settings, session: Session, new_client: Callable[[], Client]
) -> Iterator[Client]:
    """A client of an application that counts requests, as an installation does."""
    limited = create_app(settings.model_copy(update={"environment": "demo"}))
    limited.test_client_class = Client
    client = limited.test_client()
    assert isinstance(client, Client)
    client.test_session = session
    yield client
    with limited.app_context():
        db.engine.dispose()
    # The limiter is one for all applications of a process.
    limiter.enabled = False


class Page(HTMLParser):
    """What a browser makes of a page: its language, form values, links and structure."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.language = ""
        self.structure: list[str] = []
        self.values: dict[str, list[str]] = {}
        self.links: dict[str, str] = {}
        self.fetched: list[str] = []
        self.alerts = 0
        self.text = self.comment = ""
        self._open: dict[str, str | None] = {}
        self._select = ""
        self.feed(html)

    @property
    def tags(self) -> set[str]:
        return set(self.structure)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = {"tag": tag, **dict(attrs)}
        self.structure.append(tag)
        name, value = self._open.get("name") or "", self._open.get("value") or ""
        is_on = self._open.get("type") not in {"radio", "checkbox"} or "checked" in self._open
        if tag == "html":
            self.language = self._open.get("lang") or ""
        elif tag == "select":
            self._select = name
            self.values[name] = []
        elif tag == "option" and "selected" in self._open:
            self.values[self._select] = [value]
        elif tag == "input" and is_on:
            self.values.setdefault(name, []).append(value)
        if tag in {"link", "img", "source"}:
            self.fetched.append(self._open.get("href") or self._open.get("src") or "")
        self.alerts += self._open.get("role") == "alert"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open.get("tag") == "a":
            self.links[data] = self._open.get("href") or ""
        if self._open.get("tag") == "textarea":
            # A browser drops the line break after the opening tag.
            self.comment += data.removeprefix("\r\n")

    def handle_endtag(self, tag: str) -> None:
        self._open = {}


def read(answer: TestResponse) -> Page:
    return Page(answer.text)


def fill(client: Client, poster: Touchpoint, query: str = "") -> dict[str, Any]:
    """The form as it comes from the server, with the happiest face chosen."""
    values = read(client.get(f"/q/{poster.code}{query}")).values
    hidden = {name: values[name][0] for name in ("submission_id", "seed", "version", "lang")}
    return hidden | {"score": "5"}


def form_values(form: dict[str, Any]) -> dict[str, list[str]]:
    """The same form as Page reads it; the comment stands apart."""
    return {
        name: value if isinstance(value, list) else [value]
        for name, value in form.items()
        if name != "comment"
    }


def encode(form: dict[str, Any]) -> bytes:
    return "&".join(f"{name}={quote_plus(value)}" for name, value in form.items()).encode()


def stored(session: Session) -> list[Rating]:
    return list(session.scalars(select(Rating).order_by(Rating.received_at)))


def chosen(session: Session, rating: Rating) -> set[str]:
    return set(
        session.scalars(
            select(Option.code)
            .join(Answer, Answer.option_id == Option.id)
            .where(Answer.submission_id == rating.submission_id)
        )
    )
