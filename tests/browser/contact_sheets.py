"""Sheets of pictures: every state of the tablet and of the page behind a code, to be looked at.

    .venv/bin/python -m tests.browser.contact_sheets docs/screens [az ru en]

Three languages, four sizes of screen; a sheet for each. About three minutes.
"""

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app import create_app, database
from survey_app.config import ROOT, Settings
from survey_app.demo import catalogue
from survey_app.extensions import db
from survey_app.models import Center, Survey
from tests.browser import kiosk_states, qr_states
from tests.browser.kiosk_tablet import KioskTablet
from tests.conftest import CHROMIUM, LiveServer
from tests.factories import NOON, SIGNING_KEY, Make

LANGUAGES = ("az", "ru", "en")
# Width and height of the screen, and the width of its picture on the sheet.
SIZES = ((1280, 800, 420), (800, 1280, 280), (390, 844, 220), (320, 568, 220))
SHEET_WIDTH = 2240
GAP, LABEL = 16, 22
PAPER, INK, EDGE = "#ECEBE7", "#1D1D1B", "#B9B7B0"
# Longer pages are shown as far as this many screens.
SCREENS = 2
FONT = ROOT / "survey_app" / "static" / "fonts" / "NotoSans-Regular.ttf"

Shots = dict[str, list[Image.Image]]


def main(folder: str, *languages: str) -> None:
    """Draw all sheets into a folder, or those of some languages."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for language in languages or LANGUAGES:
        with _house() as (make, url), _chromium() as browser:
            shots = {"kiosk": _kiosk(browser, make, url, language)}
            shots["qr"] = _qr(browser, make, url, language)
        for name, pictures in shots.items():
            for place, (width, height, _) in enumerate(SIZES):
                sheet = _sheet({state: each[place] for state, each in pictures.items()}, place)
                file = target / f"{name}-{language}-{width}x{height}.webp"
                sheet.save(file, quality=45, method=6)
                print(f"{file}: {len(pictures)} states, {file.stat().st_size // 1024} KB")


# --- the house ---------------------------------------------------------------------------------


@contextmanager
def _house() -> Iterator[tuple[Make, str]]:
    """A server, what makes rows on it, and its address."""
    with TemporaryDirectory() as folder:
        settings = Settings(
            environment="test",
            data_dir=Path(folder),
            database_url=f"sqlite:///{folder}/sheets.sqlite",
            secret_key=SIGNING_KEY,
        )
        app = create_app(settings)
        with app.app_context():
            engine = db.engine
        database.upgrade(engine)
        server = LiveServer(app)
        server.start()
        try:
            with Session(engine) as session:
                yield Make(session), server.url
        finally:
            server.stop()
            engine.dispose()


@contextmanager
def _chromium() -> Iterator[Any]:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


# --- the walks ---------------------------------------------------------------------------------


def _kiosk(browser: Any, make: Make, url: str, language: str) -> Shots:
    """Through all screens of the tablet, in the demo's network."""
    session = make.session
    center = catalogue.add_network(session)[0]
    survey = catalogue.add_survey(session, NOON, NOON)
    session.commit()
    place = make.touchpoint(center, survey_id=survey.id)
    page = _page(browser, url, language)
    tablet = KioskTablet(page, session)
    tablet.stop_clock()
    walk = kiosk_states.Walk(tablet, session, place, language)
    shots = {}
    for state in kiosk_states.walk_states(walk):
        shots[state] = _shoot(page, full=False)
        # The next step finds the screen as it was left.
        page.set_viewport_size({"width": 1280, "height": 800})
    page.context.close()
    return shots


def _qr(browser: Any, make: Make, url: str, language: str) -> Shots:
    """Through all states of the page behind a code."""
    survey = make.session.scalars(select(Survey)).one()
    center = make.session.scalars(select(Center).order_by(Center.number)).first()
    house = qr_states.furnish(make, center, survey.id)
    shots = {}
    for name, bring in qr_states.STATES.items():
        page = _page(browser, url, language)
        bring(page, house, language)
        shots[name] = _shoot(page, full=True)
        page.context.close()
    return shots


def _page(browser: Any, url: str, language: str) -> Any:
    context = browser.new_context(
        base_url=url,
        locale=language,
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
    )
    context.set_default_timeout(20_000)
    return context.new_page()


def _shoot(page: Any, *, full: bool) -> list[Image.Image]:
    """The page in every size, as small as it goes onto the sheet."""
    pictures = []
    for width, height, small in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        shot = page.screenshot(full_page=full, animations="disabled", caret="hide")
        picture = Image.open(io.BytesIO(shot)).convert("RGB")
        picture = picture.crop((0, 0, width, min(picture.height, SCREENS * height)))
        tall = round(picture.height * small / width)
        pictures.append(picture.resize((small, tall), Image.Resampling.LANCZOS))
    return pictures


# --- the sheet ---------------------------------------------------------------------------------


def _sheet(pictures: dict[str, Image.Image], place: int) -> Image.Image:
    """The pictures in rows, each under the name of its state."""
    small = SIZES[place][2]
    across = (SHEET_WIDTH - GAP) // (small + GAP)
    names = list(pictures)
    rows = [names[start : start + across] for start in range(0, len(names), across)]
    tall = [max(pictures[name].height for name in row) for row in rows]
    sheet = Image.new(
        "RGB", (GAP + across * (small + GAP), GAP + sum(each + LABEL + GAP for each in tall)), PAPER
    )
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(str(FONT), 14)
    top = GAP
    for row, height in zip(rows, tall, strict=True):
        for column, name in enumerate(row):
            left, picture = GAP + column * (small + GAP), pictures[name]
            draw.text((left, top), name, INK, font)
            box = (left - 1, top + LABEL - 1, left + small, top + LABEL + picture.height)
            draw.rectangle(box, outline=EDGE)
            sheet.paste(picture, (left, top + LABEL))
        top += height + LABEL + GAP
    return sheet


if __name__ == "__main__":
    main(*sys.argv[1:])
