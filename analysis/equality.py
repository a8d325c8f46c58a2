"""Gaps between groups of people, shown so that no small group's answers can be worked out.

Surveys may end with optional questions of role "equality". A group is compared with all others
who answered the same question; a gap is an association, not what belonging to the group does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from analysis.estimates import WITHHELD, Change, Estimate, response_rate
from analysis.suppression import Node, hidden_keys
from analysis.tally import Names, ScoreTally, changes_among_many, total

#: The option "rather not say", which every equality question has.
NO_ANSWER = "no_answer"
#: Cells of a question that are not options: who answered it, and who was not asked or skipped it.
ANSWERED, SKIPPED = "(answered)", "(skipped)"
_OUTSIDE = "(outside)"

CellKey = tuple[str, str]
_NO_GAP = Change(WITHHELD, "not_comparable")


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """One option of one equality question: its ratings, and the people of that group served.

    `served` is None where the group's visits are not known. The option NO_ANSWER is one of them.
    """

    question: str
    question_names: Names
    code: str
    names: Names
    tally: ScoreTally
    served: int | None


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """What may be shown of a group. `hidden`: neither share nor base nor anything else.

    `gap` is its share satisfied minus that of all others who answered the question. It is
    withheld where the others' figures would give a hidden cell away.
    """

    code: str
    names: Names
    hidden: bool
    satisfied: Estimate
    gap: Change
    served: int | None
    response_rate: float | None


@dataclass(frozen=True, slots=True)
class EqualityQuestion:
    """An equality question: its groups in the order given, and how many named a group
    (`answered`), would rather not say (`declined`), or were not asked or passed over it
    (`skipped`). A number that would give a hidden cell away is None."""

    code: str
    names: Names
    answered: int | None
    declined: int | None
    skipped: int | None
    groups: tuple[GroupFigure, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """The ratings of one question: the groups and those outside them, which sum to the headline."""

    code: str
    names: Names
    groups: tuple[GroupCounts, ...]
    answered: ScoreTally
    declined: ScoreTally
    skipped: ScoreTally

    def key(self, code: str) -> CellKey:
        return (self.code, code)

    def group_nodes(self) -> tuple[Node, ...]:
        return tuple(Node(self.key(group.code), group.tally) for group in self.groups)

    def outside_nodes(self) -> tuple[Node, ...]:
        return (
            Node(self.key(NO_ANSWER), self.declined),
            Node(self.key(SKIPPED), self.skipped),
        )


def equality_gaps(
    groups: Sequence[GroupCounts],
    headline: ScoreTally,
    hidden_before: frozenset[CellKey] = frozenset(),
) -> tuple[EqualityQuestion, ...]:
    """The groups of each equality question, under suppression, with their gaps to the others.

    `headline` are all ratings of the report, which is taken as published. `hidden_before` is
    `hidden_cells` of what earlier revisions of the report showed; what they hid stays hidden.

    A gap is the share satisfied of a group minus that of all others who named a group in the same
    question (not those who declined), with Newcombe's interval; "up" or "down" only if it passes
    Benjamini–Hochberg over all gaps shown, of all questions, and its interval excludes 0.

    *Suppression.* A question's cells (`analysis.suppression`) are those who answered, with its
    groups beneath them, and those outside: who declined and who skipped. A gap gives the others'
    ratings away, hence how many answered: gaps are shown only if that cell is visible, and then
    hidden groups are protected by groups, those outside by each other. If it cannot be visible
    (those outside are too few to hide each other), no gap is shown, and groups, declined and
    skipped are cells side by side that protect one another.

    Raises ValueError when an option stands twice or a question has more ratings than the headline.
    """
    tables = list(_tables(groups, headline))
    hidden, open_tables = _suppress(tables, hidden_before)
    compared = [
        (table, group)
        for table in tables
        if table.code in open_tables
        for group in table.groups
        if table.key(group.code) not in hidden
    ]
    gaps = changes_among_many(
        [(group.tally, table.answered.without(group.tally)) for table, group in compared]
    )
    gap_of = {
        table.key(group.code): gap for (table, group), gap in zip(compared, gaps, strict=True)
    }
    return tuple(
        EqualityQuestion(
            table.code,
            table.names,
            answered=table.answered.base if table.code in open_tables else None,
            declined=None if table.key(NO_ANSWER) in hidden else table.declined.base,
            skipped=None if table.key(SKIPPED) in hidden else table.skipped.base,
            groups=tuple(_figure(group, hidden, gap_of) for group in table.groups),
        )
        for table in tables
    )


def hidden_cells(questions: Sequence[EqualityQuestion]) -> frozenset[CellKey]:
    """What these figures hide, for `hidden_before` of the report's next revision."""
    return frozenset(
        (question.code, code)
        for question in questions
        for code, hidden in [
            (ANSWERED, question.answered is None),
            (NO_ANSWER, question.declined is None),
            (SKIPPED, question.skipped is None),
            *((group.code, group.hidden) for group in question.groups),
        ]
        if hidden
    )


def _tables(groups: Sequence[GroupCounts], headline: ScoreTally) -> Iterator[_Table]:
    """The questions in the order in which they first occur."""
    order = {code: place for place, code in enumerate(dict.fromkeys(g.question for g in groups))}
    ranked = sorted(groups, key=lambda group: order[group.question])
    for code, members in groupby(ranked, key=lambda group: group.question):
        options = tuple(members)
        if len({option.code for option in options}) != len(options):
            raise ValueError(f"an option of {code} stands twice in the counts")
        named = tuple(option for option in options if option.code != NO_ANSWER)
        everyone = total(option.tally for option in options)
        answered = total(option.tally for option in named)
        try:
            skipped = headline.without(everyone)
        except ValueError as error:
            raise ValueError(f"more ratings answered {code} than there are") from error
        yield _Table(
            code, options[0].question_names, named, answered, everyone.without(answered), skipped
        )


def _suppress(
    tables: Sequence[_Table], before: frozenset[CellKey]
) -> tuple[frozenset[object], frozenset[str]]:
    """The hidden cells of all questions, and the questions whose answered cell is visible."""
    hidden: frozenset[object] = frozenset()
    open_tables = []
    for table in tables:
        everyone = table.answered + table.declined + table.skipped
        root, answered = table.key(""), table.key(ANSWERED)
        halves = (
            Node(answered, table.answered, table.group_nodes()),
            Node(table.key(_OUTSIDE), table.declined + table.skipped, table.outside_nodes()),
        )
        keys = hidden_keys(Node(root, everyone, halves), hidden_before=before)
        if answered in keys:
            flat = Node(root, everyone, (*table.group_nodes(), *table.outside_nodes()))
            keys = hidden_keys(flat, hidden_before=before)
        else:
            open_tables.append(table.code)
        hidden |= keys
    return hidden, frozenset(open_tables)


def _figure(
    group: GroupCounts, hidden: frozenset[object], gap_of: dict[CellKey, Change]
) -> GroupFigure:
    key = (group.question, group.code)
    if key in hidden:
        return GroupFigure(group.code, group.names, True, WITHHELD, _NO_GAP, None, None)
    return GroupFigure(
        group.code,
        group.names,
        hidden=False,
        satisfied=group.tally.satisfied,
        gap=gap_of.get(key, _NO_GAP),
        served=group.served,
        response_rate=response_rate(group.tally.base, group.served),
    )
