"""Which code this is: a version that changes whenever the program does."""

import hashlib

from survey_app.config import ROOT

_SOURCES = (
    "survey_app/**/*.py",
    "survey_app/static/**/*",
    "survey_app/translations/**/*.po",
    "analysis/**/*.py",
    "analysis/lexicons/*.tsv",
    "analysis/readers/*.npz",
    "templates/**/*",
)


def _fingerprint() -> str:
    """The first digits of a SHA-256 over all sources.

    A number written by hand would one day be forgotten, and a tablet would keep an old
    shell; a published report names the code that computed it.
    """
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


APP_VERSION = _fingerprint()
