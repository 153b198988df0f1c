"""Readers of lines at known places, and TFIC's accuracy (Section IV-A)."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image
from rapidfuzz.distance import Levenshtein

from benchmarks.sets import KnownLine

Pixels = NDArray[np.uint8]
# One line cut out of a picture, upright -> its text.
Reader = Callable[[Image.Image], str]
LINE_HEIGHT = 48


def alphanumerics(text: str) -> str:
    """What TFIC counts of a text."""
    return "".join(c for c in text if c.isalnum())


def accuracy(truth: str, read: str) -> float:
    """1 - edit distance / longer length, over alphanumerics; 1 when both are empty."""
    a, b = alphanumerics(truth), alphanumerics(read)
    return 1.0 - Levenshtein.distance(a, b) / max(len(a), len(b), 1)


def cut(image: Image.Image, line: KnownLine) -> Image.Image:
    """A known line, straightened to the recogniser's height."""
    edges = np.linalg.norm(np.roll(line.quad, -1, 0) - line.quad, axis=1)
    width = max(
        8, round(LINE_HEIGHT * float(edges[0] + edges[2]) / max(1.0, float(edges[1] + edges[3])))
    )
    top_left, top_right, bottom_right, bottom_left = line.quad.tolist()
    corners = (*top_left, *bottom_left, *bottom_right, *top_right)
    size = (width, LINE_HEIGHT)
    return image.transform(size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)


@cache
def ppocr() -> Reader:
    """PP-OCRv6's recogniser, the one in the training loss."""
    path = files("rapidocr") / "models" / "PP-OCRv6_rec_small.onnx"
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    listed = session.get_modelmeta().custom_metadata_map["character"]
    characters = ["", *listed.split("\n"), " "]

    def read(line: Image.Image) -> str:
        bgr = np.asarray(line.convert("RGB"), np.float32)[:, :, ::-1].transpose(2, 0, 1)
        feed = {"x": np.ascontiguousarray(bgr / 127.5 - 1.0)[None]}
        best = session.run(None, feed)[0][0].argmax(-1).tolist()
        return "".join(
            characters[c] for i, c in enumerate(best) if c and (i == 0 or c != best[i - 1])
        )

    return read


@cache
def tesseract() -> Reader:
    """Tesseract 5, never in the loss: says whether what was kept is text or one network's taste."""
    try:
        subprocess.run(["tesseract", "--version"], check=True, capture_output=True)
    except FileNotFoundError as error:
        raise FileNotFoundError("needs Tesseract 5: install the package tesseract-ocr") from error

    def read(line: Image.Image) -> str:
        framed = Image.new(
            "RGB", (line.width + 32, line.height + 32), line.resize((1, 1)).getpixel((0, 0))
        )
        framed.paste(line, (16, 16))
        buffer = io.BytesIO()
        framed.save(buffer, "PNG")
        command = ["tesseract", "-", "-", "--psm", "7", "-l", "eng"]
        done = subprocess.run(command, input=buffer.getvalue(), capture_output=True, check=True)
        return done.stdout.decode(errors="replace").strip()

    return read


READERS = {"ppocr": ppocr, "tesseract": tesseract}


def read_lines(reader: Reader, pixels: Pixels, lines: tuple[KnownLine, ...]) -> Iterator[float]:
    """Accuracy of each known line that has something to count."""
    image = Image.fromarray(pixels)
    for line in lines:
        if alphanumerics(line.text):
            yield accuracy(line.text, reader(cut(image, line)))
