"""The section "Read today" of the running month: who sees it, and how it reads."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from analysis.months import Month
from survey_app.models.ratings import URGENCIES
from tests.factories import BAKU

SECTION = 'id="read-today"'
WORDS = "Məndən pul istədilər"


@pytest.fixture
def write(make, center):
    """`write(text, **columns)`: an urgent comment of now, the day on which pages are asked for."""
    place = make.touchpoint(center, label_en="Hall exit")

    def write(text=WORDS, days=0, urgent="bribery", language="az", **columns):
        rated_at = datetime.now(UTC) - timedelta(days=days)
        rating = make.rating(place, score=1, comment=text, rated_at=rated_at, **columns)
        return make.reading(rating, "negative", language=language, urgent=urgent)

    return write


@pytest.fixture
def reader(sign_in, manager):
    return sign_in(manager)


def said(client, address="/dashboard/own/"):
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_an_urgent_comment_stands_above_the_figure_with_all_that_is_known(make, reader, write):
    written = write(service_id=make.service("03-01-01").id)
    page = said(reader)
    day = written.rating.counted_on
    for words in (
        "A bribe, or money asked for",
        f'<blockquote lang="az" dir="auto"><p>{WORDS}</p>',
        f"{day:%A}, {day.day} {day:%B %Y}",
        "03-01-01 Service 03-01-01 (en)",
        "Tablets in the hall · Hall exit",
        "Score: 1 (Very dissatisfied)",
        "A program, not a person, flagged these comments",
    ):
        assert words in page
    assert page.index(SECTION) < page.index('class="headline"')


def test_without_urgent_comments_there_is_no_section(make, reader, center):
    make.reading(make.rating(make.touchpoint(center), comment="Əla", rated_at=datetime.now(UTC)))
    assert SECTION not in said(reader)


def test_a_month_without_ratings_still_shows_what_was_written_before_it(reader, write):
    # As on the first days of a month; a held rating makes such a month on any day.
    write(state="held")
    page = said(reader)
    assert "Nobody has rated a visit this month yet" in page
    assert WORDS in page


def test_an_earlier_month_has_no_section(reader, write):
    write()
    earlier = Month.of(datetime.now(BAKU).date()).previous()
    assert SECTION not in said(reader, f"/dashboard/own/?month={earlier}")
    assert SECTION in said(reader, f"/dashboard/own/?month={Month.of(datetime.now(BAKU).date())}")


def test_what_is_older_than_thirty_days_is_not_shown(reader, write):
    write("not long ago", days=28)
    write("too old", days=31)
    page = said(reader)
    assert "not long ago" in page
    assert "too old" not in page


def test_twenty_are_shown_and_the_others_counted(reader, write):
    for _ in range(20):
        write(days=1)
    assert "Older comments not shown here" not in said(reader)
    write("the oldest", days=2)
    page = said(reader)
    assert page.count(WORDS) == 20
    assert "Older comments not shown here: 1." in page
    assert "the oldest" not in page


def test_only_who_may_see_the_center_reads_them(sign_in, client, cast, write):
    write()
    for name, person in cast.items():
        answer = sign_in(person).get("/dashboard/own/")
        assert (answer.status_code, WORDS in answer.text) == (
            (404, False) if name == "stranger" else (200, True)
        ), name
    assert WORDS not in client.get("/dashboard/own/").text


def test_another_centers_dashboard_does_not_show_them(sign_in, stranger, write):
    write()
    assert SECTION not in said(sign_in(stranger), "/dashboard/other/")


def test_citizens_words_are_escaped(reader, write):
    write("<script>alert(1)</script> pul istədilər")
    page = said(reader)
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_words_in_several_languages_are_not_said_to_be_in_one(reader, write):
    write(language="mixed")
    assert f'<blockquote dir="auto"><p>{WORDS}</p>' in said(reader)


@pytest.mark.parametrize("urgency", URGENCIES)
def test_every_reason_has_words_of_its_own(reader, write, urgency):
    write(urgent=urgency)
    (heading,) = re.findall(r"<h3>(.*?)</h3>", said(reader))
    assert len(heading) > len(urgency)


def test_the_section_speaks_the_readers_language(make, center, sign_in, write):
    write()
    for language, heading, service in (
        ("az", "Bu gün oxuyun", "Xidmət qeyd edilməyib"),
        ("ru", "Прочитайте сегодня", "Услуга не указана"),
    ):
        page = said(sign_in(make.user("viewer", center, language=language)))
        assert heading in page
        assert service in page
        assert f'<blockquote lang="az" dir="auto"><p>{WORDS}</p>' in page
