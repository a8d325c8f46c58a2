"""The pages of answers asked for, in Chromium: from the list to an erased contact, accessibly."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from survey_app.contacts import ask_for_answer
from survey_app.models import Case
from tests.browser.axe import choose_language, violations
from tests.factories import SIGNING_KEY

pytestmark = pytest.mark.any_database


@pytest.fixture
def asked(session, make, center):
    """Two people who wait for an answer, one of them with a long word and many others."""
    service = make.service("03-01-01")
    for score, comment in ((1, "Saatlarla gözlədim. " + "w" * 90), (4, None)):
        place = make.poster(center, service_id=service.id if comment else None)
        rating = make.rating(place, score=score, comment=comment)
        ask_for_answer(
            session,
            rating.submission_id,
            center.id,
            "aydan.quliyeva.uzun.unvan@example.com",
            signing_keys=[SIGNING_KEY],
            now=datetime.now(UTC),
        )
    session.commit()


@pytest.mark.parametrize(
    ("width", "height", "language"), [(1280, 800, "az"), (390, 844, "ru"), (320, 568, "en")]
)
def test_from_the_list_to_an_erased_contact(
    new_page, sign_in_page, session, manager, asked, width, height, language
):
    page = new_page(viewport={"width": width, "height": height}, locale=language)
    page.goto("/")
    sign_in_page(page, manager)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.goto("/cases/")
        choose_language(page, language)
        expect(page.locator("html")).to_have_attribute("lang", language)
        check(page)
    page.locator(".decisions a").first.click()
    expect(page.locator("input[name=answered]")).to_be_visible()
    check(page)
    page.locator("form[action$=contact] button").click()
    expect(page.locator("a.contact")).to_have_attribute(
        "href", "mailto:aydan.quliyeva.uzun.unvan@example.com"
    )
    check(page)
    # Without the tick nothing is closed, and it is said where.
    page.locator("form[action$=close] button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    page.locator("input[name=answered]").check()
    page.locator("form[action$=close] button").click()
    expect(page.locator(".notice[role=status]")).to_be_visible()
    expect(page.locator(".decisions li")).to_have_count(1)
    check(page)
    session.rollback()
    closed, waiting = session.scalars(select(Case).order_by(Case.opened_at))
    assert (closed.contact, waiting.contact is None) == (None, False)


def check(page):
    """No violation, and nothing to be scrolled to at the side."""
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
