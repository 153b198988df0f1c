"""PP-OCRv6's recogniser, the OCR that users run, as a differentiable torch module."""

from __future__ import annotations

import onnx
from torch import Tensor

from tcsdk.train.readers.line_reader import LineReader
from tcsdk.train.readers.onnx_network import load_network, model_path

MODEL = "PP-OCRv6_rec_small.onnx"


class Recogniser(LineReader):
    """PP-OCRv6's small recogniser, frozen."""

    height = 48

    def __init__(self) -> None:
        model = onnx.load(model_path(MODEL))
        (listed,) = (p.value for p in model.metadata_props if p.key == "character")
        super().__init__(["", *listed.split("\n"), " "])
        self.network = load_network(model, "Softmax")

    def log_probabilities(self, lines: Tensor) -> Tensor:
        """(L, 3, 48, W) RGB in 0..1 -> (T, L, classes), natural logarithms."""
        bgr = lines.flip(1) * 2.0 - 1.0
        return self.network(bgr).float().log_softmax(-1).transpose(0, 1)
