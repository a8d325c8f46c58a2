"""Commands that start processes, and the one that says where they answer."""

import click

from survey_app import create_app
from survey_app.commands.context import application
from survey_app.commands.database import migrate
from survey_app.commands.demo import demo
from survey_app.extensions import db


@click.command()
@click.pass_context
def start(context: click.Context) -> None:
    """What ./run does: migrate, fill an empty demo database, serve."""
    from survey_app.config import load_settings

    context.invoke(migrate)
    if load_settings().environment == "demo":
        context.invoke(demo, if_empty=True)
    context.invoke(serve)


@click.command()
@click.option("--port", type=int, help="Instead of the one in PORT.")
@click.option("--host", default="127.0.0.1", show_default=True)
def serve(port: int | None, host: str) -> None:
    """Serve the web pages and run the worker until told to stop."""
    from survey_app.serving import serve as start

    raise SystemExit(start(host, port))


@click.command()
def welcome() -> None:
    """Say where the pages are and, in the demo, who can sign in."""
    from survey_app.welcome import describe

    with application() as app:
        for line in describe(db.session, app.extensions["settings"]):
            click.echo(line)


@click.command()
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
