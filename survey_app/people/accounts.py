"""Accounts: how Flask-Security is set up here, and how it sends letters through our outbox."""

import base64
import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, after_this_request, session
from flask_login import user_logged_in, user_logged_out
from flask_security import (
    FSQLALiteUserDatastore,
    LoginForm,
    MailUtil,
    Security,
    hash_password,
)
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.config import Settings
from survey_app.errors import DomainError
from survey_app.extensions import db, limiter
from survey_app.i18n import TRANSLATIONS
from survey_app.models import AuditEvent, Center, Membership, OutgoingMail, Passkey, User

SESSION_LIFETIME = timedelta(hours=12)
IDLE_LIFETIME = timedelta(minutes=30)
SHORTEST_PASSWORD = 15
# The cookie is written anew at most this often.
_SEEN_STEP = timedelta(minutes=1)
# Passwords and codes tried from one network; a center's staff share theirs.
SIGN_IN_LIMIT = "20/minute"


class AddressTaken(DomainError):
    """Somebody signs in with this address already."""

    status = 409
    code = "address_taken"


class WeakPassword(DomainError):
    """The password is shorter than SHORTEST_PASSWORD."""

    status = 422
    code = "weak_password"


def _now() -> datetime:
    return datetime.now(UTC)


class OutboxMail(MailUtil):
    """Puts Flask-Security's letters into our outbox instead of sending them at once."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Queue the letter; it goes out only if the request succeeds."""
        # Asking for recovery changes nothing else, so nobody but us would commit.
        after_this_request(_commit)
        now = _now()
        address = recipient if isinstance(recipient, str) else recipient[1]
        db.session.add(
            OutgoingMail(
                recipient=address, subject=str(subject), body=body or "", created_at=now, due_at=now
            )
        )


# Not with the other extensions, which know no table to queue a letter in.
security = Security(mail_util_cls=OutboxMail)


def _commit(response: Response) -> Response:
    if response.status_code < 400:
        db.session.commit()
    return response


def security_config(settings: Settings) -> dict[str, Any]:
    """Flask-Security's settings: OWASP ASVS 5.0 level 2, without self-registration."""
    key = settings.signing_keys()[0]
    lock = (settings.two_factor_key or SecretStr(key)).get_secret_value()
    return {
        "SECURITY_DATETIME_FACTORY": _now,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        # 64 MiB and three passes, as RFC 9106 recommends where memory is shared.
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__time_cost": 3,
            "argon2__memory_cost": 65536,
            "argon2__parallelism": 1,
        },
        "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST_PASSWORD,
        "SECURITY_REGISTERABLE": False,
        # Roles live in our memberships; there is no relationship of Flask-Security's to join.
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_RECOVERABLE": True,
        # Asking the DNS would fail in a closed network, and would tell known addresses by time.
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        # Its own header is malformed ("no-store=True"); survey_app.headers sets ours.
        "SECURITY_CACHE_CONTROL": {},
        "SECURITY_CHANGEABLE": True,
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_REQUIRED": False,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_TOTP_SECRETS": {"1": lock},
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [_fernet_key(lock)],
        # A lost phone is answered by a recovery code: the mailbox alone must not open both doors.
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_RESCUE_MAIL": settings.mail_from,
        "SECURITY_TOTP_ISSUER": "Rəy",
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_ALLOW_AS_FIRST_FACTOR": True,
        "SECURITY_WAN_ALLOW_AS_MULTI_FACTOR": True,
        "SECURITY_WAN_RP_NAME": "Rəy",
        "SECURITY_SCRIPT_NONCE_KEY": "csp_nonce",
        # Unknown addresses and wrong passwords are answered alike.
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_FRESHNESS": IDLE_LIFETIME,
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=5),
        "SECURITY_POST_LOGIN_VIEW": "/reports/",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": True,
        "SECURITY_EMAIL_SENDER": settings.mail_from,
        # Flask-Security knows no Azerbaijani and not all of Russian; ours completes it.
        "SECURITY_I18N_DIRNAME": ["builtin", str(TRANSLATIONS)],
    }


def _fernet_key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest())


class SignInForm(LoginForm):
    """Sign-in without "remember me": its cookie would outlive every session by a year."""

    remember = None


def init_app(app: Flask) -> None:
    """Register sign-in with the application."""
    # Before Flask-Security looks at the session to find out who is there.
    app.before_request(end_old_session)
    datastore = FSQLALiteUserDatastore(db, User, None, Passkey)  # type: ignore[arg-type]
    security.init_app(app, datastore, login_form=SignInForm)
    security.login_manager.session_protection = "strong"
    # Nobody signs in with a token here, so none that might leak opens a door.
    security.login_manager.request_loader(lambda _request: None)
    user_logged_in.connect(_note_sign_in, app)
    user_logged_out.connect(_end_every_session, app)
    rooms: Any = app.blueprints
    limiter.limit(SIGN_IN_LIMIT, methods=["POST"])(rooms["security"])


def _note_sign_in(_app: Flask, user: User, **_more: Any) -> None:
    now = _now()
    session["signed_in_at"] = session["seen_at"] = now.timestamp()
    db.session.add(AuditEvent(happened_at=now, action="signed_in", user_id=user.id, detail={}))
    after_this_request(_commit)


def _end_every_session(_app: Flask, user: User | None, **_more: Any) -> None:
    """Make every cookie of this person worthless, also one that somebody copied."""
    if user is not None:
        user.fs_uniquifier = secrets.token_hex(32)
        after_this_request(_commit)


def end_old_session() -> None:
    """Sign out whoever signed in too long ago, or has not been seen for too long."""
    if "_user_id" not in session:
        return
    now = _now().timestamp()
    is_idle = now - session.get("seen_at", 0) > IDLE_LIFETIME.total_seconds()
    is_old = now - session.get("signed_in_at", 0) > SESSION_LIFETIME.total_seconds()
    if is_idle or is_old:
        session.clear()
    elif now - session["seen_at"] > _SEEN_STEP.total_seconds():
        session["seen_at"] = now


def add_person(
    database: Session,
    email: str,
    password: str,
    language: str,
    role: str,
    center: Center | None,
    now: datetime,
) -> User:
    """Let somebody sign in who holds one role: in a center, or in the whole network for None.

    Raises AddressTaken and WeakPassword. The caller commits.
    """
    # Sign-in takes capitals and small letters for the same.
    known = select(User.id).where(func.lower(User.email) == func.lower(email))
    if database.scalar(known) is not None:
        raise AddressTaken
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword
    account = create_account(database, email, password, language, now)
    account.memberships.append(Membership(role=role, center_id=center.id if center else None))
    return account


def create_account(
    database: Session, email: str, password: str, language: str, now: datetime
) -> User:
    """Add an active account; the caller gives it its memberships and commits."""
    account = User(
        email=email,
        password=hash_password(password),
        active=True,
        language=language,
        fs_uniquifier=secrets.token_hex(32),
        fs_webauthn_user_handle=secrets.token_hex(32),
        created_at=now,
    )
    database.add(account)
    return account
