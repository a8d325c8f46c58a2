"""What a report says in words: labels, figures as text, findings, titles and alt texts.

Template, charts, workbook and mail all speak through `ReportText`, so a figure reads alike
everywhere. Nothing here draws; importing it is cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import cast

from analysis.estimates import MINIMUM_BASE, Change, Estimate, decimals_for
from analysis.findings import Finding
from analysis.months import Month
from analysis.report import SatisfactionReport, ServiceFigure
from analysis.tally import QuotableComment
from analysis.wording import N_, Wording, sentence_case

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
RULES = {
    "outside_hours": N_("Given outside opening hours"),
    "before_pairing": N_("Dated before the tablet was enrolled"),
    "cooldown": N_("Too soon after the rating before"),
    "sequence_gap": N_("The tablet's numbering has a gap"),
    "fast_run": N_("A fast run of equal scores"),
    "revoked": N_("Sent by a tablet switched off"),
    "more_than_visits": N_("More ratings than visits"),
    "void": N_("Voided by two persons, with a reason"),
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
TOO_FEW = N_("too few")
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
_FINDINGS = {
    "silence": N_("No rating arrived from %(first)s to %(last)s (open days: %(open_days)s)."),
    "explain_silence": N_(
        "Find out why no rating arrived from %(first)s to %(last)s: check the tablets, their "
        "network and the posters. This month's figure does not speak for those days."
    ),
    "service_declines": N_(
        "“%(service)s” has been falling since %(since)s: %(later)s satisfied in the last three "
        "months (ratings: %(base)s), %(earlier)s in the three before."
    ),
    "review_service": N_(
        "Go through “%(service)s” with its owner (%(agency)s): what has changed since %(since)s?"
    ),
    "weak_hours": N_(
        "%(weekday)s, %(hours)s: %(share)s satisfied (ratings: %(base)s), at all other hours "
        "%(rest)s."
    ),
    "weak_hours_waiting": N_(
        "%(weekday)s, %(hours)s: %(share)s satisfied (ratings: %(base)s), at all other hours "
        "%(rest)s. Of the complaints about waiting, %(waiting)s of %(waiting_all)s were written "
        "on this weekday."
    ),
    "relieve_hours": N_(
        "%(weekday)s, %(hours)s: open more windows, or offer appointments at quieter hours."
    ),
    "qr_below_tablet": N_(
        "By QR code %(qr)s are satisfied (ratings: %(qr_base)s), on the tablets %(tablet)s "
        "(ratings: %(tablet_base)s): %(difference)s points."
    ),
    "hear_phones": N_(
        "Read the comments sent by phone, and always give both figures: people may say on their "
        "own phone what they do not say on a tablet in the hall."
    ),
    "headline_up_month": N_(
        "Satisfaction is higher than in the month before: %(difference)s points (%(low)s to "
        "%(high)s; ratings: %(base)s)."
    ),
    "headline_down_month": N_(
        "Satisfaction is lower than in the month before: %(difference)s points (%(low)s to "
        "%(high)s; ratings: %(base)s)."
    ),
    "headline_up_year": N_(
        "Satisfaction is higher than a year ago: %(difference)s points (%(low)s to %(high)s; "
        "ratings: %(base)s)."
    ),
    "headline_down_year": N_(
        "Satisfaction is lower than a year ago: %(difference)s points (%(low)s to %(high)s; "
        "ratings: %(base)s)."
    ),
    "service_fell": N_(
        "“%(service)s” fell against the month before: %(share)s satisfied (ratings: %(base)s), "
        "%(difference)s points."
    ),
    "service_rose": N_(
        "“%(service)s” rose against the month before: %(share)s satisfied (ratings: %(base)s), "
        "%(difference)s points."
    ),
    "service_below": N_(
        "“%(service)s” is clearly below the others: %(share)s satisfied (ratings: %(base)s), "
        "%(difference)s points."
    ),
    "look_into_service": N_(
        "Look into “%(service)s” with its owner (%(agency)s), and read the comments on it."
    ),
    "ask_service": N_(
        "Ask the people at “%(service)s” and its owner (%(agency)s) what was different this month."
    ),
    "topic": N_("Take up “%(topic)s”: of %(base)s comments on it, %(negative)s are complaints."),
    "count_visits": N_(
        "Enter the number of people served: without it nobody can say for how many this figure "
        "speaks."
    ),
    "check_visits": N_(
        "Check the visit counts: %(base)s ratings cannot come from %(served)s people served."
    ),
    "invite_more": N_(
        "Invite more people to answer: %(rate)s of those served did (ratings: %(base)s)."
    ),
}
#: Letters a quotation on the first page should not exceed, and those that fit in its columns.
FRONT_QUOTATION, FRONT_ROOM = 180, 640
_POINTS = {"difference", "low", "high"}
_SHARES = {"share", "rest", "earlier", "later", "qr", "tablet", "rate"}


class ReportText:
    """The words of one report in one language. All methods return finished text."""

    def __init__(self, report: SatisfactionReport, wording: Wording) -> None:
        self.report = report
        self.w = wording

    # Figures

    def share(self, estimate: Estimate, decimals: int | None = None) -> str:
        """As in "97 %", or "97,4 %" where the interval allows it; "too few"; a dash for nobody.

        A share short of all never reads as 100 %, one above nothing never as 0 %.
        """
        if estimate.value is None:
            return self.w.text(TOO_FEW) if estimate.base else "–"
        wanted = decimals_for(estimate) if decimals is None else decimals
        return self.fraction(estimate.value, wanted)

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
        return self._label(RULES, code)

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
        p = finding.parameters
        code = finding.code
        if code in ("headline_up", "headline_down"):
            code = f"{code}_{p['since']}"
        if code == "weak_hours" and p["waiting"]:
            code = "weak_hours_waiting"
        if code not in _FINDINGS:
            return finding.code
        words = {name: self._said(name, value) for name, value in p.items()}
        if "first" in p and "end" in p:
            words["hours"] = self.hours(cast(int, p["first"]), cast(int, p["end"]))
        return self.w.text(_FINDINGS[code], **words)

    def _said(self, name: str, value: object) -> str:
        """A parameter of a finding as text; its kind follows from its name."""
        w = self.w
        if name in _POINTS:
            return w.signed_points(cast(float, value))
        if name in _SHARES:
            return self.fraction(cast(float, value))
        if isinstance(value, Mapping):
            return w.name(value)
        if name == "weekday":
            return self.weekday(cast(int, value))
        if name == "topic":
            return self.topic(cast(str, value))
        if name == "since" and isinstance(value, str) and "-" in value:
            return w.month(Month.parse(value))
        if name in ("first", "last") and isinstance(value, str):
            return w.day_month(date.fromisoformat(value))
        return w.number(value) if isinstance(value, int) else str(value)

    @property
    def bounds_sentence(self) -> str:
        """What all visitors could think; empty when the response rate is not known."""
        headline = self.report.headline
        if headline.bounds is None or headline.response_rate is None:
            return ""
        return self.w.text(
            N_(
                "%(rate)s of the people served answered. Whatever the others think, between "
                "%(low)s and %(high)s of all people served are satisfied; where exactly, these "
                "ratings cannot tell."
            ),
            rate=self.rate(headline.response_rate),
            low=self.fraction(headline.bounds.low),
            high=self.fraction(headline.bounds.high),
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
            f"{self.channel(c.channel)}: {self.share(c.satisfied)}, "
            f"{self.w.number(c.satisfied.base)}"
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
            line=self.base_line,
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
        return columns + max((len(c.text) for c in self.front_quotations), default=0) > FRONT_ROOM

    @property
    def notable_services(self) -> tuple[ServiceFigure, ...]:
        """Services to print: those that differ or move clearly, then those of the chart."""
        moving = [
            s
            for s in self.report.services
            if "down" in (s.change.verdict, s.against_rest.verdict)
            or "up" in (s.change.verdict, s.against_rest.verdict)
            or (s.drift is not None and s.drift.difference.verdict == "down")
        ]
        rows = {s.code: s for s in (*moving, *self.shown_services())}
        return tuple(self._best_first(list(rows.values())[:20]))

    def worth_drawing(self, name: str) -> bool:
        """Whether a chart has anything to show in this report."""
        report = self.report
        figures: dict[str, Iterable[Estimate]] = {
            "services": (s.satisfied for s in report.services),
            "hours": (h.satisfied for h in report.hours),
            "trend": (m.satisfied for m in report.trend),
            "trend_small": (m.satisfied for m in report.trend),
        }
        return name not in figures or any(estimate.known for estimate in figures[name])

    # Charts: the title is the finding, the subtitle the measure and its base

    def chart_title(self, name: str) -> str:
        return str(getattr(self, f"_title_{name}")())

    def chart_subtitle(self, name: str) -> str:
        return str(getattr(self, f"_subtitle_{name}")())

    def alt_text(self, name: str) -> str:
        """The finding, the measure, and the figures a listener needs."""
        parts = [self.chart_title(name), self.chart_subtitle(name), *self._details(name)]
        return " ".join(part if part.endswith((".", "?")) else part + "." for part in parts if part)

    def _title_headline(self) -> str:
        satisfied = self.report.headline.satisfied
        return self.w.text(
            N_("%(share)s satisfied, interval %(interval)s"),
            share=self.share(satisfied),
            interval=self.interval(satisfied) or "–",
        )

    def _subtitle_headline(self) -> str:
        return self.base_line

    def _title_trend(self) -> str:
        return self.w.text(
            {
                "up": N_("Satisfaction is higher than a year ago"),
                "down": N_("Satisfaction is lower than a year ago"),
                "no_clear_change": N_("Satisfaction has not clearly changed in a year"),
                "not_comparable": N_("Satisfaction month by month"),
            }[self.report.headline.since_year_before.verdict]
        )

    def _subtitle_trend(self) -> str:
        return self.w.text(
            N_(
                "Share satisfied per month with its %(level)s interval; "
                "ratings this month: %(base)s"
            ),
            level=self.w.percent(self.report.passport.level),
            base=self.w.number(self.report.headline.tally.base),
        )

    _title_trend_small = _title_trend
    _subtitle_trend_small = _subtitle_trend

    def _title_distribution(self) -> str:
        distribution = self.report.headline.distribution
        if distribution is None:
            return self.no_share
        return self.w.text(
            N_("%(top)s chose the best score, %(bottom)s one of the two lowest"),
            top=self.fraction(distribution[4]),
            bottom=self.fraction(distribution[0] + distribution[1]),
        )

    def _subtitle_distribution(self) -> str:
        headline = self.report.headline
        return self.w.text(
            N_("Ratings by score; mean %(mean)s of 5; ratings: %(base)s"),
            mean=self.mean(headline.mean),
            base=self.w.number(headline.tally.base),
        )

    def shown_services(self, most: int = 12) -> list[ServiceFigure]:
        """Services with a share, best first: all of them, or those most surely good and bad.

        "Surely": the highest lower and the lowest upper ends of the interval, so that ten happy
        visitors do not outrank three hundred.
        """
        known = [s for s in self.report.services if s.satisfied.known]
        half = most // 2
        if len(known) > most:
            good = sorted(known, key=lambda s: (-(s.satisfied.low or 0), s.code))[:half]
            rest = [s for s in known if s not in good]
            bad = sorted(rest, key=lambda s: (s.satisfied.high or 0, s.code))[:half]
            return self._best_first(good) + self._best_first(bad)
        return self._best_first(known)

    @staticmethod
    def _best_first(services: list[ServiceFigure]) -> list[ServiceFigure]:
        return sorted(services, key=lambda s: (-(s.satisfied.value or 0), s.code))

    def _title_services(self) -> str:
        below = [
            s
            for s in self.report.services
            if s.against_rest.verdict == "down" and s.kind != "unstated"
        ]
        if not below:
            return self.w.text(N_("No service is clearly below the others"))
        worst = min(below, key=lambda s: (s.satisfied.value or 0, s.code))
        return self.w.text(
            N_("“%(service)s” is clearly below the others"),
            service=self.service_name(worst),
        )

    def _subtitle_services(self) -> str:
        return self.w.text(
            N_(
                "Share satisfied with its interval, best and worst services with at least "
                "%(minimum)s ratings; the line marks the whole center (%(share)s)"
            ),
            minimum=MINIMUM_BASE,
            share=self.share(self.report.headline.satisfied),
        )

    def _title_channels(self) -> str:
        return self.w.text(
            {
                "down": N_("By QR code fewer are satisfied than on the tablets"),
                "up": N_("By QR code more are satisfied than on the tablets"),
                "no_clear_change": N_("Tablets and QR codes do not clearly differ"),
                "not_comparable": N_("Too few ratings to compare tablets and QR codes"),
            }[self.report.qr_minus_tablet.verdict]
        )

    def _subtitle_channels(self) -> str:
        gap = self.report.qr_minus_tablet.difference
        if not gap.known:
            return self.w.text(N_("Share satisfied by channel, with its interval"))
        return self.w.text(
            N_(
                "Share satisfied by channel, with its interval; QR code minus tablets: "
                "%(difference)s points"
            ),
            difference=self.points(gap),
        )

    def _title_hours(self) -> str:
        weak = self.report.weak_hours
        if weak is None:
            return self.w.text(N_("No hour of the week stands out clearly"))
        p = weak.parameters
        return self.w.text(
            N_("%(weekday)s, %(hours)s: clearly fewer are satisfied"),
            weekday=self.weekday(cast(int, p["weekday"])),
            hours=self.hours(cast(int, p["first"]), cast(int, p["end"])),
        )

    def _subtitle_hours(self) -> str:
        return self.w.text(
            N_(
                "Share satisfied in percent by weekday and hour; a dot means fewer than %(minimum)s"
            ),
            minimum=MINIMUM_BASE,
        )

    def _title_topics(self) -> str:
        topics = self.report.topics
        worst = min(topics, key=lambda t: (-t.comments.negative, t.code), default=None)
        if worst is None or worst.comments.negative < 5:
            return self.w.text(N_("What the comments speak of"))
        return self.w.text(N_("Most complaints speak of: %(topic)s"), topic=self.topic(worst.code))

    def _subtitle_topics(self) -> str:
        comments = self.report.comments
        return self.w.text(
            N_(
                "Complaints to the left, praise to the right; comments: %(total)s, "
                "not assessed: %(na)s"
            ),
            total=self.w.number(comments.total),
            na=self.w.number(comments.not_assessed + comments.unread),
        )

    def _title_days(self) -> str:
        silences = self.report.silences
        if not silences:
            return self.w.text(N_("Ratings arrived on every open day"))
        longest = max(silences, key=lambda s: s.open_days)
        if longest.open_days > 1:
            return self.w.text(
                N_("No ratings from %(first)s to %(last)s"),
                first=self.w.day_month(longest.first),
                last=self.w.day_month(longest.last),
            )
        return self.w.text(
            N_("Open days without a rating: %(days)s"),
            days=self.w.number(sum(s.open_days for s in silences)),
        )

    @property
    def no_ratings(self) -> str:
        return self.w.text(N_("no ratings"))

    def _subtitle_days(self) -> str:
        return self.w.text(
            N_("Ratings per day; ratings: %(base)s, set aside: %(held)s"),
            base=self.w.number(sum(d.base for d in self.report.days)),
            held=self.w.number(sum(d.held for d in self.report.days)),
        )

    def _details(self, name: str) -> list[str]:
        """The figures of a chart, as short clauses."""
        if name in ("trend", "trend_small"):
            return [
                f"{self.w.month(m.month)}: {self.share(m.satisfied)}"
                for m in (self.report.trend[0], self.report.trend[-1])
            ]
        if name == "distribution" and self.report.headline.distribution:
            return [
                f"{self.score(score)}: {self.fraction(part)}"
                for score, part in enumerate(self.report.headline.distribution, 1)
            ]
        if name == "channels":
            return [
                f"{self.channel(c.channel)}: {self.share(c.satisfied)} {self.interval(c.satisfied)}"
                for c in self.report.channels
            ]
        if name == "services":
            shown = self.shown_services(2)
            return [f"{self.service_name(s)}: {self.share(s.satisfied)}" for s in shown]
        return []
