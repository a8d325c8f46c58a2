"""The house stands as docs/architecture.md draws it."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from survey_app.config import ROOT, Settings

PACKAGES = ("analysis", "survey_app")
MODULES = sorted(
    path
    for package in (*PACKAGES, "benchmarks", "migrations", "tests")
    for path in (ROOT / package).rglob("*.py")
)
# Names that say nothing, so that everything ends up behind them.
EMPTY_NAMES = {"common", "helper", "helpers", "misc", "service", "services", "util", "utils"}
# What draws, computes or reads language, and takes longer to import than a page to answer.
HEAVY = ("matplotlib", "nltk", "numpy", "pandas", "scipy", "sklearn", "textblob", "weasyprint")


def test_import_contracts() -> None:
    contracts = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert contracts.returncode == 0, contracts.stdout


@pytest.mark.any_database
def test_a_web_process_loads_no_heavy_library(environment: dict[str, str]) -> None:
    program = (
        "import json, sys\n"
        "from survey_app.wsgi import build_wsgi_app\n"
        "app = build_wsgi_app()\n"
        "assert app.test_client().get('/healthz').status_code == 200\n"
        f"print(json.dumps(sorted(set({HEAVY!r}) & set(sys.modules))))\n"
    )
    started = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(started.stdout.splitlines()[-1]) == []


def test_the_library_is_importable_alone() -> None:
    program = (
        "import sys, analysis\n"
        "print([name for name in ('flask', 'sqlalchemy', 'survey_app') if name in sys.modules])\n"
    )
    imported = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert imported.stdout.strip() == "[]"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_opens_with_its_responsibility(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_no_file_is_named_for_nothing() -> None:
    names = {path.stem for path in MODULES} | {path.parent.name for path in MODULES}
    assert not names & EMPTY_NAMES


def test_the_web_reads_the_environment_in_one_place() -> None:
    """Only the settings read it; the server hands it on to the processes it starts."""
    readers = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"\benviron\b|\bgetenv\b", path.read_text(encoding="utf-8"))
    }
    assert readers <= {"survey_app/config.py", "survey_app/serving.py"}


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    names = {
        str(field.validation_alias or f"REY_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }
    assert [name for name in sorted(names) if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize(
    "source", ["requirements.in", "requirements-build.in", "requirements-dev.in"]
)
def test_every_dependency_is_justified(source: str) -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    listed = {
        re.split(r"[\[>=<~! ]", line)[0]
        for line in (ROOT / source).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "-"))
    }
    rows = " ".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| "))
    named = set(re.findall(r"[\w-]+", rows))
    assert listed <= named
