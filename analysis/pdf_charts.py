"""A chart drawn straight onto a page of the PDF, as lines and text, without a picture between.

Written as SVG and read again, the charts would cost more than all the text around them. Fonts and
glyphs are those of the page; letters can be selected and copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, weight_dict
from matplotlib.path import Path as Outline
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform
from weasyprint.css.properties import INITIAL_VALUES
from weasyprint.draw.text import draw_first_line
from weasyprint.matrix import Matrix
from weasyprint.svg.text import Style, TextBox
from weasyprint.text.fonts import FontConfiguration
from weasyprint.text.line_break import create_layout

from analysis.drawing import in_style

_POINTS, _PIXELS = 72, 96  # to the inch: matplotlib's and WeasyPrint's
_CAPS = {"butt": 0, "round": 1, "projecting": 2}
_JOINS = {"miter": 0, "round": 1, "bevel": 2}
_OPERATORS = {int(Outline.MOVETO): "m", int(Outline.LINETO): "l"}
_Dashes = tuple[float, Sequence[float] | None]


class PlacedChart:
    """A chart as WeasyPrint knows a picture: how large it is, and how to draw it on a page."""

    def __init__(self, figure: Figure, fonts: Path, font_config: FontConfiguration) -> None:
        self._figure, self._fonts, self._font_config = figure, fonts, font_config

    def get_intrinsic_size(self, *_resolution: object) -> tuple[float, float, float]:
        """Width and height in pixels, and the one divided by the other."""
        width, height = (float(inches) for inches in self._figure.get_size_inches())
        return width * _PIXELS, height * _PIXELS, width / height

    def draw(self, stream: Any, width: float, height: float, _style: object) -> None:
        """Draw onto a page's stream at its origin, `width` × `height` pixels large."""
        across, up = (_POINTS * float(inches) for inches in self._figure.get_size_inches())
        with in_style(self._fonts), stream.stacked():
            # Figures grow upwards, pages downwards.
            stream.transform(a=width / across, d=-height / up, f=height)
            self._figure.set_dpi(_POINTS)
            self._figure.draw(_Pen(stream, (across, up), self._font_config))


class _Pen(RendererBase):
    """What matplotlib draws with: its lines and words as operators of a PDF."""

    def __init__(self, stream: Any, size: tuple[float, float], fonts: FontConfiguration) -> None:
        super().__init__()
        self._stream, self._size = stream, size
        self._style_of = cache(lambda prop: _style(prop, fonts))

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self._size

    def flipy(self) -> bool:
        return False

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Outline,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803 (matplotlib's name)
    ) -> None:
        steps = _steps(path, transform)
        with self._stream.stacked():
            paint = self._prepare(gc, rgbFace)
            if steps and paint:
                self._stream.stream.append(steps + paint)

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Outline,
        marker_trans: Transform,
        path: Outline,
        trans: Transform,
        rgbFace: Any = None,  # noqa: N803
    ) -> None:
        steps = _steps(marker_path, marker_trans)
        with self._stream.stacked():
            paint = self._prepare(gc, rgbFace)
            for x, y in trans.transform(path.vertices):
                self._stream.stream.append(
                    b"q 1 0 0 1 %.3f %.3f cm\n" % (x, y) + steps + paint + b"\nQ"
                )

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Text | None = None,
    ) -> None:
        style = self._style_of(prop)
        line = TextBox(create_layout(s, style, None, None, 0), style)
        turned = Affine2D().rotate_deg(angle).translate(x, y)
        with self._stream.stacked():
            self._colour(gc.get_rgb(), gc, stroke=False)
            self._stream.begin_text()
            matrix = Matrix(*(float(value) for value in turned.to_values()))
            draw_first_line(self._stream, line, "none", "none", matrix)
            self._stream.end_text()

    def _prepare(self, gc: GraphicsContextBase, face: Sequence[float] | None) -> bytes:
        """Set line, colours and clipping; the operator that paints a path so, if it is seen."""
        stream = self._stream
        box = gc.get_clip_rectangle()
        if box is not None:
            stream.rectangle(*(float(value) for value in box.bounds))
            stream.clip()
            stream.end()
        width = float(gc.get_linewidth())
        lined = width > 0 and self._colour(gc.get_rgb(), gc, stroke=True)
        filled = face is not None and self._colour(face, gc, stroke=False)
        if lined:
            offset, dashes = cast(_Dashes, gc.get_dashes())
            stream.set_line_width(width)
            stream.set_line_cap(_CAPS[gc.get_capstyle()])
            stream.set_line_join(_JOINS[gc.get_joinstyle()])
            if dashes is not None:
                stream.set_dash([float(dash) for dash in dashes], float(offset))
        return {(True, True): b"B", (True, False): b"S", (False, True): b"f"}.get(
            (lined, filled), b""
        )

    def _colour(self, colour: Sequence[float], gc: GraphicsContextBase, *, stroke: bool) -> bool:
        """Set the colour of lines or of areas; whether it is seen at all."""
        red, green, blue, *own = (float(part) for part in colour)
        alpha = gc.get_alpha() if gc.get_forced_alpha() or not own else own[0]
        if alpha < 1:
            self._stream.set_alpha(float(alpha), stroke)
        self._stream.set_color_rgb(red, green, blue, stroke)
        return alpha > 0


def _style(prop: FontProperties, fonts: FontConfiguration) -> Style:
    """A text's style in WeasyPrint's words."""
    style = Style(INITIAL_VALUES)
    style.font_config = fonts
    weight: Any = prop.get_weight()
    style["font_family"] = prop.get_family()
    style["font_weight"] = weight_dict.get(weight, weight)
    style["font_size"] = prop.get_size_in_points()
    return style


def _steps(path: Outline, transform: Transform) -> bytes:
    """An outline as the operators of a PDF that build it."""
    steps, end = [], [0.0, 0.0]
    for points, code in path.iter_segments(transform, simplify=False):
        if code == Outline.CLOSEPOLY:
            steps.append("h\n")
            continue
        numbers = points.tolist()
        if code == Outline.CURVE3:
            numbers = _as_cubic(end, numbers)
        operator = _OPERATORS.get(int(code), "c")
        steps.append(" ".join(f"{number:.3f}" for number in numbers) + f" {operator}\n")
        end = numbers[-2:]
    return "".join(steps).encode()


def _as_cubic(start: list[float], points: list[float]) -> list[float]:
    """The curve with one control point as one with two: PDF knows no other."""
    control, end = points[:2], points[2:]
    near = [a + 2 / 3 * (c - a) for a, c in zip(start, control, strict=True)]
    far = [e + 2 / 3 * (c - e) for e, c in zip(end, control, strict=True)]
    return [*near, *far, *end]
