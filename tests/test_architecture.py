"""The house stands as docs/architecture.md draws it."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from survey_app.config import ROOT

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
    """Only the settings read it, and the command line the conventional PORT."""
    readers = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"\benviron\b|\bgetenv\b", path.read_text(encoding="utf-8"))
    }
    assert readers <= {"survey_app/cli.py", "survey_app/config.py"}
