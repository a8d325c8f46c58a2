"""Security headers: what a browser may do with our pages."""

import secrets

from flask import Flask, Response, current_app, g, request

_BASE = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "style-src": "'self' 'nonce-{nonce}'",
    "script-src": "'self' 'nonce-{nonce}'",
    "connect-src": "'self'",
    "require-trusted-types-for": "'script'",
}
_KIOSK = {"manifest-src": "'self'", "worker-src": "'self'"}
_ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# A ticket's code may be held before the camera of a tablet.
_KIOSK_PERMISSIONS = _ALWAYS["Permissions-Policy"].replace("camera=()", "camera=(self)")


def csp_nonce() -> str:
    """This response's nonce for inline styles and scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def init_app(app: Flask) -> None:
    """Add the headers to every answer and `csp_nonce` to every template."""
    app.context_processor(lambda: {"csp_nonce": csp_nonce()})

    @app.after_request
    def add(response: Response) -> Response:
        policy = _BASE | (_KIOSK if request.blueprint == "kiosk" else {})
        # Flask-Security's passkey pages write text into the page through innerHTML.
        if request.blueprint == "security":
            policy = {name: rule for name, rule in policy.items() if not name.startswith("require")}
        response.headers["Content-Security-Policy"] = "; ".join(
            f"{name} {rule}" for name, rule in policy.items()
        ).format(nonce=csp_nonce())
        if request.blueprint == "kiosk":
            response.headers["Permissions-Policy"] = _KIOSK_PERMISSIONS
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if current_app.config["SESSION_COOKIE_SECURE"]:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        # Pages about people and figures stay out of shared caches; assets say otherwise.
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response
