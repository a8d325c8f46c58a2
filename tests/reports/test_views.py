"""Reading reports: pages, charts and files, for those who may and nobody else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from analysis.sentences import ReportText
from survey_app.i18n import wording
from survey_app.models import AuditEvent, OutgoingMail, Report
from survey_app.reports.publishing import publish_month, read_report
from tests.busy_center import LATER, OCTOBER
from tests.factories import NOON


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


# ----- drafts


def test_a_month_that_is_over_is_shown_as_it_would_be_published(
    sign_in, manager, busy_center, session
):
    page = sign_in(manager).get("/reports/own/2026-10/draft")
    assert page.status_code == 200
    assert "Publish now" in page.text
    assert "<strong>Draft</strong>" in page.text
    row = publish_month(session, busy_center, OCTOBER, LATER)
    text = ReportText(read_report(row), wording("en"))
    assert text.base_line in said(page.text)
    assert text.passport_sentence in said(page.text)
    assert read_report(row).passport.data_hash in page.text


def test_every_chart_of_a_draft_can_be_fetched_and_is_not_kept(sign_in, manager, busy_center):
    client = sign_in(manager)
    charts = re.findall(
        r'<img[^>]*src="([^"]+charts[^"]+)"', client.get("/reports/own/2026-10/draft").text
    )
    assert len(charts) >= 7
    for address in charts:
        answer = client.get(address.replace("&amp;", "&"))
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/reports/own/2026-10/draft/charts/unicorns.svg").status_code == 404


def test_a_draft_says_what_it_waits_for(session, make, sign_in, manager, busy_center):
    place = make.touchpoint(busy_center)
    make.rating(place, comment="Oxunmayıb")
    make.rating(place, comment="Bu da")
    make.integrity_alert(busy_center)
    make.integrity_alert(
        busy_center, place, acknowledged_at=NOON, acknowledged_by=manager.id, note="Looked into"
    )
    page = said(sign_in(manager).get("/reports/own/2026-10/draft").text)
    listed = re.search('<dl class="numbers">(.*?)</dl>', page).group(1)
    waits = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)(?: ·.*?)?</dd>", listed))
    assert waits == {
        "Days until it publishes itself": "0",
        "Comments not read yet": "2",
        # Twenty-two workdays, and visits were counted on one of them.
        "Open days without a visit count": "21",
        "Open alerts": "1",
    }


def test_a_manager_publishes_a_draft_and_is_named(
    session, make, sign_in, manager, busy_center, new_client
):
    client = sign_in(manager)
    answer = client.submit("/reports/own/2026-10/draft", {})
    assert (answer.status_code, answer.location) == (302, "/reports/own/2026-10")
    row = session.scalars(select(Report).where(Report.center_id == busy_center.id)).one()
    assert (row.revision, row.reason) == (1, "first")
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "report_published")).one()
    assert (event.user_id, event.center_id) == (manager.id, busy_center.id)
    assert session.scalars(select(OutgoingMail.recipient)).one() == manager.email
    shown = client.get("/reports/own/2026-10").text
    assert "The report is published" in shown
    # Whoever had the page open, or presses twice, is led to what was published.
    assert client.get("/reports/own/2026-10/draft").location == "/reports/own/2026-10"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown).group(1)
    again = client.post("/reports/own/2026-10/draft", data={"csrf_token": token})
    assert again.location == "/reports/own/2026-10"
    assert len(session.scalars(select(Report).where(Report.center_id == busy_center.id)).all()) == 1


def test_a_draft_that_cannot_be_published_says_why(session, sign_in, manager, busy_center):
    make_tallies_disagree(session, busy_center)
    client = sign_in(manager)
    for address in ("/reports/", "/reports/own/"):
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text).group(1)
    answer = client.post("/reports/own/2026-10/draft", data={"csrf_token": token})
    assert answer.location == "/reports/own/2026-10/draft"
    for address in ("/reports/", "/reports/own/", "/reports/own/2026-10/draft"):
        page = client.get(address).text
        assert "Could not be published" in page
        assert "rebuild the tallies" in page


@pytest.mark.parametrize("month", ["2026-08", "2026-13", "2099-01", "october"])
@pytest.mark.any_database
def test_there_is_no_draft_of_a_month_without_ratings_or_before_its_end(
    sign_in, manager, busy_center, month
):
    assert sign_in(manager).get(f"/reports/own/{month}/draft").status_code == 404


@pytest.mark.any_database
def test_a_month_that_runs_is_no_draft(make, sign_in, manager, busy_center):
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    make.rating(make.touchpoint(busy_center), rated_at=now)
    assert sign_in(manager).get(f"/reports/own/{now:%Y-%m}/draft").status_code == 404


# ----- what is not published is seen in the lists


def test_drafts_overdue_and_stuck_months_are_in_the_lists(
    session, make, sign_in, viewer, manager, busy_center
):
    publish_month(session, busy_center, OCTOBER, LATER)
    make.publish_failure(busy_center, problem="report 1 does not match its digest")
    for address in ("/reports/", "/reports/own/"):
        page = said(sign_in(manager).get(address).text)
        # The ratings of September were never published.
        assert "<b>Overdue</b>" in page
        assert "It was to be published on 3 October 2026." in page
        assert "/reports/own/2026-09/draft" in page
        assert "<b>No new revision</b>" in page
        assert "does not match its digest" in page
        assert "/draft" not in sign_in(viewer).get(address).text


def test_nobody_sees_another_centers_drafts_and_failures(
    session, make, reader, busy_center, other_center
):
    publish_month(session, busy_center, OCTOBER, LATER)
    publish_month(session, busy_center, OCTOBER.previous(), LATER)
    make.rating(make.touchpoint(other_center))
    make.publish_failure(other_center, problem="nothing of yours")
    page = reader.get("/reports/").text
    assert "Not published yet" not in page
    assert "nothing of yours" not in page


def test_the_center_page_parses_one_value_a_month(session, make, reader, busy_center, monkeypatch):
    """Older revisions are named, and not read."""
    from survey_app.reports import views

    place = make.touchpoint(busy_center)
    for day in range(3):
        make.rating(place, score=1)
        publish_month(session, busy_center, OCTOBER, LATER + timedelta(days=day))
    read = []
    monkeypatch.setattr(views, "read_report", lambda row: read.append(row) or read_report(row))
    page = reader.get("/reports/own/").text
    assert [row.revision for row in read] == [3]
    assert page.index("Revision 2") < page.index("Revision 1")
    assert "revision=1" in page


# ----- local fixtures


def make_tallies_disagree(session, center):
    from survey_app.models import ServiceTally

    october = select(ServiceTally).where(
        ServiceTally.center_id == center.id, ServiceTally.month == OCTOBER.first_day
    )
    session.scalars(october).first().score_5 += 1
    session.commit()
