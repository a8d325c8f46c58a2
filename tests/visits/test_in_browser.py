"""The visits room in Chromium: a file handed in as a person does, on pages everybody can use."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_a_file_is_handed_in_on_accessible_pages(
    new_page, make, sign_in_page, manager, center, tmp_path, width
):
    make.visits(center, make.service("01-01-01"), 41)
    file = tmp_path / "visits.csv"
    file.write_text(f"center,day,service,served\nown,2026-10-06,01-01-01,7\n{'w' * 120}\n")
    page = new_page(viewport={"width": width, "height": 700}, locale="en")
    page.goto("/")
    sign_in_page(page, manager)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto("/visits/own/")
        check(page)
        page.goto("/visits/")
        page.get_by_text("How the file must look").click()
        check(page)
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name="Only check the file").click()
        # A click does not wait for the page it leads to; what only that page shows does.
        back = page.get_by_role("link", name="Back, to take it in")
        expect(back).to_be_visible()
        check(page)
        back.click()
        expect(page.get_by_role("button", name="Only check the file")).to_be_visible()
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name="Take in the counts").click()
        page.wait_for_url("**/imports/*")
        expect(page.get_by_role("link", name="Download the rejected lines")).to_be_visible()
        check(page)


def check(page):
    """No violation, and nothing to be scrolled to at the side."""
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
