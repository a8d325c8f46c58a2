"""What is compared within the network's month beside its centers: services, and channels.

Both are looked at by the dozen, so a direction is given only after Benjamini–Hochberg.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.estimates import Change, Estimate
from analysis.network import AcrossCenters, NetworkReport
from analysis.tally import ScoreTally, changes_among_many, satisfied_or_not


@dataclass(frozen=True, slots=True)
class ServiceComparison:
    """A service in all centers together against all other ratings of the network."""

    service: AcrossCenters
    against_rest: Change


def compare_services(network: NetworkReport) -> tuple[ServiceComparison, ...]:
    """Every service with a share against the rest of the network, in the order of their codes.

    Services that a center withholds take no part. Differences are Newcombe's, directions hold
    after Benjamini–Hochberg over all that are compared (`changes_among_many`).
    """
    known = [service for service in network.services if service.satisfied.known]
    whole = satisfied_or_not(network.tally.top_two, network.tally.base)
    tallies = [_tally(service.satisfied) for service in known]
    changes = changes_among_many([(each, whole.without(each)) for each in tallies])
    return tuple(map(ServiceComparison, known, changes))


def compare_channels(network: NetworkReport) -> tuple[Change, ...]:
    """The share by QR code less the share on the tablets, in each center in their order.

    Not comparable where either has no share. Corrected over the centers as above.
    """
    return changes_among_many(
        [(_tally(center.qr), _tally(center.tablet)) for center in network.centers]
    )


def _tally(estimate: Estimate) -> ScoreTally:
    """How many were satisfied and how many not, which a share and its base tell exactly."""
    if estimate.value is None:
        return ScoreTally()
    return satisfied_or_not(round(estimate.value * estimate.base), estimate.base)
