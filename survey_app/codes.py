"""Codes that people read and type: their letters, their check character, and how they are kept."""

import hmac
import secrets
from collections.abc import Sequence

# Twenty consonants that are told apart by eye and form no words (RFC 8628, section 6.1).
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"

POSTER_LENGTH = 8
TICKET_LENGTH = 10
RECEIPT_LENGTH = 12
_LONGEST_GROUP = 5


def mint_code(length: int) -> str:
    """A random code of `length` letters, the last of which is its check character."""
    payload = "".join(secrets.choice(ALPHABET) for _ in range(length - 1))
    return payload + check_character(payload)


def derive_code(noise: bytes, length: int) -> str:
    """The code that these bytes stand for: the same bytes give the same code again."""
    number, payload = int.from_bytes(noise), ""
    for _ in range(length - 1):
        number, value = divmod(number, len(ALPHABET))
        payload += ALPHABET[value]
    return payload + check_character(payload)


def check_character(payload: str) -> str:
    """The letter that makes a typing mistake show: the Luhn algorithm, modulo 20.

    Any single wrong letter changes it, and so does nearly every swap of two neighbours.
    Raises ValueError for a character that is none of ours.
    """
    total = 0
    for place, letter in enumerate(reversed(payload)):
        value = ALPHABET.index(letter) * (2 if place % 2 == 0 else 1)
        total += value // len(ALPHABET) + value % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]


def plain_code(text: str) -> str:
    """A code as it is kept, whatever case, spaces and dashes it was typed with."""
    return "".join(character for character in text.upper() if character.isalnum())


def is_sound(code: str) -> bool:
    """Whether a plain code consists of our letters and ends with the right check character."""
    return len(code) > 1 and set(code) <= set(ALPHABET) and check_character(code[:-1]) == code[-1]


def grouped_code(code: str) -> str:
    """The code as it is printed: in even groups of at most five, which the eye can hold."""
    size = next(size for size in range(_LONGEST_GROUP, 0, -1) if len(code) % size == 0)
    return "-".join(code[start : start + size] for start in range(0, len(code), size))


def code_digest(purpose: str, code: str, key: str) -> bytes:
    """What is kept of a code: a keyed SHA-256, so that a stolen database tells no code."""
    return hmac.digest(key.encode(), f"{purpose} {code}".encode(), "sha256")


def code_digests(purpose: str, code: str, signing_keys: Sequence[str]) -> list[bytes]:
    """The digest under each signing key: codes outlive the key they were made with."""
    return [code_digest(purpose, code, key) for key in signing_keys]
