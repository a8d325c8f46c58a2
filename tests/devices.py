"""A device with a key of its own, as WebCrypto makes one, for tests that speak as a tablet."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def base64url(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Device:
    """A P-256 key, and requests signed with it."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.public_key = self._key.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )

    @property
    def public_text(self) -> str:
        """The public key as a pairing request names it."""
        return base64url(self.public_key)

    def signature(self, method: str, path: str, body: bytes = b"") -> str:
        """The signature of a request, r before s."""
        message = f"{method} {path}\n".encode() + body
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(SHA256())))
        return base64url(r.to_bytes(32) + s.to_bytes(32))

    def post(self, client: Any, path: str, document: Any, token: str | None = None) -> Any:
        """Post a document as JSON, signed."""
        body = json.dumps(document).encode()
        headers = {"X-Rey-Signature": self.signature("POST", path, body)}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return client.post(path, data=body, headers=headers, content_type="application/json")
