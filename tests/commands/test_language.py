"""`./run language`; what needs readers and comments is tested with tests/comments/."""

import sys
from types import ModuleType

import pytest
from click.testing import CliRunner

from analysis.reading import shipped_reader
from survey_app.commands import commands

pytestmark = pytest.mark.any_database


def test_quality_is_measured_on_the_file_named(monkeypatch, environment, tmp_path):
    asked = []
    measuring = ModuleType("analysis.quality")
    measuring.main = lambda arguments, *, reader: asked.append((list(arguments), reader)) or 3
    monkeypatch.setitem(sys.modules, "analysis.quality", measuring)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "labelled.tsv"
    file.touch()
    quality = ["language", "quality"]
    for arguments in (quality, [*quality, "--in", str(file)]):
        assert CliRunner().invoke(commands, arguments).exit_code == 3
    assert asked == [([], shipped_reader()), (["--in", str(file)], shipped_reader())]
    missing = CliRunner().invoke(commands, [*quality, "--in", str(tmp_path / "nowhere.tsv")])
    assert (missing.exit_code, "does not exist" in missing.output) == (2, True)
