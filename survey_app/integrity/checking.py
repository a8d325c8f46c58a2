"""Checking days that are over: what the rules find is noted, and held where it is beyond chance."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from analysis import hard_rules
from analysis.hard_rules import MONTH_RULES, Suspicion
from analysis.months import Month
from survey_app.extensions import begin_writing
from survey_app.integrity import watched
from survey_app.integrity.ruling import forget_month, hold
from survey_app.integrity.texts import reason_of
from survey_app.integrity.watched import DAY_RULES, WatchedDay, rule_name
from survey_app.models import Center, ChannelTally, DayTally, IntegrityAlert, IntegrityCheck

log = structlog.get_logger()

# What comes in later than this is a question for people; a tablet queues for two weeks.
DAYS_BACK = 62
# Of more findings of one rule on one day an alert gives the number only.
FINDINGS_KEPT = 20
# The rules with their versions, as short as the column that holds them.
RULES = hashlib.sha256(
    " ".join(rule_name(code) for code in DAY_RULES + MONTH_RULES).encode()
).hexdigest()

_RATINGS = sum((getattr(DayTally, f"score_{score}") for score in range(1, 6)), DayTally.held)
_RATINGS = _RATINGS + DayTally.void


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found in one place (None: in the center) in all its suspicions together."""

    code: str
    touchpoint_id: int | None
    p_value: float
    ratings: tuple[UUID, ...]
    numbers: tuple[Mapping[str, float | int | str], ...]

    @property
    def detail(self) -> dict[str, object]:
        """What is kept of it in the alert, as plain JSON."""
        return {
            "ratings": [str(each) for each in self.ratings],
            "findings": len(self.numbers),
            "numbers": [dict(each) for each in self.numbers[:FINDINGS_KEPT]],
        }


def check_due(session: Session, now: datetime) -> int:
    """Check every due day, each in a transaction of its own; how many were checked."""
    checked = 0
    for center, day in due_days(session, now):
        slug = center.slug
        session.rollback()
        begin_writing(session)
        try:
            check_day(session, center, day, now)
            session.commit()
        except IntegrityError:
            # Another worker has checked this day first.
            session.rollback()
            continue
        except Exception:
            # What is wrong with one day must not keep the others from being checked.
            session.rollback()
            log.exception("day not checked", center=slug, day=str(day))
            continue
        checked += 1
    session.rollback()
    return checked


def due_days(session: Session, now: datetime) -> list[tuple[Center, date]]:
    """Days that are over on their center's clock and were not checked as they now stand.

    That is: never, or with another number of ratings, or by other versions of the rules. A month's
    last day is due even without ratings, because the rules of a month wait for it.
    """
    since = now.date() - timedelta(days=DAYS_BACK)
    rows = session.execute(
        select(DayTally.center_id, DayTally.day)
        .outerjoin(
            IntegrityCheck,
            and_(
                IntegrityCheck.center_id == DayTally.center_id,
                IntegrityCheck.day == DayTally.day,
            ),
        )
        .where(
            DayTally.day >= since,
            or_(
                IntegrityCheck.center_id.is_(None),
                IntegrityCheck.ratings != _RATINGS,
                IntegrityCheck.rules != RULES,
            ),
        )
    )
    due = {(center_id, day) for center_id, day in rows}
    due |= _due_month_ends(session, since, now.date())
    centers = {
        center.id: center
        for center in session.scalars(
            select(Center).where(Center.id.in_({center_id for center_id, _ in due}))
        )
    }
    # In the order of days, so that a month is looked at when all its days have been.
    return [
        (centers[center_id], day)
        for day, center_id in sorted((day, center_id) for center_id, day in due)
        if day < centers[center_id].today(now)
    ]


def _due_month_ends(session: Session, since: date, today: date) -> set[tuple[int, date]]:
    due = set()
    month = Month.of(since)
    while month <= Month.of(today):
        last = month.last_day
        is_checked = exists().where(
            IntegrityCheck.center_id == ChannelTally.center_id,
            IntegrityCheck.day == last,
            IntegrityCheck.rules == RULES,
        )
        centers = session.scalars(
            select(ChannelTally.center_id)
            .where(ChannelTally.month == month.first_day, ~is_checked)
            .distinct()
        )
        due |= {(center_id, last) for center_id in centers if last >= since}
        month = month.next()
    return due


def check_day(session: Session, center: Center, day: date, now: datetime) -> list[IntegrityAlert]:
    """Apply the rules to a center's day, and on a month's last day those of the month.

    After any other day of the month its last day is due again. Alerts are noted, and what hard
    rules or an improbability beyond doubt speak of is held; the caller commits, in a writing
    transaction. Gives the alerts that are new or say more than before: none when it is done twice.
    """
    # Counted first: a rating that comes in meanwhile makes the day due again.
    ratings = session.scalar(
        select(_RATINGS).where(DayTally.center_id == center.id, DayTally.day == day)
    )
    findings, tests_made = examine_day(watched.load_day(session, center, day))
    alerts = [_alert(session, center, each, day, day, now) for each in findings]
    for alert, finding in zip(alerts, findings, strict=True):
        if _holds(finding.p_value):
            hold(session, center, alert[0], finding.ratings, reason_of(alert[0].rule), now)
    month = Month.of(day)
    if day == month.last_day:
        of_month, more_tests = examine_month(session, center, month)
        tests_made += more_tests
        alerts += [
            _alert(session, center, each, month.first_day, month.last_day, now) for each in of_month
        ]
    else:
        forget_month(session, center.id, month)
    session.merge(
        IntegrityCheck(
            center_id=center.id,
            day=day,
            ratings=int(ratings or 0),
            rules=RULES,
            tests_made=tests_made,
            checked_at=now,
        )
    )
    return [alert for alert, is_news in alerts if is_news]


def _holds(p_value: float) -> bool:
    # numpy comes along: only a worker that checks loads it.
    from analysis.integrity import SELF_HOLDING_P

    return p_value < SELF_HOLDING_P


def examine_day(day: WatchedDay) -> tuple[list[Finding], int]:
    """What the rules of a day find, one Finding for each rule and place; and how many tests."""
    from analysis.integrity import busy_window, fast_run, regular_gaps

    hard: list[tuple[int | None, Suspicion]] = [
        (None, each) for each in hard_rules.more_than_visits(day.counters, day.visits)
    ]
    tested: list[tuple[int | None, Suspicion | None]] = []
    for tablet in day.tablets:
        place = tablet.touchpoint_id
        hard += ((place, each) for each in hard_rules.cooldown(tablet.presses))
        hard += (
            (place, each) for each in hard_rules.sequence_gaps(tablet.sequences, tablet.already)
        )
        tested += [
            (place, fast_run(tablet.presses)),
            (place, regular_gaps(tablet.presses)),
        ]
        if tablet.visits_by_hour:
            tested.append((place, busy_window(tablet.presses, tablet.visits_by_hour)))
    return _together(hard + _standing(tested)), len(tested)


def examine_month(session: Session, center: Center, month: Month) -> tuple[list[Finding], int]:
    """What the rules of a month find for a center, and how many tests were made."""
    from analysis import integrity_months as tests

    channels = watched.load_channels(session, center, month, tests.BASELINE_MONTHS)
    counted = watched.load_counted(session, center, month)
    answers: list[tuple[int | None, Suspicion | None]] = [
        (None, tests.turnout_coupling(watched.load_turnout(session, center, month))),
        (None, tests.channel_divergence(channels)),
        (None, tests.voiding_asymmetry(counted, watched.load_void(session, center, month))),
        *(
            (place, tests.similar_answers(mine, others))
            for place, mine, others in watched.load_answers(session, center, month)
        ),
    ]
    return _together(_standing(answers)), len(answers)


def _standing(
    answers: list[tuple[int | None, Suspicion | None]],
) -> list[tuple[int | None, Suspicion]]:
    """The suspicions among the answers of tests that stand, with their places."""
    from analysis.integrity import standing

    found = [(place, each) for place, each in answers if each is not None]
    stand = set(map(id, standing([each for _, each in found], len(answers))))
    return [(place, each) for place, each in found if id(each) in stand]


def _together(suspicions: Iterable[tuple[int | None, Suspicion]]) -> list[Finding]:
    """One Finding for each rule and place, the clearest suspicion first."""
    groups: dict[tuple[str, int | None], list[Suspicion]] = {}
    for place, each in suspicions:
        groups.setdefault((each.test, place), []).append(each)
    return [
        Finding(
            code=code,
            touchpoint_id=place,
            p_value=min(each.p_value for each in those),
            ratings=tuple(sorted({UUID(key) for each in those for key in each.keys})),
            numbers=tuple(each.detail for each in sorted(those, key=lambda one: one.p_value)),
        )
        for (code, place), those in groups.items()
    ]


def _alert(
    session: Session,
    center: Center,
    finding: Finding,
    day: date,
    last_day: date,
    now: datetime,
) -> tuple[IntegrityAlert, bool]:
    """The alert of a finding, and whether it is new or says more than it did.

    One that speaks of more ratings than when somebody noted it is open again.
    """
    alert = session.scalar(
        select(IntegrityAlert).where(
            IntegrityAlert.center_id == center.id,
            IntegrityAlert.rule == rule_name(finding.code),
            IntegrityAlert.day == day,
            IntegrityAlert.touchpoint_id.is_not_distinct_from(finding.touchpoint_id),
        )
    )
    if alert is None:
        alert = IntegrityAlert(
            center_id=center.id,
            touchpoint_id=finding.touchpoint_id,
            rule=rule_name(finding.code),
            day=day,
            last_day=last_day,
            p_value=finding.p_value,
            detail=finding.detail,
            found_at=now,
        )
        session.add(alert)
        session.flush()
        return alert, True
    if set(map(str, finding.ratings)) <= set(alert.detail.get("ratings", ())):
        return alert, False
    alert.detail, alert.p_value = finding.detail, finding.p_value
    alert.acknowledged_at = alert.acknowledged_by = alert.note = None
    return alert, True
