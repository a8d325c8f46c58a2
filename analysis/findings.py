"""What a month's figures say: what changed, and what to do about it.

Findings are codes with parameters, so that the frozen report can be read in any language
(`analysis.sentences` has the words). Each rests on an interval or a test that excludes chance;
what does not stand is not found. The thresholds are explained in docs/method.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.complaints import LONG_WAIT
from analysis.estimates import difference_p_value
from analysis.tally import Names, QuotableComment, ScoreTally, change

if TYPE_CHECKING:
    from analysis.control import ControlChart
    from analysis.equality import GroupFigure
    from analysis.network import NetworkGroup
    from analysis.report import Drift, SatisfactionReport, ServiceFigure, Silence

#: A manager can act on three things, not on ten.
MOST = 3
#: A silence is worth a line from this many open days on; from a working week on it comes first.
SHORT_SILENCE, LONG_SILENCE = 2, 5
#: Hours in a row looked at together when the week is searched for a weak block.
LONGEST_BLOCK = 3
BLOCK_BASE = 25
#: Family-wise error of the search through all blocks of the week (Bonferroni).
BLOCK_ERROR = 0.01
#: A difference can be certain and too small to act on: under this many points it stays unsaid.
RELEVANT = 0.03
LOW_RESPONSE = 0.10
#: Ratings set aside by a rule are worth a line when they are this part of all, or so many.
SET_ASIDE_PART, SET_ASIDE_MANY = 0.01, 20
#: Topics of comments that explain a weak hour.
WAITING = frozenset({"waiting", "queue_system"})


@dataclass(frozen=True)
class Finding:
    """A statement about the month: a code and the JSON values its sentence needs.

    Shares and differences are fractions; months and days are written as text.
    """

    code: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the search for weak hours needs: the hours that are shown (weekday, hour, ratings), all
    ratings of the month, all comments."""

    hours: Sequence[tuple[int, int, ScoreTally]]
    everything: ScoreTally
    comments: Sequence[QuotableComment]


@dataclass(frozen=True, slots=True)
class _Block:
    """Hours of one weekday, `first` up to but not including `end`."""

    weekday: int
    first: int
    end: int
    inside: ScoreTally
    outside: ScoreTally


def find(
    report: SatisfactionReport,
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The at most MOST changes worth telling and steps worth taking, most urgent first."""
    changed: list[Finding] = []
    todo: list[Finding] = []
    for statement, step in _stories(report):
        if statement is not None:
            changed.append(statement)
        if step is not None:
            todo.append(step)
    return tuple(changed[:MOST]), tuple(todo[:MOST])


_Story = tuple[Finding | None, Finding | None]


def _stories(report: SatisfactionReport) -> Iterator[_Story]:
    """Every statement with its step, the most urgent first."""
    silences = sorted(report.silences, key=lambda s: (-s.open_days, s.first))
    yield from (_silence(s) for s in silences[:1] if s.open_days >= LONG_SILENCE)
    yield from _set_aside(report)
    falling = sorted(
        (s for s in report.services if s.drift and s.drift.difference.verdict == "down"),
        key=lambda s: (s.drift.p_value if s.drift else 1, s.code),
    )
    yield from (_drift(s, s.drift) for s in falling[:1] if s.drift)
    if report.weak_hours is not None:
        yield report.weak_hours, Finding("relieve_hours", report.weak_hours.parameters)
    yield from _long_wait(report)
    yield from _equality_gap(report)
    yield from _channel_gap(report)
    yield from (_drift(s, s.drift) for s in falling[1:2] if s.drift)
    yield from _headline(report)
    yield from beyond_limits(report.control)
    yield from _driver(report)
    yield from _fallen_services(report, {s.code for s in falling[:2]})
    yield from _low_service(report, {s.code for s in falling[:2]})
    yield from _loudest_topic(report)
    yield from (_silence(s) for s in silences[:1] if SHORT_SILENCE <= s.open_days < LONG_SILENCE)
    yield from _thin_ground(report)


def _silence(silence: Silence) -> _Story:
    parameters = {
        "first": silence.first.isoformat(),
        "last": silence.last.isoformat(),
        "open_days": silence.open_days,
    }
    return Finding("silence", parameters), Finding("explain_silence", parameters)


def _set_aside(report: SatisfactionReport) -> Iterator[_Story]:
    """The rule that set most ratings aside, if they are many."""
    base = report.headline.tally.base
    for found in report.set_aside[:1]:
        if found.count >= max(SET_ASIDE_MANY, SET_ASIDE_PART * base):
            parameters = {"rule": found.rule, "count": found.count, "base": base}
            waiting = sum(not alert.acknowledged for alert in report.alerts)
            step = {**parameters, "alerts": waiting}
            yield Finding("set_aside", parameters), Finding("look_into_set_aside", step)


def _long_wait(report: SatisfactionReport) -> Iterator[_Story]:
    """People who asked for an answer and have waited long: a count, which chance has no part in."""
    if report.complaints is not None and report.complaints.waiting_long:
        parameters = {"count": report.complaints.waiting_long, "days": LONG_WAIT}
        yield None, Finding("answer_waiting", parameters)


def _equality_gap(report: SatisfactionReport) -> Iterator[_Story]:
    """The group furthest below the others, if one is clearly and relevantly below."""
    groups = [
        (question.names, group)
        for question in sorted(report.equality, key=lambda question: question.code)
        for group in sorted(question.groups, key=lambda group: group.code)
    ]
    yield from furthest_below(groups)


def furthest_below(
    groups: Iterable[tuple[Names, GroupFigure | NetworkGroup]],
) -> Iterator[tuple[Finding, Finding]]:
    """Of groups with the names of their questions the one furthest below all others, if it is so
    clearly and relevantly; of equals the first."""
    below = [
        (gap, question, group)
        for question, group in groups
        if group.gap.verdict == "down"
        and (gap := group.gap.difference.value) is not None
        and gap <= -RELEVANT
    ]
    for gap, question, group in sorted(below, key=lambda row: row[0])[:1]:
        parameters = {
            "question": dict(question),
            "group": dict(group.names),
            "share": group.satisfied.value,
            "base": group.satisfied.base,
            "difference": gap,
            "low": group.gap.difference.low,
            "high": group.gap.difference.high,
        }
        yield Finding("group_below", parameters), Finding("ask_group", parameters)


def beyond_limits(control: ControlChart | None) -> Iterator[tuple[Finding, None]]:
    """The month is outside what the months before it let one expect."""
    if control is None:
        return
    last = control.points[-1]
    if last.signal in ("above", "below"):
        parameters = {"share": last.share, "low_limit": last.low, "high_limit": last.high}
        yield Finding(f"beyond_limits_{last.signal}", parameters), None


def _driver(report: SatisfactionReport) -> Iterator[_Story]:
    """Of the drivers that go with clearly less satisfaction, the one that explains most."""
    pulling = [
        effect
        for effect in report.drivers
        if effect.effect.verdict == "down" and (effect.effect.difference.value or 0) <= -RELEVANT
    ]
    heaviest = sorted(pulling, key=lambda effect: (-(effect.weight or 0), effect.code))
    for effect in heaviest[:1]:
        parameters = {
            "topic": effect.code,
            "share": effect.named.value,
            "base": effect.named.base,
            "rest": effect.others.value,
        }
        yield Finding("driver_pulls", parameters), Finding("begin_with_driver", parameters)


def _drift(service: ServiceFigure, drift: Drift) -> _Story:
    parameters = {
        "service": dict(service.names),
        "agency": dict(service.agency_names),
        "since": str(drift.since),
        "earlier": drift.earlier.value,
        "later": drift.later.value,
        "base": drift.later.base,
    }
    return Finding("service_declines", parameters), Finding("review_service", parameters)


def weakest_block(hours: Sequence[tuple[int, int, ScoreTally]], whole: ScoreTally) -> _Block | None:
    """The block of up to LONGEST_BLOCK hours of a weekday that is clearly below all other hours.

    Hours that are not shown cannot be part of it: the block's ratings would give them away. All
    blocks are compared with the rest of the month; the one with the smallest p stands if
    p × (number of blocks) ≤ BLOCK_ERROR and its interval excludes 0. None if none does.
    """
    cells = {(weekday, hour): tally for weekday, hour, tally in hours if tally.base}
    blocks: list[tuple[float, _Block]] = []
    for weekday, first in sorted(cells):
        inside = ScoreTally()
        for end in range(first + 1, first + 1 + LONGEST_BLOCK):
            if (weekday, end - 1) not in cells:
                break
            inside = inside + cells[weekday, end - 1]
            if inside.base >= BLOCK_BASE and inside.base < whole.base:
                outside = whole.without(inside)
                p = difference_p_value(inside.top_two, inside.base, outside.top_two, outside.base)
                blocks.append((p, _Block(weekday, first, end, inside, outside)))
    low = [
        (p, block.weekday, block.first, block.end, block)
        for p, block in blocks
        if p * len(blocks) <= BLOCK_ERROR
        and (change(block.inside, block.outside).difference.value or 0) <= -RELEVANT
        and change(block.inside, block.outside).verdict == "down"
    ]
    return min(low)[-1] if low else None


def weak_hours(evidence: Evidence) -> Finding | None:
    """The weakest block of the week, if one stands out, and the complaints about waiting written
    on that weekday when they pile up there."""
    block = weakest_block(evidence.hours, evidence.everything)
    if block is None:
        return None
    days = [
        c.rated_on.isoweekday()
        for c in evidence.comments
        if WAITING & set(c.topics) and (c.sentiment == "negative" or c.score <= 3)
    ]
    that_day = days.count(block.weekday)
    piled_up = that_day >= 3 and that_day / len(days) > 0.3
    parameters = {
        "weekday": block.weekday,
        "first": block.first,
        "end": block.end,
        "share": block.inside.satisfied.value,
        "base": block.inside.base,
        "rest": block.outside.satisfied.value,
        "waiting": that_day if piled_up else 0,
        "waiting_all": len(days) if piled_up else 0,
    }
    return Finding("weak_hours", parameters)


def _channel_gap(report: SatisfactionReport) -> Iterator[_Story]:
    gap = report.qr_minus_tablet
    value = gap.difference.value
    if gap.verdict != "down" or value is None or value > -RELEVANT:
        return
    sides = {figure.channel: figure.satisfied for figure in report.channels}
    parameters = {
        "qr": sides["qr"].value,
        "qr_base": sides["qr"].base,
        "tablet": sides["tablet"].value,
        "tablet_base": sides["tablet"].base,
        "difference": value,
        "low": gap.difference.low,
        "high": gap.difference.high,
    }
    yield Finding("qr_below_tablet", parameters), Finding("hear_phones", parameters)


def _headline(report: SatisfactionReport) -> Iterator[_Story]:
    for since, found in (
        ("month", report.headline.since_previous_month),
        ("year", report.headline.since_year_before),
    ):
        if found.verdict in ("up", "down"):
            yield (
                Finding(
                    f"headline_{found.verdict}",
                    {
                        "since": since,
                        "difference": found.difference.value,
                        "low": found.difference.low,
                        "high": found.difference.high,
                        "base": report.headline.satisfied.base,
                    },
                ),
                None,
            )


def _fallen_services(report: SatisfactionReport, told: set[str]) -> Iterator[_Story]:
    """Services clearly below or above the month before, the largest difference first."""
    moved = [
        s
        for s in report.services
        if s.change.verdict in ("up", "down") and s.code not in told and s.kind != "unstated"
    ]
    for service in sorted(moved, key=lambda s: (s.change.difference.value or 0, s.code)):
        parameters = {
            "service": dict(service.names),
            "agency": dict(service.agency_names),
            "difference": service.change.difference.value,
            "share": service.satisfied.value,
            "base": service.satisfied.base,
        }
        if service.change.verdict == "down":
            yield Finding("service_fell", parameters), Finding("ask_service", parameters)
        else:
            yield Finding("service_rose", parameters), None


def _low_service(report: SatisfactionReport, told: set[str]) -> Iterator[_Story]:
    """The service furthest below the rest of the center, if one is clearly below."""
    below = [
        s
        for s in report.services
        if s.against_rest.verdict == "down" and s.kind != "unstated" and s.code not in told
    ]
    for service in sorted(below, key=lambda s: (s.satisfied.value or 0, s.code))[:1]:
        parameters = {
            "service": dict(service.names),
            "agency": dict(service.agency_names),
            "share": service.satisfied.value,
            "base": service.satisfied.base,
            "difference": service.against_rest.difference.value,
        }
        yield Finding("service_below", parameters), Finding("look_into_service", parameters)


def _loudest_topic(report: SatisfactionReport) -> Iterator[_Story]:
    """The topic complained of clearly more often than the others, with at least 10 complaints."""
    everything = [(t.code, t.comments.negative, t.comments.assessed) for t in report.topics]
    ranked = sorted(everything, key=lambda row: (-row[1], row[0]))
    if len(ranked) < 2 or ranked[0][1] < 10:
        return
    code, negative, assessed = ranked[0]
    others = sum(n for c, n, _ in everything if c != code)
    others_assessed = sum(a for c, _, a in everything if c != code)
    if not others_assessed or negative / assessed - others / others_assessed < RELEVANT:
        return
    if difference_p_value(negative, assessed, others, others_assessed) * len(ranked) > 0.05:
        return
    yield None, Finding("topic", {"topic": code, "negative": negative, "base": assessed})


def _thin_ground(report: SatisfactionReport) -> Iterator[_Story]:
    """Steps that make the figure itself more trustworthy."""
    headline = report.headline
    if headline.served is None:
        yield None, Finding("count_visits", {})
    elif headline.response_rate is None and headline.tally.base > headline.served:
        parameters = {"base": headline.tally.base, "served": headline.served}
        yield None, Finding("check_visits", parameters)
    elif headline.response_rate is not None and headline.response_rate < LOW_RESPONSE:
        parameters = {"base": headline.tally.base, "served": headline.served}
        yield None, Finding("invite_more", {**parameters, "rate": headline.response_rate})
