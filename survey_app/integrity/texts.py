"""The integrity rules in words: what each looks for, what its numbers are, how rare it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis import rule_sentences
from analysis.hard_rules import MONTH_RULES
from analysis.wording import N_, PlainWording

_REASONS = {
    "cooldown": N_(
        "The tablet's page stays closed for six seconds after a rating. These came sooner after "
        "the one before than the page allows, so they did not come from the page."
    ),
    "too_fast": N_(
        "The tablet's page takes no touch for a moment after each screen. These were answered "
        "faster than that, so they did not come from the page."
    ),
    "sequence_gap": N_(
        "A tablet numbers its ratings. Some numbers never arrived: they may still wait in the "
        "tablet's queue, or were removed from it. Nothing is held for this."
    ),
    "more_than_visits": N_(
        "More people rated a service in an hour than were served. The latest ratings beyond the "
        "number of visits are set aside."
    ),
    "fast_run": N_(
        "The same score was pressed again and again in quick succession, far quicker than people "
        "came to this tablet for the rest of the day."
    ),
    "busy_window": N_(
        "In one or two hours far more people rated than the visits of those hours and the rest of "
        "the day explain. Which of the ratings are honest cannot be told, so nothing is held."
    ),
    "regular_gaps": N_(
        "People come at random; here the gaps between the ratings are nearly equal, as when "
        "somebody presses by the clock or a machine does."
    ),
    "turnout_coupling": N_(
        "On days when more people answered than usual, more of them were satisfied than usual. "
        "Added good ratings raise both. It speaks of the month, not of single ratings."
    ),
    "channel_divergence": N_(
        "The share satisfied on tablets rose against that of the ratings bound to a visit (or, "
        "while there are too few of those, of the QR posters) more than in the months before. It "
        "speaks of the month, not of single ratings."
    ),
    "voiding_asymmetry": N_(
        "Among the voided ratings low scores are more frequent than among all. Voiding must not "
        "depend on the score; have the decisions looked at by somebody else."
    ),
    "similar_answers": N_(
        "On one tablet complete sets of answers are repeated more often than on the center's "
        "other tablets for the same services."
    ),
    "unproven": N_(
        "So many ratings came by one code within minutes that browsers were asked to compute a "
        "proof unnoticed. These came without one: from a program, or from a phone without "
        "JavaScript. Whoever finds them honest can let them count."
    ),
    "flood": N_(
        "Within minutes far more ratings came by one code than the center has visitors in that "
        "time. Honest ones may be among them; which, cannot be told. Ratings by ticket are not "
        "touched by this."
    ),
    "filled_trap": N_(
        "A field that people do not see was filled, as only programs do that fill every field."
    ),
    "withdrawn": N_(
        "The person who rated took the rating back with the reference they were given. Its "
        "comment was erased and it counts nowhere."
    ),
}
# Each number of a rule's detail: how it is called, and how it is written.
_NUMBERS = {
    "presses": (N_("Ratings in question"), "count"),
    "runs": (N_("Separate runs"), "count"),
    "clearest": (N_("Ratings in the clearest run"), "count"),
    "gap": (N_("Seconds between ratings, less than"), "seconds"),
    "cooldown": (N_("Seconds the page stays closed"), "seconds"),
    "at": (N_("At"), "time"),
    "from": (N_("From"), "time"),
    "to": (N_("To"), "time"),
    "score": (N_("Score"), "count"),
    "share": (N_("Share of this score otherwise, at most"), "share"),
    "per_hour": (N_("Ratings an hour otherwise, at most"), "decimal"),
    "mean_gap": (N_("Mean seconds between ratings"), "seconds"),
    "variation": (N_("Variation of the gaps (chance gives about 1)"), "decimal"),
    "from_hour": (N_("From"), "hour"),
    "to_hour": (N_("To"), "hour"),
    "visits": (N_("People served"), "count"),
    "expected": (N_("Ratings to be expected"), "decimal"),
    "first": (N_("First missing number"), "plain"),
    "last": (N_("Last missing number"), "plain"),
    "missing": (N_("Missing numbers"), "count"),
    "service": (N_("Service"), "plain"),
    "hour": (N_("Hour"), "hour"),
    "ratings": (N_("Ratings"), "count"),
    "correlation": (N_("Rank correlation (0 is none, 1 is complete)"), "decimal"),
    "days": (N_("Days compared"), "count"),
    "difference": (N_("Tablets less the others, in points"), "points"),
    "usual": (N_("The same in the months before"), "points"),
    "months": (N_("Months before that were compared"), "count"),
    "void": (N_("Voided ratings"), "count"),
    "void_dissatisfied": (N_("Low scores (1 to 3) among them"), "count"),
    "counted": (N_("Ratings that count"), "count"),
    "counted_dissatisfied": (N_("Low scores (1 to 3) among these"), "count"),
    "equal_pairs": (N_("Pairs with all answers equal"), "count"),
    "usual_pairs": (N_("Such pairs to be expected"), "decimal"),
    "pairs": (N_("Pairs compared"), "count"),
}


@dataclass(frozen=True)
class RuleWords:
    """A rule's code with its version, in the words of one language."""

    rule: str
    wording: PlainWording

    @property
    def code(self) -> str:
        """The rule without its version."""
        return rule_sentences.code_of(self.rule)

    @property
    def name(self) -> str:
        """What the rule is called."""
        return rule_sentences.name_of(self.rule, self.wording)

    @property
    def version(self) -> str:
        """The rule's version, empty where it has none."""
        return self.rule.partition("/")[2]

    @property
    def explanation(self) -> str:
        """What the rule looks for and why, in plain words."""
        return self.wording.text(reason_of(self.rule))

    @property
    def is_of_month(self) -> bool:
        """Whether it speaks of a month rather than of a tablet's day."""
        return self.code in MONTH_RULES

    def chance(self, p_value: float) -> str:
        """How often something as extreme happens by chance, in words."""
        return rule_sentences.chance(self.rule, p_value, self.wording)

    def numbers(self, detail: Mapping[str, float | int | str]) -> list[tuple[str, str]]:
        """The numbers behind a finding, each as (what it is, how it is written)."""
        written = []
        for name, value in detail.items():
            key = "usual_pairs" if (name == "usual" and self.code == "similar_answers") else name
            if key in _NUMBERS:
                label, kind = _NUMBERS[key]
                written.append((self.wording.text(label), self._written(kind, value)))
        return written

    def _written(self, kind: str, value: float | int | str) -> str:
        w = self.wording
        if isinstance(value, str) or kind == "plain":
            return str(value)
        if kind == "time":
            minutes, seconds = divmod(int(value), 60)
            return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
        if kind == "hour":
            return f"{int(value):02}:00"
        if kind == "share":
            return w.percent(value)
        if kind == "points":
            return w.signed_points(value)
        return w.number(value, 0 if value == int(value) else 1 if kind == "seconds" else 2)


def reason_of(rule: str) -> str:
    """Why a rule holds, in the source language: what its rulings give as their reason."""
    code = rule_sentences.code_of(rule)
    return _REASONS.get(code) or rule_sentences.RULES.get(code, code)
