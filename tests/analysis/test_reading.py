"""The value a comment is read into, the speed of it, and the command line."""

from __future__ import annotations

import dataclasses
import io
import json
import time
from pathlib import Path

import pytest

import analysis
from analysis.__main__ import main
from analysis.language import fold
from analysis.lexicons import StemTable, load_opinions, read_rows
from analysis.reading import READER_VERSION, CommentReading, read_comment


def test_a_reading_is_one_frozen_value() -> None:
    reading = read_comment("Növbə çox uzun idi, amma işçilər mehriban idi")

    assert reading == CommentReading("az", "mixed", reading.polarity, ("waiting", "staff_courtesy"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        reading.language = "ru"  # type: ignore[misc]


def test_the_library_offers_the_reader() -> None:
    assert analysis.read_comment is read_comment
    assert READER_VERSION == "lexicon-1"


def test_no_word_known_is_not_neutral() -> None:
    assert read_comment("zzzz qqqq") == CommentReading("any", "not_assessed", None, ())


def test_a_very_long_comment_is_read_by_its_beginning() -> None:
    reading = read_comment("Çox yaxşı. " + "zz " * 100_000 + "çox pis")

    assert reading.sentiment == "positive"


@pytest.mark.parametrize(
    "text",
    ["İki saat növbə gözlədim, operator kobud danışdı", "Ждала два часа, сотрудники грубили"],
)
def test_reads_thousands_a_second(text: str) -> None:
    # 5,000 a second is the promise (benchmarks measure it); a busy test machine gets 1,000.
    read_comment(text)
    started = time.process_time()
    for number in range(500):
        read_comment(f"{text} {number}")
    assert time.process_time() - started < 0.5


def test_every_row_of_the_lexicons_is_sound() -> None:
    kinds = {"opinion", "verb", "trouble", "solved", "thanks", "neutral", "negator", "before"}
    kinds |= {"boost", "damp", "contrast", "only", "again", "number", "unit"}
    for language in ("az", "ru", "en"):
        for row in read_rows(language):
            assert len(row) == 4, row
            assert row[2] in kinds, row
            if row[2] in {"opinion", "verb", "trouble", "solved", "thanks"}:
                assert -1.0 <= float(row[1]) <= 1.0, row
        load_opinions(language, fold)


def test_the_longest_match_wins() -> None:
    table: StemTable[str] = StemTable()
    for stem in ("ela", "elaqe*", "sag*", "sag ol*", "a b c"):
        table.add(stem, stem)

    def found(text: str) -> tuple[str, int, str] | None:
        match = table.at(text.split(), 0)
        return match and (match.value, match.span, match.ending)

    assert found("ela") == ("ela", 1, "")
    assert found("elaqeler") == ("elaqe*", 1, "ler")
    assert found("sagdir") == ("sag*", 1, "dir")
    assert found("sag olun") == ("sag*", 1, "") or found("sag olun") == ("sag ol*", 2, "un")
    assert found("a b") is None


def test_read_command_writes_json_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Çox yaxşı\nзззз\n"))

    assert main(["read"]) == 0

    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["sentiment"] == "positive"
    assert first["reader"] == READER_VERSION
    assert second["polarity"] is None


def test_quality_command_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_text(
        "sentiment\ttopics\ttext\n"
        "positive\t-\tÇox yaxşı xidmət\n"
        "negative\twaiting\tİki saat gözlədim\n"
        "negative\t-\tÇox gözəl xidmət\n",
        encoding="utf-8",
    )

    assert main(["quality", "--in", str(file), "--show-errors", "1"]) == 0
    report = capsys.readouterr().out
    assert "accuracy 0.667" in report
    assert "waiting              1.000  1.000  1.000" in report
    assert "negative read as positive: Çox gözəl xidmət" in report

    assert main(["quality", "--in", str(file), "--half", "odd"]) == 0
    assert "az: 1 comments" in capsys.readouterr().out


def test_quality_command_reads_numbered_labels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_text("text\tlabel\tlang\nПлохо\t-1\tru\nХорошо\t1\tru\n", encoding="utf-8")

    assert main(["quality", "--in", str(file)]) == 0
    assert "ru: 2 comments" in capsys.readouterr().out
