"""What commands run in: the application, and its centers and months as an operator names them."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from analysis.months import Month
from survey_app import create_app
from survey_app.access import centers_for_operator
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.models import Center


@contextmanager
def application() -> Iterator[Flask]:
    """The application of the environment's settings, with a context for its database."""
    app = create_app()
    with app.app_context():
        yield app


def find_centers(slug: str | None) -> list[Center]:
    """Every center, or the one of this name; ends the command when there is none."""
    try:
        return centers_for_operator(db.session, slug)
    except NotFound:
        raise click.ClickException(f"There is no center named {slug}.") from None


def find_center(slug: str) -> Center:
    """The center of this name; ends the command when there is none."""
    (center,) = find_centers(slug)
    return center


def read_month(written: str) -> Month:
    """A month written as YYYY-MM; ends the command when it is none."""
    try:
        return Month.parse(written)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
