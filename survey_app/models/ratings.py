"""Citizens' judgements, what was read in their comments, and the five tallies of both."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.models.base import LANGUAGES, Base, UtcDateTime, one_of, only_where
from survey_app.models.touchpoints import CHANNELS

STATES = ("counted", "held", "void")
MODES = ("self", "assisted")
# Which clock decided the day a rating counts for: the device's own, the device's corrected
# by the skew seen when it sent, or ours because the device's time was beyond belief.
CLOCKS = ("device", "corrected", "server")
SENTIMENTS = ("negative", "neutral", "positive", "mixed", "not_assessed")
# What a person may say of a comment: whoever has read it has assessed it.
ASSESSMENTS = SENTIMENTS[:-1]
READ_LANGUAGES = ("az", "ru", "en", "mixed", "any")
SCRIPTS = ("latin", "cyrillic", "mixed", "none")
URGENCIES = ("bribery", "harassment", "threat", "medical")
# Stands in a reading's `reader` when a person has put the reading right.
CORRECTED = "corrected"


class Rating(Base):
    """One citizen's judgement of one visit. Rows are added and never rewritten or deleted; only
    `state` and `held_rule` may change, by a verb that leaves an audit event, and a comment may
    be erased. The database refuses the rest."""

    __tablename__ = "rating"
    __table_args__ = (
        UniqueConstraint("tablet_id", "sequence"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        CheckConstraint("counted_hour BETWEEN 0 AND 23", name="counted_hour"),
        one_of("language", LANGUAGES),
        one_of("channel", CHANNELS),
        one_of("mode", MODES),
        one_of("clock", CLOCKS),
        one_of("state", STATES),
        CheckConstraint("state <> 'held' OR held_rule IS NOT NULL", name="held_rule"),
        CheckConstraint("(channel = 'tablet') = (tablet_id IS NOT NULL)", name="tablet"),
        CheckConstraint("comment IS NULL OR length(comment) > 0", name="comment"),
        CheckConstraint("lead_ms >= 0", name="lead_ms"),
        CheckConstraint("visit_ms >= 0", name="visit_ms"),
        Index("ix_rating_center_day", "center_id", "counted_on", "survey_version_id"),
        # The few rows of a month that a report looks at one by one: comments, and what
        # was set aside.
        Index(
            "ix_rating_comments",
            "center_id",
            "counted_on",
            **only_where("comment IS NOT NULL"),
        ),
        Index(
            "ix_rating_set_aside",
            "center_id",
            "counted_on",
            **only_where("state <> 'counted'"),
        ),
        # The few comments that no day tally counts and that are read all the same.
        Index(
            "ix_rating_held_comments",
            "submission_id",
            **only_where("state = 'held' AND comment IS NOT NULL"),
        ),
    )

    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"))
    tablet_id: Mapped[int | None] = mapped_column(ForeignKey("tablet.id"))
    sequence: Mapped[int | None]
    survey_version_id: Mapped[int] = mapped_column(ForeignKey("survey_version.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    score: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    channel: Mapped[str] = mapped_column(String(6))
    mode: Mapped[str] = mapped_column(String(8))
    rated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    clock: Mapped[str] = mapped_column(String(9))
    # The center's own day and hour that this rating counts for.
    counted_on: Mapped[date]
    counted_hour: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(7))
    held_rule: Mapped[str | None] = mapped_column(String(40))
    # Bound to a visit by a one-time ticket; which one is not kept.
    verified: Mapped[bool] = mapped_column(server_default=false())
    # By the device's own counter, which no clock change moves: the run of the page it counts in,
    # and where in it the first tap came; how long the question had been shown by then, and how
    # long the visit went on after. `skew_ms` is our clock less the device's when it sent.
    device_run: Mapped[UUID | None]
    device_ms: Mapped[int | None] = mapped_column(BigInteger)
    lead_ms: Mapped[int | None]
    visit_ms: Mapped[int | None]
    skew_ms: Mapped[int | None] = mapped_column(BigInteger)
    # A keyed digest of what the client sent, to tell a retry from another content.
    content_digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class Receipt(Base):
    """What the citizen holds of a rating: a reference to see its state or withdraw it with.

    Only a keyed digest of the reference is kept.
    """

    __tablename__ = "receipt"

    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("rating.submission_id"), primary_key=True
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)


class Answer(Base):
    """One option chosen in a rating."""

    __tablename__ = "answer"

    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("rating.submission_id"), primary_key=True
    )
    option_id: Mapped[int] = mapped_column(ForeignKey("question_option.id"), primary_key=True)


class CommentReading(Base):
    """What a reader understood of a rating's comment.

    `sides` says for each of `topics` whether the comment is negative, neutral or positive about
    it; None in readings older than that distinction. `confidence` is the probability that the
    sentiment is right, 0 where nobody measured it. `reader` is the reader's version, or CORRECTED.
    """

    __tablename__ = "comment_reading"
    __table_args__ = (
        one_of("language", READ_LANGUAGES),
        one_of("sentiment", SENTIMENTS),
        CheckConstraint("polarity BETWEEN -1 AND 1", name="polarity"),
        CheckConstraint(
            "(sentiment = 'not_assessed') = (polarity IS NULL)", name="polarity_assessed"
        ),
        one_of("script", SCRIPTS),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        CheckConstraint(
            "sides IS NULL OR json_array_length(sides) = json_array_length(topics)", name="sides"
        ),
        one_of("urgent", URGENCIES),
    )

    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("rating.submission_id"), primary_key=True
    )
    language: Mapped[str] = mapped_column(String(5))
    sentiment: Mapped[str] = mapped_column(String(12))
    polarity: Mapped[float | None]
    topics: Mapped[list[str]] = mapped_column(JSON)
    reader: Mapped[str] = mapped_column(String(40))
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
    script: Mapped[str] = mapped_column(String(8), server_default="none")
    confidence: Mapped[float] = mapped_column(server_default=text("0"))
    sides: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    urgent: Mapped[str | None] = mapped_column(String(10))
    rating: Mapped[Rating] = relationship()


class CommentCorrection(Base):
    """What a person says a comment means, where the reader was wrong; the newest word counts.

    It is the label that the network's own reader learns from.
    """

    __tablename__ = "comment_correction"
    __table_args__ = (one_of("sentiment", ASSESSMENTS),)

    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("rating.submission_id"), primary_key=True
    )
    sentiment: Mapped[str] = mapped_column(String(8))
    topics: Mapped[list[str]] = mapped_column(JSON)
    corrected_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    corrected_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ScoreColumns:
    """`score_1` … `score_5` count ratings that count."""

    score_1: Mapped[int] = mapped_column(server_default=text("0"))
    score_2: Mapped[int] = mapped_column(server_default=text("0"))
    score_3: Mapped[int] = mapped_column(server_default=text("0"))
    score_4: Mapped[int] = mapped_column(server_default=text("0"))
    score_5: Mapped[int] = mapped_column(server_default=text("0"))

    @property
    def scores(self) -> tuple[int, int, int, int, int]:
        """Counts of the scores 1 to 5."""
        return (self.score_1, self.score_2, self.score_3, self.score_4, self.score_5)


class TallyColumns(ScoreColumns):
    """What the four tallies of ratings count besides scores.

    `held` and `void` count ratings set aside. `comments` counts comments of counted ratings, the
    sentiments those already read.
    """

    held: Mapped[int] = mapped_column(server_default=text("0"))
    void: Mapped[int] = mapped_column(server_default=text("0"))
    comments: Mapped[int] = mapped_column(server_default=text("0"))
    negative: Mapped[int] = mapped_column(server_default=text("0"))
    neutral: Mapped[int] = mapped_column(server_default=text("0"))
    positive: Mapped[int] = mapped_column(server_default=text("0"))
    mixed: Mapped[int] = mapped_column(server_default=text("0"))
    not_assessed: Mapped[int] = mapped_column(server_default=text("0"))


class ServiceTally(TallyColumns, Base):
    """center × month × service. `service_id` 0 stands for ratings that name no service."""

    __tablename__ = "service_tally"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class HourTally(TallyColumns, Base):
    """center × month × weekday (ISO) × hour, by the center's clock."""

    __tablename__ = "hour_tally"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    hour: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)


class DayTally(TallyColumns, Base):
    """center × day."""

    __tablename__ = "day_tally"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class ChannelTally(TallyColumns, Base):
    """center × month × channel × language × bound to a visit by a ticket or not."""

    __tablename__ = "channel_tally"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(6), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    verified: Mapped[bool] = mapped_column(primary_key=True)


class AnswerTally(ScoreColumns, Base):
    """center × month × question × option × another option: counted ratings by what was answered.

    With `option_id` and `other_id` 0 the row counts who answered the question at all (for the
    satisfaction question: every rating of that survey version). With `other_id` 0 it counts who
    chose the option; else who chose both, `option_id` being the smaller id. Pairs are kept for
    driver questions only: with them the joint weights of drivers follow from tallies alone.
    """

    __tablename__ = "answer_tally"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
    option_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    other_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


TALLIES: tuple[
    type[AnswerTally] | type[ChannelTally] | type[DayTally] | type[HourTally] | type[ServiceTally],
    ...,
] = (
    AnswerTally,
    ChannelTally,
    DayTally,
    HourTally,
    ServiceTally,
)
