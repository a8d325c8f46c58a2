"""What is measured of the reading, and the command line that prints it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis import quality, training
from analysis.__main__ import main, read_as_json
from analysis.model import load_model
from analysis.quality import (
    Labelled,
    UnlabelledFileError,
    calibration_error,
    describe,
    labelled_test_split,
    measure,
    measure_speed,
    read_labelled,
)
from analysis.reading import CommentReading, Reader, shipped_model, shipped_reader
from analysis.topics import Side


def reading(
    sentiment: str,
    confidence: float = 1.0,
    topics: tuple[str, ...] = (),
    sides: tuple[Side, ...] = (),
) -> CommentReading:
    polarity = {"positive": 0.9, "negative": -0.9, "mixed": 0.1, "neutral": 0.0}.get(sentiment)
    return CommentReading(
        "az", "latin", sentiment, polarity, confidence, topics, sides, None  # type: ignore[arg-type]
    )  # fmt: skip


class Parrot(Reader):
    """Reads a comment as it was told to."""

    def __init__(self, readings: dict[str, CommentReading]) -> None:
        self._readings = readings

    def read(
        self, text: str, hint: str | None = None, language: object = None
    ) -> CommentReading:  # fmt: skip
        return self._readings[text]


ROWS = [
    Labelled("a b c", "positive", "g", "az", {"waiting": "+"}, "negated"),
    Labelled("b", "positive", "g", "ru", {}, "thanks"),
    Labelled("c", "negative", "g", "az", {"waiting": "-", "digital": None}),
    Labelled("d", "neutral", "g", None, None),
    Labelled("e f g", "mixed", "g", "ru", None),
    Labelled("f", "negative", "g", "az", {"outcome": "-"}),
]
PARROT = Parrot(
    {
        "a b c": reading("positive", 0.9, ("waiting",), ("positive",)),
        "b": reading("negative", 0.6, ("digital",), ("negative",)),
        "c": reading("negative", 0.8, ("waiting",), ("positive",)),
        "d": reading("neutral", 0.5),
        "e f g": reading("mixed", 0.7),
        "f": reading("not_assessed", 0.0),
    }
)


def test_agreement_is_counted_as_defined() -> None:
    found = measure(ROWS, PARROT)

    assert found.comments == 6
    assert found.accuracy == pytest.approx(4 / 6)
    # positive: 1 right of 2 wanted and 1 answered; negative: 1 of 2 and 2; neutral: all
    assert found.macro_f1 == pytest.approx((2 / 3 + 2 / 4 + 1) / 3)
    assert found.mixed_f1 == 1.0
    # of two positive and two negative comments: one right each, one turned, one not assessed
    assert found.right_side == pytest.approx(2 / 4)
    assert found.hard == pytest.approx(1 / 2)
    # waiting twice right, digital once wrongly said and once missed, outcome missed
    assert found.topics_f1 == pytest.approx(2 * 2 / (4 + 3))
    assert found.sides == pytest.approx(1 / 2)
    # only texts of three words and more
    assert found.language == pytest.approx(1 / 2)
    assert found.confusion["negative", "not_assessed"] == 1


def test_shares_of_nothing_are_none() -> None:
    found = measure([Labelled("d", "neutral", "g")], PARROT)

    assert (found.macro_f1, found.accuracy) == (1.0, 1.0)
    for share in (found.mixed_f1, found.right_side, found.hard, found.topics_f1, found.sides):
        assert share is None
    assert found.language is None
    with pytest.raises(ValueError, match="nothing to measure"):
        measure([], PARROT)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    assert calibration_error([0.75, 0.75, 0.75, 0.75], [True, True, True, False]) == 0.0
    assert calibration_error([1.0, 1.0], [False, False]) == 1.0
    assert calibration_error([0.95, 0.15], [True, True]) == pytest.approx((0.05 + 0.85) / 2)
    assert calibration_error([], []) == 0.0


def test_the_committed_test_split_is_read_well() -> None:
    rows = labelled_test_split()
    groups = {row.group for row in rows}
    assert groups == {
        "az full", "az folded", "az chat", "az cyrillic", "ru full", "ru latin", "en full",
        "mixed full", "mixed folded", "mixed chat",
    }  # fmt: skip

    found = measure(rows, shipped_reader())

    assert found.macro_f1 is not None
    assert found.macro_f1 >= 0.80
    assert found.right_side is not None
    assert found.right_side >= 0.88
    assert found.hard is not None
    assert found.hard >= 0.85
    assert found.topics_f1 is not None
    assert found.topics_f1 >= 0.65
    assert found.language is not None
    assert found.language >= 0.97
    assert found.calibration_error <= 0.08


def test_speed_is_comments_per_second() -> None:
    read: list[str] = []
    assert measure_speed(read.append, ["a", "b"], 50_001) > 0
    assert (len(read), read[:3]) == (50_001, ["a", "b", "a"])


def test_labelled_files_of_several_kinds_are_read(tmp_path: Path) -> None:
    file = tmp_path / "words.tsv"
    file.write_text(
        "text\tsentiment\ttopics\tlanguage\tspelling\tkind\n"
        'Çox "yaxşı"\tpositive\twaiting+,digital\taz\tfull\tnegated\n'
        "ok\tneutral\t?\ten\t\t\n"
        "nə\tneutral\t-\taz\tfolded\tplain\n",
        encoding="utf-8",
    )
    assert read_labelled(file) == [
        Labelled(
            'Çox "yaxşı"', "positive", "az full", "az", {"waiting": "+", "digital": None}, "negated"
        ),
        Labelled("ok", "neutral", "en", "en", None, ""),
        Labelled("nə", "neutral", "az folded", "az", {}, "plain"),
    ]

    numbered = tmp_path / "numbered.tsv"
    numbered.write_text("label\ttext\n-1\tПлохо\n0\tok\n1\tХорошо\n", encoding="utf-8")
    rows = read_labelled(numbered)
    assert [row.sentiment for row in rows] == ["negative", "neutral", "positive"]
    assert {row.group for row in rows} == {"numbered"}


@pytest.mark.parametrize("content", ["", "text\nok\n", "label\n1\n", "a\tb\n1\t2\n"])
def test_a_file_without_labels_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "some.tsv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UnlabelledFileError, match=r"some\.tsv"):
        read_labelled(file)


def test_the_report_has_a_table_of_groups_confusions_and_topics() -> None:
    lines = describe([*ROWS, Labelled("d", "neutral", "other")], PARROT)
    report = "\n".join(lines)

    assert any(line.startswith("g ") and "     6" in line for line in lines)
    assert any(line.startswith("all ") and "     7" in line for line in lines)
    assert "g: label down, reading across" in report
    row = next(line for line in lines if line.startswith("negative"))
    assert row.split() == ["negative", "1", "0", "0", "0", "1"]
    waiting = next(line for line in lines if line.startswith("waiting"))
    assert waiting.split() == ["waiting", "1.000", "1.000", "1.000", "2"]


def labelled_file(folder: Path) -> Path:
    file = folder / "labelled.tsv"
    file.write_text(
        "sentiment\ttext\npositive\tÇox yaxşı xidmət\nnegative\tÇox pis xidmət\n"
        "negative\tÇox gözəl xidmət\n",
        encoding="utf-8",
    )
    return file


def test_quality_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = labelled_file(tmp_path)

    assert main(["quality", "--in", str(file), "--show-errors", "1"]) == 0
    report = capsys.readouterr().out
    assert report.startswith(f"Reader {shipped_reader().version}")
    assert "0.667" in report
    assert "negative read as positive: Çox gözəl xidmət" in report


def test_quality_command_on_a_reader_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.npz"
    own.write_bytes(shipped_model().to_bytes())

    assert main(["quality", "--reader", str(own), "--in", str(labelled_file(tmp_path))]) == 0
    assert "0.667" in capsys.readouterr().out
    assert quality.main(["--in", str(labelled_file(tmp_path))], reader=shipped_reader()) == 0


def test_quality_command_says_what_is_wrong_with_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.tsv"
    empty.write_text("text\tlabel\n", encoding="utf-8")
    other = tmp_path / "other.tsv"
    other.write_text("a\tb\n", encoding="utf-8")

    for file, message in ((empty, "no comments"), (other, "column text"), ("nowhere", "nowhere")):
        assert main(["quality", "--in", str(file)]) == 2
        assert message in capsys.readouterr().err


def test_quality_command_on_the_test_split(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def quick(read: Callable[[str], object], comments: list[str], count: int = 0) -> float:
        read(comments[0])
        return 1000.0

    monkeypatch.setattr(quality, "measure_speed", quick)

    assert main(["quality"]) == 0
    report = capsys.readouterr().out
    for heading in ("Committed test split", "az folded", "Redaction", "Urgency", "Speed", "Size"):
        assert heading in report


def test_read_command_writes_json_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Çox yaxşı xidmət\n\n050 318 46 72\n"))

    assert main(["read", "--hint", "az", "--explain"]) == 0

    first, second, third = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["sentiment"] == "positive"
    assert "318" not in third["redacted"]
    assert first["reader"] == shipped_reader().version
    assert second["text"] == ""
    assert second["polarity"] is None


def test_a_reading_as_json_gives_places_in_the_text() -> None:
    text = "İşçilər mehribandır, amma növbə çox uzundur"
    answer = read_as_json(text, explain=True)

    assert set(answer) >= {
        "text", "language", "script", "sentiment", "polarity", "confidence", "topics", "urgent",
        "redacted",
    }  # fmt: skip
    assert [mention["topic"] for mention in answer["mentions"]] == answer["topics"]
    for reason in answer["reasons"]:
        assert text[reason["start"] : reason["end"]] == reason["word"]
    assert json.loads(json.dumps(answer)) == answer | {
        "mentions": json.loads(json.dumps(answer["mentions"]))
    }


def test_fit_command_writes_a_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[object] = []

    def fit_at_once(examples: list[object]) -> object:
        given.extend(examples)
        return shipped_model()

    monkeypatch.setattr(training, "fit_reader", fit_at_once)
    out = tmp_path / "reader.npz"

    assert main(["fit", "--out", str(out)]) == 0
    assert len(given) > 8_000
    assert load_model(out.read_bytes()).version == shipped_model().version
    assert shipped_model().version in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["read", "--more"], ["fit", "more"]])
def test_unknown_arguments_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert capsys.readouterr().err
