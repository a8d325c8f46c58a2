"""The first house"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_az", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agency"),
        sa.UniqueConstraint("code", name="uq_agency_code"),
    )
    op.create_table(
        "center",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("address_az", sa.Text(), nullable=False),
        sa.Column("address_ru", sa.Text(), nullable=False),
        sa.Column("address_en", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("default_language", sa.String(length=2), nullable=False),
        sa.Column("name_az", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "default_language IN ('az', 'ru', 'en')", name=op.f("ck_center_default_language")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_center"),
        sa.UniqueConstraint("number", name="uq_center_number"),
        sa.UniqueConstraint("slug", name="uq_center_slug"),
    )
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name_az", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_holiday"),
    )
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outgoing_mail_attempts")),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_mail"),
    )
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outgoing_mail_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL"),
        )

    op.create_table(
        "service_area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name_az", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('standard', 'coordination')", name=op.f("ck_service_area_kind")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_service_area"),
        sa.UniqueConstraint("code", name="uq_service_area_code"),
    )
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_az", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_survey"),
        sa.UniqueConstraint("code", name="uq_survey_code"),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("fs_webauthn_user_handle", sa.String(length=64), nullable=True),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("mf_recovery_codes", sa.UnicodeText(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language IN ('az', 'ru', 'en')", name=op.f("ck_user_account_language")),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("email", name="uq_user_account_email"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_user_account_fs_uniquifier"),
        sa.UniqueConstraint(
            "fs_webauthn_user_handle", name="uq_user_account_fs_webauthn_user_handle"
        ),
    )
    op.create_table(
        "channel_tally",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=6), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("score_1", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_2", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_3", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_4", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_5", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("void", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("comments", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("negative", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("neutral", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("positive", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("mixed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_assessed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name="fk_channel_tally_center_id"),
        sa.PrimaryKeyConstraint(
            "center_id", "month", "channel", "language", name="pk_channel_tally"
        ),
    )
    op.create_table(
        "day_tally",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("score_1", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_2", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_3", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_4", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_5", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("void", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("comments", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("negative", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("neutral", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("positive", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("mixed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_assessed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name="fk_day_tally_center_id"),
        sa.PrimaryKeyConstraint("center_id", "day", name="pk_day_tally"),
    )
    op.create_table(
        "hour_tally",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("score_1", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_2", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_3", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_4", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_5", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("void", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("comments", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("negative", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("neutral", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("positive", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("mixed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_assessed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name="fk_hour_tally_center_id"),
        sa.PrimaryKeyConstraint("center_id", "month", "weekday", "hour", name="pk_hour_tally"),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.CheckConstraint(
            "(role IN ('viewer', 'manager')) = (center_id IS NOT NULL)",
            name=op.f("ck_membership_scope"),
        ),
        sa.CheckConstraint(
            "role IN ('viewer', 'manager', 'analyst', 'auditor', 'admin')",
            name=op.f("ck_membership_role"),
        ),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name="fk_membership_center_id"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_membership_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index("ix_membership_center_id", ["center_id"], unique=False)
        batch_op.create_index(
            "uq_membership_user_id_center_id",
            ["user_id", "center_id"],
            unique=True,
            sqlite_where=sa.text("center_id IS NOT NULL"),
            postgresql_where=sa.text("center_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_membership_user_id_network",
            ["user_id"],
            unique=True,
            sqlite_where=sa.text("center_id IS NULL"),
            postgresql_where=sa.text("center_id IS NULL"),
        )

    op.create_table(
        "opening_hours",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("opens < closes", name=op.f("ck_opening_hours_order")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_opening_hours_weekday")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name="fk_opening_hours_center_id"),
        sa.PrimaryKeyConstraint("center_id", "weekday", name="pk_opening_hours"),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=True),
        sa.Column("transports", sa.UnicodeText(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(length=64), nullable=False),
        sa.Column("extensions", sa.Text(), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("usage", sa.String(length=64), nullable=False),
        sa.Column("create_datetime", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lastuse_datetime", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_passkey_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index("ix_passkey_user_id", ["user_id"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("counters", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('first', 'late_ratings', 'corrected')", name=op.f("ck_report_reason")
        ),
        sa.CheckConstraint("revision > 0", name=op.f("ck_report_revision")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name="fk_report_center_id"),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint(
            "center_id", "month", "revision", name="uq_report_center_id_month_revision"
        ),
    )
    op.create_table(
        "service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("standard_minutes", sa.Integer(), nullable=False),
        sa.Column("name_az", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.CheckConstraint("standard_minutes > 0", name=op.f("ck_service_standard_minutes")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="fk_service_agency_id"),
        sa.ForeignKeyConstraint(["area_id"], ["service_area.id"], name="fk_service_area_id"),
        sa.PrimaryKeyConstraint("id", name="pk_service"),
        sa.UniqueConstraint("code", name="uq_service_code"),
    )
    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.create_index("ix_service_agency_id", ["agency_id"], unique=False)
        batch_op.create_index("ix_service_area_id", ["area_id"], unique=False)

    op.create_table(
        "service_tally",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("service_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("score_1", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_2", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_3", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_4", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_5", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("void", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("comments", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("negative", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("neutral", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("positive", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("mixed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("not_assessed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name="fk_service_tally_center_id"),
        sa.PrimaryKeyConstraint("center_id", "month", "service_id", name="pk_service_tally"),
    )
    op.create_table(
        "survey_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_survey_version_number")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_survey_version_survey_id"),
        sa.PrimaryKeyConstraint("id", name="pk_survey_version"),
        sa.UniqueConstraint("survey_id", "number", name="uq_survey_version_survey_id_number"),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("min_score", sa.Integer(), nullable=False),
        sa.Column("max_score", sa.Integer(), nullable=False),
        sa.Column("text_az", sa.Text(), nullable=False),
        sa.Column("text_ru", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('score', 'single', 'multiple', 'text')", name=op.f("ck_question_kind")
        ),
        sa.CheckConstraint(
            "role IN ('satisfaction', 'outcome', 'driver', 'equality', 'free')",
            name=op.f("ck_question_role"),
        ),
        sa.CheckConstraint(
            "1 <= min_score AND min_score <= max_score AND max_score <= 5",
            name=op.f("ck_question_for"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["survey_version.id"], name="fk_question_version_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_question"),
        sa.UniqueConstraint("version_id", "code", name="uq_question_version_id_code"),
        sa.UniqueConstraint("version_id", "position", name="uq_question_version_id_position"),
    )
    op.create_table(
        "touchpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=6), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("label_az", sa.Text(), nullable=False),
        sa.Column("label_ru", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=True),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(channel = 'qr') = (code IS NOT NULL)", name=op.f("ck_touchpoint_code")
        ),
        sa.CheckConstraint("channel IN ('tablet', 'qr')", name=op.f("ck_touchpoint_channel")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name="fk_touchpoint_center_id"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_touchpoint_service_id"),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_touchpoint_survey_id"),
        sa.PrimaryKeyConstraint("id", name="pk_touchpoint"),
        sa.UniqueConstraint("center_id", "slug", name="uq_touchpoint_center_id_slug"),
        sa.UniqueConstraint("code", name="uq_touchpoint_code"),
    )
    op.create_table(
        "visit_count",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.CheckConstraint("served >= 0", name=op.f("ck_visit_count_served")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name="fk_visit_count_center_id"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_visit_count_service_id"),
        sa.PrimaryKeyConstraint("center_id", "day", "service_id", name="pk_visit_count"),
    )
    op.create_table(
        "pairing_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name="fk_pairing_code_touchpoint_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pairing_code"),
        sa.UniqueConstraint("code_digest", name="uq_pairing_code_code_digest"),
    )
    with op.batch_alter_table("pairing_code", schema=None) as batch_op:
        batch_op.create_index("ix_pairing_code_touchpoint_id", ["touchpoint_id"], unique=False)

    op.create_table(
        "question_option",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("text_az", sa.Text(), nullable=False),
        sa.Column("text_ru", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name="fk_question_option_question_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_question_option"),
        sa.UniqueConstraint("question_id", "code", name="uq_question_option_question_id_code"),
        sa.UniqueConstraint(
            "question_id", "position", name="uq_question_option_question_id_position"
        ),
    )
    op.create_table(
        "tablet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("paired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("app_version", sa.String(length=40), nullable=True),
        sa.Column("unsent", sa.Integer(), nullable=True),
        sa.Column("rejected", sa.Integer(), nullable=True),
        sa.Column("last_sequence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name="fk_tablet_touchpoint_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tablet"),
        sa.UniqueConstraint("token_digest", name="uq_tablet_token_digest"),
    )
    with op.batch_alter_table("tablet", schema=None) as batch_op:
        batch_op.create_index("ix_tablet_touchpoint_id", ["touchpoint_id"], unique=False)

    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("tablet_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name="fk_audit_event_center_id"),
        sa.ForeignKeyConstraint(["tablet_id"], ["tablet.id"], name="fk_audit_event_tablet_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_audit_event_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_audit_event_center_id_happened_at", ["center_id", "happened_at"], unique=False
        )

    op.create_table(
        "rating",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("tablet_id", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("survey_version_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("channel", sa.String(length=6), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock", sa.String(length=9), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("counted_hour", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("held_rule", sa.String(length=40), nullable=True),
        sa.Column("content_digest", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            "(channel = 'tablet') = (tablet_id IS NOT NULL)", name=op.f("ck_rating_tablet")
        ),
        sa.CheckConstraint("channel IN ('tablet', 'qr')", name=op.f("ck_rating_channel")),
        sa.CheckConstraint(
            "clock IN ('device', 'corrected', 'server')", name=op.f("ck_rating_clock")
        ),
        sa.CheckConstraint("language IN ('az', 'ru', 'en')", name=op.f("ck_rating_language")),
        sa.CheckConstraint("mode IN ('self', 'assisted')", name=op.f("ck_rating_mode")),
        sa.CheckConstraint(
            "state <> 'held' OR held_rule IS NOT NULL", name=op.f("ck_rating_held_rule")
        ),
        sa.CheckConstraint("state IN ('counted', 'held', 'void')", name=op.f("ck_rating_state")),
        sa.CheckConstraint(
            "comment IS NULL OR length(comment) > 0", name=op.f("ck_rating_comment")
        ),
        sa.CheckConstraint("counted_hour BETWEEN 0 AND 23", name=op.f("ck_rating_counted_hour")),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_rating_score")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name="fk_rating_center_id"),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name="fk_rating_service_id"),
        sa.ForeignKeyConstraint(
            ["survey_version_id"], ["survey_version.id"], name="fk_rating_survey_version_id"
        ),
        sa.ForeignKeyConstraint(["tablet_id"], ["tablet.id"], name="fk_rating_tablet_id"),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name="fk_rating_touchpoint_id"
        ),
        sa.PrimaryKeyConstraint("submission_id", name="pk_rating"),
        sa.UniqueConstraint("tablet_id", "sequence", name="uq_rating_tablet_id_sequence"),
    )
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.create_index(
            "ix_rating_center_day", ["center_id", "counted_on", "survey_version_id"], unique=False
        )
        batch_op.create_index(
            "ix_rating_comments",
            ["center_id", "counted_on"],
            unique=False,
            sqlite_where=sa.text("comment IS NOT NULL"),
            postgresql_where=sa.text("comment IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_rating_set_aside",
            ["center_id", "counted_on"],
            unique=False,
            sqlite_where=sa.text("state <> 'counted'"),
            postgresql_where=sa.text("state <> 'counted'"),
        )

    op.create_table(
        "answer",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("option_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["option_id"], ["question_option.id"], name="fk_answer_option_id"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["rating.submission_id"], name="fk_answer_submission_id"
        ),
        sa.PrimaryKeyConstraint("submission_id", "option_id", name="pk_answer"),
    )
    op.create_table(
        "comment_reading",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("sentiment", sa.String(length=12), nullable=False),
        sa.Column("polarity", sa.Double(), nullable=True),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("reader", sa.String(length=40), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(sentiment = 'not_assessed') = (polarity IS NULL)",
            name=op.f("ck_comment_reading_polarity_assessed"),
        ),
        sa.CheckConstraint(
            "language IN ('az', 'ru', 'en', 'mixed', 'any')",
            name=op.f("ck_comment_reading_language"),
        ),
        sa.CheckConstraint(
            "sentiment IN ('negative', 'neutral', 'positive', 'mixed', 'not_assessed')",
            name=op.f("ck_comment_reading_sentiment"),
        ),
        sa.CheckConstraint("polarity BETWEEN -1 AND 1", name=op.f("ck_comment_reading_polarity")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["rating.submission_id"], name="fk_comment_reading_submission_id"
        ),
        sa.PrimaryKeyConstraint("submission_id", name="pk_comment_reading"),
    )


def downgrade() -> None:
    op.drop_table("comment_reading")
    op.drop_table("answer")
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_rating_set_aside",
            sqlite_where=sa.text("state <> 'counted'"),
            postgresql_where=sa.text("state <> 'counted'"),
        )
        batch_op.drop_index(
            "ix_rating_comments",
            sqlite_where=sa.text("comment IS NOT NULL"),
            postgresql_where=sa.text("comment IS NOT NULL"),
        )
        batch_op.drop_index("ix_rating_center_day")

    op.drop_table("rating")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_center_id_happened_at")

    op.drop_table("audit_event")
    with op.batch_alter_table("tablet", schema=None) as batch_op:
        batch_op.drop_index("ix_tablet_touchpoint_id")

    op.drop_table("tablet")
    op.drop_table("question_option")
    with op.batch_alter_table("pairing_code", schema=None) as batch_op:
        batch_op.drop_index("ix_pairing_code_touchpoint_id")

    op.drop_table("pairing_code")
    op.drop_table("visit_count")
    op.drop_table("touchpoint")
    op.drop_table("question")
    op.drop_table("survey_version")
    op.drop_table("service_tally")
    with op.batch_alter_table("service", schema=None) as batch_op:
        batch_op.drop_index("ix_service_area_id")
        batch_op.drop_index("ix_service_agency_id")

    op.drop_table("service")
    op.drop_table("report")
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.drop_index("ix_passkey_user_id")

    op.drop_table("passkey")
    op.drop_table("opening_hours")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_membership_user_id_network",
            sqlite_where=sa.text("center_id IS NULL"),
            postgresql_where=sa.text("center_id IS NULL"),
        )
        batch_op.drop_index(
            "uq_membership_user_id_center_id",
            sqlite_where=sa.text("center_id IS NOT NULL"),
            postgresql_where=sa.text("center_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_membership_center_id")

    op.drop_table("membership")
    op.drop_table("hour_tally")
    op.drop_table("day_tally")
    op.drop_table("channel_tally")
    op.drop_table("user_account")
    op.drop_table("survey")
    op.drop_table("service_area")
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outgoing_mail_due_at",
            sqlite_where=sa.text("sent_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL"),
        )

    op.drop_table("outgoing_mail")
    op.drop_table("holiday")
    op.drop_table("center")
    op.drop_table("agency")
