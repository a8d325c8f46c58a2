"""What proves that a request comes from the device itself: a P-256 key that cannot leave it.

The tablet's token can be copied out of its storage, its private key cannot: WebCrypto made it
non-extractable. So what a tablet sends is signed, and a stolen token alone opens nothing.
"""

import base64
import binascii
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import PlainValidator

HEADER = "X-Rey-Signature"
_CURVE = ec.SECP256R1()
# An uncompressed point (SEC 1), and the two numbers of a signature, as WebCrypto writes them.
_POINT_BYTES, _NUMBER_BYTES = 65, 32


def signed_message(method: str, path: str, body: bytes) -> bytes:
    """What is signed of a request: its verb, the path of its address, and its body."""
    return f"{method} {path}\n".encode() + body


def is_signed(public_key: bytes, signature: str, message: bytes) -> bool:
    """Whether this signature (base64url of r and s) over the message was made with the key."""
    try:
        raw = _decoded(signature, 2 * _NUMBER_BYTES)
        r, s = (int.from_bytes(each) for each in (raw[:_NUMBER_BYTES], raw[_NUMBER_BYTES:]))
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, public_key).verify(
            encode_dss_signature(r, s), message, ec.ECDSA(SHA256())
        )
    except (ValueError, InvalidSignature):
        return False
    return True


def _point(value: object) -> bytes:
    """The key a device names, or an error when it is no point of the curve."""
    if not isinstance(value, str):
        raise ValueError("not text")
    point = _decoded(value, _POINT_BYTES)
    ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    return point


def _decoded(text: str, length: int) -> bytes:
    """Bytes written as base64url without padding; ValueError unless they are that many."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if len(raw) != length:
        raise ValueError("of another length")
    return raw


# A public key in a document.
PublicKey = Annotated[bytes, PlainValidator(_point)]
