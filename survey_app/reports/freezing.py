"""How a report's value is kept: as canonical JSON with the SHA-256 of exactly these bytes."""

import hashlib
import json
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_app.models import NetworkReport, Report


class NotStored(Exception):
    """The database refused a revision: another worker has stored it, or it never will be."""

    def __init__(self, revision: int, reason: str) -> None:
        super().__init__(reason)
        self.revision = revision


def store(session: Session, row: Report | NetworkReport) -> None:
    """Add a revision at once; raises NotStored. The caller commits, or rolls back."""
    revision = row.revision
    session.add(row)
    try:
        session.flush()
    except IntegrityError as problem:
        # From the second line on PostgreSQL shows the row, which is another at every try.
        raise NotStored(revision, str(problem.orig).splitlines()[0]) from problem


def freeze(plain: dict[str, Any]) -> dict[str, Any]:
    """The columns `value` and `digest` of a row that keeps this value."""
    value = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {"value": value, "digest": hashlib.sha256(value.encode()).digest()}


def thaw(row: Report | NetworkReport) -> dict[str, Any]:
    """The value a row keeps.

    Raises ValueError when the stored text is no longer what its digest was made from.
    """
    if hashlib.sha256(row.value.encode()).digest() != row.digest:
        raise ValueError(f"{row.__tablename__} {row.id} does not match its digest")
    plain: dict[str, Any] = json.loads(row.value)
    return plain
