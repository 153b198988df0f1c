"""What a caller wants of one picture's stream."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tcsdk.arguments import chosen, flag, fraction, several, whole, wholes
from tcsdk.codec.joining import KEEPABLE
from tcsdk.codec.quality_map import HIGHEST, LOWEST, REGION, Region
from tcsdk.given_caption import checked_caption
from tcsdk.given_text import LINE_STATES, checked_text
from tcsdk.keywords import naming_keywords
from tcsdk.packet_sizes import DEFAULT_PAYLOAD, MOST_PACKETS, room

QUALITIES = 64
AUTO: Final = "auto"


@naming_keywords()
@dataclass(frozen=True, kw_only=True, eq=False)
class Request:
    """What a stream is to be like: the arguments of `Encoder.encode`, as one object.

    Everything that encodes many pictures carries it: `encode_many`, `tcsdk.pipeline`, `BatchJob`.
    `dataclasses.replace` makes another one of it.

    Args:
        max_bytes: Take the best quality whose stream is no larger. `quality`, if given too, is the
            best one allowed. Of two layers the second keeps its own quality.
        quality: 0..63, instead of the encoder's own.
        small: Take the small profile: 7 to 9 bytes of header with a checksum of 16 bits over all
            of the stream, for pictures that fit a packet or a few. Carries one layer, no metadata,
            and pictures of at most 8192 pixels a side.
        max_packets: As `max_bytes`, by what a link takes: the best quality whose stream takes at
            most so many packets of data (`tcsdk.packets.split`; those of parity come on top).
        payload: Most bytes of such a packet.
        step: What a packet's size is billed in: one then ends with its last whole step.
        keep: What to keep of the source file's metadata: "icc", "exif" or both. Without "icc"
            colours are converted to sRGB; with it those of an RGB profile stay as they are.
        user: Bytes of your own to carry along.
        text: Text to carry along, as receivers find it in `inspect(data).text` and `tcsdk.read`:
            "read", all that is read on the picture (extra [ocr]); "codes", the lines of it that
            have 3 characters or more of which a third are figures; or lines that you know, from
            any reader or register, each a `TextLine` (or what has `text`, `polygon` and perhaps
            `confidence`), a pair of corners (4, 2) in pixels of the upright picture and a string,
            or a string alone. "states" carries no text but, with `verify`, the places of the lines
            that were compared and whether each agreed, as the others do too; None not even that. A
            model that draws sent text into its pictures ("textboost") reads by itself with
            "states" too, and carries the lines whose letters are so small that it draws them. Of
            what it draws it cuts long lines at spaces, so that each part stands where it should.
            `max_bytes` counts it; where no picture fits beside it it is left out, which `notes`
            say.
        text_boost: Steps, of about 13 % of the quantiser each, by which blocks of 16x16 pixels are
            coded finer that the model's own detector takes for text, and the blocks around them;
            -128..127, 0 for none. `tcsdk models` says which models have a detector.
        regions: (x, y, width, height, boost) in pixels and steps: the same for rectangles of the
            upright picture; where several touch a block, the last one counts.
        qmap: (ceil(H/16), ceil(W/16)) integers -128..127, instead of `regions`: the steps of each
            block. With `scale` H and W are those coded, each side times it, rounded. `text_boost`
            adds to either. All are about the first layer. The array is not copied.
        adaptive: Code blocks with small or faint text finer, where the model says how much
            (`tcsdk models`). Adds to the others. Where at a size no quality fits `max_bytes` so,
            the picture is coded without.
        scale: Code the picture at this part of its size, above 0 and at most 1; `Decoder` shows it
            as large as it was. "auto" chooses by the height of the text that the model's detector
            sees: the smallest at which it is as legible as it can be; with `max_bytes` the one
            whose best quality that fits is the most legible, the largest of several alike. It is 1
            where nothing is smaller for it: for `qmap`, two layers, and, without `max_bytes`,
            where no text is seen (docs/decisions/automatic-scale.md). Small streams take a scale
            near the one asked for, from which the size can be told.
        page: Page or frame of a picture file, from 1; None for the one that viewers show first.
        caption: What the picture shows, in words, for a model whose encoder is told ("taco"); it is
            not in the stream. Of a long one the model takes its first tokens, which `notes` say.
            None, or a text without a word, for none (docs/use/captions.md).

    Raises:
        ValueError, TypeError: An argument is out of its range, whatever the picture.

    Examples:
        >>> Request(max_bytes=600, keep=("exif",)).max_bytes
        600
    """

    max_bytes: int | None = None
    quality: int | None = None
    small: bool = False
    max_packets: int | None = None
    payload: int = DEFAULT_PAYLOAD
    step: int = 1
    keep: Collection[str] = ()
    user: bytes | None = None
    text: str | Iterable[Any] | None = LINE_STATES
    text_boost: int = 0
    regions: Iterable[Region] = ()
    qmap: NDArray[np.integer] | None = None
    adaptive: bool = True
    scale: float | Literal["auto"] = AUTO
    page: int | None = None
    caption: str | None = None

    def __post_init__(self) -> None:
        if self.max_bytes is not None:
            whole("max_bytes", self.max_bytes, 1)
        if self.max_packets is not None:
            whole("max_packets", self.max_packets, 1, MOST_PACKETS)
        check_quality("quality", self.quality)
        flag("small", self.small)
        room(self.max_packets or 1, self.payload, self.step)
        flag("adaptive", self.adaptive)
        object.__setattr__(self, "keep", chosen("keep", self.keep, KEEPABLE))
        if not isinstance(self.user, bytes | None):
            raise TypeError(f"expected user as bytes, got {self.user!r}")
        object.__setattr__(self, "text", checked_text(self.text))
        whole("text_boost", self.text_boost, LOWEST, HIGHEST, what=" steps")
        if self.scale != AUTO:
            object.__setattr__(self, "scale", fraction("scale", self.scale, or_=AUTO))
        if self.page is not None:
            whole("page", self.page, 1)
        object.__setattr__(self, "caption", checked_caption(self.caption))
        regions = several("regions", self.regions, f"of ({', '.join(REGION)})")
        object.__setattr__(self, "regions", tuple(map(_checked_region, regions)))
        if self.qmap is not None and not isinstance(self.qmap, np.ndarray):
            raise TypeError(f"expected qmap as an integer array, got {self.qmap!r}")
        if self.regions and self.qmap is not None:
            raise ValueError("expected either qmap or regions, got both")

    @property
    def most_bytes(self) -> int | None:
        """The largest stream that `max_bytes` and `max_packets` allow; None without either."""
        limits = [] if self.max_bytes is None else [self.max_bytes]
        if self.max_packets is not None:
            limits.append(room(self.max_packets, self.payload, self.step))
        return min(limits, default=None)

    def told(self, caption: str | None) -> Request:
        """Return the same with another caption.

        Raises:
            TypeError, CaptionError: It is none.
        """
        return replace(self, caption=caption)

    @property
    def sends_text(self) -> bool:
        """Whether the caller wants text in the stream."""
        return bool(self.text) and self.text != LINE_STATES

    def reads_to_draw(self, draws: bool) -> bool:
        """Whether text is read because the model draws it, and for nothing else.

        Args:
            draws: Whether the model does.
        """
        return draws and self.text == LINE_STATES

    @property
    def has_offsets(self) -> bool:
        """Whether the caller wants some blocks in another quality than the rest."""
        return bool(self.text_boost or self.regions) or self.qmap is not None


def checked_request(request: Request | None) -> Request:
    """Return what was asked for; None asks for nothing in particular.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(request, Request | None):
        raise TypeError(f"expected request as a tcsdk.Request, got {request!r}")
    return request or Request()


def check_quality(name: str, quality: int | None) -> None:
    """Refuse a quality that there is not; None leaves it open.

    Raises:
        TypeError: Not a whole number.
        ValueError: Out of range.
    """
    if quality is not None:
        whole(name, quality, 0, QUALITIES - 1)


def _checked_region(region: Region) -> Region:
    x, y, width, height, boost = wholes("a region", region, REGION)
    whole("the boost of a region", boost, LOWEST, HIGHEST, what=" steps")
    return x, y, width, height, boost
