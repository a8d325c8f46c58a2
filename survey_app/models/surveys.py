"""What is asked: surveys, their numbered versions, questions and options.

A published version never changes; the database refuses it (see migrations).
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import Base, Named, UtcDateTime, one_of

QUESTION_ROLES = ("satisfaction", "outcome", "driver", "equality", "free")
QUESTION_KINDS = ("score", "single", "multiple", "text")


class Wording:
    """A text shown to citizens, in every language."""

    text_az: Mapped[str] = mapped_column(Text)
    text_ru: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)

    @property
    def text(self) -> Mapping[str, str]:
        """The text by language."""
        return {"az": self.text_az, "ru": self.text_ru, "en": self.text_en}


class Survey(Named, Base):
    """A questionnaire through all its versions."""

    __tablename__ = "survey"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    # Asked where there is grief: words instead of faces, no movement, easy to decline.
    dignity: Mapped[bool] = mapped_column(server_default=false())
    versions: Mapped[list["SurveyVersion"]] = relationship(
        back_populates="survey", order_by="SurveyVersion.number"
    )


class SurveyVersion(Base):
    """One wording of a survey; a draft until published, then immutable."""

    __tablename__ = "survey_version"
    __table_args__ = (
        UniqueConstraint("survey_id", "number"),
        CheckConstraint("number > 0", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    number: Mapped[int]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    survey: Mapped[Survey] = relationship(back_populates="versions")
    questions: Mapped[list["Question"]] = relationship(
        order_by="Question.position", back_populates="version"
    )


class Question(Wording, Base):
    """One question of a version; its role tells the analysis what the answer means."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("version_id", "code"),
        UniqueConstraint("version_id", "position"),
        one_of("role", QUESTION_ROLES),
        one_of("kind", QUESTION_KINDS),
        CheckConstraint("1 <= min_score AND min_score <= max_score AND max_score <= 5", name="for"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("survey_version.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(8))
    # Asked only of those whose score lies in this range.
    min_score: Mapped[int] = mapped_column(default=1)
    max_score: Mapped[int] = mapped_column(default=5)
    version: Mapped[SurveyVersion] = relationship(back_populates="questions")
    options: Mapped[list["Option"]] = relationship(order_by="Option.position")


class Option(Wording, Base):
    """One answer that can be chosen; its code is the same in every version and language."""

    __tablename__ = "question_option"
    __table_args__ = (
        UniqueConstraint("question_id", "code"),
        UniqueConstraint("question_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
