"""The pen: sizes, colours, axes and labels that every chart shares, and a picture's bytes."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.control import FUNNEL_LEVELS, funnel_limits
from analysis.estimates import MINIMUM_BASE, Estimate
from analysis.wording import Wording

INK, MUTED, LINE = "#17211F", "#4A5551", "#D9D6CC"
ACCENT, ALARM, BAND, GREY = "#0B5D57", "#9C1F36", "#BFD9D3", "#8A928E"
SCORE_COLOURS = ("#8C3B12", "#D9975B", "#BDB7A6", "#6FB7A8", "#0B6B62")
COMPLAINT, PRAISE = SCORE_COLOURS[0], SCORE_COLOURS[4]
#: Text width of the A4 report in inches; on the web the picture scales with its column.
WIDTH = 6.85
SEMIBOLD = 600

_STYLE: dict[Any, Any] = {
    "font.size": 8.5,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.facecolor": "none",
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.unicode_minus": False,
    "figure.facecolor": "none",
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "svg.fonttype": "none",
    "svg.hashsalt": "rey",
    "path.simplify": False,
    "text.parse_math": False,  # a $ in a service's name is a dollar, not a formula
}
# matplotlib's settings belong to the process; two threads must not change them at once.
_DRAWING = threading.RLock()


@cache
def _families(fonts: Path | None) -> tuple[str, ...]:
    """Register Noto Sans from a folder of TTF files; the font families to write with."""
    faces = [
        (path, "Noto Sans", SEMIBOLD if "SemiBold" in path.name else 400)
        for path in sorted(fonts.glob("*.ttf") if fonts else ())
    ]
    # matplotlib's own face, for a letter ours lacks, has no such weight: its bold stands in.
    own = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
    for path, name, weight in (*faces, (own, "DejaVu Sans", SEMIBOLD)):
        entry = font_manager.FontEntry(
            fname=str(path), name=name, weight=weight, stretch="normal", size="scalable"
        )
        font_manager.fontManager.ttflist.insert(0, entry)
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return ("Noto Sans", "DejaVu Sans") if "Noto Sans" in known else ("DejaVu Sans",)


@contextmanager
def in_style(fonts: Path | None) -> Iterator[None]:
    """Within it figures are made in the report's style, and by one thread at a time.

    `fonts` is the folder with NotoSans-Regular.ttf and NotoSans-SemiBold.ttf; without it
    matplotlib's own face is used.
    """
    with _DRAWING, mpl.rc_context({**_STYLE, "font.family": list(_families(fonts))}):
        yield


def to_bytes(figure: Figure, title: str, format: Literal["svg", "png"]) -> bytes:  # noqa: A002
    """The picture as a file, to be called within `in_style`; equal figures give equal bytes.

    PNG is drawn at 200 dots an inch on white; only an SVG carries its title.
    """
    target = io.BytesIO()
    if format == "svg":
        metadata = {"Date": None, "Creator": None, "Title": title}
        figure.savefig(target, format="svg", metadata=metadata)
    else:
        figure.savefig(target, format="png", dpi=200, facecolor="white")
    return target.getvalue()


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """An empty picture, its size in inches."""
    return Figure(figsize=(width, height))


def add_axes(figure: Figure, left: float, bottom: float, right: float = 0, top: float = 0) -> Axes:
    """Axes at fixed margins, in inches."""
    width, height = figure.get_size_inches()
    place = (
        left / width,
        bottom / height,
        (width - left - right) / width,
        (height - bottom - top) / height,
    )
    return figure.add_axes(place)


def share_floor(lows: Sequence[float]) -> float:
    """Where a share axis begins: at a multiple of 5 points, 2 or more below the lowest share."""
    return max(0.0, int((min(lows, default=0.0) - 0.02) * 20) / 20)


def draw_share_axis(axis: Any, limits: tuple[float, float], wording: Wording) -> None:
    """Few ticks, in percent, with hairlines, on an x or y axis that runs between two shares."""
    low, high = limits
    step = next(s for s in (0.02, 0.05, 0.1, 0.2, 0.25) if (high - low) / s <= 5)
    first = -(-round(low / step, 6) // 1)
    ticks = [n * step for n in range(int(first), int(high / step + 1e-9) + 1)]
    axis.set_ticks(ticks, [wording.percent(round(tick, 4)) for tick in ticks])
    axis.grid(True, color=LINE, linewidth=0.6)
    axis.axes.set_axisbelow(True)


def label_beside(
    axes: Axes, x: float, y: float, label: str, *, left: bool = False, **style: Any
) -> None:
    """A label just left or right of a place."""
    axes.annotate(
        label, (x, y), xytext=(-7 if left else 6, 0), textcoords="offset points",
        ha="right" if left else "left", va="center", annotation_clip=False,
        **{"color": INK, **style},
    )  # fmt: skip


def label_right_of(axes: Axes, y: float, words: str, edge: float, **style: Any) -> None:
    """Words right of the axes that end at a column's edge, `edge` points from the axes."""
    axes.annotate(
        words, (1, y), xycoords=("axes fraction", "data"), xytext=(edge, 0),
        textcoords="offset points", ha="right", annotation_clip=False,
        **{"va": "center", "color": INK, **style},
    )  # fmt: skip


def label_ends(axes: Axes, labels: Sequence[tuple[float, str, int]]) -> None:
    """Labels right of the axes at the height of what they name, pushed apart where they touch.

    A label is its height on the axis, its words and their weight.
    """
    low, high = axes.get_ylim()
    room = 9.5 * (high - low) / (axes.get_window_extent().height * 72 / axes.figure.dpi)
    below = high + room
    for value, words, weight in sorted(labels, reverse=True):
        y = min(value, below - room)
        axes.annotate(
            words, (1, y), xycoords=("axes fraction", "data"), xytext=(5, 0),
            textcoords="offset points", va="center", size=7.5, color=MUTED, weight=weight,
            annotation_clip=False,
        )  # fmt: skip
        below = y


def draw_interval(axes: Axes, y: float, estimate: Estimate, colour: str) -> None:
    """The interval of a share or a difference as a bar through row `y`; its value is not drawn."""
    axes.hlines(y, estimate.low or 0, estimate.high or 0, color=colour, linewidth=1.6, alpha=0.55)


def funnel_sizes(most: int) -> list[int]:
    """Numbers of ratings at which the curves are drawn: dense where they bend."""
    steps = 28
    last = max(most * 1.04, MINIMUM_BASE + 1)
    growth = (last / MINIMUM_BASE) ** (1 / steps)
    return sorted({round(MINIMUM_BASE * growth**step) for step in range(steps + 1)})


def draw_funnel_curves(
    axes: Axes, center_line: float, dispersion: float, sizes: Sequence[int]
) -> tuple[float, ...]:
    """The curves of chance around a center line, over these numbers of ratings; the outer unbroken.

    Gives the shares at which the lower curves end, in the order of FUNNEL_LEVELS. The limits are
    those of `analysis.control.funnel_limits`.
    """
    ends = []
    for level, dashes in zip(FUNNEL_LEVELS, ((3, 2), (1, 0)), strict=True):
        limits = [funnel_limits(center_line, n, level, dispersion) for n in sizes]
        for heights in ([each.low for each in limits], [each.high for each in limits]):
            axes.plot(sizes, heights, color=GREY, linewidth=0.9, dashes=dashes)
        ends.append(limits[-1].low)
    return tuple(ends)
