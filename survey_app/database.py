"""Bringing a database to the schema this code expects."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from survey_app.config import ROOT
from survey_app.extensions import WRITES

# Any number works, as long as every process of ours takes the same one.
_MIGRATION_LOCK = 7_292_519


def migration_config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection."""
    config = Config()
    # In a configuration file % begins a variable; a folder's name may contain one.
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def lacks_tables(problem: DBAPIError) -> bool:
    """Whether a statement failed because the database has never been migrated."""
    # SQLite says so in words, PostgreSQL by its code for an undefined table.
    is_undefined = getattr(problem.orig, "sqlstate", None) == "42P01"
    return is_undefined or "no such table" in str(problem.orig)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Apply the migrations that are missing, once even when several processes start together."""
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        if connection.dialect.name == "postgresql":
            _upgrade_postgresql(connection, revision)
        else:
            _upgrade_sqlite(connection, revision)


def _upgrade_postgresql(connection: Connection, revision: str) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})")
    connection.commit()
    try:
        command.upgrade(migration_config(connection), revision)
        connection.commit()
    finally:
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_MIGRATION_LOCK})")
        connection.commit()


def _upgrade_sqlite(connection: Connection, revision: str) -> None:
    # A migration may rebuild a table, and dropping the old one must not take rows of other
    # tables with it. The switch works only outside a transaction, so it goes past SQLAlchemy.
    driver = connection.connection
    driver.cursor().execute("PRAGMA foreign_keys=OFF")
    try:
        command.upgrade(migration_config(connection), revision)
        connection.commit()
    finally:
        connection.rollback()
        driver.cursor().execute("PRAGMA foreign_keys=ON")
