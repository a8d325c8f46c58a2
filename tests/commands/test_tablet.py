"""`./run tablet`, in processes of its own."""

import pytest

from survey_app.models import Tablet

pytestmark = pytest.mark.any_database


def test_a_pairing_code_is_given_for_a_tablets_place_only(rey, make, center):
    make.touchpoint(center, slug="hall")
    make.poster(center, slug="wall")
    done = rey("tablet", "code", "own/hall")
    code, address = done.stdout.split()
    assert address.endswith(f"/kiosk/#code={code.replace('-', '')}")
    assert rey("tablet", "code", "own/wall").returncode == 1
    assert "no place own/moon" in rey("tablet", "code", "own/moon").stderr


def test_tablets_are_listed_and_revoked_once(rey, session, make):
    enrolled = make.tablet()
    tablet_id = str(enrolled.tablet.id)
    assert f"{tablet_id}: paired" in rey("tablet", "list").stdout
    assert rey("tablet", "revoke", tablet_id).returncode == 0
    session.rollback()
    assert session.get(Tablet, enrolled.tablet.id).revoked_at is not None
    assert rey("tablet", "revoke", tablet_id).returncode == 1
    assert f"{tablet_id}: revoked" in rey("tablet", "list").stdout
