"""What a report says in words: labels, figures as text, findings, sentences.

Template, charts, workbook and mail all speak through `ReportText`, so a figure reads alike
everywhere. What stands over a chart is `analysis.captions`. Importing this is cheap.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from analysis import rule_sentences
from analysis.captions import ChartCaptions
from analysis.complaint_sentences import ComplaintText
from analysis.equality import EqualityQuestion
from analysis.estimates import Change, Estimate, decimals_for
from analysis.finding_sentences import tell
from analysis.findings import Finding
from analysis.months import Month
from analysis.report import (
    Headline,
    PastRevision,
    SatisfactionReport,
    ServiceFigure,
    StratumFigure,
    StructureFigure,
)
from analysis.tally import AlertNote, QuotableComment
from analysis.wording import N_, Wording, sentence_case

if TYPE_CHECKING:
    from analysis.structures import StructureYear

SCORES = {
    1: N_("Very dissatisfied"),
    2: N_("Dissatisfied"),
    3: N_("Neither"),
    4: N_("Satisfied"),
    5: N_("Very satisfied"),
}
CHANNELS = {"tablet": N_("Tablets in the hall"), "qr": N_("QR code, own phone")}
LANGUAGES = {"az": N_("Azerbaijani"), "ru": N_("Russian"), "en": N_("English")}
SENTIMENTS = {
    "negative": N_("Complaint"),
    "mixed": N_("Mixed"),
    "neutral": N_("Neutral"),
    "positive": N_("Praise"),
    "not_assessed": N_("Not assessed"),
    "unread": N_("Not read yet"),
}
TOPICS = {
    "waiting": N_("Waiting"),
    "queue_system": N_("Queue and tickets"),
    "staff_courtesy": N_("Courtesy of the staff"),
    "staff_competence": N_("Knowledge of the staff"),
    "information": N_("Information and explanations"),
    "documents_process": N_("Documents and procedure"),
    "outcome": N_("Outcome of the visit"),
    "facilities": N_("Hall and comfort"),
    "accessibility": N_("Access for everyone"),
    "digital": N_("Digital services"),
    "fairness": N_("Fairness"),
}
REASONS = {
    "first": N_("First publication"),
    "late_ratings": N_("Ratings arrived late"),
    "corrected": N_("Corrected"),
}
VERDICTS = {
    "up": N_("higher"),
    "down": N_("lower"),
    "no_clear_change": N_("no clear change"),
    "not_comparable": N_("cannot be compared"),
}
_EFFECTS = {
    "up": N_("more satisfied"),
    "down": N_("less satisfied"),
    "no_clear_change": N_("no clear effect"),
    "not_comparable": N_("cannot be compared"),
}
_DIFFERENCES = {
    "up": N_("higher"),
    "down": N_("lower"),
    "no_clear_change": N_("no clear difference"),
    "not_comparable": N_("cannot be compared"),
}
TOO_FEW = N_("too few")
WITHHELD = N_("withheld")
UNKNOWN = N_("not known")
WITHOUT_SERVICE = N_("Service not stated")

_SINCE_MONTH = {
    "up": N_("Against the month before: higher, %(difference)s points (%(low)s to %(high)s)."),
    "down": N_("Against the month before: lower, %(difference)s points (%(low)s to %(high)s)."),
    "no_clear_change": N_(
        "Against the month before: no clear change, %(difference)s points (%(low)s to %(high)s)."
    ),
    "not_comparable": N_("Against the month before: cannot be compared."),
}
_SINCE_YEAR = {
    "up": N_("Against a year ago: higher, %(difference)s points (%(low)s to %(high)s)."),
    "down": N_("Against a year ago: lower, %(difference)s points (%(low)s to %(high)s)."),
    "no_clear_change": N_(
        "Against a year ago: no clear change, %(difference)s points (%(low)s to %(high)s)."
    ),
    "not_comparable": N_("Against a year ago: cannot be compared."),
}
_BREAKS = {
    "question": N_(
        "The question changed in %(month)s: what lies before it answers another question."
    ),
    "survey_version": N_(
        "The survey changed in %(month)s (version %(before)s, then %(after)s): compare with care."
    ),
    "channel_mix": N_(
        "The mix of channels changed in %(month)s (by QR code %(before)s, then %(after)s): "
        "compare with care."
    ),
}
#: Suspicions that speak of a month of the center; all others speak of a day of a tablet.
#: Letters a quotation on the first page should not exceed, and those that fit in its columns.
FRONT_QUOTATION, FRONT_ROOM = 180, 600
#: A line over the whole page holds more than one of a column.
COLUMN_OF_LINE = 0.4
#: How much wider the letters of a language are: Cyrillic ones fill a column sooner.
LETTER_WIDTH = {"ru": 1.1}
#: Services printed: those that stand out, filled up with those most rated.
_PRINTED, _FILLED_UP = 16, 10


class AlertLine(NamedTuple):
    """Suspicions of one rule at one place; `chance` is that of the least rare of them."""

    rule: str
    place: Mapping[str, str] | None
    days: str
    chance: str
    ratings: int
    alerts: int
    looked_into: int


class ReportText:
    """The words of one report in one language. All methods return finished text."""

    def __init__(self, report: SatisfactionReport, wording: Wording) -> None:
        self.report = report
        self.w = wording

    @property
    def captions(self) -> ChartCaptions:
        """What stands over the charts of this report."""
        return ChartCaptions(self)

    @property
    def complaints(self) -> ComplaintText:
        """What is said of those who asked for an answer."""
        return ComplaintText(self)

    # Figures

    def share(self, estimate: Estimate, decimals: int | None = None) -> str:
        """As in "97 %", or "97,4 %" where the interval allows it; "too few"; a dash for nobody.

        "Withheld" where not even the base is told. A share short of all never reads as 100 %, one
        above nothing never as 0 %.
        """
        if estimate.withheld:
            return self.w.text(WITHHELD)
        if estimate.value is None:
            return self.too_few if estimate.base else "–"
        wanted = decimals_for(estimate) if decimals is None else decimals
        return self.fraction(estimate.value, wanted)

    @property
    def too_few(self) -> str:
        return self.w.text(TOO_FEW)

    def fraction(self, value: float, decimals: int = 0) -> str:
        """A fraction as percent; decimals are added until 99.6 % no longer reads as 100 %."""
        while 0 < value < 1 and decimals < 4 and round(value, decimals + 2) in (0.0, 1.0):
            decimals += 1
        return self.w.percent(value, decimals)

    def interval(self, estimate: Estimate) -> str:
        """As in "96–98 %"; empty when unknown. Bounds have the decimals of the value."""
        if estimate.low is None or estimate.high is None:
            return ""
        decimals = decimals_for(estimate)
        return f"{self.w.number(100 * estimate.low, decimals)}–" + self.w.percent(
            estimate.high, decimals
        )

    def points(self, difference: Estimate) -> str:
        """As in "−1.2 (−2.4 to +0.1)", in percentage points; a dash when unknown."""
        if difference.value is None or difference.low is None or difference.high is None:
            return "–"
        return self.w.text(
            N_("%(difference)s (%(low)s to %(high)s)"),
            difference=self.w.signed_points(difference.value),
            low=self.w.signed_points(difference.low),
            high=self.w.signed_points(difference.high),
        )

    def base(self, estimate: Estimate) -> str:
        """The ratings behind a share; a dash where they are withheld."""
        return "–" if estimate.withheld else self.w.number(estimate.base)

    def answered(self, estimate: Estimate, rate: float | None) -> str:
        """The part of the people served that rated; a dash where the ratings are withheld."""
        return "–" if estimate.withheld else self.rate(rate)

    def rate(self, value: float | None) -> str:
        return self.w.text(UNKNOWN) if value is None else self.fraction(value)

    def count(self, value: int | None) -> str:
        return self.w.text(UNKNOWN) if value is None else self.w.number(value)

    def mean(self, value: float | None) -> str:
        return "–" if value is None else self.w.number(value, 2)

    def verdict(self, found: Change) -> str:
        return self.w.text(VERDICTS[found.verdict])

    # Labels

    def _label(self, labels: Mapping[str, str], code: str) -> str:
        known = labels.get(code)
        return self.w.text(known) if known else sentence_case(code.replace("_", " "), "en")

    def score(self, score: int) -> str:
        return self.w.text(SCORES[score])

    def channel(self, code: str) -> str:
        return self._label(CHANNELS, code)

    def language(self, code: str) -> str:
        return self._label(LANGUAGES, code)

    def sentiment(self, code: str) -> str:
        return self._label(SENTIMENTS, code)

    def topic(self, code: str) -> str:
        return self._label(TOPICS, code)

    def rule(self, code: str) -> str:
        """A rule by its name, with its version where `code` is "code/version"."""
        return rule_sentences.name_with_version(code, self.w)

    def chance(self, alert: AlertNote) -> str:
        """How often chance alone does something as extreme, in words."""
        return rule_sentences.chance(alert.rule, alert.p_value, self.w)

    def reason(self, code: str) -> str:
        return self._label(REASONS, code)

    def weekday(self, weekday: int) -> str:
        return sentence_case(self.w.weekday(weekday), self.w.language)

    def month(self, month: Month) -> str:
        return sentence_case(self.w.month(month), self.w.language)

    def hours(self, first: int, end: int) -> str:
        return f"{first}:00–{end}:00"

    def service(self, code: str | None) -> str:
        """Name of a service of this report; empty when it is not named."""
        for figure in self.report.services:
            if figure.code == code:
                return self.service_name(figure)
        return ""

    def service_name(self, figure: ServiceFigure) -> str:
        if figure.kind == "unstated":
            return self.w.text(WITHOUT_SERVICE)
        return self.w.name(figure.names)

    def area_name(self, kind: str, names: Mapping[str, str]) -> str:
        return self.w.text(WITHOUT_SERVICE) if kind == "unstated" else self.w.name(names)

    # Sentences

    @property
    def title(self) -> str:
        return self.w.text(
            N_("%(center)s: satisfaction report, %(month)s"),
            center=self.w.name(self.report.center.names),
            month=self.w.month(self.report.month),
        )

    @property
    def base_line(self) -> str:
        """How many stand behind the headline, in one line."""
        headline = self.report.headline
        base = self.w.number(headline.tally.base)
        if headline.response_rate is None:
            return self.w.text(N_("Ratings: %(base)s. People served: not known."), base=base)
        return self.w.text(
            N_("Ratings: %(base)s. People served: %(served)s. Answered: %(rate)s."),
            base=base,
            served=self.count(headline.served),
            rate=self.rate(headline.response_rate),
        )

    @property
    def no_share(self) -> str:
        """Why there is no headline share; empty when there is one."""
        headline = self.report.headline
        if headline.satisfied.known:
            return ""
        if not headline.tally.base:
            return self.w.text(N_("Nobody rated a visit this month."))
        return self.w.text(N_("Too few ratings for a share"))

    @property
    def judgement(self) -> tuple[str, str]:
        """One sentence against the month before, one against the year before."""
        headline = self.report.headline
        return (
            self._comparison(_SINCE_MONTH, headline.since_previous_month),
            self._comparison(_SINCE_YEAR, headline.since_year_before),
        )

    @property
    def breaks(self) -> list[str]:
        """What makes the months since a year ago not strictly comparable, newest of each kind."""
        report = self.report
        newest = {found.kind: found for found in report.breaks_since(report.month.year_before())}
        return [
            self.w.text(
                _BREAKS[found.kind],
                month=self.w.month(found.month),
                before=self._side(found.kind, found.before),
                after=self._side(found.kind, found.after),
            )
            for found in sorted(newest.values(), key=lambda found: (found.month, found.kind))
        ]

    def _side(self, kind: str, value: str) -> str:
        return self.fraction(round(float(value), 2)) if kind == "channel_mix" else value

    def _comparison(self, sentences: Mapping[str, str], found: Change) -> str:
        difference = found.difference
        if difference.value is None or difference.low is None or difference.high is None:
            return self.w.text(sentences["not_comparable"])
        return self.w.text(
            sentences[found.verdict],
            difference=self.w.signed_points(difference.value),
            low=self.w.signed_points(difference.low),
            high=self.w.signed_points(difference.high),
        )

    @property
    def changed(self) -> list[str]:
        """What changed, at most three sentences; one that says so when nothing did."""
        if self.no_share:
            return [self.no_share]
        return [self.finding(f) for f in self.report.changed] or [
            self.w.text(N_("No figure of this month stands out clearly from chance."))
        ]

    @property
    def todo(self) -> list[str]:
        return [self.finding(f) for f in self.report.todo] or [
            self.w.text(N_("Nothing calls for action this month. Please thank the staff."))
        ]

    def finding(self, finding: Finding) -> str:
        """The sentence of a finding; its code when this version does not know it."""
        return tell(finding, self)

    @property
    def uncounted_sentence(self) -> str:
        """On how many open days nobody counted the visits; empty when they were always counted."""
        days = len(self.report.uncounted_days)
        if not days:
            return ""
        return self.w.text(
            N_("Open days without visit counts: %(days)s; “answered” leaves them out."),
            days=self.w.number(days),
        )

    @property
    def verified_sentence(self) -> str:
        """How many ratings are known to come from a visit."""
        passport = self.report.passport
        if passport.verified is None:
            return self.verified_withheld
        return self.verified_of(passport.verified, passport.denominator)

    @property
    def verified_withheld(self) -> str:
        return self.w.text(
            N_(
                "Some ratings are bound to a visit ticket; how many is withheld. Open channel: "
                "the rest."
            )
        )

    def verified_of(self, verified: int, base: int) -> str:
        """How many of so many ratings are bound to a visit."""
        if not verified:
            return self.w.text(N_("Open channel: no rating is bound to a visit ticket."))
        return self.w.text(
            N_(
                "Bound to a visit ticket: %(verified)s of %(base)s ratings; open channel: the rest."
            ),
            verified=self.w.number(verified),
            base=self.w.number(base),
        )

    @property
    def headline_label(self) -> str:
        """What kind of ratings the headline is made of, and the verified share beside it."""
        row = self.report.verified_share
        if row is None or not row.verified.known or row.part is None:
            return self.w.text(N_("Open channel."))
        sentence = (
            N_(
                "The headline is the verified share: %(share)s (%(interval)s) of %(verified)s, "
                "because %(part)s of the ratings are bound to a visit ticket. Above: all ratings, "
                "the open channel among them; the comparisons with other months speak of those."
            )
            if self.report.is_verified
            else N_(
                "Open channel. Bound to a visit ticket: %(verified)s ratings (%(part)s); of these "
                "%(share)s satisfied (%(interval)s)."
            )
        )
        return self.w.text(
            sentence,
            share=self.share(row.verified),
            interval=self.interval(row.verified),
            verified=self.w.number(row.verified.base),
            part=self.rate(row.part),
        )

    @property
    def strata(self) -> list[StratumFigure]:
        """The rows of verified beside open that have something to compare: not the channels in
        which nobody has a ticket."""
        return [row for row in self.report.strata if row.verified.withheld or row.verified.base]

    def stratum_channel(self, row: StratumFigure) -> str:
        """The channel that verified ratings are compared within; or that all are together."""
        if row.channel is None:
            return self.w.text(N_("All channels together"))
        return self.channel(row.channel)

    @property
    def strata_sentence(self) -> str:
        """Where verified and open ratings clearly differ; empty where nothing of them is told."""
        rows = [row for row in self.report.strata if row.channel is not None]
        compared = [row for row in rows if row.difference.difference.known]
        if not compared:
            return ""
        clear = [row for row in compared if row.difference.verdict in ("up", "down")]
        if not clear:
            return self.w.text(
                N_("Ratings bound to a visit and those of the open channel do not clearly differ")
            )
        return "; ".join(
            self.w.text(
                N_("%(channel)s: verified ratings %(points)s points against the open channel"),
                channel=self.stratum_channel(row),
                points=self.w.signed_points(row.difference.difference.value or 0.0),
            )
            for row in clear
        )

    @property
    def bounds_sentence(self) -> str:
        """What all visitors could think; empty when the response rate is not known."""
        return self.bounds(self.report.headline)

    def bounds(self, figure: Headline | StructureYear) -> str:
        """What all people served could think; empty when the response rate is not known."""
        if figure.bounds is None or figure.response_rate is None:
            return ""
        return self.w.text(
            N_(
                "%(rate)s of the people served answered. Whatever the others think, between "
                "%(low)s and %(high)s of all people served are satisfied; where exactly, these "
                "ratings cannot tell."
            ),
            rate=self.rate(figure.response_rate),
            low=self.fraction(figure.bounds.low),
            high=self.fraction(figure.bounds.high),
        )

    @property
    def set_aside_sentence(self) -> str:
        """The figure with what was set aside, beside the figure without."""
        passport = self.report.passport
        if not passport.set_aside:
            return self.w.text(N_("No rating was set aside."))
        if passport.with_set_aside.known:
            return self.w.text(
                N_("Set aside: %(count)s. With them the share would be %(share)s (%(interval)s)."),
                count=self.w.number(passport.set_aside),
                share=self.share(passport.with_set_aside),
                interval=self.interval(passport.with_set_aside),
            )
        span = passport.with_set_aside_range
        if span is None:
            return self.w.text(N_("Set aside: %(count)s."), count=self.count(passport.set_aside))
        return self.w.text(
            N_("Set aside: %(count)s. With them the share would lie between %(low)s and %(high)s."),
            count=self.w.number(passport.set_aside),
            low=self.fraction(span.low, 1),
            high=self.fraction(span.high, 1),
        )

    @property
    def passport_sentence(self) -> str:
        """Definition, fraction, interval, channels: the small print of the first page."""
        passport = self.report.passport
        channels = "; ".join(
            f"{self.channel(c.channel)}: {self.share(c.satisfied)}, {self.base(c.satisfied)}"
            for c in self.report.channels
        )
        return self.w.text(
            N_(
                "Share satisfied: ratings of 4 or 5 (%(top)s) among all counted ratings "
                "(%(base)s); %(level)s interval %(interval)s (Wilson). %(line)s "
                "By channel: %(channels)s."
            ),
            top=self.w.number(passport.numerator) if passport.satisfied.known else "–",
            base=self.w.number(passport.denominator),
            level=self.w.percent(passport.level),
            interval=self.interval(passport.satisfied) or "–",
            line=" ".join(filter(None, (self.base_line, self.uncounted_sentence))),
            channels=channels or "–",
        )

    @property
    def comments_sentence(self) -> str:
        """How many comments were read as what; not assessed is said openly."""
        counts = self.report.comments
        parts = ", ".join(
            f"{self.sentiment(name).lower() if self.w.language != 'az' else self.sentiment(name)}"
            f" {self.w.number(getattr(counts, name))}"
            for name in SENTIMENTS
            if getattr(counts, name)
        )
        return self.w.text(
            N_("Comments: %(total)s. Read as: %(parts)s."),
            total=self.w.number(counts.total),
            parts=parts,
        )

    @property
    def front_quotations(self) -> tuple[QuotableComment, ...]:
        """One complaint and one word of praise, in the reader's language where there is one."""
        chosen = []
        for sentiment in ("negative", "positive"):
            pool = [c for c in self.report.quotations if c.sentiment == sentiment]
            pool.sort(key=lambda c: (len(c.text) > FRONT_QUOTATION, c.language != self.w.language))
            chosen += pool[:1]
        return tuple(chosen)

    @property
    def front_is_full(self) -> bool:
        """Whether the first page's text needs smaller type to leave room for the passport."""
        columns = max(sum(map(len, self.changed)), sum(map(len, self.todo)))
        quotations = max((len(c.text) for c in self.front_quotations), default=0)
        told = (*self.breaks, self.headline_label, self.uncounted_sentence, self.moved_sentence)
        lines = sum(map(len, told))
        letters = columns + quotations + lines * COLUMN_OF_LINE
        return letters * LETTER_WIDTH.get(self.w.language, 1) > FRONT_ROOM

    @property
    def notable_services(self) -> tuple[ServiceFigure, ...]:
        """Services to print, best first: those that stand out, filled up with those most rated."""
        funnel = self.report.funnel
        outside = {p.code for p in funnel.points if p.place != "inside"} if funnel else set()
        known = [s for s in self.report.services if s.satisfied.known]
        known.sort(key=lambda s: (-s.satisfied.base, s.code))
        apart = [s for s in known if s.code in outside or _is_clear(s)]
        rows = (apart + [s for s in known if s not in apart])[: max(_FILLED_UP, len(apart))]
        return tuple(sorted(rows[:_PRINTED], key=lambda s: (-(s.satisfied.value or 0), s.code)))

    # Outcome, groups, suspicions, revisions

    @property
    def outcome_sentence(self) -> str:
        """The answers that go with most and with least satisfaction; empty with fewer than two."""
        known = [row for row in self.report.outcomes if row.satisfied.known]
        if len(known) < 2:
            return ""
        best = max(known, key=lambda row: (row.satisfied.value or 0, row.code))
        worst = min(known, key=lambda row: (row.satisfied.value or 0, row.code))
        return self.w.text(
            N_(
                "Of those who answered “%(best)s” %(best_share)s are satisfied, of those who "
                "answered “%(worst)s” %(worst_share)s"
            ),
            best=self.w.name(best.names),
            best_share=self.share(best.satisfied),
            worst=self.w.name(worst.names),
            worst_share=self.share(worst.satisfied),
        )

    @property
    def equality_sentence(self) -> str:
        """Which groups are clearly apart from the others; empty when no gap could be told."""
        gaps = [(q, g) for q in self.report.equality for g in q.groups if g.gap.difference.known]
        if not gaps:
            return ""
        below = [(q, g) for q, g in gaps if g.gap.verdict == "down"]
        above = [(q, g) for q, g in gaps if g.gap.verdict == "up"]
        if not below and not above:
            return self.w.text(N_("No group is clearly above or below the others"))
        sentence = (
            N_("Clearly below the others: %(groups)s")
            if below
            else N_("Clearly above the others: %(groups)s")
        )
        groups = [
            self.w.text(
                N_("“%(question)s” – “%(group)s”"),
                question=self.w.name(question.names),
                group=self.w.name(group.names),
            )
            for question, group in below or above
        ]
        return self.w.text(sentence, groups="; ".join(groups))

    def asked_sentence(self, question: EqualityQuestion) -> str:
        """How many named a group, and how many did not, as far as that may be told; and where a
        group's visits are known, the part of it that answered."""
        said = self.w.text(
            N_(
                "Named a group: %(answered)s; would rather not say: %(declined)s; not asked or "
                "passed over: %(skipped)s."
            ),
            answered=self._told(question.answered),
            declined=self._told(question.declined),
            skipped=self._told(question.skipped),
        )
        rates = ", ".join(
            f"{self.w.name(group.names)} {self.rate(group.response_rate)}"
            for group in question.groups
            if group.response_rate is not None
        )
        if not rates:
            return said
        part = self.w.text(N_("Answered of those served: %(rates)s."), rates=rates)
        return f"{said} {part}"

    def _told(self, count: int | None) -> str:
        return self.w.text(WITHHELD) if count is None else self.w.number(count)

    def difference(self, found: Change) -> str:
        """How one group differs from the others: a verdict that speaks of no time."""
        return self.w.text(_DIFFERENCES[found.verdict])

    def effect(self, found: Change) -> str:
        """What naming something goes with; said as well when nothing clear can be said."""
        return self.w.text(_EFFECTS[found.verdict])

    @property
    def structure_services(self) -> list[tuple[StructureFigure, list[ServiceFigure]]]:
        """Each structure of the coordination centre with its services."""
        services = {service.code: service for service in self.report.services}
        return [
            (structure, [services[code] for code in structure.services if code in services])
            for structure in self.report.structures
        ]

    def days(self, first: date, last: date) -> str:
        """A day, or the first and the last of several."""
        if first == last:
            return self.w.day_month(first)
        return f"{self.w.day_month(first)} – {self.w.day_month(last)}"

    @property
    def alerts(self) -> list[AlertLine]:
        """The suspicions that stand, those of one rule at one place together."""
        groups: dict[tuple[str, str], list[AlertNote]] = {}
        for alert in self.report.alerts:
            place = self.w.name(alert.place) if alert.place else ""
            groups.setdefault((alert.rule, place), []).append(alert)
        return [self._alert_line(group) for group in groups.values()]

    def _alert_line(self, group: list[AlertNote]) -> AlertLine:
        ordered = sorted(group, key=lambda alert: (alert.day, alert.last_day))
        last = ordered[-1]
        within = all(a.day == a.last_day and a.day.month == last.day.month for a in ordered)
        days = [self.days(alert.day, alert.last_day) for alert in ordered]
        if within:
            days[:-1] = [str(alert.day.day) for alert in ordered[:-1]]
        return AlertLine(
            rule=last.rule,
            place=last.place,
            days=", ".join(days),
            chance=self.chance(max(group, key=lambda alert: alert.p_value)),
            ratings=sum(alert.ratings for alert in group),
            alerts=len(group),
            looked_into=sum(alert.acknowledged for alert in group),
        )

    @property
    def moved_sentence(self) -> str:
        """What moved since the revision before; empty for the first."""
        if not self.report.history:
            return ""
        before, passport = self.report.history[-1], self.report.passport
        late = passport.denominator + passport.set_aside - before.base - before.set_aside
        lead = (
            self.w.text(N_("Ratings that arrived late: %(late)s."), late=self.w.number(late))
            if passport.reason == "late_ratings" and late > 0
            else self.w.text(N_("Corrected."))
            if passport.reason == "corrected"
            else ""
        )
        return f"{lead} {self._since(before)}".strip()

    def _since(self, before: PastRevision) -> str:
        passport = self.report.passport
        return self.w.text(
            N_(
                "Since revision %(number)s: ratings %(base_before)s → %(base)s, share satisfied "
                "%(share_before)s → %(share)s, set aside %(aside_before)s → %(aside)s."
            ),
            number=before.revision,
            base_before=self.w.number(before.base),
            base=self.w.number(passport.denominator),
            share_before=self.share(before.satisfied),
            share=self.share(passport.satisfied),
            aside_before=self.w.number(before.set_aside),
            aside=self.w.number(passport.set_aside),
        )

    @property
    def verify_command(self) -> str:
        """What an auditor types beside the data to have every digit recomputed."""
        report = self.report
        return f"./run report verify --center {report.center.slug} --month {report.month}"


def _is_clear(service: ServiceFigure) -> bool:
    """Whether a service differs clearly from the month before, from the others, or declines."""
    return (
        service.change.verdict in ("up", "down")
        or service.against_rest.verdict in ("up", "down")
        or (service.drift is not None and service.drift.difference.verdict == "down")
    )
