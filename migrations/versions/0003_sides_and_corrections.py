"""What a reading says of each topic, how sure it is, people's corrections, held comments' index

`ALTER TABLE … ADD COLUMN` keeps the table as it is on both databases; Alembic would rebuild it
on SQLite to add a named CHECK, and writes none into the column itself. Every new column may be
left out, because the processes of the version before still insert readings while this one starts.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# The column, its type and default, and what its CHECK demands.
_READ = [
    (
        "script",
        "VARCHAR(8) DEFAULT 'none' NOT NULL",
        "script IN ('latin', 'cyrillic', 'mixed', 'none')",
    ),
    ("confidence", "{double} DEFAULT 0 NOT NULL", "confidence BETWEEN 0 AND 1"),
    ("sides", "JSON", "sides IS NULL OR json_array_length(sides) = json_array_length(topics)"),
    ("urgent", "VARCHAR(10)", "urgent IN ('bribery', 'harassment', 'threat', 'medical')"),
]


def upgrade() -> None:
    double = sa.Double().compile(dialect=op.get_bind().dialect)
    for column, kind, demand in _READ:
        op.execute(
            f"ALTER TABLE comment_reading ADD COLUMN {column} {kind.format(double=double)}"
            f" CONSTRAINT ck_comment_reading_{column} CHECK ({demand})"
        )
    op.create_table(
        "comment_correction",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("sentiment", sa.String(length=8), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("corrected_by", sa.Integer(), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "sentiment IN ('negative', 'neutral', 'positive', 'mixed')",
            name=op.f("ck_comment_correction_sentiment"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["rating.submission_id"], name="fk_comment_correction_submission_id"
        ),
        sa.ForeignKeyConstraint(
            ["corrected_by"], ["user_account.id"], name="fk_comment_correction_corrected_by"
        ),
        sa.PrimaryKeyConstraint("submission_id", name="pk_comment_correction"),
    )
    op.create_index(
        "ix_rating_held_comments",
        "rating",
        ["submission_id"],
        sqlite_where=sa.text("state = 'held' AND comment IS NOT NULL"),
        postgresql_where=sa.text("state = 'held' AND comment IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_rating_held_comments", table_name="rating")
    op.drop_table("comment_correction")
    for column, _, _ in reversed(_READ):
        op.execute(f"ALTER TABLE comment_reading DROP COLUMN {column}")
