"""PP-OCRv6's three networks as the `rapidocr` package runs them: finding, which way up, reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tcsdk.distribution import install_extra
from tcsdk.engines import available_threads
from tcsdk.engines.ort import import_onnxruntime
from tcsdk.errors import MissingRuntimeError
from tcsdk.reading.boxes import TALL, Box, sides
from tcsdk.reading.orientation import Recognised

Pixels = NDArray[np.uint8]
_UPSIDE_DOWN = "180"  # the classifier's label


class PPOCR:
    """The three networks.

    Its methods are called one after the other: rapidocr's stages keep things of a call.

    Raises:
        MissingRuntimeError: The [ocr] extra is not installed.
    """

    def __init__(self) -> None:
        import_onnxruntime("ocr")  # before rapidocr does: it sees to the telemetry
        try:
            from rapidocr import RapidOCR
        except ImportError as error:
            raise MissingRuntimeError(
                f"rapidocr is needed to read text and cannot be imported ({error}): "
                f"{install_extra('ocr')}"
            ) from error
        parameters = {
            "Global.log_level": "critical",
            "Global.return_word_box": True,  # without it single confidences are not kept
            "EngineConfig.onnxruntime.intra_op_num_threads": available_threads(),
        }
        self._stages: Any = RapidOCR(params=parameters)

    def prepared(self, pixels: Pixels) -> tuple[Pixels, NDArray[np.float32]]:
        """Return a picture as the others want it.

        Args:
            pixels: (H, W, 3) uint8 RGB.

        Returns:
            (h, w, 3) uint8 BGR, sides of at most 2000 pixels; and (2,) W / w, H / h.
        """
        image, done = self._stages.preprocess_img(np.ascontiguousarray(pixels[:, :, ::-1]))
        ratios = done["preprocess"]
        return image, np.array([ratios["ratio_w"], ratios["ratio_h"]], np.float32)

    def find(self, image: Pixels) -> list[Box]:
        """Return the boxes of the lines in a prepared picture, in no order."""
        boxes = self._stages._load_det_model()(image).boxes
        return [] if boxes is None else list(np.asarray(boxes, np.float32))

    def cut(self, image: Pixels, box: Box, runs_down: bool) -> Pixels:
        """Cut a line out of a prepared picture, turned anticlockwise by 90 degrees if it runs down.

        rapidocr turns what is tall, which a 1 alone is too.
        """
        (crop,) = self._stages.crop_text_regions(image, box[None])
        width, height = map(int, sides(box))
        return np.ascontiguousarray(np.rot90(crop, int(runs_down) - int(height >= TALL * width)))

    def suspected(self, crops: Sequence[Pixels]) -> list[bool]:
        """Say of each line cut out whether it may stand on its head."""
        answers = self._stages._load_cls_model()(list(crops)).cls_res
        return [label == _UPSIDE_DOWN for label, _ in answers]

    def recognise(self, crops: Sequence[Pixels]) -> list[Recognised]:
        """Read lines cut out."""
        if not crops:
            return []
        read = self._stages.recognize_txt(list(crops))
        return [
            Recognised(text, float(score), tuple(map(float, each.confs)) if text else ())
            for text, score, each in zip(read.txts, read.scores, read.word_results, strict=True)
        ]
