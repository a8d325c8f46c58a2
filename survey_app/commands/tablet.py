"""Commands on tablets: which there are, pairing one, ending one."""

from datetime import UTC, datetime

import click

from survey_app.commands.context import application
from survey_app.errors import NotFound
from survey_app.extensions import begin_writing, db


@click.group()
def tablet() -> None:
    """Pair and revoke tablets."""


@tablet.command("list")
def list_tablets() -> None:
    """All places for tablets, and the devices enrolled there."""
    from survey_app.network.queries import tablets_by_place

    with application():
        for place, devices in tablets_by_place(db.session):
            click.echo(f"{place.center.slug}/{place.slug}")
            for device in devices:
                state = "revoked" if device.revoked_at else "paired"
                seen = f"{device.last_seen_at:%Y-%m-%d %H:%M}" if device.last_seen_at else "never"
                queue = f"unsent {device.unsent or 0}, refused {device.rejected or 0}"
                click.echo(f"  {device.id}: {state}, last seen {seen}, {queue}")


@tablet.command("code")
@click.argument("place", metavar="CENTER/PLACE")
def pairing_code(place: str) -> None:
    """A pairing code for a place, good for ten minutes and one device."""
    from survey_app.network.queries import find_place
    from survey_app.pairing import code_address, create_pairing_code

    slug, _, touchpoint_slug = place.partition("/")
    with application() as app:
        begin_writing(db.session)
        touchpoint = find_place(db.session, slug, touchpoint_slug)
        if touchpoint is None:
            raise click.ClickException(f"There is no place {place}. See ./run tablet list.")
        try:
            code = create_pairing_code(db.session, touchpoint, datetime.now(UTC))
        except NotFound:
            raise click.ClickException(f"{place} is not a place for a tablet.") from None
        db.session.commit()
        click.echo(f"{code}   {code_address(app.extensions['settings'].address, code)}")


@tablet.command("revoke")
@click.argument("tablet_id", type=int)
def revoke_tablet(tablet_id: int) -> None:
    """End a tablet's credential at once."""
    from survey_app.pairing import revoke

    with application():
        begin_writing(db.session)
        try:
            revoke(db.session, tablet_id, datetime.now(UTC))
        except NotFound:
            raise click.ClickException(f"There is no paired tablet {tablet_id}.") from None
        db.session.commit()
