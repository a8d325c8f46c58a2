"""Every word that people read exists in Azerbaijani and Russian, with its variables."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from survey_app.config import ROOT

TRANSLATED = ("az", "ru")  # English is the source
EXTRACT = ("extract", "--mapping=babel.cfg", "--keyword=_l", "--keyword=lazy_gettext")
# %(name)s, {name}, and HTML elements: what a translation has to carry over as it is.
VARIABLES = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|</?\w+[^>]*>")


@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_is_translated(language: str, words: Catalog) -> None:
    catalogue = read_catalogue(language)
    missing = [
        message.id
        for message in words
        if message.id and not is_complete(catalogue.get(message.id, message.context), catalogue)
    ]
    assert not missing, "see babel.cfg for how to bring the catalogues up to date"


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_left_over(language: str, words: Catalog) -> None:
    left = [each.id for each in read_catalogue(language) if each.id and each.id not in words]
    assert not left


@pytest.mark.parametrize("language", TRANSLATED)
def test_variables_are_carried_over(language: str) -> None:
    differing = [
        (message.id, string)
        for message in read_catalogue(language)
        if message.id
        for string in forms(message.string)
        if string and variables(string) != variables(forms(message.id)[-1])
    ]
    assert not differing


@pytest.mark.parametrize("language", TRANSLATED)
def test_babel_finds_no_error(language: str) -> None:
    catalogue = read_catalogue(language)
    assert list(catalogue.check()) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_spaces_at_the_ends_are_the_same(language: str) -> None:
    differing = [
        message.id
        for message in read_catalogue(language)
        if message.id
        for string in forms(message.string)
        if string and edges(string) != edges(forms(message.id)[0])
    ]
    assert not differing


@pytest.mark.parametrize(("language", "plurals"), [("az", 2), ("ru", 3)])
def test_every_plural_has_its_form(language: str, plurals: int) -> None:
    catalogue = read_catalogue(language)
    assert catalogue.num_plurals == plurals
    short = [
        each.id for each in catalogue if each.pluralizable and len(forms(each.string)) != plurals
    ]
    assert not short


def read_catalogue(language: str) -> Catalog:
    path = ROOT / "survey_app" / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def forms(string: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """One form, or one for each plural."""
    return (string,) if isinstance(string, str) else tuple(string)


def is_complete(message: Message | None, catalogue: Catalog) -> bool:
    if message is None or message.fuzzy:
        return False
    wanted = catalogue.num_plurals if message.pluralizable else 1
    return len(forms(message.string)) == wanted and all(forms(message.string))


def variables(string: str) -> Counter[str]:
    return Counter(VARIABLES.findall(string))


def edges(string: str) -> tuple[str, str]:
    return string[: len(string) - len(string.lstrip())], string[len(string.rstrip()) :]


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What is marked for translation in code and templates."""
    path: Path = tmp_path_factory.mktemp("words") / "messages.pot"
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "-q", *EXTRACT, f"--output={path}", "."],
        cwd=ROOT,
        check=True,
    )
    with path.open("rb") as file:
        return read_po(file)
