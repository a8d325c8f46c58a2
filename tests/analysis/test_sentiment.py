"""Hard sentences in three languages, and what holds for any text at all."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.language import fold
from analysis.reading import read_comment
from analysis.sentiment import (
    AzerbaijaniAnalyzer,
    EnglishAnalyzer,
    MixedAnalyzer,
    RussianAnalyzer,
)

AZERBAIJANI = [
    # praise
    ("Çox yaxşı xidmət göstərdilər", "positive"),
    ("Əla!", "positive"),
    ("Hər şey ürəyimcə oldu", "positive"),
    ("Operator çox nəzakətli və səbirli idi", "positive"),
    ("İşçilər mehribandır, tez həll etdilər", "positive"),
    ("Sənədləri dərhal qəbul etdilər, razı qaldım", "positive"),
    ("Peşəkar və savadlı əməkdaşlar", "positive"),
    ("Çox razıyam, əhsən sizə", "positive"),
    # a reproach denied is praise
    ("Narazı qalmadım", "positive"),
    ("Heç bir problem olmadı", "positive"),
    ("Şikayətim yoxdur", "positive"),
    ("Növbə yoxdur, hər şey yaxşıdır", "positive"),
    ("Növbə gözləmədik", "positive"),
    ("Heç gözlətmədilər", "positive"),
    ("Operator kobudluq etmədi", "positive"),
    ("Pis deyil", "positive"),
    ("Nə kobudluq, nə növbə vardı", "positive"),
    ("Rüşvətsiz, əziyyətsiz", "positive"),
    ("İradım yoxdur", "positive"),
    ("Sözüm yoxdur", "positive"),
    ("Heç bir çətinlik çəkmədim", "positive"),
    # thanks and blessings
    ("Təşəkkür edirəm", "positive"),
    ("Çox sağ olun", "positive"),
    ("Allah sizdən razı olsun", "positive"),
    ("Əllərinizə sağlıq, var olun", "positive"),
    ("Allah köməyiniz olsun", "positive"),
    ("Minnətdaram hamınıza", "positive"),
    ("Atanıza rəhmət, kömək etdiniz", "positive"),
    ("Allah canınızı sağ eləsin", "positive"),
    # reproach
    ("İki saat növbə gözlədim", "negative"),
    ("Operator kobud danışdı", "negative"),
    ("Heç kim cavab vermir", "negative"),
    ("Sistem işləmir", "negative"),
    ("Sənədimi itirdilər", "negative"),
    ("Bizi süründürürlər, get-gəl bitmir", "negative"),
    ("Rüşvət istədilər", "negative"),
    ("Zal çirkli və isti idi", "negative"),
    ("Telefonla danışırdı, üzümə baxmadı", "negative"),
    ("Çox gecikdilər", "negative"),
    ("Laqeyd münasibət, hörmətsizlik", "negative"),
    ("Tanışlıqla növbəsiz keçirlər, haqsızlıqdır", "negative"),
    ("Üstümə qışqırdı", "negative"),
    # praise denied is a reproach
    ("Yaxşı deyil", "negative"),
    ("Razı qalmadım", "negative"),
    ("Kömək etmədilər", "negative"),
    ("Problemi həll etmədilər", "negative"),
    ("Hörmət görmədim", "negative"),
    ("Heç nə izah etmədilər", "negative"),
    ("Sənədi ala bilmədim", "negative"),
    ("Nə nəzakət, nə hörmət var", "negative"),
    # durations
    ("Cəmi 5 dəqiqə gözlədim", "positive"),
    ("10 dəqiqəyə hazır idi", "positive"),
    ("Üç saatdır gözləyirəm", "negative"),
    ("45 dəqiqə ayaq üstə durdum", "negative"),
    # irony
    ("Sağ olun, cəmi üç saat gözlədim", "negative"),
    ("Çox sağ olun ki, sənədimi itirdiniz", "negative"),
    ("Əla, yenə sistem işləmir", "negative"),
    # both sides
    ("Xidmət yaxşıdır, amma növbə çox uzundur", "mixed"),
    ("Operator nəzakətli idi, lakin problemi həll etmədilər", "mixed"),
    ("Bina təmizdir, ancaq işçilər kobuddur", "mixed"),
    ("Çox sağ olun, amma sistem işləmir", "mixed"),
    # neither
    ("Pensiya üçün gəlmişdim", "neutral"),
    ("Arayış almaq üçün müraciət", "neutral"),
    ("Daha çox stul qoyulsa, rahat olar", "neutral"),
    # folded and chat spelling
    ("cox yaxsi xidmet gosterdiler", "positive"),
    ("narazi qalmadim", "positive"),
    ("sikayetim yoxdur", "positive"),
    ("allah razi olsun", "positive"),
    ("iki saat novbe gozledim", "negative"),
    ("operator kobud danisdi", "negative"),
    ("4ox yax6i", "positive"),
    ("chox yaxshi", "positive"),
    ("cox yaxwi iwleyirler", "positive"),
    ("sistem iwlemir", "negative"),
    ("COX SAG OLUN", "positive"),
    ("əlaaaa", "positive"),
    ("coox gozeel", "positive"),
    ("qozel xidmet", "positive"),
    ("Чох сағ олун", "positive"),
]

RUSSIAN = [
    ("Спасибо большое", "positive"),
    ("Всё отлично, очень довольна", "positive"),
    ("Вежливые и внимательные сотрудники", "positive"),
    ("Быстро решили мой вопрос", "positive"),
    ("Дай бог вам здоровья", "positive"),
    ("Претензий нет", "positive"),
    ("Нет очередей, обслужили быстро", "positive"),
    ("Не пожалела, всё понравилось", "positive"),
    ("Без проблем оформили", "positive"),
    ("Неплохо", "positive"),
    ("Не хамили, не грубили", "positive"),
    ("Ждать не пришлось", "positive"),
    ("Замечаний не имею", "positive"),
    ("Никаких жалоб", "positive"),
    ("Сотрудники молодцы, помогли оформить", "positive"),
    ("Ошибку нашли и сразу исправили", "positive"),
    ("ждал всего 5 минут", "positive"),
    ("spasibo bolshoe, ochen horosho", "positive"),
    ("Ужасное обслуживание", "negative"),
    ("Ждала три часа", "negative"),
    ("Хамят и кричат на людей", "negative"),
    ("Не помогли", "negative"),
    ("Не очень хорошо", "negative"),
    ("Ничего не объяснили", "negative"),
    ("Никто не отвечает", "negative"),
    ("Сайт не работает, постоянно зависает", "negative"),
    ("Потеряли мои документы", "negative"),
    ("Гоняют из кабинета в кабинет", "negative"),
    ("Огромная очередь, душно", "negative"),
    ("Требовали деньги, коррупция", "negative"),
    ("Невнимательные сотрудники", "negative"),
    ("Вопрос не решён, отказали", "negative"),
    ("Спасибо, что потеряли мои документы", "negative"),
    ("Спасибо, всего три часа в очереди", "negative"),
    ("Отлично, опять ничего не работает", "negative"),
    ("Сотрудники вежливые, но очередь огромная", "mixed"),
    ("Девушка хорошая, зато система постоянно зависает", "mixed"),
    ("Чисто и удобно, но ждать пришлось очень долго", "mixed"),
    ("Пришла за справкой", "neutral"),
    ("Подал заявление на пособие", "neutral"),
]

ENGLISH = [
    ("Thank you so much", "positive"),
    ("Excellent service, very helpful staff", "positive"),
    ("No complaints", "positive"),
    ("Nothing to complain about", "positive"),
    ("I have no complaints at all", "positive"),
    ("Not bad", "positive"),
    ("The staff could not have been more helpful", "positive"),
    ("There was no queue", "positive"),
    ("I didn't have to wait", "positive"),
    ("Never had a problem here", "positive"),
    ("They solved my problem", "positive"),
    ("God bless you", "positive"),
    ("Only waited 5 minutes", "positive"),
    ("Without any problems", "positive"),
    ("Quick and polite", "positive"),
    ("I waited two hours", "negative"),
    ("The operator was rude", "negative"),
    ("Not helpful", "negative"),
    ("They did not help me", "negative"),
    ("Nobody could explain anything", "negative"),
    ("The system does not work", "negative"),
    ("It isn't good", "negative"),
    ("Never again, terrible", "negative"),
    ("They lost my documents", "negative"),
    ("Thanks for wasting my time", "negative"),
    ("Great, only three hours in the queue", "negative"),
    ("They asked for money, corruption", "negative"),
    ("Wasn't friendly at all", "negative"),
    ("Friendly staff but the queue was too long", "mixed"),
    ("The building is clean, however the operator was rude", "mixed"),
    ("I came for a certificate", "neutral"),
    ("Applied for a pension", "neutral"),
]

ANY = [
    ("👍👍👍", "positive"),
    ("😡", "negative"),
    (":)", "positive"),
    ("", "not_assessed"),
    ("   \n\t", "not_assessed"),
    ("asdfgh qwrtp", "not_assessed"),
    ("1234", "not_assessed"),
    ("?!", "not_assessed"),
    ("Çox sağ olun, очень вежливые девушки", "positive"),
    ("Məhsul zvbnm", "not_assessed"),
]

#: Words that have polarity, subject matter or neither, to make sentences of.
VOCABULARY = [
    "çox",
    "yaxşı",
    "gözəl",
    "pis",
    "xidmət",
    "işçi",
    "növbə",
    "gözlədim",
    "gözləmədik",
    "kobud",
    "nəzakətli",
    "deyil",
    "yoxdur",
    "sənəd",
    "problem",
    "həll",
    "etdilər",
    "etmədilər",
    "razı",
    "qaldım",
    "qalmadım",
    "təşəkkür",
    "sağ",
    "olun",
    "amma",
    "və",
    "üçün",
    "mən",
    "bizə",
    "saat",
    "iki",
    "uzun",
    "şikayətim",
    "çətin",
    "işləmir",
    "əla",
    "heç",
    "bir",
    "mərkəz",
    "cavab",
    "verdilər",
    "tez",
    "ləng",
]


@pytest.mark.parametrize(("text", "sentiment"), AZERBAIJANI + RUSSIAN + ENGLISH + ANY)
def test_reads_as_a_person_would(text: str, sentiment: str) -> None:
    assert read_comment(text).sentiment == sentiment


def test_there_are_enough_hard_cases() -> None:
    assert len(AZERBAIJANI) + len(RUSSIAN) + len(ENGLISH) >= 120


@pytest.mark.parametrize(("text", "sentiment"), AZERBAIJANI)
def test_diacritics_do_not_matter(text: str, sentiment: str) -> None:
    assert read_comment(fold(text), "az").sentiment == sentiment


@given(st.lists(st.sampled_from(VOCABULARY), min_size=4, max_size=14).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_folding_keeps_language_and_sentiment(text: str) -> None:
    full, folded = read_comment(text), read_comment(fold(text))

    assert full.language == folded.language == "az"
    assert (full.sentiment, full.polarity) == (folded.sentiment, folded.polarity)


@given(st.text(max_size=300), st.sampled_from((None, "az", "ru", "en", "xx", "")))
@settings(max_examples=200, deadline=None)
def test_reading_never_raises(text: str, hint: str | None) -> None:
    reading = read_comment(text, hint)

    assert (reading.polarity is None) == (reading.sentiment == "not_assessed")
    assert reading.polarity is None or -1.0 <= reading.polarity <= 1.0


@given(st.text(st.characters(categories=["Cs", "Mn", "Nd", "No", "So", "Po", "Cf"]), max_size=60))
@settings(max_examples=100, deadline=None)
def test_reading_survives_odd_signs(text: str) -> None:
    read_comment(text + " yaxşı")


@pytest.mark.parametrize(
    ("analyzer", "text"),
    [
        (AzerbaijaniAnalyzer, "çox yaxşı"),
        (RussianAnalyzer, "очень хорошо"),
        (EnglishAnalyzer, "very good"),
        (MixedAnalyzer, "çox yaxşı, спасибо"),
    ],
)
def test_are_textblob_analyzers(analyzer: type, text: str) -> None:
    from textblob import TextBlob
    from textblob.base import BaseSentimentAnalyzer

    opinion = TextBlob(text, analyzer=analyzer()).sentiment

    assert issubclass(analyzer, BaseSentimentAnalyzer)
    assert opinion.label == "positive"
    assert opinion.polarity > 0.3
    assert 0.0 < opinion.subjectivity <= 1.0


def test_textblob_words_fill_the_gaps_of_the_english_lexicon() -> None:
    # "marvelous" is in TextBlob's pattern lexicon and not in ours.
    assert read_comment("A marvelous thing it was").sentiment == "positive"


def test_importing_the_library_does_not_import_textblob() -> None:
    program = (
        "import sys, analysis, analysis.redaction, analysis.sentiment, analysis.language;"
        "sys.exit(any(name in sys.modules for name in ('textblob', 'nltk', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ImportError):
        from analysis.sentiment import KlingonAnalyzer  # noqa: F401
