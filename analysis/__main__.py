"""The reader on the command line: read comments, or measure the reading of labelled ones.

``python -m analysis read < comments.txt`` writes one JSON object a line;
``python -m analysis quality --in FILE.tsv`` compares with the labels of a file.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from analysis.reading import READER_VERSION, read_comment

_NUMBERED = {"-1": "negative", "0": "neutral", "1": "positive"}
_ANSWERS = ("negative", "neutral", "positive", "mixed", "not_assessed")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m analysis", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    read = commands.add_parser("read", help="read lines, write JSON lines")
    read.add_argument("--hint", choices=("az", "ru", "en"), help="language of the form")
    quality = commands.add_parser("quality", help="confusion, accuracy and macro-F1 per language")
    quality.add_argument(
        "--in", dest="files", type=Path, nargs="+", required=True,
        help="TSV with columns text and label (-1, 0, 1) or sentiment, and optionally topics, lang",
    )  # fmt: skip
    quality.add_argument("--half", choices=("even", "odd"), help="only every second row, from 0")
    quality.add_argument("--show-errors", type=int, default=0, metavar="N")
    options = parser.parse_args(arguments)
    if options.command == "read":
        for line in sys.stdin:
            reading = read_comment(line.rstrip("\n"), options.hint)
            answer = {"reader": READER_VERSION, **asdict(reading)}
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        return 0
    sys.stdout.write(measure_quality(options.files, options.half, options.show_errors))
    return 0


def measure_quality(files: Iterable[Path], half: str | None = None, errors_shown: int = 0) -> str:
    """A report, as text, of how the reader agrees with the labels of the files.

    `half` takes only the rows with an even or an odd number, counted from 0 in each file: words
    were looked for in the even rows of the demo comments only.

    Rows are grouped by their column `lang`, else by the language that was read. Raises KeyError
    when a file has neither a column `label` nor `sentiment`, or no column `text`.
    """
    confusion: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    topics: Counter[tuple[str, str]] = Counter()
    errors: list[str] = []
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            for row in islice(rows, half == "odd", None, 2 if half else 1):
                label = row["sentiment"] if "sentiment" in row else _NUMBERED[row["label"]]
                reading = read_comment(row["text"])
                confusion[row.get("lang") or reading.language][label, reading.sentiment] += 1
                if "topics" in row:
                    _count_topics(topics, row["topics"], reading.topics)
                if label != reading.sentiment and len(errors) < errors_shown:
                    errors.append(f"{label} read as {reading.sentiment}: {row['text']}")
    parts = [_describe(language, counts) for language, counts in sorted(confusion.items())]
    if len(confusion) > 1:
        everything: Counter[tuple[str, str]] = Counter()
        for counts in confusion.values():
            everything.update(counts)
        parts.append(_describe("all", everything))
    if topics:
        parts.append(_describe_topics(topics))
    return "\n".join(parts + errors) + "\n"


def _count_topics(counts: Counter[tuple[str, str]], labelled: str, read: tuple[str, ...]) -> None:
    wanted = {topic.strip() for topic in labelled.split(",") if topic.strip() not in ("", "-")}
    for topic in wanted | set(read):
        if topic in wanted and topic in read:
            counts[topic, "right"] += 1
        else:
            counts[topic, "missed" if topic in wanted else "false"] += 1


def _describe(language: str, counts: Counter[tuple[str, str]]) -> str:
    """Confusion table, accuracy and macro-F1 of one language."""
    labels = [label for label in _ANSWERS if any(wanted == label for wanted, _ in counts)]
    total = sum(counts.values())
    right = sum(counts[label, label] for label in labels)
    lines = [f"== {language}: {total} comments", "label".ljust(14) + "".join(
        answer.rjust(14) for answer in _ANSWERS)]  # fmt: skip
    scores = []
    for label in labels:
        row = [counts[label, answer] for answer in _ANSWERS]
        lines.append(label.ljust(14) + "".join(str(count).rjust(14) for count in row))
        scores.append(_f1(counts, label))
    sided = sum(counts[a, b] for a in ("negative", "positive") for b in ("negative", "positive"))
    agreed = counts["negative", "negative"] + counts["positive", "positive"]
    unread = sum(count for (_, answer), count in counts.items() if answer == "not_assessed")
    lines.append(
        f"accuracy {right / total:.3f}, macro-F1 {sum(scores) / len(scores):.3f}, "
        f"not assessed {unread / total:.3f}, "
        f"right side when both take one {agreed / max(1, sided):.3f}"
    )
    return "\n".join(lines)


def _f1(counts: Counter[tuple[str, str]], label: str) -> float:
    right = counts[label, label]
    wanted = sum(count for (expected, _), count in counts.items() if expected == label)
    answered = sum(count for (_, answer), count in counts.items() if answer == label)
    return 2 * right / (wanted + answered) if wanted + answered else 0.0


def _describe_topics(counts: Counter[tuple[str, str]]) -> str:
    lines = ["== topics: precision, recall, F1"]
    for topic in sorted({topic for topic, _ in counts}):
        right, missed, false = (counts[topic, kind] for kind in ("right", "missed", "false"))
        lines.append(
            f"{topic.ljust(20)}{right / max(1, right + false):6.3f}"
            f"{right / max(1, right + missed):7.3f}{2 * right / (2 * right + missed + false):7.3f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
