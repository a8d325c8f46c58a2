"""Places and their tablets in a browser: how they are, and what a manager changes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta
from flask_babel import gettext as _
from flask_security import current_user
from wtforms import Form

from survey_app.access import (
    center_for,
    centers_for,
    holds,
    holds_everywhere,
    place_for,
    tablet_of,
)
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.i18n import current_language, wording
from survey_app.models import Center, Tablet
from survey_app.network import posters, queries
from survey_app.network.forms import (
    LabelsForm,
    MoveForm,
    NewPlaceForm,
    PinForm,
    PlaceForm,
    TabletNameForm,
    known_place,
    offer,
    offer_places,
)
from survey_app.network.pins import hash_pin, set_pin
from survey_app.network.places import (
    TicketsTaken,
    add_place,
    ask_at_place,
    rename_place,
    reopen_place,
    retire_place,
)
from survey_app.network.tablets import (
    invite_tablet,
    move_tablet,
    pause_tablet,
    rename_tablet,
    resume_tablet,
)
from survey_app.pairing import CODE_LIFETIME, code_address, revoke
from survey_app.timetables import load_timetable

blueprint = Blueprint("network", __name__, url_prefix="/network")


# --- centers ---------------------------------------------------------------------------------


@blueprint.get("/")
def index() -> str:
    """Every center the reader may see, and where somebody should go and look."""
    centers = centers_for(db.session, current_user)
    rows = queries.load_centers(db.session, centers, datetime.now(UTC))
    return render_template(
        "network/index.html", rows=rows, may_manage_all=holds_everywhere(current_user, "manager")
    )


@blueprint.get("/<slug>/")
def center(slug: str) -> str:
    """A center's places, its hours, and the number of its tablets' staff menu."""
    found = center_for(db.session, current_user, slug)
    now = datetime.now(UTC)
    (row,) = queries.load_centers(db.session, [found], now)
    today, timetable = found.today(now), load_timetable(db.session, found.id)
    return render_template(
        "network/center.html",
        row=row,
        hours=timetable.week(today),
        upcoming=[(day, timetable.week(day)) for day in timetable.changes_after(today)],
        holidays=queries.next_holidays(db.session, today, queries.HOLIDAYS_SHOWN),
        formats=posters.FORMATS,
        **_reader(found),
    )


@blueprint.route("/<slug>/number", methods=["GET", "POST"])
def pin(slug: str) -> ResponseReturnValue:
    """Set the number that opens the staff menu of the center's tablets."""
    found = center_for(db.session, current_user, slug, "manager")
    form = PinForm(request.form)
    if request.method == "GET" or not form.validate():
        return ask("network/pin.html", form, found)
    # On SQLite a request that may write keeps all other writers waiting: hash first, then ask anew.
    db.session.rollback()
    hashed = hash_pin(form.pin.data)
    found = center_for(db.session, current_user, slug, "manager")
    set_pin(db.session, found, hashed, current_user, datetime.now(UTC))
    db.session.commit()
    flash(_("The new number is set. Tablets that are connected know it within a minute."))
    return redirect(url_for("network.center", slug=slug), 303)


@blueprint.route("/<slug>/add", methods=["GET", "POST"])
def add(slug: str) -> ResponseReturnValue:
    """Add a place to a center."""
    found = center_for(db.session, current_user, slug, "manager")
    form = NewPlaceForm(request.form)
    _offer(form)
    if request.method == "GET" or not form.validate():
        return ask("network/add.html", form, found)
    asked = (form.labels, form.survey.data, form.service_id)
    try:
        place = add_place(
            db.session, found, form.kind.data, *asked, current_user, datetime.now(UTC)
        )
    except TicketsTaken:
        form.kind.errors = [_say_tickets_taken()]
        return ask("network/add.html", form, found)
    db.session.commit()
    flash(_("The place is added."))
    return _back_to(place.id)


# --- places ----------------------------------------------------------------------------------


@blueprint.get("/touchpoints/<int:touchpoint_id>")
def place(touchpoint_id: int) -> str:
    """A place, its tablets with all that is known of them, or its poster."""
    found = place_for(db.session, current_user, touchpoint_id)
    now = datetime.now(UTC)
    more = {}
    if found.code is not None:
        more = {
            "address": posters.printed_address(_address(), found.code),
            "picture": posters.picture_uri(posters.code_address(_address(), found.code)),
        }
    return render_template(
        "network/place.html",
        place=queries.load_place(db.session, found, now),
        center=found.center,
        formats=posters.FORMATS,
        ago=_ago(now),
        span=_span,
        **more,
        **_reader(found.center),
    )


@blueprint.route("/touchpoints/<int:touchpoint_id>/change", methods=["GET", "POST"])
def change(touchpoint_id: int) -> ResponseReturnValue:
    """Give a place other labels; a poster or the tickets also another survey or service."""
    found = place_for(db.session, current_user, touchpoint_id, "manager")
    made = LabelsForm if found.channel == "tablet" else PlaceForm
    form = made(request.form, data=known_place(found))
    if isinstance(form, PlaceForm):
        _offer(form)
    if request.method == "GET" or not form.validate():
        return ask("network/change.html", form, found.center, touchpoint=found)
    now = datetime.now(UTC)
    rename_place(db.session, found, form.labels, current_user, now)
    if isinstance(form, PlaceForm):
        ask_at_place(db.session, found, form.survey.data, form.service_id, current_user, now)
    db.session.commit()
    flash(_("The place is changed. Its tablets show it within a minute."))
    return _back_to(found.id)


@blueprint.post("/touchpoints/<int:touchpoint_id>/code")
def invite(touchpoint_id: int) -> str:
    """Make a connection code, which is shown this once."""
    found = place_for(db.session, current_user, touchpoint_id, "manager")
    now = datetime.now(UTC)
    code = invite_tablet(db.session, found, current_user, now)
    db.session.commit()
    return render_template(
        "network/code.html",
        touchpoint=found,
        center=found.center,
        code=code,
        picture=posters.picture_uri(code_address(_address(), code)),
        ends=now + CODE_LIFETIME,
        address=f"{_address()}/kiosk/",
    )


@blueprint.route("/touchpoints/<int:touchpoint_id>/retire", methods=["GET", "POST"])
def retire(touchpoint_id: int) -> ResponseReturnValue:
    """Ask whether a place shall take no more ratings, and see to it."""
    found = place_for(db.session, current_user, touchpoint_id, "manager")
    now = datetime.now(UTC)
    if request.method == "GET":
        standing = queries.load_place(db.session, found, now)
        return render_template("network/retire.html", place=standing, center=found.center)
    retire_place(db.session, found, current_user, now)
    db.session.commit()
    flash(_("The place takes no more ratings."))
    return _back_to(found.id)


@blueprint.post("/touchpoints/<int:touchpoint_id>/reopen")
def reopen(touchpoint_id: int) -> ResponseReturnValue:
    """Take ratings again at a retired place."""
    found = place_for(db.session, current_user, touchpoint_id, "manager")
    try:
        reopen_place(db.session, found, current_user, datetime.now(UTC))
    except TicketsTaken:
        db.session.rollback()
        flash(_say_tickets_taken(), "error")
        return _back_to(touchpoint_id)
    db.session.commit()
    flash(_("The place takes ratings again."))
    return _back_to(touchpoint_id)


# --- tablets ---------------------------------------------------------------------------------


@blueprint.route("/tablets/<int:tablet_id>/name", methods=["GET", "POST"])
def name(tablet_id: int) -> ResponseReturnValue:
    """Call a tablet by a name."""
    tablet = tablet_of(db.session, current_user, tablet_id, "manager")
    form = TabletNameForm(request.form, obj=tablet)
    if request.method == "GET" or not form.validate():
        return ask("network/name.html", form, tablet.touchpoint.center, tablet=tablet)
    rename_tablet(db.session, tablet, form.name.data, current_user, datetime.now(UTC))
    db.session.commit()
    flash(_("The tablet has its new name."))
    return _back_to(tablet.touchpoint_id)


@blueprint.route("/tablets/<int:tablet_id>/move", methods=["GET", "POST"])
def move(tablet_id: int) -> ResponseReturnValue:
    """Let a tablet stand at another place, in this center or another one of the manager's."""
    tablet = tablet_of(db.session, current_user, tablet_id, "manager")
    managed = centers_for(db.session, current_user, "manager")
    places = queries.tablet_places(db.session, managed)
    form = MoveForm(request.form)
    offer_places(form, places, tablet.touchpoint, wording(current_language()))
    if request.method == "GET" or not form.validate():
        return ask("network/move.html", form, tablet.touchpoint.center, tablet=tablet)
    target = place_for(db.session, current_user, form.place.data, "manager")
    move_tablet(db.session, tablet, target, current_user, datetime.now(UTC))
    db.session.commit()
    flash(_("The tablet stands at this place now, and shows it within a minute."))
    return _back_to(target.id)


@blueprint.post("/tablets/<int:tablet_id>/pause")
def pause(tablet_id: int) -> ResponseReturnValue:
    """Let a tablet rest."""
    said = _("The tablet rests within a minute. What it keeps, it goes on sending.")
    return _with_tablet(tablet_id, pause_tablet, said)


@blueprint.post("/tablets/<int:tablet_id>/resume")
def resume(tablet_id: int) -> ResponseReturnValue:
    """Let a resting tablet ask again."""
    return _with_tablet(tablet_id, resume_tablet, _("The tablet asks again within a minute."))


@blueprint.route("/tablets/<int:tablet_id>/disconnect", methods=["GET", "POST"])
def disconnect(tablet_id: int) -> ResponseReturnValue:
    """Ask whether a tablet shall lose its credential, and take it away."""
    tablet = tablet_of(db.session, current_user, tablet_id, "manager")
    if tablet.revoked_at is not None:
        raise NotFound
    if request.method == "GET":
        return render_template(
            "network/disconnect.html", tablet=tablet, center=tablet.touchpoint.center
        )
    revoke(db.session, tablet.id, datetime.now(UTC), current_user)
    db.session.commit()
    flash(_("The tablet is disconnected."))
    return _back_to(tablet.touchpoint_id)


def _with_tablet(
    tablet_id: int, verb: Callable[[Any, Tablet, Any, datetime], None], said: str
) -> ResponseReturnValue:
    tablet = tablet_of(db.session, current_user, tablet_id, "manager")
    verb(db.session, tablet, current_user, datetime.now(UTC))
    db.session.commit()
    flash(said)
    return _back_to(tablet.touchpoint_id)


# --- posters ---------------------------------------------------------------------------------


@blueprint.get("/touchpoints/<int:poster_id>/poster.<extension>")
def poster(poster_id: int, extension: str) -> Response:
    """A poster to print: PDF in a chosen format, or the code alone as SVG or PNG."""
    found = place_for(db.session, current_user, poster_id)
    if found.code is None or found.retired_at is not None:
        raise NotFound
    sheet = posters.describe(found, _address())
    if extension == "pdf":
        body, kind = posters.render_pdf([sheet], _asked_format()), "application/pdf"
    elif extension == "svg":
        body, kind = posters.render_svg(sheet), "image/svg+xml"
    elif extension == "png":
        body, kind = posters.render_png(sheet), "image/png"
    else:
        raise NotFound
    return _download(body, kind, f"rey-{found.center.slug}-{found.slug}.{extension}")


@blueprint.get("/<slug>/posters.pdf")
def all_posters(slug: str) -> Response:
    """Every living poster of a center in one file."""
    found = center_for(db.session, current_user, slug)
    (row,) = queries.load_centers(db.session, [found], datetime.now(UTC))
    if not row.posters:
        raise NotFound
    sheets = [posters.describe(each.touchpoint, _address()) for each in row.posters]
    body = posters.render_pdf(sheets, _asked_format())
    return _download(body, "application/pdf", f"rey-{found.slug}-posters.pdf")


def _asked_format() -> str:
    asked = request.args.get("format", "a4")
    if asked not in posters.FORMATS:
        raise NotFound
    return asked


def _download(body: bytes, kind: str, file_name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return Response(body, mimetype=kind, headers=headers)


# --- what the views share --------------------------------------------------------------------


def ask(template: str, form: Form, found: Center, **more: Any) -> ResponseReturnValue:
    """A page with one form, first empty, then with what is wrong."""
    page = render_template(template, form=form, center=found, **more)
    return page, 200 if request.method == "GET" else 422


def _offer(form: PlaceForm) -> None:
    surveys, services = queries.offered_surveys(db.session), queries.offered_services(db.session)
    offer(form, surveys, services, wording(current_language()))


def _reader(found: Center) -> dict[str, Any]:
    return {
        "may_manage": holds(current_user, found, "manager"),
        "may_manage_all": holds_everywhere(current_user, "manager"),
    }


def _back_to(touchpoint_id: int) -> ResponseReturnValue:
    return redirect(url_for("network.place", touchpoint_id=touchpoint_id), 303)


def _address() -> str:
    address: str = current_app.extensions["settings"].address
    return address


def _say_tickets_taken() -> str:
    return str(_("This center has a place for its visit tickets already. Retire that one first."))


def _ago(now: datetime) -> Callable[[datetime], str]:
    """Says how long before now something was: "3 minutes ago"."""

    def ago(instant: datetime) -> str:
        return str(format_timedelta(instant - now, granularity="minute", add_direction=True))

    return ago


def _span(length: timedelta) -> str:
    """A length of time in words, whichever way it points."""
    return str(format_timedelta(abs(length), granularity="minute", threshold=1.5))
