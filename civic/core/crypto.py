"""Sealing personal data at rest: AES-256-GCM with a key ring, keyed digests for look-up, one-time codes.

A sealed value is `key-id.base64(nonce + ciphertext)`; the purpose (table and column) is bound in as associated data, so a
value moved to another column does not open. Digests are HMAC-SHA256 under a key of their own: equal values have equal
digests, and without the key a phone number cannot be found by trying all of them.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import struct
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator

NONCE_BYTES = 12
_keys: dict[str, bytes] = {}
_first = ""
_digest_key = b""
_oldest = ""
_seal_key = b""


class Unreadable(Exception):
    """A sealed value that no key of the ring opens, or that belongs to another column."""


def new_key(key_id: str = "k1") -> str:
    """A fresh entry for the key ring, as DATA_KEYS wants it."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def ring_of(text: str) -> list[tuple[str, bytes]]:
    """The keys of a ring `id:base64,id:base64`; ValueError says what is wrong, without the keys."""
    found = []
    for part in text.split(","):
        key_id, _, encoded = part.strip().partition(":")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise ValueError("what follows the id is not base64") from error
        if len(raw) != 32 or not key_id or "." in key_id:
            raise ValueError("a data key is `id:` and 32 bytes in base64; the id has no dot")
        found.append((key_id, raw))
    if len({key_id for key_id, _raw in found}) != len(found):
        raise ValueError("two keys have the same id")
    return found


def configure(ring: str, seal_key: str | None = None) -> None:
    """Take the key ring `id:base64,id:base64`. The first seals, all open; digests hang on the LAST, the oldest.

    New keys are put in front, so that look-ups by digest go on working. `seal_key` is the secret of the proofs of what was
    done; without one it is derived from the oldest key. Neither is in the database: who can write there cannot prove it.
    """
    global _first, _oldest, _digest_key, _seal_key
    entries = ring_of(ring)
    _keys.clear()
    _keys.update(entries)
    _first = entries[0][0]
    _oldest = entries[-1][0]
    _digest_key = _derive(_keys[_oldest], "digest")
    _seal_key = _derive(seal_key.encode() if seal_key else _keys[_oldest], "seal")
    _cipher.cache_clear()
    _block.cache_clear()


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"civic:{purpose}".encode()).derive(key)


@cache
def _cipher(key_id: str, purpose: str) -> AESGCM:
    return AESGCM(_derive(_keys[key_id], purpose))


def encrypt(purpose: str, plain: str) -> str:
    """Seal a text for one purpose; the same text never looks the same twice."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = _cipher(_first, purpose).encrypt(nonce, plain.encode(), f"{_first}:{purpose}".encode())
    return f"{_first}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(purpose: str, token: str) -> str:
    """Open a sealed text; Unreadable where the key is missing, the purpose another, or the text was changed."""
    key_id, _, body = token.partition(".")
    if key_id not in _keys:
        raise Unreadable(f"no key {key_id!r} in the ring")
    raw = base64.urlsafe_b64decode(body)
    try:
        return _cipher(key_id, purpose).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], f"{key_id}:{purpose}".encode()).decode()
    except InvalidTag as error:
        raise Unreadable(purpose) from error


def digest(purpose: str, plain: str) -> str:
    """The keyed digest of a text, 64 hexadecimal characters."""
    return hmac.new(_digest_key, f"{purpose}\0{plain}".encode(), sha256).hexdigest()


def mark(plain: str) -> str:
    """The mark that only this house can set under a text, 64 hexadecimal characters: HMAC under the key of the proofs."""
    return hmac.new(_seal_key, plain.encode(), sha256).hexdigest()


def matches(one: str, other: str) -> bool:
    """Whether two digests are equal, in constant time; what is typed for one may hold any letters."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


@cache
def _block(key_id: str, purpose: str) -> Cipher:
    # ECB is right here: each value is exactly one block, and all we want is a permutation of the blocks.
    return Cipher(algorithms.AES(_derive(_keys[key_id], f"alias:{purpose}")), modes.ECB())


def aliases(purpose: str, pairs: Iterable[tuple[int, int]]) -> list[str]:
    """An opaque name (26 characters of base32) for each pair of numbers; only this house can turn it back.

    Like digests they hang on the oldest key of the ring, so that they stay the same when new keys come.
    """
    plain = b"".join(struct.pack(">QQ", *pair) for pair in pairs)
    machine = _block(_oldest, purpose).encryptor()
    sealed = machine.update(plain) + machine.finalize()
    return [base64.b32encode(sealed[at : at + 16]).decode().rstrip("=") for at in range(0, len(sealed), 16)]


def of_alias(purpose: str, alias: str) -> tuple[int, int] | None:
    """The pair behind an alias; None for what cannot be one. A made-up alias gives a random pair: compare what you know."""
    try:
        sealed = base64.b32decode(alias + "=" * (-len(alias) % 8))
    except (binascii.Error, ValueError):
        return None
    if len(sealed) != 16:
        return None
    machine = _block(_oldest, purpose).decryptor()
    return struct.unpack(">QQ", machine.update(sealed) + machine.finalize())


def one_time_code(digits: int = 6) -> str:
    """A random code to be typed once."""
    return "".join(secrets.choice("0123456789") for _ in range(digits))


def token() -> str:
    """A random secret of 256 bits, safe in addresses."""
    return secrets.token_urlsafe(32)


class Sealed(TypeDecorator[str]):
    """A text column whose values are sealed in the database and plain in Python."""

    impl = Text
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else encrypt(self.purpose, value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else decrypt(self.purpose, value)
