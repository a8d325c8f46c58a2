"""What a tablet fetches before it can ask its first question is small."""

import gzip
import json
import re

import pytest

from survey_app.config import ROOT

BUDGET = 150 * 1024


@pytest.mark.any_database
def test_the_shell_is_small(client):
    worker = client.get("/kiosk/sw.js").text
    assets = json.loads(re.search(r"ASSETS = new Map\(Object\.entries\((.*?)\)\)", worker).group(1))
    files = [(ROOT / "survey_app" / address.lstrip("/")).read_bytes() for address in assets]
    files += [client.get("/kiosk/").data, worker.encode()]
    sizes = [len(gzip.compress(file, mtime=0)) for file in files]
    assert len(sizes) > 30
    assert sum(sizes) <= BUDGET
