"""What the network's month says: which centers stand out, what changed, what to do about it.

The rules are those of `analysis.findings`: each statement rests on an interval or a test that
excludes chance. The centers are not ranked: most of their order is chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analysis.findings import (
    LONG_SILENCE,
    MOST,
    SET_ASIDE_MANY,
    SET_ASIDE_PART,
    Finding,
    beyond_limits,
    furthest_below,
)

if TYPE_CHECKING:
    from analysis.network import NetworkReport

#: A center whose response rate is under this part of the network's answers too rarely to compare.
LOW_RESPONSE_PART = 0.6


def find(network: NetworkReport) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The at most MOST statements and steps, most urgent first."""
    stories = list(_stories(network))
    changed = [statement for statement, _ in stories if statement is not None]
    todo = [step for _, step in stories if step is not None]
    return tuple(changed[:MOST]), tuple(todo[:MOST])


def _stories(network: NetworkReport) -> Iterator[tuple[Finding | None, Finding | None]]:
    yield from _silent(network)
    yield from _doubted(network)
    yield from _apart(network)
    yield from _moved(network)
    yield from _group_below(network)
    yield from beyond_limits(network.control)
    yield from _thin(network)


def _silent(network: NetworkReport) -> Iterator[tuple[Finding, Finding]]:
    for center in sorted(network.centers, key=lambda c: (-c.silent_days, c.slug))[:1]:
        if center.silent_days >= LONG_SILENCE:
            parameters = {"center": dict(center.names), "open_days": center.silent_days}
            yield Finding("center_silent", parameters), Finding("explain_center", parameters)


def _doubted(network: NetworkReport) -> Iterator[tuple[Finding, Finding]]:
    """The center with the most ratings set aside, if they are many."""
    for center in sorted(network.centers, key=lambda c: (-c.set_aside, c.slug))[:1]:
        if center.set_aside >= max(SET_ASIDE_MANY, SET_ASIDE_PART * center.satisfied.base):
            parameters = {
                "center": dict(center.names),
                "count": center.set_aside,
                "base": center.satisfied.base,
            }
            yield Finding("center_set_aside", parameters), Finding("look_into_center", parameters)


def _apart(network: NetworkReport) -> Iterator[tuple[Finding, Finding | None]]:
    """Centers that chance does not explain: outside the funnel and clearly apart from the rest."""
    for center in sorted(network.centers, key=lambda c: (c.satisfied.value or 0.0, c.slug)):
        below = center.place in {"below_95", "below_998"} and center.against_rest.verdict == "down"
        above = center.place in {"above_95", "above_998"} and center.against_rest.verdict == "up"
        parameters = {
            "center": dict(center.names),
            "share": center.satisfied.value,
            "base": center.satisfied.base,
            "difference": center.against_rest.difference.value,
        }
        if below:
            yield Finding("center_below", parameters), Finding("visit_center", parameters)
        elif above:
            yield Finding("center_above", parameters), None


def _moved(network: NetworkReport) -> Iterator[tuple[Finding, None]]:
    for since, found in (
        ("month", network.since_previous_month),
        ("year", network.since_year_before),
    ):
        if found.verdict in ("up", "down"):
            parameters = {
                "since": since,
                "difference": found.difference.value,
                "low": found.difference.low,
                "high": found.difference.high,
                "base": network.tally.base,
            }
            yield Finding(f"headline_{found.verdict}", parameters), None


def _group_below(network: NetworkReport) -> Iterator[tuple[Finding, Finding]]:
    groups = sorted(network.groups, key=lambda group: group.code)
    yield from furthest_below((group.question_names, group) for group in groups)


def _thin(network: NetworkReport) -> Iterator[tuple[None, Finding]]:
    """A center that answers so rarely that it can hardly be compared."""
    rates = [(c.response_rate, c.slug, c) for c in network.centers if c.response_rate is not None]
    for rate, _, center in sorted(rates, key=lambda row: row[:2])[:1]:
        if network.response_rate and rate < LOW_RESPONSE_PART * network.response_rate:
            parameters = {"center": dict(center.names), "rate": rate}
            yield None, Finding("center_rarely_answers", parameters)
