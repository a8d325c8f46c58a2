"""The network's charts: centers side by side, their channels, their funnel; in the report's style.

Headline, trend and scores are drawn as in a center's report.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from analysis import charts
from analysis.control import FUNNEL_LEVELS
from analysis.drawing import (
    ACCENT,
    COMPLAINT,
    GREY,
    INK,
    MUTED,
    SEMIBOLD,
    add_axes,
    draw_funnel_curves,
    draw_interval,
    draw_share_axis,
    funnel_sizes,
    in_style,
    label_beside,
    label_ends,
    label_right_of,
    new_figure,
    share_floor,
    to_bytes,
)
from analysis.estimates import Estimate
from analysis.network import CenterLine, NetworkReport
from analysis.network_sentences import NetworkText
from analysis.report import FunnelPoint
from analysis.wording import Wording

#: Letters of a center's name: before it goes on in a second line beside a picture, and within one.
_BESIDE, _WITHIN = 30, 48
#: Inches of a center's row and of the column of names.
_ROW, _NAMES = 0.32, 2.0
#: Points from line to line of a name.
_LINE = 9
#: More centers than this are named only where they lie outside the funnel.
_NAMED = 12
#: How far above or below its point a name may stand, in points of type, the best first.
_LIFTS = (0, *(side * row for row in (10, 19, 28, 37, 46, 55, 64) for side in (1, -1)))


def _drawn_as_a_centers(name: str) -> Callable[[NetworkText], Figure]:
    def draw(text: NetworkText) -> Figure:
        return charts.CHARTS[name](text.report, text.w)

    return draw


def draw_centers(text: NetworkText) -> Figure:
    """Dot and interval of each center, in their order; all together as a dashed line."""
    shares = [center.satisfied for center in text.network.centers]
    figure = new_figure(len(shares) * _ROW + 0.42)
    axes = add_axes(figure, _NAMES, 0.3, 1.05, 0.1)
    _center_rows(axes, text, [e.low for e in shares])
    for y, (center, estimate) in enumerate(zip(text.network.centers, shares, strict=True)):
        apart = center in text.apart
        low = apart and center.against_rest.verdict == "down"
        colour = (COMPLAINT if low else ACCENT) if apart else GREY
        _dot(axes, y, estimate, colour, "D" if low else "o")
        weight = SEMIBOLD if apart else 400
        label_beside(axes, 1.005, y, text.cell(estimate), weight=weight)
    return figure


def draw_channels(text: NetworkText) -> Figure:
    """Tablets and QR code of each center, one above the other, their figures in two columns."""
    centers = text.network.centers
    figure = new_figure(len(centers) * _ROW + 0.62)
    axes = add_axes(figure, _NAMES, 0.3, 1.95, 0.3)
    _center_rows(axes, text, [e.low for c in centers for e in (c.tablet, c.qr)])
    columns = (("tablet", "o", ACCENT, 62), ("qr", "D", COMPLAINT, 130))
    for channel, mark, colour, edge in columns:
        head = textwrap.wrap(text.channel(channel), 16)
        _lines(axes, (1.005, -0.5), head, across=edge, middle=10, color=colour, weight=SEMIBOLD)
        for y, center in enumerate(centers):
            estimate: Estimate = getattr(center, channel)
            _dot(axes, y + (0.14 if channel == "qr" else -0.14), estimate, colour, mark)
            label_right_of(axes, y, text.cell(estimate), edge, size=7.5)
    return figure


def _center_rows(axes: Axes, text: NetworkText, lows: Sequence[float | None]) -> None:
    """A row a center with its name, an axis of shares, and the network's share."""
    centers = text.network.centers
    floor = share_floor([low for low in lows if low is not None])
    axes.set(xlim=(floor, 1.005), ylim=(len(centers) - 0.5, -0.5), yticks=[])
    draw_share_axis(axes.xaxis, (floor, 1.0), text.w)
    if text.network.satisfied.value is not None:
        axes.axvline(text.network.satisfied.value, color=MUTED, linewidth=0.9, dashes=(4, 3))
    for y, center in enumerate(centers):
        name = textwrap.wrap(text.center_name(center), _BESIDE)
        _lines(axes, (floor, y), name, across=-7, middle=0)


def _lines(
    axes: Axes, at: tuple[float, float], lines: Sequence[str], across: float, middle: float,
    **style: Any,
) -> None:  # fmt: skip
    """Lines that end `across` points right of a place, their middle so far above it.

    Each is a text of its own, which a browser aligns at its end whatever font it has.
    """
    for number, words in enumerate(lines):
        up = middle + _LINE * ((len(lines) - 1) / 2 - number)
        axes.annotate(
            words, at, xytext=(across, up), textcoords="offset points", ha="right", va="center",
            annotation_clip=False, **{"size": 7.5, "color": INK, **style},
        )  # fmt: skip


def _dot(axes: Axes, y: float, estimate: Estimate, colour: str, mark: str) -> None:
    """A share with its interval; nothing where it is not known."""
    if estimate.value is None:
        return
    draw_interval(axes, y, estimate, colour)
    size = 4.2 if mark == "D" else 5
    axes.plot([estimate.value], [y], mark, color=colour, markersize=size, clip_on=False)


def draw_funnel(text: NetworkText) -> Figure:
    """Every center by its ratings and share against the curves of chance, named."""
    figure = new_figure(3.6)
    axes = add_axes(figure, 0.5, 0.42, 0.62, 0.1)
    line, dispersion = text.network.funnel_line, text.network.dispersion
    if line is None:
        axes.axis("off")
        return figure
    points = [_point(center) for center in text.network.centers if center.satisfied.known]
    sizes = funnel_sizes(max(point.base for point in points))
    # Where the curves begin they fall far below every center: the picture need not follow them.
    floor = share_floor([point.share - 0.01 for point in points])
    axes.set(xlim=(0, sizes[-1]), ylim=(floor, 1.0))
    draw_share_axis(axes.yaxis, (floor, 1.0), text.w)
    axes.yaxis.grid(visible=False)
    ticks = [int(t) for t in axes.get_xticks() if 0 <= t <= sizes[-1] and t == int(t)]
    axes.set_xticks(ticks, [text.w.number(t) for t in ticks])
    axes.set_xlabel(text.captions.ratings, size=8, labelpad=1)
    inner, outer = draw_funnel_curves(axes, line, dispersion, sizes)
    axes.plot([0, sizes[-1]], [line, line], color=MUTED, linewidth=0.9)
    ends = [
        (line, text.w.percent(line), SEMIBOLD),
        (inner, text.w.percent(FUNNEL_LEVELS[0]), 400),
        (outer, text.w.percent(FUNNEL_LEVELS[1], 1), 400),
    ]
    label_ends(axes, ends)
    _points(axes, points, text)
    return figure


def _point(center: CenterLine) -> FunnelPoint:
    share = center.satisfied
    return FunnelPoint(center.slug, share.base, share.value or 0.0, center.place)


def _points(axes: Axes, points: Sequence[FunnelPoint], text: NetworkText) -> None:
    """Those outside strong and named first; those inside grey, and named while they are few."""
    names = {center.slug: text.center_name(center) for center in text.network.centers}
    taken = [_room_of(axes, point) for point in points]
    for point in sorted(points, key=lambda p: (p.place == "inside", p.share, p.code)):
        inside, low = point.place == "inside", point.place.startswith("below")
        colour = GREY if inside else COMPLAINT if low else ACCENT
        mark = "D" if low else "o"
        axes.plot([point.base], [point.share], mark, color=colour, markersize=5.5, clip_on=False)
        if not inside or len(points) <= _NAMED:
            name = textwrap.shorten(names[point.code], _WITHIN, placeholder=" …")
            _name(axes, point, name, taken)


def _room_of(axes: Axes, point: FunnelPoint) -> Bbox:
    """The room a point's mark takes, in pixels."""
    x, y = axes.transData.transform((point.base, point.share))
    return Bbox.from_extents(x - 6, y - 6, x + 6, y + 6)


def _name(axes: Axes, point: FunnelPoint, name: str, taken: list[Bbox]) -> None:
    """Write the name at the first free place beside its point, off the curves if there is one."""
    at, within = (point.base, point.share), axes.get_window_extent()
    places = [(across, up) for up in _LIFTS for across in (-9, 9)]
    for off_curves, (across, up) in product((True, False), places):
        label = axes.annotate(
            name, at, xytext=(across, up), textcoords="offset points", size=7,
            ha="left" if across > 0 else "right", va="center", annotation_clip=False,
        )  # fmt: skip
        box = label.get_window_extent()
        inside = within.x0 <= box.x0 and box.x1 <= within.x1 and within.y0 <= box.y0
        free = inside and box.y1 <= within.y1 and not any(box.overlaps(each) for each in taken)
        if free and not (off_curves and _is_crossed(axes, box)):
            taken.append(box)
            if up:
                hair = {"arrowstyle": "-", "color": GREY, "linewidth": 0.5, "shrinkA": 0}
                axes.annotate(
                    "", at, xytext=(across, up), textcoords="offset points", arrowprops=hair
                )
            return
        label.remove()


def _is_crossed(axes: Axes, box: Bbox) -> bool:
    """Whether a curve or the center line runs through a box given in pixels."""
    (left, bottom), (right, top) = axes.transData.inverted().transform(box)
    across = np.linspace(left, right, 12)
    curves = [np.asarray(line.get_xydata()) for line in axes.lines]
    heights = np.array(
        [np.interp(across, curve[:, 0], curve[:, 1]) for curve in curves if len(curve) > 1]
    )
    return bool(np.any((heights > bottom) & (heights < top)))


CHARTS: Mapping[str, Callable[[NetworkText], Figure]] = {
    "headline": _drawn_as_a_centers("headline"),
    "trend_small": _drawn_as_a_centers("trend_small"),
    "centers": draw_centers,
    "channels": draw_channels,
    "funnel": draw_funnel,
    "trend": _drawn_as_a_centers("trend"),
    "distribution": _drawn_as_a_centers("distribution"),
}


def draw(network: NetworkReport, name: str, wording: Wording, fonts: Path | None = None) -> Figure:
    """One chart as a figure in the report's style; KeyError for an unknown chart.

    `fonts` as in `analysis.charts.draw`.
    """
    with in_style(fonts):
        return CHARTS[name](NetworkText(network, wording))


def render_chart(
    network: NetworkReport,
    name: str,
    wording: Wording,
    format: Literal["svg", "png"] = "svg",  # noqa: A002
    fonts: Path | None = None,
) -> bytes:
    """One chart as bytes; the same bytes for the same report, language and fonts.

    PNG is drawn at 200 dots an inch on white. `fonts` and errors as in `draw`.
    """
    text = NetworkText(network, wording)
    with in_style(fonts):
        figure = CHARTS[name](text)
        return to_bytes(figure, text.captions.title(name), format)
