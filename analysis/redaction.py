"""Personal data taken out of a comment before it is stored.

FIN codes, phones, e-mail addresses, identity cards, bank cards and IBANs are replaced by a mark in
the comment's language. Digits of any script and look-alike letters are compared as plain ones; the
rest of the text is left as the citizen wrote it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["email", "iban", "card", "id_card", "phone", "fin"]

#: What stands where something was removed. "any" comments were read on an Azerbaijani form.
MARKS: dict[str, dict[Kind, str]] = {
    "az": {
        "email": "[e-poçt silinib]",
        "iban": "[IBAN silinib]",
        "card": "[bank kartı silinib]",
        "id_card": "[şəxsiyyət vəsiqəsi silinib]",
        "phone": "[telefon silinib]",
        "fin": "[FİN silinib]",
    },
    "ru": {
        "email": "[эл. почта удалена]",
        "iban": "[IBAN удалён]",
        "card": "[банковская карта удалена]",
        "id_card": "[удостоверение удалено]",
        "phone": "[телефон удалён]",
        "fin": "[ФИН удалён]",
    },
    "en": {
        "email": "[e-mail removed]",
        "iban": "[IBAN removed]",
        "card": "[bank card removed]",
        "id_card": "[ID card removed]",
        "phone": "[phone removed]",
        "fin": "[FIN removed]",
    },
}

#: Between digits people put spaces, dashes, dots, slashes and brackets; two at most in a row.
_GAP = r"[\s\-.()/\u200b-\u200f\u2010-\u2015\u2060]{0,2}"
_OPERATOR = r"(?:10|12|18|2[0-6]|36|50|51|55|60|70|77|99)"

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}[ ]?(?:@|[(\[]at[)\]])[ ]?"
    r"[^\W_](?:[\w-]{0,62})(?:\.[\w-]{1,63}){0,4}\.[^\W\d_]{2,24}"
)
_IBAN = re.compile(r"(?<![A-Z0-9])AZ[ ]?\d{2}(?:[ -]?[A-Z0-9]){24}(?![A-Z0-9])")
_DIGIT_RUN = re.compile(r"\d+(?:[ \-\u2010-\u2015\u00a0]\d+)*")
_ID_CARD = re.compile(r"(?<![A-Z])(?:AA[ -]?(?:N|№)?[ ]?\d{7}|AZE[ -]?(?:N|№)?[ ]?\d{8})(?!\d)")
_PHONE = re.compile(
    # with the country code: +994 50 123 45 67, 00994501234567, 994(50)1234567, +994 (0) 50 …
    rf"(?<![\d+])(?:\+|00)?{_GAP}994{_GAP}(?:\(?0\)?{_GAP})?[1-9]\d(?:{_GAP}\d){{7}}(?!\d)"
    # as dialled at home: 050 123 45 67, (050)1234567, 0-50-123-45-67
    rf"|(?<![\d+])(?:\(\s?)?(?<!\d)0{_GAP}{_OPERATOR}(?:{_GAP}\d){{7}}(?!\d)"
    # without the zero, when grouped like a number: 50 123 45 67
    rf"|(?<![\d+.,:/-]){_OPERATOR}[ \-]\d{{3}}[ \-]\d{{2}}[ \-]?\d{{2}}(?![\d.,:/-]?\d)"
    # a city number: 498-12-34
    r"|(?<![\d+.,:/-])[1-9]\d{2}-\d{2}-\d{2}(?![\d-])"
    # other countries: +7 916 123-45-67, 8 916 123 45 67
    rf"|(?<![\d+])\+{_GAP}[1-9](?:{_GAP}\d){{9,13}}(?!\d)"
    rf"|(?<![\d+])8{_GAP}9\d\d(?:{_GAP}\d){{7}}(?!\d)"
)
_FIN_WORD = re.compile(
    r"(?<![^\W\d_])(?:FIN|PIN|ФИН|ПИН)(?:[ -]?(?:KOD|КОД))?(?:[^\W\d_]{0,8})"
    r"[\s:№#=.\-–—]{0,4}([0-9A-HJ-NP-Z](?:[ -]?[0-9A-HJ-NP-Z]){6})(?!\w)"
)
_FIN = re.compile(r"(?<![^\W_])[0-9A-HJ-NP-Z]{7}(?![^\W_])")
_CODE_AND_WORD = re.compile(r"[0-9]+[A-Z]+\Z")
_WORD_AND_CODE = re.compile(r"[A-Z]+[0-9]+\Z")
#: Amounts, times and laws that happen to have seven signs: 20manat, 3saatda, 1234VQD.
_NOT_FIN = re.compile(
    r"[0-9]+(?:MANAT|MAN|AZN|SAAT|GUN|DEQ|AY|ADAM|NEFER|HEFTE|YAS|KV|KG|SM|QEP|VQ|MQ|NK"
    r"|HOUR|DAY|WEEK|YEAR|MIN|MONTH|TH\Z|ST\Z|ND\Z|RD\Z)"
)
_CARD_SHAPES = frozenset(((4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5)))

_LOOK_ALIKE = str.maketrans(
    {
        **dict(zip("АВСЕНКМОРТХУавсенкмортху", "ABCEHKMOPTXYABCEHKMOPTXY", strict=True)),
        **dict.fromkeys("İıi", "I"),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data at text[start:end]."""

    kind: Kind
    start: int
    end: int


def redact(text: str, language: str | None = None) -> str:
    """The text with personal data replaced by marks such as "[telefon silinib]".

    `language` (az, ru, en) is the language of the marks; without it, or with another, it is found
    from the text and falls back to az. Redacting twice changes nothing more. The time is linear in
    the length of the text. Never raises on any string.
    """
    while True:
        found = find_personal_data(text)
        if not found:
            return text
        if language not in MARKS:
            language = _language_of_marks(text)
        pieces: list[str] = []
        start = 0
        for finding in found:
            pieces += (text[start : finding.start], MARKS[language][finding.kind])
            start = finding.end
        pieces.append(text[start:])
        # What stood against a removed piece may only now be recognised; each round removes
        # digits or an @ and the marks hold neither, so the rounds end.
        text = "".join(pieces)


def find_personal_data(text: str) -> tuple[Finding, ...]:
    """Where personal data stand in a text, from left to right, none overlapping another."""
    if not _worth_looking(text):
        return ()
    found: list[Finding] = []
    taken = bytearray(len(text))
    for kind, start, end in _candidates(text):
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found.append(Finding(kind, start, end))
    found.sort(key=lambda finding: finding.start)
    return tuple(found)


def _candidates(text: str) -> Iterator[tuple[Kind, int, int]]:
    """Everything that looks like personal data, the surest kinds first; spans may overlap."""
    plain = _plain(text)
    upper = plain.translate(_LOOK_ALIKE)
    for match in _EMAIL.finditer(text):
        yield "email", *match.span()
    yield from _bank_numbers(plain, upper)
    for match in _ID_CARD.finditer(upper):
        yield "id_card", *match.span()
    for match in _PHONE.finditer(plain):
        yield "phone", *match.span()
    for match in _FIN_WORD.finditer(upper):
        if any(map(str.isdigit, match[1])):
            yield "fin", *match.span(1)
    for match in _FIN.finditer(upper):
        if _is_fin(match[0], text[match.start() : match.end()]):
            yield "fin", *match.span()


def _bank_numbers(plain: str, upper: str) -> Iterator[tuple[Kind, int, int]]:
    """The IBANs and cards whose check digits are right."""
    for match in _IBAN.finditer(upper):
        if _is_iban(match[0]):
            yield "iban", *match.span()
    for match in _DIGIT_RUN.finditer(plain):
        for start, end in _cards_in(match):
            yield "card", start, end


def _worth_looking(text: str) -> bool:
    """Most comments hold neither a digit nor an @ and need no second look."""
    return any(map(str.isdigit, text)) or "@" in text or "＠" in text or "at" in text.lower()


def _plain(text: str) -> str:
    """The text in capitals with plain digits and letters, sign for sign as long as the original."""
    if text.isascii():
        return text.upper()
    return "".join(map(_plain_sign, text))


@lru_cache(maxsize=2_000)
def _plain_sign(sign: str) -> str:
    digit = unicodedata.decimal(sign, None)
    if digit is not None:
        return str(digit)
    compatible = unicodedata.normalize("NFKC", sign)
    upper = (compatible if len(compatible) == 1 else sign).upper()
    return upper if len(upper) == 1 else sign


def _is_fin(code: str, written: str) -> bool:
    """Whether seven signs are a FIN rather than a word with a number.

    In capitals a digit and a letter are enough. In small letters "20manat" and "2saatda" look the
    same, so a word of several letters with a vowel on one side of the digits is let pass.
    """
    if code.isdigit() or code.isalpha() or not code.isascii() or _NOT_FIN.match(code):
        return False
    if written == written.upper():
        return True
    if _CODE_AND_WORD.match(code) or _WORD_AND_CODE.match(code):
        letters = code.strip("0123456789")
        return len(letters) < 3 or not any(letter in "AEUY" for letter in letters)
    return True


def _is_iban(written: str) -> bool:
    """ISO 13616: the four first signs moved to the end, letters as numbers, remainder 1 of 97."""
    code = written.replace(" ", "").replace("-", "")
    if not code[4:8].isalpha():
        return False
    number = "".join(str(int(sign, 36)) for sign in code[4:] + code[:4])
    return int(number) % 97 == 1


def _cards_in(run: re.Match[str]) -> list[tuple[int, int]]:
    """The spans of bank cards in a run of digits: unbroken, in fours, or the whole run."""
    groups = [(found.start(), found.end()) for found in re.finditer(r"\d+", run[0])]
    offset = run.start()
    cards: list[tuple[int, int]] = []
    index = 0
    while index < len(groups):
        for count in (5, 4, 3, 1):
            window = groups[index : index + count]
            if len(window) < count:
                continue
            lengths = tuple(end - start for start, end in window)
            if (count == 1 and 13 <= lengths[0] <= 19) or lengths in _CARD_SHAPES:
                digits = "".join(run[0][start:end] for start, end in window)
                if _passes_luhn(digits):
                    cards.append((offset + window[0][0], offset + window[-1][1]))
                    index += count
                    break
        else:
            index += 1
    digits_in_all = sum(end - start for start, end in groups)
    if not cards and 13 <= digits_in_all <= 19 and len(groups) > 1:
        digits = "".join(run[0][start:end] for start, end in groups)
        if digits[0] in "3456" and _passes_luhn(digits):
            cards.append((offset, offset + len(run[0])))
    return cards


def _passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812: every second digit from the right doubled, the sum divisible by ten."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        digit = ord(sign) - 48
        if place % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def _language_of_marks(text: str) -> str:
    from analysis.language import detect_language

    language = detect_language(text)
    return language if language in MARKS else "az"
