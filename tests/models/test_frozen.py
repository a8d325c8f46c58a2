"""The database itself refuses to rewrite what was judged, published or noted, and broken rows.

Nothing here goes through our models' rules: whoever holds a connection is held to them.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Table, UniqueConstraint, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.models import Base
from tests.factories import NOON, Make

TABLES = Base.metadata.tables


# SQL is put together here from our own constants; nothing comes from outside.
# ruff: noqa: S608

# --- frozen rows -------------------------------------------------------------------------------

_PUBLISHED = "(SELECT id FROM survey_version WHERE published_at IS NOT NULL)"
_DRAFT = "(SELECT id FROM survey_version WHERE published_at IS NULL)"
_PUBLISHED_QUESTIONS = f"(SELECT id FROM question WHERE version_id IN {_PUBLISHED})"
_DRAFT_QUESTIONS = f"(SELECT id FROM question WHERE version_id IN {_DRAFT})"
_ANOTHER = "(SELECT min(id) FROM user_account WHERE id <> proposed_by)"
_NEW_TEXT = "text_en = 'Are you very happy?'"

FROZEN = {
    "a report's value": "UPDATE report SET value = '{}'",
    "a report's revision": "UPDATE report SET revision = revision + 1",
    "a report": "DELETE FROM report",
    "what was noted": "UPDATE audit_event SET detail = '{}'",
    "a note": "DELETE FROM audit_event",
    "a rating": "DELETE FROM rating",
    "a published version": f"UPDATE survey_version SET number = 9 WHERE id IN {_PUBLISHED}",
    "its publication": f"UPDATE survey_version SET published_at = NULL WHERE id IN {_PUBLISHED}",
    "a whole version": f"DELETE FROM survey_version WHERE id IN {_PUBLISHED}",
    "a question's words": f"UPDATE question SET {_NEW_TEXT} WHERE version_id IN {_PUBLISHED}",
    "a question moved away": (
        f"UPDATE question SET version_id = {_DRAFT}, position = 99, code = 'x'"
        f" WHERE version_id IN {_PUBLISHED}"
    ),
    "a question moved in": (
        f"UPDATE question SET version_id = {_PUBLISHED}, position = 99, code = 'x'"
        f" WHERE version_id IN {_DRAFT} AND position = 1"
    ),
    "a question": f"DELETE FROM question WHERE version_id IN {_PUBLISHED}",
    "an option's words": (
        f"UPDATE question_option SET {_NEW_TEXT} WHERE question_id IN {_PUBLISHED_QUESTIONS}"
    ),
    "an option moved in": (
        f"UPDATE question_option SET question_id = (SELECT min(id) FROM question"
        f" WHERE version_id IN {_PUBLISHED}), position = 99, code = 'x'"
        f" WHERE id = (SELECT min(id) FROM question_option"
        f" WHERE question_id IN {_DRAFT_QUESTIONS})"
    ),
    "an option": f"DELETE FROM question_option WHERE question_id IN {_PUBLISHED_QUESTIONS}",
    "a network report's value": "UPDATE network_report SET value = '{}'",
    "a network report's revision": "UPDATE network_report SET revision = revision + 1",
    "a network report": "DELETE FROM network_report",
    "what was delivered": "UPDATE visit_import SET rejected = 0",
    "a delivery": "DELETE FROM visit_import",
    "a suspicion": "DELETE FROM integrity_alert",
    "a ruling's reason": "UPDATE ruling SET reason = 'Other' WHERE stage = 'done'",
    "what is proposed": "UPDATE ruling SET kind = 'release' WHERE stage = 'proposed'",
    "why it is proposed": "UPDATE ruling SET reason = 'Other' WHERE stage = 'proposed'",
    "who proposed it": "UPDATE ruling SET proposed_by = NULL WHERE stage = 'proposed'",
    "a ruling taken back": (
        "UPDATE ruling SET stage = 'proposed', decided_at = NULL WHERE stage = 'done'"
    ),
    "what was declined": "UPDATE ruling SET stage = 'done' WHERE stage = 'declined'",
    "a ruling": "DELETE FROM ruling WHERE stage = 'done'",
    "a proposal": "DELETE FROM ruling WHERE stage = 'proposed'",
    "whom a ruling speaks of": "UPDATE ruling_rating SET submission_id = submission_id",
    "a rating ruled on": "DELETE FROM ruling_rating",
}

CHANGEABLE = {
    "a rating is voided": "UPDATE rating SET state = 'void'",
    "a rating is held": "UPDATE rating SET state = 'held', held_rule = 'stuffing'",
    "a comment is erased": "UPDATE rating SET comment = NULL",
    "a draft's question is reworded": (
        f"UPDATE question SET {_NEW_TEXT} WHERE version_id IN {_DRAFT}"
    ),
    "a draft's option is reworded": (
        f"UPDATE question_option SET {_NEW_TEXT} WHERE question_id IN {_DRAFT_QUESTIONS}"
    ),
    "a draft's option is dropped": (
        f"DELETE FROM question_option WHERE question_id IN {_DRAFT_QUESTIONS}"
    ),
    "a draft is published": "UPDATE survey_version SET published_at = '2026-10-05 08:00:00'"
    " WHERE published_at IS NULL",
    "a survey is renamed": "UPDATE survey SET name_en = 'Another name'",
    "a suspicion is acknowledged": (
        "UPDATE integrity_alert SET acknowledged_at = found_at, note = 'A school class',"
        " acknowledged_by = (SELECT min(id) FROM user_account)"
    ),
    "a suspicion lasts": "UPDATE integrity_alert SET last_day = '2026-12-31', p_value = 0.0001",
    "a proposal is declined": (
        "UPDATE ruling SET stage = 'declined', decided_at = proposed_at,"
        f" decided_by = {_ANOTHER} WHERE stage = 'proposed'"
    ),
    "a proposal is decided by another": (
        "UPDATE ruling SET stage = 'done', decided_at = proposed_at,"
        f" decided_by = {_ANOTHER} WHERE stage = 'proposed'"
    ),
}


def test_what_is_frozen_is_refused(session: Session, house: None) -> None:
    answers = {name: outcome(session, statement) for name, statement in FROZEN.items()}
    assert answers == dict.fromkeys(FROZEN, "frozen")


def test_a_judgement_is_frozen_column_by_column(session: Session, house: None) -> None:
    changeable = {"state", "held_rule", "comment"}
    answers = {
        column.name: outcome(session, f"UPDATE rating SET {column.name} = {column.name}")
        for column in TABLES["rating"].columns
    }
    assert {name for name, answer in answers.items() if answer == "done"} == changeable
    assert set(answers.values()) == {"done", "frozen"}


def test_a_suspicion_keeps_what_it_speaks_of(session: Session, house: None) -> None:
    answers = {
        column.name: outcome(session, f"UPDATE integrity_alert SET {column.name} = {column.name}")
        for column in TABLES["integrity_alert"].columns
    }
    frozen = {name for name, answer in answers.items() if answer == "frozen"}
    assert frozen == {"center_id", "touchpoint_id", "rule", "day"}
    assert set(answers.values()) == {"done", "frozen"}


def test_a_published_version_takes_no_more_questions(session: Session, house: None) -> None:
    for table, whose, owners in (
        ("question", "version_id", _PUBLISHED),
        ("question_option", "question_id", _PUBLISHED_QUESTIONS),
    ):
        statement = copied(table, f"{whose} IN {owners}", code="'x'", position="99")
        assert outcome(session, statement) == "frozen"
    for table, whose, owners in (
        ("question", "version_id", _DRAFT),
        ("question_option", "question_id", _DRAFT_QUESTIONS),
    ):
        one = f"id = (SELECT min(id) FROM {table} WHERE {whose} IN {owners})"
        assert outcome(session, copied(table, one, code="'x'", position="99")) == "done"


def test_what_is_not_frozen_can_be_changed(session: Session, house: None) -> None:
    answers = {name: outcome(session, statement) for name, statement in CHANGEABLE.items()}
    assert answers == dict.fromkeys(CHANGEABLE, "done")


# --- constraints -------------------------------------------------------------------------------


def copied(table: str, where: str = "1 = 1", **changes: str) -> str:
    """An INSERT of a table's rows once more, with new ids and these changes, as SQL."""
    columns = {
        column.name: changes.get(column.name, column.name)
        for column in TABLES[table].columns
        if column.name != "id"
    }
    return (
        f"INSERT INTO {table} ({', '.join(columns)})"
        f" SELECT {', '.join(columns.values())} FROM {table} WHERE {where}"
    )


def another_rating(**changes: str) -> str:
    fresh = {"submission_id": "'01920000000070008000000000000001'", "sequence": "sequence + 1"}
    return copied("rating", **(fresh | changes))


def another_proposal(**changes: str) -> str:
    return copied("ruling", "stage = 'proposed'", **changes)


_ON_DRAFT = f"WHERE version_id IN {_DRAFT}"
CHECKS = {
    "ck_center_default_language": "UPDATE center SET default_language = 'de'",
    "ck_opening_hours_weekday": "UPDATE opening_hours SET weekday = 8 WHERE weekday = 5",
    "ck_opening_hours_order": "UPDATE opening_hours SET opens = closes",
    "ck_opening_hours_both": "UPDATE opening_hours SET opens = NULL",
    "ck_service_area_kind": "UPDATE service_area SET kind = 'other'",
    "ck_service_standard_minutes": "UPDATE service SET standard_minutes = 0",
    "ck_user_account_language": "UPDATE user_account SET language = 'de'",
    "ck_membership_role": "UPDATE membership SET role = 'owner' WHERE center_id IS NULL",
    "ck_membership_scope": "UPDATE membership SET role = 'admin' WHERE center_id IS NOT NULL",
    "ck_tablet_battery_percent": "UPDATE tablet SET battery_percent = 101",
    "ck_tablet_storage_free": "UPDATE tablet SET storage_free = -1",
    "ck_survey_version_number": "UPDATE survey_version SET number = 0 WHERE published_at IS NULL",
    "ck_question_role": f"UPDATE question SET role = 'other' {_ON_DRAFT}",
    "ck_question_kind": f"UPDATE question SET kind = 'other' {_ON_DRAFT}",
    "ck_question_for": f"UPDATE question SET min_score = 5, max_score = 4 {_ON_DRAFT}",
    "ck_touchpoint_channel": "UPDATE touchpoint SET channel = 'web' WHERE channel = 'tablet'",
    "ck_touchpoint_code": "UPDATE touchpoint SET code = 'X' WHERE channel = 'tablet'",
    "ck_visit_count_served": "UPDATE visit_count SET served = -1",
    "ck_outgoing_mail_attempts": "UPDATE outgoing_mail SET attempts = -1",
    "ck_report_revision": copied("report", revision="0"),
    "ck_report_reason": copied("report", revision="9", reason="'whim'"),
    "ck_rating_score": another_rating(score="6"),
    "ck_rating_counted_hour": another_rating(counted_hour="24"),
    "ck_rating_language": another_rating(language="'de'"),
    "ck_rating_channel": another_rating(channel="'web'", tablet_id="NULL", sequence="NULL"),
    "ck_rating_mode": another_rating(mode="'other'"),
    "ck_rating_clock": another_rating(clock="'sundial'"),
    "ck_rating_state": another_rating(state="'lost'"),
    "ck_rating_held_rule": another_rating(state="'held'"),
    "ck_rating_tablet": another_rating(tablet_id="NULL", sequence="NULL"),
    "ck_rating_comment": another_rating(comment="''"),
    "ck_rating_lead_ms": another_rating(lead_ms="-1"),
    "ck_rating_visit_ms": another_rating(visit_ms="-1"),
    "ck_feedback_case_closed": "UPDATE feedback_case SET closed_at = opened_at",
    "ck_feedback_case_contact": (
        "UPDATE feedback_case SET closed_at = opened_at,"
        " closed_by = (SELECT min(id) FROM user_account)"
    ),
    "ck_pressure_ratings": "UPDATE pressure SET ratings = 0",
    "ck_comment_reading_language": "UPDATE comment_reading SET language = 'de'",
    "ck_comment_reading_sentiment": "UPDATE comment_reading SET sentiment = 'angry'",
    "ck_comment_reading_polarity": "UPDATE comment_reading SET polarity = 1.5",
    "ck_comment_reading_polarity_assessed": "UPDATE comment_reading SET polarity = NULL",
    "ck_comment_reading_script": "UPDATE comment_reading SET script = 'greek'",
    "ck_comment_reading_confidence": "UPDATE comment_reading SET confidence = 1.5",
    "ck_comment_reading_sides": "UPDATE comment_reading SET sides = '[]'",
    "ck_comment_reading_urgent": "UPDATE comment_reading SET urgent = 'weather'",
    "ck_comment_correction_sentiment": ("UPDATE comment_correction SET sentiment = 'angry'"),
    "ck_network_report_revision": copied("network_report", revision="0"),
    "ck_group_served_served": "UPDATE group_served SET served = -1",
    "ck_visit_hour_hour": "UPDATE visit_hour SET hour = 24",
    "ck_visit_hour_served": "UPDATE visit_hour SET served = -1",
    "ck_visit_import_source": copied("visit_import", source="'fax'"),
    "ck_integrity_alert_acknowledged": "UPDATE integrity_alert SET note = 'Nobody said so'",
    "ck_integrity_alert_days": "UPDATE integrity_alert SET last_day = '2026-10-04'",
    "ck_integrity_alert_p_value": "UPDATE integrity_alert SET p_value = 1.5",
    "ck_ruling_kind": another_proposal(kind="'forget'"),
    "ck_ruling_stage": another_proposal(kind="'release'", stage="'lost'", decided_at="proposed_at"),
    "ck_ruling_reason": another_proposal(reason="''"),
    "ck_ruling_decided": another_proposal(decided_at="proposed_at"),
    "ck_ruling_proposed_by": another_proposal(proposed_by="NULL"),
    "ck_ruling_two_persons": (
        "UPDATE ruling SET stage = 'done', decided_at = proposed_at, decided_by = proposed_by"
        " WHERE stage = 'proposed'"
    ),
}


def test_every_check_is_tried_here() -> None:
    named = {
        str(constraint.name)
        for table in TABLES.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert named == set(CHECKS)


def test_broken_rows_are_refused_by_the_check_that_names_the_reason(
    session: Session, house: None
) -> None:
    answers = {name: outcome(session, statement) for name, statement in CHECKS.items()}
    assert answers == {name: name for name in CHECKS}


def _twice(**columns: Any) -> Callable[[Callable[..., Any]], None]:
    def twice(row: Callable[..., Any]) -> None:
        for _ in range(2):
            row(**columns)

    return twice


# A row that must be there once only, made twice; where the factories know better, as SQL.
UNIQUE: dict[str, Callable[[Make], Any] | str] = {
    "uq_center_slug": lambda make: _twice(slug="same")(make.center),
    "uq_center_number": lambda make: _twice(number=1000)(make.center),
    "uq_agency_code": lambda make: _twice(code="same")(make.agency),
    "uq_service_area_code": lambda make: _twice(code="same")(make.area),
    "uq_service_code": lambda make: _twice(code="same")(make.service),
    "uq_user_account_email": lambda make: _twice(email="same@example.org")(make.user),
    "uq_user_account_fs_uniquifier": lambda make: _twice(fs_uniquifier="same")(make.user),
    "uq_user_account_fs_webauthn_user_handle": (
        lambda make: _twice(fs_webauthn_user_handle="same")(make.user)
    ),
    "uq_membership_user_id_center_id": copied("membership", "center_id IS NOT NULL"),
    "uq_membership_user_id_network": copied("membership", "center_id IS NULL"),
    "uq_passkey_credential_id": copied("passkey"),
    "uq_survey_code": lambda make: _twice(code="same")(make.survey),
    "uq_survey_version_survey_id_number": copied("survey_version", "published_at IS NULL"),
    "uq_question_version_id_code": copied(
        "question", f"version_id IN {_DRAFT}", position="position + 100"
    ),
    "uq_question_version_id_position": copied(
        "question", f"version_id IN {_DRAFT}", code="'x' || code"
    ),
    "uq_question_option_question_id_code": copied(
        "question_option", f"question_id IN {_DRAFT_QUESTIONS}", position="position + 100"
    ),
    "uq_question_option_question_id_position": copied(
        "question_option", f"question_id IN {_DRAFT_QUESTIONS}", code="'x' || code"
    ),
    "uq_touchpoint_center_id_slug": copied("touchpoint", "channel = 'tablet'"),
    "uq_touchpoint_code": lambda make: _twice(code="SAME")(make.poster),
    "uq_touchpoint_tickets": copied("touchpoint", "channel = 'qr' AND code IS NULL", slug="'x'"),
    "uq_ticket_code_digest": copied("ticket", secret_digest="code_digest"),
    "uq_ticket_secret_digest": copied("ticket", code_digest="secret_digest"),
    "uq_receipt_digest": lambda make: _twice()(lambda: make.receipt(make.rating())),
    "uq_feedback_case_submission_id": copied("feedback_case"),
    "uq_tablet_token_digest": copied("tablet"),
    "uq_pairing_code_code_digest": copied("pairing_code"),
    "uq_rating_tablet_id_sequence": another_rating(sequence="sequence"),
    "uq_report_center_id_month_revision": copied("report"),
    "uq_network_report_month_revision": copied("network_report"),
    "uq_api_key_digest": copied("api_key"),
    "uq_integrity_alert_center": copied("integrity_alert", "touchpoint_id IS NULL"),
    "uq_integrity_alert_touchpoint": copied("integrity_alert", "touchpoint_id IS NOT NULL"),
}


def test_every_uniqueness_is_tried_here() -> None:
    assert set(uniqueness()) == set(UNIQUE)


def test_what_is_unique_is_there_once(session: Session, make: Make, house: None) -> None:
    answers = {}
    for name, twice in UNIQUE.items():
        if isinstance(twice, str):
            answers[name] = outcome(session, twice)
            continue
        try:
            twice(make)
        except IntegrityError as refusal:
            answers[name] = reason(refusal)
        else:
            answers[name] = "done"
        session.rollback()
    assert answers == {name: name for name in UNIQUE}


def test_a_rating_is_there_once(session: Session, make: Make, house: None) -> None:
    again = copied("rating", tablet_id="tablet_id", sequence="sequence + 1")
    refused = outcome(session, again)
    assert refused in {"pk_rating", "unique: rating.submission_id"}


def test_a_comment_is_corrected_once(session: Session, make: Make, house: None) -> None:
    refused = outcome(session, copied("comment_correction"))
    assert refused in {"pk_comment_correction", "unique: comment_correction.submission_id"}


# --- what these tests share --------------------------------------------------------------------


@pytest.fixture
def house(session: Session, make: Make) -> None:
    """One row at least of every table that the statements above touch."""
    center = make.center()
    survey = make.survey()
    make.survey_version(survey, 2, published_at=None)
    place = make.touchpoint(center, survey_id=survey.id)
    make.poster(center, survey_id=survey.id)
    make.ticket(make.tickets_place(center, survey_id=survey.id))
    make.pressure()
    tablet = make.tablet(place)
    make.pairing_code(place)
    # Rated before the draft was made newest: the answers belong to what was published.
    rating = make.rating(
        place,
        tablet_id=tablet.tablet.id,
        survey_version_id=survey.versions[0].id,
        comment="Çox sağ olun",
        rated_at=NOON - timedelta(hours=1),
    )
    make.reading(rating)
    make.correction(rating)
    make.case(rating)
    service = make.service()
    make.visits(center, service)
    make.visit_hour(center, service)
    make.group_served(center)
    make.visit_import()
    make.api_key()
    make.integrity_alert(center)
    make.integrity_alert(center, place)
    make.ruling([rating])
    make.ruling([rating], "void")
    make.ruling([rating], "void", "proposed")
    make.ruling([rating], "release", "declined")
    make.network_report()
    make.passkey(make.user("manager", center))
    make.user("auditor")
    make.report(center)
    make.audit_event()
    make.mail()


def outcome(session: Session, statement: str) -> str:
    """What became of a statement, which is taken back: "done", or the reason of its refusal.

    A statement that finds no row shows nothing and fails the test.
    """
    try:
        touched = session.execute(text(statement)).rowcount  # type: ignore[attr-defined]
    except IntegrityError as refusal:
        return reason(refusal)
    finally:
        session.rollback()
    assert touched, f"nothing to try it on: {statement}"
    return "done"


def reason(refusal: IntegrityError) -> str:
    """The constraint's name, or "frozen". SQLite names the columns of a broken uniqueness."""
    words = str(refusal.orig)
    if "frozen: " in words:
        return "frozen"
    if "UNIQUE constraint failed: " in words:
        columns = words.rpartition("failed: ")[2]
        return {named: name for name, named in uniqueness().items()}.get(
            columns, f"unique: {columns}"
        )
    diagnosis = getattr(refusal.orig, "diag", None)
    return str(diagnosis.constraint_name) if diagnosis else words.rpartition("failed: ")[2]


def uniqueness() -> dict[str, str]:
    """Every uniqueness but the primary keys: its name, and its columns as SQLite writes them."""
    found = {}
    for table in TABLES.values():
        for each in (*table.constraints, *table.indexes):
            if isinstance(each, UniqueConstraint) or getattr(each, "unique", False):
                found[str(each.name)] = written(table, [column.name for column in each.columns])
    return found


def written(table: Table, columns: list[str]) -> str:
    return ", ".join(f"{table.name}.{name}" for name in columns)
