"""How many people were served: the denominator of every response rate."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class VisitCount(Base):
    """People served in one center on one day for one service."""

    __tablename__ = "visit_count"
    __table_args__ = (CheckConstraint("served >= 0", name="served"),)

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    served: Mapped[int]
