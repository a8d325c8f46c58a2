"""People decide: releasing, voiding by two, declining; the database holds them to it as well."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app import tallies
from survey_app.extensions import begin_writing, db
from survey_app.integrity import ruling
from survey_app.integrity.ruling import AlreadyDecided, SamePerson
from survey_app.models import AuditEvent, IntegrityCheck, Rating, Report, Ruling, User
from survey_app.reports.publishing import publish_due
from tests.factories import NOON

NOW = NOON + timedelta(days=1)
REASON = "The guard pressed it; the camera shows him."


@pytest.fixture
def held(make, center):
    """Two held ratings of one place, beside others that count."""
    place = make.touchpoint(center)
    make.noise(center)
    make.rating(place)
    return [make.rating(place, state="held").submission_id for _ in range(2)]


@pytest.fixture
def proposal(session, center, held, analyst):
    """An analyst's proposal to void both."""
    row = ruling.propose_void(session, center, None, held, REASON, analyst, NOW)
    session.commit()
    return row


def test_what_is_released_counts_again(session, center, held, analyst):
    row = ruling.release(session, center, None, held[:1], REASON, analyst, NOW)
    session.commit()
    assert states(session, held) == ["counted", "held"]
    assert session.get(Rating, held[0]).held_rule is None
    assert (row.kind, row.stage, row.rule) == ("release", "done", "person")
    assert noted(session) == [("ratings_released", analyst.id, 1, REASON)]
    assert tallies.differences(session) == []


@pytest.mark.any_database
def test_a_published_month_gets_a_new_revision_when_ratings_are_released(
    session, center, held, analyst
):
    later = NOON + timedelta(days=40)
    for revision in (1, 2):
        publish_due(session, later, 2, "https://rey.example.org")
        found = session.scalars(
            select(Report.revision).where(Report.center_id == center.id).order_by(Report.revision)
        )
        assert found.all()[-1] == revision
        if revision == 1:
            ruling.release(session, center, None, held, REASON, analyst, NOW)
            session.commit()


def test_voiding_waits_for_a_second_person(session, center, held, proposal, analyst, auditor):
    assert states(session, held) == ["held", "held"]
    assert ruling.confirm_void(session, proposal, auditor, NOW) == 2
    session.commit()
    session.refresh(proposal)
    assert states(session, held) == ["void", "void"]
    assert (proposal.stage, proposal.decided_by) == ("done", auditor.id)
    assert noted(session) == [
        ("void_proposed", analyst.id, 2, REASON),
        ("ratings_voided", auditor.id, 2, REASON),
    ]
    assert tallies.differences(session) == []


def test_a_declined_proposal_leaves_everything_as_it_was(session, held, proposal, analyst, admin):
    ruling.decline_void(session, proposal, admin, NOW)
    session.commit()
    session.refresh(proposal)
    assert states(session, held) == ["held", "held"]
    assert proposal.stage == "declined"
    assert noted(session)[1] == ("void_declined", admin.id, 2, REASON)


def test_the_first_person_is_not_the_second(session, held, proposal, analyst):
    for answer in (ruling.confirm_void, ruling.decline_void):
        with pytest.raises(SamePerson):
            answer(session, proposal, analyst, NOW)
    assert states(session, held) == ["held", "held"]


@pytest.mark.parametrize("stage", ["done", "declined"])
def test_the_database_refuses_one_person_as_two(session, proposal, analyst, stage):
    proposal.stage, proposal.decided_by, proposal.decided_at = stage, analyst.id, NOW
    with pytest.raises(IntegrityError):
        session.commit()


def test_the_database_refuses_to_change_what_is_decided(session, proposal, auditor):
    ruling.confirm_void(session, proposal, auditor, NOW)
    session.commit()
    session.refresh(proposal)
    proposal.reason = "Another reason"
    with pytest.raises(IntegrityError):
        session.commit()


def test_a_proposal_is_decided_once(session, proposal, auditor, admin):
    ruling.decline_void(session, proposal, auditor, NOW)
    session.commit()
    with pytest.raises(AlreadyDecided):
        ruling.confirm_void(session, proposal, admin, NOW)


def test_what_is_proposed_to_be_voided_is_neither_released_nor_proposed_again(
    session, center, held, proposal, admin
):
    for decide in (ruling.release, ruling.propose_void):
        with pytest.raises(AlreadyDecided):
            decide(session, center, None, held[:1], REASON, admin, NOW)


@pytest.mark.any_database
@pytest.mark.parametrize("which", ["counted", "void", "another center's", "none", "unknown"])
def test_only_held_ratings_of_the_center_are_released(
    session, make, center, other_center, held, analyst, which
):
    ids = {
        "counted": lambda: [make.rating(make.touchpoint(center)).submission_id],
        "void": lambda: [make.rating(make.touchpoint(center), state="void").submission_id],
        "another center's": lambda: [
            make.rating(make.touchpoint(other_center), state="held").submission_id
        ],
        "none": list,
        "unknown": lambda: [*held, make.uuid()],
    }[which]()
    with pytest.raises(AlreadyDecided):
        ruling.release(session, center, None, ids, REASON, analyst, NOW)


@pytest.mark.any_database
def test_a_counted_rating_may_be_proposed_and_counts_until_it_is_confirmed(
    session, make, center, analyst, auditor
):
    rating = make.rating(make.touchpoint(center))
    row = ruling.propose_void(session, center, None, [rating.submission_id], REASON, analyst, NOW)
    session.commit()
    assert states(session, [rating.submission_id]) == ["counted"]
    ruling.confirm_void(session, row, auditor, NOW)
    session.commit()
    assert states(session, [rating.submission_id]) == ["void"]


@pytest.mark.any_database
def test_voiding_makes_the_month_due_for_its_rules_again(session, center, proposal, auditor):
    last_day = NOON.date().replace(day=31)
    check = {"ratings": 0, "rules": "x", "tests_made": 0, "checked_at": NOW}
    session.add(IntegrityCheck(center_id=center.id, day=last_day, **check))
    session.commit()
    ruling.confirm_void(session, proposal, auditor, NOW)
    session.commit()
    session.expire_all()
    assert session.get(IntegrityCheck, (center.id, last_day)) is None


@pytest.mark.any_database
def test_an_alert_is_acknowledged_once(session, alert, analyst, admin):
    ruling.acknowledge(session, alert, "A school class.", analyst, NOW)
    session.commit()
    session.refresh(alert)
    assert (alert.acknowledged_by, alert.note) == (analyst.id, "A school class.")
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "alert_acknowledged")
    ).one()
    assert (event.user_id, event.detail["note"]) == (analyst.id, "A school class.")
    with pytest.raises(AlreadyDecided):
        ruling.acknowledge(session, alert, "Another note.", admin, NOW)


def test_of_two_who_confirm_at_once_one_does(app, session, held, proposal, auditor, admin):
    """Both have opened the page; only one decision is made and noted."""
    people, number = (auditor.id, admin.id), proposal.id
    session.commit()
    at_once, ended = threading.Barrier(2), []

    def confirm(person_id: int) -> None:
        with app.app_context():
            person, row = db.session.get(User, person_id), db.session.get(Ruling, number)
            db.session.expunge_all()
            db.session.rollback()
            at_once.wait()
            begin_writing(db.session)
            try:
                ruling.confirm_void(db.session, db.session.merge(row, load=False), person, NOW)
                db.session.commit()
                ended.append("voided")
            except AlreadyDecided:
                db.session.rollback()
                ended.append("too late")

    threads = [threading.Thread(target=confirm, args=(each,)) for each in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.expire_all()
    assert sorted(ended) == ["too late", "voided"]
    assert states(session, held) == ["void", "void"]
    assert [action for action, *_ in noted(session)] == ["void_proposed", "ratings_voided"]


def states(session: Session, ids) -> list[str]:
    session.expire_all()
    return [session.get(Rating, each).state for each in ids]


def noted(session: Session) -> list[tuple[str, int, int, str]]:
    """What the audit trail says of the decisions: (action, person, ratings, reason)."""
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.detail["ruling"].is_not(None)).order_by(AuditEvent.id)
    )
    return [
        (each.action, each.user_id, each.detail["ratings"], each.detail["reason"])
        for each in events
        if "ruling" in each.detail
    ]
