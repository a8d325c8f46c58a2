"""Every page of staff, in Chromium: accessible, nothing beyond the side of the screen."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from survey_app.reports.publishing import publish_month
from tests.browser.axe import violations
from tests.busy_center import LATER, OCTOBER

pytestmark = pytest.mark.any_database

SIZES = [(1280, 800), (390, 844), (320, 568)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_staff_pages_are_accessible(
    new_page,
    session,
    sign_in_page,
    manager,
    busy_center,
    width,
    height,
):
    publish_month(session, busy_center, OCTOBER, LATER)
    session.commit()
    page = new_page(viewport={"width": width, "height": height}, locale="en")
    for address in ("/", "/login", "/reset", "/nothing/here"):
        page.goto(address)
        check(page)
    sign_in_page(page, manager)
    for address in (
        "/reports/",
        "/reports/own/",
        "/reports/own/2026-10?lang=az",
        "/reports/own/2026-09/draft",
        "/dashboard/own/?month=2026-10",
        "/dashboard/own/?month=2026-09",
        "/change",
        "/tf-setup",
        "/wan-register",
        "/mf-recovery-codes",
    ):
        page.goto(address)
        check(page)


@pytest.mark.parametrize("width", [1280, 320])
def test_comments_to_be_read_today_are_accessible(
    new_page, make, sign_in_page, manager, center, width
):
    words = "Məndən pul istədilər " + "w" * 80
    place = make.touchpoint(center, service_id=make.service("03-01-01").id)
    rating = make.rating(place, score=1, comment=words, rated_at=datetime.now(UTC))
    make.reading(rating, "negative", urgent="bribery")
    page = new_page(viewport={"width": width, "height": 700}, locale="en")
    page.goto("/")
    sign_in_page(page, manager)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto("/dashboard/own/")
        expect(page.get_by_role("region", name="Read today").get_by_role("listitem")).to_have_count(
            1
        )
        check(page)


def check(page):
    """No violation, and nothing to be scrolled to at the side."""
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
