"""Reading the structures' years: for those who see every center, and nobody else."""

from flask import render_template
from flask_security import current_user

from analysis.structure_sentences import StructureText
from survey_app.access import demand_network
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.i18n import wording
from survey_app.reports.addresses import asked_language
from survey_app.reports.structures import find_structures
from survey_app.reports.views import blueprint


@blueprint.get("/structures/")
def structures() -> str:
    """The structures of the coordination centre, one row each."""
    demand_network(current_user)
    text = StructureText(wording(asked_language()))
    found = find_structures(db.session)
    return render_template("reports/structures.html", found=found, text=text)


@blueprint.get("/structures/<code>")
def structure(code: str) -> str:
    """Twelve months of one structure; it names no other."""
    demand_network(current_user)
    text = StructureText(wording(asked_language()))
    found = find_structures(db.session)
    for year in found.years if found else ():
        if year.code == code:
            return render_template("reports/structure.html", found=found, structure=year, text=text)
    raise NotFound
