"""Commands on people served: files of visit counts, in and out."""

from datetime import UTC, datetime
from pathlib import Path

import click

from survey_app.commands.context import application, find_centers
from survey_app.extensions import db


@click.group()
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

    with (
        application(),
        file.open("rb") as stream,
        Progress(console=Console(stderr=True)) as progress,
    ):
        now = datetime.now(UTC)
        network = load_network(db.session, find_centers(slug), now)
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

    with application():
        centers = {center.id for center in find_centers(slug)}
        with click.open_file(str(out or "-"), "w", encoding="utf-8") as target:
            writer = csv.writer(target, lineterminator="\n")
            writer.writerow(VISITS_BY_HOUR if by_hour else VISITS)
            writer.writerows(stored_counts(db.session, centers, by_hour=by_hour))
