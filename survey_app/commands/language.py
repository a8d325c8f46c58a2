"""Commands on the reader of comments: learn, choose, read again, measure."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.commands.context import application
from survey_app.errors import DomainError
from survey_app.extensions import begin_writing, db

if TYPE_CHECKING:
    from analysis.reading import Reader
    from survey_app.comments.choosing import Change


@click.group()
def language() -> None:
    """The reader of comments: learn from this network, choose, reread, measure."""


@language.command("learn")
def learn_language() -> None:
    """Fit a reader to this network's own comments; it is kept only if it reads them better.

    Takes a few minutes and about 1 GB of memory. What comes in from then on is read by the new
    reader; ./run language reread reads the older comments again.
    """
    from survey_app.comments.learning import learn
    from survey_app.comments.readers import readers_folder

    with application() as app, _problems_in_words():
        lesson = learn(
            db.session,
            readers_folder(app.extensions["settings"]),
            datetime.now(UTC),
            progress=lambda step: click.echo(f"{step} …", err=True),
        )
        click.echo(lesson)


@language.command("readers")
def list_readers() -> None:
    """The readers to choose from; a star marks the one in use."""
    from analysis.reading import shipped_reader
    from survey_app.comments.readers import SHIPPED, current_choice, find_readers, readers_folder

    with application() as app:
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
    from survey_app.comments.choosing import choose_reader

    with _choosing() as (folder, now):
        change = choose_reader(db.session, folder, version, now)
        if change is None:
            click.echo(f"{version} is in use already.")
            return
        db.session.commit()
    _say_choice(change)


@language.command("rollback")
def roll_back_reader() -> None:
    """Return to the reader that was in use before; several times, step by step."""
    from survey_app.comments.choosing import take_back_choice

    with _choosing() as (folder, now):
        change = take_back_choice(db.session, folder, now)
        db.session.commit()
    _say_choice(change)


@contextmanager
def _choosing() -> Iterator[tuple[Path, datetime]]:
    """The folder of the readers and the moment, within a writing transaction."""
    from survey_app.comments.readers import readers_folder

    with application() as app, _problems_in_words():
        begin_writing(db.session)
        yield readers_folder(app.extensions["settings"]), datetime.now(UTC)


@contextmanager
def _problems_in_words() -> Iterator[None]:
    """Say why a reader is not to be had or cannot be used, and end the command."""
    from survey_app.comments.readers import BrokenReader

    try:
        yield
    except (DomainError, BrokenReader) as problem:
        raise click.ClickException(str(problem)) from None


def _say_choice(change: "Change") -> None:
    click.echo(f"{change.version} reads comments from now on, instead of {change.before}.")
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

    with application() as app, _asked_to_stop() as should_stop:
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

    with application() as app:
        reader = _usable_reader(readers_folder(app.extensions["settings"]))
    raise SystemExit(measure([] if file is None else ["--in", str(file)], reader=reader))


def _usable_reader(folder: Path) -> "Reader":
    """The chosen reader itself: the shipped one in its place is not what was asked for."""
    from survey_app.comments.readers import BrokenReader, get_reader

    try:
        return get_reader(folder)
    except BrokenReader as problem:
        raise click.ClickException(f"{problem}. Choose another: ./run language use") from None
