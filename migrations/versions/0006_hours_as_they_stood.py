"""Opening hours as they stood, and signs of life that cannot be played back

Hours get the day from which they hold, so that a change rewrites no month that is over. What is
here already holds from the beginning of counting.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_FROM_THE_BEGINNING = "2000-01-01"


def upgrade() -> None:
    with op.batch_alter_table("opening_hours") as batch_op:
        batch_op.add_column(
            sa.Column("since", sa.Date(), nullable=False, server_default=_FROM_THE_BEGINNING)
        )
        batch_op.alter_column("opens", existing_type=sa.Time(), nullable=True)
        batch_op.alter_column("closes", existing_type=sa.Time(), nullable=True)
        batch_op.drop_constraint(op.f("pk_opening_hours"), type_="primary")
        batch_op.create_primary_key(op.f("pk_opening_hours"), ["center_id", "weekday", "since"])
        batch_op.create_check_constraint(
            op.f("ck_opening_hours_both"), "(opens IS NULL) = (closes IS NULL)"
        )
    with op.batch_alter_table("opening_hours") as batch_op:
        batch_op.alter_column("since", existing_type=sa.Date(), server_default=None)
    op.add_column("tablet", sa.Column("heartbeats", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("tablet", "heartbeats")
    # The old program knows one timetable: the one in force, not one that is still to come.
    hours = sa.table("opening_hours", sa.column("since", sa.Date()))
    op.execute(hours.delete().where(hours.c.since > datetime.now(UTC).date()))
    op.execute(
        "DELETE FROM opening_hours WHERE EXISTS (SELECT 1 FROM opening_hours AS later"
        " WHERE later.center_id = opening_hours.center_id"
        " AND later.weekday = opening_hours.weekday AND later.since > opening_hours.since)"
    )
    op.execute("DELETE FROM opening_hours WHERE opens IS NULL")
    with op.batch_alter_table("opening_hours") as batch_op:
        batch_op.drop_constraint(op.f("ck_opening_hours_both"), type_="check")
        batch_op.drop_constraint(op.f("pk_opening_hours"), type_="primary")
        batch_op.create_primary_key(op.f("pk_opening_hours"), ["center_id", "weekday"])
        batch_op.alter_column("opens", existing_type=sa.Time(), nullable=False)
        batch_op.alter_column("closes", existing_type=sa.Time(), nullable=False)
        batch_op.drop_column("since")
