"""Where tiles lie on a picture and on the latent grids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tcsdk.model.grids import ceil_div


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels: left, top, width, height, all at least 0."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column beyond the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row beyond the box."""
        return self.y + self.height

    def overlap(self, other: Box) -> Box:
        """Return the common part; its width or height is 0 where there is none."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        width = max(0, min(self.right, other.right) - x)
        return Box(x, y, width, max(0, min(self.bottom, other.bottom) - y))

    def grown(self, margin: int, bounds: Box) -> Box:
        """Return the box with `margin` pixels more on each side, as far as `bounds` reach."""
        around = Box(
            self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin
        )
        return around.overlap(bounds)

    def on_grid(self, stride: int) -> Box:
        """Return the grid positions that cover the box; x and y must be multiples of stride."""
        return Box(
            self.x // stride,
            self.y // stride,
            ceil_div(self.width, stride),
            ceil_div(self.height, stride),
        )


@dataclass(frozen=True)
class TileGrid:
    """The tiles of a picture, in raster order.

    Attributes:
        width, height: Of the picture, pixels.
        side: Of a tile, a multiple of 64 pixels. A picture no larger is one tile.
    """

    width: int
    height: int
    side: int

    @property
    def picture(self) -> Box:
        """The whole picture."""
        return Box(0, 0, self.width, self.height)

    @property
    def columns(self) -> int:
        """Tiles in a row."""
        return ceil_div(self.width, self.side)

    def rows(self, area: Box) -> Iterator[Box]:
        """Yield the rows of tiles of an area that is made of whole tiles, from the top."""
        for y in range(area.y, area.bottom, self.side):
            yield Box(area.x, y, area.width, self.side).overlap(area)

    def __len__(self) -> int:
        return self.columns * ceil_div(self.height, self.side)

    def __getitem__(self, index: int) -> Box:
        row, column = divmod(index, self.columns)
        cell = Box(column * self.side, row * self.side, self.side, self.side)
        return cell.overlap(self.picture)

    def touching(self, area: Box) -> Iterator[int]:
        """Yield the indexes of the tiles that have pixels in the area."""
        for row in range(area.y // self.side, ceil_div(area.bottom, self.side)):
            for column in range(area.x // self.side, ceil_div(area.right, self.side)):
                yield row * self.columns + column

    def covering(self, area: Box) -> Box:
        """Return the part of the picture that the tiles with pixels in the area make up."""
        left, top = area.x // self.side * self.side, area.y // self.side * self.side
        right = ceil_div(area.right, self.side) * self.side
        bottom = ceil_div(area.bottom, self.side) * self.side
        return Box(left, top, right - left, bottom - top).overlap(self.picture)

    def around(self, index: int, halo: int) -> list[int]:
        """Return the tiles within `halo` pixels of a tile, itself included."""
        return list(self.touching(self[index].grown(halo, self.picture)))
