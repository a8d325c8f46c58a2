"""Personal data taken out of a comment before it is stored.

FIN codes, phones, e-mail addresses, identity cards, passports, bank cards and IBANs are replaced by
a mark in the comment's language. Digits of any script and look-alike letters are compared as plain
ones; the rest of the text is left as the citizen wrote it.

What has a shape of its own (a check sum, +994, AA1234567) is taken wherever it stands. What could
as well be an amount, a ticket or an application number is taken only when a word beside it says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["email", "iban", "card", "id_card", "passport", "phone", "fin"]

#: What stands where something was removed. "any" comments were read on an Azerbaijani form.
MARKS: dict[str, dict[Kind, str]] = {
    "az": {
        "email": "[e-poçt silinib]",
        "iban": "[IBAN silinib]",
        "card": "[bank kartı silinib]",
        "id_card": "[şəxsiyyət vəsiqəsi silinib]",
        "passport": "[pasport silinib]",
        "phone": "[telefon silinib]",
        "fin": "[FİN silinib]",
    },
    "ru": {
        "email": "[эл. почта удалена]",
        "iban": "[IBAN удалён]",
        "card": "[банковская карта удалена]",
        "id_card": "[удостоверение удалено]",
        "passport": "[паспорт удалён]",
        "phone": "[телефон удалён]",
        "fin": "[ФИН удалён]",
    },
    "en": {
        "email": "[e-mail removed]",
        "iban": "[IBAN removed]",
        "card": "[bank card removed]",
        "id_card": "[ID card removed]",
        "passport": "[passport removed]",
        "phone": "[phone removed]",
        "fin": "[FIN removed]",
    },
}

# --- How a text is read ---------------------------------------------------------------------

#: Look-alike letters are compared as Latin ones, and every i as I.
_LOOK_ALIKE = str.maketrans(
    {
        **dict(zip("АВСЕНКМОРТХУавсенкмортху", "ABCEHKMOPTXYABCEHKMOPTXY", strict=True)),
        **dict.fromkeys("İıiІі", "I"),
    }
)
#: Words are compared without the signs that people leave out on a foreign keyboard.
_BARE = str.maketrans("ƏÖÜŞÇĞЁ", "EOUSCGE")

#: What stands in the views where something is known already: neither word, nor digit, nor gap.
_BLANK = "\uffff"


def _folded(pattern: str) -> str:
    """A pattern as it must be written to meet a text in the view `words`."""
    return pattern.translate(_LOOK_ALIKE).translate(_BARE)


def _words(pattern: str) -> re.Pattern[str]:
    """Finds words that begin like one of these, written one after another with spaces."""
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(_folded(pattern).split())})")


# The mark of an earlier round is no word that could explain the number beside it.
_MARK = re.compile("|".join(re.escape(mark) for marks in MARKS.values() for mark in marks.values()))

_DIGIT = re.compile(r"\d")
# All that most comments cost; measured, the fastest way to say that there is no digit.
_NO_DIGIT = re.compile(r"\D*+")
# An address spelt out needs a dot, spelt or plain, or a place where people have their mail.
_DOMAIN = re.compile(r"(?i)\bdot\b|n[oö]qt|точк|tochka|mail|yandex|yahoo|\w\.\w")

# --- What numbers are about -----------------------------------------------------------------

#: Somebody is to be called.
_CALL = _words(
    r"TEL TLF MOB ZENG ZEN[GQ] ELAQE WHATS VATSA VOTSA WATSA WOTSA WP\b WAPP VP\b SMS\b YAZIN"
    r" ТЕЛ МОБ СОТОВ ЗВОН ПОЗВОН ПЕРЕЗВОН СОЗВОН НАБЕР ВАТСА ВАЦА ВОТСА ВОЦА ВАЙБЕР СВЯЗ"
    r" PHONE CALL MOBILE CELL CONTACT VIBER TELEGRAM EV\b RING\b REACH ДОМАШН ГОРОДСК"
)
#: A number of something: of a telephone, if nothing else is named.
_NUMBER = _words(r"NOMRE(?!LI) NOMR\b NUMBER НОМЕР NOMER")
#: A number that names a paper, a queue or a company and nobody in person.
_PAPER_WORDS = (
    r"ERIZE MURACIET(?!\W+(?:ED|ET|OLUN)) SENED QERAR TALON NOVBE BILET SIFARIS QEBZ SORGU"
    r" QEYDIYYAT INDEKS VOEN EMR\b EMRI QANUN MUQAVILE CEK\b REYESTR ODENIS XIDMET SERENCAM"
    r" ЗАЯВ ОБРАЩЕНИ ТАЛОН ОЧЕРЕД ЗАКАЗ КВИТАНЦ ДОКУМЕНТ ДОГОВОР ПРИКАЗ ЗАКОН ИНН ЗАПРОС"
    r" РЕГИСТРАЦ УСЛУГ БИЛЕТ ЧЕК\b ИНДЕКС APPLICATION REQUEST TICKET ORDER CASE RECEIPT REFERENCE"
    r" REF\b TIN\b INVOICE ERROR BUILD KVITAN ABONENT ARAYIS XETA СПРАВК ЗАРЕГ"
)
_CERTIFICATES = r" SEHADETNAME SERTIFIKAT DIPLOM KITABCA СВИДЕТЕЛ СЕРТИФИК ДИПЛОМ КНИЖК CERTIFICATE"
_PAPER_WORDS += _CERTIFICATES
_PAPER = _words(_PAPER_WORDS)
#: A series of such a paper is none of a passport.
_CERTIFICATE_SERIES = re.compile(
    _words(_CERTIFICATES).pattern + _folded(r"[^\W\d_]*\s(?:[^\W\d_]+\s)?(?:SERI|СЕРИ)")
)
#: Such a word right before the number: "ərizə nömrəm: 12", but not "ərizəmə cavab: 12".
_PAPER_NAME = re.compile(
    _words(_PAPER_WORDS).pattern
    + _folded(
        r"[^\W\d_]*+(?:[\s:#№=(\-–]"
        r"|(?:NOMRE|NOM|NO|NR|N|НОМЕР|NUMBER|KOD|КОД|CODE|SAYLI|ILE|ПОД|IS|SERI)[^\W\d_]{0,6}+(?![^\W\d_])\.?)*+\Z"
    )
)
#: And right after it: "12 nömrəli ərizə".
_PAPER_NUMBERED = re.compile(_folded(r"\W{0,3}(?:NOMRE|SAYLI|KODLU)[^\W\d_]{0,6}\W"))
_TAX = _words("VOEN ИНН TIN TAX ВОЕН")
_CARD_WORD = _words("KART КАРТ CARD VISA MASTER BANK БАНК HESAB СЧЕТ ACCOUNT")
_ID_WORD = _words(
    r"VESIQE VESIGE УДОСТОВЕР УД\.? ID\W{0,2}(?:CARD|KART|КАРТ) IDENTITY S[/.]V SV\b AYDI"
)
_PASSPORT_WORD = _words(
    r"PAS+PORT XARICI\W?PAS ПАСПОРТ ЗАГРАН СЕРИ[ЯИЮ] SERI[YJ]?A MYI DYI MYV DYV"
    r" ВНЖ РВП ВИД\WНА\WЖИТ ПРОЖИВАН RESIDEN PERMIT YASA[MY]\w{0,6}\WICAZE YASAYIS ICAZE\WVESIQE"
)
#: After a sum of money or a measure.
_UNIT = re.compile(
    r"\s{0,2}(?:"
    + _folded(
        r"MANAT|MAN\b|AZN|QEPIK|USD|DOLLAR|EURO?\b|EUR\b|TL\b|МАНАТ|РУБ|ДОЛЛ|ГЯПИК|[₼$€%]"
        r"|NEFER|ADAM|KM\b|METR|IL\b|YAS"
    )
    + ")"
)

# --- The shapes -----------------------------------------------------------------------------

#: Between digits people put spaces, dashes, dots, slashes, brackets and the parts of an emoji.
_GAP = (
    r"(?:[\s\-.()/_*·•\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufe0f\u20e3]{0,4}"
    r"|,(?=\d))"
)
_OPERATOR = r"(?:1[0-9]|2[0-8]|36|4[0-9]|5[0-9]|60|7[0-9]|99)"
_MOBILE = r"(?:10|50|51|55|60|70|77|99)"
_ALONE = r"(?<!\d)(?<!\d[.,:/+\-])(?<!\d )"
_ENDS = r"(?![ .,:/\-]?\d)"


def _digits(count: int) -> str:
    """So many more digits, the last one with the frame that makes it an emoji."""
    return rf"(?:{_GAP}\d){{{count}}}(?!\d)(?:\ufe0f?\u20e3)?"


#: A zero typed as the letter O, and a one typed as I or L.
_LETTER_O = re.compile(r"(?<![^\W\d_])O(?=\d)|(?<=\d)O(?=[\s.\-/]?[\dO])|(?<=\dO)O(?=\d)")
_LETTER_ONE = re.compile(r"(?<=\d)[IL](?=\d)")

_DATE = re.compile(
    r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|1[0-2])\1(?:19|20)\d\d(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d([./-])(?:0?[1-9]|1[0-2])\2(?:0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)(?<!\d[ ./()-])(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|1[0-2])\3\d\d(?![./-]?\d)"
    r"|(?<!\d)(?<!\d[ ./()-])(?:0?[1-9]|[12]\d|3[01]) (?:0[1-9]|1[0-2]) (?:19|20)\d\d(?![ ./-]?\d)"
)

#: Phones that are nothing else wherever they stand.
_PHONE = re.compile(
    # a link to a chat
    r"(?:HTTPS?://)?(?:WWW\.)?(?:(?:WA|T)\.ME/|API\.WHATSAPP\.COM/SEND/?\?PHONE=)\+?\d{7,15}"
    # with the country code: +994 50 123 45 67, 00994501234567, 994(50)1234567, +994 (0) 50 …
    rf"|(?<!\d)\(?(?:(?:\+|00){_GAP})?994{_GAP}(?:\(?0\)?{_GAP})?[1-9]{_GAP}\d{_digits(7)}"
    # as dialled at home: 050 123 45 67, (050)1234567, 0-50-123-45-67
    rf"|(?<!\d)\+?(?:\(\s?)?0{_GAP}{_OPERATOR}{_digits(7)}"
    r"|(?<!\d)\(?0\d\d\)?[ \-.]\d{3}[ \-.]\d\d[ \-.]\d\d(?!\d)"
    # digit by digit
    r"|(?<!\d)0(?:[ .\-/\ufe0f\u20e3]{1,3}\d){9}(?![ .\-/]{0,3}\d)(?:\ufe0f?\u20e3)?"
    # of other countries, with their codes
    rf"|(?<!\d)(?:\+|00){_GAP}(?:[17]{_digits(10)}|(?:90|44|98|995|375|380|998){_digits(9)}"
    rf"|(?:90|44|98){_digits(10)})"
    rf"|(?<!\d)\+{_GAP}[1-9](?:{_GAP}\d){{7,14}}(?!\d)"
    rf"|(?<!\d)00{_GAP}[1-9](?:{_GAP}\d){{9,12}}(?!\d)"
    # as dialled at home in Turkey and Iran: 0532 123 45 67, 0212 123 45 67
    rf"|(?<!\d)0{_GAP}[59]\d\d{_digits(7)}"
    r"|(?<!\d)\(?0\d{3}\)?[ \-]\d{3}[ \-]\d\d[ \-]?\d\d(?!\d)"
    # in Russia: 8 916 123 45 67, 8 (495) 123-45-67
    rf"|(?<!\d)8{_GAP}9\d\d{_digits(7)}"
    r"|(?<!\d)8[ \-]?\(?\d{3}\)?[ \-]?\d{3}[ \-]\d\d[ \-]\d\d(?!\d)"
)

#: In one piece, a city's number is as long as an application's.
_CITY_UNBROKEN = re.compile(rf"0(?!{_MOBILE})\d{{9}}\Z")

#: Phones unless something else is named beside them.
_PHONE_SHAPE = re.compile(
    # other countries' codes without a plus
    rf"(?<!\d)(?:7{_GAP}[79]\d\d{_digits(7)}|90{_GAP}5\d\d{_digits(7)}|98{_GAP}9\d\d{_digits(7)}"
    rf"|995{_GAP}5\d\d{_digits(6)}|(?:375|380|998){_GAP}\d\d{_digits(7)})"
    # without the zero: 50 123 45 67, (50) 123-45-67, 50-1234567, 501234567, 501 23 45 67
    rf"|{_ALONE}\(?(?:{_MOBILE}|12)(?:\)[ \-]{{0,2}}|[ \-]{{1,3}}|[./])"
    rf"(?:\d{{3}}[ \-.]\d\d[ \-.]?\d\d|\d{{7}}|\d{{4}}[ \-]\d{{3}}){_ENDS}"
    rf"|{_ALONE}(?:{_MOBILE}\d|5\d\d)([ \-])\d\d\1\d\d\1\d\d{_ENDS}"
    rf"|{_ALONE}(?!\d+000(?!\d)){_MOBILE}\d{{7}}{_ENDS}"
    # a Russian or Turkish one without its first digit: 916 123-45-67
    rf"|{_ALONE}\(?[59]\d\d\)?[ \-]\d{{3}}[ \-]\d\d[ \-]\d\d{_ENDS}"
    # a city number: 498-12-34, 498 12 34
    rf"|{_ALONE}[2-9]\d\d-\d\d-\d\d{_ENDS}|{_ALONE}[2-9](?!00)\d\d \d\d \d\d{_ENDS}"
)

#: Phones only when somebody is to be called.
_PHONE_IF_CALLED = re.compile(
    rf"(?<!\d)[2-9]\d\d(?:[ .\-]?\d{{4}}|[ .\-]\d\d[ .\-]?\d\d){_ENDS}"
    rf"|(?<!\d)\(?{_MOBILE}{_digits(7)}"
    rf"|(?<!\d)[59]\d\d{_digits(7)}"
    r"|(?<!\d)0(?:\d{9,10}|\d{4} \d{6})(?!\d)"
)

_PROVIDER = (
    "(?:GMAIL|GMAII|GMEIL|GOOGLEMAIL|MAIL|EMAIL|YANDEX|YA|YAHOO|HOTMAIL|OUTLOOK|ICLOUD|INBOX|BK"
    "|LIST|RAMBLER|BOX|PROTON|PROTONMAIL|LIVE|INTERNET|DAY)"
)
_TOP = "(?:COM|RU|AZ|NET|ORG|INFO|EDU|GOV|TR|GE|UA|KZ|BY|DE|UK|EU|IO|CO|ME|BIZ|РУ|РФ|КОМ|АЗ)"
_SPELT_DOT = r"(?:DOT|NOQTE|TOCHKA|ТОЧКА)"
_LOCAL = r"(?<![\w.+%\-])[\w.+%\-]{1,64}"
_EMAIL = re.compile(
    _folded(
        # name@site.az, name @ site.az, name(at)site.az, name[at]site[dot]az
        rf"{_LOCAL}(?:\s{{0,2}}@\s{{0,2}}|\s?[(\[{{<]\s?(?:AT|ET|@|СОБАКА|SOBAKA)\s?[)\]}}>]\s?)"
        rf"(?:[^\W_][\w\-]{{0,62}}"
        rf"(?:(?:\.{{1,2}}|\s?[(\[]\s?{_SPELT_DOT}\s?[)\]]\s?|\s{_SPELT_DOT}\s)[\w\-]{{1,63}}){{0,4}}"
        rf"(?:\.{{1,2}}|\s?[(\[]\s?{_SPELT_DOT}\s?[)\]]\s?|\s{_SPELT_DOT}\s)[^\W\d_]{{2,24}}"
        rf"|{_PROVIDER}\s{{0,2}}[.,]{{0,2}}\s{{0,2}}{_TOP}(?!\w)"
        rf"|[^\W_][\w\-]{{0,62}}(?:\s\.\s?|\.\s|,){_TOP}(?!\w)"
        rf"|{_PROVIDER}(?!\w))"
        # name at site dot az
        rf"|{_LOCAL}\s(?:AT|ET|СОБАКА|SOBAKA)\s"
        rf"[^\W_][\w\-]{{0,62}}(?:\.[\w\-]{{1,63}}){{0,2}}(?:\s{_SPELT_DOT}\s[^\W\d_]{{2,24}}){{1,3}}(?!\w)"
    )
)
#: "name at gmail.com" is also how one says "I looked at gmail.com".
_EMAIL_IN_WORDS = re.compile(
    _folded(rf"({_LOCAL})\s(?:AT|ET|СОБАКА|SOBAKA)\s{_PROVIDER}[.,]\s?{_TOP}(?!\w)")
)
_MAIL_WORD = _words("MAIL MEIL E-?MAIL E-?POCT POCT ПОЧТ МЭЙЛ ЕМЕЙЛ ИМЕЙЛ МЕЙЛ WRITE ПИШ YAZ")

#: How long an IBAN is in each country (the registry of ISO 13616), as far as our citizens bank.
_IBAN_LENGTHS = {
    "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BE": 16, "BG": 22, "BY": 28, "CH": 21,
    "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22,
    "GE": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IT": 27, "JO": 30,
    "KW": 30, "KZ": 20, "LB": 28, "LT": 20, "LU": 20, "LV": 21, "MD": 24, "MT": 31, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
    "SE": 24, "SI": 19, "SK": 24, "TR": 26, "UA": 29,
}  # fmt: skip
_IBAN_START = re.compile(
    r"(?=(AZ(?=[ \-.]{0,2}\d[ ]?\d)|(?:(?<![^\W_])|(?<=IBAN))[A-Z]{2}(?=\d[ ]?\d)))"
)
_IBAN = {
    country: re.compile(rf"[A-Z0-9](?:[ \-.\u00a0]{{0,2}}[A-Z0-9]){{{length - 1}}}")
    for country, length in _IBAN_LENGTHS.items()
}
_NOT_CODE = re.compile(r"[^A-Z0-9]+")

_DIGIT_RUN = re.compile(r"\d+(?:[ \-./\u2010-\u2015\u00a0]{1,3}\d+)*")
_GROUP = re.compile(r"\d+")
_CARD_SHAPES = frozenset(
    ((4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (8, 8), (4, 12), (6, 10), (4, 8, 4), (4, 4, 8))
)
_CARD_GROUPS = frozenset((4, 6, 8, *range(13, 20)))
#: The first digits of the world's payment systems, by the length of the number.
_CARD_START = re.compile(
    r"(?:4(?:\d{12}|\d{15}|\d{18})|3[47]\d{13}|3[068]\d{12}|5\d{15}|6\d{15,18}|35\d{14}"
    r"|2(?:20[0-5]|22[1-9]|2[3-9]|[3-6]|7[01]|720)\d*)\Z"
)

_NUMBER_SIGN = r"(?:SERI[YJ]?A\w{0,5}\s?)?(?:(?:NOMRE\w{0,5}|NOM|NO|NR|N|№|#)[.:]?\s?)?"
_ID_CARD = re.compile(
    rf"AA[\s\-.,:]{{0,2}}{_NUMBER_SIGN}(?:\d{{7,8}}|\d(?:[ \-]?\d){{6}})(?!\d)"
    rf"|A[ZЗ]E[\s\-.,:]{{0,2}}{_NUMBER_SIGN}(?:\d{{7,9}}|\d(?:[ \-]?\d){{7}})(?!\d)"
)
_ID_IF_NAMED = re.compile(r"(?<![A-Z0-9])\d{7,8}(?!\d)")
_PASSPORT = re.compile(
    r"(?<![^\W_])(?:C[\-№]?\d{8}|P[\-№]?\d{7})(?!\d)"
    r"|(?<![^\W_])(?:MYI|DYI|MYV|DYV)[\s:.\-№N]{0,4}\d{6,9}(?!\d)"
)
_PASSPORT_IF_NAMED = re.compile(
    _folded(
        # the Russian inner passport: 45 10 123456, 4510 № 123456, 45 10 номер 123456
        r"(?<!\d)\d\d[ \-]?\d\d"
        r"(?:[ ,\-№N]{0,4}|[ ,]{0,2}(?:NOMRE|НОМЕР|NUMBER|NO)[^\d\n]{0,8})\d{6}(?!\d)"
        # a letter or two and six to nine digits, the Georgian one, and digits alone
        r"|(?<![^\W_])[A-Z]{1,3}[ №\-]{0,3}\d{6,9}(?!\d)"
        r"|(?<!\d)\d\d[A-Z]{2}\d{5}(?!\d)"
        r"|(?<![^\W_])\d\d [№N]? ?\d{7}(?!\d)"
        r"|(?:№ ?)?(?<![^\W_])\d{7,10}(?!\d)"
    )
)

#: O and I are never in one, but in what is mistyped.
_FIN = re.compile(r"(?<![^\W_])[0-9A-Z]{7}(?![^\W_])")
_NEVER_IN_FIN = re.compile("[IO]")
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{4,}(?![^\W_])")
_FIN_WORD = re.compile(
    _folded(
        r"(?<![^\W\d_])(?:F\.?I\.?N|P\.?I\.?N|Ф\.?И\.?Н|П\.?И\.?Н)"
        r"(?:[ \-.]{0,2}(?:KOD|CODE|КОД)[^\W\d_]{0,8}"
        r"|[\-']?(?:IMIZ|INIZ|IMI|INI|IM|IN|I|E|DE|LE|А|У|ОМ|Е)?(?![^\W\d_]))"
        r"|(?<![^\W\d_])FERDI\s(?:IDENTIFIKASIYA\s)?(?:NOMRE|KOD)[^\W\d_]{0,8}"
    )
)
_FIN_AFTER = re.compile(rf"[\s)\-]{{1,3}}{_FIN_WORD.pattern}")
_NO_LANGUAGE = re.compile(rf"{_BLANK}|(?<![^\W\d_])[FfPp][İIıi][Nn](?![^\W\d_])")
#: What people say between "FIN" and the code.
_FIN_FILLER = re.compile(
    _folded(
        r"(?:[\s:№#=.,\-–—\"'«(]|(?:NOMRE|BUDUR|BUDU|BU|BELEDIR|BELE|MENIM|ISE|DIR|IS|У|МЕНЯ|ЕГО|ЕЕ"
        r"|МОЙ|МОЕГО|МОЕЙ|NUMBER|KOD|КОД|CODE|НОМЕР|ТАКОЙ|ЭТО|МАМЫ|ПАПЫ|СЫНА|ДОЧЕРИ|OF|MY"
        r"|YAZIRAM|SIMVOL)[^\W\d_]{0,6}(?![^\W_]))*"
    )
)
_FIN_CODE = re.compile(r"[0-9A-Z]{7}(?![^\W_])|[0-9A-Z](?:[ \-.]{0,3}[0-9A-Z]){6}(?![^\W_])")
_FIN_DIGITS = re.compile(r"[^\d\n]{0,30}(?<![^\W_])(\d{7})(?!\d)")

#: A code in capitals glued to a word in small letters: 5ZK7H2Mdir.
_FIN_GLUED = re.compile(
    r"(?<![^\W_])[0-9A-HJ-NP-Z]{7}(?=[a-zəıöüşçğ])|(?<=[a-zəıöüşçğ])[0-9A-HJ-NP-Z]{7}(?![^\W_])"
)
_PIECE = re.compile(r"[^\W_]+")
_VOWEL = re.compile(r"[AEUYaeuyOoIiİıƏəÖöÜü]")
_UNIT_WORD = re.compile(r"(?:AY|IL|İL|GUN|GÜN)\Z")

_WORD_AND_NUMBER = re.compile(r"(?:[0-9]+[A-Z]{3,}|[A-Z]{3,}[0-9]+)\Z")
#: Amounts, times and laws that happen to have seven signs: 20manat, 3saatda, 5ay3gun, 1234VQD.
_UNIT_CODE = re.compile(
    r"(?:[0-9]+(?:(?:MANAT|MAHAT|MAN|MNT|AZN|SAAT|GUN|DEQ|ADAM|NEFER|HEFTE|YAS|QEP|DENE|DEFE|USAQ"
    r"|ULDUZ|FA[YI]Z|MERTEBE|PENCERE|MASA|SENED|METR|KART|HOUR|DAY|NIGHT|WEEK|YEAR|MIN|MONTH|STAR"
    r"|PERCENT)[A-Z]*|(?:AY|KV|KG|SM|VQ|MQ|NK|DQ)(?:[AEIUDL][A-Z]*)?))+\Z"
    r"|[0-9]*(?:1ST|2ND|3RD|[0-9]TH)[A-Z]*\Z"
)
#: Cars, machines, places with a year or number: 10AA123, GTX1080, EKO2026, HTTP500.
_NOT_FIN = re.compile(
    r"(?:0[1-9]|[1-6]\d|7[0-27]|85|90|99)[A-Z]{2}\d{3}\Z|[GR]TX\d{4}\Z|[A-Z]{3}20[0-3]\d\Z"
    r"|[A-Z]{4}\d{3}\Z"
)
#: Letters that nobody can say: no vowel, or too many consonants in a row.
_UNSPEAKABLE = re.compile(r"[^AEIOUY\d]{4}|(?<![A-Z])[^AEIOUYS\d][^AEIOUY\d]{2}|\A[^AEIOUY]+\Z")
#: A number in a series rather than a code given to a person: B104732, AB10473.
_SERIAL = re.compile(r"[A-Z]{1,2}\d{5,6}\Z")
_FIN_AND_CODE = re.compile(_folded(r"(?<![^\W\d_])(?:[FP]IN|[ФП]ИН)([0-9A-Z]{7})(?![^\W_])"))


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data at text[start:end]."""

    kind: Kind
    start: int
    end: int


def redact(text: str, hint: str | None = None) -> str:
    """The text with personal data replaced by marks such as "[telefon silinib]".

    The marks speak the language of the text; where it does not tell, or is mixed, that of the form
    (`hint`: az, ru or en), else Azerbaijani. Redacting twice changes nothing more. The time is
    linear in the length of the text. Never raises on any string.
    """
    found = find_personal_data(text)
    if not found:
        return text
    # An address is no English word, and neither is "FIN": what is left tells the language.
    said = _blanked(text, ((finding.start, finding.end) for finding in found))
    marks = MARKS[_language_of_marks(_NO_LANGUAGE.sub(" ", said), hint)]
    while found:
        pieces: list[str] = []
        start = 0
        for finding in found:
            pieces += (text[start : finding.start], marks[finding.kind])
            start = finding.end
        pieces.append(text[start:])
        # What stood against a removed piece may only now be recognised; each round removes
        # digits, an @ or an "at", and the marks hold none of them, so the rounds end.
        text = "".join(pieces)
        found = find_personal_data(text)
    return text


def find_personal_data(text: str) -> tuple[Finding, ...]:
    """Where personal data stand in a text, from left to right, none overlapping another."""
    if _NO_DIGIT.fullmatch(text) and "@" not in text and not _may_spell_address(text):
        return ()
    return _Search(text).findings()


def _may_spell_address(text: str) -> bool:
    """Whether there may be an address without a plain @. Looking for strings beats one pattern."""
    return (
        " at " in text
        or " AT " in text
        or " et " in text
        or "(at" in text
        or "(ət" in text
        or "[at" in text
        or "[ət" in text
        or "[AT" in text
        or "＠" in text
        or "собака" in text
        or "sobaka" in text
    ) and _DOMAIN.search(text) is not None


class _Search:
    """One reading of one text: its views, and what was found in it so far.

    All views are as long as the text, sign for sign, so that a place in one is a place in all:
    `upper` has capitals, plain digits and Latin look-alikes; `words` is bare of diacritics too; in
    `numbers` letters that stand for a zero are one, and dates are blanked out.
    """

    __slots__ = ("found", "numbers", "taken", "text", "upper", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.upper = _plain(text).translate(_LOOK_ALIKE)
        if "[" in text:
            self.upper = _blanked(self.upper, (match.span() for match in _MARK.finditer(text)))
        self.words = self.upper.translate(_BARE)
        numbers = _LETTER_O.sub("0", self.words) if "O" in self.words else self.words
        if "I" in numbers or "L" in numbers:
            numbers = _LETTER_ONE.sub("1", numbers)
        self.numbers = _blanked(numbers, (match.span() for match in _DATE.finditer(numbers)))
        self.found: list[Finding] = []
        self.taken = bytearray(len(text))

    def findings(self) -> tuple[Finding, ...]:
        """Everything found, the surest first: it explains or hides what stands beside it."""
        self._take(self._emails())
        enough = len(_DIGIT.findall(self.numbers)) > 5
        if enough:
            self._take(self._bank_numbers())
            self._take(("id_card", *match.span()) for match in _ID_CARD.finditer(self.numbers))
            self._take(("passport", *match.span()) for match in _PASSPORT.finditer(self.numbers))
            self._take(self._sure_phones())
            spans = [(finding.start, finding.end) for finding in self.found]
            self.upper = _blanked(self.upper, spans)
            self.numbers = _blanked(self.numbers, spans)
        self._take(self._named_fins())
        if enough:
            self._take(self._named_papers("passport", _PASSPORT_WORD, _PASSPORT_IF_NAMED))
            self._take(self._named_papers("id_card", _ID_WORD, _ID_IF_NAMED))
            self._take(self._likely_phones())
        self._take(self._fins())
        if self.found:
            self._take(self._repeated())
        return tuple(sorted(self.found, key=lambda finding: finding.start))

    def _take(self, candidates: Iterable[tuple[Kind, int, int]]) -> None:
        for kind, start, end in candidates:
            if not any(self.taken[start:end]):
                self.taken[start:end] = b"\x01" * (end - start)
                self.found.append(Finding(kind, start, end))

    def _emails(self) -> Iterator[tuple[Kind, int, int]]:
        if "@" not in self.upper and not _may_spell_address(self.text):
            return
        for match in _EMAIL.finditer(self.words):
            yield "email", *match.span()
        for match in _EMAIL_IN_WORDS.finditer(self.words):
            if re.search(r"[\d._]", match[1]) or _MAIL_WORD.search(
                self.words, max(0, match.start() - 40), match.start()
            ):
                yield "email", *match.span()

    def _bank_numbers(self) -> Iterator[tuple[Kind, int, int]]:
        """The IBANs and cards whose check digits are right, or that are called so."""
        for start in _IBAN_START.finditer(self.upper):
            shape = _IBAN.get(start[1])
            match = shape.match(self.upper, start.start()) if shape else None
            if match and _is_iban(match[0]):
                yield "iban", *match.span()
        for run in _DIGIT_RUN.finditer(self.numbers):
            if self.numbers.endswith("+", 0, run.start()):
                continue
            for first, last in _cards_in(run, self._is_card_named):
                yield "card", first, last

    def _is_card_named(self, start: int, end: int) -> bool:
        return bool(
            _CARD_WORD.search(self.words, max(0, start - 35), start)
            or _CARD_WORD.search(self.words, end, end + 20)
        )

    def _sure_phones(self) -> Iterator[tuple[Kind, int, int]]:
        for match in _PHONE.finditer(self.numbers):
            start, end = match.span()
            if match[0].isdigit() and (
                _TAX.search(self.words, max(0, start - 20), start)
                or (_CITY_UNBROKEN.match(match[0]) and self._is_paper(start, end))
            ):
                continue
            yield "phone", start, end

    def _likely_phones(self) -> Iterator[tuple[Kind, int, int]]:
        for match in _PHONE_SHAPE.finditer(self.numbers):
            if not self._is_paper(*match.span()):
                yield "phone", *match.span()
        for match in _PHONE_IF_CALLED.finditer(self.numbers):
            if self._purpose(*match.span()) == "call":
                yield "phone", *match.span()

    def _is_paper(self, start: int, end: int) -> bool:
        """Whether what looks like a phone is named as a paper, a queue or a sum right beside it."""
        before = self.words[max(0, start - 40) : start]
        if _UNIT.match(self.words, end) or _PAPER_NAME.search(before):
            return True
        if before.rstrip().endswith(("№", "#")):
            return self._purpose(start, end) == "paper"
        numbered = _PAPER_NUMBERED.match(self.words, end)
        return numbered is not None and self._purpose(start, end) == "paper"

    def _purpose(self, start: int, end: int) -> Literal["call", "paper", "unknown"]:
        """What the words around a number say it is for; the word nearest before it decides."""
        if _UNIT.match(self.words, end):
            return "paper"
        before = self.words[max(0, start - 40) : start]
        call, paper = _last(_CALL, before), _last(_PAPER, before)
        if call > paper or (paper < 0 and _NUMBER.search(before)):
            return "call"
        if paper >= 0 or before.rstrip().endswith(("№", "#")):
            return "paper"
        after = self.words[end : end + 30]
        if _CALL.search(after):
            return "call"
        if _PAPER.search(after):
            return "paper"
        return "call" if _NUMBER.search(after) else "unknown"

    def _named_papers(
        self, kind: Kind, name: re.Pattern[str], shape: re.Pattern[str]
    ) -> Iterator[tuple[Kind, int, int]]:
        """The numbers of passports and cards that only the word beside them tells from others."""
        if name.search(self.words) is None:
            return
        for match in shape.finditer(self.numbers):
            start, end = match.span()
            before = self.words[max(0, start - 45) : start]
            named = _last(name, _CERTIFICATE_SERIES.sub("", before))
            if _UNIT.match(self.words, end) or named < max(
                _last(_PAPER, before), _last(_CALL, before)
            ):
                continue
            if named >= 0 or name.search(self.words, end, end + 35):
                yield kind, start, end

    def _named_fins(self) -> Iterator[tuple[Kind, int, int]]:
        """The codes after "FIN", whatever they look like, if they can be one at all."""
        for word in _FIN_WORD.finditer(self.words):
            filler = _FIN_FILLER.match(self.words, word.end(), word.end() + 40)
            start = filler.end() if filler else word.end()
            code = _FIN_CODE.match(self.words, start)
            if code and self._can_be_fin(code):
                yield "fin", *code.span()
                continue
            digits = _FIN_DIGITS.match(self.numbers, word.end())
            if digits and self._purpose(*digits.span(1)) == "unknown":
                yield "fin", *digits.span(1)
        for match in _FIN_AND_CODE.finditer(self.words):
            if len(_DIGIT.findall(match[1])) > 1 and _is_fin(match[1], in_capitals=True):
                yield "fin", *match.span(1)

    def _can_be_fin(self, code: re.Match[str]) -> bool:
        """Whether signs right after "FIN" are the code and not "2 saatda" or "3 ay 2 gün"."""
        if _DIGIT.search(code[0]) is None or _UNIT_CODE.match(_NOT_CODE.sub("", code[0])):
            return False
        pieces = _PIECE.findall(self.text[code.start() : code.end()])
        return len(pieces) == 1 or not any(
            len(piece) > 1 and piece.isalpha() and (_VOWEL.search(piece) or _UNIT_WORD.match(piece))
            for piece in pieces
        )

    def _fins(self) -> Iterator[tuple[Kind, int, int]]:
        about_fins = _FIN_WORD.search(self.words) is not None
        # Where everything is in capitals, capitals say nothing.
        loud = self.text.isupper() and _WORD.search(self.text) is not None
        for match in _FIN.finditer(self.upper):
            start, end = match.span()
            code, written = match[0], self.text[start:end]
            if _NEVER_IN_FIN.search(code) and not (
                about_fins and len(_DIGIT.findall(code)) > 1 and not _is_word_and_number(code)
            ):
                continue
            if _is_fin(code, not loud and written == written.upper()):
                if not (_SERIAL.match(code) and self._is_paper(start, end)):
                    yield "fin", start, end
            elif _DIGIT.search(code) and _FIN_AFTER.match(self.words, end):
                yield "fin", start, end
        for match in _FIN_GLUED.finditer(self.text):
            code = match[0]
            if 2 <= len(_DIGIT.findall(code)) <= 5 and _is_fin(code, in_capitals=True):
                yield "fin", *match.span()

    def _repeated(self) -> Iterator[tuple[Kind, int, int]]:
        """What was found once, wherever it stands again without the word that gave it away."""
        text = self.text
        known: dict[str, dict[int, dict[str, Kind]]] = {}
        for finding in self.found:
            datum = text[finding.start : finding.end]
            lengths = known.setdefault(datum[:6], {})
            lengths.setdefault(len(datum), {})[datum] = finding.kind
        start = 0
        for start in range(len(text) - 5):
            lengths_here = known.get(text[start : start + 6])
            if lengths_here is None or self.taken[start]:
                continue
            for length, data in lengths_here.items():
                kind = data.get(text[start : start + length])
                if kind is not None:
                    yield kind, start, start + length


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match begins, or -1."""
    place = -1
    for match in pattern.finditer(text):
        place = match.start()
    return place


def _blanked(view: str, spans: Iterable[tuple[int, int]]) -> str:
    """The view with these places, given from left to right or not, made unreadable."""
    pieces: list[str] = []
    done = 0
    for start, end in sorted(spans):
        pieces += (view[done:start], _BLANK * (end - start))
        done = end
    return "".join((*pieces, view[done:])) if pieces else view


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


def _is_fin(code: str, in_capitals: bool) -> bool:
    """Whether seven signs are a FIN rather than a word with a number.

    Letters that nobody can say are a code. A word with a number, "otaq305", is none; "20manat" and
    "2saatda" look like a code too, but only in small letters, and so does one digit inside a word,
    as in "qa4anda".
    """
    if code.isdigit() or code.isalpha() or not code.isascii():
        return False
    if _NOT_FIN.match(code) or _UNIT_CODE.match(code):
        return False
    if _UNSPEAKABLE.search(code):
        return True
    digits = _DIGIT.findall(code)
    if digits == ["4"] and code[0] != "4" and len(_VOWEL.findall(code)) > 1:
        return False
    is_word = _is_word_and_number(code)
    if in_capitals:
        return not (is_word and code[0].isalpha() and len(digits) < 4)
    return not is_word and (len(digits) > 1 or code[0].isdigit())


def _is_word_and_number(code: str) -> bool:
    match = _WORD_AND_NUMBER.match(code)
    return match is not None and _UNSPEAKABLE.search(code) is None


def _is_iban(written: str) -> bool:
    """Whether the check digits are right, or a mistyped one still looks Azerbaijani.

    ISO 13616: the four first signs moved to the end, letters as numbers, remainder 1 of 97.
    """
    code = _NOT_CODE.sub("", written)
    if not code[2:4].isdigit():
        return False
    if code.startswith("AZ"):
        if not code[4:8].isalpha():
            return False
        if sum(map(str.isdigit, code[8:])) > 14:
            return True
    number = "".join(str(int(sign, 36)) for sign in code[4:] + code[:4])
    return int(number) % 97 == 1


def _cards_in(run: re.Match[str], is_named: Callable[[int, int], bool]) -> list[tuple[int, int]]:
    """The spans of bank cards in a run of digits: unbroken, in groups, or the whole run."""
    if len(run[0]) < 13:
        return []
    groups = [found.span() for found in _GROUP.finditer(run[0])]
    offset = run.start()
    cards: list[tuple[int, int]] = []
    index = 0
    while index < len(groups):
        first = groups[index][1] - groups[index][0]
        for count in (5, 4, 3, 2, 1) if first in _CARD_GROUPS else ():
            window = groups[index : index + count]
            lengths = tuple(end - start for start, end in window)
            if len(window) == count and (
                (count == 1 and 13 <= lengths[0] <= 19) or lengths in _CARD_SHAPES
            ):
                digits = "".join(run[0][start:end] for start, end in window)
                span = (offset + window[0][0], offset + window[-1][1])
                # A mistyped one counts if it is called a card; no card has 13 digits any more.
                if (len(digits) != 13 and _is_card(digits)) or (
                    15 <= len(digits) <= 17 and digits[0] in "23456" and is_named(*span)
                ):
                    cards.append(span)
                    index += count
                    break
        else:
            index += 1
    if not cards and 1 < len(groups) < 20 and 14 <= sum(end - start for start, end in groups) <= 19:
        digits = "".join(run[0][start:end] for start, end in groups)
        if _is_card(digits):
            cards.append(run.span())
    return cards


def _is_card(digits: str) -> bool:
    return _CARD_START.match(digits) is not None and _passes_luhn(digits)


def _passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812: every second digit from the right doubled, the sum divisible by ten."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        digit = ord(sign) - 48
        if place % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def _language_of_marks(text: str, hint: str | None) -> str:
    from analysis.language import detect_language

    language: str | None = detect_language(text, hint)
    for candidate in (language, hint):
        if candidate in MARKS:
            return str(candidate)
    return "az"
