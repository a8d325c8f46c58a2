"""The application as a web server wants it: behind its proxies, with static files compressed."""

from wsgiref.headers import Headers

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from survey_app import create_app
from survey_app.config import ROOT, Settings

STATIC = ROOT / "survey_app" / "static"


def build_wsgi_app(settings: Settings | None = None) -> Flask:
    """The application wrapped for serving."""
    app = create_app(settings)
    proxies = app.extensions["settings"].trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(STATIC),
        prefix="static/",
        max_age=300,
        allow_all_origins=False,
        add_headers_function=_add_headers,
    )
    return app


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
