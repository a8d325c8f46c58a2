"""Waits for what Playwright's `expect` cannot see: stores, caches, rows in the database."""

from collections.abc import Callable
from time import monotonic
from typing import Any

# As long as the slowest machine may take; a wait that succeeds costs nothing.
SECONDS = 60


def wait_until(page: Any, look: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """Look again and again until something is found; gives what was found.

    Raises AssertionError when nothing was found in time.
    """
    deadline = monotonic() + seconds
    while not (found := look()):
        assert monotonic() < deadline, f"after {seconds} s still {found!r}"
        # Meanwhile routes and listeners of the page are served.
        page.wait_for_timeout(50)
    return found
