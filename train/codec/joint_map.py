"""Pictures and captions as unit vectors of one space: near where a caption is of the picture.

It stands in TACO's joint loss (Lee et al., "Neural Image Compression with Text-guided Encoding",
eq. 7) where the paper has CLIP, whose weights cannot be had. It knows only what captions of
rendered crops say: colours, places, grounds.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tcsdk.codec.caption import NUM_PIECES

JOINT_MAP = "joint-map"
CHANNELS = 64  # of the space
HIDDEN = 128
GRID = 3  # places are ninths (train/codec/captions.py)
SEEN = ((0, 16), (-1, 112))  # which of the classifier's features, and their channels
SHARPNESS = 10.0  # cosines times this are logits, before it is learnt
DISTANCE = 40.0  # a unit of distance between two pictures beside a nat, as the paper has it


class JointMap(nn.Module):
    """A net for pictures over a frozen classifier's features, one for captions; 436,993 weights."""

    def __init__(self) -> None:
        super().__init__()
        seen = sum(channels for _, channels in SEEN) * GRID**2
        self.picture = nn.Sequential(
            nn.LayerNorm(seen), nn.Linear(seen, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CHANNELS)
        )
        self.pieces = nn.Embedding(NUM_PIECES, CHANNELS)
        self.caption = nn.Sequential(
            nn.LayerNorm(CHANNELS),
            nn.Linear(CHANNELS, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, CHANNELS),
        )
        self.sharpness = nn.Parameter(torch.tensor(SHARPNESS).log())

    def see(self, features: Sequence[Tensor]) -> Tensor:
        """Return unit vectors (N, CHANNELS) of pictures.

        Args:
            features: as `Classifier.features` gives them.
        """
        pool = nn.functional.adaptive_avg_pool2d
        seen = [pool(features[stage].float(), GRID).flatten(1) for stage, _ in SEEN]
        return nn.functional.normalize(self.picture(torch.cat(seen, 1)), dim=1)

    def hear(self, numbers: Tensor) -> Tensor:
        """Return unit vectors (N, CHANNELS) of captions.

        Args:
            numbers: (N, T) int64, of pieces; an empty caption's vector means nothing.
        """
        told = (numbers > 0).float()[:, :, None]
        mean = (self.pieces(numbers) * told).sum(1) / told.sum(1).clamp(min=1.0)
        return nn.functional.normalize(self.caption(mean), dim=1)

    def contrast(self, seen: Tensor, heard: Tensor) -> Tensor:
        """Return CLIP's loss: nats to tell which caption is a picture's, and the other way round.

        Args:
            seen: (N, CHANNELS) of pictures.
            heard: (N, CHANNELS) of their captions.
        """
        logits = self.sharpness.exp() * seen @ heard.T
        own = torch.arange(len(seen), device=seen.device)
        nats = nn.functional.cross_entropy
        return 0.5 * (nats(logits, own) + nats(logits.T, own))


def joint_loss(
    joint: JointMap, told: Sequence[Tensor], made: Sequence[Tensor], numbers: Tensor
) -> Tensor:
    """Return what pictures lost of what their captions say, and of what they were: one number.

    The nats of `JointMap.contrast` over pictures that have a caption, and DISTANCE times the mean
    distance in the map between a picture and what became of it.

    Args:
        joint: frozen.
        told: features of the pictures, as `Classifier.features` gives them.
        made: of what became of them.
        numbers: (N, T) int64, pieces of their true captions.
    """
    now, captioned = joint.see(made), numbers.amax(1) > 0
    apart = (joint.see(told) - now).square().sum(1).clamp(min=1e-12).sqrt().mean()
    nats = now.new_zeros(())
    if captioned.sum() > 1:
        nats = joint.contrast(now[captioned], joint.hear(numbers[captioned]))
    return nats + DISTANCE * apart
