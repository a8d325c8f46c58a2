"""What is taken out of a comment, what is left alone, and how long a hostile one may take."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.redaction import MARKS, find_personal_data, redact

PERSONAL = [
    ("5ZK7H2M", "fin"),
    ("5zk7h2m", "fin"),
    ("FİN kodum 5ZK7H2M", "fin"),
    ("fin: 5ZK 7H2M", "fin"),
    ("FİN 1234567", "fin"),
    ("ФИН 5АВ7С2К", "fin"),
    ("pin kodu: 2hx7m4c", "fin"),
    ("+994 50 123 45 67", "phone"),
    ("+994(50)123-45-67", "phone"),
    ("00994501234567", "phone"),
    ("994501234567", "phone"),
    ("0501234567", "phone"),
    ("050 123 45 67", "phone"),
    ("051-123-45-67", "phone"),
    ("(055) 123 45 67", "phone"),
    ("070.123.45.67", "phone"),
    ("077/1234567", "phone"),
    ("099 123 4567", "phone"),
    ("010 1234567", "phone"),
    ("060 123-45-67", "phone"),
    ("(012) 498-12-34", "phone"),
    ("55 123 45 67", "phone"),
    ("+7 916 123-45-67", "phone"),
    ("٠٥٠١٢٣٤٥٦٧", "phone"),
    ("０５０１２３４５６７", "phone"),
    ("050\u200b1234567", "phone"),
    ("ali.veli@example.com", "email"),
    ("ALI_V+dost@mail.gov.az", "email"),
    ("AA1234567", "id_card"),
    ("АА1234567", "id_card"),
    ("aa 1234567", "id_card"),
    ("AZE12345678", "id_card"),
    ("AZE № 12345678", "id_card"),
    ("4242 4242 4242 4242", "card"),
    ("4242424242424242", "card"),
    ("4242-4242-4242-4242", "card"),
    ("3782 822463 10005", "card"),
    ("AZ21NABZ00000000137010001944", "iban"),
    ("AZ21 NABZ 0000 0000 1370 1000 1944", "iban"),
    ("az21nabz00000000137010001944", "iban"),
]

HARMLESS = [
    "05.12.2024 10:30-da gəldim",
    "2024-12-05",
    "saat 09:00-18:00",
    "talonum A123 idi",
    "nömrəm C-22",
    "02-04-07 xidməti",
    "50 manat verdim",
    "20manat, 100AZN, 2saatda",
    "1 200 000 manat",
    "12 500,50 AZN",
    "387-IIIQ nömrəli qanun",
    "1234VQD",
    "2020-2024-cü illər",
    "142-yə zəng etdim",
    "COVID19 vaxtı",
    "10/10",
    "4-cü pəncərə, 3-cü mərtəbə",
    "№ 12345",
    "yaxwi iwleyirsiz 4ox sag olun",
    "1234 5678 9012 3456",
    "fin kodumu dedim",
    "görüş @ dost",
    "ждал 2часа",
    "at 10.30 on 12/05/2024",
]


@pytest.mark.parametrize(("text", "kind"), PERSONAL)
def test_removes(text: str, kind: str) -> None:
    written = f"Salam, {text}, gözləyirəm."

    redacted = redact(written, "az")

    assert [finding.kind for finding in find_personal_data(written)] == [kind]
    assert redacted.endswith(f"{MARKS['az'][kind]}, gözləyirəm.")  # type: ignore[index]
    assert not any(character.isdecimal() for character in redacted)


@pytest.mark.parametrize("text", HARMLESS)
def test_leaves_alone(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("language", "text", "redacted"),
    [
        ("az", "Nömrəm 050 123 45 67", "Nömrəm [telefon silinib]"),
        ("ru", "Мой номер 050 123 45 67", "Мой номер [телефон удалён]"),
        ("en", "My number is 050 123 45 67", "My number is [phone removed]"),
        (None, "Мой номер 050 123 45 67, перезвоните", "Мой номер [телефон удалён], перезвоните"),
        (None, "050 123 45 67", "[telefon silinib]"),
        ("xx", "050 123 45 67", "[telefon silinib]"),
    ],
)
def test_marks_speak_the_language_of_the_comment(
    language: str | None, text: str, redacted: str
) -> None:
    assert redact(text, language) == redacted


def test_every_language_has_every_mark() -> None:
    assert {frozenset(marks) for marks in MARKS.values()} == {frozenset(MARKS["az"])}


def test_several_at_once() -> None:
    text = "FİN 5ZK7H2M, tel 0501234567, a@b.az"

    assert redact(text, "az") == "FİN [FİN silinib], tel [telefon silinib], [e-poçt silinib]"


def test_what_stood_against_removed_data_is_found_too() -> None:
    assert redact("0501234567ABC1234", "az") == "[telefon silinib][FİN silinib]"


PIECES = st.sampled_from(
    (
        "050", "+994", " ", "-", "123", "45", "67", "5ZK7H2M", "AA1234567", "AZE12345678", "@",
        "a.b", ".az", "(", ")", "4242 4242 4242 4242", "AZ21NABZ00000000137010001944", "FİN", ":",
        "gözlədim", "٠٥", "１", "А", "A", "saat", "[telefon silinib]", "\n", "\u200b", "0501234567",
    )
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join))
@settings(max_examples=300, deadline=None)
def test_twice_is_once(text: str) -> None:
    once = redact(text)

    assert redact(once) == once
    assert find_personal_data(once) == ()


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_never_raises_and_is_idempotent_on_any_text(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "pattern",
    ["0", "+994", "1 ", "a@", "a.", "FIN ", "AZ21", "AA1234567", "5ZK7H2M ", "0501234567ABC1234",
     "(", "050 ", "- ", "4242 4242 4242 4242 ", "x@y.az", "1-", "\u200b", "at", "0 ", "٠"],
)  # fmt: skip
def test_hostile_comments_take_no_longer(pattern: str) -> None:
    hostile = (pattern * 10_000)[:10_000]

    started = time.process_time()
    redact(hostile)

    assert time.process_time() - started < 0.5
