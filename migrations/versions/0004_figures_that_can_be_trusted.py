"""Figures that can be trusted: answers tallied, visits by hour, rulings, the network's report

Every table is new; the tally of answers is filled from the ratings there are, and visit counts get
an index to be added up from. Rulings and the network's reports are frozen like reports: see 0002
for what that means on each database.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# (table, event, condition): the event is refused where the condition holds.
_FROZEN = [
    ("network_report", "UPDATE", None),
    ("network_report", "DELETE", None),
    ("visit_import", "UPDATE", None),
    ("visit_import", "DELETE", None),
    ("integrity_alert", "UPDATE OF center_id, touchpoint_id, rule, day", None),
    ("integrity_alert", "DELETE", None),
    (
        "ruling",
        "UPDATE",
        # A proposal may be decided; what is proposed, why and by whom stays as it was said.
        (
            "OLD.stage <> 'proposed' OR NEW.kind <> OLD.kind OR NEW.reason <> OLD.reason"
            " OR NEW.center_id <> OLD.center_id OR NEW.proposed_by IS NULL"
            " OR NEW.proposed_by <> OLD.proposed_by"
        ),
    ),
    ("ruling", "DELETE", None),
    ("ruling_rating", "UPDATE", None),
    ("ruling_rating", "DELETE", None),
]

_SCORES = ", ".join(f"SUM(CASE WHEN r.score = {score} THEN 1 ELSE 0 END)" for score in range(1, 6))
# Every rating of a version answered its satisfaction question; then who answered a question at
# all, who chose an option, and (of drivers) who chose two.
_ANSWERED = [
    """
    SELECT r.center_id, {month}, q.id, 0, 0, {scores}
    FROM rating r JOIN question q ON q.version_id = r.survey_version_id
    WHERE r.state = 'counted' AND q.role = 'satisfaction' GROUP BY 1, 2, 3
    """,
    """
    SELECT r.center_id, {month}, c.question_id, 0, 0, {scores}
    FROM rating r JOIN (
        SELECT DISTINCT a.submission_id, o.question_id
        FROM answer a JOIN question_option o ON o.id = a.option_id
        JOIN question q ON q.id = o.question_id
        WHERE q.role <> 'satisfaction'
    ) c ON c.submission_id = r.submission_id
    WHERE r.state = 'counted' GROUP BY 1, 2, 3
    """,
    """
    SELECT r.center_id, {month}, o.question_id, o.id, 0, {scores}
    FROM rating r JOIN answer a ON a.submission_id = r.submission_id
    JOIN question_option o ON o.id = a.option_id
    WHERE r.state = 'counted' GROUP BY 1, 2, 3, 4
    """,
    """
    SELECT r.center_id, {month}, o.question_id, o.id, p.id, {scores}
    FROM rating r JOIN answer a ON a.submission_id = r.submission_id
    JOIN question_option o ON o.id = a.option_id
    JOIN answer b ON b.submission_id = r.submission_id
    JOIN question_option p ON p.id = b.option_id
        AND p.question_id = o.question_id AND o.id < p.id
    JOIN question q ON q.id = o.question_id
    WHERE r.state = 'counted' AND q.role = 'driver' GROUP BY 1, 2, 3, 4, 5
    """,
]


def upgrade() -> None:
    op.create_table(
        "network_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_of", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("revision > 0", name=op.f("ck_network_report_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_report")),
        sa.UniqueConstraint("month", "revision", name=op.f("uq_network_report_month_revision")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_api_key_center_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
    )
    op.create_table(
        "group_served",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("option", sa.String(length=40), nullable=False),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.CheckConstraint("served >= 0", name=op.f("ck_group_served_served")),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_group_served_center_id")
        ),
        sa.PrimaryKeyConstraint(
            "center_id", "month", "question", "option", name=op.f("pk_group_served")
        ),
    )
    op.create_table(
        "integrity_check",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ratings", sa.Integer(), nullable=False),
        sa.Column("rules", sa.String(length=64), nullable=False),
        sa.Column("tests_made", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_integrity_check_center_id")
        ),
        sa.PrimaryKeyConstraint("center_id", "day", name=op.f("pk_integrity_check")),
    )
    op.create_table(
        "publish_failure",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_publish_failure_center_id")
        ),
        sa.PrimaryKeyConstraint("center_id", "month", name=op.f("pk_publish_failure")),
    )
    op.create_table(
        "visit_hour",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_visit_hour_hour")),
        sa.CheckConstraint("served >= 0", name=op.f("ck_visit_hour_served")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_visit_hour_center_id")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_visit_hour_service_id")
        ),
        sa.PrimaryKeyConstraint(
            "center_id", "day", "service_id", "hour", name=op.f("pk_visit_hour")
        ),
    )
    op.create_table(
        "visit_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Integer(), nullable=True),
        sa.Column("api_key_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=3), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.CheckConstraint("source IN ('web', 'api', 'cli')", name=op.f("ck_visit_import_source")),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_key.id"], name=op.f("fk_visit_import_api_key_id")
        ),
        sa.ForeignKeyConstraint(
            ["imported_by"], ["user_account.id"], name=op.f("fk_visit_import_imported_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_import")),
    )
    op.create_index("ix_visit_import_digest", "visit_import", ["digest"])
    op.create_table(
        "answer_tally",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("option_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("other_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("score_1", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_2", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_3", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_4", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_5", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_answer_tally_center_id")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_tally_question_id")
        ),
        sa.PrimaryKeyConstraint(
            "center_id",
            "month",
            "question_id",
            "option_id",
            "other_id",
            name=op.f("pk_answer_tally"),
        ),
    )
    op.create_table(
        "integrity_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("p_value", sa.Double(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (note IS NULL) AND (acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
            name=op.f("ck_integrity_alert_acknowledged"),
        ),
        sa.CheckConstraint("last_day >= day", name=op.f("ck_integrity_alert_days")),
        sa.CheckConstraint("p_value BETWEEN 0 AND 1", name=op.f("ck_integrity_alert_p_value")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"],
            ["user_account.id"],
            name=op.f("fk_integrity_alert_acknowledged_by"),
        ),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_integrity_alert_center_id")
        ),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_integrity_alert_touchpoint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_alert")),
    )
    with op.batch_alter_table("integrity_alert", schema=None) as batch_op:
        batch_op.create_index(
            "uq_integrity_alert_center",
            ["center_id", "rule", "day"],
            unique=True,
            sqlite_where=sa.text("touchpoint_id IS NULL"),
            postgresql_where=sa.text("touchpoint_id IS NULL"),
        )
        batch_op.create_index(
            "uq_integrity_alert_touchpoint",
            ["center_id", "rule", "day", "touchpoint_id"],
            unique=True,
            sqlite_where=sa.text("touchpoint_id IS NOT NULL"),
            postgresql_where=sa.text("touchpoint_id IS NOT NULL"),
        )

    op.create_table(
        "ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(stage = 'proposed') = (decided_at IS NULL)", name=op.f("ck_ruling_decided")
        ),
        sa.CheckConstraint(
            "kind <> 'void' OR stage = 'proposed' OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name=op.f("ck_ruling_two_persons"),
        ),
        sa.CheckConstraint(
            "kind = 'hold' OR proposed_by IS NOT NULL", name=op.f("ck_ruling_proposed_by")
        ),
        sa.CheckConstraint("kind IN ('hold', 'release', 'void')", name=op.f("ck_ruling_kind")),
        sa.CheckConstraint(
            "stage IN ('proposed', 'done', 'declined')", name=op.f("ck_ruling_stage")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_ruling_reason")),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["integrity_alert.id"], name=op.f("fk_ruling_alert_id")
        ),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_ruling_center_id")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_ruling_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user_account.id"], name=op.f("fk_ruling_proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
    )
    with op.batch_alter_table("ruling", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ruling_center_id_proposed_at", ["center_id", "proposed_at"], unique=False
        )

    op.create_table(
        "ruling_rating",
        sa.Column("ruling_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ruling_id"], ["ruling.id"], name=op.f("fk_ruling_rating_ruling_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["rating.submission_id"], name=op.f("fk_ruling_rating_submission_id")
        ),
        sa.PrimaryKeyConstraint("ruling_id", "submission_id", name=op.f("pk_ruling_rating")),
    )
    with op.batch_alter_table("ruling_rating", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ruling_rating_submission_id"), ["submission_id"], unique=False
        )

    op.create_index(
        "ix_visit_count_served", "visit_count", ["center_id", "day", "service_id", "served"]
    )
    _tally_answers()
    # A rule that holds now says which version of it did.
    op.execute(
        "UPDATE rating SET held_rule = held_rule || '/1'"
        " WHERE held_rule IS NOT NULL AND held_rule NOT LIKE '%/%'"
    )
    _freeze()


def downgrade() -> None:
    _thaw()
    op.execute(
        "UPDATE rating SET held_rule = substr(held_rule, 1, length(held_rule) - 2)"
        " WHERE held_rule LIKE '%/1'"
    )
    op.drop_index("ix_visit_count_served", "visit_count")
    with op.batch_alter_table("ruling_rating", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ruling_rating_submission_id"))

    op.drop_table("ruling_rating")
    with op.batch_alter_table("ruling", schema=None) as batch_op:
        batch_op.drop_index("ix_ruling_center_id_proposed_at")

    op.drop_table("ruling")
    with op.batch_alter_table("integrity_alert", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_integrity_alert_touchpoint",
            sqlite_where=sa.text("touchpoint_id IS NOT NULL"),
            postgresql_where=sa.text("touchpoint_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_integrity_alert_center",
            sqlite_where=sa.text("touchpoint_id IS NULL"),
            postgresql_where=sa.text("touchpoint_id IS NULL"),
        )

    op.drop_table("integrity_alert")
    op.drop_table("answer_tally")
    op.drop_index("ix_visit_import_digest", table_name="visit_import")
    op.drop_table("visit_import")
    op.drop_table("visit_hour")
    op.drop_table("publish_failure")
    op.drop_table("integrity_check")
    op.drop_table("group_served")
    op.drop_table("api_key")
    op.drop_table("network_report")


def _tally_answers() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    month = (
        "date(r.counted_on, 'start of month')"
        if sqlite
        else "CAST(date_trunc('month', r.counted_on) AS DATE)"
    )
    for select in _ANSWERED:
        op.execute("INSERT INTO answer_tally " + select.format(month=month, scores=_SCORES))


def _name(table: str, event: str) -> str:
    return f"frozen_{table}_{event.split(maxsplit=1)[0].lower()}"


def _freeze() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, event, condition in _FROZEN:
        name = _name(table, event)
        if sqlite:
            when = f"WHEN {condition} " if condition else ""
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
                f"{when}BEGIN SELECT RAISE(ABORT, 'frozen: {table}'); END"
            )
            continue
        row = "OLD" if event == "DELETE" else "NEW"
        body = "RAISE EXCEPTION 'frozen: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"
        if condition:
            body = f"IF {condition} THEN {body} END IF;"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {body} RETURN {row}; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def _thaw() -> None:
    for table, event, _ in _FROZEN:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {_name(table, event)}")
        else:
            op.execute(f"DROP TRIGGER {_name(table, event)} ON {table}")
            op.execute(f"DROP FUNCTION {_name(table, event)}()")
