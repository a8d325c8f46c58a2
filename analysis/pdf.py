"""The report's page → a tagged PDF (PDF/UA-1), fetching nothing but what it is handed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from mimetypes import guess_type
from pathlib import Path
from typing import Any, cast

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from analysis.pdf_tags import complete

#: A name that resolves nowhere (RFC 6761): relative addresses of the page begin here.
BASE = "https://report.invalid/"
FONT_FACES = """
@font-face { font-family: "Noto Sans"; font-weight: 400; src: url(fonts/NotoSans-Regular.ttf) }
@font-face { font-family: "Noto Sans"; font-weight: 600; src: url(fonts/NotoSans-SemiBold.ttf) }
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


def render_pdf(html: str, resources: Mapping[str, bytes], fonts: Path) -> bytes:
    """The finished HTML as PDF/UA-1 bytes; equal input gives equal bytes.

    `resources` maps every address the page uses (style sheet, charts), as written in it, to its
    content. `fonts` is the folder with NotoSans-Regular.ttf and NotoSans-SemiBold.ttf. Title and
    language are those of the document. Raises ForeignResource for any other address.
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
        "finisher": complete,
    }
    try:
        faces = CSS(string=FONT_FACES, base_url=BASE, url_fetcher=fetcher, font_config=font_config)
        document = HTML(string=html, base_url=BASE, url_fetcher=fetcher)
        pdf = cast(bytes, document.write_pdf(stylesheets=[faces], **options))
    except _Forbidden as error:
        raise ForeignResource(str(error)) from error
    if fetcher.refused:  # asked for from inside a picture, where WeasyPrint goes on without it
        raise ForeignResource(f"the report may not fetch {fetcher.refused[0][:200]!r}")
    return pdf
