"""Topics named in every language and spelling, several at once, each with its side and place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.reading import read_comment
from analysis.topics import TOPICS, Mention, find_topics

#: Words of several topics, contrasts, faces and ends of clauses, to make comments of.
PIECES = [
    "növbə", "uzun", "idi", ",", ".", "!", "?", "...", "işçi", "kobud", "amma", "sayt", "açılmır",
    "sənəd", "5", "saat", "👍", "очередь", "справка", "но", "хамят", "\n", "queue", "rude", "but",
    "website", "((", ")", "yaxşı",
]  # fmt: skip


def topics(text: str, hint: str | None = None) -> tuple[str, ...]:
    return tuple(mention.topic for mention in find_topics(text, hint))


@pytest.mark.parametrize(
    ("language", "text", "topic"),
    [
        ("az", "İki saat gözlədim", "waiting"),
        ("az", "iki saat gozledim", "waiting"),
        ("az", "Operator kobud danışdı", "staff_courtesy"),
        ("az", "Peşəkar əməkdaşlar", "staff_competence"),
        ("az", "Heç kim məlumat vermir", "information"),
        ("az", "Arayış üçün on sənəd istədilər", "documents_process"),
        ("az", "Zalda kondisioner yoxdur", "facilities"),
        ("az", "Pandus yoxdur, əlil arabası keçmir", "accessibility"),
        ("az", "talon aparati islemir", "queue_system"),
        ("az", "Sayt açılmır", "digital"),
        ("az", "Müavinətim kəsildi", "outcome"),
        ("az", "Rüşvət istədilər", "fairness"),
        ("ru", "Ждал два часа", "waiting"),
        ("ru", "Хамят людям", "staff_courtesy"),
        ("ru", "Некомпетентные сотрудники", "staff_competence"),
        ("ru", "Никто ничего не объяснил", "information"),
        ("ru", "Требуют лишние справки", "documents_process"),
        ("ru", "В зале душно", "facilities"),
        ("ru", "Нет пандуса", "accessibility"),
        ("ru", "Талон не выдали", "queue_system"),
        ("ru", "Сайт завис", "digital"),
        ("ru", "Вопрос решили", "outcome"),
        ("ru", "Берут взятки", "fairness"),
        ("en", "I waited for hours", "waiting"),
        ("en", "The lady was rude", "staff_courtesy"),
        ("en", "Very professional", "staff_competence"),
        ("en", "Nobody explained anything", "information"),
        ("en", "Too much paperwork", "documents_process"),
        ("en", "The hall is stuffy", "facilities"),
        ("en", "No ramp for a wheelchair", "accessibility"),
        ("en", "The ticket machine is broken", "queue_system"),
        ("en", "The website crashed", "digital"),
        ("en", "My problem was solved", "outcome"),
        ("en", "They took bribes", "fairness"),
        ("mixed", "Сайт açılmır", "digital"),
        ("ru", "ochered bolshaya", "waiting"),
    ],
)
def test_finds(language: str, text: str, topic: str) -> None:
    assert topic in topics(text, language)


def test_finds_several_in_the_order_of_the_list() -> None:
    found = topics("Operator kobud idi, iki saat gözlədim, sayt da açılmır", "az")

    assert {"waiting", "staff_courtesy", "digital"} <= set(found)
    assert list(found) == sorted(found, key=TOPICS.index)


def test_finds_nothing_where_nothing_is_named() -> None:
    assert find_topics("Çox sağ olun", "az") == ()
    assert find_topics("") == ()
    assert find_topics("zvbnm qwrt") == ()


def test_a_topic_has_its_own_clause_and_side() -> None:
    text = "İşçilər çox mehribandır, amma növbə çox uzundur"
    mentions = {mention.topic: mention for mention in find_topics(text, "az")}
    courtesy, waiting = mentions["staff_courtesy"], mentions["waiting"]

    assert "mehriban" in text[courtesy.start : courtesy.end]
    assert "növbə" in text[waiting.start : waiting.end]
    assert "növbə" not in text[courtesy.start : courtesy.end]
    assert (courtesy.side, waiting.side) == ("positive", "negative")


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Növbə çox uzun idi, bezdik", "negative"),
        ("Növbə yox idi, tez keçdim", "positive"),
        ("Очередь огромная, ужас", "negative"),
        ("There was no queue, excellent", "positive"),
    ],
)
def test_a_comment_that_takes_one_side_takes_it_on_its_topics(text: str, side: str) -> None:
    mentions = find_topics(text)
    assert mentions
    assert {mention.side for mention in mentions} == {side}


def test_mentions_and_readings_agree() -> None:
    for text in ("Xidmət yaxşıdır, amma növbə uzundur", "Сайт завис", "Great", ""):
        reading = read_comment(text)
        mentions = find_topics(text)
        assert tuple(mention.topic for mention in mentions) == reading.topics
        assert tuple(mention.side for mention in mentions) == reading.sides


@given(st.text(st.characters(), max_size=200), st.sampled_from((None, "az", "ru", "en", "zz")))
@settings(max_examples=150, deadline=None)
def test_never_raises(text: str, hint: str | None) -> None:
    assert_fits(text, find_topics(text, hint))


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_places_are_inside_the_text(text: str) -> None:
    assert_fits(text, find_topics(text))


def assert_fits(text: str, mentions: tuple[Mention, ...]) -> None:
    for mention in mentions:
        assert mention.topic in TOPICS
        assert mention.side in {"negative", "neutral", "positive"}
        assert 0 <= mention.start < mention.end <= len(text)
