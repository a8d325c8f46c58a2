"""The sentence of each finding, with the figures it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, cast

from analysis.findings import Finding
from analysis.months import Month
from analysis.wording import N_

if TYPE_CHECKING:
    from analysis.sentences import ReportText

SENTENCES = {
    "set_aside": N_(
        "Set aside by the rule “%(rule)s”: %(count)s ratings, against %(base)s that count."
    ),
    "look_into_set_aside": N_(
        "Look into what the rule “%(rule)s” set aside: release what is honest, void the rest, "
        "with a reason for each."
    ),
    "look_into_set_aside_alerts": N_(
        "Look into what the rule “%(rule)s” set aside: release what is honest, void the rest, "
        "with a reason for each. Alerts nobody has looked into: %(alerts)s."
    ),
    "group_below": N_(
        "“%(question)s” – “%(group)s”: %(share)s satisfied (ratings: %(base)s), %(difference)s "
        "points against the others (%(low)s to %(high)s)."
    ),
    "ask_group": N_(
        "Ask people who answered “%(group)s” to “%(question)s” what makes their visit harder."
    ),
    "beyond_limits_above": N_(
        "This month is above its control limits: %(share)s satisfied; the months before let "
        "expect %(low_limit)s to %(high_limit)s."
    ),
    "beyond_limits_below": N_(
        "This month is below its control limits: %(share)s satisfied; the months before let "
        "expect %(low_limit)s to %(high_limit)s."
    ),
    "driver_pulls": N_(
        "Of those who name “%(topic)s”, %(share)s are satisfied (ratings: %(base)s); of those who "
        "do not, %(rest)s."
    ),
    "begin_with_driver": N_(
        "Begin with “%(topic)s”: of all that people name, it says most about who is dissatisfied."
    ),
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
    "answer_waiting": N_(
        "Answer those who asked for it: at the end of the month %(count)s had waited for more than "
        "%(days)s working days."
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
#: Parameters that are differences in points, and those that are shares.
POINTS = {"difference", "low", "high"}
SHARES = {
    "share", "rest", "earlier", "later", "qr", "tablet", "rate", "low_limit", "high_limit",
}  # fmt: skip


def tell(finding: Finding, text: ReportText) -> str:
    """The sentence of a finding in the language of `text`; its code when it is not known here."""
    parameters = finding.parameters
    code = _variant(finding)
    if code not in SENTENCES:
        return finding.code
    words = {name: _said(name, value, text) for name, value in parameters.items()}
    if "first" in parameters and "end" in parameters:
        words["hours"] = text.hours(cast(int, parameters["first"]), cast(int, parameters["end"]))
    return text.w.text(SENTENCES[code], **words)


def _variant(finding: Finding) -> str:
    """Which sentence: some findings have another one for some of their parameters."""
    p = finding.parameters
    if finding.code in ("headline_up", "headline_down"):
        return f"{finding.code}_{p['since']}"
    if finding.code == "weak_hours" and p["waiting"]:
        return "weak_hours_waiting"
    if finding.code == "look_into_set_aside" and p["alerts"]:
        return "look_into_set_aside_alerts"
    return finding.code


def _said(name: str, value: object, text: ReportText) -> str:
    """A parameter of a finding as text; its kind follows from its name."""
    w = text.w
    if name in POINTS:
        return w.signed_points(cast(float, value))
    if name in SHARES:
        return text.fraction(cast(float, value))
    if isinstance(value, Mapping):
        return w.name(value)
    if isinstance(value, str):
        return _said_code(name, value, text)
    if name == "weekday":
        return text.weekday(cast(int, value))
    return w.number(value) if isinstance(value, int) else str(value)


def _said_code(name: str, value: str, text: ReportText) -> str:
    """A parameter that was frozen as text: a topic, a rule, a month, a day."""
    if name == "topic":
        return text.topic(value)
    if name == "rule":
        return text.rule(value)
    if name == "since" and "-" in value:
        return text.w.month(Month.parse(value))
    if name in ("first", "last"):
        return text.w.day_month(date.fromisoformat(value))
    return value
