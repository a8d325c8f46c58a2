"""Topics named by their cues, several at once, in every language and spelling."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.lexicons import read_rows
from analysis.topics import TOPICS, find_topics


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
    assert topic in find_topics(text, language)


def test_finds_several_in_the_order_of_the_list() -> None:
    found = find_topics("Operator kobud idi, iki saat gözlədim, sayt da açılmır", "az")

    assert found == ("waiting", "staff_courtesy", "digital")


def test_finds_nothing_where_nothing_is_named() -> None:
    assert find_topics("Çox sağ olun", "az") == ()
    assert find_topics("", "any") == ()


def test_every_cue_has_a_topic_of_the_list() -> None:
    rows = list(read_rows("topics"))

    assert {row[1] for row in rows} == set(TOPICS)
    assert {row[0] for row in rows} == {"az", "ru", "en"}
    assert all(len(row) == 3 and row[2] == row[2].strip() for row in rows)


@given(st.text(max_size=200), st.sampled_from(("az", "ru", "en", "mixed", "any", "zz")))
@settings(max_examples=100, deadline=None)
def test_never_raises(text: str, language: str) -> None:
    assert set(find_topics(text, language)) <= set(TOPICS)
