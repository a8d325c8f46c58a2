"""The structures' pages: which months they count, what they say, and what they do not name."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from analysis.months import Month
from survey_app.extensions import db
from survey_app.reports.publishing import publish_month
from survey_app.reports.structures import find_structures
from tests.busy_center import LATER
from tests.factories import NOON

# A Friday of the month that ends the year.
AT = NOON + timedelta(days=60)
DECEMBER = Month(2026, 12)
LIST, PAGE = "/reports/structures/", "/reports/structures/labour"


@pytest.fixture
def places(make, center, other_center):
    """A tablet for each of two structures' services in two centers, and visits counted."""
    area = make.area("UC", kind="coordination")
    survey = make.survey()
    places = {}
    for code in ("labour", "defence"):
        service = make.service(f"UC-{code}", area, agency_id=make.agency(code).id)
        for each in (center, other_center):
            places[code, each.slug] = make.touchpoint(
                each, survey_id=survey.id, service_id=service.id
            )
            make.visits(each, service, served=50, day=AT.date())
    ordinary = make.service("03-01-01")
    hall = make.touchpoint(center, survey_id=survey.id, service_id=ordinary.id)
    make.ratings((1,) * 12, hall, rated_at=AT)
    make.visits(center, ordinary, served=500, day=AT.date())
    for place, scores in zip(
        places.values(), ((5,) * 12, (4,) * 11 + (1,), (5,) * 13, (5,) * 14), strict=True
    ):
        make.ratings(scores, place, rated_at=AT)
    return places


@pytest.fixture
def publish(session, center, other_center):
    """Publish a month of both centers, or of these."""

    def publish(month=DECEMBER, centers=(center, other_center)):
        for each in centers:
            at = LATER + timedelta(days=93)
            assert publish_month(session, each, month, at) is not None
        session.commit()

    return publish


def test_a_structure_is_told_over_all_centers(session, places, publish):
    publish()
    found = find_structures(session)
    assert (found.first, found.last) == (Month(2026, 1), DECEMBER)
    defence, labour = found.years
    assert (labour.code, labour.satisfied.base, labour.served) == ("labour", 24, 100)
    assert labour.satisfied.value == pytest.approx(23 / 24)
    assert (defence.code, defence.satisfied.base) == ("defence", 27)
    assert [(part.code, part.satisfied.base) for part in labour.centers] == [
        ("other", 12),
        ("own", 12),
    ]


@pytest.mark.any_database
def test_only_months_that_every_rated_center_has_published_count(
    session, make, places, publish, center
):
    assert find_structures(session) is None
    publish()
    make.rating(places["labour", "own"], rated_at=AT + timedelta(days=31))
    make.rating(places["labour", "other"], rated_at=AT + timedelta(days=31))
    publish(Month(2027, 1), [center])
    found = find_structures(session)
    assert (found.last, found.years[1].satisfied.base) == (DECEMBER, 24)


@pytest.mark.any_database
def test_a_year_ends_with_a_quarter(session, make, places, publish):
    publish()
    for place in places.values():
        make.ratings((5,) * 12, place, rated_at=AT + timedelta(days=31))
    publish(Month(2027, 1))
    assert find_structures(session).last == DECEMBER


@pytest.mark.any_database
def test_a_month_before_that_is_not_published_does_not_count(session, make, places, publish):
    make.ratings((1,) * 14, places["labour", "own"], rated_at=AT - timedelta(days=31))
    publish()
    assert find_structures(session).years[1].satisfied.base == 24
    assert find_structures(session).years[1].change.verdict == "not_comparable"


@pytest.mark.any_database
def test_visits_that_one_center_did_not_count_are_not_known(session, make, places, publish, center):
    make.ratings((5,) * 12, places["labour", "own"], rated_at=AT - timedelta(days=31))
    publish()
    publish(Month(2026, 11), [center])
    labour = find_structures(session).years[1]
    assert (labour.satisfied.base, labour.served, labour.response_rate) == (36, None, None)


@pytest.mark.any_database
def test_a_month_withheld_in_one_center_is_not_given_away(session, make, places, publish):
    """Two months, in one of which a center withholds what it shows in the other."""
    before = AT - timedelta(days=31)
    make.ratings((5,) * 4, places["labour", "own"], rated_at=before)
    make.ratings((5,) * 14, places["defence", "own"], rated_at=before)
    make.ratings((5,) * 14, places["labour", "other"], rated_at=before)
    make.ratings((5,) * 14, places["defence", "other"], rated_at=before)
    publish(Month(2026, 11))
    publish()
    years = find_structures(session).years
    assert all(year.satisfied.withheld for year in years)


@pytest.mark.any_database
def test_reports_are_read_once(app, session, places, publish, sign_in, analyst):
    publish()
    reader = sign_in(analyst)
    reader.get(LIST)
    statements = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert reader.get(PAGE).status_code == 200
    assert statements
    assert not [each for each in statements if "report.value" in each or "FROM rating" in each]


@pytest.mark.any_database
def test_the_list_names_them_all_and_a_page_only_its_own(places, publish, sign_in, analyst):
    publish()
    reader = sign_in(analyst)
    assert LIST in reader.get("/reports/").text
    listed = reader.get(LIST).text
    assert "Agency labour" in listed
    assert "Agency defence" in listed
    assert "January 2026 – December 2026" in listed
    page = reader.get(PAGE).text
    assert "Ratings: 24. People served: 100. Answered: 24%." in page
    assert "Against the twelve months before: cannot be compared." in page
    assert "October 2026 – December 2026" in page
    assert "defence" not in page
    for language, words in (("az", "Mərkəzlər üzrə"), ("ru", "По центрам")):
        assert words in reader.get(f"{PAGE}?lang={language}").text
    assert reader.get(f"{LIST}nobody").status_code == 404


@pytest.mark.any_database
def test_before_anything_is_published_the_list_says_so(places, sign_in, analyst):
    reader = sign_in(analyst)
    assert "There is no figure on structures yet" in reader.get(LIST).text
    assert reader.get(PAGE).status_code == 404


@pytest.mark.any_database
def test_both_pages_are_accessible(new_page, places, publish, sign_in_page, analyst):
    from tests.browser.axe import violations

    publish()
    page = new_page(viewport={"width": 390, "height": 844}, locale="en")
    page.goto("/")
    sign_in_page(page, analyst)
    for address in (LIST, PAGE):
        page.goto(address)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
