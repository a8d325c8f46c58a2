"""The tablet's page, its service worker and manifest, and the pairing door."""

from datetime import UTC, datetime
from functools import cache

from flask import Blueprint, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field

from survey_app.access import public
from survey_app.compression import compress
from survey_app.config import ROOT
from survey_app.documents import read_document
from survey_app.extensions import csrf, db, limiter
from survey_app.i18n import wording
from survey_app.kiosk.pairing import pair_tablet
from survey_app.kiosk.texts import build_texts
from survey_app.models import LANGUAGES
from survey_app.version import APP_VERSION

blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosk")
blueprint.after_request(compress)

# What the page needs to run without a network, below static/.
_ASSET_PATTERNS = ("kiosk/*", "faces/*.svg", "fonts/*.woff2", "mark.svg", "favicon.svg")


class PairingRequest(BaseModel):
    """What an unpaired device sends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: str = Field(min_length=1, max_length=40)


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
    """The service worker: a version, and the list of what to keep."""
    answer = make_response(
        render_template("kiosk/sw.js.j2", version=APP_VERSION, assets=_asset_urls())
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
@limiter.limit("10/minute")
def pair() -> ResponseReturnValue:
    """Exchange a pairing code for a credential; cookies play no part, so no CSRF token does."""
    code = read_document(PairingRequest).code
    token = pair_tablet(db.session, code, datetime.now(UTC))
    db.session.commit()
    return {"token": token}


@cache
def _texts() -> dict[str, dict[str, str]]:
    return build_texts(LANGUAGES, lambda language, msgid: wording(language).text(msgid))


def _asset_urls() -> list[str]:
    static = ROOT / "survey_app" / "static"
    files = sorted(
        path.relative_to(static).as_posix()
        for pattern in _ASSET_PATTERNS
        for path in static.glob(pattern)
        if path.is_file()
    )
    return [url_for("static", filename=name) for name in files]


def _face_urls() -> list[str]:
    """The drawings of the scores 1 to 5."""
    return [url_for("static", filename=f"faces/{score}.svg") for score in range(1, 6)]
