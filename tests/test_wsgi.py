"""Serving static files: compressed for who takes it, and never out of date."""

import errno
import gzip
import os

import pytest

from survey_app.wsgi import build_wsgi_app, compress_files


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk" / "app.js").write_text("let waiting = true;\n" * 100)
    (tmp_path / "font.woff2").write_bytes(b"wOF2")
    return tmp_path


def test_what_gains_from_it_gets_a_compressed_copy(folder):
    compress_files(folder)
    copy = folder / "kiosk" / "app.js.gz"
    assert gzip.decompress(copy.read_bytes()) == (folder / "kiosk" / "app.js").read_bytes()
    assert sorted(path.name for path in folder.rglob("*.*")) == [
        "app.js",
        "app.js.gz",
        "font.woff2",
    ]


def test_a_changed_file_gets_a_new_copy_and_another_keeps_its_own(folder):
    compress_files(folder)
    path, copy = folder / "kiosk" / "app.js", folder / "kiosk" / "app.js.gz"
    first = copy.stat().st_ino
    compress_files(folder)
    assert copy.stat().st_ino == first
    # Put back from a backup, a file may well be older than the copy of the one it replaces.
    path.write_text("let waiting = false;")
    os.utime(path, ns=(1, 1))
    compress_files(folder)
    assert gzip.decompress(copy.read_bytes()) == b"let waiting = false;"


@pytest.mark.parametrize("trouble", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_where_nothing_can_be_written_files_stay_as_they_are(folder, monkeypatch, trouble):
    def refuse(**_):
        raise OSError(trouble, os.strerror(trouble))

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    compress_files(folder)
    assert not list(folder.rglob("*.gz"))


@pytest.mark.any_database
def test_the_server_sends_the_copy_to_who_takes_it(settings):
    client = build_wsgi_app(settings).test_client()
    address, sizes = "/static/kiosk/kiosk.css", {}
    for encoding in ("identity", "gzip"):
        answer = client.get(address, headers={"Accept-Encoding": encoding})
        assert "Accept-Encoding" in answer.headers["Vary"]
        sizes[encoding] = len(answer.data)
        answer.close()
    assert sizes["gzip"] < sizes["identity"] / 2
