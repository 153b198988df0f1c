"""Learned image compression that keeps text readable at a few hundred bytes.

>>> import tcsdk
>>> data = tcsdk.Encoder("tfic").encode("meter.png", max_bytes=600)  # doctest: +SKIP
>>> pixels = tcsdk.Decoder().decode(data)  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from tcsdk.conceal import DamagedTile
from tcsdk.decoder import Decoder
from tcsdk.encoder import Encoder
from tcsdk.engines import EngineInfo
from tcsdk.errors import (
    BitstreamError,
    BundleError,
    BundleMismatchError,
    CorruptStreamError,
    DeviceError,
    EngineError,
    ImageError,
    MissingRuntimeError,
    ModelError,
    ModelFileError,
    NewerVersionError,
    NotATcsStreamError,
    OutputError,
    StreamLimitError,
    TargetTooSmallError,
    TcsdkError,
    TrailingDataError,
    TruncatedStreamError,
    UnknownModelError,
    UnsupportedChunkError,
)
from tcsdk.inspect import ChunkInfo, Metadata, StreamInfo, inspect, metadata
from tcsdk.many import Outcome
from tcsdk.model import ModelFolder, list_models
from tcsdk.read import TextLine, read
from tcsdk.timings import DecodeTimings, EncodeTimings

if TYPE_CHECKING:
    __version__: str

__all__ = [
    "BitstreamError",
    "BundleError",
    "BundleMismatchError",
    "ChunkInfo",
    "CorruptStreamError",
    "DamagedTile",
    "DecodeTimings",
    "Decoder",
    "DeviceError",
    "EncodeTimings",
    "Encoder",
    "EngineError",
    "EngineInfo",
    "ImageError",
    "Metadata",
    "MissingRuntimeError",
    "ModelError",
    "ModelFileError",
    "ModelFolder",
    "NewerVersionError",
    "NotATcsStreamError",
    "Outcome",
    "OutputError",
    "StreamInfo",
    "StreamLimitError",
    "TargetTooSmallError",
    "TcsdkError",
    "TextLine",
    "TrailingDataError",
    "TruncatedStreamError",
    "UnknownModelError",
    "UnsupportedChunkError",
    "__version__",
    "inspect",
    "list_models",
    "metadata",
    "read",
]


def __getattr__(name: str) -> Any:
    """Look up `__version__` in the installed package's metadata on first use: it costs 10 ms."""
    if name == "__version__":
        from importlib.metadata import version

        return version("tcsdk")
    raise AttributeError(f"module 'tcsdk' has no attribute {name!r}")
