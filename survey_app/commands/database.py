"""Commands on the database as a whole: its schema, and the tallies that figures are read from."""

import click

from survey_app.commands.context import application
from survey_app.config import prepare_data_dir
from survey_app.extensions import begin_snapshot, begin_writing, db


@click.command()
def migrate() -> None:
    """Bring the database to the schema this code expects."""
    from survey_app.database import upgrade

    with application() as app:
        prepare_data_dir(app.extensions["settings"])
        upgrade(db.engine)


@click.group()
def tally() -> None:
    """Check and rebuild the tallies that all figures are read from."""


@tally.command("check")
def check_tallies() -> None:
    """Count the ratings afresh and compare; fails when a tally differs."""
    from survey_app.tallies import differences

    with application():
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

    with application():
        begin_writing(db.session)
        rebuild(db.session)
        db.session.commit()
