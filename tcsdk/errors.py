"""Every exception that tcsdk raises on purpose, one class per cause.

All of them derive from `TcsdkError`. Those about the bytes of a stream derive from
`BitstreamError`, which is a `ValueError` too; the other branches also derive from the built-in
class that a caller without tcsdk in mind would catch. Misuse by the programmer (a wrong dtype
given to the kernels, for example) stays a plain `TypeError` or `ValueError`.

This module imports nothing, so it works where the compiled kernels are missing.
"""

from __future__ import annotations


class TcsdkError(Exception):
    """Base class of all errors of tcsdk."""


class BitstreamError(TcsdkError, ValueError):
    """The bytes given cannot be decoded, or the values given cannot be coded."""


class NotATcsStreamError(BitstreamError):
    """The data starts with neither the `.tcs` magic nor the bare-mode byte."""


class NewerVersionError(BitstreamError):
    """The stream was made by a later format version than this library reads."""


class TruncatedStreamError(BitstreamError):
    """The data ends before what its header and chunks declare."""


class CorruptStreamError(BitstreamError):
    """A checksum or the entropy decoder found damage, or a field has a forbidden value."""


class UnsupportedChunkError(BitstreamError):
    """A critical chunk is of a type that this version does not know."""


class TrailingDataError(BitstreamError):
    """Bytes follow the last tile."""


class StreamLimitError(BitstreamError):
    """A declared size is beyond what the format or this library allows."""


class BundleMismatchError(BitstreamError):
    """The stream was coded with another entropy bundle than the one at hand."""


class BundleError(TcsdkError, ValueError):
    """The entropy bundle is damaged, truncated or breaks a rule of its format."""


class PackedWeightsError(TcsdkError, ValueError):
    """Packed weights, or a graph that refers to them, are damaged, truncated or break a rule."""


class ModelError(TcsdkError):
    """Base class of errors about models and their folders."""


class UnknownModelError(ModelError, LookupError):
    """No model of this name, wire id or bundle hash is installed."""


class WrongTaskError(UnknownModelError):
    """The model that was named does something else: a recogniser where a codec is wanted."""


class NoDetectorError(ModelError, ValueError):
    """The model has no text detector, and something that needs one was asked for."""


class ModelFileError(ModelError):
    """A file of a model folder is missing, unreadable or differs from its manifest."""


class ImageError(TcsdkError, ValueError):
    """The input is not an image that can be coded: type, shape, size or values."""


class RegionError(TcsdkError, ValueError):
    """A region leaves the picture at hand, or a quality map is of another size."""


class TargetTooSmallError(TcsdkError, ValueError):
    """No quality fits into the byte target.

    Attributes:
        smallest: Size in bytes of the smallest stream that this encoder can make of the image.
    """

    def __init__(self, message: str, smallest: int) -> None:
        """Keep the message and the smallest possible size in bytes."""
        super().__init__(message, smallest)
        self.smallest = smallest

    def __str__(self) -> str:
        """Return the message alone."""
        return str(self.args[0])


class EngineError(TcsdkError, RuntimeError):
    """An inference engine failed or cannot run here."""


class MissingRuntimeError(EngineError, ImportError):
    """A Python package that the chosen engine or feature needs is not installed."""


class DeviceError(EngineError):
    """The device asked for does not exist here or cannot run the model."""


class PlanError(EngineError):
    """An engine plan is missing, damaged, or was built for something else."""


class WorkerError(TcsdkError, RuntimeError):
    """Worker processes of a batch could not start, failed, or died again and again."""


class OutputError(TcsdkError, OSError):
    """The result cannot be written."""
