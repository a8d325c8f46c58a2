"""The door for queue systems that print visit tickets: a visit in, a one-time code out."""

import base64
import io
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

import segno
from flask import current_app, g, jsonify
from flask.typing import ResponseReturnValue
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select

from survey_app.access import centers_for_key, keys_only
from survey_app.api.views import blueprint
from survey_app.codes import grouped_code
from survey_app.documents import instant, read_document
from survey_app.errors import Unprocessable
from survey_app.extensions import db
from survey_app.models import Center, Service
from survey_app.tickets import LIFETIME, issue_ticket, tickets_place

# A queue system's clock may be a little ahead of ours.
AHEAD = timedelta(minutes=10)
# An 80 mm printer's line has 576 dots of 1/8 mm; the code takes about two thirds of it, more
# only where the installation has a very long name.
LINE_DOTS = 576
DOTS_PER_MODULE = 9
QUIET_ZONE = 4


class Visit(BaseModel):
    """The visit that a ticket is for. Only `center` is needed, and not even that by a key that
    speaks for one center; `visit` is the queue system's own word for it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    center: Annotated[str, Field(max_length=40)] | None = None
    service: Annotated[str, Field(max_length=16, pattern=r"^[^\x00]*$")] | None = None
    counter: Annotated[str, Field(max_length=20, pattern=r"^[^\x00]*$")] | None = None
    at: AwareDatetime | None = None
    visit: Annotated[str, Field(min_length=1, max_length=100)] | None = None


@blueprint.post("/tickets")
@keys_only
def issue() -> ResponseReturnValue:
    """Issue a ticket, or give the one again that was issued for this visit."""
    wanted = read_document(Visit)
    now = datetime.now(UTC)
    visited_at = wanted.at or now
    if not now - LIFETIME < visited_at <= now + AHEAD:
        raise Unprocessable("The visit is too long ago, or has not been yet.", reason="at")
    settings = current_app.extensions["settings"]
    ticket = issue_ticket(
        db.session,
        tickets_place(db.session, _center(wanted.center)),
        visited_at=visited_at,
        signing_keys=settings.signing_keys(),
        service_id=_service_id(wanted.service),
        counter=wanted.counter,
        visit=wanted.visit,
    )
    db.session.commit()
    address = f"{settings.address}/t/{ticket.secret}"
    code = grouped_code(ticket.code)
    matrix = segno.make_qr(address, error="m", boost_error=False)
    answer = jsonify(
        {
            "code": code,
            "address": address,
            "expires_at": instant(ticket.expires_at),
            "qr": _drawn(matrix),
            "escpos": base64.b64encode(_printed(matrix, code, settings.address)).decode(),
        }
    )
    return answer, 201


def _center(slug: str | None) -> Center:
    """The center of this name, or the key's only one; raises Unprocessable for any other."""
    centers = centers_for_key(db.session, g.api_key)
    if slug is None and len(centers) == 1:
        return centers[0]
    for center in centers:
        if center.slug == slug:
            return center
    raise Unprocessable("There is no such center for this key.", reason="center")


def _service_id(code: str | None) -> int | None:
    if code is None:
        return None
    found = db.session.scalar(select(Service.id).where(Service.code == code))
    if found is None:
        raise Unprocessable("There is no such service.", reason="service")
    return found


def _drawn(matrix: segno.QRCode) -> str:
    """The code as an SVG document of no size of its own, black on white with its quiet zone."""
    text = io.BytesIO()
    matrix.save(
        text, "svg", border=QUIET_ZONE, xmldecl=False, omitsize=True, light="#fff", nl=False
    )
    return text.getvalue().decode()


def _printed(matrix: segno.QRCode, code: str, address: str) -> bytes:
    """What a thermal printer of 80 mm is sent (ESC/POS): the code as an image, and in letters."""
    # A short line to be typed: without the scheme, with the path that an installation may have.
    parts = urlsplit(address)
    where = f"{parts.netloc}{parts.path}/q/"
    return b"".join(
        [
            b"\x1b@",  # begin anew
            b"\x1ba\x01",  # centered
            _raster(matrix),
            b"\x1d!\x11" + code.encode("ascii") + b"\n",  # twice as wide and high
            b"\x1d!\x00" + where.encode("ascii") + b"\n",
            b"\n\n",
        ]
    )


def _raster(matrix: segno.QRCode) -> bytes:
    """The matrix as one raster image (GS v 0): rows of bits, a set bit is a black dot."""
    width = LINE_DOTS // 8
    scale = min(DOTS_PER_MODULE, LINE_DOTS // matrix.symbol_size(1, QUIET_ZONE)[0])
    side = int(matrix.symbol_size(scale, QUIET_ZONE)[0])
    margin = (LINE_DOTS - side) // 2
    rows = io.BytesIO()
    for modules in matrix.matrix_iter(scale=scale, border=QUIET_ZONE):
        bits = 0
        for dot in modules:
            bits = bits << 1 | dot
        rows.write((bits << (LINE_DOTS - margin - side)).to_bytes(width))
    image = rows.getvalue()
    height = len(image) // width
    return b"\x1dv0\x00" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + image
