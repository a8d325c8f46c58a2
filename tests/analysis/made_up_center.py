"""A made-up center-month to look at and to measure: seeded ratings with planted stories.

The stories are those a good report must find: one service has declined for six months, Mondays
9–11 people wait, phones tell less flattering things than tablets, and, if asked for, the tablets
were silent for two weeks. If asked for, people also answered the follow-up questions, in which
those who name waiting and those with a disability are less often satisfied. Names and comments come
from the demo network.
"""

import csv
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path

from analysis.complaints import CaseTimes
from analysis.drivers import DriverChoice, DriverCounts, DriverPair
from analysis.equality import GroupCounts
from analysis.estimates import wilson
from analysis.months import Month
from analysis.report import CenterName, PastRevision, ReportInputs
from analysis.tally import (
    AlertNote,
    AskedCounts,
    ChannelCounts,
    DayCounts,
    HourCounts,
    MonthCounts,
    OutcomeCounts,
    QuotableComment,
    ScoreTally,
    SentimentCounts,
    ServiceCounts,
    SetAside,
    TopicCounts,
)

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "survey_app" / "demo" / "data"
FONTS = ROOT / "survey_app" / "static" / "fonts"
DECLINING = "05-01-01"
MONTH = Month(2026, 10)


def rows(name):
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def names(row):
    return {language: row[language] for language in ("az", "ru", "en")}


def tally(scores):
    count = Counter(scores)
    return ScoreTally(tuple(count[s] for s in range(1, 6)))


def score(rng, satisfied):
    """A score: 4 or 5 with probability `satisfied`, as skewed as real ratings are."""
    if rng.random() < satisfied:
        return 5 if rng.random() < 0.78 else 4
    return rng.choices((1, 2, 3), (0.35, 0.25, 0.40))[0]


def made_up_inputs(
    *,
    ratings=1800,
    silent_weeks=False,
    stories=True,
    follow_ups=False,
    seed=20261101,
    revision=1,
):
    """ReportInputs of the Absheron center in October 2026, the same for the same arguments.

    With `follow_ups` it has all that a report can show: answers to the follow-up questions, another
    version of the survey since June, uncounted days, alerts, and, from revision 2 on, a history.
    """
    rng = random.Random(seed)
    catalogue = rows("services.tsv")
    areas = {row["code"]: row for row in rows("areas.tsv")}
    agencies = {row["code"]: names(row) for row in rows("agencies.tsv")}
    weights = [float(row["weight"]) for row in catalogue]
    share = {row["code"]: min(0.985, rng.gauss(0.94, 0.02)) for row in catalogue}
    open_days = [day for day in MONTH.days if day.isoweekday() <= 5]
    silent = {d for d in open_days if silent_weeks and 12 <= d.day <= 23}

    def chance(code, months_ago=0):
        if stories and code == DECLINING:
            return 0.95 - 0.04 * max(0, 5 - months_ago)
        return share[code]

    given = []
    for _ in range(ratings):
        row = rng.choices(catalogue, weights)[0]
        day = rng.choice([d for d in open_days if d not in silent])
        hour = rng.choices(range(9, 18), (9, 13, 12, 10, 6, 9, 11, 10, 5))[0]
        channel = "qr" if rng.random() < 0.27 else "tablet"
        language = rng.choices(("az", "ru", "en"), (84, 13, 3))[0]
        p = chance(row["code"])
        if stories and channel == "qr":
            p -= 0.09
        if stories and day.isoweekday() == 1 and hour in (9, 10):
            p -= 0.26
        given.append((row["code"], day, hour, channel, language, score(rng, p)))

    def sliced(key):
        groups = {}
        for rating in given:
            groups.setdefault(key(rating), []).append(rating[5])
        return {k: tally(v) for k, v in groups.items()}

    by_service = sliced(lambda r: r[0])
    for code in rng.sample(
        sorted(by_service), min(2, len(by_service))
    ):  # some do not say what they came for
        by_service["unstated"] = by_service.get("unstated", ScoreTally()) + by_service.pop(code)

    def service(row):
        expected = ratings * float(row["weight"]) / sum(weights)
        now = by_service.get(row["code"], ScoreTally())
        year = tuple(
            tally(score(rng, chance(row["code"], ago)) for _ in range(round(expected)))
            for ago in range(12, 0, -1)
        )
        return ServiceCounts(
            row["code"],
            names(row),
            row["area"],
            names(areas[row["area"]]),
            areas[row["area"]]["kind"],
            agencies[row["agency"]],
            now,
            year[-1],
            (*year, now),
            round(now.base * rng.uniform(3.8, 5.6)) + (not now.base),
            agency_code=row["agency"],
        )

    services = [service(row) for row in catalogue]
    if "unstated" in by_service:
        empty = {"az": "", "ru": "", "en": ""}
        left = by_service["unstated"]
        services.append(
            ServiceCounts("", empty, "", empty, "unstated", empty, left, ScoreTally(), None, None)
        )
    comments = quotable(rng, open_days, catalogue, stories)
    sentiment = Counter(c.sentiment for c in comments)
    read = SentimentCounts(
        **{k: sentiment[k] for k in ("negative", "neutral", "positive", "mixed")},
        not_assessed=23,
        unread=0,
    )
    total = tally(r[5] for r in given)
    typical = sum(map(float.__mul__, share.values(), weights)) / sum(weights)
    months = []
    for ago in range(12, -1, -1):
        month = MONTH
        for _ in range(ago):
            month = month.previous()
        counts = total
        served = round(ratings * 4.77)
        if ago:
            n = round(ratings * rng.uniform(0.8, 1.15))
            level = typical if not stories else 0.945 if ago > 6 else 0.93
            counts = tally(score(rng, level) for _ in range(n))
            served = round(n * rng.uniform(4.3, 5.4))
        comments_then = read if not ago else SentimentCounts(60, 20, 150, 8, 20)
        months.append(MonthCounts(month, counts, 14 if ago else 31, 0, served, comments_then))
    by_channel = sliced(lambda r: (r[3], r[4]))
    by_day = sliced(lambda r: r[1])
    topics = {}
    for comment in comments:
        one = SentimentCounts(**{comment.sentiment: 1})
        for topic in comment.topics:
            topics[topic] = topics.get(topic, SentimentCounts()) + one
    center = next(row for row in rows("centers.tsv") if row["slug"] == "absheron")
    inputs = ReportInputs(
        center=CenterName("absheron", names(center), "Asia/Baku"),
        month=MONTH,
        months=tuple(months),
        services=tuple(services),
        channels=tuple(
            ChannelCounts(*key, counts, 31 if key == ("tablet", "az") else 0)
            for key, counts in sorted(by_channel.items())
        ),
        hours=tuple(
            HourCounts(weekday, hour, counts)
            for (weekday, hour), counts in sorted(
                sliced(lambda r: (r[1].isoweekday(), r[2])).items()
            )
        ),
        days=tuple(
            DayCounts(day, by_day.get(day, ScoreTally()), 31 * (day.day == 28), day in open_days)
            for day in MONTH.days
        ),
        topics=tuple(TopicCounts(code, counts) for code, counts in sorted(topics.items())),
        comments=tuple(comments),
        set_aside=(
            SetAside("outside_hours", 12, ScoreTally((0, 0, 0, 1, 11))),
            SetAside("fast_run", 19, ScoreTally((0, 0, 0, 0, 19))),
        ),
        survey_versions=(1, 2),
        survey_question={
            "az": "Bugünkü xidmətdən nə dərəcədə razısınız?",
            "ru": "Насколько вы довольны сегодняшним обслуживанием?",
            "en": "How satisfied are you with today's service?",
        },
        counted_until=date(2026, 11, 7),
        code_version="1.0.0",
        reader_version="words-2",
        revision=revision,
        reason="first" if revision == 1 else "late_ratings",
    )
    return with_follow_ups(inputs, random.Random(seed + 1)) if follow_ups else inputs


def with_follow_ups(inputs, rng):
    """The inputs with everything that surveys with follow-up questions add to a report."""
    everyone = [
        score for score, count in enumerate(inputs.months[-1].tally.counts, 1) for _ in range(count)
    ]
    uncounted = {date(2026, 10, 8), date(2026, 10, 9)}
    days = tuple(
        replace(day, served=round(day.tally.base * 4.77))
        if day.open and day.day not in uncounted
        else day
        for day in inputs.days
    )
    served = sum(day.served or 0 for day in days)
    months = tuple(
        replace(counts, asked=(AskedCounts(1 + (counts.month >= SINCE), "q", counts.tally.base),))
        for counts in inputs.months
    )
    return replace(
        inputs,
        days=days,
        months=(*months[:-1], replace(months[-1], served=served)),
        drivers=driver_counts(rng, everyone, 0.6, DRIVERS),
        topic_drivers=driver_counts(rng, everyone, 0.14, TOPICS),
        outcomes=outcome_counts(rng, everyone),
        groups=group_counts(rng, everyone),
        cases=tuple(case_times()),
        alerts=(
            AlertNote("fast_run/1", date(2026, 10, 28), date(2026, 10, 28), HALL, 2.3e-9, 19, True),
            AlertNote("cooldown/1", date(2026, 10, 6), date(2026, 10, 6), HALL, 0.0, 3, False),
            AlertNote(
                "turnout_coupling/1", date(2026, 10, 1), date(2026, 10, 31), None, 0.004, 0, False
            ),
        ),
        set_aside=(
            SetAside("outside_hours/1", 12, ScoreTally((0, 0, 0, 1, 11))),
            SetAside("fast_run/1", 19, ScoreTally((0, 0, 0, 0, 19)), void=7),
        ),
        history=tuple(
            PastRevision(
                number,
                date(2026, 11, 2 + number),
                "first" if number == 1 else "late_ratings",
                wilson(len(everyone) - 190, len(everyone) - 15 * (inputs.revision - number)),
                len(everyone) - 15 * (inputs.revision - number),
                served,
                31,
            )
            for number in range(1, inputs.revision)
            if len(everyone) > 200
        ),
    )


def case_times():
    """Every three days somebody asks for an answer; most get one within days."""
    first = datetime(2026, 4, 20, 11, tzinfo=UTC)
    for number in range(65):
        asked = first + timedelta(days=3 * number, minutes=7 * number)
        answered = asked + timedelta(hours=18 + 5 * (number % 23))
        is_answered = number % 9 and answered < datetime(2026, 10, 31, 20, tzinfo=UTC)
        yield CaseTimes(
            asked, answered if is_answered else None, asked + timedelta(days=180), number % 16 != 5
        )


SINCE = Month(2026, 6)
HALL = {"az": "Zalın çıxışındakı planşet", "ru": "Планшет у выхода из зала", "en": "Hall exit"}
# How often who is satisfied, and who is not, names a driver or topic.
DRIVERS = {
    "waiting": (0.10, 0.45),
    "staff_courtesy": (0.50, 0.20),
    "staff_competence": (0.30, 0.22),
    "information": (0.25, 0.26),
    "documents_process": (0.10, 0.25),
    "facilities": (0.12, 0.10),
    "accessibility": (0.01, 0.03),
}
TOPICS = {"waiting": (0.15, 0.6), "staff_courtesy": (0.6, 0.2), "digital": (0.03, 0.03)}
GROUPS = {
    "age": (
        {"az": "Neçə yaşınız var?", "ru": "Сколько вам лет?", "en": "How old are you?"},
        {
            "under_30": ("30 yaşa qədər", "До 30 лет", "Under 30", 0.25),
            "from_30_to_59": ("30–59 yaş", "30–59 лет", "30 to 59", 0.46),
            "from_60": ("60 yaş və yuxarı", "60 лет и старше", "60 or over", 0.22),
        },
    ),
    "disability": (
        {
            "az": "Əlilliyiniz varmı?",
            "ru": "Есть ли у вас инвалидность?",
            "en": "Do you have a disability?",
        },
        {"yes": ("Bəli", "Да", "Yes", 0.15), "no": ("Xeyr", "Нет", "No", 0.78)},
    ),
    "family": (
        {
            "az": "Siz şəhid ailəsinin üzvü və ya qazisinizmi?",
            "ru": "Вы член семьи шехида или ветеран (гази)?",
            "en": "Are you a veteran or from a martyr's family?",
        },
        {"yes": ("Bəli", "Да", "Yes", 0.008), "no": ("Xeyr", "Нет", "No", 0.93)},
    ),
}
OUTCOMES = {
    "yes": ("Bəli", "Да", "Yes", 0.86, 0.35),
    "partly": ("Qismən", "Частично", "In part", 0.10, 0.30),
    "no": ("Xeyr", "Нет", "No", 0.04, 0.35),
}


def spoken(words):
    return dict(zip(("az", "ru", "en"), words, strict=False))


def driver_counts(rng, scores, part, chances):
    """Who answered names each driver with a chance that depends on being satisfied."""
    answers = []
    for given in scores:
        named = [code for code, chance in chances.items() if rng.random() < chance[given < 4]]
        if named and rng.random() < part:
            answers.append((given, sorted(named)))
    pairs = {pair for _, named in answers for pair in combinations(named, 2)}
    return DriverCounts(
        tally(given for given, _ in answers),
        tuple(
            DriverChoice(code, tally(given for given, named in answers if code in named))
            for code in sorted(chances)
        ),
        tuple(
            DriverPair(*pair, tally(given for given, named in answers if {*pair} <= {*named}))
            for pair in sorted(pairs)
        ),
    )


def outcome_counts(rng, scores):
    answers = []
    for given in scores:
        if rng.random() < 0.55:
            chances = [row[3 + (given < 4)] for row in OUTCOMES.values()]
            answers.append((given, rng.choices(list(OUTCOMES), chances)[0]))
    return tuple(
        OutcomeCounts(code, spoken(row), tally(g for g, answer in answers if answer == code))
        for code, row in OUTCOMES.items()
    )


def group_counts(rng, scores):
    """A third answers; those with a disability are more often among the dissatisfied."""
    counts = []
    for question, (asked, options) in GROUPS.items():
        rest = 1 - sum(row[3] for row in options.values())
        chances = [*(row[3] for row in options.values()), rest]
        answers = []
        for given in scores:
            if rng.random() < 0.35:
                weights = list(chances)
                if question == "disability" and given < 4:
                    weights[0] *= 3
                answers.append((given, rng.choices([*options, "no_answer"], weights)[0]))
        texts = {**options, "no_answer": ("Demək istəmirəm", "Не хочу говорить", "Rather not say")}
        for code, words in texts.items():
            named = tally(given for given, answer in answers if answer == code)
            visits = named.base * 14 if question == "disability" and code == "yes" else None
            counts.append(GroupCounts(question, asked, code, spoken(words), named, visits))
    return tuple(counts)


def quotable(rng, open_days, catalogue, stories):
    """Demo comments as if read: about 260, those about waiting mostly written on Mondays."""
    mondays = [d for d in open_days if d.isoweekday() == 1]
    pool = []
    for path in sorted((DEMO / "comments").glob("*.tsv")):
        language = path.name[:2] if path.name[:2] in ("az", "ru", "en") else "mixed"
        for row in rows(f"comments/{path.name}"):
            if row["kind"] == "whole" and row["pii"] == "0":
                pool.append((language, row))  # noqa: PERF401
    comments = []
    for language, row in rng.sample(pool, min(len(pool), 260)):
        topics = tuple(t for t in row["topics"].split(",") if t != "-")
        monday = stories and "waiting" in topics and rng.random() < 0.6
        day = rng.choice(mondays if monday else open_days)
        code = rng.choice(catalogue[:40])["code"]
        comments.append(
            QuotableComment(
                row["text"], language, row["sentiment"], topics, int(row["score"]), code, day
            )
        )
    return comments
