"""The integrity rules in words: what each is called, and how rare by chance what it found is."""

from __future__ import annotations

from math import floor, log10

from analysis.hard_rules import MONTH_RULES
from analysis.wording import N_, Wording, sentence_case

RULES = {
    "outside_hours": N_("Given outside opening hours"),
    "before_pairing": N_("Dated before the tablet was enrolled"),
    "cooldown": N_("Too soon after the rating before"),
    "too_fast": N_("Answered faster than the tablet's page allows"),
    "sequence_gap": N_("The tablet's numbering has a gap"),
    "fast_run": N_("A fast run of equal scores"),
    "revoked": N_("Sent by a tablet switched off"),
    "more_than_visits": N_("More ratings than visits"),
    "busy_window": N_("More ratings than the visits of the hour explain"),
    "regular_gaps": N_("Too regular gaps between ratings"),
    "turnout_coupling": N_("More answers and more satisfaction on the same days"),
    "channel_divergence": N_("Tablets rose against the other channel"),
    "voiding_asymmetry": N_("Low scores were voided more often"),
    "similar_answers": N_("Answers too alike on one tablet"),
    "unproven": N_("Without the proof asked for in a rush"),
    "flood": N_("Far too many from one place at once"),
    "withdrawn": N_("Withdrawn by the citizen"),
    "filled_trap": N_("Sent by a program"),
    "void": N_("Voided by two persons, with a reason"),
}
_SCALES = (
    (12, N_("%(number)s trillion")),
    (9, N_("%(number)s billion")),
    (6, N_("%(number)s million")),
    (3, N_("%(number)s thousand")),
)
# Below this a p-value says no more than "never".
_NEVER = 1e-15


def code_of(rule: str) -> str:
    """The rule without its version: "fast_run/1" is "fast_run"."""
    return rule.partition("/")[0]


def name_of(rule: str, wording: Wording) -> str:
    """What a rule is called, whatever its version; one unknown to this program by its code."""
    code = code_of(rule)
    known = RULES.get(code)
    return wording.text(known) if known else sentence_case(code.replace("_", " "), "en")


def name_with_version(rule: str, wording: Wording) -> str:
    """What a rule is called, with the version that held."""
    version = rule.partition("/")[2]
    if not version:
        return name_of(rule, wording)
    return wording.text(
        N_("%(name)s (rule version %(version)s)"), name=name_of(rule, wording), version=version
    )


def chance(rule: str, p_value: float, wording: Wording) -> str:
    """How often something as extreme happens by chance: a bound, in words."""
    if p_value == 0:
        return wording.text(N_("On a tablet that works as built this does not happen."))
    if p_value < _NEVER:
        return wording.text(N_("By chance this practically never happens."))
    said = N_("By chance at most once in %(times)s days of a tablet.")
    if code_of(rule) in MONTH_RULES:
        said = N_("By chance at most once in %(times)s months of a center.")
    return wording.text(said, times=_in_scale(1 / p_value, wording))


def _in_scale(times: float, wording: Wording) -> str:
    for digits, scale in _SCALES:
        if times >= 10**digits:
            return wording.text(scale, number=_rounded(times / 10**digits, wording))
    return _rounded(times, wording)


def _rounded(value: float, wording: Wording) -> str:
    """Rounded down, so that it stays a bound; two digits are more than anybody needs of it."""
    step = 10 ** max(0, floor(log10(value)) - 1)
    return wording.number(floor(value / step + 1e-9) * step)
