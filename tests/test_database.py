"""Telling a database that was never migrated from one that fails otherwise."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey_app.database import lacks_tables
from tests.conftest import engine_for


@pytest.mark.parametrize(
    ("statement", "lacks"),
    [("SELECT id FROM center", True), ("SELECT FROM WHERE", False), ("SELECT nothing", False)],
)
def test_a_database_without_tables_is_known(
    empty_database_url: str, statement: str, lacks: bool
) -> None:
    engine = engine_for(empty_database_url)
    with engine.connect() as connection, pytest.raises(DBAPIError) as failed:
        connection.execute(text(statement))
    engine.dispose()
    assert lacks_tables(failed.value) is lacks
