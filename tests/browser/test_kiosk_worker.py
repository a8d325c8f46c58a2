"""The tablet's service worker: a new version comes in whole, between visits, or not at all."""

import pytest
from playwright.sync_api import expect

from survey_app.kiosk import views
from tests.browser.kiosk_tablet import KioskTablet

pytestmark = pytest.mark.any_database

UPDATE = """navigator.serviceWorker.getRegistration("/kiosk/")
    .then((registration) => registration.update()).then(() => 0, () => 0)"""


def test_a_new_version_waits_until_nobody_is_rating(tablet, monkeypatch):
    # The tap comes first: Chromium looks for a new version by itself now and then.
    tablet.score(4)
    monkeypatch.setattr(views, "APP_VERSION", "two")
    tablet.page.evaluate(UPDATE)
    expect_caches(tablet, 2)
    expect(tablet.page.locator(".choices")).to_be_visible()
    tablet.go("enough")
    expect(tablet.page.locator("body")).to_have_attribute("data-version", "two", timeout=15_000)
    tablet.expect_clean_start()
    assert caches(tablet) == ["rey-kiosk-two"]


@pytest.mark.parametrize("url", ["/static/kiosk/missing.js", "/healthz"])
def test_a_version_with_a_wrong_file_is_refused(tablet, monkeypatch, live_server, url):
    asset_urls = views._asset_urls
    monkeypatch.setattr(views, "APP_VERSION", "two")
    monkeypatch.setattr(views, "_asset_urls", lambda: [*asset_urls(), url])
    tablet.page.evaluate(UPDATE)
    tablet.page.wait_for_timeout(1_500)
    assert caches(tablet) == [f"rey-kiosk-{version(tablet)}"]
    assert version(tablet) != "two"
    live_server.stop()
    tablet.page.reload()
    tablet.expect_clean_start()


def version(tablet):
    return tablet.page.locator("body").get_attribute("data-version")


def caches(tablet):
    return tablet.page.evaluate("caches.keys()")


def expect_caches(tablet, number):
    for _ in range(100):
        if len(caches(tablet)) == number:
            return
        tablet.page.wait_for_timeout(100)
    raise AssertionError(caches(tablet))


@pytest.fixture
def tablet(new_page, session, make):
    """A paired tablet whose page is kept."""
    tablet = KioskTablet(new_page(viewport={"width": 1280, "height": 800}), session)
    tablet.pair(make.touchpoint())
    tablet.wait_for_worker()
    return tablet
