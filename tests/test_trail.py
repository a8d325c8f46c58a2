"""The audit trail says who did what, where and to which tablet, and when."""

import pytest
from sqlalchemy import select

from survey_app.models import AuditEvent
from survey_app.trail import note
from tests.factories import NOON

pytestmark = pytest.mark.any_database


def test_an_event_names_its_person_center_and_tablet(session, make, center, manager):
    tablet = make.tablet(make.touchpoint(center)).tablet
    note(session, "tablet_renamed", center.id, manager, NOON, tablet, name="Hall")
    session.commit()
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.happened_at, event.detail) == (
        "tablet_renamed",
        NOON,
        {"name": "Hall"},
    )
    assert (event.center_id, event.user_id, event.tablet_id) == (center.id, manager.id, tablet.id)


def test_what_nobody_did_to_the_network_as_a_whole_names_nobody(session):
    note(session, "reader_chosen", None, None, NOON)
    session.commit()
    event = session.scalars(select(AuditEvent)).one()
    assert (event.center_id, event.user_id, event.tablet_id, event.detail) == (None, None, None, {})
