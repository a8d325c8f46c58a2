"""Values as plain JSON and back, exactly; and the one way such JSON is written for fingerprints."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from analysis.months import Month
from analysis.tally import ScoreTally

Value = TypeVar("Value")


def canonical_json(value: object) -> str:
    """A value as JSON with sorted keys and no spaces: equal values, equal text."""
    return _write(value)


def from_plain(cls: type[Value], plain: object) -> Value:
    """The value of dataclass `cls` that `to_plain` made this of.

    Raises ValueError when a member is missing or unknown.
    """
    return cast(Value, _from_plain(cls, plain))


def to_plain(value: Any) -> Any:
    """A value as JSON values: dataclasses and mappings as objects, tuples and tallies as lists,
    months as "2026-10", days in ISO 8601. Raises TypeError for what has no such form."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (tuple, list)):
        return [to_plain(member) for member in value]
    if isinstance(value, Mapping):
        return {key: to_plain(member) for key, member in value.items()}
    return to_plain(_opened(value))


def _opened(value: Any) -> Any:
    """One of our values as what JSON knows, its members not yet opened."""
    if isinstance(value, ScoreTally):
        return value.counts
    if isinstance(value, Month):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in field_names(type(value))}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no plain form for {type(value).__name__}")


# The encoder walks our values by itself and asks only for what it does not know. They are trees:
# to look for circles in them would cost a tenth of the whole.
_write = json.JSONEncoder(
    ensure_ascii=False,
    sort_keys=True,
    separators=(",", ":"),
    default=_opened,
    check_circular=False,
).encode


@cache
def field_names(cls: type[Any]) -> tuple[str, ...]:
    """The members of a dataclass in order (asked once: fields() is slow in a loop)."""
    return tuple(field.name for field in fields(cls))


@cache
def _members(cls: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    return {f.name: hints[f.name] for f in fields(cls)}


@cache
def _required(cls: type[Any]) -> frozenset[str]:
    """The members without a default. One added later gets a default, so that a report frozen
    before can still be read."""
    return frozenset(
        f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING
    )


def _from_plain(kind: Any, plain: Any) -> Any:
    """The inverse of to_plain for a value of type `kind`."""
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        if plain is None:
            return None
        (kind,) = (member for member in get_args(kind) if member is not type(None))
        return _from_plain(kind, plain)
    if kind is Month:
        return Month.parse(plain)
    if kind is date:
        return date.fromisoformat(plain)
    if kind is ScoreTally:
        return ScoreTally(tuple(plain))
    if origin is tuple:
        member, *_ = get_args(kind)
        return tuple(_from_plain(member, p) for p in plain)
    if isinstance(kind, type) and is_dataclass(kind):
        members = _members(kind)
        if not isinstance(plain, Mapping) or not _required(kind) <= set(plain) <= set(members):
            raise ValueError(f"not a {kind.__name__}: {plain!r:.200}")
        return kind(**{name: _from_plain(members[name], plain[name]) for name in plain})
    return plain
