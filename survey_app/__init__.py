"""Rəy: citizens rate a visit, managers read honest figures. `create_app` names its parts."""

from flask import Flask

from survey_app import access, errors, headers, i18n, navigation, observability, people
from survey_app.config import ROOT, Settings, load_settings, sqlite_module
from survey_app.extensions import babel, csrf, db, limiter, tune

# The largest body a citizen has reason to send.
MAX_BODY = 64 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings, or for those of the environment.

    Raises SettingsError when the environment does not describe a usable installation.
    """
    settings = settings or load_settings()
    app = Flask(__name__, template_folder=ROOT / "templates")
    app.config.from_mapping(_flask_config(settings))
    app.extensions["settings"] = settings
    # Lines that hold only a template's own statements do not reach the page.
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}

    db.init_app(app)
    _forget_async_sessions(app)
    with app.app_context():
        tune(db.engine)
    csrf.init_app(app)
    limiter.init_app(app)
    babel.init_app(app, locale_selector=i18n.current_language)

    observability.init_app(app, settings)
    headers.init_app(app)
    errors.init_app(app)
    i18n.init_app(app)
    people.init_app(app)
    navigation.init_app(app)
    app.before_request(access.guard)
    _register_rooms(app)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    key, *fallbacks = settings.signing_keys()
    engine: dict[str, object] = {
        "url": settings.database,
        "pool_pre_ping": True,
        # What a statement carries may be a citizen's comment, which no log may hold.
        "hide_parameters": True,
    }
    if settings.uses_sqlite:
        engine |= {"module": sqlite_module(), "pool_pre_ping": False}
    return {
        "SECRET_KEY": key,
        "SECRET_KEY_FALLBACKS": fallbacks,
        "SQLALCHEMY_ENGINES": {"default": engine},
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "MAX_FORM_MEMORY_SIZE": MAX_BODY,
        "TRUSTED_HOSTS": settings.hosts,
        "SESSION_COOKIE_NAME": "__Host-rey" if settings.secure else "rey",
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": people.SESSION_LIFETIME,
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_DEFAULT_TIMEZONE": "UTC",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "survey_app" / "translations"),
        "RATELIMIT_ENABLED": settings.environment != "test",
        "TESTING": settings.environment == "test",
    } | people.security_config(settings)


def _forget_async_sessions(app: Flask) -> None:
    """Do without the extension's end-of-request step for asynchronous sessions.

    Nobody here opens any; it starts an event loop for every request, which costs several
    times what a small answer costs.
    """
    app.teardown_appcontext_funcs = [
        step
        for step in app.teardown_appcontext_funcs
        if getattr(step, "__name__", "") != "_close_async_sessions"
    ]


def _register_rooms(app: Flask) -> None:
    from survey_app import (
        api,
        cases,
        dashboard,
        integrity,
        kiosk,
        network,
        public,
        qr,
        reports,
        visits,
    )

    for room in (public, kiosk, qr, api, reports, dashboard, visits, integrity, network, cases):
        app.register_blueprint(room.blueprint)
