"""Reading reports: pages, charts and files, for those who may and nobody else."""

import re

import pytest

from analysis.sentences import ReportText
from survey_app.i18n import wording
from survey_app.reports.publishing import publish_month, read_report
from tests.busy_center import LATER, OCTOBER


@pytest.fixture
def published(session, busy_center):
    row = publish_month(session, busy_center, OCTOBER, LATER)
    session.commit()
    return row


@pytest.fixture
def reader(sign_in, viewer):
    return sign_in(viewer)


def said(text):
    return " ".join(text.split())


def test_the_list_shows_only_centers_the_reader_may_see(reader, published, other_center):
    page = reader.get("/reports/").text
    assert "Center own (en)" in page
    assert "Center other (en)" not in page


def test_the_list_and_the_report_page_and_the_dashboard_say_the_same_share(reader, published):
    share = ReportText(read_report(published), wording("en"))
    figure = share.share(share.report.headline.satisfied)
    for address in ("/reports/", "/reports/own/2026-10", "/dashboard/own/?month=2026-10"):
        assert figure in reader.get(address).text, address


def test_the_dashboard_counts_what_the_report_counts(session, make, reader, published, busy_center):
    report = read_report(published)
    page = said(reader.get("/dashboard/own/?month=2026-10").text)
    assert ReportText(report, wording("en")).base_line in page
    make.rating(make.touchpoint(busy_center), score=1)
    assert ReportText(report, wording("en")).base_line not in said(
        reader.get("/dashboard/own/?month=2026-10").text
    )


def test_the_page_answers_in_the_language_of_its_address(reader, published):
    for language, word in (("az", "Center own (az)"), ("ru", "Center own (ru)")):
        page = reader.get(f"/reports/own/2026-10?lang={language}").text
        assert word in page
        assert f'lang="{language}"' in page


def test_every_chart_of_the_page_can_be_fetched_and_kept(reader, published):
    page = reader.get("/reports/own/2026-10").text
    charts = re.findall(r'<img[^>]*src="([^"]+charts[^"]+)"', page)
    assert len(charts) >= 7
    for address in charts:
        answer = reader.get(address.replace("&amp;", "&"))
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("extension", "start"),
    [("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("json", b"{")],
)
def test_files_have_a_name_that_says_what_they_are(reader, published, extension, start):
    answer = reader.get(f"/reports/own/2026-10/report.{extension}?lang=ru")
    assert answer.data.startswith(start)
    assert f"rey-own-2026-10-r1-ru.{extension}" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "address",
    [
        "/reports/own/2026-09",
        "/reports/own/2026-13",
        "/reports/own/october",
        "/reports/own/2026-10?revision=2",
        "/reports/own/2026-10?revision=99999999999999999999",
        "/reports/own/2026-10/report.docx",
        "/reports/own/2026-10/charts/unicorns.svg",
        "/reports/nowhere/2026-10",
        "/dashboard/own/?month=2026-99",
        "/dashboard/own/?month=0001-01",
        "/dashboard/own/?month=9999-12",
    ],
)
def test_what_does_not_exist_is_not_found(reader, published, address):
    assert reader.get(address).status_code == 404


def test_an_earlier_revision_stays_readable(session, make, reader, published, busy_center):
    make.rating(make.touchpoint(busy_center), score=1)
    publish_month(session, busy_center, OCTOBER, LATER)
    session.commit()
    bases = [
        re.search(r"Ratings: (\d+)", reader.get(f"/reports/own/2026-10?revision={n}").text).group(1)
        for n in (1, 2)
    ]
    assert int(bases[1]) == int(bases[0]) + 1


def test_citizens_words_are_escaped_on_the_page(session, make, reader, busy_center):
    words = "<script>alert(1)</script> operator çox kobud idi, heç kömək etmədi"
    make.reading(
        make.rating(make.touchpoint(busy_center), score=1, comment=words),
        "negative",
        topics=["staff_courtesy"],
    )
    publish_month(session, busy_center, OCTOBER, LATER)
    session.commit()
    page = reader.get("/reports/own/2026-10").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
