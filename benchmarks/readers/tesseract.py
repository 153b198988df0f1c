"""Tesseract 5: says whether what was kept is text or one network's taste."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.codecs.point import require_program
from benchmarks.readers.reading import Found, Reading

FRAME = 16  # pixels around a line, in its mean colour
ONE_LINE, SPARSE_TEXT = "7", "11"  # page segmentation modes


class Tesseract:
    """Debian's tesseract-ocr with its English model.

    Raises:
        MissingToolError: it is not installed.
    """

    def __init__(self) -> None:
        self._program = require_program("tesseract", "tesseract-ocr")
        asked = subprocess.run(
            [self._program, "--version"], check=True, capture_output=True, text=True
        )
        self.version = (asked.stdout + asked.stderr).splitlines()[0]

    def read_lines(self, lines: Sequence[Image.Image]) -> list[Reading]:
        """One process for all lines; the confidence is the mean over a line's characters."""
        words: list[list[dict[str, str]]] = [[] for _ in lines]
        for word in self._words([_framed(line) for line in lines], ONE_LINE):
            words[int(word["page_num"]) - 1].append(word)
        return [_joined(line) for line in words]

    def read_page(self, pixels: NDArray[np.uint8]) -> list[Found]:
        """Words, by its own search for sparse text."""
        found = []
        for word in self._words([Image.fromarray(pixels)], SPARSE_TEXT):
            x, y, w, h = (int(word[k]) for k in ("left", "top", "width", "height"))
            quad = np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], np.float32)
            found.append(Found(word["text"], float(word["conf"]) / 100, quad))
        return found

    def _words(self, images: Sequence[Image.Image], mode: str) -> list[dict[str, str]]:
        """Rows of Tesseract's table that hold a word; `page_num` counts the images from 1."""
        if not images:
            return []
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder, f"{i}.png") for i in range(len(images))]
            for image, path in zip(images, paths, strict=True):
                image.save(path, compress_level=1)
            listed = Path(folder, "list.txt")
            listed.write_text("".join(f"{path}\n" for path in paths))
            command = [self._program, str(listed), "-", "--psm", mode, "-l", "eng", "tsv"]
            # More threads than one make it slower on lines.
            one_thread = {**os.environ, "OMP_THREAD_LIMIT": "1"}
            done = subprocess.run(command, check=True, capture_output=True, env=one_thread)
        table = io.StringIO(done.stdout.decode(errors="replace"))
        rows = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in rows if row["level"] == "5" and row["text"].strip()]


def _framed(line: Image.Image) -> Image.Image:
    line = line.convert("RGB")
    mean = line.resize((1, 1)).getpixel((0, 0))
    framed = Image.new("RGB", (line.width + 2 * FRAME, line.height + 2 * FRAME), mean)
    framed.paste(line, (FRAME, FRAME))
    return framed


def _joined(words: Sequence[dict[str, str]]) -> Reading:
    text = " ".join(word["text"] for word in words)
    lengths = [len(word["text"]) for word in words]
    weighted = sum(
        float(word["conf"]) * length for word, length in zip(words, lengths, strict=True)
    )
    return Reading(text, weighted / 100 / sum(lengths) if words else 0.0)
