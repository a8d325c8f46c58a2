"""The network's month: frozen once all centers are, again when one is, for network roles only."""

import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from analysis.months import Month
from analysis.network import NetworkReport as NetworkValue
from analysis.network_sentences import NetworkText
from survey_app.i18n import wording
from survey_app.models import LANGUAGES, AuditEvent, Center, NetworkReport
from survey_app.reports.network import (
    due_network_months,
    failed_network_months,
    find_network_report,
    publish_network,
    publish_network_due,
    read_network_report,
)
from survey_app.reports.network_rendering import render_network_report
from survey_app.reports.publishing import publish_month
from tests.busy_center import LATER, OCTOBER
from tests.factories import NOON

PAGE = "/reports/network/2026-10"


@pytest.fixture
def rated(session, make, center, other_center):
    """Two centers with ratings in October on two channels, none of them published."""
    survey = make.survey()
    service = make.service("03-01-01")
    for each, scores in ((center, (5,) * 12), (other_center, (5,) * 10 + (1, 2))):
        tablet = make.touchpoint(each, survey_id=survey.id, service_id=service.id)
        poster = make.poster(each, survey_id=survey.id, service_id=service.id)
        for score in scores:
            make.rating(tablet, score=score)
        make.rating(poster, score=1)
        make.visits(each, service, served=100)
    return center, other_center


@pytest.fixture
def freeze(session):
    """Publish these centers' October."""

    def freeze(*centers, at=LATER):
        for each in centers:
            assert publish_month(session, each, OCTOBER, at) is not None
        session.commit()

    return freeze


@pytest.fixture
def publish(session):
    """Publish the network's months as the worker does; how many."""

    def publish(at=LATER):
        session.commit()
        return publish_network_due(session, at, OCTOBER)

    return publish


@pytest.fixture
def row(session, rated, freeze, publish):
    freeze(*rated)
    assert publish() == 1
    return find_network_report(session, OCTOBER)


@pytest.fixture
def reader(sign_in, analyst):
    return sign_in(analyst)


# --- publishing ------------------------------------------------------------------------------


def test_an_incomplete_month_waits_for_its_last_center(session, rated, freeze, publish):
    assert publish() == 0
    freeze(rated[0])
    assert publish() == 0
    assert find_network_report(session, OCTOBER) is None
    freeze(rated[1])
    assert publish() == 1


def test_it_is_frozen_once_and_noted(session, row, publish):
    assert publish(LATER + timedelta(days=1)) == 0
    value = read_network_report(row)
    assert (value.revision, value.tally.base) == (1, 26)
    assert [center.slug for center in value.centers] == ["other", "own"]
    (event,) = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "network_report_published")
    )
    assert event.detail == {"month": "2026-10", "revision": 1, "made_of": row.made_of}


def test_a_centers_new_revision_makes_a_new_one_and_the_first_stays(
    session, make, rated, row, freeze, publish
):
    first = row.value
    make.rating(make.touchpoint(rated[0]), score=1)
    assert publish() == 0
    freeze(rated[0], at=LATER + timedelta(days=1))
    assert publish(LATER + timedelta(days=1)) == 1
    rows = session.scalars(select(NetworkReport).order_by(NetworkReport.revision)).all()
    assert [(each.revision, each.value == first) for each in rows] == [(1, True), (2, False)]
    values = [read_network_report(each) for each in rows]
    assert [value.tally.base for value in values] == [26, 27]
    assert values[0].data_hash != values[1].data_hash
    assert publish(LATER + timedelta(days=2)) == 0


def test_two_workers_at_once_make_one(session, rated, freeze):
    freeze(*rated)
    bind, both = session.get_bind(), Barrier(2)

    def work(_):
        with Session(bind) as own:
            both.wait(10)
            return publish_network_due(own, LATER, OCTOBER)

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(work, range(2))) == [0, 1]
    assert [each.revision for each in session.scalars(select(NetworkReport))] == [1]


def test_a_worker_that_comes_second_finds_it_done(session, rated, freeze, publish):
    """What was due when it looked is published by the time its turn comes."""
    freeze(*rated)
    ((month, made_of),) = due_network_months(session, OCTOBER)
    publish()
    assert publish_network(session, month, made_of, LATER) is None
    assert len(session.scalars(select(NetworkReport)).all()) == 1


def test_a_center_revised_meanwhile_is_not_put_back(session, make, rated, freeze):
    """A worker that looked before another published a newer state must not follow with an older."""
    freeze(*rated)
    make.rating(make.touchpoint(rated[0]), score=1)
    session.commit()
    bind, center_id = session.get_bind(), rated[0].id

    def publish_newer(_session):
        with Session(bind) as own:
            assert publish_month(own, own.get_one(Center, center_id), OCTOBER, LATER)
            own.commit()
            assert publish_network_due(own, LATER, OCTOBER) == 1

    # The first thing a worker does after it has looked is to end the transaction it looked in.
    event.listen(session, "after_rollback", publish_newer, once=True)
    assert publish_network_due(session, LATER, OCTOBER) == 0
    assert [each.revision for each in session.scalars(select(NetworkReport))] == [1]


def test_a_spoilt_report_keeps_only_its_own_month_from_being_published(
    session, make, rated, freeze, publish
):
    place = make.touchpoint(rated[0])
    for _ in range(12):
        make.rating(place, score=5, rated_at=NOON - timedelta(days=30))
    make.report(rated[0], month=Month(2026, 9).first_day, value='{"format": 1}', digest=b"\0" * 32)
    freeze(*rated)
    session.commit()
    assert publish_network_due(session, LATER, Month(2026, 9)) == 1
    assert find_network_report(session, OCTOBER) is not None
    assert find_network_report(session, Month(2026, 9)) is None
    (failure,) = failed_network_months(session, Month(2026, 9))
    assert (failure.month, failure.failed_at) == (Month(2026, 9), LATER)
    assert "digest" in failure.problem


def test_a_month_that_cannot_be_published_is_on_the_page_until_it_is(
    session, make, rated, freeze, publish
):
    freeze(*rated)
    make.network_report(month=Month(2026, 9).first_day)
    session.execute(text("CREATE UNIQUE INDEX once ON network_report (revision)"))
    session.commit()
    assert [publish(), publish(LATER + timedelta(minutes=1))] == [0, 0]
    noted = select(AuditEvent).where(AuditEvent.action == "network_report_failed")
    assert [each.happened_at for each in session.scalars(noted)] == [LATER]
    assert failed_network_months(session, OCTOBER)[0].month == OCTOBER
    session.execute(text("DROP INDEX once"))
    session.commit()
    assert publish(LATER + timedelta(minutes=2)) == 1
    assert failed_network_months(session, OCTOBER) == []


@pytest.mark.any_database
def test_the_list_says_which_month_could_not_be_published_and_why(
    make, rated, freeze, publish, reader
):
    freeze(rated[0])
    spoilt = make.report(rated[1], month=OCTOBER.first_day, digest=bytes(32))
    assert "Could not be published" not in reader.get("/reports/network/").text
    assert publish() == 0
    page = reader.get("/reports/network/").text
    assert "Could not be published" in page
    assert f"report {spoilt.id} does not match its digest" in page


def test_a_value_that_was_tampered_with_is_not_read(make):
    with pytest.raises(ValueError, match="digest"):
        read_network_report(make.network_report(digest=b"\0" * 32))


# --- pages -----------------------------------------------------------------------------------


@pytest.mark.any_database
def test_the_list_links_to_every_month(reader, row):
    page = reader.get("/reports/network/").text
    assert f'href="{PAGE}"' in page
    assert figure(row) in page


@pytest.mark.any_database
def test_before_the_first_report_the_list_says_what_it_waits_for(reader):
    assert "once every center that has ratings" in reader.get("/reports/network/").text


@pytest.mark.any_database
@pytest.mark.parametrize("name", ["viewer", "manager", "stranger"])
def test_whoever_knows_one_center_is_neither_told_nor_shown(request, sign_in, row, name):
    client = sign_in(request.getfixturevalue(name))
    published, missing = (client.get(f"/reports/network/{m}") for m in ("2026-10", "2026-09"))
    assert published.status_code == missing.status_code == 404
    assert "/reports/network/" not in client.get("/reports/").text


@pytest.mark.any_database
def test_who_sees_the_network_is_led_there_from_the_reports(reader, row):
    assert 'href="/reports/network/"' in reader.get("/reports/").text


@pytest.mark.any_database
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_on_the_page_are_those_of_the_value(reader, row, language):
    value = read_network_report(row)
    text = NetworkText(value, wording(language))
    page = said(reader.get(f"{PAGE}?lang={language}").text)
    assert f'lang="{language}"' in page
    for center in value.centers:
        cells = [text.share(center.satisfied), text.interval(center.satisfied)]
        cells += [text.base(center.satisfied), text.count(center.served)]
        line = re.search(rf"{re.escape(text.center_name(center))}</a></th>(.*?)</tr>", page).group(
            1
        )
        cells += [text.rate(center.response_rate), text.place(center)]
        assert re.findall(r"<td[^>]*>(.*?)</td>", line) == list(map(said, cells))
    for sentence in (text.base_line, *text.judgement, *text.changed, *text.todo):
        assert said(sentence) in page.replace("&#39;", "'").replace("&#34;", '"')
    assert said(text.bounds_sentence) in page
    assert value.data_hash in page


@pytest.mark.any_database
def test_every_chart_of_the_page_can_be_fetched_and_kept(reader, row):
    charts = re.findall(r'<img[^>]*src="([^"]+charts[^"]+)"', reader.get(PAGE).text)
    assert len(charts) >= 5
    for address in charts:
        answer = reader.get(address.replace("&amp;", "&"))
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.any_database
def test_the_page_leads_to_the_very_revisions_it_is_made_of(reader, row):
    page = reader.get(PAGE).text
    links = re.findall(r'href="(/reports/(?:own|other)/2026-10\?[^"]+)"', page)
    assert len(set(links)) == 2
    for address in links:
        assert reader.get(address.replace("&amp;", "&")).status_code == 200


@pytest.mark.any_database
@pytest.mark.parametrize(
    "address",
    [
        "/reports/network/2026-09",
        "/reports/network/october",
        f"{PAGE}?revision=2",
        f"{PAGE}?revision=99999999999999999999",
        f"{PAGE}/report.docx",
        f"{PAGE}/charts/unicorns.svg",
    ],
)
def test_what_does_not_exist_is_not_found(reader, row, address):
    assert reader.get(address).status_code == 404


# --- files -----------------------------------------------------------------------------------


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("extension", "start"),
    [("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("json", b"{")],
)
def test_files_have_a_name_that_says_what_they_are(reader, row, extension, start):
    answer = reader.get(f"{PAGE}/report.{extension}?lang=ru")
    assert answer.data.startswith(start)
    assert f"rey-network-2026-10-r1-ru.{extension}" in answer.headers["Content-Disposition"]


@pytest.mark.any_database
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_files_tell_the_same_share(app, row, language):
    value = read_network_report(row)
    with app.test_request_context():
        files = {e: render_network_report(row, language, e) for e in ("pdf", "xlsx", "csv", "json")}
    assert NetworkValue.from_dict(json.loads(files["json"])) == value
    table = csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig")))
    (line,) = [
        each for each in table if (each["key"], each["measure"]) == ("network", "share_satisfied")
    ]
    assert float(line["value"]) == value.satisfied.value
    sheet = openpyxl.load_workbook(io.BytesIO(files["xlsx"])).worksheets[0]
    cells = [cell for line in sheet.iter_rows(values_only=True) for cell in line]
    assert pytest.approx(value.satisfied.value, rel=1e-15) in cells
    first = said(PdfReader(io.BytesIO(files["pdf"])).pages[0].extract_text())
    text = NetworkText(value, wording(language))
    assert said(text.share(value.satisfied)) in first
    assert said(text.base_line) in first


# ----- local fixtures


def said(text):
    """Text without its kinds of white space."""
    return " ".join(text.split())


def figure(row):
    value = read_network_report(row)
    return NetworkText(value, wording("en")).share(value.satisfied)
