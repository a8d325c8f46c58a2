"""The monthly report of a center as a value, what it is built from, and its exact JSON form.

The report is free of language: names are mappings of languages, findings are codes with
parameters. Web page, PDF, workbook and mail render this one value and therefore agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from analysis.canonical import from_plain, to_plain
from analysis.complaints import CaseTimes, Complaints
from analysis.control import ControlChart, FunnelPlace
from analysis.drivers import DriverCounts, DriverEffect
from analysis.equality import EqualityQuestion, GroupCounts
from analysis.estimates import Bounds, Change, Estimate
from analysis.findings import Finding
from analysis.months import Month
from analysis.tally import (
    AlertNote,
    ChannelCounts,
    ChannelName,
    DayCounts,
    HourCounts,
    MonthCounts,
    Names,
    OutcomeCounts,
    QuotableComment,
    ScoreTally,
    SentimentCounts,
    ServiceCounts,
    ServiceKind,
    SetAside,
    TopicCounts,
    VerifiedCounts,
)

FORMAT = 2

Reason = Literal["first", "late_ratings", "corrected"]


@dataclass(frozen=True, slots=True)
class CenterName:
    """Whose report it is. `time_zone` is an IANA name; days and hours are those of its clock."""

    slug: str
    names: Names
    time_zone: str


@dataclass(frozen=True, slots=True)
class PastRevision:
    """An earlier revision of the same month, and the figures it gave."""

    revision: int
    published_on: date
    reason: Reason
    satisfied: Estimate
    base: int
    served: int | None
    set_aside: int


@dataclass(frozen=True)
class ReportInputs:
    """All a report is computed from, counted by SQL.

    `months` runs without a gap, oldest first, and ends with `month` (13 months usually; a month
    without data is present with an empty tally). Services, channels, hours and days each sum to
    the tally of `month`: build_report refuses anything else. `topic_drivers` counts the comments
    that were assessed by the topics they speak of, as `drivers` counts answers. `verified` has no
    row for a channel without verified ratings, so that months from before there were tickets keep
    their fingerprint, and so do months for which `cases` is empty. These are all who could be
    waiting for an answer when the month before began, and who asked since. `hidden_before`
    names the cells that earlier revisions hid, oldest revision first in `history`.
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
    drivers: DriverCounts | None = None
    topic_drivers: DriverCounts | None = None
    outcomes: tuple[OutcomeCounts, ...] = ()
    groups: tuple[GroupCounts, ...] = ()
    alerts: tuple[AlertNote, ...] = ()
    history: tuple[PastRevision, ...] = ()
    hidden_before: tuple[str, ...] = ()
    verified: tuple[VerifiedCounts, ...] = ()
    cases: tuple[CaseTimes, ...] = ()


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
    """An area in the month, its services and their people served added up. Withheld like a
    service."""

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
    """A service in the month. Where its ratings are too few, or another's could be worked out
    from them, it is withheld: nothing but the people served is told (analysis.suppression).
    `against_rest` compares it with all other ratings of the month."""

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
    drift: Drift | None


@dataclass(frozen=True, slots=True)
class StructureFigure:
    """A structure of the coordination centre in the month: all services it owns there."""

    code: str
    names: Names
    satisfied: Estimate
    mean: float | None
    served: int | None
    response_rate: float | None
    change: Change
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """A service among all: its limits are those within which chance alone would leave it if it
    were like the whole center. `place` says on which side of which limits it lies."""

    code: str
    base: int
    share: float
    place: FunnelPlace


@dataclass(frozen=True, slots=True)
class Funnel:
    """All services with a share against the center's own; `dispersion` ≥ 1 widens the limits
    where services differ more than chance explains (Spiegelhalter 2005)."""

    center_line: float
    dispersion: float
    points: tuple[FunnelPoint, ...]


@dataclass(frozen=True, slots=True)
class OutcomeFigure:
    """Those who gave one answer to "did you get what you came for?"; `part` is their share of
    all who answered."""

    code: str
    names: Names
    satisfied: Estimate
    part: float | None


@dataclass(frozen=True, slots=True)
class SeriesBreak:
    """A month from which figures are not strictly comparable with those before: another question,
    another version of the survey, or another mix of channels."""

    month: Month
    kind: Literal["question", "survey_version", "channel_mix"]
    before: str
    after: str


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
class StratumFigure:
    """Ratings bound to a visit by a ticket beside those of the open channel, within one channel or
    (`channel` None) in all together. `part` is what part of them is verified; `difference` is
    verified minus open."""

    channel: ChannelName | None
    verified: Estimate
    open: Estimate
    part: float | None
    difference: Change


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
    says between which values it lies. `verified` of the counted ratings are bound to a visit by a
    ticket; None where that number is withheld.
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
    verified: int | None = 0


@dataclass(frozen=True)
class SatisfactionReport:
    """One center's month, complete. `to_dict` and `from_dict` are exact inverses.

    `complaints` are None in reports from before answers were counted.
    """

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
    control: ControlChart | None = None
    breaks: tuple[SeriesBreak, ...] = ()
    funnel: Funnel | None = None
    structures: tuple[StructureFigure, ...] = ()
    drivers: tuple[DriverEffect, ...] = ()
    topic_effects: tuple[DriverEffect, ...] = ()
    outcomes: tuple[OutcomeFigure, ...] = ()
    equality: tuple[EqualityQuestion, ...] = ()
    uncounted_days: tuple[date, ...] = ()
    alerts: tuple[AlertNote, ...] = ()
    history: tuple[PastRevision, ...] = ()
    hidden: tuple[str, ...] = ()
    strata: tuple[StratumFigure, ...] = ()
    complaints: Complaints | None = None

    @property
    def verified_share(self) -> StratumFigure | None:
        """The verified ratings of all channels beside the others; None where that is not told."""
        return next(
            (row for row in self.strata if row.channel is None and not row.verified.withheld), None
        )

    @property
    def is_verified(self) -> bool:
        """Whether the verified share is the headline: half of the ratings or more have a ticket."""
        row = self.verified_share
        return row is not None and row.verified.known and row.part is not None and row.part >= 0.5

    @property
    def revision(self) -> int:
        return self.passport.revision

    def breaks_since(self, month: Month) -> tuple[SeriesBreak, ...]:
        """What makes this month not strictly comparable with that earlier one."""
        return tuple(found for found in self.breaks if month < found.month <= self.month)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values only, to be frozen in a row."""
        plain: dict[str, Any] = {"format": FORMAT}
        plain.update(to_plain(self))
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> SatisfactionReport:
        """The report from `to_dict`, also after a way through JSON text.

        Format 1 told a service's year, which format 2 leaves out. Raises ValueError when the
        format is another one or a member is missing or unknown.
        """
        members = {name: plain[name] for name in plain if name != "format"}
        if plain.get("format") == 1:
            members["services"] = [
                {name: service[name] for name in service if name != "year"}
                for service in plain["services"]
            ]
        elif plain.get("format") != FORMAT:
            raise ValueError(f"a report of format {plain.get('format')!r} cannot be read")
        return from_plain(cls, members)
