"""Record what a tablet reads aloud: every fixed phrase that a citizen meets, in three languages.

Run by hand when a wording changes (docs/tablets.md, "Voices"), with the Debian packages espeak-ng
and opus-tools:

    .venv/bin/python -m survey_app.static.kiosk.voice.record

It records what is missing or worded anew and writes index.json: language → text → file. The
index goes by the text, so that a tablet never reads old words under a new wording. A recording
made by a person replaces the file of its name and is left alone from then on.
"""

import argparse
import csv
import json
import re
import struct
import subprocess
import sys
import tempfile
import tomllib
import wave
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from survey_app.config import ROOT
from survey_app.i18n import wording
from survey_app.kiosk.texts import TEXTS
from survey_app.models import LANGUAGES

HERE = Path(__file__).parent
DEMO = ROOT / "survey_app" / "demo" / "data"

# What only staff read, and what no eye reads either: the names of regions for screen readers.
SILENT = (
    "aids",
    "asleep_",
    "broken_",
    "day_",
    "diag_",
    "ended_",
    "insecure_",
    "languages",
    "old_browser",
    "pair_",
    "staff_",
    "steps",
    "storage_staff",
    "title",
    "waiting_",
)

VOICES = {"az": "az", "ru": "ru", "en": "en-gb"}
# Words a minute; espeak-ng's own 175 is too quick for whoever needs to be read to.
PACE = 140
SPEAKER = "eSpeak NG"
RATE_BITS = "12"

# Where the written words come out wrong: what espeak-ng is told to say instead, in letters or, in
# brackets, in its own phonemes. Its Russian voice declines no numbers.
SAID = {
    "az": {
        "Bitir": "[[bit'iR]]",
        "FİN": "fin",
        "növbə": "[[nWvb'&]]",
        "şərait": "[[S&*a'it]]",
        "Üzr": "üzür",
        "30–59 yaş": "otuz yaşdan əlli doqquz yaşa qədər",
    },
    "ru": {
        "гази": "[[gaz;'I]]",
        "ФИН": "фин",
        "30 лет": "тридцати лет",
        "60 лет": "шестьдесят лет",
        "30–59 лет": "от тридцати до пятидесяти девяти лет",
    },
    "en": {},
}
# Its Azerbaijani voice softens every k; words that begin like these, and "kı", have a hard one.
# And it swallows ğ after a vowel.
HARD_K = ("ekran", "eksper", "kamera", "kobud", "kod", "kontrast", "kvadrat")
SWALLOWED = re.compile(r"(?<=[aeəıioöuü])ğ")
# Words of these shapes deserve a look before they are said: "ti" becomes "tsi" after some vowels.
DOUBTFUL = {"az": r"\b\w*[eiü]ti\w*|\b[Kk][aou]\w*", "ru": r"\d+", "en": r"$^"}


def phrases() -> Iterator[tuple[str, str, str]]:
    """(language, file name, text) of all that is read aloud; no text twice in a language."""
    seen = set()
    for name, texts in _wordings():
        for language, text in texts.items():
            # A text with a number in it is another one every time.
            if "{" not in text and (language, text) not in seen:
                seen.add((language, text))
                yield language, f"{name}.ogg", text


def _wordings() -> Iterator[tuple[str, dict[str, str]]]:
    for key, msgid in TEXTS.items():
        if not key.startswith(SILENT):
            yield key, {language: wording(language).text(msgid) for language in LANGUAGES}
    for path in sorted(DEMO.glob("survey*.toml")):
        survey = tomllib.loads(path.read_text())
        for question in survey["question"]:
            name = f"{survey['code']}.{question['code']}"
            yield name, question["text"]
            for option in question["options"]:
                yield f"{name}.{option['code']}", {key: option[key] for key in LANGUAGES}
    with (DEMO / "areas.tsv").open() as lines:
        for area in csv.DictReader(lines, delimiter="\t"):
            yield f"area.{area['code']}", {language: area[language] for language in LANGUAGES}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--again", action="store_true", help="also what is recorded already")
    parser.add_argument(
        "--new",
        nargs="+",
        default=[],
        metavar="FILE",
        help="files such as az/thanks.ogg in which a person says the present words",
    )
    options = parser.parse_args()
    outdated = bring_up_to_date(HERE, options.new, again=options.again)
    for language in LANGUAGES:
        sizes = [path.stat().st_size for path in (HERE / language).glob("*.ogg")]
        print(f"{language}: {len(sizes)} recordings, {sum(sizes) / 1000:.0f} kB")
    if outdated:
        print(
            "\nRecorded by a person for other words, so not read aloud now. Record these anew and"
        )
        print("name them after --new, or remove the files to have them spoken by the computer:\n")
        print(*outdated, sep="\n")
    return 1 if outdated else 0


def bring_up_to_date(folder: Path, new: Collection[str] = (), *, again: bool = False) -> list[str]:
    """Record what is missing and write the index; what persons recorded for other words."""
    before = _words_by_file(folder)
    index: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    outdated = []
    for language, name, text in phrases():
        file = f"{language}/{name}"
        path = folder / file
        tags = read_tags(path) if path.exists() else {}
        said = _said(language, text)
        if path.exists() and tags.get("artist") != SPEAKER:
            # Nobody but a person can tell which words a person said.
            if before.get(file, text) != text and file not in new:
                outdated.append(f"{file}: {text}")
                continue
        elif again or (tags.get("title"), tags.get("said")) != (text, said):
            _warn_of_doubtful(language, said)
            _record(path, text, language, said)
        index[language][text] = name
    (folder / "index.json").write_text(json.dumps(index, ensure_ascii=False, indent=1) + "\n")
    _forget_others(folder, index)
    return outdated


def _words_by_file(folder: Path) -> dict[str, str]:
    path = folder / "index.json"
    index = json.loads(path.read_text()) if path.exists() else {}
    return {
        f"{language}/{name}": text
        for language, texts in index.items()
        for text, name in texts.items()
    }


def _warn_of_doubtful(language: str, said: str) -> None:
    words = re.findall(DOUBTFUL[language], re.sub(r"\[\[.*?\]\]", "", said))
    if words:
        print(f"Listen to this, and help with SAID if need be: {', '.join(words)}")


def _said(language: str, text: str) -> str:
    """The text as espeak-ng is to be given it."""
    words = SAID[language]
    # The longest first: "30–59 лет" before the "30 лет" of another text.
    written = sorted(map(re.escape, words), key=len, reverse=True)
    told = rf"(?<!\w)(?:{'|'.join(written) or '$^'})(?!\w)"
    text = re.sub(told, lambda found: words[found[0]], text)
    if language != "az":
        return text
    return re.sub(r"\[\[.*?\]\]|\w+", lambda found: _azerbaijani(found[0]), text)


def _azerbaijani(word: str) -> str:
    """A word as the Azerbaijani voice is to be given it: as it is, or in corrected phonemes."""
    hard = word.lower().startswith(HARD_K) or "kı" in word
    if word.startswith("[[") or not (hard or SWALLOWED.search(word)):
        return word
    # After a consonant it does say ğ, so that one is put in front and taken out again.
    phonemes = _run("espeak-ng", "-q", "-x", "-v", VOICES["az"], "--", SWALLOWED.sub("şğ", word))
    phonemes = phonemes.strip().replace("SQ", "Q")
    return f"[[{re.sub('[cC]', 'k', phonemes) if hard else phonemes}]]"


def _record(path: Path, text: str, language: str, said: str) -> None:
    """Speak a text into a small Opus file, cut to the words and as loud as all the others."""
    path.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        _run("espeak-ng", "-v", VOICES[language], "-s", str(PACE), "-w", str(spoken), "--", said)
        _trim_and_level(spoken)
        # A fixed serial number, so that the same words give the same bytes.
        _run(
            *("opusenc", "--quiet", "--bitrate", RATE_BITS, "--speech", "--framesize", "40"),
            *("--serial", "1", "--padding", "0", "--discard-pictures"),
            *("--title", text, "--artist", SPEAKER, "--comment", f"said={said}"),
            *(str(spoken), str(path)),
        )


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _trim_and_level(path: Path) -> None:
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
    (loud,) = np.nonzero(np.abs(samples) > 0.01)
    silence = rate // 8
    samples = samples[max(0, loud[0] - silence) : loud[-1] + silence]
    # Speech at −20 dB on average, and no peak above −1 dB.
    gain = min(0.1 / np.sqrt(np.mean(samples**2)), 0.89 / np.max(np.abs(samples)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * gain * 32767).astype(np.int16).tobytes())


def read_tags(path: Path) -> dict[str, str]:
    """The comments in the second packet of an Opus file (RFC 7845, section 5.2)."""
    content = path.read_bytes()
    place = content.find(b"OpusTags")
    if place < 0:
        return {}

    def number() -> int:
        nonlocal place
        (value,) = struct.unpack_from("<I", content, place)
        place += 4
        return int(value)

    place += len(b"OpusTags")
    vendor = number()
    place += vendor
    tags = {}
    for _ in range(number()):
        length = number()
        name, _equals, value = content[place : place + length].decode().partition("=")
        tags[name.lower()] = value
        place += length
    return tags


def _forget_others(folder: Path, index: dict[str, dict[str, str]]) -> None:
    """Remove our own recordings of what nobody says any more; a person's are kept."""
    for language, texts in index.items():
        for path in (folder / language).glob("*.ogg"):
            if path.name not in texts.values() and read_tags(path).get("artist") == SPEAKER:
                path.unlink()


if __name__ == "__main__":
    sys.exit(main())
