"""The recordings a tablet reads aloud from: complete, playable, and of nobody's old words."""

import json
import shutil
import struct
from pathlib import Path

import pytest

from survey_app.i18n import wording
from survey_app.kiosk.texts import TEXTS
from survey_app.models import LANGUAGES
from survey_app.static.kiosk.voice import record

OPUS_RATE = 48_000
HINT = "run `.venv/bin/python -m survey_app.static.kiosk.voice.record`"


@pytest.fixture
def index():
    return read_index(record.HERE)


@pytest.fixture
def folder(tmp_path):
    """A copy of all the recordings, to be changed at will."""
    copy = tmp_path / "voice"
    shutil.copytree(record.HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_every_phrase_is_recorded_and_nothing_else(index):
    said = {(language, text): name for language, name, text in record.phrases()}
    recorded = {
        (language, text): name for language, texts in index.items() for text, name in texts.items()
    }
    assert recorded == said, HINT
    files = {path.relative_to(record.HERE).as_posix() for path in record.HERE.glob("*/*.ogg")}
    assert files == {f"{language}/{name}" for (language, _), name in recorded.items()}, HINT


def test_what_citizens_meet_is_among_them_and_what_staff_meet_is_not(index):
    for language in LANGUAGES:
        words = wording(language)
        assert words.text(TEXTS["thanks_saved"]) in index[language]
        assert words.text(TEXTS["pair_title"]) not in index[language]
    assert index["az"]["Bugünkü xidmətdən nə dərəcədə razısınız?"] == "visit.satisfaction.ogg"
    assert index["ru"]["Очень довольны"] == "visit.satisfaction.5.ogg"
    assert index["en"]["Pensions"] == "area.03.ogg"


def test_every_recording_is_opus_and_neither_empty_nor_endless(index):
    lengths = {
        path: seconds_of(path)
        for language, texts in index.items()
        for path in (record.HERE / language / name for name in texts.values())
    }
    assert {path: length for path, length in lengths.items() if not 0.3 < length < 60} == {}
    # All of them, kept on every tablet, are less than one photograph.
    assert sum(path.stat().st_size for path in lengths) < 2_000_000


def test_a_recording_made_by_a_person_is_left_alone(folder):
    path, own = human_recording(folder)
    assert record.bring_up_to_date(folder) == []
    assert path.read_bytes() == own
    assert read_index(folder)["az"][text_of("thanks")] == "thanks.ogg"


def test_old_words_said_by_a_person_are_not_read_under_new_ones(folder):
    path, own = human_recording(folder)
    index = read_index(folder)
    index["az"] = {
        "Köhnə sözlər" if name == "thanks.ogg" else text: name for text, name in index["az"].items()
    }
    (folder / "index.json").write_text(json.dumps(index))

    assert record.bring_up_to_date(folder) == [f"az/thanks.ogg: {text_of('thanks')}"]
    assert text_of("thanks") not in read_index(folder)["az"]
    assert path.read_bytes() == own

    (folder / "index.json").write_text(json.dumps(index))
    assert record.bring_up_to_date(folder, ["az/thanks.ogg"]) == []
    assert read_index(folder)["az"][text_of("thanks")] == "thanks.ogg"


def human_recording(folder: Path) -> tuple[Path, bytes]:
    """A dropped-in file: what tells our own recordings is not in it."""
    path = folder / "az" / "thanks.ogg"
    path.write_bytes(path.read_bytes().replace(record.SPEAKER.encode(), b"Somebody."))
    return path, path.read_bytes()


def read_index(folder: Path) -> dict[str, dict[str, str]]:
    return json.loads((folder / "index.json").read_text())


def text_of(key: str) -> str:
    return wording("az").text(TEXTS[key])


def seconds_of(path: Path) -> float:
    """The length by the file's own last page (RFC 7845, section 4), which must be Opus in Ogg."""
    content = path.read_bytes()
    assert content.startswith(b"OggS"), path
    head = content.index(b"OpusHead")
    assert head < 64, path
    channels, skipped = struct.unpack_from("<BH", content, head + 9)
    assert channels == 1, path
    (end,) = struct.unpack_from("<q", content, content.rindex(b"OggS") + 6)
    return (end - skipped) / OPUS_RATE
