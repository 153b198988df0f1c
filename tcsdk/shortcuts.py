"""One call from a picture to a stream and back; the objects behind it are kept (tcsdk/kept.py)."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tcsdk.arguments import location
from tcsdk.decoder import Decoder
from tcsdk.encoder import Encoder
from tcsdk.errors import OutputError
from tcsdk.image_formats import PICTURES
from tcsdk.kept import kept
from tcsdk.keywords import keywords_of, taking
from tcsdk.notes import log_notes
from tcsdk.output import PICTURE_FORMATS, write_file
from tcsdk.request import Request

if TYPE_CHECKING:
    from tcsdk.images import ImageSource

_ASKED = frozenset(field.name for field in fields(Request))
# `quality` is both's: asked for by the call, it needs no encoder of its own.
OF_ENCODER = frozenset(keywords_of(Encoder)) - _ASKED


@taking(Request, Encoder)
def encode(image: ImageSource, **options: Any) -> bytes:
    """Encode a picture.

    The first call loads the model, some hundred milliseconds; later ones with the same arguments
    of `Encoder` find it loaded, in whichever thread. For many pictures `Encoder.encode_many` is
    faster: it keeps all cores busy.

    Args:
        image: What `Encoder.encode` takes: a path, the bytes of a picture file, a binary file
            object, a PIL image, or a uint8 array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).
        options: Keywords of `Request` (max_bytes, quality, keep, ...) and of `Encoder` (model,
            device, tile, background, ...), which explain them.

    Returns:
        The stream. What there is to say of the picture (`Encoder.notes`) is logged.

    Raises:
        TypeError: A keyword is unknown, or of the wrong type.
        TcsdkError, OSError, ValueError: As `Encoder` and `Encoder.encode` do.

    Examples:
        >>> len(encode("meter.png", max_bytes=600)) <= 600  # doctest: +SKIP
        True
    """
    asked = {name: value for name, value in options.items() if name in _ASKED}
    made_of = {name: value for name, value in options.items() if name in OF_ENCODER}
    encoder = kept(Encoder, **made_of)
    data = encoder.encode(image, **asked)
    log_notes(image, encoder.notes)
    return data


@taking(Decoder)
def decode(
    data: bytes | str | os.PathLike[str] | BinaryIO,
    *,
    region: tuple[int, int, int, int] | None = None,
    **options: Any,
) -> NDArray[np.uint8]:
    """Decode a stream; `tcsdk.open` gives a PIL image with its metadata instead.

    Args:
        data: The stream as bytes, path or binary file object.
        region: (x, y, width, height) in pixels of the picture as shown: decode this part only.
        options: Keywords of `Decoder` (device, models, layers, ...), which explains them.

    Returns:
        (H, W, 3) uint8 RGB, or the region's size.

    Raises:
        TypeError: A keyword is unknown, or of the wrong type.
        TcsdkError, OSError, ValueError: As `Decoder` and `Decoder.decode` do.

    Examples:
        >>> decode("meter.tcs").shape  # doctest: +SKIP
        (256, 512, 3)
    """
    return kept(Decoder, **options).decode(data, region=region)


@taking(Request, Encoder)
def save(
    image: ImageSource, path: str | os.PathLike[str], *, replace: bool = True, **options: Any
) -> int:
    """Encode a picture into a file, which is written whole or not at all.

    Args:
        image: What `encode` takes.
        path: Of the stream, such as "meter.tcs". A pipe is written into.
        replace: Whether a file that is there may be replaced.
        options: As for `encode`.

    Returns:
        Bytes written.

    Raises:
        OutputError: The file cannot be written, is there and may not be replaced, or is the
            picture itself; what was there is untouched.
        ValueError: The name is one of a picture, such as "meter.png".
        TcsdkError, OSError, TypeError: As for `encode`.

    Examples:
        >>> save("meter.png", "meter.tcs", max_bytes=600)  # doctest: +SKIP
        597
    """
    target = Path(location("path", path))
    check_stream_name(target)
    if isinstance(image, (str, os.PathLike)) and _same_file(Path(image), target):
        raise OutputError(f"{path} is the picture itself; name another file")
    data = encode(image, **options)
    write_file(target, data, replace=replace)
    return len(data)


def check_stream_name(target: Path) -> None:
    """Refuse to write a stream under the name of a picture, perhaps of the one that it is made of.

    Raises:
        ValueError: It has such a name.
    """
    if target.suffix.lower() in PICTURES.union(PICTURE_FORMATS):
        raise ValueError(
            f"expected the name of a stream, such as {target.with_suffix('.tcs').name}"
            f", got {target}: viewers would take it for a picture"
        )


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one is not there
        return False
