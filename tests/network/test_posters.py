"""Posters: every format can be read by a phone, even printed badly and photographed worse."""

import subprocess
from io import BytesIO
from xml.etree import ElementTree as ET

import numpy as np
import pikepdf
import pytest
import zxingcpp
from PIL import Image

from survey_app.codes import mint_code
from survey_app.network.posters import FORMATS, QUIET
from tests.factories import NOON

pytestmark = pytest.mark.any_database

DPI = 150
NOISE = 0.15
CODE = "BCDFGHJK"
# How a sheet is measured (mm), and how many codes stand on it.
SHEETS = {
    "a4": (210, 297, 1),
    "a5": (148, 210, 1),
    "tent": (210, 297, 2),
    "card": (210, 297, 10),
    "ticket80": (80, 112, 1),
}


@pytest.fixture
def poster(make, center):
    return make.poster(center, code=CODE, label_az="Çıxış", label_ru="Выход", label_en="Exit")


@pytest.fixture
def address(app):
    return f"{app.extensions['settings'].address}/q/{CODE}"


@pytest.fixture
def fetch(sign_in, viewer, poster):
    """`fetch(extension, format)`: the file of the poster, as a viewer gets it."""
    client = sign_in(viewer)

    def fetch(extension, format_name="a4"):
        answer = client.get(
            f"/network/touchpoints/{poster.id}/poster.{extension}?format={format_name}"
        )
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        return answer.data

    return fetch


def raster(pdf: bytes, dpi: int = DPI) -> np.ndarray:
    """The first page as grey dots, 0 to 255."""
    command = ["pdftoppm", "-r", str(dpi), "-gray", "-singlefile", "-"]
    picture = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    return np.asarray(Image.open(BytesIO(picture)).convert("L"))


def spoilt(dots: np.ndarray, kind: str, seed: int = 0) -> np.ndarray:
    """The same with 15 % noise: dots that are black or white by chance, or grain everywhere."""
    rng = np.random.default_rng(seed)
    if kind == "salt and pepper":
        hit = rng.random(dots.shape) < NOISE
        return np.where(hit, rng.integers(0, 2, dots.shape) * 255, dots).astype(np.uint8)
    grain = rng.normal(0, NOISE * 255, dots.shape)
    return np.clip(dots + grain, 0, 255).astype(np.uint8)


def read(dots: np.ndarray) -> list[str]:
    """The texts of all QR codes in a picture."""
    found = zxingcpp.read_barcodes(dots, formats=zxingcpp.BarcodeFormat.QRCode)
    return [each.text for each in found]


def read_through(dots: np.ndarray, kind: str) -> list[str]:
    """What can be read in the best of three noisy frames; a phone takes thirty each second."""
    return max((read(spoilt(dots, kind, seed)) for seed in range(3)), key=len)


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_can_be_read_and_measures_what_it_should(fetch, address, format_name):
    pdf = fetch("pdf", format_name)
    width, height, copies = SHEETS[format_name]
    with pikepdf.open(BytesIO(pdf)) as document:
        (page,) = document.pages
        box = [float(each) / 72 * 25.4 for each in page.mediabox]
    assert box == pytest.approx([0, 0, width, height], abs=0.1)
    dots = raster(pdf)
    assert read(dots) == [address] * copies
    for kind in ("salt and pepper", "grain"):
        texts = read_through(dots, kind)
        # Of ten cards in one frame one or two may be lost; a phone looks at one card.
        assert (set(texts), len(texts) >= 0.8 * copies) == ({address}, True), kind


@pytest.mark.parametrize("format_name", FORMATS)
def test_four_light_modules_are_left_around_every_code(fetch, format_name):
    dots = raster(fetch("pdf", format_name))
    for found in zxingcpp.read_barcodes(dots, formats=zxingcpp.BarcodeFormat.QRCode):
        corners = found.position
        points = (corners.top_left, corners.top_right, corners.bottom_right, corners.bottom_left)
        left, right = min(p.x for p in points), max(p.x for p in points)
        top, bottom = min(p.y for p in points), max(p.y for p in points)
        module = (right - left) / modules_of(dots[top : bottom + 1, left : right + 1])
        quiet = int(QUIET * module) - 1
        around = dots[top - quiet : bottom + quiet + 1, left - quiet : right + quiet + 1].copy()
        # What is left when the code itself is taken out, with a dot for rounding.
        around[quiet - 1 : 1 - quiet, quiet - 1 : 1 - quiet] = 255
        assert around.min() > 200, format_name


def modules_of(code: np.ndarray) -> int:
    """How many modules a code without quiet zone is wide: its first pattern has seven."""
    first_row = code[len(code) // 100 + 1]
    dark = first_row < 128
    start = int(dark.argmax())
    length = int((~dark[start:]).argmax())
    return round(code.shape[1] / (length / 7))


def test_a_tent_folds_so_that_both_halves_stand_upright(fetch):
    dots = raster(fetch("pdf", "tent"))
    found = zxingcpp.read_barcodes(dots, formats=zxingcpp.BarcodeFormat.QRCode)
    upper, lower = sorted((each.position for each in found), key=lambda each: each.top_left.y)
    # The lower half as we see it, the upper one turned about the middle of the sheet.
    assert lower.top_left.x < lower.top_right.x
    assert lower.top_left.y < lower.bottom_left.y
    for corner in ("top_left", "top_right", "bottom_left", "bottom_right"):
        one, other = getattr(upper, corner), getattr(lower, corner)
        turned = (dots.shape[1] - other.x, dots.shape[0] - other.y)
        assert (one.x, one.y) == pytest.approx(turned, abs=3)


def test_a_strip_stays_within_what_a_ticket_printer_prints(fetch):
    dots = raster(fetch("pdf", "ticket80"), dpi=203)
    printed = np.flatnonzero((dots < 200).any(axis=0))
    margin = 4 / 25.4 * 203
    assert margin - 1 <= printed.min() <= printed.max() <= dots.shape[1] - margin + 1
    # Thermal paper knows no grey: what is not black is white, but for the rims of letters.
    assert ((dots > 40) & (dots < 215)).mean() < 0.03


def test_cards_measure_85_by_55_with_marks_to_cut_along(fetch):
    dots = raster(fetch("pdf", "card"), dpi=254)
    # Ten dots to the millimetre; the marks stand in the margins.
    across = np.flatnonzero(dots[60] < 200) / 10
    along = np.flatnonzero(dots[:, 150] < 200) / 10
    assert gathered(across) == pytest.approx([20, 105, 190], abs=0.3)
    assert gathered(along) == pytest.approx([11, 66, 121, 176, 231, 286], abs=0.3)


def gathered(places: np.ndarray) -> list[float]:
    """Neighbouring dots as one line each."""
    return [float(line[0]) for line in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)]


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_sheet_speaks_three_languages_and_says_where_it_hangs(fetch, center, format_name):
    command = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(
        command, input=fetch("pdf", format_name), capture_output=True, check=True
    ).stdout.decode()
    for words in ("Xidmətimiz necə idi?", "Как вас обслужили?", "How was your visit?"):
        assert words in text
    assert "/q/BCDF-GHJK" in text
    assert center.name["az"] in text


def test_the_drawing_and_the_picture_can_be_read_too(fetch, new_page, address):
    opened = Image.open(BytesIO(fetch("png"))).convert("L")
    assert read(np.asarray(opened)) == [address]
    # It is made for 300 dots to the inch.
    picture = np.asarray(opened.reduce(300 // DPI))
    drawing = fetch("svg")
    tree = ET.fromstring(drawing)  # noqa: S314 - it is our own
    assert tree.find("{*}title").text == address
    assert "/q/BCDF-GHJK" in "".join(tree.itertext())
    # A browser draws 96 dots to the inch.
    page = new_page(device_scale_factor=DPI / 96)
    page.set_content(drawing.decode())
    drawn = np.asarray(Image.open(BytesIO(page.locator("svg").first.screenshot())).convert("L"))
    for dots in (picture, drawn):
        assert read(dots) == [address]
        for kind in ("salt and pepper", "grain"):
            assert read_through(dots, kind) == [address], kind


def test_a_center_prints_all_its_living_posters_at_once(make, app, sign_in, viewer, center, poster):
    codes = [CODE, mint_code(8), mint_code(8)]
    for code in codes[1:]:
        make.poster(center, code=code)
    make.poster(center, retired_at=NOON)
    make.poster(make.center())
    make.tickets_place(center)
    make.touchpoint(center)
    answer = sign_in(viewer).get("/network/own/posters.pdf?format=a5")
    with pikepdf.open(BytesIO(answer.data)) as document:
        assert len(document.pages) == 3
    pages = subprocess.run(
        ["pdftotext", "-", "-"], input=answer.data, capture_output=True, check=True
    ).stdout.decode()
    for code in codes:
        assert f"/q/{code[:4]}-{code[4:]}" in pages


def test_what_has_no_poster_gives_none(make, sign_in, viewer, stranger, center, poster):
    client = sign_in(viewer)
    for place in (
        make.touchpoint(center),
        make.tickets_place(center),
        make.poster(center, retired_at=NOON),
    ):
        assert client.get(f"/network/touchpoints/{place.id}/poster.pdf").status_code == 404
    for ending in ("poster.pdf?format=a3", "poster.gif", "poster.pdf?format="):
        assert client.get(f"/network/touchpoints/{poster.id}/{ending}").status_code == 404
    foreign = sign_in(stranger)
    assert foreign.get(f"/network/touchpoints/{poster.id}/poster.svg").status_code == 404
    assert foreign.get("/network/other/posters.pdf").status_code == 404


def test_labels_are_only_text(make, session, sign_in, viewer, poster):
    poster.label_az = poster.center.name_az = '<img src="https://evil.example.org/x.png">&'
    client = sign_in(viewer)
    for extension in ("pdf", "svg", "png"):
        answer = client.get(f"/network/touchpoints/{poster.id}/poster.{extension}")
        assert answer.status_code == 200
        assert b'evil.example.org/x.png">' not in answer.data
