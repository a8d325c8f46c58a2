"""`./run user` and `./run key`, in processes of their own."""

import re

import pytest

from survey_app.access import key_for
from survey_app.errors import Unauthorised
from survey_app.models import Membership, User
from tests.factories import NOON

pytestmark = pytest.mark.any_database


def test_a_manager_is_added_with_a_center(rey, session, center):
    password = "a long enough password"
    add = ("user", "create", "new@example.org", "--role", "manager", "--password", password)
    assert rey(*add).returncode == 2
    assert rey(*add, "--center", "nowhere").returncode == 1
    assert rey(*add, "--center", "own").returncode == 0
    assert rey(*add, "--center", "own").returncode == 1
    user = session.query(User).one()
    assert [(each.role, each.center_id) for each in user.memberships] == [("manager", center.id)]


def test_a_short_password_is_refused(rey, session):
    done = rey("user", "create", "a@example.org", "--role", "admin", "--password", "short")
    assert (done.returncode, session.query(Membership).count()) == (1, 0)
    assert "15 characters" in done.stderr


def test_a_key_is_made_listed_and_revoked(rey, session, center):
    number, key = re.fullmatch(
        r"(\d+): (\S+)\n", rey("key", "create", "Queue", "--center", "own").stdout
    ).groups()
    assert key_for(session, key, NOON).center_id == center.id
    session.rollback()
    listed = rey("key", "list").stdout
    assert f"{number}: Queue, own, made" in listed
    assert "last used never" in listed
    assert key not in listed
    assert rey("key", "revoke", number).returncode == 0
    with pytest.raises(Unauthorised):
        key_for(session, key, NOON)
    assert "revoked" in rey("key", "list").stdout
    assert rey("key", "revoke", number).returncode == 1
    assert rey("key", "create", "Queue", "--center", "moon").returncode == 1
