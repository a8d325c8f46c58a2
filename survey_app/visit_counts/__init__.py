"""The one way in for people served: what a valid line is, and what is stored of it.

The room `visits` (files) and the API (JSON) both come through here.
"""

from survey_app.visit_counts.checking import (
    Checked,
    GroupLine,
    KnownCenter,
    Line,
    Network,
    Problem,
    check_groups,
    check_lines,
)
from survey_app.visit_counts.recording import (
    PROBLEMS_KEPT,
    Delivery,
    Outcome,
    build_import,
    load_network,
    note_import,
    record,
)

__all__ = [
    "PROBLEMS_KEPT",
    "Checked",
    "Delivery",
    "GroupLine",
    "KnownCenter",
    "Line",
    "Network",
    "Outcome",
    "Problem",
    "build_import",
    "check_groups",
    "check_lines",
    "load_network",
    "note_import",
    "record",
]
