"""Every exception that tcsdk raises on purpose, one class per cause.

All of them derive from `TcsdkError`. Those about the bytes of a stream derive from
`BitstreamError`, which is a `ValueError` too; the other branches also derive from the built-in
class that a caller without tcsdk in mind would catch. Misuse by the programmer (a wrong dtype
given to the kernels, for example) stays a plain `TypeError` or `ValueError`.

The first paragraph of each docstring is the cause, the second what to do: docs/use/errors.md is
made of them. This module imports nothing, so it works where the compiled kernels are missing.
"""

from __future__ import annotations


class TcsdkError(Exception):
    """Base class of all errors of tcsdk.

    Catch it where one picture's failure must not end the others.
    """


class BitstreamError(TcsdkError, ValueError):
    """The bytes given cannot be decoded, or the values given cannot be coded.

    Drop the stream, or ask the sender for it again.
    """


class NotATcsStreamError(BitstreamError):
    """The data starts with neither the `.tcs` magic nor the first byte of a small or bare stream.

    Look at what the file is: `file NAME`. Streams begin with the bytes F4 54 43, small ones with
    one from D0 to DF, bare ones with E1.
    """


class NewerVersionError(BitstreamError):
    """The stream was made by a later format version than this library reads.

    Install a newer tcsdk on the machine that decodes.
    """


class TruncatedStreamError(BitstreamError):
    """The data ends before what its header and chunks declare.

    Send it again. `on_error="conceal"` (`--conceal`) shows the tiles that came whole.
    """


class CorruptStreamError(BitstreamError):
    """A checksum or the entropy decoder found damage, or a field has a forbidden value.

    Send it again. `on_error="conceal"` (`--conceal`) fills damaged tiles from their
    surroundings and lists them.
    """


class UnsupportedChunkError(BitstreamError):
    """A critical chunk is of a type that this version does not know.

    Install a newer tcsdk on the machine that decodes.
    """


class TrailingDataError(BitstreamError):
    """Bytes follow the last tile.

    Cut streams where they end: each picture is a file or a message of its own.
    """


class StreamLimitError(BitstreamError):
    """A declared size is beyond what the format or this library allows.

    If you trust the sender, decode a `region`, or raise `Decoder(max_pixels=)`.
    """


class BundleMismatchError(BitstreamError):
    """The stream was coded with another entropy bundle than the one at hand.

    Install the tcsdk whose model made the stream, or give its folder: `Decoder(models=[path])`.
    """


class BundleError(TcsdkError, ValueError):
    """The entropy bundle is damaged, truncated or breaks a rule of its format.

    Install tcsdk again; a model of your own, export again.
    """


class PackedWeightsError(TcsdkError, ValueError):
    """Packed weights, or a graph that refers to them, are damaged, truncated or break a rule.

    Install tcsdk again; a model of your own, quantise again.
    """


class GlyphAtlasError(TcsdkError, ValueError):
    """The glyph atlas of a model that draws sent text is damaged or breaks a rule of its format.

    Install tcsdk again; a model of your own, export again.
    """


class PackedNetError(TcsdkError, ValueError):
    """A packed net is damaged, truncated or breaks a rule of its format.

    Install tcsdk again; a model of your own, export again.
    """


class ModelError(TcsdkError):
    """Base class of errors about models and their folders.

    `tcsdk models` lists what is installed, and `tcsdk doctor` tries it.
    """


class UnknownModelError(ModelError, LookupError):
    """No model of this name, wire id or bundle hash is installed.

    Take one that `tcsdk models` lists, or give your model's folder: `Encoder(path)`,
    `Decoder(models=[path])`.
    """


class WrongTaskError(UnknownModelError):
    """The model that was named does something else: a recogniser where a codec is wanted.

    Name a model whose task in `tcsdk models` is "codec".
    """


class NoDetectorError(ModelError, ValueError):
    """The model has no text detector, and something that needs one was asked for.

    Take a model with a detector (`tcsdk models`), or give `regions` instead of `text_boost`.
    """


class NoCaptionError(ModelError, ValueError):
    """The model's encoder is told nothing, and a caption was given.

    Leave the caption out, or take a model that is told one (`tcsdk models`), such as "taco".
    """


class CaptionError(TcsdkError, ValueError):
    """A caption holds control characters.

    Take them out; a file of captions has to be UTF-8.
    """


class ModelFileError(ModelError):
    """A file of a model folder is missing, unreadable or differs from its manifest.

    Install tcsdk again; a model of your own, export or copy again, whole.
    """


class ImageError(TcsdkError, ValueError):
    """The input is not an image that can be coded: type, shape, size or values.

    Open the file with another program. Give an array as (H, W, 3) uint8.
    """


class RegionError(TcsdkError, ValueError):
    """A region leaves the picture at hand, or a quality map is of another size.

    Give the region within the size that `tcsdk info` prints.
    """


class TargetTooSmallError(TcsdkError, ValueError):
    """No quality fits into the byte target.

    Raise `max_bytes` to `smallest`, leave `scale` to the encoder, or send a crop.

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
    """An inference engine failed or cannot run here.

    Run `tcsdk doctor`; `device="cpu"` runs everywhere.
    """


class MissingRuntimeError(EngineError, ImportError):
    """A Python package that the chosen engine or feature needs is not installed.

    Install the extra that the message names, such as `[cpu]` or `[ocr]`.
    """


class DeviceError(EngineError):
    """The device asked for does not exist here or cannot run the model.

    Run `tcsdk doctor` to see which devices run here, and name one of them or none.
    """


class PlanError(EngineError):
    """An engine plan is missing, damaged, or was built for something else.

    Build it again on this machine: `tcsdk build`.
    """


class WorkerError(TcsdkError, RuntimeError):
    """Worker processes of a batch could not start, failed, or died again and again.

    Read the worker's message, fix its cause, and start again: what is done is kept.
    """


class OutputError(TcsdkError, OSError):
    """The result cannot be written.

    Look at the path, its permissions and the space left. A file that exists is replaced with
    `--force` alone.
    """


class ServerError(TcsdkError):
    """`tcsdk serve` cannot start: its port is taken, or a folder is missing.

    The message says what to change: another `--port`, or the `--page` to serve.
    """
