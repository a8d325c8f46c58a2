"""axe-core in a page: what it finds against WCAG 2.2 AA and its own best practices."""

from pathlib import Path
from typing import Any

import axe_playwright_python

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
_RUN = """async ([tags, rules]) => {
    const found = await axe.run(document, { runOnly: { type: "tag", values: tags }, rules });
    return found.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
}"""
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Any, *more_rules: str) -> list[Any]:
    """Rules broken on the page as it stands, each with the elements that break it."""
    # Evaluated, not added as a script: the page's policy refuses foreign scripts, as it should.
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(f"{AXE};0")
    rules = {rule: {"enabled": True} for rule in more_rules}
    return list(page.evaluate(_RUN, [LEVELS, rules]))
