"""How to reach a citizen who asked for an answer: read, locked away, opened, erased.

A contact is stored encrypted and apart from the rating; it opens with the signing keys alone,
and it is gone when the case closes.
"""

import base64
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from survey_app.extensions import insert_into
from survey_app.models import AuditEvent, Case, Center
from survey_app.models.base import table_of

# Who has not been answered after half a year is not waiting any more.
KEPT = timedelta(days=180)
CONTACT_LIMIT = 120

_UNUSABLE = _l(
    "Please write a phone number, for example 050 123 45 67, or an e-mail address, for example "
    "name@example.com."
)
# What stands between the digits of a number as people write it.
_BETWEEN_DIGITS = re.compile(r"[\s().\-/\u2010-\u2015]")
_HOME = "+994"
# One sign of @, and a domain with a dot: whether a letter arrives is found out by sending one.
_PART = r"[^\s@<>(),;:\"\[\]\\]"
_MAIL = re.compile(rf"{_PART}{{1,64}}@{_PART}+\.{_PART}*[^\s@<>(),;:\"\[\]\\.]")


class UnusableContact(ValueError):
    """The text is neither a phone number nor an e-mail address; its words are for the citizen."""

    def __init__(self) -> None:
        super().__init__(_UNUSABLE)

    def __str__(self) -> str:
        return str(_UNUSABLE)


class UnreadableContact(Exception):
    """None of the signing keys opens the contact: the one it was locked with is gone."""


def read_contact(text: str) -> str:
    """A phone number as +994501234567, or an e-mail address; raises UnusableContact otherwise."""
    text = text.strip()
    # Signs that are not seen turn what is read into something else.
    if len(text) > CONTACT_LIMIT or not text.isprintable():
        raise UnusableContact
    if "@" not in text:
        return _read_phone(_BETWEEN_DIGITS.sub("", text))
    if not _MAIL.fullmatch(text):
        raise UnusableContact
    name, _, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}"


def _read_phone(written: str) -> str:
    """The number with its country; without one it is Azerbaijan's: 050 …, 50 … or 994 50 …."""
    if not re.fullmatch(r"\+?[0-9]{9,15}", written, re.ASCII):
        raise UnusableContact
    if written.startswith("00"):
        written = "+" + written[2:]
    elif len(written) == 10 and written.startswith("0"):
        written = _HOME + written[1:]
    elif len(written) == 9:
        written = _HOME + written
    elif len(written) == 12 and written.startswith("994"):
        written = "+" + written
    is_whole = len(written) == 13 if written.startswith(_HOME) else len(written) >= 10
    if not written.startswith("+") or written.startswith(("+0", f"{_HOME}0")) or not is_whole:
        raise UnusableContact
    return written


def ask_for_answer(
    session: Session,
    submission_id: UUID,
    center_id: int,
    contact: str,
    *,
    signing_keys: Sequence[str],
    now: datetime,
) -> None:
    """Open a case for a rating whose author wants an answer; `contact` is as read_contact gave it.

    A form sent twice opens one case, and the contact that came first stands: the unique key
    lets one of two in. The caller commits.
    """
    row = {
        "submission_id": submission_id,
        "center_id": center_id,
        "contact": _lock(signing_keys).encrypt(contact.encode()),
        "opened_at": now,
    }
    session.execute(insert_into(session, table_of(Case)).on_conflict_do_nothing(), row)


def open_contact(case: Case, signing_keys: Sequence[str]) -> str:
    """The contact of an open case.

    Raises UnreadableContact when no key opens it, ValueError when it was erased.
    """
    if case.contact is None:
        raise ValueError("the contact was erased")
    try:
        return _lock(signing_keys).decrypt(case.contact).decode()
    except InvalidToken:
        raise UnreadableContact from None


def forget_contact(session: Session, submission_id: UUID) -> None:
    """Erase the contact of a rating whose author takes it back. The caller commits."""
    session.execute(update(Case).where(Case.submission_id == submission_id).values(contact=None))


def count_waiting(session: Session, centers: Sequence[Center]) -> int:
    """How many people wait for an answer in these centers."""
    ids = [center.id for center in centers]
    statement = select(func.count()).where(Case.center_id.in_(ids), Case.contact.is_not(None))
    return session.scalar(statement) or 0


def erase_old_contacts(session: Session, now: datetime) -> int:
    """Erase the contacts of cases open for longer than KEPT; how many. The caller commits."""
    erased = session.execute(
        update(Case)
        .where(Case.contact.is_not(None), Case.opened_at < now - KEPT)
        .values(contact=None)
        .returning(Case.id, Case.center_id)
    ).all()
    session.add_all(
        AuditEvent(
            happened_at=now, action="contact_erased", center_id=center_id, detail={"case": case_id}
        )
        for case_id, center_id in erased
    )
    return len(erased)


def _lock(signing_keys: Sequence[str]) -> MultiFernet:
    """What locks with the first key and opens with any; each is derived for this purpose alone."""
    keys = [
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"contacts").derive(key.encode())
        for key in signing_keys
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
