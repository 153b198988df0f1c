"""PP-OCRv6 as the rapidocr wheel ships it: its recogniser alone, and the whole of `tcsdk.read`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image

from benchmarks.readers.pages import page_lines
from benchmarks.readers.reading import Found, Reading
from tcsdk.engines import available_threads


class PPOCR:
    """The reader of the training loss."""

    def __init__(self) -> None:
        self.version = f"PP-OCRv6 small of rapidocr {version('rapidocr')}"
        path = files("rapidocr") / "models" / "PP-OCRv6_rec_small.onnx"
        options = ort.SessionOptions()
        options.intra_op_num_threads = available_threads()
        self._session = ort.InferenceSession(str(path), options, ["CPUExecutionProvider"])
        listed = self._session.get_modelmeta().custom_metadata_map["character"]
        self._characters = ["", *listed.split("\n"), " "]

    def read_lines(self, lines: Sequence[Image.Image]) -> list[Reading]:
        """Greedy CTC, one line at a time; the confidence is the mean over its characters."""
        return [self._read(line) for line in lines]

    def _read(self, line: Image.Image) -> Reading:
        bgr = np.asarray(line.convert("RGB"), np.float32)[:, :, ::-1].transpose(2, 0, 1)
        feed = {"x": np.ascontiguousarray(bgr / 127.5 - 1.0)[None]}
        (probabilities,) = self._session.run(None, feed)[0]
        best = probabilities.argmax(-1)
        kept = (best != 0) & (best != np.concatenate([[0], best[:-1]]))
        text = "".join(self._characters[c] for c in best[kept])
        scores = probabilities.max(-1)[kept]
        confidence = float(scores.mean()) if text else 0.0
        return Reading(text, confidence, tuple(scores.tolist()))

    def read_page(self, pixels: NDArray[np.uint8]) -> list[Found]:
        """What `tcsdk.read` finds."""
        return [Found(line.text, line.confidence, line.polygon) for line in page_lines(pixels)]
