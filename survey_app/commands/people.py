"""Commands on who may come in: people who sign in, and other systems with their keys."""

from datetime import UTC, datetime

import click

from survey_app.commands.context import application, find_center, find_centers
from survey_app.errors import NotFound
from survey_app.extensions import begin_writing, db
from survey_app.models import LANGUAGES
from survey_app.models.people import CENTER_ROLES, NETWORK_ROLES


@click.group()
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
    from survey_app.people.accounts import SHORTEST_PASSWORD, AddressTaken, WeakPassword, add_person

    if (role in CENTER_ROLES) != (slug is not None):
        raise click.UsageError("Viewers and managers need a --center; other roles have none.")
    with application():
        begin_writing(db.session)
        center = find_center(slug) if slug else None
        try:
            add_person(db.session, email, password, lang, role, center, datetime.now(UTC))
        except AddressTaken:
            raise click.ClickException(f"{email} can sign in already.") from None
        except WeakPassword:
            shortest = f"The password needs at least {SHORTEST_PASSWORD} characters."
            raise click.ClickException(shortest) from None
        db.session.commit()


@click.group()
def key() -> None:
    """API keys, with which other systems deliver visit counts."""


@key.command("create")
@click.argument("name")
@click.option("--center", "slug", help="The key speaks for this center only; for all unless told.")
def create_key(name: str, slug: str | None) -> None:
    """Make a key and print it; it is never shown again."""
    from survey_app.people.api_keys import create_api_key

    with application():
        begin_writing(db.session)
        center = find_center(slug) if slug is not None else None
        row, plain = create_api_key(db.session, name, center, datetime.now(UTC))
        db.session.commit()
        click.echo(f"{row.id}: {plain}")


@key.command("list")
def list_keys() -> None:
    """All keys: for what, since when, last used."""
    from survey_app.people.api_keys import all_api_keys

    with application():
        slugs = {center.id: center.slug for center in find_centers(None)}
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

    with application():
        begin_writing(db.session)
        try:
            revoke_api_key(db.session, key_id, datetime.now(UTC))
        except NotFound:
            raise click.ClickException(f"There is no live key {key_id}.") from None
        db.session.commit()
