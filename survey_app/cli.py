"""The command line: everything an operator does, one command each."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from analysis.months import Month
from survey_app import create_app
from survey_app.config import SettingsError, prepare_data_dir
from survey_app.errors import DomainError
from survey_app.extensions import begin_snapshot, begin_writing, db
from survey_app.models import (
    LANGUAGES,
    AuditEvent,
    Center,
    Membership,
    Tablet,
    Touchpoint,
    User,
)
from survey_app.models.people import CENTER_ROLES, NETWORK_ROLES

if TYPE_CHECKING:
    from analysis.reading import Reader


def main() -> None:
    """Run a command; say what is wrong with the settings in plain words."""
    try:
        commands(prog_name="./run")
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        raise SystemExit(2) from None
    except DBAPIError as problem:
        if not _lacks_tables(problem):
            raise
        print("The database has no tables yet. Run ./run migrate first.", file=sys.stderr)
        raise SystemExit(2) from None


def _lacks_tables(problem: DBAPIError) -> bool:
    # SQLite says so in words, PostgreSQL by its code for an undefined table.
    is_undefined = getattr(problem.orig, "sqlstate", None) == "42P01"
    return is_undefined or "no such table" in str(problem.orig)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Rəy: citizens rate a visit, managers read honest figures."""


@contextmanager
def _app() -> Iterator[Flask]:
    app = create_app()
    with app.app_context():
        yield app


@commands.command()
def migrate() -> None:
    """Bring the database to the schema this code expects."""
    from survey_app.database import upgrade

    with _app() as app:
        prepare_data_dir(app.extensions["settings"])
        upgrade(db.engine)


@commands.command()
@click.pass_context
def start(context: click.Context) -> None:
    """What ./run does: migrate, fill an empty demo database, serve."""
    from survey_app.config import load_settings

    context.invoke(migrate)
    if load_settings().environment == "demo":
        context.invoke(demo, if_empty=True)
    context.invoke(serve)


@commands.command()
@click.option("--port", type=int, help="Instead of the one in PORT.")
@click.option("--host", default="127.0.0.1", show_default=True)
def serve(port: int | None, host: str) -> None:
    """Serve the web pages and run the worker until told to stop."""
    from survey_app.serving import serve as start

    raise SystemExit(start(host, port))


@commands.command()
def welcome() -> None:
    """Say where the pages are and, in the demo, who can sign in."""
    from survey_app.welcome import describe

    with _app() as app:
        for line in describe(db.session, app.extensions["settings"]):
            click.echo(line)


@commands.command()
@click.option("--once", is_flag=True, help="Do what is due now and stop.")
def worker(once: bool) -> None:
    """Do what is due: read comments, publish months, send mail."""
    from survey_app.jobs import build_clock, run_due

    app = create_app()
    if once:
        for job, count in run_due(app).items():
            click.echo(f"{job}: {count}")
        return
    build_clock(app).create_consumer(workers=1).run()


@commands.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when there is a network already.")
@click.option("--seed", type=int, default=2021, show_default=True)
@click.option("--until", help="Last month, YYYY-MM; the last full month unless told.")
def demo(if_empty: bool, seed: int, until: str | None) -> None:
    """Fill an empty database with the demo network: five centers, thirteen months."""
    from survey_app.demo.load import load_demo

    with _app() as app:
        if db.session.scalar(select(Center.id).limit(1)) is not None:
            if if_empty:
                return
            raise click.ClickException("The database is not empty. Use a new one (REY_DATA_DIR).")
        this_month = Month.of(datetime.now(UTC).date())
        last = this_month.previous()
        if until is not None:
            last = _month(until)
        if last >= this_month:
            raise click.UsageError(f"{last} is not over yet.")
        db.session.rollback()
        load_demo(
            db.session,
            app.extensions["settings"],
            seed=seed,
            last_month=last,
            now=datetime.now(UTC),
        )


@commands.group(invoke_without_command=True)
@click.option("--center", "slug", help="A center's short name, for example absheron.")
@click.option("--network", is_flag=True, help="All centers together.")
@click.option("--all", "everything", is_flag=True, help="Every center and all together, all files.")
@click.option("--month", "written", help="YYYY-MM")
@click.option("--lang", type=click.Choice(LANGUAGES), default="az", show_default=True)
@click.option(
    "--format",
    "extension",
    type=click.Choice(["pdf", "xlsx", "csv", "json"]),
    default="pdf",
    show_default=True,
)
@click.option("--revision", type=int, help="An earlier revision; the newest unless told.")
@click.option("--out", type=click.Path(path_type=Path), help="A file; with --all, a folder.")
@click.pass_context
def report(
    context: click.Context,
    slug: str | None,
    network: bool,
    everything: bool,
    written: str | None,
    lang: str,
    extension: str,
    revision: int | None,
    out: Path | None,
) -> None:
    """Write a month's published report as PDF, XLSX, CSV or JSON; or verify one."""
    from survey_app.reports.printing import MEDIA_TYPES

    if context.invoked_subcommand is not None:
        return
    if [slug is not None, network, everything].count(True) != 1:
        raise click.UsageError("Name one --center, or ask for the --network or for --all.")
    if written is None:
        raise click.UsageError("Name the --month, as YYYY-MM.")
    month = _month(written)
    with _app() as app, app.test_request_context():
        for whose, find, render in _published(slug, network, everything):
            try:
                row = find(month, revision)
            except DomainError:
                missing = f"Nothing is published for {whose} in {month}."
                if not everything:
                    raise click.ClickException(missing) from None
                click.echo(missing, err=True)
                continue
            for language in LANGUAGES if everything else (lang,):
                for kind in MEDIA_TYPES if everything else (extension,):
                    name = f"rey-{whose}-{month}-{language}.{kind}"
                    target = (out or Path()) / name if everything else out or Path(name)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(render(row, language, kind))
                    click.echo(target)


def _published(
    slug: str | None, network: bool, everything: bool
) -> Iterator[tuple[str, Callable[..., Any], Callable[..., bytes]]]:
    """Whose reports are asked for: a short name, what finds a month of it, what renders that."""
    from survey_app.reports.network import get_network_report
    from survey_app.reports.network_rendering import render_network_report
    from survey_app.reports.queries import get_report
    from survey_app.reports.rendering import render_report

    for center in [] if network else _centers(slug):
        yield center.slug, partial(get_report, db.session, center), render_report
    if network or everything:
        yield "network", partial(get_network_report, db.session), render_network_report


@report.command("verify")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--center", "slug", help="Without a file: the center.")
@click.option("--month", "written", help="Without a file: the month, YYYY-MM.")
@click.option("--revision", type=int, help="Without a file: the revision; the newest unless told.")
def verify_report(
    file: Path | None, slug: str | None, written: str | None, revision: int | None
) -> None:
    """Recompute every digit of a published report from the ratings.

    FILE is a report downloaded as JSON. Says that all is equal, or where it differs and fails.
    """
    from survey_app.reports.verifying import read_file, verify

    if (file is None) == (slug is None or written is None) or (file and (slug or written)):
        raise click.UsageError("Name a file, or a --center and a --month.")
    try:
        told = None if file is None else read_file(file.read_text(encoding="utf-8"))
        if told is not None:
            slug, written, revision = told.center.slug, str(told.month), told.revision
        with _app():
            begin_snapshot(db.session)
            (center,) = _centers(slug)
            done = verify(db.session, center, _month(str(written)), revision, told)
    except ValueError as problem:
        raise click.ClickException(str(problem)) from None
    for remark in done.remarks:
        click.echo(f"note: {remark}")
    for line in _capped([f"tally differs from the ratings: {each}" for each in done.wrong_tallies]):
        click.echo(line)
    if not done.differences:
        click.echo(f"equal: every figure of {done.name} follows from the ratings")
        return
    for line in _capped([f"{path}: {a!r}, recomputed {b!r}" for path, a, b in done.differences]):
        click.echo(line)
    click.echo(f"{done.name} differs in {len(done.differences)} places")
    raise SystemExit(1)


def _capped(lines: list[str], most: int = 50) -> list[str]:
    """At most so many lines, and how many there are besides."""
    rest = len(lines) - most
    return lines if rest <= 0 else [*lines[:most], f"… and {rest} more"]


def _month(written: str) -> Month:
    try:
        return Month.parse(written)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None


@commands.group()
def tablet() -> None:
    """Pair and revoke tablets."""


@tablet.command("list")
def list_tablets() -> None:
    """All places for tablets, and the devices enrolled there."""
    with _app():
        places = db.session.scalars(
            select(Touchpoint).where(Touchpoint.channel == "tablet").order_by(Touchpoint.id)
        )
        for place in places:
            click.echo(f"{place.center.slug}/{place.slug}")
            for device in db.session.scalars(
                select(Tablet).where(Tablet.touchpoint_id == place.id).order_by(Tablet.id)
            ):
                state = "revoked" if device.revoked_at else "paired"
                seen = f"{device.last_seen_at:%Y-%m-%d %H:%M}" if device.last_seen_at else "never"
                queue = f"unsent {device.unsent or 0}, refused {device.rejected or 0}"
                click.echo(f"  {device.id}: {state}, last seen {seen}, {queue}")


@tablet.command("code")
@click.argument("place", metavar="CENTER/PLACE")
def pairing_code(place: str) -> None:
    """A pairing code for a place, good for ten minutes and one device."""
    from survey_app.pairing import create_pairing_code

    slug, _, touchpoint_slug = place.partition("/")
    with _app() as app:
        begin_writing(db.session)
        touchpoint = db.session.scalar(
            select(Touchpoint)
            .join(Center, Center.id == Touchpoint.center_id)
            .where(Center.slug == slug, Touchpoint.slug == touchpoint_slug)
        )
        if touchpoint is None:
            raise click.ClickException(f"There is no place {place}. See ./run tablet list.")
        try:
            code = create_pairing_code(db.session, touchpoint, datetime.now(UTC))
        except DomainError:
            raise click.ClickException(f"{place} is not a place for a tablet.") from None
        db.session.commit()
        address = f"{app.extensions['settings'].address}/kiosk/#code={code.replace('-', '')}"
        click.echo(f"{code}   {address}")


@tablet.command("revoke")
@click.argument("tablet_id", type=int)
def revoke_tablet(tablet_id: int) -> None:
    """End a tablet's credential at once."""
    from survey_app.pairing import revoke

    with _app():
        begin_writing(db.session)
        try:
            revoke(db.session, tablet_id, datetime.now(UTC))
        except DomainError:
            raise click.ClickException(f"There is no paired tablet {tablet_id}.") from None
        db.session.commit()


@commands.group()
def tally() -> None:
    """Check and rebuild the tallies that all figures are read from."""


@tally.command("check")
def check_tallies() -> None:
    """Count the ratings afresh and compare; fails when a tally differs."""
    from survey_app.tallies import differences

    with _app():
        begin_snapshot(db.session)
        lines = differences(db.session)
        for line in lines:
            click.echo(line)
        if lines:
            raise SystemExit(1)
        click.echo("Every tally equals its ratings.")


@tally.command("rebuild")
def rebuild_tallies() -> None:
    """Replace the tallies by what the ratings say."""
    from survey_app.tallies import rebuild

    with _app():
        begin_writing(db.session)
        rebuild(db.session)
        db.session.commit()


@commands.group()
def language() -> None:
    """The reader of comments: learn from this network, choose, reread, measure."""


@language.command("learn")
def learn_language() -> None:
    """Fit a reader to this network's own comments; it is kept only if it reads them better.

    Takes a few minutes and about 1 GB of memory. What comes in from then on is read by the new
    reader; ./run language reread reads the older comments again.
    """
    from survey_app.comments.learning import learn
    from survey_app.comments.readers import BrokenReader, readers_folder

    with _app() as app:
        folder = readers_folder(app.extensions["settings"])
        try:
            lesson = learn(
                db.session,
                folder,
                datetime.now(UTC),
                progress=lambda step: click.echo(f"{step} …", err=True),
            )
        except (DomainError, BrokenReader) as problem:
            raise click.ClickException(str(problem)) from None
        click.echo(lesson)


@language.command("readers")
def list_readers() -> None:
    """The readers to choose from; a star marks the one in use."""
    from analysis.reading import shipped_reader
    from survey_app.comments.readers import SHIPPED, current_choice, find_readers, readers_folder

    with _app() as app:
        folder = readers_folder(app.extensions["settings"])
    chosen = current_choice(folder).version
    for card in find_readers(folder):
        mark = "*" if card.version == chosen else " "
        click.echo(f"{mark} {card.version}  fitted {card.fitted_at:%Y-%m-%d %H:%M}")
        click.echo(f"    measured on {card.evaluated_on}")
        if found := card.figures.get("balanced_accuracy", {}).get("all"):
            click.echo(f"    right side: {found['after']:.1%}, before it {found['before']:.1%}")
    mark = "*" if chosen == SHIPPED else " "
    click.echo(f"{mark} {SHIPPED}  {shipped_reader().version}, comes with the program")


@language.command("use")
@click.argument("version", metavar="VERSION|shipped")
def use_reader(version: str) -> None:
    """Let another reader read from the next comment on; see ./run language readers."""
    from survey_app.comments.readers import BrokenReader, choose, current_choice

    with _choosing() as (folder, now):
        before = current_choice(folder).version
        if before == version:
            click.echo(f"{version} is in use already.")
            return
        try:
            choice = choose(folder, version, now)
        except (DomainError, BrokenReader) as problem:
            raise click.ClickException(str(problem)) from None
        _note_choice("reader_chosen", before, choice.version, now)


@language.command("rollback")
def roll_back_reader() -> None:
    """Return to the reader that was in use before; several times, step by step."""
    from survey_app.comments.readers import BrokenReader, current_choice, roll_back

    with _choosing() as (folder, now):
        before = current_choice(folder).version
        try:
            choice = roll_back(folder, now)
        except (DomainError, BrokenReader) as problem:
            raise click.ClickException(str(problem)) from None
        _note_choice("reader_rolled_back", before, choice.version, now)


@contextmanager
def _choosing() -> Iterator[tuple[Path, datetime]]:
    """The folder of the readers and the moment, within a writing transaction."""
    from survey_app.comments.readers import readers_folder

    with _app() as app:
        begin_writing(db.session)
        yield readers_folder(app.extensions["settings"]), datetime.now(UTC)


def _note_choice(action: str, before: str, version: str, now: datetime) -> None:
    detail = {"reader": version, "before": before}
    db.session.add(AuditEvent(happened_at=now, action=action, detail=detail))
    db.session.commit()
    click.echo(f"{version} reads comments from now on, instead of {before}.")
    click.echo("./run language reread reads the older ones again.")


@language.command("reread")
def reread_comments() -> None:
    """Read stored comments again that another reader has read; corrected ones stay.

    Ctrl-C or SIGTERM stops it after the batch at hand; started again it goes on from there.
    Figures of published months may move, and then a new revision is published.
    """
    from rich.console import Console
    from rich.progress import Progress

    from survey_app.comments.readers import readers_folder
    from survey_app.comments.rereading import count_outdated, reread

    with _app() as app, _asked_to_stop() as should_stop:
        reader = _usable_reader(readers_folder(app.extensions["settings"]))
        waiting = count_outdated(db.session, reader.version)
        db.session.rollback()
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("Comments read again", total=waiting)
            done = reread(
                db.session,
                datetime.now(UTC),
                reader,
                lambda count: progress.advance(task, count),
                should_stop,
            )
        click.echo(f"{reader.version}: {done.read} read again, {done.changed} changed.")
        for (old, new), count in sorted(done.changes.items()):
            if old != new:
                click.echo(f"  {old} → {new}: {count}")
        if done.stopped:
            left = count_outdated(db.session, reader.version)
            raise click.ClickException(f"Stopped, {left} are left. The same command goes on.")


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C or SIGTERM came; a second one ends the process as usual."""
    came = False
    usual = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(_number: int, _frame: object) -> None:
        nonlocal came
        came = True
        for number, handler in usual.items():
            signal.signal(number, handler)

    for number in usual:
        signal.signal(number, stop)
    try:
        yield lambda: came
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


@language.command("quality")
@click.option(
    "--in",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Labelled comments (TSV) to measure on, instead of the test corpus.",
)
def measure_quality(file: Path | None) -> None:
    """Measure how well the reader in use understands comments.

    By language and script, topic and confidence.
    """
    from analysis.quality import main as measure
    from survey_app.comments.readers import readers_folder

    with _app() as app:
        reader = _usable_reader(readers_folder(app.extensions["settings"]))
    raise SystemExit(measure([] if file is None else ["--in", str(file)], reader=reader))


def _usable_reader(folder: Path) -> "Reader":
    """The chosen reader itself: the shipped one in its place is not what was asked for."""
    from survey_app.comments.readers import BrokenReader, get_reader

    try:
        return get_reader(folder)
    except BrokenReader as problem:
        raise click.ClickException(f"{problem}. Choose another: ./run language use") from None


@commands.group()
def user() -> None:
    """People who sign in."""


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(CENTER_ROLES + NETWORK_ROLES), required=True)
@click.option("--center", "slug", help="Needed for viewers and managers.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="az", show_default=True)
@click.password_option()
def create_user(email: str, role: str, slug: str | None, lang: str, password: str) -> None:
    """Add a person with one role; the password is asked for and needs 15 characters."""
    from survey_app.people.accounts import create_account

    if (role in CENTER_ROLES) != (slug is not None):
        raise click.UsageError("Viewers and managers need a --center; other roles have none.")
    with _app() as app:
        begin_writing(db.session)
        center = db.session.scalar(select(Center).where(Center.slug == slug)) if slug else None
        if slug and center is None:
            raise click.ClickException(f"There is no center named {slug}.")
        # Sign-in takes capitals and small letters for the same.
        known = select(User).where(func.lower(User.email) == func.lower(email))
        if db.session.scalar(known) is not None:
            raise click.ClickException(f"{email} can sign in already.")
        shortest = app.config["SECURITY_PASSWORD_LENGTH_MIN"]
        if len(password) < shortest:
            raise click.ClickException(f"The password needs at least {shortest} characters.")
        account = create_account(db.session, email, password, lang, datetime.now(UTC))
        account.memberships.append(Membership(role=role, center_id=center.id if center else None))
        db.session.commit()


@commands.group()
def visits() -> None:
    """People served: the denominator of every response rate."""


@visits.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--center", "slug", help="Take lines of this center only; every center unless told.")
@click.option("--check", is_flag=True, help="Say what would become of the file, and store nothing.")
def import_visits(file: Path, slug: str | None, check: bool) -> None:
    """Store the visit counts of a CSV file; see docs/operations.md for its forms.

    Good lines are stored, bad ones are told with their reason. The same file again changes
    nothing. Fails when no line could be taken.
    """
    from rich.console import Console
    from rich.progress import Progress

    from survey_app.visit_counts import Delivery, load_network
    from survey_app.visits.files import UnusableFile, open_file, printable
    from survey_app.visits.importing import check_file, import_checked
    from survey_app.visits.words import LINES, say_file

    with _app(), file.open("rb") as stream, Progress(console=Console(stderr=True)) as progress:
        now = datetime.now(UTC)
        network = load_network(db.session, _centers(slug), now)
        db.session.rollback()
        try:
            opened = open_file(stream)
            reading = progress.add_task("Lines read", total=opened.size)
            checked = check_file(
                opened, network, lambda done: progress.update(reading, completed=done)
            )
        except UnusableFile as problem:
            raise click.ClickException(say_file(problem.reason, problem.detail)) from None
        storing = progress.add_task("Counts stored", total=sum(c.lines for c in checked.counts))
        row = import_checked(
            db.session,
            opened,
            checked,
            Delivery("cli", printable(file.name), opened.digest),
            now,
            store=not check,
            progress=lambda lines: progress.advance(storing, lines),
        )
        db.session.commit()
        for each in row.problems:
            click.echo(f"line {each['line']}: {LINES[each['reason']]} {each['text']}", err=True)
    fates = f"added {row.added}, changed {row.changed}, unchanged {row.unchanged}"
    click.echo(f"{fates}, rejected {row.rejected}" + (" (nothing was stored)" if check else ""))
    if row.rejected and not row.added + row.changed + row.unchanged:
        raise SystemExit(1)


@visits.command("export")
@click.option("--center", "slug", help="One center; every center unless told.")
@click.option("--hours", "by_hour", is_flag=True, help="By the hour, where the hours are known.")
@click.option("--out", type=click.Path(path_type=Path), help="A file; the terminal unless told.")
def export_visits(slug: str | None, by_hour: bool, out: Path | None) -> None:
    """Write the stored visit counts as a CSV file that can be imported again."""
    import csv

    from survey_app.visits.files import VISITS, VISITS_BY_HOUR
    from survey_app.visits.queries import stored_counts

    with _app():
        centers = {center.id for center in _centers(slug)}
        with click.open_file(str(out or "-"), "w", encoding="utf-8") as target:
            writer = csv.writer(target, lineterminator="\n")
            writer.writerow(VISITS_BY_HOUR if by_hour else VISITS)
            writer.writerows(stored_counts(db.session, centers, by_hour=by_hour))


def _centers(slug: str | None) -> list[Center]:
    """Every center, or the one of this name."""
    statement = select(Center).order_by(Center.number)
    if slug is not None:
        statement = statement.where(Center.slug == slug)
    centers = list(db.session.scalars(statement))
    if slug is not None and not centers:
        raise click.ClickException(f"There is no center named {slug}.")
    return centers


@commands.group()
def key() -> None:
    """API keys, with which other systems deliver visit counts."""


@key.command("create")
@click.argument("name")
@click.option("--center", "slug", help="The key speaks for this center only; for all unless told.")
def create_key(name: str, slug: str | None) -> None:
    """Make a key and print it; it is never shown again."""
    from survey_app.people.api_keys import create_api_key

    with _app():
        begin_writing(db.session)
        center = _centers(slug)[0] if slug is not None else None
        row, plain = create_api_key(db.session, name, center, datetime.now(UTC))
        db.session.commit()
        click.echo(f"{row.id}: {plain}")


@key.command("list")
def list_keys() -> None:
    """All keys: for what, since when, last used."""
    from survey_app.people.api_keys import all_api_keys

    with _app():
        slugs = {center.id: center.slug for center in _centers(None)}
        for row in all_api_keys(db.session):
            used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "never"
            state = f"revoked {row.revoked_at:%Y-%m-%d}" if row.revoked_at else f"last used {used}"
            whose = slugs[row.center_id] if row.center_id else "every center"
            click.echo(f"{row.id}: {row.name}, {whose}, made {row.created_at:%Y-%m-%d}, {state}")


@key.command("revoke")
@click.argument("key_id", type=int)
def revoke_key(key_id: int) -> None:
    """End a key at once."""
    from survey_app.people.api_keys import revoke_api_key

    with _app():
        begin_writing(db.session)
        try:
            revoke_api_key(db.session, key_id, datetime.now(UTC))
        except DomainError:
            raise click.ClickException(f"There is no live key {key_id}.") from None
        db.session.commit()


@commands.group()
def integrity() -> None:
    """What the integrity rules find; people decide on it at /integrity/."""


@integrity.command("check")
@click.option("--center", "slug", help="Check this center's day again, whether it is due or not.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day to check again.")
def check_integrity(slug: str | None, day: datetime | None) -> None:
    """Apply the rules to every day that is due, or to one day of one center."""
    from survey_app.integrity.checking import check_day, check_due

    if (slug is None) != (day is None):
        raise click.UsageError("Name both --center and --day, or neither.")
    now = datetime.now(UTC)
    with _app():
        if slug is None or day is None:
            click.echo(f"days checked: {check_due(db.session, now)}")
            return
        begin_writing(db.session)
        center = db.session.scalar(select(Center).where(Center.slug == slug))
        if center is None:
            raise click.ClickException(f"There is no center named {slug}.")
        alerts = check_day(db.session, center, day.date(), now)
        db.session.commit()
        click.echo(f"new alerts: {len(alerts)}")


@integrity.command("alerts")
def list_alerts() -> None:
    """All open alerts: center, day, rule, place, chance, ratings in question."""
    from survey_app.integrity.queries import alerts_of

    with _app():
        for center in db.session.scalars(select(Center).order_by(Center.number)):
            for each in alerts_of(db.session, center):
                alert = each.alert
                if alert.acknowledged_at is None:
                    place = each.place.slug if each.place else "-"
                    named = len(alert.detail.get("ratings", ()))
                    click.echo(
                        f"{alert.id}: {center.slug} {alert.day} {alert.rule} {place}"
                        f" p={alert.p_value:.1e} ratings={named}"
                    )
