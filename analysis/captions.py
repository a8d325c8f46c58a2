"""What stands over a chart: its finding as title, its measure and base as subtitle, its alt text.

The words and figures in them are those of `analysis.sentences`, so that a chart says what its
table says.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, cast

from analysis.control import FUNNEL_LEVELS
from analysis.estimates import MINIMUM_BASE
from analysis.report import FunnelPoint
from analysis.wording import N_

if TYPE_CHECKING:
    from analysis.sentences import ReportText

#: Fewer complaints than this make no loudest topic.
FEW_COMPLAINTS = 5


class ChartCaptions:
    """The captions of one report's charts in the language of its text."""

    def __init__(self, text: ReportText) -> None:
        self.text = text
        self.report = text.report
        self.w = text.w

    def worth_drawing(self, name: str) -> bool:
        """Whether a chart has anything to show in this report."""
        report = self.report
        shown = {
            "funnel": lambda: report.funnel is not None,
            "drivers": lambda: any(d.effect.difference.known for d in report.drivers),
            "hours": lambda: any(h.satisfied.known for h in report.hours),
            "topics": lambda: bool(report.topics),
            "trend": lambda: any(m.satisfied.known for m in report.trend),
            "trend_small": lambda: any(m.satisfied.known for m in report.trend),
        }
        return name not in shown or shown[name]()

    def title(self, name: str) -> str:
        """The finding of a chart; AttributeError for an unknown chart."""
        return str(getattr(self, f"_title_{name}")())

    def subtitle(self, name: str) -> str:
        """The measure of a chart and its base; AttributeError for an unknown chart."""
        return str(getattr(self, f"_subtitle_{name}")())

    def alt_text(self, name: str) -> str:
        """The finding, the measure, and the figures a listener needs."""
        parts = [self.title(name), self.subtitle(name), *self._details(name)]
        return " ".join(part if part.endswith((".", "?")) else part + "." for part in parts if part)

    # The month

    def _title_headline(self) -> str:
        satisfied = self.report.headline.satisfied
        return self.w.text(
            N_("%(share)s satisfied, interval %(interval)s"),
            share=self.text.share(satisfied),
            interval=self.text.interval(satisfied) or "–",
        )

    def _subtitle_headline(self) -> str:
        return self.text.base_line

    def _title_trend(self) -> str:
        control = self.report.control
        signal = control.points[-1].signal if control else None
        if signal is None:
            return self._title_trend_small()
        return self.w.text(
            {
                "above": N_("This month is above its control limits"),
                "below": N_("This month is below its control limits"),
                "run": N_("For eight months or more the share has stayed on one side of its mean"),
            }[signal]
        )

    def _subtitle_trend(self) -> str:
        parts = [
            self.w.text(
                N_(
                    "Share satisfied per month with its %(level)s interval; "
                    "ratings this month: %(base)s"
                ),
                level=self.w.percent(self.report.passport.level),
                base=self.w.number(self.report.headline.tally.base),
            )
        ]
        if self.report.control is not None:
            parts.append(
                self.w.text(
                    N_(
                        "Steps: control limits from the months before; a diamond marks a month "
                        "beyond them"
                    )
                )
            )
        return ". ".join(parts)

    def _title_trend_small(self) -> str:
        return self.w.text(
            {
                "up": N_("Satisfaction is higher than a year ago"),
                "down": N_("Satisfaction is lower than a year ago"),
                "no_clear_change": N_("Satisfaction has not clearly changed in a year"),
                "not_comparable": N_("Satisfaction month by month"),
            }[self.report.headline.since_year_before.verdict]
        )

    def _subtitle_trend_small(self) -> str:
        return self.w.text(
            N_("Share satisfied per month with its %(level)s interval"),
            level=self.w.percent(self.report.passport.level),
        )

    @property
    def ratings(self) -> str:
        """The name of an axis of ratings."""
        return self.w.text(N_("Ratings"))

    @property
    def upper_limit(self) -> str:
        return self.w.text(N_("upper control limit"))

    @property
    def lower_limit(self) -> str:
        return self.w.text(N_("lower control limit"))

    def break_label(self, kind: str, after: str) -> str:
        """A few words for the line that marks a break of the series."""
        if kind == "survey_version":
            return self.w.text(N_("survey version %(number)s"), number=after)
        return self.w.text(
            {"question": N_("another question"), "channel_mix": N_("other mix of channels")}[kind]
        )

    def _title_distribution(self) -> str:
        distribution = self.report.headline.distribution
        if distribution is None:
            return self.text.no_share
        return self.w.text(
            N_("%(top)s chose the best score, %(bottom)s one of the two lowest"),
            top=self.text.fraction(distribution[4]),
            bottom=self.text.fraction(distribution[0] + distribution[1]),
        )

    def _subtitle_distribution(self) -> str:
        headline = self.report.headline
        return self.w.text(
            N_("Ratings by score; mean %(mean)s of 5; ratings: %(base)s"),
            mean=self.text.mean(headline.mean),
            base=self.w.number(headline.tally.base),
        )

    # Services

    def _title_funnel(self) -> str:
        apart = [p for p in self._outside() if p.place in ("below_998", "above_998")]
        below = [p for p in apart if p.place == "below_998"]
        if below:
            worst = min(below, key=lambda p: (p.share, p.code))
            return self.w.text(
                N_("“%(service)s” is lower than chance explains"),
                service=self.text.service(worst.code),
            )
        if apart:
            best = max(apart, key=lambda p: (p.share, p.code))
            return self.w.text(
                N_("“%(service)s” is higher than chance explains"),
                service=self.text.service(best.code),
            )
        return self.w.text(N_("No service differs from the center by more than chance explains"))

    def _subtitle_funnel(self) -> str:
        funnel = self.report.funnel
        if funnel is None:
            return ""
        said = self.w.text(
            N_(
                "Each point is a service: to the right its ratings, upwards its share satisfied. "
                "Were all services like the whole center, %(inner)s and %(outer)s of the points "
                "would lie between the curves; services with a share: %(count)s"
            ),
            inner=self.w.percent(FUNNEL_LEVELS[0]),
            outer=self.w.percent(FUNNEL_LEVELS[1], 1),
            count=self.w.number(len(funnel.points)),
        )
        if funnel.dispersion == 1:
            return said
        widened = self.w.text(
            N_("The curves are widened %(factor)s times, as services differ by more than chance"),
            factor=self.w.number(sqrt(funnel.dispersion), 1),
        )
        return f"{said}. {widened}"

    def center_line(self, share: float) -> str:
        """What stands at the end of the funnel's middle line."""
        return self.w.text(N_("center %(share)s"), share=self.text.fraction(share))

    def _outside(self) -> list[FunnelPoint]:
        """The services beyond the funnel's limits, the most certain first."""
        funnel = self.report.funnel
        points = [p for p in funnel.points if p.place != "inside"] if funnel else []
        return sorted(points, key=lambda p: (not p.place.endswith("998"), p.share, p.code))

    # Channels, hours, days

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
            difference=self.text.points(gap),
        )

    def _title_hours(self) -> str:
        weak = self.report.weak_hours
        if weak is None:
            return self.w.text(N_("No hour of the week stands out clearly"))
        p = weak.parameters
        return self.w.text(
            N_("%(weekday)s, %(hours)s: clearly fewer are satisfied"),
            weekday=self.text.weekday(cast(int, p["weekday"])),
            hours=self.text.hours(cast(int, p["first"]), cast(int, p["end"])),
        )

    def _subtitle_hours(self) -> str:
        return self.w.text(
            N_(
                "Share satisfied in percent by weekday and hour; a dot means fewer than "
                "%(minimum)s ratings, or withheld"
            ),
            minimum=MINIMUM_BASE,
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

    # What goes with satisfaction

    def _title_drivers(self) -> str:
        clear = [d for d in self.report.drivers if d.effect.verdict in ("up", "down")]
        if not clear:
            return self.w.text(N_("Nothing that people name clearly goes with satisfaction"))
        largest = max(clear, key=lambda d: (abs(d.effect.difference.value or 0), d.code))
        sentence = {
            "up": N_("Who names “%(driver)s” is more often satisfied"),
            "down": N_("Who names “%(driver)s” is less often satisfied"),
        }[largest.effect.verdict]
        return self.w.text(sentence, driver=self.text.topic(largest.code))

    def _subtitle_drivers(self) -> str:
        known = (d for d in self.report.drivers if d.effect.difference.known)
        answers = next((d.named.base + d.others.base for d in known), 0)
        return self.w.text(
            N_(
                "Share satisfied of those who name it less that of those who do not, in points, "
                "with its interval; grey: no clear effect; answers: %(base)s"
            ),
            base=self.w.number(answers),
        )

    @property
    def driver_columns(self) -> tuple[str, str]:
        """The heads over the two columns of figures beside the drivers."""
        return self.w.text(N_("points")), self.w.text(N_("weight"))

    def _title_topics(self) -> str:
        topics = self.report.topics
        worst = min(topics, key=lambda t: (-t.comments.negative, t.code), default=None)
        if worst is None or worst.comments.negative < FEW_COMPLAINTS:
            return self.w.text(N_("What the comments speak of"))
        return self.w.text(
            N_("Most complaints speak of: %(topic)s"), topic=self.text.topic(worst.code)
        )

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

    # The figures of a chart, as short clauses

    def _details(self, name: str) -> list[str]:
        details = getattr(self, f"_details_{name}", None)
        return details() if details else []

    def _details_trend(self) -> list[str]:
        ends = (self.report.trend[0], self.report.trend[-1])
        return [f"{self.w.month(m.month)}: {self.text.share(m.satisfied)}" for m in ends]

    _details_trend_small = _details_trend

    def _details_distribution(self) -> list[str]:
        return [
            f"{self.text.score(score)}: {self.text.fraction(part)}"
            for score, part in enumerate(self.report.headline.distribution or (), 1)
        ]

    def _details_channels(self) -> list[str]:
        return [
            f"{self.text.channel(c.channel)}: {self.text.share(c.satisfied)} "
            f"{self.text.interval(c.satisfied)}"
            for c in self.report.channels
        ]

    def _details_funnel(self) -> list[str]:
        return [
            f"{self.text.service(p.code)}: {self.text.fraction(p.share)} ({self.w.number(p.base)})"
            for p in self._outside()
        ]

    def _details_drivers(self) -> list[str]:
        return [
            f"{self.text.topic(d.code)}: {self.text.points(d.effect.difference)}"
            for d in self.report.drivers
            if d.effect.verdict in ("up", "down")
        ]
