"""What somebody typed as a code: how it was meant, and where its mistake may be."""

from dataclasses import dataclass

from survey_app.codes import ALPHABET, grouped_code, is_sound, plain_code

# Cyrillic letters that look like ours: on a Russian keyboard they are what one finds.
_CYRILLIC = str.maketrans("ВСНКМРТХ", "BCHKMPTX")
# Letters that are taken for each other in print or in handwriting.
_LOOK_ALIKE = ("BPR", "CGQ", "DQ", "PFT", "HMN", "KX", "MNW", "VW", "SZ", "JL", "LT", "XZ")


@dataclass(frozen=True)
class Mistake:
    """A code that cannot be right. `letters` are those to look at, each with its place from 1;
    empty when any may be wrong."""

    written: str
    is_foreign: bool
    letters: tuple[tuple[str, int], ...]


def read_code(text: str) -> str:
    """The code that was meant: capitals of our alphabet, without spaces and dashes."""
    return plain_code(text.upper().translate(_CYRILLIC))


def find_mistake(code: str, length: int) -> Mistake | None:
    """Why a plain code of this length can be none of ours; None when it can, or has another
    length: codes of older shapes have no check character."""
    if len(code) != length or is_sound(code):
        return None
    foreign = [(letter, place) for place, letter in enumerate(code, 1) if letter not in ALPHABET]
    letters = foreign or [
        (letter, place) for place, letter in enumerate(code, 1) if _may_be_wrong(code, place - 1)
    ]
    return Mistake(grouped_code(code), bool(foreign), tuple(letters))


def _may_be_wrong(code: str, place: int) -> bool:
    """Whether the code comes right with a look-alike here, or with this letter and the next in
    the other order."""
    before, letter, after = code[:place], code[place], code[place + 1 :]
    others = {other for group in _LOOK_ALIKE if letter in group for other in group} - {letter}
    swapped = before + after[:1] + letter + after[1:]
    return any(is_sound(before + other + after) for other in others) or is_sound(swapped)
