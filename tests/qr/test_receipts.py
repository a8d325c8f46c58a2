"""The citizen's receipt: given once, told in words, and good for taking a rating back."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.months import Month
from survey_app import tallies
from survey_app.codes import RECEIPT_LENGTH, code_digest, mint_code
from survey_app.config import Settings
from survey_app.models import (
    Answer,
    AuditEvent,
    Case,
    CommentCorrection,
    CommentReading,
    Rating,
    Receipt,
    Report,
    Touchpoint,
)
from survey_app.reports.publishing import publish_due, read_report
from survey_app.reports.verifying import verify
from tests.api.test_visits import WatchedBody
from tests.conftest import Client
from tests.factories import NOON, SIGNING_KEY, Make

CODE = "BCDFGHJKLMNS"
OTHER_CODE = mint_code(RECEIPT_LENGTH)


@pytest.fixture
def poster(make: Make) -> Touchpoint:
    return make.poster(make.center())


@pytest.fixture
def rating(make: Make, poster: Touchpoint) -> Rating:
    """A rating with all that can be said, and its receipt CODE."""
    rating = make.rating(poster, score=2, comment="Pis idi", answers=["waiting", "from_60"])
    make.reading(rating, "negative")
    make.correction(rating, "negative")
    make.case(rating)
    make.receipt(rating, CODE)
    return rating


def send(client: Client, poster: Touchpoint, **changed: str) -> tuple[dict[str, str], str]:
    """Send a form; what was sent, and where its thanks are."""
    html = client.get(f"/q/{poster.code}?lang=en").text
    hidden = dict(re.findall(r'<input name="(\w+)" type="hidden" value="([^"]+)"', html))
    form = hidden | {"score": "5"} | changed
    return form, str(client.post(f"/q/{poster.code}", data=form).location)


def test_thanks_come_with_a_reference_of_which_we_keep_a_digest(
    client: Client, session: Session, poster: Touchpoint
) -> None:
    _, thanks = send(client, poster)
    code = thanks[3:15]
    page = client.get(thanks).text
    assert "Thank you. We have received your rating." in page
    assert f"{code[:4]}-{code[4:8]}-{code[8:]}" in page
    (receipt,) = session.scalars(select(Receipt))
    assert receipt.digest == code_digest("receipt", code, SIGNING_KEY)
    # What is asked for later holds no reference for the next person at the phone.
    assert "It counts." in client.get(f"/r/{code.lower()}?lang=en").text


def test_the_same_form_again_gets_the_same_reference(
    client: Client, session: Session, poster: Touchpoint
) -> None:
    form, thanks = send(client, poster)
    again = client.post(f"/q/{poster.code}", data=form)
    assert again.location == thanks
    assert len(session.scalars(select(Receipt)).all()) == 1


@pytest.mark.any_database
def test_who_knows_only_the_id_gets_thanks_and_no_reference(
    client: Client, session: Session, poster: Touchpoint
) -> None:
    form, _ = send(client, poster)
    for seed in ("", "another"):
        answer = client.post(f"/q/{poster.code}", data=form | {"seed": seed})
        assert answer.location == "/r/thanks?lang=en"
    page = client.get("/r/thanks?lang=en").text
    assert "This form had reached us before." in page
    assert len(session.scalars(select(Receipt)).all()) == 1


@pytest.mark.any_database
def test_a_contact_is_kept_apart_and_only_when_it_is_one(
    client: Client, session: Session, poster: Touchpoint
) -> None:
    send(client, poster)
    _, refused = send(client, poster, contact="call me")
    assert (refused, session.scalars(select(Case)).all()) == ("None", [])
    send(client, poster, contact=" 050 123 45 67 ")
    (case,) = session.scalars(select(Case))
    rating = session.get_one(Rating, case.submission_id)
    assert (case.center_id, rating.comment) == (poster.center_id, None)
    assert b"501234567" not in (case.contact or b"")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("state", "rule", "words"),
    [
        ("counted", None, "It counts."),
        ("held", "filled_trap/1", "It is being checked."),
        ("void", None, "It was checked by two people and does not count."),
        ("void", "withdrawn/1", "You withdrew it."),
    ],
)
def test_it_says_how_it_stands_with_a_rating(
    client: Client, make: Make, poster: Touchpoint, state: str, rule: str | None, words: str
) -> None:
    make.receipt(make.rating(poster, state=state, held_rule=rule), CODE)
    page = client.get(f"/r/{CODE}?lang=en").text
    assert words in page
    assert "Your rating of 5\N{NO-BREAK SPACE}October 2026" in page
    assert poster.center.name_en in page
    assert ("Withdraw my rating" in page) == (state != "void")


@pytest.mark.any_database
def test_a_reference_is_typed_as_it_comes(client: Client, rating: Rating) -> None:
    for typed in ("BCDF-GHJK-LMNS", "bcdf ghjk lmns"):
        for page in ("/r/", "/q/"):
            answer = client.get(page, query_string={"code": typed, "lang": "ru"})
            assert answer.location == f"/r/{CODE}?lang=ru"
    wrong = client.get("/r/BCDFGHJKLMNB?lang=en")
    assert (wrong.status_code, "There is a typing mistake" in wrong.text) == (404, True)
    answers = {
        re.sub(r'nonce="[^"]+"|/r/[^"?]*', "", client.get(f"/r/{code}?lang=en").text)
        for code in (mint_code(RECEIPT_LENGTH), mint_code(RECEIPT_LENGTH), "x", "'--", "👍")
    }
    assert len(answers) == 1
    assert "We do not know this reference" in answers.pop()


# --- taking it back ------------------------------------------------------------------------------


def test_a_withdrawn_rating_counts_nowhere_and_says_nothing_more(
    client: Client, session: Session, make: Make, rating: Rating
) -> None:
    make.noise(session.get_one(Touchpoint, rating.touchpoint_id).center, NOON)
    named = rating.submission_id
    others = len(session.scalars(select(Rating).where(Rating.state == "counted")).all()) - 1
    asked = client.get(f"/r/{CODE}/withdraw?lang=en")
    assert "Yes, withdraw it" in asked.text
    assert session.get_one(Rating, named).state == "counted"
    answers = [client.post(f"/r/{CODE}/withdraw", data={"lang": "en"}) for _ in range(2)]
    assert {answer.location for answer in answers} == {f"/r/{CODE}?lang=en"}
    assert "You withdrew it." in client.get(answers[0].location).text

    found = session.get_one(Rating, named)
    assert (found.state, found.held_rule, found.comment) == ("void", "withdrawn/1", None)
    for about in (CommentReading, CommentCorrection, Answer):
        assert session.scalars(select(about).where(about.submission_id == named)).all() == []
    assert session.scalars(select(Case.contact).where(Case.submission_id == named)).all() == [None]
    (noted,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "rating_withdrawn"))
    told = {"submission_id": str(named), "was": "counted", "rule": None}
    assert (noted.user_id, noted.detail) == (None, told)
    # Nothing of anybody else's has moved, and every tally still equals its ratings.
    assert len(session.scalars(select(Rating).where(Rating.state == "counted")).all()) == others
    assert tallies.differences(session) == []


@pytest.mark.any_database
def test_what_two_people_voided_stays_theirs_and_is_emptied(
    client: Client, session: Session, make: Make, poster: Touchpoint
) -> None:
    rating = make.rating(poster, state="void", held_rule="cooldown/1", comment="Pis idi")
    make.receipt(rating, CODE)
    # Another's withdrawal in the same center's trail is none of this one's.
    make.receipt(make.rating(poster, state="void", held_rule="cooldown/1"), OTHER_CODE)
    for code in (OTHER_CODE, CODE, CODE, CODE):
        assert client.post(f"/r/{code}/withdraw").status_code == 303
    found = session.get_one(Rating, rating.submission_id)
    assert (found.state, found.held_rule, found.comment) == ("void", "cooldown/1", None)
    assert tallies.differences(session) == []
    # However often it is asked for, it is noted once.
    noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "rating_withdrawn"))
    told = {"submission_id": str(rating.submission_id), "was": "void", "rule": "cooldown/1"}
    assert [each.detail for each in noted].count(told) == 1


@pytest.mark.any_database
def test_an_unknown_reference_withdraws_nothing(
    client: Client, session: Session, rating: Rating
) -> None:
    for code in (mint_code(RECEIPT_LENGTH), "x"):
        assert client.post(f"/r/{code}/withdraw").status_code == 404
        assert client.get(f"/r/{code}/withdraw").status_code == 404
    assert session.scalars(select(Rating.state)).all() == ["counted"]


@pytest.mark.any_database
def test_a_slow_withdrawal_keeps_nobody_from_writing(client: Client, poster: Touchpoint) -> None:
    """On SQLite the first statement of a request that may write makes all others wait."""
    body = WatchedBody(b"lang=ru")
    answer = client.post(
        f"/r/{CODE}/withdraw",
        input_stream=body,
        content_length=7,
        content_type="application/x-www-form-urlencoded",
    )
    assert (answer.status_code, body.transactions) == (404, {False})


def test_a_published_month_is_revised_after_a_withdrawal(
    client: Client, session: Session, make: Make, settings: Settings, poster: Touchpoint
) -> None:
    make.ratings([5] * 11 + [1], poster)
    rating = make.rating(poster, score=1)
    make.receipt(rating, CODE)
    later = NOON + timedelta(days=40)
    session.commit()
    assert publish_due(session, later, 3, settings.address) == 1
    assert publish_due(session, later, 3, settings.address) == 0
    with time_machine.travel(later + timedelta(days=1)):
        client.post(f"/r/{CODE}/withdraw")
    session.commit()
    assert publish_due(session, later + timedelta(days=2), 3, settings.address) == 1
    first, second = session.scalars(select(Report).order_by(Report.revision))
    assert second.reason == "corrected"
    bases = [read_report(row).headline.tally.base for row in (first, second)]
    assert bases == [13, 12]
    assert Month.of(second.month) == Month(2026, 10)
    # What was published before still follows from the ratings as they were.
    session.commit()
    done = verify(session, poster.center, Month(2026, 10), 1)
    assert done.differences == ()
    assert any(note.startswith("Ratings withdrawn by their citizens") for note in done.remarks)
