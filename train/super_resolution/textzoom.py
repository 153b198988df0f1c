"""TextZoom's pairs (Wang et al., 2020), read from its LMDB folders by those who have them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from tcsdk.train.super_resolution.pairs import HIGH, LOW, Pair

# Its test folders are called as its bins are.
KEYS = {"low": b"image_lr-%09d", "high": b"image_hr-%09d", "text": b"label-%09d"}
COUNT = b"num-samples"


class TextZoom:
    """One of its folders, opened for reading.

    Pairs are numbered from 0; both crops are stretched to TextZoom's sizes, 16 x 64 and 32 x 128,
    as its authors do.

    Args:
        folder: one with a data.mdb in it, such as test/easy; its name is the pairs' bin.

    Raises:
        FileNotFoundError: it is not there, or is no LMDB.
        ImportError: the package lmdb is not installed.
        ValueError: it does not say how many pairs it has.
    """

    def __init__(self, folder: Path) -> None:
        import lmdb

        if not (folder / "data.mdb").is_file():
            raise FileNotFoundError(f"expected a folder with a data.mdb, got {folder}")
        self.folder = folder
        self._environment: Any = lmdb.open(str(folder), readonly=True, lock=False, readahead=False)
        self._count = self._counted()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Pair:
        """Return a pair.

        Raises:
            IndexError: there are fewer.
            ValueError: a part of it is missing or is no picture.
        """
        if not 0 <= index < self._count:
            raise IndexError(f"expected a pair from 0 to {self._count - 1}, got {index}")
        low, high, text = (self._get(KEYS[name] % (index + 1)) for name in ("low", "high", "text"))
        return Pair(
            self._stretched(low, LOW, index),
            self._stretched(high, HIGH, index),
            text.decode(),
            self.folder.name,
        )

    def __iter__(self) -> Iterator[Pair]:
        return (self[index] for index in range(self._count))

    def __enter__(self) -> TextZoom:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._environment.close()

    def _counted(self) -> int:
        said = self._get(COUNT)
        try:
            return int(said)
        except ValueError as error:
            raise ValueError(
                f"{self.folder}: expected {COUNT.decode()} to be a number, got {said!r}"
            ) from error

    def _get(self, key: bytes) -> bytes:
        with self._environment.begin() as transaction:
            value = transaction.get(key)
        if value is None:
            raise ValueError(f"{self.folder}: expected an entry {key.decode()}, found none")
        return bytes(value)

    def _stretched(self, data: bytes, size: tuple[int, int], index: int) -> NDArray[np.uint8]:
        try:
            with Image.open(io.BytesIO(data)) as stored:
                picture = stored.convert("RGB")
        except UnidentifiedImageError as error:
            raise ValueError(f"{self.folder}: pair {index} is not of two pictures") from error
        height, width = size
        return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))
