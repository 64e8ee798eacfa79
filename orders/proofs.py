"""The hand-over code: derived from a server key, so that whoever reads the database reads no code."""

import hashlib
import hmac
import io
import secrets
import uuid

import qrcode
from django.conf import settings
from qrcode.image.svg import SvgPathImage

DIGITS = 6
MAX_TRIES = 5
_USE = b"handover\0"


def new_nonce() -> str:
    return secrets.token_hex(16)


def handover_code(order_id: uuid.UUID, nonce: str) -> str:
    """The six digits of an order: HOTP's truncation (RFC 4226, section 5.3) of an HMAC-SHA-256 over the order and its nonce."""
    key = settings.ORDER_CODE_KEY.encode()
    mac = hmac.digest(key, _USE + order_id.bytes + bytes.fromhex(nonce), hashlib.sha256)
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def code_matches(order_id: uuid.UUID, nonce: str, given: str) -> bool:
    """Compare in constant time; blanks between the digits do not matter."""
    return hmac.compare_digest(handover_code(order_id, nonce).encode(), "".join(given.split()).encode())


def picture_of(code: str) -> str:
    """A code as a QR picture that a telephone reads: SVG to stand within a page, drawn anew each time and stored nowhere."""
    made = io.BytesIO()
    qrcode.make(code, image_factory=SvgPathImage, box_size=12, border=2).save(made)
    svg = made.getvalue().decode()
    return svg[svg.index("<svg") :]
