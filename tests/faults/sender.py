"""A tablet as a process of its own: `python sender.py URL TOKEN FILE SEED` sends all of FILE.

FILE holds ratings as a JSON list. They are sent in an order of their own (SEED decides), in
batches of 100, each again and again until it is answered. Written for the standard library
alone, so that fifty of them start in a moment. Says how many verdicts of each kind it got, and
how often it had to try again.
"""

import json
import random
import sys
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

BATCH = 100
PATIENCE = 180


class Sender:
    """Posts batches and remembers the first verdict on each id."""

    def __init__(self, url, token):
        self._address = urlsplit(url).netloc
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection = None
        self.verdicts = {}
        self.retries = Counter()

    def post(self, ratings):
        """One try: whether an answer with verdicts came."""
        try:
            if self._connection is None:
                self._connection = HTTPConnection(self._address, timeout=20)
            body = json.dumps({"ratings": ratings})
            self._connection.request("POST", "/api/v1/ratings", body, self._headers)
            answer = self._connection.getresponse()
            document = answer.read()
        except (OSError, HTTPException) as error:
            self.close()
            self.retries[type(error).__name__] += 1
            return False
        if answer.status != 200:
            self.retries[str(answer.status)] += 1
            return False
        for verdict in json.loads(document)["verdicts"]:
            self.verdicts.setdefault(verdict["submission_id"], verdict["status"])
        return True

    def send(self, ratings):
        """Send a batch until it is answered. Raises TimeoutError after three minutes."""
        deadline = time.monotonic() + PATIENCE
        while not self.post(ratings):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no verdicts: {self.retries}")
            time.sleep(0.05)

    def close(self):
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def batches_of(ratings, dice):
    """The ratings in batches, in an order that the dice decide."""
    shuffled = dice.sample(ratings, len(ratings))
    return [shuffled[start : start + BATCH] for start in range(0, len(shuffled), BATCH)]


def main(url, token, file, seed):
    """Send everything."""
    ratings = json.loads(Path(file).read_text())
    sender = Sender(url, token)
    for batch in batches_of(ratings, random.Random(int(seed))):
        sender.send(batch)
    sender.close()
    json.dump([Counter(sender.verdicts.values()), sender.retries], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
