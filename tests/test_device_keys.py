"""A device's key: what it signed is known, and nothing else is."""

import pytest
from pydantic import TypeAdapter, ValidationError

from survey_app.device_keys import PublicKey, is_signed, signed_message
from tests.devices import Device, base64url

MESSAGE = signed_message("POST", "/api/v1/ratings", b'{"ratings": []}')


@pytest.fixture
def device():
    return Device()


def test_what_the_device_signed_is_known_for_its_own(device):
    signature = device.signature("POST", "/api/v1/ratings", b'{"ratings": []}')
    assert is_signed(device.public_key, signature, MESSAGE)
    # The example of RFC 6979 (A.2.5): another implementation agrees on what a signature is.
    assert is_signed(
        bytes.fromhex(
            "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
        ),
        base64url(
            bytes.fromhex(
                "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
            )
        ),
        b"sample",
    )


def test_any_other_signature_is_not(device):
    signature = device.signature("POST", "/api/v1/ratings", b'{"ratings": []}')
    assert not is_signed(Device().public_key, signature, MESSAGE)
    for other in (b"GET", b"POST /api/v1/kiosk\n{}", MESSAGE + b" ", b""):
        assert not is_signed(device.public_key, signature, other)
    flawed = [
        "",
        "?",
        "é",
        "A" * 85,
        "A" * 86,
        "A" * 87,
        signature[:-4],
        signature + "AAAA",
        "\x00",
    ]
    for text in flawed:
        assert not is_signed(device.public_key, text, MESSAGE)


def test_only_a_point_of_the_curve_is_a_key(device):
    reader = TypeAdapter(PublicKey)
    assert reader.validate_python(device.public_text) == device.public_key
    off_the_curve = device.public_key[:-1] + bytes([device.public_key[-1] ^ 1])
    compressed = b"\x02" + device.public_key[1:33]
    for wrong in (base64url(off_the_curve), base64url(compressed), "", "x", 5, None, [], "A" * 88):
        with pytest.raises(ValidationError):
            reader.validate_python(wrong)
