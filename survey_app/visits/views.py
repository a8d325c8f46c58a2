"""Visit counts in a browser: which days are missing, handing in a file, what became of it."""

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from analysis.months import Month
from survey_app.access import center_for, centers_for, visit_import_for
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.i18n import current_language, wording
from survey_app.models import Center, VisitImport
from survey_app.visit_counts import Delivery, load_network
from survey_app.visits.downloads import blank_days, blank_groups, blank_hours, rejected_lines
from survey_app.visits.files import FILE_LIMIT, UnusableFile, open_file, printable
from survey_app.visits.forms import ImportForm
from survey_app.visits.importing import check_file, import_checked
from survey_app.visits.queries import (
    deliveries_for,
    earlier_import,
    load_coverage,
    recent_imports,
    service_codes,
)
from survey_app.visits.words import FILES, LINES, NOTES, say_file

blueprint = Blueprint("visits", __name__, url_prefix="/visits")

# The file, and what a browser puts around it.
_BODY_LIMIT = FILE_LIMIT + 64 * 1024
# A file to fill in has at most so many days.
_BLANK_DAYS = 5


@blueprint.url_value_preprocessor
def allow_a_file(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Let somebody who signed in send a file.

    It must be said before anything else looks at the request: the check for a CSRF token
    reads the whole form. Whether the session still holds is asked after that.
    """
    if request.endpoint == "visits.receive" and "_user_id" in session:
        request.max_content_length = _BODY_LIMIT


@blueprint.errorhandler(RequestEntityTooLarge)
def say_too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """A file beyond the limit, which is refused before it is known who sends it."""
    words = {"title": _("That was too much to send"), "advice": FILES["too_large"]}
    return render_template("errors/page.html", status=413, **words), 413


@blueprint.get("/")
def index() -> str:
    """Every center the reader may see, what is missing, and the form for a file."""
    return _index(ImportForm() if centers_for(db.session, current_user, "manager") else None)


@blueprint.post("/")
def receive() -> ResponseReturnValue:
    """Take a file, or tell what would become of it."""
    centers = centers_for(db.session, current_user, "manager")
    if not centers:
        raise NotFound
    form = ImportForm()
    if not form.validate():
        return _index(form), 422
    try:
        row = _import(form, centers)
    except UnusableFile as problem:
        form.file.errors = [say_file(problem.reason, problem.detail)]
        return _index(form), 422
    if not form.store.data:
        return _tell(row)
    db.session.commit()
    return redirect(url_for("visits.show_import", number=row.id), 303)


def _import(form: ImportForm, centers: list[Center]) -> VisitImport:
    now = datetime.now(UTC)
    network = load_network(db.session, centers, now)
    upload = form.file.data
    user_id = current_user.id
    # Reading a large file takes seconds, in which nobody shall wait for the database.
    db.session.commit()
    file = open_file(upload.stream)
    checked = check_file(file, network)
    name = printable(upload.filename or "")
    delivery = Delivery("web", name, file.digest, user_id=user_id)
    store = bool(form.store.data)
    return import_checked(db.session, file, checked, delivery, now, store=store)


@blueprint.get("/imports/<int:number>")
def show_import(number: int) -> str:
    """What became of a file."""
    return _tell(visit_import_for(db.session, current_user, number))


@blueprint.get("/imports/<int:number>/rejected.csv")
def rejected(number: int) -> Response:
    """The rejected lines of a file, to be put right."""
    row = visit_import_for(db.session, current_user, number)
    return _download(rejected_lines(row, current_language()), f"rey-rejected-{row.id}.csv")


@blueprint.get("/<slug>/")
def center(slug: str) -> str:
    """A center's last three months day by day, and who brought counts lately."""
    found = center_for(db.session, current_user, slug)
    (coverage,) = load_coverage(db.session, [found], datetime.now(UTC))
    return render_template(
        "visits/center.html",
        center=found,
        coverage=coverage,
        deliveries=deliveries_for(db.session, found),
        w=wording(current_language()),
        has_groups=bool(load_network(db.session, [found], datetime.now(UTC)).groups),
    )


@blueprint.get("/<slug>/blank-<form>.csv")
def blank(slug: str, form: str) -> Response:
    """A file to fill in: the missing days, their hours, or the groups of the last month."""
    found = center_for(db.session, current_user, slug)
    now, language = datetime.now(UTC), current_language()
    network = load_network(db.session, [found], now)
    known = network.centers[found.slug.lower()]
    (coverage,) = load_coverage(db.session, [found], now)
    days = coverage.missing[-_BLANK_DAYS:] or [coverage.last_counted or known.today]
    if form == "days":
        text = blank_days(found.slug, days, service_codes(db.session), language)
    elif form == "hours":
        text = blank_hours(found.slug, known, days, service_codes(db.session), language)
    elif form == "groups":
        month = Month.of(known.today).previous()
        text = blank_groups(found.slug, month, network.groups, language)
    else:
        raise NotFound
    return _download(text, f"rey-{found.slug}-{form}.csv")


def _index(form: ImportForm | None) -> str:
    centers = centers_for(db.session, current_user)
    return render_template(
        "visits/index.html",
        form=form,
        rows=load_coverage(db.session, centers, datetime.now(UTC)),
        imports=recent_imports(db.session, current_user),
    )


def _tell(row: VisitImport) -> str:
    centers = centers_for(db.session, current_user)
    return render_template(
        "visits/import.html",
        row=row,
        is_stored=row.id is not None,
        rejected=[each for each in row.problems if each["reason"] not in NOTES],
        notes=[each for each in row.problems if each["reason"] in NOTES],
        words=LINES,
        earlier=earlier_import(db.session, row),
        time_zone=centers[0].time_zone if centers else "UTC",
    )


def _download(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="text/csv", headers=headers)
