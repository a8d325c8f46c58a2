"""The tablet and the code: keys of devices, visit tickets, receipts, verified ratings, answers asked for

Every row stays. Ratings get what a device's own counter says and whether a ticket bound them to a
visit; the tally by channel tells verified ratings from open ones. The trigger that freezes ratings
is made anew, so that it guards the new columns too (see 0002).
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# SQL is put together here from our own constants; nothing comes from outside.
# ruff: noqa: S608

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# All of a rating but its state, the rule that holds it, and its comment, which may be erased.
_JUDGED = (
    "submission_id, center_id, touchpoint_id, tablet_id, sequence, survey_version_id, service_id,"
    " score, language, channel, mode, rated_at, received_at, clock, counted_on, counted_hour,"
    " content_digest"
)
_JUDGED_NOW = f"{_JUDGED}, verified, device_run, device_ms, lead_ms, visit_ms, skew_ms"

# Written out: on SQLite a column and its check are added in one breath or not at all.
_COLUMNS = [
    ("tablet", "battery_percent", "SMALLINT", "battery_percent BETWEEN 0 AND 100"),
    ("tablet", "storage_free", "BIGINT", "storage_free >= 0"),
    ("rating", "lead_ms", "INTEGER", "lead_ms >= 0"),
    ("rating", "visit_ms", "INTEGER", "visit_ms >= 0"),
]
_COUNTERS = [
    "score_1",
    "score_2",
    "score_3",
    "score_4",
    "score_5",
    "held",
    "void",
    "comments",
    "negative",
    "neutral",
    "positive",
    "mixed",
    "not_assessed",
]
_SUMS = ", ".join(f"SUM({name}) AS {name}" for name in _COUNTERS)


def upgrade() -> None:
    op.create_table(
        "daily_key",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_key")),
    )
    op.create_table(
        "pressure",
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bucket", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ratings", sa.Integer(), nullable=False),
        sa.CheckConstraint("ratings > 0", name=op.f("ck_pressure_ratings")),
        sa.PrimaryKeyConstraint("window_start", "bucket", name=op.f("pk_pressure")),
    )
    op.create_table(
        "spent_proof",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent_proof")),
    )
    op.create_index("ix_spent_proof_expires_at", "spent_proof", ["expires_at"])
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("counter", sa.String(length=20), nullable=True),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_ticket_service_id")),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_ticket_touchpoint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_ticket_code_digest")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_ticket_secret_digest")),
    )
    op.create_index("ix_ticket_expires_at", "ticket", ["expires_at"])
    op.create_index("ix_ticket_touchpoint_id", "ticket", ["touchpoint_id"])
    op.create_table(
        "tablet_place",
        sa.Column("tablet_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tablet_id"], ["tablet.id"], name=op.f("fk_tablet_place_tablet_id")
        ),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_tablet_place_touchpoint_id")
        ),
        sa.PrimaryKeyConstraint("tablet_id", "since", name=op.f("pk_tablet_place")),
    )
    op.create_table(
        "receipt",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["rating.submission_id"], name=op.f("fk_receipt_submission_id")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("digest", name=op.f("uq_receipt_digest")),
    )
    op.create_table(
        "feedback_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_feedback_case_closed")
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR contact IS NULL", name=op.f("ck_feedback_case_contact")
        ),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_feedback_case_center_id")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["user_account.id"], name=op.f("fk_feedback_case_closed_by")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["rating.submission_id"],
            name=op.f("fk_feedback_case_submission_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_case")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_feedback_case_submission_id")),
    )
    op.create_index(
        "ix_feedback_case_center_id_opened_at", "feedback_case", ["center_id", "opened_at"]
    )

    op.add_column("center", sa.Column("staff_pin", sa.JSON(), nullable=True))
    op.add_column(
        "survey", sa.Column("dignity", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    with op.batch_alter_table("touchpoint") as batch_op:
        batch_op.drop_constraint(op.f("ck_touchpoint_code"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_touchpoint_code"), "channel = 'qr' OR code IS NULL"
        )
    condition = sa.text("channel = 'qr' AND code IS NULL AND retired_at IS NULL")
    op.create_index(
        "uq_touchpoint_tickets",
        "touchpoint",
        ["center_id"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )

    op.add_column("tablet", sa.Column("name", sa.String(length=60), nullable=True))
    op.add_column("tablet", sa.Column("public_key", sa.LargeBinary(length=65), nullable=True))
    op.create_index("ix_tablet_public_key", "tablet", ["public_key"])
    for name in ("paused_at", "last_rating_at"):
        op.add_column("tablet", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("tablet", sa.Column("skew_ms", sa.BigInteger(), nullable=True))
    for name in ("is_charging", "storage_persistent"):
        op.add_column("tablet", sa.Column(name, sa.Boolean(), nullable=True))
    op.add_column(
        "rating", sa.Column("verified", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("rating", sa.Column("device_run", sa.Uuid(), nullable=True))
    for name in ("device_ms", "skew_ms"):
        op.add_column("rating", sa.Column(name, sa.BigInteger(), nullable=True))
    for table, name, kind, check in _COLUMNS:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {name} {kind}"
            f" CONSTRAINT ck_{table}_{name} CHECK ({check})"
        )
    _guard_ratings(_JUDGED_NOW)

    # Where a tablet stands, it has stood since it was paired, as far as anybody wrote down.
    op.execute(
        "INSERT INTO tablet_place (tablet_id, since, touchpoint_id)"
        " SELECT id, paired_at, touchpoint_id FROM tablet"
    )
    with op.batch_alter_table("channel_tally") as batch_op:
        batch_op.add_column(
            sa.Column("verified", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.drop_constraint(op.f("pk_channel_tally"), type_="primary")
        batch_op.create_primary_key(
            op.f("pk_channel_tally"), ["center_id", "month", "channel", "language", "verified"]
        )
    with op.batch_alter_table("channel_tally") as batch_op:
        batch_op.alter_column("verified", server_default=None)


def downgrade() -> None:
    op.execute(
        "CREATE TEMPORARY TABLE whole_channel_tally AS"
        f" SELECT center_id, month, channel, language, {_SUMS} FROM channel_tally"
        " GROUP BY center_id, month, channel, language"
    )
    op.execute("DELETE FROM channel_tally")
    with op.batch_alter_table("channel_tally") as batch_op:
        batch_op.drop_constraint(op.f("pk_channel_tally"), type_="primary")
        batch_op.create_primary_key(
            op.f("pk_channel_tally"), ["center_id", "month", "channel", "language"]
        )
        batch_op.drop_column("verified")
    columns = ", ".join(["center_id", "month", "channel", "language", *_COUNTERS])
    op.execute(f"INSERT INTO channel_tally ({columns}) SELECT {columns} FROM whole_channel_tally")
    op.execute("DROP TABLE whole_channel_tally")

    _guard_ratings(_JUDGED)
    for name in ("verified", "device_run", "device_ms", "skew_ms"):
        op.drop_column("rating", name)
    for table, name, _, _ in _COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    op.drop_index("ix_tablet_public_key", table_name="tablet")
    for name in (
        "name",
        "public_key",
        "paused_at",
        "last_rating_at",
        "skew_ms",
        "is_charging",
        "storage_persistent",
    ):
        op.drop_column("tablet", name)

    op.drop_index("uq_touchpoint_tickets", table_name="touchpoint")
    # A place for tickets becomes a poster that was never printed.
    op.execute("UPDATE touchpoint SET code = 'TICKETS' || id WHERE channel = 'qr' AND code IS NULL")
    with op.batch_alter_table("touchpoint") as batch_op:
        batch_op.drop_constraint(op.f("ck_touchpoint_code"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_touchpoint_code"), "(channel = 'qr') = (code IS NOT NULL)"
        )
    op.drop_column("survey", "dignity")
    op.drop_column("center", "staff_pin")
    op.drop_table("feedback_case")
    op.drop_table("receipt")
    op.drop_table("tablet_place")
    op.drop_table("ticket")
    op.drop_table("spent_proof")
    op.drop_table("pressure")
    op.drop_table("daily_key")


def _guard_ratings(columns: str) -> None:
    """Make the trigger anew that refuses to rewrite these columns of a rating."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER frozen_rating_update")
        op.execute(
            f"CREATE TRIGGER frozen_rating_update BEFORE UPDATE OF {columns} ON rating "
            "BEGIN SELECT RAISE(ABORT, 'frozen: rating'); END"
        )
        return
    op.execute("DROP TRIGGER frozen_rating_update ON rating")
    op.execute(
        f"CREATE TRIGGER frozen_rating_update BEFORE UPDATE OF {columns} ON rating "
        "FOR EACH ROW EXECUTE FUNCTION frozen_rating_update()"
    )
