"""The front door, and a choice of language that leads nowhere else."""

from collections.abc import Callable

import pytest

from survey_app.models import User
from tests.conftest import Client

pytestmark = pytest.mark.any_database


def test_visitors_read_what_this_is(client: Client) -> None:
    answer = client.get("/", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert "/login" in answer.text


def test_staff_go_to_their_reports(viewer: User, sign_in: Callable[[User], Client]) -> None:
    answer = sign_in(viewer).get("/")
    assert (answer.status_code, answer.location) == (302, "/reports/")


@pytest.mark.parametrize("place", ["/", "/reports/", "/reports/own/2026-10?lang=ru&revision=2"])
def test_choosing_a_language_leads_back(client: Client, place: str) -> None:
    answer = client.submit("/", {"language": "ru", "next": place}, to="/language")
    assert (answer.status_code, answer.location) == (302, place)
    assert '<html lang="ru">' in client.get("/").text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/",
        "//example.org/",
        "///example.org/",
        "/\\example.org/",
        "\\\\example.org/",
        "/\t/example.org/",
        "/\n/example.org/",
        "\t//example.org/",
        " //example.org/",
        "http:example.org",
        "http:/example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "example.org",
        "@example.org",
        "",
        "/\r\nSet-Cookie: a=b",
        "/\x00",
        "http://[",
        "//[",
        "/ə\ufffd",
        "/" * 2,
    ],
)
def test_a_crafted_form_never_leads_elsewhere(client: Client, elsewhere: str) -> None:
    answer = client.submit("/", {"language": "ru", "next": elsewhere}, to="/language")
    assert answer.status_code == 302
    # What a browser makes of it: tabs and line breaks vanish, a backslash is a slash.
    location = answer.location.replace("\t", "").replace("\n", "").replace("\r", "")
    assert location.startswith("/")
    assert not location.replace("\\", "/").startswith("//")
    assert "a=b" not in answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("language", ["de", "", "az ", "AZ", "ru\x00", "<script>"])
def test_another_language_is_not_spoken(client: Client, language: str) -> None:
    headers = {"Accept-Language": "en"}
    answer = client.submit("/", {"language": language}, to="/language")
    assert (answer.status_code, answer.location) == (302, "/")
    assert '<html lang="en">' in client.get("/", headers=headers).text


def test_a_foreign_page_cannot_choose(client: Client) -> None:
    assert client.post("/language", data={"language": "ru"}).status_code == 400
    assert client.get("/language").status_code == 405
