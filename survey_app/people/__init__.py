"""The people room: signing in, two-factor, passkeys, recovery; built on Flask-Security."""

from survey_app.people.accounts import SESSION_LIFETIME, init_app, security_config

__all__ = ["SESSION_LIFETIME", "init_app", "security_config"]
