"""The visits room's pages: what is missing, handing in a file, what became of it."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from survey_app.config import ROOT
from survey_app.models import VisitCount, VisitImport
from survey_app.visits import files, views
from survey_app.visits.words import FILES, LINES

pytestmark = pytest.mark.any_database

NOW = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)
GOOD = "center,day,service,served\nown,2026-10-05,01-01-01,41\n"
HOSTILE = '=HYPERLINK("http://evil.example.org")<script>alert(1)</script>'


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service(make):
    return make.service("01-01-01")


@pytest.fixture
def hand_in(sign_in):
    """`hand_in(user, text)`: choose a file and press a button; the answer and the client."""

    def hand_in(user, text, *, button="store", name="visits.csv"):
        client = sign_in(user)
        content = text.encode() if isinstance(text, str) else text
        answer = client.submit(
            "/visits/", {"file": (io.BytesIO(content), name), button: "1"}, to="/visits/"
        )
        return answer, client

    return hand_in


def stored(session):
    return session.scalar(select(func.count()).select_from(VisitCount))


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_file_is_taken_in_and_its_report_has_an_address(session, hand_in, manager, service):
    answer, client = hand_in(manager, GOOD + "moon,2026-10-05,01-01-01,41\n")
    assert answer.status_code == 303
    assert stored(session) == 1
    page = text_of(client.get(answer.location).text)
    assert "Added 1 Changed 0 Unchanged 0 Rejected 1" in page
    assert "3 No center of yours has this short name. moon,2026-10-05,01-01-01,41" in page
    (row,) = session.scalars(select(VisitImport))
    assert (row.source, row.name, row.imported_by) == ("web", "visits.csv", manager.id)


def test_the_same_file_again_changes_nothing_and_says_so(session, hand_in, manager, service):
    hand_in(manager, GOOD)
    answer, client = hand_in(manager, GOOD)
    page = text_of(client.get(answer.location).text)
    assert "Every line is known already: nothing changes." in page
    assert "The very same file was handed in on 3 November 2026, 10:00." in page


def test_a_file_can_be_checked_without_being_stored(session, hand_in, manager, service):
    answer, _ = hand_in(manager, GOOD, button="look")
    assert answer.status_code == 200
    assert "Nothing is stored yet. Every line is good." in text_of(answer.text)
    assert (stored(session), session.scalars(select(VisitImport)).all()) == (0, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The file is empty."),
        ("center,day\n", "The first line lacks these columns: service, served"),
        ("center,day,service,served,<b>\n", "not known here: &lt;b&gt;"),
        (b"PK\x03\x04", "This is a workbook."),
    ],
)
def test_an_unusable_file_is_refused_with_a_word(session, hand_in, manager, text, words):
    answer, _ = hand_in(manager, text)
    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalars(select(VisitImport)).all() == []


def test_no_file_is_told(hand_in, sign_in, manager):
    answer = sign_in(manager).submit("/visits/", {"store": "1"})
    assert answer.status_code == 422
    assert "Please choose a file." in answer.text


def test_too_large_a_file_is_refused(session, hand_in, manager, service, monkeypatch):
    assert views._BODY_LIMIT > files.FILE_LIMIT == 20 * 1024 * 1024
    monkeypatch.setattr(files, "FILE_LIMIT", 100_000)
    monkeypatch.setattr(views, "_BODY_LIMIT", 150_000)
    for length, status in ((90_000, 303), (110_000, 422), (160_000, 413)):
        answer, _ = hand_in(manager, GOOD + "\n" * length)
        assert answer.status_code == status
        assert ("The file is larger than 20 MB." in answer.text) == (status != 303)
    assert stored(session) == 1


def test_a_stranger_may_not_even_send_much(client):
    answer = client.post("/visits/", data={"file": (io.BytesIO(b"x" * 200_000), "x.csv")})
    assert answer.status_code == 413


@pytest.mark.parametrize("name", ["viewer", "analyst", "auditor"])
def test_who_only_reads_sees_no_form_and_may_hand_in_nothing(
    session, sign_in, cast, center, service, name
):
    client = sign_in(cast[name])
    page = client.get("/visits/")
    assert (page.status_code, 'type="file"' in page.text) == (200, False)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    answer = client.post(
        "/visits/",
        data={"file": (io.BytesIO(GOOD.encode()), "x.csv"), "csrf_token": token, "store": "1"},
    )
    assert (answer.status_code, stored(session)) == (404, 0)


def test_a_manager_speaks_for_the_own_center_only(
    session, hand_in, stranger, admin, center, service
):
    answer, client = hand_in(stranger, GOOD.replace("own", "other") + GOOD.splitlines()[1])
    assert (answer.status_code, stored(session)) == (303, 1)
    assert "No center of yours" in client.get(answer.location).text
    answer, _ = hand_in(admin, GOOD)
    assert stored(session) == 2


def test_a_report_is_for_who_handed_it_in_and_for_the_network(
    session, hand_in, sign_in, cast, center, service
):
    answer, _ = hand_in(cast["manager"], GOOD + "x\n")
    for address in (answer.location, f"{answer.location}/rejected.csv"):
        statuses = {name: sign_in(user).get(address).status_code for name, user in cast.items()}
        assert statuses == {
            "manager": 200,
            "viewer": 404,
            "stranger": 404,
            "analyst": 200,
            "auditor": 200,
            "admin": 200,
        }
    for missing in ("7777", "9" * 30):
        assert sign_in(cast["admin"]).get(f"/visits/imports/{missing}").status_code == 404


def test_rejected_lines_are_harmless_wherever_they_are_shown(hand_in, manager, service):
    lines = [HOSTILE, "@SUM(1)", " +1", "-1", "\t=1", "\u202eevil", "a\x00b"]
    text = "center;day;service;served\n" + "\n".join(lines)
    answer, client = hand_in(manager, text, name="=cmd()<b>.csv")
    page = client.get(answer.location)
    assert "<script>alert" not in page.text
    assert "<b>.csv" not in page.text
    download = client.get(f"{answer.location}/rejected.csv")
    assert download.mimetype == "text/csv"
    assert download.headers["Content-Disposition"].startswith("attachment")
    head, *rows = csv.reader(io.StringIO(download.data.decode("utf-8-sig")))
    assert head == ["line", "reason", "text"]
    assert [row[0] for row in rows] == ["2", "3", "4", "5", "6", "7", "8"]
    assert not [
        cell for row in rows for cell in row if cell.lstrip().startswith(("=", "+", "-", "@"))
    ]
    assert rows[0][2] == "'" + HOSTILE
    assert "\x00" not in download.text


def test_missing_days_are_said(make, sign_in, viewer, center, service):
    make.holiday(date(2026, 10, 8))
    worked = [date(2026, 9, 1) + timedelta(day) for day in range(60)]
    for day in worked:
        if day.isoweekday() < 6 and day not in {date(2026, 10, 7), date(2026, 10, 8)}:
            make.visits(center, service, 37, day)
    make.visits(center, make.service(), 5, date(2026, 10, 5))
    page = sign_in(viewer).get("/visits/own/").text
    cells = dict(
        re.findall(r'<td class="(\w+)"><time datetime="2026-10-0(\d)"', page)[i][::-1]
        for i in range(9)
    )
    assert (cells["5"], cells["7"], cells["8"], cells["3"]) == (
        "counted",
        "missing",
        "closed",
        "closed",
    )
    assert re.search(r'datetime="2026-10-05">5</time><b>42</b>', page)
    # 2 November is missing, too; 3 November is today and may still come.
    assert "Open days without a count: 2." in page
    assert len(re.findall(r'<td class="missing"', page)) == 2
    assert '<td class="ahead"><time datetime="2026-11-03"' in page


def test_the_index_counts_what_is_missing(make, sign_in, analyst, center, other_center, service):
    make.visits(center, service, 37, date(2026, 10, 5))
    page = text_of(sign_in(analyst).get("/visits/").text)
    # From 1 September there are 45 workdays that are over.
    assert "Center own (en) 1 44 5 October 2026" in page
    assert "Center other (en) 0 45 none" in page
    assert "Centers with missing days in the last three months: 2 of 2." in page


def test_deliveries_are_shown_to_every_reader_of_the_center(
    hand_in, sign_in, viewer, manager, service
):
    hand_in(manager, GOOD, name="<i>october.csv")
    page = sign_in(viewer).get("/visits/own/").text
    assert "&lt;i&gt;october.csv" in page
    assert "October 2026</td>" in page


@pytest.mark.parametrize("language", ["az", "ru", "en"])
@pytest.mark.parametrize("form", ["days", "hours", "groups"])
def test_a_file_to_fill_in_is_good_once_it_is_filled_in(
    session, make, sign_in, hand_in, manager, service, form, language
):
    make.survey()
    client = sign_in(manager)
    client.post("/language", data={"language": language})
    with client.session_transaction() as cookie:
        cookie["language"] = language
    blank = client.get(f"/visits/own/blank-{form}.csv")
    assert blank.status_code == 200
    lines = blank.data.decode("utf-8-sig").splitlines()
    assert len(lines) > 4
    hand_in(manager, blank.data)
    (row,) = session.scalars(select(VisitImport))
    assert (row.added, row.rejected) == (0, len(lines) - 1)
    hand_in(manager, "\n".join([lines[0]] + [line + "7" for line in lines[1:]]))
    session.refresh(row)
    newest = session.scalars(select(VisitImport).order_by(VisitImport.id.desc())).first()
    assert (newest.added, newest.rejected) == (len(lines) - 1, 0)


def test_there_is_no_other_file_to_fill_in(sign_in, manager):
    assert sign_in(manager).get("/visits/own/blank-shoes.csv").status_code == 404


def test_every_reason_has_its_words():
    rooms = [ROOT / "survey_app" / name for name in ("visit_counts", "visits")]
    sources = [path.read_text(encoding="utf-8") for room in rooms for path in room.glob("*.py")]
    text = "".join(sources)
    reasons = set(re.findall(r'(?:Unusable\(|reason = |Problem\([\w.]+, )"(\w+)"', text))
    assert len(reasons) > 10
    assert reasons <= LINES.keys()
    assert set(re.findall(r'UnusableFile\("(\w+)"', text)) <= FILES.keys()
