"""What every screen of the tablet keeps to: no violation, large targets, nothing cut off."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.axe import come_to_rest, violations

TARGET = 64

_SMALL_TARGETS = """(least) => Array.from(document.querySelectorAll("button, input, textarea, a"))
    .filter((each) => each.checkVisibility())
    .map((each) => [each.outerHTML.slice(0, 120), each.offsetWidth, each.offsetHeight])
    .filter(([, width, height]) => width < least || height < least)"""

_CLIPPED = """() => Array.from(document.querySelectorAll("button, h1, h2, p, label"))
    .filter((each) => each.checkVisibility() && !each.closest(".unseen"))
    .filter(({ scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
        scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 3)
    .map((each) => each.outerHTML.slice(0, 120))"""


def check_layout(page: Any, least: int = TARGET) -> None:
    """No target below `least` pixels, nothing beyond the side of the screen, no word cut off."""
    expect(page.locator(".settling")).to_have_count(0)
    come_to_rest(page)
    assert page.evaluate(_SMALL_TARGETS, least) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(_CLIPPED) == []


def check_screen(page: Any) -> None:
    """The layout, and no violation of WCAG 2.2 AA or of AAA's contrast."""
    # While a screen settles it takes no touch, which axe would take for disabled.
    check_layout(page)
    assert violations(page, "color-contrast-enhanced", "target-size") == []
