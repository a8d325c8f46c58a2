"""The network's month as a workbook and as one long table, with the writers of a center's report.

Conventions are theirs: shares are fractions, an unknown or withheld figure is an empty cell, text
is never a formula.
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis import csv_tables
from analysis.estimates import Change, Estimate
from analysis.network import AcrossCenters, NetworkReport
from analysis.network_sentences import NetworkText
from analysis.wording import N_, Wording
from analysis.xlsx import write_workbook
from analysis.xlsx_cells import (
    CASES,
    CHANGE,
    POINTS,
    SERVED,
    SHARE,
    Column,
    Line,
    Row,
    Table,
    case_cells,
    change,
    difference,
    share,
)
from analysis.xlsx_figures import STRATA, breaks_table, control_table, stratum_rows

_CENTER: Column = (N_("Center"), "text")
_AGAINST_OTHERS: tuple[Column, ...] = ((N_("Points against the others"), "points"), *POINTS)


def render_xlsx(network: NetworkReport, wording: Wording) -> bytes:
    """The workbook's bytes; the same for the same report and language.

    A sheet a table; a table without rows has none.
    """
    text = NetworkText(network, wording)
    return write_workbook(
        text.title, network.counted_until, _passport(text), _tables(text), wording
    )


def _tables(text: NetworkText) -> Iterator[Table]:
    yield _centers(text)
    yield _channels(text)
    yield _months(text)
    yield control_table(text)
    yield breaks_table(text)
    yield _across(text, N_("Areas and centers"), N_("Area"), text.network.areas)
    yield _services(text)
    yield _across(text, N_("Services and centers"), N_("Service"), text.network.services)
    yield _strata(text)
    yield _groups(text)
    yield _complaints(text)
    yield _made_of(text)


def _passport(text: NetworkText) -> Iterator[Line]:
    t, network = text.w.text, text.network
    yield t(N_("Month")), text.w.month(network.month), "text"
    yield t(N_("Question")), text.w.name(network.survey_question), "text"
    for label, estimate in (
        (N_("Share satisfied"), network.satisfied),
        (N_("Weighted by people served per center"), network.weighted),
        (N_("With what was set aside"), network.with_set_aside),
    ):
        yield t(label), estimate.value, "share"
        yield t(N_("Interval, low")), estimate.low, "share"
        yield t(N_("Interval, high")), estimate.high, "share"
    known, bounds = network.satisfied.known, network.bounds
    yield t(N_("Satisfied ratings (4 or 5)")), network.tally.top_two if known else None, "count"
    yield t(N_("Counted ratings")), network.tally.base, "count"
    yield t(N_("Verified by a ticket")), network.verified, "count"
    for score, count in enumerate(network.tally.counts, 1):
        yield f"{score} {text.score(score)}", count if known else None, "count"
    yield t(N_("Mean score")), network.mean, "mean"
    yield t(N_("People served")), network.served, "count"
    yield t(N_("Answered")), network.response_rate, "share"
    yield t(N_("All people served, at least")), bounds.low if bounds else None, "share"
    yield t(N_("All people served, at most")), bounds.high if bounds else None, "share"
    for label, found in (
        (N_("Against the month before"), network.since_previous_month),
        (N_("Against a year ago"), network.since_year_before),
    ):
        yield t(label), text.points(found.difference), "text"
        yield t(N_("Meaning")), text.verdict(found), "text"
    yield t(N_("Set aside")), network.set_aside, "count"
    yield t(N_("Center line of the funnel")), network.funnel_line, "share"
    yield t(N_("Dispersion of the centers (1: chance alone)")), network.dispersion, "mean"
    yield t(N_("Counted until")), network.counted_until, "date"
    yield t(N_("Revision")), network.revision, "count"
    yield t(N_("Program")), network.code_version, "text"
    yield t(N_("Fingerprint of the data (SHA-256)")), network.data_hash, "text"


def _centers(text: NetworkText) -> Table:
    return Table(
        N_("Centers"),
        (
            _CENTER,
            *SHARE,
            (N_("Mean score"), "mean"),
            *SERVED,
            (N_("Place in the funnel"), "text"),
            *_AGAINST_OTHERS,
            *CHANGE,
            (N_("Points against a year ago"), "points"),
            *POINTS,
            (N_("Set aside"), "count"),
            (N_("Share with it"), "share"),
            (N_("Warnings nobody has looked into"), "count"),
            (N_("Longest run of open days without a rating"), "count"),
        ),
        tuple(
            (
                text.center_name(c),
                *share(text, c.satisfied),
                c.mean,
                c.served,
                c.response_rate,
                text.place(c),
                *difference(text, c.against_rest),
                *change(text, c.since_previous_month),
                *change(text, c.since_year_before),
                c.set_aside,
                c.with_set_aside.value,
                c.open_alerts,
                c.silent_days,
            )
            for c in text.network.centers
        ),
    )


def _channels(text: NetworkText) -> Table:
    return Table(
        N_("Channels"),
        (
            _CENTER,
            (N_("Channel"), "text"),
            *SHARE,
            (N_("QR code less tablets, points"), "points"),
            *POINTS,
        ),
        tuple(
            (
                text.center_name(c),
                text.channel(channel),
                *share(text, estimate),
                *(difference(text, gap) if channel == "qr" else (None,) * 4),
            )
            for c, gap in zip(text.network.centers, text.channel_gaps, strict=True)
            for channel, estimate in (("tablet", c.tablet), ("qr", c.qr))
        ),
        fixed=2,
    )


def _strata(text: NetworkText) -> Table:
    return Table(
        N_("Verified ratings"),
        (_CENTER, *STRATA),
        tuple(
            row
            for center, stratum in text.center_strata
            for row in stratum_rows(text, text.center_name(center), stratum)
        ),
        fixed=2,
    )


def _complaints(text: NetworkText) -> Table:
    return Table(
        N_("Complaints handled"),
        (_CENTER, *CASES),
        tuple(
            (text.center_name(center), *case_cells(text, counts))
            for center, counts in text.complaint_rows
            if counts is not None
        ),
    )


def _months(text: NetworkText) -> Table:
    return Table(
        N_("Months"),
        ((N_("Month"), "date"), *SHARE, *SERVED),
        tuple(
            (m.month.first_day, *share(text, m.satisfied), m.served, m.response_rate)
            for m in text.network.trend
        ),
        first_width=12,
    )


def _across(text: NetworkText, name: str, what: str, rows: tuple[AcrossCenters, ...]) -> Table:
    """A row for each and every center, and one for all centers together."""
    return Table(
        name,
        ((what, "text"), (N_("Code"), "note"), _CENTER, *SHARE),
        tuple(
            (text.w.name(row.names), row.code, center, *share(text, estimate))
            for row in rows
            for center, estimate in (
                (text.w.text(N_("All centers")), row.satisfied),
                *zip(map(text.center_name, text.network.centers), row.centers, strict=True),
            )
        ),
    )


def _services(text: NetworkText) -> Table:
    """The services that no center withholds, against all others."""
    return Table(
        N_("Services"),
        ((N_("Service"), "text"), (N_("Code"), "note"), *SHARE, *_AGAINST_OTHERS),
        tuple(
            (
                text.w.name(row.service.names),
                row.service.code,
                *share(text, row.service.satisfied),
                *difference(text, row.against_rest),
            )
            for row in text.compared_services
        ),
    )


def _groups(text: NetworkText) -> Table:
    return Table(
        N_("Equality"),
        ((N_("Question"), "text"), (N_("Group"), "text"), *SHARE, *_AGAINST_OTHERS),
        tuple(
            (
                text.w.name(g.question_names),
                text.w.name(g.names),
                *share(text, g.satisfied),
                *difference(text, g.gap),
            )
            for g in text.network.groups
        ),
        fixed=2,
    )


def _made_of(text: NetworkText) -> Table:
    rows: list[Row] = [
        (text.center_name(c), c.slug, c.revision, c.data_hash) for c in text.network.centers
    ]
    return Table(
        N_("Made of"),
        (
            _CENTER,
            (N_("Short name"), "note"),
            (N_("Revision"), "count"),
            (N_("Fingerprint of the data (SHA-256)"), "text"),
        ),
        tuple(rows),
    )


# The long table ----------------------------------------------------------------------------------


def render_csv(network: NetworkReport, wording: Wording) -> bytes:
    """The long table's bytes, its columns and cells as `analysis.csv_tables` has them."""
    return csv_tables.write_table(_long_rows(NetworkText(network, wording)))


def _long_rows(text: NetworkText) -> Iterator[csv_tables.Row]:
    network = text.network
    yield from csv_tables.headline_rows(text)
    for m in network.trend:
        key, label = str(m.month), text.w.month(m.month)
        yield csv_tables.estimate_row("months", key, label, "share_satisfied", m.satisfied)
        yield csv_tables.figure_row("months", key, label, "served", m.served)
        yield csv_tables.figure_row("months", key, label, "response_rate", m.response_rate)
    yield from csv_tables.control_rows(text)
    yield from csv_tables.breaks_rows(text)
    yield from _long_centers(text)
    for table, rows in (("areas", network.areas), ("services", network.services)):
        for row in rows:
            yield from _long_across(text, table, row)
    for compared in text.compared_services:
        label = text.w.name(compared.service.names)
        key = compared.service.code
        yield from csv_tables.change_rows(
            "services", key, label, "against_rest", compared.against_rest
        )
    for group in network.groups:
        key = f"{group.question}/{group.code}"
        label = f"{text.w.name(group.question_names)} – {text.w.name(group.names)}"
        yield csv_tables.estimate_row("equality", key, label, "share_satisfied", group.satisfied)
        yield from csv_tables.change_rows("equality", key, label, "gap", group.gap)
    for center, stratum in text.center_strata:
        yield from csv_tables.stratum_rows(center.slug, text.center_name(center), stratum)
    for center, counts in text.complaint_rows:
        if counts is not None:
            yield from csv_tables.case_rows(
                "complaints", center.slug, text.center_name(center), counts
            )
    yield from _long_passport(text)


def _long_centers(text: NetworkText) -> Iterator[csv_tables.Row]:
    for center, gap in zip(text.network.centers, text.channel_gaps, strict=True):
        key, label = center.slug, text.center_name(center)
        shares: dict[str, Estimate] = {
            "share_satisfied": center.satisfied,
            "share_tablet": center.tablet,
            "share_qr": center.qr,
            "share_with_set_aside": center.with_set_aside,
        }
        for measure, estimate in shares.items():
            yield csv_tables.estimate_row("centers", key, label, measure, estimate)
        changes: dict[str, Change] = {
            "qr_less_tablet": gap,
            "against_rest": center.against_rest,
            "since_previous_month": center.since_previous_month,
            "since_year_before": center.since_year_before,
        }
        for measure, found in changes.items():
            yield from csv_tables.change_rows("centers", key, label, measure, found)
        values: dict[str, csv_tables.Value] = {
            "mean_score": center.mean,
            "served": center.served,
            "response_rate": center.response_rate,
            "set_aside": center.set_aside,
            "open_alerts": center.open_alerts,
            "silent_days": center.silent_days,
            "place_in_funnel": center.place,
            "revision": center.revision,
            "data_hash": center.data_hash,
        }
        for measure, value in values.items():
            yield csv_tables.figure_row("centers", key, label, measure, value)


def _long_across(text: NetworkText, table: str, row: AcrossCenters) -> Iterator[csv_tables.Row]:
    label = text.w.name(row.names)
    yield csv_tables.estimate_row(table, row.code, label, "share_satisfied", row.satisfied)
    for center, estimate in zip(text.network.centers, row.centers, strict=True):
        key = f"{row.code}/{center.slug}"
        name = f"{label} – {text.center_name(center)}"
        yield csv_tables.estimate_row(table, key, name, "share_satisfied", estimate)


def _long_passport(text: NetworkText) -> Iterator[csv_tables.Row]:
    network = text.network
    values: dict[str, csv_tables.Value] = {
        "verified": network.verified,
        "set_aside": network.set_aside,
        "funnel_line": network.funnel_line,
        "dispersion": network.dispersion,
        "counted_until": network.counted_until.isoformat(),
        "data_hash": network.data_hash,
        "code_version": network.code_version,
        "revision": network.revision,
    }
    for measure, value in values.items():
        label = text.w.text(N_("All centers"))
        yield csv_tables.figure_row("passport", str(network.month), label, measure, value)
