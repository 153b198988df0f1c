"""Learned image compression that keeps text readable at a few hundred bytes.

>>> import tcsdk
>>> data = tcsdk.encode("meter.png", max_bytes=600)  # doctest: +SKIP
>>> pixels = tcsdk.decode(data)  # doctest: +SKIP

Importing loads the kernels; each public name loads its module (and numpy) on first use, and
Pillow, the inference runtime and the text reader wait until a call needs them.
"""

from typing import TYPE_CHECKING, Any

from tcsdk import _kernels as _kernels  # a broken installation fails here, not in the field
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
    NoDetectorError,
    NotATcsStreamError,
    OutputError,
    RegionError,
    ServerError,
    StreamLimitError,
    TargetTooSmallError,
    TcsdkError,
    TrailingDataError,
    TruncatedStreamError,
    UnknownModelError,
    UnsupportedChunkError,
    WorkerError,
    WrongTaskError,
)

if TYPE_CHECKING:
    from tcsdk.codec.conceal import DamagedChunk, DamagedTile
    from tcsdk.codec.sent_text import SentLine, SentText
    from tcsdk.cropping import crop
    from tcsdk.decoder import Decoder
    from tcsdk.encoder import Encoder
    from tcsdk.engines import EngineInfo
    from tcsdk.fast_reader import FastReader
    from tcsdk.inspection import ChunkInfo, LayerInfo, Metadata, StreamInfo, inspect, metadata
    from tcsdk.many.outcome import Outcome
    from tcsdk.model.find import list_models
    from tcsdk.model.folder import CodecFolder, ModelFolder, RecogniserFolder
    from tcsdk.notes import Note
    from tcsdk.pillow import open, register_pillow
    from tcsdk.reading.comparison import LineDifference
    from tcsdk.reading.lines import TextLine
    from tcsdk.reading.ocr import read
    from tcsdk.reading.orientation import Recognised
    from tcsdk.reading.verification import RaisedLine, Verification
    from tcsdk.recognizer import Recognizer
    from tcsdk.request import Request
    from tcsdk.shortcuts import decode, encode, save
    from tcsdk.super_resolver import SuperResolver
    from tcsdk.timings import CropTimings, DecodeTimings, EncodeTimings

    __version__: str

# Public name -> its module.
_MODULES = {
    "ChunkInfo": "inspection",
    "CodecFolder": "model.folder",
    "CropTimings": "timings",
    "DamagedChunk": "codec.conceal",
    "DamagedTile": "codec.conceal",
    "DecodeTimings": "timings",
    "Decoder": "decoder",
    "EncodeTimings": "timings",
    "Encoder": "encoder",
    "EngineInfo": "engines",
    "FastReader": "fast_reader",
    "LayerInfo": "inspection",
    "LineDifference": "reading.comparison",
    "Metadata": "inspection",
    "ModelFolder": "model.folder",
    "Note": "notes",
    "Outcome": "many.outcome",
    "RaisedLine": "reading.verification",
    "RecogniserFolder": "model.folder",
    "Recognised": "reading.orientation",
    "Recognizer": "recognizer",
    "Request": "request",
    "SentLine": "codec.sent_text",
    "SentText": "codec.sent_text",
    "StreamInfo": "inspection",
    "SuperResolver": "super_resolver",
    "TextLine": "reading.lines",
    "Verification": "reading.verification",
    "crop": "cropping",
    "decode": "shortcuts",
    "encode": "shortcuts",
    "inspect": "inspection",
    "list_models": "model.find",
    "metadata": "inspection",
    "open": "pillow",
    "read": "reading.ocr",
    "register_pillow": "pillow",
    "save": "shortcuts",
}

__all__ = [
    "BitstreamError",
    "BundleError",
    "BundleMismatchError",
    "ChunkInfo",
    "CodecFolder",
    "CorruptStreamError",
    "CropTimings",
    "DamagedChunk",
    "DamagedTile",
    "DecodeTimings",
    "Decoder",
    "DeviceError",
    "EncodeTimings",
    "Encoder",
    "EngineError",
    "EngineInfo",
    "FastReader",
    "ImageError",
    "LayerInfo",
    "LineDifference",
    "Metadata",
    "MissingRuntimeError",
    "ModelError",
    "ModelFileError",
    "ModelFolder",
    "NewerVersionError",
    "NoDetectorError",
    "NotATcsStreamError",
    "Note",
    "Outcome",
    "OutputError",
    "RaisedLine",
    "Recognised",
    "RecogniserFolder",
    "Recognizer",
    "RegionError",
    "Request",
    "SentLine",
    "SentText",
    "ServerError",
    "StreamInfo",
    "StreamLimitError",
    "SuperResolver",
    "TargetTooSmallError",
    "TcsdkError",
    "TextLine",
    "TrailingDataError",
    "TruncatedStreamError",
    "UnknownModelError",
    "UnsupportedChunkError",
    "Verification",
    "WorkerError",
    "WrongTaskError",
    "__version__",
    "crop",
    "decode",
    "encode",
    "inspect",
    "list_models",
    "metadata",
    "open",
    "read",
    "register_pillow",
    "save",
]


def __getattr__(name: str) -> Any:
    """Load a public name's module on first use."""
    if name in _MODULES:
        from importlib import import_module

        value = getattr(import_module(f"tcsdk.{_MODULES[name]}"), name)
    elif name == "__version__":
        from tcsdk.distribution import installed_version

        value = installed_version()
    else:
        raise AttributeError(f"module 'tcsdk' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
