"""The command line as a whole, as an operator uses it: in processes of its own."""

import pytest

pytestmark = pytest.mark.any_database


def test_a_database_without_tables_is_said_in_words(rey, tmp_path, environment):
    environment["REY_DATABASE_URL"] = f"sqlite:///{tmp_path / 'nothing.sqlite'}"
    done = rey("tablet", "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "The database has no tables yet. Run ./run migrate first.\n"


def test_an_unknown_setting_is_named(rey, environment):
    environment["REY_SECRET_KEYS"] = "misspelt"
    done = rey("tablet", "list")
    assert done.returncode == 2
    assert "REY_SECRET_KEYS" in done.stderr
