"""Reading delivered files: letters, columns, lines; whatever the bytes are."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.visits import files
from survey_app.visits.files import (
    GROUPS,
    VISITS,
    VISITS_BY_HOUR,
    UnusableFile,
    open_file,
    printable,
)

ROWS = [["own", "2026-10-05", "01-01-01", "41"], ["own", "2026-10-06", "01-01-01", "0"]]


def rows_of(content: bytes) -> list[tuple[int, list[str] | None]]:
    return list(open_file(io.BytesIO(content)).rows())


def written(rows, head=VISITS, delimiter=",", end="\r\n") -> str:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter, lineterminator=end).writerows([head, *rows])
    return target.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_letters_delimiters_and_line_ends_are_found_out(encoding, delimiter, end):
    content = written(ROWS, delimiter=delimiter, end=end).encode(encoding)
    assert rows_of(content) == [(2, ROWS[0]), (3, ROWS[1])]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("Served,SERVICE, day ,centre", "utf-8"),
        ("Say;Xidmət kodu;Gün;Mərkəz", "utf-8"),
        ("XİDMƏT GÖSTƏRİLİB;Xidmət;Tarix;MƏRKƏZ", "utf-8"),
        ("say;xidmet;gün;merkez", "cp1254"),
        ("Обслужено;Код услуги;Дата;Центр", "utf-8"),
        ("Обслужено;Код услуги;Дата;Центр", "cp1251"),
        ('"Число"\t"Услуга"\t"День"\t"Код центра"', "utf-16"),
        ("people_served,service-code,Date,Center Code", "utf-8"),
    ],
)
def test_columns_are_known_in_three_languages_and_any_order(head, encoding):
    delimiter = max(",;\t", key=head.count)
    line = delimiter.join(["41", "01-01-01", "2026-10-05", "own"])
    assert rows_of(f"{head}\n{line}\n".encode(encoding)) == [(2, ROWS[0])]


def test_what_excel_adds_is_understood():
    content = (
        'sep=;\r\n\r\ncenter;day;service;served;;\r\nown;05.10.2026;="01-01-01";41;;\r\n;;;;;\r\n'
    )
    assert rows_of(content.encode()) == [(4, ["own", "05.10.2026", "01-01-01", "41"])]


def test_the_three_forms_are_told_apart():
    for columns in (VISITS, VISITS_BY_HOUR, GROUPS):
        assert open_file(io.BytesIO(",".join(columns).encode())).columns == columns


@pytest.mark.parametrize(
    ("content", "reason", "detail"),
    [
        (b"", "empty_file", ""),
        (b"\r\n \r\n", "empty_file", ""),
        (b"sep=;\n", "empty_file", ""),
        (b"center,day,service\n", "missing_columns", "served"),
        (b"center,month,served\n", "missing_columns", "question, option"),
        (b"center,day,service,served,huor\n", "unknown_column", "huor"),
        (b"center,day,service,served,date\n", "repeated_column", "date"),
        (b"center,day,service,served,month,question,option\n", "mixed_columns", ""),
        ("центр;день".encode("koi8-r"), "unknown_encoding", ""),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "unknown_encoding", ""),
        (b"PK\x03\x04\x14\x00\x06\x00", "workbook", ""),
        (b"center,day,service,served,\x1b[2Jx\n", "unknown_column", "\ufffd[2Jx"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_clear_word(content, reason, detail):
    with pytest.raises(UnusableFile) as problem:
        open_file(io.BytesIO(content))
    assert (problem.value.reason, problem.value.detail) == (reason, detail)


def test_a_bad_line_spoils_no_other():
    content = (
        "center,day,service,served\n"
        'own,"2026-10-05,01-01-01,41\n'
        "own,2026-10-05,01-01-01\n"
        "own,2026-10-05,01-01-01,41,extra\n"
        f"own,2026-10-05,01-01-01,{'9' * 200_000}\n"
        "own,2026-10-05,01-01-01,41\n"
    )
    file = open_file(io.BytesIO(content.encode()))
    read = list(file.rows())
    assert [(number, cells is None) for number, cells in read] == [
        (2, True),
        (3, True),
        (4, True),
        (5, False),
        (6, False),
    ]
    assert read[-1][1] == ROWS[0]
    texts = file.texts([5, 2, 999])
    assert texts.keys() == {2, 5}
    assert texts[2] == 'own,"2026-10-05,01-01-01,41'
    assert len(texts[5]) == 200


def test_a_file_may_not_be_endless(monkeypatch):
    monkeypatch.setattr(files, "LINE_LIMIT", 3)
    content = written([ROWS[0]] * 3).encode()
    assert len(rows_of(content)) == 3
    with pytest.raises(UnusableFile, match="too_many_lines"):
        rows_of(content + b"own,2026-10-05,01-01-01,41\n")
    monkeypatch.setattr(files, "FILE_LIMIT", 10)
    with pytest.raises(UnusableFile, match="too_large"):
        open_file(io.BytesIO(content))


def test_progress_ends_with_the_whole_file():
    steps: list[int] = []
    file = open_file(io.BytesIO(written(ROWS * 4000).encode()))
    list(file.rows(steps.append))
    assert steps == sorted(steps)
    assert (len(steps), steps[-1]) == (2, file.size)


def test_what_is_kept_of_a_line_can_be_stored_and_shown():
    assert printable(" a\x00b\ud800c\u2028d\n") == "a\ufffdb\ufffdc\ufffdd"


cells = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), max_size=12)


@given(
    st.lists(st.tuples(cells, cells, cells, cells), max_size=8),
    st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.permutations(VISITS),
)
def test_what_was_written_is_read(rows, delimiter, encoding, order):
    """Round trip through the csv module's own writer, columns in any order."""
    rows = [[cell.replace('"', "").strip("=\ufeff") for cell in row] for row in rows]
    shuffled = [[row[VISITS.index(name)] for name in order] for row in rows]
    content = written(shuffled, head=order, delimiter=delimiter).encode(encoding)
    expected = [row for row in rows if any(cell.strip(delimiter) for cell in row)]
    assert [row for _, row in rows_of(content)] == expected


@given(
    st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=200).map(lambda tail: b"center,day,service,served\n" + tail),
        st.binary(max_size=200).map(lambda tail: b"\xff\xfec\x00e\x00" + tail),
    )
)
def test_no_bytes_are_too_strange(content):
    """Any bytes are either refused or read line by line."""
    try:
        file = open_file(io.BytesIO(content))
    except UnusableFile:
        return
    numbers = [number for number, _ in file.rows()]
    texts = file.texts(numbers)
    assert texts.keys() == set(numbers)
    assert all(printable(text) == text and "\x00" not in text for text in texts.values())
