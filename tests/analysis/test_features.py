"""What the reader sees of a comment: units, denial, symbols of constructions, times, topic cues."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import features
from analysis.corpus import load_corpus
from analysis.features import SYMBOLS, Encoding, denies_az, encode, expand, is_denied_az, term_of
from analysis.lexicons import Entry, StemTable, read_rows
from analysis.model import AdditiveTable
from analysis.reading import shipped_model
from analysis.words import Token, pieces, split

LANGUAGES = ("az", "ru", "en", "mixed", "any")
#: What decides between constructions, and words of every lexicon.
VOCABULARY = sorted(
    {
        row[0].replace("*", "ir")
        for name in ("az", "ru", "en", "topics")
        for row in list(read_rows(name))[::9]
    }
    | {"deyil", "не", "not", "heç", "amma", "но", "but", ",", ".", "?", "5", "saat", "\n", "👍"}
)


PRAISE, REPROACH = Entry(0.7, "opinion", -0.5), Entry(-0.7, "opinion", 0.35)


def encoded(text: str, language: str = "az") -> Encoding:
    return encode(split(text), language)


def symbols(text: str, language: str = "az") -> str:
    """The symbols of a comment in a row, without the pairs and threes that they make."""
    return " ".join(
        unit[1:]
        for unit in encoded(text, language).units
        if isinstance(unit, str) and unit[0] == "c" and " " not in unit and unit != "c "
    )


def words(text: str, language: str = "az") -> list[str]:
    return [
        unit
        for unit in encoded(text, language).units
        if isinstance(unit, str) and unit[0] in features.WORDS
    ]


@pytest.fixture
def few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lexicons of a few words, so that the rules are seen and not the lists."""
    rows: dict[str, dict[str, Entry]] = {
        "az": {
            "yaxsi*": PRAISE,
            "pis*": REPROACH,
            "orta*": Entry(0.3, "opinion", -0.3),
            "razi qal*": PRAISE,
            "rusvet*": REPROACH,
            "gozle*": Entry(-0.35, "verb", 0.5),
            "problem*": Entry(-0.5, "trouble", 0.6),
            "hell*": Entry(0.5, "solved", -0.6),
            "sag ol*": Entry(0.5, "thanks", 0.0),
            "deyil*": Entry(0.0, "negator", 0.0),
            "hec": Entry(0.0, "before", 0.0),
            "cox": Entry(1.3, "boost", 0.0),
            "amma": Entry(1.0, "contrast", 0.0),
            "yene": Entry(1.0, "again", 0.0),
            "cemi": Entry(1.0, "only", 0.0),
            "adi": Entry(0.0, "opinion", 0.0),
        },
        "ru": {
            "хорош*": PRAISE,
            "плох*": REPROACH,
            "не": Entry(0.0, "before", 0.0),
            "нет": Entry(0.0, "negator", 0.0),
            "но": Entry(1.0, "contrast", 0.0),
        },
        "en": {
            "good": PRAISE,
            "bad": REPROACH,
            "not": Entry(0.0, "before", 0.0),
            "anything but": Entry(0.0, "before", 0.0),
            "but": Entry(1.0, "contrast", 0.0),
        },
    }
    tables: dict[str, StemTable[Entry]] = {}
    for language, words_of in rows.items():
        tables[language] = StemTable()
        for stem, entry in words_of.items():
            tables[language].add(stem, entry)
    monkeypatch.setattr(features, "_opinions", tables.__getitem__)
    monkeypatch.setattr(features, "_terms_seen", {language: {} for language in LANGUAGES})


@pytest.mark.usefixtures("few_words")
@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        # Azerbaijani denies backwards, two words far and not beyond the clause
        ("az", "blim flarn pis deyil", ["wblim", "!flarn", "!pis", "wdeyil"]),
        ("az", "flarn yaxşı, pis deyil", ["wflarn", "wyaxsi", "!pis", "wdeyil"]),
        ("az", "yaxşıdır amma pis deyil", ["wyaxsidir", "!amma", "!pis", "wdeyil"]),
        ("az", "deyil pis flarn", ["wdeyil", "wpis", "wflarn"]),
        # Russian and English deny forwards, three words far
        ("ru", "хорошо не плохо", ["wхорошо", "wне", "!плохо"]),
        ("ru", "не плохо, хорошо", ["wне", "!плохо", "wхорошо"]),
        ("ru", "не плохо но хорошо", ["wне", "!плохо", "wно", "wхорошо"]),
        ("en", "not bad flarn blick good", ["wnot", "!bad", "!flarn", "!blick", "wgood"]),
        ("en", "anything but good", ["wanything", "wbut", "!good"]),
        # "not only" denies nothing
        ("ru", "не только хорошо", ["wне", "wтолько", "wхорошо"]),
        ("en", "not just good", ["wnot", "wjust", "wgood"]),
        # in a comment of two languages Cyrillic is Russian, and Latin what a lexicon knows
        ("mixed", "yaxşı deyil не плохо", ["!yaxsi", "wdeyil", "wне", "!плохо"]),
        ("mixed", "pis deyil not bad", ["!pis", "wdeyil", "wnot", "!bad"]),
    ],
)
def test_a_negator_reaches_the_words_of_its_clause(
    language: str, text: str, expected: list[str]
) -> None:
    assert words(text, language) == expected


@pytest.mark.usefixtures("few_words")
@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("az", "çox yaxşı", "b P"),
        ("az", "orta", "q"),
        ("az", "yaxşı deyil", "~P x"),
        ("az", "yaxwi deyil", "~P x"),
        ("az", "yaxşı deyiləm", "~P x"),
        ("az", "pis deyil", "~N x"),
        ("az", "razı qaldıq", "P"),
        ("az", "razı qalmadım", "nd"),
        ("az", "razı qala bilmədim", "P d"),
        ("az", "gözlədim", "m"),
        ("az", "gözləmədim", "pd"),
        ("az", "rüşvət", "N"),
        ("az", "rüşvətsiz", "qd"),
        ("az", "problem yox idi", "T"),
        ("az", "problem deyil", "~T x"),
        ("az", "həll etdilər", "S"),
        ("az", "sağ olun", "h"),
        ("az", "amma", "o"),
        ("az", "yenə", "g"),
        ("az", "cəmi", "u"),
        ("az", "adi", ""),
        ("az", "heç yaxşı", "x P"),
        ("az", "yaxşıdı,,, pis!", "P | N !"),
        ("ru", "не хорошо", "x ~P"),
        ("ru", "нет плохого", "x ~N"),
        ("en", "not good", "x ~P"),
        ("en", "anything but good", "x ~P"),
        ("en", "good?", "P ?"),
        ("en", "good 👍", "P E"),
        ("en", "👎", "F"),
        ("en", ":(", "F"),
    ],
)
def test_words_become_the_symbols_of_the_part_they_play(
    language: str, text: str, expected: str
) -> None:
    assert symbols(text, language) == expected


@pytest.mark.usefixtures("few_words")
def test_symbols_are_taken_one_by_one_and_with_their_neighbours() -> None:
    found = [unit for unit in encoded("çox yaxşı").units if str(unit)[0] == "c"]
    assert found == ["cb", "c^ b", "cP", "cb P", "c^ b P", "cP $", "cb P $"]


@pytest.mark.parametrize(
    ("language", "text", "symbol"),
    [
        ("az", "5 dəqiqə", "f"),
        ("az", "beş dəqiqə", "f"),
        ("az", "15 dəqiqə", "f"),
        ("az", "20 dəqiqə", "k"),
        ("az", "45 dəqiqə", "l"),
        ("az", "üç saat", "l"),
        ("az", "2saat", "l"),
        ("az", "iki ay", "L"),
        ("ru", "5 минут", "f"),
        ("ru", "два часа", "l"),
        ("ru", "три недели", "L"),
        ("en", "ten minutes", "f"),
        ("en", "2 hours", "l"),
        ("en", "six weeks", "L"),
    ],
)
def test_a_number_before_a_unit_of_time_is_a_short_or_long_time(
    language: str, text: str, symbol: str
) -> None:
    assert symbol in symbols(text, language).split()


def test_a_number_without_a_unit_is_no_time() -> None:
    assert not {"f", "k", "l", "L"} & set(symbols("5 yaxşı").split())
    assert not {"f", "k", "l", "L"} & set(symbols("saat yaxşı").split())


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("tapşırmadılar", "d"),
        ("kəsmədən", "e"),
        ("tapşırmadığım", "e"),
        ("qoyulsa", "c"),
        ("tapşırmaq", ""),
        ("tapşırması", ""),
    ],
)
def test_unlisted_azerbaijani_verbs_are_told_by_their_endings(text: str, symbol: str) -> None:
    assert term_of(split(text)[0], "az").symbol == symbol


@pytest.mark.parametrize(
    "word",
    ["gozlemedik", "bilmir", "vermeyib", "demez", "etmesin", "almadan", "baxmayan", "gelmeyecek"],
)
def test_denied_verbs(word: str) -> None:
    assert denies_az(word)


@pytest.mark.parametrize("word", ["gozlemek", "bilmeli", "verilmesi", "komek", "emekdas", "ma"])
def test_verbs_that_are_not_denied(word: str) -> None:
    assert not denies_az(word)


@pytest.mark.parametrize("ending", ["medi", "mir", "ilmedi", "ebilmedi", "suz", "siz"])
def test_endings_that_deny(ending: str) -> None:
    assert is_denied_az(ending)


@pytest.mark.parametrize("ending", ["", "dir", "lar", "mek", "mesi", "di", "lik"])
def test_endings_that_do_not_deny(ending: str) -> None:
    assert not is_denied_az(ending)


def test_a_topic_is_named_by_its_cues() -> None:
    assert "twaiting" in encoded("növbə çox uzun idi").units
    assert "twaiting" in encoded("Очередь", "ru").units
    assert "twaiting" in encoded("the queue", "en").units


def test_spelling_does_not_matter() -> None:
    expected = encoded("Çox yaxşı xidmət, şikayətim yoxdur").units
    for text in (
        "cox yaxsi xidmet, sikayetim yoxdur",
        "4ox yaxwi xidmet, wikayetim yoxdur",
        "çooox yaxşı xidmət, şikayətim yoxduuuur",
    ):
        found = encoded(text).units
        assert [unit for unit in found if isinstance(unit, str)] == [
            unit for unit in expected if isinstance(unit, str)
        ]


def test_two_words_in_a_row_count_only_where_they_are_known() -> None:
    everything = encoded("çox yaxşı xidmət")
    pairs = [unit for unit in everything.units if isinstance(unit, int)]
    assert len(pairs) == 4  # with the beginning and the end

    few = encode(split("çox yaxşı xidmət"), "az", {pairs[1]})
    assert [unit for unit in few.units if isinstance(unit, int)] == [pairs[1]]


def test_clauses_begin_at_marks_and_contrasts() -> None:
    found = encoded("Xidmət yaxşıdır, növbə uzundur amma razıyam")
    assert found.clause_tokens == [0, 2, 5]
    assert found.contrast
    assert not found.question
    assert encoded("Nə vaxt?").question
    assert found.words == 6


def test_knows_whether_a_lexicon_knows_a_word() -> None:
    assert encoded("yaxşı").known
    assert encoded("👍").known
    assert not encoded("zvbnm").known
    assert not encoded("").known


def test_a_unit_is_expanded_into_itself_and_its_pieces() -> None:
    assert len(expand("cP")) == len(expand("twaiting")) == len(expand("w:👍")) == 1
    assert set(pieces("yaxsi", range(3, 6), ord("w"))) < set(expand("wyaxsi"))
    assert set(expand("wyaxsi")).isdisjoint(expand("!yaxsi"))
    assert len(expand("w" + "a" * 100)) < 100
    assert set(expand("wcox")) < set(expand("wcoox")) | set(expand("wcox"))
    assert set(expand("wcoox")) & set(expand("wcox"))


def test_every_symbol_has_a_name() -> None:
    known = {*SYMBOLS, *features._DENIED_SYMBOL.values()}
    known |= {symbol + "d" for symbol in "PpqNnm"} | {"0d"}
    seen = set()
    for comment in load_corpus("test"):
        seen |= set(symbols(comment.text, comment.language).split())
    assert seen <= known
    assert len(seen & SYMBOLS.keys()) > 20


def assert_consistent(tokens: list[Token], found: Encoding) -> None:
    assert found.starts[0] == found.clause_tokens[0] == 0
    assert len(found.starts) == len(found.clause_tokens)
    assert found.starts == sorted(set(found.starts))
    assert found.clause_tokens == sorted(set(found.clause_tokens))
    assert found.starts[-1] < max(1, len(found.units))
    assert found.clause_tokens[-1] < max(1, len(tokens))
    assert len(found.ends) == len(tokens)
    assert found.ends == sorted(found.ends)
    assert (found.ends[-1] if tokens else 0) <= len(found.units)
    # A clause begins with the unit that its first token brings.
    for start, first in zip(found.starts[1:], found.clause_tokens[1:], strict=True):
        assert found.ends[first - 1] == start
    assert found.words == sum(token.kind != "mark" for token in tokens)


@given(st.text(st.characters(), max_size=200), st.sampled_from(LANGUAGES))
@settings(max_examples=200, deadline=None)
def test_never_raises_and_the_parts_fit_together(text: str, language: str) -> None:
    tokens = split(text)
    assert_consistent(tokens, encode(tokens, language))


@given(st.lists(st.sampled_from(VOCABULARY), max_size=25).map(" ".join), st.sampled_from(LANGUAGES))
@settings(max_examples=300, deadline=None)
def test_never_raises_on_words_of_the_lexicons(text: str, language: str) -> None:
    tokens = split(text)
    found = encode(tokens, language)
    assert_consistent(tokens, found)
    for unit in found.units:
        if isinstance(unit, str):
            assert expand(unit)


def test_what_is_kept_about_words_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "CACHE_LIMIT", 10)
    features._terms_seen["en"].clear()
    for number in range(50):
        assert words(f"good{'a' * number}", "en")
        assert len(features._terms_seen["en"]) <= 10


def test_reading_and_fitting_see_the_same_units() -> None:
    opinion: AdditiveTable = shipped_model().opinion
    everything = encoded("Xidmət yaxşıdır, amma növbə çox uzundur")
    reader_sees = encode(split("Xidmət yaxşıdır, amma növbə çox uzundur"), "az", opinion.index)
    unknown = [unit for unit in everything.units if unit not in reader_sees.units]
    assert all(isinstance(unit, int) and unit not in opinion.index for unit in unknown)
