"""Commands on published reports: writing their files, and recomputing them from the ratings."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from survey_app.commands.context import application, find_center, find_centers, read_month
from survey_app.errors import DomainError
from survey_app.extensions import begin_snapshot, db
from survey_app.models import LANGUAGES


@click.group(invoke_without_command=True)
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
    month = read_month(written)
    with application() as app, app.test_request_context():
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

    for center in [] if network else find_centers(slug):
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
        with application():
            begin_snapshot(db.session)
            center = find_center(str(slug))
            done = verify(db.session, center, read_month(str(written)), revision, told)
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
