"""What happened in the demo network: who came, who rated, how, and the stories hidden in it.

Everything follows from a seed and the last month. Times are the centers' wall clock.
"""

import random
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import accumulate

from analysis.months import Month
from survey_app.demo.catalogue import CLOSES, OPENS

MONTHS = 13
PEOPLE_SERVED = 445_000
RATINGS = 90_000
SHARE_SATISFIED = 0.974

# The stories; docs/demo.md tells them and which report shows each.
WORSENING_SERVICE = "07-01-01"
# Chance of dissatisfaction with it in the last seven months, oldest first.
WORSENING = (0.04, 0.06, 0.10, 0.16, 0.24, 0.32, 0.40)
MONDAY_CENTER, MONDAY_HOURS, MONDAY_RISK = "baku-3", range(9, 11), 0.24
STUFFED_CENTER, STUFFED_PLACE = "baku-2", "waiting"
STUFFED_AFTERNOONS, STUFFED_PRESSES = 6, 60
SILENT_CENTER, SILENT_DAYS = "baku-4", 10
SECOND_VERSION_FROM = 8
# As long a tablet thanks before it takes the next rating.
COOLDOWN = timedelta(seconds=6)
# The queue system tells the hours of visits since then, and prints a ticket for each.
MONTHS_WITH_HOURS = 2
MONTHS_WITH_TICKETS = 2
# So many of those who rate on their phone use the ticket, and not a poster. The dice are their
# own, so that no others move, and chosen so that chance alone makes no story of it.
TICKET_PART, _TICKET_SEED = 0.25, 10

# Visitors by hour from nine, and by weekday from Monday, relative to the mean.
_HOURS = (1.25, 1.75, 1.6, 1.1, 0.5, 0.95, 1.15, 0.85, 0.4)
_WEEKDAYS = (1.22, 1.02, 0.97, 0.94, 0.85)
# Summer is quiet, the weeks before New Year and Novruz are busy.
_SEASON = (1.0, 1.06, 1.08, 1.04, 1.03, 0.98, 0.94, 0.86, 0.83, 1.04, 1.06, 1.08)
_TABLET, _QR = "tablet", "qr"
_QR_PART = 0.18
# Dissatisfaction apart from the stories, relative; the level follows from SHARE_SATISFIED.
_QR_RISK = 6.0
_LANGUAGES = {
    "baku-1": {"az": 0.78, "ru": 0.17, "en": 0.05},
    "baku-2": {"az": 0.86, "ru": 0.12, "en": 0.02},
    "baku-3": {"az": 0.80, "ru": 0.17, "en": 0.03},
    "baku-4": {"az": 0.84, "ru": 0.13, "en": 0.03},
    "absheron": {"az": 0.93, "ru": 0.05, "en": 0.02},
}
_CAUSES = {
    "waiting": 0.30,
    "documents_process": 0.20,
    "information": 0.15,
    "outcome": 0.12,
    "staff_courtesy": 0.10,
    "staff_competence": 0.06,
    "facilities": 0.04,
    "queue_system": 0.03,
}
_GOOD = (
    "staff_courtesy",
    "waiting",
    "information",
    "staff_competence",
    "documents_process",
    "facilities",
)


@dataclass(slots=True)
class Press:
    """One rating to be: where, when, by whom; scored once all of them are known."""

    center: str
    place: str
    channel: str
    rated: datetime
    service: str | None
    area: str | None
    language: str
    # Chance of dissatisfaction: one part scales with the network's level, one is a story's.
    relative_risk: float = 1.0
    story_risk: float = 0.0
    cause: str | None = None
    score: int = 5
    has_ticket: bool = False
    outcome: str | None = None
    drivers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ground:
    """What the story is told on: centers and services with their weights, and the open days.

    `people` is how many are served in all, give or take chance.
    """

    centers: Mapping[str, float]
    services: Mapping[str, float]
    open_days: Sequence[date]
    months: Sequence[Month]
    people: int = PEOPLE_SERVED


@dataclass(frozen=True)
class Story:
    """Everything that happened: people served per center, day and service, in the last months
    also per hour; presses in order."""

    served: Counter[tuple[str, date, str]]
    served_hourly: Counter[tuple[str, date, str, int]]
    presses: list[Press]


def tell(ground: Ground, rng: random.Random) -> Story:
    """Tell the story once."""
    served: Counter[tuple[str, date, str]] = Counter()
    served_hourly: Counter[tuple[str, date, str, int]] = Counter()
    presses: list[Press] = []
    silent = _silent_days(ground)
    hours_since = ground.months[-MONTHS_WITH_HOURS].first_day
    for center, day, people in _attendance(ground, rng):
        for service, hour in _visits(ground, people, rng):
            served[center, day, service] += 1
            if day >= hours_since:
                served_hourly[center, day, service, hour] += 1
            if (center, day) not in silent and rng.random() < RATINGS / PEOPLE_SERVED:
                presses.append(_press(ground, center, day, service, hour, rng))
    presses += _after_hours(ground, rng)
    presses += _stuffing(ground, rng)
    presses.sort(key=lambda press: press.rated)
    _wait_for_the_tablet(presses)
    _score(presses, rng)
    _hand_out_tickets(presses, ground.months[-MONTHS_WITH_TICKETS].first_day)
    return Story(served, served_hourly, presses)


def _wait_for_the_tablet(presses: list[Press]) -> None:
    """Nobody can press while a tablet thanks the one before: who comes too early waits."""
    free_at: dict[tuple[str, str], datetime] = {}
    for press in presses:
        if press.channel == _TABLET:
            place = (press.center, press.place)
            press.rated = max(press.rated, free_at.get(place, press.rated))
            free_at[place] = press.rated + COOLDOWN
    presses.sort(key=lambda press: press.rated)


def _attendance(ground: Ground, rng: random.Random) -> Iterator[tuple[str, date, int]]:
    """How many came to each center each day; together close to `people`."""
    expected = {
        (center, day): weight * _WEEKDAYS[day.weekday()] * _SEASON[day.month - 1]
        for day in ground.open_days
        for center, weight in ground.centers.items()
    }
    scale = ground.people / sum(expected.values())
    for (center, day), weight in expected.items():
        mean = weight * scale
        # A sum of many small decisions to come: normal, with a little more spread than Poisson.
        yield center, day, max(0, round(rng.gauss(mean, 1.3 * mean**0.5)))


def _visits(ground: Ground, people: int, rng: random.Random) -> Iterator[tuple[str, int]]:
    codes = list(ground.services)
    weights = list(accumulate(ground.services.values()))
    hours = list(accumulate(_HOURS))
    for _ in range(people):
        code = codes[bisect(weights, rng.random() * weights[-1])]
        yield code, OPENS.hour + bisect(hours, rng.random() * hours[-1])


def _press(
    ground: Ground, center: str, day: date, service: str, hour: int, rng: random.Random
) -> Press:
    area = service.split("-", maxsplit=1)[0]
    channel = _QR if rng.random() < _QR_PART else _TABLET
    if channel == _QR:
        place = rng.choices(("counters", "exit", "info-desk"), (5, 3, 2))[0]
    elif area == "UC":
        place = "coordination"
    else:
        place = rng.choices(("hall-exit", "waiting"), (7, 3))[0]
    languages = _LANGUAGES[center]
    minute, second = rng.randrange(60), rng.randrange(60)
    press = Press(
        center=center,
        place=place,
        channel=channel,
        rated=datetime.combine(day, time(hour, minute, second)),
        # In the coordination centre's room the reason of the visit is asked by staff.
        service=service if area == "UC" or rng.random() < 0.72 else None,
        area=area,
        language=rng.choices(list(languages), list(languages.values()))[0],
        relative_risk=_QR_RISK if channel == _QR else 1.0,
    )
    _give_story(ground, press, service, rng)
    return press


def _give_story(ground: Ground, press: Press, service: str, rng: random.Random) -> None:
    if service == WORSENING_SERVICE:
        from_end = len(ground.months) - 1 - ground.months.index(Month.of(press.rated.date()))
        if from_end < len(WORSENING):
            press.story_risk = WORSENING[-1 - from_end]
            press.cause = rng.choice(("documents_process", "waiting", "outcome"))
    is_monday_morning = press.rated.weekday() == 0 and press.rated.hour in MONDAY_HOURS
    if press.center == MONDAY_CENTER and is_monday_morning and press.story_risk < MONDAY_RISK:
        press.story_risk, press.cause = MONDAY_RISK, "waiting"


def _silent_days(ground: Ground) -> set[tuple[str, date]]:
    """Two weeks of the last month in which a center sent nothing."""
    last = [day for day in ground.open_days if Month.of(day) == ground.months[-1]]
    return {(SILENT_CENTER, day) for day in last[3 : 3 + SILENT_DAYS]}


def _after_hours(ground: Ground, rng: random.Random) -> list[Press]:
    """A few presses after closing: cleaning, curiosity. The screening holds them back."""
    presses = []
    for _ in range(45):
        day = rng.choice(ground.open_days)
        moment = datetime.combine(day, CLOSES) + timedelta(minutes=rng.randrange(25, 120))
        center = rng.choice([each for each in ground.centers if each != SILENT_CENTER])
        presses.append(Press(center, "hall-exit", _TABLET, moment, None, None, "az"))
    return presses


def _stuffing(ground: Ground, rng: random.Random) -> list[Press]:
    """One tablet pressed over and over on six afternoons of the last month."""
    last = [day for day in ground.open_days if Month.of(day) == ground.months[-1]]
    presses = []
    for day in sorted(rng.sample(last, STUFFED_AFTERNOONS)):
        moment = datetime.combine(day, time(15, rng.randrange(10, 50)))
        for _ in range(STUFFED_PRESSES):
            moment += timedelta(seconds=rng.uniform(6.2, 10))
            presses.append(
                Press(STUFFED_CENTER, STUFFED_PLACE, _TABLET, moment, None, None, "az", 0.0)
            )
    return presses


def _hand_out_tickets(presses: list[Press], since: date) -> None:
    """Some of those who rate on their phone do it by the ticket of their visit."""
    rng = random.Random(_TICKET_SEED)
    for press in presses:
        if press.channel == _QR and press.rated.date() >= since:
            press.has_ticket = rng.random() < TICKET_PART


def _score(presses: list[Press], rng: random.Random) -> None:
    """Decide who is dissatisfied so that the network's share satisfied is SHARE_SATISFIED."""
    wanted = round(len(presses) * (1 - SHARE_SATISFIED))
    from_stories = sum(press.story_risk for press in presses)
    relative = sum(press.relative_risk for press in presses if not press.story_risk)
    level = (wanted - from_stories) / relative
    risks = [press.story_risk or level * press.relative_risk for press in presses]
    dissatisfied = {index for index, risk in enumerate(risks) if rng.random() < risk}
    # Chance leaves the total a few dozen off; ordinary visits make up for it.
    ordinary = [index for index, press in enumerate(presses) if not press.story_risk]
    weights = [risks[index] for index in ordinary]
    while len(dissatisfied) < wanted:
        dissatisfied.add(rng.choices(ordinary, weights)[0])
    spare = sorted(dissatisfied.intersection(ordinary))
    dissatisfied.difference_update(rng.sample(spare, max(0, len(dissatisfied) - wanted)))
    for index, press in enumerate(presses):
        _judge(press, index in dissatisfied, rng)


def _judge(press: Press, is_dissatisfied: bool, rng: random.Random) -> None:
    if press.relative_risk == 0:
        return
    if is_dissatisfied:
        press.score = rng.choices((1, 2, 3), (34, 30, 36))[0]
        press.cause = press.cause or rng.choices(list(_CAUSES), list(_CAUSES.values()))[0]
        outcome = ("yes", "partly", "no"), (3, 4, 5)
    else:
        press.score = rng.choices((4, 5), (23, 77))[0]
        press.cause = None
        outcome = ("yes", "partly", "no"), (96, 3, 1)
    if rng.random() < 0.7:
        press.outcome = rng.choices(*outcome)[0]
    if rng.random() < (0.75 if is_dissatisfied else 0.5):
        others = [*_CAUSES][:7] if is_dissatisfied else _GOOD
        known = {
            "waiting",
            "staff_courtesy",
            "staff_competence",
            "information",
            "documents_process",
            "facilities",
        }
        chosen = {press.cause} if press.cause else set()
        chosen |= set(
            rng.sample(
                sorted(others), rng.choice((0, 0, 1)) if chosen else rng.choice((1, 1, 2, 3))
            )
        )
        press.drivers = sorted(chosen & known)
