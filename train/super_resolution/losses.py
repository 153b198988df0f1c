"""What a net for super-resolution of text is asked for, each in one figure a batch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from tcsdk.models.recognition.cdistnet import Cdistnet
from tcsdk.train.readers.line_reader import ctc_loss, encode
from tcsdk.train.readers.recogniser import Recogniser
from tcsdk.train.super_resolution.batches import PairBatch
from tcsdk.train.super_resolution.words import confusion_weights, encode_words, word_nats

# The loss of what was made of a batch's small crops, (N, 3, 32, 128) float32.
MadeLoss = Callable[[Tensor, PairBatch], Tensor]
# Of the terms beside the squared error (Chen et al., Scene Text Telescope, 2021, Section 3.4).
POSITION, RECOGNITION = 10.0, 5e-4
LOOK_ALIKE = 3.0  # how much more a look-alike counts


class Pixels(nn.Module):
    """The squared error alone."""

    def forward(self, made: Tensor, batch: PairBatch) -> Tensor:
        """Return the loss of what a net made, (N, 3, 32, 128), of a batch's small crops."""
        return functional.mse_loss(made, batch.high)


class TextFocus(nn.Module):
    """Squared error, where a transformer reader looks, and what it reads (text-focus loss).

    Position: the mean absolute difference of where the reader looks for each character on the large
    crop and on what was made of the small one. Recognition: cross-entropy of the true characters,
    in which look-alikes weigh more.

    Args:
        reader: a trained CDistNet; it is frozen.
        recognition: what a nat per character counts beside the squared error of levels 0..1.
    """

    def __init__(self, reader: Cdistnet, recognition: float = RECOGNITION) -> None:
        super().__init__()
        self.recognition = recognition
        self.reader = reader.eval().requires_grad_(False)
        self.register_buffer("weights", confusion_weights(LOOK_ALIKE), persistent=False)

    def forward(self, made: Tensor, batch: PairBatch) -> Tensor:
        """Return the loss of what a net made, (N, 3, 32, 128), of a batch's small crops."""
        words = encode_words(batch.texts)
        with torch.no_grad():
            expected = self.reader.looked_at(self.reader.visual(batch.high), words.before)
        seen = self.reader.visual(made)
        position = (self.reader.looked_at(seen, words.before) - expected).abs().mean()
        logits = self.reader.next_characters(seen, words.before)
        nats = word_nats(logits, words.following, self.weights)
        error = functional.mse_loss(made, batch.high)
        return error + POSITION * position + self.recognition * nats


class CtcFocus(nn.Module):
    """Squared error, and CTC of the true text through PP-OCRv6's recogniser, frozen.

    Args:
        recognition: what a nat per character counts beside the squared error of levels 0..1.
    """

    def __init__(self, recognition: float = RECOGNITION) -> None:
        super().__init__()
        self.recognition = recognition
        self.reader = Recogniser().eval().requires_grad_(False)
        self._class_of = {c: i for i, c in enumerate(self.reader.characters)}

    def forward(self, made: Tensor, batch: PairBatch) -> Tensor:
        """Return the loss of what a net made, (N, 3, 32, 128), of a batch's small crops."""
        height = self.reader.height
        width = height * made.shape[-1] // made.shape[-2]
        lines = functional.interpolate(made, (height, width), mode="bilinear", align_corners=False)
        targets = [encode(text, self._class_of) for text in batch.texts]
        lengths = torch.tensor([len(target) for target in targets])
        nats = ctc_loss(self.reader.log_probabilities(lines), targets) / lengths
        return functional.mse_loss(made, batch.high) + self.recognition * nats.mean()
