"""Recomputing a published report, digit by digit, from the ratings themselves.

The center's rows are copied, as they stood when the revision was published, into a database in
memory. There every tally is counted afresh from ratings, answers and readings; the tallies of the
real database are only compared. Nothing is written to it.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import isclose
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, create_engine, func, insert, select
from sqlalchemy.orm import Session

from analysis.building import build_report
from analysis.months import Month
from analysis.report import SatisfactionReport
from survey_app import tallies
from survey_app.config import sqlite_module
from survey_app.figures import MONTHS_SHOWN, Edition, load_inputs
from survey_app.models import (
    TALLIES,
    Agency,
    Answer,
    AuditEvent,
    Base,
    Case,
    Center,
    CommentReading,
    GroupServed,
    Holiday,
    IntegrityAlert,
    OpeningHours,
    Option,
    Question,
    Rating,
    Report,
    Ruling,
    RulingRating,
    Service,
    ServiceArea,
    Survey,
    SurveyVersion,
    Touchpoint,
    VisitCount,
)
from survey_app.models.base import table_of
from survey_app.reports.publishing import read_report, what_was_said
from survey_app.reports.queries import count_ratings, revisions_of
from survey_app.version import APP_VERSION

# Two computers may round the last of about sixteen digits differently.
TOLERANCE = 1e-12
# Stands for the rule that held a rating at its intake: a release takes its name away.
UNKNOWN_RULE = "unknown"
_BATCH = 5_000
# What a report needs of everybody's tables, and of a center's own.
_SHARED: tuple[type[Base], ...] = (
    Agency,
    ServiceArea,
    Service,
    Holiday,
    Survey,
    SurveyVersion,
    Question,
    Option,
)
_OWN: tuple[type[Base], ...] = (OpeningHours, Touchpoint, VisitCount, GroupServed)

Difference = tuple[str, Any, Any]
Row = Mapping[str, Any]


class NotOurs(ValueError):
    """What is to be verified is no report, or none that was published here."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of recomputing a revision.

    `differences` are (path, published value, recomputed value). `wrong_tallies` tells where the
    stored tallies disagree with the ratings as they are now, `remarks` what has happened since
    publication and what of it cannot be taken back.
    """

    name: str
    differences: tuple[Difference, ...]
    wrong_tallies: tuple[str, ...]
    remarks: tuple[str, ...]


def read_file(text: str) -> SatisfactionReport:
    """The report that a downloaded JSON file holds; raises NotOurs for any other text."""
    try:
        return SatisfactionReport.from_dict(json.loads(text))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as problem:
        raise NotOurs(f"This is not a report of ours: {problem!s:.200}") from None


def verify(
    session: Session,
    center: Center,
    month: Month,
    revision: int | None,
    told: SatisfactionReport | None = None,
) -> Verification:
    """Recompute a revision, the newest unless told, and compare it with what was published.

    `told` is what a file says of it, to be compared in its place. The session reads one moment.
    Raises NotOurs when there is no such revision, ValueError when a stored value is not what its
    digest was made from or the ratings do not add up.
    """
    rows = revisions_of(session, center, month)
    row = next((each for each in rows[::-1] if revision in (None, each.revision)), None)
    if row is None:
        wanted = "No revision" if revision is None else f"Revision {revision}"
        raise NotOurs(f"{wanted} of {center.slug} {month} was never published here.")
    frozen = read_report(row)
    shown = told or frozen
    history, hidden = what_was_said(center, [each for each in rows if each.revision < row.revision])
    facts = frozen.passport
    edition = Edition(facts.counted_until, row.revision, facts.reason, history, hidden)
    moment = _Moment(session, center, month, row.published_at)
    recomputed = moment.recompute(
        edition, facts.code_version, with_cases=frozen.complaints is not None
    )
    return Verification(
        f"{center.slug} {month} revision {row.revision}",
        tuple(_differences(shown.to_dict(), recomputed.to_dict(), json.loads(row.value))),
        tuple(_wrong_tallies(session, center)),
        (*_remarks(shown, frozen, rows[-1]), *moment.remarks(row)),
    )


def _remarks(
    shown: SatisfactionReport, frozen: SatisfactionReport, newest: Report
) -> Iterator[str]:
    if shown != frozen:
        yield "The file is not what was published: the revision kept here says something else."
    made_by = frozen.passport.code_version
    if made_by != APP_VERSION:
        yield (
            f"The report was computed by program {made_by}, and this is {APP_VERSION}: "
            "a difference may come from the program."
        )
    if newest.revision > frozen.revision:
        yield f"Revision {newest.revision} is newer."


# --- the moment of publication -----------------------------------------------------------------


class _Moment:
    """A center's rows as they stood at an instant, and what of that is not known any longer."""

    def __init__(self, session: Session, center: Center, month: Month, at: datetime) -> None:
        self._session, self._center, self._month, self._at = session, center, month, at
        self._first = month
        for _ in range(MONTHS_SHOWN - 1):
            self._first = self._first.previous()
        self._shown = _within(center, self._first, month)
        self._rulings = _later_rulings(session, center, at)
        self._withdrawn = _later_withdrawals(session, center, at)

    def recompute(
        self, edition: Edition, code_version: str, *, with_cases: bool
    ) -> SatisfactionReport:
        """The report of then from the ratings of then, by this program; `with_cases`: whether the
        program of then knew who asked for an answer."""
        engine = create_engine("sqlite://", module=sqlite_module())
        try:
            Base.metadata.create_all(engine)
            with Session(engine) as copy:
                self._copy(copy)
                tallies.rebuild(copy)
                center = copy.get_one(Center, self._center.id)
                inputs = load_inputs(copy, center, self._month, edition)
        finally:
            engine.dispose()
        if not with_cases:
            inputs = replace(inputs, cases=())
        return build_report(replace(inputs, code_version=code_version))

    def _copy(self, copy: Session) -> None:
        center_id, at = self._center.id, self._at
        for shared in _SHARED:
            self._add(copy, shared)
        self._add(copy, Center, Center.id == center_id)
        for own in _OWN:
            self._add(copy, own, table_of(own).c.center_id == center_id)
        ratings = (*self._shown, Rating.received_at <= at)
        self._add(copy, Rating, *ratings, change=self._undo)
        ids = select(Rating.submission_id).where(*ratings)
        self._add(copy, Answer, Answer.submission_id.in_(ids))
        self._add(copy, CommentReading, CommentReading.submission_id.in_(ids))
        # What was closed later is told apart by its time; how to reach somebody is nobody's figure.
        cases = (Case.center_id == center_id, Case.submission_id.in_(ids))
        self._add(copy, Case, *cases, change=lambda row: {**row, "contact": None})
        alerts = (IntegrityAlert.center_id == center_id, IntegrityAlert.found_at <= at)
        self._add(copy, IntegrityAlert, *alerts, change=self._unnote)
        rulings = (Ruling.center_id == center_id, Ruling.stage == "done", Ruling.decided_at <= at)
        self._add(copy, Ruling, *rulings)
        named = RulingRating.ruling_id.in_(select(Ruling.id).where(*rulings))
        self._add(copy, RulingRating, named)

    def _add(
        self,
        copy: Session,
        model: type[Base],
        *criteria: ColumnElement[bool],
        change: Callable[[Any], Row] = dict,
    ) -> None:
        """Copy the rows for which all criteria hold, each changed to what it was."""
        table = table_of(model)
        statement = select(table).where(*criteria).execution_options(yield_per=_BATCH)
        for rows in self._session.execute(statement).mappings().partitions():
            copy.execute(insert(table), [dict(change(row)) for row in rows])

    def _undo(self, row: Row) -> Row:
        """A rating in the state it had: what was decided later is taken back, the last first."""
        rating = dict(row) | self._withdrawn.get(row["submission_id"], {})
        for kind, rule_before in self._rulings.get(rating["submission_id"], ()):
            if kind == "hold":
                rating |= {"state": "counted", "held_rule": None}
            elif kind == "release":
                rating |= {"state": "held", "held_rule": rule_before}
            else:
                # Voiding leaves the rule that held the rating, if one did.
                rating["state"] = "held" if rating["held_rule"] else "counted"
        return rating

    def _unnote(self, row: Row) -> Row:
        """An alert before it was acknowledged, if that was later."""
        if row["acknowledged_at"] is None or row["acknowledged_at"] <= self._at:
            return row
        return {**row, "acknowledged_at": None, "acknowledged_by": None, "note": None}

    def remarks(self, row: Report) -> Iterator[str]:
        """What has happened since, and what of it cannot be taken back."""
        if late := self._count(*self._shown, Rating.received_at > self._at):
            yield f"Ratings received later, left out here: {late}."
        if self._rulings:
            yield f"Ratings decided on later, taken as they were before: {len(self._rulings)}."
        if any(rule == UNKNOWN_RULE for each in self._rulings.values() for _, rule in each):
            yield "Which rule first held some of them is not kept once they are released."
        yield from self._lost()
        here = (*_within(self._center, self._month, self._month), Rating.received_at <= self._at)
        received, counted = self._count(*here), count_ratings(row.counters)
        if received != counted:
            yield (
                f"{counted} ratings of the month were known when it was published, and {received} "
                "had been received: the others were being stored at that moment, or are lost."
            )

    def _lost(self) -> Iterator[str]:
        """What was changed since, and is not kept as it was."""
        here = (*_within(self._center, self._month, self._month), Rating.received_at <= self._at)
        readings = select(CommentReading.submission_id)
        again = Rating.submission_id.in_(readings.where(CommentReading.read_at > self._at))
        if read := self._count(*here, again):
            yield f"Comments read again later: {read}. What was read in them before is not kept."
        gone = (Rating.comment.is_(None), Rating.submission_id.in_(readings))
        if erased := self._count(*here, *gone):
            yield f"Comments erased since they were read: {erased}."
        withdrawn = Rating.submission_id.in_(self._withdrawn)
        if taken_back := self._count(*self._shown, withdrawn):
            yield (
                f"Ratings withdrawn by their citizens later, their scores taken as they were: "
                f"{taken_back}. What they wrote and chose is not kept."
            )
        if any(self._first <= each <= self._month for each in self._delivered()):
            yield (
                "People served were delivered again later. Earlier counts are not kept, so the "
                "rates of answers may differ."
            )

    def _delivered(self) -> Iterator[Month]:
        """The months whose visit counts were delivered later."""
        details = self._session.scalars(
            select(AuditEvent.detail).where(
                AuditEvent.center_id == self._center.id,
                AuditEvent.happened_at > self._at,
                AuditEvent.action == "visits_imported",
            )
        )
        return (Month.parse(written) for detail in details for written in detail["months"])

    def _count(self, *criteria: ColumnElement[bool]) -> int:
        statement = select(func.count()).select_from(Rating).where(*criteria)
        return int(self._session.scalar(statement) or 0)


def _within(center: Center, first: Month, last: Month) -> tuple[ColumnElement[bool], ...]:
    """The criteria of a center's ratings from the first month to the last."""
    return (
        Rating.center_id == center.id,
        Rating.counted_on.between(first.first_day, last.last_day),
    )


def _later_rulings(
    session: Session, center: Center, at: datetime
) -> dict[UUID, list[tuple[str, str]]]:
    """By rating: what was decided on it after an instant, the last first, as (kind, the rule that
    had held it until then)."""
    rulings = session.execute(
        select(RulingRating.submission_id, Ruling.kind, Ruling.rule, Ruling.decided_at)
        .join(Ruling, Ruling.id == RulingRating.ruling_id)
        .where(Ruling.center_id == center.id, Ruling.stage == "done")
        .order_by(Ruling.decided_at, Ruling.id)
    )
    held_by: dict[UUID, str] = {}
    later: defaultdict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for submission_id, kind, rule, decided_at in rulings:
        if decided_at is not None and decided_at > at:
            later[submission_id].insert(0, (kind, held_by.get(submission_id, UNKNOWN_RULE)))
        if kind == "hold":
            held_by[submission_id] = rule
    return {
        each: [(kind, rule if kind == "release" else "") for kind, rule in decided]
        for each, decided in later.items()
    }


def _later_withdrawals(
    session: Session, center: Center, at: datetime
) -> dict[UUID, dict[str, str | None]]:
    """By rating that its citizen took back after an instant: the state it had, and its rule."""
    details = session.scalars(
        select(AuditEvent.detail).where(
            AuditEvent.center_id == center.id,
            AuditEvent.happened_at > at,
            AuditEvent.action == "rating_withdrawn",
        )
    )
    return {
        UUID(each["submission_id"]): {"state": each["was"], "held_rule": each["rule"]}
        for each in details
    }


# --- comparing -----------------------------------------------------------------------------------


def _wrong_tallies(session: Session, center: Center) -> Iterator[str]:
    """Where the center's stored tallies are not what its ratings say, one line a cell."""
    expected = tallies.from_ratings(session, center.id)
    for model in TALLIES:
        table = table_of(model)
        keys = [column.name for column in table.primary_key.columns]
        counters = [column.name for column in table.columns if not column.primary_key]
        rows = session.execute(select(table).where(table.c.center_id == center.id)).mappings()
        stored = {tuple(row[name] for name in keys): row for row in rows}
        for key in sorted(stored.keys() | expected[table].keys()):
            have = {name: stored[key][name] if key in stored else 0 for name in counters}
            want = {name: expected[table][key][name] for name in counters}
            if have != want:
                yield f"{table.name} {'/'.join(map(str, key[1:]))}"


def _differences(told: Any, recomputed: Any, kept: Any, path: str = "") -> Iterator[Difference]:
    """Where two values differ, member by member.

    `kept` is the frozen text's own value: what a later program has added to a report has no place
    in it, and is not compared.
    """
    if isinstance(told, dict) and isinstance(recomputed, dict):
        inside = kept if isinstance(kept, dict) else {}
        # In the order of the report, which begins with what matters most.
        for name in told | recomputed:
            if name in inside or not isinstance(kept, dict):
                yield from _differences(
                    told.get(name),
                    recomputed.get(name),
                    inside.get(name),
                    f"{path}.{name}" if path else name,
                )
    elif isinstance(told, list) and isinstance(recomputed, list):
        yield from _list_differences(told, recomputed, kept, path)
    elif not _equal(told, recomputed):
        yield path, told, recomputed


def _list_differences(
    told: list[Any], recomputed: list[Any], kept: Any, path: str
) -> Iterator[Difference]:
    if len(told) != len(recomputed):
        yield f"{path} (length)", len(told), len(recomputed)
    beside: Iterable[Any] = kept if isinstance(kept, list) else ()
    masks = [*beside, *[None] * len(told)]
    for place, (one, other) in enumerate(zip(told, recomputed, strict=False)):
        yield from _differences(one, other, masks[place], f"{path}[{place}]")


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    # In JSON 1 and true are not the same.
    return type(one) is type(other) and one == other
