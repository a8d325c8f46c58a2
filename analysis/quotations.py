"""Which comments a report quotes: few, telling, of both kinds, and none that points at a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from analysis.tally import QuotableComment

QUOTATIONS = 6
SHORTEST, LONGEST, BEST_LENGTH = 15, 320, 110


def choose_quotations(
    candidates: Sequence[QuotableComment], nameable_services: Collection[str]
) -> tuple[QuotableComment, ...]:
    """Up to QUOTATIONS comments, complaint and praise in turn, each on a new topic if possible.

    Lengths are in characters. A quotation names its service only if that is among
    `nameable_services`: with few ratings the writer could be guessed. The choice depends on the
    comments alone, not on their order.
    """
    pools = _pools(candidates)
    everything = [comment for pool in pools.values() for comment in pool]
    weight = Counter(topic for comment in everything for topic in comment.topics)
    most = max(weight.values(), default=1)
    spoken = Counter(comment.language or "" for comment in everything)
    usual = min(spoken, key=lambda language: (-spoken[language], language), default="")
    alone = {id(comment): _merit_alone(comment) for comment in everything}
    chosen: list[QuotableComment] = []

    def best_of(pool: Sequence[QuotableComment]) -> QuotableComment:
        """The best beside those chosen of its kind; then the earlier; then by text."""
        alike = [c for c in chosen if c.sentiment == pool[0].sentiment]
        told = {topic for c in alike for topic in c.topics}
        heard = {c.language for c in alike}

        def merit(comment: QuotableComment) -> tuple[float, date, str]:
            new = [weight[topic] for topic in comment.topics if topic not in told]
            # The first of each kind in the language most people write; then other voices.
            if alike:
                voice = float(comment.language not in heard)
            else:
                voice = 1.5 * (comment.language == usual)
            worth = alone[id(comment)] + 2 * bool(new) + max(new, default=0) / most + voice
            return (-worth, comment.rated_on, comment.text)

        return min(pool, key=merit)

    while len(chosen) < QUOTATIONS and any(pools.values()):
        for pool in pools.values():
            if pool and len(chosen) < QUOTATIONS:
                best = best_of(pool)
                pool.remove(best)
                named = best.service_code if best.service_code in nameable_services else None
                chosen.append(replace(best, service_code=named))
    return tuple(chosen)


def _merit_alone(comment: QuotableComment) -> float:
    """What a comment is worth whatever stands beside it."""
    length = -abs(len(comment.text) - BEST_LENGTH) / BEST_LENGTH
    agrees = (comment.score <= 3) == (comment.sentiment == "negative")
    # Our font has letters only: a picture sign would be an empty box on paper.
    drawn = max(comment.text) > "\u2fff"
    return length + 2 * agrees - 3 * drawn


def _pools(candidates: Sequence[QuotableComment]) -> dict[str, list[QuotableComment]]:
    """Complaints and praise that say something, each text once."""
    seen: set[str] = set()
    pools: dict[str, list[QuotableComment]] = {"negative": [], "positive": []}
    for comment in sorted(candidates, key=lambda c: (c.rated_on, c.text, c.score)):
        folded = " ".join(comment.text.casefold().split())
        if SHORTEST <= len(folded) <= LONGEST and folded not in seen and comment.sentiment in pools:
            seen.add(folded)
            pools[comment.sentiment].append(comment)
    return pools
