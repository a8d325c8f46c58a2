"""What is printed of a code: posters as PDF in five formats, the code alone as SVG and PNG."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

import segno
from flask import render_template
from flask_babel import lazy_gettext as _l

from survey_app.codes import grouped_code
from survey_app.config import ROOT
from survey_app.i18n import wording
from survey_app.models import LANGUAGES, Touchpoint

STATIC = ROOT / "survey_app" / "static"
FONTS = STATIC / "fonts"

# Light modules around a code that readers need to find it (ISO/IEC 18004).
QUIET = 4
# A thermal printer has 8 dots to the millimetre, and a module of whole dots stays sharp.
_DOT = 1 / 8
_TICKET_CODE = 56


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of sheet. `error` is how much of the code may be lost: H 30 %, Q 25 %, M 15 %."""

    label: str
    error: str
    copies: int = 1


# What hangs for months gets scratched; what is small needs large modules; a ticket is fresh.
FORMATS = {
    "a4": Format(_l("Poster, A4"), "h"),
    "a5": Format(_l("Poster, A5"), "h"),
    "tent": Format(_l("Table tent, A4 to fold"), "h", copies=2),
    "card": Format(_l("Business cards, ten on A4"), "q", copies=10),
    "ticket80": Format(_l("Strip for an 80 mm ticket printer"), "m"),
}


def N_(message: str) -> str:
    """Mark a msgid; a sheet says it in every language."""
    return message


_QUESTION = N_("How was your visit?")
_INVITATION = N_("Point your phone's camera at the code and rate it. Nobody asks for your name.")
_SHORT_INVITATION = N_("Scan the code and rate it.")


@dataclass(frozen=True, slots=True)
class Saying:
    """What a sheet says in one language."""

    language: str
    question: str
    invitation: str
    short_invitation: str
    center: str
    place: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed of one place: the code's address, as it is typed, and the words."""

    address: str
    typed_address: str
    sayings: tuple[Saying, ...]


def code_address(base: str, code: str) -> str:
    """What a poster's code leads to; `base` is where people reach this installation."""
    return f"{base}/q/{code}"


def printed_address(base: str, code: str) -> str:
    """The address as people type it: without the scheme, the code in groups."""
    parts = urlsplit(base)
    return f"{parts.netloc}{parts.path}/q/{grouped_code(code)}"


def describe(place: Touchpoint, base: str) -> Sheet:
    """The sheet of a place with a code."""
    code = str(place.code)
    return Sheet(
        code_address(base, code),
        printed_address(base, code),
        tuple(
            _saying(language, place.center.name[language], place.label[language])
            for language in LANGUAGES
        ),
    )


def _saying(language: str, center: str, place: str) -> Saying:
    say: Callable[[str], str] = wording(language).text
    return Saying(
        language,
        say(_QUESTION),
        say(_INVITATION),
        say(_SHORT_INVITATION),
        center,
        place,
    )


def picture_uri(address: str) -> str:
    """A code for the screen, as the address of a picture."""
    return _encode(address, "m").svg_data_uri(border=QUIET, light="#fff", scale=8)


def render_pdf(sheets: Sequence[Sheet], format_name: str) -> bytes:
    """These sheets in one of FORMATS, one after the other."""
    # Half a second to load, and only who prints needs it.
    from analysis import pdf

    error = FORMATS[format_name].error
    codes = {
        f"codes/{number}.svg": _picture(_encode(sheet.address, error))
        for number, sheet in enumerate(sheets)
    }
    html = render_template(
        "network/sheets.html",
        sheets=sheets,
        format_name=format_name,
        copies=FORMATS[format_name].copies,
        ticket_code=_ticket_code_width(sheets),
    )
    styles = (STATIC / "css" / "posters.css").read_bytes()
    mark = (STATIC / "mark.svg").read_bytes()
    return pdf.render_pdf(html, codes | {"posters.css": styles, "mark.svg": mark}, FONTS)


def render_svg(sheet: Sheet) -> bytes:
    """The code with its address and three short lines, for layouts of one's own."""
    code = _encode(sheet.address, "h")
    picture = _picture(code).decode()
    page = render_template(
        "network/code.svg", sheet=sheet, picture=picture, modules=code.symbol_size(border=QUIET)[0]
    )
    return page.encode()


def render_png(sheet: Sheet, module: int = 24) -> bytes:
    """The same as a picture of dots, `module` of them for each module of the code."""
    from PIL import Image, ImageDraw, ImageFont

    code = _encode(sheet.address, "h")
    width = int(code.symbol_size(border=QUIET)[0]) * module
    buffer = io.BytesIO()
    code.save(buffer, kind="png", scale=module, border=QUIET, dpi=300)
    strong, plain = (str(FONTS / f"NotoSans-{name}.ttf") for name in ("SemiBold", "Regular"))
    lines = [(sheet.typed_address, strong, 2.2), *((s.question, plain, 1.7) for s in sheet.sayings)]
    image = Image.new("L", (width, width + round(module * 12.4)), 255)
    image.paste(Image.open(buffer).convert("L"))
    draw, top = ImageDraw.Draw(image), width - module
    for text, font_file, modules in lines:
        font = ImageFont.truetype(font_file, module * modules)
        room = width - 2 * QUIET * module
        font = font.font_variant(size=min(font.size, font.size * room / font.getlength(text)))
        draw.text((width / 2, top), text, fill=0, font=font, anchor="ma")
        top += round(module * modules * 1.7)
    answer = io.BytesIO()
    image.save(answer, "PNG", optimize=True, dpi=(300, 300))
    return answer.getvalue()


def _encode(address: str, error: str) -> segno.QRCode:
    # Boosted, a code would be as large and correct more; but then formats would differ by chance.
    return segno.make(address, error=error, micro=False, boost_error=False)


def _picture(code: segno.QRCode) -> bytes:
    """A drawing that fills whatever room it is given, its quiet zone included.

    Every run of dark modules is an area: the lines that segno draws are as wide as a module, and
    some printers round the width of a line.
    """
    modules = code.symbol_size(border=QUIET)[0]
    runs = []
    for y, row in enumerate(code.matrix_iter(border=QUIET)):
        x = 0
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {modules} {modules}">'
        f'<path fill="#fff" d="M0 0h{modules}v{modules}H0z"/><path d="{"".join(runs)}"/></svg>'
    ).encode()


def _ticket_code_width(sheets: Sequence[Sheet]) -> float:
    """The largest width in millimetres at which every module has the same whole dots."""
    modules = max(
        _encode(each.address, FORMATS["ticket80"].error).symbol_size(border=QUIET)[0]
        for each in sheets
    )
    return modules * int(_TICKET_CODE / modules / _DOT) * _DOT
