"""`./run visits`, in processes of its own."""

import pytest
from sqlalchemy import func, select

from survey_app.models import VisitCount, VisitImport

pytestmark = pytest.mark.any_database

TEXT = "center,day,service,served\nother,2026-10-05,01-01-01,7\nown,2026-10-05,01-01-01,41\n"


def test_a_file_is_checked_imported_and_exported(
    rey, session, make, center, other_center, tmp_path
):
    make.service("01-01-01")
    session.commit()
    file = tmp_path / "visits.csv"
    file.write_text(TEXT + "own,x,01-01-01,1\n")
    done = rey("visits", "import", str(file), "--check")
    assert done.stdout == "added 2, changed 0, unchanged 0, rejected 1 (nothing was stored)\n"
    assert session.scalar(select(func.count()).select_from(VisitCount)) == 0
    session.commit()
    done = rey("visits", "import", str(file), "--center", "own")
    assert done.stdout == "added 1, changed 0, unchanged 0, rejected 2\n"
    done = rey("visits", "import", str(file))
    assert done.returncode == 0
    assert done.stdout == "added 1, changed 0, unchanged 1, rejected 1\n"
    assert "line 4: The day cannot be read." in done.stderr
    assert rey("visits", "export").stdout.splitlines() == TEXT.splitlines()
    out = tmp_path / "own.csv"
    assert rey("visits", "export", "--center", "own", "--hours", "--out", str(out)).returncode == 0
    assert out.read_text() == "center,day,service,hour,served\nown,2026-10-05,01-01-01,,41\n"
    sources = session.scalars(select(VisitImport.source)).all()
    assert sources == ["cli", "cli"]


def test_what_cannot_be_imported_fails(rey, session, center, tmp_path):
    file = tmp_path / "visits.csv"
    file.write_text("center,day\n")
    done = rey("visits", "import", str(file))
    assert done.returncode == 1
    assert "lacks these columns: service, served" in done.stderr
    file.write_text("center,day,service,served\nown,x,y,z\n")
    assert rey("visits", "import", str(file)).returncode == 1
    assert "no center named moon" in rey("visits", "export", "--center", "moon").stderr
