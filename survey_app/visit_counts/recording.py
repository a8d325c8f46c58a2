"""Storing checked visit counts: compared with what is there, upserted, noted; idempotent."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.orm import Session

from analysis.months import Month
from survey_app.extensions import insert_into
from survey_app.models import (
    AuditEvent,
    Center,
    GroupServed,
    IntegrityCheck,
    Option,
    Question,
    Service,
    SurveyVersion,
    VisitCount,
    VisitHour,
    VisitImport,
    VisitMonth,
)
from survey_app.models.base import table_of
from survey_app.timetables import load_timetables
from survey_app.visit_counts.checking import Checked, Count, KnownCenter, Network, Problem

# So many rejected lines are kept with their text, and so many notes besides.
PROBLEMS_KEPT = 200
NOTES_KEPT = 50

_Hours = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where visit counts came from. `digest` is the SHA-256 of the delivered bytes."""

    source: str
    name: str
    digest: bytes
    user_id: int | None = None
    api_key_id: int | None = None


@dataclass(slots=True)
class Outcome:
    """What became of a delivery's lines: how many were added, changed, unchanged, which were
    rejected and which are remarkable; `months` has the first two by center and month.

    Lines are added where nothing was known of their day and service, and changed where the
    stored count or its hours differed. A repeated line is unchanged.
    """

    kind: str
    problems: list[Problem]
    notes: list[Problem]
    lines: Counter[str] = field(default_factory=Counter)
    months: dict[tuple[int, Month], Counter[str]] = field(default_factory=dict)

    @property
    def kept(self) -> list[Problem]:
        """The problems and notes whose lines are kept with their text."""
        return self.problems[:PROBLEMS_KEPT] + self.notes[:NOTES_KEPT]


def load_network(session: Session, centers: Sequence[Center], now: datetime) -> Network:
    """What lines are checked against, for a sender who may speak for these centers."""
    timetables = load_timetables(session, [center.id for center in centers])
    return Network(
        centers={
            center.slug.lower(): KnownCenter(center.id, center.today(now), timetables[center.id])
            for center in centers
        },
        services={row.code: row.id for row in session.execute(select(Service.code, Service.id))},
        groups=_groups(session),
    )


def _groups(session: Session) -> Mapping[str, set[str]]:
    """The options of every equality question that was ever published, by code."""
    groups: defaultdict[str, set[str]] = defaultdict(set)
    rows = session.execute(
        select(Question.code, Option.code)
        .join(Option, Option.question_id == Question.id)
        .join(SurveyVersion, SurveyVersion.id == Question.version_id)
        .where(Question.role == "equality", SurveyVersion.published_at.is_not(None))
    )
    for question, option in rows:
        groups[question].add(option)
    return dict(groups)


def record(
    session: Session,
    checked: Checked,
    *,
    store: bool = True,
    progress: Callable[[int], None] = lambda _lines: None,
) -> Outcome:
    """Store what a checked delivery says and tell what became of its lines; the caller commits.

    The same delivery again is `unchanged` in every line. With `store=False` nothing is
    written: the outcome is what would become of it now. `progress` is told the number of
    lines after each month of a center.
    """
    outcome = Outcome(checked.kind, checked.problems, checked.notes)
    outcome.lines["rejected"] = len(checked.problems)
    if store:
        _take_turn(session, {count.center_id for count in checked.counts})
    compare = _record_visits if checked.kind == "visits" else _record_groups
    for (center_id, month), group in groupby(
        checked.counts, key=lambda each: (each.center_id, Month.of(each.day))
    ):
        counts = list(group)
        fates = compare(session, center_id, month, counts, store)
        moved: Counter[str] = Counter()
        for count, fate in zip(counts, fates, strict=True):
            moved[fate] += count.lines - count.repeats
            outcome.lines["unchanged"] += count.repeats
        outcome.lines += moved
        del moved["unchanged"]
        if moved:
            outcome.months[center_id, month] = moved
        progress(sum(count.lines for count in counts))
    return outcome


def _take_turn(session: Session, center_ids: set[int]) -> None:
    """Let one delivery for a center follow the other.

    Two at once would each compare with what the other is about to replace, and could leave
    hours that are not those of their day. On SQLite there is only one writer anyhow.
    Ratings that come in meanwhile are not kept waiting.
    """
    session.execute(
        select(Center.id)
        .where(Center.id.in_(center_ids))
        .order_by(Center.id)
        .with_for_update(key_share=True)
    )


def _record_visits(
    session: Session, center_id: int, month: Month, counts: list[Count], store: bool
) -> list[str]:
    days, hours = _stored_visits(session, center_id, month)
    fates = [_fate(count, days, hours) for count in counts]
    if not store:
        return fates
    fresh = [count for count, fate in zip(counts, fates, strict=True) if fate != "unchanged"]
    _look_again(session, center_id, {each.day for each in fresh})
    keys = [{"center_id": center_id, "day": each.day, "service_id": each.key[0]} for each in fresh]
    _upsert(
        session,
        table_of(VisitCount),
        [key | {"served": each.served} for key, each in zip(keys, fresh, strict=True)],
    )
    _forget_hours(
        session,
        [key for key, each in zip(keys, fresh, strict=True) if (each.day, each.key[0]) in hours],
    )
    _upsert(
        session,
        table_of(VisitHour),
        [
            key | {"hour": hour, "served": served}
            for key, each in zip(keys, fresh, strict=True)
            for hour, served in each.hours or ()
        ],
    )
    return fates


def _look_again(session: Session, center_id: int, days: set[date]) -> None:
    """Make the days due for the integrity rules, which compare ratings with visits."""
    session.execute(
        delete(IntegrityCheck).where(
            IntegrityCheck.center_id == center_id, IntegrityCheck.day.in_(days)
        )
    )


def _stored_visits(
    session: Session, center_id: int, month: Month
) -> tuple[dict[tuple[date, Any], int], dict[tuple[date, Any], _Hours]]:
    days: dict[tuple[date, Any], int] = {
        (row.day, row.service_id): row.served
        for row in session.execute(
            select(VisitCount.day, VisitCount.service_id, VisitCount.served).where(
                VisitCount.center_id == center_id,
                VisitCount.day.between(month.first_day, month.last_day),
            )
        )
    }
    hours: dict[tuple[date, Any], _Hours] = defaultdict(tuple)
    for row in session.execute(
        select(VisitHour.day, VisitHour.service_id, VisitHour.hour, VisitHour.served)
        .where(
            VisitHour.center_id == center_id,
            VisitHour.day.between(month.first_day, month.last_day),
        )
        .order_by(VisitHour.hour)
    ):
        hours[row.day, row.service_id] += ((row.hour, row.served),)
    return days, dict(hours)


def _fate(
    count: Count, days: dict[tuple[date, Any], int], hours: dict[tuple[date, Any], _Hours]
) -> str:
    place = (count.day, count.key[0])
    if place not in days:
        return "added"
    # A day's count that equals the sum of the hours we know says nothing against them.
    are_other_hours = count.hours is not None and count.hours != hours.get(place)
    return "changed" if days[place] != count.served or are_other_hours else "unchanged"


def _forget_hours(session: Session, keys: list[dict[str, Any]]) -> None:
    if not keys:
        return
    table = table_of(VisitHour)
    session.connection().execute(
        delete(table).where(
            table.c.center_id == bindparam("of_center"),
            table.c.day == bindparam("of_day"),
            table.c.service_id == bindparam("of_service"),
        ),
        [
            {"of_center": key["center_id"], "of_day": key["day"], "of_service": key["service_id"]}
            for key in keys
        ],
    )


def _record_groups(
    session: Session, center_id: int, month: Month, counts: list[Count], store: bool
) -> list[str]:
    stored = {
        (row.question, row.option): row.served
        for row in session.execute(
            select(GroupServed.question, GroupServed.option, GroupServed.served).where(
                GroupServed.center_id == center_id, GroupServed.month == month.first_day
            )
        )
    }
    fates, rows = [], []
    for count in counts:
        question, option = map(str, count.key)
        before = stored.get((question, option))
        fate = "unchanged" if before == count.served else "changed"
        fates.append("added" if before is None else fate)
        if before != count.served:
            rows.append(
                {
                    "center_id": center_id,
                    "month": month.first_day,
                    "question": question,
                    "option": option,
                    "served": count.served,
                }
            )
    if store:
        _upsert(session, table_of(GroupServed), rows)
    return fates


def _upsert(
    session: Session, table: Table, rows: list[dict[str, Any]], value: str = "served"
) -> None:
    if not rows:
        return
    insert = insert_into(session, table)
    statement = insert.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key.columns],
        set_={value: insert.excluded[value]},
    )
    session.execute(statement, rows)


def build_import(
    delivery: Delivery, outcome: Outcome, texts: Mapping[int, str], now: datetime
) -> VisitImport:
    """A delivery as the history tells it; `texts` has what stood in the lines that are kept."""
    return VisitImport(
        imported_at=now,
        imported_by=delivery.user_id,
        api_key_id=delivery.api_key_id,
        source=delivery.source,
        name=delivery.name,
        digest=delivery.digest,
        **{fate: outcome.lines[fate] for fate in ("added", "changed", "unchanged", "rejected")},
        problems=[
            {"line": each.line, "reason": each.reason, "text": texts.get(each.line, "")}
            for each in outcome.kept
        ],
    )


def note_import(session: Session, row: VisitImport, outcome: Outcome) -> None:
    """Add a delivery to the history, and an audit event for each center whose counts moved.

    The months that moved are noted beside, for whoever asks whether to publish them anew.
    """
    session.add(row)
    session.flush()
    moved_at = row.imported_at
    months_moved = [
        {"center_id": center_id, "month": month.first_day, "moved_at": moved_at}
        for center_id, month in sorted(outcome.months)
    ]
    _upsert(session, table_of(VisitMonth), months_moved, "moved_at")
    for center_id, months in groupby(sorted(outcome.months), key=lambda each: each[0]):
        moved = {str(month): dict(outcome.months[center_id, month]) for _, month in months}
        session.add(
            AuditEvent(
                happened_at=row.imported_at,
                action="visits_imported",
                center_id=center_id,
                user_id=row.imported_by,
                detail={
                    "import": row.id,
                    "kind": outcome.kind,
                    "source": row.source,
                    "name": row.name,
                    "months": moved,
                },
            )
        )
