"""A second, small implementation of the published figures, to check the first one with.

It shares no code with the product: SQL, plain Python and the formulas of docs/method.md. It counts
ratings afresh and compares every figure of a published report that is not withheld; every
withheld cell must have a reason. `python -m tests.reports.independent DATABASE` checks the newest
revision of every month of every center in an SQLite database.
"""

import json
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import isclose, sqrt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Z = 1.959963984540054
FEWEST = 10

# A day, and how many people came for a service of an area and a structure.
Visit = tuple[date, str, str, str, int]


@dataclass
class Rating:
    """What one rating said."""

    score: int
    day: date
    hour: int
    service: str
    area: str
    structure: str
    channel: str
    language: str
    state: str
    rule: str | None
    verified: bool
    topics: frozenset[str] | None
    answers: set[tuple[int, str, str, str]] = field(default_factory=set)

    @property
    def month(self) -> str:
        """As in "2026-10"."""
        return f"{self.day:%Y-%m}"


@dataclass
class Wish:
    """A wish to be answered, by the wall clock of its center."""

    opened: datetime
    closed: datetime | None
    counts: bool

    def over_on(self, day: date) -> str:
        """How it stood when that day began: "answered", "erased" or "waiting"."""
        if self.closed is not None and self.closed.date() < day:
            return "answered"
        begun = datetime(day.year, day.month, day.day, tzinfo=self.opened.tzinfo)
        return "erased" if begun - self.opened >= timedelta(days=180) else "waiting"


def _clock(stored: str, zone: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


# --- formulas --------------------------------------------------------------------------------


def satisfied(ratings: Iterable[Rating]) -> tuple[int, int]:
    """How many gave 4 or 5, of how many."""
    scores = [each.score for each in ratings]
    return sum(score >= 4 for score in scores), len(scores)


def wilson(x: float, n: float) -> tuple[float, float, float]:
    """The share and its score interval, as the roots of |p − x/n| = z·sqrt(p(1 − p)/n)."""
    a, b, c = n + Z**2, -(2 * x + Z**2), x**2 / n
    root = sqrt(max(0.0, b**2 - 4 * a * c))
    return x / n, max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))


def newcombe(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float, float] | None:
    """One less the other with the hybrid score interval; None where one has fewer than FEWEST."""
    if min(one[1], other[1]) < FEWEST:
        return None
    p, low, high = wilson(*one)
    q, lower, higher = wilson(*other)
    down, up = sqrt((p - low) ** 2 + (higher - q) ** 2), sqrt((high - p) ** 2 + (q - lower) ** 2)
    return p - q, max(-1.0, p - q - down), min(1.0, p - q + up)


def rate(answered: int, served: int | None) -> float | None:
    """Answers per person served; None where that cannot be."""
    return answered / served if served and answered <= served else None


def quantile(numbers: list[float], part: float) -> float:
    """The number below which this part lies, on the straight line between two neighbours."""
    ordered = sorted(numbers)
    place = (len(ordered) - 1) * part
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def mean(ratings: list[Rating]) -> float | None:
    """The mean score of at least FEWEST ratings."""
    return sum(r.score for r in ratings) / len(ratings) if len(ratings) >= FEWEST else None


# --- what the database holds -------------------------------------------------------------------


class Center:
    """One center's ratings and visits."""

    def __init__(self, database: sqlite3.Connection, number: int) -> None:
        self.ratings: defaultdict[str, list[Rating]] = defaultdict(list)
        by_id = {}
        for submission_id, day, topics, mood, *rest in database.execute(_RATINGS, (number,)):
            spoken = None if mood in {None, "not_assessed"} else frozenset(json.loads(topics))
            score, hour, service, area, structure, channel, language, state, rule, ticket = rest
            rating = Rating(
                score,
                date.fromisoformat(day),
                hour,
                service or "",
                area or "",
                structure or "",
                channel,
                language,
                state,
                rule,
                bool(ticket),
                spoken,
            )
            by_id[submission_id] = rating
            self.ratings[rating.month].append(rating)
        for submission_id, *answer in database.execute(_ANSWERS, (number,)):
            by_id[submission_id].answers.add(tuple(answer))
        self.offered: defaultdict[tuple[int, str], set[int]] = defaultdict(set)
        for question, code, lowest, highest in database.execute(_OFFERED):
            self.offered[question, code].update(range(lowest, highest + 1))
        self.visits: defaultdict[str, list[Visit]] = defaultdict(list)
        for day, *visit in database.execute(_VISITS, (number,)):
            self.visits[day[:7]].append((date.fromisoformat(day), *visit))
        self.wishes = [
            Wish(*(at and _clock(at, zone) for at in times), state == "counted")
            for *times, state, zone in database.execute(_WISHES, (number,))
        ]

    def counted(self, month: str) -> list[Rating]:
        """The ratings of a month that count."""
        return [each for each in self.ratings[month] if each.state == "counted"]


_RATINGS = """
    SELECT r.submission_id, r.counted_on, c.topics, c.sentiment, r.score, r.counted_hour,
           s.code, a.code, CASE a.kind WHEN 'coordination' THEN g.code ELSE '' END,
           r.channel, r.language, r.state, r.held_rule, r.verified
    FROM rating r
    LEFT JOIN comment_reading c ON c.submission_id = r.submission_id AND r.comment IS NOT NULL
    LEFT JOIN service s ON s.id = r.service_id
    LEFT JOIN service_area a ON a.id = s.area_id
    LEFT JOIN agency g ON g.id = s.agency_id
    WHERE r.center_id = ?
"""
_WISHES = """
    SELECT f.opened_at, f.closed_at, r.state, c.time_zone
    FROM feedback_case f
    JOIN rating r ON r.submission_id = f.submission_id
    JOIN center c ON c.id = f.center_id
    WHERE f.center_id = ?
"""
_ANSWERS = """
    SELECT r.submission_id, q.id, q.role, q.code, o.code
    FROM rating r
    JOIN answer n ON n.submission_id = r.submission_id
    JOIN question_option o ON o.id = n.option_id
    JOIN question q ON q.id = o.question_id
    WHERE r.center_id = ?
"""
_OFFERED = """
    SELECT q.id, o.code, q.min_score, q.max_score
    FROM question q JOIN question_option o ON o.question_id = q.id
    WHERE q.role = 'driver'
"""
_VISITS = """
    SELECT v.day, s.code, a.code, CASE a.kind WHEN 'coordination' THEN g.code ELSE '' END, v.served
    FROM visit_count v
    JOIN service s ON s.id = v.service_id
    JOIN service_area a ON a.id = s.area_id
    JOIN agency g ON g.id = s.agency_id
    WHERE v.center_id = ?
"""


# --- comparing -----------------------------------------------------------------------------------


class Check:
    """One report beside the counts; `wrong` says where they disagree, `figures` how many agree."""

    def __init__(self, center: Center, report: dict[str, Any], hidden_before: set[str]) -> None:
        self.center, self.report, self.before = center, report, hidden_before
        self.month: str = report["month"]
        self.all = center.counted(self.month)
        self.hidden = set(report["hidden"])
        self.wrong: list[str] = []
        self.figures = 0

    def run(self) -> "Check":
        """Compare everything."""
        for part in (
            self._headline,
            self._trend,
            self._services,
            self._channels,
            self._strata,
            self._hours_and_days,
            self._outcomes,
            self._drivers,
            self._complaints,
            self._set_aside,
            self._withheld,
        ):
            part()
        return self

    def same(self, where: str, told: Any, counted: Any) -> None:
        """One figure: whole numbers exactly, others to 1e-9."""
        self.figures += 1
        if isinstance(told, float) and isinstance(counted, float | int):
            if isclose(told, counted, rel_tol=1e-9, abs_tol=1e-9):
                return
        elif told == counted:
            return
        self.wrong.append(f"{where}: {told!r}, counted {counted!r}")

    def share(self, where: str, told: dict[str, Any], ratings: list[Rating]) -> None:
        """A share with its interval and base, unless it is withheld or too small."""
        if told["withheld"]:
            return
        x, n = satisfied(ratings)
        self.same(f"{where} base", told["base"], n)
        if n < FEWEST:
            self.same(f"{where} of too few", told["value"], None)
            return
        for name, figure in zip(("value", "low", "high"), wilson(x, n), strict=True):
            self.same(f"{where} {name}", told[name], figure)

    def change(
        self, where: str, told: dict[str, Any], one: list[Rating], other: list[Rating]
    ) -> None:
        """A difference with its interval; a direction needs an interval without 0."""
        difference = told["difference"]
        if difference["value"] is None:
            self.same(f"{where} verdict", told["verdict"], "not_comparable")
            return
        counted = newcombe(satisfied(one), satisfied(other))
        for name, figure in zip(
            ("value", "low", "high"), counted or (None, None, None), strict=True
        ):
            self.same(f"{where} {name}", difference[name], figure)
        if told["verdict"] in {"up", "down"}:
            above = difference["low"] > 0 if told["verdict"] == "up" else difference["high"] < 0
            self.same(f"{where} direction", above, True)

    def _headline(self) -> None:
        told, visits = self.report["headline"], self.center.visits[self.month]
        self.share("headline", told["satisfied"], self.all)
        counts = Counter(each.score for each in self.all)
        self.same("tally", told["tally"], [counts[score] for score in range(1, 6)])
        self.same("mean", told["mean"], mean(self.all))
        if told["distribution"] is not None:
            for score, part in enumerate(told["distribution"], 1):
                self.same(f"share of score {score}", part, counts[score] / len(self.all))
        people = sum(each[-1] for each in visits) if visits else None
        self.same("served", told["served"], people)
        days = {each[0] for each in visits}
        answered = rate(sum(each.day in days for each in self.all), people)
        self.same("response rate", told["response_rate"], answered)
        if told["bounds"] is not None and answered is not None:
            x, n = satisfied(self.all)
            self.same("lower bound", told["bounds"]["low"], x / n * answered)
            self.same("upper bound", told["bounds"]["high"], 1 - (1 - x / n) * answered)
        first = date.fromisoformat(f"{self.month}-01")
        before = f"{first - timedelta(days=1):%Y-%m}"
        year = f"{first.replace(year=first.year - 1):%Y-%m}"
        for name, other in (("since_previous_month", before), ("since_year_before", year)):
            self.change(name, told[name], self.all, self.center.counted(other))
        self._weighted(told["weighted"], visits)
        passport = self.report["passport"]
        self.same("numerator", passport["numerator"], satisfied(self.all)[0])
        self.same("denominator", passport["denominator"], len(self.all))

    def _weighted(self, told: dict[str, Any], visits: list[Any]) -> None:
        """Σ Wₕ·pₕ over areas, with Wilson's interval on Kish's effective base."""
        if told["value"] is None:
            return
        served: Counter[str] = Counter()
        for _, _, area, _, people in visits:
            served[area] += people
        everyone = served.total()
        share, spread = 0.0, 0.0
        for area, people in served.items():
            x, n = satisfied(each for each in self.all if each.area == area)
            if people:
                share += people / everyone * x / n
                spread += people**2 / n
        effective = everyone**2 / spread
        for name, figure in zip(
            ("value", "low", "high"), wilson(share * effective, effective), strict=True
        ):
            self.same(f"weighted {name}", told[name], figure)

    def _trend(self) -> None:
        for told in self.report["trend"]:
            month, ratings = told["month"], self.center.counted(told["month"])
            self.share(f"trend {month}", told["satisfied"], ratings)
            aside = len(self.center.ratings[month]) - len(ratings)
            self.same(f"trend {month} set aside", told["set_aside"], aside)
            visits = self.center.visits[month]
            people = sum(each[-1] for each in visits) if visits else None
            self.same(f"trend {month} served", told["served"], people)
            self.same(f"trend {month} rate", told["response_rate"], rate(len(ratings), people))

    def _services(self) -> None:
        first = date.fromisoformat(f"{self.month}-01")
        previous = self.center.counted(f"{first - timedelta(days=1):%Y-%m}")
        visits = self.center.visits[self.month]
        kinds: tuple[tuple[str, Callable[[Any], Any], int], ...] = (
            ("areas", lambda each: each.area, 2),
            ("services", lambda each: each.service, 1),
            ("structures", lambda each: each.structure, 3),
        )
        for table, of, column in kinds:
            for told in self.report[table]:
                code, where = told["code"], f"{table} {told['code']}"
                here = [each for each in self.all if of(each) == code]
                then = [each for each in previous if of(each) == code]
                people = sum(each[-1] for each in visits if each[column] == code)
                unknown = not visits or not code
                self.same(f"{where} served", told["served"], None if unknown else people)
                self.share(where, told["satisfied"], here)
                self.change(f"{where} change", told["change"], here, then)
                if not told["satisfied"]["withheld"]:
                    self.same(f"{where} mean", told["mean"], mean(here))
                    told_rate = rate(len(here), None if unknown else people)
                    self.same(f"{where} rate", told["response_rate"], told_rate)
                if table == "services":
                    others = [each for each in self.all if each.service != code]
                    self.change(f"{where} rest", told["against_rest"], here, others)

    def _channels(self) -> None:
        for table in ("channels", "channel_languages"):
            for told in self.report[table]:
                where = f"{table} {told['channel']} {told['language']}"
                every = [
                    each
                    for each in self.center.ratings[self.month]
                    if each.channel == told["channel"] and told["language"] in {None, each.language}
                ]
                here = [each for each in every if each.state == "counted"]
                self.share(where, told["satisfied"], here)
                held = sum(each.state != "counted" for each in every)
                self.same(f"{where} held", told["held"], held)
                if not told["satisfied"]["withheld"]:
                    self.same(f"{where} part", told["part"], len(here) / len(self.all))
                    self.same(f"{where} mean", told["mean"], mean(here))
        qr, tablet = ([r for r in self.all if r.channel == name] for name in ("qr", "tablet"))
        self.change("qr minus tablet", self.report["qr_minus_tablet"], qr, tablet)

    def _strata(self) -> None:
        """Verified ratings beside the open channel; there is no table where none is verified."""
        verified = [each for each in self.all if each.verified]
        for told in self.report.get("strata", ()):
            where, channel = f"strata {told['channel']}", told["channel"]
            here = [each for each in self.all if channel in {None, each.channel}]
            tickets = [each for each in here if each.verified]
            others = [each for each in here if not each.verified]
            self.share(f"{where} verified", told["verified"], tickets)
            self.share(f"{where} open", told["open"], others)
            self.change(f"{where} difference", told["difference"], tickets, others)
            if not told["verified"]["withheld"]:
                self.same(f"{where} part", told["part"], len(tickets) / len(here))
        if "stratum:verified" in self.hidden:
            self.same("verified", self.report["passport"]["verified"], None)
        else:
            self.same("verified", self.report["passport"]["verified"], len(verified))
            self.same("strata", bool(self.report.get("strata")), bool(verified))

    def _hours_and_days(self) -> None:
        for told in self.report["hours"]:
            at = (told["weekday"], told["hour"])
            here = [each for each in self.all if (each.day.isoweekday(), each.hour) == at]
            self.share(f"hour {at}", told["satisfied"], here)
        for told in self.report["days"]:
            here = [
                each for each in self.center.ratings[self.month] if f"{each.day}" == told["day"]
            ]
            states = Counter(each.state for each in here)
            self.same(f"day {told['day']}", told["base"], states["counted"])
            self.same(f"day {told['day']} held", told["held"], states["held"] + states["void"])

    def _outcomes(self) -> None:
        answered = [each for each in self.all if any(a[1] == "outcome" for a in each.answers)]
        for told in self.report["outcomes"]:
            here = [
                each
                for each in answered
                if any(a[1] == "outcome" and a[3] == told["code"] for a in each.answers)
            ]
            self.share(f"outcome {told['code']}", told["satisfied"], here)
            if not told["satisfied"]["withheld"]:
                # A part of those who answered would tell how many did not, if that is withheld.
                part = None if "outcome:(none)" in self.hidden else len(here) / len(answered)
                self.same(f"part {told['code']}", told["part"], part)

    def _drivers(self) -> None:
        asked = {a[0] for each in self.all for a in each.answers if a[1] == "driver"}
        named_by: defaultdict[str, list[Rating]] = defaultdict(list)
        answered = [each for each in self.all if any(a[1] == "driver" for a in each.answers)]
        for each in answered:
            for code in {a[3] for a in each.answers if a[1] == "driver"}:
                named_by[code].append(each)
        comparable = {
            code
            for code in named_by
            if set().union(*(self.center.offered[q, code] for q in asked)) == {1, 2, 3, 4, 5}
        }
        self.same("drivers", {each["code"] for each in self.report["drivers"]}, comparable)
        self._effects("driver", self.report["drivers"], named_by, answered)
        spoken = [each for each in self.all if each.topics is not None]
        by_topic: defaultdict[str, list[Rating]] = defaultdict(list)
        for each in spoken:
            for topic in each.topics or ():
                by_topic[topic].append(each)
        self._effects("topic", self.report["topic_effects"], by_topic, spoken)

    def _effects(
        self,
        kind: str,
        told: list[dict[str, Any]],
        named_by: dict[str, list[Rating]],
        answered: list[Rating],
    ) -> None:
        for each in told:
            where = f"{kind} {each['code']}"
            named = named_by[each["code"]]
            ids = {id(rating) for rating in named}
            others = [rating for rating in answered if id(rating) not in ids]
            self.change(where, each["effect"], named, others)
            if each["effect"]["difference"]["value"] is not None:
                self.share(f"{where} named", each["named"], named)
                self.share(f"{where} others", each["others"], others)

    def _complaints(self) -> None:
        """Who asked for an answer; reports from before they were counted say nothing of them."""
        told = self.report.get("complaints")
        if told is None:
            return
        first = date.fromisoformat(f"{self.month}-01")
        after = (first + timedelta(days=31)).replace(day=1)
        self._wishes(told["this"], first, after)
        self._wishes(told["previous"], (first - timedelta(days=1)).replace(day=1), first)
        last = date.fromisoformat(self.report["passport"]["counted_until"])
        open_days = [date.fromisoformat(d["day"]) for d in self.report["days"] if d["open"]]
        long = [
            wish
            for wish in self.center.wishes
            if wish.counts and wish.opened.date() < after and wish.over_on(after) == "waiting"
            if len([day for day in open_days if wish.opened.date() < day <= last]) > 5
        ]
        self.same("waiting long", told["waiting_long"], len(long))

    def _wishes(self, told: dict[str, Any], first: date, after: date) -> None:
        where = f"wishes {told['month']}"
        self.same(f"{where} month", told["month"], f"{first:%Y-%m}")
        wishes = [wish for wish in self.center.wishes if wish.opened.date() < after]
        new = [wish for wish in wishes if wish.opened.date() >= first]
        old = [
            wish
            for wish in wishes
            if wish.counts and wish.opened.date() < first and wish.over_on(first) == "waiting"
        ]
        now = Counter(wish.over_on(after) for wish in new if wish.counts)
        then = Counter(wish.over_on(after) for wish in old)
        for name, count in (
            ("asked", now.total()),
            ("answered", now["answered"]),
            ("waiting", now["waiting"]),
            ("carried", then.total()),
            ("carried_answered", then["answered"]),
            ("carried_unanswered", then["erased"]),
            ("carried_waiting", then["waiting"]),
            ("left_out", sum(not wish.counts for wish in new)),
        ):
            self.same(f"{where} {name}", told[name], count)
        hours = [
            (wish.closed - wish.opened).total_seconds() / 3600
            for wish in (*new, *old)
            if wish.counts and wish.closed and wish.closed.date() < after
        ]
        for name, part in (("median_hours", 0.5), ("ninetieth_hours", 0.9)):
            self.same(
                f"{where} {name}", told[name], quantile(hours, part) if len(hours) >= 5 else None
            )

    def _set_aside(self) -> None:
        aside = [each for each in self.center.ratings[self.month] if each.state != "counted"]
        rules = Counter(each.rule or each.state for each in aside)
        told = {each["rule"]: each for each in self.report["set_aside"]}
        self.same("set aside", {rule: each["count"] for rule, each in told.items()}, dict(rules))
        for rule, each in told.items():
            here = [rating for rating in aside if (rating.rule or rating.state) == rule]
            counts = Counter(rating.score for rating in here)
            self.same(f"{rule} scores", each["tally"], [counts[score] for score in range(1, 6)])
            void = sum(rating.state == "void" for rating in here)
            self.same(f"{rule} void", each["void"], void)
        passport = self.report["passport"]
        self.same("set aside in all", passport["set_aside"], len(aside))
        self.share("with what was set aside", passport["with_set_aside"], self.all + aside)

    # what is withheld

    def _withheld(self) -> None:
        """Small cells are withheld; each withheld cell is small, or protects one that is."""
        parents, sizes = self._cells()
        hidden = self.hidden & sizes.keys()
        small = {cell for cell, size in sizes.items() if 0 < size < FEWEST}
        for cell in sorted(small - self.hidden):
            self.wrong.append(f"{cell}: {sizes[cell]} ratings, and not withheld")
        for cell in sorted(self._shown_as_withheld() ^ (hidden & self._shown())):
            self.wrong.append(f"{cell}: withheld in the table or in the list, not in both")
        reasons = small & hidden | hidden & self.before
        while more := {
            cell
            for cell in hidden - reasons
            if any(_are_kin(cell, other, parents) for other in reasons)
        }:
            reasons |= more
        for cell in sorted(hidden - reasons):
            self.wrong.append(f"{cell}: {sizes[cell]} ratings, withheld without a reason")
        self.figures += len(sizes)

    def _cells(self) -> tuple[dict[str, str], Counter[str]]:
        """Every cell with ratings: beneath which other it lies, and how many they are."""
        parents: dict[str, str] = {}
        sizes: Counter[str] = Counter()
        answers = {
            id(r): next((a[3] for a in r.answers if a[1] == "outcome"), "(none)") for r in self.all
        }
        for each in self.all:
            weekday = each.day.isoweekday()
            lines = [
                [f"channel:{each.channel}", f"language:{each.channel}/{each.language}"],
                [f"weekday:{weekday}", f"hour:{weekday}/{each.hour}"],
                [f"outcome:{answers[id(each)]}"],
                [f"area:{each.area}"]
                + ([f"structure:{each.area}/{each.structure}"] if each.structure else [])
                + [f"service:{each.service}"],
            ]
            if any(rating.verified for rating in self.all):
                side = "verified" if each.verified else "open"
                lines += [[f"stratum:{side}"], [f"stratum:{each.channel}/{side}"]]
            for line in lines:
                for parent, cell in zip([line[0].split(":")[0], *line], line, strict=False):
                    parents[cell] = parent
                    sizes[cell] += 1
        return parents, sizes

    def _shown(self) -> set[str]:
        """The cells that stand in a table of the report."""
        return {cell for cell, _ in self._table_cells()}

    def _shown_as_withheld(self) -> set[str]:
        return {cell for cell, told in self._table_cells() if told["withheld"]}

    def _table_cells(self) -> Iterator[tuple[str, dict[str, Any]]]:
        report = self.report
        for name in ("area", "service", "outcome"):
            for each in report[f"{name}s"]:
                yield f"{name}:{each['code']}", each["satisfied"]
        for each in report["channels"]:
            yield f"channel:{each['channel']}", each["satisfied"]
        for each in report["channel_languages"]:
            yield f"language:{each['channel']}/{each['language']}", each["satisfied"]
        for each in report.get("strata", ()):
            for side in ("verified", "open"):
                here = [r for r in self.all if each["channel"] in {None, r.channel}]
                # Of a cell without ratings nothing need be said.
                if any(r.verified == (side == "verified") for r in here):
                    yield (
                        ":".join(("stratum", "/".join(filter(None, (each["channel"], side))))),
                        each[side],
                    )
        for each in report["hours"]:
            yield f"hour:{each['weekday']}/{each['hour']}", each["satisfied"]


def _are_kin(cell: str, other: str, parents: dict[str, str]) -> bool:
    """Whether one lies beneath the other, or both beneath the same. A channel's strata, which the
    sums over the channels bind together, lie beneath it as well."""
    if {cell.split(":", maxsplit=1)[0], other.split(":", maxsplit=1)[0]} == {"channel", "stratum"}:
        return True
    return parents[cell] in {parents[other], other} or parents[other] == cell


# --- all of a database -----------------------------------------------------------------------


def check_database(path: Path, months: Iterable[str] | None = None) -> Iterator[tuple[str, Check]]:
    """The newest revision of every published month, or of these ones, each with its check."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        for number, slug in database.execute("SELECT id, slug FROM center ORDER BY number"):
            center = Center(database, number)
            revisions: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
            for month, value in database.execute(
                "SELECT month, value FROM report WHERE center_id = ? ORDER BY month, revision",
                (number,),
            ):
                if months is None or month[:7] in months:
                    revisions[month].append(json.loads(value))
            for month, reports in revisions.items():
                before = {cell for each in reports[:-1] for cell in each.get("hidden", ())}
                yield f"{slug} {month[:7]}", Check(center, reports[-1], before).run()
    finally:
        database.close()


def main() -> int:
    """Check the database named on the command line; 1 when anything disagrees."""
    figures = disagreeing = 0
    for name, check in check_database(Path(sys.argv[1])):
        figures += check.figures
        disagreeing += len(check.wrong)
        for line in check.wrong:
            print(f"{name}: {line}")
    print(f"{figures} figures compared, {disagreeing} disagree")
    return int(disagreeing > 0)


if __name__ == "__main__":
    sys.exit(main())
