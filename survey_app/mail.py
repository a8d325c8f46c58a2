"""Sending the letters of the outbox: each once, again later when the mail server refuses."""

import smtplib
import ssl
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.extensions import begin_writing
from survey_app.models import OutgoingMail

log = structlog.get_logger()

# Pauses after a refusal; a letter that is still refused after the last stays in the outbox.
_PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720)]
_TIMEOUT_SECONDS = 30


def send_due(session: Session, now: datetime, smtp_url: str, sender: str) -> int:
    """Send what is due through smtp://[user:password@]host[:port] or smtps://…; how many went.

    The attempt is noted before sending: a worker killed in between may lose the note that a
    letter went, never send one twice in a row without a pause.
    """
    sent = 0
    while letter := _claim(session, now):
        problem = _find_problem(letter, smtp_url, sender)
        # Before the letter is touched: a change to it would begin a transaction by itself.
        begin_writing(session)
        letter.problem = problem
        if problem is None:
            letter.sent_at = now
            # What was sent may hold a recovery link; that it was sent is all we keep.
            letter.body = ""
            sent += 1
        session.commit()
    session.rollback()
    return sent


def _find_problem(letter: OutgoingMail, smtp_url: str, sender: str) -> str | None:
    """Deliver the letter; what stood in the way, or None."""
    try:
        _deliver(letter, smtp_url, sender)
    # ValueError: a subject or address that no letter can bear must not stop the others.
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        log.warning("letter refused", letter=letter.id, problem=str(problem))
        return str(problem)
    return None


def _claim(session: Session, now: datetime) -> OutgoingMail | None:
    session.rollback()
    begin_writing(session)
    letter = session.scalar(
        select(OutgoingMail)
        .where(
            OutgoingMail.sent_at.is_(None),
            OutgoingMail.due_at <= now,
            OutgoingMail.attempts < len(_PAUSES),
        )
        .order_by(OutgoingMail.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if letter is None:
        return None
    letter.due_at = now + _PAUSES[letter.attempts]
    letter.attempts += 1
    session.commit()
    return letter


def _deliver(letter: OutgoingMail, smtp_url: str, sender: str) -> None:
    server = urlsplit(smtp_url)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.recipient, letter.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    # Letters carry recovery links, so the mail server has to prove its name.
    trust = ssl.create_default_context()
    host, port = server.hostname or "", server.port or 0
    with (
        smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_SECONDS, context=trust)
        if server.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS)
    ) as connection:
        if server.username:
            if server.scheme == "smtp":
                connection.starttls(context=trust)
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(message)
