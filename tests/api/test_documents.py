"""The documents that programs send, before anything is done about them."""

import json

import pytest
from pydantic import ValidationError

from survey_app.api.documents import BATCH_LIMIT, Batch, Heartbeat, Malformed
from survey_app.intake import Submission
from tests.factories import submission


def read(*ratings, **members):
    return Batch.model_validate_json(json.dumps({"ratings": ratings} | members), strict=True)


def test_ratings_are_read_as_submissions_in_their_order():
    sent = [submission(sequence=number, score=number) for number in (3, 1, 2)]
    batch = read(*sent, sent_at="2026-10-05T12:00:00+04:00")
    assert all(isinstance(each, Submission) for each in batch.ratings)
    assert [each.model_dump(mode="json", exclude_unset=True) for each in batch.ratings] == [
        each | {"rated_at": "2026-10-05T08:00:00Z"} for each in sent
    ]
    assert batch.sent_at.isoformat() == "2026-10-05T12:00:00+04:00"


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"score": 6}, "/score"),
        ({"score": "5"}, "/score"),
        ({"score": 5.0}, "/score"),
        ({"score": True}, "/score"),
        ({"score": 10**3000}, "/score"),
        ({"rated_at": 1_791_187_200}, "/rated_at"),
        ({"rated_at": None}, "/rated_at"),
        ({"answers": {"good": ["a", 5]}}, "/answers/good/1"),
        ({"extra": 1}, "/extra"),
    ],
)
def test_a_malformed_rating_keeps_its_id_and_its_place(members, problem):
    good, bad = submission(), submission(**members)
    first, second = read(bad, good).ratings
    assert first == Malformed(submission_id=bad["submission_id"], problem=problem)
    assert isinstance(second, Submission)


@pytest.mark.parametrize("nameless", [5, None, [], "id", {}, {"submission_id": 5}, submission])
def test_what_has_no_id_can_have_no_verdict(nameless):
    if nameless is submission:
        nameless = submission(submission_id="not an id")
    with pytest.raises(ValidationError) as caught:
        read(submission(), nameless)
    assert caught.value.errors()[0]["loc"][:2] == ("ratings", 1)


def test_a_batch_has_a_size():
    many = [submission()] * (BATCH_LIMIT + 1)
    assert len(read(*many[1:]).ratings) == BATCH_LIMIT
    for ratings in ([], many):
        with pytest.raises(ValidationError, match="ratings"):
            read(*ratings)


def test_a_heartbeat_without_the_younger_members_is_read():
    told = Heartbeat.model_validate_json('{"app_version": "a", "unsent": 3}', strict=True)
    assert (told.unsent, told.rejected, told.last_sequence) == (3, 0, 0)
