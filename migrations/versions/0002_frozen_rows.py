"""Frozen rows: what was published, judged or noted is not rewritten, whoever asks

A batch migration on SQLite recreates its table and loses these triggers: it must drop and
create them around itself. tests/models/test_frozen.py fails when one is missing.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_PUBLISHED = {
    "survey_version": "OLD.published_at IS NOT NULL",
    "question": (
        "EXISTS (SELECT 1 FROM survey_version v WHERE v.published_at IS NOT NULL"
        " AND v.id = {row}.version_id)"
    ),
    "question_option": (
        "EXISTS (SELECT 1 FROM question q JOIN survey_version v ON v.id = q.version_id"
        " WHERE v.published_at IS NOT NULL AND q.id = {row}.question_id)"
    ),
}

# All of a rating but its state, the rule that holds it, and its comment, which may be erased.
_JUDGED = (
    "submission_id, center_id, touchpoint_id, tablet_id, sequence, survey_version_id, service_id,"
    " score, language, channel, mode, rated_at, received_at, clock, counted_on, counted_hour,"
    " content_digest"
)


def _condition(table: str, event: str) -> str:
    """Whether the row belongs to a published version, before the event or after it."""
    rows = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}[event]
    return " OR ".join(_PUBLISHED[table].format(row=row) for row in rows)


# (table, event, condition): the event is refused where the condition holds.
_RULES = [
    ("report", "UPDATE", None),
    ("report", "DELETE", None),
    ("audit_event", "UPDATE", None),
    ("audit_event", "DELETE", None),
    ("rating", f"UPDATE OF {_JUDGED}", None),
    ("rating", "DELETE", None),
    ("survey_version", "UPDATE", _PUBLISHED["survey_version"]),
    ("survey_version", "DELETE", _PUBLISHED["survey_version"]),
    *(
        (table, event, _condition(table, event))
        for table in ("question", "question_option")
        for event in ("INSERT", "UPDATE", "DELETE")
    ),
]


def _name(table: str, event: str) -> str:
    return f"frozen_{table}_{event.split(maxsplit=1)[0].lower()}"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, event, condition in _RULES:
            when = f"WHEN {condition} " if condition else ""
            op.execute(
                f"CREATE TRIGGER {_name(table, event)} BEFORE {event} ON {table} "
                f"{when}BEGIN SELECT RAISE(ABORT, 'frozen: {table}'); END"
            )
        return
    for table, event, condition in _RULES:
        row = "OLD" if event == "DELETE" else "NEW"
        body = "RAISE EXCEPTION 'frozen: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"
        if condition:
            body = f"IF {condition} THEN {body} END IF;"
        op.execute(
            f"CREATE FUNCTION {_name(table, event)}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {body} RETURN {row}; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {_name(table, event)} BEFORE {event} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {_name(table, event)}()"
        )


def downgrade() -> None:
    for table, event, _ in _RULES:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {_name(table, event)}")
        else:
            op.execute(f"DROP TRIGGER {_name(table, event)} ON {table}")
            op.execute(f"DROP FUNCTION {_name(table, event)}()")
