"""Serving: the web process and the worker under one parent that starts and stops both."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request

from survey_app.config import Settings, load_settings

# What a process gets to finish its request or job before it is ended.
_GRACE_SECONDS = 20
_PR_SET_PDEATHSIG = 1


def serve(host: str, port: int | None) -> int:
    """Run both until one of them dies or we are told to stop; the exit status to leave with."""
    settings = load_settings()
    if port is not None:
        # The children read their settings from the environment, as we do.
        os.environ["PORT"] = str(port)
        settings = load_settings()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    processes = [
        _start(_web_command(settings, host)),
        _start([sys.executable, "-m", "survey_app", "worker"]),
    ]
    if _answers(f"http://{host}:{settings.port}/healthz", processes, stop):
        subprocess.run([sys.executable, "-m", "survey_app", "welcome"], check=False)
    while not stop.wait(0.5):
        if any(process.poll() is not None for process in processes):
            break
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    return 0 if stop.is_set() else 1


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # A session of its own, so that Ctrl-C reaches the children through us, in order.
    return subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_parent)  # noqa: PLW1509


def _end_with_parent() -> None:
    """Have Linux end this child when its parent is killed, so that none is left on the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _web_command(settings: Settings, host: str) -> list[str]:
    # SQLite takes one writer at a time, so one process with threads serves it best;
    # PostgreSQL is served by a process per core.
    workers = 1 if settings.uses_sqlite else min(8, (os.cpu_count() or 1) + 1)
    return [
        *(sys.executable, "-m", "gunicorn", "survey_app.wsgi:build_wsgi_app()"),
        *("--bind", f"{host}:{settings.port}"),
        *("--workers", str(workers), "--worker-class", "gthread", "--threads", "8"),
        *("--graceful-timeout", str(_GRACE_SECONDS), "--no-control-socket"),
        # A warning would name the address of whoever sent something malformed.
        *("--log-level", "error"),
    ]


def _answers(url: str, processes: list[subprocess.Popen[bytes]], stop: threading.Event) -> bool:
    """Wait until the web process answers; False when it dies first or we are told to stop."""
    while not stop.wait(0.1):
        if any(process.poll() is not None for process in processes):
            return False
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            continue
    return False
