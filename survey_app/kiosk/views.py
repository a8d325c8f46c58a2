"""The tablet's page, its service worker and manifest, and the pairing door."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from survey_app.access import public
from survey_app.compression import compress
from survey_app.config import ROOT
from survey_app.device_keys import HEADER, PublicKey, is_signed, signed_message
from survey_app.documents import read_document
from survey_app.errors import Unprocessable
from survey_app.extensions import csrf, db, limiter
from survey_app.i18n import wording
from survey_app.kiosk.texts import build_texts
from survey_app.models import LANGUAGES
from survey_app.pairing import pair_tablet
from survey_app.version import APP_VERSION

blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosk")
blueprint.after_request(compress)

# What the page needs to run without a network, below static/.
_ASSET_PATTERNS = ("kiosk/*", "faces/*.svg", "fonts/*.woff2", "mark.svg", "favicon.svg")
# What it does without until it has it.
_EXTRA_PATTERNS = ("vendor/*.js", "kiosk/voice/index.json", "kiosk/voice/*/*.ogg")


class PairingRequest(BaseModel):
    """What an unpaired device sends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: str = Field(min_length=1, max_length=40)
    public_key: PublicKey | None = None


@blueprint.get("/")
@public
def shell() -> str:
    """The one page of the tablet, the same for every device; data comes after pairing."""
    return render_template(
        "kiosk/shell.html",
        texts=_texts(),
        faces=_face_urls(),
        app_version=APP_VERSION,
    )


@blueprint.get("/sw.js")
@public
def service_worker() -> ResponseReturnValue:
    """The service worker: a version, and what to keep with the digest of each file."""
    answer = make_response(
        render_template(
            "kiosk/sw.js.j2",
            version=APP_VERSION,
            assets=_digests(_ASSET_PATTERNS),
            extras=_digests(_EXTRA_PATTERNS),
        )
    )
    answer.mimetype = "text/javascript"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """What makes the page installable."""
    answer = make_response(render_template("kiosk/manifest.webmanifest.j2"))
    answer.mimetype = "application/manifest+json"
    return answer


@blueprint.post("/pair")
@public
@csrf.exempt
@limiter.limit("5 per 10 minutes", deduct_when=lambda answer: answer.status_code == 404)
def pair() -> ResponseReturnValue:
    """Exchange a pairing code for a credential; cookies play no part, so no CSRF token does.

    A device that names a key shows that it has it: else one could claim another's queue.
    """
    message = signed_message(request.method, request.path, request.get_data())
    asked = read_document(PairingRequest)
    if asked.public_key and not is_signed(
        asked.public_key, request.headers.get(HEADER, ""), message
    ):
        raise Unprocessable("The request is not signed with its key.")
    token = pair_tablet(db.session, asked.code, datetime.now(UTC), asked.public_key)
    db.session.commit()
    return {"token": token}


@cache
def _texts() -> dict[str, dict[str, str]]:
    return build_texts(LANGUAGES, lambda language, msgid: wording(language).text(msgid))


def _digests(patterns: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of each file below static/ that fits, by its address."""
    static = ROOT / "survey_app" / "static"
    # The compressed copies beside them are handed out under the same addresses.
    files = sorted(
        path
        for pattern in patterns
        for path in static.glob(pattern)
        if path.is_file() and path.suffix != ".gz"
    )
    return {
        url_for("static", filename=path.relative_to(static).as_posix()): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in files
    }


def _face_urls() -> list[str]:
    """The drawings of the scores 1 to 5."""
    return [url_for("static", filename=f"faces/{score}.svg") for score in range(1, 6)]
