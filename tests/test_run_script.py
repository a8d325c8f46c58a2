"""./run: what can be seen of it without installing anything."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from survey_app.config import ROOT

RUN = ROOT / "run"


def run(*command: str | Path, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload]


@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
def test_every_shell_can_read_it(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    checked = run(shell, "-n", RUN)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_ci_can_be_read() -> None:
    assert run("bash", "-n", ROOT / ".ci" / "run").returncode == 0


@pytest.mark.parametrize("path", [RUN, ROOT / ".ci" / "run"])
def test_it_is_executable(path: Path) -> None:
    assert os.access(path, os.X_OK)


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_help_needs_no_set_up(word: str, checkout: Path) -> None:
    shown = run(checkout / "run", word)
    assert shown.returncode == 0
    assert "./run test" in shown.stdout
    assert not (checkout / ".venv" / "bin" / "pip").exists()


def test_a_command_is_passed_through(checkout: Path, tmp_path: Path) -> None:
    passed = run(checkout / "run", "report", "--out", "a b.pdf", cwd=tmp_path)
    assert passed.stdout.splitlines() == ["-P", "-m", "survey_app", "report", "--out", "a b.pdf"]


def test_it_finds_itself_through_a_link(checkout: Path, tmp_path: Path) -> None:
    link = tmp_path / "rey"
    link.symlink_to(checkout / "run")
    assert run(link, "migrate", cwd="/").stdout.splitlines()[-1] == "migrate"


def test_the_exit_status_is_the_commands_own(checkout: Path) -> None:
    _pretend(checkout, "exit 7")
    assert run(checkout / "run", "worker").returncode == 7


def test_the_command_replaces_the_shell(checkout: Path) -> None:
    """A signal sent to ./run must reach the server, so they have to be one process."""
    _pretend(checkout, 'echo "$$"')
    process = subprocess.Popen([checkout / "run", "serve"], stdout=subprocess.PIPE, text=True)
    printed, _ = process.communicate(timeout=120)
    assert int(printed) == process.pid


def test_plain_start_hands_over_to_one_command(checkout: Path) -> None:
    words = run(checkout / "run").stdout.splitlines()
    commands = [words[at + 1] for at, word in enumerate(words) if word == "survey_app"]
    assert commands == ["start"]


def test_without_rights_it_says_what_to_install(checkout: Path, tmp_path: Path) -> None:
    """An ordinary user of a machine without sudo and Chromium gets the command to run."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "readlink", "cat", "cksum", "env", "printf", "find"):
        (tools / name).symlink_to(shutil.which(name) or name)
    for name, answer in (("id", "echo 1000"), ("ldconfig", "echo nothing"), ("apt-get", "true")):
        _write_program(tools / name, answer)
    # The script appends /sbin, where the real ldconfig lives; ours is found first.
    refused = run(checkout / "run", "migrate", env={"PATH": str(tools)})
    assert refused.returncode == 1
    assert "sudo apt-get install --yes --no-install-recommends libpango-1.0-0" in refused.stderr


# --- a checkout whose Python only says how it was called ---------------------------------------


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what ./run looks at, in a folder with a space, that counts as installed."""
    folder = tmp_path / "a checkout"
    (folder / ".venv" / "bin").mkdir(parents=True)
    for name in ("run", "requirements.txt", "requirements-build.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, folder)
    _pretend(folder, 'for word in "$@"; do printf "%s\\n" "$word"; done')
    # The stamp is what ./run itself would write; its functions are asked for it.
    source = (folder / "run").read_text().split("case ${1-} in")[0]
    stamp = 'wanted requirements >"$venv/.requirements"'
    script = folder / "stamp"
    script.write_text(source.replace('"$0"', f'"{folder}/run"') + stamp + "\n")
    subprocess.run(["sh", script], check=True)
    return folder


def _pretend(folder: Path, behaviour: str) -> None:
    _write_program(folder / ".venv" / "bin" / "python", behaviour)


def _write_program(path: Path, behaviour: str) -> None:
    path.write_text(f"#!/bin/sh\n{behaviour}\n")
    path.chmod(0o755)
