"""`./run worker` and `./run welcome`, in processes of their own."""

import pytest

pytestmark = pytest.mark.any_database


def test_the_worker_does_what_is_due_once(rey, make, center):
    make.rating(make.touchpoint(center), comment="Çox sağ olun")
    done = rey("worker", "--once")
    assert done.returncode == 0
    assert "read_comments: 1" in done.stdout
    assert "read_comments: 0" in rey("worker", "--once").stdout


def test_welcome_says_where_the_pages_are(rey, make, center):
    poster = make.poster(center)
    said = rey("welcome").stdout
    assert f"/q/{poster.code}" in said
    assert "/login" in said
