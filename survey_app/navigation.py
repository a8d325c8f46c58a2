"""The places a signed-in person can go to: the rail of every staff page."""

from typing import Any

from flask import Flask, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from survey_app.access import centers_for
from survey_app.contacts import count_waiting
from survey_app.extensions import db


def init_app(app: Flask) -> None:
    """Give templates `navigation` and `account`."""

    @app.context_processor
    def places() -> dict[str, Any]:
        # A letter is written by a job, where there is no current user at all.
        if not current_user or not current_user.is_authenticated:
            return {"navigation": [], "account": []}
        return {"navigation": _navigation(), "account": _account()}


def _navigation() -> list[dict[str, Any]]:
    room = request.blueprint
    places = [
        {
            "label": _("Reports"),
            "url": url_for("reports.index"),
            "icon": "report",
            "current": room == "reports",
        }
    ]
    centers = centers_for(db.session, current_user)
    # Who sees several centers goes to each one's running month from the list of reports.
    if len(centers) == 1:
        places.append(
            {
                "label": _("This month"),
                "url": url_for("dashboard.center", slug=centers[0].slug),
                "icon": "now",
                "current": room == "dashboard",
            }
        )
    places.append(
        {
            "label": _("Visits"),
            "url": url_for("visits.index"),
            "icon": "people",
            "current": room == "visits",
        }
    )
    places.append(
        {
            "label": _("Places"),
            "url": url_for("network.index"),
            "icon": "points",
            "current": room == "network",
        }
    )
    places.append(
        {
            "label": _("Integrity"),
            "url": url_for("integrity.index"),
            "icon": "audit",
            "current": room == "integrity",
        }
    )
    managed = centers_for(db.session, current_user, "manager")
    if managed:
        waiting = count_waiting(db.session, managed)
        places.append(
            {
                "label": _("Answers (%(count)s)", count=waiting) if waiting else _("Answers"),
                "url": url_for("cases.index"),
                "icon": "cases",
                "current": room == "cases",
            }
        )
    return places


def _account() -> list[tuple[str, str]]:
    return [
        (_("Password"), url_for("security.change_password")),
        (_("Two-step sign-in"), url_for("security.two_factor_setup")),
        (_("Passkeys"), url_for("security.wan_register")),
        (_("Recovery codes"), url_for("security.mf_recovery_codes")),
    ]
