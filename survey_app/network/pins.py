"""The number that opens the staff menu of a center's tablets, kept as a slow hash.

Tablets check it without a network, so the hash travels with their set-up. It keeps a number from
being read, not from being tried out by who has the hash: it opens a menu, and guards no data.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from survey_app.models import Center, User
from survey_app.trail import note

SHORTEST, LONGEST = 4, 8
# What OWASP asks of PBKDF2 with HMAC-SHA-256; a tablet takes half a second for it.
ITERATIONS = 600_000
_SALT_BYTES = 16
_STEPS = {1, -1, 0}


def is_too_simple(pin: str) -> bool:
    """Whether somebody at the tablet would try it first: a digit or a pair repeated, a staircase.

    The staircase goes up or down by one, over 9 to 0 as well.
    """
    steps = {(int(after) - int(before) + 1) % 10 - 1 for before, after in pairwise(pin)}
    is_staircase = len(steps) == 1 and steps <= _STEPS
    return is_staircase or re.fullmatch(r"(.{1,2})\1+", pin) is not None


def set_pin(
    session: Session, center: Center, hashed: Mapping[str, Any], by: User, now: datetime
) -> None:
    """Open the staff menu of this center's tablets with the number that was hashed by hash_pin.

    The caller commits, and hashes before its transaction: that takes a quarter of a second, for
    which nobody else could write.
    """
    center.staff_pin = dict(hashed)
    note(session, "staff_pin_set", center.id, by, now)


def hash_pin(pin: str) -> dict[str, Any]:
    """Salt, iterations and hash, as a tablet's set-up carries them (base64url, no padding)."""
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, ITERATIONS)
    return {"salt": _written(salt), "iterations": ITERATIONS, "hash": _written(digest)}


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
