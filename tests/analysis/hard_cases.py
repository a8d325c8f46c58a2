"""The hard cases: constructions a network meets daily, written by hand for the tests.

``hard_cases.tsv`` holds those that are read as a stranger would understand them, and each of them
is asserted; ``hard_cases_open.tsv`` holds those that are not read so yet, or only just, and counts.
``python -m tests.analysis.hard_cases [READER]`` sorts the cases anew after a reader was fitted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from analysis.reading import Reader, open_reader, shipped_reader

FOLDER = Path(__file__).parent
HELD, OPEN = FOLDER / "hard_cases.tsv", FOLDER / "hard_cases_open.tsv"
COLUMNS = ("language", "sentiment", "kind", "text")
#: A case read right with less confidence than this may turn with the next fit.
FIRM = 0.45


class HardCase(NamedTuple):
    """A comment, and the sentiment a stranger would understand."""

    language: str
    sentiment: str
    kind: str
    text: str


def load_cases(file: Path) -> list[HardCase]:
    """The cases of one file; raises ValueError when it is not a table of them."""
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    if tuple(header.split("\t")) != COLUMNS:
        raise ValueError(f"{file.name}: the columns are {' '.join(COLUMNS)}")
    return [HardCase(*line.split("\t")) for line in lines]


def sort_anew(reader: Reader) -> tuple[int, int]:
    """Move every case to the file it belongs to with this reader; how many each then holds."""
    cases = sorted(
        {*load_cases(HELD), *load_cases(OPEN)},
        key=lambda case: (case.language, case.kind, case.sentiment, case.text),
    )
    held = [case for case in cases if _is_firm(case, reader)]
    still_open = [case for case in cases if case not in held]
    for file, kept in ((HELD, held), (OPEN, still_open)):
        rows = ["\t".join(row) for row in (COLUMNS, *kept)]
        file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return len(held), len(still_open)


def _is_firm(case: HardCase, reader: Reader) -> bool:
    reading = reader.read(case.text)
    return reading.sentiment == case.sentiment and reading.confidence >= FIRM


if __name__ == "__main__":
    chosen = open_reader(Path(sys.argv[1])) if len(sys.argv) > 1 else shipped_reader()
    print(*sort_anew(chosen))
