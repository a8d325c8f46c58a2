"""What the network's report says in words: its centers, what stands out among them, its passport.

What a network's month shares with a center's (headline, trend, limits, breaks) is said by
`ReportText` through `as_one_center`, so that both reports say alike things alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import cast

from analysis.complaint_sentences import asked_and_answered
from analysis.complaints import CaseCounts
from analysis.control import FUNNEL_LEVELS
from analysis.estimates import LEVEL, MINIMUM_BASE, NOTHING, Change, Estimate
from analysis.finding_sentences import POINTS, SHARES
from analysis.findings import Finding
from analysis.network import AcrossCenters, CenterLine, NetworkReport
from analysis.network_captions import NetworkCaptions
from analysis.network_comparisons import ServiceComparison, compare_channels, compare_services
from analysis.report import (
    CenterName,
    Headline,
    MonthFigure,
    Passport,
    SatisfactionReport,
    StratumFigure,
)
from analysis.sentences import ReportText
from analysis.tally import SentimentCounts
from analysis.wording import N_, Wording

_FINDINGS = {
    "center_silent": N_("%(center)s: open days in a row without a single rating: %(open_days)s."),
    "explain_center": N_(
        "%(center)s: find out why no rating arrived on so many open days in a row "
        "(%(open_days)s). Its figure does not speak for those days."
    ),
    "center_set_aside": N_(
        "%(center)s: set aside: %(count)s ratings, against %(base)s that count."
    ),
    "look_into_center": N_(
        "%(center)s: let somebody from outside look into what was set aside before the figure is "
        "quoted."
    ),
    "center_below": N_(
        "%(center)s is clearly below the other centers: %(share)s satisfied (ratings: %(base)s), "
        "%(difference)s points against all of them together."
    ),
    "visit_center": N_(
        "%(center)s: visit it, read its report and comments, and ask what differs there."
    ),
    "center_above": N_(
        "%(center)s is clearly above the other centers: %(share)s satisfied (ratings: %(base)s), "
        "%(difference)s points against all of them together."
    ),
    "center_rarely_answers": N_(
        "%(center)s: invite more people to answer before comparing it; of those served, "
        "%(rate)s did."
    ),
}
PLACES = {
    "inside": N_("within what chance explains"),
    "above_95": N_("above the %(inner)s limits, within the %(outer)s limits"),
    "above_998": N_("above the %(outer)s limits"),
    "below_95": N_("below the %(inner)s limits, within the %(outer)s limits"),
    "below_998": N_("below the %(outer)s limits"),
}
#: More centers than this do not fit beside each other on a page.
PAGE_WIDTH_CENTERS = 8
#: More centers than this cannot all stand on the first page.
FRONT_CENTERS = 6
#: Up to so many centers the first page has room for type of the usual size.
_ROOMY = 3
#: So many services are printed at either end.
PRINTED_SERVICES = 6
#: Letters of a fingerprint that suffice to tell two reports apart in print.
SHORT_HASH = 8


class NetworkText(ReportText):
    """The words of one network report in one language. All methods return finished text."""

    def __init__(self, network: NetworkReport, wording: Wording) -> None:
        super().__init__(as_one_center(network, wording), wording)
        self.network = network

    @property
    def captions(self) -> NetworkCaptions:
        """What stands over the charts of this report."""
        return NetworkCaptions(self)

    @property
    def title(self) -> str:
        return self.w.text(
            N_("All centers: satisfaction report, %(month)s"),
            month=self.w.month(self.network.month),
        )

    def finding(self, finding: Finding) -> str:
        """The sentence of a finding on a center, else that of a center's own report."""
        sentence = _FINDINGS.get(finding.code)
        if sentence is None:
            return super().finding(finding)
        words = {name: self._word(name, value) for name, value in finding.parameters.items()}
        return self.w.text(sentence, **words)

    def _word(self, name: str, value: object) -> str:
        """A parameter of a finding on a center as text; its kind follows from its name."""
        if isinstance(value, Mapping):
            return self.w.name(value)
        number = cast(float, value)
        if name in POINTS:
            return self.w.signed_points(number)
        return self.fraction(number) if name in SHARES else self.w.number(number)

    # The centers

    def center_name(self, center: CenterLine) -> str:
        return self.w.name(center.names)

    def place(self, center: CenterLine) -> str:
        """Where a center lies in the funnel, in words; a dash where it cannot be placed."""
        if self.network.funnel_line is None or not center.satisfied.known:
            return "–"
        inner, outer = FUNNEL_LEVELS
        return self.w.text(
            PLACES[center.place], inner=self.w.percent(inner), outer=self.w.percent(outer, 1)
        )

    @property
    def apart(self) -> list[CenterLine]:
        """The centers that chance does not explain, by the rule of the findings."""
        sides = {"below": "down", "above": "up"}
        return [
            center
            for center in self.network.centers
            if sides.get(center.place.partition("_")[0]) == center.against_rest.verdict
        ]

    @cached_property
    def channel_gaps(self) -> tuple[Change, ...]:
        """QR code less tablets, in each center in their order."""
        return compare_channels(self.network)

    @property
    def order_sentence(self) -> str:
        """Why the centers are not ranked."""
        return self.w.text(
            N_(
                "The centers stand in the order of their short names, not of their figures: most "
                "of such an order is chance, and the next month would bring another. Whether a "
                "center differs by more than chance, the funnel says."
            )
        )

    @property
    def dispersion_sentence(self) -> str:
        """By how much the funnel was widened, and why; empty without a funnel."""
        if self.network.funnel_line is None:
            return ""
        if self.network.dispersion == 1:
            return self.w.text(
                N_("Dispersion 1: the curves are those of chance alone and were not widened.")
            )
        return self.w.text(
            N_(
                "Dispersion %(phi)s: the centers together differ by more than chance, so the "
                "curves were widened until only what is unusual even among them lies outside."
            ),
            phi=self.w.number(self.network.dispersion, 1),
        )

    @property
    def left_out_sentence(self) -> str:
        """Centers that no figure contains; empty when there are none."""
        if not self.network.left_out:
            return ""
        return self.w.text(
            N_("Not included, because they have fewer than %(minimum)s ratings: %(centers)s."),
            minimum=MINIMUM_BASE,
            centers="; ".join(map(self.w.name, self.network.left_out)),
        )

    @property
    def fits_the_page(self) -> bool:
        """Whether all centers fit beside each other on a printed page."""
        return len(self.network.centers) <= PAGE_WIDTH_CENTERS

    @property
    def fits_the_front(self) -> bool:
        """Whether all centers fit on the first printed page."""
        return len(self.network.centers) <= FRONT_CENTERS

    def cell(self, estimate: Estimate) -> str:
        """A share with its base, as in "96 % (412)"; the base alone where it is too small."""
        if not estimate.known:
            return self.share(estimate)
        return f"{self.share(estimate)} ({self.base(estimate)})"

    # Verified ratings, and answers

    @property
    def center_strata(self) -> list[tuple[CenterLine, StratumFigure]]:
        """Each center's verified ratings beside its others; none where nobody has a ticket, or
        where reports did not tell."""
        if not self.network.strata or self.network.verified == 0:
            return []
        return list(zip(self.network.centers, self.network.strata, strict=True))

    @property
    def complaint_rows(self) -> list[tuple[CenterLine, CaseCounts | None]]:
        """What became of those who asked for an answer, in each center; none where no center's
        report counted them."""
        counted = self.network.complaints
        if not any(counts is not None for counts in counted):
            return []
        return list(zip(self.network.centers, counted, strict=True))

    @property
    def complaints_sentence(self) -> str:
        """How many asked in all centers, and how it went on; or that it was not counted."""
        return asked_and_answered(self.network.complaints, self.w)

    # Services

    @cached_property
    def compared_services(self) -> tuple[ServiceComparison, ...]:
        """The services that no center withholds, against the rest of the network."""
        return compare_services(self.network)

    @property
    def withheld_services(self) -> tuple[AcrossCenters, ...]:
        return tuple(service for service in self.network.services if service.satisfied.withheld)

    @property
    def lowest_services(self) -> list[ServiceComparison]:
        """Those whose interval ends lowest: the surest to be low, not those with a low share.

        All of them, if they are too few to be parted.
        """
        rows = sorted(
            self.compared_services, key=lambda c: (c.service.satisfied.high or 0, c.service.code)
        )
        return rows if len(rows) <= 2 * PRINTED_SERVICES else rows[:PRINTED_SERVICES]

    @property
    def highest_services(self) -> list[ServiceComparison]:
        """Of the others, those whose interval begins highest."""
        lowest = self.lowest_services
        others = [row for row in self.compared_services if row not in lowest]
        others.sort(key=lambda c: (-(c.service.satisfied.low or 0), c.service.code))
        return others[:PRINTED_SERVICES]

    @property
    def services_sentence(self) -> str:
        """How many services are compared, and how many cannot be told."""
        return self.w.text(
            N_(
                "Services with a share: %(known)s. Withheld, because at least one center withholds "
                "its part: %(withheld)s."
            ),
            known=self.w.number(len(self.compared_services)),
            withheld=self.w.number(len(self.withheld_services)),
        )

    # The passport

    @property
    def weighted_sentence(self) -> str:
        """The share were each center to count as much as it serves; empty when unknown."""
        weighted = self.network.weighted
        if not weighted.known:
            return ""
        return self.w.text(
            N_(
                "If every center counted as much as the people it served, the share would be "
                "%(share)s (%(interval)s)."
            ),
            share=self.share(weighted),
            interval=self.interval(weighted),
        )

    @property
    def passport_sentence(self) -> str:
        """Definition, fraction and interval: the small print of the first page."""
        network = self.network
        return self.w.text(
            N_(
                "Share satisfied: ratings of 4 or 5 (%(top)s) among all counted ratings "
                "(%(base)s) of all centers; %(level)s interval %(interval)s (Wilson)."
            ),
            top=self.w.number(network.tally.top_two) if network.satisfied.known else "–",
            base=self.w.number(network.tally.base),
            level=self.w.percent(LEVEL),
            interval=self.interval(network.satisfied) or "–",
        )

    @property
    def verified_sentence(self) -> str:
        """How many ratings are known to come from a visit."""
        network = self.network
        if not network.strata:
            return self.w.text(
                N_(
                    "Open channel: anybody in the hall or with the QR code can rate. How many "
                    "ratings are bound to a visit ticket, each center's report tells."
                )
            )
        if network.verified is None:
            return self.verified_withheld
        return self.verified_of(network.verified, network.tally.base)

    @property
    def headline_label(self) -> str:
        """Nothing: of the tickets each center's own report tells."""
        return ""

    @property
    def made_of(self) -> str:
        """The centers' reports this one is made of, with their revisions and fingerprints."""
        reports = "; ".join(
            f"{center.slug} {center.revision} {center.data_hash[:SHORT_HASH]}"
            for center in self.network.centers
        )
        return self.w.text(
            N_("Made of these reports (short name, revision, fingerprint): %(reports)s."),
            reports=reports,
        )

    @property
    def front_is_full(self) -> bool:
        """Whether the first page's text needs smaller type to leave room for the passport."""
        return len(self.network.centers) > _ROOMY or super().front_is_full


def as_one_center(network: NetworkReport, wording: Wording) -> SatisfactionReport:
    """The network's month as if all centers were one: what both kinds of report tell.

    What a network's report does not tell (areas, hours, comments and so on) is empty here, and
    of a month neither comments nor ratings set aside are known.
    """
    return SatisfactionReport(
        center=CenterName("network", {wording.language: wording.text(N_("All centers"))}, "UTC"),
        month=network.month,
        survey_question=network.survey_question,
        headline=Headline(
            satisfied=network.satisfied,
            tally=network.tally,
            mean=network.mean,
            distribution=network.distribution,
            served=network.served,
            response_rate=network.response_rate,
            bounds=network.bounds,
            weighted=network.weighted,
            since_previous_month=network.since_previous_month,
            since_year_before=network.since_year_before,
        ),
        trend=tuple(
            MonthFigure(m.month, m.satisfied, m.served, m.response_rate, 0, SentimentCounts())
            for m in network.trend
        ),
        areas=(),
        services=(),
        channels=(),
        channel_languages=(),
        qr_minus_tablet=Change(NOTHING, "not_comparable"),
        hours=(),
        weak_hours=None,
        days=(),
        silences=(),
        comments=SentimentCounts(),
        topics=(),
        quotations=(),
        set_aside=(),
        changed=network.changed,
        todo=network.todo,
        passport=_passport(network),
        control=network.control,
        breaks=network.breaks,
    )


def _passport(network: NetworkReport) -> Passport:
    return Passport(
        numerator=network.tally.top_two,
        denominator=network.tally.base,
        served=network.served,
        response_rate=network.response_rate,
        level=LEVEL,
        satisfied=network.satisfied,
        set_aside=network.set_aside,
        with_set_aside=network.with_set_aside,
        with_set_aside_range=None,
        survey_versions=(),
        counted_until=network.counted_until,
        data_hash=network.data_hash,
        code_version=network.code_version,
        reader_version="",
        revision=network.revision,
        reason="first",
    )
