"""Every digit of a published report follows from the ratings, or is named."""

import json
from datetime import time, timedelta

import pytest
from sqlalchemy import text

from analysis.months import Month
from survey_app.extensions import begin_snapshot
from survey_app.integrity import ruling
from survey_app.models import CommentReading, HourTally, Rating, Report
from survey_app.reports.publishing import newest_report, publish_month, read_report
from survey_app.reports.rendering import render_report
from survey_app.reports.verifying import UNKNOWN_RULE, NotOurs, read_file, verify
from tests.busy_center import LATER, OCTOBER
from tests.factories import NOON

NEXT_DAY = LATER + timedelta(days=1)


@pytest.fixture
def busy(make, busy_center):
    """The busy center, with answers to every question."""
    place = make.touchpoint(busy_center, service_id=make.service("05-01-01").id)
    for number in range(12):
        answers = ["yes" if number % 3 else "no", "from_60" if number % 2 else "under_30"]
        make.rating(place, [*answers, "waiting"], score=1 + number % 5)
    make.group_served(busy_center)
    make.integrity_alert(busy_center, place)
    return busy_center


@pytest.fixture
def publish(session, busy):
    """Publish the month at an instant; the newest revision."""

    def publish(now=LATER):
        publish_month(session, busy, OCTOBER, now)
        session.commit()
        return newest_report(session, busy, OCTOBER)

    return publish


@pytest.fixture
def check(session, busy):
    """Verify a revision, the newest unless told, as the command does."""

    def check(revision=None, told=None, month=OCTOBER):
        session.rollback()
        center = session.merge(busy)
        session.rollback()
        begin_snapshot(session)
        done = verify(session, center, month, revision, told)
        session.rollback()
        return done

    return check


def paths(done):
    return [path for path, *_ in done.differences]


def test_a_published_report_follows_from_its_ratings(publish, check):
    publish()
    done = check()
    assert (done.differences, done.wrong_tallies, done.remarks) == ((), (), ())
    assert done.name == "own 2026-10 revision 1"


def test_nothing_is_written(session, publish, check):
    publish()
    session.rollback()
    if is_sqlite(session):
        session.execute(text("PRAGMA query_only = ON"))
    else:
        session.execute(text("SET default_transaction_read_only = on"))
    session.commit()
    assert check().differences == ()


def test_an_older_revision_follows_from_the_ratings_of_then(session, make, busy, publish, check):
    """Late ratings are left out, and what was decided on ratings later is taken back."""
    place = make.touchpoint(busy)
    pressed = [make.rating(place, score=5).submission_id for _ in range(9)]
    publish()
    make.rating(place, score=1, received_at=LATER + timedelta(hours=1))
    analyst, auditor = make.user("analyst"), make.user("auditor")
    alert = make.integrity_alert(busy, rule="fast_run/2", found_at=LATER + timedelta(hours=2))
    ruling.hold(session, busy, alert, pressed, "A fast run", LATER + timedelta(hours=2))
    later = LATER + timedelta(hours=3)
    ruling.release(session, busy, alert, pressed[:4], "A school class", analyst, later)
    void = ruling.propose_void(session, busy, alert, pressed[4:7], "By the guard", analyst, later)
    ruling.confirm_void(session, void, auditor, later + timedelta(hours=1))
    ruling.acknowledge(session, alert, "Looked into it", analyst, later)
    session.commit()
    publish(NEXT_DAY)
    newest, first = check(), check(1)
    assert (newest.differences, newest.remarks) == ((), ())
    assert first.differences == ()
    said = " ".join(first.remarks)
    assert "received later, left out here: 1." in said
    assert "decided on later, taken as they were before: 9." in said
    assert "Revision 2 is newer." in said


def test_a_rule_whose_name_was_lost_is_said(session, make, busy, publish, check):
    """What was held at its intake and is released has lost the name of its rule."""
    held = make.rating(make.touchpoint(busy), score=2, state="held", held_rule="before_pairing/1")
    publish()
    analyst = make.user("analyst")
    ruling.release(session, busy, None, [held.submission_id], "Clock was wrong", analyst, NEXT_DAY)
    session.commit()
    done = check()
    assert all(path.startswith(("set_aside", "passport.data_hash")) for path in paths(done))
    assert UNKNOWN_RULE in str(done.differences)
    assert any("is not kept once they are released" in each for each in done.remarks)


def test_other_hours_from_a_later_day_on_leave_a_published_month_as_it_was(
    make, busy, publish, check
):
    publish()
    saturdays = {6: (time(10), time(14))}
    make.hours(busy, OCTOBER.next().first_day, saturdays)
    done = check()
    assert (done.differences, done.remarks) == ((), ())
    # From a day of the month itself on they would not, which the page therefore does not take.
    make.hours(busy, OCTOBER.last_day, saturdays)
    assert "days[30].open" in paths(check())


def test_a_changed_digit_is_named_with_both_values(app, session, publish, check):
    row = publish()
    with app.test_request_context():
        plain = json.loads(render_report(row, "en", "json"))
    assert check(told=read_file(json.dumps(plain))).differences == ()
    plain["headline"]["satisfied"]["value"] += 1e-9
    plain["trend"][-1]["served"] += 1
    done = check(told=read_file(json.dumps(plain)))
    assert paths(done) == ["headline.satisfied.value", "trend[12].served"]
    (_, told, recomputed), _ = done.differences
    assert recomputed == read_report(row).headline.satisfied.value == pytest.approx(told, abs=1e-8)
    assert "not what was published" in done.remarks[0]


def test_a_rating_behind_the_back_of_the_tallies_is_found(session, publish, check):
    """Somebody turns a 1 into a 5 with the triggers out of the way."""
    publish()
    session.execute(lift_protection(session))
    victim = session.query(Rating).filter_by(score=1, state="counted").first()
    session.execute(
        text("UPDATE rating SET score = 5 WHERE submission_id = :id"),
        {"id": victim.submission_id.hex if is_sqlite(session) else victim.submission_id},
    )
    session.commit()
    done = check()
    assert "headline.satisfied.value" in paths(done)
    assert any(line.startswith("day_tally") for line in done.wrong_tallies)


def test_a_wrong_tally_is_said_although_the_report_is_right(session, busy, publish, check):
    publish()
    session.query(HourTally).filter_by(center_id=busy.id).first().held += 1
    session.commit()
    done = check()
    assert done.differences == ()
    assert len(done.wrong_tallies) == 1
    assert done.wrong_tallies[0].startswith("hour_tally 2026-")


def test_an_answer_given_after_the_month_alters_no_digit_of_it(session, make, busy, publish, check):
    """Not even one given before the report was published, nor one whose rating is held later."""
    place, manager = make.poster(busy), make.user("manager", busy)
    ratings = [make.rating(place, score=2) for _ in range(4)]
    asked = [make.case(rating, opened_at=rating.received_at) for rating in ratings]
    close(asked[0], manager, NOON + timedelta(days=1))
    close(asked[1], manager, LATER - timedelta(hours=9))
    session.commit()
    told = read_report(publish()).complaints.this
    assert (told.asked, told.answered, told.waiting) == (4, 1, 3)
    close(asked[2], manager, NEXT_DAY)
    alert = make.integrity_alert(busy, rule="fast_run/2", found_at=NEXT_DAY)
    ruling.hold(session, busy, alert, [ratings[3].submission_id], "A fast run", NEXT_DAY)
    session.commit()
    assert check().differences == ()


def test_a_report_from_before_answers_were_counted_follows_from_its_ratings(
    session, make, busy, publish, check
):
    row = publish()
    plain = json.loads(row.value)
    del plain["complaints"]
    session.execute(lift_protection(session))
    session.query(Report).filter_by(id=row.id).delete()
    older = {"counters": row.counters, "published_at": row.published_at}
    make.report(busy, value=json.dumps(plain), **older)
    make.case(make.rating(make.poster(busy), received_at=LATER + timedelta(hours=1)))
    rating = session.query(Rating).filter_by(center_id=busy.id, state="counted").first()
    make.case(rating)
    done = check()
    assert done.differences == ()
    assert read_report(newest_report(session, busy, OCTOBER)).complaints is None


def test_comments_read_again_are_said(session, publish, check):
    publish()
    for reading in session.query(CommentReading):
        reading.read_at = NEXT_DAY
    session.commit()
    assert any(each.startswith("Comments read again later: 2.") for each in check().remarks)


def test_another_programs_report_says_so(session, make, busy, publish, check):
    row = publish()
    value = row.value.replace(read_report(row).passport.code_version, "0123456789ab")
    plain = json.loads(value)
    # A program before this one knew nothing of these.
    del plain["topic_effects"], plain["history"]
    older = json.dumps(plain)
    session.execute(lift_protection(session))
    session.query(Report).filter_by(id=row.id).delete()
    make.report(busy, value=older, counters=row.counters, published_at=row.published_at)
    done = check()
    assert done.differences == ()
    assert "0123456789ab" in done.remarks[0]


def test_a_tampered_row_is_refused(session, make, busy, check):
    make.report(busy, value='{"format": 2}', digest=bytes(32))
    with pytest.raises(ValueError, match="digest"):
        check()


@pytest.mark.any_database
@pytest.mark.parametrize(
    "told",
    ["", "[]", "[1]", "null", "{}", '{"format": 2}', '{"format": 2, "month": 3}', "[" * 9999],
)
def test_what_is_not_ours_is_said_so(told):
    with pytest.raises(NotOurs, match="not a report of ours"):
        read_file(told)


@pytest.mark.any_database
def test_what_was_never_published_cannot_be_verified(publish, check):
    publish()
    for ask in ({"revision": 2}, {"month": Month(2026, 9)}):
        with pytest.raises(NotOurs, match="never published"):
            check(**ask)


def test_the_command_says_equal_or_what_differs(rey, app, session, publish, tmp_path):
    row = publish()
    asked = ("report", "verify", "--center", "own", "--month", "2026-10")
    done = rey(*asked)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(
        "equal: every figure of own 2026-10 revision 1 follows from the ratings\n"
    )
    file = tmp_path / "report.json"
    plain = json.loads(row.value)
    plain["headline"]["served"] = 1
    for day in plain["days"]:
        day["base"] += 1
        day["held"] += 1
    file.write_text(json.dumps(plain))
    wrong = rey("report", "verify", str(file))
    assert wrong.returncode == 1
    assert "headline.served: 1, recomputed 122" in wrong.stdout
    assert "… and 13 more" in wrong.stdout
    assert wrong.stdout.endswith("own 2026-10 revision 1 differs in 63 places\n")
    assert rey("report", "verify", str(file), "--center", "own").returncode == 2
    assert "never published" in rey(*asked, "--revision", "9").stderr


# ----- local fixtures


def close(case, person, at):
    case.contact, case.closed_at, case.closed_by = None, at, person.id


def is_sqlite(session):
    return session.get_bind().dialect.name == "sqlite"


def lift_protection(session):
    """What somebody with the database's own password can do to its triggers."""
    if is_sqlite(session):
        names = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for (name,) in names.all():
            session.execute(text(f'DROP TRIGGER "{name}"'))
        return text("SELECT 1")
    return text("SET session_replication_role = replica")
