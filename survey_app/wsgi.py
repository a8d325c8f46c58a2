"""The application as a web server wants it: behind its proxies, with static files compressed."""

import gzip
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from survey_app import create_app
from survey_app.config import ROOT, Settings

STATIC = ROOT / "survey_app" / "static"
# Pictures, fonts and sounds are compressed already.
_COMPRESSIBLE = {".css", ".js", ".json", ".svg"}


def build_wsgi_app(settings: Settings | None = None) -> Flask:
    """The application wrapped for serving."""
    app = create_app(settings)
    proxies = app.extensions["settings"].trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    compress_files(STATIC)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(STATIC),
        prefix="static/",
        max_age=300,
        allow_all_origins=False,
        add_headers_function=_add_headers,
    )
    return app


def compress_files(folder: Path) -> None:
    """Put a gzipped copy beside each file that gains from it; WhiteNoise hands it to who takes it.

    A copy carries the time of its file, so one that is out of date is made anew. Where nothing
    may be written, files are sent as they are.
    """
    # A disk that is mounted read-only, or full, says so by another error than a forbidden folder.
    with suppress(OSError):
        for path in folder.rglob("*"):
            if path.suffix in _COMPRESSIBLE:
                _compress_file(path)


def _compress_file(path: Path) -> None:
    copy = path.with_name(f"{path.name}.gz")
    changed_at = path.stat().st_mtime_ns
    if copy.exists() and copy.stat().st_mtime_ns == changed_at:
        return
    # Several processes may start at once; each moves a whole copy into place.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, suffix=".gz")
    with os.fdopen(descriptor, "wb") as file:
        file.write(gzip.compress(path.read_bytes(), mtime=0))
    os.utime(draft, ns=(changed_at, changed_at))
    Path(draft).chmod(0o644)
    Path(draft).replace(copy)


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
