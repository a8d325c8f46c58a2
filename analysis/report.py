"""The monthly report of a center as a value: build_report, and its exact JSON form.

The report is free of language: names are mappings of languages, findings are codes with
parameters. Web page, PDF, workbook and mail render this one value and therefore agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise
from typing import Any, Literal

from analysis import findings
from analysis.canonical import canonical_json, field_names, from_plain, to_plain
from analysis.estimates import (
    MINIMUM_BASE,
    NOTHING,
    Bounds,
    Change,
    Estimate,
    benjamini_hochberg,
    bounds,
    difference_p_value,
    poststratified,
    response_rate,
    trend_p_value,
)
from analysis.findings import Finding
from analysis.months import Month
from analysis.quotations import choose_quotations
from analysis.tally import (
    ChannelCounts,
    ChannelName,
    DayCounts,
    HourCounts,
    MonthCounts,
    Names,
    QuotableComment,
    ScoreTally,
    SentimentCounts,
    ServiceCounts,
    ServiceKind,
    SetAside,
    TopicCounts,
    change,
    total,
)

FORMAT = 1
#: A trend is sought over this many months: two quarters, compared with each other.
TREND_MONTHS = 6

Reason = Literal["first", "late_ratings", "corrected"]


@dataclass(frozen=True, slots=True)
class CenterName:
    """Whose report it is. `time_zone` is an IANA name; days and hours are those of its clock."""

    slug: str
    names: Names
    time_zone: str


@dataclass(frozen=True)
class ReportInputs:
    """All a report is computed from, counted by SQL.

    `months` runs without a gap, oldest first, and ends with `month` (13 months usually; a month
    without data is present with an empty tally). Services, channels, hours and days each sum to
    the tally of `month`: build_report refuses anything else.
    """

    center: CenterName
    month: Month
    months: tuple[MonthCounts, ...]
    services: tuple[ServiceCounts, ...]
    channels: tuple[ChannelCounts, ...]
    hours: tuple[HourCounts, ...]
    days: tuple[DayCounts, ...]
    topics: tuple[TopicCounts, ...]
    comments: tuple[QuotableComment, ...]
    set_aside: tuple[SetAside, ...]
    survey_versions: tuple[int, ...]
    survey_question: Names
    counted_until: date
    code_version: str
    reader_version: str
    revision: int = 1
    reason: Reason = "first"


@dataclass(frozen=True, slots=True)
class Headline:
    """The month in one figure. Shares are fractions; `mean` is on the scale 1…5.

    Under MINIMUM_BASE ratings share, mean, distribution and bounds are unknown; `tally` holds the
    counts all the same, for those who check the sums, and is not to be shown then.
    """

    satisfied: Estimate
    tally: ScoreTally
    mean: float | None
    distribution: tuple[float, ...] | None
    served: int | None
    response_rate: float | None
    bounds: Bounds | None
    weighted: Estimate
    since_previous_month: Change
    since_year_before: Change


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """A month of the trend. The share is withheld under MINIMUM_BASE ratings."""

    month: Month
    satisfied: Estimate
    served: int | None
    response_rate: float | None
    set_aside: int
    comments: SentimentCounts


@dataclass(frozen=True, slots=True)
class Drift:
    """Whether a share moved steadily over the last TREND_MONTHS months.

    `earlier` and `later` are the shares of the first and second half, `difference` is later
    minus earlier, `p_value` that of the Cochran–Armitage trend test over the months.
    `verdict` names a direction only if both agree, after Benjamini–Hochberg over all services.
    """

    since: Month
    earlier: Estimate
    later: Estimate
    difference: Change
    p_value: float


@dataclass(frozen=True, slots=True)
class AreaFigure:
    """An area in the month, its services and their people served added up. Same rules as for a
    service: under MINIMUM_BASE ratings only the base is told."""

    code: str
    names: Names
    kind: ServiceKind
    satisfied: Estimate
    mean: float | None
    served: int | None
    response_rate: float | None
    change: Change


@dataclass(frozen=True, slots=True)
class ServiceFigure:
    """A service in the month. Under MINIMUM_BASE ratings only the base is told: `tally`, `mean`
    are None and the share is unknown ("too few"). `against_rest` compares it with all other
    ratings of the month; `year` holds the 13 months of a service with a share."""

    code: str
    names: Names
    area_code: str
    area_names: Names
    kind: ServiceKind
    agency_names: Names
    satisfied: Estimate
    tally: ScoreTally | None
    mean: float | None
    served: int | None
    response_rate: float | None
    change: Change
    against_rest: Change
    year: tuple[Estimate, ...] | None
    drift: Drift | None


@dataclass(frozen=True, slots=True)
class ChannelFigure:
    """A channel, or a language within a channel (`language` None: all of them).
    `part` is its share of all counted ratings."""

    channel: ChannelName
    language: str | None
    satisfied: Estimate
    mean: float | None
    part: float | None
    held: int


@dataclass(frozen=True, slots=True)
class HourFigure:
    """One hour of the week (weekday 1…7, hour 0…23 on the center's clock)."""

    weekday: int
    hour: int
    satisfied: Estimate


@dataclass(frozen=True, slots=True)
class DayFigure:
    """How many ratings a day brought, and how many of it were set aside."""

    day: date
    base: int
    held: int
    open: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """Open days in a row without a single rating. `open_days` counts them."""

    first: date
    last: date
    open_days: int


@dataclass(frozen=True, slots=True)
class Passport:
    """What must stand beside the published figure, so that it can be judged and recomputed.

    The definition is: ratings of 4 or 5 (`numerator`) among all counted ratings (`denominator`);
    interval Wilson at `level`. `data_hash` is the SHA-256 of the canonical inputs, see
    `data_hash` in this module. `with_set_aside` is the figure had nothing been set aside; when
    the scores of what was set aside are not at hand it is unknown and `with_set_aside_range`
    says between which values it lies.
    """

    numerator: int
    denominator: int
    served: int | None
    response_rate: float | None
    level: float
    satisfied: Estimate
    set_aside: int
    with_set_aside: Estimate
    with_set_aside_range: Bounds | None
    survey_versions: tuple[int, ...]
    counted_until: date
    data_hash: str
    code_version: str
    reader_version: str
    revision: int
    reason: Reason


@dataclass(frozen=True)
class SatisfactionReport:
    """One center's month, complete. `to_dict` and `from_dict` are exact inverses."""

    center: CenterName
    month: Month
    survey_question: Names
    headline: Headline
    trend: tuple[MonthFigure, ...]
    areas: tuple[AreaFigure, ...]
    services: tuple[ServiceFigure, ...]
    channels: tuple[ChannelFigure, ...]
    channel_languages: tuple[ChannelFigure, ...]
    qr_minus_tablet: Change
    hours: tuple[HourFigure, ...]
    weak_hours: Finding | None
    days: tuple[DayFigure, ...]
    silences: tuple[Silence, ...]
    comments: SentimentCounts
    topics: tuple[TopicCounts, ...]
    quotations: tuple[QuotableComment, ...]
    set_aside: tuple[SetAside, ...]
    changed: tuple[Finding, ...]
    todo: tuple[Finding, ...]
    passport: Passport

    @property
    def revision(self) -> int:
        return self.passport.revision

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values only, to be frozen in a row."""
        plain: dict[str, Any] = {"format": FORMAT}
        plain.update(to_plain(self))
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> SatisfactionReport:
        """The report from `to_dict`, also after a way through JSON text.

        Raises ValueError when the format is another one or a member is missing or unknown.
        """
        if plain.get("format") != FORMAT:
            raise ValueError(f"a report of format {plain.get('format')!r} cannot be read")
        return from_plain(cls, {name: plain[name] for name in plain if name != "format"})


# Building ------------------------------------------------------------------------------------


def build_report(inputs: ReportInputs) -> SatisfactionReport:
    """Turn counts into the report. Equal inputs give equal reports; their order is of no account.

    Raises ValueError when the months have a gap, a key occurs twice, or the parts of the month
    do not sum to the whole.
    """
    _check(inputs)
    this = inputs.months[-1]
    services = _services(inputs)
    channels = _channels(inputs.channels, this.tally, by_language=False)
    report = SatisfactionReport(
        center=inputs.center,
        month=inputs.month,
        survey_question=inputs.survey_question,
        headline=_headline(inputs),
        trend=tuple(_month_figure(counts) for counts in inputs.months),
        areas=_areas(inputs),
        services=services,
        channels=channels,
        channel_languages=_channels(inputs.channels, this.tally, by_language=True),
        qr_minus_tablet=change(
            total(c.tally for c in inputs.channels if c.channel == "qr"),
            total(c.tally for c in inputs.channels if c.channel == "tablet"),
        ),
        hours=tuple(
            HourFigure(cell.weekday, cell.hour, _shown(cell.tally))
            for cell in sorted(inputs.hours, key=lambda c: (c.weekday, c.hour))
        ),
        weak_hours=findings.weak_hours(
            findings.Evidence(
                hours=tuple((c.weekday, c.hour, c.tally) for c in inputs.hours),
                comments=inputs.comments,
            )
        ),
        days=tuple(
            DayFigure(d.day, d.tally.base, d.held, d.open)
            for d in sorted(inputs.days, key=lambda d: d.day)
        ),
        silences=_silences(inputs),
        comments=this.comments,
        topics=tuple(
            sorted(
                (t for t in inputs.topics if t.comments.total),
                key=lambda t: (-t.comments.total, t.code),
            )
        ),
        quotations=choose_quotations(
            inputs.comments, {s.code for s in services if s.satisfied.known}
        )
        if this.tally.base >= MINIMUM_BASE
        else (),
        set_aside=tuple(
            sorted((s for s in inputs.set_aside if s.count), key=lambda s: (-s.count, s.rule))
        ),
        changed=(),
        todo=(),
        passport=_passport(inputs),
    )
    changed, todo = findings.find(report)
    return replace(report, changed=changed, todo=todo)


def _check(inputs: ReportInputs) -> None:
    months = [counts.month for counts in inputs.months]
    if not months or months[-1] != inputs.month:
        raise ValueError("the months must end with the month of the report")
    if any(earlier.next() != later for earlier, later in pairwise(months)):
        raise ValueError("the months must follow each other without a gap")
    headline = inputs.months[-1].tally
    parts: dict[str, list[tuple[object, ScoreTally]]] = {
        "services": [(s.code, s.tally) for s in inputs.services],
        "channels": [((c.channel, c.language), c.tally) for c in inputs.channels],
        "hours": [((h.weekday, h.hour), h.tally) for h in inputs.hours],
        "days": [(d.day, d.tally) for d in inputs.days],
    }
    for name, rows in parts.items():
        if len({key for key, _ in rows}) != len(rows):
            raise ValueError(f"{name}: a key occurs twice")
        together = total(tally for _, tally in rows)
        if together != headline:
            raise ValueError(
                f"{name} sum to {together.counts}, the month to {headline.counts}: "
                "rebuild the tallies"
            )
    for service in inputs.services:
        if service.year is not None and (not service.year or service.year[-1] != service.tally):
            raise ValueError(f"service {service.code}: its year does not end with this month")


def _headline(inputs: ReportInputs) -> Headline:
    this = inputs.months[-1]
    earlier = {counts.month: counts.tally for counts in inputs.months}
    share = _shown(this.tally)
    rate = response_rate(this.tally.base, this.served)
    return Headline(
        satisfied=share,
        tally=this.tally,
        mean=this.tally.mean if share.known else None,
        distribution=this.tally.distribution if share.known else None,
        served=this.served,
        response_rate=rate,
        bounds=None if rate is None or share.value is None else bounds(share.value, rate),
        weighted=_weighted(inputs.services),
        since_previous_month=change(this.tally, earlier.get(inputs.month.previous(), ScoreTally())),
        since_year_before=change(this.tally, earlier.get(inputs.month.year_before(), ScoreTally())),
    )


def _weighted(services: Sequence[ServiceCounts]) -> Estimate:
    """The share weighted by area to people served; unknown unless every area was counted and
    has at least MINIMUM_BASE ratings."""
    strata = []
    for _, group in _by_area(services):
        if group[0].kind == "unstated":
            continue
        tally, served = total(s.tally for s in group), _served(group)
        if served is None or (served and tally.base < MINIMUM_BASE):
            return NOTHING
        strata.append((tally.top_two, tally.base, served))
    return poststratified(strata)


def _month_figure(counts: MonthCounts) -> MonthFigure:
    return MonthFigure(
        month=counts.month,
        satisfied=_shown(counts.tally),
        served=counts.served,
        response_rate=response_rate(counts.tally.base, counts.served),
        set_aside=counts.held + counts.void,
        comments=counts.comments,
    )


def _by_area(services: Sequence[ServiceCounts]) -> list[tuple[str, list[ServiceCounts]]]:
    ordered = sorted(services, key=lambda s: (s.kind == "unstated", s.area_code, s.code))
    return [
        (key[1], list(group))
        for key, group in groupby(ordered, key=lambda s: (s.kind == "unstated", s.area_code))
    ]


def _served(services: Iterable[ServiceCounts]) -> int | None:
    """People served over all of them; None as soon as one was not counted."""
    together = 0
    for service in services:
        if service.served is None:
            return None
        together += service.served
    return together


def _areas(inputs: ReportInputs) -> tuple[AreaFigure, ...]:
    areas, pairs = [], []
    for code, group in _by_area(inputs.services):
        tally, served = total(s.tally for s in group), _served(group)
        if not tally.base and not served:
            continue
        pairs.append((tally, total(s.previous for s in group)))
        areas.append(
            AreaFigure(
                code=code,
                names=group[0].area_names,
                kind=group[0].kind,
                satisfied=_shown(tally),
                mean=tally.mean if tally.base >= MINIMUM_BASE else None,
                served=served,
                response_rate=response_rate(tally.base, served),
                change=change(*pairs[-1]),
            )
        )
    stands = _standing(pairs)
    return tuple(
        replace(area, change=_unless(stand, area.change))
        for area, stand in zip(areas, stands, strict=True)
    )


def _services(inputs: ReportInputs) -> tuple[ServiceFigure, ...]:
    rows = [s for _, group in _by_area(inputs.services) for s in group if s.tally.base or s.served]
    stands = _standing([(s.tally, s.previous) for s in rows])
    whole = inputs.months[-1].tally
    rests = [(s.tally, whole.without(s.tally)) for s in rows]
    apart = _standing(rests)
    drifts = _drifts(rows, inputs.month)
    return tuple(
        ServiceFigure(
            code=s.code,
            names=s.names,
            area_code=s.area_code,
            area_names=s.area_names,
            kind=s.kind,
            agency_names=s.agency_names,
            satisfied=_shown(s.tally),
            tally=s.tally if s.tally.base >= MINIMUM_BASE else None,
            mean=s.tally.mean if s.tally.base >= MINIMUM_BASE else None,
            served=s.served,
            response_rate=response_rate(s.tally.base, s.served),
            change=_unless(stand, change(s.tally, s.previous)),
            against_rest=_unless(differs, change(*rest)),
            year=tuple(_shown(t) for t in s.year)
            if s.year is not None and s.tally.base >= MINIMUM_BASE
            else None,
            drift=drift,
        )
        for s, stand, rest, differs, drift in zip(rows, stands, rests, apart, drifts, strict=True)
    )


def _shown(tally: ScoreTally) -> Estimate:
    """The share satisfied, or only its base when that is too small."""
    if tally.base < MINIMUM_BASE:
        return Estimate(None, None, None, tally.base)
    return tally.satisfied


def _standing(pairs: Sequence[tuple[ScoreTally, ScoreTally]]) -> tuple[bool, ...]:
    """Which of many changes survive Benjamini–Hochberg; those not comparable take no part."""
    comparable = [min(now.base, then.base) >= MINIMUM_BASE for now, then in pairs]
    p_values = [
        difference_p_value(now.top_two, now.base, then.top_two, then.base)
        for (now, then), may in zip(pairs, comparable, strict=True)
        if may
    ]
    answers = iter(benjamini_hochberg(p_values))
    return tuple(next(answers) if may else False for may in comparable)


def _unless(stands: bool, found: Change) -> Change:
    """The change, called unclear when it did not stand among the many."""
    if stands or found.verdict == "not_comparable":
        return found
    return Change(found.difference, "no_clear_change")


def _drifts(rows: Sequence[ServiceCounts], month: Month) -> list[Drift | None]:
    since = month
    for _ in range(TREND_MONTHS - 1):
        since = since.previous()
    drifts: list[Drift | None] = []
    for service in rows:
        recent = (service.year or ())[-TREND_MONTHS:]
        half = TREND_MONTHS // 2
        earlier, later = total(recent[:half]), total(recent[half:])
        if len(recent) < TREND_MONTHS or min(earlier.base, later.base) < 3 * MINIMUM_BASE:
            drifts.append(None)
            continue
        drifts.append(
            Drift(
                since=since,
                earlier=earlier.satisfied,
                later=later.satisfied,
                difference=change(later, earlier),
                p_value=trend_p_value([t.top_two for t in recent], [t.base for t in recent]),
            )
        )
    stands = iter(benjamini_hochberg([d.p_value for d in drifts if d is not None]))
    return [d and replace(d, difference=_unless(next(stands), d.difference)) for d in drifts]


def _channels(
    rows: Sequence[ChannelCounts], headline: ScoreTally, *, by_language: bool
) -> tuple[ChannelFigure, ...]:
    def key(row: ChannelCounts) -> tuple[bool, str, str]:
        return (row.channel != "tablet", row.channel, row.language if by_language else "")

    figures = []
    for _, grouped in groupby(sorted(rows, key=key), key=key):
        group = list(grouped)
        tally, held = total(c.tally for c in group), sum(c.held for c in group)
        if not tally.base and not held:
            continue
        figures.append(
            ChannelFigure(
                channel=group[0].channel,
                language=group[0].language if by_language else None,
                satisfied=_shown(tally),
                mean=tally.mean if tally.base >= MINIMUM_BASE else None,
                part=tally.base / headline.base if headline.base else None,
                held=held,
            )
        )
    return tuple(figures)


def _silences(inputs: ReportInputs) -> tuple[Silence, ...]:
    """Runs of open days without a rating, up to the day the counting went."""
    open_days = sorted(
        (d for d in inputs.days if d.open and d.day <= inputs.counted_until), key=lambda d: d.day
    )
    silences = []
    for silent, run in groupby(open_days, key=lambda d: d.tally.base + d.held == 0):
        days = [d.day for d in run]
        if silent:
            silences.append(Silence(days[0], days[-1], len(days)))
    return tuple(silences)


def _passport(inputs: ReportInputs) -> Passport:
    this = inputs.months[-1]
    share = _shown(this.tally)
    aside = sum(s.count for s in inputs.set_aside)
    tallies = [s.tally for s in inputs.set_aside if s.tally is not None]
    with_aside, span = NOTHING, None
    if len(tallies) == len(inputs.set_aside):
        with_aside = _shown(this.tally + total(tallies))
    elif this.tally.base + aside:
        known = this.tally + total(tallies)
        hidden = this.tally.base + aside - known.base
        everything = known.base + hidden
        span = Bounds(known.top_two / everything, (known.top_two + hidden) / everything)
    return Passport(
        numerator=this.tally.top_two,
        denominator=this.tally.base,
        served=this.served,
        response_rate=response_rate(this.tally.base, this.served),
        level=0.95,
        satisfied=share,
        set_aside=aside,
        with_set_aside=with_aside,
        with_set_aside_range=span,
        survey_versions=tuple(sorted(inputs.survey_versions)),
        counted_until=inputs.counted_until,
        data_hash=data_hash(inputs),
        code_version=inputs.code_version,
        reader_version=inputs.reader_version,
        revision=inputs.revision,
        reason=inputs.reason,
    )


_NOT_DATA = {"counted_until", "code_version", "revision", "reason"}


def data_hash(inputs: ReportInputs) -> str:
    """SHA-256 (hex) of what the figures were computed from, so that equal hashes mean equal data.

    The hashed text has one line for each member of the inputs, and one for each row where the
    member is a list: name, tab, canonical JSON (keys sorted, no spaces). Lines are sorted by code
    point, joined by a line feed and encoded in UTF-8. Left out are the four members that are not
    data: `counted_until`, `code_version`, `revision`, `reason`.
    """
    lines = []
    for name in field_names(ReportInputs):
        if name not in _NOT_DATA:
            value = getattr(inputs, name)
            rows = value if isinstance(value, tuple) else (value,)
            lines += [f"{name}\t{canonical_json(row)}" for row in rows]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
