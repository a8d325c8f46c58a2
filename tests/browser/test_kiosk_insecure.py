"""The tablet's page where it was opened without https."""

import pytest
from playwright.sync_api import expect

from tests.browser.kiosk_screens import check_screen

pytestmark = pytest.mark.any_database

HERE = "http://tablet.test"
LENT = "[isSecureContext, 'serviceWorker' in navigator, 'subtle' in crypto]"


def test_without_https_the_page_says_so_and_asks_nobody(new_page, live_server):
    page = new_page()

    def hand_on(route):
        address = route.request.url.replace(HERE, live_server.url)
        route.fulfill(response=route.fetch(url=address))

    # Another host than the machine itself: there a browser takes http for unsafe.
    page.route(f"{HERE}/**", hand_on)
    page.goto(f"{HERE}/kiosk/")
    expect(page.locator("[data-screen=insecure]")).to_be_visible()
    assert page.evaluate(LENT) == [False, False, False]
    for language, word in {"az": "təhlükəsiz", "ru": "защищён", "en": "secure"}.items():
        page.locator(f"[data-language={language}]").click()
        expect(page.locator("h1")).to_contain_text(word)
        expect(page.locator("main")).to_contain_text("https")
        check_screen(page)
    expect(page.locator(".face, #code")).to_have_count(0)
