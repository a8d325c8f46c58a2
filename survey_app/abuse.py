"""What keeps programs from posing as citizens on the page behind a code.

Nobody is turned away: what a program may have sent is recorded, thanked for and held, so that
it moves no figure until a person has looked. How many ratings came lately is counted by code,
and by code and network under a key that is destroyed a day later.
"""

import hmac
import secrets
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.extensions import address_networks, insert_into
from survey_app.models import DailyKey, Pressure, SpentProof
from survey_app.models.base import table_of
from survey_app.proof import make_challenge, spend_proof

# What a held rating names: the rule and its version.
UNPROVEN = "unproven/2"
FLOOD = "flood/2"

WINDOW = timedelta(minutes=10)
# So many ratings of one code in ten minutes ask nothing of anybody. 400 visitors a day, 16 % of
# them in the busiest hour and three times as many in a burst, are 32 in ten minutes if every one
# of them rates on the center's Wi-Fi, and 8 at the usual answer rate of one in four.
FREE_FROM_NETWORK = 40
# A code is also used from phones' own networks, and its address may be passed on.
FREE_FROM_CODE = 80
# At so many times that, the day's visitors would all have come within twenty minutes: whatever
# computes proofs that fast is no crowd of people.
FLOOD_FROM = 5
# A form is handed out minutes before it comes back. From this share of what is free on it carries
# a challenge, so that whoever is writing when the limit is reached has a proof at hand.
CHALLENGE_FROM = 0.5


class Strain(NamedTuple):
    """How much came lately, as a multiple of what is free: from the caller's network, by code."""

    of_network: float
    of_code: float


def judge_arrival(session: Session, code: str, proof: str | None, now: datetime) -> str | None:
    """Why a rating that comes by this code from the request's network is held; None when it counts.

    It is judged by what came before it, and counted. Ratings by ticket are bound to a visit and
    are not judged here. The caller commits.
    """
    strain = strain_on(session, code, now)
    rule = _find_rule(session, code, proof, strain, now)
    _count_one(session, code, now, with_code=rule is None or strain.of_network < 1)
    return rule


def _find_rule(
    session: Session, code: str, proof: str | None, strain: Strain, now: datetime
) -> str | None:
    if max(strain) >= FLOOD_FROM:
        return FLOOD
    if max(strain) < 1:
        return None
    keys = current_app.extensions["settings"].signing_keys()
    is_proven = spend_proof(session, code, proof or "", signing_keys=keys, now=now)
    return None if is_proven else UNPROVEN


def challenge_for(session: Session, code: str, now: datetime) -> dict[str, Any] | None:
    """The challenge that the form of this code carries, as JSON; None while it is quiet.

    Only reads. The more ratings come, the harder it is.
    """
    strain = max(strain_on(session, code, now))
    if strain < CHALLENGE_FROM:
        return None
    keys = current_app.extensions["settings"].signing_keys()
    return make_challenge(code, ceil(strain), signing_keys=keys, now=now)


def strain_on(session: Session, code: str, now: datetime) -> Strain:
    """What came by this code, and from the request's network in particular, up to now.

    The window before counts for the share of it that lies less than WINDOW back, so that a
    flood which goes on finds no fresh allowance every ten minutes.
    """
    window = _window_of(now)
    share = 1 - (now - window) / WINDOW
    by_code, *by_network = (
        lately + share * before
        for lately, before in zip(
            _ratings_in(session, window, code),
            _ratings_in(session, window - WINDOW, code),
            strict=True,
        )
    )
    return Strain(max(by_network) / FREE_FROM_NETWORK, by_code / FREE_FROM_CODE)


def erase_traces(session: Session, now: datetime) -> int:
    """Destroy keys and counts that no window needs any more, and proofs that have expired.

    Answers how many rows there were. A key lives for its day and two windows more. The caller
    commits.
    """
    oldest = _window_of(now) - WINDOW
    return sum(
        len(session.scalars(statement).all())
        for statement in (
            delete(Pressure).where(Pressure.window < oldest).returning(Pressure.ratings),
            delete(DailyKey).where(DailyKey.day < oldest.date()).returning(DailyKey.day),
            delete(SpentProof).where(SpentProof.expires_at < now).returning(SpentProof.digest),
        )
    )


def _ratings_in(session: Session, window: datetime, code: str) -> list[int]:
    """How many ratings came in a window: by this code, and from each of the caller's networks."""
    key = _find_key(session, window.date())
    # Without its key nothing was counted on a day.
    buckets = _buckets(key or b"", code)
    found = session.execute(
        select(Pressure.bucket, Pressure.ratings).where(
            Pressure.window == window, Pressure.bucket.in_(buckets)
        )
    )
    ratings: dict[bytes, int] = dict(found.all())
    return [ratings.get(bucket, 0) for bucket in buckets]


def _count_one(session: Session, code: str, now: datetime, *, with_code: bool) -> None:
    """Count a rating in its buckets.

    What comes without a proof from a network beyond what is free speaks of that network alone:
    without `with_code` it puts no strain on the others who use the code.
    """
    window = _window_of(now)
    of_code, *of_networks = _buckets(_key_of(session, window.date()), code)
    buckets = [of_code, *of_networks] if with_code else of_networks
    # In one order, so that two requests wait for each other and never deadlock.
    rows = [{"window_start": window, "bucket": each, "ratings": 1} for each in sorted(buckets)]
    statement = insert_into(session, table_of(Pressure)).values(rows)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[Pressure.window, Pressure.bucket],
            set_={"ratings": Pressure.ratings + 1},
        )
    )


def _key_of(session: Session, day: date) -> bytes:
    """The key of a day, made when it is first needed."""
    key = _find_key(session, day)
    if key is None:
        # Two may find none at once: the primary key lets one of them in, and both use that.
        row = {"day": day, "key": secrets.token_bytes(32)}
        session.execute(insert_into(session, table_of(DailyKey)).on_conflict_do_nothing(), row)
        key = _find_key(session, day)
    if key is None:
        raise RuntimeError("the key of the day was destroyed before the day was over")
    return key


def _find_key(session: Session, day: date) -> bytes | None:
    return session.scalar(select(DailyKey.key).where(DailyKey.day == day))


def _buckets(key: bytes, code: str) -> list[bytes]:
    """The bucket of the code, then that of each network the caller is in."""
    return [
        hmac.digest(key, f"{code} {network}".encode(), "sha256")
        for network in ("", *address_networks())
    ]


def _window_of(now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (now - midnight) // WINDOW * WINDOW
