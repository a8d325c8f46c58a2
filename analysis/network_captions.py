"""What stands over the charts of the network: finding, measure and base, alt text.

Headline, trend and scores are captioned as in a center's report.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from analysis.captions import ChartCaptions
from analysis.control import FUNNEL_LEVELS
from analysis.wording import N_

if TYPE_CHECKING:
    from analysis.network_sentences import NetworkText


class NetworkCaptions(ChartCaptions):
    """The captions of one network report's charts in the language of its text."""

    def __init__(self, text: NetworkText) -> None:
        super().__init__(text)
        self.said = text
        self.network = text.network

    def worth_drawing(self, name: str) -> bool:
        """Whether a chart has anything to show in this report."""
        if name == "funnel":
            return self.network.funnel_line is not None
        if name == "centers":
            return any(center.satisfied.known for center in self.network.centers)
        if name == "channels":
            return any(c.tablet.known or c.qr.known for c in self.network.centers)
        return super().worth_drawing(name)

    # Centers

    def _title_centers(self) -> str:
        apart = self.said.apart
        if not apart:
            return self.w.text(N_("No center is clearly apart from the others"))
        names = "; ".join(map(self.said.center_name, apart))
        return self.w.text(N_("Clearly apart from the others: %(centers)s"), centers=names)

    def _subtitle_centers(self) -> str:
        return self.w.text(
            N_(
                "Share satisfied of each center with its interval, ratings in brackets; dashed: "
                "all centers together. Where intervals overlap, the order may be chance"
            )
        )

    def _details_centers(self) -> list[str]:
        return [
            f"{self.said.center_name(c)}: {self.said.cell(c.satisfied)} "
            f"{self.said.interval(c.satisfied)}".strip()
            for c in self.network.centers
        ]

    # The funnel

    def _title_funnel(self) -> str:
        for verdict, sentence in (
            ("down", N_("%(center)s is clearly below the other centers")),
            ("up", N_("%(center)s is clearly above the other centers")),
        ):
            apart = [c for c in self.said.apart if c.against_rest.verdict == verdict]
            if apart:
                farthest = max(
                    apart, key=lambda c: (abs(c.against_rest.difference.value or 0), c.slug)
                )
                return self.w.text(sentence, center=self.said.center_name(farthest))
        return self.w.text(N_("No center differs from the others by more than chance explains"))

    def _subtitle_funnel(self) -> str:
        said = self.w.text(
            N_(
                "Each point is a center: to the right its ratings, upwards its share satisfied. "
                "Were all centers alike, %(inner)s and %(outer)s of the points would lie between "
                "the curves; centers with a share: %(count)s"
            ),
            inner=self.w.percent(FUNNEL_LEVELS[0]),
            outer=self.w.percent(FUNNEL_LEVELS[1], 1),
            count=self.w.number(sum(c.satisfied.known for c in self.network.centers)),
        )
        if self.network.dispersion == 1:
            return said
        widened = self.w.text(
            N_("The curves are widened by %(factor)s, as centers differ by more than chance"),
            factor=self.w.number(sqrt(self.network.dispersion), 1),
        )
        return f"{said}. {widened}"

    def _details_funnel(self) -> list[str]:
        return [
            f"{self.said.center_name(c)}: {self.said.cell(c.satisfied)}, {self.said.place(c)}"
            for c in self.network.centers
        ]

    # Tablets and QR codes

    def _title_channels(self) -> str:
        gaps = [gap for gap in self.said.channel_gaps if gap.difference.known]
        if not gaps:
            return self.w.text(N_("Too few ratings to compare tablets and QR codes"))
        for verdict, sentence in (
            (
                "down",
                N_("By QR code clearly fewer are satisfied in %(count)s of %(n)s centers"),
            ),
            ("up", N_("By QR code clearly more are satisfied in %(count)s of %(n)s centers")),
        ):
            count = sum(gap.verdict == verdict for gap in gaps)
            if count:
                return self.w.text(sentence, count=self.w.number(count), n=self.w.number(len(gaps)))
        return self.w.text(N_("Tablets and QR codes do not clearly differ in any center"))

    def _subtitle_channels(self) -> str:
        return self.w.text(
            N_(
                "Share satisfied with its interval, ratings in brackets; dashed: all centers and "
                "both channels together"
            )
        )

    def _details_channels(self) -> list[str]:
        return [
            f"{self.said.center_name(c)}: {self.said.channel('tablet')} "
            f"{self.said.cell(c.tablet)}, {self.said.channel('qr')} {self.said.cell(c.qr)}"
            for c in self.network.centers
        ]
