"""Reading a delivered file: its letters, its columns, and its lines one by one."""

import codecs
import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from survey_app.errors import DomainError

FILE_LIMIT = 20 * 1024 * 1024
LINE_LIMIT = 500_000
# No valid line is near as long; a file of one endless line is not kept in memory.
_LINE_LENGTH = 4096
_TEXT_LENGTH = 200
_CHUNK = 1 << 16

VISITS = ("center", "day", "service", "served")
VISITS_BY_HOUR = ("center", "day", "service", "hour", "served")
GROUPS = ("center", "month", "question", "option", "served")

# What else the columns may be called, in English, Azerbaijani and Russian; capitals, spaces,
# and the dots and tails of Azerbaijani letters make no difference.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "center": ("centre", "center code", "mərkəz", "mərkəz kodu", "центр", "код центра"),
    "day": ("date", "gün", "tarix", "день", "дата"),
    "service": ("service code", "xidmət", "xidmət kodu", "услуга", "код услуги"),
    "hour": ("saat", "час"),
    "served": (
        "people served",
        "visits",
        "count",
        "say",
        "xidmət göstərilib",
        "обслужено",
        "количество",
        "число",
    ),
    "month": ("ay", "месяц"),
    "question": ("question code", "sual", "sual kodu", "вопрос", "код вопроса"),
    "option": (
        "option code",
        "answer",
        "cavab",
        "cavab kodu",
        "ответ",
        "код ответа",
        "вариант",
    ),
}
_LATIN = str.maketrans("əı", "ei")
# Excel writes ="02-04-07" to keep a code from being read as a date.
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
# How the workbooks of spreadsheets begin: XLSX and ODS, XLS.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


class UnusableFile(DomainError):
    """A file of which no line can be read; `reason` is a stable code, `detail` names what."""

    status = 422
    code = "unusable_file"

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A file whose letters and columns are understood.

    `columns` are ours, in the order of VISITS, VISITS_BY_HOUR or GROUPS, and `places` where
    in a line each stands; `first` is the number of the first line after the header.
    """

    stream: BinaryIO
    size: int
    digest: bytes
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    places: tuple[int, ...]
    first: int

    def rows(
        self, progress: Callable[[int], None] = lambda _bytes: None
    ) -> Iterator[tuple[int, list[str] | None]]:
        """Each line's number and its cells in the order of `columns`; None for the cells of a
        line that has too few or too many, or is no line of a table at all.

        `progress` is told now and then how many bytes were read. Raises UnusableFile when
        there are more lines than LINE_LIMIT.
        """
        for number, line in _lines(self.stream, self.encoding):
            if number - self.first >= LINE_LIMIT:
                raise UnusableFile("too_many_lines")
            if number < self.first or not line.strip(self.delimiter + " \t"):
                continue
            if number % 5000 == 0:
                progress(self.stream.tell())
            yield number, self._cells(line)
        progress(self.size)

    def texts(self, numbers: Collection[int]) -> dict[int, str]:
        """What stands in these lines, shortened, without characters that no database keeps."""
        if not numbers:
            return {}
        wanted, last = set(numbers), max(numbers)
        found = {}
        for number, line in _lines(self.stream, self.encoding):
            if number in wanted:
                found[number] = printable(line)
            if number >= last:
                break
        return found

    def _cells(self, line: str) -> list[str] | None:
        cells = _split(line, self.delimiter)
        if len(cells) <= max(self.places) or any(cells[max(self.places) + 1 :]):
            return None
        return [cells[place] for place in self.places]


def open_file(stream: BinaryIO) -> DeliveredFile:
    """Find out how a file is written. Raises UnusableFile, whatever the bytes are."""
    size = stream.seek(0, io.SEEK_END)
    if size > FILE_LIMIT:
        raise UnusableFile("too_large")
    digest, is_utf8 = _scan(stream)
    for encoding in _encodings(stream, is_utf8):
        header = _header(stream, encoding)
        if header is None:
            raise UnusableFile("empty_file")
        delimiter, line, first = header
        try:
            columns, places = _columns(_split(line, delimiter))
        except UnusableFile:
            # Letters of one old code page read as another's make no word that we know.
            if not encoding.startswith("cp") or line.isascii():
                raise
            continue
        return DeliveredFile(stream, size, digest, encoding, delimiter, columns, places, first)
    raise UnusableFile("unknown_encoding")


def printable(text: str) -> str:
    """A text as it can be stored and shown: short, of one line, without control characters."""
    return _CONTROL.sub("\ufffd", text.strip()[:_TEXT_LENGTH])


def _scan(stream: BinaryIO) -> tuple[bytes, bool]:
    """The SHA-256 of the whole file, and whether it is UTF-8."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        if is_utf8:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                is_utf8 = False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        is_utf8 = False
    return digest.digest(), is_utf8


def _encodings(stream: BinaryIO, is_utf8: bool) -> tuple[str, ...]:
    """How the file may be written, to be tried in this order."""
    stream.seek(0)
    head = stream.read(64)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if head.startswith(_WORKBOOKS):
        raise UnusableFile("workbook")
    # Delimiters of UTF-16 have a zero beside them, always on the same side; no other text has.
    zeros = {place % 2 for place, byte in enumerate(head) if byte == 0}
    if len(zeros) == 1:
        return ("utf-16-be",) if zeros == {0} else ("utf-16-le",)
    if zeros:
        return ()
    return ("utf-8-sig",) if is_utf8 else ("cp1251", "cp1254")


def _lines(stream: BinaryIO, encoding: str) -> Iterator[tuple[int, str]]:
    """The file's lines from 1, without their ends; each is read by itself, so that a stray
    quotation mark spoils one line and not the rest of the file."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding, errors="replace", newline=None)
    number, is_continued = 0, False
    try:
        while line := text.readline(_LINE_LENGTH):
            if not is_continued:
                number += 1
                yield number, line.rstrip("\n")
            is_continued = not line.endswith("\n")
    finally:
        # The stream is the caller's: closing it is not ours.
        text.detach()


def _header(stream: BinaryIO, encoding: str) -> tuple[str, str, int] | None:
    """The delimiter, the header, and the number of the line after it; None if all is empty."""
    lines = _lines(stream, encoding)
    told = None
    try:
        for number, line in lines:
            if number == 1 and (match := _SEPARATOR_LINE.fullmatch(line.strip())):
                told = match[1]
            elif line.strip():
                delimiter = told or max(",;\t", key=line.count)
                return delimiter, line, number + 1
    finally:
        lines.close()  # type: ignore[attr-defined]
    return None


def _split(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except (csv.Error, TypeError):
        return []
    return [_unwrapped(cell.strip().strip("\ufeff")) for cell in cells]


def _unwrapped(cell: str) -> str:
    match = _KEPT_AS_TEXT.fullmatch(cell) if cell.startswith("=") else None
    return match[1] if match else cell


def _folded(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_LATIN))
    return "".join(letter for letter in letters if letter.isalnum())


_NAMES = {
    _folded(name): column for column, synonyms in SYNONYMS.items() for name in (column, *synonyms)
}


def _columns(header: list[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Our columns in our order, and where each stands; raises UnusableFile."""
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        if not name:
            continue
        column = _NAMES.get(_folded(name))
        # An unknown column is more often a misspelt one than one that may be passed over.
        if column is None:
            raise UnusableFile("unknown_column", printable(name))
        if column in places:
            raise UnusableFile("repeated_column", printable(name))
        places[column] = place
    for columns in (VISITS, VISITS_BY_HOUR, GROUPS):
        if places.keys() == set(columns):
            return columns, tuple(places[column] for column in columns)
    wanted = GROUPS if places.keys() & {"month", "question", "option"} else VISITS
    missing = [column for column in wanted if column not in places]
    raise UnusableFile("missing_columns" if missing else "mixed_columns", ", ".join(missing))
