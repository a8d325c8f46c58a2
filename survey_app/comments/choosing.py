"""Choosing the reader of comments and taking a choice back, as the audit trail keeps it."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

from survey_app.comments.readers import choose, current_choice, roll_back
from survey_app.trail import note


class Change(NamedTuple):
    """The versions of two readers: the one in use from now on, and the one before it."""

    version: str
    before: str


def choose_reader(session: Session, folder: Path, version: str, now: datetime) -> Change | None:
    """Let this reader read from the next comment on; None when it does already.

    Raises as `readers.choose` does. The caller commits, with nothing left to fail.
    """
    before = current_choice(folder).version
    if version == before:
        return None
    change = Change(choose(folder, version, now).version, before)
    _note(session, "reader_chosen", change, now)
    return change


def take_back_choice(session: Session, folder: Path, now: datetime) -> Change:
    """Return to the reader that was in use before.

    Raises as `readers.roll_back` does. The caller commits, with nothing left to fail.
    """
    before = current_choice(folder).version
    change = Change(roll_back(folder, now).version, before)
    _note(session, "reader_rolled_back", change, now)
    return change


def _note(session: Session, action: str, change: Change, now: datetime) -> None:
    note(session, action, None, None, now, reader=change.version, before=change.before)
