"""From counts and comments to a report: a pure library.

No Flask, no database, no clock, no environment. Importing it is cheap; matplotlib, WeasyPrint,
XlsxWriter and TextBlob are imported by the modules that use them (`analysis.charts`,
`analysis.pdf`, `analysis.xlsx`, `analysis.sentiment`), never from here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from analysis.building import build_report
from analysis.months import Month
from analysis.report import ReportInputs, SatisfactionReport
from analysis.tally import ScoreTally

if TYPE_CHECKING:
    from analysis.reading import CommentReading, read_comment

__all__ = [
    "CommentReading",
    "Month",
    "ReportInputs",
    "SatisfactionReport",
    "ScoreTally",
    "build_report",
    "read_comment",
]


def __getattr__(name: str) -> Any:
    """The comment reader is loaded on first use: it brings its lexicons and its model."""
    if name in ("CommentReading", "read_comment"):
        return getattr(import_module("analysis.reading"), name)
    raise AttributeError(f"module 'analysis' has no attribute {name!r}")
