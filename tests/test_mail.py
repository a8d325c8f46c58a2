"""The outbox: each letter goes once, waits when refused, and never holds up the others."""

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey_app.extensions import db
from survey_app.mail import send_due
from tests.factories import NOON, Make
from tests.postgresql import free_port

SENDER = "rey@example.org"
REFUSED = "refused@example.org"


def test_what_is_due_is_sent_once(
    session: Session, worker: Session, make: Make, server: "MailServer"
) -> None:
    letter = make.mail(subject="Məmnunluq: oktyabr", body="Salam,\nhesabat hazırdır.\n")
    later = make.mail(due_at=NOON + timedelta(minutes=1))
    assert send_due(worker, NOON, server.url, SENDER) == 1
    assert send_due(worker, NOON, server.url, SENDER) == 0
    session.rollback()
    assert (letter.sent_at, letter.attempts, letter.problem) == (NOON, 1, None)
    assert (later.sent_at, later.attempts) == (None, 0)
    (arrived,) = server.letters
    assert (arrived["From"], arrived["To"]) == (SENDER, letter.recipient)
    assert arrived["Subject"] == "Məmnunluq: oktyabr"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived.get_content().replace("\r\n", "\n") == "Salam,\nhesabat hazırdır.\n"
    # It may have held a recovery link, so the words are not kept.
    assert letter.body == ""


@pytest.mark.any_database
def test_the_oldest_goes_first(
    session: Session, worker: Session, make: Make, server: "MailServer"
) -> None:
    for minutes in (1, 3, 2):
        make.mail(f"{minutes}@example.org", due_at=NOON - timedelta(minutes=minutes))
    assert send_due(worker, NOON, server.url, SENDER) == 3
    assert [each["To"] for each in server.letters] == [
        "3@example.org",
        "2@example.org",
        "1@example.org",
    ]


def test_a_refused_letter_waits_longer_each_time_and_is_given_up_in_the_end(
    session: Session, worker: Session, make: Make, server: "MailServer"
) -> None:
    letter = make.mail(REFUSED)
    other = make.mail()
    assert send_due(worker, NOON, server.url, SENDER) == 1
    session.rollback()
    assert other.sent_at == NOON
    pauses = []
    now = NOON
    while now < letter.due_at:
        pauses.append((letter.due_at - now) / timedelta(minutes=1))
        now = letter.due_at
        assert "not here" in (letter.problem or "")
        assert send_due(worker, now, server.url, SENDER) == 0
        session.rollback()
    assert pauses == [1, 5, 30, 120, 720]
    assert (letter.attempts, letter.sent_at) == (5, None)


@pytest.mark.any_database
def test_nobody_is_written_to_twice_while_the_server_is_away(
    session: Session, worker: Session, make: Make, server: "MailServer"
) -> None:
    letter = make.mail()
    nowhere = f"smtp://127.0.0.1:{free_port()}"
    assert send_due(worker, NOON, nowhere, SENDER) == 0
    assert send_due(worker, NOON, server.url, SENDER) == 0
    assert send_due(worker, NOON + timedelta(minutes=1), server.url, SENDER) == 1
    session.rollback()
    assert (letter.attempts, len(server.letters)) == (2, 1)


@pytest.mark.any_database
@pytest.mark.parametrize(
    "broken", [{"subject": "two\nlines"}, {"recipient": "a\r\nBcc: everybody@example.org"}]
)
def test_a_letter_that_cannot_be_written_holds_up_nobody(
    session: Session, worker: Session, make: Make, server: "MailServer", broken: dict[str, str]
) -> None:
    letter = make.mail(**broken)
    make.mail("second@example.org", due_at=NOON)
    assert send_due(worker, NOON, server.url, SENDER) == 1
    assert [each["To"] for each in server.letters] == ["second@example.org"]
    session.rollback()
    assert letter.problem
    assert letter.attempts == 1


@pytest.mark.any_database
def test_a_password_is_not_sent_in_the_clear(
    session: Session, worker: Session, make: Make, server: "MailServer"
) -> None:
    letter = make.mail()
    url = server.url.replace("smtp://", "smtp://user:pass%40word@")
    assert send_due(worker, NOON, url, SENDER) == 0
    session.rollback()
    assert "STARTTLS" in (letter.problem or "")
    assert not [line for line in server.lines if "AUTH" in line or "word" in line]


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is given and refuses REFUSED."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Dialogue)
        self.letters: list[EmailMessage] = []
        self.lines: list[str] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class Dialogue(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs."""

    server: MailServer

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            self.server.lines.append(line)
            verb = line.split(" ")[0].upper()
            if verb == "DATA":
                self._say("354 go on")
                self._keep_letter()
                self._say("250 kept")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            elif verb == "RCPT" and REFUSED in line:
                self._say("550 not here")
            else:
                self._say("250 fine")

    def _keep_letter(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        letter: Any = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.server.letters.append(letter)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def worker(app: Flask) -> Iterator[Session]:
    """The session a job works with."""
    with app.app_context():
        yield db.session


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
