"""The report's page → a tagged PDF (PDF/UA-1), fetching nothing but what it is handed."""

from __future__ import annotations

import gc
import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from functools import cache, lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from analysis.pdf_tags import complete

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.pdf_charts import PlacedChart

#: A name that resolves nowhere (RFC 6761): relative addresses of the page begin here.
BASE = "https://report.invalid/"
FONT_FACES = """
@font-face { font-family: "Noto Sans"; font-weight: 400; src: url(fonts/NotoSans-Regular.ttf) }
@font-face { font-family: "Noto Sans"; font-weight: 600; src: url(fonts/NotoSans-SemiBold.ttf) }
li::marker { font-variant-numeric: tabular-nums; white-space: pre }
"""


class ForeignResource(LookupError):
    """The page asked for something it was not handed: a defect, or an attempt to make us fetch."""


class _Forbidden(FatalURLFetchingError):  # type: ignore[misc]
    """Stops WeasyPrint at once instead of leaving a hole in the page."""


class _HandedOver(URLFetcher):  # type: ignore[misc]
    """Answers from memory only: no network, no files, no data: addresses (CVE-2025-68616)."""

    def __init__(self, resources: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._resources = resources
        self.refused: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        for key in (url, url.removeprefix(BASE)):
            if key in self._resources:
                content = self._resources[key]
                return URLFetcherResponse(url, content, {"Content-Type": _kind(key, content)})
        self.refused.append(url)
        raise _Forbidden(f"the report may not fetch {url[:200]!r}")


def _kind(key: str, content: bytes) -> str:
    """Media type by the address's ending; SVG also by its first bytes."""
    if content.lstrip()[:5] in (b"<?xml", b"<svg "):
        return "image/svg+xml"
    return guess_type(key)[0] or "application/octet-stream"


class _Page(HTML):  # type: ignore[misc]
    """HTML without WeasyPrint's own rules for notes and markers.

    Those give every element six more styles, which cost more than the elements' own. Lists get
    their rule for markers from FONT_FACES.
    """

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        # There is no public way to choose the sheet; without this one pages only print slower.
        return [_without_pseudo_elements(sheet) for sheet in super()._ua_stylesheets(forms)]


@cache
def _without_pseudo_elements(sheet: CSS) -> CSS:
    """A sheet without its rules for pseudo-elements of every element."""
    lean = copy(sheet)
    lean.matcher = copy(sheet.matcher)
    lean.matcher.other_selectors = [
        rule for rule in sheet.matcher.other_selectors if rule[3] is None
    ]
    return lean


@lru_cache(maxsize=4)
def _sheet(style: str) -> CSS:
    """A style sheet, read once a process: that takes as long as laying out a page."""
    return CSS(string=style, base_url=BASE, url_fetcher=_HandedOver({}))


class _Written:
    """An object of a PDF, written out: else each would be, and compressed, once for the file and
    once more for its fingerprint."""

    free, offset = "n", 0

    def __init__(self, original: Any) -> None:
        self.number, self.generation = original.number, original.generation
        self.compressible, self.reference = original.compressible, original.reference
        self.data: bytes = original.data

    @property
    def indirect(self) -> bytes:
        """The object as it stands in the file."""
        return b"%d %d obj\n%b\nendobj" % (self.number, self.generation, self.data)


def _finish(document: Any, pdf: Any) -> None:
    """Complete the tags, then write out every object; a `finisher` of WeasyPrint's `write_pdf`."""
    complete(document, pdf)
    pdf.objects = [_Written(item) if item.free == "n" else item for item in pdf.objects]


# All threads share one switch. Read and turned in one step: else of two that print at once the one
# that finds it off may turn it off again after the other, and nobody turns it on.
_SEARCH = threading.Lock()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Within it Python does not look for unreachable objects, and does so once at the end.

    A page is made of very many objects that are all needed until it is printed: to go through them
    again and again finds nothing and takes a sixth of the time.
    """
    with _SEARCH:
        looking = gc.isenabled()
        gc.disable()
    try:
        yield
    finally:
        if looking:
            with _SEARCH:
                gc.enable()
            gc.collect(0)


def render_pdf(
    html: str,
    resources: Mapping[str, bytes],
    fonts: Path,
    charts: Mapping[str, Figure] | None = None,
    style: str = "",
) -> bytes:
    """The finished HTML as PDF/UA-1 bytes; equal input gives equal bytes.

    `resources` maps every address the page uses (style sheet, pictures), as written in it, to its
    content, and `charts` to a chart, which is drawn onto the page as it is. `fonts` is the folder
    with NotoSans-Regular.ttf and NotoSans-SemiBold.ttf. `style` is CSS that the page need not ask
    for; it is read once for all pages. Title and language are those of the document. Raises
    ForeignResource for any other address.
    """
    held = dict(resources)
    for path in sorted(fonts.glob("*.ttf")):
        held[f"fonts/{path.name}"] = path.read_bytes()
    fetcher = _HandedOver(held)
    font_config = FontConfiguration()
    options: dict[str, Any] = {
        "pdf_variant": "pdf/ua-1",
        "pdf_identifier": hashlib.sha256(html.encode()).digest()[:16],
        "font_config": font_config,
        "finisher": _finish,
        "cache": _placed(charts, fonts, font_config) if charts else None,
    }
    try:
        with _uninterrupted():
            faces = CSS(
                string=FONT_FACES, base_url=BASE, url_fetcher=fetcher, font_config=font_config
            )
            document = _Page(string=html, base_url=BASE, url_fetcher=fetcher)
            pdf = cast(bytes, document.write_pdf(stylesheets=[faces, _sheet(style)], **options))
    except _Forbidden as error:
        raise ForeignResource(str(error)) from error
    if fetcher.refused:  # asked for from inside a picture, where WeasyPrint goes on without it
        raise ForeignResource(f"the report may not fetch {fetcher.refused[0][:200]!r}")
    return pdf


def _placed(
    charts: Mapping[str, Figure], fonts: Path, font_config: FontConfiguration
) -> dict[str, PlacedChart]:
    """Charts as pictures that WeasyPrint need not fetch, by their full addresses."""
    from analysis.pdf_charts import PlacedChart  # loads matplotlib, which posters do without

    return {
        urljoin(BASE, address): PlacedChart(figure, fonts, font_config)
        for address, figure in charts.items()
    }
