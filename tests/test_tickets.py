"""Visit tickets: one visit, one ticket, one rating; and no way back from the rating to it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from survey_app.codes import TICKET_LENGTH, grouped_code, is_sound
from survey_app.errors import Unprocessable
from survey_app.intake import Arrival, record_ratings
from survey_app.intake.submission import Submission
from survey_app.models import ChannelTally, Rating, Ticket
from survey_app.tickets import (
    KEPT,
    LIFETIME,
    erase_tickets,
    find_ticket,
    issue_ticket,
    redeem_ticket,
    tickets_place,
)
from tests.factories import NOON, SIGNING_KEY, submission

KEYS = [SIGNING_KEY]
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def place(make, center):
    return make.tickets_place(center)


def arrival(place, ticket=None, tablet=None, **members):
    told = submission(ticket=ticket, sequence=None, **members)
    return Arrival(
        Submission.model_validate(told), place, LATER, tablet.id if tablet is not None else None
    )


def record(session, *arrivals, keys=KEYS):
    verdicts = record_ratings(session, arrivals, signing_keys=keys)
    session.commit()
    return [(verdict.status, verdict.reason) for verdict in verdicts]


# --- issuing -------------------------------------------------------------------------------------


def test_a_new_ticket_opens_with_either_of_its_codes(session, place):
    issued = issue_ticket(session, place, visited_at=NOON, signing_keys=KEYS)
    session.commit()
    assert len(issued.code) == TICKET_LENGTH
    assert is_sound(issued.code)
    assert issued.expires_at == NOON + LIFETIME
    spellings = [issued.code, grouped_code(issued.code).lower(), issued.secret.lower()]
    found = [find_ticket(session, each, signing_keys=KEYS, now=LATER) for each in spellings]
    assert len({ticket.id for ticket in found}) == 1


def test_the_same_visit_gets_the_same_ticket_again(session, place):
    tickets = [
        issue_ticket(session, place, visited_at=NOON, signing_keys=KEYS, visit=visit)
        for visit in ("A-17 2026-10-05", "A-17 2026-10-05", "A-18 2026-10-05", None, None)
    ]
    session.commit()
    assert tickets[0] == tickets[1]
    assert len({ticket.code for ticket in tickets}) == 4
    assert session.scalar(select(func.count()).select_from(Ticket)) == 4


def test_neither_code_nor_visit_is_kept(session, place):
    issued = issue_ticket(session, place, visited_at=NOON, signing_keys=KEYS, visit="A-17")
    session.commit()
    row = str([list(row) for row in session.execute(select(Ticket.__table__))])
    for secret in (issued.code, issued.secret, "A-17"):
        assert secret not in row


def test_a_center_without_a_place_for_tickets_says_so(session, make, center):
    make.poster(center)
    with pytest.raises(Unprocessable):
        tickets_place(session, center)
    place = make.tickets_place(center)
    make.tickets_place()
    assert tickets_place(session, center) == place


# --- spending ------------------------------------------------------------------------------------


def test_unknown_used_and_expired_tickets_are_alike(session, make, place):
    used, expired = make.ticket(place, spent=True), make.ticket(place, expires_at=LATER)
    for code in (used.code, used.secret, expired.code, "BCDFGHJKLM", "", "§"):
        assert find_ticket(session, code, signing_keys=KEYS, now=LATER) is None
        assert redeem_ticket(session, place.center_id, code, signing_keys=KEYS, now=LATER) is None


def test_a_rating_by_ticket_is_verified_and_knows_its_service(session, make, place):
    service = make.service()
    ticket = make.ticket(place, service_id=service.id)
    assert record(session, arrival(place, ticket.code)) == [("recorded", None)]
    rating = session.scalars(select(Rating)).one()
    assert (rating.verified, rating.service_id, rating.channel) == (True, service.id, "qr")
    (cell,) = session.scalars(select(ChannelTally))
    assert (cell.verified, cell.score_5) == (True, 1)


def test_the_second_rating_of_a_visit_is_refused_and_the_same_one_is_not(session, make, place):
    ticket = make.ticket(place)
    first = arrival(place, ticket.secret)
    assert record(session, first) == [("recorded", None)]
    assert record(session, arrival(place, ticket.code)) == [("rejected", "ticket_not_valid")]
    assert record(session, first) == [("already_recorded", None)]
    assert session.scalar(select(func.count()).select_from(Rating)) == 1


def test_in_one_batch_a_ticket_counts_once(session, make, place):
    ticket = make.ticket(place)
    verdicts = record(session, arrival(place, ticket.code), arrival(place, ticket.code))
    assert verdicts == [("recorded", None), ("rejected", "ticket_not_valid")]


def test_where_only_tickets_lead_nothing_comes_in_without_one(session, place):
    assert record(session, arrival(place)) == [("rejected", "ticket_not_valid")]
    assert session.scalar(select(func.count()).select_from(Rating)) == 0


def test_a_ticket_of_another_center_is_none_here(session, make, place):
    elsewhere = make.ticket()
    verdict = record(session, arrival(place, elsewhere.code))
    assert verdict == [("rejected", "ticket_not_valid")]
    assert not elsewhere.ticket.spent


def test_a_tablet_has_thanked_already_so_a_bad_ticket_costs_no_rating(session, make, center):
    place = make.tickets_place(center)
    tablet = make.tablet(make.touchpoint(center)).tablet
    good, used = make.ticket(place), make.ticket(place, spent=True)
    for code, verified in ((good.secret, True), (used.secret, False), ("nonsense", False)):
        sent = arrival(tablet.touchpoint, code, tablet)
        assert record(session, sent) == [("recorded", None)]
        rating = session.get_one(Rating, sent.submission.submission_id)
        assert (rating.verified, rating.channel) == (verified, "tablet")


def test_a_ticket_is_good_when_it_was_while_its_tablet_had_no_network(session, make, center):
    tablet = make.tablet(make.touchpoint(center)).tablet
    place = make.tickets_place(center)
    ticket = make.ticket(place, expires_at=NOON + LIFETIME)
    for days, verified in ((LIFETIME.days + 1, False), (0, True)):
        given = (NOON + timedelta(days=days)).isoformat()
        told = submission(ticket=ticket.code, rated_at=given, sequence=days + 1)
        late = NOON + timedelta(days=13)
        sent = Arrival(Submission.model_validate(told), tablet.touchpoint, late, tablet.id)
        assert record(session, sent) == [("recorded", None)]
        rating = session.get_one(Rating, sent.submission.submission_id)
        assert rating.verified == verified


def test_a_refused_rating_gives_its_ticket_back(session, make, center):
    place, tablet = make.tickets_place(center), make.tablet(make.touchpoint(center)).tablet
    ticket = make.ticket(place)
    told = submission(sequence=7)
    first = Arrival(Submission.model_validate(told), tablet.touchpoint, LATER, tablet.id)
    assert record(session, first) == [("recorded", None)]
    again = Submission.model_validate(submission(sequence=7, ticket=ticket.code))
    second = Arrival(again, tablet.touchpoint, LATER, tablet.id)
    assert record(session, second) == [("rejected", "sequence_reused")]
    assert find_ticket(session, ticket.code, signing_keys=KEYS, now=LATER) is not None


def test_a_known_rating_spends_no_other_ticket(session, make, place):
    first, second = make.ticket(place), make.ticket(place)
    sent = arrival(place, first.code)
    assert record(session, sent) == [("recorded", None)]
    again = Arrival(sent.submission.model_copy(update={"ticket": second.code}), place, LATER)
    assert record(session, again) == [("already_recorded", None)]
    assert find_ticket(session, second.code, signing_keys=KEYS, now=LATER) is not None


def test_tickets_outlive_the_key_they_were_made_with(session, make, place):
    ticket = make.ticket(place)
    keys = ["a newer signing key, which guards nothing either", SIGNING_KEY]
    assert record(session, arrival(place, ticket.code), keys=keys) == [("recorded", None)]


# --- forgetting ----------------------------------------------------------------------------------


def test_nothing_leads_from_a_rating_to_its_ticket(session, make, place):
    """Two ratings alike but for their tickets leave rows alike but for their ids."""
    ids = []
    for _ in range(2):
        sent = arrival(place, make.ticket(place).code)
        record(session, sent)
        ids.append(sent.submission.submission_id)
    own = {"submission_id", "content_digest"}
    shared = [column for column in Rating.__table__.columns if column.name not in own]
    assert len(set(session.execute(select(*shared)).all())) == 1


def test_long_expired_tickets_are_deleted(session, make, place):
    now = NOON + timedelta(days=200)
    make.ticket(place, expires_at=now - KEPT - timedelta(seconds=1))
    kept = make.ticket(place, expires_at=now - KEPT + timedelta(seconds=1))
    assert erase_tickets(session, now) == 1
    assert session.scalars(select(Ticket.id)).all() == [kept.ticket.id]
