"""Importing a file of visit counts: read without a transaction, stored in one."""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.extensions import begin_snapshot, begin_writing
from survey_app.models import VisitImport
from survey_app.visit_counts import (
    Checked,
    Delivery,
    GroupLine,
    Line,
    Network,
    Problem,
    build_import,
    check_groups,
    check_lines,
    note_import,
    record,
)
from survey_app.visits.files import GROUPS, VISITS, DeliveredFile

Progress = Callable[[int], None]


def _silent(_step: int) -> None:
    pass


def check_file(file: DeliveredFile, network: Network, progress: Progress = _silent) -> Checked:
    """Judge every line of a file; `progress` is told how many bytes were read.

    Takes seconds for a large file and asks no database, so that nobody has to wait for it.
    Raises UnusableFile when there are too many lines.
    """
    unreadable: list[Problem] = []
    if file.columns == GROUPS:
        checked = check_groups(_group_lines(file, unreadable, progress), network)
    else:
        checked = check_lines(_visit_lines(file, unreadable, progress), network)
    checked.problems = sorted(checked.problems + unreadable)
    return checked


def _visit_lines(
    file: DeliveredFile, unreadable: list[Problem], progress: Progress
) -> Iterator[Line]:
    for number, cells in _readable_rows(file, unreadable, progress):
        if file.columns == VISITS:
            cells.insert(-1, "")
        yield Line(number, *cells)


def _group_lines(
    file: DeliveredFile, unreadable: list[Problem], progress: Progress
) -> Iterator[GroupLine]:
    for number, cells in _readable_rows(file, unreadable, progress):
        yield GroupLine(number, *cells)


def _readable_rows(
    file: DeliveredFile, unreadable: list[Problem], progress: Progress
) -> Iterator[tuple[int, list[str]]]:
    for number, cells in file.rows(progress):
        if cells is None:
            unreadable.append(Problem(number, "unreadable_line"))
        else:
            yield number, cells


def import_checked(
    session: Session,
    file: DeliveredFile,
    checked: Checked,
    delivery: Delivery,
    now: datetime,
    *,
    store: bool = True,
    progress: Progress = _silent,
) -> VisitImport:
    """Store what a file says, in one transaction that begins here and that the caller commits.

    With `store=False` nothing is written, and the answer, which no session knows, tells what
    would become of the file now. `progress` is told how many lines were stored.
    """
    (begin_writing if store else begin_snapshot)(session)
    outcome = record(session, checked, store=store, progress=progress)
    texts = file.texts([each.line for each in outcome.kept])
    row = build_import(delivery, outcome, texts, now)
    if store:
        note_import(session, row, outcome)
    return row
