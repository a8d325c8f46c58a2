"""The demo network as loaded through the real intake: its size, its stories, and nothing personal.

The figures are counted by direct SQL over ratings, so that they hold whatever reports say.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from analysis.equality import GroupCounts, equality_gaps
from analysis.months import Month
from analysis.redaction import MARKS, find_personal_data
from analysis.report import SatisfactionReport
from analysis.tally import ScoreTally
from survey_app import create_app, tallies
from survey_app.config import Settings
from survey_app.demo import answers, story
from survey_app.demo.load import load_demo
from survey_app.extensions import db
from survey_app.models import CommentReading, Rating, Report, Tablet
from survey_app.network.conditions import condition_of
from survey_app.reports.publishing import due_months
from tests.demo.conftest import LAST_MONTH
from tests.factories import BAKU, NOON
from tests.postgresql import Server

# SQL is put together here from our own constants; nothing comes from outside.
# ruff: noqa: S608

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SATISFIED = "avg(CASE WHEN score >= 4 THEN 1.0 ELSE 0.0 END)"
PRESSED = """
    FROM rating r
    JOIN center c ON c.id = r.center_id
    JOIN touchpoint t ON t.id = r.touchpoint_id
    LEFT JOIN service s ON s.id = r.service_id
    WHERE true
"""
COUNTED = PRESSED + " AND r.state = 'counted'"
MONTH = "strftime('%Y-%m', r.counted_on)"
MONDAY_MORNING = "strftime('%w', r.counted_on) = '1' AND r.counted_hour IN (9, 10)"


# --- the whole of it ---------------------------------------------------------------------------


def test_it_has_its_size(demo: Session) -> None:
    assert one(demo, "SELECT sum(served) FROM visit_count") == pytest.approx(445_000, rel=0.01)
    assert one(demo, "SELECT count(*) FROM rating") == pytest.approx(90_000, rel=0.01)
    months = f"SELECT count(DISTINCT {MONTH}) {COUNTED}"
    assert one(demo, months) == story.MONTHS
    assert one(demo, f"SELECT max({MONTH}) {COUNTED}") == str(LAST_MONTH)
    assert one(demo, "SELECT count(DISTINCT service_id) FROM visit_count") == 152 + 26
    assert rows(demo, "SELECT count(*), count(DISTINCT touchpoint_id) FROM rating")[0][1] == 35


def test_the_networks_share_satisfied_is_the_well_known_one(demo: Session) -> None:
    share = one(demo, f"SELECT {SATISFIED} {COUNTED}")
    assert share == pytest.approx(0.974, abs=0.001)


def test_comments_are_many_in_three_languages_and_no_two_alike(demo: Session) -> None:
    comments, different = rows(demo, "SELECT count(comment), count(DISTINCT comment) FROM rating")[
        0
    ]
    assert comments >= 6_000
    assert different == comments
    spoken = dict(rows(demo, "SELECT language, count(comment) FROM rating GROUP BY language"))
    assert set(spoken) == {"az", "ru", "en"}
    assert spoken["az"] > spoken["ru"] > spoken["en"] >= 150


def test_nothing_personal_is_stored(demo: Session) -> None:
    comments = demo.scalars(select(Rating.comment).where(Rating.comment.is_not(None))).all()
    assert [comment for comment in comments if find_personal_data(comment or "")] == []
    # It was there, and it was taken out.
    marks = [mark for language in MARKS.values() for mark in language.values()]
    marked = [comment for comment in comments if any(mark in (comment or "") for mark in marks)]
    assert len(marked) >= 20


def test_every_tally_equals_its_ratings(demo: Session) -> None:
    assert tallies.differences(demo) == []


def test_everything_is_read_and_published_and_nothing_is_left_to_do(demo: Session) -> None:
    assert tallies.count_unread(demo) == 0
    assert one(demo, "SELECT count(*) FROM comment_reading") == one(
        demo, "SELECT count(comment) FROM rating WHERE state <> 'void'"
    )
    moods = set(demo.scalars(select(CommentReading.sentiment)))
    assert moods == {"negative", "neutral", "positive", "mixed", "not_assessed"}
    published = Counter(demo.scalars(select(Report.revision)))
    assert published == {1: 5 * story.MONTHS}
    next_day = NOON.replace(month=11, day=4)
    assert list(due_months(demo, next_day, 2)) == []


def test_times_lie_within_opening_hours_and_workdays(demo: Session) -> None:
    hours = dict(rows(demo, f"SELECT counted_hour, count(*) {COUNTED} GROUP BY counted_hour"))
    assert set(hours) == set(range(9, 18))
    # The late morning is full, the lunch hour is not.
    assert max(hours, key=lambda hour: hours[hour]) == 10
    assert hours[13] < 0.5 * hours[10]
    weekdays = dict(rows(demo, f"SELECT strftime('%w', counted_on), count(*) {COUNTED} GROUP BY 1"))
    assert set(weekdays) == set("12345")
    assert max(weekdays, key=lambda day: weekdays[day]) == "1"
    assert one(demo, "SELECT count(*) FROM rating r JOIN holiday h ON h.day = r.counted_on") == 0


def test_what_was_pressed_after_hours_is_held_back(demo: Session) -> None:
    held = rows(demo, "SELECT held_rule, count(*) FROM rating WHERE state <> 'counted' GROUP BY 1")
    stuffed = story.STUFFED_AFTERNOONS * story.STUFFED_PRESSES
    assert dict(held) == {"outside_hours/1": 45, "fast_run/1": stuffed}


def test_tablets_number_their_ratings_without_a_gap(demo: Session) -> None:
    for first, last, count in rows(
        demo,
        "SELECT min(sequence), max(sequence), count(*) FROM rating"
        " WHERE tablet_id IS NOT NULL GROUP BY tablet_id",
    ):
        assert (first, last) == (1, count)


def test_late_ratings_keep_both_times(demo: Session) -> None:
    late = one(
        demo,
        "SELECT count(*) FROM rating WHERE julianday(received_at) - julianday(rated_at) > 1.0 / 24",
    )
    assert 0.01 < late / one(demo, "SELECT count(*) FROM rating") < 0.03
    assert one(demo, "SELECT count(*) FROM rating WHERE received_at < rated_at") == 0


# --- the stories -------------------------------------------------------------------------------


def test_one_service_gets_worse_since_spring(demo: Session) -> None:
    where = f"{COUNTED} AND s.code = '{story.WORSENING_SERVICE}'"
    shares = dict(rows(demo, f"SELECT {MONTH}, {SATISFIED} {where} GROUP BY 1"))
    by_month = [shares[month] for month in sorted(shares)]
    before, since = by_month[: -len(story.WORSENING)], by_month[-len(story.WORSENING) :]
    assert min(before) > 0.94
    falls = [earlier - later for earlier, later in pairwise(since)]
    # Chance may hide the first small steps, not the later ones.
    assert all(fall > 0 for fall in falls[2:])
    assert since[0] - since[-1] > 0.30
    # It is this service, not its area or the month.
    others = one(
        demo,
        f"SELECT {SATISFIED} {COUNTED} AND s.code <> '{story.WORSENING_SERVICE}'"
        f" AND {MONTH} = '{LAST_MONTH}'",
    )
    assert others > 0.96


def test_mondays_begin_badly_in_one_center(demo: Session) -> None:
    mornings = dict(
        rows(demo, f"SELECT c.slug, {SATISFIED} {COUNTED} AND {MONDAY_MORNING} GROUP BY 1")
    )
    otherwise = dict(
        rows(demo, f"SELECT c.slug, {SATISFIED} {COUNTED} AND NOT ({MONDAY_MORNING}) GROUP BY 1")
    )
    assert mornings.pop(story.MONDAY_CENTER) < 0.80
    assert min(mornings.values()) > 0.96
    assert min(otherwise.values()) > 0.97
    reasons = Counter(
        dict(
            rows(
                demo,
                "SELECT o.code, count(*) FROM answer a"
                " JOIN question_option o ON o.id = a.option_id"
                " JOIN question q ON q.id = o.question_id AND q.code = 'bad'"
                f" JOIN (SELECT r.submission_id {COUNTED} AND c.slug = '{story.MONDAY_CENTER}'"
                f" AND {MONDAY_MORNING}) m ON m.submission_id = a.submission_id GROUP BY 1",
            )
        )
    )
    (reason, count), *_ = reasons.most_common()
    assert reason == "waiting"
    assert count > 0.6 * reasons.total()


def test_people_judge_more_strictly_on_their_own_phones(demo: Session) -> None:
    found = rows(demo, f"SELECT c.slug, r.channel, {SATISFIED}, count(*) {COUNTED} GROUP BY 1, 2")
    shares = {(center, channel): share for center, channel, share, _ in found}
    for center in {center for center, *_ in found}:
        assert shares[center, "tablet"] - shares[center, "qr"] > 0.02
    by_phone = sum(count for _, channel, _, count in found if channel == "qr")
    assert by_phone / sum(count for *_, count in found) == pytest.approx(0.18, abs=0.01)


def test_one_tablet_is_stuffed_on_six_afternoons(demo: Session) -> None:
    per_day = [
        count
        for _, count in rows(
            demo,
            f"SELECT counted_on, count(*) {PRESSED} AND c.slug = '{story.STUFFED_CENTER}'"
            f" AND t.slug = '{story.STUFFED_PLACE}' AND {MONTH} = '{LAST_MONTH}'"
            " AND counted_hour BETWEEN 15 AND 16 GROUP BY 1",
        )
    ]
    stuffed = [count for count in per_day if count >= story.STUFFED_PRESSES]
    assert len(stuffed) == story.STUFFED_AFTERNOONS
    assert max(count for count in per_day if count < story.STUFFED_PRESSES) < 15
    # Those presses say nothing but "very satisfied"; the rules hold every one, and no other.
    silent = one(
        demo,
        f"SELECT count(*) {PRESSED} AND r.held_rule = 'fast_run/1' AND r.score = 5"
        f" AND c.slug = '{story.STUFFED_CENTER}' AND t.slug = '{story.STUFFED_PLACE}'"
        f" AND {MONTH} = '{LAST_MONTH}'"
        " AND r.service_id IS NULL AND r.comment IS NULL AND counted_hour BETWEEN 15 AND 16"
        " AND NOT EXISTS (SELECT 1 FROM answer a WHERE a.submission_id = r.submission_id)",
    )
    assert silent == story.STUFFED_AFTERNOONS * story.STUFFED_PRESSES


def test_one_center_is_silent_for_two_weeks_though_people_came(demo: Session) -> None:
    silent = [
        (date.fromisoformat(day), served)
        for day, served in rows(
            demo,
            "SELECT v.day, sum(v.served) FROM visit_count v JOIN center c ON c.id = v.center_id"
            f" WHERE c.slug = '{story.SILENT_CENTER}' AND NOT EXISTS (SELECT 1 FROM rating r"
            " WHERE r.center_id = v.center_id AND r.counted_on = v.day) GROUP BY 1 ORDER BY 1",
        )
    ]
    assert len(silent) == story.SILENT_DAYS
    assert silent[-1][0] - silent[0][0] < timedelta(days=14)
    assert min(served for _, served in silent) > 100
    assert {Month.of(day) for day, _ in silent} == {LAST_MONTH}
    everywhere = rows(
        demo,
        "SELECT c.slug, count(DISTINCT v.day) FROM visit_count v"
        " JOIN center c ON c.id = v.center_id WHERE NOT EXISTS (SELECT 1 FROM rating r"
        " WHERE r.center_id = v.center_id AND r.counted_on = v.day) GROUP BY 1",
    )
    assert everywhere == [(story.SILENT_CENTER, story.SILENT_DAYS)]


def test_a_quarter_of_those_on_their_phones_rate_by_the_ticket_of_their_visit(
    demo: Session,
) -> None:
    months = rows(
        demo,
        f"SELECT {MONTH}, avg(r.verified), {SATISFIED}, count(*) {COUNTED}"
        " AND r.channel = 'qr' GROUP BY 1 ORDER BY 1",
    )
    by_ticket = {month: part for month, part, _, _ in months if part}
    assert list(by_ticket) == ["2026-09", "2026-10"]
    assert all(part == pytest.approx(0.25, abs=0.03) for part in by_ticket.values())
    places = dict(rows(demo, f"SELECT t.slug, count(*) {COUNTED} AND r.verified GROUP BY 1"))
    assert list(places) == ["tickets"]
    issued, spent = rows(demo, "SELECT count(*), sum(spent) FROM ticket")[0]
    assert (issued, spent) == (3 * places["tickets"], places["tickets"])


def test_the_verified_are_told_beside_the_open_channel_and_make_no_story(demo: Session) -> None:
    reports = [
        SatisfactionReport.from_dict(json.loads(row.value))
        for row in demo.scalars(select(Report).where(Report.month == LAST_MONTH.first_day))
    ]
    assert len(reports) == 5
    for report in reports:
        assert report.verified_share.verified.known
        assert not report.is_verified
        phones = next(row for row in report.strata if row.channel == "qr")
        assert phones.difference.verdict == "no_clear_change"


def test_some_tablets_want_looking_after_and_some_people_wait_for_an_answer(
    demo: Session,
) -> None:
    open_since, now = NOON.replace(month=11, hour=0), present_of(LAST_MONTH)
    tablets = demo.scalars(select(Tablet)).all()
    states = Counter(condition_of(tablet, open_since, now).state for tablet in tablets)
    assert states == {"works": 12, "silent": 1, "behind": 1, "paused": 1}
    assert sum(condition_of(tablet, None, now).is_battery_low for tablet in tablets) == 1
    assert len({tablet.name for tablet in tablets}) == len(tablets)
    waiting = dict(
        rows(
            demo,
            "SELECT c.slug, count(f.contact) FROM feedback_case f"
            " JOIN center c ON c.id = f.center_id GROUP BY 1",
        )
    )
    assert {center: count for center, count in waiting.items() if count} == answers.WAITING


def test_the_coordination_centres_rooms_ask_a_survey_of_their_own_from_now_on(
    demo: Session,
) -> None:
    asked = rows(
        demo,
        "SELECT DISTINCT t.slug, s.code, s.dignity FROM touchpoint t JOIN survey s"
        " ON s.id = t.survey_id WHERE t.slug = 'coordination' OR s.dignity",
    )
    assert asked == [("coordination", "coordination", 1)]
    assert (
        one(
            demo,
            "SELECT count(DISTINCT v.survey_id) FROM rating r"
            " JOIN survey_version v ON v.id = r.survey_version_id",
        )
        == 1
    )


def test_the_survey_changes_in_the_ninth_month(demo: Session) -> None:
    months = rows(
        demo,
        f"SELECT v.number, min({MONTH}), max({MONTH}) FROM rating r"
        " JOIN survey_version v ON v.id = r.survey_version_id GROUP BY 1 ORDER BY 1",
    )
    assert months == [(1, "2025-10", "2026-05"), (2, "2026-06", "2026-10")]


def test_people_with_a_disability_are_less_satisfied(demo: Session) -> None:
    groups = said_in_groups(demo)
    yes, no = groups["disability", "yes"], groups["disability", "no"]
    assert 0.035 < no.satisfied.value - yes.satisfied.value < 0.065
    ages = [groups["age", age].satisfied.value for age in ("under_30", "from_30_to_59", "from_60")]
    assert max(ages) - min(ages) < 0.015


def test_three_centers_reports_can_tell_that_people_with_a_disability_are_less_satisfied(
    demo: Session,
) -> None:
    clear: dict[str, Counter[str]] = {}
    for (center,) in rows(demo, "SELECT slug FROM center"):
        counts = [
            GroupCounts(question, {}, option, {}, tally, None)
            for (question, option), tally in said_in_groups(demo, center).items()
        ]
        headline = rows(
            demo,
            f"SELECT score, count(*) {COUNTED} AND {MONTH} = '{LAST_MONTH}'"
            f" AND c.slug = '{center}' GROUP BY 1",
        )
        for question in equality_gaps(counts, tally_of(dict(headline))):
            for group in question.groups:
                found = clear.setdefault(f"{question.code} {group.code}", Counter())
                found[group.gap.verdict] += 1
    assert clear["disability yes"]["down"] >= 3
    assert clear["disability yes"]["up"] == 0
    others = [found for name, found in clear.items() if not name.startswith("disability")]
    assert [found["up"] + found["down"] for found in others] == [0] * 5


def test_a_third_of_those_asked_say_something_of_themselves(demo: Session) -> None:
    asked, answered, declined = rows(
        demo,
        "SELECT (SELECT count(*) FROM rating r JOIN survey_version v"
        " ON v.id = r.survey_version_id AND v.number = 2), count(*),"
        " sum(o.code = 'no_answer') FROM answer a JOIN question_option o ON o.id = a.option_id"
        " JOIN question q ON q.id = o.question_id WHERE q.code = 'disability'",
    )[0]
    assert answered / asked == pytest.approx(0.35, abs=0.01)
    assert declined / answered == pytest.approx(0.10, abs=0.01)


def test_hours_and_groups_of_those_served_sum_to_them(demo: Session) -> None:
    for month in (LAST_MONTH.previous(), LAST_MONTH):
        days = (
            f"FROM {{}} WHERE strftime('%Y-%m', day) = '{month}' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
        columns = "SELECT center_id, day, service_id, sum(served) "
        by_hour, by_day = (
            rows(demo, columns + days.format(table)) for table in ("visit_hour", "visit_count")
        )
        assert by_hour == by_day != []
    assert rows(demo, "SELECT min(day), min(hour), max(hour) FROM visit_hour") == [
        (str(LAST_MONTH.previous().first_day), 9, 17)
    ]
    served = rows(
        demo,
        "SELECT center_id, sum(served) FROM visit_count"
        f" WHERE strftime('%Y-%m', day) = '{LAST_MONTH}' GROUP BY 1 ORDER BY 1",
    )
    for question in ("age", "disability"):
        assert served == rows(
            demo,
            "SELECT center_id, sum(served) FROM group_served"
            f" WHERE question = '{question}' AND month = '{LAST_MONTH.first_day}'"
            " GROUP BY 1 ORDER BY 1",
        )
    with_disability = one(
        demo,
        "SELECT 1.0 * sum(CASE option WHEN 'yes' THEN served ELSE 0 END) / sum(served)"
        " FROM group_served WHERE question = 'disability'",
    )
    assert with_disability == pytest.approx(0.19, abs=0.01)


# --- loading it --------------------------------------------------------------------------------


SMALL = 1_500


@pytest.mark.any_database
@pytest.mark.postgresql
def test_the_same_seed_gives_the_same_network_on_either_database(
    app: Flask, postgresql: Server, postgresql_template: str
) -> None:
    postgresql.create_database("demo_again", postgresql_template)
    settings: Settings = app.extensions["settings"]
    url = postgresql.url("demo_again")
    again = create_app(settings.model_copy(update={"database_url": url}))
    with app.app_context():
        first = fingerprint(small_network)
    with again.app_context():
        second = fingerprint(small_network)
        db.engine.dispose()
    assert first == second
    nothing = hashlib.sha256(b"").hexdigest()
    empty = {name for name, digest in first.items() if digest == nothing}
    assert empty == {
        "api_key",
        "comment_correction",
        "daily_key",
        "outgoing_mail",
        "pairing_code",
        "passkey",
        "pressure",
        "publish_failure",
        "receipt",
        "spent_proof",
        "visit_import",
        "visit_month",
    }


def small_network() -> Session:
    settings = Settings(environment="test", secret_key="k" * 32)
    load_demo(db.session, settings, seed=5, last_month=LAST_MONTH, people=SMALL)
    return db.session


def fingerprint(load: Callable[[], Session]) -> dict[str, str]:
    """A digest of every table's rows, without what must differ: salts, tokens, and their like."""
    session = load()
    chance = {"token_digest", "password", "fs_uniquifier", "fs_webauthn_user_handle"}
    chance |= {"staff_pin", "contact"}
    # Nobody has these yet, and SQLAlchemy warns of their type.
    chance |= {"mf_recovery_codes", "transports"}
    digests = {}
    for table in Rating.metadata.sorted_tables:
        columns = [column for column in table.columns if column.name not in chance]
        digest = hashlib.sha256()
        found = session.execute(select(*columns).order_by(*table.primary_key.columns))
        for row in found:
            digest.update(repr(tuple(row)).encode())
        digests[table.name] = digest.hexdigest()
    session.rollback()
    return digests


def present_of(month: Month) -> datetime:
    """When the network was as it stands."""
    return datetime.combine(month.next().first_day + timedelta(days=2), time(6), BAKU)


def said_in_groups(
    session: Session, center: str | None = None
) -> dict[tuple[str, str], ScoreTally]:
    """The last month's answers to the group questions, by question and option."""
    here = f" AND c.slug = '{center}'" if center else ""
    counts: dict[tuple[str, str], Counter[int]] = {}
    for question, option, score, count in rows(
        session,
        "SELECT q.code, o.code, r.score, count(*) FROM answer a"
        " JOIN question_option o ON o.id = a.option_id"
        " JOIN question q ON q.id = o.question_id AND q.role = 'equality'"
        f" JOIN (SELECT r.submission_id, r.score {COUNTED} AND {MONTH} = '{LAST_MONTH}'{here}) r"
        " ON r.submission_id = a.submission_id GROUP BY 1, 2, 3",
    ):
        counts.setdefault((question, option), Counter())[score] = count
    return {group: tally_of(scores) for group, scores in sorted(counts.items())}


def tally_of(scores: Mapping[int, int]) -> ScoreTally:
    """Counts by score as a tally."""
    return ScoreTally(tuple(scores.get(score, 0) for score in range(1, 6)))


def one(session: Session, statement: str) -> float:
    """The one value of a statement."""
    return session.execute(text(statement)).scalar_one()


def rows(session: Session, statement: str) -> list[tuple]:
    """All rows of a statement."""
    return [tuple(row) for row in session.execute(text(statement))]
