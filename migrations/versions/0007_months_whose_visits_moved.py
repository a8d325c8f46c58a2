"""Months whose visits moved: one row a center and month, instead of a year of the audit trail

Whether people served were delivered after a month was published is asked every minute. What the
trail says already is written down here once.
"""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    table = op.create_table(
        "visit_month",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_visit_month_center_id")
        ),
        sa.PrimaryKeyConstraint("center_id", "month", name=op.f("pk_visit_month")),
    )
    trail = sa.table(
        "audit_event",
        sa.column("center_id", sa.Integer()),
        sa.column("happened_at", sa.DateTime(timezone=True)),
        sa.column("action", sa.String()),
        sa.column("detail", sa.JSON()),
    )
    events = op.get_bind().execute(
        sa.select(trail.c.center_id, trail.c.happened_at, trail.c.detail)
        .where(trail.c.action == "visits_imported", trail.c.center_id.is_not(None))
        .order_by(trail.c.happened_at)
    )
    # Later deliveries overwrite earlier ones.
    moved: dict[tuple[int, date], datetime] = {
        (center_id, date.fromisoformat(f"{month}-01")): happened_at
        for center_id, happened_at, detail in events
        for month in detail["months"]
    }
    if moved:
        op.bulk_insert(
            table,
            [
                {"center_id": center_id, "month": month, "moved_at": moved_at}
                for (center_id, month), moved_at in sorted(moved.items())
            ],
        )


def downgrade() -> None:
    op.drop_table("visit_month")
