"""Commands on what the integrity rules find."""

from datetime import UTC, datetime

import click

from survey_app.commands.context import application, find_center, find_centers
from survey_app.extensions import begin_writing, db


@click.group()
def integrity() -> None:
    """What the integrity rules find; people decide on it at /integrity/."""


@integrity.command("check")
@click.option("--center", "slug", help="Check this center's day again, whether it is due or not.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day to check again.")
def check_integrity(slug: str | None, day: datetime | None) -> None:
    """Apply the rules to every day that is due, or to one day of one center."""
    from survey_app.integrity.checking import check_day, check_due

    if (slug is None) != (day is None):
        raise click.UsageError("Name both --center and --day, or neither.")
    now = datetime.now(UTC)
    with application():
        if slug is None or day is None:
            click.echo(f"days checked: {check_due(db.session, now)}")
            return
        begin_writing(db.session)
        alerts = check_day(db.session, find_center(slug), day.date(), now)
        db.session.commit()
        click.echo(f"new alerts: {len(alerts)}")


@integrity.command("alerts")
def list_alerts() -> None:
    """All open alerts: center, day, rule, place, chance, ratings in question."""
    from survey_app.integrity.queries import alerts_of

    with application():
        for center in find_centers(None):
            for each in alerts_of(db.session, center):
                alert = each.alert
                if alert.acknowledged_at is None:
                    place = each.place.slug if each.place else "-"
                    named = len(alert.detail.get("ratings", ()))
                    click.echo(
                        f"{alert.id}: {center.slug} {alert.day} {alert.rule} {place}"
                        f" p={alert.p_value:.1e} ratings={named}"
                    )
