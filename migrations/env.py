"""How Alembic reaches the database: through the address `survey_app.database` hands over."""

from alembic import context
from flask_security import AsaList
from sqlalchemy import Connection

from survey_app.models import Base
from survey_app.models.base import UtcDateTime


def _render(kind: str, item: object, autogen_context: object) -> str | bool:
    """Write column types of ours and of Flask-Security as plain ones: a migration must
    keep working when that code has changed."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AsaList):
        return "sa.UnicodeText()"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
