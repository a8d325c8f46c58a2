"""What can be seen of a chart: its words, and whether any of them is cut off or written over."""

from itertools import combinations
from xml.etree import ElementTree as ET

from matplotlib.figure import Figure
from matplotlib.text import Text

_TEXT = "{http://www.w3.org/2000/svg}text"


def words(svg: bytes) -> list[str | None]:
    """The texts of a picture of ours."""
    return [node.text for node in ET.fromstring(svg).iter(_TEXT)]  # noqa: S314 (our own)


def demand_legible(figure: Figure) -> None:
    """Fail when a text leaves the picture by more than a dot, or two overlap by two."""
    figure.draw_without_rendering()  # only then the labels of the axes have their places
    width, height = figure.bbox.width, figure.bbox.height
    boxes = []
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent()
            inside = box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1
            assert inside, (text.get_text(), box)
            boxes.append((text.get_text(), box))
    for (one, first), (other, second) in combinations(boxes, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        along = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across < 2 or along < 2, (one, other)
