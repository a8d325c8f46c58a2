"""Which comments somebody should see today, and which only sound so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import urgency, urgency_quality
from analysis.lexicons import read_rows
from analysis.reading import read_comment
from analysis.urgency import URGENCIES, urgency_of
from analysis.urgency_quality import load_urgency_test
from analysis.words import Token, split

URGENT = [
    ("Məndən 300 manat istədilər", "bribery"),
    ("Rüşvət verməyənin sənədini qəbul etmirlər", "bribery"),
    ("menden rusvet teleb etdiler", "bribery"),
    ("rwvet isteyirler", "bribery"),
    ("ишчи мәндән рүшвәт истәди", "bribery"),
    ("«Şirinliyini gətir, arayışı apar» dedilər", "bribery"),
    ("С меня потребовали деньги за справку", "bribery"),
    ("Без взятки группу не дают", "bribery"),
    ("vzyatku trebuyut v okne 5", "bribery"),
    ("They asked me for money", "bribery"),
    ("məndən взятка istədilər", "bribery"),
    ("Mühafizəçi qolumdan tutub itələdi", "harassment"),
    ("isci mene el qaldirdi", "harassment"),
    ("он меня лапал у терминала", "harassment"),
    ("menya udaril ohrannik", "harassment"),
    ("The guard pushed me and twisted my arm", "harassment"),
    ("Yaşamaq istəmirəm", "threat"),
    ("yawamaq istemrem daha", "threat"),
    ("pulumu vermeseniz ozumu oldurecem", "threat"),
    ("Bıçaq götürüb gələcəm", "threat"),
    ("не хочу жить", "threat"),
    ("ne hochu zhit", "threat"),
    ("я себя подожгу у вашего входа", "threat"),
    ("I don't want to live any more", "threat"),
    ("I will kill myself", "threat"),
    ("Növbədə bir xanım huşunu itirdi", "medical"),
    ("anam novbede urekgetme etdi, skorunu biz cagirdiq", "medical"),
    ("Женщине стало плохо, вызвали скорую", "medical"),
    ("никто не вызвал скорую", "medical"),
    ("An old man fainted in the line", "medical"),
    ("Növbədə huşunu itirdi, tez kömək etdilər, sağ olsunlar", "medical"),
]

QUIET = [
    "",
    "Çox sağ olun!",
    "Heç kim rüşvət istəmədi",
    "rüşvətsiz, hörmətlə",
    "Rüşvət yoxdur",
    "rushvet yoxdu",
    "рүшвәт јохдур",
    "nə rüşvət, nə tanışlıq",
    "Взяток не берут",
    "никто не намекал на деньги",
    "nikakih vzyatok",
    "No bribes",
    "without any bribe",
    "Nobody asked me for money",
    "взяток нет, çox sağ olun",
    "pulumu istəyirəm",
    "rüsum üçün 15 manat istədilər",
    "öldük növbədə",
    "Gözləməkdən ürəyim partladı",
    "acından öldüm",
    "bu növbə adamı öldürər",
    "size qurban olum",
    "убиться можно, пока дождёшься",
    "жить можно",
    "dying of boredom",
    "The wait nearly killed me",
    "I could have killed for a coffee",
    "Heart-warming service",
    "Ürək əməliyyatından sonra əlillik üçün nə lazımdır?",
    "Инвалидность после инсульта — какие справки нужны?",
    "Atam öldü, dəfn müavinəti üçün gəldim",
    "Şəhid ailəsiyik",
    "Atam bıçaqla əməliyyat olunub",
    "чуть в обморок не упала",
    "I was touched by how kind they were",
    "əlimdən tutub pəncərəyə qədər apardılar",
]


@pytest.mark.parametrize(("text", "reason"), URGENT)
def test_somebody_should_see_it_today(text, reason):
    assert read_comment(text).urgent == reason


@pytest.mark.parametrize("text", QUIET)
def test_it_only_sounds_urgent(text):
    assert read_comment(text).urgent is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Rüşvət istədilər, özümü yandıracam", "threat"),
        ("Mühafizəçi meni vurdu, huşumu itirdim, təcili yardım gəldi", "medical"),
        ("rüşvət istədi, sonra mənə əl qaldırdı", "harassment"),
    ],
)
def test_the_most_urgent_of_several_reasons_counts(text, reason):
    assert read_comment(text).urgent == reason


def test_a_denial_does_not_reach_into_the_next_sentence():
    assert read_comment("Növbə yox idi. Rüşvət istədilər.").urgent == "bribery"
    assert read_comment("Rüşvət istəmədilər. Amma rüşvət alan da var").urgent == "bribery"


@given(st.text(max_size=200))
def test_never_raises(text):
    assert urgency_of(split(text)) in (*URGENCIES, None)


WORDS = sorted(
    {
        word.strip("^*-")
        for _, _, pattern in read_rows("urgent")
        for word in pattern.replace("|", " ").split()
        if word[0] not in "~+&@"
    }
    | {"не", "yox", "deyil", "no", ".", ",", "300", "hec"}
)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_never_raises_on_words_of_the_rules(words):
    assert urgency_of(split(" ".join(words))) in (*URGENCIES, None)


def test_any_token_will_do():
    assert urgency_of([]) is None
    assert urgency_of([Token("", "latin", ""), Token("\U0001f600", "face", "")]) is None


def test_what_is_kept_about_words_stays_bounded(monkeypatch):
    monkeypatch.setattr(urgency, "CACHE_LIMIT", 10)
    urgency._atoms_seen.clear()
    for number in range(50):
        urgency_of(split(f"söz{number} rüşvət istədilər"))
        assert len(urgency._atoms_seen) <= 10
    assert urgency_of(split("rüşvət istədilər")) == "bribery"


def test_every_row_names_language_reason_and_pattern():
    for language, reason, pattern in read_rows("urgent"):
        assert language in ("az", "ru", "en")
        assert reason.startswith("=") or reason.rstrip("!-") in (*URGENCIES, "")
        assert pattern.strip()


def test_the_test_lines_are_read():
    rows = load_urgency_test()
    assert len({row.text for row in rows}) == len(rows) > 200
    assert {row.urgent for row in rows} == {*URGENCIES, None}


def test_quality_on_the_test_lines():
    quality = urgency_quality.urgency_quality(load_urgency_test())
    assert quality.recall is not None
    assert quality.recall >= 0.9
    assert quality.precision is not None
    assert quality.precision >= 0.95
    assert quality.alarm_rate is not None
    assert quality.alarm_rate <= 0.03


def test_no_share_of_nothing():
    quality = urgency_quality.urgency_quality([])
    assert (quality.recall, quality.precision, quality.alarm_rate) == (None, None, None)
