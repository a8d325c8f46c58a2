"""The reader on the command line: read comments, measure the reading, fit the shipped reader.

``python -m analysis read < comments.txt`` writes one JSON object a line;
``python -m analysis quality`` prints how well it reads (``--in FILE.tsv``: on your own labels);
``python -m analysis fit`` fits the shipped reader to the corpus anew.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

READERS = Path(__file__).parent / "readers"


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    read = commands.add_parser("read", help="read lines, write JSON lines")
    read.add_argument("--hint", choices=("az", "ru", "en"), help="language of the form")
    read.add_argument(
        "--explain", action="store_true", help="also the clause of each topic, and the reasons"
    )
    commands.add_parser("quality", help="how well comments are read", add_help=False)
    fit = commands.add_parser("fit", help="fit the shipped reader to analysis/corpus/train")
    fit.add_argument("--out", type=Path, default=READERS / "shipped.npz")
    options, rest = parser.parse_known_args(arguments)
    if options.command == "quality":
        from analysis import quality

        return quality.main(rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if options.command == "fit":
        return _fit(options.out)
    return _read(options.hint, explain=options.explain)


def read_as_json(text: str, hint: str | None = None, *, explain: bool = False) -> dict[str, Any]:
    """What the `read` command writes for one comment.

    With `explain` also `mentions`, each topic with the side taken on it and the clause that speaks
    of it as places in `text`; `reasons`, the words that decided the sentiment; and `reader`.
    """
    from analysis.reading import shipped_reader
    from analysis.redaction import redact

    reader = shipped_reader()
    reading = reader.read(text, hint)
    answer: dict[str, Any] = {
        "text": text,
        "language": reading.language,
        "script": reading.script,
        "sentiment": reading.sentiment,
        "polarity": reading.polarity,
        "confidence": reading.confidence,
        "topics": list(reading.topics),
        "urgent": reading.urgent,
        "redacted": redact(text, hint),
    }
    if explain:
        answer["mentions"] = [mention._asdict() for mention in reader.mentions(text, hint)]
        answer["reasons"] = [reason._asdict() for reason in reader.reasons(text, hint)]
        answer["reader"] = reader.version
    return answer


def _read(hint: str | None, *, explain: bool) -> int:
    for stream in (sys.stdin, sys.stdout):
        # A wrong byte in one comment must not lose the others. Tests put other streams here.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        for line in sys.stdin:
            answer = read_as_json(line.rstrip("\n"), hint, explain=explain)
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has seen enough; Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _fit(target: Path) -> int:
    from analysis.corpus import load_corpus
    from analysis.training import examples_of, fit_reader

    model = fit_reader(examples_of(load_corpus("train")))
    target.write_bytes(model.to_bytes())
    sys.stdout.write(f"{target}: {model.version}, {target.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
