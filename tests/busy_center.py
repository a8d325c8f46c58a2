"""A center with a month worth reporting, for the tests that publish and show one."""

from datetime import UTC, datetime, timedelta

import pytest

from analysis.months import Month
from tests.factories import NOON

OCTOBER = Month(2026, 10)
LATER = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)


@pytest.fixture
def busy_center(make, center):
    """Ratings on two channels, two services, two months; comments; people served; noise."""
    with make.together():
        services = [make.service("03-01-01"), make.service("04-01-01")]
        tablet = make.touchpoint(center, service_id=services[0].id)
        poster = make.poster(center, survey_id=tablet.survey_id, service_id=services[1].id)
        nameless = make.poster(center, survey_id=tablet.survey_id)
        for minute, score in enumerate((5, 5, 4, 5, 1, 5, 4, 5, 5, 2, 5, 4)):
            make.rating(
                tablet, score=score, rated_at=NOON + timedelta(days=minute % 4, hours=minute % 3)
            )
            make.rating(tablet, score=5, rated_at=NOON - timedelta(days=30))
        for score in (5, 3, 1, 4):
            make.rating(poster, score=score)
        make.rating(nameless, score=5)
        make.reading(
            make.rating(tablet, score=1, comment='=HYPERLINK("x") çox gözlədim'),
            "negative",
            topics=["waiting"],
        )
        make.reading(make.rating(tablet, score=5, comment="@kömək üçün sağ olun"), "positive")
        for service in services:
            make.visits(center, service, served=61)
        make.noise(center)
    return center
