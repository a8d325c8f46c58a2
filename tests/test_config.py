"""The settings: what an environment may say, and how it is told that it is wrong."""

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from survey_app.config import (
    ROOT,
    Settings,
    SettingsError,
    load_settings,
    sqlite_module,
    wal_safe,
)

KEY = "k" * 32


@pytest.fixture(autouse=True)
def data_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data directory of the test's own, so that no key is kept in the checkout."""
    monkeypatch.setenv("REY_DATA_DIR", str(tmp_path / "var"))
    return tmp_path / "var"


def test_an_empty_environment_is_a_usable_one(data_dir: Path) -> None:
    settings = load_settings()
    assert settings.environment == "demo"
    assert settings.database == f"sqlite:///{data_dir / 'rey.sqlite'}"
    assert settings.uses_sqlite
    assert not settings.secure
    assert Settings().data_dir == data_dir


def test_without_the_environment_data_lies_beside_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REY_DATA_DIR")
    assert Settings().data_dir == ROOT / "var"


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REY_SECRET_KEY", KEY)
    monkeypatch.setenv("REY_DATABASE_URL", "postgresql+psycopg://rey@/rey")
    monkeypatch.setenv("REY_BASE_URL", "https://rey.example.org")
    monkeypatch.setenv("REY_PUBLISH_AFTER_DAYS", "5")
    settings = load_settings()
    assert settings.signing_keys() == (KEY,)
    assert settings.database == "postgresql+psycopg://rey@/rey"
    assert (settings.uses_sqlite, settings.secure) == (False, True)
    assert settings.publish_after_days == 5


def test_settings_never_change() -> None:
    settings = Settings(secret_key=SecretStr(KEY))
    with pytest.raises(ValidationError, match="frozen"):
        settings.base_url = "http://example.org"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "too short"),
        ("DATABASE_URL", "not an address"),
        ("DATABASE_URL", "mysql://rey@localhost/rey"),
        ("ENVIRONMENT", "staging"),
        ("TRUSTED_PROXIES", "6"),
        ("TRUSTED_PROXIES", "-1"),
        ("PUBLISH_AFTER_DAYS", "28"),
        ("PUBLISH_AFTER_DAYS", "soon"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"REY_{name}", value)
    with pytest.raises(SettingsError, match=f"^REY_{name}: "):
        load_settings()


def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REY_DATABSE_URL", "sqlite://")
    with pytest.raises(SettingsError, match=r"REY_DATABSE_URL.*Known: .*REY_DATABASE_URL"):
        load_settings()


def test_secrets_are_not_shown() -> None:
    settings = Settings(
        secret_key=SecretStr(KEY),
        secret_key_fallbacks=(SecretStr("f" * 32),),
        smtp_url=SecretStr("smtp://user:password@localhost"),
        metrics_token=SecretStr("metrics"),
    )
    shown = f"{settings!r} {settings} {settings.model_dump_json()}"
    assert not [secret for secret in (KEY, "f" * 32, "password@", "'metrics'") if secret in shown]


def test_earlier_keys_follow_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REY_SECRET_KEY", KEY)
    monkeypatch.setenv("REY_SECRET_KEY_FALLBACKS", f"{'a' * 32},{'b' * 32}")
    assert load_settings().signing_keys() == (KEY, "a" * 32, "b" * 32)


def test_without_a_key_nothing_can_be_signed() -> None:
    with pytest.raises(SettingsError, match="REY_SECRET_KEY"):
        Settings().signing_keys()


def test_production_wants_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    monkeypatch.setenv("REY_ENVIRONMENT", "production")
    with pytest.raises(SettingsError, match="REY_SECRET_KEY"):
        load_settings()
    assert not data_dir.exists()


def test_a_first_start_keeps_a_key_beside_the_data(data_dir: Path) -> None:
    first, second = load_settings(), load_settings()
    assert first.signing_keys() == second.signing_keys()
    kept = data_dir / "secret_key"
    assert first.signing_keys() == (kept.read_text(),)
    assert len(kept.read_text()) == 64
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_first_starts_at_once_agree_on_the_keys(data_dir: Path) -> None:
    with ThreadPoolExecutor(8) as starts:
        keys = set(starts.map(lambda _: load_settings().signing_keys(), range(40)))
    assert len(keys) == 1
    assert {each.name for each in data_dir.iterdir()} == {"secret_key", "two_factor_key"}


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_only_sqlite_without_the_wal_reset_bug_is_safe(
    version: tuple[int, ...], safe: bool
) -> None:
    assert wal_safe(version) == safe


def test_the_driver_in_use_is_safe() -> None:
    module = sqlite_module()
    assert wal_safe(module.sqlite_version_info)
    assert (module is sqlite3) == wal_safe(sqlite3.sqlite_version_info)
