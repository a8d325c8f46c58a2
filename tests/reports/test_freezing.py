"""What is kept of a revision, and what is said of one that the database refuses."""

from datetime import timedelta

import pytest

from survey_app.models import NetworkReport
from survey_app.reports.freezing import NotStored, freeze, store
from tests.factories import MONTH, NOON


def test_a_refusal_is_told_in_the_same_words_at_every_try(session):
    """PostgreSQL tells the row too, whose number and instant are others at every try."""

    def refusal(minutes):
        at = NOON + timedelta(minutes=minutes)
        row = NetworkReport(month=MONTH, revision=0, made_of=[], published_at=at, **freeze({}))
        with pytest.raises(NotStored) as refused:
            store(session, row)
        session.rollback()
        return str(refused.value)

    first, second = refusal(0), refusal(1)
    assert first == second
    assert "ck_network_report_revision" in first
