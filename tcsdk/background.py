"""What a picture lies on: a colour behind what is transparent, or nothing that is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from tcsdk.arguments import colour
from tcsdk.codec.dropping import only_regions
from tcsdk.images import WHITE, load_picture

if TYPE_CHECKING:
    from tcsdk.images import ImageSource, Picture
    from tcsdk.request import Request

DROP = "drop"  # instead of a colour


@dataclass(frozen=True)
class Background:
    """What an encoder's pictures lie on.

    Attributes:
        colour: RGB seen through transparent pixels.
        drops: Whether nothing is sent but the regions that a request names.
    """

    colour: tuple[int, int, int]
    drops: bool

    @classmethod
    def of(cls, background: tuple[int, int, int] | Literal["drop"]) -> Background:
        """Check the argument of an encoder.

        Raises:
            ValueError, TypeError: It is neither a colour nor "drop".
        """
        if background == DROP:
            return cls(WHITE, True)
        return cls(colour("background", background), False)

    def check(self, request: Request) -> None:
        """Refuse a request that would send nothing.

        Raises:
            ValueError: Nothing but regions is sent, and it names none.
        """
        if self.drops and not request.regions:
            raise ValueError('background="drop" sends nothing but regions; give regions=')

    def load(self, image: ImageSource, request: Request) -> Picture:
        """Return a picture as it is to be coded.

        Args:
            image: What `Encoder.encode` takes.
            request: Its page, what is kept of it, and its regions.

        Raises:
            ImageError: Not a picture, or one that cannot be coded.
            OSError: The path cannot be read.
        """
        picture = load_picture(image, background=self.colour, keep=request.keep, page=request.page)
        if not self.drops:
            return picture
        return replace(picture, pixels=only_regions(picture.pixels, request.regions))
