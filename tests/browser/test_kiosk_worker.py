"""The tablet's service worker: a new version comes in whole, between visits, or not at all."""

from hashlib import sha256

import pytest
from flask import Response
from playwright.sync_api import expect

from survey_app.config import ROOT
from survey_app.kiosk import views
from tests.browser.kiosk_tablet import THANKS_MS, KioskTablet
from tests.browser.waiting import wait_until
from tests.conftest import PATIENCE_MS

pytestmark = pytest.mark.any_database

# Begins to look for a new version, and does not wait: a page that is idle is left for it.
UPDATE = """() => void navigator.serviceWorker.getRegistration("/kiosk/")
    .then((registration) => registration.update()).catch(() => {})"""
# What became of the new version: "installed", "redundant" or the like.
UPDATED = """async () => {
    const registration = await navigator.serviceWorker.getRegistration("/kiosk/");
    const worker = registration.installing ?? await new Promise((resolve) => {
        registration.addEventListener(
            "updatefound", () => resolve(registration.installing), { once: true },
        );
        registration.update().catch(() => {});
    });
    while (worker?.state === "installing") {
        await new Promise((resolve) => {
            worker.addEventListener("statechange", resolve, { once: true });
        });
    }
    return (worker ?? registration.waiting)?.state ?? "redundant";
}"""
KEPT_RECORDINGS = """caches.open("rey-extras").then((cache) => cache.keys())
    .then((kept) => kept.filter(({ url }) => url.endsWith(".ogg")).length)"""
STARTED = """caches.match("/kiosk/?tries")
    .then((note) => note?.text()).then((text) => text === "-1")"""


def test_a_new_version_waits_until_nobody_is_rating(tablet, monkeypatch):
    # The tap comes first: Chromium looks for a new version by itself now and then.
    tablet.score(4)
    monkeypatch.setattr(views, "APP_VERSION", "two")
    assert tablet.page.evaluate(UPDATED) == "installed"
    assert len(caches(tablet)) == 2
    expect(tablet.page.locator(".choices")).to_be_visible()
    tablet.go("enough")
    tablet.expect_thanks()
    # As long as people see the thanks: a version that is let in while the one before is still at
    # work, Chromium under a debugger may leave waiting for minutes.
    tablet.expect_kept(0)
    tablet.page.wait_for_timeout(THANKS_MS)
    tablet.page.clock.fast_forward(THANKS_MS)
    expect_version(tablet, "two")
    tablet.expect_clean_start()
    # The one before is kept until this one has started.
    expect_caches(tablet, 1)
    assert caches(tablet) == ["rey-kiosk-two"]


def test_a_version_with_a_wrong_file_is_refused(tablet, monkeypatch, live_server):
    digests = views._digests
    here = version(tablet)
    for number, (url, digest) in enumerate(
        {
            "/static/kiosk/missing.js": "0" * 64,
            # A page where a script should be, and half a script.
            "/healthz": "0" * 64,
            "/static/kiosk/app.js": "0" * 64,
        }.items()
    ):
        monkeypatch.setattr(views, "APP_VERSION", f"wrong-{number}")
        monkeypatch.setattr(views, "_digests", lambda each, u=url, d=digest: digests(each) | {u: d})
        assert tablet.page.evaluate(UPDATED) == "redundant"
        assert (url, caches(tablet)) == (url, [f"rey-kiosk-{here}"])
    live_server.stop()
    tablet.page.reload()
    tablet.expect_clean_start()
    assert version(tablet) == here


def test_a_version_that_does_not_start_gives_way_to_the_one_before(tablet, monkeypatch, app):
    here = version(tablet)
    serve, digests = app.view_functions["static"], views._digests
    stuck = b"await new Promise(() => {});"

    def serve_stuck(filename):
        if filename != "kiosk/app.js":
            return serve(filename=filename)
        return Response(stuck, mimetype="text/javascript")

    with monkeypatch.context() as patched:
        patched.setattr(views, "APP_VERSION", "stuck")
        patched.setattr(
            views,
            "_digests",
            lambda each: digests(each) | {"/static/kiosk/app.js": sha256(stuck).hexdigest()},
        )
        patched.setitem(app.view_functions, "static", serve_stuck)
        tablet.page.evaluate(UPDATE)
        expect_version(tablet, "stuck")
        # What boot.js does after half a minute, and after another.
        tablet.page.reload()
        expect(tablet.page.locator(".face")).to_have_count(0)
        tablet.page.reload()
        tablet.expect_clean_start()
        assert version(tablet) == here
        tablet.rate(3)
    monkeypatch.setattr(views, "APP_VERSION", "mended")
    tablet.page.evaluate(UPDATE)
    expect_version(tablet, "mended")
    tablet.expect_clean_start()
    expect_caches(tablet, 1)
    assert caches(tablet) == ["rey-kiosk-mended"]


def test_recordings_are_kept_for_the_days_without_a_network(tablet, live_server):
    read = """async () => {
        const answer = await fetch("/static/kiosk/voice/az/thanks.ogg").catch(() => null);
        return answer?.headers.get("Content-Type") ?? null;
    }"""
    # The page asks for them when it has been up for a while.
    tablet.page.evaluate("navigator.serviceWorker.controller.postMessage('extras')")
    recordings = len(list((ROOT / "survey_app/static/kiosk/voice").glob("*/*.ogg")))
    wait_until(tablet.page, lambda: tablet.page.evaluate(KEPT_RECORDINGS) == recordings, 100)
    live_server.stop()
    assert tablet.page.evaluate(read).startswith("audio/ogg")


def version(tablet):
    return tablet.page.locator("body").get_attribute("data-version")


def caches(tablet):
    """The caches of the page's own versions."""
    names = tablet.page.evaluate("caches.keys()")
    return [each for each in names if each != "rey-extras"]


def expect_version(tablet, name):
    """The page has taken over a version: some seventy files were fetched and looked at."""
    body = tablet.page.locator("body")
    expect(body).to_have_attribute("data-version", name, timeout=2 * PATIENCE_MS)


def expect_caches(tablet, number):
    wait_until(tablet.page, lambda: len(caches(tablet)) == number)


def expect_started(tablet):
    """The worker has heard that the page started."""
    wait_until(tablet.page, lambda: tablet.page.evaluate(STARTED))


@pytest.fixture
def tablet(new_page, session, make):
    """A paired tablet whose page is kept."""
    tablet = KioskTablet(new_page(viewport={"width": 1280, "height": 800}), session)
    tablet.stop_clock()
    tablet.pair(make.touchpoint())
    tablet.wait_for_worker()
    # From then on this version is the one to come back to.
    expect_started(tablet)
    return tablet
