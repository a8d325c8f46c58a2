"""What all tables share: names of constraints, instants in UTC, texts in three languages."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Dialect,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

LANGUAGES = ("az", "ru", "en")


class Base(DeclarativeBase):
    """The one declarative base; constraint names follow PostgreSQL's habit."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements that go past the ORM."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - no model of ours maps anything else
    return table


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in storage; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Named:
    """A thing whose name is known in every language of the network."""

    name_az: Mapped[str] = mapped_column(Text)
    name_ru: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)

    @property
    def name(self) -> Mapping[str, str]:
        """The name by language."""
        return {"az": self.name_az, "ru": self.name_ru, "en": self.name_en}


def one_of(column: str, values: tuple[Any, ...], name: str | None = None) -> CheckConstraint:
    """A CHECK that the column holds one of these values."""
    listed = ", ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name or column)


def only_where(condition: str) -> dict[str, Any]:
    """Keywords for an Index of only those rows of which this holds, on either database."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
