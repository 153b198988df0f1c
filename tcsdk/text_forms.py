"""Bytes as text, for links that carry text alone.

| form | characters for 4 bytes | uses |
|---|---|---|
| base64 | 5.33 | letters, figures, `+ / =` |
| z85 | 5 | 85 printable characters that need no escape in JSON or XML strings |
| base91 | 4.92 | 91 printable characters, `"` among them |
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

# ZeroMQ RFC 32. Python's own base85 groups bytes alike, under other characters.
_Z85 = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_B85 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_BASE91 = (
    b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,./:;<=>?@[]^_`{|}~"'
)


def encode(data: bytes, form: str) -> str:
    r"""Return bytes as a line of text.

    Args:
        data: Any bytes.
        form: A name of `FORMS`.

    >>> encode(b"\x10\x65abc", "z85"), decode("5m]oVv/", "z85")
    ('5m]oVv/', b'\\x10eabc')
    """
    return _form(form).encode(data).decode("ascii")


def decode(text: str, form: str) -> bytes:
    """Return the bytes of a line of text; spaces around it are left out.

    Raises:
        ValueError: It is not such a line.
    """
    try:
        line = text.strip().encode("ascii")
        data = _form(form).decode(line)
    except (ValueError, binascii.Error) as error:
        raise ValueError(f"expected a line of {form}, got {text.strip()[:40]!r}") from error
    if encode(data, form).encode() != line:
        raise ValueError(f"expected {form} in its one spelling, got {text.strip()[:40]!r}")
    return data


def _to_z85(data: bytes) -> bytes:
    return base64.b85encode(data).translate(bytes.maketrans(_B85, _Z85))


def _from_z85(line: bytes) -> bytes:
    if line.strip(_Z85):
        raise ValueError("a character that Z85 has not")
    return base64.b85decode(line.translate(bytes.maketrans(_Z85, _B85)))


def _to_base91(data: bytes) -> bytes:
    """Take 13 bits for two characters, 14 where their value is small (Henke's basE91)."""
    out, bits, count = bytearray(), 0, 0
    for byte in data:
        bits |= byte << count
        count += 8
        if count > 13:
            taken = 13 if bits & 8191 > 88 else 14
            value = bits & ((1 << taken) - 1)
            bits >>= taken
            count -= taken
            out += bytes((_BASE91[value % 91], _BASE91[value // 91]))
    if count:
        out.append(_BASE91[bits % 91])
        if count > 7 or bits > 90:
            out.append(_BASE91[bits // 91])
    return bytes(out)


def _from_base91(line: bytes) -> bytes:
    values = [_BASE91.index(character) for character in line]
    out, bits, count = bytearray(), 0, 0
    for low, high in zip(values[::2], values[1::2], strict=False):
        value = low + 91 * high
        bits |= value << count
        count += 13 if value & 8191 > 88 else 14
        out += (bits & ((1 << count // 8 * 8) - 1)).to_bytes(count // 8, "little")
        bits >>= count // 8 * 8
        count %= 8
    if len(values) % 2:
        out.append((bits | values[-1] << count) & 255)
    return bytes(out)


@dataclass(frozen=True)
class _Form:
    encode: Callable[[bytes], bytes]
    decode: Callable[[bytes], bytes]


_FORMS = {
    "base64": _Form(base64.b64encode, lambda line: base64.b64decode(line, validate=True)),
    "base91": _Form(_to_base91, _from_base91),
    "z85": _Form(_to_z85, _from_z85),
}
FORMS = tuple(_FORMS)


def _form(name: str) -> _Form:
    if name not in _FORMS:
        raise ValueError(f"expected a form of text as one of {FORMS}, got {name!r}")
    return _FORMS[name]
