"""The command line: everything an operator does, a module for each group of commands."""

import click
from sqlalchemy.exc import DBAPIError

from survey_app.commands import (
    database,
    demo,
    integrity,
    language,
    people,
    report,
    serving,
    tablet,
    visits,
)
from survey_app.config import SettingsError


def main() -> None:
    """Run a command; say what is wrong with the settings in plain words."""
    try:
        commands(prog_name="./run")
    except SettingsError as problem:
        click.echo(problem, err=True)
        raise SystemExit(2) from None
    except DBAPIError as problem:
        from survey_app.database import lacks_tables

        if not lacks_tables(problem):
            raise
        click.echo("The database has no tables yet. Run ./run migrate first.", err=True)
        raise SystemExit(2) from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Rəy: citizens rate a visit, managers read honest figures."""


for each in (
    database.migrate,
    database.tally,
    demo.demo,
    integrity.integrity,
    language.language,
    people.key,
    people.user,
    report.report,
    serving.serve,
    serving.start,
    serving.welcome,
    serving.worker,
    tablet.tablet,
    visits.visits,
):
    commands.add_command(each)
