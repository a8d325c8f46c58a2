"""What every report's files have in common: a page printed as PDF once, the JSON of a value."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import current_app

from survey_app.config import ROOT
from survey_app.models import NetworkReport, Report
from survey_app.version import APP_VERSION

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STATIC = ROOT / "survey_app" / "static"
FONTS = STATIC / "fonts"

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}


def chart_address(name: str) -> str:
    """Where a printed page finds a chart."""
    return f"charts/{name}.svg"


def print_pdf(html: str, charts: Mapping[str, "Figure"]) -> bytes:
    """A page with its charts (by name, at `chart_address`) as PDF, in the reports' style."""
    from analysis import pdf

    placed = {chart_address(name): figure for name, figure in charts.items()}
    style = (STATIC / "css" / "report.css").read_text(encoding="utf-8")
    return pdf.render_pdf(html, {}, FONTS, placed, style)


def kept_pdf(row: Report | NetworkReport, language: str, print_it: Callable[[], bytes]) -> bytes:
    """A row's PDF: printed the first time, kept for the next.

    It takes a second of work, and neither the frozen value nor this version of the code can change.
    """
    folder: Path = current_app.extensions["settings"].data_dir / "rendered"
    moment = int(row.published_at.timestamp())
    kept = folder / f"{row.digest.hex()[:32]}-{moment}-{APP_VERSION}-{language}.pdf"
    if not kept.exists():
        body = print_it()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whole or not at all: another thread or process may be reading or writing it too.
        draft = kept.with_suffix(f".{uuid4().hex}")
        draft.write_bytes(body)
        draft.replace(kept)
    return kept.read_bytes()


def to_json(plain: dict[str, Any]) -> bytes:
    """A value as JSON that people can read, keys sorted."""
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=1).encode()
