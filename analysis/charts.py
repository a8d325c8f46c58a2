"""The report's charts: report → matplotlib Figure → SVG or PNG.

One code for web and PDF. Text stays text in the SVG, axes have fixed places (constrained layout
costs half as much again), equal reports give equal bytes. Titles and alt texts are not drawn: they
stand in the page, where they wrap and can be read aloud (`analysis.sentences`).
"""

from __future__ import annotations

import io
import textwrap
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.estimates import Estimate
from analysis.report import SatisfactionReport
from analysis.sentences import ReportText
from analysis.wording import Wording

INK, MUTED, LINE, PAPER = "#17211F", "#4A5551", "#D9D6CC", "#FBFAF7"
ACCENT, ALARM, BAND = "#0B5D57", "#9C1F36", "#BFD9D3"
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


def _figure(height: float, width: float = WIDTH) -> Figure:
    return Figure(figsize=(width, height))


def _axes(figure: Figure, left: float, bottom: float, right: float = 0, top: float = 0) -> Axes:
    """Axes at fixed margins, in inches."""
    width, height = figure.get_size_inches()
    place = (
        left / width,
        bottom / height,
        (width - left - right) / width,
        (height - bottom - top) / height,
    )
    return figure.add_axes(place)


def _floor(lows: Sequence[float]) -> float:
    """Where a share axis begins: a tenth below the lowest interval, room for its label."""
    return max(0.0, int((min(lows, default=0.0) - 0.02) * 20) / 20)


def _share_axis(axis: Any, limits: tuple[float, float], wording: Wording) -> None:
    """Few ticks, in percent, with hairlines."""
    low, high = limits
    step = next(s for s in (0.02, 0.05, 0.1, 0.2, 0.25) if (high - low) / s <= 5)
    first = -(-round(low / step, 6) // 1)
    ticks = [n * step for n in range(int(first), int(high / step + 1e-9) + 1)]
    axis.set_ticks(ticks, [wording.percent(round(tick, 4)) for tick in ticks])
    axis.grid(True, color=LINE, linewidth=0.6)
    axis.axes.set_axisbelow(True)


def draw_headline(report: SatisfactionReport, wording: Wording) -> Figure:
    """The interval as a bar drawn to scale between nobody and everybody."""
    figure = _figure(0.62, 3.2)
    axes = _axes(figure, 0, 0.22, 0, 0.2)
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
    """13 months: line, points and the band of the intervals; ends labelled."""
    figure = _figure(2.25)
    axes = _axes(figure, 0.5, 0.42, 0.55, 0.12)
    _trend(axes, report, wording, every=1)
    return figure


def draw_trend_small(report: SatisfactionReport, wording: Wording) -> Figure:
    """The trend for the first page, small."""
    figure = _figure(1.5, 3.2)
    axes = _axes(figure, 0.45, 0.4, 0.5, 0.1)
    _trend(axes, report, wording, every=6)
    return figure


def _trend(axes: Axes, report: SatisfactionReport, wording: Wording, *, every: int) -> None:
    text = ReportText(report, wording)
    known = [(x, m.satisfied) for x, m in enumerate(report.trend) if m.satisfied.known]
    floor = _floor([e.low for _, e in known if e.low is not None])
    axes.set(xlim=(-0.7, len(report.trend) - 0.6), ylim=(floor, 1.0))
    _share_axis(axes.yaxis, (floor, 1.0), wording)
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
    figure = _figure(1.5)
    axes = _axes(figure, 1.75, 0.06, 1.2, 0.06)
    text = ReportText(report, wording)
    parts = report.headline.distribution or (0.0,) * 5
    axes.set(xlim=(0, max(*parts, 0.01)), ylim=(0.4, 5.6))
    axes.axis("off")
    for score, (part, count) in enumerate(zip(parts, report.headline.tally.counts, strict=True), 1):
        axes.barh(score, part, height=0.72, color=SCORE_COLOURS[score - 1])
        _beside(axes, 0, score, f"{text.score(score)}  {score}", left=True)
        if report.headline.distribution:
            _beside(axes, part, score, f"{text.fraction(part)}  ({wording.number(count)})")
    return figure


def _beside(
    axes: Axes, x: float, y: float, label: str, *, left: bool = False, **style: Any
) -> None:
    """A label just left or right of a place."""
    axes.annotate(
        label, (x, y), xytext=(-7 if left else 6, 0), textcoords="offset points",
        ha="right" if left else "left", va="center", annotation_clip=False,
        **{"color": INK, **style},
    )  # fmt: skip


def draw_services(report: SatisfactionReport, wording: Wording) -> Figure:
    """Best and worst services as dots with their intervals, the center as a line."""
    text = ReportText(report, wording)
    shown = text.shown_services()
    rows = [(text.service_name(s), s.satisfied, s.against_rest.verdict == "down") for s in shown]
    gap = len(shown) // 2 if len(shown) == 12 else None
    return _dots(report, wording, rows, label_width=3.0, row=0.31, gap=gap)


def draw_channels(report: SatisfactionReport, wording: Wording) -> Figure:
    """Each channel, and beneath it its languages."""
    text = ReportText(report, wording)
    rows = []
    for channel in report.channels:
        rows.append((text.channel(channel.channel), channel.satisfied, False))
        rows += [
            (f"– {text.language(c.language or '')}", c.satisfied, False)
            for c in report.channel_languages
            if c.channel == channel.channel and c.satisfied.known
        ]
    return _dots(report, wording, rows, label_width=1.9, row=0.24, gap=None)


def _dots(
    report: SatisfactionReport,
    wording: Wording,
    rows: Sequence[tuple[str, Estimate, bool]],
    *,
    label_width: float,
    row: float,
    gap: int | None,
) -> Figure:
    """Dot, interval and figure per row; `gap` leaves room between best and worst."""
    text = ReportText(report, wording)
    count = len(rows) + (1 if gap else 0)
    figure = _figure(max(count, 1) * row + 0.45)
    axes = _axes(figure, label_width, 0.32, 1.0, 0.13)
    lows = [e.low for _, e, _ in rows if e.low is not None]
    floor = _floor(lows)
    axes.set(xlim=(floor, 1.005), ylim=(max(count, 1) - 0.5, -0.5), yticks=[])
    _share_axis(axes.xaxis, (floor, 1.0), wording)
    center = report.headline.satisfied.value
    if center is not None:
        axes.axvline(center, color=MUTED, linewidth=0.9, dashes=(4, 3))
    for n, (label, estimate, stands_out) in enumerate(rows):
        y = n + (1 if gap and n >= gap else 0)
        _beside(axes, floor, y, _wrapped(label, label_width), left=True, size=7.5, linespacing=1.05)
        if estimate.value is None:
            _beside(axes, floor, y, text.share(estimate), color=MUTED)
            continue
        colour = COMPLAINT if stands_out else ACCENT
        axes.hlines(
            y, estimate.low or 0, estimate.high or 0, color=colour, linewidth=1.6, alpha=0.55
        )
        mark = "D" if stands_out else "o"
        axes.plot([estimate.value], [y], mark, color=colour, markersize=5, clip_on=False)
        _beside(
            axes, 1.005, y, f"{text.share(estimate)}  ({wording.number(estimate.base)})",
            weight=SEMIBOLD if stands_out else 400,
        )  # fmt: skip
    return figure


def _wrapped(label: str, inches: float) -> str:
    """At most two lines in the room for labels, at about 15 letters an inch."""
    lines = textwrap.wrap(label, int(inches * 15.5))
    return "\n".join(lines if len(lines) <= 2 else [lines[0], lines[1].rstrip(" ,") + " …"])


def draw_hours(report: SatisfactionReport, wording: Wording) -> Figure:
    """Weekday × hour: the share in figures on a shade that darkens as it falls."""
    cells = {(h.weekday, h.hour): h.satisfied for h in report.hours if h.satisfied.base}
    hours = range(min((h for _, h in cells), default=9), max((h for _, h in cells), default=17) + 1)
    days = range(1, max(5, *(d for d, _ in cells), 5) + 1)
    figure = _figure(0.3 * len(days) + 0.4)
    axes = _axes(figure, 1.35, 0.06, 0.02, 0.3)
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
        _beside(axes, hours.start, y + 0.5, text.weekday(day), left=True)
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
    figure = _figure(max(len(topics), 1) * 0.24 + 0.12)
    axes = _axes(figure, 2.35, 0.06, 0.5, 0.06)
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
        _beside(axes, -counts.negative, y, wording.number(counts.negative), left=True)
        _beside(axes, counts.positive, y, wording.number(counts.positive))
    axes.axvline(0, color=INK, linewidth=0.8)
    return figure


def draw_days(report: SatisfactionReport, wording: Wording) -> Figure:
    """Ratings a day; those set aside on top in outline; silent open days marked."""
    figure = _figure(1.3)
    axes = _axes(figure, 0.3, 0.22, 0.1, 0.22)
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
    text = ReportText(report, wording)
    for silence in report.silences:
        first, last = silence.first.day, silence.last.day
        axes.plot([first - 0.37, last + 0.37], [0, 0], color=ALARM, linewidth=4, clip_on=False)
        if silence.open_days > 1:
            axes.annotate(
                text.no_ratings, ((first + last) / 2, 0), xytext=(0, 6), size=8,
                textcoords="offset points", ha="center", color=ALARM, weight=SEMIBOLD,
            )  # fmt: skip
    axes.set_xticks(range(1, len(report.days) + 1), [str(d.day.day) for d in report.days], size=7)
    for label, day in zip(axes.get_xticklabels(), report.days, strict=True):
        label.set_color(MUTED if day.open else LINE)
    return figure


# matplotlib's settings belong to the process; two threads must not change them at once.
_DRAWING = threading.RLock()

CHARTS: Mapping[str, Callable[[SatisfactionReport, Wording], Figure]] = {
    "headline": draw_headline,
    "trend_small": draw_trend_small,
    "trend": draw_trend,
    "distribution": draw_distribution,
    "channels": draw_channels,
    "services": draw_services,
    "hours": draw_hours,
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
    with _DRAWING, mpl.rc_context(_style(fonts)):
        return CHARTS[name](report, wording)


def _style(fonts: Path | None) -> dict[Any, Any]:
    return {**_STYLE, "font.family": list(_families(fonts))}


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
    target = io.BytesIO()
    with _DRAWING, mpl.rc_context(_style(fonts)):
        figure = draw(report, name, wording, fonts)
        if format == "svg":
            title = ReportText(report, wording).chart_title(name)
            metadata = {"Date": None, "Creator": None, "Title": title}
            figure.savefig(target, format="svg", metadata=metadata)
        else:
            figure.savefig(target, format="png", dpi=200, facecolor="white")
    return target.getvalue()


def alt_text(report: SatisfactionReport, name: str, wording: Wording) -> str:
    """What the chart says, for those who do not see it: its finding first."""
    return ReportText(report, wording).alt_text(name)
