"""A passive proof of work (the ALTCHA protocol, version 2, served by ourselves).

A browser computes for a moment while its owner fills the form, and nobody is asked anything.
For one person that costs nothing; for a hundred thousand forms it costs days.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from survey_app.extensions import insert_into
from survey_app.models import SpentProof
from survey_app.models.base import table_of

# People leave a form open while they wait for their turn.
LIFETIME = timedelta(hours=2)
# Browsers derive such keys natively and beside the page's own work. One try takes about 1 ms on
# a desk and 5 ms on a cheap phone.
_ALGORITHM = "PBKDF2/SHA-256"
_ITERATIONS = 5_000
# The answer lies between half of so many tries and all of them, so that nobody is very unlucky.
TRIES = 100
HARDEST = 8
# A proof has about 700 characters; what is longer is none.
_LONGEST = 2_000


def make_challenge(
    code: str, hardness: int, *, signing_keys: Sequence[str], now: datetime
) -> dict[str, Any]:
    """What a browser has to solve before it sends the form of this code, as JSON.

    `hardness`, from 1 to HARDEST, is how many times TRIES it takes.
    """
    # The library brings the parts of the standard library that speak HTTP: 30 ms.
    from altcha import create_challenge

    tries = TRIES * min(max(hardness, 1), HARDEST)
    challenge = create_challenge(
        _ALGORITHM,
        _ITERATIONS,
        counter=tries // 2 + secrets.randbelow(tries // 2),
        expires_at=now + LIFETIME,
        data={"code": code},
        hmac_secret=_secret("challenge", signing_keys[0]),
        hmac_key_secret=_secret("answer", signing_keys[0]),
    )
    return challenge.to_dict()


def spend_proof(
    session: Session, code: str, proof: str, *, signing_keys: Sequence[str], now: datetime
) -> bool:
    """Whether this is a proof for this code that was not handed in before; now it was.

    The caller commits. A proof handed in by many at once counts for one of them: the primary
    key lets one insert it.
    """
    if not _is_right(proof, signing_keys):
        return False
    # What follows is read from what we signed.
    parameters = json.loads(base64.b64decode(proof))["challenge"]["parameters"]
    expires_at = datetime.fromtimestamp(parameters["expiresAt"], UTC)
    if parameters.get("data") != {"code": code} or expires_at < now:
        return False
    statement = insert_into(session, table_of(SpentProof)).on_conflict_do_nothing()
    row = {
        "digest": hashlib.sha256(parameters["nonce"].encode()).digest(),
        "expires_at": expires_at,
    }
    spent = session.scalar(statement.returning(SpentProof.digest), row)
    return spent is not None


def _is_right(proof: str, signing_keys: Sequence[str]) -> bool:
    from altcha import verify_solution

    if not proof or len(proof) > _LONGEST:
        return False
    return any(
        verify_solution(
            proof, _secret("challenge", key), hmac_key_secret=_secret("answer", key)
        ).verified
        for key in signing_keys
    )


def _secret(purpose: str, key: str) -> bytes:
    return hmac.digest(key.encode(), f"proof of work: {purpose}".encode(), "sha256")
