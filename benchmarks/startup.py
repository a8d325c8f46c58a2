"""What it costs to start a web process: time and memory to the first answer, against bare Flask.

Run it with `.venv/bin/python benchmarks/startup.py`. Each start is a fresh interpreter; the
baseline is measured in the same run, turn and turn about, so that a busy machine slows both.
Ends with status 1 when a promise is broken.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

Measured = dict[str, Any]

ROOT = Path(__file__).resolve().parent.parent

# Promised in the issue: a start takes less than a second beyond the interpreter's own cost,
# an app process less than 120 MB before its first report, and nothing heavy is loaded.
SECONDS = 1.0
MEGABYTES = 120
HEAVY = ("matplotlib", "nltk", "numpy", "pandas", "scipy", "textblob", "weasyprint")

MEASURE = """
import json, resource, sys, time
began = time.perf_counter()
{start}
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({{
    "seconds": time.perf_counter() - began,
    "cpu": usage.ru_utime + usage.ru_stime,
    "megabytes": usage.ru_maxrss / 1024,
    "modules": len(sys.modules),
    "heavy": sorted(set({heavy!r}) & set(sys.modules)),
}}))
"""
STARTS = {
    "python alone": "",
    "import flask": "import flask",
    "a bare Flask answers": (
        "from flask import Flask\n"
        "app = Flask('bare')\n"
        "app.add_url_rule('/', view_func=lambda: 'ok')\n"
        "assert app.test_client().get('/').status_code == 200"
    ),
    "create_app": "from survey_app import create_app\ncreate_app()",
    "Rəy answers /healthz": (
        "from survey_app.wsgi import build_wsgi_app\n"
        "assert build_wsgi_app().test_client().get('/healthz').status_code == 200"
    ),
}


def main() -> int:
    """Measure, print, judge; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "REY_DATA_DIR": data}
        # Users have compiled files from their first start on; the measure is of later ones.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPYCACHEPREFIX"] = str(Path(data) / "compiled")
        for start in STARTS.values():
            measure(start, environment)
        taken: dict[str, list[Measured]] = {name: [] for name in STARTS}
        for _ in range(rounds):
            for name, start in STARTS.items():
                taken[name].append(measure(start, environment))
    return report(taken)


def measure(start: str, environment: dict[str, str]) -> Measured:
    """What one fresh interpreter says of itself after this start."""
    program = MEASURE.format(start=start, heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    measured: Measured = json.loads(done.stdout.splitlines()[-1])
    return measured


def report(taken: dict[str, list[Measured]]) -> int:
    """Print the medians and ratios; the exit status."""

    def middle(name: str, figure: str) -> float:
        return statistics.median(each[figure] for each in taken[name])

    baseline = "a bare Flask answers"
    print(f"{'median of ' + str(len(taken[baseline])):24}   time s   CPU s   MB  modules  ratio")
    for name in taken:
        ratio = middle(name, "seconds") / middle(baseline, "seconds")
        print(
            f"{name:24} {middle(name, 'seconds'):8.3f} {middle(name, 'cpu'):7.3f}"
            f" {middle(name, 'megabytes'):4.0f} {middle(name, 'modules'):8.0f} {ratio:6.1f}"
        )
    ours = "Rəy answers /healthz"
    heavy = taken[ours][0]["heavy"]
    print(f"heavy modules loaded: {', '.join(heavy) or 'none'}")
    broken = [
        promise
        for promise, kept in {
            f"first answer < {SECONDS} s": middle(ours, "seconds") < SECONDS,
            f"memory < {MEGABYTES} MB": middle(ours, "megabytes") < MEGABYTES,
            "no heavy module": not heavy,
        }.items()
        if not kept
    ]
    print("broken: " + "; ".join(broken) if broken else "all promises kept")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
