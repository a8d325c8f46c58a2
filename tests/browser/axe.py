"""axe-core in a page: what it finds against WCAG 2.2 AA and its own best practices."""

from pathlib import Path
from typing import Any

import axe_playwright_python

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# It yields between its rules, which must not wait for a clock that a test has stopped.
_LOAD = f"""() => {{
    const real = globalThis.__pwClock?.builtins.setTimeout ?? setTimeout.bind(globalThis);
    ((setTimeout) => {{ {AXE}; }})(real);
}}"""
_RUN = """async ([tags, rules]) => {
    const found = await axe.run(document, { runOnly: { type: "tag", values: tags }, rules });
    return found.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
}"""
# What fades or rises is measured as it comes to rest; what goes on for ever has no rest.
_REST = """async () => {
    await document.fonts.ready;
    for (const animation of document.getAnimations()) {
        const moves = animation.effect && animation.timeline === document.timeline;
        if (moves && Number.isFinite(animation.effect.getComputedTiming().endTime)) {
            animation.finish();
        }
    }
}"""
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def come_to_rest(page: Any) -> None:
    """Wait until the page has come with its fonts, and end what moves on it."""
    page.wait_for_load_state()
    page.evaluate(_REST)


def violations(page: Any, *more_rules: str) -> list[Any]:
    """Rules broken on the page as it stands, each with the elements that break it.

    Whoever came here by a click waits first for what only the new page shows.
    """
    come_to_rest(page)
    # Evaluated, not added as a script: the page's policy refuses foreign scripts, as it should.
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_LOAD)
    rules = {rule: {"enabled": True} for rule in more_rules}
    return list(page.evaluate(_RUN, [LEVELS, rules]))


def choose_language(page: Any, language: str) -> None:
    """Choose a language on a page of staff, which comes anew: also when it was this one before."""
    with page.expect_navigation():
        page.locator(f"button[name=language][value={language}]").click()
