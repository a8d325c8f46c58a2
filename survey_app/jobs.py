"""What is due: each job asks the tables, does it, and can be killed at any line.

huey is only the clock. Its queue holds nothing, so nothing is lost with it; what has to be
done is read from our own tables, by any number of workers at once.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from flask import Flask
from huey import MemoryHuey, crontab

from survey_app.config import Settings
from survey_app.extensions import begin_writing, db

log = structlog.get_logger()

Job = Callable[[Settings], int]


def read_comments(settings: Settings) -> int:
    """Read the comments that came in since, with the reader that is in use now."""
    from survey_app.comments.readers import readers_folder
    from survey_app.comments.reading import read_new_comments

    return read_new_comments(db.session, datetime.now(UTC), readers_folder(settings))


def check_integrity(_settings: Settings) -> int:
    """Apply the integrity rules to days that are over, and to those that changed since."""
    from survey_app.integrity.checking import check_due

    return check_due(db.session, datetime.now(UTC))


def publish_reports(settings: Settings) -> int:
    """Publish months that are over, and those whose figures moved afterwards."""
    from survey_app.reports.publishing import publish_due

    return publish_due(db.session, datetime.now(UTC), settings.publish_after_days, settings.address)


def publish_network(_settings: Settings) -> int:
    """Put the centers' months together once all of them are published, and when one is revised."""
    from survey_app.reports.network import publish_network_due
    from survey_app.reports.queries import oldest_month

    now = datetime.now(UTC)
    return publish_network_due(db.session, now, oldest_month(now))


def send_mail(settings: Settings) -> int:
    """Send the letters that are due; without a mail server they wait."""
    from survey_app.mail import send_due

    if settings.smtp_url is None:
        return 0
    url = settings.smtp_url.get_secret_value()
    return send_due(db.session, datetime.now(UTC), url, settings.mail_from)


def erase_contacts(_settings: Settings) -> int:
    """Erase how to reach those who have waited for an answer for half a year."""
    from survey_app.contacts import erase_old_contacts

    begin_writing(db.session)
    erased = erase_old_contacts(db.session, datetime.now(UTC))
    db.session.commit()
    return erased


def erase_traces(_settings: Settings) -> int:
    """Erase what let in or kept out and is not needed any more: keys, counts, proofs, codes."""
    from survey_app import abuse, pairing, tickets

    now = datetime.now(UTC)
    begin_writing(db.session)
    erased = abuse.erase_traces(db.session, now) + tickets.erase_tickets(db.session, now)
    erased += pairing.erase_codes(db.session, now)
    db.session.commit()
    return erased


# In the order in which one can make the next one due.
JOBS: tuple[Job, ...] = (
    read_comments,
    check_integrity,
    publish_reports,
    publish_network,
    send_mail,
    erase_contacts,
    erase_traces,
)


def run_due(app: Flask) -> dict[str, int]:
    """Run every job once; how much each did. One that fails does not keep the others waiting."""
    done = {}
    for job in JOBS:
        with app.app_context():
            try:
                done[job.__name__] = job(app.extensions["settings"])
            except Exception:
                # Whatever it was, the job is still due and will be asked again next minute.
                log.exception("job failed", job=job.__name__)
                db.session.rollback()
    return done


def build_clock(app: Flask) -> MemoryHuey:
    """A clock that runs the jobs at its start and then every minute."""
    clock = MemoryHuey("rey")

    @clock.on_startup()
    def at_start() -> None:
        run_due(app)

    @clock.periodic_task(crontab(minute="*"))
    def every_minute() -> None:
        run_due(app)

    return clock
