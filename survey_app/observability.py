"""How an operator sees what the installation does: logs, metrics, health."""

import hmac
import logging
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text

from survey_app.access import public
from survey_app.config import Settings
from survey_app.errors import NotFound
from survey_app.extensions import db
from survey_app.tallies import count_unread

REGISTRY = CollectorRegistry()
REQUESTS = Histogram(
    "rey_request_seconds",
    "Time to answer a request.",
    ["endpoint", "status"],
    registry=REGISTRY,
)
RATINGS = Counter(
    "rey_ratings_total", "Verdicts on submitted ratings.", ["door", "status"], registry=REGISTRY
)
UNREAD = Gauge("rey_comments_unread", "Comments that wait to be read.", registry=REGISTRY)


def init_app(app: Flask, settings: Settings) -> None:
    """Configure logs; measure every request; answer /healthz and /metrics."""
    _configure_logs(settings)

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def measure(response: Response) -> Response:
        if "started" in g:
            REQUESTS.labels(request.endpoint or "none", response.status_code).observe(
                time.perf_counter() - g.started
            )
        return response

    @app.get("/healthz")
    @public
    def healthz() -> Response:
        """Answer "ok" when the database answers; otherwise the error handler says 503."""
        db.session.execute(text("SELECT 1"))
        return Response("ok\n", mimetype="text/plain")

    @app.get("/metrics")
    @public
    def metrics() -> Response:
        """Prometheus exposition, for the holder of the metrics token; unset, for nobody."""
        token = settings.metrics_token
        given = request.headers.get("Authorization", "")
        if token is None or not hmac.compare_digest(
            given.encode(), f"Bearer {token.get_secret_value()}".encode()
        ):
            raise NotFound
        # Asked when somebody looks: the worker that reads is another process than this one.
        UNREAD.set(count_unread(db.session))
        return Response(generate_latest(REGISTRY), mimetype="text/plain")


def _configure_logs(settings: Settings) -> None:
    renderer = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=settings.environment != "test",
    )
