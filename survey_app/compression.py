"""Compressing pages that hold no secret: what citizens' phones and tablets load."""

import gzip

from flask import Response, request

# Below this a compressed page is no shorter.
_WORTH_IT = 500
_LEVEL = 6


def compress(response: Response) -> Response:
    """Gzip a page if the browser takes it. Register with a room's `after_request`.

    Staff pages stay uncompressed: they carry a secret (the CSRF token) beside text that a
    visitor chose, and their compressed length would tell about it (the BREACH attack).
    """
    if response.direct_passthrough or response.status_code >= 500:
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) < _WORTH_IT or not request.accept_encodings["gzip"]:
        return response
    response.set_data(gzip.compress(body, _LEVEL, mtime=0))
    response.content_encoding = "gzip"
    return response
