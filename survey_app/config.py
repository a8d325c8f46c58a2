"""The settings of one installation: the only reader of the environment."""

import os
import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "REY_"
# Settings that are made up at the first start, except in production.
_KEYS = ("secret_key", "two_factor_key")

# SQLite's WAL-reset bug can corrupt a database (sqlite.org/wal.html#walresetbug).
# It is mended in 3.51.3, and in the maintenance releases 3.50.7 and 3.44.6.
_WAL_SAFE_FROM = (3, 51, 3)
_WAL_SAFE_BRANCHES = {(3, 50): (3, 50, 7), (3, 44): (3, 44, 6)}


class SettingsError(Exception):
    """The environment does not describe a usable installation."""


def _known_database(url: str) -> str:
    """Accept SQLite files and PostgreSQL, in SQLAlchemy's spelling."""
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError as error:
        raise ValueError(f"not a database address: {error}") from error
    if backend not in {"sqlite", "postgresql"}:
        raise ValueError(f"{backend} is not supported; use sqlite or postgresql")
    return url


def _comma_separated(keys: object) -> object:
    return tuple(filter(None, keys.split(","))) if isinstance(keys, str) else keys


class Settings(BaseSettings):
    """Everything an installation may decide, read once at start and never changed."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        populate_by_name=True,
    )

    data_dir: Path = ROOT / "var"
    database_url: Annotated[str, AfterValidator(_known_database)] | None = None
    secret_key: SecretStr | None = Field(default=None, min_length=32)
    # Earlier keys, separated by commas, still open what was signed with them; see
    # docs/operations.md.
    secret_key_fallbacks: Annotated[
        tuple[SecretStr, ...], NoDecode, BeforeValidator(_comma_separated)
    ] = ()
    # Locks two-factor secrets and recovery codes; unlike the signing key it is never exchanged.
    two_factor_key: SecretStr | None = Field(default=None, min_length=32)
    environment: Literal["demo", "production", "test"] = "demo"
    # PORT has no prefix because hosting platforms set it under this name.
    port: int = Field(default=8000, ge=1, le=65535, validation_alias="PORT")
    base_url: str | None = None
    # Behind a proxy that ends TLS, the number of proxies whose headers are believed.
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    smtp_url: SecretStr | None = None
    mail_from: str = "rey@localhost"
    # A month is closed this many days after its end, so that queued tablets can still report.
    publish_after_days: int = Field(default=2, ge=0, le=27)
    metrics_token: SecretStr | None = None
    log_format: Literal["json", "console"] = "console"

    @property
    def database(self) -> str:
        """The database address; an SQLite file in the data directory unless told otherwise."""
        return self.database_url or f"sqlite:///{self.data_dir / 'rey.sqlite'}"

    @property
    def address(self) -> str:
        """Where people reach this installation, without a trailing slash."""
        return (self.base_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def uses_sqlite(self) -> bool:
        """Whether the database is one SQLite file, so that one process should write."""
        return make_url(self.database).get_backend_name() == "sqlite"

    @property
    def secure(self) -> bool:
        """Whether citizens reach this installation over TLS."""
        return self.address.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """The names this installation answers to; links in letters are made from them."""
        return [urlsplit(self.address).hostname or "", "localhost", "127.0.0.1"]

    def signing_keys(self) -> tuple[str, ...]:
        """The current signing key first, then those it replaced."""
        if self.secret_key is None:
            raise SettingsError(f"{PREFIX}SECRET_KEY is not set (at least 32 characters).")
        keys = (self.secret_key, *self.secret_key_fallbacks)
        return tuple(key.get_secret_value() for key in keys)


def _variable(name: str) -> str:
    """The environment variable of a setting; PORT alone has no prefix."""
    return "PORT" if name.upper() == "PORT" else f"{PREFIX}{name.upper()}"


def load_settings() -> Settings:
    """Read the environment.

    Raises SettingsError, in words an operator can act on, when a variable is missing,
    malformed or unknown: pydantic ignores a misspelt variable, an operator should not.
    """
    known = {_variable(name) for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError(
            f"Unknown settings: {', '.join(unknown)}. Known: {', '.join(sorted(known))}."
        )
    try:
        settings = Settings()
    except ValidationError as error:
        lines = (
            f"{_variable(str(problem['loc'][0]))}: {problem['msg']}" for problem in error.errors()
        )
        raise SettingsError("\n".join(lines)) from error
    missing = [name for name in _KEYS if getattr(settings, name) is None]
    return settings.model_copy(update={name: _kept_key(settings, name) for name in missing})


def prepare_data_dir(settings: Settings) -> None:
    """Make the folder for the database and the key, closed to other users of the machine."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


def _kept_key(settings: Settings, name: str) -> SecretStr:
    """The key kept beside the data outside production, so that a first start needs no decision."""
    if settings.environment == "production":
        raise SettingsError(f"{_variable(name)} must be set in production (32 characters or more).")
    prepare_data_dir(settings)
    path = settings.data_dir / name
    if not path.exists():
        # Several processes may start at once. Each writes a whole key of its own; linking it
        # under the real name succeeds for exactly one, and nobody ever reads half a key.
        descriptor, draft = tempfile.mkstemp(dir=settings.data_dir, prefix=name)
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(32).hex())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        Path(draft).unlink()
    return SecretStr(path.read_text())


def wal_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite release is free of the WAL-reset bug."""
    branch = _WAL_SAFE_BRANCHES.get(version[:2])
    return version >= _WAL_SAFE_FROM or (branch is not None and version >= branch)


def sqlite_module() -> ModuleType:
    """The SQLite driver to use: Python's own when its library is sound, else the bundled one.

    Raises SettingsError when neither is safe for write-ahead logging.
    """
    if wal_safe(sqlite3.sqlite_version_info):
        return sqlite3
    import pysqlite3

    bundled: ModuleType = pysqlite3
    if not wal_safe(pysqlite3.sqlite_version_info):
        raise SettingsError(
            f"SQLite {pysqlite3.sqlite_version} has the WAL-reset bug; install a newer pysqlite3."
        )
    return bundled
