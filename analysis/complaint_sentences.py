"""What a report says of those who asked for an answer: sentences, and the rows of their table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from analysis.complaints import MINIMUM_ANSWERS, CaseCounts
from analysis.wording import N_, Wording

if TYPE_CHECKING:
    from analysis.sentences import ReportText

#: From so many hours on a time is told in days.
_HOURS_TOLD = 72
#: Each figure: its code, its words, and whether it is a part of the figure above it.
_FIGURES = (
    ("asked", N_("Asked for an answer"), False),
    ("answered", N_("answered by the end of the month"), True),
    ("waiting", N_("still waiting at the end of the month"), True),
    ("carried", N_("Waiting from earlier months"), False),
    ("carried_answered", N_("answered in the month"), True),
    ("carried_unanswered", N_("not answered within 180 days"), True),
    ("carried_waiting", N_("still waiting at the end of the month"), True),
    ("answers", N_("Answers given in the month"), False),
)
_TIMES = (
    ("median_hours", N_("half of them within"), True),
    ("ninetieth_hours", N_("nine in ten within"), True),
)


def asked_and_answered(centers: Iterable[CaseCounts | None], w: Wording) -> str:
    """How many asked in these centers and how many of them were answered; or that nobody did, or
    that no center counted it."""
    counted = [counts for counts in centers if counts is not None]
    if not counted:
        return w.text(
            N_("Not counted: this report is older than the count of those who ask for answers.")
        )
    if not any(counts.asked for counts in counted):
        return w.text(N_("Nobody asked for an answer this month."))
    return w.text(
        N_(
            "Asked for an answer: %(asked)s. Answered by the end of the month: %(answered)s; still "
            "waiting then: %(waiting)s."
        ),
        asked=w.number(sum(counts.asked for counts in counted)),
        answered=w.number(sum(counts.answered for counts in counted)),
        waiting=w.number(sum(counts.waiting for counts in counted)),
    )


class CaseRow(NamedTuple):
    """A figure in words, in the month and in the one before."""

    label: str
    is_part: bool
    this: str
    previous: str


class ComplaintText:
    """The words about those who asked for an answer, in a report that counted them or did not."""

    def __init__(self, text: ReportText) -> None:
        self._text, self._told = text, text.report.complaints

    @property
    def sentence(self) -> str:
        """How many asked and how many of them were answered; or that nobody did, or that it was
        not counted."""
        return asked_and_answered([self._told.this] if self._told else [], self._text.w)

    @property
    def long_sentence(self) -> str:
        """How many have waited long, from whatever month; empty when nobody waits."""
        w, told = self._text.w, self._told
        if told is None or not told.this.all_waiting:
            return ""
        return w.text(
            N_(
                "Waiting in all at the end of the month: %(waiting)s; of these for more than five "
                "working days: %(long)s."
            ),
            waiting=w.number(told.this.all_waiting),
            long=w.number(told.waiting_long),
        )

    @property
    def left_out_sentence(self) -> str:
        """How many asked by ratings that do not count; empty when nobody did."""
        w, told = self._text.w, self._told
        if told is None or not told.this.left_out:
            return ""
        return w.text(
            N_("Not among them, because their ratings were set aside or withdrawn: %(count)s."),
            count=w.number(told.this.left_out),
        )

    @property
    def rows(self) -> list[CaseRow]:
        """The table, without the figures that are nothing in both months."""
        if self._told is None:
            return []
        this, before = self._told.this, self._told.previous
        number = self._text.w.number
        rows = [
            CaseRow(self._text.w.text(label), is_part, *map(number, counts))
            for code, label, is_part in _FIGURES
            if any(counts := (getattr(this, code), getattr(before, code)))
        ]
        if this.answers or before.answers:
            rows += [
                CaseRow(
                    self._text.w.text(label),
                    is_part,
                    self.time(this, getattr(this, code)),
                    self.time(before, getattr(before, code)),
                )
                for code, label, is_part in _TIMES
            ]
        return rows

    def time(self, counts: CaseCounts, hours: float | None) -> str:
        """How long answers took, as in "31 h" or "4.2 days"; "too few", or a dash for none."""
        w = self._text.w
        if hours is None:
            return self._text.too_few if counts.answers else "–"
        if hours < _HOURS_TOLD:
            return w.text(N_("%(hours)s h"), hours=w.number(max(1, round(hours))))
        return w.text(N_("%(days)s days"), days=w.number(hours / 24, 1))

    @property
    def rule(self) -> str:
        """What the figures rest on: the small print below the table."""
        return self._text.w.text(
            N_(
                "As it stood when the month ended: an answer given later stands in the next "
                "report. An answer is given when a person confirms it. The times run from the wish "
                "to the answer, nights and weekends included, over all answers given in the month; "
                "under %(minimum)s answers none is told. After 180 days what to reach the person "
                "by is erased."
            ),
            minimum=MINIMUM_ANSWERS,
        )
