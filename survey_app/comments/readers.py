"""Which reader this network uses: the shipped one, or one fitted here; chosen and taken back.

A reader fitted here is a file `<version>.npz` with a card `<version>.json` beside it, which says
what it was evaluated on. `current.json` names the one in use. Every file appears whole or not at
all, so that a worker may look at any moment.
"""

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog

from survey_app.config import Settings
from survey_app.errors import NotFound

if TYPE_CHECKING:
    from analysis.reading import Reader

log = structlog.get_logger()

# How the reader that comes with the program is called on the command line and in a choice.
SHIPPED = "shipped"
# So many earlier choices can be taken back, one after the other.
_REMEMBERED = 20
_CURRENT = "current.json"
# A version is part of a file's name, and what stands in current.json may be anybody's.
_VERSION = re.compile(r"(?!current$)[a-z0-9][a-z0-9-]{0,39}")


class NoSuchReader(NotFound):
    """There is no reader of this version here, or no earlier one; the message says which."""


class BrokenReader(Exception):
    """The file of a reader, or the choice of one, is not as it was written."""


@dataclass(frozen=True)
class Card:
    """What is known of a reader fitted here.

    `digest` is the SHA-256 (hex) of its file, `evaluated_on` says in words which comments it was
    measured on, and `figures` holds what came out, as shares between 0 and 1.
    """

    version: str
    fitted_at: datetime
    digest: str
    evaluated_on: str
    figures: dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """The version in use, or SHIPPED; and those in use before it, the newest last."""

    version: str = SHIPPED
    chosen_at: datetime | None = None
    earlier: tuple[str, ...] = ()
    card: Card | None = None

    @property
    def before(self) -> str | None:
        """The version that a rollback returns to."""
        return self.earlier[-1] if self.earlier else None


def readers_folder(settings: Settings) -> Path:
    """Where an installation keeps the readers it has fitted."""
    return settings.data_dir / "readers"


# --- the reader in use ---------------------------------------------------------------------------

Stamp = tuple[int, int, int] | None


@dataclass(frozen=True)
class _Opened:
    """A reader in memory, and how its files looked when it was opened."""

    choice_stamp: Stamp
    file: Path | None
    file_stamp: Stamp
    reader: "Reader"


_opened: dict[Path, _Opened] = {}
_opening = Lock()


def current_reader(folder: Path) -> "Reader":
    """The reader in use, from memory unless the choice or its file has changed since.

    Never fails for what lies in the folder: a reader that cannot be used is logged once and the
    shipped one reads in its place, because a comment read by it is better than one left unread.
    """
    choice_file = folder / _CURRENT
    with _opening:
        known = _opened.get(folder)
        # Looked at before the files are opened: what changes meanwhile is noticed next time.
        stamp = _stamp(choice_file)
        if (
            known is not None
            and known.choice_stamp == stamp
            and (known.file is None or known.file_stamp == _stamp(known.file))
        ):
            return known.reader
        _opened[folder] = opened = _open_current(folder, stamp)
        return opened.reader


def get_reader(folder: Path) -> "Reader":
    """The reader in use, and no other in its place: raises BrokenReader when it cannot be used."""
    from analysis.reading import shipped_reader

    choice = _read_choice(folder)
    return shipped_reader() if choice.card is None else _open(folder, choice.card)


def _open_current(folder: Path, stamp: Stamp) -> _Opened:
    from analysis.reading import shipped_reader

    file = None
    file_stamp: Stamp = None
    try:
        choice = _read_choice(folder)
        if choice.card is not None:
            file = _file(folder, choice.version)
            file_stamp = _stamp(file)
            return _Opened(stamp, file, file_stamp, _open(folder, choice.card))
    except BrokenReader as problem:
        log.error("reader unusable, the shipped one reads", problem=str(problem))
    return _Opened(stamp, file, file_stamp, shipped_reader())


def _open(folder: Path, card: Card) -> "Reader":
    """The reader of a card. Raises BrokenReader when its file is missing, changed or too old."""
    from analysis.model import UnusableReaderError, load_model
    from analysis.reading import Reader

    try:
        content = _file(folder, card.version).read_bytes()
    except OSError as problem:
        raise BrokenReader(f"{card.version}: {problem.strerror}") from problem
    if hashlib.sha256(content).hexdigest() != card.digest:
        raise BrokenReader(f"{card.version}: the file is not the one that was written")
    try:
        return Reader(load_model(content))
    except UnusableReaderError as problem:
        raise BrokenReader(f"{card.version}: {problem}") from problem


def _stamp(path: Path) -> Stamp:
    """What changes when a file is replaced; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


# --- keeping and choosing ------------------------------------------------------------------------


def keep(
    folder: Path, content: bytes, fitted_at: datetime, evaluated_on: str, figures: dict[str, Any]
) -> Card:
    """Store a fitted reader, as `ReaderModel.to_bytes` gives it; nobody uses it until chosen.

    Raises analysis.model.UnusableReaderError when the bytes are no reader.
    """
    from analysis.model import load_model

    card = Card(
        version=load_model(content).version,
        fitted_at=fitted_at,
        digest=hashlib.sha256(content).hexdigest(),
        evaluated_on=evaluated_on,
        figures=figures,
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The card comes last: a reader without one does not exist.
    _write(_file(folder, card.version), content)
    _write(_card_file(folder, card.version), _to_json(asdict(card)))
    return card


def find_readers(folder: Path) -> list[Card]:
    """The readers fitted here, the newest first; a card that cannot be read is logged."""
    cards = []
    for path in sorted(folder.glob("*.json")):
        if path.name == _CURRENT:
            continue
        try:
            cards.append(_read_card(folder, path.stem))
        except (BrokenReader, NoSuchReader) as problem:
            log.warning("a reader's card is unusable", problem=str(problem))
    return sorted(cards, key=lambda card: (card.fitted_at, card.version), reverse=True)


def current_choice(folder: Path) -> Choice:
    """What current.json says; the shipped reader when it says nothing usable, which is logged."""
    try:
        return _read_choice(folder)
    except BrokenReader as problem:
        log.warning("the choice of a reader is unusable", problem=str(problem))
        return Choice()


def choose(folder: Path, version: str, now: datetime) -> Choice:
    """Use this reader from the next batch of comments on; SHIPPED is always to be had.

    Raises NoSuchReader when there is none of this version, BrokenReader when it cannot be used.
    """
    choice = current_choice(folder)
    if version == choice.version:
        return choice
    return _choose(folder, version, now, (*choice.earlier, choice.version)[-_REMEMBERED:])


def roll_back(folder: Path, now: datetime) -> Choice:
    """Return to the reader that was in use before.

    Raises NoSuchReader when there was none or it is gone, BrokenReader when it cannot be used.
    """
    choice = current_choice(folder)
    if choice.before is None:
        raise NoSuchReader("No reader was in use before this one.")
    return _choose(folder, choice.before, now, choice.earlier[:-1])


def _choose(folder: Path, version: str, now: datetime, earlier: tuple[str, ...]) -> Choice:
    card = None
    if version != SHIPPED:
        card = _read_card(folder, version)
        # Said to the operator now rather than to the log at the next comment.
        _open(folder, card)
    choice = Choice(version, now, earlier, card)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / _CURRENT, _to_json(asdict(choice)))
    return choice


# --- files ---------------------------------------------------------------------------------------


def _file(folder: Path, version: str) -> Path:
    return folder / f"{version}.npz"


def _card_file(folder: Path, version: str) -> Path:
    return folder / f"{version}.json"


def _write(path: Path, content: bytes) -> None:
    """Replace a file as a whole, and only once the new content is on the disk."""
    draft = path.with_name(f".{uuid4().hex}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _to_json(value: dict[str, Any]) -> bytes:
    def written(instant: object) -> str:
        if isinstance(instant, datetime):
            return instant.isoformat()
        raise TypeError(f"{instant!r} has no JSON form here")

    return json.dumps(value, ensure_ascii=False, indent=1, default=written).encode()


def _read_card(folder: Path, version: str) -> Card:
    if not _VERSION.fullmatch(version):
        raise NoSuchReader(f"There is no reader {version}.")
    try:
        content = _card_file(folder, version).read_bytes()
    except FileNotFoundError:
        raise NoSuchReader(f"There is no reader {version}.") from None
    except OSError as problem:
        raise BrokenReader(f"{version}: {problem.strerror}") from problem
    try:
        card = _card_of(json.loads(content))
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise BrokenReader(f"{version}: its card cannot be read") from problem
    if card.version != version:
        raise BrokenReader(f"{version}: its card is that of {card.version}")
    return card


def _read_choice(folder: Path) -> Choice:
    path = folder / _CURRENT
    try:
        plain = json.loads(path.read_bytes())
        choice = Choice(
            version=plain["version"],
            chosen_at=datetime.fromisoformat(plain["chosen_at"]),
            earlier=tuple(str(each) for each in plain["earlier"]),
            card=plain["card"] and _card_of(plain["card"]),
        )
    except FileNotFoundError:
        return Choice()
    except OSError as problem:
        raise BrokenReader(f"{path.name}: {problem.strerror}") from problem
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise BrokenReader(f"{path.name} cannot be read") from problem
    named = choice.card.version if choice.card else SHIPPED
    if choice.version != named:
        raise BrokenReader(f"{path.name} names {choice.version} and describes {named}")
    return choice


def _card_of(plain: dict[str, Any]) -> Card:
    """A card from its JSON form; raises ValueError, TypeError or KeyError for another one."""
    version, digest, evaluated_on = plain["version"], plain["digest"], plain["evaluated_on"]
    if not _VERSION.fullmatch(version):
        raise ValueError(f"{version!r} names no reader")
    fitted_at = datetime.fromisoformat(plain["fitted_at"])
    if fitted_at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return Card(
        version=version,
        fitted_at=fitted_at,
        digest=str(digest),
        evaluated_on=str(evaluated_on),
        figures=dict(plain["figures"]),
    )
