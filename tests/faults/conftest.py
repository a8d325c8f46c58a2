"""Long sweeps run only where they are asked for."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `sweep`, unless `-m` names it."""
    if "sweep" in config.option.markexpr:
        return
    left = [item for item in items if item.get_closest_marker("sweep")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
