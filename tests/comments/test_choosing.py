"""Choosing a reader and taking the choice back: what is noted, and what is no change."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.comments.choosing import Change, choose_reader, take_back_choice
from survey_app.comments.readers import SHIPPED, NoSuchReader, current_choice
from survey_app.models import AuditEvent
from tests.comments.conftest import NOVEMBER

pytestmark = pytest.mark.any_database
LATER = NOVEMBER + timedelta(hours=1)


def test_a_choice_and_its_end_are_noted(session: Session, folder: Path, kept: str) -> None:
    assert choose_reader(session, folder, kept, NOVEMBER) == Change(kept, SHIPPED)
    assert current_choice(folder).version == kept
    assert take_back_choice(session, folder, LATER) == Change(SHIPPED, kept)
    assert current_choice(folder).version == SHIPPED
    session.commit()
    assert [
        (each.happened_at, each.action, each.detail, each.user_id, each.center_id)
        for each in session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    ] == [
        (NOVEMBER, "reader_chosen", {"reader": kept, "before": SHIPPED}, None, None),
        (LATER, "reader_rolled_back", {"reader": SHIPPED, "before": kept}, None, None),
    ]


def test_nothing_is_noted_where_nothing_changes(session: Session, folder: Path) -> None:
    assert choose_reader(session, folder, SHIPPED, NOVEMBER) is None
    with pytest.raises(NoSuchReader):
        choose_reader(session, folder, "additive-0", NOVEMBER)
    with pytest.raises(NoSuchReader):
        take_back_choice(session, folder, NOVEMBER)
    session.commit()
    assert session.scalars(select(AuditEvent)).all() == []
