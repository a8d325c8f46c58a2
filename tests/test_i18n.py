"""Languages: which one a person reads, and how numbers, names and times are written in it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask, render_template_string
from sqlalchemy.orm import Session

from survey_app.i18n import OWN_NAMES, current_language, preferred_language, speak, wording
from survey_app.models import LANGUAGES, User
from tests.conftest import Client

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize(
    ("browser", "language"),
    [
        ("ru", "ru"),
        ("en-GB,en;q=0.9,ru;q=0.8", "en"),
        ("de,ru;q=0.4,en;q=0.2", "ru"),
        ("az-Latn-AZ", "az"),
        ("de,fr", "az"),
        ("", "az"),
        ("*", "az"),
        ("ru;q=0", "az"),
        ("x" * 5000, "az"),
        ("\x00,;q=,,;=", "az"),
    ],
)
def test_a_visitor_reads_what_the_browser_prefers(app: Flask, browser: str, language: str) -> None:
    with app.test_request_context(headers={"Accept-Language": browser}):
        assert preferred_language("az") == language
        assert current_language() == language


def test_a_visitors_choice_is_kept(client: Client) -> None:
    assert language_of(client, "ru") == "ru"
    for chosen in LANGUAGES:
        client.submit("/", {"language": chosen}, to="/language")
        assert language_of(client, "ru") == chosen


def test_staff_read_their_own_language_unless_they_choose(
    viewer: User, session: Session, sign_in: Callable[[User], Client]
) -> None:
    viewer.language = "az"
    client = sign_in(viewer)
    assert language_of(client, "ru", "/reports/") == "az"
    client.submit("/reports/", {"language": "en"}, to="/language")
    assert language_of(client, "ru", "/reports/") == "en"


def test_a_view_may_decide(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        before = render_template_string("{{ language }}")
        speak("ru")
        assert (before, render_template_string("{{ language }}")) == ("en", "ru")


def test_outside_of_a_request_english_is_spoken(app: Flask) -> None:
    with app.app_context():
        assert current_language() == "en"


def test_every_language_has_the_name_its_speakers_use() -> None:
    assert tuple(OWN_NAMES) == LANGUAGES


def test_an_unknown_language_has_no_wording() -> None:
    with pytest.raises(ValueError, match="de"):
        wording("de")


@pytest.mark.parametrize(
    ("language", "number", "percent", "day"),
    [
        ("az", "1 234,5", "97,4 %", "5 oktyabr 2026"),
        ("ru", "1 234,5", "97,4 %", "5 октября 2026"),
        ("en", "1,234.5", "97.4%", "5 October 2026"),
    ],
)
def test_templates_write_as_the_language_does(
    app: Flask, language: str, number: str, percent: str, day: str
) -> None:
    moment = datetime(2026, 10, 5, 10, 5, tzinfo=UTC)
    with app.test_request_context():
        speak(language)
        written = render_template_string(
            "{{ 1234.5|number(1) }}|{{ 0.974|percent(1) }}|{{ at|moment('Asia/Baku') }}|"
            "{{ {'az': 'a', 'ru': 'r', 'en': 'e'}|name }}",
            at=moment,
        )
    assert plain(written) == f"{number}|{percent}|{day}, 14:05|{language[0]}"


def language_of(client: Client, browser: str, path: str = "/") -> str:
    page = client.get(path, headers={"Accept-Language": browser}).text
    return page.split('<html lang="')[1].split('"')[0]


def plain(text: str) -> str:
    """The text with ordinary spaces for those that keep a number together."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")
