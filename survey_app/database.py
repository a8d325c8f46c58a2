"""Bringing a database to the schema this code expects."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from survey_app.config import ROOT

# Any number works, as long as every process of ours takes the same one.
_MIGRATION_LOCK = 7_292_519


def migration_config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Apply the migrations that are missing, once even when several processes start together."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})")
            connection.commit()
        try:
            command.upgrade(migration_config(connection), revision)
            connection.commit()
        finally:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_MIGRATION_LOCK})")
                connection.commit()
