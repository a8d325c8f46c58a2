"""The report's charts: report → matplotlib Figure → SVG or PNG, drawn with `analysis.drawing`.

One code for web and PDF. Text stays text in the SVG, axes have fixed places (constrained layout
costs half as much again), equal reports give equal bytes. Titles and alt texts are not drawn: they
stand in the page, where they wrap and can be read aloud (`analysis.captions`).
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from analysis.control import FUNNEL_LEVELS, ControlChart
from analysis.drawing import (
    ACCENT,
    ALARM,
    BAND,
    COMPLAINT,
    GREY,
    INK,
    LINE,
    MUTED,
    PRAISE,
    SCORE_COLOURS,
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
from analysis.drivers import DriverEffect
from analysis.estimates import Estimate
from analysis.report import Funnel, FunnelPoint, SatisfactionReport
from analysis.sentences import ReportText
from analysis.wording import Wording


def draw_headline(report: SatisfactionReport, wording: Wording) -> Figure:
    """The interval as a bar drawn to scale between nobody and everybody."""
    figure = new_figure(0.62, 3.2)
    axes = add_axes(figure, 0, 0.22, 0, 0.2)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")
    axes.add_patch(Rectangle((0, 0.3), 1, 0.4, color=LINE, linewidth=0))
    share = report.headline.satisfied
    if share.value is not None and share.low is not None and share.high is not None:
        axes.add_patch(Rectangle((0, 0.3), share.value, 0.4, color=BAND, linewidth=0))
        axes.add_patch(
            Rectangle((share.low, 0), share.high - share.low, 1, color=ACCENT, linewidth=0)
        )
        right = share.value > 0.5
        axes.annotate(
            ReportText(report, wording).interval(share),
            (share.high if right else share.low, 1),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right" if right else "left",
            weight=SEMIBOLD,
            color=ACCENT,
            annotation_clip=False,
        )
    for place, align in ((0.0, "left"), (1.0, "right")):
        axes.annotate(
            wording.percent(place), (place, 0), xytext=(0, -4), textcoords="offset points",
            ha=align, va="top", color=MUTED, size=7.5, annotation_clip=False,
        )  # fmt: skip
    return figure


def draw_trend(report: SatisfactionReport, wording: Wording) -> Figure:
    """13 months: line, points, the band of the intervals, control limits and breaks."""
    figure = new_figure(2.2)
    axes = add_axes(figure, 0.5, 0.42, 0.55, 0.26)
    lows = [p.low for p in report.control.points if p.low is not None] if report.control else []
    _trend(axes, report, wording, lows=lows, every=1)
    if report.control is not None:
        _control_limits(axes, report.control, len(report.trend), report, wording)
    _breaks(axes, report, wording)
    return figure


def draw_trend_small(report: SatisfactionReport, wording: Wording) -> Figure:
    """The trend for the first page, small: breaks are lines that the judgement explains."""
    figure = new_figure(1.5, 3.2)
    axes = add_axes(figure, 0.45, 0.4, 0.5, 0.1)
    _trend(axes, report, wording, lows=(), every=6)
    for place in _break_places(report):
        axes.axvline(place, color=MUTED, linewidth=0.9, dashes=(4, 3))
    return figure


def _control_limits(
    axes: Axes, control: ControlChart, months: int, report: SatisfactionReport, wording: Wording
) -> None:
    """The limits as steps a month wide; a month beyond them as a diamond."""
    captions = ReportText(report, wording).captions
    places = range(months - len(control.points), months)
    known = [(x, p) for x, p in zip(places, control.points, strict=True) if p.share is not None]
    for side, label in (("high", captions.upper_limit), ("low", captions.lower_limit)):
        values = [getattr(point, side) for _, point in known]
        # A step reaches half a month to either side of its point.
        edges = [x + half for x, _ in known for half in (-0.5, 0.5)]
        axes.plot(edges, [v for v in values for _ in range(2)], color=GREY, linewidth=0.9)
        up = side == "high"
        axes.annotate(
            label, (edges[0], values[0]), xytext=(0, 3 if up else -3), textcoords="offset points",
            ha="left", va="bottom" if up else "top", size=7, color=MUTED, annotation_clip=False,
        )  # fmt: skip
    for x, point in known:
        if point.signal in ("above", "below"):
            colour = COMPLAINT if point.signal == "below" else ACCENT
            axes.plot([x], [point.share or 0], "D", color=colour, markersize=7, zorder=5)


def _break_places(report: SatisfactionReport) -> list[float]:
    """Where the breaks lie on the axis of months, each half a month before its first month."""
    months = [figure.month for figure in report.trend]
    return [months.index(found.month) - 0.5 for found in report.breaks if found.month in months]


def _breaks(axes: Axes, report: SatisfactionReport, wording: Wording) -> None:
    """A dashed line a break, its label over the picture: to the left of a late one."""
    captions = ReportText(report, wording).captions
    at_month: dict[float, list[str]] = {}
    shown = [b for b in report.breaks if b.month >= report.trend[0].month]
    for place, found in zip(_break_places(report), shown, strict=True):
        at_month.setdefault(place, []).append(captions.break_label(found.kind, found.after))
    for number, (place, labels) in enumerate(sorted(at_month.items())):
        axes.axvline(place, color=MUTED, linewidth=0.9, dashes=(4, 3))
        late = place > len(report.trend) / 2
        axes.annotate(
            ", ".join(labels), (place, 1), xycoords=("data", "axes fraction"),
            xytext=(0, 3 + 9 * (number % 2)), textcoords="offset points", size=7,
            ha="right" if late else "left", color=MUTED, annotation_clip=False,
        )  # fmt: skip


def _trend(
    axes: Axes,
    report: SatisfactionReport,
    wording: Wording,
    *,
    lows: Sequence[float],
    every: int,
) -> None:
    text = ReportText(report, wording)
    known = [(x, m.satisfied) for x, m in enumerate(report.trend) if m.satisfied.known]
    floor = share_floor([*lows, *(e.low for _, e in known if e.low is not None)])
    axes.set(xlim=(-0.7, len(report.trend) - 0.4), ylim=(floor, 1.0))
    draw_share_axis(axes.yaxis, (floor, 1.0), wording)
    for run in _runs(known):
        places = [x for x, _ in run]
        axes.fill_between(
            places,
            [e.low or 0 for _, e in run],
            [e.high or 0 for _, e in run],
            color=BAND,
            linewidth=0 if len(run) > 1 else 4,
        )
        axes.plot(places, [e.value or 0 for _, e in run], color=ACCENT, linewidth=1.6)
    axes.plot(
        [x for x, _ in known], [e.value or 0 for _, e in known], "o", color=ACCENT, markersize=3.2
    )
    if known and known[-1][0] == len(report.trend) - 1:
        x, last = known[-1]
        axes.plot([x], [last.value or 0], "o", color=ACCENT, markersize=6)
        axes.annotate(
            text.share(last), (x, last.value or 0), xytext=(8, 0), textcoords="offset points",
            va="center", weight=SEMIBOLD, color=ACCENT, size=10, annotation_clip=False,
        )  # fmt: skip
    count = len(report.trend)
    shown = [x for x in range(count) if (count - 1 - x) % every == 0]
    axes.set_xticks(shown, [_month_tick(report, wording, x, x == shown[0]) for x in shown])


def _month_tick(report: SatisfactionReport, wording: Wording, place: int, first: bool) -> str:
    """Short month; the year beneath where a year begins."""
    month = report.trend[place].month
    year = f"\n{month.year}" if first or month.month == 1 or place == len(report.trend) - 1 else ""
    return wording.month_short(month) + year


def _runs(points: Sequence[tuple[int, Estimate]]) -> list[list[tuple[int, Estimate]]]:
    """Stretches of neighbouring months, so that no line crosses a month without a figure."""
    runs: list[list[tuple[int, Estimate]]] = []
    for x, estimate in points:
        if runs and runs[-1][-1][0] == x - 1:
            runs[-1].append((x, estimate))
        else:
            runs.append([(x, estimate)])
    return runs


def draw_distribution(report: SatisfactionReport, wording: Wording) -> Figure:
    """One bar a score, best on top, share and count beside it."""
    figure = new_figure(1.35)
    axes = add_axes(figure, 1.75, 0.06, 1.2, 0.06)
    text = ReportText(report, wording)
    parts = report.headline.distribution or (0.0,) * 5
    axes.set(xlim=(0, max(*parts, 0.01)), ylim=(0.4, 5.6))
    axes.axis("off")
    for score, (part, count) in enumerate(zip(parts, report.headline.tally.counts, strict=True), 1):
        axes.barh(score, part, height=0.72, color=SCORE_COLOURS[score - 1])
        label_beside(axes, 0, score, f"{text.score(score)}  {score}", left=True)
        if report.headline.distribution:
            label_beside(axes, part, score, f"{text.fraction(part)}  ({wording.number(count)})")
    return figure


def draw_funnel(report: SatisfactionReport, wording: Wording) -> Figure:
    """Every service by its ratings and share against the curves of chance; those outside named."""
    figure = new_figure(3.3)
    axes = add_axes(figure, 0.5, 0.42, 0.9, 0.1)
    funnel = report.funnel
    if funnel is None:
        axes.axis("off")
        return figure
    most = max(point.base for point in funnel.points)
    floor = share_floor([point.share - 0.02 for point in funnel.points])
    axes.set(xlim=(0, most * 1.04), ylim=(floor, 1.0))
    draw_share_axis(axes.yaxis, (floor, 1.0), wording)
    axes.yaxis.grid(visible=False)
    ticks = [int(t) for t in axes.get_xticks() if 0 <= t <= most and t == int(t)]
    axes.set_xticks(ticks, [wording.number(t) for t in ticks])
    captions = ReportText(report, wording).captions
    axes.annotate(
        captions.ratings, (0.5, 0), xycoords="axes fraction", xytext=(0, -24), size=8,
        textcoords="offset points", ha="center", color=MUTED, annotation_clip=False,
    )  # fmt: skip
    inner, outer = draw_funnel_curves(
        axes, funnel.center_line, funnel.dispersion, funnel_sizes(most)
    )
    axes.axhline(funnel.center_line, color=MUTED, linewidth=0.9)
    ends = [
        (funnel.center_line, captions.center_line(funnel.center_line), SEMIBOLD),
        (inner, wording.percent(FUNNEL_LEVELS[0]), 400),
        (outer, wording.percent(FUNNEL_LEVELS[1], 1), 400),
    ]
    label_ends(axes, ends)
    _funnel_points(axes, funnel, report, wording)
    return figure


#: Boxes as an array of (number, two corners, x and y), in pixels.
Spots = npt.NDArray[np.float64]
#: Where the name of a point may stand, in points from it, the best first.
_PLACES = [(side * 7, 0) for side in (1, -1)] + [
    (side * 9, lift * row) for row in (9, 18, 27, 36, 45) for lift in (1, -1) for side in (1, -1)
]
#: At most so many points are named; the others outside are in the table.
_NAMED = 8


def _funnel_points(
    axes: Axes, funnel: Funnel, report: SatisfactionReport, wording: Wording
) -> None:
    """Points inside small and grey; those outside strong, and named where there is room."""
    text = ReportText(report, wording)
    curves = np.concatenate([_along(line) for line in axes.lines])
    inside = [point for point in funnel.points if point.place == "inside"]
    axes.plot(
        [p.base for p in inside], [p.share for p in inside], "o", color=GREY, markersize=3.5,
        alpha=0.75, markeredgewidth=0, clip_on=False,
    )  # fmt: skip
    outside = sorted(
        (point for point in funnel.points if point.place != "inside"),
        key=lambda p: (not p.place.endswith("998"), p.share, p.code),
    )
    taken = [_spot(axes, point) for point in outside]
    shunned = np.concatenate([curves, *([_spot(axes, point)] for point in inside)])
    for number, point in enumerate(outside):
        low = point.place.startswith("below")
        axes.plot(
            [point.base], [point.share], "D" if low else "o",
            color=COMPLAINT if low else ACCENT, markersize=5.5, clip_on=False, zorder=4,
        )  # fmt: skip
        if number < _NAMED:
            name = textwrap.shorten(text.service(point.code), 46, placeholder=" …")
            _name_point(axes, point, name, taken, shunned)


def _spot(axes: Axes, point: FunnelPoint) -> Bbox:
    """The room a point's mark takes, in pixels."""
    x, y = axes.transData.transform((point.base, point.share))
    reach = 4.5 * axes.figure.dpi / 72
    return Bbox.from_extents(x - reach, y - reach, x + reach, y + reach)


def _along(line: Line2D) -> Spots:
    """The room a curve takes, in pixels: small boxes along it."""
    corners = line.get_transform().transform(line.get_xydata())
    steps = np.linspace(0, 1, 6, endpoint=False)[:, None, None]
    places = (corners[:-1] + (corners[1:] - corners[:-1]) * steps).reshape(-1, 2)
    return np.stack([places - 1, places + 1], axis=1)


def _name_point(
    axes: Axes, point: FunnelPoint, name: str, taken: list[Bbox], shunned: Spots
) -> None:
    """Write the name at the first place off what is `taken`, and off the curves and grey points if
    it can be, with a hair to its point if it is far; nowhere if there is no room."""
    room = axes.get_window_extent()
    at = (point.base, point.share)
    label = axes.annotate(
        name, at, xytext=(0, 0), textcoords="offset points", va="center", size=7,
        annotation_clip=False,
    )  # fmt: skip
    width, height = label.get_window_extent().size
    x, y = axes.transData.transform(at)
    scale = axes.figure.dpi / 72
    for across, up, strict in [(*p, True) for p in _PLACES] + [(*p, False) for p in _PLACES]:
        left = x + across * scale - (0 if across > 0 else width)
        middle = y + up * scale
        box = Bbox.from_bounds(left, middle - height / 2, width, height)
        if (
            _holds(room, box)
            and not box.count_overlaps(taken)
            and not (strict and box.count_overlaps(shunned))
        ):
            break
    else:
        label.remove()
        return
    taken.append(box)
    label.set(position=(across, up), ha="left" if across > 0 else "right")
    if up:
        hair = {"arrowstyle": "-", "color": GREY, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3}
        axes.annotate("", at, xytext=(across, up), textcoords="offset points", arrowprops=hair)


def _holds(room: Bbox, box: Bbox) -> bool:
    """Whether a box lies within another."""
    return bool(room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1)


def draw_channels(report: SatisfactionReport, wording: Wording) -> Figure:
    """Each channel, and beneath it its languages."""
    text = ReportText(report, wording)
    rows = []
    for channel in report.channels:
        rows.append((text.channel(channel.channel), channel.satisfied))
        rows += [
            (f"– {text.language(c.language or '')}", c.satisfied)
            for c in report.channel_languages
            if c.channel == channel.channel and c.satisfied.known
        ]
    return _dots(report, wording, rows)


def _dots(
    report: SatisfactionReport, wording: Wording, rows: Sequence[tuple[str, Estimate]]
) -> Figure:
    """Dot, interval and figure per row; the center's share as a dashed line."""
    text = ReportText(report, wording)
    figure = new_figure(max(len(rows), 1) * 0.21 + 0.45)
    axes = add_axes(figure, 1.9, 0.32, 1.0, 0.1)
    floor = share_floor([e.low for _, e in rows if e.low is not None])
    axes.set(xlim=(floor, 1.005), ylim=(max(len(rows), 1) - 0.5, -0.5), yticks=[])
    draw_share_axis(axes.xaxis, (floor, 1.0), wording)
    center = report.headline.satisfied.value
    if center is not None:
        axes.axvline(center, color=MUTED, linewidth=0.9, dashes=(4, 3))
    for y, (label, estimate) in enumerate(rows):
        label_beside(axes, floor, y, label, left=True, size=7.5)
        if estimate.value is None:
            label_beside(axes, floor, y, text.share(estimate), color=MUTED)
            continue
        draw_interval(axes, y, estimate, ACCENT)
        axes.plot([estimate.value], [y], "o", color=ACCENT, markersize=5, clip_on=False)
        label_beside(axes, 1.005, y, f"{text.share(estimate)}  ({text.base(estimate)})")
    return figure


def draw_drivers(report: SatisfactionReport, wording: Wording) -> Figure:
    """Effects around zero in points, with intervals; their weights in percent at the right."""
    effects = [effect for effect in report.drivers if effect.effect.difference.known]
    text = ReportText(report, wording)
    figure = new_figure(max(len(effects), 1) * 0.24 + 0.62)
    axes = add_axes(figure, 2.1, 0.32, 1.35, 0.3)
    reach = max(
        (abs(end or 0) for e in effects for end in (e.effect.difference.low,
                                                    e.effect.difference.high)),
        default=0.1,
    )  # fmt: skip
    axes.set(xlim=(-reach * 1.05, reach * 1.05), ylim=(max(len(effects), 1) - 0.5, -0.5), yticks=[])
    step = next(s for s in (0.02, 0.05, 0.1, 0.2, 0.5) if reach / s <= 3)
    ticks = [n * step for n in range(-3, 4) if abs(n * step) <= reach]
    axes.set_xticks(ticks, [wording.signed_points(round(tick, 4), 0) for tick in ticks])
    axes.xaxis.grid(visible=True, color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.axvline(0, color=INK, linewidth=0.9)
    for head, column in zip(text.captions.driver_columns, _COLUMNS, strict=True):
        label_right_of(axes, -0.5, head, column, color=MUTED, va="bottom", size=7.5)
    for y, effect in enumerate(effects):
        _driver_row(axes, y, effect, text)
    return figure


#: Right edges of the two columns beside the drivers, in points from the axes.
_COLUMNS = (44, 88)


def _driver_row(axes: Axes, y: float, effect: DriverEffect, text: ReportText) -> None:
    """One driver: strong when its effect is clear, grey when it is not."""
    difference = effect.effect.difference
    clear = effect.effect.verdict in ("up", "down")
    low = effect.effect.verdict == "down"
    colour = (COMPLAINT if low else ACCENT) if clear else GREY
    draw_interval(axes, y, difference, colour)
    axes.plot([difference.value or 0], [y], "D" if low else "o", color=colour, markersize=5)
    words = INK if clear else MUTED
    axes.annotate(
        text.topic(effect.code), (0, y), xycoords=("axes fraction", "data"), xytext=(-7, 0),
        textcoords="offset points", ha="right", va="center", color=words, annotation_clip=False,
    )  # fmt: skip
    weight = "–" if effect.weight is None else text.fraction(effect.weight)
    points = text.w.signed_points(difference.value or 0)
    for written, column in zip((points, weight), _COLUMNS, strict=True):
        label_right_of(axes, y, written, column, color=words, weight=SEMIBOLD if clear else 400)


def draw_hours(report: SatisfactionReport, wording: Wording) -> Figure:
    """Weekday × hour: the share in figures on a shade that darkens as it falls."""
    cells = {
        (h.weekday, h.hour): h.satisfied
        for h in report.hours
        if h.satisfied.base or h.satisfied.withheld
    }
    hours = range(min((h for _, h in cells), default=9), max((h for _, h in cells), default=17) + 1)
    days = range(1, max(5, *(d for d, _ in cells), 5) + 1)
    figure = new_figure(0.3 * len(days) + 0.4)
    axes = add_axes(figure, 1.35, 0.06, 0.02, 0.3)
    axes.set(xlim=(hours.start, hours.stop), ylim=(len(days), 0))
    axes.axis("off")
    for hour in hours:
        axes.annotate(
            f"{hour}:00", (hour, 0), xytext=(1, 4), textcoords="offset points", color=MUTED,
            annotation_clip=False, size=7.5,
        )  # fmt: skip
    text = ReportText(report, wording)
    center = report.headline.satisfied.value or 0
    for y, day in enumerate(days):
        label_beside(axes, hours.start, y + 0.5, text.weekday(day), left=True)
        for hour in hours:
            _cell(axes, hour, y, cells.get((day, hour)), center, wording)
    weak = report.weak_hours
    if weak is not None:
        first, end, day = (int(str(weak.parameters[k])) for k in ("first", "end", "weekday"))
        frame = Rectangle((first, day - 1), end - first, 1, fill=False, edgecolor=INK)
        frame.set(linewidth=2, clip_on=False, zorder=5)
        axes.add_patch(frame)
    return figure


def _cell(
    axes: Axes, x: float, y: float, share: Estimate | None, center: float, wording: Wording
) -> None:
    """One hour: the further below the center's share, the darker; 30 points below is darkest."""
    place, width, height = (x + 0.02, y + 0.04), 0.96, 0.92
    if share is None or share.value is None:
        axes.add_patch(Rectangle(place, width, height, facecolor="none", edgecolor=LINE))
        if share is not None:
            axes.text(x + 0.5, y + 0.5, "·", ha="center", va="center", color=MUTED)
        return
    depth = min(1.0, max(0.0, (center - share.value) / 0.3))
    shade = tuple(
        (1 - depth) * light + depth * dark
        for light, dark in zip((0.955, 0.94, 0.905), (0.549, 0.231, 0.071), strict=True)
    )
    axes.add_patch(Rectangle(place, width, height, color=shade, linewidth=0))
    axes.text(
        x + 0.5, y + 0.52, wording.number(100 * share.value), ha="center", va="center",
        color="white" if depth > 0.55 else INK,
    )  # fmt: skip


def draw_topics(report: SatisfactionReport, wording: Wording) -> Figure:
    """Complaints to the left, praise to the right, one row a topic."""
    text = ReportText(report, wording)
    topics = report.topics[:10]
    figure = new_figure(max(len(topics), 1) * 0.24 + 0.12)
    axes = add_axes(figure, 2.35, 0.06, 0.5, 0.06)
    reach = max((max(t.comments.negative, t.comments.positive) for t in topics), default=1) or 1
    axes.set(xlim=(-reach * 1.15, reach), ylim=(max(len(topics), 1) - 0.5, -0.5))
    axes.axis("off")
    for y, topic in enumerate(topics):
        counts = topic.comments
        axes.barh(y, -counts.negative, height=0.68, color=COMPLAINT)
        axes.barh(y, counts.positive, height=0.68, color=PRAISE)
        axes.annotate(
            text.topic(topic.code), (0, y), xycoords=("axes fraction", "data"), xytext=(-4, 0),
            textcoords="offset points", ha="right", va="center", annotation_clip=False,
        )  # fmt: skip
        label_beside(axes, -counts.negative, y, wording.number(counts.negative), left=True)
        label_beside(axes, counts.positive, y, wording.number(counts.positive))
    axes.axvline(0, color=INK, linewidth=0.8)
    return figure


def draw_days(report: SatisfactionReport, wording: Wording) -> Figure:
    """Ratings a day; those set aside on top in outline; silent open days marked."""
    figure = new_figure(1.3)
    axes = add_axes(figure, 0.3, 0.22, 0.1, 0.22)
    top = max((d.base + d.held for d in report.days), default=1) or 1
    axes.set(xlim=(0.4, len(report.days) + 0.6), ylim=(0, top), yticks=[])
    for x, day in enumerate(report.days, 1):
        axes.bar(x, day.base, width=0.74, color=ACCENT)
        if day.held:
            axes.bar(
                x, day.held, bottom=day.base, width=0.7, facecolor="none", edgecolor=ACCENT,
                linewidth=0.8,
            )  # fmt: skip
        if day.base:
            axes.annotate(
                wording.number(day.base), (x, day.base + day.held), xytext=(0, 2),
                textcoords="offset points", ha="center", size=6.5, color=MUTED,
                annotation_clip=False,
            )  # fmt: skip
    captions = ReportText(report, wording).captions
    for silence in report.silences:
        first, last = silence.first.day, silence.last.day
        axes.plot([first - 0.37, last + 0.37], [0, 0], color=ALARM, linewidth=4, clip_on=False)
        if silence.open_days > 1:
            axes.annotate(
                captions.no_ratings, ((first + last) / 2, 0), xytext=(0, 6), size=8,
                textcoords="offset points", ha="center", color=ALARM, weight=SEMIBOLD,
            )  # fmt: skip
    axes.set_xticks(range(1, len(report.days) + 1), [str(d.day.day) for d in report.days], size=7)
    for label, day in zip(axes.get_xticklabels(), report.days, strict=True):
        label.set_color(MUTED if day.open else GREY)
    return figure


CHARTS: Mapping[str, Callable[[SatisfactionReport, Wording], Figure]] = {
    "headline": draw_headline,
    "trend_small": draw_trend_small,
    "trend": draw_trend,
    "distribution": draw_distribution,
    "channels": draw_channels,
    "funnel": draw_funnel,
    "hours": draw_hours,
    "drivers": draw_drivers,
    "topics": draw_topics,
    "days": draw_days,
}


def draw(
    report: SatisfactionReport, name: str, wording: Wording, fonts: Path | None = None
) -> Figure:
    """One chart as a figure in the report's style; KeyError for an unknown chart.

    `fonts` is the folder with NotoSans-Regular.ttf and NotoSans-SemiBold.ttf; without it
    matplotlib's own face is used.
    """
    with in_style(fonts):
        return CHARTS[name](report, wording)


def render_chart(
    report: SatisfactionReport,
    name: str,
    wording: Wording,
    format: Literal["svg", "png"] = "svg",  # noqa: A002
    fonts: Path | None = None,
) -> bytes:
    """One chart as bytes; the same bytes for the same report, language and fonts.

    PNG is drawn at 200 dots an inch on white. `fonts` and errors as in `draw`.
    """
    with in_style(fonts):
        figure = CHARTS[name](report, wording)
        title = ReportText(report, wording).captions.title(name)
        return to_bytes(figure, title, format)


def alt_text(report: SatisfactionReport, name: str, wording: Wording) -> str:
    """What the chart says, for those who do not see it: its finding first."""
    return ReportText(report, wording).captions.alt_text(name)
