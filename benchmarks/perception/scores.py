"""What is measured of a picture and of what became of it, and of all pictures of a set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.perception.distributions import frechet, mean_discrepancy, median_distance
from benchmarks.perception.peers import Measure
from benchmarks.rate_accuracy.measures import ms_ssim, psnr
from benchmarks.sets.captioned import Told
from tcsdk.codec.caption import piece_numbers
from tcsdk.train.codec.features import Classifier, features_apart
from tcsdk.train.codec.joint_map import JointMap
from tcsdk.train.run.weights import load_weights

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
PATCH = 4  # of the features at 1/16: patches of 64 x 64 pixels
DISCREPANCY = 1000.0  # is told in thousandths, as CMMD is
OF_EACH = ("psnr", "ms_ssim", "ssimulacra2", "cvvdp", "distance")
OF_ALL = ("frechet", "discrepancy")
OF_CAPTIONS = ("similarity", "similarity_to_other")
MEASURES = (*OF_EACH, *OF_ALL, *OF_CAPTIONS)


@dataclass(frozen=True)
class Kept:
    """What is kept of a picture.

    Attributes:
        features: As `Classifier.features` gives them.
        patches: (N, 112), the mean features at 1/16 of each patch.
    """

    features: list[Tensor]
    patches: Floats


class Scores:
    """Measures of pictures of one set against what became of them.

    Args:
        pictures: Of the set, in order.
        peers: Measures that others wrote, by name.
        joint: Weights of the joint map of pictures and captions; None for none.
    """

    def __init__(
        self, pictures: Sequence[Told], peers: Mapping[str, Measure], joint: Path | None
    ) -> None:
        self._classifier = Classifier.load()
        self._pictures, self._peers = pictures, peers
        self._joint = JointMap() if joint else None
        self._heard: list[Tensor] = []
        if self._joint and joint:
            self._joint.load_state_dict(load_weights(joint))
            self._heard = [_heard(self._joint, picture) for picture in pictures]
        self._own = [self._keep(picture.pixels) for picture in pictures]
        self._patches = np.concatenate([kept.patches for kept in self._own])
        self._width = median_distance(self._patches)

    @property
    def names(self) -> list[str]:
        """Which of MEASURES it gives."""
        lacking = {"ssimulacra2", "cvvdp"} - set(self._peers)
        lacking |= set() if self._joint else set(OF_CAPTIONS)
        return [name for name in MEASURES if name not in lacking]

    def of(self, decoded: Sequence[Pixels]) -> dict[str, float]:
        """Measure a set that was coded.

        Args:
            decoded: In the order of the pictures.

        Returns:
            Means over pictures of OF_EACH and OF_CAPTIONS, and OF_ALL: those of `names`.
        """
        rows, kept = [], [self._keep(pixels) for pixels in decoded]
        for at, (picture, pixels) in enumerate(zip(self._pictures, decoded, strict=True)):
            rows.append(self._each(at, picture.pixels, pixels, kept[at]))
        means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
        patches = np.concatenate([one.patches for one in kept])
        apart = mean_discrepancy(self._patches, patches, self._width)
        return means | {
            "frechet": frechet(self._patches, patches),
            "discrepancy": DISCREPANCY * apart,
        }

    def _each(self, at: int, one: Pixels, other: Pixels, kept: Kept) -> dict[str, float]:
        found = {
            "psnr": psnr(one, other),
            "ms_ssim": ms_ssim(one, other),
            "distance": float(features_apart(self._own[at].features, kept.features)[0]),
        }
        found |= {name: measure(one, other) for name, measure in self._peers.items()}
        if self._joint:
            with torch.no_grad():
                seen = self._joint.see(kept.features)
            told = self._heard[at], self._heard[(at + 1) % len(self._heard)]
            cosines = [float((seen * heard).sum()) for heard in told]
            found |= dict(zip(OF_CAPTIONS, cosines, strict=True))
        return found

    def _keep(self, pixels: Pixels) -> Kept:
        planes = torch.from_numpy(pixels.transpose(2, 0, 1)[None].astype(np.float32) / 255)
        with torch.no_grad():
            features = self._classifier.features(planes)
            means = nn.functional.avg_pool2d(features[-1], PATCH)
        return Kept(features, means[0].flatten(1).T.double().numpy())


def _heard(joint: JointMap, picture: Told) -> Tensor:
    numbers = torch.from_numpy(piece_numbers(picture.captions["true"] or ""))[None]
    with torch.no_grad():
        return joint.hear(numbers)
