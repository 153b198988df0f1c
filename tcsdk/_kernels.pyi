"""Types of the compiled module: libtcs as tcsdk sees it.

Arrays must be C-contiguous and of exactly the dtype and shape stated; a wrong dtype is a
`TypeError`, a wrong shape or a number out of range a `ValueError`. "Bytes-like" is `bytes`,
`bytearray`, `memoryview` or a one-dimensional uint8 array. Errors about the content of bytes are
the classes of `tcsdk.errors`. All calls that take time release the GIL.

M and C_z are the bundle's channels of r and z_hat, L its z levels; (h, w) is the y grid of a tile,
ceil(H / 16) x ceil(W / 16), and (hz, wz) = (ceil(h / 4), ceil(w / 4)) its z grid.
"""

from collections.abc import Sequence
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Buffer

class Bundle:
    """A parsed entropy bundle. Immutable; may be shared between threads.

    Raises:
        BundleError: the bytes break a rule of the format.
        NewerVersionError: the bundle is of a later format version.
    """

    def __init__(self, data: Buffer) -> None: ...
    @property
    def wire_id(self) -> int: ...
    @property
    def hash(self) -> bytes:
        """SHA-256 of the whole file, 32 bytes."""
    @property
    def short_hash(self) -> int:
        """First four bytes of the hash as a little-endian number, as a stream's header has it."""
    @property
    def digest(self) -> bytes:
        """SHA-256 of the canonical checkpoint, 32 bytes."""
    @property
    def latent(self) -> int:
        """M, channels of r."""
    @property
    def hyper(self) -> int:
        """C_z, channels of z_hat."""
    @property
    def z_levels(self) -> int: ...
    @property
    def precision(self) -> int: ...
    @property
    def skip(self) -> int:
        """Default skip index."""
    @property
    def steps(self) -> NDArray[np.int8]:
        """(64, M), scale steps of each quality and channel."""
    @property
    def z_level_of_quality(self) -> NDArray[np.uint8]:
        """(64,)."""
    @property
    def gain_of_step(self) -> NDArray[np.float32]:
        """(256,), for steps -128..127."""
    @property
    def inverse_of_step(self) -> NDArray[np.float32]:
        """(256,), for steps -128..127."""
    @property
    def z_gain(self) -> NDArray[np.float32]:
        """(L, C_z)."""
    @property
    def z_inverse_gain(self) -> NDArray[np.float32]:
        """(L, C_z)."""
    def scale_indexes(self, z_hat: NDArray[np.int8], level: int) -> NDArray[np.int16]:
        """Run the integer scale network: (C_z, hz, wz) -> (M, 4hz, 4wz), unclamped."""

class Header:
    """What a stream says before its first chunk; tile in pixels a side.

    `shown` is the size at which the picture is shown, by default as it is coded. Two headers are
    equal if they say the same of their pictures, whatever the version of their streams.

    Raises:
        ValueError: a number is out of its range.
    """

    def __init__(
        self,
        *,
        width: int,
        height: int,
        quality: int,
        wire_id: int,
        bundle_hash: int = 0,
        tile: int = 512,
        bare: bool = False,
        layered: bool = False,
        shown: tuple[int, int] | None = None,
        small: bool = False,
        bundle_check: int = 0,
    ) -> None: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def quality(self) -> int: ...
    @property
    def wire_id(self) -> int: ...
    @property
    def bundle_hash(self) -> int:
        """Short hash of the bundle; 0 in bare streams and small ones, which carry none."""
    @property
    def tile(self) -> int: ...
    @property
    def bare(self) -> bool: ...
    @property
    def small(self) -> bool:
        """Whether it is of the small profile, whose one check covers the bundle's hash too."""
    @property
    def bundle_check(self) -> int:
        """Of a small stream: `bundle_check` of its bundle's short hash.

        After `parse` any other value than that of the bundle at hand says that the stream is
        damaged, or of another bundle.
        """
    @property
    def layered(self) -> bool:
        """Whether a base layer follows the tiles of the first one."""
    @property
    def version(self) -> tuple[int, int]:
        """Of the format: (0, 4), or of a stream of before (0, 2) with layers, (0, 1) without."""
    @property
    def shown(self) -> tuple[int, int]:
        """Width and height at which the picture is shown."""
    @property
    def tiles(self) -> int:
        """Number of tiles, in raster order in each layer of the stream."""

class Layer:
    """What a layer chunk says of the base layer behind it.

    Raises:
        ValueError: a number is out of its range.
    """

    def __init__(self, *, quality: int, wire_id: int, bundle_hash: int, threshold: int) -> None: ...
    @staticmethod
    def parse(data: Buffer) -> Layer:
        """Read the payload of a layer chunk.

        Raises:
            BitstreamError: TruncatedStreamError, TrailingDataError or CorruptStreamError.
        """

    def to_bytes(self) -> bytes:
        """Make the payload, 8 bytes."""
    @property
    def quality(self) -> int: ...
    @property
    def threshold(self) -> int:
        """Of the first layer's activity, 0..255: docs/use/layers.md."""
    @property
    def wire_id(self) -> int: ...
    @property
    def bundle_hash(self) -> int: ...

class Chunk:
    """A chunk found by `parse`; its payload is data[offset : offset + length]."""

    @property
    def type(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def length(self) -> int: ...
    @property
    def fault(self) -> str:
        """What is wrong with it, "" if nothing.

        "damaged": its check fails, by damage or as it is of another stream; all but its extent is
        a guess. "mapless": a sound tile whose quality map is damaged or missing. Of a lenient
        parse also "stray": sound, but its place is taken, or nothing there asks for it; "moved":
        sound and to be used, but not where it should stand.
        """
    @property
    def base(self) -> bool:
        """Whether it is of the base layer."""
    @property
    def tile(self) -> int:
        """Of a tile or its quality map, in raster order; 0 of all others."""

def parse(
    data: Buffer, lenient: bool = False, first_layer: bool = False
) -> tuple[Header, list[Chunk]]:
    """Read the structure of a full, small or bare stream; payloads stay where they are.

    Args:
        data: the stream, bytes-like.
        lenient: return what can be told of the chunks instead of raising for what follows the
            header, but for bytes behind a complete stream and unknown critical chunks. In streams
            before 0.4, chunks behind a damaged one are kept only if the whole stream adds up,
            or the first layer with the layer chunk behind it.
        first_layer: leave out a base layer, and do not look at what follows the first one.

    Returns:
        The header, and the chunks in stream order. Damaged ones are not raised for: look at
        `fault`. Where none has a fault and none is missing, a strict parse accepts the stream.

    Raises:
        BitstreamError: one of NotATcsStreamError, NewerVersionError, TruncatedStreamError,
            CorruptStreamError, StreamLimitError, UnsupportedChunkError, TrailingDataError.
    """

def write(header: Header, chunks: Sequence[tuple[int, Buffer]]) -> bytes:
    """Write a stream from (type, payload) pairs in stream order.

    Raises:
        ValueError: a header field or chunk that `parse` would refuse.
    """

def bundle_check(short_hash: int) -> int:
    """Return what a small stream says of its bundle: the CRC-16 of its hash's first four bytes."""

def crc16(data: Buffer) -> int:
    """Return the CRC-16 of small streams."""

def encode_quality_map(roi: NDArray[np.int8]) -> bytes:
    """Code the (h, w) step offsets of a tile as runs."""

def decode_quality_map(data: Buffer, height: int, width: int) -> NDArray[np.int8]:
    """Read the (height, width) step offsets of a tile.

    Raises:
        BitstreamError: TruncatedStreamError, CorruptStreamError or TrailingDataError.
    """

class SentText:
    """The payload of a text chunk, read: arrays and lists have one item a line. Immutable."""

    @property
    def verified(self) -> bool:
        """Every line of the picture that is not listed is read in it as in the original."""
    @property
    def strings(self) -> list[str | None]:
        """None where a line has no string."""
    @property
    def places(self) -> NDArray[np.int32]:
        """(n, 5), columns x, y, height, length, angle of the format's grid; zeros without a place."""
    @property
    def placed(self) -> NDArray[np.bool_]:
        """(n,)."""
    @property
    def states(self) -> NDArray[np.uint8]:
        """(n,), 0: none, 1: verified, 2: doubtful, 3: sent."""
    @property
    def confidences(self) -> NDArray[np.uint8]:
        """(n,), 0..7, of the string; 0 without one."""

def encode_text(
    strings: list[str | None],
    *,
    places: NDArray[np.int32],
    placed: NDArray[np.bool_],
    states: NDArray[np.uint8],
    confidences: NDArray[np.uint8],
    verified: bool,
) -> bytes:
    """Code n lines as the payload of a text chunk; the arrays are as SentText has them.

    Raises:
        StreamLimitError: more than 4,095 lines, or 65,535 characters with one more for each string.
        ValueError: numbers out of range; a place, string or confidence of a line without one.
    """

def decode_text(data: Buffer) -> SentText:
    """Read the payload of a text chunk.

    Raises:
        BitstreamError: CorruptStreamError, StreamLimitError or NewerVersionError.
    """

def places_of_corners(corners: NDArray[np.float64]) -> NDArray[np.int32]:
    """Put (n, 4, 2) corners on the format's grid: (n, 5).

    Corners are in pixels of the coded picture, clockwise from the top left of the text; the
    nearest rotated rectangle stands for them.
    """

def corners_of_places(places: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the (n, 4, 2) corners of places, in pixels of the coded picture."""

class GlyphAtlas:
    """The letters of a face as bitmaps (docs/reference/guidance.md). Immutable.

    Raises:
        GlyphAtlasError: the bytes break its format.
    """

    def __init__(self, data: Buffer) -> None: ...
    def __len__(self) -> int: ...
    def __contains__(self, point: int) -> bool: ...
    def advances(self, text: str) -> NDArray[np.int32]:
        """Return the columns from each character of a text to the next, (n,)."""

def which_guide(
    strings: Sequence[str], places: NDArray[np.int32], width: int, height: int
) -> NDArray[np.bool_]:
    """Say of n lines whether their letters are so small that they are drawn into a picture, (n,).

    Args:
        strings: what they say.
        places: (n, 5), as SentText has them.
        width: of the coded picture, pixels.
        height: the same.
    """

def draw_guidance(
    atlas: GlyphAtlas,
    strings: Sequence[str],
    places: NDArray[np.int32],
    width: int,
    height: int,
    box: tuple[int, int, int, int],
) -> NDArray[np.uint8] | None:
    """Draw the lines that guide: each pixel is a function of where it lies in the picture.

    Args:
        atlas: letters.
        strings: what n lines say.
        places: (n, 5), as SentText has them.
        width: of the coded picture, pixels.
        height: the same.
        box: x, y, width and height of the part to draw; it begins in the picture.

    Returns:
        (2, height, width) of the part, uint8: how much of each pixel is ink, and how much of what
        is painted there is to show; None where nothing is.
    """

def encode_tile(
    bundle: Bundle,
    z_hat: NDArray[np.int8],
    residual: NDArray[np.float32] | NDArray[np.int16],
    quality: int,
    *,
    roi: NDArray[np.int8] | None = None,
    skip: int | None = None,
    lanes: int | None = None,
) -> bytes:
    """Code one tile.

    Args:
        bundle: the model's tables.
        z_hat: (C_z, hz, wz), -127..127.
        residual: d (M, h, w) float32, which is multiplied by the quality's gain and rounded; or r
            (M, h, w) int16 as it is.
        quality: 0..63.
        roi: (h, w) step offsets, or None.
        skip: elements of a lower scale index are not coded; None for the bundle's default.
        lanes: 1 or 8; None chooses by the number of coded symbols.

    Returns:
        The payload of a tile chunk.
    """

def decode_tile(
    bundle: Bundle,
    payload: Buffer,
    quality: int,
    height: int,
    width: int,
    *,
    roi: NDArray[np.int8] | None = None,
) -> tuple[NDArray[np.int8], NDArray[np.int16]]:
    """Decode one tile of y grid (height, width) into z_hat (C_z, hz, wz) and r (M, h, w).

    Raises:
        CorruptStreamError: the payload is damaged or not of this bundle, quality or grid.
    """

def inverse_gain(
    bundle: Bundle, quality: int, roi: NDArray[np.int8] | None = None
) -> NDArray[np.float32]:
    """Factors that undo the gain: (M, 1, 1), or (M, h, w) with step offsets."""

def crc32c(data: Buffer) -> int:
    """CRC-32C (Castagnoli) of bytes."""

def encode_symbols(
    starts: NDArray[np.uint16],
    precision: int,
    rows: NDArray[np.uint8],
    entries: NDArray[np.uint8],
    lanes: int,
) -> bytes:
    """Code entries (n,) under rows (n,) of cumulative starts (rows, 32) with rANS in 1 or 8 lanes."""

def decode_symbols(
    starts: NDArray[np.uint16],
    precision: int,
    rows: NDArray[np.uint8],
    data: Buffer,
    lanes: int,
) -> NDArray[np.uint8]:
    """Decode the entries (n,) that were coded under the same rows (n,) in 1, 8 or 32 lanes.

    Raises:
        CorruptStreamError: the bytes cannot be such a stream.
    """

def simd() -> str:
    """Name of the variant of the hot loops in use; TCSDK_SIMD forces one."""

def simd_targets() -> list[str]:
    """Names of the variants that run here, "generic" first, the best last."""

def unpack_weights(data: Buffer, names: Sequence[str] | None = None) -> dict[str, NDArray[np.int8]]:
    """Unpack tensors of a file of packed weights (docs/reference/packed-weights.md).

    Args:
        data: the file's bytes.
        names: of the tensors, which come in this order, each once; None for all.

    Returns:
        Name -> (C_out, ...) int8.

    Raises:
        PackedWeightsError: the bytes break the format, or a name is not there or comes twice.
        NewerVersionError: a later version of the format.
    """

def external_initializers(model: Buffer) -> list[tuple[str, str]]:
    """Initializers whose data an ONNX model keeps in other files, as (name, location).

    Raises:
        PackedWeightsError: the bytes are not protocol buffers.
    """

class JoinedPacket:
    """What became of a packet, and what is here of its message."""

    @property
    def fate(self) -> str:
        """ "whole", "added", "duplicate", "late" or "mixed": kernels/include/tcs/packets.hpp."""
    @property
    def number(self) -> int:
        """Of the message, 0..255: a sum of its bytes."""
    @property
    def data(self) -> int:
        """Packets that the message takes."""
    @property
    def index(self) -> int:
        """Of this packet; from `data` on one of parity."""
    @property
    def held(self) -> int:
        """Packets of the message that are here."""
    @property
    def missing(self) -> list[int]:
        """Data packets that are not here, unless the message is whole."""
    @property
    def message(self) -> bytes:
        """The whole, or what is here without a gap from its start."""
    @property
    def preview(self) -> bytes:
        """The preview; b"" where there is none, or its packet is not here."""

class PacketJoiner:
    """Joins packets in any order, of several senders and messages at once."""

    def __init__(self, *, messages: int, bytes: int) -> None: ...
    def add(self, packet: Buffer, sender: bytes) -> JoinedPacket:
        """Take a packet.

        Raises:
            TruncatedStreamError, StreamLimitError: The bytes cannot be a packet.
        """
    @property
    def messages(self) -> int:
        """Messages kept."""
    @property
    def bytes(self) -> int:
        """Bytes kept of them."""

def split_message(message: Buffer, payload: int, parity: int, preview: Buffer) -> list[bytes]:
    """Cut a message into packets: those of data, then `parity` more.

    Raises:
        ValueError: The payload is too small for it, or the preview too large.
    """

def read_packet_header(packet: Buffer) -> tuple[int, int, int, int]:
    """Return number, data packets, index and header size of a packet.

    Raises:
        TruncatedStreamError, StreamLimitError: The bytes cannot be a packet.
    """

def cut_message(size: int, payload: int, parity: int, first: int = 0) -> tuple[int, int]:
    """Return the data packets of a message and the bytes of each behind its header."""

def packet_header_size(data: int, parity: int) -> int:
    """Return the bytes of header that each packet of such a message has, 2 or 3."""

def parity_of_share(data: int, share: float) -> int:
    """Return the share of a number of data packets, rounded up."""

def parity_for_delivery(data: int, delivery: float, loss: float) -> int:
    """Return the fewest parity packets that deliver this share of messages at this loss."""

class Net:
    """A packed net, opened and proved; may run in several threads at once.

    Source: docs/reference/net.md.
    """

    def __init__(self, data: Buffer) -> None:
        """Read the bytes of a `.tcsn`.

        Raises:
            PackedNetError: the bytes break the format, or a sum could leave int32.
            NewerVersionError: they were made by a later version.
        """

    @property
    def role(self) -> str:
        """What it does: "analysis" or "synthesis"."""

    def analyse(
        self,
        pixels: NDArray[np.uint8] | NDArray[np.float32],
        z_gain: NDArray[np.float32],
        z_inverse_gain: NDArray[np.float32],
        *,
        threads: int = 1,
    ) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.float32]]:
        """Return z_hat (C_z, h/64, w/64), d (M, h/16, w/16) and text (planes, h/16, w/16).

        Args:
            pixels: (h, w, 3) uint8, or (3, h, w) float32 in 0..1; sides multiples of 64.
            z_gain: (C_z,).
            z_inverse_gain: (C_z,).
            threads: that share the work; the results are the same with any number.
        """

    @overload
    def synthesise(
        self,
        z_hat: NDArray[np.int8],
        r: NDArray[np.int16],
        inverse_gain: NDArray[np.float32],
        z_inverse_gain: NDArray[np.float32],
        *,
        threads: int = 1,
        planes: Literal[False] = False,
    ) -> NDArray[np.uint8]: ...
    @overload
    def synthesise(
        self,
        z_hat: NDArray[np.int8],
        r: NDArray[np.int16],
        inverse_gain: NDArray[np.float32],
        z_inverse_gain: NDArray[np.float32],
        *,
        threads: int = 1,
        planes: Literal[True],
    ) -> NDArray[np.float32]:
        """Return pixels (64 h, 64 w, 3) of z_hat (C_z, h, w) and r (M, 4h, 4w).

        Args:
            z_hat: (C_z, h, w).
            r: (M, 4h, 4w).
            inverse_gain: (M, 1, 1), or (M, 4h, 4w).
            z_inverse_gain: (C_z,).
            threads: that share the work; the results are the same with any number.
            planes: return (3, 64 h, 64 w) in 0..1 instead.
        """

    def analysis(
        self,
        pixels: NDArray[np.uint8],
        z_gain: NDArray[np.float32],
        z_inverse_gain: NDArray[np.float32],
        *,
        threads: int = 1,
    ) -> AnalysisRun:
        """Begin to analyse a picture from top to bottom.

        Args:
            pixels: (H, W, 3) of any size; what lies beyond repeats the last column and row.
            z_gain: (C_z,).
            z_inverse_gain: (C_z,).
            threads: that share the work; the results are the same with any number.
        """

    def synthesis(self, height: int, width: int, *, threads: int = 1) -> SynthesisRun:
        """Begin to make a picture from top to bottom.

        Args:
            height: Pixels, as those of a stream.
            width: Likewise.
            threads: that share the work; the results are the same with any number.
        """

class AnalysisRun:
    """An analysis on its way down a picture, in units of 64 rows; of one thread at a time."""

    def next(self, units: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return d (M, 4 units, w/16) and text (planes, 4 units, w/16) of the next units."""

    @property
    def z_hat(self) -> NDArray[np.int8]:
        """(C_z, h/64, w/64), filled in as far as next() came."""

class SynthesisRun:
    """A synthesis on its way down a picture, in units of 64 rows; of one thread at a time."""

    def wanted(self, units: int) -> tuple[int, int]:
        """Return the first unit of latents that next() wants for so many, and the unit behind."""

    def next(
        self,
        units: int,
        z_hat: NDArray[np.int8],
        r: NDArray[np.int16],
        inverse_gain: NDArray[np.float32],
        z_inverse_gain: NDArray[np.float32],
    ) -> NDArray[np.uint8]:
        """Return the pixels of the next units, (64 units, w, 3).

        Args:
            units: of 64 rows.
            z_hat: (C_z, m, w/64) of the m units that are wanted.
            r: (M, 4 m, w/16).
            inverse_gain: (M, 1, 1), or (M, 4 m, w/16).
            z_inverse_gain: (C_z,).
        """
