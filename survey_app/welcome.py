"""What `./run` says when it is ready: where the pages are, and who can sign in to the demo."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.config import Settings
from survey_app.models import Center, Membership, Touchpoint, User


def describe(session: Session, settings: Settings) -> Iterator[str]:
    """Lines for the terminal."""
    base = settings.address
    yield f"\nRəy answers on {base}"
    yield f"  reports      {base}/login"
    poster = session.scalar(
        select(Touchpoint)
        .where(Touchpoint.code.is_not(None), Touchpoint.retired_at.is_(None))
        .order_by(Touchpoint.id)
        .limit(1)
    )
    if poster is not None:
        place = f"{poster.center.name_en}, {poster.label_en}"
        yield f"  QR page      {base}/q/{poster.code}   ({place})"
    tablet = session.scalar(
        select(Touchpoint)
        .where(Touchpoint.channel == "tablet", Touchpoint.retired_at.is_(None))
        .order_by(Touchpoint.id)
        .limit(1)
    )
    if tablet is not None:
        yield f"  tablet page  {base}/kiosk/"
        place = f"{tablet.center.slug}/{tablet.slug}"
        yield f"               pair it with a code: ./run tablet code {place}"
    if settings.environment == "demo":
        yield from _demo_accounts(session)
    yield "Stop with Ctrl-C.\n"


def _demo_accounts(session: Session) -> Iterator[str]:
    from survey_app.demo.catalogue import ACCOUNT_DOMAIN, PASSWORD

    rows = session.execute(
        select(User.email, Membership.role, Center.name_en)
        .join(Membership, Membership.user_id == User.id)
        .outerjoin(Center, Center.id == Membership.center_id)
        .where(User.email.endswith(f"@{ACCOUNT_DOMAIN}"))
        .order_by(User.id)
    ).all()
    if rows:
        yield f"Sign in to the demo with the password {PASSWORD}"
    for email, role, center in rows:
        yield f"  {email:<34} {role}, {center or 'whole network'}"
