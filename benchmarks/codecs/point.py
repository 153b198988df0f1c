"""One operating point of a codec."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


class MissingToolError(RuntimeError):
    """A program or package that a codec or reader needs is not installed."""


@dataclass(frozen=True)
class Point:
    """One operating point of a codec.

    Attributes:
        codec: Its name.
        version: Of the library, or the digest of a model's files.
        setting: What distinguishes its points.
        encode: (H, W, 3) uint8 to the bytes of a whole file.
        decode: The bytes to (H, W, 3) uint8; None where text alone was sent.
    """

    codec: str
    version: str
    setting: str
    encode: Callable[[Pixels], bytes] = field(repr=False)
    decode: Callable[[bytes], Pixels] | None = field(repr=False)


def require_program(program: str, package: str) -> str:
    """The path of a program.

    Raises:
        MissingToolError: it is not installed.
    """
    path = shutil.which(program)
    if path is None:
        raise MissingToolError(
            f"expected the program {program}, found none: "
            f"apt-get install --no-install-recommends {package}"
        )
    return path
