"""`./run demo`, in a process of its own."""

import pytest

pytestmark = pytest.mark.any_database


def test_demo_refuses_a_database_with_a_network(rey, center):
    done = rey("demo")
    assert done.returncode == 1
    assert "not empty" in done.stderr
    assert rey("demo", "--if-empty").returncode == 0
