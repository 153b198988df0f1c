"""Streams as PIL images: `tcsdk.open`, and `Image.open` and `save` of Pillow where asked for."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import IO, Any, BinaryIO

from PIL import Image, ImageFile

from tcsdk.codec.container import split_stream
from tcsdk.decoder import Decoder
from tcsdk.errors import BitstreamError
from tcsdk.images import read_bytes
from tcsdk.inspection import inspect, metadata
from tcsdk.kept import kept
from tcsdk.keywords import taking
from tcsdk.media_type import MAGIC, MEDIA_TYPE, SUFFIX
from tcsdk.shortcuts import encode

FORMAT = "TCS"


class TcsImageFile(ImageFile.ImageFile):
    """A stream that is decoded when its pixels are first asked for, as Pillow's own formats are.

    Args:
        fp: A binary file object, or a path.
        filename: What `filename` is to say of a file object.
        options: Keywords of `Decoder`.
    """

    format = FORMAT
    format_description = "tcsdk stream"
    _stream: bytes | None = None  # until it is decoded

    def __init__(
        self,
        fp: IO[bytes],
        filename: str | bytes | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._options = options or {}
        super().__init__(fp, filename)

    def _open(self) -> None:
        stream = read_bytes(self.fp, "stream")
        shown = split_stream(
            stream,
            lenient=self._options.get("on_error") == "conceal",
            first_layer=self._options.get("layers") == "first",
        ).sizes.shown
        self._size, self._mode, self._stream = (shown.width, shown.height), "RGB", stream
        try:
            kept_beside, self.info["tcs"] = metadata(stream), inspect(stream)
        except BitstreamError:  # what is damaged may be concealed, or fails when it is decoded
            return
        named = {"icc_profile": "icc", "exif": "exif", "user": "user"}
        values = {name: getattr(kept_beside, field) for name, field in named.items()}
        self.info |= {name: value for name, value in values.items() if value is not None}

    def load(self) -> Any:
        """Decode unless that is done, and return access to the pixels.

        Raises:
            TcsdkError, ValueError: As `Decoder` and `Decoder.decode` do.
        """
        if self._stream is not None:
            pixels = kept(Decoder, **self._options).decode(self._stream)
            self.im = Image.fromarray(pixels).im
            self._stream = None
            if self._exclusive_fp and self.fp is not None:  # Pillow has opened it for us
                self.fp.close()
            self.fp = None
        return Image.Image.load(self)


@taking(Decoder)
def open(source: bytes | str | os.PathLike[str] | BinaryIO, **options: Any) -> Image.Image:
    """Open a stream as a PIL image; it is decoded when its pixels are first asked for.

    `size` and `info` are there at once: "tcs" is what `tcsdk.inspect` says, and "icc_profile",
    "exif" and "user" are what was kept beside the pixels, where there is any. Pillow hands a
    profile on to the files that it saves, and EXIF only if told to (`exif=image.getexif()`).

    Args:
        source: The stream as path, bytes or binary file object, which is read and left open.
        options: Keywords of `Decoder` (device, models, layers, ...), which explains them.

    Returns:
        A PIL image of mode RGB.

    Raises:
        BitstreamError: Not a stream, truncated or damaged. A payload that is damaged within is
            found only when it is decoded, and so is a model that is not here.
        TypeError: A keyword is unknown.
        OSError: The path cannot be read.

    Examples:
        >>> open("meter.tcs").rotate(90).save("meter.png")  # doctest: +SKIP
    """
    name = os.fspath(source) if isinstance(source, (str, os.PathLike)) else ""
    return TcsImageFile(io.BytesIO(read_bytes(source, "stream")), name, options)


@taking(Decoder)
def register_pillow(**options: Any) -> None:
    """Let Pillow open and save streams: `Image.open("meter.tcs")`, `image.save("meter.tcs")`.

    Pillow's `save` takes the keywords of `tcsdk.encode`: `image.save("meter.tcs", max_bytes=600)`.
    It empties a file that is there before the picture is encoded; `tcsdk.save` does not.
    A small or bare stream has too little of a beginning to be recognised; `tcsdk.open` takes it.
    Calling this again replaces the options; importing tcsdk alone changes nothing in Pillow.

    Args:
        options: Keywords of `Decoder`, for what `Image.open` opens.

    Raises:
        TypeError: A keyword is unknown.

    Examples:
        >>> register_pillow(device="cpu")  # doctest: +SKIP
        >>> Image.open("meter.tcs").info["tcs"].quality  # doctest: +SKIP
        24
    """

    def opened(file: IO[bytes], filename: str | bytes) -> TcsImageFile:
        return TcsImageFile(file, filename, options)

    Image.register_open(FORMAT, opened, lambda start: start.startswith(MAGIC))
    Image.register_save(FORMAT, _save)
    Image.register_extension(FORMAT, SUFFIX)
    Image.register_mime(FORMAT, MEDIA_TYPE)


def _save(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    file.write(encode(image, **image.encoderinfo))
