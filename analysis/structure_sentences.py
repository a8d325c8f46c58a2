"""What the page of a structure says: its figures and its change against the year before."""

from __future__ import annotations

from analysis.estimates import Change
from analysis.months import Month
from analysis.sentences import ReportText
from analysis.structures import MONTHS_OF_A_PART, Part, StructureYear
from analysis.wording import N_, Wording, sentence_case

_SINCE = {
    "up": N_(
        "Against the twelve months before: higher, %(difference)s points (%(low)s to %(high)s)."
    ),
    "down": N_(
        "Against the twelve months before: lower, %(difference)s points (%(low)s to %(high)s)."
    ),
    "no_clear_change": N_(
        "Against the twelve months before: no clear change, %(difference)s points "
        "(%(low)s to %(high)s)."
    ),
    "not_comparable": N_("Against the twelve months before: cannot be compared."),
}


class StructureText(ReportText):
    """The words of structures in one language. Of `ReportText` it has what words a figure; there
    is no report of one month here."""

    def __init__(self, wording: Wording) -> None:
        self.w = wording

    def names(self, of: StructureYear | Part) -> str:
        """The name of a structure, service or center; of a quarter its first and last month."""
        if of.names:
            return self.w.name(of.names)
        first = last = Month.parse(of.code)
        for _ in range(MONTHS_OF_A_PART - 1):
            last = last.next()
        return sentence_case(self.months(first, last), self.w.language)

    def months(self, first: Month, last: Month) -> str:
        """A run of months within a sentence: "November 2025 – October 2026"."""
        return f"{self.w.month(first)} – {self.w.month(last)}"

    def year_base(self, structure: StructureYear) -> str:
        """How many stand behind a structure's figure, in one line; nothing of it if withheld."""
        if structure.satisfied.withheld:
            return self.w.text(
                N_("People served: %(served)s."), served=self.count(structure.served)
            )
        base = self.w.number(structure.satisfied.base)
        if structure.response_rate is None:
            return self.w.text(N_("Ratings: %(base)s. People served: not known."), base=base)
        return self.w.text(
            N_("Ratings: %(base)s. People served: %(served)s. Answered: %(rate)s."),
            base=base,
            served=self.count(structure.served),
            rate=self.rate(structure.response_rate),
        )

    def since(self, found: Change) -> str:
        """One sentence against the twelve months before."""
        return self._comparison(_SINCE, found)
