"""What one rendered picture consists of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Line:
    """One line of text that lies wholly inside its picture.

    Args:
        text: what it says, printable ASCII only.
        quad: (4, 2) float32, x then y in pixels (the picture spans 0..W and 0..H); corners TL, TR,
            BR, BL as the reader sees them; the line's ink box plus a tenth of its height on each
            side.
    """

    text: str
    quad: NDArray[np.float32]


@dataclass(frozen=True)
class Sample:
    """A rendered picture and what is written in it.

    Args:
        image: (H, W, 3) uint8, RGB.
        clean: the same before camera and storage did their worst; what text should look like.
        lines: the lines wholly inside the picture; text cut off by the border is not listed.
        text_height: (H, W) uint8, inside the quad of any text, listed or cut off, that quad's
            height in pixels (1..255), else 0.
        twin: the same picture with look-alikes for its characters, where one was drawn.
        whole_of: file name of the photograph that it shows the whole of; None for another picture.
    """

    image: NDArray[np.uint8]
    clean: NDArray[np.uint8]
    lines: tuple[Line, ...]
    text_height: NDArray[np.uint8]
    twin: Sample | None = None
    whole_of: str | None = None

    def __repr__(self) -> str:
        return f"Sample(image={self.image.shape}, lines={[line.text for line in self.lines]})"
