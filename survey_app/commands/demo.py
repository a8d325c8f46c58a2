"""The command that fills an empty database with the demo network."""

from datetime import UTC, datetime

import click

from analysis.months import Month
from survey_app.commands.context import application, find_centers, read_month
from survey_app.extensions import db


@click.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when there is a network already.")
@click.option("--seed", type=int, default=2021, show_default=True)
@click.option("--until", help="Last month, YYYY-MM; the last full month unless told.")
def demo(if_empty: bool, seed: int, until: str | None) -> None:
    """Fill an empty database with the demo network: five centers, thirteen months."""
    from survey_app.demo.load import load_demo

    with application() as app:
        if find_centers(None):
            if if_empty:
                return
            raise click.ClickException("The database is not empty. Use a new one (REY_DATA_DIR).")
        this_month = Month.of(datetime.now(UTC).date())
        last = this_month.previous() if until is None else read_month(until)
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
