"""How well comments are read: measured on labelled comments, and printed as a plain report.

``python -m analysis quality`` measures the shipped reader on the committed test split, with
redaction, urgency, speed and size; ``--in FILE.tsv`` measures on any labelled file instead.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path
from typing import Literal, cast

from analysis.corpus import load_corpus, load_second_annotator, read_topics
from analysis.model import LABELS, UnusableReaderError
from analysis.reading import CommentReading, Reader, open_reader, shipped_reader
from analysis.redaction import redact
from analysis.redaction_quality import load_redaction_corpus, redaction_quality
from analysis.topics import TOPICS
from analysis.urgency import Urgency
from analysis.urgency_quality import UrgencyLine, load_urgency_test, urgency_quality

#: Macro-F1 is the mean over these; mixed comments are reported apart.
PLAIN_LABELS = ("negative", "neutral", "positive")
#: The kinds in which a negation or a formula decides.
HARD_KINDS = frozenset(("negated", "thanks", "no_complaint"))
#: Comments of the speed measurement.
SPEED_COMMENTS = 20_000
_ANSWERS = (*LABELS, "not_assessed")
_NUMBERED = {"-1": "negative", "0": "neutral", "1": "positive"}
_SIDE_SIGNS = {"+": "positive", "-": "negative", "0": "neutral"}
_BINS = 10
_SIDES_OF_CORPUS: tuple[Literal["train", "test"], ...] = ("train", "test")


class UnlabelledFileError(ValueError):
    """A file has no text or no labels; the message says which column is wanted."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A comment with what it should be read as; None where nobody said."""

    text: str
    sentiment: str
    group: str
    language: str | None = None
    topics: Mapping[str, str | None] | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How readings agree with labels, for one group of comments.

    All figures are shares from 0 to 1, None where nothing could be measured. `macro_f1` leaves
    mixed comments out (van Rijsbergen's F over negative, neutral and positive, averaged);
    `right_side` is the share of negative and positive comments whose polarity has the right sign;
    `calibration_error` the expected calibration error in ten bins (Naeini, Cooper and Hauskrecht,
    AAAI 2015).
    """

    comments: int
    confusion: Counter[tuple[str, str]]
    macro_f1: float | None
    mixed_f1: float | None
    accuracy: float
    right_side: float | None
    hard: float | None
    calibration_error: float
    topics_f1: float | None
    sides: float | None
    language: float | None


def measure(rows: Sequence[Labelled], reader: Reader) -> Agreement:
    """How the reader agrees with the labels. Raises ValueError without rows."""
    if not rows:
        raise ValueError("nothing to measure")
    readings = [reader.read(row.text) for row in rows]
    pairs = list(zip(rows, readings, strict=True))
    confusion: Counter[tuple[str, str]] = Counter(
        (row.sentiment, reading.sentiment) for row, reading in pairs
    )
    right = [row.sentiment == reading.sentiment for row, reading in pairs]
    return Agreement(
        comments=len(rows),
        confusion=confusion,
        macro_f1=_macro_f1(confusion),
        mixed_f1=f1(confusion, "mixed"),
        accuracy=sum(right) / len(right),
        right_side=_right_side(pairs),
        hard=_mean(ok for (row, _), ok in zip(pairs, right, strict=True) if row.kind in HARD_KINDS),
        calibration_error=calibration_error([r.confidence for r in readings], right),
        topics_f1=_topics_f1(pairs),
        sides=_sides(pairs),
        language=_mean(
            row.language == reading.language
            for row, reading in pairs
            if row.language is not None and len(row.text.split()) >= 3
        ),
    )


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """The mean distance between confidence and accuracy over ten bins, weighted by their size."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, ok in zip(confidences, right, strict=True):
        bins[min(int(confidence * _BINS), _BINS - 1)].append((confidence, ok))
    gaps = (abs(sum(c for c, _ in part) - sum(ok for _, ok in part)) for part in bins.values())
    return sum(gaps) / max(1, len(right))


def read_labelled(file: Path) -> list[Labelled]:
    """The rows of a TSV file with a header.

    Columns: `text`; `sentiment` (a word) or `label` (-1, 0, 1); optionally `topics` (codes apart
    by spaces or commas, with or without a sign), `lang` or `language`, `spelling` or `script`, and
    `kind`. Raises UnlabelledFileError when text or labels are missing, OSError when the file
    cannot be read.
    """
    with file.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        columns = set(table.fieldnames or ())
        if "text" not in columns or not columns & {"sentiment", "label"}:
            raise UnlabelledFileError(
                f"{file}: a column text and a column sentiment (or label) are needed"
            )
        rows = []
        for number, row in enumerate(table, start=2):
            try:
                rows.append(_labelled(row, file.stem))
            except (KeyError, AttributeError, TypeError) as error:
                raise UnlabelledFileError(f"{file}, line {number}: {error!r}") from error
        return rows


def labelled_test_split() -> list[Labelled]:
    """The committed test split, grouped by language and spelling."""
    return [
        Labelled(
            comment.text,
            comment.sentiment,
            f"{comment.language} {comment.spelling}",
            comment.language,
            None if comment.topics is None else dict(comment.topics),
            comment.kind,
        )
        for comment in load_corpus("test")
    ]


def main(arguments: Sequence[str] | None = None, *, reader: Reader | None = None) -> int:
    """Print the report and return the exit code."""
    parser = argparse.ArgumentParser(prog="quality", description=__doc__)
    parser.add_argument(
        "--in", dest="files", type=Path, nargs="+", metavar="FILE.tsv",
        help="labelled files: columns text and sentiment (or label: -1, 0, 1), if any also topics, "
        "language, spelling, kind",
    )  # fmt: skip
    parser.add_argument("--reader", type=Path, help="a reader file instead of the shipped one")
    parser.add_argument("--show-errors", type=int, default=0, metavar="N")
    options = parser.parse_args(arguments)
    try:
        if options.reader is not None:
            reader = open_reader(options.reader)
        rows = [row for file in options.files or () for row in read_labelled(file)]
    except (OSError, UnicodeError, UnlabelledFileError, UnusableReaderError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    reader = reader or shipped_reader()
    lines = [f"Reader {reader.version}"]
    if rows:
        lines += describe(rows, reader)
    elif options.files:
        sys.stderr.write("The files hold no comments.\n")
        return 2
    else:
        lines += [
            "Committed test split (analysis/corpus/test)",
            *describe(labelled_test_split(), reader),
        ]
        lines += [*_describe_redaction(), *_describe_urgency(), *_describe_cost(reader)]
    lines += _describe_errors(rows or labelled_test_split(), reader, options.show_errors)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def describe(rows: Sequence[Labelled], reader: Reader) -> list[str]:
    """The lines of the report on labelled comments: a table of groups, confusions and topics."""
    groups: dict[str, list[Labelled]] = defaultdict(list)
    for row in rows:
        groups[row.group].append(row)
    measured = {name: measure(groups[name], reader) for name in sorted(groups)}
    if len(groups) > 1:
        measured["all"] = measure(rows, reader)
    lines = [
        "",
        "Macro-F1 without mixed; side: sign of polarity; hard: negated, thanks, no complaint.",
        " " * 31
        + "n  macro-F1  mixed F1  accuracy    side    hard  topics   sides    lang  calibr.",
    ]
    for name, found in measured.items():
        cells = (found.macro_f1, found.mixed_f1, found.accuracy, found.right_side, found.hard)
        others = (found.topics_f1, found.sides, found.language)
        lines.append(
            f"{name:<26}{found.comments:>6}"
            + "".join(_cell(value, 10) for value in cells[:3])
            + "".join(_cell(value, 8) for value in (*cells[3:], *others))
            + _cell(found.calibration_error, 9)
        )
    for name, found in measured.items():
        lines += ["", *_confusion_table(name, found.confusion)]
    if any(row.topics for row in rows):
        lines += ["", *_topic_table(rows, reader)]
    return lines


def measure_speed(
    read: Callable[[str], object], comments: Sequence[str], count: int = SPEED_COMMENTS
) -> float:
    """Comments per second of processor time, over `count` comments taken in turn."""
    started = time.process_time()
    for text in islice(cycle(comments), count):
        read(text)
    return count / (time.process_time() - started)


def _labelled(row: Mapping[str, str], group: str) -> Labelled:
    language = row.get("language") or row.get("lang")
    spelling = row.get("spelling") or row.get("script") or ""
    label = row["sentiment"] if "sentiment" in row else _NUMBERED[row["label"]]
    if label not in LABELS:
        raise KeyError(label)
    topics = None
    if "topics" in row and row["topics"] != "?":
        topics = dict(map(_topic, row["topics"].replace(",", " ").split()))
        topics.pop("", None)
    return Labelled(
        row["text"], label, f"{language or group} {spelling}".strip(), language, topics,
        row.get("kind", ""),
    )  # fmt: skip


def _topic(mark: str) -> tuple[str, str | None]:
    if mark[-1] in _SIDE_SIGNS:
        return mark[:-1], mark[-1]
    return mark, None


def _macro_f1(confusion: Counter[tuple[str, str]]) -> float | None:
    without = Counter({pair: n for pair, n in confusion.items() if pair[0] != "mixed"})
    scores = [f1(without, label) for label in PLAIN_LABELS]
    known = [score for score in scores if score is not None]
    return sum(known) / len(known) if known else None


def f1(confusion: Counter[tuple[str, str]], label: str) -> float | None:
    """The F1 of one label, 0 to 1, from counts of (label, reading); None when nothing has it."""
    wanted = sum(n for (expected, _), n in confusion.items() if expected == label)
    answered = sum(n for (_, answer), n in confusion.items() if answer == label)
    return 2 * confusion[label, label] / (wanted + answered) if wanted else None


def _right_side(pairs: Iterable[tuple[Labelled, CommentReading]]) -> float | None:
    """Not assessed counts as wrong."""
    return _mean(
        reading.polarity is not None and (reading.polarity > 0) == (row.sentiment == "positive")
        for row, reading in pairs
        if row.sentiment in ("negative", "positive")
    )


def _topics_f1(pairs: Iterable[tuple[Labelled, CommentReading]]) -> float | None:
    """Micro-averaged over all topics."""
    right = wanted = answered = 0
    for row, reading in pairs:
        if row.topics is not None:
            right += len(row.topics.keys() & set(reading.topics))
            wanted += len(row.topics)
            answered += len(reading.topics)
    return 2 * right / (wanted + answered) if wanted else None


def _sides(pairs: Iterable[tuple[Labelled, CommentReading]]) -> float | None:
    """How often the side is right where the topic is."""
    return _mean(
        side == _SIDE_SIGNS[sign]
        for row, reading in pairs
        for topic, side in zip(reading.topics, reading.sides, strict=True)
        if (sign := (row.topics or {}).get(topic)) is not None
    )


def _mean(values: Iterable[bool]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None


def _cell(value: float | None, width: int) -> str:
    return ("-" if value is None else f"{value:.3f}").rjust(width)


def _confusion_table(name: str, confusion: Counter[tuple[str, str]]) -> list[str]:
    lines = [
        f"{name}: label down, reading across",
        " " * 14 + "".join(f"{a:>14}" for a in _ANSWERS),
    ]
    for label in LABELS:
        if any(expected == label for expected, _ in confusion):
            counts = (confusion[label, answer] for answer in _ANSWERS)
            lines.append(f"{label:<14}" + "".join(f"{count:>14}" for count in counts))
    return lines


def _topic_table(rows: Iterable[Labelled], reader: Reader) -> list[str]:
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row.topics is not None:
            read = set(reader.read(row.text).topics)
            for topic in read | row.topics.keys():
                place = "right" if topic in read and topic in row.topics else None
                counts[topic, place or ("false" if topic in read else "missed")] += 1
    lines = [f"{'topic':<20}{'precision':>10}{'recall':>10}{'F1':>10}{'labelled':>10}"]
    for topic in TOPICS:
        right, missed, false = (counts[topic, kind] for kind in ("right", "missed", "false"))
        if right + missed:
            lines.append(
                f"{topic:<20}{_cell(right / max(1, right + false), 10)}"
                f"{_cell(right / (right + missed), 10)}"
                f"{_cell(2 * right / (2 * right + missed + false), 10)}{right + missed:>10}"
            )
    return lines


def _describe_annotators() -> list[str]:
    """How a second annotator, who did not see the labels, agrees with the test split."""
    first = {comment.text: comment for comment in load_corpus("test")}
    pairs = [
        (first[text], sentiment, read_topics(topics) or {})
        for text, sentiment, topics in load_second_annotator()
        if text in first
    ]
    same = sum(comment.sentiment == sentiment for comment, sentiment, _ in pairs) / len(pairs)
    chance = (
        sum(
            sum(comment.sentiment == label for comment, _, _ in pairs)
            * sum(sentiment == label for _, sentiment, _ in pairs)
            for label in LABELS
        )
        / len(pairs) ** 2
    )
    both = sum(len((comment.topics or {}).keys() & topics.keys()) for comment, _, topics in pairs)
    named = sum(len(comment.topics or {}) + len(topics) for comment, _, topics in pairs)
    figures = f"same sentiment {same:.3f}, Cohen's kappa {(same - chance) / (1 - chance):.3f}"
    line = f"Second annotator of {len(pairs):,}: {figures}, topics {2 * both / named:.3f}"
    return ["", line]


def _describe_redaction() -> list[str]:
    found = redaction_quality(load_redaction_corpus("test"))
    figures = f"recall {_cell(found.recall, 0)}, precision {_cell(found.precision, 0)}"
    lines = ["", f"Redaction (analysis/corpus/redaction/test.tsv): {figures}"]
    for kind, counts in found.kinds.items():
        lines.append(
            f"  {kind:<10} found {counts.found}, missed {counts.missed}, "
            f"false alarms {counts.false_alarms}"
        )
    return lines


def _describe_urgency() -> list[str]:
    split = [
        UrgencyLine(each.language, cast("Urgency | None", each.urgent), each.text)
        for each in load_corpus("test")
    ]
    own = load_urgency_test()
    lines = [""]
    for place, rows in (("test", split), ("urgency/test.tsv, by the author of the rules", own)):
        found = urgency_quality(rows)
        lines.append(
            f"Urgency (analysis/corpus/{place}): {sum(row.urgent is not None for row in rows)} "
            f"urgent, recall {_cell(found.recall, 0)}, precision {_cell(found.precision, 0)}"
        )
    return lines


def _describe_cost(reader: Reader) -> list[str]:
    """Speed as a ratio to TextBlob's own analyzer in the same run, size, and time to load."""
    comments = [comment for side in _SIDES_OF_CORPUS for comment in load_corpus(side)]
    everything = list(dict.fromkeys(comment.text for comment in comments))
    # By their last letters: as good as shuffled, and the same every time.
    everything.sort(key=lambda text: text[::-1])
    everything = everything[:SPEED_COMMENTS]
    english = [comment.text for comment in comments if comment.language == "en"]
    text_blob = import_module("textblob").TextBlob

    def read(text: str) -> None:
        redact(text)
        reader.read(text)

    def read_with_text_blob(text: str) -> object:
        return text_blob(text).sentiment

    read_with_text_blob(english[0])
    base = measure_speed(read_with_text_blob, english)
    cold, warm = (measure_speed(read, everything, len(everything)) for _ in range(2))
    content = reader.model.to_bytes()
    return [
        "",
        f"Speed: comments a second of processor time, {len(everything):,} different comments;",
        "       everything that is read, and redaction, against TextBlob's .sentiment on English",
        f"       TextBlob {base:,.0f}; first time {cold:,.0f} ({cold / base:.2f} times),",
        f"       once the words are known {warm:,.0f} ({warm / base:.2f} times)",
        f"Size: {len(content) / 1e6:.2f} MB; first comment {_first_comment():.0f} ms after import",
    ]


def _first_comment() -> float:
    """Milliseconds of processor time for loading and one reading, in a process of its own."""
    code = (
        "import time; from analysis.reading import read_comment; started = time.process_time(); "
        "read_comment('Növbə uzun idi'); print((time.process_time() - started) * 1000)"
    )
    run = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return float(run.stdout)


def _describe_errors(rows: Iterable[Labelled], reader: Reader, limit: int) -> list[str]:
    wrong = (
        f"{row.sentiment} read as {sentiment}: {row.text}"
        for row in rows
        if (sentiment := reader.read(row.text).sentiment) != row.sentiment
    )
    return list(islice(wrong, limit))
