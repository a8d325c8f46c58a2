"""API keys: shown once, kept as a digest, revocable."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from survey_app.access import centers_for_key, key_for
from survey_app.errors import NotFound, Unauthorised
from survey_app.models import ApiKey, AuditEvent
from survey_app.people.api_keys import all_api_keys, create_api_key, revoke_api_key
from tests.factories import NOON


def test_only_the_digest_of_a_key_is_kept(session, make, center):
    row, key = create_api_key(session, "Queue", center, NOON)
    _, other = create_api_key(session, "Queue", None, NOON)
    session.commit()
    assert key.startswith("rey_")
    assert len(key) == len("rey_") + 43  # 256 bits in base 64
    assert key != other
    assert key.encode() not in row.digest
    assert len(row.digest) == 32
    assert [each.center_id for each in all_api_keys(session)] == [center.id, None]


def test_a_key_opens_its_center_or_all(session, make, center, other_center):
    make.api_key(center, "mine")
    make.api_key(None, "everybody's")
    assert centers_for_key(session, key_for(session, "mine", NOON)) == [center]
    everybodys = key_for(session, "everybody's", NOON)
    assert centers_for_key(session, everybodys) == [center, other_center]


def test_a_revoked_key_opens_nothing(session, make, center):
    row, key = create_api_key(session, "Queue", center, NOON)
    kept = make.api_key(center, "kept")
    revoke_api_key(session, row.id, NOON)
    for wrong in (key, "", "kept ", "KEPT"):
        with pytest.raises(Unauthorised):
            key_for(session, wrong, NOON)
    assert key_for(session, "kept", NOON) is kept
    with pytest.raises(NotFound):
        revoke_api_key(session, row.id, NOON)
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["api_key_created", "api_key_revoked"]


def test_use_is_noted_at_most_once_a_minute(session, make):
    key = make.api_key(None, "secret")
    seen = []
    for seconds in (0, 59, 60, 119, 121):
        key_for(session, "secret", NOON + timedelta(seconds=seconds))
        seen.append((key.last_used_at - NOON).seconds)
    assert seen == [0, 0, 60, 60, 121]
    session.commit()
    assert session.scalar(select(ApiKey.last_used_at)) == key.last_used_at
