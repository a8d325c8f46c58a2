"""Learning from the network: kept when better, judged on what was never seen, never guessed."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as law
from hypothesis import strategies as some
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.corpus import Comment
from analysis.reading import Reader, shipped_reader
from analysis.training import Example
from analysis.words import fold
from survey_app.commands import commands
from survey_app.comments import learning
from survey_app.comments.learning import (
    Comparison,
    Corpus,
    Discordant,
    Recall,
    chance_of,
    learn,
    macro_f1,
)
from survey_app.comments.readers import (
    BrokenReader,
    NoSuchReader,
    choose,
    current_choice,
    current_reader,
    find_readers,
)
from survey_app.models import AuditEvent, Rating
from tests.comments.conftest import NOVEMBER, Said
from tests.factories import Make

Rey = Callable[..., subprocess.CompletedProcess[str]]
LATER = NOVEMBER + timedelta(days=1)

# Words that no corpus knows: what they mean can only be learned from the scores beside them.
PRAISE, REPROACH = ("zurkanlı", "qombarlı"), ("vıjdırıq", "kelpezli")
SUBJECTS = (
    "xidmət", "növbə", "zal", "pəncərə", "sənəd işi", "qəbul", "işçi", "kassa",
    "məlumat masası", "terminal", "qeydiyyat", "arxiv",
)  # fmt: skip
MOMENTS = (
    "bu gün", "dünən", "səhər", "axşam", "bu dəfə", "yenə də", "bizim üçün", "mənim üçün",
    "keçən ay", "nahardan sonra",
)  # fmt: skip


def sentences(words: tuple[str, ...]) -> Iterator[str]:
    """Comments that differ in everything but the word that says how it was."""
    for number, (subject, moment) in enumerate(product(SUBJECTS, MOMENTS)):
        yield f"{moment} {subject} {words[number % 2]} idi"


def story(praised: int = 120, reproached: int = 110, *, misled: bool = False) -> list[Said]:
    """So many comments of either side, spread over the workdays of five months up to October.

    `misled`: the scores say the opposite of what they said in the months before, from September.
    """
    days = [date(2026, month, day) for month in range(6, 11) for day in (1, 6, 15, 22)]
    days = [day + timedelta(days=(7 - day.weekday()) * (day.weekday() > 4)) for day in days]
    said = []
    for count, words, scores in ((praised, PRAISE, (5, 4)), (reproached, REPROACH, (1, 2))):
        for number, sentence in zip(range(count), sentences(words), strict=False):
            # Neighbours in the list differ in their day, so that each month has every subject.
            day = days[(number * 7) % len(days)]
            score = scores[number % 2]
            said.append((day, 6 - score if misled and day.month > 8 else score, sentence))
    return said


# --- kept or not ---------------------------------------------------------------------------------


@pytest.fixture
def weak_in_use(folder: Path, kept: str) -> str:
    """A weak reader is in use; its version."""
    choose(folder, kept, NOVEMBER)
    return kept


def test_what_reads_this_network_better_is_kept_and_used(
    session: Session,
    worker: Session,
    folder: Path,
    weak_in_use: str,
    corpus: Corpus,
    say: Callable[..., None],
) -> None:
    say([*story(), (date(2026, 7, 1), 3, "Ortabab")])
    steps: list[str] = []
    # People of the network speak in the test corpus, too, so that the gain is seen there as well
    # and does not hang on how two weak readers happen to read the rest.
    spoken = [
        Comment(f"{word} {subject}", "az", "full", sentiment, {}, "plain", None)
        for words, sentiment in ((PRAISE, "positive"), (REPROACH, "negative"))
        for word in words
        for subject in SUBJECTS
    ]
    corpus = Corpus(corpus.train, [*corpus.test, *spoken])
    lesson = learn(worker, folder, LATER, corpus=corpus, progress=steps.append)
    assert lesson.outcome == "learned", lesson
    assert lesson.before == weak_in_use
    assert current_reader(folder).version == lesson.candidate
    assert current_choice(folder).before == weak_in_use
    whole = lesson.comparisons[0]
    assert (whole.language, whole.after.balanced) == ("all", pytest.approx(1.0, abs=0.1))
    assert whole.before.balanced < 0.7
    assert (lesson.held_from, lesson.held_until) == (date(2026, 9, 1), date(2026, 10, 31))
    assert whole.base == sum(1 for day, _, _ in story() if day.month > 8)
    assert lesson.scored == len(story())
    assert lesson.own == lesson.scored - whole.base + 1
    assert len(steps) == 3

    newest = find_readers(folder)[0]
    assert newest.version == lesson.candidate
    assert newest.figures["balanced_accuracy"]["all"]["comments"] == whole.base
    assert newest.figures["held_out"] == ["2026-09-01", "2026-10-31"]
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.happened_at) == ("reader_learned", LATER)
    assert event.detail == newest.figures


@pytest.mark.any_database
def test_the_lesson_is_a_table(
    worker: Session, folder: Path, weak_in_use: str, corpus: Corpus, say: Callable[..., None]
) -> None:
    say(story())
    lesson = learn(worker, folder, NOVEMBER, corpus=corpus)
    lines = str(lesson).splitlines()
    heading = next(line for line in lines if "negative" in line)
    assert heading.split() == ["negative", "positive", weak_in_use, lesson.candidate]
    (whole,) = [line for line in lines if line.startswith("all languages")]
    assert whole.split()[-1].startswith("+")
    assert len(whole) == len(next(line for line in lines if line.startswith("test corpus")))
    assert lines[-1].startswith(str(lesson.candidate))


@pytest.mark.any_database
def test_the_same_rows_give_the_same_reader_which_is_then_no_better(
    session: Session,
    worker: Session,
    folder: Path,
    weak_in_use: str,
    corpus: Corpus,
    say: Callable[..., None],
) -> None:
    say(story())
    first = learn(worker, folder, NOVEMBER, corpus=corpus)
    again = learn(worker, folder, NOVEMBER, corpus=corpus)
    assert (again.candidate, again.before) == (first.candidate, first.candidate)
    assert again.outcome == "not_better"
    assert current_choice(folder).version == first.candidate
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["reader_learned", "reader_rejected"]


@pytest.mark.any_database
def test_a_candidate_that_misreads_what_it_has_not_seen_is_not_kept(
    worker: Session, folder: Path, weak_in_use: str, corpus: Corpus, say: Callable[..., None]
) -> None:
    say(story(misled=True))
    lesson = learn(worker, folder, NOVEMBER, corpus=corpus)
    assert lesson.outcome == "not_better"
    assert lesson.comparisons[0].gain < 0
    assert "not clearly better" in str(lesson)
    assert current_choice(folder).version == weak_in_use
    assert [card.version for card in find_readers(folder)] == [weak_in_use]


def test_a_reader_chosen_meanwhile_stays_and_the_better_one_is_kept(
    session: Session,
    worker: Session,
    folder: Path,
    weak_in_use: str,
    corpus: Corpus,
    say: Callable[..., None],
) -> None:
    say(story())

    def meanwhile(step: str) -> None:
        if step.startswith("Comparing"):
            choose(folder, "shipped", NOVEMBER)

    lesson = learn(worker, folder, LATER, corpus=corpus, progress=meanwhile)
    assert (lesson.outcome, lesson.before) == ("overtaken", weak_in_use)
    assert "shipped was chosen meanwhile and stays" in str(lesson)
    assert current_choice(folder).version == "shipped"
    assert find_readers(folder)[0].version == lesson.candidate
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.detail) == ("reader_kept", lesson.figures())
    # What the lesson says to do can be done.
    assert choose(folder, str(lesson.candidate), LATER).version == lesson.candidate


@pytest.mark.any_database
def test_comments_leave_no_trace(
    session: Session,
    worker: Session,
    folder: Path,
    weak_in_use: str,
    corpus: Corpus,
    say: Callable[..., None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    say(story())
    lesson = learn(worker, folder, NOVEMBER, corpus=corpus, progress=print)
    event = session.scalars(select(AuditEvent)).one()
    said = "".join([*capfd.readouterr(), str(lesson), str(event.detail)])
    said += "".join(path.read_text() for path in folder.glob("*.json"))
    assert not [word for word in (*PRAISE, *REPROACH, "pəncərə") if word in said]


# --- too little ----------------------------------------------------------------------------------


def test_few_comments_are_too_little(
    session: Session, worker: Session, folder: Path, say: Callable[..., None]
) -> None:
    say([*story(80, 80), *((date(2026, 10, 6), 3, f"Ortabab {n}") for n in range(100))])
    lesson = learn(worker, folder, NOVEMBER)
    assert (lesson.outcome, lesson.scored, lesson.candidate) == ("too_little", 160, None)
    assert "160 scored comments, 200 are needed" in str(lesson)
    assert not folder.exists()
    assert session.scalars(select(AuditEvent)).all() == []


def test_few_held_out_complaints_are_too_little(
    session: Session, worker: Session, folder: Path, say: Callable[..., None]
) -> None:
    say(story(96, 40) + [(day, score, f"{text} deyə") for day, score, text in story(96, 0)])
    lesson = learn(worker, folder, NOVEMBER)
    assert lesson.outcome == "too_little"
    assert "16 negative" in lesson.because
    assert "30 of each are needed" in str(lesson)
    assert session.scalars(select(AuditEvent)).all() == []


# --- what is learned from ------------------------------------------------------------------------


def test_only_what_counts_is_seen(
    worker: Session, session: Session, make: Make, say: Callable[..., None]
) -> None:
    say([(date(2026, 6, 2), 5, "Zalda işıq var"), (date(2026, 6, 2), 1, "Zalda hava yoxdur")])
    place = make.touchpoint()
    make.rating(
        place,
        comment="Sayılmır",
        state="held",
        rated_at=datetime(2026, 6, 2, 8, tzinfo=NOVEMBER.tzinfo),
    )
    make.rating(place, score=1)
    rows = learning._older(worker, date(2026, 7, 1))
    assert {row.comment for row in rows} == {"Zalda işıq var", "Zalda hava yoxdur"}
    assert learning._older(worker, date(2026, 6, 2)) == []
    assert learning._count_scored(worker) == 2


def test_the_newest_two_whole_months_are_held_out(
    worker: Session, say: Callable[..., None]
) -> None:
    for month in (3, 5, 8, 11):
        say([(date(2026, month, 2), 5, "Hər şey yaxşı idi")])
    held = learning._held_out_days(worker, NOVEMBER.date())
    assert held == (date(2026, 5, 1), date(2026, 8, 31))


def test_of_less_the_newest_fifth_is_held_out(worker: Session, say: Callable[..., None]) -> None:
    days = [
        date(2026, 10, 5) + timedelta(days=7 * week + day) for week in (0, 1) for day in range(5)
    ]
    say((day, 5, "Hər şey yaxşı idi") for day in days)
    assert learning._held_out_days(worker, NOVEMBER.date()) == (days[8], days[9])


def test_each_language_is_balanced_and_repeats_count_once(
    worker: Session, say: Callable[..., None]
) -> None:
    day = date(2026, 6, 2)
    praise = [f"{moment} {subject} çox yaxşı idi" for subject in SUBJECTS for moment in MOMENTS]
    say((day, 5, text) for text in [*praise[:40], *praise[:20]])
    say((day, 2, text) for text in praise[40:50])
    say((day, 3, text) for text in praise[50:70])
    say([(day, 5, f"Спасибо, всё было хорошо в окне {n}") for n in "абвг"], language="ru")
    examples = learning._own_examples(learning._older(worker, NOVEMBER.date()), {fold(praise[0])})
    found: dict[tuple[str, str], list[Example]] = {}
    for example in examples:
        found.setdefault((example.language, example.sentiment), []).append(example)
        assert example.topics is None
    # In Russian nobody complained: praise alone would make an opinion of the language.
    assert {key: len(each) for key, each in found.items()} == {
        ("az", "negative"): 10,
        ("az", "neutral"): 20,
        ("az", "positive"): 39,
    }
    weights = {key[1]: sum(each.weight for each in group) for key, group in found.items()}
    assert weights["negative"] == pytest.approx(weights["positive"])
    assert weights["neutral"] == pytest.approx(weights["negative"] / 3)
    assert max(example.weight for example in examples) == pytest.approx(0.3)


def test_a_correction_is_a_label_of_full_weight(
    worker: Session, session: Session, make: Make, say: Callable[..., None]
) -> None:
    say([(date(2026, 6, 2), 5, "Növbədə iki saat gözlədim"), (date(2026, 6, 2), 1, "👍")])
    by_text = {rating.comment: rating for rating in session.scalars(select(Rating))}
    make.correction(by_text["Növbədə iki saat gözlədim"], "mixed", topics=["waiting", "outcome"])
    make.correction(by_text["👍"], "positive", topics=[])
    rows = learning._older(worker, date(2026, 7, 1))
    assert learning._own_examples(rows, set()) == []
    examples = {each.text: each for each in learning._corrected_examples(rows, set())}
    first = examples["Növbədə iki saat gözlədim"]
    assert (first.sentiment, first.topics, first.weight) == (
        "mixed",
        frozenset({"waiting", "outcome"}),
        1.0,
    )
    # No word tells its language, so the form's does.
    assert (examples["👍"].language, examples["👍"].sentiment) == ("az", "positive")
    assert learning._corrected_examples(rows, {"👍"}) == [first]


def test_held_out_comments_are_judged_by_what_a_person_said_of_them(
    worker: Session, session: Session, make: Make, say: Callable[..., None], weak: Reader
) -> None:
    day = date(2026, 6, 2)
    scores = {"Əla": 5, "Pis": 1, "Zarafat": 5, "Belə": 3, "Nə bilim": 5, "Hər cür": 1}
    say((day, score, text) for text, score in scores.items())
    said = {"Zarafat": "negative", "Belə": "positive", "Nə bilim": "neutral", "Hər cür": "mixed"}
    for rating in session.scalars(select(Rating).where(Rating.comment.in_(said))).all():
        make.correction(rating, said[str(rating.comment)])
    rows = learning._held_out(worker, day, day)
    assert {row.comment: learning._is_positive(row) for row in rows} == {
        "Əla": True,
        "Pis": False,
        "Zarafat": False,
        "Belə": True,
    }
    comparisons, _ = learning._compare(weak, weak, rows)
    assert (comparisons[0].before.negative, comparisons[0].before.positive) == (2, 2)


# --- which is better -----------------------------------------------------------------------------


def test_calling_everything_positive_is_worth_half() -> None:
    everything_positive = Recall(negative=50, positive=950, positive_right=950)
    assert everything_positive.balanced == 0.5
    assert Recall(positive=4, positive_right=3).balanced == 0.75
    assert Recall().balanced == 0.0


def test_chance_is_mcnemars_exact_test_where_one_side_alone_speaks() -> None:
    nobody = Discordant(0, 0, 0)
    assert chance_of(Discordant(6, 0, 60), nobody) == pytest.approx(1 / 64)
    assert chance_of(Discordant(10, 2, 60), nobody) == pytest.approx((1 + 12 + 66) / 4096)
    assert chance_of(nobody, Discordant(10, 2, 60)) == pytest.approx((1 + 12 + 66) / 4096)
    assert chance_of(nobody, nobody) == 1.0


SIDES = some.tuples(some.integers(0, 5), some.integers(0, 5), some.integers(10, 40)).map(
    lambda drawn: Discordant(*drawn)
)


@given(negative=SIDES, positive=SIDES)
@law(derandomize=True, max_examples=60, deadline=None, database=None)
def test_chance_is_the_share_of_all_signs_that_gain_as_much(
    negative: Discordant, positive: Discordant
) -> None:
    n, p = negative.better + negative.worse, positive.better + positive.worse
    gain = (2 * negative.better - n) * positive.base + (2 * positive.better - p) * negative.base
    signs = list(product((-1, 1), repeat=n))
    others = [sum(each) for each in product((-1, 1), repeat=p)]
    as_much = sum(
        sum(sign) * positive.base + other * negative.base >= gain
        for sign in signs
        for other in others
    )
    assert chance_of(negative, positive) == pytest.approx(as_much / 2 ** (n + p))


def test_chance_is_quick_and_sane_for_many() -> None:
    assert chance_of(Discordant(900, 700, 9000), Discordant(300, 300, 9000)) < 1e-4
    assert chance_of(Discordant(500, 500, 9000), Discordant(300, 300, 9000)) == pytest.approx(
        0.5, abs=0.02
    )


def comparison(language: str, before: int, after: int, base: int = 100) -> Comparison:
    return Comparison(
        language,
        Recall(base, base, before, before),
        Recall(base, base, after, after),
    )


BETTER = comparison("all", 80, 90)


@pytest.mark.parametrize(
    ("comparisons", "chance", "f1", "because"),
    [
        ([BETTER, comparison("az", 80, 90)], 0.01, (0.8, 0.8), None),
        ([BETTER], 0.03, (0.8, 0.8), "not clearly better"),
        ([comparison("all", 80, 80)], 0.01, (0.8, 0.8), "not clearly better"),
        ([BETTER, comparison("ru", 80, 79)], 0.01, (0.8, 0.8), None),
        ([BETTER, comparison("ru", 80, 78)], 0.01, (0.8, 0.8), "reads ru worse"),
        # Of so few comments nothing can be said.
        ([BETTER, comparison("en", 14, 4, base=14)], 0.01, (0.8, 0.8), None),
        ([BETTER], 0.01, (0.8, 0.791), None),
        ([BETTER], 0.01, (0.8, 0.78), "test corpus worse"),
    ],
)
def test_a_candidate_must_be_better_here_and_no_worse_elsewhere(
    comparisons: list[Comparison], chance: float, f1: tuple[float, float], because: str | None
) -> None:
    objection = learning._objection(comparisons, chance, f1)
    assert objection is None if because is None else because in str(objection)


def test_macro_f1_is_the_mean_over_the_labels_that_occur() -> None:
    def labelled(text: str, sentiment: str) -> Comment:
        return Comment(text, "az", "full", sentiment, {}, "said", None)

    comments = [
        labelled("Çox sağ olun, əla xidmət", "positive"),
        labelled("Kobud münasibət, iki saat gözlədim", "negative"),
    ]
    assert macro_f1(shipped_reader(), comments) == 1.0
    comments.append(labelled("Kobud idilər", "positive"))
    assert macro_f1(shipped_reader(), comments) == pytest.approx(2 / 3)
    comments.append(labelled("qwrtp zxcvb", "mixed"))
    assert macro_f1(shipped_reader(), comments) == pytest.approx(4 / 9)
    assert macro_f1(shipped_reader(), []) == 0.0


# --- the commands --------------------------------------------------------------------------------


@pytest.mark.any_database
def test_the_command_says_that_there_is_too_little(rey: Rey, folder: Path) -> None:
    done = rey("language", "learn")
    assert done.returncode == 0, done.stderr
    assert "0 scored comments, 200 are needed" in done.stdout
    assert not folder.exists()


@pytest.mark.any_database
def test_readers_are_listed_chosen_and_taken_back(
    rey: Rey, session: Session, folder: Path, kept: str, weak: Reader
) -> None:
    listed = rey("language", "readers").stdout
    assert f"  {kept}  fitted 2026-11-02 06:00\n    measured on nothing" in listed
    assert f"* shipped  {shipped_reader().version}" in listed
    used = rey("language", "use", kept)
    assert f"{kept} reads comments from now on, instead of shipped." in used.stdout
    assert f"* {kept}" in rey("language", "readers").stdout
    assert "in use already" in rey("language", "use", kept).stdout
    assert rey("language", "rollback").returncode == 0
    assert current_choice(folder).version == "shipped"
    again = rey("language", "rollback")
    assert (again.returncode, "No reader was in use before" in again.stderr) == (1, True)
    unknown = rey("language", "use", "additive-0")
    assert (unknown.returncode, unknown.stderr) == (1, "Error: There is no reader additive-0.\n")
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [(each.action, each.detail) for each in events] == [
        ("reader_chosen", {"reader": kept, "before": "shipped"}),
        ("reader_rolled_back", {"reader": "shipped", "before": kept}),
    ]


@pytest.mark.any_database
def test_quality_is_that_of_the_reader_in_use(
    rey: Rey, folder: Path, kept: str, tmp_path: Path
) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_text("text\tsentiment\nÇox sağ olun\tpositive\nKobud idilər\tnegative\n")
    measured = ("language", "quality", "--in", str(file))
    assert rey(*measured).stdout.startswith(f"Reader {shipped_reader().version}\n")
    choose(folder, kept, LATER)
    assert rey(*measured).stdout.startswith(f"Reader {kept}\n")
    (folder / f"{kept}.npz").write_bytes(b"damaged")
    done = rey(*measured)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Error: {kept}: the file is not the one that was written. Choose" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.any_database
@pytest.mark.parametrize("problem", [BrokenReader("additive-0: damaged"), NoSuchReader("no such")])
def test_what_goes_wrong_while_learning_is_said_in_words(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise problem

    monkeypatch.setattr(learning, "learn", fail)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(commands, ["language", "learn"])
    assert (done.exit_code, done.output) == (1, f"Error: {problem}\n")
