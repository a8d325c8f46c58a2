"""Cut Noto Sans down to what Rəy writes, and add the eight signs it lacks.

Run once, by hand, when the text needs another letter (see README.md):

    npm pack @expo-google-fonts/noto-sans@0.4.2 && tar xzf expo-google-fonts-noto-sans-0.4.2.tgz
    python build.py package
"""

import sys
from pathlib import Path

from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

LATIN = "".join(map(chr, range(0x20, 0x7F))) + "ÄÇÉÖÜßäçéöü" + "ĞğİıŞşƏə"
CYRILLIC = "".join(map(chr, range(0x410, 0x450))) + "Ёё"
SIGNS = "₼€№§©°±·×−%–—„“”‚‘’«»•…" + "\u00a0\u00ad\u2009\u2011\u202f"
ARROWS = {"←": 180, "↑": 90, "→": 0, "↓": -90}

WEIGHTS = {
    "NotoSans-Regular": "400Regular/NotoSans_400Regular.ttf",
    "NotoSans-SemiBold": "600SemiBold/NotoSans_600SemiBold.ttf",
}


def box(pen, left, bottom, right, top):
    """A closed rectangle, clockwise as TrueType wants it."""
    polygon(pen, [(left, bottom), (left, top), (right, top), (right, bottom)])


def polygon(pen, points):
    pen.moveTo(points[0])
    for point in points[1:]:
        pen.lineTo(point)
    pen.closePath()


def arrow_pointing_right(pen, width, stroke, middle):
    """A shaft and a head as heavy as the font's own minus sign."""
    half, reach, left, right = stroke / 2, 170, 50, width - 50
    slant = stroke * 0.72
    polygon(
        pen,
        [
            (left, middle - half),
            (left, middle + half),
            (right - stroke, middle + half),
            (right - stroke, middle - half),
        ],
    )
    polygon(
        pen,
        [
            (right - reach - slant, middle + reach - slant * 0.2),
            (right - reach, middle + reach + slant * 0.8),
            (right, middle),
            (right - reach, middle - reach - slant * 0.8),
            (right - reach - slant, middle - reach + slant * 0.2),
            (right - slant * 2, middle),
        ],
    )


def add_glyph(font, sign, width, pen):
    name = f"uni{ord(sign):04X}"
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = pen.glyph()
    font["glyf"][name].recalcBounds(font["glyf"])
    font["hmtx"][name] = (width, font["glyf"][name].xMin)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(sign)] = name


def add_missing_signs(font):
    """Noto Sans has no arrows and no ≤ ≥ ≈; draw them from its own strokes."""
    glyphs, names, width = font.getGlyphSet(), font.getBestCmap(), 572
    minus = font["glyf"][names[ord("−")]]
    stroke, middle = minus.yMax - minus.yMin, (minus.yMax + minus.yMin) / 2

    for sign, source in {"≤": "<", "≥": ">"}.items():
        pen = TTGlyphPen(None)
        glyphs[names[ord(source)]].draw(TransformPen(pen, (1, 0, 0, 0.86, 0, 130)))
        box(pen, 50, 36, 521, 36 + stroke)
        add_glyph(font, sign, width, pen)

    pen = TTGlyphPen(None)
    for shift in (-105, 105):
        glyphs[names[ord("~")]].draw(TransformPen(pen, (1, 0, 0, 1, 0, shift)))
    add_glyph(font, "≈", width, pen)

    turns = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), -90: (0, -1, 1, 0)}
    for sign, degrees in ARROWS.items():
        a, b, c, d = turns[degrees]
        across, up = (width / 2, middle) if degrees in (0, 180) else (width / 2, 357)
        shift = (across - a * width / 2 - c * middle, up - b * width / 2 - d * middle)
        pen = TTGlyphPen(None)
        arrow_pointing_right(TransformPen(pen, (a, b, c, d, *shift)), width, stroke, middle)
        add_glyph(font, sign, width, pen)


def build(source, target):
    options = Options()
    # No "liga": in Noto's fi ligature alone could i and ı be taken for each other.
    options.layout_features = ["kern", "tnum", "lnum", "locl", "ccmp", "mark"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.notdef_outline = True
    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(text=LATIN + CYRILLIC + SIGNS)
    subsetter.subset(font)
    add_missing_signs(font)
    font.save(target.with_suffix(".ttf"))
    font.flavor = "woff2"
    font.save(target.with_suffix(".woff2"))


if __name__ == "__main__":
    here = Path(__file__).parent
    for name, path in WEIGHTS.items():
        build(Path(sys.argv[1]) / path, here / name)
