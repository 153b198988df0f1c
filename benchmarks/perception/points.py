"""Operating points of codecs for pictures that come with captions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import tcsdk
from benchmarks.codecs.ours import model, model_version
from benchmarks.codecs.point import Pixels
from benchmarks.codecs.registry import PEERS
from benchmarks.sets.captioned import Told
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.find import find_model
from tcsdk.train.codec.captions import Given

# Where each is compared: about 300 to 4,000 bytes a picture where a codec goes so low.
SETTINGS = {"original": ("png",), "avif": ("q0", "q6", "q15"), "webp": ("q0", "q5", "q20")}
QUALITIES = {"base-fp32": (0, 12, 24), "base-int8": (0, 12, 24)}
USUAL = (4, 20, 36, 63)
GIVEN: dict[Given, str] = {"none": "no caption", "true": "true caption"}


@dataclass(frozen=True)
class ToldPoint:
    """An operating point.

    Attributes:
        codec: Its name, with the caption that it is given.
        version: Of the library, or the digest of a model's files.
        setting: What distinguishes its points.
        encode: A picture with its captions to a file.
        decode: A file to (H, W, 3) uint8.
    """

    codec: str
    version: str
    setting: str
    encode: Callable[[Told], bytes]
    decode: Callable[[bytes], Pixels]


def told_points(folder: Path, qualities: Sequence[int] = USUAL) -> Iterator[ToldPoint]:
    """Yield points of a captioned encoder, without a caption and with each picture's own.

    Raises:
        ValueError: The model takes no captions.
    """
    found, _ = find_model(folder)
    if not isinstance(found, CaptionedCodec):
        raise ValueError(f"expected an encoder that takes captions at {folder}, got {found.family}")
    encoder = tcsdk.Encoder(folder, device="cpu", precision="fp32")
    decoder = tcsdk.Decoder("cpu", precision="fp32", models=[found.decodes.path])
    version = model_version(found, "fp32")

    def encoding(given: Given, quality: int) -> Callable[[Told], bytes]:
        return lambda told: encoder.encode(
            told.pixels, quality=quality, caption=told.captions[given], scale=1.0, text=None
        )

    for given, said in GIVEN.items():
        for q in qualities:
            name = f"{found.family}, {said}"
            yield ToldPoint(name, version, f"q{q}", encoding(given, q), decoder.decode)


def plain_points(name: str) -> Iterator[ToldPoint]:
    """Yield points of a codec that is told nothing: one of SETTINGS, or a model's id or folder.

    Raises:
        UnknownModelError: No model is called so.
    """
    peer = name in SETTINGS
    found = PEERS[name]() if peer else model(name, QUALITIES.get(name, USUAL))
    for point in found:
        if peer and point.setting not in SETTINGS[name]:
            continue
        encode, decode = point.encode, point.decode
        if decode is None:
            raise ValueError(f"expected a codec of pictures, got {name}")

        def encoding(told: Told, encode: Callable[[Pixels], bytes] = encode) -> bytes:
            return encode(told.pixels)

        yield ToldPoint(name, point.version, point.setting, encoding, decode)
